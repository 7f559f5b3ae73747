/* SPDX-License-Identifier: ISC */
/* copy_rule: see copy_rule.h. */
#include "fcgi/copy_rule.h"

#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "base/text.h"
#include "fcgi/app.h"
#include "fcgi/clean.h"
#include "fcgi/copy_work.h"
#include "fcgi/deploy_alone.h"
#include "fcgi/project_kept.h"
#include "fcgi/week.h"

#define OF_VOLUME " WHERE instance = ? AND project = ? AND name = ?"
/* A next time beyond that was set by a clock that was wrong. */
#define AHEAD_MS (8 * 24 * 60 * 60 * INT64_C(1000))
#define AGAIN_MS (5 * 60 * INT64_C(1000))	/* after what may pass */

/* ---- as it is sent, kept and shown ---- */

struct form {
	struct json_strings days;
	const char *at, *place;
	int64_t keep;
	bool stop;
};

static const char *
check_place(const char *s)
{
	return copy_place_find(s) >= 0 ? NULL : "must be local or s3";
}

static const struct json_field fields[] = {
	{ "days", JSON_STRINGS, .min = 3, .max = 3, .count_max = WEEK_DAYS,
	  .check = week_day_check, .offset = offsetof(struct form, days) },
	{ "at", JSON_STRING, .required = true, .max = 5,
	  .check = week_clock_check, .offset = offsetof(struct form, at) },
	{ "keep", JSON_INT, .required = true, .min = 1,
	  .max = COPY_RULE_KEEP_MAX, .offset = offsetof(struct form, keep) },
	{ "place", JSON_STRING, .max = 16, .check = check_place,
	  .offset = offsetof(struct form, place) },
	{ "stop", JSON_BOOL, .offset = offsetof(struct form, stop) },
	{ .name = NULL }
};

int
copy_rule_from_json(struct json_object *o, struct copy_rule *out,
	struct fault *f)
{
	struct form in = { .place = "local" };
	int err = json_read(o, fields, &in, "", f);

	if (err == 0) {
		out->days = week_days(&in.days);
		out->at = week_clock(in.at);
		out->keep = in.keep;
		out->place = (enum copy_place)copy_place_find(in.place);
		out->stop = in.stop;
	}
	json_free(fields, &in);
	return err;
}

static struct json_object *
body_json(const struct copy_rule *r)
{
	struct json_object *o = json_object_new_object();

	json_object_object_add(o, "days", r->days == WEEK_ALL ?
	    json_object_new_array() : week_days_json(r->days));
	week_clock_add(o, "at", r->at);
	json_add_int(o, "keep", r->keep);
	json_add_str(o, "place", copy_place_text(r->place));
	json_add_bool(o, "stop", r->stop);
	return o;
}

static struct json_object *
last_json(const struct copy_rule *r)
{
	struct json_object *o;

	if (r->result[0] == '\0')
		return NULL;
	o = json_object_new_object();
	json_add_time_ms(o, "at", r->tried_at);
	json_add_str(o, "result", r->result);
	clean_add_or_null(o, "detail", r->detail);
	json_add_nonzero(o, "copy", r->copy);
	return o;
}

struct json_object *
copy_rule_json(const struct copy_rule *r)
{
	struct json_object *o = body_json(r);

	clean_add_or_null(o, "paused", r->paused);
	json_add_time_ms(o, "next", r->next);
	json_object_object_add(o, "last", last_json(r));
	json_add_str(o, "user", r->user_name);
	json_add_time_ms(o, "expires", r->expires);
	return o;
}

/* ---- rows ---- */

#define COLUMNS "instance, project, name, body, credential, expires,"	\
	" user_name, given, paused, tried_at, result, detail, copy_id, next"

static bool
row_take(sqlite3_stmt *s, void *row)
{
	struct copy_rule *r = row;
	AUTO_JSON struct json_object *body = json_tokener_parse(
		db_text(s, 3));
	struct fault f = { 0 };

	*r = (struct copy_rule){ .expires = sqlite3_column_int64(s, 5),
		.given = sqlite3_column_int64(s, 7),
		.tried_at = sqlite3_column_int64(s, 9),
		.copy = sqlite3_column_int64(s, 12),
		.next = sqlite3_column_int64(s, 13) };
	if (body != NULL)
		(void)copy_rule_from_json(body, r, &f);
	db_copy(s, 0, r->instance, sizeof(r->instance));
	db_copy(s, 1, r->project, sizeof(r->project));
	db_copy(s, 2, r->name, sizeof(r->name));
	db_copy(s, 4, r->grant, sizeof(r->grant));
	db_copy(s, 6, r->user_name, sizeof(r->user_name));
	db_copy(s, 8, r->paused, sizeof(r->paused));
	db_copy(s, 10, r->result, sizeof(r->result));
	db_copy(s, 11, r->detail, sizeof(r->detail));
	return true;
}

