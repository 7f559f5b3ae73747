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

/*
 * Version 6. People who register, what they prove who they are with, and what
 * administrators decide.
 */
static const char people[] =
"ALTER TABLE account ADD COLUMN display_name TEXT NOT NULL DEFAULT '';"
"ALTER TABLE account ADD COLUMN verified INTEGER NOT NULL DEFAULT 1"
"  CHECK (verified IN (0, 1));"
"ALTER TABLE account ADD COLUMN approved INTEGER NOT NULL DEFAULT 1"
"  CHECK (approved IN (0, 1));"
"ALTER TABLE account ADD COLUMN approval_told INTEGER NOT NULL DEFAULT 0"
"  CHECK (approval_told IN (0, 1));"
"ALTER TABLE account ADD COLUMN last_seen INTEGER;"
"ALTER TABLE session ADD COLUMN last_used INTEGER NOT NULL DEFAULT 0;"
"ALTER TABLE session ADD COLUMN last_used_from TEXT;"
"ALTER TABLE session ADD COLUMN method TEXT NOT NULL DEFAULT 'password';"
"ALTER TABLE session ADD COLUMN proved INTEGER NOT NULL DEFAULT 0;"
"CREATE TABLE setting (name TEXT PRIMARY KEY, body TEXT NOT NULL)"
"  STRICT, WITHOUT ROWID;"
/* Links in mails, good for once; hash is SHA-256 of the secret in it. */
"CREATE TABLE mail_link (hash BLOB PRIMARY KEY,"
"  kind TEXT NOT NULL"
"  CHECK (kind IN ('verify', 'address', 'reset', 'recover')),"
"  user_id TEXT NOT NULL REFERENCES account (id) ON DELETE CASCADE,"
"  email TEXT NOT NULL, created INTEGER NOT NULL,"
"  expires INTEGER NOT NULL) STRICT, WITHOUT ROWID;"
"CREATE INDEX mail_link_user ON mail_link (user_id);"
"CREATE TABLE invitation (id TEXT PRIMARY KEY, hash BLOB NOT NULL UNIQUE,"
"  email TEXT, project_id TEXT REFERENCES project (id) ON DELETE CASCADE,"
"  role TEXT CHECK (role IN ('viewer', 'deployer', 'owner')),"
"  user_id TEXT NOT NULL REFERENCES account (id) ON DELETE CASCADE,"
"  created INTEGER NOT NULL, expires INTEGER NOT NULL)"
"  STRICT, WITHOUT ROWID;"
/* By which somebody registered who is not verified yet; goes with it. */
"ALTER TABLE account ADD COLUMN invitation_id TEXT"
"  REFERENCES invitation (id) ON DELETE CASCADE;"
"CREATE INDEX account_invitation ON account (invitation_id);"
/* Names that albatross may still hold something of: not given again. */
"CREATE TABLE retired_name (name TEXT PRIMARY KEY,"
"  retired INTEGER NOT NULL) STRICT, WITHOUT ROWID;"
/* Names asked for with an address that has an account; names.h. */
"CREATE TABLE name_hold (name TEXT PRIMARY KEY, email TEXT NOT NULL,"
"  expires INTEGER NOT NULL) STRICT, WITHOUT ROWID;";

static const char factors[] =
/*
 * The secret in force and the one that waits for its first code, both sealed;
 * step: the last one used, none is taken twice.
 */
"CREATE TABLE totp (user_id TEXT PRIMARY KEY"
"  REFERENCES account (id) ON DELETE CASCADE,"
"  secret BLOB, pending BLOB, confirmed INTEGER,"
"  step INTEGER NOT NULL DEFAULT 0) STRICT, WITHOUT ROWID;"
"CREATE TABLE recovery_code (hash BLOB PRIMARY KEY,"
"  user_id TEXT NOT NULL REFERENCES account (id) ON DELETE CASCADE)"
"  STRICT, WITHOUT ROWID;"
"CREATE INDEX recovery_code_user ON recovery_code (user_id);"
"CREATE TABLE passkey (id TEXT PRIMARY KEY,"
"  user_id TEXT NOT NULL REFERENCES account (id) ON DELETE CASCADE,"
"  credential BLOB NOT NULL UNIQUE, algorithm INTEGER NOT NULL,"
"  public_key BLOB NOT NULL, count INTEGER NOT NULL,"
"  name TEXT NOT NULL, created INTEGER NOT NULL, last_used INTEGER)"
"  STRICT, WITHOUT ROWID;"
"CREATE INDEX passkey_user ON passkey (user_id);";

static const char decisions[] =
"ALTER TABLE instance ADD COLUMN title TEXT NOT NULL DEFAULT '';"
/*
 * Values are sealed; those before the current one are kept, as what was
 * started with them still runs.
 */
"CREATE TABLE project_secret ("
"  project_id TEXT NOT NULL REFERENCES project (id) ON DELETE CASCADE,"
"  name TEXT NOT NULL, number INTEGER NOT NULL, value BLOB NOT NULL,"
"  current INTEGER NOT NULL CHECK (current IN (0, 1)),"
"  user_name TEXT NOT NULL, created INTEGER NOT NULL,"
"  PRIMARY KEY (project_id, name, number)) STRICT, WITHOUT ROWID;"
"ALTER TABLE revision ADD COLUMN secrets INTEGER NOT NULL DEFAULT 0;"
"ALTER TABLE project ADD COLUMN archived INTEGER;"
"ALTER TABLE policy ADD COLUMN over_commit INTEGER NOT NULL DEFAULT 0"
"  CHECK (over_commit IN (0, 1));"
/* What albatross had when ours was set, has now, and said of it. */
"ALTER TABLE policy ADD COLUMN earlier TEXT;"
"ALTER TABLE policy ADD COLUMN seen TEXT;"
"ALTER TABLE policy ADD COLUMN confirmed INTEGER NOT NULL DEFAULT 0"
"  CHECK (confirmed IN (0, 1));"
"ALTER TABLE policy ADD COLUMN refused TEXT;"
"ALTER TABLE instance ADD COLUMN root TEXT;"
"ALTER TABLE token ADD COLUMN warned INTEGER;"
/* NULL for the next key, which does not sign yet. */
"ALTER TABLE signing_key ADD COLUMN activated INTEGER;"
"UPDATE signing_key SET activated = created;"
"CREATE INDEX audit_time ON audit (time);"
"ALTER TABLE audit RENAME COLUMN token_id TO credential;";

static const char *const versions[][MIGRATION_PARTS] = {
	{ accounts, projects, audit },
	{ account_name },
	{ grants },
	{ grant_kinds },
	{ volume_grants },
	{ people, factors, decisions },
};

const struct migrations schema = {
	versions, sizeof(versions) / sizeof(versions[0]),
};
