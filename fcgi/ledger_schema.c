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

/*
 * Version 2. Of builds: what a builder said of each, which it has for a digest
 * (build "": none), and which is the newest of a job on a platform. devices is
 * a JSON list.
 */
static const char builds[] =
"ALTER TABLE deployment ADD COLUMN build TEXT;"
"CREATE TABLE build (builder TEXT NOT NULL, build TEXT NOT NULL,"
"  job TEXT NOT NULL, platform TEXT NOT NULL, started INTEGER NOT NULL,"
"  finished INTEGER NOT NULL, binary INTEGER NOT NULL, target TEXT,"
"  abi INTEGER NOT NULL, devices TEXT, PRIMARY KEY (builder, build))"
"  STRICT, WITHOUT ROWID;"
"CREATE TABLE build_of (builder TEXT NOT NULL, sha256 TEXT NOT NULL,"
"  build TEXT NOT NULL, asked INTEGER NOT NULL,"
"  PRIMARY KEY (builder, sha256)) STRICT, WITHOUT ROWID;"
"CREATE TABLE build_latest (builder TEXT NOT NULL, job TEXT NOT NULL,"
"  platform TEXT NOT NULL, build TEXT NOT NULL, asked INTEGER NOT NULL,"
"  PRIMARY KEY (builder, job, platform)) STRICT, WITHOUT ROWID;";

/* Rules for updates that happen by themselves, and updates of many. */
static const char updates[] =
"CREATE TABLE update_rule (instance TEXT NOT NULL, project TEXT NOT NULL,"
"  name TEXT NOT NULL, mode TEXT NOT NULL, body TEXT NOT NULL,"
"  credential TEXT, expires INTEGER NOT NULL, user_name TEXT NOT NULL,"
"  given INTEGER NOT NULL, paused TEXT, tried TEXT, tried_at INTEGER,"
"  result TEXT, detail TEXT, number INTEGER,"
"  PRIMARY KEY (instance, project, name)) STRICT, WITHOUT ROWID;"
"CREATE TABLE bulk (id INTEGER PRIMARY KEY AUTOINCREMENT,"
"  user_id TEXT NOT NULL, user_name TEXT NOT NULL,"
"  at_once INTEGER NOT NULL, stop INTEGER NOT NULL,"
"  stopping INTEGER NOT NULL DEFAULT 0, created INTEGER NOT NULL,"
"  ended INTEGER) STRICT;"
"CREATE TABLE bulk_item (bulk_id INTEGER NOT NULL REFERENCES bulk (id),"
"  seq INTEGER NOT NULL, instance TEXT NOT NULL, project TEXT NOT NULL,"
"  name TEXT NOT NULL, state TEXT NOT NULL, credential TEXT,"
"  deployment_id INTEGER, detail TEXT,"
"  PRIMARY KEY (bulk_id, seq)) STRICT, WITHOUT ROWID;";

/*
 * What people are told: what happened (once for a build, if it is about one;
 * told: the webhook knows), who wants to know how (and the last event they
 * were told of), and what is still to be sent. A mark stays the same however
 * often it is tried.
 */
static const char notices[] =
"CREATE TABLE notice_event (id INTEGER PRIMARY KEY AUTOINCREMENT,"
"  at INTEGER NOT NULL, kind TEXT NOT NULL, instance TEXT NOT NULL,"
"  project TEXT NOT NULL, name TEXT NOT NULL, builder TEXT NOT NULL,"
"  job TEXT NOT NULL, build TEXT NOT NULL, started INTEGER NOT NULL,"
"  detail TEXT, told INTEGER NOT NULL DEFAULT 0) STRICT;"
"CREATE UNIQUE INDEX notice_event_once ON notice_event"
"  (kind, instance, project, name, builder, build) WHERE build <> '';"
"CREATE INDEX notice_event_of ON notice_event"
"  (kind, instance, project, name);"
"CREATE INDEX notice_event_untold ON notice_event (id) WHERE told = 0;"
"CREATE TABLE notice_wish (user_id TEXT PRIMARY KEY, mode TEXT NOT NULL,"
"  credential TEXT NOT NULL, seen INTEGER NOT NULL)"
"  STRICT, WITHOUT ROWID;"
"CREATE TABLE outbox (id INTEGER PRIMARY KEY AUTOINCREMENT,"
"  kind TEXT NOT NULL, mark TEXT NOT NULL, target TEXT NOT NULL,"
"  subject TEXT NOT NULL, body TEXT NOT NULL, created INTEGER NOT NULL,"
"  attempts INTEGER NOT NULL DEFAULT 0, due INTEGER NOT NULL) STRICT;"
"CREATE INDEX outbox_due ON outbox (kind, due);";

/*
 * Version 3. Long actions: state is how it ended, step what it does now; body
 * what was asked for and unikernels what was stopped for it, both JSON; error,
 * as of a deployment; total -1 while it is not known. A credential is held by
 * those that have not ended.
 */
static const char operations[] =
"CREATE TABLE operation (id INTEGER PRIMARY KEY AUTOINCREMENT,"
"  kind TEXT NOT NULL, instance TEXT NOT NULL, project TEXT NOT NULL,"
"  name TEXT NOT NULL, user_id TEXT NOT NULL, user_name TEXT NOT NULL,"
"  token_id TEXT NOT NULL, state TEXT NOT NULL, step TEXT NOT NULL,"
"  bytes INTEGER NOT NULL, total INTEGER NOT NULL,"
"  cancel INTEGER NOT NULL DEFAULT 0, credential TEXT,"
"  copy_id INTEGER NOT NULL, body TEXT, unikernels TEXT, detail TEXT,"
"  created INTEGER NOT NULL, ended INTEGER, error TEXT, result TEXT)"
"  STRICT;"
"CREATE INDEX operation_ended ON operation (ended);"
"CREATE INDEX deployment_ended ON deployment (ended);";

