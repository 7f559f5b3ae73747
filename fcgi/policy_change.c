/* SPDX-License-Identifier: ISC */
/* policy_change: giving a project another policy; see policy_change.h. */
#include "fcgi/policy_change.h"

#include <string.h>

#include "albatross/json.h"
#include "fcgi/api.h"
#include "fcgi/upstream_fault.h"

/* Looks at albatross after a change; each but the last may bring it again. */
#define SETTLE_TURNS 3

static struct json_object *
place_args(const struct request *r)
{
	struct json_object *args = json_object_new_object();

	json_add_str(args, "project", r->project);
	json_add_str(args, "instance", r->instance);
	return args;
}

/* ---- both sides ---- */

/* What albatross has, and the authority told of it. */
static int
sight_get(struct policy_change *c, struct fault *f)
{
	struct request *r = c->r;
	const struct ask ask = { r->auth, &r->who, r->instance, NULL, "" };
	int err = upstream_policies(r->app->upstream, &ask, &c->w, &c->why);

	if (err != 0 && !upstream_passing(err)) {
		*f = c->why;
		return err;
	}
	if (err != 0)
		return 0;
	c->reached = true;
	c->root = policy_of_root(&c->w);
	if (r->project != NULL)
		c->theirs = policy_of_project(&c->w, r->project);
	return policy_tell(r->app->upstream, r->auth, r->instance, &c->w, f);
}

static int
ours_get(struct policy_change *c, struct fault *f)
{
	int err = auth_call(c->r->auth, "policy-get", &c->r->who,
		place_args(c->r), &c->ours, f);

	if (err == ERR_NO_POLICY) {
		*f = (struct fault){ 0 };
		return 0;
	}
	if (err == 0)
		c->drift = strcmp(json_member_text(c->ours, "state", 16),
		    "drift") == 0;
	return err;
}

int
policy_change_begin(struct policy_change *c, struct request *r,
	struct fault *f)
{
	int err;

	*c = (struct policy_change){ .r = r };
	err = sight_get(c, f);
	if (err == 0)
		err = auth_given(r->auth, &r->who, r->instance, &c->given, f);
	if (err == 0 && r->project != NULL)
		err = ours_get(c, f);
	return err;
}

void
policy_change_end(struct policy_change *c)
{
	if (c->reached)
		alb_wire_free(&c->w);
	json_object_put(c->ours);
	json_object_put(c->given);
}

/* What is below a project is part of it. */
bool
policy_change_is_stranger(const struct policy_change *c,
	const struct alb_named_policy *p)
{
	return p->name.label[0] == '\0' && alb_label_valid(p->name.path) &&
		!policy_is_empty(&p->policy) && !json_list_has(json_member(
		c->given, "policies", json_type_array), "project",
		p->name.path) && (c->r->project == NULL ||
		strcmp(p->name.path, c->r->project) != 0);
}

static void
sum_add(int64_t *sum, int64_t more)
{
	/* albatross takes any number. */
	if (more > 0 && __builtin_add_overflow(*sum, more, sum))
		*sum = INT64_MAX;
}

struct policy_amount
policy_change_strangers(const struct policy_change *c)
{
	struct policy_amount sum = { 0 };

	for (size_t i = 0; c->reached && i < c->w.npolicies; i++) {
		const struct alb_policy *p = &c->w.policies[i].policy;

		if (!policy_change_is_stranger(c, &c->w.policies[i]))
			continue;
		sum_add(&sum.unikernels, p->unikernels);
		sum_add(&sum.memory, p->memory);
		sum_add(&sum.block, p->has_block ? p->block : 0);
	}
	return sum;
}

/* ---- the change ---- */

