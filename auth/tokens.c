/* SPDX-License-Identifier: ISC */
/* tokens: making, finding and holding them to their limits; see tokens.h. */
#include "auth/tokens.h"

#include <stdio.h>
#include <string.h>

#include <gnutls/crypto.h>
#include <zlib.h>

#include "auth/authority.h"
#include "auth/pattern.h"
#include "base/text.h"

#define RANDOM_DIGITS 32
#define CHECK_DIGITS 6

static const char digits[] = "0123456789"
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/* CRC-32 of the random part, in base62, most significant digit first. */
static void
check_make(const char *random, char out[CHECK_DIGITS + 1])
{
	unsigned long crc = crc32(0, (const Bytef *)random, RANDOM_DIGITS);

	for (int i = CHECK_DIGITS - 1; i >= 0; i--, crc /= 62)
		out[i] = digits[crc % 62];
	out[CHECK_DIGITS] = '\0';
}

void
token_make(const char *prefix, char out[TOKEN_LENGTH + 1])
{
	char *random = out + strlen(TOKEN_PREFIX);

	memcpy(out, prefix, strlen(TOKEN_PREFIX));
	random_base62(random, RANDOM_DIGITS);
	check_make(random, random + RANDOM_DIGITS);
}

bool
token_wellformed(const char *prefix, const char *secret)
{
	char check[CHECK_DIGITS + 1];

	if (strnlen(secret, TOKEN_LENGTH + 1) != TOKEN_LENGTH ||
	    strncmp(secret, prefix, strlen(TOKEN_PREFIX)) != 0)
		return false;
	secret += strlen(TOKEN_PREFIX);
	if (strspn(secret, digits) != RANDOM_DIGITS + CHECK_DIGITS)
		return false;
	check_make(secret, check);
	return strcmp(secret + RANDOM_DIGITS, check) == 0;
}

int
token_hash(const char *secret, uint8_t out[TOKEN_HASH])
{
	return gnutls_hash_fast(GNUTLS_DIG_SHA256, secret, strlen(secret),
	    out) == 0 ? 0 : ERR_INTERNAL;
}

uint32_t
token_scopes_parse(const char *list)
{
	uint32_t scopes = 0;
	char word[PATTERN_SIZE];

	while ((list = word_next(list, word)) != NULL) {
		int scope = scope_parse(word);

		if (scope >= 0)
			scopes |= UINT32_C(1) << scope;
	}
	return scopes;
}

void
token_scopes_text(uint32_t scopes, char out[TOKEN_LIST_SIZE])
{
	size_t len = 0;

	out[0] = '\0';
	for (int i = 0; i < SCOPES; i++)
		if ((scopes & UINT32_C(1) << i) != 0)
			len += (size_t)snprintf(out + len,
			    TOKEN_LIST_SIZE - len, "%s%s",
			    len == 0 ? "" : " ", scope_name(i));
}

int
token_by_secret(struct db *d, const char *secret, struct token *out)
{
	return token_find(d, "SELECT id, user_id, scopes, instances, project,"
	    " unikernels, expires, last_used FROM token WHERE hash = ?",
	    TOKEN_PREFIX, secret, out);
}

int
token_find(struct db *d, const char *sql, const char *prefix,
	const char *secret, struct token *out)
{
	uint8_t hash[TOKEN_HASH];
	sqlite3_stmt *stmt;
	int rc;

	if (!token_wellformed(prefix, secret))
		return ERR_NOT_FOUND;
	if (token_hash(secret, hash) != 0)
		return ERR_INTERNAL;
	stmt = db_query(d, sql, "b", hash, (size_t)TOKEN_HASH);
	rc = db_step(stmt);
	if (rc != 1)
		return rc == 0 ? ERR_NOT_FOUND : ERR_INTERNAL;
	snprintf(out->id, sizeof(out->id), "%s", db_text(stmt, 0));
	snprintf(out->user, sizeof(out->user), "%s", db_text(stmt, 1));
	out->limits.scopes = token_scopes_parse(db_text(stmt, 2));
	snprintf(out->limits.instances, TOKEN_LIST_SIZE, "%s",
	    db_text(stmt, 3));
	snprintf(out->limits.project, sizeof(out->limits.project), "%s",
	    db_text(stmt, 4));
	snprintf(out->limits.patterns, TOKEN_LIST_SIZE, "%s",
	    db_text(stmt, 5));
	out->expires = sqlite3_column_int64(stmt, 6);
	out->last_used = sqlite3_column_int64(stmt, 7);
	db_done(stmt);
	return 0;
}

