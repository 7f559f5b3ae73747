/* SPDX-License-Identifier: ISC */
/*
 * schema: the tables, as a list of migrations. A migration that was released is
 * never edited: what changes is a new entry at the end.
 */
#include <stdio.h>

#include "auth/store.h"
#include "base/log.h"

/* Version 1. Times are seconds since 1970, ids are UUIDs. */
static const char accounts[] =
"CREATE TABLE user (id TEXT PRIMARY KEY, email TEXT NOT NULL UNIQUE,"
"  name TEXT NOT NULL UNIQUE, password TEXT NOT NULL,"
"  admin INTEGER NOT NULL CHECK (admin IN (0, 1)),"
"  disabled INTEGER NOT NULL DEFAULT 0 CHECK (disabled IN (0, 1)),"
"  generation INTEGER NOT NULL DEFAULT 1,"
"  created INTEGER NOT NULL) STRICT, WITHOUT ROWID;"
"CREATE TABLE session (id TEXT PRIMARY KEY,"
"  user_id TEXT NOT NULL REFERENCES user (id) ON DELETE CASCADE,"
"  salt BLOB NOT NULL, counter INTEGER NOT NULL,"
"  rotated INTEGER NOT NULL, created INTEGER NOT NULL,"
"  expires INTEGER NOT NULL, revoked INTEGER NOT NULL DEFAULT 0,"
"  address TEXT, user_agent TEXT) STRICT, WITHOUT ROWID;"
"CREATE INDEX session_user ON session (user_id);"
"CREATE INDEX session_expires ON session (expires);"
"CREATE TABLE signing_key (kid TEXT PRIMARY KEY, secret BLOB NOT NULL,"
"  created INTEGER NOT NULL, retired INTEGER) STRICT, WITHOUT ROWID;"
"CREATE TABLE revision (value INTEGER NOT NULL) STRICT;"
"INSERT INTO revision (value) VALUES (1);";

static const char projects[] =
"CREATE TABLE project (id TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE,"
"  title TEXT NOT NULL, personal INTEGER NOT NULL,"
"  created INTEGER NOT NULL) STRICT, WITHOUT ROWID;"
"CREATE TABLE member ("
"  user_id TEXT NOT NULL REFERENCES user (id) ON DELETE CASCADE,"
"  project_id TEXT NOT NULL REFERENCES project (id) ON DELETE CASCADE,"
"  role TEXT NOT NULL CHECK (role IN ('viewer', 'deployer', 'owner')),"
"  PRIMARY KEY (user_id, project_id)) STRICT, WITHOUT ROWID;"
"CREATE INDEX member_project ON member (project_id);"
"CREATE TABLE instance (id TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE,"
"  host TEXT NOT NULL, port INTEGER NOT NULL, certificate TEXT NOT NULL,"
"  key BLOB NOT NULL, server_ca TEXT NOT NULL, level TEXT,"
"  expires INTEGER NOT NULL, created INTEGER NOT NULL)"
"  STRICT, WITHOUT ROWID;"
"CREATE TABLE policy ("
"  project_id TEXT NOT NULL REFERENCES project (id) ON DELETE CASCADE,"
"  instance_id TEXT NOT NULL REFERENCES instance (id) ON DELETE CASCADE,"
"  body TEXT NOT NULL, changed INTEGER NOT NULL,"
"  PRIMARY KEY (project_id, instance_id)) STRICT, WITHOUT ROWID;"
"CREATE INDEX policy_instance ON policy (instance_id);"
"CREATE TABLE token (id TEXT PRIMARY KEY, hash BLOB NOT NULL UNIQUE,"
"  user_id TEXT NOT NULL REFERENCES user (id) ON DELETE CASCADE,"
"  name TEXT NOT NULL, scopes TEXT NOT NULL, instances TEXT,"
"  project TEXT, unikernels TEXT, created INTEGER NOT NULL,"
"  expires INTEGER NOT NULL, last_used INTEGER, last_used_from TEXT)"
"  STRICT, WITHOUT ROWID;"
"CREATE INDEX token_user ON token (user_id);";

/* audit_head holds a MAC of the newest row, so that cutting the end shows. */
static const char audit[] =
"CREATE TABLE audit (id INTEGER PRIMARY KEY, time INTEGER NOT NULL,"
"  action TEXT NOT NULL, result TEXT NOT NULL, user_id TEXT,"
"  user_name TEXT, token_id TEXT, address TEXT, request_id TEXT,"
"  target TEXT, detail TEXT, hash BLOB NOT NULL) STRICT;"
"CREATE TABLE audit_head (one INTEGER PRIMARY KEY CHECK (one = 1),"
"  id INTEGER NOT NULL, hash BLOB NOT NULL, mac BLOB NOT NULL) STRICT;"
"CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit"
"  BEGIN SELECT RAISE(ABORT, 'audit rows stay as they are'); END;"
"CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit"
"  BEGIN SELECT RAISE(ABORT, 'audit rows stay'); END;";

/* Version 2. Elsewhere "user" is a word of SQL. */
static const char account_name[] = "ALTER TABLE user RENAME TO account;";

static const char *const migrations[][3] = {
	{ accounts, projects, audit },
	{ account_name },
};

int
schema_newest(void)
{
	return (int)(sizeof(migrations) / sizeof(migrations[0]));
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
migrate(sqlite3 *handle, int version)
{
	char set[48];
	int rc = SQLITE_OK;

	for (size_t i = 0; i < 3 && rc == SQLITE_OK; i++)
		if (migrations[version][i] != NULL)
			rc = sqlite3_exec(handle, migrations[version][i], NULL,
			    NULL, NULL);
	snprintf(set, sizeof(set), "PRAGMA user_version = %d", version + 1);
	if (rc == SQLITE_OK)
		rc = sqlite3_exec(handle, set, NULL, NULL, NULL);
	return rc == SQLITE_OK ? 0 : -1;
}

int
schema_upgrade(sqlite3 *handle, int newest, struct fault *f)
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
	while (version < newest && migrate(handle, version) == 0)
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
