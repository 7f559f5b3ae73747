/* SPDX-License-Identifier: ISC */
/* api_instances: albatross servers, as administrators and tenants see them. */
#include "fcgi/api.h"

#include <stddef.h>
#include <string.h>

#include "albatross/json.h"
#include "fcgi/feed.h"
#include "fcgi/flight.h"
#include "fcgi/gauges.h"
#include "fcgi/states_list.h"
#include "fcgi/upstream.h"

#define PEM_MAX 49152

struct new_instance {
	const char *name;
	const char *host;
	int64_t port;
	const char *certificate;
	const char *key;
	const char *server_ca;
};

static const struct json_field new_instance_fields[] = {
	{ "name", JSON_STRING, .required = true, .min = 1,
	  .max = ALB_LABEL_MAX, .offset = offsetof(struct new_instance, name) },
	{ "host", JSON_STRING, .required = true, .min = 1, .max = 253,
	  .offset = offsetof(struct new_instance, host) },
	{ "port", JSON_INT, .min = 1, .max = 65535,
	  .offset = offsetof(struct new_instance, port) },
	{ "certificate", JSON_STRING, .required = true, .min = 1,
	  .max = PEM_MAX,
	  .offset = offsetof(struct new_instance, certificate) },
	{ "key", JSON_STRING, .required = true, .min = 1, .max = PEM_MAX,
	  .offset = offsetof(struct new_instance, key) },
	{ "server_ca", JSON_STRING, .min = 1, .max = PEM_MAX,
	  .offset = offsetof(struct new_instance, server_ca) },
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

int
api_instances_post(struct request *r, struct reply *p, struct fault *f)
{
	struct new_instance in = { .port = ALB_PORT };
	char name[ALB_LABEL_MAX + 1];
	struct json_object *args;
	const char *why;
	int err = json_read(r->body, new_instance_fields, &in, "", f);

	if (err != 0)
		return err;
	why = alb_label_fold(in.name, name);
	if (why != NULL)
		return fault_field(f, "name", "%s", why);
	args = json_object_new_object();
	json_add_str(args, "name", name);
	json_add_str(args, "host", in.host);
	json_add_int(args, "port", in.port);
	json_add_str(args, "certificate", in.certificate);
	json_add_str(args, "key", in.key);
	if (in.server_ca != NULL)
		json_add_str(args, "server_ca", in.server_ca);
	upstream_forget(r->app->upstream, name);
	gauges_again(r->app->gauges, name);
	err = instance_send(r, p, 201, "instance-add", args, f);
	states_instances_changed(r->app->states);
	return err;
}

int
api_instances_delete(struct request *r, struct reply *p, struct fault *f)
{
	int err = auth_call(r->auth, "instance-remove", &r->who, name_args(r),
	    NULL, f);

	if (err != 0)
		return err;
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

	err = api_ask(r, "project-list", NULL, "items", &projects, f);
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
