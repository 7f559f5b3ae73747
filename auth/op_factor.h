/* SPDX-License-Identifier: ISC */
/*
 * op_factor: what the ops of second factors (op_factor.c), of passkeys
 * (op_passkey.c) and of sessions share.
 */
#ifndef AUTH_OP_FACTOR_H
#define AUTH_OP_FACTOR_H

#include "auth/factors.h"
#include "auth/ops.h"

/*
 * Within a write that removed a factor of who asks: an administrator who must
 * have one keeps the last. 0 or ERR_CONFLICT.
 */
int factor_keeps_one(struct request *r, struct db *d);
/* The member recovery_codes; wipes them. */
void factor_codes_to_json(char codes[RECOVERY_CODES][RECOVERY_SIZE],
	struct json_object *out);

/*
 * What a browser hands over when somebody shows a passkey. All base64,
 * borrowed; as json_read fills it in by assertion_fields.
 */
struct assertion {
	const char *id;
	const char *client_data;
	const char *authenticator_data;
	const char *signature;
	const char *user_handle;	/* NULL: none was told */
};

extern const struct json_field assertion_fields[];

/*
 * Who shows it: checks everything, uses up the challenge and notes the use.
 * Whoever is found has proved who they are, with a second factor: a passkey
 * tells that somebody was verified. 0 with the account, or ERR_BAD_LOGIN.
 */
int passkey_shown(struct request *r, const struct assertion *a,
	struct account *out);

#endif