int
copy_rule_get(struct ledger *l, const char *instance, const char *project,
	const char *name, struct copy_rule *out)
{
	sqlite3_stmt *s = db_query(ledger_read_begin(l), "SELECT " COLUMNS
	    " FROM copy_rule" OF_VOLUME, "ttt", instance, project, name);
	int rc = db_step(s);

	if (rc == 1) {
		(void)row_take(s, out);
		db_done(s);
	}
	ledger_read_end(l);
	return rc == 1 ? 0 : rc == 0 ? ERR_NOT_FOUND : ERR_INTERNAL;
}

struct copy_rule *
copy_rules_due(struct ledger *l, int64_t now, size_t *n)
{
	sqlite3_stmt *s = db_query(ledger_read_begin(l), "SELECT " COLUMNS
	    " FROM copy_rule WHERE paused IS NULL"
	    " AND (next <= ? OR next - ? > ?)", "iii", now, now, AHEAD_MS);
	void *list;

	(void)db_rows(s, sizeof(struct copy_rule), row_take, &list, n);
	ledger_read_end(l);
	return list;
}

static int
written(struct ledger *l, int err, struct fault *f)
{
	return ledger_write_close(l, err,
	    "The schedule could not be stored.", f);
}

int
copy_rule_set(struct ledger *l, const struct copy_rule *r, struct fault *f)
{
	AUTO_JSON struct json_object *o = body_json(r);
	AUTO_FREE char *body = json_text(o);
	struct db *d = body == NULL ? NULL : ledger_write_begin(l, f);

	if (d == NULL)
		return f->err != 0 ? f->err : fault_set(f, ERR_NO_MEMORY,
		    "Out of memory.");
	return written(l, db_run(d, "INSERT INTO copy_rule (instance,"
	    " project, name, body, credential, expires, user_name, given,"
	    " next) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
	    " ON CONFLICT (instance, project, name) DO UPDATE SET"
	    " body = excluded.body, credential = excluded.credential,"
	    " expires = excluded.expires, user_name = excluded.user_name,"
	    " given = excluded.given, next = excluded.next, paused = NULL",
	    "tttttitii", r->instance, r->project, r->name, body,
	    text_or_null(r->grant), r->expires, r->user_name, r->given,
	    r->next), f);
}

int
copy_rule_remove(struct ledger *l, const char *instance,
	const char *project, const char *name, struct fault *f)
{
	struct db *d = ledger_write_begin(l, f);

	return d == NULL ? f->err : written(l, db_run(d, "DELETE FROM"
	    " copy_rule" OF_VOLUME, "ttt", instance, project, name), f);
}

int
copy_rule_note(struct ledger *l, const struct copy_rule *r, struct fault *f)
{
	struct db *d = ledger_write_begin(l, f);

	return d == NULL ? f->err : written(l, db_run(d, "UPDATE copy_rule"
	    " SET paused = ?, next = ?, tried_at = ?, result = ?, detail = ?,"
	    " copy_id = ?" OF_VOLUME " AND given = ?", "tiittittti",
	    text_or_null(r->paused), r->next, r->tried_at,
	    text_or_null(r->result), text_or_null(r->detail), r->copy,
	    r->instance, r->project, r->name, r->given), f);
}

static void
next_set(struct copy_rule *r, int64_t now)
{
	r->next = (int64_t)week_next(r->days, r->at, (time_t)(now / 1000)) *
		1000;
}

static struct copy_rule *
paused_list(struct ledger *l, const char *project, const char *why, size_t *n)
{
	sqlite3_stmt *s = db_query(ledger_read_begin(l), "SELECT " COLUMNS
	    " FROM copy_rule WHERE project = ? AND paused = ?", "tt", project,
	    why);
	void *list;

	(void)db_rows(s, sizeof(struct copy_rule), row_take, &list, n);
	ledger_read_end(l);
	return list;
}

/* What was missed meanwhile is not made up for. */
static int
go_on(struct ledger *l, const char *project, const char *why,
	struct fault *f)
{
	size_t n;
	AUTO_FREE struct copy_rule *list = paused_list(l, project, why, &n);
	int err = 0;

