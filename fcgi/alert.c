/* SPDX-License-Identifier: ISC */
/* alert: see alert.h. */
#include "fcgi/alert.h"

#include <string.h>

#include "base/text.h"

static const struct {
	const char *name;
	const char *severity;
} kinds[ALERT_KINDS] = {
	[ALERT_CRASH_LOOP] = { "crash-loop", "critical" },
	[ALERT_STOPPED] = { "stopped", "critical" },
	[ALERT_CHECK_FAILING] = { "check-failing", "critical" },
	[ALERT_INSTANCE_DOWN] = { "instance-down", "critical" },
	[ALERT_CERTIFICATE_EXPIRING] = { "certificate-expiring", "warning" },
	[ALERT_POLICY_FULL] = { "policy-full", "warning" },
	[ALERT_POLICY_DRIFT] = { "policy-drift", "warning" },
};

static const char *const told_words[] = { [ALERT_UNTOLD] = "",
	[ALERT_TOLD_OPEN] = "open", [ALERT_TOLD_OVER] = "over" };
#define TOLD_WORDS 3

const char *
alert_kind_name(enum alert_kind kind)
{
	return kinds[kind].name;
}

const char *
alert_severity(enum alert_kind kind)
{
	return kinds[kind].severity;
}

const char *
alert_scope(const struct alert *a)
{
	if (a->kind == ALERT_CERTIFICATE_EXPIRING)
		return "instance:admin";
	return a->project[0] == '\0' ? "instance:read" : "unikernel:read";
}

static bool
kind_find(const char *name, enum alert_kind *out)
{
	for (int i = 0; i < ALERT_KINDS; i++) {
		if (strcmp(kinds[i].name, name) == 0) {
			*out = (enum alert_kind)i;
			return true;
		}
	}
	return false;
}

bool
alert_is(const struct alert *a, const struct alert_of *of)
{
	return a->kind == of->kind && strcmp(a->name, of->name) == 0 &&
		strcmp(a->project, of->project) == 0 &&
		strcmp(a->instance, of->instance) == 0;
}

/* ---- writing ---- */

#define OF " WHERE kind = ? AND instance = ? AND project = ? AND name = ?"

/* The row that goes on when it begins again; 0: none. */
static int64_t
recent(struct db *d, const struct alert_of *of, int64_t quiet, int64_t now)
{
	sqlite3_stmt *s = db_query(d, "SELECT id FROM alert" OF
	    " AND (until IS NULL OR until > ? OR told_at > ? OR silenced > ?)"
	    " ORDER BY id DESC LIMIT 1", "ttttiii", kinds[of->kind].name,
	    of->instance, of->project, of->name, now - quiet, now - quiet,
	    now);
	int64_t id = 0;

	if (db_step(s) == 1) {
		id = sqlite3_column_int64(s, 0);
		db_done(s);
	}
	return id;
}

int
alert_begin(struct db *d, const struct alert_of *of, const char *detail,
	int64_t quiet, int64_t now, int64_t *id)
{
	int err;

	*id = recent(d, of, quiet, now);
	if (*id != 0)
		return db_run(d, "UPDATE alert SET until = NULL, detail = ?,"
		    " count = count + 1, changed = ? WHERE id = ?", "tii",
		    detail, now, *id);
	err = db_run(d, "INSERT INTO alert (kind, instance, project, name,"
	    " since, detail, changed) VALUES (?, ?, ?, ?, ?, ?, ?)",
	    "ttttiti", kinds[of->kind].name, of->instance, of->project,
	    of->name, now, detail, now);
	return err != 0 ? err : db_last_id(d, id);
}

int
alert_detail_set(struct db *d, int64_t id, const char *detail)
{
	return db_run(d, "UPDATE alert SET detail = ? WHERE id = ?", "ti",
	    detail, id);
}

int
alert_end(struct db *d, int64_t id, int64_t now)
{
	return db_run(d, "UPDATE alert SET until = ?, changed = ?"
	    " WHERE id = ?", "iii", now, now, id);
}

