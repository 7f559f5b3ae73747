/* SPDX-License-Identifier: ISC */
/* api_policies: what projects may use on instances, and what they use. */
#include "fcgi/api.h"

#include <string.h>

#include "albatross/json.h"
#include "fcgi/states.h"
#include "fcgi/upstream.h"

static struct json_object *
policy_args(const struct request *r)
{
	struct json_object *args = json_object_new_object();

	json_add_str(args, "project", r->project);
	json_add_str(args, "instance", r->instance);
	return args;
}

int
api_policies_get(struct request *r, struct reply *p, struct fault *f)
{
	struct json_object *policy;
	int err = api_ask(r, "policy-get", policy_args(r), "policy", &policy,
	    f);

	return err != 0 ? err : reply_json(p, 200, policy);
}

int
api_policies_put(struct request *r, struct reply *p, struct fault *f)
{
	struct alb_policy policy = { 0 };
	struct json_object *args, *answer;
	int err;

	err = alb_policy_from_json(r->body, "", &policy, f);
	if (err == 0) {
		args = policy_args(r);
		json_object_object_add(args, "policy",
		    alb_policy_to_json(&policy));
		err = api_ask(r, "policy-set", args, "policy", &answer, f);
	}
	alb_policy_free(&policy);
	states_instances_changed(r->app->states);
	return err != 0 ? err : reply_json(p, 200, answer);
}

struct amount {
	int64_t unikernels;
	int64_t memory;
	int64_t block;
};

/* MB of all volumes; info tells none of their sizes for a whole path. */
static int
count_volumes(struct request *r, const struct ask *ask, struct amount *used,
	struct fault *f)
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
	struct amount *used, struct fault *f)
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

static struct json_object *
usage_item(const char *instance, struct json_object *policy,
	const struct amount *amount)
{
	struct json_object *o = json_object_new_object();
	struct json_object *used = json_object_new_object();

	json_add_int(used, "unikernels", amount->unikernels);
	json_add_int(used, "memory", amount->memory);
	json_add_int(used, "block", amount->block);
	json_add_str(o, "instance", instance);
	json_object_object_add(o, "policy", json_object_get(policy));
	json_object_object_add(o, "used", used);
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
	struct amount used = { 0 };
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
		    usage_item(instance, policy, &used));
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
	int err = api_ask(r, "project-list", NULL, "items", &projects, f);

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

/* The root policy is what the host has, counted when albatross started. */
static const struct alb_policy *
root_policy(const struct alb_wire *w)
{
	for (size_t i = 0; i < w->npolicies; i++)
		if (w->policies[i].name.path[0] == '\0' &&
		    w->policies[i].name.label[0] == '\0')
			return &w->policies[i].policy;
	return NULL;
}

static int
root_ask(struct request *r, struct json_object **out, struct fault *f)
{
	struct ask ask = { r->auth, &r->who, r->instance, NULL, "" };
	const struct alb_policy *root;
	struct alb_command c;
	struct alb_wire w;
	int err;

	alb_command_init(&c, ALB_POLICY_INFO);
	err = upstream_call(r->app->upstream, &ask, &c, &w, f);
	alb_command_free(&c);
	if (err != 0)
		return err;
	root = w.payload == ALB_PAYLOAD_POLICIES ? root_policy(&w) : NULL;
	if (root == NULL)
		err = fault_set(f, ERR_ALB_UNSUPPORTED, "%s does not tell "
		    "what it has: it needs albatross 2.3 or newer.",
		    r->instance);
	else
		*out = alb_policy_to_json(root);
	alb_wire_free(&w);
	return err;
}

static struct json_object *
instance_args(const struct request *r)
{
	struct json_object *args = json_object_new_object();

	json_add_str(args, "name", r->instance);
	return args;
}

int
api_policies_capacity(struct request *r, struct reply *p, struct fault *f)
{
	struct json_object *o, *root = NULL, *given;
	int err;

	err = auth_call(r->auth, "instance-given", &r->who, instance_args(r),
	    &given, f);
	if (err != 0)
		return err;
	err = root_ask(r, &root, f);
	if (err != 0) {
		json_object_put(given);
		return err;
	}
	o = json_object_new_object();
	json_object_object_add(o, "root", root);
	json_object_object_add(o, "given", given);
	return reply_json(p, 200, o);
}
