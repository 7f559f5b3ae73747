/* SPDX-License-Identifier: ISC */
/*
 * volume_task: a request that moves a volume's content, as an operation: the
 * claim of the volume, a grant for as long as it takes, and the row of the
 * ledger. Used by one thread, that of the request.
 */
#ifndef FCGI_VOLUME_TASK_H
#define FCGI_VOLUME_TASK_H

#include "fcgi/operation.h"
#include "fcgi/reply.h"
#include "fcgi/request.h"
#include "fcgi/transfer.h"

struct volume_task {
	struct request *r;
	struct reply *p;
	struct volume volume;
	struct ask ask;		/* the request's; from begin on the grant's */
	struct auth_who who;	/* of the grant */
	char grant[AUTH_GRANT_SIZE];
	struct operation o;	/* o.id 0: not begun */
	bool claimed;
	bool left;		/* not ended: the next start takes it up */
};

void volume_task_init(struct volume_task *t, struct request *r,
	struct reply *p, enum operation_kind kind);
/* 0, or ERR_CONFLICT, with what is under way as a member of the problem. */
int volume_task_claim(struct volume_task *t, struct fault *f);
/* With t->volume known: the operation begins, and a header names it. */
int volume_task_begin(struct volume_task *t, struct fault *f);
/*
 * Ends the operation if it was begun, as f says: detail is a sentence, result
 * (taken) what came of it. On failure it becomes a member of the problem.
 */
void volume_task_end(struct volume_task *t, const struct fault *f,
	const char *detail, struct json_object *result);
/*
 * Gives the claim back: nothing more is done with the volume. Whoever sees the
 * end of the answer may go on with it at once, so this comes before.
 */
void volume_task_release(struct volume_task *t);
/* Gives claim and grant back; after volume_task_end. */
void volume_task_free(struct volume_task *t);

#endif
