/* SPDX-License-Identifier: ISC */
/* operation: rows of the ledger, and what is under way; see operation.h. */
#include "fcgi/operation.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "fcgi/app.h"
#include "fcgi/problem.h"

#define DETAIL_SIZE 600

/* One that is under way, for whoever moves its bytes. */
struct live {
	struct live *next;
	int64_t id;
	uint64_t bytes;
	bool cancel;
	char instance[ALB_LABEL_MAX + 1];
	char project[ALB_LABEL_MAX + 1];
	char name[ALB_LABEL_MAX + 1];
};

struct operations {
	struct app *app;
	pthread_mutex_t lock;	/* of the list; held for a moment only */
	struct live *first;
};

static const char *const kinds[OPERATION_KINDS] = {
	[OPERATION_UPLOAD] = "volume-upload",
	[OPERATION_DOWNLOAD] = "volume-download",
	[OPERATION_SAVE] = "volume-save",
	[OPERATION_RESTORE] = "volume-restore",
};

static const char *const states[OPERATION_STATES] = {
	[OPERATION_RUNNING] = "running",
	[OPERATION_SUCCEEDED] = "succeeded",
	[OPERATION_FAILED] = "failed",
	[OPERATION_CANCELLED] = "cancelled",
};

static const char *const steps[OPERATION_STEPS] = {
	[STEP_WAITING] = "waiting",
	[STEP_CHECKING] = "checking",
	[STEP_SAVING] = "saving",
	[STEP_STOPPING] = "stopping",
	[STEP_READING] = "reading",
	[STEP_SENDING] = "sending",
	[STEP_STORING] = "storing",
	[STEP_PUTTING_BACK] = "putting-back",
	[STEP_HEALING] = "healing",
	[STEP_STARTING] = "starting",
};

const char *
operation_kind_text(enum operation_kind kind)
{
	return kinds[kind];
}

const char *
operation_state_text(enum operation_state state)
{
	return states[state];
}

const char *
operation_step_text(enum operation_step step)
{
	return steps[step];
}

/* ---- the whole ---- */

struct operations *
operations_new(struct app *app)
{
	struct operations *s = calloc(1, sizeof(*s));

	if (s == NULL)
		return NULL;
	s->app = app;
	pthread_mutex_init(&s->lock, NULL);
	return s;
}

void
operations_free(struct operations *s)
{
	struct live *live;

	if (s == NULL)
		return;
	/* Those that the next start goes on with. */
	while ((live = s->first) != NULL) {
		s->first = live->next;
		free(live);
	}
	pthread_mutex_destroy(&s->lock);
	free(s);
}

struct ledger *
operations_ledger(struct operations *s)
{
	return s->app->ledger;
}

/* ---- one of them ---- */

void
operation_init(struct operation *o, enum operation_kind kind,
	const char *instance, const char *project, const char *name,
	const struct auth_grant *grant)
{
	*o = (struct operation){ .kind = kind, .total = -1 };
	snprintf(o->instance, sizeof(o->instance), "%s", instance);
	snprintf(o->project, sizeof(o->project), "%s", project);
	snprintf(o->name, sizeof(o->name), "%s", name);
	memcpy(o->user, grant->user, sizeof(o->user));
	memcpy(o->user_name, grant->user_name, sizeof(o->user_name));
	memcpy(o->token, grant->token, sizeof(o->token));
}

void
operation_free(struct operation *o)
{
	free(o->body);
	/* It may hold grants. */
	if (o->unikernels != NULL)
		explicit_bzero(o->unikernels, strlen(o->unikernels));
	free(o->unikernels);
	free(o->detail);
	free(o->error);
	free(o->result);
	explicit_bzero(o, sizeof(*o));
}

void
operation_tell(struct operation *o, const char *fmt, ...)
{
	char text[DETAIL_SIZE];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	free(o->detail);
	o->detail = strdup(text);
}

