/* SPDX-License-Identifier: ISC */
/* deployment: rows of the ledger; see deployment.h. */
#include "fcgi/deployment.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "fcgi/counters.h"
#include "fcgi/problem.h"

#define KEY_LIFE_MS (24 * 60 * 60 * INT64_C(1000))

static const char *const states[DEPLOYMENT_STATES] = {
	[DEPLOYMENT_RECEIVED] = "received",
	[DEPLOYMENT_VALIDATED] = "validated",
	[DEPLOYMENT_SAVING] = "saving",
	[DEPLOYMENT_CREATING] = "creating",
	[DEPLOYMENT_WATCHING] = "watching",
	[DEPLOYMENT_ROLLING_BACK] = "rolling-back",
	[DEPLOYMENT_RUNNING] = "running",
	[DEPLOYMENT_FAILED] = "failed",
	[DEPLOYMENT_ROLLED_BACK] = "rolled-back",
	[DEPLOYMENT_REFUSED] = "refused",
};

static const char *const sources[DEPLOYMENT_SOURCES] = {
	[DEPLOYED_UPLOAD] = "upload",
	[DEPLOYED_IMAGE] = "image",
	[DEPLOYED_BUILD] = "build",
	[DEPLOYED_ROLLBACK] = "rollback",
	[DEPLOYED_RESTART] = "restart",
	[DEPLOYED_UPDATE] = "update",
	[DEPLOYED_VOLUME] = "volume",
};

const char *
deployment_state_text(enum deployment_state s)
{
	return states[s];
}

const char *
deployment_source_text(enum deployment_source s)
{
	return sources[s];
}

bool
deployment_is_final(enum deployment_state s)
{
	return s >= DEPLOYMENT_RUNNING;
}

void
deployment_init(struct deployment *d)
{
	*d = (struct deployment){ .auto_rollback = true,
		.grace = DEPLOYMENT_GRACE_DEFAULT };
}

void
deployment_free(struct deployment *d)
{
	free(d->config);
	free(d->check);
	free(d->previous_config);
	free(d->build);
	free(d->error);
	free(d->log);
	explicit_bzero(d, sizeof(*d));
}

/* ---- writing ---- */

static int
number_next(struct db *db, struct deployment *d)
{
	sqlite3_stmt *stmt = db_query(db, "SELECT coalesce(max(number), 0)"
	    " FROM deployment WHERE instance = ? AND project = ?"
	    " AND name = ?", "ttt", d->instance, d->project, d->name);

	if (db_step(stmt) != 1)
		return ERR_INTERNAL;
	d->number = sqlite3_column_int64(stmt, 0) + 1;
	db_done(stmt);
	return 0;
}

static int
row_insert(struct db *db, struct deployment *d)
{
	return db_run(db, "INSERT INTO deployment (instance, project, name,"
	    " number, state, source, of_number, because, rolled_back_by,"
	    " previous, replaced, user_id, user_name, token_id, link, image,"
	    " image_size, config, health_check, auto_rollback, grace,"
	    " check_given, create_only, request_key, request_print, credential,"
	    " created, build)"
	    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, 0, ?, ?, ?, ?, ?, ?, ?, ?, ?,"
	    " ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", "tttittiiiitttttittiiiitttit",
	    d->instance, d->project, d->name, d->number, states[d->state],
	    sources[d->source], d->of, d->because, d->previous,
	    (int64_t)d->replaced, d->user, d->user_name, d->token,
	    text_or_null(d->link), text_or_null(d->image),
	    (int64_t)d->image_size, d->config, d->check,
	    (int64_t)d->auto_rollback, (int64_t)d->grace,
	    (int64_t)d->check_given, (int64_t)d->create_only,
	    text_or_null(d->key), text_or_null(d->print),
	    text_or_null(d->grant), d->created, d->build);
}

static int
step_add(struct db *db, const struct deployment *d, int64_t now)
{
	return db_run(db, "INSERT INTO step (deployment_id, seq, step, begun)"
	    " SELECT ?, count(*) + 1, ?, ? FROM step WHERE deployment_id = ?",
	    "itii", d->id, states[d->state], now, d->id);
}

static int
step_end(struct db *db, const struct deployment *d, int64_t now,
	const char *result, const char *detail)
{
	return db_run(db, "UPDATE step SET ended = ?, result = ?, detail = ?"
	    " WHERE deployment_id = ? AND ended IS NULL", "itti", now, result,
	    detail, d->id);
}

