/* SPDX-License-Identifier: ISC */
/*
 * members: people in projects, with their roles. A project always has an owner
 * who may sign in; a personal one has its person as owner for as long as they
 * are there. All that writes runs within a write, after the right was checked
 * in it.
 */
#ifndef AUTH_MEMBERS_H
#define AUTH_MEMBERS_H

#include "auth/identity.h"
#include "base/json.h"

/* name, display_name, email and role of each by name; owned. */
struct json_object *members_list(struct db *d, const char *project_id);
/* One of them; NULL when they are none. */
struct json_object *member_get(struct db *d, const char *project_id,
	const char *user);

/*
 * Whom email or name (the other NULL) is meant for: 0, or ERR_INVALID with the
 * field.
 */
int member_find(struct db *d, const char *email, const char *name,
	struct account *out, struct fault *f);
/*
 * Gives the person that role; ROLE_NONE removes. 0, ERR_NOT_FOUND when there
 * is none to be removed, ERR_CONFLICT when no owner would be left.
 */
int member_set(struct db *d, const struct spot *spot,
	const struct account *person, enum role role, struct fault *f);
/*
 * to becomes an owner, and from gets the role behind (ROLE_NONE: leaves). from
 * NULL: so do all who were owners. 0 or an err.
 */
int member_transfer(struct db *d, const struct spot *spot,
	const struct account *to, const char *from, enum role behind,
	struct fault *f);

#endif
