/* SPDX-License-Identifier: ISC */
/* ledger_schema: the tables of the ledger, version by version. */
#include "fcgi/ledger.h"

/*
 * Times are milliseconds since 1970; config and health_check are JSON; error is
 * a problem document's members. A grant is held by those that have not ended.
 */
static const char deployments[] =
"CREATE TABLE deployment (id INTEGER PRIMARY KEY AUTOINCREMENT,"
"  instance TEXT NOT NULL, project TEXT NOT NULL, name TEXT NOT NULL,"
"  number INTEGER NOT NULL, state TEXT NOT NULL, source TEXT NOT NULL,"
"  of_number INTEGER NOT NULL, because INTEGER NOT NULL,"
"  rolled_back_by INTEGER NOT NULL, previous INTEGER NOT NULL,"
"  current INTEGER NOT NULL DEFAULT 0, replaced INTEGER NOT NULL,"
"  create_only INTEGER NOT NULL,"
"  user_id TEXT NOT NULL, user_name TEXT NOT NULL, token_id TEXT NOT NULL,"
"  link TEXT, image TEXT, image_size INTEGER NOT NULL,"
"  config TEXT NOT NULL, health_check TEXT,"
"  check_given INTEGER NOT NULL,"
"  auto_rollback INTEGER NOT NULL, grace INTEGER NOT NULL,"
"  previous_image TEXT, previous_config TEXT,"
"  previous_started INTEGER NOT NULL DEFAULT 0,"
"  request_key TEXT, request_print TEXT, credential TEXT,"
"  created INTEGER NOT NULL, ended INTEGER, error TEXT, log TEXT,"
"  UNIQUE (instance, project, name, number)) STRICT;"
"CREATE INDEX deployment_open ON deployment (id) WHERE ended IS NULL;"
"CREATE INDEX deployment_image ON deployment (project, image);"
"CREATE INDEX deployment_previous_image"
"  ON deployment (project, previous_image);"
"CREATE TABLE step ("
"  deployment_id INTEGER NOT NULL REFERENCES deployment (id),"
"  seq INTEGER NOT NULL, step TEXT NOT NULL, begun INTEGER NOT NULL,"
"  ended INTEGER, result TEXT, detail TEXT,"
"  PRIMARY KEY (deployment_id, seq)) STRICT, WITHOUT ROWID;";

static const char checks[] =
"CREATE TABLE health_check (instance TEXT NOT NULL, project TEXT NOT NULL,"
"  name TEXT NOT NULL, body TEXT NOT NULL, state TEXT NOT NULL,"
"  since INTEGER NOT NULL, checked INTEGER, failures INTEGER NOT NULL,"
"  detail TEXT, PRIMARY KEY (instance, project, name))"
"  STRICT, WITHOUT ROWID;"
"CREATE TABLE health_result (id INTEGER PRIMARY KEY,"
"  instance TEXT NOT NULL, project TEXT NOT NULL, name TEXT NOT NULL,"
"  at INTEGER NOT NULL, ok INTEGER NOT NULL, ms INTEGER NOT NULL,"
"  detail TEXT) STRICT;"
"CREATE INDEX health_result_of ON health_result"
"  (instance, project, name, id);"
"CREATE TABLE setting (name TEXT PRIMARY KEY, body TEXT NOT NULL)"
"  STRICT, WITHOUT ROWID;";

static const char *const versions[][MIGRATION_PARTS] = {
	{ deployments, checks },
};

const struct migrations ledger_schema = {
	versions, sizeof(versions) / sizeof(versions[0]),
};
