/* SPDX-License-Identifier: ISC */
/* grants: credentials for deployments; see grants.h. */
#include "auth/grants.h"

#include "auth/authority.h"
#include "auth/client.h"
#include "base/text.h"

_Static_assert(TOKEN_LENGTH < AUTH_GRANT_SIZE, "a grant fits");

int
grant_add(struct db *d, const struct token *token, const char *maker,
	const char *secret, time_t now, char id[37])
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
	    " token_id, instance, project, name, scopes, created, expires)"
	    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", "tbttttttii", id, hash,
	    (size_t)TOKEN_HASH, token->user, text_or_null(maker),
	    l->instances, l->project, l->patterns, scopes, (int64_t)now,
	    (int64_t)token->expires);
}

int
grant_by_secret(struct db *d, const char *secret, struct token *out)
{
	return token_find(d, "SELECT id, user_id, scopes, instance, project,"
	    " name, expires, 0 FROM deployment_grant WHERE hash = ?",
	    AUTH_GRANT_PREFIX, secret, out);
}

int
grant_remove(struct db *d, const char *id)
{
	return db_run(d, "DELETE FROM deployment_grant WHERE id = ?", "t",
	    id);
}
