/* SPDX-License-Identifier: ISC */
/*
 * challenges: what an authenticator has to sign, good once, for five minutes
 * and for one purpose. They carry their time and a MAC under a key of this
 * run, so that asking for them costs nothing to keep and nobody can push out
 * those of others; only the ones that were used are remembered.
 */
#ifndef AUTH_CHALLENGES_H
#define AUTH_CHALLENGES_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#define CHALLENGE_BYTES (8 + 16 + 32)
#define CHALLENGE_SECONDS (5 * 60)
#define CHALLENGES_USED 4096

struct challenge_used {
	uint8_t bytes[16];	/* the random ones in it */
	time_t until;		/* 0: free */
};

struct challenges {
	pthread_mutex_t lock;
	uint8_t key[32];
	struct challenge_used *used;	/* CHALLENGES_USED of them */
};

/* 0 or ERR_NO_MEMORY. */
int challenges_init(struct challenges *c);
void challenges_free(struct challenges *c);

/* A new one: 0 or ERR_INTERNAL. */
int challenge_make(const struct challenges *c, const char *purpose,
	time_t now, uint8_t out[CHALLENGE_BYTES]);
/* Is it one of ours, for that, and not too old? */
bool challenge_good(const struct challenges *c, const char *purpose,
	const uint8_t *bytes, size_t len, time_t now);
/*
 * Takes a good one, once what answers it was found right: false when it was
 * taken before, or so many others were that it can not be remembered.
 */
bool challenge_take(struct challenges *c, const uint8_t bytes[CHALLENGE_BYTES],
	time_t now);

#endif
