/* SPDX-License-Identifier: ISC */
/* notices: see notices.h. */
#include "fcgi/notices.h"

#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/text.h"
#include "fcgi/clean.h"

static const char *const words[NOTICE_KINDS] = {
	[NOTICE_AVAILABLE] = "update.available",
	[NOTICE_UPDATED] = "update.done",
	[NOTICE_FAILED] = "update.failed",
	[NOTICE_PAUSED] = "update.paused",
};

const char *
notice_word(enum notice_kind kind)
{
	return words[kind];
}

int
notice_add(struct ledger *l, const struct notice *n, struct fault *f)
{
	struct db *d = ledger_write_begin(l, f);
	int err;

	if (d == NULL)
		return f->err;
	err = db_run(d, "INSERT INTO notice_event (at, kind, instance,"
	    " project, name, builder, job, build, started, detail)"
	    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
	    "itttttttit", wall_ms(), words[n->kind], n->instance,
	    n->project, n->name, n->builder, n->job, n->build, n->started,
	    n->detail);
	err = ledger_write_end(l, err, f);
	if (err == 0)
		ledger_changed(l);
	return err;
}

void
notice_put_link(struct buf *b, const char *origin,
	const struct notice_event *e)
{
	buf_putf(b, "%s/unikernels/%s/%s/%s?tab=update", origin, e->instance,
	    e->project, e->name);
}

/* ---- reading ---- */

static bool
kind_find(const char *word, enum notice_kind *out)
{
	int i = word_find(words, NOTICE_KINDS, word);

	if (i >= 0)
		*out = (enum notice_kind)i;
	return i >= 0;
}

/* deployment is the "build" of the current one: JSON, or "". */
static bool
runs_already(const struct notice_event *e, const char *deployment)
{
	AUTO_JSON struct json_object *o = json_tokener_parse(deployment);
	const char *build = json_member_text(o, "build", sizeof(e->build));

	return *build != '\0' && strcmp(build, e->build) == 0 &&
		strcmp(json_member_text(o, "builder", sizeof(e->builder)),
		e->builder) == 0;
}

/* What a row holds after the columns of an event. */
#define COLUMNS "SELECT e.id, e.at, e.kind, e.instance, e.project, e.name," \
	" e.builder, e.job, e.build, e.started, e.detail"
#define NEWER ", EXISTS (SELECT 1 FROM notice_event n" \
	" WHERE n.kind = e.kind AND n.instance = e.instance" \
	" AND n.project = e.project AND n.name = e.name AND n.id > e.id)"
#define RUNS ", (SELECT d.build FROM deployment d" \
	" WHERE d.instance = e.instance AND d.project = e.project" \
	" AND d.name = e.name AND d.current = 1)"

static bool
event_take(sqlite3_stmt *s, struct notice_event *e)
{
	*e = (struct notice_event){ .id = sqlite3_column_int64(s, 0),
		.at = sqlite3_column_int64(s, 1),
		.started = sqlite3_column_int64(s, 9) };
	db_copy(s, 3, e->instance, sizeof(e->instance));
	db_copy(s, 4, e->project, sizeof(e->project));
	db_copy(s, 5, e->name, sizeof(e->name));
	db_copy(s, 6, e->builder, sizeof(e->builder));
	clean_copy(e->job, sizeof(e->job), db_text(s, 7));
	clean_copy(e->build, sizeof(e->build), db_text(s, 8));
	clean_copy(e->detail, sizeof(e->detail), db_text(s, 10));
	return kind_find(db_text(s, 2), &e->kind);
}

void
notice_events(struct db *d, int64_t first, int64_t last,
	bool (*take)(void *arg, const struct notice_event *e), void *arg)
{
	struct notice_event e;
	sqlite3_stmt *s = db_query(d, COLUMNS NEWER RUNS " FROM notice_event e"
	    " WHERE e.id > ? AND e.id <= ? ORDER BY e.instance, e.project,"
	    " e.name, e.id", "ii", first, last);
	bool more = true;

	while (more && db_step(s) == 1) {
		if (!event_take(s, &e))
			continue;
		e.outdated = e.kind == NOTICE_AVAILABLE &&
			(sqlite3_column_int(s, 11) != 0 ||
			runs_already(&e, db_text(s, 12)));
		more = take(arg, &e);
	}
	if (!more)
		db_done(s);
}

bool
notice_untold(struct db *d, struct notice_event *out)
{
	sqlite3_stmt *s = db_query(d, COLUMNS " FROM notice_event e"
	    " WHERE e.told = 0 ORDER BY e.id LIMIT 1", "");
	bool found = db_step(s) == 1;

	if (found) {
		found = event_take(s, out);
		db_done(s);
	}
	return found;
}

int
notice_told(struct db *d, const struct notice_event *e)
{
	return db_run(d, "UPDATE notice_event SET told = 1 WHERE id = ?", "i",
	    e->id);
}

void
notice_position(struct db *d, int64_t seen, int64_t *last, int64_t *first_at)
{
	sqlite3_stmt *s = db_query(d, "SELECT MAX(id), MIN(at)"
	    " FROM notice_event WHERE id > ?", "i", seen);

	*last = seen;
	*first_at = 0;
	if (db_step(s) != 1)
		return;
	if (sqlite3_column_type(s, 0) != SQLITE_NULL) {
		*last = sqlite3_column_int64(s, 0);
		*first_at = sqlite3_column_int64(s, 1);
	}
	db_done(s);
}

int
notice_forget(struct db *d, int64_t before)
{
	return db_run(d, "DELETE FROM notice_event WHERE told = 1 AND at < ?"
	    " AND EXISTS (SELECT 1 FROM notice_event n"
	    " WHERE n.kind = notice_event.kind"
	    " AND n.instance = notice_event.instance"
	    " AND n.project = notice_event.project"
	    " AND n.name = notice_event.name AND n.id > notice_event.id)",
	    "i", before);
}
