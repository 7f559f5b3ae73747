/* SPDX-License-Identifier: ISC */
/* op_policy: what projects may use on instances. */
#include <stdio.h>
#include <string.h>

#include "albatross/json.h"
#include "auth/ops.h"
#include "auth/policies.h"

struct policy_args {
	const char *project;
	const char *instance;
	struct json_object *policy;
};

#define POLICY_PLACE						\
	{ .name = "project", .type = JSON_STRING, .required = true,	\
	  .check = alb_label_check,					\
	  .offset = offsetof(struct policy_args, project) },	\
	{ .name = "instance", .type = JSON_STRING, .required = true,	\
	  .check = alb_label_check,					\
	  .offset = offsetof(struct policy_args, instance) }

static const struct json_field get_fields[] = {
	POLICY_PLACE,
	{ .name = NULL },
};

static const struct json_field set_fields[] = {
	POLICY_PLACE,
	{ .name = "policy", .type = JSON_OBJECT, .required = true,
	  .offset = offsetof(struct policy_args, policy) },
	{ .name = NULL },
};

static int
policy_answer(struct request *r, const struct alb_policy *p,
	struct json_object *out)
{
	struct json_object *o = alb_policy_to_json(p);

	if (o == NULL)
		return fault_set(r->f, ERR_NO_MEMORY, "Out of memory.");
	json_object_object_add(out, "policy", o);
	return 0;
}

static int
get(struct request *r, const void *in, struct json_object *out)
{
	const struct policy_args *args = in;
	char project[ALB_LABEL_MAX + 1], instance[ALB_LABEL_MAX + 1];
	struct place place = { .project = op_fold(args->project, project),
		.instance = op_fold(args->instance, instance) };
	struct alb_policy policy;
	struct spot spot;
	int err;

	err = identity_at(r->db, &r->who, &place, &spot, r->f);
	if (err != 0)
		return err;
	err = policy_get(r->db, &spot, &policy);
	if (err != 0)
		return fault_set(r->f, err,
		    "Project %s has no policy on instance %s.", project,
		    instance);
	err = policy_answer(r, &policy, out);
	alb_policy_free(&policy);
	return err;
}

static int
set_write(struct request *r, const struct place *place,
	const struct spot *spot, const struct alb_policy *policy)
{
	char target[2 * ALB_LABEL_MAX + 2];
	struct db *d = database_write_begin(r->a->store, r->f);
	int err;

	if (d == NULL)
		return r->f->err;
	snprintf(target, sizeof(target), "%s/%s", place->instance,
	    place->project);
	err = policy_set(d, spot, policy, r->now);
	if (err == 0)
		err = op_audit(r, d, "policy-set", target, NULL);
	return op_store_fault(r, database_write_end(r->a->store, err, r->f));
}

static int
set(struct request *r, const void *in, struct json_object *out)
{
	const struct policy_args *args = in;
	char project[ALB_LABEL_MAX + 1], instance[ALB_LABEL_MAX + 1];
	struct place place = { .project = op_fold(args->project, project),
		.instance = op_fold(args->instance, instance) };
	struct alb_policy policy = { 0 };
	struct spot spot;
	int err;

	err = identity_allowed(r->db, &r->who, SCOPE_INSTANCE_ADMIN, &place,
	    &spot, r->f);
	if (err == 0)
		err = identity_may(r->db, &r->who, ACTION_POLICY, project,
		    &(struct spot){ 0 }, r->f);
	if (err == 0)
		err = alb_policy_from_json(args->policy, "policy.", &policy,
		    r->f);
	if (err == 0) {
		alb_policy_normalise(&policy);
		err = set_write(r, &place, &spot, &policy);
	}
	if (err == 0)
		err = policy_answer(r, &policy, out);
	alb_policy_free(&policy);
	return err;
}

/* ---- what an instance gives ---- */

struct given_args {
	const char *name;
};

static const struct json_field given_fields[] = {
	{ .name = "name", .type = JSON_STRING, .required = true,
	  .check = alb_label_check,
	  .offset = offsetof(struct given_args, name) },
	{ .name = NULL },
};

static int
given(struct request *r, const void *in, struct json_object *out)
{
	const struct given_args *args = in;
	char name[ALB_LABEL_MAX + 1];
	struct place place = { .instance = op_fold(args->name, name) };
	struct given sums;
	struct spot spot;
	int err = identity_allowed(r->db, &r->who, SCOPE_INSTANCE_ADMIN,
		&place, &spot, r->f);

	if (err == 0) {
		err = policy_given(r->db, spot.instance_id, &sums);
		if (err != 0)
			fault_set(r->f, err, "The policies can not be read.");
	}
	if (err != 0)
		return err;
	json_add_int(out, "unikernels", sums.unikernels);
	json_add_int(out, "memory", sums.memory);
	json_add_int(out, "block", sums.block);
	return 0;
}

const struct op policy_ops[] = {
	{ "policy-get", OP_ANY, 0, true, get_fields,
	  sizeof(struct policy_args), get },
	{ "policy-set", OP_ADMIN, 0, false, set_fields,
	  sizeof(struct policy_args), set },
	{ "instance-given", OP_ADMIN, 0, true, given_fields,
	  sizeof(struct given_args), given },
	{ .name = NULL },
};
