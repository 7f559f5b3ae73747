/* SPDX-License-Identifier: ISC */
/* instances: albatross servers and their keys; see instances.h. */
#include "auth/instances.h"

#include <stdio.h>
#include <string.h>

#define CONTEXT_SIZE 64

void
instance_free(struct instance *i)
{
	free(i->server_ca);
	i->server_ca = NULL;
}

static void
context_make(const char *id, char out[CONTEXT_SIZE])
{
	snprintf(out, CONTEXT_SIZE, "instance:%s:key", id);
}

static int
key_seal(const struct keyring *k, const char *id, const struct buf *key,
	struct buf *out)
{
	char context[CONTEXT_SIZE];

	context_make(id, context);
	buf_init(out, 2 * PEM_MAX + KEYRING_OVERHEAD);
	return keyring_seal(k, context, key->data, key->len, out);
}

static const char *
text_of(const struct buf *b)
{
	return (const char *)b->data;
}

static int
row_add(struct db *d, const struct keyring *k,
	const struct instance_form *form, const struct instance_ready *ready,
	time_t now)
{
	struct buf sealed;
	char id[37];
	int err;

	uuid_make(id);
	err = key_seal(k, id, &ready->key, &sealed);
	if (err == 0)
		err = db_run(d, "INSERT INTO instance (id, name, title, host,"
		    " port, certificate, key, server_ca, expires, created)"
		    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", "ttttitbtii",
		    id, form->name, form->title == NULL ? "" : form->title,
		    form->host, form->port, text_of(&ready->certificate),
		    sealed.data, sealed.len, text_of(&ready->server_ca),
		    (int64_t)alb_signer_expires(ready->signer), (int64_t)now);
	if (err == 0)
		err = store_revise(d);
	buf_free(&sealed);
	return err;
}

int
instance_add(struct db *d, const struct keyring *k,
	const struct instance_form *form, const struct instance_ready *ready,
	time_t now, struct fault *f)
{
	int err = row_add(d, k, form, ready, now);

	if (err == ERR_CONFLICT) {
		fault_set(f, err, "There is an instance %s already.",
		    form->name);
		return fault_field(f, "name", "is taken");
	}
	return err == 0 ? 0 : fault_set(f, err, "It could not be stored.");
}

int
instance_title_set(struct db *d, const char *id, const char *title)
{
	int err = db_run(d, "UPDATE instance SET title = ? WHERE id = ?",
		"tt", title, id);

	return err != 0 ? err : store_revise(d);
}

int
instance_change(struct authority *a, struct db *d, const char *id,
	const struct instance_form *form, const struct instance_ready *ready,
	bool moved)
{
	struct buf sealed;
	int err = key_seal(&a->keyring, id, &ready->key, &sealed);

	if (err == 0)
		err = db_run(d, "UPDATE instance SET host = ?, port = ?,"
		    " certificate = ?, key = ?, server_ca = ?, expires = ?"
		    " WHERE id = ?", "titbtit", form->host, form->port,
		    text_of(&ready->certificate), sealed.data, sealed.len,
		    text_of(&ready->server_ca),
		    (int64_t)alb_signer_expires(ready->signer), id);
	buf_free(&sealed);
	if (err == 0 && moved)
		err = db_run(d, "UPDATE instance SET level = NULL"
		    " WHERE id = ?", "t", id);
	return err != 0 ? err : store_revise(d);
}

static int
id_by_name(struct db *d, const char *name, char id[37])
{
	sqlite3_stmt *stmt = db_query(d, "SELECT id FROM instance"
	    " WHERE name = ?", "t", name);
	int rc = db_step(stmt);

	if (rc != 1)
		return rc == 0 ? ERR_NOT_FOUND : ERR_INTERNAL;
	snprintf(id, 37, "%s", db_text(stmt, 0));
	db_done(stmt);
	return 0;
}

bool
instance_known(struct db *d, const char *name)
{
	char id[37];

	return id_by_name(d, name, id) == 0;
}

int
instance_remove(struct authority *a, struct db *d, const char *name)
{
	char id[37];
	int err = id_by_name(d, name, id);

	if (err == 0)
		err = db_run(d, "DELETE FROM instance WHERE id = ?", "t", id);
	/* They name it: another one of that name is not meant. */
	if (err == 0)
		err = db_run(d, "DELETE FROM deployment_grant"
		    " WHERE instance = ?", "t", name);
	if (err == 0)
		err = store_revise(d);
	if (err == 0)
		signers_drop(&a->signers, id);
	if (err == 0)
		watching_drop(&a->watching, id);
	return err;
}

