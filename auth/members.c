/* SPDX-License-Identifier: ISC */
/* members: people in projects; see members.h. */
#include "auth/members.h"

#include <string.h>

#define MEMBER_QUERY "SELECT u.name, u.display_name, u.email, m.role"	\
	" FROM member m JOIN account u ON u.id = m.user_id"		\
	" WHERE m.project_id = ?"

static struct json_object *
member_json(sqlite3_stmt *stmt)
{
	struct json_object *o = json_object_new_object();

	json_add_str(o, "name", db_text(stmt, 0));
	json_add_str(o, "display_name", db_text(stmt, 1));
	json_add_str(o, "email", db_text(stmt, 2));
	json_add_str(o, "role", db_text(stmt, 3));
	return o;
}

struct json_object *
members_list(struct db *d, const char *project_id)
{
	struct json_object *items = json_object_new_array();
	sqlite3_stmt *stmt = db_query(d, MEMBER_QUERY " ORDER BY u.name", "t",
	    project_id);

	while (db_step(stmt) == 1)
		json_object_array_add(items, member_json(stmt));
	return items;
}

struct json_object *
member_get(struct db *d, const char *project_id, const char *user)
{
	sqlite3_stmt *stmt = db_query(d, MEMBER_QUERY " AND u.id = ?", "tt",
	    project_id, user);
	struct json_object *o;

	if (db_step(stmt) != 1)
		return NULL;
	o = member_json(stmt);
	db_done(stmt);
	return o;
}

int
member_find(struct db *d, const char *email, const char *name,
	struct account *out, struct fault *f)
{
	const char *field = email != NULL ? "email" : "name";
	int err = email != NULL ? account_by_email(d, email, out) :
		account_by_name(d, name, out);

	/* Of who has not come in yet nobody needs to know. */
	if (err == 0 && (!out->verified || !out->approved))
		err = ERR_NOT_FOUND;
	if (err == ERR_NOT_FOUND)
		return fault_field(f, field, "belongs to no account");
	if (err == 0 && out->disabled)
		return fault_field(f, field, "belongs to an account that is "
		    "disabled");
	return err == 0 ? 0 : fault_set(f, err, "It could not be read.");
}

/* One who may sign in. */
static bool
has_owner(struct db *d, const char *project_id)
{
	sqlite3_stmt *stmt = db_query(d, "SELECT 1 FROM member m"
	    " JOIN account u ON u.id = m.user_id WHERE m.project_id = ?"
	    " AND m.role = 'owner' AND u.disabled = 0 LIMIT 1", "t",
	    project_id);
	int rc = db_step(stmt);

	if (rc == 1)
		db_done(stmt);
	return rc == 1;
}

static int
role_write(struct db *d, const char *project_id, const char *user,
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

static bool
is_personal_of(struct db *d, const struct spot *spot, const char *name)
{
	sqlite3_stmt *stmt = db_query(d, "SELECT 1 FROM project WHERE id = ?"
	    " AND personal = 1 AND name = ?", "tt", spot->project_id, name);
	int rc = db_step(stmt);

	if (rc == 1)
		db_done(stmt);
	return rc != 0;
}

int
member_set(struct db *d, const struct spot *spot,
	const struct account *person, enum role role, struct fault *f)
{
	struct json_object *before = member_get(d, spot->project_id,
		person->id);
	bool owned = strcmp(json_member_text(before, "role", 16),
		role_name(ROLE_OWNER)) == 0;
	bool there = before != NULL;
	int err;

	json_object_put(before);
	if (!there && role == ROLE_NONE)
		return fault_set(f, ERR_NOT_FOUND, "%s is no member of the "
		    "project.", person->name);
	if (role != ROLE_OWNER && is_personal_of(d, spot, person->name))
		return fault_set(f, ERR_CONFLICT, "It is the personal project "
		    "of %s, who stays its owner.", person->name);
	err = role_write(d, spot->project_id, person->id, role);
	if (err != 0)
		return fault_set(f, err, "It could not be stored.");
	if (owned && role != ROLE_OWNER && !has_owner(d, spot->project_id))
		return fault_set(f, ERR_CONFLICT, "A project keeps at least "
		    "one owner: make somebody else an owner first.");
	return 0;
}

int
member_transfer(struct db *d, const struct spot *spot,
	const struct account *to, const char *from, enum role behind,
	struct fault *f)
{
	int err = from != NULL ? role_write(d, spot->project_id, from,
		behind) : behind == ROLE_NONE ?
	    db_run(d, "DELETE FROM member WHERE project_id = ?"
		" AND role = 'owner'", "t", spot->project_id) :
	    db_run(d, "UPDATE member SET role = ? WHERE project_id = ?"
		" AND role = 'owner'", "tt", role_name(behind),
		spot->project_id);

	if (err == 0)
		err = role_write(d, spot->project_id, to->id, ROLE_OWNER);
	return err == 0 ? 0 : fault_set(f, err, "It could not be stored.");
}
