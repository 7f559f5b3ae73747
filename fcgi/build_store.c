/* SPDX-License-Identifier: ISC */
/* build_store: see build_store.h. */
#include "fcgi/build_store.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"

static int
written(struct ledger *l, int err, struct fault *f)
{
	return ledger_write_close(l, err,
	    "What the builder said could not be stored.", f);
}

int
build_keep(struct ledger *l, const struct build *b, struct fault *f)
{
	AUTO_JSON struct json_object *list = !b->has_devices ? NULL :
		build_devices_to_json(&b->devices);
	AUTO_FREE char *devices = json_text(list);
	struct db *d = ledger_write_begin(l, f);
	int err;

	if (d == NULL)
		return f->err;
	err = db_run(d, "INSERT INTO build (builder, build, job, platform,"
	    " started, finished, binary, target, abi, devices)"
	    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
	    " ON CONFLICT (builder, build) DO UPDATE SET job = excluded.job,"
	    " platform = excluded.platform, started = excluded.started,"
	    " finished = excluded.finished, binary = excluded.binary,"
	    " target = excluded.target, abi = excluded.abi,"
	    " devices = excluded.devices", "ttttiiitit", b->builder, b->uuid,
	    b->job, b->platform, b->started, b->finished, (int64_t)b->binary,
	    text_or_null(b->target), b->abi, devices);
	return written(l, err, f);
}

static void
row_read(sqlite3_stmt *s, struct build *out)
{
	const char *devices = db_text(s, 7);
	AUTO_JSON struct json_object *list = *devices == '\0' ? NULL :
		json_tokener_parse(devices);

	snprintf(out->job, sizeof(out->job), "%s", db_text(s, 0));
	snprintf(out->platform, sizeof(out->platform), "%s", db_text(s, 1));
	out->started = sqlite3_column_int64(s, 2);
	out->finished = sqlite3_column_int64(s, 3);
	out->binary = sqlite3_column_int(s, 4) != 0;
	snprintf(out->target, sizeof(out->target), "%s", db_text(s, 5));
	out->abi = sqlite3_column_int64(s, 6);
	out->has_devices = list != NULL &&
		build_devices_from_json(list, &out->devices) == 0;
}

int
build_find(struct ledger *l, const char *builder, const char *uuid,
	struct build *out)
{
	struct db *d = ledger_read_begin(l);
	sqlite3_stmt *s = db_query(d, "SELECT job, platform, started,"
	    " finished, binary, target, abi, devices FROM build"
	    " WHERE builder = ? AND build = ?", "tt", builder, uuid);
	int rc = db_step(s);

	*out = (struct build){ 0 };
	if (rc == 1) {
		snprintf(out->builder, sizeof(out->builder), "%s", builder);
		snprintf(out->uuid, sizeof(out->uuid), "%s", uuid);
		row_read(s, out);
		db_done(s);
	}
	ledger_read_end(l);
	return rc == 1 ? 0 : rc == 0 ? ERR_NOT_FOUND : ERR_INTERNAL;
}

int
build_of_keep(struct ledger *l, const char *builder, const char *sha256,
	const char *uuid, struct fault *f)
{
	struct db *d = ledger_write_begin(l, f);

	if (d == NULL)
		return f->err;
	return written(l, db_run(d, "INSERT INTO build_of (builder, sha256,"
	    " build, asked) VALUES (?, ?, ?, ?) ON CONFLICT (builder, sha256)"
	    " DO UPDATE SET build = excluded.build, asked = excluded.asked",
	    "ttti", builder, sha256, uuid, wall_ms()), f);
}

static void
asked_read(struct ledger *l, sqlite3_stmt *s,
	char uuid[BUILD_UUID_LEN + 1], int64_t *asked)
{
	uuid[0] = '\0';
	*asked = 0;
	if (db_step(s) == 1) {
		snprintf(uuid, BUILD_UUID_LEN + 1, "%s", db_text(s, 0));
		*asked = sqlite3_column_int64(s, 1);
		db_done(s);
	}
	ledger_read_end(l);
}

void
build_of_find(struct ledger *l, const char *builder, const char *sha256,
	char uuid[BUILD_UUID_LEN + 1], int64_t *asked)
{
	struct db *d = ledger_read_begin(l);

	asked_read(l, db_query(d, "SELECT build, asked FROM build_of"
	    " WHERE builder = ? AND sha256 = ?", "tt", builder, sha256),
	    uuid, asked);
}

int
build_latest_keep(struct ledger *l, const char *builder, const char *job,
	const char *platform, const char *uuid, struct fault *f)
{
	struct db *d = ledger_write_begin(l, f);

	if (d == NULL)
		return f->err;
	return written(l, db_run(d, "INSERT INTO build_latest (builder, job,"
	    " platform, build, asked) VALUES (?, ?, ?, ?, ?)"
	    " ON CONFLICT (builder, job, platform) DO UPDATE SET"
	    " build = excluded.build, asked = excluded.asked", "tttti",
	    builder, job, platform, uuid, wall_ms()), f);
}

void
build_latest_find(struct ledger *l, const char *builder, const char *job,
	const char *platform, char uuid[BUILD_UUID_LEN + 1], int64_t *asked)
{
	struct db *d = ledger_read_begin(l);

	asked_read(l, db_query(d, "SELECT build, asked FROM build_latest"
	    " WHERE builder = ? AND job = ? AND platform = ?", "ttt",
	    builder, job, platform), uuid, asked);
}

int
build_forget(struct ledger *l, const char *builder, struct fault *f)
{
	struct db *d = ledger_write_begin(l, f);
	int err;

	if (d == NULL)
		return f->err;
	err = db_run(d, "DELETE FROM build_of WHERE builder = ?", "t",
	    builder);
	if (err == 0)
		err = db_run(d, "DELETE FROM build_latest WHERE builder = ?",
		    "t", builder);
	if (err == 0)
		err = db_run(d, "DELETE FROM build WHERE builder = ?", "t",
		    builder);
	return written(l, err, f);
}
