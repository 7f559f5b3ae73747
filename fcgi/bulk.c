/* SPDX-License-Identifier: ISC */
/* bulk: see bulk.h. */
#include "fcgi/bulk.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "fcgi/clean.h"

static const char *const states[BULK_STATES] = {
	[BULK_WAITING] = "waiting",
	[BULK_RUNNING] = "running",
	[BULK_UPDATED] = "updated",
	[BULK_UNCHANGED] = "unchanged",
	[BULK_FAILED] = "failed",
	[BULK_ROLLED_BACK] = "rolled-back",
	[BULK_SKIPPED] = "skipped",
};

#define OF_ITEM " WHERE bulk_id = ? AND seq = ?"

static int
written(struct ledger *l, int err, struct fault *f)
{
	err = ledger_write_close(l, err,
	    "The update could not be recorded.", f);
	if (err == 0)
		ledger_changed(l);
	return err;
}

static int
items_add(struct db *d, const struct bulk *b)
{
	int err = 0;

	for (size_t i = 0; err == 0 && i < b->len; i++)
		err = db_run(d, "INSERT INTO bulk_item (bulk_id, seq,"
		    " instance, project, name, state, credential)"
		    " VALUES (?, ?, ?, ?, ?, ?, ?)", "iittttt", b->id,
		    (int64_t)i, b->items[i].instance, b->items[i].project,
		    b->items[i].name, states[BULK_WAITING],
		    b->items[i].grant);
	return err;
}

int
bulk_add(struct ledger *l, struct bulk *b, struct fault *f)
{
	struct db *d = ledger_write_begin(l, f);
	int err;

	if (d == NULL)
		return f->err;
	err = db_run(d, "INSERT INTO bulk (user_id, user_name, at_once, stop,"
	    " created) VALUES (?, ?, ?, ?, ?)", "ttiii", b->user,
	    b->user_name, b->at_once, (int64_t)b->stop, wall_ms());
	if (err == 0)
		err = db_last_id(d, &b->id);
	if (err == 0)
		err = items_add(d, b);
	return written(l, err, f);
}

/* ---- as the API shows it ---- */

static struct json_object *
item_json(sqlite3_stmt *s)
{
	struct json_object *o = json_object_new_object();

	json_add_str(o, "instance", db_text(s, 0));
	json_add_str(o, "project", db_text(s, 1));
	json_add_str(o, "name", db_text(s, 2));
	json_add_str(o, "state", db_text(s, 3));
	json_add_nonzero(o, "deployment", sqlite3_column_int64(s, 4));
	clean_add_or_null(o, "detail", db_text(s, 5));
	return o;
}

static struct json_object *
items_json(struct db *d, int64_t id)
{
	struct json_object *list = json_object_new_array();
	sqlite3_stmt *s = db_query(d, "SELECT instance, project, name, state,"
	    " deployment_id, detail FROM bulk_item WHERE bulk_id = ?"
	    " ORDER BY seq", "i", id);

	while (db_step(s) == 1)
		json_object_array_add(list, item_json(s));
	return list;
}

#define COLUMNS "id, user_name, at_once, stop, stopping, created, ended"

static struct json_object *
row_json(sqlite3_stmt *s)
{
	struct json_object *o = json_object_new_object();
	bool ended = sqlite3_column_int64(s, 6) != 0;

	json_add_int(o, "id", sqlite3_column_int64(s, 0));
	json_add_str(o, "by", db_text(s, 1));
	json_add_int(o, "at_once", sqlite3_column_int64(s, 2));
	json_add_bool(o, "stop_at_failure", sqlite3_column_int(s, 3) != 0);
	json_add_str(o, "state", ended ? "done" :
	    sqlite3_column_int(s, 4) != 0 ? "stopping" : "running");
	json_add_time_ms(o, "created_at", sqlite3_column_int64(s, 5));
	json_add_time_ms(o, "ended_at", sqlite3_column_int64(s, 6));
	return o;
}

struct json_object *
bulk_json(struct ledger *l, const char *user, int64_t id)
{
	struct db *d = ledger_read_begin(l);
	sqlite3_stmt *s = db_query(d, "SELECT " COLUMNS " FROM bulk"
	    " WHERE id = ? AND user_id = ?", "it", id, user);
	struct json_object *o = NULL;

	if (db_step(s) == 1) {
		o = row_json(s);
		db_done(s);
		json_object_object_add(o, "items", items_json(d, id));
	}
	ledger_read_end(l);
	return o;
}

struct json_object *
bulk_list_json(struct ledger *l, const char *user)
{
	struct json_object *list = json_object_new_array();
	sqlite3_stmt *s = db_query(ledger_read_begin(l), "SELECT " COLUMNS
	    " FROM bulk WHERE user_id = ? ORDER BY id DESC LIMIT ?", "ti",
	    user, (int64_t)BULK_LISTED);

	while (db_step(s) == 1)
		json_object_array_add(list, row_json(s));
	ledger_read_end(l);
	return list;
}

/* ---- carrying it out ---- */

#define ITEM_COLUMNS "i.bulk_id, i.seq, i.instance, i.project, i.name,"	\
	" i.credential, i.deployment_id"

static bool
item_take(sqlite3_stmt *s, void *row)
{
	struct bulk_item *out = row;

	*out = (struct bulk_item){ .bulk = sqlite3_column_int64(s, 0),
		.seq = sqlite3_column_int64(s, 1),
		.deployment = sqlite3_column_int64(s, 6) };
	db_copy(s, 2, out->instance, sizeof(out->instance));
	db_copy(s, 3, out->project, sizeof(out->project));
	db_copy(s, 4, out->name, sizeof(out->name));
	db_copy(s, 5, out->grant, sizeof(out->grant));
	return true;
}

