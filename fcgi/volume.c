/* SPDX-License-Identifier: ISC */
/* volume: see volume.h. */
#include "fcgi/volume.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "fcgi/app.h"
#include "fcgi/listing.h"
#include "fcgi/operation.h"
#include "fcgi/volume_content.h"

int
volume_find(struct upstream *u, const struct ask *a, struct volume *out,
	struct fault *f)
{
	struct alb_wire w;
	int err = upstream_blocks(u, a, false, &w, NULL, f);

	if (err != 0)
		return err;
	*out = (struct volume){ 0 };
	snprintf(out->instance, sizeof(out->instance), "%s", a->instance);
	snprintf(out->project, sizeof(out->project), "%s", a->project);
	snprintf(out->name, sizeof(out->name), "%s", a->label);
	if (w.nblocks == 1 && strcmp(w.blocks[0].name.label, a->label) == 0) {
		out->size = w.blocks[0].size;
		out->active = w.blocks[0].active;
	} else {
		err = fault_set(f, ERR_NOT_FOUND, "There is no volume %s in "
		    "%s on %s.", a->label, a->project, a->instance);
	}
	alb_wire_free(&w);
	return err;
}

static void
user_add(struct json_object *list, const struct alb_info *info,
	const struct alb_block *b)
{
	struct json_object *o = json_object_new_object();

	json_add_str(o, "name", info->name.label);
	json_add_str(o, "device", b->name);
	json_object_array_add(list, o);
}

struct json_object *
volume_users_of(const struct alb_wire *infos, const char *volume)
{
	struct json_object *list = json_object_new_array();

	for (size_t i = 0; i < infos->ninfos; i++) {
		const struct alb_config *c = &infos->infos[i].config;

		for (size_t k = 0; k < c->nblocks; k++)
			if (strcmp(alb_block_volume(&c->blocks[k]),
			    volume) == 0)
				user_add(list, &infos->infos[i],
				    &c->blocks[k]);
	}
	return list;
}

int
volume_users(struct upstream *u, const struct ask *a,
	struct json_object **out, struct fault *f)
{
	struct fault found = { 0 };
	struct ask path = *a;
	struct alb_wire w;
	int err;

	path.label = "";
	err = upstream_infos(u, &path, false, &w, NULL, &found);
	*out = NULL;
	if (err == 0) {
		*out = volume_users_of(&w, a->label);
		alb_wire_free(&w);
	} else if (err == ERR_FORBIDDEN) {
		*out = json_object_new_array();
		err = 0;
	} else {
		*f = found;
	}
	return err;
}

int
volume_idle(struct upstream *u, const struct ask *a, const struct volume *v,
	const char *what, struct fault *f)
{
	AUTO_JSON struct json_object *users = NULL;
	struct fault unused = { 0 };
	size_t n;

	if (!v->active)
		return 0;
	fault_set(f, ERR_CONFLICT, "%s is in use", v->name);
	if (volume_users(u, a, &users, &unused) != 0)
		n = 0;
	else
		n = json_object_array_length(users);
	for (size_t i = 0; i < n; i++)
		fault_add(f, "%s%s", i == 0 ? " by " : ", ",
		    json_member_text(json_object_array_get_idx(users, i),
		    "name", ALB_LABEL_MAX));
	fault_add(f, " and can not be %s: destroy what uses it first, or "
	    "start it without the volume.", what);
	return ERR_CONFLICT;
}

/* What the policy leaves of MB for volumes, with what is used. */
static int
quota_check(struct upstream *u, const struct ask *a, int64_t size,
	struct fault *f)
{
	struct alb_policy policy = { 0 };
	struct ask path = *a;
	struct alb_wire w;
	int64_t used = 0, left;
	int err;

	path.label = "";
	err = upstream_blocks(u, &path, false, &w, &policy, f);
	if (err != 0)
		return err;
	for (size_t i = 0; i < w.nblocks; i++)
		used += w.blocks[i].size;
	left = policy.block > used ? policy.block - used : 0;
	if (!policy.has_block)
		err = fault_set(f, ERR_POLICY, "The project's policy on %s "
		    "allows no volumes.", a->instance);
	else if (size > left)
		err = fault_set(f, ERR_POLICY, "Of the %" PRId64 " MB that "
		    "the project may have in volumes on %s, %" PRId64
		    " MB are left.", policy.block, a->instance, left);
	if (err != 0)
		fault_field(f, "size", policy.has_block ? "at most %" PRId64
		    " MB are left" : "the policy allows none", left);
	alb_wire_free(&w);
	alb_policy_free(&policy);
	return err;
}

