/* SPDX-License-Identifier: ISC */
/* alert_policies: see alert_policies.h. */
#include "fcgi/alert_policies.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "albatross/json.h"
#include "fcgi/alert_judge.h"
#include "fcgi/app.h"
#include "fcgi/policy_look.h"
#include "fcgi/states.h"
#include "fcgi/upstream.h"

struct use {
	char project[ALB_LABEL_MAX + 1];
	struct alert_usage amount;
};

/* What is used of one instance. */
struct uses {
	struct use *list;	/* owned */
	size_t n;
	bool fresh;		/* it answered lately */
	bool no_memory;
};

/* NULL: out of memory. */
static struct use *
use_of(struct uses *u, const char *project)
{
	struct use *more;

	/* They come in order. */
	for (size_t i = u->n; i-- > 0;)
		if (strcmp(u->list[i].project, project) == 0)
			return &u->list[i];
	more = reallocarray(u->list, u->n + 1, sizeof(*more));
	if (more == NULL) {
		u->no_memory = true;
		return NULL;
	}
	u->list = more;
	u->list[u->n] = (struct use){ .project = "" };
	snprintf(u->list[u->n].project, sizeof(u->list[u->n].project), "%s",
	    project);
	return &u->list[u->n++];
}

static bool
row_take(void *arg, const struct state_row *row)
{
	struct uses *u = arg;
	struct use *use;

	u->fresh = u->fresh && row->state != STATE_UNKNOWN;
	if (row->state != STATE_RUNNING)
		return true;
	use = use_of(u, row->project);
	if (use == NULL)
		return false;
	use->amount.unikernels++;
	use->amount.memory += row->memory;
	return true;
}

struct status {
	const char *instance;
	bool up;
};

static bool
status_take(void *arg, const struct state_instance *i)
{
	struct status *s = arg;

	if (strcmp(i->name, s->instance) != 0)
		return true;
	s->up = i->as_of_ms != 0 && (i->status == STANDING_UP ||
		i->status == STANDING_DEGRADED);
	return false;
}

/* Names at the root are absolute. */
static void
volumes_take(struct uses *u, const struct alb_wire *w)
{
	struct use *use;

	for (size_t i = 0; i < w->nblocks; i++) {
		char project[ALB_LABEL_MAX + 1];

		snprintf(project, sizeof(project), "%.*s",
		    (int)strcspn(w->blocks[i].name.path, ":"),
		    w->blocks[i].name.path);
		use = use_of(u, project);
		if (use != NULL)
			use->amount.block += w->blocks[i].size;
	}
}

/* False when it is not known. */
static bool
volumes_count(struct app *app, struct auth_client *auth, const char *instance,
	struct uses *u)
{
	const struct ask ask = { auth, NULL, instance, NULL, "" };
	struct fault f = { 0 };
	struct alb_wire w;

	if (upstream_blocks(app->upstream, &ask, true, &w, NULL, &f) != 0)
		return false;
	volumes_take(u, &w);
	alb_wire_free(&w);
	return true;
}

/* ---- against the policies ---- */

static void
policy_judge(struct app *app, struct uses *u, bool volumes,
	const char *instance, const char *project, struct json_object *o,
	const struct alert_settings *s)
{
	struct use *use = use_of(u, project);
	struct alb_policy policy = { 0 };
	char detail[ALERT_DETAIL_MAX + 1];
	struct fault f = { 0 };
	struct alert_usage used;

	if (use != NULL && alb_policy_from_json(o, "", &policy, &f) == 0) {
		used = use->amount;
		if (!volumes)
			used.block = -1;
		if (alert_judge_policy(instance, project, &policy, &used,
		    s->policy_percent, detail))
			alert_raise(app, ALERT_POLICY_FULL, instance, project,
			    NULL, detail);
		else if (volumes || !policy.has_block)
			alert_clear(app, ALERT_POLICY_FULL, instance, project,
			    NULL);
	}
	alb_policy_free(&policy);
}

