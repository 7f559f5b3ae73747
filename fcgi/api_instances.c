/* SPDX-License-Identifier: ISC */
/* api_instances: albatross servers, as administrators and tenants see them. */
#include "fcgi/api.h"

#include <stddef.h>
#include <string.h>

#include "albatross/json.h"
#include "fcgi/feed.h"
#include "fcgi/flight.h"
#include "fcgi/gauges.h"
#include "fcgi/instance_leaves.h"
#include "fcgi/instance_try.h"
#include "fcgi/standing.h"
#include "fcgi/states_list.h"
#include "fcgi/upstream.h"

#define PEM_MAX 49152

struct instance_body {
	const char *name;
	const char *title;
	const char *host;
	int64_t port;
	const char *certificate;
	const char *key;
	const char *server_ca;
	bool force;
};

#define PLACE(field) .offset = offsetof(struct instance_body, field)
#define FIELDS(must) \
	{ "title", JSON_STRING, .max = 64, PLACE(title) }, \
	{ "host", JSON_STRING, .required = must, .min = must, .max = 253, \
	  PLACE(host) }, \
	{ "port", JSON_INT, .min = 1, .max = 65535, PLACE(port) }, \
	{ "certificate", JSON_STRING, .required = must, .min = 1, \
	  .max = PEM_MAX, PLACE(certificate) }, \
	{ "key", JSON_STRING, .required = must, .min = 1, .max = PEM_MAX, \
	  PLACE(key) }, \
	{ "server_ca", JSON_STRING, .max = PEM_MAX, PLACE(server_ca) }, \
	{ "force", JSON_BOOL, PLACE(force) }

static const struct json_field new_instance_fields[] = {
	{ "name", JSON_STRING, .required = true, .min = 1,
	  .max = ALB_LABEL_MAX, PLACE(name) },
	FIELDS(true),
	{ .name = NULL }
};

static const struct json_field change_fields[] = {
	FIELDS(false),
	{ .name = NULL }
};

static struct json_object *
name_args(const struct request *r)
{
	struct json_object *args = json_object_new_object();

	json_add_str(args, "name", r->instance);
	return args;
}

/* The authority's form of an instance becomes ours, in place. */
static void
instance_show(struct request *r, struct json_object *instance)
{
	const char *name = api_text(instance, "name");

	api_time(instance, "certificate_expires", "certificate_expires_at");
	api_time(instance, "created", "created_at");
	json_object_object_add(instance, "health", name == NULL ? NULL :
	    states_health(r->app->states, name, r->grant.admin));
}

int
api_instances_list(struct request *r, struct reply *p, struct fault *f)
{
	hub_look(r->app->hub, FEED_INSTANCES);
	return api_list(r, p, "instance-list", "name", instance_show, f);
}

static int
instance_send(struct request *r, struct reply *p, int status, const char *op,
	struct json_object *args, struct fault *f)
{
	struct json_object *instance;
	int err = api_ask(r, op, args, "instance", &instance, f);

	if (err != 0)
		return err;
	instance_show(r, instance);
	return reply_json(p, status, instance);
}

int
api_instances_get(struct request *r, struct reply *p, struct fault *f)
{
	return instance_send(r, p, 200, "instance-get", name_args(r), f);
}

static void
add_given(struct json_object *args, const char *key, const char *value)
{
	if (value != NULL)
		json_add_str(args, key, value);
}

/* What connects of a form: owned. */
static struct json_object *
connection_args(const struct instance_body *in)
{
	struct json_object *args = json_object_new_object();

	json_add_str(args, "name", in->name);
	add_given(args, "host", in->host);
	if (in->port != 0)
		json_add_int(args, "port", in->port);
	add_given(args, "certificate", in->certificate);
	add_given(args, "key", in->key);
	add_given(args, "server_ca", in->server_ca);
	return args;
}

/* Does the server answer? Not asked when it does not matter. */
static int
connection_try(struct request *r, struct reply *p,
	const struct instance_body *in, bool change, struct fault *f)
{
	AUTO_JSON struct json_object *args = NULL;
	int err;

	if (in->force)
		return 0;
	args = connection_args(in);
	json_add_bool(args, "change", change);
	err = instance_try(r->auth, &r->who, args, in->name, f);
	if (err >= ERR_ALB_NETWORK && err <= ERR_ALB_FAILURE)
		reply_problem_member(p, "category", json_object_new_string(
		    standing_category(err)));
	return err;
}

/* It is another server than it was, or may be: all is learnt anew. */
static void
instance_anew(struct request *r, const char *name)
{
	upstream_forget(r->app->upstream, name);
	gauges_again(r->app->gauges, name);
	states_changed(r->app->states, name);
	states_instances_changed(r->app->states);
}

/* What was stored, with what is known of it now that it was asked. */
static int
instance_stored(struct request *r, struct reply *p, int status,
	const struct instance_body *in, struct json_object *instance)
{
	instance_anew(r, in->name);
	if (!in->force)
		(void)states_await(r->app->states, in->name);
	instance_show(r, instance);
	return reply_json(p, status, instance);
}

