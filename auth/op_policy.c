/* SPDX-License-Identifier: ISC */
/*
 * op_policy: what projects may use on instances. The authority does not talk
 * to albatross: what that has is told by who does, and is never taken for what
 * an administrator decided.
 */
#include <stdio.h>
#include <string.h>

#include "albatross/json.h"
#include "auth/ops.h"
#include "auth/policies.h"
#include "base/message.h"

/* Of JSON, so that the answer fits into a message. */
#define LIST_BUDGET (MESSAGE_MAX / 2)

struct amount_args {
	int64_t unikernels, memory, block;
};

struct policy_args {
	const char *project;
	const char *instance;
	struct json_object *policy;
	struct json_object *found;
	struct json_object *root;
	struct json_object *others;
	bool applied;
	bool over_commit;
	bool only;
	const char *way;
	const char *words;
};

#define PLACE(field) .offset = offsetof(struct policy_args, field)
#define POLICY_PLACE						\
	{ .name = "project", .type = JSON_STRING, .required = true,	\
	  .check = alb_label_check, PLACE(project) },		\
	{ .name = "instance", .type = JSON_STRING, .required = true,	\
	  .check = alb_label_check, PLACE(instance) }

/* Where, folded, and as the database knows it. */
struct policy_place {
	char project[ALB_LABEL_MAX + 1], instance[ALB_LABEL_MAX + 1];
	char target[2 * ALB_LABEL_MAX + 2];
	struct place place;
	struct spot spot;
};

static void
place_fold(const struct policy_args *args, struct policy_place *out)
{
	out->place = (struct place){
		.project = op_fold(args->project, out->project),
		.instance = op_fold(args->instance, out->instance) };
	snprintf(out->target, sizeof(out->target), "%s/%s", out->instance,
	    out->project);
}

/* For who may change it. */
static int
place_admin(struct request *r, const struct policy_args *args,
	struct policy_place *out)
{
	int err;

	place_fold(args, out);
	err = identity_allowed(r->db, &r->who, SCOPE_INSTANCE_ADMIN,
	    &out->place, &out->spot, r->f);
	return err != 0 ? err : identity_may(r->db, &r->who, ACTION_POLICY,
	    out->project, &(struct spot){ 0 }, r->f);
}

/* As the service sees it: it is nobody in the database. */
static int
place_service(struct request *r, const struct place *place,
	struct spot *spot)
{
	const struct identity service = { .admin = true };

	return identity_at(r->db, &service, place, spot, r->f);
}

static int
no_policy(struct request *r, const struct policy_place *p, int err)
{
	return fault_set(r->f, err, "Project %s has no policy on instance "
	    "%s.", p->project, p->instance);
}

static const struct json_field place_fields[] = {
	POLICY_PLACE,
	{ .name = NULL },
};

static int
get(struct request *r, const void *in, struct json_object *out)
{
	struct policy_place p;
	struct allowance a;
	int err;

	place_fold(in, &p);
	err = identity_at(r->db, &r->who, &p.place, &p.spot, r->f);
	if (err != 0)
		return err;
	err = policy_get(r->db, &p.spot, r->now, &a);
	if (err == 0)
		allowance_show(&a, out);
	allowance_free(&a);
	return err == 0 ? 0 : no_policy(r, &p, err);
}

/* ---- policy-set ---- */

static const char *
check_way(const char *s)
{
	return strcmp(s, "ours") == 0 || strcmp(s, "theirs") == 0 ? NULL :
		"must be ours or theirs";
}

static const struct json_field set_fields[] = {
	POLICY_PLACE,
	{ .name = "policy", .type = JSON_OBJECT, .required = true,
	  PLACE(policy) },
	{ .name = "found", .type = JSON_OBJECT, PLACE(found) },
	{ .name = "root", .type = JSON_OBJECT, PLACE(root) },
	{ .name = "others", .type = JSON_OBJECT, PLACE(others) },
	{ .name = "applied", .type = JSON_BOOL, PLACE(applied) },
	{ .name = "over_commit", .type = JSON_BOOL, PLACE(over_commit) },
	{ .name = "only", .type = JSON_BOOL, PLACE(only) },
	{ .name = "way", .type = JSON_STRING, .check = check_way,
	  PLACE(way) },
	{ .name = NULL },
};

#define AMOUNT(field)							\
	{ .name = #field, .type = JSON_INT, .max = INT64_MAX,		\
	  .offset = offsetof(struct amount_args, field) }

static const struct json_field amount_fields[] = {
	AMOUNT(unikernels), AMOUNT(memory), AMOUNT(block),
	{ .name = NULL },
};

/* What a policy is held against, and what becomes of it. */
struct setting {
	struct policy_place p;
	struct alb_policy policy, found, root;
	bool has_root;
	struct amount_args others;
	bool over_commit;		/* more is given than there is */
};

