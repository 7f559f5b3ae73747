/* SPDX-License-Identifier: ISC */
/*
 * keeper: the threads that save and restore volumes (copy_work.h), and one that
 * begins what is scheduled. What was under way when the daemon ended is taken
 * up again at the start.
 */
#ifndef FCGI_KEEPER_H
#define FCGI_KEEPER_H

#include "fcgi/operation.h"

#define KEEPER_THREADS 4	/* volumes at the same time */
#define KEEPER_ROUND_S 20	/* between two looks at what is due */

struct app;
struct keeper;

/*
 * Claims the volumes of what was under way, then starts the threads. app is
 * borrowed: all but the keeper is there. *out is to be freed in any case.
 */
int keeper_new(struct app *app, struct keeper **out, struct fault *f);
/* One that is in the ledger, and whose volume is claimed. */
int keeper_add(struct keeper *k, int64_t id, struct fault *f);
/* How many are queued or being carried out. */
int keeper_length(struct keeper *k);
/* A schedule was set. */
void keeper_wake(struct keeper *k);
/* app->stopping is set before: what is under way stays so in the ledger. */
void keeper_free(struct keeper *k);	/* NULL is fine */

#endif
