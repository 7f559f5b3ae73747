/* SPDX-License-Identifier: ISC */
/* projects: tenants, their members and their policies on instances. */
#ifndef AUTH_PROJECTS_H
#define AUTH_PROJECTS_H

#include "albatross/policy.h"
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

/* 0 with an owned *out, ERR_NO_POLICY, or ERR_INTERNAL. */
int policy_get(struct db *d, const struct spot *spot, struct alb_policy *out);
/* Within a write; normalised by the caller. */
int policy_set(struct db *d, const struct spot *spot,
	const struct alb_policy *p, time_t now);

struct given {
	int64_t unikernels;
	int64_t memory;
	int64_t block;
};

/* What the policies of an instance give away, all together. */
int policy_given(struct db *d, const char *instance_id, struct given *out);

#endif
