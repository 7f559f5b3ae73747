/* SPDX-License-Identifier: ISC */
/* factors: see factors.h. */
#include "auth/factors.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include <gnutls/crypto.h>

#include "auth/settings.h"
#include "base/json.h"
#include "base/text.h"

#define HASH 32
#define RECOVERY_LENGTH 16	/* without the dashes */
#define SETTING "second-factor"
#define REQUIRED "required_for_admins"

/* What is easily taken for another is not in it. */
static const char alphabet[] = "0123456789abcdefghjkmnpqrstvwxyz";

int
factors_get(struct db *d, const char *user, struct factors *out)
{
	sqlite3_stmt *stmt = db_query(d, "SELECT"
	    " (SELECT count(*) FROM totp WHERE user_id = ?"
	    "  AND secret IS NOT NULL),"
	    " (SELECT count(*) FROM passkey WHERE user_id = ?),"
	    " (SELECT count(*) FROM recovery_code WHERE user_id = ?)", "ttt",
	    user, user, user);

	*out = (struct factors){ 0 };
	if (db_step(stmt) != 1)
		return ERR_INTERNAL;
	out->totp = sqlite3_column_int(stmt, 0) != 0;
	out->passkeys = sqlite3_column_int(stmt, 1);
	out->codes = sqlite3_column_int(stmt, 2);
	db_done(stmt);
	return 0;
}

bool
factors_any(const struct factors *f)
{
	return f->totp || f->passkeys > 0;
}

const char *
factor_method(enum factor how)
{
	switch (how) {
	case FACTOR_TOTP:
		return "totp";
	case FACTOR_RECOVERY:
		return "recovery-code";
	default:
		return "password";
	}
}

int
factor_fault(struct fault *f, int err)
{
	switch (err) {
	case ERR_SECOND_FACTOR:
		return fault_set(f, err, "This account has a second factor: "
		    "give its code or a recovery code.");
	case ERR_BAD_FACTOR:
		return fault_set(f, err, "The code is wrong, or was used "
		    "before: wait for the next one.");
	default:
		return fault_set(f, err, "The second factor could not be "
		    "checked.");
	}
}

/* ---- codes that change with time ---- */

static void
context_make(const char *user, char out[64])
{
	snprintf(out, 64, "totp:%s", user);
}

/* One of the two sealed secrets into out (wipe it), and the last step. */
static int
secret_get(const struct keyring *k, struct db *d, const char *user,
	bool pending, struct buf *out, int64_t *step)
{
	sqlite3_stmt *stmt = db_query(d, "SELECT secret, pending, step"
	    " FROM totp WHERE user_id = ?", "t", user);
	int rc = db_step(stmt), column = pending ? 1 : 0, err;
	char context[64];

	if (rc != 1)
		return rc == 0 ? ERR_NOT_FOUND : ERR_INTERNAL;
	*step = sqlite3_column_int64(stmt, 2);
	context_make(user, context);
	if (sqlite3_column_type(stmt, column) == SQLITE_NULL)
		err = ERR_NOT_FOUND;
	else
		err = keyring_open(k, context,
		    sqlite3_column_blob(stmt, column),
		    (size_t)sqlite3_column_bytes(stmt, column), out);
	db_done(stmt);
	return err;
}

static int
totp_take(const struct keyring *k, struct db *d, const char *user,
	const char *code, time_t now)
{
	struct buf secret;
	int64_t last, step = 0;
	int err;

	buf_init(&secret, 2 * TOTP_SECRET);
	err = secret_get(k, d, user, false, &secret, &last);
	if (err == 0)
		step = totp_match(secret.data, secret.len, code, now, last);
	buf_wipe(&secret);
	if (err != 0)
		return err == ERR_NOT_FOUND ? ERR_BAD_FACTOR : err;
	if (step == 0)
		return ERR_BAD_FACTOR;
	return db_run(d, "UPDATE totp SET step = ? WHERE user_id = ?", "it",
	    step, user);
}

int
factor_totp_begin(const struct keyring *k, struct db *d, const char *user,
	char text[TOTP_TEXT_SIZE])
{
	uint8_t secret[TOTP_SECRET];
	char context[64];
	struct buf sealed;
	int err;

	random_bytes(secret, sizeof(secret));
	context_make(user, context);
	buf_init(&sealed, TOTP_SECRET + KEYRING_OVERHEAD);
	err = keyring_seal(k, context, secret, sizeof(secret), &sealed);
	if (err == 0)
		err = totp_text(secret, text);
	explicit_bzero(secret, sizeof(secret));
	if (err == 0)
		err = db_run(d, "UPDATE totp SET pending = ?"
		    " WHERE user_id = ?", "bt", sealed.data, sealed.len, user);
	if (err == 0 && db_changes(d) == 0)
		err = db_run(d, "INSERT INTO totp (user_id, pending)"
		    " VALUES (?, ?)", "tb", user, sealed.data, sealed.len);
	buf_free(&sealed);
	return err;
}

int
factor_totp_confirm(const struct keyring *k, struct db *d, const char *user,
	const char *code, time_t now)
{
	struct buf secret;
	int64_t last, step = 0;
	int err;

	buf_init(&secret, 2 * TOTP_SECRET);
	err = secret_get(k, d, user, true, &secret, &last);
	/* A step that was taken of the old secret is none of this one. */
	if (err == 0)
		step = totp_match(secret.data, secret.len, code, now, 0);
	buf_wipe(&secret);
	if (err != 0)
		return err;
	if (step == 0)
		return ERR_BAD_FACTOR;
	err = db_run(d, "UPDATE totp SET secret = pending, pending = NULL,"
	    " confirmed = ?, step = ? WHERE user_id = ?", "iit", (int64_t)now,
	    step, user);
	return err != 0 ? err : store_revise(d);
}

