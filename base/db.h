/* SPDX-License-Identifier: ISC */
/*
 * db: an SQLite database in WAL mode with full fsync. Readers are connections
 * of their own (one per thread), writers share one connection under a lock.
 * SQL is written portably; what is SQLite's own is in db.c and in schemas.
 */
#ifndef BASE_DB_H
#define BASE_DB_H

#include <sqlite3.h>
#include <stdbool.h>

#include "base/cleanup.h"
#include "base/err.h"

struct db;		/* one connection with its prepared statements */
struct database;

/*
 * The tables, as a list of versions, each a few statements' text. A version
 * that was released is never edited: what changes is a new one at the end.
 */
#define MIGRATION_PARTS 3

struct migrations {
	const char *const (*steps)[MIGRATION_PARTS];
	int count;
};

/*
 * Opens path, made (0600) when missing, and brings it to the newest version. 0
 * with an owned database, or an ERR_ with a sentence for the operator.
 */
int database_open(const char *path, const struct migrations *m,
	struct database **out, struct fault *f);
void database_close(struct database *s);	/* NULL is fine */
/* A read-only connection for one thread, owned; NULL when it fails. */
struct db *database_reader(struct database *s);
void db_close(struct db *d);
/*
 * The same for a database that nobody opened: as it is, whatever its version.
 * NULL: it is not there, or is none.
 */
struct db *database_peek(const char *path);
/* The version of its tables; -1 when it can not be read. */
int db_version(struct db *d);
/*
 * Copies what a reader sees into a database at path, one file of mode 0600 that
 * must not be there; others write meanwhile. 0 or an ERR_ with a sentence.
 */
int db_copy_to(struct db *d, const char *path, struct fault *f);
/* SQLite's own checks: 0, or ERR_INTERNAL with what is wrong first. */
int db_check(struct db *d, struct fault *f);
/*
 * Leaves nothing of what was deleted, and all of it in one file, when nobody
 * else has it open. 0 or an ERR_.
 */
int database_compact(struct database *s);
/* From whatever version it has to version newest, as a whole. */
int migrations_apply(sqlite3 *handle, const struct migrations *m, int newest,
	struct fault *f);

/*
 * The one writer, inside a transaction: NULL with f set when it can not begin.
 * Every begin is ended by one end, which commits when err is 0 (durable when it
 * returns 0) and rolls back otherwise, and returns err or what went wrong.
 */
struct db *database_write_begin(struct database *s, struct fault *f);
int database_write_end(struct database *s, int err, struct fault *f);

/* A reader's snapshot; db_read_end may be called when none is open. */
int db_read_begin(struct db *d);
void db_read_end(struct db *d);

/*
 * Binds args as types says: t text (NULL is null), i int64_t, b bytes and
 * size_t, n null; ready for db_step. sql is a literal: statements are cached
 * by its address. NULL: it could not be prepared.
 */
sqlite3_stmt *db_query(struct db *d, const char *sql, const char *types, ...);
/* 1: a row; 0: no more; -1: failed. Reset by the last two. */
int db_step(sqlite3_stmt *stmt);
/* For statements left before their last row; NULL is fine. */
void db_done(sqlite3_stmt *stmt);
/*
 * The number of a query that asks for one, which is done with then; none when
 * there is no row, it is null, or it failed.
 */
int64_t db_number(sqlite3_stmt *stmt, int64_t none);
/* Text of a column, "" for null; valid until the next step. */
const char *db_text(sqlite3_stmt *stmt, int column);
/* The same, as much as fits, into out. */
void db_copy(sqlite3_stmt *stmt, int column, char *out, size_t size);
/* The same, owned; NULL for null, or when out of memory. */
char *db_dup(sqlite3_stmt *stmt, int column);
/*
 * All rows of a query, each of size bytes, filled by take: 0 with an owned list
 * (NULL for none), or ERR_NO_MEMORY once take answers false or the list can
 * not grow. *out and *n then tell of those that were begun.
 */
int db_rows(sqlite3_stmt *stmt, size_t size,
	bool (*take)(sqlite3_stmt *stmt, void *row), void **out, size_t *n);
/* 0, or ERR_CONFLICT (unique), ERR_STORAGE_FULL, ERR_BUSY, ERR_INTERNAL. */
int db_run(struct db *d, const char *sql, const char *types, ...);
/* Rows changed by the last db_run. */
int db_changes(struct db *d);
/* The id of the row that the last db_run inserted: 0 or ERR_INTERNAL. */
int db_last_id(struct db *d, int64_t *id);
/* The ERR_ of this connection's last failure; logs it. */
int db_fault(struct db *d, struct fault *f);

#endif
