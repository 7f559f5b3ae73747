/* SPDX-License-Identifier: ISC */
/*
 * grants: credentials for deployments, which outlive the request that asked
 * for them. A grant is for one unikernel and for what its maker may do with
 * it, at most a day; it ends with the token that made it, and can never do
 * more than its owner may at that moment. It looks like a token with another
 * prefix (AUTH_GRANT_PREFIX), and is stored as SHA-256.
 */
#ifndef AUTH_GRANTS_H
#define AUTH_GRANTS_H

#include "auth/tokens.h"

#define GRANT_SECONDS (24 * 60 * 60)

/*
 * Adds a grant with token's user, limits and expires, within a write; maker is
 * the id of the token it was asked for with, or "". Those that have expired
 * are removed. Fills in id.
 */
int grant_add(struct db *d, const struct token *token, const char *maker,
	const char *secret, time_t now, char id[37]);
/* As token_by_secret; out is the grant in the form of a token. */
int grant_by_secret(struct db *d, const char *secret, struct token *out);
int grant_remove(struct db *d, const char *id);

#endif