static void
setting_free(struct setting *s)
{
	alb_policy_free(&s->policy);
	alb_policy_free(&s->found);
	alb_policy_free(&s->root);
}

static int
policy_read(struct request *r, struct json_object *o, const char *prefix,
	struct alb_policy *out)
{
	int err = o == NULL ? 0 : alb_policy_from_json(o, prefix, out, r->f);

	alb_policy_normalise(out);
	return err;
}

static int
setting_read(struct request *r, const struct policy_args *args,
	struct setting *s)
{
	int err = policy_read(r, args->policy, "policy.", &s->policy);

	if (err == 0)
		err = policy_read(r, args->found, "found.", &s->found);
	if (err == 0)
		err = policy_read(r, args->root, "root.", &s->root);
	if (err == 0 && args->others != NULL)
		err = json_read(args->others, amount_fields, &s->others,
		    "others.", r->f);
	s->has_root = args->root != NULL;
	/* Of one that can not be asked now: what it had last. */
	if (err == 0 && !s->has_root)
		s->has_root = policy_root(r->db, s->p.spot.instance_id,
		    &s->root) == 0;
	return err;
}

/* CPUs and bridges that the server has not got. */
static void
lists_check(struct request *r, const struct setting *s)
{
	const struct alb_policy *p = &s->policy;

	for (size_t i = 0; i < p->ncpus; i++)
		if (!alb_policy_allows_cpu(&s->root, p->cpus[i]))
			fault_field(r->f, "cpus", "%s has no CPU %lld",
			    s->p.instance, (long long)p->cpus[i]);
	for (size_t i = 0; i < p->nbridges; i++)
		if (!alb_policy_allows_bridge(&s->root, p->bridges[i]))
			fault_field(r->f, "bridges", "%s has no bridge %s",
			    s->p.instance, p->bridges[i]);
}

/* albatross itself compares nothing with what the server has. */
static int
root_check(struct request *r, const struct setting *s)
{
	const struct alb_policy *p = &s->policy, *root = &s->root;

	if (alb_policy_exceeds(root, p) == NULL)
		return 0;
	fault_set(r->f, ERR_POLICY, "%s has less than this policy gives.",
	    s->p.instance);
	if (p->unikernels > root->unikernels)
		fault_field(r->f, "unikernels", "%s allows %lld",
		    s->p.instance, (long long)root->unikernels);
	if (p->memory > root->memory)
		fault_field(r->f, "memory", "%s has %lld MB", s->p.instance,
		    (long long)root->memory);
	if (p->has_block && p->block > (root->has_block ? root->block : 0))
		fault_field(r->f, "block", "%s has %lld MB", s->p.instance,
		    (long long)(root->has_block ? root->block : 0));
	lists_check(r, s);
	return r->f->err;
}

struct sum {
	const char *field, *unit;
	int64_t root, others, more, was;
};

/* Is more given away than there is; and by this change? */
static bool
sum_check(struct request *r, const struct sum *sum, bool *raised)
{
	int64_t all;

	if (__builtin_add_overflow(sum->others, sum->more, &all))
		all = INT64_MAX;
	if (all <= sum->root)
		return true;
	if (sum->more <= sum->was)
		return false;
	*raised = true;
	fault_field(r->f, sum->field, "%lld%s of %lld are left",
	    (long long)(sum->others < sum->root ? sum->root - sum->others :
	    0), sum->unit, (long long)sum->root);
	return false;
}

/*
 * All policies together, of which one that is not raised is no new trouble.
 * others has what albatross gives away without us knowing.
 */
static int
sums_check(struct request *r, struct db *d, const struct allowance *old,
	bool allowed, struct setting *s)
{
	const struct alb_policy *p = &s->policy, *was = &old->policy;
	const struct alb_policy strangers = { .has_block = true,
		.unikernels = s->others.unikernels,
		.memory = s->others.memory, .block = s->others.block };
	bool raised = false, fits = true;
	struct fault before = *r->f;
	struct given given;
	int err = policy_given(d, s->p.spot.instance_id,
		s->p.spot.project_id, &given);

	if (err != 0)
		return fault_set(r->f, err, "The policies can not be read.");
	given_add(&given, &strangers);
	fault_set(r->f, ERR_OVER_COMMIT, "With what others have, this is more "
	    "than %s has. Give less, or say over_commit.", s->p.instance);
	const struct sum sums[] = {
		{ "unikernels", "", s->root.unikernels, given.unikernels,
		  p->unikernels, was->unikernels },
		{ "memory", " MB", s->root.memory, given.memory, p->memory,
		  was->memory },
		{ "block", " MB", s->root.has_block ? s->root.block : 0,
		  given.block, p->has_block ? p->block : 0,
		  was->has_block ? was->block : 0 },
	};
	for (size_t i = 0; i < sizeof(sums) / sizeof(sums[0]); i++)
		fits = sum_check(r, &sums[i], &raised) && fits;
	if (raised && !allowed)
		return r->f->err;
	*r->f = before;
	s->over_commit = !fits && (allowed || old->over_commit);
	return 0;
}

