/* SPDX-License-Identifier: ISC */
/*
 * ticket: on whose behalf something is asked, or a stream is open, and what it
 * shows. Made once and never changed but for what is told below, so that
 * threads can share it.
 */
#ifndef FCGI_TICKET_H
#define FCGI_TICKET_H

#include <stdatomic.h>
#include <stdint.h>
#include <time.h>

#include "albatross/name.h"
#include "auth/client.h"
#include "fcgi/subject.h"
#include "fcgi/view.h"

struct ticket {
	atomic_int refs;
	char instance[ALB_LABEL_MAX + 1];
	char project[ALB_LABEL_MAX + 1];
	char name[ALB_LABEL_MAX + 1];
	char user[37];
	time_t expires;		/* of the credential */
	struct auth_who who;	/* its own copies; wiped at the end */
	/* A stream's: */
	struct subject *subjects;	/* owned */
	int nsubjects;
	struct view *view;	/* the watch's: as last seen; owned, or NULL */
	struct watcher *watcher;	/* the hub's; NULL: not there */
	struct view *news;	/* the hub's: came before that; owned */
	bool revoked;		/* the same */
};

/* name may be "". An owned ticket, or NULL when out of memory. */
struct ticket *ticket_new(const char *instance,
	const char *project, const char *name, const struct auth_who *who,
	const struct auth_grant *grant);
/* The same for a stream about n subjects (copied); view is as of now. */
struct ticket *ticket_of_stream(const struct subject *subjects, int n,
	const struct view *view, const struct auth_who *who,
	const struct auth_grant *grant);
struct ticket *ticket_get(struct ticket *t);
void ticket_put(struct ticket *t);	/* NULL is fine */

#endif
