/* SPDX-License-Identifier: ISC */
/* check: the state directory and what is in it; see check.h. */
#include "config.h"

#include "auth/check.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "auth/accounts.h"
#include "auth/audit.h"
#include "auth/sealed.h"
#include "auth/signing.h"
#include "base/text.h"

#define PATH_SIZE 768
/* Certificates that expire so soon are worth a note, in seconds. */
#define DAY (24 * 60 * 60)
#define SOON (30 * DAY)

struct report {
	const char *dir;
	FILE *out;
	bool bad;
	struct db *d;
	struct keyring key;
};

enum verdict { OK, NOTE, BAD };

static void say(struct report *r, enum verdict verdict, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

static void
say(struct report *r, enum verdict verdict, const char *fmt, ...)
{
	static const char *const words[] = { "ok  ", "note", "BAD " };
	va_list ap;

	fprintf(r->out, "%s ", words[verdict]);
	va_start(ap, fmt);
	vfprintf(r->out, fmt, ap);
	va_end(ap);
	fputc('\n', r->out);
	r->bad = r->bad || verdict == BAD;
}

/* ---- files ---- */

/* One of ours, with this mode. What need not be there may be missing. */
static void
file_check(struct report *r, const char *path, mode_t mode, bool needed)
{
	struct stat st;

	if (lstat(path, &st) < 0) {
		if (needed || errno != ENOENT)
			say(r, BAD, "%s: %s", path, strerror(errno));
		return;
	}
	if (st.st_uid != geteuid())
		say(r, BAD, "%s belongs to user %lu, this is user %lu", path,
		    (unsigned long)st.st_uid, (unsigned long)geteuid());
	else if ((st.st_mode & 0777) != mode)
		say(r, BAD, "%s has mode %04o instead of %04o", path,
		    (unsigned)st.st_mode & 0777, (unsigned)mode);
	else
		say(r, OK, "%s is ours alone", path);
}

static void
files_check(struct report *r)
{
	static const struct { const char *name; bool needed; } files[] = {
		{ "auth.db", true }, { "auth.db-wal", false },
		{ "auth.db-shm", false }, { "master.key", false },
		{ "master.key.next", false }, { "auth.db.before", false },
		{ "master.key.before", false },
	};
	char path[PATH_SIZE];

	file_check(r, r->dir, 0700, true);
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s", r->dir, files[i].name);
		file_check(r, path, 0600, files[i].needed);
	}
}

/* ---- the database ---- */

static bool
version_check(struct report *r)
{
	int version = db_version(r->d);

	if (version == schema.count) {
		say(r, OK, "The database has version %d", version);
		return true;
	}
	if (version >= 0 && version < schema.count)
		say(r, NOTE, "The database has version %d; serve makes it %d. "
		    "What is in it was not looked at", version, schema.count);
	else
		say(r, BAD, "The database has version %d, this program knows "
		    "up to %d", version, schema.count);
	return false;
}

static void
whole_check(struct report *r)
{
	struct fault f = { 0 };

	if (db_check(r->d, &f) == 0)
		say(r, OK, "The database is whole");
	else
		say(r, BAD, "%s", f.detail);
}

/* ---- the master key and what is sealed ---- */

static bool
place_opens(struct report *r, enum keyring_place place, bool *there)
{
	struct fault f = { 0 };
	char path[KEYRING_PATH];
	int64_t n;
	int err = keyring_load(&r->key, r->dir, place, &f);

	if (err == ERR_NOT_FOUND)
		return false;
	*there = true;
	keyring_path(r->dir, place, path);
	if (err == 0)
		err = sealed_check(r->d, &r->key, &n, &f);
	if (err == 0)
		say(r, OK, "%s opens all %" PRId64 " secrets", path, n);
	else
		say(r, NOTE, "%s: %s", path, f.detail);
	return err == 0;
}

static bool
key_check(struct report *r)
{
	bool there = false;

	if (place_opens(r, KEYRING_CREDENTIAL, &there))
		return true;
	if (place_opens(r, KEYRING_FILE, &there)) {
		if (getenv("CREDENTIALS_DIRECTORY") != NULL)
			say(r, NOTE, "The key is in %s and not in the "
			    "credentials: put it there and remove it here",
			    r->dir);
		return true;
	}
	if (place_opens(r, KEYRING_NEXT, &there)) {
		say(r, NOTE, "A rekey or restore was cut off; the next start "
		    "ends it");
		return true;
	}
	say(r, BAD, there ? "No master key opens everything in the database" :
	    "There is no master key");
	return false;
}

static void
log_check(struct report *r)
{
	struct fault f = { 0 };
	struct audit a = { 0 };
	int64_t rows;

	if (keyring_derive(&r->key, "audit head", a.key) == 0 &&
	    audit_verify(&a, r->d, &rows, &f) == 0)
		say(r, OK, "The audit log is whole: %" PRId64 " rows", rows);
	else
		say(r, BAD, "%s", f.detail);
	db_read_end(r->d);
	explicit_bzero(a.key, sizeof(a.key));
}

/* ---- what is in it ---- */

static void
people_check(struct report *r)
{
	int64_t n = db_number(db_query(r->d, "SELECT count(*) FROM account"
	    " WHERE admin = 1 AND disabled = 0 AND verified = 1"
	    " AND approved = 1", ""), 0);

	if (n > 0)
		say(r, OK, "%" PRId64 " administrators can sign in", n);
	else
		say(r, NOTE, "No administrator can sign in: make one with "
		    "admin-create");
}

static void
signing_keys_check(struct report *r)
{
	int64_t since = db_number(db_query(r->d, "SELECT max(activated)"
	    " FROM signing_key WHERE retired IS NULL", ""), 0);

	if (since <= 0)
		say(r, NOTE, "There is no key for session tokens; serve makes "
		    "one");
	else if (time(NULL) - since > SIGNING_AGE + DAY)
		say(r, NOTE, "The key for session tokens is older than %d "
		    "days; serve replaces it", SIGNING_AGE / DAY);
	else
		say(r, OK, "The keys for session tokens are in date");
}

static void
instances_check(struct report *r)
{
	sqlite3_stmt *stmt = db_query(r->d, "SELECT name, expires FROM instance"
	    " ORDER BY name", "");
	time_t now = time(NULL);
	char when[RFC3339_SIZE];

	while (db_step(stmt) == 1) {
		time_t end = sqlite3_column_int64(stmt, 1);

		rfc3339_format(end, -1, when);
		if (end <= now)
			say(r, BAD, "The certificate of instance %s expired "
			    "at %s", db_text(stmt, 0), when);
		else
			say(r, end - now < SOON ? NOTE : OK, "The certificate "
			    "of instance %s expires at %s", db_text(stmt, 0),
			    when);
	}
}

static void
database_look(struct report *r)
{
	whole_check(r);
	if (!version_check(r))
		return;
	if (key_check(r))
		log_check(r);
	people_check(r);
	signing_keys_check(r);
	instances_check(r);
}

bool
check_state(const char *dir, FILE *out)
{
	struct report r = { .dir = dir, .out = out };
	char path[PATH_SIZE];

	files_check(&r);
	snprintf(path, sizeof(path), "%s/auth.db", dir);
	if (access(path, R_OK) == 0) {
		r.d = database_peek(path);
		if (r.d != NULL)
			database_look(&r);
		else
			say(&r, BAD, "%s can not be opened", path);
		db_close(r.d);
	}
	keyring_wipe(&r.key);
	return !r.bad;
}