int
token_used(struct db *d, const char *id, const char *address, time_t now)
{
	return db_run(d, "UPDATE token SET last_used = ?, last_used_from = ?"
	    " WHERE id = ?", "itt", (int64_t)now, address, id);
}

bool
token_covers_instance(const struct token_limits *l, const char *instance)
{
	const char *list = l->instances;
	char word[PATTERN_SIZE];

	if (*list == '\0')
		return true;
	while ((list = word_next(list, word)) != NULL)
		if (strcmp(word, instance) == 0)
			return true;
	return false;
}

bool
token_covers_project(const struct token_limits *l, const char *project)
{
	return l->project[0] == '\0' || strcmp(l->project, project) == 0;
}

bool
token_covers(const struct token_limits *l, const char *instance,
	const char *project, const char *name)
{
	return (instance == NULL || token_covers_instance(l, instance)) &&
	    (project == NULL || token_covers_project(l, project)) &&
	    (name == NULL || patterns_match(l->patterns, name));
}

bool
token_has(const struct token_limits *l, enum scope scope)
{
	return (rights_implied(l->scopes) & UINT32_C(1) << scope) != 0;
}

int
token_add(struct db *d, const struct token *token, const char *name,
	const char *secret, time_t now, char id[37])
{
	const struct token_limits *l = &token->limits;
	char scopes[TOKEN_LIST_SIZE];
	uint8_t hash[TOKEN_HASH];

	if (token_hash(secret, hash) != 0)
		return ERR_INTERNAL;
	uuid_make(id);
	token_scopes_text(l->scopes, scopes);
	return db_run(d, "INSERT INTO token (id, hash, user_id, name, scopes,"
	    " instances, project, unikernels, created, expires)"
	    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", "tbttttttii", id, hash,
	    (size_t)TOKEN_HASH, token->user, name, scopes,
	    text_or_null(l->instances), text_or_null(l->project),
	    text_or_null(l->patterns), (int64_t)now,
	    (int64_t)token->expires);
}

int
token_remove_all(struct db *d, const char *user)
{
	int err = db_run(d, "DELETE FROM token WHERE user_id = ?", "t", user);

	return err != 0 ? err : store_revise(d);
}

/* What was to change a token did: 0 or ERR_NOT_FOUND. */
static int
changed(struct db *d, int err)
{
	if (err != 0)
		return err;
	return db_changes(d) == 0 ? ERR_NOT_FOUND : store_revise(d);
}

int
token_remove(struct db *d, const char *user, const char *id)
{
	return changed(d, db_run(d, "DELETE FROM token WHERE id = ?"
	    " AND user_id = ?", "tt", id, user));
}

int
token_remove_of_project(struct db *d, const char *project, const char *id)
{
	return changed(d, db_run(d, "DELETE FROM token WHERE id = ?"
	    " AND project = ?", "tt", id, project));
}

int
token_rename(struct db *d, const char *user, const char *id,
	const char *name)
{
	return changed(d, db_run(d, "UPDATE token SET name = ? WHERE id = ?"
	    " AND user_id = ?", "ttt", name, id, user));
}

int
token_shorten(struct db *d, const char *user, const char *id, time_t expires)
{
	return changed(d, db_run(d, "UPDATE token SET expires = ?"
	    " WHERE id = ? AND user_id = ? AND expires >= ?", "itti",
	    (int64_t)expires, id, user, (int64_t)expires));
}

int
token_count(struct db *d, const char *user)
{
	return (int)db_number(db_query(d, "SELECT count(*) FROM token"
	    " WHERE user_id = ?", "t", user), 0);
}

