/* SPDX-License-Identifier: ISC */
/*
 * device: browsers that an account was signed in with before. Each keeps a
 * secret that says so, and nothing else: it lets nobody in, but what strangers
 * fail at does not make it wait (proof.h). Nothing of it is stored: it is a MAC
 * under a key derived from the master key, and ends when the password changes.
 */
#ifndef AUTH_DEVICE_H
#define AUTH_DEVICE_H

#include "auth/accounts.h"
#include "auth/authority.h"

#define DEVICE_SIZE 112		/* of a secret, as text */
#define DEVICE_ID_SIZE 33

/* A fresh one of account. 0 or ERR_INTERNAL. */
int device_make(const struct authority *a, const struct account *account,
	char out[DEVICE_SIZE]);
/* Is secret (or NULL) one of account? Then id tells it from others. */
bool device_known(const struct authority *a, const struct account *account,
	const char *secret, char id[DEVICE_ID_SIZE]);

#endif
