/* SPDX-License-Identifier: ISC */
/* users: see users.h. */
#include "auth/users.h"

#include <ctype.h>
#include <string.h>

#include "auth/names.h"
#include "auth/pattern.h"
#include "auth/projects.h"
#include "auth/rights.h"
#include "base/message.h"
#include "base/text.h"

#define LIST_BUDGET (MESSAGE_MAX / 2)	/* bytes of JSON */
#define LIST_PROJECTS 20		/* of each, in a list */
#define MAX_PROJECTS 1000

static const char *const states[] = { "active", "disabled", "unverified",
	"pending" };
#define STATES ((int)(sizeof(states) / sizeof(states[0])))

#define STATE \
	"CASE WHEN disabled = 1 THEN 'disabled'" \
	" WHEN verified = 0 THEN 'unverified'" \
	" WHEN approved = 0 THEN 'pending' ELSE 'active' END"
#define COLUMNS \
	"SELECT id, email, name, display_name, admin, " STATE ", created," \
	" last_seen, EXISTS (SELECT 1 FROM totp t WHERE t.user_id = a.id" \
	" AND t.confirmed IS NOT NULL) OR EXISTS (SELECT 1 FROM passkey k" \
	" WHERE k.user_id = a.id) FROM account a"

bool
user_state_is(const char *state)
{
	return word_find(states, STATES, state) >= 0;
}

static struct json_object *
projects_of(struct db *d, const char *id, int64_t most)
{
	struct json_object *items = json_object_new_array();
	sqlite3_stmt *stmt = db_query(d, "SELECT p.name, m.role FROM member m"
	    " JOIN project p ON p.id = m.project_id WHERE m.user_id = ?"
	    " ORDER BY p.personal DESC, p.name LIMIT ?", "ti", id, most);

	while (db_step(stmt) == 1) {
		struct json_object *o = json_object_new_object();

		json_add_str(o, "name", db_text(stmt, 0));
		json_add_str(o, "role", db_text(stmt, 1));
		json_object_array_add(items, o);
	}
	return items;
}

static struct json_object *
user_take(struct db *d, sqlite3_stmt *stmt, int64_t projects)
{
	struct json_object *o = json_object_new_object();

	json_add_str(o, "id", db_text(stmt, 0));
	json_add_str(o, "email", db_text(stmt, 1));
	json_add_str(o, "name", db_text(stmt, 2));
	json_add_str(o, "display_name", db_text(stmt, 3));
	json_add_bool(o, "admin", sqlite3_column_int(stmt, 4) != 0);
	json_add_str(o, "state", db_text(stmt, 5));
	json_add_int(o, "created", sqlite3_column_int64(stmt, 6));
	json_add_int(o, "last_seen", sqlite3_column_int64(stmt, 7));
	json_add_bool(o, "second_factor", sqlite3_column_int(stmt, 8) != 0);
	json_object_object_add(o, "projects", projects_of(d,
	    db_text(stmt, 0), projects));
	return o;
}

static const char list_query[] = COLUMNS
	" WHERE name > ? AND (? IS NULL OR " STATE " = ?) AND"
	" (name LIKE ? ESCAPE '!' OR email LIKE ? ESCAPE '!'"
	" OR lower(display_name) LIKE ? ESCAPE '!') ORDER BY name LIMIT ?";

static sqlite3_stmt *
list_ask(struct db *d, const struct user_filter *f)
{
	char like[2 * USER_Q_MAX + 3];

	pattern_like(f->q == NULL ? "" : f->q, like);
	for (char *p = like; *p != '\0'; p++)
		*p = (char)tolower((unsigned char)*p);
	return db_query(d, list_query, "tttttti", f->after, f->state,
	    f->state, like, like, like, f->limit + 1);
}

struct json_object *
user_list(struct db *d, const struct user_filter *f, bool *more)
{
	struct json_object *items = json_object_new_array();
	sqlite3_stmt *stmt = list_ask(d, f);
	size_t used = 0;

	*more = false;
	while (!*more && db_step(stmt) == 1)
		*more = json_object_array_length(items) == (size_t)f->limit ||
			!json_list_fit(items, user_take(d, stmt,
			    LIST_PROJECTS), LIST_BUDGET, &used);
	db_done(stmt);
	return items;
}

struct json_object *
user_get(struct db *d, const char *id)
{
	sqlite3_stmt *stmt = db_query(d, COLUMNS " WHERE id = ?", "t", id);
	struct json_object *o;

	if (db_step(stmt) != 1)
		return NULL;
	o = user_take(d, stmt, MAX_PROJECTS);
	db_done(stmt);
	return o;
}

/* ---- what they leave ---- */

/* Theirs, and whether somebody else who can sign in owns each too. */
#define OWNERS \
	"SELECT p.id, p.name, p.personal, m.role, EXISTS (SELECT 1" \
	" FROM member o JOIN account a ON a.id = o.user_id AND a.disabled = 0" \
	" WHERE o.project_id = p.id AND o.role = 'owner'" \
	" AND o.user_id <> m.user_id) FROM member m" \
	" JOIN project p ON p.id = m.project_id WHERE m.user_id = ?"

