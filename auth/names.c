/* SPDX-License-Identifier: ISC */
/* names: see names.h. */
#include "auth/names.h"

static const char taken[] =
	"SELECT name FROM account WHERE name = ?"
	" UNION ALL SELECT name FROM project WHERE name = ?"
	" UNION ALL SELECT name FROM retired_name WHERE name = ?"
	" UNION ALL SELECT name FROM name_hold WHERE name = ?";

int
name_free(struct db *d, const char *name, struct fault *f)
{
	sqlite3_stmt *stmt = db_query(d, taken, "tttt", name, name, name,
	    name);
	int rc = db_step(stmt);

	if (rc == 0)
		return 0;
	if (rc < 0)
		return db_fault(d, f);
	db_done(stmt);
	fault_set(f, ERR_CONFLICT, "The name %s is taken.", name);
	return fault_field(f, "name", "is taken");
}

/* Also when it can not be told. */
bool
name_retired(struct db *d, const char *name)
{
	sqlite3_stmt *stmt = db_query(d, "SELECT 1 FROM retired_name"
	    " WHERE name = ?", "t", name);
	int rc = db_step(stmt);

	if (rc == 1)
		db_done(stmt);
	return rc != 0;
}

int
name_retire(struct db *d, const char *name, time_t now)
{
	return db_run(d, "INSERT INTO retired_name (name, retired)"
	    " SELECT ?, ? WHERE NOT EXISTS"
	    " (SELECT 1 FROM retired_name WHERE name = ?)", "tit", name,
	    (int64_t)now, name);
}

int
name_release(struct db *d, const char *name)
{
	int err = db_run(d, "DELETE FROM retired_name WHERE name = ?", "t",
	    name);

	return err == 0 && db_changes(d) == 0 ? ERR_NOT_FOUND : err;
}

struct json_object *
name_list(struct db *d, const char *after)
{
	struct json_object *items = json_object_new_array();
	sqlite3_stmt *stmt = db_query(d, "SELECT name, retired"
	    " FROM retired_name WHERE name > ? ORDER BY name LIMIT ?", "ti",
	    after, (int64_t)NAMES_AT_ONCE);

	while (db_step(stmt) == 1) {
		struct json_object *o = json_object_new_object();

		json_add_str(o, "name", db_text(stmt, 0));
		json_add_int(o, "retired", sqlite3_column_int64(stmt, 1));
		json_object_array_add(items, o);
	}
	return items;
}

int
name_hold(struct db *d, const char *name, const char *email, time_t until)
{
	return db_run(d, "INSERT INTO name_hold (name, email, expires)"
	    " VALUES (?, ?, ?)", "tti", name, email, (int64_t)until);
}

int
name_hold_end(struct db *d, const char *email)
{
	return db_run(d, "DELETE FROM name_hold WHERE email = ?", "t", email);
}

int
name_holds_sweep(struct db *d, time_t now)
{
	return db_run(d, "DELETE FROM name_hold WHERE expires <= ?", "i",
	    (int64_t)now);
}
