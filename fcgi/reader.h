/* SPDX-License-Identifier: ISC */
/*
 * reader: one open stream to a client: what it has had of each of its
 * subjects, and what is encoded but not yet taken by the socket. It never
 * waits; what it holds is bounded, and who is too slow is cut off and resumes.
 */
#ifndef FCGI_READER_H
#define FCGI_READER_H

#include "base/buf.h"
#include "base/err.h"
#include "fcgi/feed.h"
#include "fcgi/ring.h"
#include "fcgi/ticket.h"
#include "fcgi/view.h"

#define READER_QUEUE (64 * 1024)	/* and one event at most */
#define READER_STALL_MS 60000	/* without taking a byte */
#define READER_HEARTBEAT_MS 15000

/* Entries of a log that are not in its ring any more, to be sent. */
struct older {
	struct older *next;
	int64_t seq;
	struct ring_line line;	/* its text is here: */
	char text[];
};

struct channel;		/* channel.h */
struct watcher;

/* One subject of a stream, with a place of its own. */
struct sub {
	const struct subject *subject;	/* the ticket's */
	const struct ring *ring;	/* one of the two, once begun */
	const struct feed *feed;
	int64_t next;			/* place in it */
	char last_id[SUBJECT_ID_SIZE];	/* of what was sent; "": nothing */
	bool cut;			/* it was told that the log is */
	/*
	 * A log's, which begins before its ring: what the store had of it so
	 * far (owned), and whether it is asked for more.
	 */
	bool stored;			/* what the ring drops can be had */
	bool behind, asked;
	bool exact;			/* nothing may be missing */
	int64_t from_ms;		/* or from that time; -1: from next */
	struct older *older;
	/* The hub's. */
	struct channel *channel;
	struct watcher *watcher;
	struct sub *later, **here;	/* of the channel's */
};

struct reader {
	int fd;			/* owned; non-blocking */
	int id;			/* of the FastCGI request */
	struct ticket *ticket;	/* owned */
	struct view *view;	/* owned; NULL: of one log only */
	bool events;		/* text/event-stream */
	bool named;		/* events name their topic, ids are of all */
	bool follow;
	int lines;		/* where logs are to begin */
	int64_t since_ms;	/* -1: not told */
	struct sub *subs;	/* owned */
	int nsubs;
	int turn;		/* whose turn it is */
	struct buf queue;
	int64_t wrote;		/* flight_now of the last progress */
	bool ending;		/* nothing more but the queue */
	void *message;		/* the hub's, until it was given a connection */
};

/* What became of a reader after writing. */
enum reader_state { READER_IDLE, READER_BLOCKED, READER_DONE, READER_GONE };

void reader_init(struct reader *r);	/* its queue */
void reader_free(struct reader *r);	/* NULL is fine */
/*
 * Its subjects are the ticket's from now on, and go on behind what the list of
 * ids (or NULL) says. False: no memory.
 */
bool reader_ask(struct reader *r, const char *last_ids);
/*
 * One finds its place, once the ring has the history, or the feed is there.
 * store: whether what is older than the ring can be had.
 */
void sub_begin_log(struct reader *r, struct sub *s, const struct ring *ring,
	bool store);
void sub_begin_feed(struct reader *r, struct sub *s, const struct feed *feed);
/* False when it fell behind what is in memory, and is not sent older. */
bool sub_keeps_up(const struct sub *s);
/*
 * For which of its logs the store is to be asked for more: entries from its
 * next on; or NULL. One log after the other: who follows many and is slow does
 * not have the old entries of all in memory.
 */
struct sub *reader_wants_older(const struct reader *r);
/*
 * What it had (taken), the oldest first; none: nothing more than the ring has.
 */
void sub_give_older(struct reader *r, struct sub *s, struct older *list);
/* What was kept is no more: on with what comes. */
void sub_forget(struct sub *s);
/* A copy; NULL: no memory. */
struct older *older_new(const struct log_entry *e);
void older_free(struct older *list);

/*
 * Encodes what there is for it, and writes: READER_DONE when all was written
 * behind reader_end, READER_GONE when the client went away or fell behind.
 */
enum reader_state reader_pump(struct reader *r);
/*
 * Puts into the queue: a comment that shows the client is still meant, with the
 * ids; that the log is cut off, and goes on; that a topic is to be loaded anew;
 * why all ends; and the end of the answer.
 */
void reader_beat(struct reader *r);
void reader_cut(struct reader *r, struct sub *s, const struct fault *f);
void reader_back(struct reader *r, struct sub *s);
void reader_reset(struct reader *r, const struct sub *s);
void reader_bye(struct reader *r, const char *reason, const struct fault *f);
void reader_end(struct reader *r);

#endif