int
deployment_add(struct ledger *l, struct deployment *d, struct fault *f)
{
	struct db *db = ledger_write_begin(l, f);
	int err;

	if (db == NULL)
		return f->err;
	d->created = wall_ms();
	err = number_next(db, d);
	if (err == 0)
		err = row_insert(db, d);
	if (err == 0)
		err = db_last_id(db, &d->id);
	if (err == 0)
		err = step_add(db, d, d->created);
	err = ledger_write_close(l, err,
	    "The deployment could not be recorded.", f);
	if (err == 0)
		ledger_changed(l);
	return err;
}

static int
written(struct ledger *l, int err, struct fault *f)
{
	err = ledger_write_close(l, err,
	    "The step could not be recorded.", f);
	if (err == 0)
		ledger_changed(l);
	return err;
}

/* What went wrong and what was said last go into d. */
static void
reason_take(struct deployment *d, const struct fault *why, const char *log)
{
	if (why != NULL && why->err != 0) {
		free(d->error);
		d->error = problem_text(why);
	}
	if (log != NULL && *log != '\0') {
		free(d->log);
		d->log = strdup(log);
	}
}

static int
step_end_why(struct db *db, const struct deployment *d, int64_t now,
	const struct fault *why)
{
	bool bad = why != NULL && why->err != 0;

	return step_end(db, d, now, bad ? err_code(why->err) : "ok",
	    bad ? text_or_null(why->detail) : NULL);
}

int
deployment_step(struct ledger *l, struct deployment *d,
	enum deployment_state state, const struct fault *why, const char *log,
	struct fault *f)
{
	struct db *db = ledger_write_begin(l, f);
	int64_t now = wall_ms();
	int err;

	if (db == NULL)
		return f->err;
	reason_take(d, why, log);
	d->state = state;
	err = step_end_why(db, d, now, why);
	if (err == 0)
		err = step_add(db, d, now);
	if (err == 0)
		err = db_run(db, "UPDATE deployment SET state = ?,"
		    " credential = ?, config = ?, previous = ?,"
		    " replaced = ?, previous_image = ?, previous_config = ?,"
		    " previous_started = ?, image_size = ?, error = ?,"
		    " log = ? WHERE id = ?", "tttiittiitti", states[state],
		    text_or_null(d->grant), d->config, d->previous,
		    (int64_t)d->replaced, text_or_null(d->previous_image),
		    d->previous_config, d->previous_started,
		    (int64_t)d->image_size, d->error, d->log, d->id);
	return written(l, err, f);
}

static int
current_clear(struct db *db, const char *instance, const char *project,
	const char *name)
{
	return db_run(db, "UPDATE deployment SET current = 0 WHERE instance"
	    " = ? AND project = ? AND name = ? AND current = 1", "ttt",
	    instance, project, name);
}

static int
row_end(struct db *db, struct deployment *d)
{
	int err = 0;

	if (d->state == DEPLOYMENT_RUNNING)
		err = current_clear(db, d->instance, d->project, d->name);
	if (err == 0)
		err = db_run(db, "UPDATE deployment SET state = ?, ended = ?,"
		    " current = ?, rolled_back_by = ?, error = ?, log = ?,"
		    " credential = NULL WHERE id = ?", "tiiitti",
		    states[d->state], d->ended, (int64_t)d->current,
		    d->rolled_back_by, d->error, d->log, d->id);
	return err;
}

int
deployment_end(struct ledger *l, struct deployment *d,
	enum deployment_state state, const struct fault *why, const char *log,
	struct fault *f)
{
	struct db *db = ledger_write_begin(l, f);
	int err;

	if (db == NULL)
		return f->err;
	reason_take(d, why, log);
	d->state = state;
	d->ended = wall_ms();
	d->current = state == DEPLOYMENT_RUNNING;
	err = step_end_why(db, d, d->ended,
	    state == DEPLOYMENT_ROLLED_BACK ? NULL : why);
	if (err == 0)
		err = row_end(db, d);
	explicit_bzero(d->grant, sizeof(d->grant));
	err = written(l, err, f);
	if (err == 0)
		count_deployment(state);
	return err;
}

