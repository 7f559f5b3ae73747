/* SPDX-License-Identifier: ISC */
/*
 * factors: what somebody has besides a password. A code that changes with time
 * (totp.h), whose secret is sealed and which is in force once a code of it was
 * given; passkeys (passkeys.h); and ten recovery codes, made with the first of
 * these, each good once and stored as SHA-256. With any of these the password
 * alone signs nobody in.
 */
#ifndef AUTH_FACTORS_H
#define AUTH_FACTORS_H

#include "auth/keyring.h"
#include "auth/store.h"
#include "auth/totp.h"

#define RECOVERY_CODES 10
/* xxxx-xxxx-xxxx-xxxx, of 80 random bits, with a NUL. */
#define RECOVERY_SIZE 20

struct factors {
	bool totp;
	int passkeys;
	int codes;	/* recovery codes that are left */
};

/* 0 or ERR_INTERNAL. */
int factors_get(struct db *d, const char *user, struct factors *out);
/* Has somebody a second factor? */
bool factors_any(const struct factors *f);

/* How a second factor was given; the name is what a session keeps. */
enum factor { FACTOR_NONE, FACTOR_TOTP, FACTOR_RECOVERY };
const char *factor_method(enum factor how);
/*
 * The second factor of whoever gave the right password, within a write: is one
 * needed, and is this code (of six digits, or a recovery code; NULL: none)
 * right? Then it is used up. 0 with *how, ERR_SECOND_FACTOR when one is needed
 * and none was given, ERR_BAD_FACTOR, or an ERR_ of the database. Whoever asks
 * counts the tries (backoff.h).
 */
int factor_take(const struct keyring *k, struct db *d, const char *user,
	const char *code, time_t now, enum factor *how);
/* Sets the sentence of those two; returns err. */
int factor_fault(struct fault *f, int err);

/* All within a write, 0 or an ERR_. A new secret, not in force yet. */
int factor_totp_begin(const struct keyring *k, struct db *d,
	const char *user, char text[TOTP_TEXT_SIZE]);
/*
 * In force from now on, instead of the one before. ERR_NOT_FOUND: none was
 * begun; ERR_BAD_FACTOR: the code is not of that secret.
 */
int factor_totp_confirm(const struct keyring *k, struct db *d,
	const char *user, const char *code, time_t now);
int factor_totp_remove(struct db *d, const char *user);
/* New recovery codes, instead of those before. */
int factor_recovery_make(struct db *d, const char *user,
	char out[RECOVERY_CODES][RECOVERY_SIZE]);
/* Recovery codes go with the last factor they are for. */
int factor_recovery_tidy(struct db *d, const char *user);
/* Everything: the password alone is enough again. */
int factors_remove(struct db *d, const char *user);

/* Must administrators have a second factor? */
bool factors_required(struct db *d);
int factors_require(struct db *d, bool required);	/* within a write */

#endif
