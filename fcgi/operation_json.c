/* SPDX-License-Identifier: ISC */
/*
 * operation_json: operations as the API shows them. A deployment is shown as
 * one too: they are what somebody who looks here waits for.
 */
#include "fcgi/operation.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "fcgi/clean.h"
#include "fcgi/deployment.h"

#define URL_SIZE 48
#define KEY_SIZE 48

/* JSON of our own making; NULL when there is none. */
static struct json_object *
stored(const char *text)
{
	return text == NULL ? NULL : json_tokener_parse(text);
}

static void
add_url(struct json_object *o, const char *what, int64_t id)
{
	char url[URL_SIZE];

	snprintf(url, sizeof(url), "/%s/%" PRId64, what, id);
	json_add_str(o, "url", url);
}

struct json_object *
operation_json(const struct operation *o)
{
	struct json_object *out = json_object_new_object();

	json_add_int(out, "id", o->id);
	add_url(out, "operations", o->id);
	json_add_str(out, "kind", operation_kind_text(o->kind));
	json_add_str(out, "instance", o->instance);
	json_add_str(out, "project", o->project);
	json_add_str(out, "name", o->name);
	json_add_str(out, "state", operation_state_text(o->state));
	json_add_str(out, "step", operation_step_text(o->step));
	json_add_int(out, "bytes", (int64_t)o->bytes);
	json_object_object_add(out, "total", o->total < 0 ? NULL :
	    json_object_new_int64(o->total));
	json_add_str(out, "user", o->user_name);
	json_add_time_ms(out, "created", o->created);
	json_add_time_ms(out, "ended", o->ended);
	json_object_object_add(out, "error", stored(o->error));
	clean_add_or_null(out, "detail", o->detail == NULL ? "" : o->detail);
	json_object_object_add(out, "result", stored(o->result));
	json_add_bool(out, "cancellable", operation_can_stop(o) &&
	    !o->cancel);
	return out;
}

/* ---- the list ---- */

/* The later, the smaller. */
static void
add_key(struct json_object *o, int64_t created, char kind, int64_t id)
{
	char key[KEY_SIZE];

	snprintf(key, sizeof(key), "%016" PRIx64 "%c%016" PRIx64,
	    (uint64_t)(INT64_MAX - created), kind,
	    (uint64_t)(INT64_MAX - id));
	json_add_str(o, "key", key);
}

static void
operations_add(struct operations *s, struct db *db, int64_t since,
	struct json_object *list)
{
	sqlite3_stmt *stmt = db_query(db, "SELECT " OPERATION_COLUMNS
	    " FROM operation WHERE ended IS NULL OR ended > ?"
	    " ORDER BY created DESC LIMIT ?", "ii", since,
	    (int64_t)OPERATION_LISTED_MAX);
	struct json_object *item;
	struct operation o;

	while (db_step(stmt) == 1) {
		operation_row_take(s, stmt, &o);
		item = operation_json(&o);
		add_key(item, o.created, 'o', o.id);
		json_object_array_add(list, item);
		operation_free(&o);
	}
}

/* In the words of an operation: it has succeeded, or failed. */
static const char *
deployment_outcome(const char *state, bool ended)
{
	if (!ended)
		return operation_state_text(OPERATION_RUNNING);
	return operation_state_text(strcmp(state, deployment_state_text(
	    DEPLOYMENT_RUNNING)) == 0 ? OPERATION_SUCCEEDED :
	    OPERATION_FAILED);
}

static struct json_object *
deployment_item(sqlite3_stmt *stmt)
{
	int64_t id = sqlite3_column_int64(stmt, 0);
	int64_t created = sqlite3_column_int64(stmt, 6);
	int64_t ended = sqlite3_column_int64(stmt, 7);
	struct json_object *o = json_object_new_object();

	json_add_int(o, "id", id);
	add_url(o, "deployments", id);
	json_add_str(o, "kind", "deployment");
	json_add_str(o, "instance", db_text(stmt, 1));
	json_add_str(o, "project", db_text(stmt, 2));
	json_add_str(o, "name", db_text(stmt, 3));
	json_add_str(o, "state", deployment_outcome(db_text(stmt, 4),
	    ended != 0));
	json_add_str(o, "step", db_text(stmt, 4));
	json_add_int(o, "bytes", 0);
	json_object_object_add(o, "total", NULL);
	json_add_str(o, "user", db_text(stmt, 5));
	json_add_time_ms(o, "created", created);
	json_add_time_ms(o, "ended", ended);
	json_object_object_add(o, "error", stored(text_or_null(
	    db_text(stmt, 8))));
	json_object_object_add(o, "detail", NULL);
	json_object_object_add(o, "result", NULL);
	json_add_bool(o, "cancellable", false);
	add_key(o, created, 'd', id);
	return o;
}

static void
deployments_add(struct db *db, int64_t since, struct json_object *list)
{
	sqlite3_stmt *stmt = db_query(db, "SELECT id, instance, project, name,"
	    " state, user_name, created, ended, error FROM deployment"
	    " WHERE ended IS NULL OR ended > ? ORDER BY created DESC LIMIT ?",
	    "ii", since, (int64_t)OPERATION_LISTED_MAX);

	while (db_step(stmt) == 1)
		json_object_array_add(list, deployment_item(stmt));
}

struct json_object *
operation_recent_json(struct operations *s, int64_t since)
{
	struct json_object *list = json_object_new_array();
	struct ledger *l = operations_ledger(s);
	struct db *db = ledger_read_begin(l);

	operations_add(s, db, since, list);
	deployments_add(db, since, list);
	ledger_read_end(l);
	return list;
}

struct json_object *
operation_list_json(struct operations *s)
{
	return operation_recent_json(s, wall_ms() - OPERATION_SHOWN_MS);
}