int
instance_by_id(struct db *d, const char *id, struct instance *out)
{
	sqlite3_stmt *stmt = db_query(d, "SELECT id, name, host, port, level,"
	    " server_ca FROM instance WHERE id = ?", "t", id);
	int rc = db_step(stmt);

	if (rc != 1)
		return rc == 0 ? ERR_NOT_FOUND : ERR_INTERNAL;
	*out = (struct instance){ .port = sqlite3_column_int(stmt, 3),
		.level = alb_level_parse(db_text(stmt, 4)),
		.server_ca = strdup(db_text(stmt, 5)) };
	snprintf(out->id, sizeof(out->id), "%s", db_text(stmt, 0));
	snprintf(out->name, sizeof(out->name), "%s", db_text(stmt, 1));
	snprintf(out->host, sizeof(out->host), "%s", db_text(stmt, 2));
	db_done(stmt);
	return out->server_ca == NULL ? ERR_NO_MEMORY : 0;
}

int
instance_level_seen(struct db *d, const char *id, int level)
{
	const char *text = alb_level_text(level);

	/* Levels are "2.0" to "2.7": their order is that of their texts. */
	return db_run(d, "UPDATE instance SET level = ? WHERE id = ?"
	    " AND (level IS NULL OR level < ?)", "ttt", text, id, text);
}

/* Its key as it was given, in a fresh *out. */
static int
key_open(struct authority *a, const char *id, sqlite3_stmt *stmt, int column,
	struct buf *out, struct fault *f)
{
	char context[CONTEXT_SIZE];
	int err;

	context_make(id, context);
	buf_init(out, 2 * PEM_MAX);
	err = keyring_open(&a->keyring, context, sqlite3_column_blob(stmt,
	    column), (size_t)sqlite3_column_bytes(stmt, column), out);
	if (err == 0 && buf_str(out) != NULL)
		return 0;
	return fault_set(f, ERR_INTERNAL,
	    "The instance's key does not open with this master key.");
}

/* What was taken once is not any more: time has passed. */
static int
signer_refused(struct fault *f)
{
	char why[sizeof(f->fields[0].message)];

	snprintf(why, sizeof(why), "%s", f->nfields == 0 ? "is not usable" :
	    f->fields[0].message);
	f->nfields = 0;
	return fault_set(f, ERR_ALB_CREDENTIALS, "The CA certificate with "
	    "which the instance is commanded %s.", why);
}

static int
signer_open(struct authority *a, struct db *d, const char *id, time_t now,
	struct alb_signer **out, struct fault *f)
{
	sqlite3_stmt *stmt = db_query(d, "SELECT certificate, key"
	    " FROM instance WHERE id = ?", "t", id);
	struct buf key;
	int err;

	if (db_step(stmt) != 1)
		return fault_set(f, ERR_INTERNAL, "The instance is gone.");
	err = key_open(a, id, stmt, 1, &key, f);
	if (err == 0)
		err = alb_signer_new(db_text(stmt, 0), buf_str(&key), now,
		    out, f);
	buf_wipe(&key);
	db_done(stmt);
	return err == ERR_INVALID ? signer_refused(f) : err;
}

int
instance_kept_read(struct authority *a, struct db *d, const char *id,
	struct instance_kept *out, struct fault *f)
{
	sqlite3_stmt *stmt = db_query(d, "SELECT certificate, key, server_ca,"
	    " host, port, level FROM instance WHERE id = ?", "t", id);
	int err;

	*out = (struct instance_kept){ .port = 0 };
	if (db_step(stmt) != 1)
		return fault_set(f, ERR_INTERNAL, "The instance is gone.");
	buf_init(&out->certificate, 2 * PEM_MAX);
	buf_init(&out->server_ca, 2 * PEM_MAX);
	buf_put_str(&out->certificate, db_text(stmt, 0));
	if (strcmp(db_text(stmt, 0), db_text(stmt, 2)) != 0)
		buf_put_str(&out->server_ca, db_text(stmt, 2));
	db_copy(stmt, 3, out->host, sizeof(out->host));
	out->port = sqlite3_column_int(stmt, 4);
	out->level = alb_level_parse(db_text(stmt, 5));
	err = key_open(a, id, stmt, 1, &out->key, f);
	db_done(stmt);
	if (err == 0 && (buf_str(&out->certificate) == NULL ||
	    buf_str(&out->server_ca) == NULL))
		err = fault_set(f, ERR_NO_MEMORY, "Out of memory.");
	return err;
}

void
instance_kept_free(struct instance_kept *k)
{
	buf_free(&k->certificate);
	buf_wipe(&k->key);
	buf_free(&k->server_ca);
}

