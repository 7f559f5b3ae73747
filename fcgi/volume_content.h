/* SPDX-License-Identifier: ISC */
/*
 * volume_content: what we last put into a volume, kept in the ledger, so that
 * it can be said at any time. A unikernel may have written to it since.
 */
#ifndef FCGI_VOLUME_CONTENT_H
#define FCGI_VOLUME_CONTENT_H

#include "base/json.h"
#include "fcgi/digest.h"
#include "fcgi/ledger.h"

enum volume_state {
	VOLUME_UNTOUCHED,	/* as it was before */
	VOLUME_ZEROES,		/* made anew, or emptied */
	VOLUME_WHOLE,		/* all that was to go in, zeroes behind it */
	VOLUME_PARTIAL,		/* its first bytes, or wrong ones */
	VOLUME_UNKNOWN,
	VOLUME_STATES
};

struct volume_outcome {
	enum volume_state state;
	uint64_t bytes;		/* written, of whole and partial */
	char sha256[DIGEST_SIZE];	/* of these bytes; "" when not known */
	char detail[512];	/* a sentence */
};

/* Sets state and sentence; bytes and digest stay. */
void volume_outcome_set(struct volume_outcome *o, enum volume_state state,
	const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/*
 * Keeps it, unless it is as it was before. user may be NULL, operation 0. 0 or
 * an err of the ledger.
 */
int volume_content_put(struct ledger *l, const char *instance,
	const char *project, const char *name, const struct volume_outcome *o,
	const char *user, int64_t operation, struct fault *f);
/* The volume is not there any more. */
int volume_content_forget(struct ledger *l, const char *instance,
	const char *project, const char *name, struct fault *f);
/* As the API shows it, owned; NULL when we never wrote to it. */
struct json_object *volume_content_json(struct ledger *l,
	const char *instance, const char *project, const char *name);
/* The same of an outcome that is not (yet) kept. */
struct json_object *volume_outcome_json(const struct volume_outcome *o);

#endif
