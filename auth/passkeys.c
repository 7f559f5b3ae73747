/* SPDX-License-Identifier: ISC */
/* passkeys: see passkeys.h. */
#include "auth/passkeys.h"

#include <stdio.h>
#include <string.h>

#include "auth/authority.h"
#include "base/text.h"

int
passkey_add(struct db *d, const char *user,
	const struct webauthn_credential *c, const char *name, time_t now,
	char id[37])
{
	int err;

	uuid_make(id);
	err = db_run(d, "INSERT INTO passkey (id, user_id, credential,"
	    " algorithm, public_key, count, name, created)"
	    " VALUES (?, ?, ?, ?, ?, ?, ?, ?)", "ttbibiti", id, user, c->id,
	    c->id_len, (int64_t)c->key.algorithm, c->key.bytes, c->key.len,
	    (int64_t)c->count, name, (int64_t)now);
	return err != 0 ? err : store_revise(d);
}

static int
passkey_take(sqlite3_stmt *stmt, struct passkey *out)
{
	size_t len = (size_t)sqlite3_column_bytes(stmt, 3);

	*out = (struct passkey){ .key = {
		.algorithm = sqlite3_column_int(stmt, 2), .len = len },
		.count = (uint32_t)sqlite3_column_int64(stmt, 4) };
	if (len > sizeof(out->key.bytes))
		return ERR_INTERNAL;
	db_copy(stmt, 0, out->id, sizeof(out->id));
	db_copy(stmt, 1, out->user, sizeof(out->user));
	memcpy(out->key.bytes, sqlite3_column_blob(stmt, 3), len);
	return 0;
}

int
passkey_find(struct db *d, struct webauthn_bytes credential,
	struct passkey *out)
{
	sqlite3_stmt *stmt = db_query(d, "SELECT id, user_id, algorithm,"
	    " public_key, count FROM passkey WHERE credential = ?", "b",
	    credential.data, credential.len);
	int rc = db_step(stmt), err;

	if (rc != 1)
		return rc == 0 ? ERR_NOT_FOUND : ERR_INTERNAL;
	err = passkey_take(stmt, out);
	db_done(stmt);
	return err;
}

int
passkey_used(struct db *d, const struct passkey *p, uint32_t count,
	time_t now)
{
	int err = db_run(d, "UPDATE passkey SET count = ?, last_used = ?"
	    " WHERE id = ? AND (count < ? OR (count = 0 AND ? = 0))", "iitii",
	    (int64_t)count, (int64_t)now, p->id, (int64_t)count,
	    (int64_t)count);

	if (err != 0)
		return err;
	return db_changes(d) == 1 ? 0 : ERR_CONFLICT;
}

int
passkey_rename(struct db *d, const char *user, const char *id,
	const char *name)
{
	int err = db_run(d, "UPDATE passkey SET name = ? WHERE id = ?"
	    " AND user_id = ?", "ttt", name, id, user);

	if (err != 0)
		return err;
	return db_changes(d) == 1 ? 0 : ERR_NOT_FOUND;
}

int
passkey_remove(struct db *d, const char *user, const char *id)
{
	int err = db_run(d, "DELETE FROM passkey WHERE id = ?"
	    " AND user_id = ?", "tt", id, user);

	if (err != 0)
		return err;
	return db_changes(d) == 1 ? store_revise(d) : ERR_NOT_FOUND;
}

struct json_object *
passkeys_to_json(struct db *d, const char *user, const char *id)
{
	sqlite3_stmt *stmt = db_query(d, "SELECT id, name, created, last_used"
	    " FROM passkey WHERE user_id = ? AND (? IS NULL OR id = ?)"
	    " ORDER BY created, id", "ttt", user, id, id);
	struct json_object *list = json_object_new_array(), *o;
	int rc;

	while ((rc = db_step(stmt)) == 1) {
		o = json_object_new_object();
		json_add_str(o, "id", db_text(stmt, 0));
		json_add_str(o, "name", db_text(stmt, 1));
		json_add_int(o, "created", sqlite3_column_int64(stmt, 2));
		json_add_nonzero(o, "last_used",
		    sqlite3_column_int64(stmt, 3));
		json_object_array_add(list, o);
	}
	if (rc == 0)
		return list;
	json_object_put(list);
	return NULL;
}

static struct json_object *
bytes_to_json(sqlite3_stmt *stmt, int column)
{
	AUTO_FREE char *text = base64_encode(sqlite3_column_blob(stmt,
	    column), (size_t)sqlite3_column_bytes(stmt, column));

	return text == NULL ? NULL : json_object_new_string(text);
}

struct json_object *
passkeys_credentials(struct db *d, const char *user)
{
	sqlite3_stmt *stmt = db_query(d, "SELECT credential FROM passkey"
	    " WHERE user_id = ?", "t", user);
	struct json_object *list = json_object_new_array();
	int rc;

	while ((rc = db_step(stmt)) == 1)
		json_object_array_add(list, bytes_to_json(stmt, 0));
	if (rc == 0)
		return list;
	json_object_put(list);
	return NULL;
}
