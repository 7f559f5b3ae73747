/* SPDX-License-Identifier: ISC */
/* rekey: another master key. */
#ifndef AUTH_REKEY_H
#define AUTH_REKEY_H

#include "auth/authority.h"

/*
 * Makes a new master key and seals everything in a, which was opened alone,
 * under it, with new keys for session tokens: every session ends. The audit log
 * must be whole, as its seal is made anew. May be cut off anywhere: until the
 * database is committed the old key opens it, from then on the new one, which
 * is in DIR/master.key.next before and in DIR/master.key afterwards;
 * authority_open ends what was cut off. a is good for nothing but closing
 * then. 0 or an ERR_ with a sentence.
 */
int rekey(struct authority *a, const char *dir, struct fault *f);

#endif
