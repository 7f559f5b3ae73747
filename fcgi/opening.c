/* SPDX-License-Identifier: ISC */
/* opening: subscribing to something of albatross; see opening.h. */
#include "fcgi/opening.h"

#include <stdio.h>
#include <stdlib.h>

#include "fcgi/ring.h"
#include "fcgi/thread.h"
#include "fcgi/upstream.h"

struct opening {
	struct upstream *upstream;
	const char *auth_socket;
	struct ticket *ticket;
	struct opening_what what;
	char instance[ALB_LABEL_MAX + 1];
	char project[ALB_LABEL_MAX + 1];
	char name[ALB_LABEL_MAX + 1];
	void (*done)(void *arg, struct opened *o);
	void *arg;
	struct opened result;
};

static void
command_fill(const struct opening_what *what, struct alb_command *c)
{
	alb_command_init(c, what->kind);
	if (what->kind != ALB_CONSOLE_SUBSCRIBE)
		return;
	c->count = RING_LINES;
	if (what->since_ms < 0)
		return;
	c->has_since = true;
	c->since = (time_t)(what->since_ms / 1000);
	c->since_millis = (int)(what->since_ms % 1000);
}

static void
subscribe(struct opening *o, struct auth_client *auth)
{
	struct ask ask = { .auth = auth,
		.who = o->ticket == NULL ? NULL : &o->ticket->who,
		.instance = o->instance,
		.project = o->what.project == NULL ? NULL : o->project,
		.label = o->name };
	struct alb_command c;

	command_fill(&o->what, &c);
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

static void
what_copy(struct opening *o, const struct opening_what *what)
{
	o->what = *what;
	snprintf(o->instance, sizeof(o->instance), "%s", what->instance);
	snprintf(o->project, sizeof(o->project), "%s",
	    what->project == NULL ? "" : what->project);
	snprintf(o->name, sizeof(o->name), "%s", what->name);
}

int
opening_start(struct upstream *u, const char *auth_socket,
	struct ticket *t, const struct opening_what *what, void *about,
	void (*done)(void *arg, struct opened *o), void *arg)
{
	struct opening *o = calloc(1, sizeof(*o));

	if (o == NULL)
		return -1;
	*o = (struct opening){ .upstream = u, .auth_socket = auth_socket,
		.ticket = t == NULL ? NULL : ticket_get(t), .done = done,
		.arg = arg, .result = { .about = about } };
	what_copy(o, what);
	if (thread_detach(opening_main, o) < 0) {
		ticket_put(o->ticket);
		free(o);
		return -1;
	}
	return 0;
}
