/* SPDX-License-Identifier: ISC */
/* db: connections, transactions and statements; see db.h. */
#include "base/db.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"

#define STATEMENTS_MAX 192
#define PATH_SIZE 512

struct cached {
	const char *sql;
	sqlite3_stmt *stmt;
};

struct db {
	sqlite3 *handle;
	bool reading;
	size_t ncached;
	struct cached cached[STATEMENTS_MAX];
};

struct database {
	char path[PATH_SIZE];
	struct db *writer;
	pthread_mutex_t lock;
};

void
db_close(struct db *d)
{
	if (d == NULL)
		return;
	for (size_t i = 0; i < d->ncached; i++)
		sqlite3_finalize(d->cached[i].stmt);
	sqlite3_close(d->handle);
	free(d);
}

/*
 * trusted_schema keeps functions out of the reach of a tampered schema;
 * temporary tables never touch the disk. The log starts over early: a write
 * that makes it longer takes the disk ten times as long as one that does not.
 */
static const char pragmas[] =
	"PRAGMA busy_timeout = 5000;"
	"PRAGMA trusted_schema = OFF;"
	"PRAGMA foreign_keys = ON;"
	"PRAGMA journal_mode = WAL;"
	"PRAGMA synchronous = FULL;"
	"PRAGMA wal_autocheckpoint = 256;"
	"PRAGMA temp_store = MEMORY;";

static struct db *
db_open(const char *path, int flags)
{
	struct db *d = calloc(1, sizeof(*d));
	char *why = NULL;

	if (d == NULL)
		return NULL;
	if (sqlite3_open_v2(path, &d->handle, flags | SQLITE_OPEN_NOMUTEX,
	    NULL) == SQLITE_OK &&
	    sqlite3_exec(d->handle, pragmas, NULL, NULL, &why) == SQLITE_OK) {
		sqlite3_db_config(d->handle, SQLITE_DBCONFIG_DEFENSIVE, 1,
		    NULL);
		return d;
	}
	log_event(LOG_LEVEL_ERROR, "database-open", "path", path, "error",
	    why != NULL ? why : sqlite3_errmsg(d->handle), NULL);
	sqlite3_free(why);
	db_close(d);
	return NULL;
}

static int
version_get(sqlite3 *handle)
{
	sqlite3_stmt *stmt;
	int version = -1;

	if (sqlite3_prepare_v2(handle, "PRAGMA user_version", -1, &stmt,
	    NULL) != SQLITE_OK)
		return -1;
	if (sqlite3_step(stmt) == SQLITE_ROW)
		version = sqlite3_column_int(stmt, 0);
	sqlite3_finalize(stmt);
	return version;
}

/* One version up, as a whole or not at all. */
static int
migrate(sqlite3 *handle, const struct migrations *m, int version)
{
	char set[48];
	int rc = SQLITE_OK;

	for (size_t i = 0; i < MIGRATION_PARTS && rc == SQLITE_OK; i++)
		if (m->steps[version][i] != NULL)
			rc = sqlite3_exec(handle, m->steps[version][i], NULL,
			    NULL, NULL);
	snprintf(set, sizeof(set), "PRAGMA user_version = %d", version + 1);
	if (rc == SQLITE_OK)
		rc = sqlite3_exec(handle, set, NULL, NULL, NULL);
	return rc == SQLITE_OK ? 0 : -1;
}

int
migrations_apply(sqlite3 *handle, const struct migrations *m, int newest,
	struct fault *f)
{
	int version;