int
alert_silence(struct db *d, int64_t id, int64_t until)
{
	return db_run(d, "UPDATE alert SET silenced = ? WHERE id = ?", "ii",
	    until, id);
}

int
alert_told_set(struct db *d, const struct alert *a)
{
	return db_run(d, "UPDATE alert SET told = ?, told_at = ?,"
	    " told_count = ? WHERE id = ?", "tiii", told_words[a->told],
	    a->told_at, a->told_count, a->id);
}

int
alert_forget(struct db *d, int64_t before)
{
	int err = db_run(d, "DELETE FROM alert_event WHERE at < ? OR id <="
		" (SELECT id FROM alert_event ORDER BY id DESC LIMIT 1"
		" OFFSET ?)", "ii", before, (int64_t)ALERT_KEPT_MAX);

	return err != 0 ? err : db_run(d, "DELETE FROM alert"
	    " WHERE until IS NOT NULL AND told <> 'open' AND (until < ?"
	    " OR id <= (SELECT id FROM alert ORDER BY id DESC LIMIT 1"
	    " OFFSET ?))", "ii", before, (int64_t)ALERT_KEPT_MAX);
}

/* ---- reading ---- */

#define COLUMNS ALERT_COLUMNS " FROM alert"

bool
alert_row_take(sqlite3_stmt *s, void *row)
{
	struct alert *a = row;

	*a = (struct alert){ .id = sqlite3_column_int64(s, 0),
		.since = sqlite3_column_int64(s, 5),
		.until = sqlite3_column_int64(s, 6),
		.count = sqlite3_column_int64(s, 7),
		.silenced = sqlite3_column_int64(s, 9),
		.changed = sqlite3_column_int64(s, 10),
		.told_at = sqlite3_column_int64(s, 12),
		.told_count = sqlite3_column_int64(s, 13) };
	db_copy(s, 2, a->instance, sizeof(a->instance));
	db_copy(s, 3, a->project, sizeof(a->project));
	db_copy(s, 4, a->name, sizeof(a->name));
	db_copy(s, 8, a->detail, sizeof(a->detail));
	a->told = (enum alert_told)word_read(told_words, TOLD_WORDS,
	    db_text(s, 11));
	return kind_find(db_text(s, 1), &a->kind);
}

int
alert_get(struct db *d, int64_t id, struct alert *out)
{
	sqlite3_stmt *s = db_query(d, COLUMNS " WHERE id = ?", "i", id);
	struct fault f = { 0 };
	int rc = db_step(s);
	bool read;

	if (rc <= 0)
		return rc < 0 ? db_fault(d, &f) : ERR_NOT_FOUND;
	read = alert_row_take(s, out);
	db_done(s);
	return read ? 0 : ERR_INTERNAL;
}

static int
rows(sqlite3_stmt *s, struct alert **out, size_t *n)
{
	void *list;
	int err = db_rows(s, sizeof(struct alert), alert_row_take, &list, n);

	*out = list;
	if (err != 0) {
		free(list);
		*out = NULL;
		*n = 0;
	}
	return err;
}

int
alert_list_open(struct db *d, struct alert **out, size_t *n)
{
	return rows(db_query(d, COLUMNS " WHERE until IS NULL ORDER BY id",
	    ""), out, n);
}

/* The condition is that of the index. */
int
alert_list_unsettled(struct db *d, struct alert **out, size_t *n)
{
	return rows(db_query(d, COLUMNS " WHERE (until IS NULL OR"
	    " told = 'open' OR told_count <> count) ORDER BY id", ""), out,
	    n);
}

int
alert_list(struct db *d, const struct alert_filter *filter,
	struct alert **out, size_t *n)
{
	return rows(db_query(d, COLUMNS " WHERE id < ?"
	    " AND (? = 0 OR until IS NULL) AND (? IS NULL OR instance = ?)"
	    " AND (? IS NULL OR project = ?) ORDER BY id DESC LIMIT ?",
	    "iitttti", filter->before, (int64_t)filter->open,
	    filter->instance, filter->instance, filter->project,
	    filter->project, filter->limit), out, n);
}
