/* SPDX-License-Identifier: ISC */
/*
 * halt: the unikernels that use a volume, stopped while something is done with
 * it and started again as they were: the same image and configuration, as a
 * deployment of their own. All that is needed for it is in the operation's row
 * before one is destroyed, so that it also happens after a kill.
 */
#ifndef FCGI_HALT_H
#define FCGI_HALT_H

#include "fcgi/operation.h"
#include "fcgi/upstream.h"

#define HALT_MAX 32		/* unikernels that use one volume */

struct app;
struct halted;

struct halt {
	struct app *app;
	struct auth_client *auth;	/* of this thread */
	struct operation *o;
	struct halted *items;		/* owned */
	size_t len;
};

/*
 * Asks for the permission to stop each of users ([{name, ..}], volume_users)
 * and to start it again: 0 with their grants in o->unikernels, or as
 * auth_grant_make, and none is left.
 */
int halt_plan(struct operation *o, struct auth_client *auth,
	const struct auth_who *who, struct json_object *users,
	struct fault *f);
/* Ends those grants again, as nothing came of it. */
void halt_forget(struct operation *o, struct auth_client *auth);

/* What is in o->unikernels (h is empty without any); o is borrowed. */
int halt_init(struct halt *h, struct app *app, struct auth_client *auth,
	struct operation *o, struct fault *f);
void halt_free(struct halt *h);		/* contents only; wipes */
/*
 * For the start of the daemon: claims what may be stopped, unless a deployment
 * of it is under way.
 */
void halt_claim(struct halt *h);

/*
 * Stops each and waits until the volume is free. 0, or an err: then some may be
 * stopped all the same.
 */
int halt_stop(struct halt *h, struct fault *f);
/*
 * Starts what was stopped, with the volume still claimed by the operation, and
 * gives back all grants. 0, ERR_BUSY when the daemon ends before, or an err
 * that says which one WAS STOPPED and why it could not be started.
 */
int halt_start(struct halt *h, struct fault *f);
/* Whether any is or may be stopped. */
bool halt_any(const struct halt *h);
/* "hello and world", of those that were started again; "" for none. */
void halt_names(const struct halt *h, char *out, size_t size);

#endif
