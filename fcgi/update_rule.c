/* SPDX-License-Identifier: ISC */
/* update_rule: see update_rule.h. */
#include "fcgi/update_rule.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "fcgi/clean.h"
#include "fcgi/week.h"

#define OF_UNIKERNEL " WHERE instance = ? AND project = ? AND name = ?"

static const char *const modes[UPDATE_MODES] = {
	[UPDATE_OFF] = "off",
	[UPDATE_NOTIFY] = "notify",
	[UPDATE_AUTOMATIC] = "automatic",
};

const char *
update_mode_text(enum update_mode mode)
{
	return modes[mode];
}

/* ---- windows ---- */

bool
update_window_open(const struct update_window *w, time_t now)
{
	int minute = week_minute(now), day = week_day(now);
	int before = (day + WEEK_DAYS - 1) % WEEK_DAYS;

	if (w->from < w->to)
		return (w->days >> day & 1) != 0 && minute >= w->from &&
			minute < w->to;
	return ((w->days >> day & 1) != 0 && minute >= w->from) ||
		((w->days >> before & 1) != 0 && minute < w->to);
}

static const char *
check_mode(const char *s)
{
	return word_find(modes, UPDATE_MODES, s) >= 0 ? NULL :
		"must be off, notify or automatic";
}

struct window_form {
	struct json_strings days;
	const char *from, *to;
};

static const struct json_field window_fields[] = {
	{ "days", JSON_STRINGS, .min = 3, .max = 3, .count_max = WEEK_DAYS,
	  .check = week_day_check,
	  .offset = offsetof(struct window_form, days) },
	{ "from", JSON_STRING, .required = true, .max = 5,
	  .check = week_clock_check,
	  .offset = offsetof(struct window_form, from) },
	{ "to", JSON_STRING, .required = true, .max = 5,
	  .check = week_clock_check,
	  .offset = offsetof(struct window_form, to) },
	{ .name = NULL }
};

struct rule_form {
	const char *mode;
	struct json_object *window;
};

static const struct json_field rule_fields[] = {
	{ "mode", JSON_STRING, .required = true, .max = 16,
	  .check = check_mode, .offset = offsetof(struct rule_form, mode) },
	{ "window", JSON_OBJECT,
	  .offset = offsetof(struct rule_form, window) },
	{ .name = NULL }
};

static int
window_read(struct json_object *o, const char *prefix,
	struct update_window *out, struct fault *f)
{
	struct window_form form = { 0 };
	int err = json_read(o, window_fields, &form, prefix, f);

	*out = (struct update_window){ 0 };
	if (err == 0) {
		out->from = week_clock(form.from);
		out->to = week_clock(form.to);
		out->days = week_days(&form.days);
	}
	json_free(window_fields, &form);
	return err;
}

int
update_rule_from_json(struct json_object *o, struct update_rule *out,
	struct fault *f)
{
	struct rule_form form = { 0 };
	int err = json_read(o, rule_fields, &form, "", f);

	if (err != 0)
		return err;
	out->mode = (enum update_mode)word_find(modes, UPDATE_MODES,
	    form.mode);
	out->has_window = form.window != NULL;
	if (out->has_window && out->mode != UPDATE_AUTOMATIC)
		return fault_field(f, "window", "is for automatic updates "
		    "alone");
	return !out->has_window ? 0 : window_read(form.window, "window.",
	    &out->window, f);
}

/* ---- as the API shows it ---- */

static struct json_object *
window_json(const struct update_window *w)
{
	struct json_object *o = json_object_new_object();

	json_object_object_add(o, "days", week_days_json(w->days));
	week_clock_add(o, "from", w->from);
	week_clock_add(o, "to", w->to);
	return o;
}

static struct json_object *
last_json(const struct update_rule *r)
{
	struct json_object *o;

	if (r->tried[0] == '\0')
		return NULL;
	o = json_object_new_object();
	json_add_str(o, "build", r->tried);
	json_add_time_ms(o, "at", r->tried_at);
	json_add_str(o, "result", r->result);
	clean_add_or_null(o, "detail", r->detail);
	json_add_nonzero(o, "number", r->number);
	return o;
}

struct json_object *
update_rule_json(struct ledger *l, const char *instance,
	const char *project, const char *name)
{
	struct json_object *o = json_object_new_object();
	struct update_rule r = { .mode = UPDATE_NOTIFY };

	(void)update_rule_get(l, instance, project, name, &r);
	json_add_str(o, "mode", modes[r.mode]);
	json_object_object_add(o, "window", r.has_window ?
	    window_json(&r.window) : NULL);
	json_add_str(o, "given_by", text_or_null(r.user_name));
	json_add_time_ms(o, "given_at", r.given);
	json_add_time_ms(o, "expires_at", r.expires);
	json_add_str(o, "paused", text_or_null(r.paused));
	json_object_object_add(o, "last", last_json(&r));
	explicit_bzero(r.grant, sizeof(r.grant));
	return o;
}

/* ---- rows ---- */

