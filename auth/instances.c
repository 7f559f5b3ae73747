/* SPDX-License-Identifier: ISC */
/* instances: albatross servers and their keys; see instances.h. */
#include "auth/instances.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include <gnutls/x509.h>

#define CONTEXT_SIZE 64

void
instance_free(struct instance *i)
{
	free(i->server_ca);
	i->server_ca = NULL;
}

const char *
host_check(const char *host)
{
	size_t len = strlen(host);

	if (len == 0 || len > 253)
		return "must have 1 to 253 bytes";
	for (size_t i = 0; i < len; i++)
		if (!isalnum((unsigned char)host[i]) &&
		    strchr(".-:_%", host[i]) == NULL)
			return "must be a host name or an address";
	return host[0] == '-' ? "must be a host name or an address" : NULL;
}

static void
context_make(const char *id, char out[CONTEXT_SIZE])
{
	snprintf(out, CONTEXT_SIZE, "instance:%s:key", id);
}

static bool
pem_is_certificates(const char *pem)
{
	gnutls_datum_t data = { (unsigned char *)(uintptr_t)pem,
		(unsigned)strlen(pem) };
	gnutls_x509_crt_t *list = NULL;
	unsigned n = 0;
	int rc = gnutls_x509_crt_list_import2(&list, &n, &data,
	    GNUTLS_X509_FMT_PEM, 0);

	if (rc < 0)
		return false;
	for (unsigned i = 0; i < n; i++)
		gnutls_x509_crt_deinit(list[i]);
	gnutls_free(list);
	return n > 0;
}

/* What the server's own certificate must end in. */
static const char *
anchor_choose(const struct instance_form *form, const struct alb_signer *s,
	struct fault *f)
{
	if (form->server_ca == NULL && !alb_signer_is_root(s)) {
		fault_field(f, "server_ca", "is missing: the certificate is "
		    "not self-signed, so the server's CA must be given");
		return NULL;
	}
	if (form->server_ca == NULL)
		return form->certificate;
	if (!pem_is_certificates(form->server_ca)) {
		fault_field(f, "server_ca",
		    "is not a certificate in PEM form");
		return NULL;
	}
	return form->server_ca;
}

static int
key_seal(const struct keyring *k, const char *id, const char *key,
	struct buf *out)
{
	char context[CONTEXT_SIZE];

	context_make(id, context);
	buf_init(out, PEM_MAX + KEYRING_OVERHEAD);
	return keyring_seal(k, context, key, strlen(key), out);
}

static int
row_add(struct db *d, const struct keyring *k,
	const struct instance_form *form, const char *anchor, time_t expires,
	time_t now)
{
	struct buf sealed;
	char id[37];
	int err;

	uuid_make(id);
	err = key_seal(k, id, form->key, &sealed);
	if (err == 0)
		err = db_run(d, "INSERT INTO instance (id, name, host, port,"
		    " certificate, key, server_ca, expires, created)"
		    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", "tttitbtii", id,
		    form->name, form->host, form->port, form->certificate,
		    sealed.data, sealed.len, anchor, (int64_t)expires,
		    (int64_t)now);
	if (err == 0)
		err = store_revise(d);
	buf_free(&sealed);
	return err;
}

int
instance_add(struct db *d, const struct keyring *k,
	const struct instance_form *form, time_t now, struct fault *f)
{
	struct alb_signer *signer;
	const char *anchor;
	int err;

	err = alb_signer_new(form->certificate, form->key, now, &signer, f);
	if (err != 0)
		return err;
	anchor = anchor_choose(form, signer, f);
	if (anchor == NULL) {
		alb_signer_free(signer);
		return f->err;
	}
	err = row_add(d, k, form, anchor, alb_signer_expires(signer), now);
	alb_signer_free(signer);
	if (err == ERR_CONFLICT) {
		fault_set(f, err, "There is an instance %s already.",
		    form->name);
		return fault_field(f, "name", "is taken");
	}
	return err == 0 ? 0 : fault_set(f, err, "It could not be stored.");
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

int
instance_remove(struct authority *a, struct db *d, const char *name)
{
	char id[37];
	int err = id_by_name(d, name, id);

	if (err == 0)
		err = db_run(d, "DELETE FROM instance WHERE id = ?", "t", id);
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

static int
signer_open(struct authority *a, struct db *d, const char *id, time_t now,
	struct alb_signer **out, struct fault *f)
{
	sqlite3_stmt *stmt = db_query(d, "SELECT certificate, key"
	    " FROM instance WHERE id = ?", "t", id);
	char context[CONTEXT_SIZE];
	struct buf key;
	int err;

	if (db_step(stmt) != 1)
		return fault_set(f, ERR_INTERNAL, "The instance is gone.");
	context_make(id, context);
	buf_init(&key, PEM_MAX);
	err = keyring_open(&a->keyring, context, sqlite3_column_blob(stmt, 1),
	    (size_t)sqlite3_column_bytes(stmt, 1), &key);
	if (err == 0 && buf_str(&key) != NULL)
		err = alb_signer_new(db_text(stmt, 0), buf_str(&key), now,
		    out, f);
	else
		err = fault_set(f, ERR_INTERNAL,
		    "The instance's key does not open with this master key.");
	buf_wipe(&key);
	db_done(stmt);
	return err;
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
	"SELECT name, host, port, expires, created FROM instance"

static struct json_object *
row_to_json(sqlite3_stmt *stmt, bool details)
{
	struct json_object *o = json_object_new_object();

	json_add_str(o, "name", db_text(stmt, 0));
	if (!details)
		return o;
	json_add_str(o, "host", db_text(stmt, 1));
	json_add_int(o, "port", sqlite3_column_int64(stmt, 2));
	json_add_int(o, "certificate_expires", sqlite3_column_int64(stmt, 3));
	json_add_int(o, "created", sqlite3_column_int64(stmt, 4));
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
