/* SPDX-License-Identifier: ISC */
/* authority: opening and closing the shared state; see authority.h. */
#include "auth/authority.h"

#include <stdio.h>
#include <string.h>

#include "auth/accounts.h"
#include "auth/record.h"
#include "auth/totp.h"
#include "base/text.h"

/*
 * True when the database holds what only the master key opens: then a missing
 * one must not be replaced by a new one.
 */
static bool
is_sealed(struct db *d)
{
	sqlite3_stmt *stmt = db_query(d, "SELECT 1 FROM signing_key"
	    " UNION ALL SELECT 1 FROM instance LIMIT 1", "");
	int rc = db_step(stmt);

	if (rc == 1)
		db_done(stmt);
	return rc != 0;
}

static int
keys_open(struct authority *a, struct db *d, const char *dir, struct fault *f)
{
	int err = keyring_load(&a->keyring, dir, !is_sealed(d), f);

	if (err != 0)
		return err;
	if (signing_check(d, &a->keyring) != 0)
		return fault_set(f, ERR_INTERNAL,
		    "The master key does not fit the database in %s.", dir);
	if (keyring_derive(&a->keyring, "refresh", a->refresh_key) != 0 ||
	    keyring_derive(&a->keyring, "device", a->device_key) != 0 ||
	    audit_init(&a->audit, a->store, &a->keyring) != 0 ||
	    backoff_init(&a->backoff) != 0 ||
	    challenges_init(&a->challenges) != 0)
		return fault_set(f, ERR_NO_MEMORY, "Out of memory.");
	return 0;
}

/* The first signing key is made here, so that requests only read. */
static int
first_key(struct authority *a, struct fault *f)
{
	struct db *d = database_write_begin(a->store, f);
	struct access_key key;
	int err;

	if (d == NULL)
		return f->err;
	err = signing_current(d, &a->keyring, time(NULL), &key);
	explicit_bzero(&key, sizeof(key));
	return database_write_end(a->store, err, f);
}

static int
open_parts(struct authority *a, const char *dir, struct fault *f)
{
	struct db *d;
	int err;

	err = store_open(dir, &a->store, f);
	if (err != 0)
		return err;
	d = database_reader(a->store);
	if (d == NULL)
		return fault_set(f, ERR_INTERNAL, "Can not read %s.", dir);
	err = keys_open(a, d, dir, f);
	if (err == 0 && accounts_none(d))
		random_base62(a->setup_secret, sizeof(a->setup_secret) - 1);
	db_close(d);
	return err != 0 ? err : first_key(a, f);
}

int
authority_open(const char *dir, struct authority **out, struct fault *f)
{
	struct authority *a = calloc(1, sizeof(*a));
	int err;

	if (a == NULL)
		return fault_set(f, ERR_NO_MEMORY, "Out of memory.");
	if (totp_init() != 0 || webauthn_init() != 0) {
		free(a);
		return fault_set(f, ERR_INTERNAL, "The libraries of second "
		    "factors do not start.");
	}
	signing_init(&a->signing);
	signers_init(&a->signers);
	watching_init(&a->watching);
	refusals_init(&a->refusals);
	err = open_parts(a, dir, f);
	if (err != 0) {
		if (f->err == ERR_OK)
			fault_set(f, err, "Can not open %s.", dir);
		authority_close(a);
		return err;
	}
	*out = a;
	return 0;
}

void
authority_close(struct authority *a)
{
	if (a == NULL)
		return;
	if (a->audit.store != NULL)
		record_sums(a, time(NULL), true);
	audit_free(&a->audit);
	backoff_free(&a->backoff);
	challenges_free(&a->challenges);
	signers_free(&a->signers);
	signing_free(&a->signing);
	watching_free(&a->watching);
	refusals_free(&a->refusals);
	database_close(a->store);
	explicit_bzero(a, sizeof(*a));
	free(a);
}

void
uuid_make(char out[37])
{
	uint8_t b[16];
	char hex[33];

	random_bytes(b, sizeof(b));
	b[6] = (b[6] & 0x0f) | 0x40;
	b[8] = (b[8] & 0x3f) | 0x80;
	hex_encode(b, sizeof(b), hex);
	snprintf(out, 37, "%.8s-%.4s-%.4s-%.4s-%.12s", hex, hex + 8, hex + 12,
	    hex + 16, hex + 20);
}