static struct json_object *
set_args(struct policy_change *c, const struct alb_policy *policy)
{
	struct json_object *args = place_args(c->r);
	const struct policy_amount others = policy_change_strangers(c);

	json_object_object_add(args, "policy", alb_policy_to_json(policy));
	if (c->theirs != NULL)
		json_object_object_add(args, "found",
		    alb_policy_to_json(c->theirs));
	if (c->root != NULL)
		json_object_object_add(args, "root",
		    alb_policy_to_json(c->root));
	json_object_object_add(args, "others", policy_amount_json(&others));
	json_add_bool(args, "over_commit", c->over_commit);
	json_add_str(args, "way", c->way);
	return args;
}

int
policy_change_check(struct policy_change *c, const struct alb_policy *policy,
	struct fault *f)
{
	struct json_object *args = set_args(c, policy);

	json_add_bool(args, "only", true);
	return auth_call(c->r->auth, "policy-set", &c->r->who, args, NULL, f);
}

static int
refusal_explain(struct policy_change *c, const struct alb_policy *policy,
	struct fault *f)
{
	struct policy_uses uses;
	struct fault unknown = { 0 };

	fault_set(f, ERR_ALB_FAILURE, "albatross on %s refused the policy of "
	    "%s; the one from before holds on.", c->r->instance,
	    c->r->project);
	if (policy_uses_get(c->r, &uses, &unknown) == 0) {
		policy_uses_explain(&uses, c->r->project, policy, f);
		policy_uses_free(&uses);
	}
	return ERR_ALB_FAILURE;
}

int
policy_change_apply(struct policy_change *c, const struct alb_policy *policy,
	struct fault *f)
{
	struct request *r = c->r;
	const struct ask ask = { r->auth, &r->who, r->instance, r->project,
		"" };
	int err = upstream_policy_try(r->app->upstream, &ask, policy, f);

	return err == ERR_ALB_FAILURE ? refusal_explain(c, policy, f) : err;
}

/* Of those that were given at the same time, the one stored last is ours. */
static bool
is_ours(const struct request *r, const struct alb_policy *policy)
{
	AUTO_JSON struct json_object *ours = NULL;
	struct alb_policy now = { 0 };
	struct fault f = { 0 };
	bool same = auth_call(r->auth, "policy-get", &r->who, place_args(r),
		&ours, &f) == 0 && alb_policy_from_json(api_member(ours,
		"policy"), "", &now, &f) == 0 &&
		alb_policy_equal(&now, policy);

	alb_policy_free(&now);
	return same;
}

/* Is there nothing left to do? Else ours went there once more. */
static bool
is_settled(struct policy_change *c, const struct alb_policy *policy)
{
	struct request *r = c->r;
	const struct ask ask = { r->auth, &r->who, r->instance, NULL, "" };
	const struct alb_policy *now;
	struct fault f = { 0 };
	struct alb_wire w;
	bool there;

	policy_look_forget(r->app->upstream, r->instance);
	if (upstream_policies(r->app->upstream, &ask, &w, &f) != 0)
		return true;
	now = policy_of_project(&w, r->project);
	there = now != NULL && alb_policy_equal(now, policy);
	if (there && is_ours(r, policy))
		(void)policy_tell(r->app->upstream, r->auth, r->instance, &w,
		    &f);
	alb_wire_free(&w);
	return there || !is_ours(r, policy) ||
		policy_change_apply(c, policy, &f) != 0;
}

/*
 * A chain that was signed a moment ago may have brought the old policy back, or
 * another change made at the same time its own.
 */
static void
settle(struct policy_change *c, const struct alb_policy *policy)
{
	for (int i = 0; i < SETTLE_TURNS && !is_settled(c, policy); i++)
		;
}

int
policy_change_store(struct policy_change *c, const struct alb_policy *policy,
	bool applied, struct json_object **out, struct fault *f)
{
	struct json_object *args = set_args(c, policy);
	int err;

	json_add_bool(args, "applied", applied);
	err = auth_call(c->r->auth, "policy-set", &c->r->who, args, out, f);
	if (err == 0 && applied)
		settle(c, policy);
	return err;
}
