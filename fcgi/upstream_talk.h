/* SPDX-License-Identifier: ISC */
/*
 * upstream_talk: one conversation, a minted command on its connection; what
 * upstream.c and upstream_volume.c share.
 */
#ifndef FCGI_UPSTREAM_TALK_H
#define FCGI_UPSTREAM_TALK_H

#include "fcgi/instances.h"
#include "fcgi/upstream.h"

struct talk {
	struct upstream *upstream;
	const struct ask *ask;		/* once it was opened */
	const struct alb_policy *policy; /* one that is tried, or NULL */
	struct instance *instance;
	const char *name;		/* of the instance */
	const struct alb_command *command;
	struct alb_session *session;
	unsigned age;			/* count_age of the instance */
	int64_t began;			/* counters_now at the dial */
	bool counted;			/* its first answer was */
};

/* Takes a connection for c, which is put as the instance understands it. */
int talk_take(struct talk *t, struct upstream *u, const struct ask *a,
	struct alb_command *c, enum slot slot, struct fault *f);
/* Mints the command and connects: 0 with t->session, or an err. */
int talk_open(struct talk *t, const struct ask *a,
	const struct alb_timeouts *timeouts, struct alb_policy *policy,
	struct fault *f);
/*
 * What was read with *rc: 0 with a reply that is no failure in w, or an err;
 * *rc gets the alb_error behind it.
 */
int talk_judge(struct talk *t, struct alb_wire *w, int *rc,
	struct fault *f);
/* Reads and judges one reply, and notes how the server did. */
int talk_answer(struct talk *t, struct alb_wire *w, struct fault *f);
/* What the conversation's end says of the server's health. */
void talk_note(const struct talk *t, int rc, const struct fault *f);

#endif
