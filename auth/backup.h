/* SPDX-License-Identifier: ISC */
/* backup: a copy of the state, and the state out of a copy. */
#ifndef AUTH_BACKUP_H
#define AUTH_BACKUP_H

#include "auth/authority.h"

/*
 * Copies the database as it is at one moment, while others write, to path, one
 * file of mode 0600; with_key: and the master key to path.key. Whole or not at
 * all; neither must be there before. 0 or an ERR_ with a sentence.
 */
int backup_make(struct authority *a, const char *path, bool with_key,
	struct fault *f);

/* What is brought back. */
struct backup {
	const char *path;	/* of the copy */
	const char *key;	/* of its master key; NULL: the one in dir */
	bool force;		/* in place of what is there */
};

/*
 * Brings a copy into dir, which is made when missing, once it was checked: it
 * is whole, of a version we know, everything sealed in it opens, its audit log
 * is whole. What is in dir is kept as auth.db.before and master.key.before, and
 * replaced only with force, and only while nobody has it open. May be cut off
 * anywhere: what is there then is the one or the other. 0 or an ERR_ with a
 * sentence.
 */
int backup_restore(const char *dir, const struct backup *b, struct fault *f);

#endif
