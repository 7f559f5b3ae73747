/* SPDX-License-Identifier: ISC */
/*
 * topic: the log of one unikernel: its ring, and the one subscription to its
 * console behind it, however many people look. All of it belongs to the hub's
 * thread; only what waits, as the opening of a subscription, is done by others.
 */
#ifndef FCGI_TOPIC_H
#define FCGI_TOPIC_H

#include "albatross/name.h"
#include "albatross/session.h"
#include "base/err.h"
#include "fcgi/log_rate.h"
#include "fcgi/log_store.h"
#include "fcgi/replay.h"

#define TOPIC_IDLE_MS 10000	/* kept so long without readers */
#define TOPIC_SETTLE_MS 150	/* of silence end the history, */
#define TOPIC_SETTLE_MAX_MS 1500	/* or this in all */
#define TOPIC_REPLAY_MS 10000	/* so late it may still come */
#define TOPIC_RETRY_FIRST_MS 1000
#define TOPIC_RETRY_MAX_MS 30000

#define TOPIC_RESTORE_TRIES 3	/* then it goes on without */

enum topic_state {
	TOPIC_NEW,		/* what is kept of it is to be read, */
	TOPIC_RESTORING,	/* and a thread is at it */
	TOPIC_CLOSED,		/* waits for retry_at, or for a reader */
	TOPIC_OPENING,		/* a thread is at it */
	TOPIC_SETTLING,		/* the history is coming in */
	TOPIC_LIVE,
};

struct note;

struct topic {
	char instance[ALB_LABEL_MAX + 1];
	char project[ALB_LABEL_MAX + 1];
	char name[ALB_LABEL_MAX + 1];
	enum topic_state state;
	struct log_store *logs;	/* borrowed; NULL: nothing is kept */
	int tries;		/* of restoring */
	struct alb_session *session;	/* SETTLING and LIVE */
	struct ring ring;
	struct replay replay;
	bool has_history;	/* the ring can be read from */
	bool gap;		/* lines before the next one are missing */
	struct log_rate rate;
	struct note *notes, **notes_end;	/* that wait; owned */
	int strange;		/* messages in a row not understood */
	bool announced;		/* readers know that it is broken */
	int64_t opened, heard;	/* flight_now: since, and last line */
	int64_t retry_at;
	int retry_ms;
	int64_t idle_since;	/* without readers; 0: has some */
	int64_t said;		/* ms: the last line's that came live; 0 */
	int64_t said_told;	/* flight_now: when one was asked for last */
};

/* logs may be NULL. */
struct topic *topic_new(struct log_store *logs, const char *instance,
	const char *project, const char *name);
void topic_free(struct topic *t);
bool topic_is(const struct topic *t, const char *instance,
	const char *project, const char *name);

/*
 * What is kept of it: the ring is taken, and then empty; it goes on with it. Or
 * an err: it is tried again later, for some times.
 */
void topic_restored(struct topic *t, struct ring *ring, int err);
/*
 * The time of a line that came just now, by albatross' clock (ms since 1970),
 * once a second at most; 0: none did.
 */
int64_t topic_clock(struct topic *t);
/* Nothing is kept of it any more, neither here. */
void topic_forget(struct topic *t);
/* A subscription was opened: the session is the topic's from now on. */
void topic_opened(struct topic *t, struct alb_session *s);
/* It failed or ended: it is tried again later, and later each time. */
void topic_closed(struct topic *t);
/*
 * Reads what has arrived, up to a bound: 0 when that was all, 1 when there is
 * more, -1 with f when the subscription is over.
 */
int topic_read(struct topic *t, struct fault *f);
/* True when the history has just become complete. */
bool topic_settle(struct topic *t, int64_t now);
/* True when lines that were too many are told of. */
bool topic_flood(struct topic *t, int64_t now);
/*
 * An entry that is not of the console: now, or behind the history that is
 * coming in.
 */
void topic_note(struct topic *t, enum log_kind kind, const char *text,
	int64_t deployment);

#endif
