/* SPDX-License-Identifier: ISC */
/* passkeys: the keys of people's authenticators (webauthn.h), by name. */
#ifndef AUTH_PASSKEYS_H
#define AUTH_PASSKEYS_H

#include "auth/store.h"
#include "auth/webauthn.h"
#include "base/json.h"

#define PASSKEYS_MAX 20		/* of one person */
#define PASSKEY_NAME_MAX 64	/* bytes */

struct passkey {
	char id[37];
	char user[37];
	struct webauthn_key key;
	uint32_t count;
};

/*
 * Within a write; the id of the row into id. 0, ERR_CONFLICT when the
 * credential is there already, or as db_run.
 */
int passkey_add(struct db *d, const char *user,
	const struct webauthn_credential *c, const char *name, time_t now,
	char id[37]);
/* By what the authenticator calls it: 0, ERR_NOT_FOUND, ERR_INTERNAL. */
int passkey_find(struct db *d, struct webauthn_bytes credential,
	struct passkey *out);
/*
 * Notes a use, within a write: ERR_CONFLICT when the count did not grow, as
 * that of a copy would not. Those that do not count say 0 always.
 */
int passkey_used(struct db *d, const struct passkey *p, uint32_t count,
	time_t now);
/* Both within a write, of one's own: 0 or ERR_NOT_FOUND. */
int passkey_rename(struct db *d, const char *user, const char *id,
	const char *name);
int passkey_remove(struct db *d, const char *user, const char *id);

/* Of a person, oldest first; id NULL: all. An owned list, or NULL. */
struct json_object *passkeys_to_json(struct db *d, const char *user,
	const char *id);
/* What authenticators call them, as base64; an owned list, or NULL. */
struct json_object *passkeys_credentials(struct db *d, const char *user);

#endif
