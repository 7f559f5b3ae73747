/* SPDX-License-Identifier: ISC */
/* claims: one change of a unikernel, or of a volume, at a time. */
#ifndef FCGI_CLAIMS_H
#define FCGI_CLAIMS_H

#include <stdbool.h>

#include "base/err.h"

#define CLAIM_WAIT_MS 500

struct claims;

struct claims *claims_new(void);
void claims_free(struct claims *c);
/*
 * 0, or ERR_CONFLICT while somebody else has it. Who was told of the end of a
 * change can be here before its claim is given back: that is waited for, up to
 * CLAIM_WAIT_MS.
 */
int claim_take(struct claims *c, const char *instance, const char *project,
	const char *name, struct fault *f);
void claim_give(struct claims *c, const char *instance, const char *project,
	const char *name);
bool claim_held(struct claims *c, const char *instance, const char *project,
	const char *name);

#endif
