/* SPDX-License-Identifier: ISC */
/* api_project: one project: made, changed, deleted; and who is in it. */
#include "fcgi/api.h"

#include <string.h>

#include "base/log.h"
#include "fcgi/beneath.h"
#include "fcgi/project_kept.h"
#include "fcgi/states.h"

/* "archived" is when, or null. */
void
api_project_show(struct json_object *project)
{
	bool archived = json_member(project, "archived", json_type_int) !=
		NULL;

	api_time(project, "created", "created_at");
	api_time(project, "archived", "archived_at");
	json_add_bool(project, "archived", archived);
}

static int
project_send(struct request *r, struct reply *p, int status, const char *op,
	struct json_object *args, struct fault *f)
{
	struct json_object *project;
	int err = api_ask(r, op, args, "project", &project, f);

	if (err != 0)
		return err;
	api_project_show(project);
	return reply_json(p, status, project);
}

static struct json_object *
project_args(const struct request *r)
{
	struct json_object *args = json_object_new_object();

	json_add_str(args, "project", r->project);
	return args;
}

int
api_project_get(struct request *r, struct reply *p, struct fault *f)
{
	return project_send(r, p, 200, "project-get", project_args(r), f);
}

/* ---- making one ---- */

struct new_project {
	const char *name;
	const char *title;
	bool adopt;
};

static const struct json_field new_fields[] = {
	{ "name", JSON_STRING, .required = true, .min = 1,
	  .max = ALB_LABEL_MAX, .check = alb_label_check,
	  .offset = offsetof(struct new_project, name) },
	{ "title", JSON_STRING, .min = 1, .max = 200,
	  .offset = offsetof(struct new_project, title) },
	{ "adopt", JSON_BOOL, .offset = offsetof(struct new_project, adopt) },
	{ .name = NULL }
};

/* check: only whether the name is free. */
static struct json_object *
new_args(const struct new_project *in, bool check)
{
	struct json_object *args = json_object_new_object();

	json_add_str(args, "name", in->name);
	if (in->title != NULL)
		json_add_str(args, "title", in->title);
	json_add_bool(args, "adopt", in->adopt);
	json_add_bool(args, "check", check);
	return args;
}

/* Does nobody have it? */
static int
name_free(struct request *r, const struct new_project *in, struct fault *f)
{
	return auth_call(r->auth, "project-add", &r->who, new_args(in, true),
	    NULL, f);
}

/*
 * Who gets a name gets what is under it, so one that can not be looked at is
 * not given; and what was kept of another one goes before. That takes a while:
 * of who got the name meanwhile nothing is removed.
 */
static int
name_prepare(struct request *r, const struct new_project *in,
	const char *name, struct fault *f)
{
	static const char what[] = "Only an administrator can take over that "
		"name";
	struct beneath b;
	int err = beneath_look(r->app, r->auth, name, &b, f);

	if (err != 0)
		return err;
	err = beneath_check(&b, what, false, f);
	beneath_free(&b);
	/* What it is, is not theirs to know. */
	if (err == 0 && project_kept_check(r->app, name, f) != 0)
		err = fault_set(f, f->err, "%s: something is kept of a "
		    "project that had it.", what);
	if (err == ERR_CONFLICT)
		fault_field(f, "name", "is in use");
	if (err == 0)
		err = name_free(r, in, f);
	return err != 0 ? err : project_kept_remove(r->app, name, f);
}

int
api_projects_post(struct request *r, struct reply *p, struct fault *f)
{
	struct new_project in = { .name = NULL };
	char name[ALB_LABEL_MAX + 1];
	int err = json_read(r->body, new_fields, &in, "", f);

	if (err != 0)
		return err;
	alb_label_fold(in.name, name);
	err = name_free(r, &in, f);
	if (err == 0 && !in.adopt)
		err = name_prepare(r, &in, name, f);
	if (err == 0)
		err = project_send(r, p, 201, "project-add",
		    new_args(&in, false), f);
	states_instances_changed(r->app->states);
	return err;
}

/* ---- changing one ---- */

struct change {
	const char *title;
	bool archived;
	bool archived_given;
};

static const struct json_field change_fields[] = {
	{ "title", JSON_STRING, .min = 1, .max = 200,
	  .offset = offsetof(struct change, title) },
	{ "archived", JSON_BOOL, .offset = offsetof(struct change, archived),
	  .given = offsetof(struct change, archived_given) },
	{ .name = NULL }
};

/* It is archived already; what rests late pauses when it is due. */
static void
rest(struct request *r, bool archived)
{
	struct fault f = { 0 };

	if (project_kept_rest(r->app, r->project, archived, &f) != 0)
		log_event(LOG_LEVEL_ERROR, "rules-not-stored", "why",
		    f.detail, NULL);
}

int
api_project_patch(struct request *r, struct reply *p, struct fault *f)
{
	struct json_object *args;
	struct change in = { .title = NULL };
	int err = json_read(r->body, change_fields, &in, "", f);

	if (err != 0)
		return err;
	args = project_args(r);
	if (in.title != NULL)
		json_add_str(args, "title", in.title);
	if (in.archived_given)
		json_add_bool(args, "archived", in.archived);
	err = project_send(r, p, 200, "project-set", args, f);
	if (err == 0 && in.archived_given)
		rest(r, in.archived);
	states_instances_changed(r->app->states);
	return err;
}

