/* SPDX-License-Identifier: ISC */
/* authority: opening and closing the shared state; see authority.h. */
#include "auth/authority.h"

#include <stdio.h>
#include <string.h>

#include "auth/accounts.h"
#include "auth/record.h"
#include "auth/sessions.h"
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

/*
 * The first of the keys there are that opens the database: a rekey or restore
 * may have been cut off between the database and the key, and is ended here.
 */
static int
key_choose(struct authority *a, struct db *d, const char *dir,
	struct fault *f)
{
	bool seen = false;

	for (int place = 0; place < KEYRING_PLACES; place++) {
		int err = keyring_load(&a->keyring, dir, place, f);

		if (err == ERR_NOT_FOUND)
			continue;
		if (err != 0)
			return err;
		seen = true;
		if (signing_check(d, &a->keyring) == 0)
			return place == KEYRING_NEXT ?
				keyring_next_use(dir, f) : 0;
	}
	if (seen)
		return fault_set(f, ERR_INTERNAL, "The master key does not "
		    "fit the database in %s.", dir);
	return ERR_NOT_FOUND;
}

static int
key_get(struct authority *a, struct db *d, const char *dir, struct fault *f)
{
	int err = key_choose(a, d, dir, f);

	if (err != ERR_NOT_FOUND)
		return err;
	if (is_sealed(d))
		return fault_set(f, ERR_INTERNAL, "%s/master.key is missing; "
		    "the database can not be used without it.", dir);
	err = keyring_make(dir, f);
	return err != 0 ? err : keyring_load(&a->keyring, dir, KEYRING_FILE,
	    f);
}

static int
keys_open(struct authority *a, struct db *d, const char *dir, struct fault *f)
{
	int err = key_get(a, d, dir, f);

	if (err != 0)
		return err;
	if (keyring_derive(&a->keyring, "refresh", a->refresh_key) != 0 ||
	    keyring_derive(&a->keyring, "device", a->device_key) != 0 ||
	    audit_init(&a->audit, a->store, &a->keyring) != 0 ||
	    backoff_init(&a->backoff) != 0 || backoff_init(&a->mails) != 0 ||
	    challenges_init(&a->challenges) != 0)
		return fault_set(f, ERR_NO_MEMORY, "Out of memory.");
	return 0;
}

int
authority_tend(struct authority *a, struct fault *f)
{
	static const struct audit_entry rotation = { .action = "keys-rotate",
		.result = "ok", .address = "local", .detail = "by the clock" };
	struct db *d = database_write_begin(a->store, f);
	time_t now = time(NULL);
	int err = 0;

	if (d == NULL)
		return f->err;
	if (signing_due(d, now))
		err = audit_write(&a->audit, d, &rotation);
	if (err == 0)
		err = signing_tend(d, &a->keyring, now);
	if (err == 0)
		err = sessions_sweep(d, now);
	err = database_write_end(a->store, err, f);
	/* Also when nobody asks. */
	record_sums(a, now, false);
	return err;
}

static int
open_parts(struct authority *a, const char *dir, bool alone,
	struct fault *f)
{
	struct db *d;
	int err;

	if (store_directory(dir, f) != 0)
		return f->err;
	a->lock = store_lock(dir, alone, f);
	if (a->lock < 0)
		return f->err;
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
	/* The first signing keys are made here: requests only read. */
	return err != 0 ? err : authority_tend(a, f);
}

static int
open_as(const char *dir, bool alone, struct authority **out, struct fault *f)
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
	a->lock = -1;
	signing_init(&a->signing);
	signers_init(&a->signers);
	watching_init(&a->watching);
	refusals_init(&a->refusals);
	err = open_parts(a, dir, alone, f);
	if (err != 0) {
		if (f->err == ERR_OK)
			fault_set(f, err, "Can not open %s.", dir);
		authority_close(a);
		return err;
	}
	*out = a;
	return 0;
}

int
authority_open(const char *dir, struct authority **out, struct fault *f)
{
	return open_as(dir, false, out, f);
}

int
authority_open_alone(const char *dir, struct authority **out, struct fault *f)
{
	return open_as(dir, true, out, f);
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
	backoff_free(&a->mails);
	signers_free(&a->signers);
	signing_free(&a->signing);
	watching_free(&a->watching);
	refusals_free(&a->refusals);
	database_close(a->store);
	if (a->lock >= 0)
		close(a->lock);
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
