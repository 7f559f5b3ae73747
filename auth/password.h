/* SPDX-License-Identifier: ISC */
/*
 * password: argon2id hashes, at most two computed at a time. Each takes 64 MiB
 * and about 0.14 s, so what does not get its turn soon is told to come back.
 */
#ifndef AUTH_PASSWORD_H
#define AUTH_PASSWORD_H

#include <stdbool.h>

#include "base/err.h"

#define PASSWORD_MIN 8		/* bytes */
#define PASSWORD_MAX 1024
#define PASSWORD_HASH_SIZE 128

/* How many compute at once, and how many more may wait for it. */
#define PASSWORD_AT_ONCE 2
#define PASSWORD_WAITING 8

/*
 * The turn to compute: 0, or ERR_BUSY when the queue is full or took longer
 * than 5 s. Every enter that returned 0 is left once.
 */
int password_gate_enter(struct fault *f);
void password_gate_leave(void);

/* Within the gate: 0 or ERR_NO_MEMORY. */
int password_hash(const char *password, char out[PASSWORD_HASH_SIZE]);
/*
 * Within the gate. hash NULL: no such account; costs the same and is false.
 */
bool password_verify(const char *password, const char *hash);
/* True when hash was made with other parameters than today's. */
bool password_outdated(const char *hash);

#endif
