/* SPDX-License-Identifier: ISC */
/*
 * project_kept: what is kept here of a project as a whole: rows of the ledger,
 * images, logs, what its unikernels used; and what is done by itself for it.
 * Whoever gets its name later must find nothing of it.
 */
#ifndef FCGI_PROJECT_KEPT_H
#define FCGI_PROJECT_KEPT_H

#include <stdbool.h>

#include "base/err.h"

struct app;

/*
 * ERR_CONFLICT, with a sentence, while a deployment or an operation of the
 * project is under way, or copies of its volumes are kept: these are not
 * removed with it. 0 else.
 */
int project_kept_check(struct app *app, const char *project, struct fault *f);
/* Removes all else. Again for what is there already gone; 0 or an err. */
int project_kept_remove(struct app *app, const char *project,
	struct fault *f);
/*
 * The same where nobody could be told of a failure, which is in the log: what
 * stays is not seen, and goes before the name is given again.
 */
void project_kept_drop(struct app *app, const char *project);
/*
 * Has automatic updates and schedules pause, with the reason, or go on that
 * paused for it. 0 or an err.
 */
int project_kept_rest(struct app *app, const char *project, bool archived,
	struct fault *f);

/* The reason. */
extern const char project_kept_resting[];

#endif