/* {instance, policy, state} of a project, borrowed; or NULL. */
static struct json_object *
entry_of(struct json_object *project, const char *instance)
{
	struct json_object *list = json_member(project, "policies",
		json_type_array), *o;
	size_t n = list == NULL ? 0 : json_object_array_length(list);

	for (size_t i = 0; i < n; i++) {
		o = json_object_array_get_idx(list, i);
		if (strcmp(json_member_text(o, "instance", ALB_LABEL_MAX),
		    instance) == 0)
			return o;
	}
	return NULL;
}

static struct json_object *
policy_of(struct json_object *project, const char *instance)
{
	return json_member(entry_of(project, instance), "policy",
	    json_type_object);
}

static bool
is_drifted(struct json_object *project, const char *instance)
{
	return strcmp(json_member_text(entry_of(project, instance), "state",
	    16), "drift") == 0;
}

static void
instance_judge(struct app *app, struct auth_client *auth,
	const char *instance, struct json_object *projects,
	const struct alert_settings *s)
{
	struct status status = { .instance = instance };
	struct uses u = { .fresh = true };
	size_t n = projects == NULL ? 0 : json_object_array_length(projects);
	struct json_object *project, *policy;
	struct fault f = { 0 };
	bool volumes;

	states_instances(app->states, status_take, &status);
	if (!status.up)
		return;
	/* What is seen now is in the authority's next list. */
	(void)policy_look(app->upstream, auth, instance, &f);
	states_each(app->states, instance, row_take, &u);
	volumes = volumes_count(app, auth, instance, &u);
	for (size_t i = 0; u.fresh && !u.no_memory && i < n; i++) {
		project = json_object_array_get_idx(projects, i);
		policy = policy_of(project, instance);
		if (policy != NULL)
			policy_judge(app, &u, volumes, instance,
			    json_member_text(project, "name", ALB_LABEL_MAX),
			    policy, s);
	}
	free(u.list);
}

/* Somebody gave albatross another policy. */
static void
drift_judge(struct app *app, const char *instance,
	struct json_object *projects)
{
	size_t n = projects == NULL ? 0 : json_object_array_length(projects);
	struct json_object *o;

	for (size_t i = 0; i < n; i++) {
		o = json_object_array_get_idx(projects, i);
		if (is_drifted(o, instance))
			alert_raise(app, ALERT_POLICY_DRIFT, instance,
			    json_member_text(o, "name", ALB_LABEL_MAX), NULL,
			    "albatross has another policy than the one given "
			    "here: somebody has to choose one of them.");
	}
}

static struct json_object *
project_of(struct json_object *projects, const char *name)
{
	size_t n = projects == NULL ? 0 : json_object_array_length(projects);
	struct json_object *o;

	for (size_t i = 0; i < n; i++) {
		o = json_object_array_get_idx(projects, i);
		if (strcmp(json_member_text(o, "name", ALB_LABEL_MAX),
		    name) == 0)
			return o;
	}
	return NULL;
}

/* Is there such a policy still? */
static bool
is_policy(void *arg, const char *instance, const char *project,
	const char *name)
{
	return policy_of(project_of(arg, project), instance) != NULL;
}

static bool
is_drift(void *arg, const char *instance, const char *project,
	const char *name)
{
	return is_drifted(project_of(arg, project), instance);
}

void
alert_policies_judge(struct app *app, struct auth_client *auth,
	struct json_object *list, const struct alert_settings *settings)
{
	struct json_object *projects = json_member(list, "projects",
		json_type_array), *instances = json_member(list, "instances",
		json_type_array);
	size_t n = instances == NULL ? 0 :
		json_object_array_length(instances);
	const char *name;

	for (size_t i = 0; i < n && !app->stopping; i++) {
		name = json_member_text(json_object_array_get_idx(instances,
		    i), "name", ALB_LABEL_MAX);
		drift_judge(app, name, projects);
		instance_judge(app, auth, name, projects, settings);
	}
	alert_clear_unless(app, ALERT_POLICY_FULL, is_policy, projects);
	alert_clear_unless(app, ALERT_POLICY_DRIFT, is_drift, projects);
}