	/* Looked at under the write lock: two may start at once. */
	if (sqlite3_exec(handle, "BEGIN IMMEDIATE", NULL, NULL, NULL) !=
	    SQLITE_OK)
		return fault_set(f, ERR_BUSY, "The database is locked: %s.",
		    sqlite3_errmsg(handle));
	version = version_get(handle);
	if (version < 0 || version > newest) {
		sqlite3_exec(handle, "ROLLBACK", NULL, NULL, NULL);
		return fault_set(f, ERR_INTERNAL, "The database has version "
		    "%d, this program knows up to %d.", version, newest);
	}
	while (version < newest && migrate(handle, m, version) == 0)
		version++;
	if (version < newest || sqlite3_exec(handle, "COMMIT", NULL, NULL,
	    NULL) != SQLITE_OK) {
		fault_set(f, ERR_INTERNAL, "Upgrading the database failed: "
		    "%s.", sqlite3_errmsg(handle));
		sqlite3_exec(handle, "ROLLBACK", NULL, NULL, NULL);
		return f->err;
	}
	return 0;
}

int
database_open(const char *path, const struct migrations *m,
	struct database **out, struct fault *f)
{
	struct database *s = calloc(1, sizeof(*s));
	mode_t mask;
	int err;

	if (s == NULL)
		return fault_set(f, ERR_NO_MEMORY, "Out of memory.");
	snprintf(s->path, sizeof(s->path), "%s", path);
	pthread_mutex_init(&s->lock, NULL);
	/* The log and its index take the database's mode. */
	mask = umask(077);
	s->writer = db_open(s->path,
	    SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);
	umask(mask);
	err = s->writer == NULL ?
		fault_set(f, ERR_INTERNAL, "Can not open %s.", s->path) :
		migrations_apply(s->writer->handle, m, m->count, f);
	if (err != 0) {
		database_close(s);
		return err;
	}
	*out = s;
	return 0;
}

void
database_close(struct database *s)
{
	if (s == NULL)
		return;
	db_close(s->writer);
	pthread_mutex_destroy(&s->lock);
	free(s);
}

struct db *
database_reader(struct database *s)
{
	return database_peek(s->path);
}

/*
 * Opened for reading and writing, as WAL readers must be able to write its
 * index, and then held to reading.
 */
struct db *
database_peek(const char *path)
{
	struct db *d = db_open(path, SQLITE_OPEN_READWRITE);

	if (d != NULL && sqlite3_exec(d->handle, "PRAGMA query_only = ON",
	    NULL, NULL, NULL) != SQLITE_OK) {
		db_close(d);
		return NULL;
	}
	return d;
}

int
db_version(struct db *d)
{
	return version_get(d->handle);
}

static int
pages_copy(struct db *d, sqlite3 *to)
{
	sqlite3_backup *b = sqlite3_backup_init(to, "main", d->handle, "main");
	int rc;

	if (b == NULL)
		return sqlite3_errcode(to);
	/* All at once: one snapshot, which writers do not wait for. */
	rc = sqlite3_backup_step(b, -1);
	sqlite3_backup_finish(b);
	if (rc != SQLITE_DONE)
		return rc;
	/* One file, without a log beside it. */
	return sqlite3_exec(to, "PRAGMA journal_mode = DELETE", NULL, NULL,
	    NULL);
}

int
db_copy_to(struct db *d, const char *path, struct fault *f)
{
	sqlite3 *to = NULL;
	int rc, fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	if (fd < 0)
		return fault_set(f, ERR_INTERNAL, "Can not make %s: %s.", path,
		    strerror(errno));
	close(fd);
	rc = sqlite3_open_v2(path, &to, SQLITE_OPEN_READWRITE, NULL);
	if (rc == SQLITE_OK)
		rc = pages_copy(d, to);
	if (rc != SQLITE_OK)
		fault_set(f, rc == SQLITE_FULL ? ERR_STORAGE_FULL :
		    ERR_INTERNAL, "Can not copy to %s: %s.", path,
		    sqlite3_errstr(rc));
	sqlite3_close(to);
	if (rc == SQLITE_OK)
		return 0;
	unlink(path);
	return f->err;
}

