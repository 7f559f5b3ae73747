/* SPDX-License-Identifier: ISC */
/*
 * opening: subscribes to a console, which waits for the authority and for
 * albatross, in a thread of its own.
 */
#ifndef FCGI_OPENING_H
#define FCGI_OPENING_H

#include "albatross/session.h"
#include "fcgi/ticket.h"

struct upstream;

/* What comes of it: a session (taken by who is called), or a fault. */
struct opened {
	void *about;		/* as given */
	uint64_t serial;	/* of the ticket it was done with */
	struct alb_session *session;	/* or NULL */
	struct fault fault;
};

/*
 * since_ms: only lines not older than that, or -1 for all that there are.
 * done is called from the thread, with arg. 0, or -1 when there is no thread.
 */
int opening_start(struct upstream *u, const char *auth_socket,
	struct ticket *t, int64_t since_ms, void *about,
	void (*done)(void *arg, struct opened *o), void *arg);

#endif
