/* SPDX-License-Identifier: ISC */
/* volume_content: see volume_content.h. */
#include "fcgi/volume_content.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/text.h"
#include "fcgi/clean.h"

static const char *const states[VOLUME_STATES] = {
	[VOLUME_UNTOUCHED] = "untouched", [VOLUME_ZEROES] = "zeroes",
	[VOLUME_WHOLE] = "whole", [VOLUME_PARTIAL] = "partial",
	[VOLUME_UNKNOWN] = "unknown",
};

void
volume_outcome_set(struct volume_outcome *o, enum volume_state state,
	const char *fmt, ...)
{
	va_list ap;

	o->state = state;
	if (state != VOLUME_WHOLE && state != VOLUME_PARTIAL) {
		o->bytes = 0;
		o->sha256[0] = '\0';
	}
	va_start(ap, fmt);
	vsnprintf(o->detail, sizeof(o->detail), fmt, ap);
	va_end(ap);
}

int
volume_content_put(struct ledger *l, const char *instance,
	const char *project, const char *name, const struct volume_outcome *o,
	const char *user, int64_t operation, struct fault *f)
{
	struct db *d;

	if (o->state == VOLUME_UNTOUCHED)
		return 0;
	d = ledger_write_begin(l, f);
	if (d == NULL)
		return f->err;
	return ledger_write_close(l, db_run(d, "INSERT OR REPLACE INTO "
	    "volume_content (instance, project, name, state, bytes, sha256, "
	    "detail, at, user_name, operation_id) VALUES (?, ?, ?, ?, ?, ?, "
	    "?, ?, ?, NULLIF(?, 0))", "ttttittiti", instance, project, name,
	    states[o->state], (int64_t)o->bytes, text_or_null(o->sha256),
	    o->detail, wall_ms(), user, operation),
	    "What the volume holds could not be noted.", f);
}

int
volume_content_forget(struct ledger *l, const char *instance,
	const char *project, const char *name, struct fault *f)
{
	struct db *d = ledger_write_begin(l, f);

	if (d == NULL)
		return f->err;
	return ledger_write_close(l, db_run(d, "DELETE FROM volume_content "
	    "WHERE instance = ? AND project = ? AND name = ?", "ttt",
	    instance, project, name),
	    "What the volume held could not be forgotten.", f);
}

static struct json_object *
content_json(const char *state, int64_t bytes, const char *sha256,
	const char *detail)
{
	struct json_object *o = json_object_new_object();

	json_add_str(o, "state", state);
	clean_add(o, "detail", detail);
	json_add_int(o, "bytes", bytes);
	json_add_str(o, "sha256", text_or_null(sha256));
	return o;
}

struct json_object *
volume_content_json(struct ledger *l, const char *instance,
	const char *project, const char *name)
{
	struct db *d = ledger_read_begin(l);
	struct json_object *o = NULL;
	sqlite3_stmt *s = db_query(d, "SELECT state, bytes, sha256, detail, "
		"at, user_name, operation_id FROM volume_content WHERE "
		"instance = ? AND project = ? AND name = ?", "ttt", instance,
		project, name);
	char detail[640];

	if (s != NULL && db_step(s) == 1) {
		snprintf(detail, sizeof(detail), "%s A unikernel that used it "
		    "since may have changed it.", db_text(s, 3));
		o = content_json(db_text(s, 0), sqlite3_column_int64(s, 1),
		    db_text(s, 2), detail);
		json_add_time_ms(o, "at", sqlite3_column_int64(s, 4));
		json_add_str(o, "user", text_or_null(db_text(s, 5)));
		json_add_nonzero(o, "operation",
		    sqlite3_column_int64(s, 6));
		db_done(s);
	}
	ledger_read_end(l);
	return o;
}

struct json_object *
volume_outcome_json(const struct volume_outcome *o)
{
	return content_json(states[o->state], (int64_t)o->bytes, o->sha256,
	    o->detail);
}
