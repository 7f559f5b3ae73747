/* SPDX-License-Identifier: ISC */
/* grants: credentials of those who are away; see grants.h. */
#include "auth/grants.h"

#include <string.h>

#include "auth/authority.h"
#include "auth/client.h"
#include "base/text.h"

_Static_assert(TOKEN_LENGTH < AUTH_GRANT_SIZE, "a grant fits");

static const struct {
	enum grant_kind kind;
	const char *name;
} kinds[] = {
	{ GRANT_DEPLOYMENT, "deployment" },
	{ GRANT_UPDATES, "updates" },
	{ GRANT_NOTICES, "notices" },
	{ GRANT_VOLUME, "volume" },
	{ GRANT_COPIES, "copies" },
};

#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

const char *
grant_kind_name(enum grant_kind kind)
{
	for (size_t i = 0; i < KINDS; i++)
		if (kinds[i].kind == kind)
			return kinds[i].name;
	return "none";
}

enum grant_kind
grant_kind_parse(const char *name)
{
	for (size_t i = 0; i < KINDS; i++)
		if (strcmp(kinds[i].name, name) == 0)
			return kinds[i].kind;
	return GRANT_NONE;
}

int
grant_add(struct db *d, enum grant_kind kind, const struct token *token,
	const char *maker, const char *secret, time_t now, char id[37])
{
	const struct token_limits *l = &token->limits;
	char scopes[TOKEN_LIST_SIZE];
	uint8_t hash[TOKEN_HASH];
	int err = token_hash(secret, hash);

	if (err == 0)
		err = db_run(d, "DELETE FROM deployment_grant WHERE"
		    " expires <= ?", "i", (int64_t)now);
	if (err != 0)
		return err;
	uuid_make(id);
	token_scopes_text(l->scopes, scopes);
	return db_run(d, "INSERT INTO deployment_grant (id, hash, user_id,"
	    " token_id, instance, project, name, scopes, created, expires,"
	    " kind) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
	    "tbttttttiit", id, hash, (size_t)TOKEN_HASH, token->user,
	    text_or_null(maker), l->instances, l->project, l->patterns,
	    scopes, (int64_t)now, (int64_t)token->expires,
	    grant_kind_name(kind));
}

static int
kind_find(struct db *d, const char *id, enum grant_kind *out)
{
	sqlite3_stmt *stmt = db_query(d, "SELECT kind FROM deployment_grant"
	    " WHERE id = ?", "t", id);
	int rc = db_step(stmt);

	if (rc != 1)
		return rc == 0 ? ERR_NOT_FOUND : ERR_INTERNAL;
	*out = grant_kind_parse(db_text(stmt, 0));
	db_done(stmt);
	return *out == GRANT_NONE ? ERR_INTERNAL : 0;
}

int
grant_by_secret(struct db *d, const char *secret, struct token *out,
	enum grant_kind *kind)
{
	int err = token_find(d, "SELECT id, user_id, scopes, instance,"
	    " project, name, expires, 0 FROM deployment_grant WHERE hash = ?",
	    AUTH_GRANT_PREFIX, secret, out);

	return err != 0 ? err : kind_find(d, out->id, kind);
}

int
grant_remove(struct db *d, const char *id)
{
	return db_run(d, "DELETE FROM deployment_grant WHERE id = ?", "t",
	    id);
}
