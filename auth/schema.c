/* SPDX-License-Identifier: ISC */
/* schema: the tables of the authority, version by version. */
#include "auth/store.h"

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

/* Version 3. What deployments act with. */
static const char grants[] =
"CREATE TABLE deployment_grant (id TEXT PRIMARY KEY,"
"  hash BLOB NOT NULL UNIQUE,"
"  user_id TEXT NOT NULL REFERENCES account (id) ON DELETE CASCADE,"
"  token_id TEXT REFERENCES token (id) ON DELETE CASCADE,"
"  instance TEXT NOT NULL, project TEXT NOT NULL, name TEXT NOT NULL,"
"  scopes TEXT NOT NULL, created INTEGER NOT NULL,"
"  expires INTEGER NOT NULL) STRICT, WITHOUT ROWID;"
"CREATE INDEX deployment_grant_user ON deployment_grant (user_id);"
"CREATE INDEX deployment_grant_token ON deployment_grant (token_id);"
"CREATE INDEX deployment_grant_expires ON deployment_grant (expires);";

/*
 * Version 4. Grants of other kinds, which stand; those for no place have ''
 * where its names are.
 */
static const char grant_kinds[] =
"ALTER TABLE deployment_grant ADD COLUMN kind TEXT NOT NULL"
"  DEFAULT 'deployment'"
"  CHECK (kind IN ('deployment', 'updates', 'notices'));";

/*
 * Version 5. Two more kinds. The list of them is part of the table, which is
 * made anew for it; no other table refers to it.
 */
static const char volume_grants[] =
"CREATE TABLE new_grant (id TEXT PRIMARY KEY,"
"  hash BLOB NOT NULL UNIQUE,"
"  user_id TEXT NOT NULL REFERENCES account (id) ON DELETE CASCADE,"
"  token_id TEXT REFERENCES token (id) ON DELETE CASCADE,"
"  instance TEXT NOT NULL, project TEXT NOT NULL, name TEXT NOT NULL,"
"  scopes TEXT NOT NULL, created INTEGER NOT NULL,"
"  expires INTEGER NOT NULL, kind TEXT NOT NULL DEFAULT 'deployment'"
"  CHECK (kind IN ('deployment', 'updates', 'notices', 'volume',"
"  'copies'))) STRICT, WITHOUT ROWID;"
"INSERT INTO new_grant SELECT id, hash, user_id, token_id, instance,"
"  project, name, scopes, created, expires, kind FROM deployment_grant;"
"DROP TABLE deployment_grant;"
"ALTER TABLE new_grant RENAME TO deployment_grant;"
"CREATE INDEX deployment_grant_user ON deployment_grant (user_id);"
"CREATE INDEX deployment_grant_token ON deployment_grant (token_id);"
"CREATE INDEX deployment_grant_expires ON deployment_grant (expires);";

static const char *const versions[][MIGRATION_PARTS] = {
	{ accounts, projects, audit },
	{ account_name },
	{ grants },
	{ grant_kinds },
	{ volume_grants },
};

const struct migrations schema = {
	versions, sizeof(versions) / sizeof(versions[0]),
};
