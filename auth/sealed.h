/* SPDX-License-Identifier: ISC */
/*
 * sealed: the one list of what the database holds sealed under the master key:
 * keys of instances and of session tokens, secrets of second factors and of
 * projects. What a new table seals belongs into it, or it is lost with the next
 * rekey; a test looks for tables that are not.
 */
#ifndef AUTH_SEALED_H
#define AUTH_SEALED_H

#include "auth/keyring.h"
#include "auth/store.h"

/* 0 with the number of values, or an ERR_ that says which does not open. */
int sealed_check(struct db *d, const struct keyring *k, int64_t *n,
	struct fault *f);
/*
 * Seals all of it anew, within a write, but the keys of session tokens, which
 * are to be made anew. 0 or an ERR_; nothing must be committed then.
 */
int sealed_anew(struct db *d, const struct keyring *old,
	const struct keyring *new, struct fault *f);

#endif
