/* SPDX-License-Identifier: ISC */
/*
 * policy_change: a policy is tried at albatross first and stored then, so what
 * albatross refuses is never ours. Whatever ends in between shows: albatross
 * has another policy than ours then, which is what policy_look finds.
 */
#ifndef FCGI_POLICY_CHANGE_H
#define FCGI_POLICY_CHANGE_H

#include "fcgi/policy_use.h"

/* One of r's project on r's instance; begun with policy_change_begin. */
struct policy_change {
	struct request *r;
	bool reached;			/* the instance answered */
	struct fault why;		/* of one that did not */
	struct alb_wire w;		/* its policies, when reached */
	const struct alb_policy *root, *theirs;	/* of w; NULL: none */
	struct json_object *ours;	/* owned; NULL: none is given yet */
	struct json_object *given;	/* owned: as auth_given answers */
	bool drift;
	bool over_commit;		/* as was asked */
	const char *way;		/* for the log: NULL, ours, theirs */
};

/*
 * Looks at both sides: what albatross has is asked live, as who asks. An
 * instance out of reach is no err. 0, or what they may not or can not.
 */
int policy_change_begin(struct policy_change *c, struct request *r,
	struct fault *f);
void policy_change_end(struct policy_change *c);

/* A policy of albatross' for a path that none was given for here. */
bool policy_change_is_stranger(const struct policy_change *c,
	const struct alb_named_policy *p);
/* What those have in all. */
struct policy_amount policy_change_strangers(const struct policy_change *c);

/* May it be given? 0, or what is in the way. */
int policy_change_check(struct policy_change *c,
	const struct alb_policy *policy, struct fault *f);
/* albatross takes it over: 0, ERR_ALB_FAILURE with what has to be stopped. */
int policy_change_apply(struct policy_change *c,
	const struct alb_policy *policy, struct fault *f);
/* It is ours from now on: 0 with *out (owned), as policy-get answers. */
int policy_change_store(struct policy_change *c,
	const struct alb_policy *policy, bool applied,
	struct json_object **out, struct fault *f);

#endif