static int
setting_check(struct request *r, struct db *d, bool allowed,
	struct setting *s)
{
	struct allowance old;
	int err = policy_get(d, &s->p.spot, r->now, &old);
	bool same = err == 0 && alb_policy_equal(&old.policy, &s->policy);

	if (err == ERR_NO_POLICY)
		err = 0;
	if (err != 0)
		fault_set(r->f, err, "The policy can not be read.");
	/* What is there already is not judged once more. */
	if (err == 0 && s->has_root && !same)
		err = root_check(r, s);
	if (err == 0 && s->has_root)
		err = sums_check(r, d, &old, allowed, s);
	allowance_free(&old);
	return err;
}

static int
set_write(struct request *r, const struct policy_args *args,
	struct setting *s)
{
	const struct policy_form form = { .policy = &s->policy,
		.found = args->found == NULL ? NULL : &s->found,
		.applied = args->applied };
	struct db *d = database_write_begin(r->a->store, r->f);
	struct policy_form checked = form;
	int err;

	if (d == NULL)
		return r->f->err;
	/* Once more: somebody else may have been given something. */
	err = setting_check(r, d, args->over_commit, s);
	checked.over_commit = s->over_commit;
	if (err == 0)
		err = policy_set(d, &s->p.spot, &checked, r->now);
	if (err == 0)
		err = op_audit(r, d, "policy-set", s->p.target, args->way);
	return op_store_fault(r, database_write_end(r->a->store, err, r->f));
}

/* With only, it is just looked at. */
static int
set_answer(struct request *r, const struct policy_args *args,
	struct setting *s, struct json_object *out)
{
	struct allowance a;
	int err = args->only ? setting_check(r, r->db, args->over_commit, s) :
		set_write(r, args, s);

	if (err != 0)
		return err;
	json_add_bool(out, "over_commit", s->over_commit);
	err = args->only ? 0 : policy_get(r->db, &s->p.spot, r->now, &a);
	if (err == 0 && !args->only) {
		allowance_show(&a, out);
		allowance_free(&a);
	}
	return err == 0 ? 0 : no_policy(r, &s->p, err);
}

static int
set(struct request *r, const void *in, struct json_object *out)
{
	const struct policy_args *args = in;
	struct setting s = { 0 };
	int err = place_admin(r, args, &s.p);

	if (err == 0)
		err = setting_read(r, args, &s);
	if (err == 0)
		err = set_answer(r, args, &s, out);
	setting_free(&s);
	return err;
}

/* ---- policy-remove ---- */

static int
take_away(struct request *r, const void *in, struct json_object *out)
{
	struct policy_place p;
	struct allowance a;
	struct db *d;
	int err = place_admin(r, in, &p);

	if (err != 0)
		return err;
	err = policy_get(r->db, &p.spot, r->now, &a);
	allowance_free(&a);
	if (err != 0)
		return no_policy(r, &p, err);
	d = database_write_begin(r->a->store, r->f);
	if (d == NULL)
		return r->f->err;
	err = policy_remove(d, &p.spot);
	if (err == 0)
		err = op_audit(r, d, "policy-remove", p.target, NULL);
	return op_store_fault(r, database_write_end(r->a->store, err, r->f));
}

/* ---- what an instance gives ---- */

struct given_args {
	const char *name;
	const char *after;
};

static const struct json_field given_fields[] = {
	{ .name = "name", .type = JSON_STRING, .required = true,
	  .check = alb_label_check,
	  .offset = offsetof(struct given_args, name) },
	{ .name = "after", .type = JSON_STRING, .max = ALB_LABEL_MAX,
	  .offset = offsetof(struct given_args, after) },
	{ .name = NULL },
};

static void
root_show(struct request *r, const struct spot *spot, struct json_object *out)
{
	struct alb_policy root;

	json_object_object_add(out, "root", policy_root(r->db,
	    spot->instance_id, &root) == 0 ? alb_policy_to_json(&root) : NULL);
	alb_policy_free(&root);
}

static int
given(struct request *r, const void *in, struct json_object *out)
{
	const struct given_args *args = in;
	char name[ALB_LABEL_MAX + 1];
	struct place place = { .instance = op_fold(args->name, name) };
	struct given sums;
	struct spot spot;
	bool more;
	int err = identity_allowed(r->db, &r->who, SCOPE_INSTANCE_ADMIN,
		&place, &spot, r->f);

	if (err != 0)
		return err;
	err = policy_given(r->db, spot.instance_id, NULL, &sums);
	if (err != 0)
		return fault_set(r->f, err, "The policies can not be read.");
	json_add_int(out, "unikernels", sums.unikernels);
	json_add_int(out, "memory", sums.memory);
	json_add_int(out, "block", sums.block);
	root_show(r, &spot, out);
	json_object_object_add(out, "policies", policy_list_on(r->db,
	    spot.instance_id, args->after == NULL ? "" : args->after,
	    LIST_BUDGET, r->now, &more));
	json_add_bool(out, "more", more);
	return 0;
}