/*
 * Volumes: what we last put into each, the copies that are kept (object is
 * where, stored_sha256 of what lies there), and rules by which more are made.
 */
static const char volumes[] =
"CREATE TABLE volume_content (instance TEXT NOT NULL,"
"  project TEXT NOT NULL, name TEXT NOT NULL, state TEXT NOT NULL,"
"  bytes INTEGER NOT NULL, sha256 TEXT, detail TEXT, at INTEGER NOT NULL,"
"  user_name TEXT, operation_id INTEGER,"
"  PRIMARY KEY (instance, project, name)) STRICT, WITHOUT ROWID;"
"CREATE TABLE volume_copy (id INTEGER PRIMARY KEY AUTOINCREMENT,"
"  instance TEXT NOT NULL, project TEXT NOT NULL, name TEXT NOT NULL,"
"  size INTEGER NOT NULL, bytes INTEGER NOT NULL, sha256 TEXT,"
"  stored INTEGER NOT NULL, stored_sha256 TEXT, place TEXT NOT NULL,"
"  object TEXT NOT NULL, cause TEXT NOT NULL, note TEXT,"
"  user_id TEXT NOT NULL, user_name TEXT NOT NULL, operation_id INTEGER,"
"  created INTEGER NOT NULL, state TEXT NOT NULL) STRICT;"
"CREATE INDEX volume_copy_of ON volume_copy"
"  (instance, project, name, id);"
"CREATE TABLE copy_rule (instance TEXT NOT NULL, project TEXT NOT NULL,"
"  name TEXT NOT NULL, body TEXT NOT NULL, credential TEXT,"
"  expires INTEGER NOT NULL, user_name TEXT NOT NULL,"
"  given INTEGER NOT NULL, paused TEXT, tried_at INTEGER, result TEXT,"
"  detail TEXT, copy_id INTEGER, next INTEGER,"
"  PRIMARY KEY (instance, project, name)) STRICT, WITHOUT ROWID;";

/*
 * Version 4. What was seen of each unikernel last, so that it is known when
 * that changed meanwhile (restarts is a JSON list of times); and when which
 * instance was away (until 0: it still was).
 */
static const char seen[] =
"CREATE TABLE unikernel_seen (instance TEXT NOT NULL,"
"  project TEXT NOT NULL, name TEXT NOT NULL, state TEXT NOT NULL,"
"  digest TEXT NOT NULL, config TEXT NOT NULL, memory INTEGER NOT NULL,"
"  started INTEGER NOT NULL, stopped INTEGER NOT NULL,"
"  restarts TEXT NOT NULL, crash_loop INTEGER NOT NULL,"
"  settled INTEGER NOT NULL, at INTEGER NOT NULL,"
"  PRIMARY KEY (instance, project, name)) STRICT, WITHOUT ROWID;"
"CREATE TABLE instance_outage (instance TEXT NOT NULL,"
"  since INTEGER NOT NULL, until INTEGER NOT NULL, error TEXT NOT NULL,"
"  detail TEXT NOT NULL, PRIMARY KEY (instance, since))"
"  STRICT, WITHOUT ROWID;";

/*
 * What is wrong, or was (until); name and project "" when it is of
 * more than a unikernel. told is what was told of it last, and of which count.
 * An event is a telling; projects are whose it is besides that of the alert,
 * each between spaces.
 */
static const char alerts[] =
"CREATE TABLE alert (id INTEGER PRIMARY KEY AUTOINCREMENT,"
"  kind TEXT NOT NULL, instance TEXT NOT NULL, project TEXT NOT NULL,"
"  name TEXT NOT NULL, since INTEGER NOT NULL, until INTEGER,"
"  count INTEGER NOT NULL DEFAULT 1, detail TEXT NOT NULL,"
"  silenced INTEGER NOT NULL DEFAULT 0, changed INTEGER NOT NULL,"
"  told TEXT NOT NULL DEFAULT '', told_at INTEGER NOT NULL DEFAULT 0,"
"  told_count INTEGER NOT NULL DEFAULT 0) STRICT;"
"CREATE UNIQUE INDEX alert_open ON alert (kind, instance, project, name)"
"  WHERE until IS NULL;"
"CREATE INDEX alert_of ON alert (kind, instance, project, name, id);"
"CREATE INDEX alert_unsettled ON alert (id) WHERE (until IS NULL OR"
"  told = 'open' OR told_count <> count);"
"CREATE TABLE alert_event (id INTEGER PRIMARY KEY AUTOINCREMENT,"
"  at INTEGER NOT NULL, alert_id INTEGER NOT NULL, open INTEGER NOT NULL,"
"  projects TEXT NOT NULL) STRICT;"
"ALTER TABLE notice_wish ADD COLUMN alerts TEXT NOT NULL DEFAULT 'off';"
"ALTER TABLE notice_wish ADD COLUMN alerts_all INTEGER NOT NULL DEFAULT 1;"
"ALTER TABLE notice_wish ADD COLUMN alerts_seen INTEGER NOT NULL DEFAULT 0;";

static const char *const versions[][MIGRATION_PARTS] = {
	{ deployments, checks },
	{ builds, updates, notices },
	{ operations, volumes },
	{ seen, alerts },
};

const struct migrations ledger_schema = {
	versions, sizeof(versions) / sizeof(versions[0]),
};