/* ---- deleting one ---- */

/* Has it anything to do with that instance, as far as we know? */
static bool
is_on(struct json_object *project, const char *instance)
{
	return json_list_has(json_member(project, "policies",
	    json_type_array), "instance", instance);
}

/*
 * Instances that do not answer are in the way where the project has a policy;
 * for the others its name is retired (*empty).
 */
static int
emptiness_check(struct request *r, struct json_object *project, bool *empty,
	struct fault *f)
{
	static const char what[] = "The project can not be deleted";
	struct beneath b;
	size_t n;
	int err = beneath_look(r->app, r->auth, r->project, &b, f);

	if (err != 0)
		return err;
	n = json_object_array_length(b.errors);
	*empty = n == 0;
	while (n-- > 0)
		if (!is_on(project, api_text(json_object_array_get_idx(
		    b.errors, n), "instance")))
			json_object_array_del_idx(b.errors, n, 1);
	err = beneath_check(&b, what, true, f);
	beneath_free(&b);
	return err;
}

int
api_project_delete(struct request *r, struct reply *p, struct fault *f)
{
	AUTO_JSON struct json_object *project = NULL;
	struct json_object *args;
	bool empty = false;
	int err = api_ask(r, "project-get", project_args(r), "project",
		&project, f);

	if (err == 0)
		err = project_kept_check(r->app, r->project, f);
	if (err == 0)
		err = emptiness_check(r, project, &empty, f);
	if (err != 0)
		return err;
	args = project_args(r);
	json_add_bool(args, "empty", empty);
	err = auth_call(r->auth, "project-delete", &r->who, args, NULL, f);
	if (err != 0)
		return err;
	project_kept_drop(r->app, r->project);
	states_instances_changed(r->app->states);
	return reply_empty(p, 204);
}

/* ---- handing it over ---- */

struct transfer {
	const char *to;
	bool stay;
};

static const struct json_field transfer_fields[] = {
	{ "to", JSON_STRING, .required = true, .min = 1, .max = ALB_LABEL_MAX,
	  .offset = offsetof(struct transfer, to) },
	{ "stay", JSON_BOOL, .offset = offsetof(struct transfer, stay) },
	{ .name = NULL }
};

int
api_project_transfer(struct request *r, struct reply *p, struct fault *f)
{
	struct transfer in = { .to = NULL };
	struct json_object *args;
	int err = json_read(r->body, transfer_fields, &in, "", f);

	if (err != 0)
		return err;
	args = project_args(r);
	json_add_str(args, "to", in.to);
	json_add_bool(args, "stay", in.stay);
	err = auth_call(r->auth, "project-transfer", &r->who, args, NULL, f);
	states_instances_changed(r->app->states);
	return err != 0 ? err : reply_empty(p, 204);
}

/* ---- members ---- */

int
api_members_list(struct request *r, struct reply *p, struct fault *f)
{
	struct json_object *items, *o;
	int err = api_ask(r, "member-list", project_args(r), "items", &items,
		f);

	if (err != 0)
		return err;
	o = json_object_new_object();
	json_object_object_add(o, "items", items);
	return reply_json(p, 200, o);
}

struct member {
	const char *email;
	const char *name;
	const char *role;
};

static const struct json_field role_fields[] = {
	{ "role", JSON_STRING, .required = true, .max = 16,
	  .offset = offsetof(struct member, role) },
	{ .name = NULL }
};

static const struct json_field member_fields[] = {
	{ "email", JSON_STRING, .min = 1, .max = 254,
	  .offset = offsetof(struct member, email) },
	{ "name", JSON_STRING, .min = 1, .max = ALB_LABEL_MAX,
	  .offset = offsetof(struct member, name) },
	{ "role", JSON_STRING, .required = true, .max = 16,
	  .offset = offsetof(struct member, role) },
	{ .name = NULL }
};

static struct json_object *
member_args(const struct request *r, const struct member *m)
{
	struct json_object *args = project_args(r);

	if (m->email != NULL)
		json_add_str(args, "email", m->email);
	if (m->name != NULL)
		json_add_str(args, "name", m->name);
	if (m->role != NULL)
		json_add_str(args, "role", m->role);
	return args;
}

static int
member_send(struct request *r, struct reply *p, int status,
	const struct member *m, struct fault *f)
{
	struct json_object *member;
	int err = api_ask(r, "member-set", member_args(r, m), "member",
		&member, f);

	states_instances_changed(r->app->states);
	return err != 0 ? err : reply_json(p, status, member);
}

int
api_members_post(struct request *r, struct reply *p, struct fault *f)
{
	struct member in = { .role = NULL };
	int err = json_read(r->body, member_fields, &in, "", f);

	return err != 0 ? err : member_send(r, p, 201, &in, f);
}

int
api_members_put(struct request *r, struct reply *p, struct fault *f)
{
	struct member in = { .name = r->item };
	int err = json_read(r->body, role_fields, &in, "", f);

	return err != 0 ? err : member_send(r, p, 200, &in, f);
}

/* Of oneself too: to leave. */
int
api_members_delete(struct request *r, struct reply *p, struct fault *f)
{
	const struct member gone = { .name = r->item };
	int err = auth_call(r->auth, "member-set", &r->who,
		member_args(r, &gone), NULL, f);

	states_instances_changed(r->app->states);
	return err != 0 ? err : reply_empty(p, 204);
}
