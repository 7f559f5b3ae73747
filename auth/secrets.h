/* SPDX-License-Identifier: ISC */
/*
 * secrets: what the unikernels of a project need to know and nobody needs to
 * see, such as a private key. A value is written and never read: it is sealed
 * in the database, an argument refers to it as ${secret:NAME}, and the command
 * that starts the unikernel is minted with the value in that place. albatross
 * tells arguments to whoever may look; so that values can be taken out of its
 * answers again, their marks are told to the service: MACs, by which a value is
 * known to who has it before them, and by nobody else.
 */
#ifndef AUTH_SECRETS_H
#define AUTH_SECRETS_H

#include "albatross/config.h"
#include "auth/keyring.h"
#include "auth/store.h"
#include "base/json.h"

/*
 * Bytes of a value: shorter ones would be found in arguments by chance, and
 * longer ones do not fit into an argument with what stands before them.
 */
#define SECRET_MIN 8
#define SECRET_MAX 4000
#define SECRETS_MAX 100		/* of a project */
#define SECRETS_FORMER 400	/* values before, of a project */

/* Why it is no value, or NULL. */
const char *secret_value_check(const char *value);

/* [{"name", "changed", "by"}] of a project; owned. */
struct json_object *secret_list(struct db *d, const char *project_id);
/*
 * Gives name (a label) a value, within a write; by is who did. 0, ERR_INVALID
 * with a field, ERR_CONFLICT when there are SECRETS_MAX.
 */
int secret_set(struct db *d, const struct keyring *k, const char *project_id,
	const char *name, const char *value, const char *by, time_t now,
	struct fault *f);
/* Nothing can refer to it any more, within a write. 0 or ERR_NOT_FOUND. */
int secret_remove(struct db *d, const char *project_id, const char *name);

/*
 * Puts values in the place of references in the arguments of c. 0, or
 * ERR_INVALID with a field for each that is not there.
 */
int secret_expand(struct db *d, const struct keyring *k,
	const char *project_id, struct alb_config *c, struct fault *f);

/* Grows with each value. */
int64_t secret_revision(struct db *d);
/*
 * [{"name", "marks": [[secret, MAC in hex]]}] of projects behind the one named
 * after ("" for the first), newest values first, as many projects as fit into
 * budget bytes; key is that of the MACs (HMAC-SHA-256). NULL with f set when
 * one can not be opened; owned.
 */
struct json_object *secret_marks(struct db *d, const struct keyring *k,
	const char *after, size_t budget, uint8_t key[KEYRING_BYTES],
	bool *more, struct fault *f);

#endif
