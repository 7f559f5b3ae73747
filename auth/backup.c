/* SPDX-License-Identifier: ISC */
/* backup: copying the state out and in; see backup.h. */
#include "config.h"

#include "auth/backup.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "auth/sealed.h"

#define PATH_SIZE 768

static int
path_make(char out[PATH_SIZE], const char *front, const char *back,
	struct fault *f)
{
	int len = snprintf(out, PATH_SIZE, "%s%s", front, back);

	return len > 0 && len < PATH_SIZE ? 0 : fault_set(f, ERR_INVALID,
	    "%s is too long.", front);
}

static int
failed(struct fault *f, const char *path)
{
	return fault_set(f, ERR_INTERNAL, "Can not write %s: %s.", path,
	    strerror(errno));
}

/* What is in the file, and with parent its name too, survives a power cut. */
static int
file_sync(const char *path, bool parent, struct fault *f)
{
	char name[PATH_SIZE];
	char *slash;
	AUTO_FD int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || fsync(fd) < 0)
		return failed(f, path);
	if (!parent)
		return 0;
	snprintf(name, sizeof(name), "%s", path);
	slash = strrchr(name, '/');
	if (slash != NULL)
		slash[slash == name] = '\0';
	return file_sync(slash == NULL ? "." : name, false, f);
}

/* ---- out ---- */

/* Under its name once it is whole; nothing that is there is replaced. */
static int
copy_name(const char *temp, const char *path, struct fault *f)
{
	if (link(temp, path) < 0)
		return failed(f, path);
	return file_sync(path, true, f);
}

static int
database_copy(struct authority *a, const char *path, struct fault *f)
{
	char temp[PATH_SIZE];
	struct db *d = database_reader(a->store);
	int err = path_make(temp, path, ".part", f);

	if (d == NULL)
		return fault_set(f, ERR_INTERNAL,
		    "The database can not be read.");
	/* What one that was cut off has left. */
	if (err == 0) {
		unlink(temp);
		err = db_copy_to(d, temp, f);
	}
	if (err == 0)
		err = file_sync(temp, false, f);
	if (err == 0)
		err = copy_name(temp, path, f);
	unlink(temp);
	db_close(d);
	return err;
}

static int
key_copy(const struct keyring *k, const char *path, struct fault *f)
{
	AUTO_FD int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC,
	    0600);

	if (fd < 0)
		return failed(f, path);
	if (write(fd, k->master, KEYRING_BYTES) != KEYRING_BYTES)
		failed(f, path);
	else if (file_sync(path, true, f) == 0)
		return 0;
	/* Nobody looks for a key where no backup is. */
	unlink(path);
	return f->err;
}

int
backup_make(struct authority *a, const char *path, bool with_key,
	struct fault *f)
{
	char key[PATH_SIZE];
	int err = path_make(key, path, ".key", f);

	if (err != 0)
		return err;
	if (access(path, F_OK) == 0 || (with_key && access(key, F_OK) == 0))
		return fault_set(f, ERR_CONFLICT, "%s is there already.",
		    access(path, F_OK) == 0 ? path : key);
	err = database_copy(a, path, f);
	if (err != 0 || !with_key)
		return err;
	err = key_copy(&a->keyring, key, f);
	/* Half of what was asked for would be taken for all of it. */
	if (err != 0)
		unlink(path);
	return err;
}

/* ---- in ---- */

/* Removes the log of a database, and with all itself. */
static int
database_forget(const char *path, bool all, struct fault *f)
{
	static const char *const files[] = { "-wal", "-shm", "" };
	char name[PATH_SIZE];

	for (size_t i = 0; i < (all ? 3 : 2); i++) {
		if (path_make(name, path, files[i], f) != 0)
			return f->err;
		if (unlink(name) < 0 && errno != ENOENT)
			return failed(f, name);
	}
	return 0;
}

/* Everything about one restore. */
struct restore {
	const struct backup *from;
	const char *dir;
	char database[PATH_SIZE];	/* DIR/auth.db */
	char copy[PATH_SIZE];		/* DIR/auth.db.restore */
	struct keyring key;
	bool new_key;			/* another than the one in DIR */
};

/* The log is whole, and tells of this; who is signed in is so no more. */
static int
copy_mark(struct restore *r, struct database *store, struct db *reader,
	struct fault *f)
{
	const struct audit_entry e = { .action = "restore", .result = "ok",
		.address = "local" };
	struct audit log;
	struct db *d = NULL;
	int64_t rows;
	int err = audit_init(&log, store, &r->key);

	err = err != 0 ? err : audit_verify(&log, reader, &rows, f);
	db_read_end(reader);
	if (err == 0)
		d = database_write_begin(store, f);
	if (d != NULL) {
		err = db_run(d, "DELETE FROM session", "");
		if (err == 0)
			err = store_revise(d);
		if (err == 0)
			err = audit_write(&log, d, &e);
		err = database_write_end(store, err, f);
	}
	audit_free(&log);
	return f->err != ERR_OK ? f->err : err;
}

