/* SPDX-License-Identifier: ISC */
/* grants: credentials for deployments; see grants.h. */
#include "auth/grants.h"

#include <stdio.h>
#include <string.h>

#include "auth/authority.h"
#include "auth/client.h"

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
	    (size_t)TOKEN_HASH, token->user, *maker == '\0' ? NULL : maker,
	    l->instances, l->project, l->patterns, scopes, (int64_t)now,
	    (int64_t)token->expires);
}

int
grant_by_secret(struct db *d, const char *secret, struct token *out)
{
	uint8_t hash[TOKEN_HASH];
	sqlite3_stmt *stmt;
	int rc;

	if (!token_wellformed(AUTH_GRANT_PREFIX, secret))
		return ERR_NOT_FOUND;
	if (token_hash(secret, hash) != 0)
		return ERR_INTERNAL;
	stmt = db_query(d, "SELECT id, user_id, scopes, instance, project,"
	    " name, expires FROM deployment_grant WHERE hash = ?", "b", hash,
	    (size_t)TOKEN_HASH);
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
	db_done(stmt);
	return 0;
}

int
grant_remove(struct db *d, const char *id)
{
	return db_run(d, "DELETE FROM deployment_grant WHERE id = ?", "t",
	    id);
}
