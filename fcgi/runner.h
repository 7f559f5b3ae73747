/* SPDX-License-Identifier: ISC */
/*
 * runner: the threads that carry deployments out, each from whatever state it
 * is in to its end (machine.h). Those that were under way when the daemon
 * ended are taken up again at the start.
 */
#ifndef FCGI_RUNNER_H
#define FCGI_RUNNER_H

#include <stdint.h>

#include "base/err.h"

#define RUNNER_THREADS 16	/* deployments at the same time */

struct app;
struct runner;

/*
 * Claims what was under way, then starts the threads. app is borrowed: its
 * ledger, images and upstream are there. 0 with *out, or an err.
 */
int runner_new(struct app *app, struct runner **out, struct fault *f);
/*
 * A deployment in state validated, whose unikernel is claimed: the claim is
 * given back at its end.
 */
void runner_add(struct runner *r, int64_t id);
/* How many are queued or being carried out. */
int runner_length(struct runner *r);
/*
 * Ends the threads at their next step: what is under way stays so in the
 * ledger. app->stopping is set before.
 */
void runner_free(struct runner *r);	/* NULL is fine */

#endif
