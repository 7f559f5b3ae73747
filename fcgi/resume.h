/* SPDX-License-Identifier: ISC */
/*
 * resume: uploads and downloads that were under way when the daemon ended. They
 * have failed; but what was saved before an upload is put back by a thread,
 * with the grant that the upload left, however long the instance is away.
 * Where nothing was saved, what the volume holds is not known, and said so.
 */
#ifndef FCGI_RESUME_H
#define FCGI_RESUME_H

#include "base/err.h"

struct app;
struct resume;

/*
 * Claims the volumes to be put back, then starts the thread if there are any.
 * app is borrowed: its ledger, operations and upstream are there. 0 with an
 * owned *out, or an err.
 */
int resume_new(struct app *app, struct resume **out, struct fault *f);
/*
 * Ends the thread: what was not put back stays so in the ledger. app->stopping
 * is set before.
 */
void resume_free(struct resume *r);	/* NULL is fine */

#endif
