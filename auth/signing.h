/* SPDX-License-Identifier: ISC */
/*
 * signing: the keys of session tokens, sealed in the database. There are three:
 * the current one signs; the previous one still verifies, for twice the life of
 * a token; the next one waits. It is made when the one before it begins to
 * sign, so that to rotate is to write two times into rows that are there: the
 * key that signs then was sealed, stored and backed up long before, every
 * program that reads this database can know it, and a copy of the database of
 * yesterday opens the tokens of today.
 *
 * The current one is replaced when it is 30 days old, by whoever signs then and
 * by the daemon's timer, or by "keys rotate". Rotating twice ends every token
 * signed before; three times, and no key is left that anybody could have seen.
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
	struct access_key cached[3];
	size_t ncached;
};

void signing_init(struct signing *s);
void signing_free(struct signing *s);

/* The key to sign with; within a write, as the first has to be made. */
int signing_current(struct db *d, const struct keyring *k, time_t now,
	struct access_key *out);
/*
 * The next key signs from now on, and a new one waits; the current one becomes
 * the previous one, and that one goes.
 */
int signing_rotate(struct db *d, const struct keyring *k, time_t now);
/* Is the current one too old? Not while there is none yet. */
bool signing_due(struct db *d, time_t now);
/*
 * Within a write: rotates when that is due, and drops a previous key whose
 * tokens have all expired.
 */
int signing_tend(struct db *d, const struct keyring *k, time_t now);
/* The key that token's header names; ERR_UNAUTHENTICATED: none of ours. */
int signing_find(struct signing *s, struct db *d, const struct keyring *k,
	const char *token, struct access_key *out);
/* 0 when every key in the database opens under k. */
int signing_check(struct db *d, const struct keyring *k);

#endif
