/* SPDX-License-Identifier: ISC */
/*
 * grants: credentials with which something happens while nobody is there. One
 * of a deployment outlives the request that asked for it: it is for one
 * unikernel and for what its maker may do with it, at most a day, and ends
 * with the token that made it; one of a volume is the same for one volume. A
 * standing one is given by a person for a year: for updates of one unikernel,
 * for copies of one volume, or for notices to them. None can do more than its
 * owner may at that moment, and the table of ops says what each kind may ask
 * for. They look like tokens with another prefix (AUTH_GRANT_PREFIX), and are
 * stored as SHA-256.
 */
#ifndef AUTH_GRANTS_H
#define AUTH_GRANTS_H

#include "auth/tokens.h"

#define GRANT_SECONDS TOKEN_DAY
#define GRANT_STANDING_SECONDS (365 * TOKEN_DAY)

/* One bit each, for sets of them. */
enum grant_kind {
	GRANT_NONE = 0,		/* it is no grant */
	GRANT_DEPLOYMENT = 1,
	GRANT_UPDATES = 2,
	GRANT_NOTICES = 4,
	GRANT_VOLUME = 8,
	GRANT_COPIES = 16
};

/* "deployment"; and back (GRANT_NONE). */
const char *grant_kind_name(enum grant_kind kind);
enum grant_kind grant_kind_parse(const char *name);

/*
 * Adds a grant with token's user, limits and expires, within a write; maker is
 * the id of the token it was asked for with, or "". Those that have expired
 * are removed. Fills in id.
 */
int grant_add(struct db *d, enum grant_kind kind, const struct token *token,
	const char *maker, const char *secret, time_t now, char id[37]);
/* As token_by_secret; out is the grant in the form of a token. */
int grant_by_secret(struct db *d, const char *secret, struct token *out,
	enum grant_kind *kind);
int grant_remove(struct db *d, const char *id);

#endif
