/* SPDX-License-Identifier: ISC */
/* sealed: what is sealed under the master key; see sealed.h. */
#include "auth/sealed.h"

#include <string.h>

/* Longest of what is sealed: a key in PEM form. */
#define SEALED_MAX (128 * 1024)

/*
 * select: context and value, of each that there is. update: the new value, the
 * old one; no two are the same, as each is sealed with a number of its own.
 */
static const struct {
	const char *what;
	const char *select;
	const char *update;	/* NULL: not to be sealed anew */
} tables[] = {
	{ "key of an instance",
	  "SELECT 'instance:' || id || ':key', key FROM instance",
	  "UPDATE instance SET key = ? WHERE key = ?" },
	{ "second factor",
	  "SELECT 'totp:' || user_id, secret FROM totp"
	  " WHERE secret IS NOT NULL",
	  "UPDATE totp SET secret = ? WHERE secret = ?" },
	{ "second factor",
	  "SELECT 'totp:' || user_id, pending FROM totp"
	  " WHERE pending IS NOT NULL",
	  "UPDATE totp SET pending = ? WHERE pending = ?" },
	{ "secret of a project",
	  "SELECT 'secret:' || project_id || ':' || name, value"
	  " FROM project_secret",
	  "UPDATE project_secret SET value = ? WHERE value = ?" },
	{ "key of session tokens",
	  "SELECT 'signing_key:' || kid || ':secret', secret"
	  " FROM signing_key", NULL },
};

#define TABLES (sizeof(tables) / sizeof(tables[0]))

/* One value as it is stored; owned. */
struct value {
	char *context;
	uint8_t *data;
	size_t len;
};

static bool
value_take(sqlite3_stmt *stmt, struct value *v)
{
	v->context = db_dup(stmt, 0);
	v->len = (size_t)sqlite3_column_bytes(stmt, 1);
	v->data = malloc(v->len + 1);
	if (v->context == NULL || v->data == NULL)
		return false;
	if (v->len > 0)
		memcpy(v->data, sqlite3_column_blob(stmt, 1), v->len);
	return true;
}

static void
values_free(struct value *list, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		free(list[i].context);
		free(list[i].data);
	}
	free(list);
}

/* All of them: one that was passed over would be lost. */
static int
values_get(sqlite3_stmt *stmt, struct value **list, size_t *n)
{
	struct value *more;
	int rc;

	while ((rc = db_step(stmt)) == 1) {
		more = reallocarray(*list, *n + 1, sizeof(**list));
		if (more == NULL)
			break;
		*list = more;
		if (!value_take(stmt, &more[(*n)++]))
			break;
	}
	if (rc == 1)
		db_done(stmt);
	if (rc == 1)
		return ERR_NO_MEMORY;
	return rc < 0 ? ERR_INTERNAL : 0;
}

/* Opens one into plain, which the caller wipes. */
static int
value_open(const struct keyring *k, const char *what, const struct value *v,
	struct buf *plain, struct fault *f)
{
	buf_init(plain, SEALED_MAX);
	if (keyring_open(k, v->context, v->data, v->len, plain) == 0)
		return 0;
	return fault_set(f, ERR_INTERNAL, "A %s does not open with the master "
	    "key (%s).", what, v->context);
}

static int
value_anew(struct db *d, const char *update, const struct value *v,
	const struct buf *plain, const struct keyring *new, struct fault *f)
{
	struct buf sealed;
	int err;

	buf_init(&sealed, SEALED_MAX + KEYRING_OVERHEAD);
	err = keyring_seal(new, v->context, plain->data, plain->len, &sealed);
	if (err == 0)
		err = db_run(d, update, "bb", sealed.data, sealed.len,
		    v->data, v->len);
	if (err == 0 && db_changes(d) != 1)
		err = ERR_INTERNAL;
	buf_free(&sealed);
	return err == 0 ? 0 : fault_set(f, err, "%s can not be sealed anew.",
	    v->context);
}

/* All of a table: opened, and with new sealed anew. */
static int
table_walk(struct db *d, size_t table, const struct keyring *old,
	const struct keyring *new, int64_t *n, struct fault *f)
{
	struct value *list = NULL;
	struct buf plain;
	size_t len = 0;
	int err = values_get(db_query(d, tables[table].select, ""), &list,
		&len);

	if (err != 0)
		fault_set(f, err, "The database can not be read.");
	for (size_t i = 0; err == 0 && i < len; i++) {
		err = value_open(old, tables[table].what, &list[i], &plain, f);
		if (err == 0 && new != NULL)
			err = value_anew(d, tables[table].update, &list[i],
			    &plain, new, f);
		buf_wipe(&plain);
	}
	values_free(list, len);
	*n += (int64_t)len;
	return err;
}

int
sealed_check(struct db *d, const struct keyring *k, int64_t *n,
	struct fault *f)
{
	int err = 0;

	*n = 0;
	for (size_t i = 0; i < TABLES && err == 0; i++)
		err = table_walk(d, i, k, NULL, n, f);
	return err;
}

int
sealed_anew(struct db *d, const struct keyring *old, const struct keyring *new,
	struct fault *f)
{
	int64_t n = 0;
	int err = 0;

	for (size_t i = 0; i < TABLES && err == 0; i++)
		if (tables[i].update != NULL)
			err = table_walk(d, i, old, new, &n, f);
	return err;
}