/* Once begun, what makes things right again is not cut short. */
bool
operation_can_stop(const struct operation *o)
{
	return o->ended == 0 && o->step < STEP_PUTTING_BACK;
}

/* ---- what is under way ---- */

/* Where it is, or the list's end; with the lock held. */
static struct live **
live_find(struct operations *s, int64_t id)
{
	struct live **at = &s->first;

	while (*at != NULL && (*at)->id != id)
		at = &(*at)->next;
	return at;
}

/* live is the list's from then on. */
static void
live_add(struct operations *s, struct live *live, const struct operation *o)
{
	*live = (struct live){ .id = o->id, .bytes = o->bytes,
		.cancel = o->cancel };
	memcpy(live->instance, o->instance, sizeof(live->instance));
	memcpy(live->project, o->project, sizeof(live->project));
	memcpy(live->name, o->name, sizeof(live->name));
	pthread_mutex_lock(&s->lock);
	live->next = s->first;
	s->first = live;
	pthread_mutex_unlock(&s->lock);
}

static void
live_remove(struct operations *s, int64_t id)
{
	struct live **at, *live;

	pthread_mutex_lock(&s->lock);
	at = live_find(s, id);
	live = *at;
	if (live != NULL)
		*at = live->next;
	pthread_mutex_unlock(&s->lock);
	free(live);
}

void
operation_moved(struct operations *s, int64_t id, uint64_t bytes)
{
	struct live *live;

	pthread_mutex_lock(&s->lock);
	live = *live_find(s, id);
	if (live != NULL)
		live->bytes = bytes;
	pthread_mutex_unlock(&s->lock);
}

/* False when it is not under way; out is not touched then. */
static bool
live_look(struct operations *s, int64_t id, struct live *out)
{
	struct live *live;

	pthread_mutex_lock(&s->lock);
	live = *live_find(s, id);
	if (live != NULL)
		*out = *live;
	pthread_mutex_unlock(&s->lock);
	return live != NULL;
}

bool
operation_cancelled(struct operations *s, int64_t id)
{
	struct live live = { 0 };

	return live_look(s, id, &live) && live.cancel;
}

bool
operation_stopped(struct operations *s, int64_t id)
{
	return s->app->stopping || operation_cancelled(s, id);
}

int64_t
operation_at(struct operations *s, const char *instance, const char *project,
	const char *name)
{
	struct live *live;
	int64_t id;

	pthread_mutex_lock(&s->lock);
	live = s->first;
	while (live != NULL && (strcmp(live->instance, instance) != 0 ||
	    strcmp(live->project, project) != 0 ||
	    strcmp(live->name, name) != 0))
		live = live->next;
	id = live == NULL ? 0 : live->id;
	pthread_mutex_unlock(&s->lock);
	return id;
}

/* ---- writing ---- */

static int
written(struct operations *s, int err, struct fault *f)
{
	err = ledger_write_close(s->app->ledger, err,
	    "The operation could not be recorded.", f);
	if (err == 0)
		ledger_changed(s->app->ledger);
	return err;
}

static int
row_insert(struct db *db, const struct operation *o)
{
	return db_run(db, "INSERT INTO operation (kind, instance, project,"
	    " name, user_id, user_name, token_id, state, step, bytes, total,"
	    " credential, copy_id, body, unikernels, detail, created)"
	    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
	    "tttttttttiitittti", kinds[o->kind], o->instance, o->project,
	    o->name, o->user, o->user_name, o->token, states[o->state],
	    steps[o->step], (int64_t)o->bytes, o->total,
	    text_or_null(o->grant), o->copy, o->body, o->unikernels,
	    o->detail, o->created);
}

/* Those that ended long ago make room. */
static int
row_add(struct db *db, struct operation *o)
{
	int err = db_run(db, "DELETE FROM operation WHERE ended < ?", "i",
		o->created - OPERATION_KEPT_MS);

	if (err == 0)
		err = row_insert(db, o);
	return err != 0 ? err : db_last_id(db, &o->id);
}

