/* SPDX-License-Identifier: ISC */
/* copy_row: saved copies as the ledger has them; see copies.h. */
#include "fcgi/copies.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "fcgi/clean.h"

static const char *const places[COPY_PLACES] = {
	[COPY_LOCAL] = "local",
	[COPY_S3] = "s3",
};

const char *
copy_place_text(enum copy_place place)
{
	return places[place];
}

int
copy_place_find(const char *text)
{
	return word_find(places, COPY_PLACES, text);
}

struct json_object *
copy_json(const struct copy *c)
{
	struct json_object *o = json_object_new_object();

	json_add_int(o, "id", c->id);
	json_add_str(o, "instance", c->instance);
	json_add_str(o, "project", c->project);
	json_add_str(o, "volume", c->name);
	json_add_int(o, "size", c->size);
	json_add_int(o, "bytes", (int64_t)c->bytes);
	json_add_str(o, "sha256", c->sha256);
	json_add_int(o, "stored", (int64_t)c->stored);
	json_add_str(o, "place", places[c->place]);
	json_add_str(o, "cause", c->cause);
	clean_add_or_null(o, "note", c->note);
	json_add_str(o, "user", text_or_null(c->user_name));
	json_add_time_ms(o, "created", c->created);
	json_add_nonzero(o, "operation", c->operation);
	return o;
}

/* ---- reading ---- */

bool
copy_row_take(sqlite3_stmt *s, void *row)
{
	struct copy *c = row;
	int place = copy_place_find(db_text(s, 9));

	*c = (struct copy){ .id = sqlite3_column_int64(s, 0),
		.size = sqlite3_column_int64(s, 4),
		.bytes = (uint64_t)sqlite3_column_int64(s, 5),
		.stored = (uint64_t)sqlite3_column_int64(s, 7),
		.place = place < 0 ? COPY_LOCAL : (enum copy_place)place,
		.operation = sqlite3_column_int64(s, 15),
		.created = sqlite3_column_int64(s, 16) };
	db_copy(s, 1, c->instance, sizeof(c->instance));
	db_copy(s, 2, c->project, sizeof(c->project));
	db_copy(s, 3, c->name, sizeof(c->name));
	db_copy(s, 6, c->sha256, sizeof(c->sha256));
	db_copy(s, 8, c->stored_sha256, sizeof(c->stored_sha256));
	db_copy(s, 10, c->object, sizeof(c->object));
	db_copy(s, 11, c->cause, sizeof(c->cause));
	db_copy(s, 12, c->note, sizeof(c->note));
	db_copy(s, 13, c->user, sizeof(c->user));
	db_copy(s, 14, c->user_name, sizeof(c->user_name));
	return true;
}

/* The one row of a query; ends the reading. */
static int
one(struct ledger *l, sqlite3_stmt *s, struct copy *out)
{
	int rc = s == NULL ? -1 : db_step(s);

	if (rc == 1) {
		(void)copy_row_take(s, out);
		db_done(s);
	}
	ledger_read_end(l);
	return rc == 1 ? 0 : rc == 0 ? ERR_NOT_FOUND : ERR_INTERNAL;
}

int
copy_get(struct ledger *l, int64_t id, struct copy *out, struct fault *f)
{
	int err = one(l, db_query(ledger_read_begin(l), "SELECT "
		COPY_COLUMNS " FROM volume_copy WHERE id = ?"
		" AND state = 'kept'", "i", id), out);

	return err == 0 ? 0 : fault_set(f, err, err == ERR_NOT_FOUND ?
	    "There is no such copy." : "The copies can not be read.");
}

int
copy_newest(struct ledger *l, const char *instance, const char *project,
	const char *name, const char *cause, int64_t below, struct copy *out)
{
	return one(l, db_query(ledger_read_begin(l), "SELECT " COPY_COLUMNS
	    " FROM volume_copy WHERE instance = ? AND project = ?"
	    " AND name = ? AND state = 'kept' AND id < ?"
	    " AND cause = coalesce(?, cause) ORDER BY id DESC LIMIT 1",
	    "tttit", instance, project, name, below == 0 ? INT64_MAX : below,
	    cause), out);
}

int
copy_unfinished(struct ledger *l, int64_t after, struct copy *out)
{
	return one(l, db_query(ledger_read_begin(l), "SELECT " COPY_COLUMNS
	    " FROM volume_copy WHERE state <> 'kept' AND id > ?"
	    " ORDER BY id LIMIT 1", "i", after), out);
}

uint64_t
copies_local_bytes(struct ledger *l)
{
	sqlite3_stmt *s = db_query(ledger_read_begin(l), "SELECT"
	    " coalesce(sum(stored), 0) FROM volume_copy"
	    " WHERE place = 'local' AND state = 'kept'", "");
	uint64_t bytes = 0;

	if (db_step(s) == 1) {
		bytes = (uint64_t)sqlite3_column_int64(s, 0);
		db_done(s);
	}
	ledger_read_end(l);
	return bytes;
}

/* ---- writing ---- */

static int
written(struct ledger *l, int err, struct fault *f)
{
	return ledger_write_close(l, err, "The copy could not be recorded.",
	    f);
}

int
copy_row_add(struct ledger *l, struct copy *c, struct fault *f)
{
	struct db *d = ledger_write_begin(l, f);
	int err;

	if (d == NULL)
		return f->err;
	c->created = wall_ms();
	err = db_run(d, "INSERT INTO volume_copy (instance, project, name,"
	    " size, bytes, stored, place, object, cause, note, user_id,"
	    " user_name, operation_id, created, state) VALUES"
	    " (?, ?, ?, ?, ?, 0, ?, '', ?, ?, ?, ?, ?, ?, 'writing')",
	    "tttiitttttii", c->instance, c->project, c->name, c->size,
	    (int64_t)c->bytes, places[c->place], c->cause,
	    text_or_null(c->note), c->user, c->user_name, c->operation,
	    c->created);
	if (err == 0)
		err = db_last_id(d, &c->id);
	return written(l, err, f);
}

int
copy_row_place(struct ledger *l, const struct copy *c, struct fault *f)
{
	struct db *d = ledger_write_begin(l, f);

	return d == NULL ? f->err : written(l, db_run(d, "UPDATE volume_copy"
	    " SET object = ? WHERE id = ?", "ti", c->object, c->id), f);
}

int
copy_row_keep(struct ledger *l, const struct copy *c, struct fault *f)
{
	struct db *d = ledger_write_begin(l, f);

	return d == NULL ? f->err : written(l, db_run(d, "UPDATE volume_copy"
	    " SET sha256 = ?, stored = ?, stored_sha256 = ?, state = 'kept'"
	    " WHERE id = ?", "titi", c->sha256, (int64_t)c->stored,
	    c->stored_sha256, c->id), f);
}

int
copy_row_removing(struct ledger *l, const struct copy *c, struct fault *f)
{
	struct db *d = ledger_write_begin(l, f);
	int err;

	if (d == NULL)
		return f->err;
	err = db_run(d, "UPDATE volume_copy SET state = 'removing'"
		" WHERE id = ? AND state = 'kept'", "i", c->id);
	if (err == 0 && db_changes(d) == 0)
		err = fault_set(f, ERR_NOT_FOUND, "There is no such copy.");
	return written(l, err, f);
}

int
copy_row_remove(struct ledger *l, int64_t id, struct fault *f)
{
	struct db *d = ledger_write_begin(l, f);

	return d == NULL ? f->err : written(l, db_run(d, "DELETE FROM"
	    " volume_copy WHERE id = ?", "i", id), f);
}