static struct json_object *
left_projects(struct db *d, const char *id)
{
	struct json_object *items = json_object_new_array();
	sqlite3_stmt *stmt = db_query(d, OWNERS
	    " ORDER BY p.personal DESC, p.name LIMIT ?", "ti", id,
	    (int64_t)MAX_PROJECTS);

	while (db_step(stmt) == 1) {
		struct json_object *o = json_object_new_object();

		json_add_str(o, "name", db_text(stmt, 1));
		json_add_bool(o, "personal", sqlite3_column_int(stmt, 2) != 0);
		json_add_str(o, "role", db_text(stmt, 3));
		json_add_bool(o, "other_owners",
		    sqlite3_column_int(stmt, 4) != 0);
		json_object_array_add(items, o);
	}
	return items;
}

struct json_object *
user_leaves(struct db *d, const char *id)
{
	struct json_object *o = json_object_new_object();

	json_object_object_add(o, "projects", left_projects(d, id));
	json_add_int(o, "tokens", db_number(db_query(d, "SELECT count(*)"
	    " FROM token WHERE user_id = ?", "t", id), 0));
	json_add_int(o, "sessions", db_number(db_query(d, "SELECT count(*)"
	    " FROM session WHERE user_id = ? AND revoked = 0", "t", id), 0));
	json_add_int(o, "rules", db_number(db_query(d, "SELECT count(*)"
	    " FROM deployment_grant WHERE user_id = ?"
	    " AND kind IN ('updates', 'copies')", "t", id), 0));
	return o;
}

/* ---- changes ---- */

int
user_admin_set(struct db *d, const char *id, bool admin)
{
	int err = db_run(d, "UPDATE account SET admin = ? WHERE id = ?", "it",
	    (int64_t)admin, id);

	return err != 0 ? err : store_revise(d);
}

int
user_sessions_end(struct db *d, const char *id)
{
	int err = db_run(d, "UPDATE account SET generation = generation + 1"
	    " WHERE id = ?", "t", id);

	if (err == 0)
		err = db_run(d, "DELETE FROM session WHERE user_id = ?", "t",
		    id);
	return err != 0 ? err : store_revise(d);
}

int
user_disable(struct db *d, const char *id, bool disabled)
{
	int err = db_run(d, "UPDATE account SET disabled = ? WHERE id = ?",
	    "it", (int64_t)disabled, id);

	return err != 0 ? err : user_sessions_end(d, id);
}

/* Of a project with no other owner. */
static int
project_leave(struct db *d, const char *project, const char *heir)
{
	int err = db_run(d, "UPDATE project SET personal = 0 WHERE id = ?",
	    "t", project);

	if (err != 0 || heir[0] == '\0')
		return err;
	err = db_run(d, "DELETE FROM member WHERE project_id = ?"
	    " AND user_id = ?", "tt", project, heir);
	return err != 0 ? err : db_run(d, "INSERT INTO member (user_id,"
	    " project_id, role) VALUES (?, ?, 'owner')", "tt", heir, project);
}

static int
personal_end(struct db *d, const char *project, const char *name, time_t now)
{
	int err = project_remove(d, project, name);

	return err != 0 ? err : name_retire(d, name, now);
}

struct left {
	char id[37];
	char name[ALB_LABEL_MAX + 1];
	bool personal, owner, others;
};

static bool
left_take(sqlite3_stmt *stmt, void *row)
{
	struct left *l = row;

	db_copy(stmt, 0, l->id, sizeof(l->id));
	db_copy(stmt, 1, l->name, sizeof(l->name));
	l->personal = sqlite3_column_int(stmt, 2) != 0;
	l->owner = role_parse(db_text(stmt, 3)) == ROLE_OWNER;
	l->others = sqlite3_column_int(stmt, 4) != 0;
	return true;
}

/* A personal project is nobody's own any more. */
static int
left_settle(struct db *d, const struct left *l, const struct account *who,
	const char *heir, bool empty, time_t now)
{
	bool own = l->personal && strcmp(l->name, who->name) == 0;

	if (own && empty && !l->others)
		return personal_end(d, l->id, l->name, now);
	if (l->owner && !l->others)
		return project_leave(d, l->id, heir);
	return own ? project_leave(d, l->id, "") : 0;
}

int
user_delete(struct db *d, const struct account *who, const char *heir,
	bool empty, time_t now)
{
	void *list = NULL;
	size_t n = 0;
	int err = db_rows(db_query(d, OWNERS, "t", who->id),
	    sizeof(struct left), left_take, &list, &n);

	for (size_t i = 0; err == 0 && i < n; i++)
		err = left_settle(d, (struct left *)list + i, who, heir,
		    empty, now);
	free(list);
	if (err == 0)
		err = db_run(d, "DELETE FROM account WHERE id = ?", "t",
		    who->id);
	return err != 0 ? err : store_revise(d);
}
