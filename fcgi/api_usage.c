/* SPDX-License-Identifier: ISC */
/* api_usage: what projects use of their policies, and instances give. */
#include "fcgi/api.h"

#include <string.h>

#include "albatross/json.h"
#include "fcgi/policy_change.h"
#include "fcgi/upstream.h"

/* MB of all volumes; info tells none of their sizes for a whole path. */
static int
count_volumes(struct request *r, const struct ask *ask,
	struct policy_amount *used, struct fault *f)
{
	struct alb_command c;
	struct alb_wire w;
	size_t i;
	int err;

	alb_command_init(&c, ALB_BLOCK_INFO);
	err = upstream_call(r->app->upstream, ask, &c, &w, f);
	alb_command_free(&c);
	if (err != 0)
		return err;
	for (i = 0; i < w.nblocks; i++)
		used->block += w.blocks[i].size;
	alb_wire_free(&w);
	return 0;
}

static int
count_unikernels(struct request *r, const struct ask *ask,
	struct policy_amount *used, struct fault *f)
{
	struct alb_wire w;
	size_t i;
	int err = upstream_infos(r->app->upstream, ask, true, &w, NULL, f);

	if (err != 0)
		return err;
	used->unikernels = (int64_t)w.ninfos;
	for (i = 0; i < w.ninfos; i++)
		used->memory += w.infos[i].config.memory;
	alb_wire_free(&w);
	return 0;
}

/* What a policy leaves; below 0 is nothing. */
static struct json_object *
left_of(struct json_object *policy, const struct policy_amount *used)
{
	static const char *const keys[] = { "unikernels", "memory", "block" };
	const int64_t amounts[] = { used->unikernels, used->memory,
		used->block };
	struct json_object *o = json_object_new_object();
	int64_t all;

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		all = json_object_get_int64(api_member(policy, keys[i]));
		json_add_int(o, keys[i], all > amounts[i] ? all - amounts[i] :
		    0);
	}
	return o;
}

/* entry: {instance, policy, over_commit, state}. */
static struct json_object *
usage_item(struct json_object *entry, const struct policy_amount *used)
{
	struct json_object *o = json_object_new_object();

	json_object_object_foreach(entry, key, value) {
		json_object_object_add(o, key, json_object_get(value));
	}
	json_object_object_add(o, "used", policy_amount_json(used));
	json_object_object_add(o, "left", left_of(api_member(entry, "policy"),
	    used));
	return o;
}

/* Adds one item or one error for the instance of a {instance, policy}. */
static void
usage_add(struct request *r, struct json_object *entry,
	struct json_object *items, struct json_object *errors)
{
	struct json_object *policy = api_member(entry, "policy");
	const char *instance = api_text(entry, "instance");
	struct ask ask = { r->auth, &r->who, instance, r->project, "" };
	struct policy_amount used = { 0 };
	struct fault f = { 0 };
	int err;

	if (instance == NULL || (r->instance != NULL &&
	    strcmp(r->instance, instance) != 0))
		return;
	err = count_unikernels(r, &ask, &used, &f);
	if (err == 0 && api_member(policy, "block") != NULL)
		err = count_volumes(r, &ask, &used, &f);
	if (err == 0)
		json_object_array_add(items,
		    usage_item(entry, &used));
	else
		json_object_array_add(errors, api_error(instance, &f));
}

static struct json_object *
project_find(struct json_object *projects, const char *name)
{
	for (size_t i = 0; i < json_object_array_length(projects); i++) {
		struct json_object *o = json_object_array_get_idx(projects, i);
		const char *text = api_text(o, "name");

		if (text != NULL && strcmp(text, name) == 0)
			return o;
	}
	return NULL;
}

int
api_policies_usage(struct request *r, struct reply *p, struct fault *f)
{
	AUTO_JSON struct json_object *projects = NULL;
	struct json_object *project, *policies, *items, *errors, *o;
	size_t i;
	int err = auth_all(r->auth, &r->who, "project-list", NULL,
	    &projects, f);

	if (err != 0)
		return err;
	project = project_find(projects, r->project);
	if (project == NULL)
		return fault_set(f, ERR_NOT_FOUND, "There is no such project.");
	policies = api_member(project, "policies");
	items = json_object_new_array();
	errors = json_object_new_array();
	for (i = 0; i < json_object_array_length(policies); i++)
		usage_add(r, json_object_array_get_idx(policies, i), items,
		    errors);
	o = json_object_new_object();
	json_object_object_add(o, "items", items);
	json_object_object_add(o, "errors", errors);
	return reply_json(p, 200, o);
}