int
operation_begin(struct operations *s, struct operation *o, struct fault *f)
{
	struct live *live = malloc(sizeof(*live));
	struct db *db;
	int err;

	if (live == NULL)
		return fault_set(f, ERR_NO_MEMORY, "Out of memory.");
	db = ledger_write_begin(s->app->ledger, f);
	if (db == NULL) {
		free(live);
		return f->err;
	}
	o->created = wall_ms();
	err = row_add(db, o);
	/* Under way for all who may read the row. */
	if (err == 0)
		live_add(s, live, o);
	else
		free(live);
	err = written(s, err, f);
	if (err != 0)
		live_remove(s, o->id);
	return err;
}

int
operation_resume(struct operations *s, const struct operation *o,
	struct fault *f)
{
	struct live *live = malloc(sizeof(*live));

	if (live == NULL)
		return fault_set(f, ERR_NO_MEMORY, "Out of memory.");
	live_add(s, live, o);
	return 0;
}

int
operation_step(struct operations *s, struct operation *o,
	enum operation_step step, struct fault *f)
{
	struct db *db = ledger_write_begin(s->app->ledger, f);

	if (db == NULL)
		return f->err;
	o->step = step;
	operation_moved(s, o->id, o->bytes);
	return written(s, db_run(db, "UPDATE operation SET step = ?,"
	    " bytes = ?, total = ?, credential = ?, copy_id = ?, body = ?,"
	    " unikernels = ?, detail = ? WHERE id = ?", "tiitittti",
	    steps[step], (int64_t)o->bytes, o->total, text_or_null(o->grant),
	    o->copy, o->body, o->unikernels, o->detail, o->id), f);
}

static int
row_end(struct db *db, const struct operation *o)
{
	return db_run(db, "UPDATE operation SET state = ?, step = ?,"
	    " bytes = ?, total = ?, copy_id = ?, unikernels = ?, detail = ?,"
	    " error = ?, result = ?, ended = ?, credential = NULL"
	    " WHERE id = ?", "ttiiittttii", states[o->state], steps[o->step],
	    (int64_t)o->bytes, o->total, o->copy, o->unikernels, o->detail,
	    o->error, o->result, o->ended, o->id);
}

int
operation_end(struct operations *s, struct operation *o,
	enum operation_state state, const struct fault *why,
	const char *detail, struct json_object *result)
{
	struct live live = { .bytes = o->bytes };
	struct fault f = { 0 };
	struct db *db;
	int err;

	(void)live_look(s, o->id, &live);
	o->bytes = live.bytes;
	o->state = state;
	o->ended = wall_ms();
	if (why != NULL && why->err != 0) {
		free(o->error);
		o->error = problem_text(why);
	}
	if (detail != NULL)
		operation_tell(o, "%s", detail);
	free(o->result);
	o->result = json_text(result);
	json_object_put(result);
	explicit_bzero(o->grant, sizeof(o->grant));
	db = ledger_write_begin(s->app->ledger, &f);
	err = db == NULL ? f.err : written(s, row_end(db, o), &f);
	live_remove(s, o->id);
	return err;
}

/* With the row written: who comes to know of it later finds it there. */
static int
row_cancel(struct operations *s, int64_t id, struct fault *f)
{
	struct db *db = ledger_write_begin(s->app->ledger, f);
	struct live *live;
	int err;

	if (db == NULL)
		return f->err;
	err = db_run(db, "UPDATE operation SET cancel = 1 WHERE id = ?"
	    " AND ended IS NULL", "i", id);
	pthread_mutex_lock(&s->lock);
	live = *live_find(s, id);
	if (err == 0 && live != NULL)
		live->cancel = true;
	pthread_mutex_unlock(&s->lock);
	return written(s, err, f);
}