/* ---- what the service sees ---- */

struct sight_args {
	const char *instance;
	const char *after, *until;
	struct json_object *policies;
	struct json_object *root;
};

#define SIGHT(field) .offset = offsetof(struct sight_args, field)

static const struct json_field sight_fields[] = {
	{ .name = "instance", .type = JSON_STRING, .required = true,
	  .check = alb_label_check, SIGHT(instance) },
	{ .name = "after", .type = JSON_STRING, .max = ALB_LABEL_MAX,
	  SIGHT(after) },
	{ .name = "until", .type = JSON_STRING, .max = ALB_LABEL_MAX,
	  SIGHT(until) },
	{ .name = "policies", .type = JSON_OBJECT, .required = true,
	  SIGHT(policies) },
	{ .name = "root", .type = JSON_OBJECT, SIGHT(root) },
	{ .name = NULL },
};

/* One of them, while it is told. */
struct sighting {
	struct request *r;
	const char *instance;
};

/* That it drifts away, and what became of it, is for the log. */
static int
sight_tell(void *arg, struct db *d, const char *project,
	enum policy_state state)
{
	const struct sighting *s = arg;
	char target[2 * ALB_LABEL_MAX + 2];

	snprintf(target, sizeof(target), "%s/%s", s->instance, project);
	return op_audit(s->r, d, "policy-seen", target,
	    policy_state_name(state));
}

/* Written only when there is something new, as it is told all the time. */
static int
sight_write(struct request *r, const struct policy_sight *sight)
{
	struct db *d;
	int err;

	if (!policy_sight_differs(r->db, sight))
		return 0;
	d = database_write_begin(r->a->store, r->f);
	if (d == NULL)
		return r->f->err;
	err = policy_sight_take(d, sight, r->now);
	return op_store_fault(r, database_write_end(r->a->store, err, r->f));
}

static int
watch_policies(struct request *r, const void *in, struct json_object *out)
{
	const struct sight_args *args = in;
	char instance[ALB_LABEL_MAX + 1];
	struct place place = { .instance = op_fold(args->instance,
		instance) };
	struct sighting told = { r, instance };
	struct alb_policy root = { 0 };
	struct spot spot;
	int err = place_service(r, &place, &spot);

	if (err == 0)
		err = policy_read(r, args->root, "root.", &root);
	if (err == 0) {
		const struct policy_sight sight = {
			.instance_id = spot.instance_id,
			.after = args->after == NULL ? "" : args->after,
			.until = args->until == NULL ? "" : args->until,
			.policies = args->policies,
			.root = args->root == NULL ? NULL : &root,
			.tell = sight_tell, .arg = &told };

		err = sight_write(r, &sight);
	}
	alb_policy_free(&root);
	return err;
}

static const struct json_field refused_fields[] = {
	POLICY_PLACE,
	{ .name = "words", .type = JSON_STRING, .required = true, .min = 1,
	  .max = 1024, PLACE(words) },
	{ .name = NULL },
};

static int
watch_refused(struct request *r, const void *in, struct json_object *out)
{
	const struct policy_args *args = in;
	struct policy_place p;
	struct db *d;
	int err;

	place_fold(args, &p);
	err = place_service(r, &p.place, &p.spot);
	if (err != 0)
		return err;
	d = database_write_begin(r->a->store, r->f);
	if (d == NULL)
		return r->f->err;
	err = policy_refused(d, &p.spot, args->words);
	if (err == 0)
		err = op_audit(r, d, "policy-seen", p.target, "refused");
	return op_store_fault(r, database_write_end(r->a->store, err, r->f));
}

const struct op policy_ops[] = {
	{ "policy-get", OP_ANY, 0, true, place_fields,
	  sizeof(struct policy_args), get },
	{ "policy-set", OP_ADMIN, 0, false, set_fields,
	  sizeof(struct policy_args), set },
	{ "policy-remove", OP_ADMIN, 0, false, place_fields,
	  sizeof(struct policy_args), take_away },
	{ "instance-given", OP_ADMIN, 0, true, given_fields,
	  sizeof(struct given_args), given },
	{ "watch-policies", OP_NOBODY, 0, false, sight_fields,
	  sizeof(struct sight_args), watch_policies },
	{ "watch-refused", OP_NOBODY, 0, false, refused_fields,
	  sizeof(struct policy_args), watch_refused },
	{ .name = NULL },
};