int
db_check(struct db *d, struct fault *f)
{
	sqlite3_stmt *stmt = db_query(d, "PRAGMA integrity_check(1)", "");

	if (db_step(stmt) != 1)
		return fault_set(f, ERR_INTERNAL,
		    "The database can not be read.");
	if (strcmp(db_text(stmt, 0), "ok") != 0)
		fault_set(f, ERR_INTERNAL, "The database is damaged: %s.",
		    db_text(stmt, 0));
	db_done(stmt);
	if (f->err != ERR_OK)
		return f->err;
	stmt = db_query(d, "PRAGMA foreign_key_check", "");
	if (db_step(stmt) != 1)
		return 0;
	fault_set(f, ERR_INTERNAL, "A row of table %s refers to one of table "
	    "%s that is not there.", db_text(stmt, 0), db_text(stmt, 2));
	db_done(stmt);
	return f->err;
}

int
database_compact(struct database *s)
{
	int rc;

	pthread_mutex_lock(&s->lock);
	rc = sqlite3_exec(s->writer->handle, "VACUUM;"
	    "PRAGMA wal_checkpoint(TRUNCATE)", NULL, NULL, NULL);
	pthread_mutex_unlock(&s->lock);
	return rc == SQLITE_OK ? 0 : ERR_INTERNAL;
}

int
db_fault(struct db *d, struct fault *f)
{
	switch (sqlite3_extended_errcode(d->handle)) {
	case SQLITE_CONSTRAINT_UNIQUE:
	case SQLITE_CONSTRAINT_PRIMARYKEY:
		return fault_set(f, ERR_CONFLICT, "It exists already.");
	case SQLITE_FULL:
		return fault_set(f, ERR_STORAGE_FULL,
		    "The disk of the database is full.");
	case SQLITE_BUSY:
		return fault_set(f, ERR_BUSY,
		    "The database is busy; try again.");
	case SQLITE_NOMEM:
		return fault_set(f, ERR_NO_MEMORY, "Out of memory.");
	default:
		log_event(LOG_LEVEL_ERROR, "database", "error",
		    sqlite3_errmsg(d->handle), NULL);
		return fault_set(f, ERR_INTERNAL,
		    "The database failed.");
	}
}

static sqlite3_stmt *
statement_get(struct db *d, const char *sql)
{
	sqlite3_stmt *stmt;

	for (size_t i = 0; i < d->ncached; i++)
		if (d->cached[i].sql == sql)
			return d->cached[i].stmt;
	if (d->ncached == STATEMENTS_MAX ||
	    sqlite3_prepare_v3(d->handle, sql, -1, SQLITE_PREPARE_PERSISTENT,
	    &stmt, NULL) != SQLITE_OK) {
		log_event(LOG_LEVEL_ERROR, "database-prepare", "sql", sql,
		    "error", sqlite3_errmsg(d->handle), NULL);
		return NULL;
	}
	d->cached[d->ncached++] = (struct cached){ sql, stmt };
	return stmt;
}

static void
statement_bind(sqlite3_stmt *stmt, const char *types, va_list ap)
{
	for (int i = 1; types[i - 1] != '\0'; i++) {
		const void *bytes;

		switch (types[i - 1]) {
		case 't':
			sqlite3_bind_text(stmt, i, va_arg(ap, const char *),
			    -1, SQLITE_TRANSIENT);
			break;
		case 'i':
			sqlite3_bind_int64(stmt, i, va_arg(ap, int64_t));
			break;
		case 'b':
			bytes = va_arg(ap, const void *);
			sqlite3_bind_blob64(stmt, i, bytes,
			    va_arg(ap, size_t), SQLITE_TRANSIENT);
			break;
		default:
			sqlite3_bind_null(stmt, i);
		}
	}
}

sqlite3_stmt *
db_query(struct db *d, const char *sql, const char *types, ...)
{
	sqlite3_stmt *stmt = statement_get(d, sql);
	va_list ap;

	if (stmt == NULL)
		return NULL;
	va_start(ap, types);
	statement_bind(stmt, types, ap);
	va_end(ap);
	return stmt;
}

void
db_done(sqlite3_stmt *stmt)
{
	if (stmt == NULL)
		return;
	sqlite3_reset(stmt);
	/* No bound secret stays behind in the statement. */
	sqlite3_clear_bindings(stmt);
}

