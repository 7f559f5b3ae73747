/* SPDX-License-Identifier: ISC */
/*
 * opening: subscribes to something of albatross, which waits for the authority
 * and for albatross, in a thread of its own.
 */
#ifndef FCGI_OPENING_H
#define FCGI_OPENING_H

#include "albatross/session.h"
#include "fcgi/ticket.h"

struct upstream;

/* To what; copied. */
struct opening_what {
	enum alb_command_kind kind;	/* that of a subscription */
	const char *instance;
	const char *project;	/* NULL: the instance itself */
	const char *name;	/* of a unikernel; "" for none */
	int64_t since_ms;	/* of a console: lines not older; -1: all */
};

/* What comes of it: a session (taken by who is called), or a fault. */
struct opened {
	void *about;		/* as given */
	struct alb_session *session;	/* or NULL */
	struct fault fault;
};

/*
 * t: on whose behalf, or NULL for the service itself. done is called from the
 * thread, with arg. 0, or -1 when there is no thread.
 */
int opening_start(struct upstream *u, const char *auth_socket,
	struct ticket *t, const struct opening_what *what, void *about,
	void (*done)(void *arg, struct opened *o), void *arg);

#endif
