/* SPDX-License-Identifier: ISC */
/*
 * password: argon2id hashes, at most two computed at a time. Each takes 64 MiB
 * and about 0.14 s, so what does not get its turn soon is told to come back.
 */
#ifndef AUTH_PASSWORD_H
#define AUTH_PASSWORD_H

#include <stdbool.h>

#include "base/err.h"

#define PASSWORD_MIN 12		/* bytes */
#define PASSWORD_MAX 1024
#define PASSWORD_HASH_SIZE 128

/* How many compute at once, and how many more may wait for it. */
#define PASSWORD_AT_ONCE 2
#define PASSWORD_WAITING 8
/* And how many of both for one address: others get a turn beside a flood. */
#define PASSWORD_FROM_ONE 4
#define PASSWORD_FROM_SIZE 48

/*
 * The turn to compute for somebody at an address (any text): 0, ERR_RATE when
 * as many of the same are here as may be, or ERR_BUSY when the queue is full or
 * took longer than 5 s. Every enter that returned 0 is left once, with
 * its turn.
 */
int password_gate_enter(const char *from, int *turn, struct fault *f);
void password_gate_leave(int turn);

/* Within the gate: 0 or ERR_NO_MEMORY. */
int password_hash(const char *password, char out[PASSWORD_HASH_SIZE]);
/*
 * Within the gate. hash NULL: no such account; costs the same and is false.
 */
bool password_verify(const char *password, const char *hash);
/* True when hash was made with other parameters than today's. */
bool password_outdated(const char *hash);

#endif