int
operation_stop(struct operations *s, int64_t id, struct fault *f)
{
	struct operation o;
	bool can, ended;
	int err = operation_get(s, id, &o);

	if (err != 0)
		return fault_set(f, err, "There is no such operation.");
	can = operation_can_stop(&o);
	ended = o.ended != 0;
	operation_free(&o);
	if (ended)
		return fault_set(f, ERR_CONFLICT, "It is over already.");
	if (!can)
		return fault_set(f, ERR_CONFLICT, "It puts things right again "
		    "at the moment; wait for its end.");
	return row_cancel(s, id, f);
}

/* ---- reading ---- */

static void
row_take_names(sqlite3_stmt *stmt, struct operation *o)
{
	db_copy(stmt, 2, o->instance, sizeof(o->instance));
	db_copy(stmt, 3, o->project, sizeof(o->project));
	db_copy(stmt, 4, o->name, sizeof(o->name));
	db_copy(stmt, 5, o->user, sizeof(o->user));
	db_copy(stmt, 6, o->user_name, sizeof(o->user_name));
	db_copy(stmt, 7, o->token, sizeof(o->token));
	db_copy(stmt, 13, o->grant, sizeof(o->grant));
}

void
operation_row_take(struct operations *s, sqlite3_stmt *stmt,
	struct operation *out)
{
	struct live live = { 0 };

	*out = (struct operation){ .id = sqlite3_column_int64(stmt, 0),
		.kind = (enum operation_kind)word_read(kinds,
		    OPERATION_KINDS, db_text(stmt, 1)),
		.state = (enum operation_state)word_read(states,
		    OPERATION_STATES, db_text(stmt, 8)),
		.step = (enum operation_step)word_read(steps,
		    OPERATION_STEPS, db_text(stmt, 9)),
		.bytes = (uint64_t)sqlite3_column_int64(stmt, 10),
		.total = sqlite3_column_int64(stmt, 11),
		.cancel = sqlite3_column_int(stmt, 12) != 0,
		.copy = sqlite3_column_int64(stmt, 14),
		.created = sqlite3_column_int64(stmt, 18),
		.ended = sqlite3_column_int64(stmt, 19) };
	row_take_names(stmt, out);
	out->body = db_dup(stmt, 15);
	out->unikernels = db_dup(stmt, 16);
	out->detail = db_dup(stmt, 17);
	out->error = db_dup(stmt, 20);
	out->result = db_dup(stmt, 21);
	if (out->ended == 0 && live_look(s, out->id, &live))
		out->bytes = live.bytes;
}

/* The one row of a query that was begun, and the end of reading. */
static int
row_get(struct operations *s, sqlite3_stmt *stmt, struct operation *out)
{
	int rc = db_step(stmt);

	*out = (struct operation){ 0 };
	if (rc == 1) {
		operation_row_take(s, stmt, out);
		db_done(stmt);
	}
	ledger_read_end(s->app->ledger);
	return rc == 1 ? 0 : rc == 0 ? ERR_NOT_FOUND : ERR_INTERNAL;
}

int
operation_get(struct operations *s, int64_t id, struct operation *out)
{
	return row_get(s, db_query(ledger_read_begin(s->app->ledger),
	    "SELECT " OPERATION_COLUMNS " FROM operation WHERE id = ?", "i",
	    id), out);
}

int
operation_open_after(struct operations *s, int64_t after,
	struct operation *out)
{
	return row_get(s, db_query(ledger_read_begin(s->app->ledger),
	    "SELECT " OPERATION_COLUMNS " FROM operation"
	    " WHERE ended IS NULL AND id > ? ORDER BY id LIMIT 1", "i",
	    after), out);
}

int
operation_take_up(struct operations *s, int (*take)(void *arg,
	struct operation *o, struct fault *f), void *arg, struct fault *f)
{
	struct operation o;
	int64_t after = 0;
	int err;

	while ((err = operation_open_after(s, after, &o)) == 0) {
		after = o.id;
		err = take(arg, &o, f);
		operation_free(&o);
		if (err != 0)
			return err;
	}
	return err == ERR_NOT_FOUND ? 0 : fault_set(f, err,
	    "The operations under way can not be read.");
}
