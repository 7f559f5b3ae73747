/* SPDX-License-Identifier: ISC */
/*
 * names: of accounts and projects, which are one set: each is an albatross
 * path. A name is retired when what had it goes, and is not given again while
 * albatross may hold anything beneath it: that would be somebody else's.
 */
#ifndef AUTH_NAMES_H
#define AUTH_NAMES_H

#include <time.h>

#include "auth/store.h"
#include "base/json.h"

/* Within the write that takes it: 0, or ERR_CONFLICT with the field "name". */
int name_free(struct db *d, const char *name, struct fault *f);

bool name_retired(struct db *d, const char *name);
/* Within a write; one that is retired already stays as it is. 0 or an err. */
int name_retire(struct db *d, const char *name, time_t now);
/* 0 or ERR_NOT_FOUND. */
int name_release(struct db *d, const char *name);
/* name and retired of each behind a name ("": all), so many at most; owned. */
#define NAMES_AT_ONCE 1000
struct json_object *name_list(struct db *d, const char *after);

/*
 * Whoever registers with an address that has an account must not learn so.
 * Thus the name they asked for is held for that address as long as one would
 * be that waits to be verified, and given up like it when the address asks for
 * another. Within a write, after name_hold_end; 0 or an err.
 */
int name_hold(struct db *d, const char *name, const char *email,
	time_t until);
int name_hold_end(struct db *d, const char *email);
/* Those that are over go. */
int name_holds_sweep(struct db *d, time_t now);

#endif
