/* SPDX-License-Identifier: ISC */
/* rekey: a new master key, the database sealed under it; see rekey.h. */
#include "auth/rekey.h"

#include <string.h>
#include <time.h>

#include "auth/sealed.h"
#include "base/text.h"

/* A new seal over a log that was tampered with would hide that. */
static int
log_check(struct authority *a, struct fault *f)
{
	struct db *d = database_reader(a->store);
	int64_t rows;
	int err;

	if (d == NULL)
		return fault_set(f, ERR_INTERNAL,
		    "The database can not be read.");
	err = audit_verify(&a->audit, d, &rows, f);
	db_close(d);
	return err;
}

/* Whoever had the old key could have made tokens: none stays good. */
static int
sessions_end(struct db *d, const struct keyring *new, time_t now)
{
	struct access_key key;
	int err = db_run(d, "DELETE FROM signing_key", "");

	if (err == 0)
		err = signing_current(d, new, now, &key);
	explicit_bzero(&key, sizeof(key));
	if (err == 0)
		err = db_run(d, "DELETE FROM session", "");
	return err != 0 ? err : store_revise(d);
}

/* The row says when it was, and moves the seal to the new key. */
static int
row_write(struct authority *a, struct db *d, const struct keyring *new)
{
	const struct audit_entry e = { .action = "rekey", .result = "ok",
		.address = "local" };
	struct audit sealing;
	int err = audit_init(&sealing, a->store, new);

	if (err == 0)
		err = audit_write(&sealing, d, &e);
	audit_free(&sealing);
	return err;
}

static int
database_rekey(struct authority *a, const struct keyring *new,
	struct fault *f)
{
	struct db *d = database_write_begin(a->store, f);
	int64_t n;
	int err;

	if (d == NULL)
		return f->err;
	err = sealed_anew(d, &a->keyring, new, f);
	if (err == 0)
		err = sessions_end(d, new, time(NULL));
	if (err == 0)
		err = row_write(a, d, new);
	if (err == 0)
		err = sealed_check(d, new, &n, f);
	if (err != 0 && f->err == ERR_OK)
		fault_set(f, err, "It could not be stored.");
	return database_write_end(a->store, err, f);
}

int
rekey(struct authority *a, const char *dir, struct fault *f)
{
	struct keyring new;
	int err = log_check(a, f);

	if (err != 0)
		return err;
	random_bytes(new.master, sizeof(new.master));
	err = keyring_next_write(&new, dir, f);
	if (err == 0)
		err = database_rekey(a, &new, f);
	keyring_wipe(&new);
	if (err == 0)
		err = keyring_next_use(dir, f);
	/* What the old key opens is still in free pages and in the log. */
	if (err == 0 && database_compact(a->store) != 0)
		err = fault_set(f, ERR_INTERNAL, "The new master key is in "
		    "use, but what the old one opens is still in the file of "
		    "the database.");
	return err;
}
