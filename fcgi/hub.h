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

/* What a stream is to be; all borrowed, copied by hub_take. */
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

/*
 * Takes a place for user, to be used by hub_take or given back by hub_leave. 0
 * or ERR_BUSY when all are taken.
 */
int hub_enter(struct hub *h, const char *user, struct fault *f);
void hub_leave(struct hub *h, const char *user);
/*
 * Gives a connection whose head was sent to the hub: fd is taken in any case,
 * id is the FastCGI request's. 0 or ERR_NO_MEMORY.
 */
int hub_take(struct hub *h, int fd, int id, const struct hub_stream *s);

#endif
