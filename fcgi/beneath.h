/* SPDX-License-Identifier: ISC */
/*
 * beneath: what albatross has under a name on all instances, asked now with the
 * service's own credential. Who gets a name gets that, so it is looked at
 * before a name is given, and before it is given back.
 */
#ifndef FCGI_BENEATH_H
#define FCGI_BENEATH_H

#include "auth/client.h"
#include "fcgi/request.h"

struct app;

/* Owned. */
struct beneath {
	struct json_object *items;	/* [{instance, kind, name}] */
	struct json_object *errors;	/* as those of lists */
};

/*
 * Asks all instances at the same time, each for a few seconds, for what is
 * under name (NULL: under any). Those that do not answer are in errors: what
 * they have is not known. 0 with *out, or an err of asking which instances
 * there are.
 */
int beneath_look(struct app *app, struct auth_client *auth, const char *name,
	struct beneath *out, struct fault *f);
void beneath_free(struct beneath *b);	/* contents only */

/*
 * 0 when all answered and none has anything; ERR_CONFLICT, or the err of one
 * that did not answer, each with a sentence that begins with what ("The project
 * can not be deleted") and names what there is when whole.
 */
int beneath_check(const struct beneath *b, const char *what, bool whole,
	struct fault *f);

/*
 * For strangers, who must not make us ask each time: was anything seen under
 * the name in the last BENEATH_KEPT_MS? What does not answer is not waited for
 * again before, and counts as nothing.
 */
#define BENEATH_KEPT_MS 30000

struct beneath_memo;

struct beneath_memo *beneath_memo_new(void);	/* NULL: out of memory */
void beneath_memo_free(struct beneath_memo *m);	/* NULL is fine */
bool beneath_seen(struct app *app, struct auth_client *auth,
	const char *name);

#endif