int
instance_signer(struct authority *a, struct db *d, const char *id, time_t now,
	struct signer **out, struct fault *f)
{
	struct alb_signer *alb;
	int err;

	*out = signers_get(&a->signers, id);
	if (*out != NULL)
		return 0;
	err = signer_open(a, d, id, now, &alb, f);
	if (err != 0)
		return err;
	*out = signers_put(&a->signers, id, alb);
	return *out != NULL ? 0 :
		fault_set(f, ERR_NO_MEMORY, "Out of memory.");
}

#define INSTANCE_COLUMNS \
	"SELECT name, title, host, port, expires, created," \
	" server_ca <> certificate FROM instance"

static struct json_object *
row_to_json(sqlite3_stmt *stmt, bool details)
{
	struct json_object *o = json_object_new_object();

	json_add_str(o, "name", db_text(stmt, 0));
	json_add_str(o, "title", db_text(stmt, 1));
	if (!details)
		return o;
	json_add_str(o, "host", db_text(stmt, 2));
	json_add_int(o, "port", sqlite3_column_int64(stmt, 3));
	json_add_int(o, "certificate_expires", sqlite3_column_int64(stmt, 4));
	json_add_int(o, "created", sqlite3_column_int64(stmt, 5));
	json_add_bool(o, "server_ca", sqlite3_column_int(stmt, 6) != 0);
	return o;
}

struct json_object *
instance_get(struct db *d, const char *name, bool details)
{
	sqlite3_stmt *stmt = db_query(d, INSTANCE_COLUMNS " WHERE name = ?",
	    "t", name);
	struct json_object *o;

	if (db_step(stmt) != 1)
		return NULL;
	o = row_to_json(stmt, details);
	db_done(stmt);
	return o;
}

struct json_object *
instance_watch_list(struct db *d)
{
	struct json_object *items = json_object_new_array();
	sqlite3_stmt *stmt = db_query(d, "SELECT name, expires FROM instance"
	    " ORDER BY name", "");

	while (db_step(stmt) == 1) {
		struct json_object *o = json_object_new_object();

		json_add_str(o, "name", db_text(stmt, 0));
		json_add_int(o, "certificate_expires",
		    sqlite3_column_int64(stmt, 1));
		json_object_array_add(items, o);
	}
	return items;
}

/* A token sees no more than it may act on, and details with instance:admin. */
struct json_object *
instance_list(struct db *d, const struct identity *who)
{
	struct json_object *items = json_object_new_array();
	sqlite3_stmt *stmt = db_query(d, INSTANCE_COLUMNS " ORDER BY name",
	    "");

	while (db_step(stmt) == 1)
		if (who->token.id[0] == '\0' || token_covers_instance(
		    &who->token.limits, db_text(stmt, 0)))
			json_object_array_add(items, row_to_json(stmt,
			    identity_is_admin(who)));
	return items;
}

/* Names of projects with a policy there. */
static struct json_object *
leaves_projects(struct db *d, const char *id)
{
	struct json_object *list = json_object_new_array();
	sqlite3_stmt *stmt = db_query(d, "SELECT p.name FROM policy q"
	    " JOIN project p ON p.id = q.project_id WHERE q.instance_id = ?"
	    " ORDER BY p.name", "t", id);

	while (db_step(stmt) == 1)
		json_object_array_add(list,
		    json_object_new_string(db_text(stmt, 0)));
	return list;
}

/* Tokens that name it, maybe among others. */
static struct json_object *
leaves_tokens(struct db *d, const char *name)
{
	struct json_object *list = json_object_new_array(), *o;
	sqlite3_stmt *stmt = db_query(d, "SELECT t.name, a.name, t.instances"
	    " FROM token t JOIN account a ON a.id = t.user_id"
	    " WHERE t.instances IS NOT NULL ORDER BY a.name, t.name", "");
	struct token_limits limits = { 0 };

	while (db_step(stmt) == 1) {
		db_copy(stmt, 2, limits.instances, sizeof(limits.instances));
		if (limits.instances[0] == '\0' ||
		    !token_covers_instance(&limits, name))
			continue;
		o = json_object_new_object();
		json_add_str(o, "name", db_text(stmt, 0));
		json_add_str(o, "user", db_text(stmt, 1));
		json_object_array_add(list, o);
	}
	return list;
}

struct json_object *
instance_leaves(struct db *d, const char *id, const char *name)
{
	struct json_object *o = json_object_new_object();

	json_object_object_add(o, "projects", leaves_projects(d, id));
	json_object_object_add(o, "tokens", leaves_tokens(d, name));
	return o;
}
