/* SPDX-License-Identifier: ISC */
/* api_policies: what projects may use on instances, and what they use. */
#include "fcgi/api.h"

#include <stddef.h>
#include <string.h>

#include "albatross/json.h"
#include "fcgi/policy_change.h"
#include "fcgi/states.h"
#include "fcgi/upstream_fault.h"

static struct json_object *
policy_args(const struct request *r)
{
	struct json_object *args = json_object_new_object();

	json_add_str(args, "project", r->project);
	json_add_str(args, "instance", r->instance);
	return args;
}

/*
 * The authority's form becomes ours: the limits beside what is known of them.
 * why: an instance that could not be told of it, or NULL. o is taken.
 */
static struct json_object *
policy_show(struct json_object *o, const struct fault *why)
{
	struct json_object *policy = api_take(o, "policy");

	json_object_object_foreach(o, key, value) {
		json_object_object_add(policy, key, json_object_get(value));
	}
	json_object_put(o);
	api_time(policy, "changed", "changed_at");
	json_add_str(policy, "why", why == NULL || why->err == 0 ? NULL :
	    why->detail);
	return policy;
}

int
api_policies_get(struct request *r, struct reply *p, struct fault *f)
{
	struct fault unseen = { 0 };
	struct json_object *o;
	int err;

	/* One that is out of reach is told as it was seen last. */
	(void)policy_look(r->app->upstream, r->auth, r->instance, &unseen);
	err = auth_call(r->auth, "policy-get", &r->who, policy_args(r), &o, f);
	return err != 0 ? err : reply_json(p, 200, policy_show(o, &unseen));
}

/* ---- PUT ---- */

struct put {
	struct alb_policy policy;
	bool over_commit;
	bool overwrite;
	const char *passed;		/* what a GET adds is passed over */
	struct json_object *albatross;
};

#define PASSED(key)							\
	{ .name = key, .type = JSON_STRING,				\
	  .offset = offsetof(struct put, passed) }

static const struct json_field put_fields[] = {
	{ .name = "over_commit", .type = JSON_BOOL,
	  .offset = offsetof(struct put, over_commit) },
	{ .name = "overwrite", .type = JSON_BOOL,
	  .offset = offsetof(struct put, overwrite) },
	PASSED("state"), PASSED("changed_at"), PASSED("refused"),
	PASSED("why"),
	{ .name = "albatross", .type = JSON_OBJECT,
	  .offset = offsetof(struct put, albatross) },
	{ .name = NULL },
};

static int
put_read(struct request *r, struct put *in, struct fault *f)
{
	AUTO_JSON struct json_object *rest = json_object_new_object();
	struct json_object *value;
	int err;

	for (const struct json_field *x = put_fields; x->name != NULL; x++) {
		if (!json_object_object_get_ex(r->body, x->name, &value))
			continue;
		json_object_object_add(rest, x->name, json_object_get(value));
		json_object_object_del(r->body, x->name);
	}
	err = json_read(rest, put_fields, in, "", f);
	if (err == 0)
		err = alb_policy_from_json(r->body, "", &in->policy, f);
	alb_policy_normalise(&in->policy);
	return err;
}

/* Somebody may have meant what is there. */
static int
drift_refuse(const struct policy_change *c, const struct alb_policy *policy,
	struct fault *f)
{
	const struct alb_policy *theirs = c->theirs;

	if (c->drift && (theirs == NULL || !alb_policy_equal(theirs, policy)))
		return fault_set(f, ERR_DRIFT, "albatross on %s has another "
		    "policy for %s than the one given here: apply one of them "
		    "first, or say overwrite.", c->r->instance,
		    c->r->project);
	if (c->ours == NULL && theirs != NULL && !policy_is_empty(theirs) &&
	    !alb_policy_equal(theirs, policy))
		return fault_set(f, ERR_DRIFT, "albatross on %s has a policy "
		    "for %s already, which was not given here: take it, or "
		    "say overwrite.", c->r->instance, c->r->project);
	return 0;
}

/* Tried there, then stored; of one that is out of reach, stored alone. */
static int
change_do(struct policy_change *c, const struct alb_policy *policy,
	struct json_object **out, struct fault *f)
{
	struct fault why = { 0 };
	bool applied = c->reached;
	int err = policy_change_check(c, policy, f);

	if (err == 0 && applied) {
		err = policy_change_apply(c, policy, &why);
		if (err != 0 && !upstream_passing(err)) {
			*f = why;
			return err;
		}
		applied = err == 0;
		c->why = why;
		err = 0;
	}
	return err != 0 ? err : policy_change_store(c, policy, applied, out,
	    f);
}

static int
put(struct request *r, const struct put *in, struct json_object **out,
	struct fault *f)
{
	struct policy_change c;
	int err = policy_change_begin(&c, r, f);

	c.over_commit = in->over_commit;
	if (err == 0 && !in->overwrite)
		err = drift_refuse(&c, &in->policy, f);
	if (err == 0)
		err = change_do(&c, &in->policy, out, f);
	if (err == 0)
		*out = policy_show(*out, &c.why);
	policy_change_end(&c);
	return err;
}