/* The key that opens the copy: the given one, or one that is there. */
static int
key_find(struct restore *r, struct db *d, struct fault *f)
{
	struct fault ignored = { 0 };
	int64_t n;
	int err;

	if (r->from->key != NULL) {
		r->new_key = true;
		err = keyring_read(&r->key, r->from->key, f);
		if (err == ERR_NOT_FOUND)
			fault_set(f, err, "%s is not there.", r->from->key);
		return err != 0 ? err : sealed_check(d, &r->key, &n, f);
	}
	for (int place = 0; place < KEYRING_NEXT; place++)
		if (keyring_load(&r->key, r->dir, place, &ignored) == 0 &&
		    sealed_check(d, &r->key, &n, &ignored) == 0)
			return 0;
	return fault_set(f, ERR_INVALID, "The master key that is there does "
	    "not open the copy: give the one it was made with (--key).");
}

static int
version_check(struct db *d, struct fault *f)
{
	int version = db_version(d);

	if (version >= 1 && version <= schema.count)
		return 0;
	return fault_set(f, ERR_INVALID, "The copy has version %d, this "
	    "program knows 1 to %d.", version, schema.count);
}

/*
 * The copy, brought up to our version first: what is sealed is looked for in
 * the tables as they are now.
 */
static int
copy_check(struct restore *r, struct fault *f)
{
	struct database *store;
	struct db *d;
	int err = database_open(r->copy, &schema, &store, f);

	if (err != 0)
		return err;
	d = database_reader(store);
	err = d == NULL ? fault_set(f, ERR_INTERNAL, "%s can not be read.",
	    r->copy) : db_check(d, f);
	if (err == 0)
		err = key_find(r, d, f);
	if (err == 0)
		err = copy_mark(r, store, d, f);
	db_close(d);
	/* One file again, without a log beside it. */
	if (err == 0 && database_compact(store) != 0)
		err = fault_set(f, ERR_INTERNAL, "Can not write %s.", r->copy);
	database_close(store);
	return err;
}

static int
copy_take(struct restore *r, struct fault *f)
{
	struct db *d = access(r->from->path, R_OK) < 0 ? NULL :
		database_peek(r->from->path);
	int err = d == NULL ? fault_set(f, ERR_INVALID,
		"%s is not there, or is no database.", r->from->path) :
		version_check(d, f);

	if (err == 0)
		err = db_copy_to(d, r->copy, f);
	db_close(d);
	return err;
}

/* Kept under another name, instead of what was kept before. */
static int
keep(const char *path, struct fault *f)
{
	char before[PATH_SIZE];
	int err = path_make(before, path, ".before", f);

	if (err != 0)
		return err;
	unlink(before);
	return link(path, before) == 0 || errno == ENOENT ? 0 :
		failed(f, before);
}

/*
 * All of the database that is there in one file: a log that stayed behind would
 * be taken for one of the copy. What is too damaged for that is kept without
 * its log.
 */
static int
old_fold(const struct restore *r, struct fault *f)
{
	/* Whoever closes it last puts the log into it. */
	db_close(database_peek(r->database));
	return database_forget(r->database, false, f);
}

/* From here on it is done: the key first, which opens nothing until then. */
static int
change_over(struct restore *r, struct fault *f)
{
	char key[KEYRING_PATH];
	bool there = access(r->database, F_OK) == 0;
	int err = 0;

	if (r->new_key)
		err = keyring_next_write(&r->key, r->dir, f);
	if (err == 0 && there)
		err = old_fold(r, f);
	if (err == 0 && there)
		err = keep(r->database, f);
	if (err == 0 && r->new_key &&
	    keyring_path(r->dir, KEYRING_FILE, key))
		err = keep(key, f);
	if (err == 0)
		err = file_sync(r->copy, false, f);
	if (err == 0 && rename(r->copy, r->database) < 0)
		err = failed(f, r->database);
	if (err == 0)
		err = file_sync(r->database, true, f);
	return err == 0 && r->new_key ? keyring_next_use(r->dir, f) : err;
}

static int
restore_run(struct restore *r, struct fault *f)
{
	int err = path_make(r->database, r->dir, "/auth.db", f);

	if (err == 0)
		err = path_make(r->copy, r->dir, "/auth.db.restore", f);
	if (err != 0)
		return err;
	if (access(r->database, F_OK) == 0 && !r->from->force)
		return fault_set(f, ERR_CONFLICT, "%s is there already; "
		    "--force puts the copy in its place.", r->database);
	err = database_forget(r->copy, true, f);
	if (err == 0)
		err = copy_take(r, f);
	if (err == 0)
		err = copy_check(r, f);
	if (err == 0)
		err = change_over(r, f);
	if (err != 0)
		database_forget(r->copy, true, &(struct fault){ 0 });
	return err;
}

int
backup_restore(const char *dir, const struct backup *b, struct fault *f)
{
	struct restore r = { .from = b, .dir = dir };
	int lock, err = store_directory(dir, f);

	if (err != 0)
		return err;
	lock = store_lock(dir, true, f);
	if (lock < 0)
		return f->err;
	err = restore_run(&r, f);
	keyring_wipe(&r.key);
	close(lock);
	return err;
}
