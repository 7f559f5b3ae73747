/* SPDX-License-Identifier: ISC */
/* claims: one change of a unikernel, or of a volume, at a time. */
#ifndef FCGI_CLAIMS_H
#define FCGI_CLAIMS_H

#include <stdbool.h>

#include "base/err.h"

struct claims;

struct claims *claims_new(void);
void claims_free(struct claims *c);
/* 0, or ERR_CONFLICT while somebody else has it. */
int claim_take(struct claims *c, const char *instance, const char *project,
	const char *name, struct fault *f);
void claim_give(struct claims *c, const char *instance, const char *project,
	const char *name);
bool claim_held(struct claims *c, const char *instance, const char *project,
	const char *name);

#endif