int
api_instances_post(struct request *r, struct reply *p, struct fault *f)
{
	struct instance_body in = { .port = ALB_PORT };
	struct json_object *args, *instance;
	char name[ALB_LABEL_MAX + 1];
	const char *why;
	int err = json_read(r->body, new_instance_fields, &in, "", f);

	if (err != 0)
		return err;
	why = alb_label_fold(in.name, name);
	if (why != NULL)
		return fault_field(f, "name", "%s", why);
	in.name = name;
	err = connection_try(r, p, &in, false, f);
	if (err != 0)
		return err;
	args = connection_args(&in);
	add_given(args, "title", in.title);
	err = api_ask(r, "instance-add", args, "instance", &instance, f);
	return err != 0 ? err : instance_stored(r, p, 201, &in, instance);
}

int
api_instances_patch(struct request *r, struct reply *p, struct fault *f)
{
	struct instance_body in = { .name = r->instance };
	struct json_object *args, *instance;
	bool connects;
	int err = json_read(r->body, change_fields, &in, "", f);

	if (err != 0)
		return err;
	connects = in.host != NULL || in.port != 0 ||
		in.certificate != NULL || in.key != NULL ||
		in.server_ca != NULL;
	if (connects)
		err = connection_try(r, p, &in, true, f);
	if (err != 0)
		return err;
	args = connection_args(&in);
	add_given(args, "title", in.title);
	err = api_ask(r, "instance-change", args, "instance", &instance, f);
	if (err != 0)
		return err;
	if (connects)
		return instance_stored(r, p, 200, &in, instance);
	instance_show(r, instance);
	return reply_json(p, 200, instance);
}

int
api_instances_leaves(struct request *r, struct reply *p, struct fault *f)
{
	struct json_object *leaves;
	int err = api_ask(r, "instance-leaves", name_args(r), "leaves",
		&leaves, f);

	if (err != 0)
		return err;
	err = instance_leaves_add(r->app, r->auth, r->instance, leaves, f);
	if (err == 0)
		return reply_json(p, 200, leaves);
	json_object_put(leaves);
	return err;
}

int
api_instances_delete(struct request *r, struct reply *p, struct fault *f)
{
	int err = auth_call(r->auth, "instance-remove", &r->who, name_args(r),
	    NULL, f);

	if (err != 0)
		return err;
	instance_rules_forget(r->app, r->instance);
	upstream_forget(r->app->upstream, r->instance);
	gauges_again(r->app->gauges, r->instance);
	states_instance_removed(r->app->states, r->instance);
	states_instances_changed(r->app->states);
	return reply_empty(p, 204);
}

/* A project of the caller's with a policy on the instance, or NULL. */
static const char *
project_on_instance(struct json_object *projects, const char *instance)
{
	size_t i, j;

	for (i = 0; i < json_object_array_length(projects); i++) {
		struct json_object *project =
			json_object_array_get_idx(projects, i);
		struct json_object *policies = api_member(project, "policies");

		for (j = 0; j < json_object_array_length(policies); j++) {
			const char *on = api_text(json_object_array_get_idx(
			    policies, j), "instance");

			if (on != NULL && strcmp(on, instance) == 0)
				return api_text(project, "name");
		}
	}
	return NULL;
}

/* Tenants can not ask the instance itself, but what runs for them. */
static int
probe_as_tenant(struct request *r, struct fault *f)
{
	AUTO_JSON struct json_object *projects = NULL;
	struct ask ask = { r->auth, &r->who, r->instance, NULL, "" };
	struct alb_wire w;
	int err;

	err = auth_all(r->auth, &r->who, "project-list", NULL,
	    &projects, f);
	if (err != 0)
		return err;
	ask.project = project_on_instance(projects, r->instance);
	if (ask.project == NULL)
		return fault_set(f, ERR_NO_POLICY, "No project of yours may "
		    "use %s.", r->instance);
	err = upstream_infos(r->app->upstream, &ask, false, &w, NULL, f);
	if (err == 0)
		alb_wire_free(&w);
	return err;
}

static int
probe(struct request *r, struct fault *f)
{
	struct ask ask = { r->auth, &r->who, r->instance, NULL, "" };
	struct upstream_health health;
	int err = !r->grant.admin ? ERR_FORBIDDEN :
		upstream_probe(r->app->upstream, &ask, &health, f);

	/* An administrator's token may be for less than its owner's powers. */
	if (err == ERR_FORBIDDEN) {
		*f = (struct fault){ 0 };
		return probe_as_tenant(r, f);
	}
	if (err == 0 && health.status == HEALTH_DOWN) {
		*f = health.fault;
		err = f->err;
	}
	return err;
}

/* What the instance answered is in its health; other errs are the caller's. */
int
api_instances_probe(struct request *r, struct reply *p, struct fault *f)
{
	int64_t begun = flight_now();
	int err = probe(r, f);

	if (err != 0 && (err < ERR_ALB_NETWORK || err > ERR_ALB_FAILURE))
		return err;
	if (err != 0) {
		states_probed(r->app->states, r->instance,
		    (int)(flight_now() - begun), f);
	} else {
		states_changed(r->app->states, r->instance);
		(void)states_await(r->app->states, r->instance);
	}
	*f = (struct fault){ 0 };
	return instance_send(r, p, 200, "instance-get", name_args(r), f);
}

int
api_instances_health(struct request *r, struct reply *p, struct fault *f)
{
	AUTO_JSON struct json_object *instance = NULL;
	struct json_object *o;
	int err = api_ask(r, "instance-get", name_args(r), "instance",
		&instance, f);

	if (err != 0)
		return err;
	o = states_history(r->app->states, r->instance, r->grant.admin);
	json_add_str(o, "name", r->instance);
	return reply_json(p, 200, o);
}
