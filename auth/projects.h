/* SPDX-License-Identifier: ISC */
/* projects: tenants and their members. */
#ifndef AUTH_PROJECTS_H
#define AUTH_PROJECTS_H

#include "auth/identity.h"
#include "base/json.h"

/* name, title and role of each project who is a member of; owned. */
struct json_object *project_memberships(struct db *d,
	const struct identity *who);
/*
 * The same with "personal" and "policies"; an administrator sees all. Owned.
 */
struct json_object *project_list(struct db *d, const struct identity *who);
/*
 * name and policies of all, for the service that watches: by name, those after
 * a name ("" for the first), as many as fit into budget bytes of JSON; *more:
 * there are others behind them. Owned.
 */
struct json_object *project_watch_list(struct db *d, const char *after,
	size_t budget, bool *more);

/* A project of owner, within a write; ERR_CONFLICT when the name is taken. */
int project_add(struct db *d, const char *name, const char *title,
	const char *owner, time_t now, struct fault *f);
/*
 * Makes the account of that e-mail a member; role ROLE_NONE removes. The last
 * owner stays. 0, ERR_NOT_FOUND, ERR_CONFLICT.
 */
int project_member_set(struct db *d, const char *project_id,
	const char *email, enum role role, struct fault *f);
/* name, email and role of each; owned. */
struct json_object *project_members(struct db *d, const char *project_id);

#endif
