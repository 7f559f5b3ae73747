/* SPDX-License-Identifier: ISC */
/*
 * op_approval: what the service needs to tell administrators by mail that
 * somebody waits to be approved. Addresses are given away only while a mail is
 * due: somebody waits whom none told of, and the last one is an hour ago.
 */
#include "auth/ops.h"
#include "auth/settings.h"

#define TOLD "approval-told"	/* the setting: {"at"} */
#define REST (60 * 60)
#define TELL_MOST 100		/* administrators */
#define WAITS "verified = 1 AND approved = 0 AND disabled = 0"

/* 0: never. */
static int
told_get(struct db *d, int64_t *at)
{
	AUTO_JSON struct json_object *body = NULL;
	int err = setting_get(d, TOLD, &body);

	*at = json_object_get_int64(json_object_object_get(body, "at"));
	return err;
}

/* How many wait, and how many of them nobody was told of. */
static int
waiting_get(struct db *d, int64_t *waiting, int64_t *untold)
{
	sqlite3_stmt *stmt = db_query(d, "SELECT count(*),"
	    " coalesce(sum(approval_told = 0), 0) FROM account WHERE " WAITS,
	    "");

	if (db_step(stmt) != 1)
		return ERR_INTERNAL;
	*waiting = sqlite3_column_int64(stmt, 0);
	*untold = sqlite3_column_int64(stmt, 1);
	db_done(stmt);
	return 0;
}

static struct json_object *
administrators(struct db *d)
{
	struct json_object *to = json_object_new_array();
	sqlite3_stmt *stmt = db_query(d, "SELECT email, name FROM account"
	    " WHERE admin = 1 AND disabled = 0 AND verified = 1"
	    " AND approved = 1 ORDER BY name LIMIT ?", "i",
	    (int64_t)TELL_MOST);

	while (db_step(stmt) == 1) {
		struct json_object *o = json_object_new_object();

		json_add_str(o, "email", db_text(stmt, 0));
		json_add_str(o, "name", db_text(stmt, 1));
		json_object_array_add(to, o);
	}
	return to;
}

static int
due(struct request *r, const void *args, struct json_object *out)
{
	int64_t at, waiting, untold;

	if (told_get(r->db, &at) != 0 ||
	    waiting_get(r->db, &waiting, &untold) != 0)
		return fault_set(r->f, ERR_INTERNAL,
		    "Who waits to be approved can not be read.");
	json_add_int(out, "waiting", waiting);
	json_object_object_add(out, "to", untold > 0 && r->now - at >= REST ?
	    administrators(r->db) : json_object_new_array());
	return 0;
}

/* No row: nothing changed but that somebody was told. */
static int
told(struct request *r, const void *args, struct json_object *out)
{
	AUTO_JSON struct json_object *body = json_object_new_object();
	struct db *d = database_write_begin(r->a->store, r->f);
	int err;

	if (d == NULL)
		return r->f->err;
	json_add_int(body, "at", r->now);
	err = setting_set(d, TOLD, body);
	if (err == 0)
		err = db_run(d, "UPDATE account SET approval_told = 1 WHERE "
		    WAITS, "");
	return op_store_fault(r, database_write_end(r->a->store, err, r->f));
}

const struct op approval_ops[] = {
	{ "approval-due", OP_NOBODY, 0, true, NULL, 0, due },
	{ "approval-told", OP_NOBODY, 0, false, NULL, 0, told },
	{ .name = NULL },
};