struct json_object *
words_to_json(const char *list)
{
	struct json_object *o;
	char word[PATTERN_SIZE];

	if (*list == '\0')
		return NULL;
	o = json_object_new_array();
	while ((list = word_next(list, word)) != NULL)
		json_object_array_add(o, json_object_new_string(word));
	return o;
}

#define TOKEN_COLUMNS \
	"SELECT t.id, t.name, t.scopes, t.instances, t.project, t.unikernels," \
	" t.created, t.expires, t.last_used, t.last_used_from, a.name" \
	" FROM token t JOIN account a ON a.id = t.user_id WHERE "

static struct json_object *
row_to_json(sqlite3_stmt *stmt)
{
	struct json_object *o = json_object_new_object();

	json_add_str(o, "id", db_text(stmt, 0));
	json_add_str(o, "name", db_text(stmt, 1));
	json_object_object_add(o, "scopes", words_to_json(db_text(stmt, 2)));
	json_object_object_add(o, "instances",
	    words_to_json(db_text(stmt, 3)));
	json_add_str(o, "project", text_or_null(db_text(stmt, 4)));
	json_object_object_add(o, "unikernels",
	    words_to_json(db_text(stmt, 5)));
	json_add_int(o, "created", sqlite3_column_int64(stmt, 6));
	json_add_int(o, "expires", sqlite3_column_int64(stmt, 7));
	json_add_nonzero(o, "last_used", sqlite3_column_int64(stmt, 8));
	json_add_str(o, "last_used_from", text_or_null(db_text(stmt, 9)));
	json_add_str(o, "user", db_text(stmt, 10));
	return o;
}

static struct json_object *
rows_to_json(sqlite3_stmt *stmt)
{
	struct json_object *items = json_object_new_array();

	while (db_step(stmt) == 1)
		json_object_array_add(items, row_to_json(stmt));
	return items;
}

struct json_object *
token_list(struct db *d, const char *user)
{
	return rows_to_json(db_query(d, TOKEN_COLUMNS "t.user_id = ?"
	    " ORDER BY t.created, t.id", "t", user));
}

struct json_object *
token_list_of_project(struct db *d, const char *project)
{
	return rows_to_json(db_query(d, TOKEN_COLUMNS "t.project = ?"
	    " ORDER BY t.created, t.id", "t", project));
}

struct json_object *
token_get(struct db *d, const char *user, const char *id)
{
	sqlite3_stmt *stmt = db_query(d, TOKEN_COLUMNS "t.user_id = ?"
	    " AND t.id = ?", "tt", user, id);
	struct json_object *o;

	if (db_step(stmt) != 1)
		return NULL;
	o = row_to_json(stmt);
	db_done(stmt);
	return o;
}

struct json_object *
token_expiring(struct db *d, time_t now)
{
	struct json_object *items = json_object_new_array();
	sqlite3_stmt *stmt = db_query(d, "SELECT t.id, t.name, t.expires,"
	    " a.email, a.name FROM token t JOIN account a ON a.id = t.user_id"
	    " WHERE t.warned IS NULL AND t.expires > ? AND t.expires <= ?"
	    " AND t.expires - t.created > ? AND a.disabled = 0"
	    " ORDER BY t.expires, t.id LIMIT ?", "iiii", (int64_t)now,
	    (int64_t)now + TOKEN_SOON, (int64_t)TOKEN_SOON,
	    (int64_t)TOKEN_EXPIRING_MOST);

	while (db_step(stmt) == 1) {
		struct json_object *o = json_object_new_object();

		json_add_str(o, "id", db_text(stmt, 0));
		json_add_str(o, "token", db_text(stmt, 1));
		json_add_int(o, "expires", sqlite3_column_int64(stmt, 2));
		json_add_str(o, "email", db_text(stmt, 3));
		json_add_str(o, "name", db_text(stmt, 4));
		json_object_array_add(items, o);
	}
	return items;
}

int
token_warned(struct db *d, const char *id, time_t now)
{
	return db_run(d, "UPDATE token SET warned = ? WHERE id = ?", "it",
	    (int64_t)now, id);
}