/* Most often there is none: no writer is held up for that. */
static bool
item_there(struct ledger *l, const char *sql)
{
	sqlite3_stmt *s = db_query(ledger_read_begin(l), sql, "");
	bool there = db_step(s) == 1;

	if (there)
		db_done(s);
	ledger_read_end(l);
	return there;
}

/* The first that sql finds goes on to state. */
static int
item_move(struct ledger *l, const char *sql, enum bulk_state state,
	struct bulk_item *out)
{
	struct fault f = { 0 };
	sqlite3_stmt *s;
	struct db *d;
	int rc, err;

	if (!item_there(l, sql))
		return ERR_NOT_FOUND;
	d = ledger_write_begin(l, &f);
	if (d == NULL)
		return ERR_INTERNAL;
	s = db_query(d, sql, "");
	rc = db_step(s);
	err = rc == 1 ? 0 : rc == 0 ? ERR_NOT_FOUND : ERR_INTERNAL;
	if (err == 0) {
		(void)item_take(s, out);
		db_done(s);
		err = db_run(d, "UPDATE bulk_item SET state = ?" OF_ITEM,
		    "tii", states[state], out->bulk, out->seq);
	}
	return written(l, err, &f);
}

int
bulk_take(struct ledger *l, struct bulk_item *out)
{
	return item_move(l, "SELECT " ITEM_COLUMNS " FROM bulk_item i"
	    " JOIN bulk b ON b.id = i.bulk_id WHERE b.ended IS NULL"
	    " AND b.stopping = 0 AND i.state = 'waiting'"
	    " AND (SELECT count(*) FROM bulk_item r WHERE r.bulk_id = b.id"
	    " AND r.state = 'running') < b.at_once"
	    " ORDER BY i.bulk_id, i.seq LIMIT 1", BULK_RUNNING, out);
}

/* The whole ends with the last of its items. */
static int
end_with_last(struct db *d, int64_t id)
{
	return db_run(d, "UPDATE bulk SET ended = ? WHERE id = ?"
	    " AND ended IS NULL AND NOT EXISTS (SELECT 1 FROM bulk_item"
	    " WHERE bulk_id = id AND state IN ('waiting', 'running'))", "ii",
	    wall_ms(), id);
}

int
bulk_skip(struct ledger *l, struct bulk_item *out)
{
	struct fault f = { 0 };
	struct db *d;
	int err = item_move(l, "SELECT " ITEM_COLUMNS " FROM bulk_item i"
	    " JOIN bulk b ON b.id = i.bulk_id WHERE b.stopping = 1"
	    " AND i.state = 'waiting' ORDER BY i.bulk_id, i.seq LIMIT 1",
	    BULK_SKIPPED, out);

	if (err != 0)
		return err;
	d = ledger_write_begin(l, &f);
	if (d == NULL)
		return ERR_INTERNAL;
	err = db_run(d, "UPDATE bulk_item SET credential = NULL" OF_ITEM,
	    "ii", out->bulk, out->seq);
	if (err == 0)
		err = end_with_last(d, out->bulk);
	return written(l, err, &f);
}

struct bulk_item *
bulk_resume(struct ledger *l, size_t *n)
{
	struct fault f = { 0 };
	struct db *d = ledger_write_begin(l, &f);
	sqlite3_stmt *s;
	void *list;

	*n = 0;
	if (d == NULL)
		return NULL;
	s = db_query(d, "SELECT " ITEM_COLUMNS " FROM bulk_item i"
	    " WHERE i.state = 'running' AND i.deployment_id IS NOT NULL", "");
	(void)db_rows(s, sizeof(struct bulk_item), item_take, &list, n);
	(void)written(l, db_run(d, "UPDATE bulk_item SET state = 'waiting'"
	    " WHERE state = 'running' AND deployment_id IS NULL", ""), &f);
	return list;
}

int
bulk_item_begun(struct ledger *l, const struct bulk_item *item,
	int64_t deployment)
{
	struct fault f = { 0 };
	struct db *d = ledger_write_begin(l, &f);

	if (d == NULL)
		return f.err;
	return written(l, db_run(d, "UPDATE bulk_item SET deployment_id = ?,"
	    " credential = NULL" OF_ITEM, "iii", deployment, item->bulk,
	    item->seq), &f);
}

int
bulk_item_end(struct ledger *l, const struct bulk_item *item,
	enum bulk_state state, const char *detail)
{
	struct fault f = { 0 };
	struct db *d = ledger_write_begin(l, &f);
	bool failed = state == BULK_FAILED || state == BULK_ROLLED_BACK;
	int err;

	if (d == NULL)
		return f.err;
	err = db_run(d, "UPDATE bulk_item SET state = ?, detail = ?,"
	    " credential = NULL" OF_ITEM, "ttii", states[state],
	    detail == NULL ? NULL : text_or_null(detail), item->bulk,
	    item->seq);
	if (err == 0 && failed)
		err = db_run(d, "UPDATE bulk SET stopping = 1 WHERE id = ?"
		    " AND stop = 1", "i", item->bulk);
	if (err == 0)
		err = end_with_last(d, item->bulk);
	return written(l, err, &f);
}

int
bulk_stop(struct ledger *l, const char *user, int64_t id, struct fault *f)
{
	struct db *d = ledger_write_begin(l, f);
	int err;

	if (d == NULL)
		return f->err;
	err = db_run(d, "UPDATE bulk SET stopping = 1 WHERE id = ?"
	    " AND user_id = ? AND ended IS NULL", "it", id, user);
	return written(l, err, f);
}