static void
created_keep(struct app *app, const struct ask *a, const char *user)
{
	struct volume_outcome made = { .state = VOLUME_ZEROES };
	struct fault unused = { 0 };

	volume_outcome_set(&made, VOLUME_ZEROES, "It was made anew, and held "
	    "zeroes.");
	(void)volume_content_put(app->ledger, a->instance, a->project,
	    a->label, &made, user, 0, &unused);
}

int
volume_create(struct app *app, const struct ask *a, int64_t size,
	const char *user, struct fault *f)
{
	struct alb_command c;
	struct alb_wire w;
	int err;

	/* albatross would spoil the name (protocol section 4.3). */
	if (size < 1 || size > ALB_SIZE_MAX)
		return fault_field(f, "size", "must be 1 to %" PRId64 " MB",
		    ALB_SIZE_MAX);
	err = quota_check(app->upstream, a, size, f);
	if (err != 0)
		return err;
	alb_command_init(&c, ALB_BLOCK_ADD);
	c.size = size;
	err = upstream_call(app->upstream, a, &c, &w, f);
	alb_command_free(&c);
	volume_changed(app->upstream, a);
	if (err == 0) {
		alb_wire_free(&w);
		created_keep(app, a, user);
	} else if (strstr(f->albatross, "file already exists") != NULL) {
		fault_set(f, err, "A stale file of that name lies among the "
		    "volumes on %s: have its administrator remove it, or take "
		    "another name.", a->instance);
	}
	return err;
}

int
volume_remove(struct app *app, const struct ask *a, struct fault *f)
{
	struct alb_command c;
	struct alb_wire w;
	int err;

	alb_command_init(&c, ALB_BLOCK_REMOVE);
	err = upstream_call(app->upstream, a, &c, &w, f);
	alb_command_free(&c);
	volume_changed(app->upstream, a);
	if (err != 0)
		return err;
	alb_wire_free(&w);
	return volume_content_forget(app->ledger, a->instance, a->project,
	    a->label, f);
}

void
volume_changed(struct upstream *u, const struct ask *a)
{
	listing_volumes_forget(upstream_flights(u), a->instance, a->project);
}

static bool
writes(const struct operation *o)
{
	return (o->kind == OPERATION_UPLOAD || o->kind == OPERATION_RESTORE) &&
	    (o->step == STEP_SENDING || o->step == STEP_PUTTING_BACK ||
	    o->step == STEP_HEALING);
}

static struct json_object *
writing_json(const struct operation *op)
{
	struct volume_outcome out = { 0 };
	struct json_object *o;

	volume_outcome_set(&out, VOLUME_UNKNOWN, "Operation %" PRId64
	    " is writing it.", op->id);
	o = volume_outcome_json(&out);
	json_add_time_ms(o, "at", op->created);
	json_add_str(o, "user", op->user_name);
	json_add_int(o, "operation", op->id);
	return o;
}

/* What we last did to it is not what it holds while it is written. */
static struct json_object *
content_json(struct app *app, const struct volume *v, int64_t operation)
{
	struct json_object *content = volume_content_json(app->ledger,
		v->instance, v->project, v->name);
	struct operation o;

	if (operation == 0 ||
	    operation_get(app->operations, operation, &o) != 0)
		return content;
	if (writes(&o)) {
		json_object_put(content);
		content = writing_json(&o);
	}
	operation_free(&o);
	return content;
}

struct json_object *
volume_json(struct app *app, const struct volume *v,
	struct json_object *users)
{
	struct json_object *o = json_object_new_object();
	int64_t operation = operation_at(app->operations, v->instance,
		v->project, v->name);

	json_add_str(o, "instance", v->instance);
	json_add_str(o, "project", v->project);
	json_add_str(o, "name", v->name);
	json_add_int(o, "size", v->size);
	json_add_bool(o, "in_use", v->active);
	json_object_object_add(o, "used_by", users);
	json_object_object_add(o, "content", content_json(app, v, operation));
	json_add_nonzero(o, "operation", operation);
	return o;
}