int
deployment_forget_current(struct ledger *l, const char *instance,
	const char *project, const char *name, struct fault *f)
{
	struct db *db = ledger_write_begin(l, f);

	if (db == NULL)
		return f->err;
	return written(l, current_clear(db, instance, project, name), f);
}

/* ---- reading ---- */

#define COLUMNS "id, number, instance, project, name, state, source,"	\
	" of_number, because, rolled_back_by, previous, current,"	\
	" replaced, user_id, user_name, token_id, link, image,"		\
	" image_size, config, health_check, auto_rollback, grace,"	\
	" previous_image, previous_config, request_key, request_print,"	\
	" credential, created, ended, error, log, check_given,"		\
	" previous_started, create_only, build"

static void
row_take_names(sqlite3_stmt *stmt, struct deployment *d)
{
	db_copy(stmt, 2, d->instance, sizeof(d->instance));
	db_copy(stmt, 3, d->project, sizeof(d->project));
	db_copy(stmt, 4, d->name, sizeof(d->name));
	d->state = (enum deployment_state)word_read(states,
	    DEPLOYMENT_STATES, db_text(stmt, 5));
	d->source = (enum deployment_source)word_read(sources,
	    DEPLOYMENT_SOURCES, db_text(stmt, 6));
	db_copy(stmt, 13, d->user, sizeof(d->user));
	db_copy(stmt, 14, d->user_name, sizeof(d->user_name));
	db_copy(stmt, 15, d->token, sizeof(d->token));
	db_copy(stmt, 16, d->link, sizeof(d->link));
}

static void
row_take(sqlite3_stmt *stmt, struct deployment *d)
{
	*d = (struct deployment){ .id = sqlite3_column_int64(stmt, 0),
		.number = sqlite3_column_int64(stmt, 1),
		.of = sqlite3_column_int64(stmt, 7),
		.because = sqlite3_column_int64(stmt, 8),
		.rolled_back_by = sqlite3_column_int64(stmt, 9),
		.previous = sqlite3_column_int64(stmt, 10),
		.current = sqlite3_column_int(stmt, 11) != 0,
		.replaced = sqlite3_column_int(stmt, 12) != 0,
		.image_size = (uint64_t)sqlite3_column_int64(stmt, 18),
		.auto_rollback = sqlite3_column_int(stmt, 21) != 0,
		.grace = sqlite3_column_int(stmt, 22),
		.created = sqlite3_column_int64(stmt, 28),
		.ended = sqlite3_column_int64(stmt, 29),
		.check_given = sqlite3_column_int(stmt, 32) != 0,
		.previous_started = sqlite3_column_int64(stmt, 33),
		.create_only = sqlite3_column_int(stmt, 34) != 0 };
	row_take_names(stmt, d);
	db_copy(stmt, 17, d->image, sizeof(d->image));
	d->config = db_dup(stmt, 19);
	d->check = db_dup(stmt, 20);
	db_copy(stmt, 23, d->previous_image, sizeof(d->previous_image));
	d->previous_config = db_dup(stmt, 24);
	db_copy(stmt, 25, d->key, sizeof(d->key));
	db_copy(stmt, 26, d->print, sizeof(d->print));
	db_copy(stmt, 27, d->grant, sizeof(d->grant));
	d->error = db_dup(stmt, 30);
	d->log = db_dup(stmt, 31);
	d->build = db_dup(stmt, 35);
}

/* The one row of a query that was begun, and the end of reading. */
static int
row_get(struct ledger *l, sqlite3_stmt *stmt, struct deployment *out)
{
	int rc = db_step(stmt);

	*out = (struct deployment){ 0 };
	if (rc == 1) {
		row_take(stmt, out);
		db_done(stmt);
	}
	ledger_read_end(l);
	if (rc != 1)
		return rc == 0 ? ERR_NOT_FOUND : ERR_INTERNAL;
	if (out->config != NULL)
		return 0;
	deployment_free(out);
	return ERR_NO_MEMORY;
}

int
deployment_get(struct ledger *l, int64_t id, struct deployment *out)
{
	return row_get(l, db_query(ledger_read_begin(l), "SELECT " COLUMNS
	    " FROM deployment WHERE id = ?", "i", id), out);
}

#define OF_UNIKERNEL " FROM deployment WHERE instance = ? AND project = ?" \
	" AND name = ?"

