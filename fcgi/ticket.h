/* SPDX-License-Identifier: ISC */
/*
 * ticket: on whose behalf a stream is open, and what it shows. Made once and
 * never changed but for one flag, so that threads can share it.
 */
#ifndef FCGI_TICKET_H
#define FCGI_TICKET_H

#include <stdatomic.h>
#include <stdint.h>
#include <time.h>

#include "albatross/name.h"
#include "auth/client.h"

struct ticket {
	atomic_int refs;
	uint64_t serial;
	atomic_bool revoked;	/* set by the watch */
	char instance[ALB_LABEL_MAX + 1];
	char project[ALB_LABEL_MAX + 1];
	char name[ALB_LABEL_MAX + 1];
	char user[37];
	time_t expires;		/* of the credential */
	struct auth_who who;	/* its own copies; wiped at the end */
};

/* name may be "". An owned ticket, or NULL when out of memory. */
struct ticket *ticket_new(uint64_t serial, const char *instance,
	const char *project, const char *name, const struct auth_who *who,
	const struct auth_grant *grant);
struct ticket *ticket_get(struct ticket *t);
void ticket_put(struct ticket *t);	/* NULL is fine */

#endif
