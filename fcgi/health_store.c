/* SPDX-License-Identifier: ISC */
/* health_store: see health_store.h. */
#include "fcgi/health_store.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "fcgi/clean.h"

#define OF_UNIKERNEL " WHERE instance = ? AND project = ? AND name = ?"

int
health_check_text(struct ledger *l, const char *instance,
	const char *project, const char *name, char **out, struct fault *f)
{
	struct db *d = ledger_read_begin(l);
	sqlite3_stmt *s = db_query(d, "SELECT body FROM health_check"
	    OF_UNIKERNEL, "ttt", instance, project, name);
	int rc = db_step(s), err = 0;

	*out = NULL;
	if (rc < 0)
		err = db_fault(d, f);
	if (rc > 0) {
		*out = strdup(db_text(s, 0));
		db_done(s);
		if (*out == NULL)
			err = fault_set(f, ERR_NO_MEMORY, "Out of memory.");
	}
	ledger_read_end(l);
	return err;
}

static int
forget(struct db *d, const char *instance, const char *project,
	const char *name)
{
	int err = db_run(d, "DELETE FROM health_check" OF_UNIKERNEL, "ttt",
		instance, project, name);

	return err != 0 ? err : db_run(d, "DELETE FROM health_result"
	    OF_UNIKERNEL, "ttt", instance, project, name);
}

static bool
is_kept(struct db *d, const char *instance, const char *project,
	const char *name, const char *text)
{
	sqlite3_stmt *s = db_query(d, "SELECT 1 FROM health_check"
	    OF_UNIKERNEL " AND body = ?", "tttt", instance, project, name,
	    text);
	bool kept = db_step(s) == 1;

	if (kept)
		db_done(s);
	return kept;
}

static int
replace(struct db *d, const char *instance, const char *project,
	const char *name, const char *text)
{
	int err = forget(d, instance, project, name);

	return err != 0 || text == NULL ? err :
		db_run(d, "INSERT INTO health_check (instance, project, name,"
		    " body, state, since, failures)"
		    " VALUES (?, ?, ?, ?, 'unknown', ?, 0)", "tttti",
		    instance, project, name, text, wall_ms());
}

int
health_check_keep(struct ledger *l, const char *instance,
	const char *project, const char *name, const char *text,
	struct fault *f)
{
	struct db *d = ledger_write_begin(l, f);
	int err = 0;

	if (d == NULL)
		return f->err;
	if (text == NULL || !is_kept(d, instance, project, name, text))
		err = replace(d, instance, project, name, text);
	return ledger_write_close(l, err,
	    "The health check could not be stored.", f);
}

/* ---- results ---- */

struct standing {
	char state[16];
	int64_t since;
	int64_t failures;	/* in a row */
};

/* False when the check is not kept any more. */
static bool
standing_get(struct db *d, const struct health_of *of, const char *check,
	struct standing *out)
{
	sqlite3_stmt *s = db_query(d, "SELECT state, since, failures"
	    " FROM health_check" OF_UNIKERNEL " AND body = ?", "tttt",
	    of->instance, of->project, of->name, check);

	if (db_step(s) != 1)
		return false;
	snprintf(out->state, sizeof(out->state), "%s", db_text(s, 0));
	out->since = sqlite3_column_int64(s, 1);
	out->failures = sqlite3_column_int64(s, 2);
	db_done(s);
	return true;
}

static void
standing_change(struct standing *s, int retries, bool ok, int64_t now)
{
	const char *state = ok ? "healthy" : s->state;

	s->failures = ok ? 0 : s->failures + 1;
	if (s->failures > retries)
		state = "failing";
	if (strcmp(state, s->state) == 0)
		return;
	snprintf(s->state, sizeof(s->state), "%s", state);
	s->since = now;
}

static int
result_write(struct db *d, const struct health_of *of,
	const struct standing *s, bool ok, int ms, const char *detail,
	int64_t now)
{
	int err = db_run(d, "UPDATE health_check SET state = ?, since = ?,"
		" failures = ?, checked = ?, detail = ?" OF_UNIKERNEL,
		"tiiitttt", s->state, s->since, s->failures, now, detail,
		of->instance, of->project, of->name);

	if (err == 0)
		err = db_run(d, "INSERT INTO health_result (instance, project,"
		    " name, at, ok, ms, detail) VALUES (?, ?, ?, ?, ?, ?, ?)",
		    "tttiiit", of->instance, of->project, of->name, now,
		    (int64_t)ok, (int64_t)ms, detail);
	if (err == 0)
		err = db_run(d, "DELETE FROM health_result" OF_UNIKERNEL
		    " AND id <= (SELECT id FROM health_result" OF_UNIKERNEL
		    " ORDER BY id DESC LIMIT 1 OFFSET ?)", "tttttti",
		    of->instance, of->project, of->name, of->instance,
		    of->project, of->name, (int64_t)HEALTH_HISTORY);
	return err;
}

int
health_result_add(struct ledger *l, const struct health_of *of,
	const char *check, int retries, bool ok, int ms, const char *detail,
	struct fault *f)
{
	struct db *d = ledger_write_begin(l, f);
	int64_t now = wall_ms();
	struct standing s;
	int err = 0;

