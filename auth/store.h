/* SPDX-License-Identifier: ISC */
/* store: the authority's database, DIR/auth.db. */
#ifndef AUTH_STORE_H
#define AUTH_STORE_H

#include "base/db.h"

/*
 * Opens DIR/auth.db, making dir (0700) and database (0600) when missing, and
 * brings it to the newest version. 0 with an owned database, or an ERR_ with a
 * sentence for the operator.
 */
int store_open(const char *dir, struct database **out, struct fault *f);
/*
 * Held by whoever has the state open, shared, or alone (rekey, restore) when
 * nobody else may have it: an owned descriptor, to be closed, or -1 with a
 * sentence in f. dir must be there, and be ours.
 */
int store_lock(const char *dir, bool alone, struct fault *f);
/* dir, 0700, made when missing: 0, or an ERR_ with a sentence. */
int store_directory(const char *dir, struct fault *f);

/*
 * Counts up when who may see what changed, or what there is; part of the
 * caller's transaction.
 */
int store_revise(struct db *d);
int64_t store_revision(struct db *d);

/* schema.c */
extern const struct migrations schema;

#endif