int
deployment_by_number(struct ledger *l, const char *instance,
	const char *project, const char *name, int64_t number,
	struct deployment *out)
{
	return row_get(l, db_query(ledger_read_begin(l), "SELECT " COLUMNS
	    OF_UNIKERNEL " AND number = ?", "ttti", instance, project, name,
	    number), out);
}

int
deployment_current(struct ledger *l, const char *instance,
	const char *project, const char *name, struct deployment *out)
{
	return row_get(l, db_query(ledger_read_begin(l), "SELECT " COLUMNS
	    OF_UNIKERNEL " AND current = 1", "ttt", instance, project, name),
	    out);
}

int
deployment_last(struct ledger *l, const char *instance,
	const char *project, const char *name, struct deployment *out)
{
	return row_get(l, db_query(ledger_read_begin(l), "SELECT " COLUMNS
	    OF_UNIKERNEL " AND state <> 'refused' ORDER BY number DESC"
	    " LIMIT 1", "ttt", instance, project, name), out);
}

int
deployment_ran_before(struct ledger *l, const char *instance,
	const char *project, const char *name, int64_t number,
	struct deployment *out)
{
	return row_get(l, db_query(ledger_read_begin(l), "SELECT " COLUMNS
	    OF_UNIKERNEL " AND state = 'running' AND number < ?"
	    " ORDER BY number DESC LIMIT 1", "ttti", instance, project, name,
	    number), out);
}

int
deployment_below(struct ledger *l, const char *instance,
	const char *project, const char *name, int64_t number,
	struct deployment *out)
{
	return row_get(l, db_query(ledger_read_begin(l), "SELECT " COLUMNS
	    OF_UNIKERNEL " AND number < ? ORDER BY number DESC LIMIT 1",
	    "ttti", instance, project, name, number), out);
}

int
deployment_before(struct ledger *l, const struct deployment *d,
	struct deployment *out)
{
	return row_get(l, db_query(ledger_read_begin(l), "SELECT " COLUMNS
	    OF_UNIKERNEL " AND state <> 'refused' AND number < ?"
	    " ORDER BY number DESC LIMIT 1", "ttti", d->instance, d->project,
	    d->name, d->number), out);
}

int
deployment_by_key(struct ledger *l, const char *instance,
	const char *project, const char *name, const char *user,
	const char *key, struct deployment *out)
{
	return row_get(l, db_query(ledger_read_begin(l), "SELECT " COLUMNS
	    OF_UNIKERNEL " AND user_id = ? AND request_key = ?"
	    " AND state <> 'refused' AND created > ?"
	    " ORDER BY number DESC LIMIT 1", "ttttti", instance, project,
	    name, user, key, wall_ms() - KEY_LIFE_MS), out);
}

int
deployment_because(struct ledger *l, const struct deployment *failed,
	struct deployment *out)
{
	return row_get(l, db_query(ledger_read_begin(l), "SELECT " COLUMNS
	    OF_UNIKERNEL " AND because = ? ORDER BY number DESC LIMIT 1",
	    "ttti", failed->instance, failed->project, failed->name,
	    failed->number), out);
}

int
deployment_of_build(struct ledger *l, const char *instance,
	const char *project, const char *name, const char *uuid,
	struct deployment *out)
{
	char member[64];

	snprintf(member, sizeof(member), "\"build\":\"%s\"", uuid);
	return row_get(l, db_query(ledger_read_begin(l), "SELECT " COLUMNS
	    " FROM deployment WHERE instance = ? AND project = ?"
	    " AND name = ? AND instr(build, ?) > 0"
	    " ORDER BY number DESC LIMIT 1", "tttt", instance, project, name,
	    member), out);
}

int
deployment_open(struct ledger *l, const char *instance,
	const char *project, const char *name, struct deployment *out)
{
	return row_get(l, db_query(ledger_read_begin(l), "SELECT " COLUMNS
	    OF_UNIKERNEL " AND ended IS NULL ORDER BY number LIMIT 1", "ttt",
	    instance, project, name), out);
}

int
deployment_open_after(struct ledger *l, int64_t after,
	struct deployment *out)
{
	return row_get(l, db_query(ledger_read_begin(l), "SELECT " COLUMNS
	    " FROM deployment WHERE ended IS NULL AND id > ? ORDER BY id"
	    " LIMIT 1", "i", after), out);
}