int
db_step(sqlite3_stmt *stmt)
{
	int rc;

	if (stmt == NULL)
		return -1;
	rc = sqlite3_step(stmt);
	if (rc == SQLITE_ROW)
		return 1;
	db_done(stmt);
	return rc == SQLITE_DONE ? 0 : -1;
}

int64_t
db_number(sqlite3_stmt *stmt, int64_t none)
{
	int64_t n = none;

	if (db_step(stmt) != 1)
		return none;
	if (sqlite3_column_type(stmt, 0) != SQLITE_NULL)
		n = sqlite3_column_int64(stmt, 0);
	db_done(stmt);
	return n;
}

const char *
db_text(sqlite3_stmt *stmt, int column)
{
	const char *s = (const char *)sqlite3_column_text(stmt, column);

	return s == NULL ? "" : s;
}

char *
db_dup(sqlite3_stmt *stmt, int column)
{
	const char *s = (const char *)sqlite3_column_text(stmt, column);

	return s == NULL ? NULL : strdup(s);
}

void
db_copy(sqlite3_stmt *stmt, int column, char *out, size_t size)
{
	snprintf(out, size, "%s", db_text(stmt, column));
}

int
db_rows(sqlite3_stmt *stmt, size_t size,
	bool (*take)(sqlite3_stmt *stmt, void *row), void **out, size_t *n)
{
	char *list = NULL, *more;
	bool ok = true;

	*n = 0;
	while (ok && db_step(stmt) == 1) {
		more = reallocarray(list, *n + 1, size);
		ok = more != NULL;
		if (!ok)
			break;
		list = more;
		ok = take(stmt, list + (*n)++ * size);
	}
	if (!ok)
		db_done(stmt);
	*out = list;
	return ok ? 0 : ERR_NO_MEMORY;
}

int
db_run(struct db *d, const char *sql, const char *types, ...)
{
	sqlite3_stmt *stmt = statement_get(d, sql);
	struct fault f = { 0 };
	va_list ap;
	int rc;

	if (stmt == NULL)
		return ERR_INTERNAL;
	va_start(ap, types);
	statement_bind(stmt, types, ap);
	va_end(ap);
	rc = db_step(stmt);
	if (rc < 0)
		return db_fault(d, &f);
	if (rc > 0)
		db_done(stmt);
	return 0;
}

int
db_changes(struct db *d)
{
	return sqlite3_changes(d->handle);
}

int
db_last_id(struct db *d, int64_t *id)
{
	sqlite3_stmt *stmt = db_query(d, "SELECT last_insert_rowid()", "");

	if (db_step(stmt) != 1)
		return ERR_INTERNAL;
	*id = sqlite3_column_int64(stmt, 0);
	db_done(stmt);
	return 0;
}

int
db_read_begin(struct db *d)
{
	if (d->reading)
		return 0;
	if (db_run(d, "BEGIN", "") != 0)
		return ERR_INTERNAL;
	d->reading = true;
	return 0;
}

void
db_read_end(struct db *d)
{
	if (d->reading)
		db_run(d, "ROLLBACK", "");
	d->reading = false;
}

struct db *
database_write_begin(struct database *s, struct fault *f)
{
	int err;

	pthread_mutex_lock(&s->lock);
	err = db_run(s->writer, "BEGIN IMMEDIATE", "");
	if (err == 0)
		return s->writer;
	fault_set(f, err, "The database can not be written.");
	pthread_mutex_unlock(&s->lock);
	return NULL;
}

int
database_write_end(struct database *s, int err, struct fault *f)
{
	int failed = 0;

	if (err == 0)
		failed = db_run(s->writer, "COMMIT", "");
	/* A full disk may have rolled back already. */
	if ((err != 0 || failed != 0) &&
	    !sqlite3_get_autocommit(s->writer->handle))
		db_run(s->writer, "ROLLBACK", "");
	pthread_mutex_unlock(&s->lock);
	if (failed != 0)
		return fault_set(f, failed, "It could not be stored.");
	return err;
}
