/* SPDX-License-Identifier: ISC */
/* secrets: values of projects, sealed; see secrets.h. */
#include "auth/secrets.h"

#include <stdio.h>
#include <string.h>

#include <gnutls/crypto.h>

#include "base/reference.h"
#include "base/text.h"

#define MAC 32
#define CONTEXT_SIZE 160

static void
context_make(const char *project_id, const char *name, char out[CONTEXT_SIZE])
{
	snprintf(out, CONTEXT_SIZE, "secret:%s:%s", project_id, name);
}

const char *
secret_value_check(const char *value)
{
	size_t len = strlen(value);

	if (len < SECRET_MIN)
		return "must have at least 8 bytes";
	return len > SECRET_MAX ? "must have at most 4000 bytes" : NULL;
}

struct json_object *
secret_list(struct db *d, const char *project_id)
{
	struct json_object *items = json_object_new_array();
	sqlite3_stmt *stmt = db_query(d, "SELECT name, created, user_name"
	    " FROM project_secret WHERE project_id = ? AND current = 1"
	    " ORDER BY name", "t", project_id);

	while (db_step(stmt) == 1) {
		struct json_object *o = json_object_new_object();

		json_add_str(o, "name", db_text(stmt, 0));
		json_add_int(o, "changed", sqlite3_column_int64(stmt, 1));
		json_add_str(o, "by", db_text(stmt, 2));
		json_object_array_add(items, o);
	}
	return items;
}

/* ---- writing ---- */

static int
room_check(struct db *d, const char *project_id, const char *name,
	struct fault *f)
{
	int64_t others = db_number(db_query(d, "SELECT COUNT(*)"
	    " FROM project_secret WHERE project_id = ? AND name <> ?"
	    " AND current = 1", "tt", project_id, name), SECRETS_MAX);

	if (others < SECRETS_MAX)
		return 0;
	return fault_set(f, ERR_CONFLICT, "A project has at most %d secrets; "
	    "remove one first.", SECRETS_MAX);
}

/* Those that have been followed by very many are forgotten. */
static int
former_trim(struct db *d, const char *project_id)
{
	int64_t oldest = db_number(db_query(d, "SELECT created"
	    " FROM project_secret WHERE project_id = ? AND current = 0"
	    " ORDER BY created DESC LIMIT 1 OFFSET ?", "ti", project_id,
	    (int64_t)SECRETS_FORMER), -1);

	return oldest < 0 ? 0 : db_run(d, "DELETE FROM project_secret"
	    " WHERE project_id = ? AND current = 0 AND created <= ?", "ti",
	    project_id, oldest);
}

static int
value_add(struct db *d, const struct keyring *k, const char *project_id,
	const char *name, const char *value, const char *by, time_t now)
{
	int64_t last = db_number(db_query(d, "SELECT COALESCE(MAX(number), 0)"
	    " FROM project_secret WHERE project_id = ? AND name = ?", "tt",
	    project_id, name), -1);
	char context[CONTEXT_SIZE];
	struct buf sealed;
	int err;

	if (last < 0)
		return ERR_INTERNAL;
	context_make(project_id, name, context);
	buf_init(&sealed, SECRET_MAX + KEYRING_OVERHEAD);
	err = keyring_seal(k, context, value, strlen(value), &sealed);
	if (err == 0)
		err = db_run(d, "UPDATE project_secret SET current = 0"
		    " WHERE project_id = ? AND name = ?", "tt", project_id,
		    name);
	if (err == 0)
		err = db_run(d, "INSERT INTO project_secret (project_id, name,"
		    " number, value, current, user_name, created)"
		    " VALUES (?, ?, ?, ?, 1, ?, ?)", "ttibti", project_id,
		    name, last + 1, sealed.data, sealed.len, by, (int64_t)now);
	buf_free(&sealed);
	return err;
}

int
secret_set(struct db *d, const struct keyring *k, const char *project_id,
	const char *name, const char *value, const char *by, time_t now,
	struct fault *f)
{
	int err = room_check(d, project_id, name, f);

	if (err == 0)
		err = value_add(d, k, project_id, name, value, by, now);
	if (err == 0)
		err = former_trim(d, project_id);
	if (err == 0)
		err = db_run(d, "UPDATE revision SET secrets = secrets + 1",
		    "");
	return err;
}

int
secret_remove(struct db *d, const char *project_id, const char *name)
{
	int err = db_run(d, "UPDATE project_secret SET current = 0"
	    " WHERE project_id = ? AND name = ? AND current = 1", "tt",
	    project_id, name);

	return err == 0 && db_changes(d) == 0 ? ERR_NOT_FOUND : err;
}

/* ---- reading: within the authority alone ---- */

/* Opens the value of a row; wiped by the caller. */
static int
value_open(const struct keyring *k, const char *project_id, const char *name,
	sqlite3_stmt *stmt, int column, struct buf *out)
{
	char context[CONTEXT_SIZE];

	context_make(project_id, name, context);
	buf_init(out, SECRET_MAX);
	return keyring_open(k, context, sqlite3_column_blob(stmt, column),
	    (size_t)sqlite3_column_bytes(stmt, column), out);
}