	if (d == NULL)
		return f->err;
	if (standing_get(d, of, check, &s)) {
		standing_change(&s, retries, ok, now);
		err = result_write(d, of, &s, ok, ms, detail, now);
	}
	return ledger_write_end(l, err, f);
}

/* ---- as the API shows it ---- */

static void
add_history(struct json_object *o, struct db *d, const char *instance,
	const char *project, const char *name)
{
	struct json_object *list = json_object_new_array(), *item;
	sqlite3_stmt *s = db_query(d, "SELECT at, ok, ms, detail"
	    " FROM health_result" OF_UNIKERNEL " ORDER BY id DESC LIMIT ?",
	    "ttti", instance, project, name, (int64_t)HEALTH_HISTORY);

	while (db_step(s) == 1) {
		item = json_object_new_object();
		json_add_time_ms(item, "at", sqlite3_column_int64(s, 0));
		json_add_bool(item, "ok", sqlite3_column_int(s, 1) != 0);
		json_add_int(item, "ms", sqlite3_column_int64(s, 2));
		clean_add_or_null(item, "detail", db_text(s, 3));
		json_object_array_add(list, item);
	}
	json_object_object_add(o, "history", list);
}

/* As the queries below tell it. */
#define SHOWN "c.state, c.since, c.checked, c.detail, EXISTS (SELECT 1"	\
	" FROM deployment e WHERE e.instance = c.instance"		\
	" AND e.project = c.project AND e.name = c.name AND e.current = 1)"

static struct json_object *
standing_json(sqlite3_stmt *s)
{
	struct json_object *o = json_object_new_object();
	bool runs = sqlite3_column_int(s, 4) != 0;

	json_add_str(o, "state", runs ? db_text(s, 0) : "unknown");
	json_add_time_ms(o, "since", sqlite3_column_int64(s, 1));
	json_add_time_ms(o, "checked_at", sqlite3_column_int64(s, 2));
	clean_add_or_null(o, "detail", db_text(s, 3));
	return o;
}

struct json_object *
health_json(struct ledger *l, const char *instance, const char *project,
	const char *name, bool history)
{
	struct db *d = ledger_read_begin(l);
	struct json_object *o = NULL;
	sqlite3_stmt *s = db_query(d, "SELECT " SHOWN " FROM health_check c"
	    " WHERE c.instance = ? AND c.project = ? AND c.name = ?", "ttt",
	    instance, project, name);

	if (db_step(s) == 1) {
		o = standing_json(s);
		db_done(s);
		if (history)
			add_history(o, d, instance, project, name);
	}
	ledger_read_end(l);
	return o;
}

static bool
shown_take(sqlite3_stmt *s, void *row)
{
	struct health_shown *out = row;
	AUTO_JSON struct json_object *o = standing_json(s);

	*out = (struct health_shown){ .json = json_text(o) };
	snprintf(out->state, sizeof(out->state), "%s",
	    json_member_text(o, "state", sizeof(out->state) - 1));
	db_copy(s, 5, out->project, sizeof(out->project));
	db_copy(s, 6, out->name, sizeof(out->name));
	return out->json != NULL;
}

struct health_shown *
health_shown_list(struct ledger *l, const char *instance, size_t *n)
{
	struct db *d = ledger_read_begin(l);
	void *list;
	sqlite3_stmt *s = db_query(d, "SELECT " SHOWN ", c.project, c.name"
	    " FROM health_check c WHERE c.instance = ?"
	    " ORDER BY c.project, c.name", "t", instance);
	int err = db_rows(s, sizeof(struct health_shown), shown_take, &list,
		n);

	ledger_read_end(l);
	if (err == 0)
		return list;
	health_shown_free(list, *n);
	*n = 0;
	return NULL;
}

void
health_shown_free(struct health_shown *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		free(list[i].json);
	free(list);
}

/* ---- what is to be checked ---- */

static bool
due_take(sqlite3_stmt *s, void *row)
{
	struct health_due *out = row;

	*out = (struct health_due){ .check = strdup(db_text(s, 3)),
		.config = strdup(db_text(s, 4)),
		.checked = sqlite3_column_int64(s, 5) };
	db_copy(s, 0, out->instance, sizeof(out->instance));
	db_copy(s, 1, out->project, sizeof(out->project));
	db_copy(s, 2, out->name, sizeof(out->name));
	return out->check != NULL && out->config != NULL;
}

struct health_due *
health_due_list(struct ledger *l, size_t *n)
{
	struct db *d = ledger_read_begin(l);
	void *list;
	sqlite3_stmt *s = db_query(d, "SELECT c.instance, c.project, c.name,"
	    " c.body, e.config, c.checked FROM health_check c"
	    " JOIN deployment e ON e.instance = c.instance"
	    " AND e.project = c.project AND e.name = c.name"
	    " AND e.current = 1", "");
	int err = db_rows(s, sizeof(struct health_due), due_take, &list, n);

	ledger_read_end(l);
	if (err == 0)
		return list;
	health_due_free(list, *n);
	*n = 0;
	return NULL;
}

void
health_due_free(struct health_due *list, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		free(list[i].check);
		free(list[i].config);
	}
	free(list);
}
