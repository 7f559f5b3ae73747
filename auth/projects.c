/* SPDX-License-Identifier: ISC */
/* projects: tenants, members, policies; see projects.h. */
#include "auth/projects.h"

#include <string.h>
#include <time.h>

#include "albatross/json.h"

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
	sqlite3_stmt *stmt = db_query(d, "SELECT p.name, p.title, m.role"
	    " FROM member m JOIN project p ON p.id = m.project_id"
	    " WHERE m.user_id = ? ORDER BY p.name", "t", who->user);

	while (db_step(stmt) == 1) {
		struct json_object *o;

		if (is_hidden(who, db_text(stmt, 0)))
			continue;
		o = json_object_new_object();
		json_add_str(o, "name", db_text(stmt, 0));
		json_add_str(o, "title", db_text(stmt, 1));
		json_add_str(o, "role", db_text(stmt, 2));
		json_object_array_add(items, o);
	}
	return items;
}

static struct json_object *
body_parse(const char *body)
{
	struct fault f = { 0 };

	return json_parse(body, strlen(body), &f);
}

/* [{"instance", "policy"}] of one project. */
static struct json_object *
policies_list(struct db *d, const struct identity *who, const char *project_id)
{
	struct json_object *items = json_object_new_array();
	sqlite3_stmt *stmt = db_query(d, "SELECT i.name, y.body FROM policy y"
	    " JOIN instance i ON i.id = y.instance_id"
	    " WHERE y.project_id = ? ORDER BY i.name", "t", project_id);

	while (db_step(stmt) == 1) {
		struct json_object *o;

		if (who->token.id[0] != '\0' && !token_covers_instance(
		    &who->token.limits, db_text(stmt, 0)))
			continue;
		o = json_object_new_object();
		json_add_str(o, "instance", db_text(stmt, 0));
		json_object_object_add(o, "policy",
		    body_parse(db_text(stmt, 1)));
		json_object_array_add(items, o);
	}
	return items;
}

/* Everything for an administrator, who owns what has no other role for them. */
static const char list_all[] =
	"SELECT p.id, p.name, p.title, p.personal, COALESCE(m.role, 'owner')"
	" FROM project p LEFT JOIN member m ON m.project_id = p.id"
	" AND m.user_id = ? ORDER BY p.name";
static const char list_own[] =
	"SELECT p.id, p.name, p.title, p.personal, m.role"
	" FROM project p JOIN member m ON m.project_id = p.id"
	" AND m.user_id = ? ORDER BY p.name";

struct json_object *
project_list(struct db *d, const struct identity *who)
{
	struct json_object *items = json_object_new_array();
	sqlite3_stmt *stmt = who->admin ?
		db_query(d, list_all, "t", who->user) :
		db_query(d, list_own, "t", who->user);

	while (db_step(stmt) == 1) {
		struct json_object *o;

		if (is_hidden(who, db_text(stmt, 1)))
			continue;
		o = json_object_new_object();
		json_add_str(o, "name", db_text(stmt, 1));
		json_add_str(o, "title", db_text(stmt, 2));
		json_add_bool(o, "personal", sqlite3_column_int(stmt, 3) != 0);
		json_add_str(o, "role", db_text(stmt, 4));
		json_object_object_add(o, "policies",
		    policies_list(d, who, db_text(stmt, 0)));
		json_object_array_add(items, o);
	}
	return items;
}

struct json_object *
project_watch_list(struct db *d, const char *after, size_t budget, bool *more)
{
	struct json_object *items = json_object_new_array();
	const struct identity service = { .admin = true };
	sqlite3_stmt *stmt = db_query(d, "SELECT id, name FROM project"
	    " WHERE name > ? ORDER BY name", "t", after);
	size_t used = 0, len;

	*more = false;
	while (!*more && db_step(stmt) == 1) {
		struct json_object *o = json_object_new_object();

		json_add_str(o, "name", db_text(stmt, 1));
		json_object_object_add(o, "policies",
		    policies_list(d, &service, db_text(stmt, 0)));
		json_object_to_json_string_length(o, JSON_C_TO_STRING_PLAIN,
		    &len);
		used += len;
		*more = used > budget && json_object_array_length(items) > 0;
		if (*more) {
			json_object_put(o);
			db_done(stmt);
		} else {
			json_object_array_add(items, o);
		}
	}
	return items;
}

int
project_add(struct db *d, const char *name, const char *title,
	const char *owner, time_t now, struct fault *f)
{
	char id[37];
	int err;

	uuid_make(id);
	err = db_run(d, "INSERT INTO project (id, name, title, personal,"
	    " created) VALUES (?, ?, ?, 0, ?)", "ttti", id, name, title,
	    (int64_t)now);
	if (err == ERR_CONFLICT) {
		fault_set(f, err, "There is a project %s already.", name);
		return fault_field(f, "name", "is taken");
	}
	if (err == 0)
		err = db_run(d, "INSERT INTO member (user_id, project_id, role)"
		    " VALUES (?, ?, 'owner')", "tt", owner, id);
	if (err == 0)
		err = store_revise(d);
	return err == 0 ? 0 : fault_set(f, err, "It could not be stored.");
}

static int
has_owner(struct db *d, const char *project_id)
{
	sqlite3_stmt *stmt = db_query(d, "SELECT 1 FROM member"
	    " WHERE project_id = ? AND role = 'owner' LIMIT 1", "t",
	    project_id);
	int rc = db_step(stmt);

	if (rc == 1)
		db_done(stmt);
	return rc == 1;
}

static int
member_write(struct db *d, const char *project_id, const char *user,
	enum role role)
{
	int err = db_run(d, "DELETE FROM member WHERE user_id = ?"
	    " AND project_id = ?", "tt", user, project_id);

	if (err == 0 && role != ROLE_NONE)
		err = db_run(d, "INSERT INTO member (user_id, project_id, role)"
		    " VALUES (?, ?, ?)", "ttt", user, project_id,
		    role_name(role));
	return err != 0 ? err : store_revise(d);
}

int
project_member_set(struct db *d, const char *project_id, const char *email,
	enum role role, struct fault *f)
{
	struct account account;
	int err = account_by_email(d, email, &account);

	if (err == ERR_NOT_FOUND)
		return fault_field(f, "email", "belongs to no account");
	if (err == 0)
		err = member_write(d, project_id, account.id, role);
	if (err != 0)
		return fault_set(f, err, "It could not be stored.");
	if (!has_owner(d, project_id))
		return fault_set(f, ERR_CONFLICT,
		    "A project keeps at least one owner.");
	return 0;
}

struct json_object *
project_members(struct db *d, const char *project_id)
{
	struct json_object *items = json_object_new_array();
	sqlite3_stmt *stmt = db_query(d, "SELECT u.name, u.email, m.role"
	    " FROM member m JOIN account u ON u.id = m.user_id"
	    " WHERE m.project_id = ? ORDER BY u.name", "t", project_id);

	while (db_step(stmt) == 1) {
		struct json_object *o = json_object_new_object();

		json_add_str(o, "name", db_text(stmt, 0));
		json_add_str(o, "email", db_text(stmt, 1));
		json_add_str(o, "role", db_text(stmt, 2));
		json_object_array_add(items, o);
	}
	return items;
}
