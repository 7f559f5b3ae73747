/* SPDX-License-Identifier: ISC */
/*
 * record: rows of the audit log that are not an op's own: what was refused, and
 * changes that are not the authority's to make but only to allow. No secret is
 * ever in a row: of the arguments only names are told, and what is none is "-".
 */
#ifndef AUTH_RECORD_H
#define AUTH_RECORD_H

#include "auth/ops.h"

#define RECORD_TARGET 256

/* "instance/project/name", an e-mail or an id, as far as args tell one. */
void record_target(const struct request *r, struct json_object *args,
	char out[RECORD_TARGET]);
/* A request was refused with err: a row, if it was to change something. */
void record_refused(struct request *r, const struct op *op,
	struct json_object *args, int err);
/* A change was allowed: 0 once the row is durable, or an err. */
int record_allowed(struct request *r, const char *target);
/* Writes what was counted of refused ones (refusals.h). */
void record_sums(struct authority *a, time_t now, bool all);

#endif
