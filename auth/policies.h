/* SPDX-License-Identifier: ISC */
/*
 * policies: what projects may use on instances: ours, which administrators
 * gave, beside what albatross has there, as the service saw it last.
 */
#ifndef AUTH_POLICIES_H
#define AUTH_POLICIES_H

#include "albatross/policy.h"
#include "auth/identity.h"
#include "base/json.h"

/*
 * A chain that was signed before a change may still bring the policy before it
 * for so long (s): what albatross has then was not made by hand.
 */
#define POLICY_LATE 600

enum policy_state {
	POLICY_APPLIED,		/* albatross has ours */
	POLICY_PENDING,		/* it has none, or the one before: ours is
				 * taken there by the next command */
	POLICY_DRIFT,		/* it has another: somebody has to choose */
};

/* "applied", "pending", "drift" */
const char *policy_state_name(enum policy_state state);

/* One of them; contents are owned. */
struct allowance {
	struct alb_policy policy;	/* ours */
	bool has_seen;
	struct alb_policy seen;		/* albatross', of has_seen */
	char *refused;			/* its words about ours, or NULL */
	enum policy_state state;
	bool over_commit;
	time_t changed;
};

void allowance_free(struct allowance *a);
/* 0 with an owned *out, ERR_NO_POLICY, or ERR_INTERNAL. */
int policy_get(struct db *d, const struct spot *spot, time_t now,
	struct allowance *out);
/*
 * Adds "policy", "over_commit", "state", "changed", "albatross" (a policy or
 * null), "refused" (text or null).
 */
void allowance_show(const struct allowance *a, struct json_object *out);

/* What is to be stored; normalised by the caller. */
struct policy_form {
	const struct alb_policy *policy;
	const struct alb_policy *found;	/* what albatross had, or NULL */
	bool applied;			/* albatross has it already */
	bool over_commit;
};

/* Within a write: 0 or an err. */
int policy_set(struct db *d, const struct spot *spot,
	const struct policy_form *form, time_t now);
int policy_remove(struct db *d, const struct spot *spot);
/* albatross refused ours, with these words. */
int policy_refused(struct db *d, const struct spot *spot, const char *words);

/*
 * [{"instance", "policy", "over_commit", "state"}] of a project, by instance,
 * with what is left out of a token's reach left out; owned.
 */
struct json_object *policy_list(struct db *d, const struct identity *who,
	const char *project_id, time_t now);
/*
 * {"project", and as allowance_show} of an instance, by project behind
 * after ("" for the first), as many as fit into budget bytes; *more: there are
 * others behind them. Owned.
 */
struct json_object *policy_list_on(struct db *d, const char *instance_id,
	const char *after, size_t budget, time_t now, bool *more);

/* Amounts; sums stop at the largest number. */
struct given {
	int64_t unikernels;
	int64_t memory;
	int64_t block;
};

void given_add(struct given *sum, const struct alb_policy *p);
/*
 * What the policies of an instance give away, all together, but for that of one
 * project (NULL: none is left out).
 */
int policy_given(struct db *d, const char *instance_id,
	const char *project_id, struct given *out);

/* What the instance itself has, as seen last: owned *out, ERR_NOT_FOUND. */
int policy_root(struct db *d, const char *instance_id,
	struct alb_policy *out);

/*
 * What albatross has for the projects with names in (after, until] ("": to the
 * end): policies is {project: policy}; root what it has itself. Whose state
 * changes is told to tell (project, state), within a write. 0 or an err.
 */
struct policy_sight {
	const char *instance_id;
	const char *after, *until;
	struct json_object *policies;
	const struct alb_policy *root;	/* or NULL */
	int (*tell)(void *arg, struct db *d, const char *project,
		enum policy_state state);
	void *arg;
};

/* Is there anything in it that is not known? */
bool policy_sight_differs(struct db *d, const struct policy_sight *s);
int policy_sight_take(struct db *d, const struct policy_sight *s, time_t now);

#endif