/* ---- what an instance gives ---- */

/* By whom albatross is used without our knowing. */
static struct json_object *
strangers_list(const struct policy_change *c)
{
	struct json_object *items = json_object_new_array(), *o;

	for (size_t i = 0; c->reached && i < c->w.npolicies; i++) {
		const struct alb_named_policy *p = &c->w.policies[i];

		if (!policy_change_is_stranger(c, p))
			continue;
		o = json_object_new_object();
		json_add_str(o, "project", p->name.path);
		json_object_object_add(o, "policy", alb_policy_to_json(
		    &p->policy));
		json_object_array_add(items, o);
	}
	return items;
}

/* The policies with what is used of each, when that is known. */
static void
policies_show(struct json_object *list, const struct policy_uses *uses)
{
	struct json_object *o;
	struct policy_amount used;

	for (size_t i = 0; i < json_object_array_length(list); i++) {
		o = json_object_array_get_idx(list, i);
		api_time(o, "changed", "changed_at");
		if (uses == NULL) {
			json_object_object_add(o, "used", NULL);
			continue;
		}
		used = policy_uses_of(uses, api_text(o, "project"));
		json_object_object_add(o, "used", policy_amount_json(&used));
	}
}

static int64_t
number(struct json_object *o, const char *key)
{
	return json_object_get_int64(api_member(o, key));
}

/* What was given in all, to those we know and to others. */
static struct policy_amount
given_sum(const struct policy_change *c)
{
	struct policy_amount sum = policy_change_strangers(c);
	const struct policy_amount ours = { number(c->given, "unikernels"),
		number(c->given, "memory"), number(c->given, "block") };

	if (__builtin_add_overflow(sum.unikernels, ours.unikernels,
	    &sum.unikernels))
		sum.unikernels = INT64_MAX;
	if (__builtin_add_overflow(sum.memory, ours.memory, &sum.memory))
		sum.memory = INT64_MAX;
	if (__builtin_add_overflow(sum.block, ours.block, &sum.block))
		sum.block = INT64_MAX;
	return sum;
}

static bool
is_over(struct json_object *root, const struct policy_amount *given)
{
	return root != NULL &&
		(given->unikernels > number(root, "unikernels") ||
		given->memory > number(root, "memory") ||
		given->block > number(root, "block"));
}

static struct json_object *
capacity_make(struct policy_change *c, const struct policy_uses *uses,
	struct json_object *root)
{
	struct json_object *o = json_object_new_object();
	struct json_object *policies = api_member(c->given, "policies");
	const struct policy_amount given = given_sum(c);
	struct policy_amount used;

	json_object_object_add(o, "others", strangers_list(c));
	json_object_object_add(o, "root", root);
	json_object_object_add(o, "given", policy_amount_json(&given));
	json_object_object_add(o, "left", root == NULL ? NULL :
	    left_of(root, &given));
	if (uses != NULL)
		used = policy_uses_of(uses, NULL);
	json_object_object_add(o, "used", uses == NULL ? NULL :
	    policy_amount_json(&used));
	json_add_bool(o, "over_commit", is_over(root, &given));
	policies_show(policies, uses);
	json_object_object_add(o, "policies", json_object_get(policies));
	json_object_object_add(o, "error", c->why.err == 0 ? NULL :
	    api_error(c->r->instance, &c->why));
	return o;
}

/* What it has, as it says now; or as it was seen last. */
static int
root_find(struct policy_change *c, struct json_object **root,
	struct fault *f)
{
	if (c->root != NULL)
		*root = alb_policy_to_json(c->root);
	else
		*root = api_take(c->given, "root");
	if (*root != NULL)
		return 0;
	if (!c->reached) {
		*f = c->why;
		return f->err;
	}
	return fault_set(f, ERR_ALB_UNSUPPORTED, "%s does not tell what it "
	    "has: it needs albatross 2.3 or newer.", c->r->instance);
}

int
api_policies_capacity(struct request *r, struct reply *p, struct fault *f)
{
	struct json_object *root, *o = NULL;
	struct policy_uses uses;
	struct policy_change c;
	bool counted = false;
	int err = policy_change_begin(&c, r, f);

	if (err == 0)
		err = root_find(&c, &root, f);
	if (err == 0) {
		counted = c.reached && policy_uses_get(r, &uses, &c.why) == 0;
		o = capacity_make(&c, counted ? &uses : NULL, root);
	}
	if (counted)
		policy_uses_free(&uses);
	policy_change_end(&c);
	return err != 0 ? err : reply_json(p, 200, o);
}
