/* SPDX-License-Identifier: ISC */
/* projects: tenants; see projects.h. */
#include "auth/projects.h"

#include <string.h>
#include <time.h>

#include "auth/policies.h"

static bool
is_hidden(const struct identity *who, const char *project)
{
	return who->token.id[0] != '\0' &&
	    !token_covers_project(&who->token.limits, project);
}

struct json_object *
project_memberships(struct db *d, const struct identity *who)
{
	struct json_object *items = json_object_new_array();
	sqlite3_stmt *stmt = db_query(d, "SELECT p.name, p.title, m.role,"
	    " p.archived IS NOT NULL FROM member m"
	    " JOIN project p ON p.id = m.project_id WHERE m.user_id = ?"
	    " ORDER BY p.name", "t", who->user);

	while (db_step(stmt) == 1) {
		struct json_object *o;

		if (is_hidden(who, db_text(stmt, 0)))
			continue;
		o = json_object_new_object();
		json_add_str(o, "name", db_text(stmt, 0));
		json_add_str(o, "title", db_text(stmt, 1));
		json_add_str(o, "role", db_text(stmt, 2));
		json_add_bool(o, "archived", sqlite3_column_int(stmt, 3) != 0);
		json_object_array_add(items, o);
	}
	return items;
}

#define PROJECT_QUERY "SELECT p.id, p.name, p.title, p.personal,"	\
	" COALESCE(m.role, 'owner'), p.created, p.archived,"		\
	" (SELECT COUNT(*) FROM member c WHERE c.project_id = p.id)"	\
	" FROM project p LEFT JOIN member m ON m.project_id = p.id"	\
	" AND m.user_id = ?"

static struct json_object *
project_json(struct db *d, const struct identity *who, sqlite3_stmt *stmt)
{
	struct json_object *o = json_object_new_object();

	json_add_str(o, "name", db_text(stmt, 1));
	json_add_str(o, "title", db_text(stmt, 2));
	json_add_bool(o, "personal", sqlite3_column_int(stmt, 3) != 0);
	json_add_str(o, "role", db_text(stmt, 4));
	json_add_int(o, "created", sqlite3_column_int64(stmt, 5));
	json_add_nonzero(o, "archived", sqlite3_column_int64(stmt, 6));
	json_add_int(o, "members", sqlite3_column_int64(stmt, 7));
	json_object_object_add(o, "policies", policy_list(d, who,
	    db_text(stmt, 0), time(NULL)));
	return o;
}

struct json_object *
project_list(struct db *d, const struct identity *who, const char *after,
	size_t budget, bool *more)
{
	struct json_object *items = json_object_new_array();
	sqlite3_stmt *stmt = db_query(d, PROJECT_QUERY
		" WHERE p.name > ? AND (? = 1 OR m.role IS NOT NULL)"
		" ORDER BY p.name", "tti", who->user, after,
		(int64_t)who->admin);
	size_t used = 0;

	*more = false;
	while (!*more && db_step(stmt) == 1)
		if (!is_hidden(who, db_text(stmt, 1)))
			*more = !json_list_fit(items, project_json(d, who,
			    stmt), budget, &used);
	db_done(stmt);
	return items;
}

struct json_object *
project_get(struct db *d, const struct identity *who, const char *name)
{
	sqlite3_stmt *stmt = db_query(d, PROJECT_QUERY " WHERE p.name = ?",
	    "tt", who->user, name);
	struct json_object *o;

	if (db_step(stmt) != 1)
		return NULL;
	o = project_json(d, who, stmt);
	db_done(stmt);
	return o;
}

struct json_object *
project_watch_list(struct db *d, const char *after, size_t budget, bool *more)
{
	struct json_object *items = json_object_new_array();
	const struct identity service = { .admin = true };
	sqlite3_stmt *stmt = db_query(d, "SELECT id, name FROM project"
	    " WHERE name > ? ORDER BY name", "t", after);
	size_t used = 0;

	*more = false;
	while (!*more && db_step(stmt) == 1) {
		struct json_object *o = json_object_new_object();

		json_add_str(o, "name", db_text(stmt, 1));
		json_object_object_add(o, "policies",
		    policy_list(d, &service, db_text(stmt, 0),
		    time(NULL)));
		*more = !json_list_fit(items, o, budget, &used);
	}
	db_done(stmt);
	return items;
}

int64_t
project_count(struct db *d, const char *owner)
{
	return db_number(db_query(d, "SELECT count(*) FROM member"
	    " WHERE user_id = ? AND role = 'owner'", "t", owner), 0);
}

int
project_add(struct db *d, const char *name, const char *title,
	const char *owner, time_t now)
{
	char id[37];
	int err;

	uuid_make(id);
	err = db_run(d, "INSERT INTO project (id, name, title, personal,"
	    " created) VALUES (?, ?, ?, 0, ?)", "ttti", id, name, title,
	    (int64_t)now);
	if (err == 0)
		err = db_run(d, "INSERT INTO member (user_id, project_id, role)"
		    " VALUES (?, ?, 'owner')", "tt", owner, id);
	return err != 0 ? err : store_revise(d);
}

int
project_title(struct db *d, const char *id, const char *title)
{
	int err = db_run(d, "UPDATE project SET title = ? WHERE id = ?", "tt",
		title, id);

	return err != 0 ? err : store_revise(d);
}

int
project_archive(struct db *d, const char *id, bool archived, time_t now)
{
	int err = archived ? db_run(d, "UPDATE project SET archived = ?"
		" WHERE id = ?", "it", (int64_t)now, id) :
	    db_run(d, "UPDATE project SET archived = NULL WHERE id = ?", "t",
		id);

	return err != 0 ? err : store_revise(d);
}

int
project_remove(struct db *d, const char *id, const char *name)
{
	int err = db_run(d, "DELETE FROM token WHERE project = ?", "t", name);

	if (err == 0)
		err = db_run(d, "DELETE FROM deployment_grant"
		    " WHERE project = ?", "t", name);
	if (err == 0)
		err = db_run(d, "DELETE FROM project WHERE id = ?", "t", id);
	return err != 0 ? err : store_revise(d);
}
