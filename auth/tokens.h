/* SPDX-License-Identifier: ISC */
/*
 * tokens: opaque credentials for CI and scripts: "mmk_", 32 random base62
 * characters and 6 of their CRC-32, so that scanners can find and check one.
 * Stored as SHA-256. A token holds scopes, may be narrowed to instances, a
 * project and name patterns, expires, and can never do more than its owner may
 * at that moment.
 */
#ifndef AUTH_TOKENS_H
#define AUTH_TOKENS_H

#include <stdint.h>
#include <time.h>

#include "auth/rights.h"
#include "auth/store.h"
#include "base/json.h"

#define TOKEN_PREFIX "mmk_"
#define TOKEN_LENGTH (4 + 32 + 6)
#define TOKEN_HASH 32
#define TOKEN_LIST_MAX 32	/* instances, or patterns */
#define TOKEN_LIST_SIZE (TOKEN_LIST_MAX * 64)
#define TOKEN_DAY (24 * 60 * 60)
#define TOKENS_MAX 200		/* of one person */

/* What a token may do. Lists are words between single spaces; "" is any. */
struct token_limits {
	uint32_t scopes;	/* one bit each */
	char instances[TOKEN_LIST_SIZE];
	char project[64];
	char patterns[TOKEN_LIST_SIZE];
};

struct token {
	char id[37];
	char user[37];
	struct token_limits limits;
	time_t expires;
	time_t last_used;	/* 0: never */
};

/* An array of the words of a list, owned; NULL for "". */
struct json_object *words_to_json(const char *list);

/* A fresh secret behind prefix (of four characters, as TOKEN_PREFIX). */
void token_make(const char *prefix, char out[TOKEN_LENGTH + 1]);
/* True when secret has the prefix, the form and the check digits. */
bool token_wellformed(const char *prefix, const char *secret);
/* What is stored of a secret: 0 or ERR_INTERNAL. */
int token_hash(const char *secret, uint8_t out[TOKEN_HASH]);
/* Scopes as words, and back; words that are none are passed over. */
void token_scopes_text(uint32_t scopes, char out[TOKEN_LIST_SIZE]);
uint32_t token_scopes_parse(const char *list);

/*
 * 0, ERR_NOT_FOUND, or ERR_INTERNAL. Expiry is the caller's to check. The
 * second one is for what looks like a token but is kept elsewhere: sql selects
 * id, user, scopes, instances, project, patterns, expires and last use by hash.
 */
int token_by_secret(struct db *d, const char *secret, struct token *out);
int token_find(struct db *d, const char *sql, const char *prefix,
	const char *secret, struct token *out);
/* Records a use, within a write. */
int token_used(struct db *d, const char *id, const char *address, time_t now);

bool token_has(const struct token_limits *l, enum scope scope);
/* Each of instance, project and name may be NULL: somewhere. */
bool token_covers(const struct token_limits *l, const char *instance,
	const char *project, const char *name);
bool token_covers_instance(const struct token_limits *l,
	const char *instance);
bool token_covers_project(const struct token_limits *l, const char *project);

/* Adds a row of name and limits, within a write; fills in id. */
int token_add(struct db *d, const struct token *token, const char *name,
	const char *secret, time_t now, char id[37]);
/*
 * Changes of one of user's own, within a write: 0, or ERR_NOT_FOUND: there is
 * none; to shorten, none that expires later than that. They act at once.
 */
int token_remove(struct db *d, const char *user, const char *id);
/* All of them. */
int token_remove_all(struct db *d, const char *user);
int token_rename(struct db *d, const char *user, const char *id,
	const char *name);
int token_shorten(struct db *d, const char *user, const char *id,
	time_t expires);
/* One of anybody's that is narrowed to that project. */
int token_remove_of_project(struct db *d, const char *project,
	const char *id);
/* How many a user has. */
int token_count(struct db *d, const char *user);
/*
 * An owned array of token objects: a user's, those narrowed to a project; or
 * one of them (NULL: not there).
 */
struct json_object *token_list(struct db *d, const char *user);
struct json_object *token_list_of_project(struct db *d, const char *project);
struct json_object *token_get(struct db *d, const char *user, const char *id);

/*
 * Those that expire within TOKEN_SOON and were made for longer, whose owners
 * were not told: an owned array of at most TOKEN_EXPIRING_MOST {"id", "token"
 * (its name), "expires", "email", "name" (of the owner)}. Then: they were.
 */
#define TOKEN_SOON (7 * TOKEN_DAY)
#define TOKEN_EXPIRING_MOST 100
struct json_object *token_expiring(struct db *d, time_t now);
int token_warned(struct db *d, const char *id, time_t now);

#endif
