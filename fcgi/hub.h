/* SPDX-License-Identifier: ISC */
/*
 * hub: one thread that serves all event streams. A handler authorises, sends
 * the head and hands the connection over; the hub watches each console once,
 * however many people look at it, and writes to all of them without waiting
 * for any. What it keeps of a console is a ring, so that who comes late gets
 * the history and who was cut off goes on where they were.
 */
#ifndef FCGI_HUB_H
#define FCGI_HUB_H

#include <stdbool.h>
#include <time.h>

#include "auth/client.h"
#include "base/err.h"

#define HUB_STREAMS_MAX 4096
#define HUB_STREAMS_USER 20

struct app;
struct hub;

/* What a stream is to be; all borrowed, copied by hub_prepare. */
struct hub_stream {
	const char *instance, *project, *name;
	const struct auth_who *who;
	const struct auth_grant *grant;
	bool events;		/* text/event-stream; else plain lines */
	bool follow;		/* false: the history, then the end */
	int lines;		/* of history, 1..1024 */
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