#define COLUMNS "instance, project, name, mode, body, credential,"	\
	" expires, user_name, given, paused, tried, tried_at, result,"	\
	" detail, number"

static bool
row_take(sqlite3_stmt *s, void *row)
{
	struct update_rule *r = row;
	AUTO_JSON struct json_object *window = json_tokener_parse(
		db_text(s, 4));
	struct fault f = { 0 };
	int mode = word_find(modes, UPDATE_MODES, db_text(s, 3));

	*r = (struct update_rule){ .mode = mode < 0 ? UPDATE_OFF :
		(enum update_mode)mode, .expires = sqlite3_column_int64(s, 6),
		.given = sqlite3_column_int64(s, 8),
		.tried_at = sqlite3_column_int64(s, 11),
		.number = sqlite3_column_int64(s, 14) };
	db_copy(s, 0, r->instance, sizeof(r->instance));
	db_copy(s, 1, r->project, sizeof(r->project));
	db_copy(s, 2, r->name, sizeof(r->name));
	r->has_window = window != NULL && window_read(window, "", &r->window,
	    &f) == 0;
	db_copy(s, 5, r->grant, sizeof(r->grant));
	db_copy(s, 7, r->user_name, sizeof(r->user_name));
	db_copy(s, 9, r->paused, sizeof(r->paused));
	db_copy(s, 10, r->tried, sizeof(r->tried));
	db_copy(s, 12, r->result, sizeof(r->result));
	db_copy(s, 13, r->detail, sizeof(r->detail));
	return true;
}

int
update_rule_get(struct ledger *l, const char *instance,
	const char *project, const char *name, struct update_rule *out)
{
	sqlite3_stmt *s = db_query(ledger_read_begin(l), "SELECT " COLUMNS
	    " FROM update_rule" OF_UNIKERNEL, "ttt", instance, project,
	    name);
	int rc = db_step(s);

	if (rc == 1) {
		(void)row_take(s, out);
		db_done(s);
	}
	ledger_read_end(l);
	return rc == 1 ? 0 : rc == 0 ? ERR_NOT_FOUND : ERR_INTERNAL;
}

struct update_rule *
update_rule_list(struct ledger *l, size_t *n)
{
	sqlite3_stmt *s = db_query(ledger_read_begin(l), "SELECT " COLUMNS
	    " FROM update_rule", "");
	void *list;

	(void)db_rows(s, sizeof(struct update_rule), row_take, &list, n);
	ledger_read_end(l);
	return list;
}

static int
written(struct ledger *l, int err, struct fault *f)
{
	return ledger_write_close(l, err,
	    "The rule could not be stored.", f);
}

int
update_rule_set(struct ledger *l, const struct update_rule *r,
	struct fault *f)
{
	AUTO_JSON struct json_object *window = r->has_window ?
		window_json(&r->window) : NULL;
	AUTO_FREE char *body = json_text(window);
	struct db *d = ledger_write_begin(l, f);

	if (d == NULL)
		return f->err;
	return written(l, db_run(d, "INSERT INTO update_rule (instance,"
	    " project, name, mode, body, credential, expires, user_name,"
	    " given) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
	    " ON CONFLICT (instance, project, name) DO UPDATE SET"
	    " mode = excluded.mode, body = excluded.body,"
	    " credential = excluded.credential, expires = excluded.expires,"
	    " user_name = excluded.user_name, given = excluded.given,"
	    " paused = NULL", "ttttttiti", r->instance, r->project, r->name,
	    modes[r->mode], body == NULL ? "" : body, text_or_null(r->grant),
	    r->expires, r->user_name, r->given), f);
}

int
update_rule_remove(struct ledger *l, const char *instance,
	const char *project, const char *name, struct fault *f)
{
	struct db *d = ledger_write_begin(l, f);

	if (d == NULL)
		return f->err;
	return written(l, db_run(d, "DELETE FROM update_rule" OF_UNIKERNEL,
	    "ttt", instance, project, name), f);
}

int
update_rule_note(struct ledger *l, const struct update_rule *r,
	struct fault *f)
{
	struct db *d = ledger_write_begin(l, f);

	if (d == NULL)
		return f->err;
	return written(l, db_run(d, "UPDATE update_rule SET tried = ?,"
	    " tried_at = ?, number = ?, result = ?, detail = ?, paused = ?"
	    OF_UNIKERNEL, "tiitttttt", text_or_null(r->tried), r->tried_at,
	    r->number, text_or_null(r->result), text_or_null(r->detail),
	    text_or_null(r->paused), r->instance, r->project, r->name), f);
}

int
update_rules_rest(struct ledger *l, const char *project, const char *why,
	bool resting, struct fault *f)
{
	struct db *d = ledger_write_begin(l, f);

	if (d == NULL)
		return f->err;
	return written(l, resting ? db_run(d, "UPDATE update_rule"
	    " SET paused = ? WHERE project = ? AND mode = 'automatic'"
	    " AND paused IS NULL", "tt", why, project) :
	    db_run(d, "UPDATE update_rule SET paused = NULL"
	    " WHERE project = ? AND paused = ?", "tt", project, why), f);
}