int
api_policies_put(struct request *r, struct reply *p, struct fault *f)
{
	struct put in = { .policy = { 0 } };
	struct json_object *out;
	int err = put_read(r, &in, f);

	if (err == 0)
		err = put(r, &in, &out, f);
	alb_policy_free(&in.policy);
	states_instances_changed(r->app->states);
	return err != 0 ? err : reply_json(p, 200, out);
}

/* ---- apply ---- */

struct apply {
	const char *take;
	bool over_commit;
};

static const char *
check_take(const char *s)
{
	return strcmp(s, "ours") == 0 || strcmp(s, "theirs") == 0 ? NULL :
		"must be ours or theirs";
}

static const struct json_field apply_fields[] = {
	{ .name = "take", .type = JSON_STRING, .required = true,
	  .check = check_take, .offset = offsetof(struct apply, take) },
	{ .name = "over_commit", .type = JSON_BOOL,
	  .offset = offsetof(struct apply, over_commit) },
	{ .name = NULL },
};

/* albatross' policy becomes ours; it has it already. */
static int
theirs_take(struct policy_change *c, struct json_object **out,
	struct fault *f)
{
	int err;

	if (!c->reached) {
		*f = c->why;
		return f->err;
	}
	if (c->theirs == NULL || policy_is_empty(c->theirs))
		return fault_set(f, ERR_CONFLICT, "albatross on %s has no "
		    "policy for %s: there is none to take.", c->r->instance,
		    c->r->project);
	err = policy_change_check(c, c->theirs, f);
	return err != 0 ? err : policy_change_store(c, c->theirs, true, out,
	    f);
}

static int
ours_take(struct policy_change *c, struct json_object **out, struct fault *f)
{
	struct alb_policy policy = { 0 };
	int err;

	if (c->ours == NULL)
		return fault_set(f, ERR_NO_POLICY, "Project %s has no policy "
		    "on instance %s.", c->r->project, c->r->instance);
	err = alb_policy_from_json(api_member(c->ours, "policy"), "", &policy,
	    f);
	c->over_commit = json_object_get_boolean(api_member(c->ours,
	    "over_commit"));
	if (err == 0 && !c->reached) {
		*f = c->why;
		err = f->err;
	}
	if (err == 0)
		err = policy_change_apply(c, &policy, f);
	if (err == 0)
		err = policy_change_store(c, &policy, true, out, f);
	alb_policy_free(&policy);
	return err;
}

int
api_policies_apply(struct request *r, struct reply *p, struct fault *f)
{
	struct apply in = { .take = NULL };
	struct json_object *out;
	struct policy_change c;
	int err = json_read(r->body, apply_fields, &in, "", f);

	if (err != 0)
		return err;
	err = policy_change_begin(&c, r, f);
	c.over_commit = in.over_commit;
	c.way = in.take;
	if (err == 0)
		err = strcmp(in.take, "ours") == 0 ? ours_take(&c, &out, f) :
			theirs_take(&c, &out, f);
	policy_change_end(&c);
	states_instances_changed(r->app->states);
	return err != 0 ? err : reply_json(p, 200, policy_show(out, NULL));
}

/* ---- DELETE ---- */

static int
unused_check(struct request *r, struct fault *f)
{
	const struct alb_policy nothing = { 0 };
	struct policy_uses uses;
	struct policy_amount a;
	int err = policy_uses_get(r, &uses, f);

	if (err != 0)
		return err;
	a = policy_uses_of(&uses, r->project);
	if (a.unikernels != 0 || a.block != 0) {
		err = fault_set(f, ERR_CONFLICT, "%s uses %s still: destroy "
		    "what runs and remove the volumes first.", r->project,
		    r->instance);
		policy_uses_explain(&uses, r->project, &nothing, f);
	}
	policy_uses_free(&uses);
	return err;
}

/*
 * albatross removes no policy from afar: one that allows nothing stays there.
 */
static int
take_away(struct policy_change *c, struct fault *f)
{
	const struct alb_policy nothing = { 0 };
	struct request *r = c->r;
	int err = 0;

	if (c->ours == NULL)
		return fault_set(f, ERR_NO_POLICY, "Project %s has no policy "
		    "on instance %s.", r->project, r->instance);
	if (!c->reached) {
		*f = c->why;
		return f->err;
	}
	err = drift_refuse(c, &nothing, f);
	if (err == 0)
		err = unused_check(r, f);
	if (err == 0 && c->theirs != NULL && !policy_is_empty(c->theirs))
		err = policy_change_apply(c, &nothing, f);
	return err != 0 ? err : auth_call(r->auth, "policy-remove", &r->who,
	    policy_args(r), NULL, f);
}

int
api_policies_delete(struct request *r, struct reply *p, struct fault *f)
{
	struct policy_change c;
	int err = policy_change_begin(&c, r, f);

	if (err == 0)
		err = take_away(&c, f);
	policy_change_end(&c);
	policy_look_forget(r->app->upstream, r->instance);
	states_instances_changed(r->app->states);
	return err != 0 ? err : reply_empty(p, 204);
}