int
factor_totp_remove(struct db *d, const char *user)
{
	int err = db_run(d, "DELETE FROM totp WHERE user_id = ?", "t", user);

	if (err == 0)
		err = factor_recovery_tidy(d, user);
	return err != 0 ? err : store_revise(d);
}

/* ---- recovery codes ---- */

/* As it is hashed: 0, or -1 when it can be none. */
static int
recovery_hash(const char *plain, uint8_t hash[HASH])
{
	if (strlen(plain) != RECOVERY_LENGTH)
		return -1;
	return gnutls_hash_fast(GNUTLS_DIG_SHA256, plain, RECOVERY_LENGTH,
	    hash);
}

static int
recovery_take(struct db *d, const char *user, const char *plain)
{
	uint8_t hash[HASH];
	int err;

	if (recovery_hash(plain, hash) < 0)
		return ERR_BAD_FACTOR;
	err = db_run(d, "DELETE FROM recovery_code WHERE hash = ?"
	    " AND user_id = ?", "bt", hash, sizeof(hash), user);
	if (err != 0)
		return err;
	return db_changes(d) == 1 ? 0 : ERR_BAD_FACTOR;
}

static int
recovery_one(struct db *d, const char *user, char out[RECOVERY_SIZE])
{
	char plain[RECOVERY_LENGTH + 1] = "";
	uint8_t random[RECOVERY_LENGTH], hash[HASH];
	int err;

	random_bytes(random, sizeof(random));
	for (size_t i = 0; i < RECOVERY_LENGTH; i++)
		plain[i] = alphabet[random[i] & 31];
	if (recovery_hash(plain, hash) < 0)
		return ERR_INTERNAL;
	err = db_run(d, "INSERT INTO recovery_code (hash, user_id)"
	    " VALUES (?, ?)", "bt", hash, sizeof(hash), user);
	snprintf(out, RECOVERY_SIZE, "%.4s-%.4s-%.4s-%.4s", plain, plain + 4,
	    plain + 8, plain + 12);
	explicit_bzero(plain, sizeof(plain));
	explicit_bzero(random, sizeof(random));
	return err;
}

int
factor_recovery_make(struct db *d, const char *user,
	char out[RECOVERY_CODES][RECOVERY_SIZE])
{
	int err = db_run(d, "DELETE FROM recovery_code WHERE user_id = ?",
	    "t", user);

	for (int i = 0; err == 0 && i < RECOVERY_CODES; i++)
		err = recovery_one(d, user, out[i]);
	return err;
}

int
factor_recovery_tidy(struct db *d, const char *user)
{
	struct factors left;
	int err = factors_get(d, user, &left);

	if (err != 0 || factors_any(&left))
		return err;
	return db_run(d, "DELETE FROM recovery_code WHERE user_id = ?", "t",
	    user);
}

/* ---- both ---- */

/*
 * As people type it: without spaces and dashes, in lower case, what looks like
 * a digit as that. False when it is too long for a code.
 */
static bool
code_fold(const char *s, char out[RECOVERY_LENGTH + 1])
{
	size_t n = 0;

	for (; *s != '\0'; s++) {
		char c = (char)tolower((unsigned char)*s);

		if (c == ' ' || c == '-')
			continue;
		if (n == RECOVERY_LENGTH)
			return false;
		out[n++] = c == 'o' ? '0' : c == 'i' || c == 'l' ? '1' : c;
	}
	out[n] = '\0';
	return true;
}

int
factor_take(const struct keyring *k, struct db *d, const char *user,
	const char *code, time_t now, enum factor *how)
{
	char plain[RECOVERY_LENGTH + 1];
	struct factors has;
	int err = factors_get(d, user, &has);

	*how = FACTOR_NONE;
	if (err != 0 || !factors_any(&has))
		return err;
	if (code == NULL || code[0] == '\0')
		return ERR_SECOND_FACTOR;
	if (!code_fold(code, plain))
		return ERR_BAD_FACTOR;
	*how = strlen(plain) == TOTP_DIGITS ? FACTOR_TOTP : FACTOR_RECOVERY;
	err = *how == FACTOR_TOTP ? totp_take(k, d, user, plain, now) :
		recovery_take(d, user, plain);
	explicit_bzero(plain, sizeof(plain));
	return err;
}

int
factors_remove(struct db *d, const char *user)
{
	int err = db_run(d, "DELETE FROM passkey WHERE user_id = ?", "t",
	    user);

	return err != 0 ? err : factor_totp_remove(d, user);
}

bool
factors_required(struct db *d)
{
	AUTO_JSON struct json_object *body = NULL;

	/* What can not be read is no reason to let everybody in. */
	if (setting_get(d, SETTING, &body) != 0)
		return true;
	return json_object_get_boolean(json_member(body, REQUIRED,
	    json_type_boolean));
}

int
factors_require(struct db *d, bool required)
{
	AUTO_JSON struct json_object *body = json_object_new_object();
	int err;

	json_add_bool(body, REQUIRED, required);
	err = setting_set(d, SETTING, body);
	return err != 0 ? err : store_revise(d);
}