static int
value_get(struct db *d, const struct keyring *k, const char *project_id,
	const char *name, struct buf *out)
{
	sqlite3_stmt *stmt = db_query(d, "SELECT value FROM project_secret"
	    " WHERE project_id = ? AND name = ? AND current = 1", "tt",
	    project_id, name);
	int rc = db_step(stmt), err;

	if (rc != 1)
		return rc == 0 ? ERR_NOT_FOUND : ERR_INTERNAL;
	err = value_open(k, project_id, name, stmt, 0, out);
	db_done(stmt);
	return err;
}

/* The argument with its reference, at ref, replaced; the old one is freed. */
static int
argument_replace(char **argument, const char *ref, struct buf *value)
{
	struct buf whole;
	const char *text;
	char *copy;

	buf_init(&whole, ALB_ARGUMENT_BYTES_MAX + 1);
	buf_put(&whole, *argument, (size_t)(ref - *argument));
	buf_put(&whole, value->data, value->len);
	text = buf_str(&whole);
	copy = text == NULL ? NULL : strdup(text);
	buf_wipe(&whole);
	if (copy == NULL)
		return ERR_INVALID;
	free(*argument);
	*argument = copy;
	return 0;
}

static int
argument_expand(struct db *d, const struct keyring *k, const char *project_id,
	char **argument, const char *field, struct fault *f)
{
	char name[REFERENCE_NAME];
	const char *ref = reference_find(*argument, name);
	struct buf value = { 0 };
	int err;

	if (ref == NULL)
		return fault_field(f, field, "must have a secret as a whole, "
		    "or behind its first =");
	err = value_get(d, k, project_id, name, &value);
	if (err == ERR_NOT_FOUND)
		return fault_field(f, field, "refers to the secret %s, which "
		    "the project does not have", name);
	if (err == 0 && argument_replace(argument, ref, &value) != 0)
		err = fault_field(f, field, "is too long with the secret in "
		    "it");
	buf_wipe(&value);
	return err;
}

int
secret_expand(struct db *d, const struct keyring *k, const char *project_id,
	struct alb_config *c, struct fault *f)
{
	char field[48];
	int err = 0;

	for (size_t i = 0; i < c->narguments && (err == 0 ||
	    err == ERR_INVALID); i++) {
		if (!reference_meant(c->arguments[i]))
			continue;
		snprintf(field, sizeof(field), "config.arguments[%zu]", i);
		err = argument_expand(d, k, project_id, &c->arguments[i],
		    field, f);
	}
	return f->err != ERR_OK ? f->err : err;
}

/* ---- marks ---- */

int64_t
secret_revision(struct db *d)
{
	return db_number(db_query(d, "SELECT secrets FROM revision", ""),
	    -1);
}

static int
mark_add(const struct keyring *k, const char *project_id, sqlite3_stmt *stmt,
	const uint8_t key[KEYRING_BYTES], struct json_object *marks)
{
	struct json_object *mark = json_object_new_array();
	const char *name = db_text(stmt, 0);
	char hex[2 * MAC + 1] = "";
	struct buf value;
	uint8_t mac[MAC];
	int err = value_open(k, project_id, name, stmt, 1, &value);

	if (err == 0 && gnutls_hmac_fast(GNUTLS_MAC_SHA256, key,
	    KEYRING_BYTES, value.data, value.len, mac) < 0)
		err = ERR_INTERNAL;
	if (err == 0)
		hex_encode(mac, sizeof(mac), hex);
	buf_wipe(&value);
	json_object_array_add(mark, json_object_new_string(name));
	json_object_array_add(mark, json_object_new_string(hex));
	json_object_array_add(marks, mark);
	return err;
}

/* Owned; NULL when one can not be opened. */
static struct json_object *
project_marks(struct db *d, const struct keyring *k, const char *project_id,
	const uint8_t key[KEYRING_BYTES])
{
	struct json_object *marks = json_object_new_array();
	sqlite3_stmt *stmt = db_query(d, "SELECT name, value"
	    " FROM project_secret WHERE project_id = ?"
	    " ORDER BY current DESC, created DESC", "t", project_id);
	int err = 0;

	while (err == 0 && db_step(stmt) == 1)
		err = mark_add(k, project_id, stmt, key, marks);
	if (err == 0)
		return marks;
	db_done(stmt);
	json_object_put(marks);
	return NULL;
}

struct json_object *
secret_marks(struct db *d, const struct keyring *k, const char *after,
	size_t budget, uint8_t key[KEYRING_BYTES], bool *more, struct fault *f)
{
	struct json_object *items = json_object_new_array(), *o, *marks;
	sqlite3_stmt *stmt;
	size_t used = 0;
	int err = keyring_derive(k, "secret-marks", key);

	*more = false;
	stmt = db_query(d, "SELECT p.id, p.name FROM project p WHERE p.name > ?"
	    " AND EXISTS (SELECT 1 FROM project_secret s"
	    " WHERE s.project_id = p.id) ORDER BY p.name", "t", after);
	while (err == 0 && !*more && db_step(stmt) == 1) {
		marks = project_marks(d, k, db_text(stmt, 0), key);
		if (marks == NULL) {
			err = ERR_INTERNAL;
			continue;
		}
		o = json_object_new_object();
		json_add_str(o, "name", db_text(stmt, 1));
		json_object_object_add(o, "marks", marks);
		*more = !json_list_fit(items, o, budget, &used);
	}
	db_done(stmt);
	if (err == 0)
		return items;
	json_object_put(items);
	fault_set(f, err, "The secrets can not be opened.");
	return NULL;
}
