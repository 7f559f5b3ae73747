/* SPDX-License-Identifier: ISC */
/*
 * store: the authority's database. SQLite in WAL mode with full fsync; readers
 * are connections of their own (one per thread), writers share one connection
 * under a lock. SQL is written portably; what is SQLite's own is in store.c and
 * schema.c.
 */
#ifndef AUTH_STORE_H
#define AUTH_STORE_H

#include <sqlite3.h>

#include "base/cleanup.h"
#include "base/err.h"

struct db;	/* one connection with its prepared statements */
struct store;

/*
 * Opens DIR/auth.db, making dir (0700) and database (0600) when missing, and
 * brings it to the newest version. 0 with an owned store, or an ERR_ with a
 * sentence for the operator.
 */
int store_open(const char *dir, struct store **out, struct fault *f);
void store_close(struct store *s);
/* A read-only connection for one thread, owned; NULL when it fails. */
struct db *store_reader(struct store *s);
void db_close(struct db *d);

/*
 * The one writer, inside a transaction: NULL with f set when it can not begin.
 * Every begin is ended by one end, which commits when err is 0 (durable when it
 * returns 0) and rolls back otherwise, and returns err or what went wrong.
 */
struct db *store_write_begin(struct store *s, struct fault *f);
int store_write_end(struct store *s, int err, struct fault *f);

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
/* For statements left before their last row. */
void db_done(sqlite3_stmt *stmt);
/* Text of a column, "" for null; valid until the next step. */
const char *db_text(sqlite3_stmt *stmt, int column);
/* 0, or ERR_CONFLICT (unique), ERR_STORAGE_FULL, ERR_BUSY, ERR_INTERNAL. */
int db_run(struct db *d, const char *sql, const char *types, ...);
/* Rows changed by the last db_run. */
int db_changes(struct db *d);
/* The ERR_ of this connection's last failure; logs it. */
int db_fault(struct db *d, struct fault *f);

/* Counts up at each revocation; part of the caller's transaction. */
int store_revise(struct db *d);
int64_t store_revision(struct db *d);

/* schema.c: the newest version, and the way there from any older one. */
int schema_newest(void);
int schema_upgrade(sqlite3 *handle, int newest, struct fault *f);

#endif
