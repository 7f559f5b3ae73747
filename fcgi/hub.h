/* SPDX-License-Identifier: ISC */
/*
 * hub: one thread that serves all event streams. A handler authorises, sends
 * the head and hands the connection over; the hub writes to all of them without
 * waiting for any. What happened comes to it by feed.h; the console of each
 * unikernel it watches once, however many people look at it. It keeps the last
 * of both, so that who comes late gets the history and who was cut off goes on
 * where they were.
 */
#ifndef FCGI_HUB_H
#define FCGI_HUB_H

#include <stdbool.h>
#include <time.h>

#include "auth/client.h"
#include "base/err.h"
#include "fcgi/feed.h"

#define HUB_STREAMS_MAX 4096
#define HUB_STREAMS_USER 20
#define HUB_LINES_MAX 10000	/* of history */

struct app;
struct hub;
struct subject;
struct view;

/* What a stream is to be; all borrowed, copied by hub_prepare. */
struct hub_stream {
	const struct subject *subjects;	/* 1..SUBJECTS_MAX */
	int nsubjects;
	const struct view *view;	/* NULL: one log, with that right */
	const struct auth_who *who;
	const struct auth_grant *grant;
	bool events;		/* text/event-stream; else plain lines */
	bool named;		/* events tell their topic; ids are of all */
	bool follow;		/* false: the history, then the end */
	int lines;		/* of history, 0..HUB_LINES_MAX */
	bool has_since;		/* or the history since then */
	time_t since;
	int since_millis;
	const char *last_id;	/* Last-Event-ID, or NULL */
};

/* app is borrowed; starts the thread. NULL when it can not be started. */
struct hub *hub_new(struct app *app);
/* Ends all streams properly, then the thread. */
void hub_free(struct hub *h);

struct reader;

/*
 * Takes a place for a stream of the grant's user, before the head is sent: 0
 * with *out, which goes to hub_take or hub_drop; ERR_BUSY when all places are
 * taken, ERR_NO_MEMORY.
 */
int hub_prepare(struct hub *h, const struct hub_stream *s,
	struct reader **out, struct fault *f);
void hub_drop(struct hub *h, struct reader *r);
/*
 * Gives the connection, on which the head was sent, to the hub: fd (owned from
 * now on) with the id of the FastCGI request.
 */
void hub_take(struct hub *h, struct reader *r, int fd, int id);

#endif
