/* SPDX-License-Identifier: ISC */
/* opening: subscribing to a console; see opening.h. */
#include "fcgi/opening.h"

#include <stdlib.h>

#include "fcgi/ring.h"
#include "fcgi/thread.h"
#include "fcgi/upstream.h"

struct opening {
	struct upstream *upstream;
	const char *auth_socket;
	struct ticket *ticket;
	int64_t since_ms;
	void (*done)(void *arg, struct opened *o);
	void *arg;
	struct opened result;
};

static void
subscribe(struct opening *o, struct auth_client *auth)
{
	const struct ticket *t = o->ticket;
	struct ask ask = { .auth = auth, .who = &t->who,
		.instance = t->instance, .project = t->project,
		.label = t->name };
	struct alb_command c;

	alb_command_init(&c, ALB_CONSOLE_SUBSCRIBE);
	c.count = RING_LINES;
	if (o->since_ms >= 0) {
		c.has_since = true;
		c.since = (time_t)(o->since_ms / 1000);
		c.since_millis = (int)(o->since_ms % 1000);
	}
	upstream_open(o->upstream, &ask, &c, &o->result.session,
	    &o->result.fault);
	alb_command_free(&c);
}

static void *
opening_main(void *arg)
{
	struct opening *o = arg;
	struct auth_client *auth = auth_client_new(o->auth_socket);

	if (auth == NULL)
		fault_set(&o->result.fault, ERR_NO_MEMORY, "Out of memory.");
	else
		subscribe(o, auth);
	auth_client_free(auth);
	ticket_put(o->ticket);
	o->done(o->arg, &o->result);
	free(o);
	return NULL;
}

int
opening_start(struct upstream *u, const char *auth_socket,
	struct ticket *t, int64_t since_ms, void *about,
	void (*done)(void *arg, struct opened *o), void *arg)
{
	struct opening *o = calloc(1, sizeof(*o));

	if (o == NULL)
		return -1;
	*o = (struct opening){ .upstream = u, .auth_socket = auth_socket,
		.ticket = ticket_get(t), .since_ms = since_ms, .done = done,
		.arg = arg, .result = { .about = about,
		.serial = t->serial } };
	if (thread_detach(opening_main, o) < 0) {
		ticket_put(t);
		free(o);
		return -1;
	}
	return 0;
}
