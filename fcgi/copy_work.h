/* SPDX-License-Identifier: ISC */
/*
 * copy_work: volumes saved and restored as operations that nobody need wait
 * for: begun by a request or a schedule, carried out by a thread of the keeper,
 * and brought to a good end after a kill at any step. What was stopped for it
 * is started again in any case, or the operation says that it is not.
 *
 *   save:    stopping -> reading -> (storing) -> starting
 *   restore: checking -> stopping -> (saving) -> sending -> starting
 *                                         '-> putting-back -'
 */
#ifndef FCGI_COPY_WORK_H
#define FCGI_COPY_WORK_H

#include "fcgi/copies.h"

/* What is wanted; all borrowed. */
struct copy_wish {
	enum operation_kind kind;	/* save or restore */
	const char *instance, *project, *name;	/* of the volume */
	bool stop;		/* what uses it may be stopped */
	/* save */
	const char *place;	/* "local" or "s3" */
	const char *note;	/* or NULL */
	const char *cause;
	/* restore */
	int64_t copy;
	bool safe, create;
};

/*
 * Checks what can be known, gets the permissions of who (grant as authorised,
 * or NULL for a standing grant, which is told then) for the whole of it,
 * claims the volume, and hands it to the keeper: 0 with the operation's id, or
 * as volume_find, ERR_CONFLICT (in use, something else is done with it),
 * ERR_TOO_LARGE, ERR_FORBIDDEN.
 */
int copy_work_begin(struct app *app, struct auth_client *auth,
	const struct auth_who *who, const struct auth_grant *grant,
	const struct copy_wish *wish, int64_t *id, struct fault *f);
/*
 * From where it is to its end, or it stays open as the app is stopping. again:
 * it was under way when the daemon ended. Gives the volume back, if it has
 * claimed it.
 */
void copy_work_run(struct app *app, struct auth_client *auth,
	struct operation *o, bool again, bool claimed);
/* The operation under way that is to put that copy back, or has it; 0: none. */
int64_t copy_work_using(struct app *app, int64_t copy);
/*
 * For the start: claims the volume, unless a deployment which names it is under
 * way: of what was stopped, for what else can come in between?
 */
bool copy_work_claim(struct app *app, const struct operation *o);

#endif
