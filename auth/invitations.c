/* SPDX-License-Identifier: ISC */
/* invitations: see invitations.h. */
#include "auth/invitations.h"

#include <stdio.h>
#include <string.h>

#include "auth/authority.h"
#include "base/text.h"

/* Those whose giver may give them now. */
#define GOOD \
	"SELECT i.id, i.email, i.project_id, p.name, i.role, a.id, a.name," \
	" a.admin, i.created, i.expires FROM invitation i" \
	" JOIN account a ON a.id = i.user_id AND a.disabled = 0" \
	" LEFT JOIN project p ON p.id = i.project_id" \
	" LEFT JOIN member m ON m.project_id = i.project_id" \
	" AND m.user_id = i.user_id" \
	" WHERE i.expires > ? AND p.archived IS NULL" \
	" AND (a.admin = 1 OR m.role = 'owner')"

static void
take(sqlite3_stmt *stmt, struct invitation *out)
{
	int role = role_parse(db_text(stmt, 4));

	*out = (struct invitation){ .role = role > 0 ? (enum role)role :
		ROLE_NONE };
	db_copy(stmt, 0, out->id, sizeof(out->id));
	db_copy(stmt, 1, out->email, sizeof(out->email));
	db_copy(stmt, 2, out->project_id, sizeof(out->project_id));
	db_copy(stmt, 3, out->project, sizeof(out->project));
	db_copy(stmt, 5, out->by_id, sizeof(out->by_id));
	db_copy(stmt, 6, out->by, sizeof(out->by));
	out->by_admin = sqlite3_column_int(stmt, 7) != 0;
	out->created = sqlite3_column_int64(stmt, 8);
	out->expires = sqlite3_column_int64(stmt, 9);
}

static int
over(struct fault *f)
{
	return fault_set(f, ERR_LINK, "The invitation has expired, was used "
	    "or taken back, or is not whole: ask for a new one.");
}

static int
take_one(struct db *d, sqlite3_stmt *stmt, struct invitation *out,
	struct fault *f)
{
	int rc = db_step(stmt);

	if (rc != 1)
		return rc == 0 ? over(f) : db_fault(d, f);
	take(stmt, out);
	db_done(stmt);
	return 0;
}

int
invitation_find(struct db *d, const char *secret, time_t now,
	struct invitation *out, struct fault *f)
{
	uint8_t hash[TOKEN_HASH];

	if (!token_wellformed(INVITATION_PREFIX, secret))
		return over(f);
	if (token_hash(secret, hash) != 0)
		return fault_set(f, ERR_INTERNAL,
		    "The invitation can not be read.");
	return take_one(d, db_query(d, GOOD " AND i.hash = ?", "ib",
	    (int64_t)now, hash, sizeof(hash)), out, f);
}

int
invitation_get(struct db *d, const char *id, time_t now,
	struct invitation *out, struct fault *f)
{
	return take_one(d, db_query(d, GOOD " AND i.id = ?", "it",
	    (int64_t)now, id), out, f);
}

/* Also when it can not be told. */
static bool
is_full(sqlite3_stmt *count, int64_t most)
{
	return db_number(count, most) >= most;
}

/* Who owns a project must not take the room that others need. */
static int
room_check(struct db *d, const char *by, struct fault *f)
{
	if (is_full(db_query(d, "SELECT count(*) FROM invitation", ""),
	    INVITATIONS_MAX))
		return fault_set(f, ERR_CONFLICT, "There are %d open "
		    "invitations: take some back first.", INVITATIONS_MAX);
	if (is_full(db_query(d, "SELECT count(*) FROM invitation i"
	    " JOIN account a ON a.id = i.user_id AND a.admin = 0"
	    " WHERE a.id = ?", "t", by), INVITATIONS_OWN))
		return fault_set(f, ERR_CONFLICT, "You gave %d invitations "
		    "that are open: take some back first.", INVITATIONS_OWN);
	return 0;
}

int
invitation_add(struct db *d, struct invitation *i,
	char secret[TOKEN_LENGTH + 1], struct fault *f)
{
	uint8_t hash[TOKEN_HASH];
	int err = room_check(d, i->by_id, f);

	if (err != 0)
		return err;
	uuid_make(i->id);
	token_make(INVITATION_PREFIX, secret);
	if (token_hash(secret, hash) != 0)
		return fault_set(f, ERR_INTERNAL, "It could not be made.");
	err = db_run(d, "INSERT INTO invitation (id, hash, email, project_id,"
	    " role, user_id, created, expires) VALUES (?, ?, ?, ?, ?, ?, ?,"
	    " ?)", "tbttttii", i->id, hash, sizeof(hash),
	    text_or_null(i->email), text_or_null(i->project_id),
	    i->role == ROLE_NONE ? NULL : role_name(i->role), i->by_id,
	    (int64_t)i->created, (int64_t)i->expires);
	return err == 0 ? 0 : fault_set(f, err, "It could not be stored.");
}

int
invitation_accept(struct db *d, const struct invitation *i, const char *user)
{
	int err = db_run(d, "UPDATE account SET invitation_id = NULL"
	    " WHERE id = ?", "t", user);

	if (err == 0 && i->project_id[0] != '\0')
		err = db_run(d, "INSERT INTO member (user_id, project_id,"
		    " role) VALUES (?, ?, ?)", "ttt", user, i->project_id,
		    role_name(i->role));
	return err == 0 ? invitation_remove(d, i->id) : err;
}

int
invitation_remove(struct db *d, const char *id)
{
	return db_run(d, "DELETE FROM invitation WHERE id = ?", "t", id);
}

int
invitations_sweep(struct db *d, time_t now)
{
	return db_run(d, "DELETE FROM invitation WHERE expires <= ?", "i",
	    (int64_t)now);
}

struct json_object *
invitation_to_json(const struct invitation *i)
{
	struct json_object *o = json_object_new_object();

	json_add_str(o, "id", i->id);
	json_add_str(o, "email", text_or_null(i->email));
	json_add_str(o, "project", text_or_null(i->project));
	json_add_str(o, "role", i->role == ROLE_NONE ? NULL :
	    role_name(i->role));
	json_add_str(o, "invited_by", i->by);
	json_add_int(o, "created", i->created);
	json_add_int(o, "expires", i->expires);
	return o;
}

struct json_object *
invitation_list(struct db *d, const char *project_id, time_t now)
{
	struct json_object *items = json_object_new_array();
	sqlite3_stmt *stmt = db_query(d, GOOD
	    " AND (? IS NULL OR i.project_id = ?) ORDER BY i.id", "itt",
	    (int64_t)now, project_id, project_id);
	struct invitation i;

	while (db_step(stmt) == 1) {
		take(stmt, &i);
		json_object_array_add(items, invitation_to_json(&i));
	}
	return items;
}