	for (size_t i = 0; err == 0 && i < n; i++) {
		list[i].paused[0] = '\0';
		next_set(&list[i], wall_ms());
		err = copy_rule_note(l, &list[i], f);
	}
	if (n > 0)
		explicit_bzero(list, n * sizeof(*list));
	return err;
}

int
copy_rules_rest(struct ledger *l, const char *project, const char *why,
	bool resting, struct fault *f)
{
	struct db *d;

	if (!resting)
		return go_on(l, project, why, f);
	d = ledger_write_begin(l, f);
	return d == NULL ? f->err : written(l, db_run(d, "UPDATE copy_rule"
	    " SET paused = ?, next = 0 WHERE project = ?"
	    " AND paused IS NULL", "tt", why, project), f);
}

/* ---- what happens by itself ---- */

static void
note(struct app *app, const struct copy_rule *r)
{
	struct fault f = { 0 };

	if (copy_rule_note(app->ledger, r, &f) != 0)
		log_event(LOG_LEVEL_ERROR, "schedule-not-stored", "why",
		    f.detail, NULL);
}

static void
result_set(struct copy_rule *r, const char *result, const char *detail,
	int64_t copy)
{
	r->tried_at = wall_ms();
	r->copy = copy;
	snprintf(r->result, sizeof(r->result), "%s", result);
	snprintf(r->detail, sizeof(r->detail), "%s", detail);
}

/*
 * Nothing more is saved until a person sets it again, or brings the project
 * back.
 */
static void
pause_it(struct copy_rule *r, const struct fault *why)
{
	log_event(LOG_LEVEL_WARNING, "schedule-paused", "instance",
	    r->instance, "project", r->project, "volume", r->name, "why",
	    why->detail, NULL);
	r->next = 0;
	if (why->err == ERR_ARCHIVED) {
		snprintf(r->paused, sizeof(r->paused), "%s",
		    project_kept_resting);
		return;
	}
	snprintf(r->paused, sizeof(r->paused), "The permission it was given "
	    "has ended, or the volume is not there any more: set it again. "
	    "(%.400s)", why->detail);
}

static void
begin(struct app *app, struct auth_client *auth, struct copy_rule *r)
{
	const struct auth_who who = { .bearer = r->grant };
	const struct copy_wish wish = { .kind = OPERATION_SAVE,
		.instance = r->instance, .project = r->project,
		.name = r->name, .stop = r->stop,
		.place = copy_place_text(r->place), .cause = "scheduled" };
	int64_t now = wall_ms(), id;
	struct fault f = { 0 };
	int err;

	/* It is tried again when that has ended. */
	if (operation_at(app->operations, r->instance, r->project,
	    r->name) != 0)
		return;
	next_set(r, now);
	err = copy_work_begin(app, auth, &who, NULL, &wish, &id, &f);
	if (err == ERR_UNAUTHENTICATED || err == ERR_EXPIRED ||
	    err == ERR_FORBIDDEN || err == ERR_NOT_FOUND ||
	    err == ERR_NO_POLICY || err == ERR_ARCHIVED)
		pause_it(r, &f);
	else if (err != 0 && err != ERR_CONFLICT &&
	    deploy_alone_passing(err) && now + AGAIN_MS < r->next)
		r->next = now + AGAIN_MS;
	if (err != 0)
		result_set(r, "failed", f.detail, 0);
	note(app, r);
}

void
copy_rules_run(struct app *app, struct auth_client *auth)
{
	size_t n;
	AUTO_FREE struct copy_rule *list = copy_rules_due(app->ledger,
		wall_ms(), &n);

	for (size_t i = 0; i < n && !app->stopping; i++)
		begin(app, auth, &list[i]);
	if (n > 0)
		explicit_bzero(list, n * sizeof(*list));
}

void
copy_rule_ended(struct app *app, const struct operation *o, int64_t copy,
	const struct fault *why, bool missed)
{
	struct copy_rule r;

	if (copy_rule_get(app->ledger, o->instance, o->project, o->name,
	    &r) != 0)
		return;
	result_set(&r, why->err == 0 ? "saved" : "failed", why->detail, copy);
	if (missed && r.next != 0)
		r.next = r.tried_at;
	note(app, &r);
	explicit_bzero(r.grant, sizeof(r.grant));
	if (copy != 0)
		copy_retain(app, o->instance, o->project, o->name,
		    "scheduled", r.keep);
}
