/* SPDX-License-Identifier: ISC */
/*
 * signing: the keys of session tokens, sealed in the database. One is current
 * and signs; the one before it still verifies for twice the life of a token.
 * The current one is replaced when it is 30 days old, or by "keys rotate";
 * rotating twice ends every token signed before.
 */
#ifndef AUTH_SIGNING_H
#define AUTH_SIGNING_H

#include <pthread.h>

#include "auth/access.h"
#include "auth/keyring.h"
#include "auth/store.h"

#define SIGNING_AGE (30 * 24 * 60 * 60)
#define SIGNING_GRACE (2 * ACCESS_LIFETIME)

/*
 * Keys seen, so that no request opens a sealed one. That a key is still valid
 * is asked of the database at each use, together with the session.
 */
struct signing {
	pthread_mutex_t lock;
	struct access_key cached[2];
	size_t ncached;
};

void signing_init(struct signing *s);
void signing_free(struct signing *s);

/* The key to sign with; within a write, as it may have to be made. */
int signing_current(struct db *d, const struct keyring *k, time_t now,
	struct access_key *out);
/* Makes a new current key, retires the old, drops those before it. */
int signing_rotate(struct db *d, const struct keyring *k, time_t now);
/* The key that token's header names; ERR_UNAUTHENTICATED: none of ours. */
int signing_find(struct signing *s, struct db *d, const struct keyring *k,
	const char *token, struct access_key *out);
/* 0 when every key in the database opens under k. */
int signing_check(struct db *d, const struct keyring *k);

#endif
