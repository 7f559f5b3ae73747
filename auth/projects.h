/* SPDX-License-Identifier: ISC */
/* projects: tenants. */
#ifndef AUTH_PROJECTS_H
#define AUTH_PROJECTS_H

#include "auth/identity.h"
#include "base/json.h"

/* name, title, role and archived of each project who is a member of; owned. */
struct json_object *project_memberships(struct db *d,
	const struct identity *who);
/*
 * The same with personal, created, archived (when, or null), members (how many)
 * and policies; an administrator sees all, and is owner of what has no other
 * role for them. Those after a name, as project_watch_list. Owned.
 */
struct json_object *project_list(struct db *d, const struct identity *who,
	const char *after, size_t budget, bool *more);
/* One of them; NULL when it is not there. */
struct json_object *project_get(struct db *d, const struct identity *who,
	const char *name);
/*
 * name and policies of all, for the service that watches: by name, those after
 * a name ("" for the first), as many as fit into budget bytes of JSON; *more:
 * there are others behind them. Owned.
 */
struct json_object *project_watch_list(struct db *d, const char *after,
	size_t budget, bool *more);

/* How many somebody owns, their own one among them. */
#define PROJECTS_OWNED 100	/* at most, of who is no administrator */
int64_t project_count(struct db *d, const char *owner);

/* What follows is within a write. A project of owner; the name is free. */
int project_add(struct db *d, const char *name, const char *title,
	const char *owner, time_t now);
int project_title(struct db *d, const char *id, const char *title);
int project_archive(struct db *d, const char *id, bool archived, time_t now);
/* With the tokens and grants that are for nothing else. */
int project_remove(struct db *d, const char *id, const char *name);

#endif
