/* SPDX-License-Identifier: ISC */
/* op_project: projects and their members. */
#include <stdio.h>
#include <string.h>

#include "albatross/json.h"
#include "auth/instances.h"
#include "auth/ops.h"
#include "auth/projects.h"
#include "base/message.h"

static int
list(struct request *r, const void *args, struct json_object *out)
{
	json_object_object_add(out, "items", project_list(r->db, &r->who));
	return 0;
}

/* ---- watch-list ---- */

/* Of JSON, so that the answer fits into a message. */
#define WATCH_BUDGET (MESSAGE_MAX / 2)

struct watch_args {
	const char *after;
};

static const struct json_field watch_fields[] = {
	{ .name = "after", .type = JSON_STRING, .max = ALB_LABEL_MAX,
	  .offset = offsetof(struct watch_args, after) },
	{ .name = NULL },
};

/* What there is to be watched; instances with the first page. */
static int
watch_list(struct request *r, const void *in, struct json_object *out)
{
	const struct watch_args *args = in;
	const char *after = args->after == NULL ? "" : args->after;
	struct json_object *projects;
	bool more;

	if (*after == '\0')
		json_object_object_add(out, "instances",
		    instance_watch_list(r->db));
	projects = project_watch_list(r->db, after, WATCH_BUDGET, &more);
	json_object_object_add(out, "projects", projects);
	json_add_bool(out, "more", more);
	json_add_int(out, "revision", store_revision(r->db));
	return 0;
}

/* ---- projects ---- */

struct add_args {
	const char *name;
	const char *title;
};

static const struct json_field add_fields[] = {
	{ .name = "name", .type = JSON_STRING, .required = true,
	  .check = alb_label_check, .offset = offsetof(struct add_args, name) },
	{ .name = "title", .type = JSON_STRING, .min = 1, .max = 200,
	  .offset = offsetof(struct add_args, title) },
	{ .name = NULL },
};

static int
add(struct request *r, const void *in, struct json_object *out)
{
	const struct add_args *args = in;
	char name[ALB_LABEL_MAX + 1];
	struct db *d = database_write_begin(r->a->store, r->f);
	int err;

	if (d == NULL)
		return r->f->err;
	op_fold(args->name, name);
	err = project_add(d, name, args->title == NULL ? name : args->title,
	    r->who.user, r->now, r->f);
	if (err == 0)
		err = op_audit(r, d, "project-add", name, NULL);
	return op_store_fault(r, database_write_end(r->a->store, err, r->f));
}

/* ---- members ---- */

struct member_args {
	const char *project;
	const char *email;
	const char *role;
};

static const char *
check_role(const char *s)
{
	int role = role_parse(s);

	return role >= ROLE_VIEWER && role <= ROLE_OWNER ? NULL :
		"must be viewer, deployer or owner";
}

static const struct json_field member_fields[] = {
	{ .name = "project", .type = JSON_STRING, .required = true,
	  .check = alb_label_check,
	  .offset = offsetof(struct member_args, project) },
	{ .name = "email", .type = JSON_STRING, .required = true, .max = 1024,
	  .offset = offsetof(struct member_args, email) },
	{ .name = "role", .type = JSON_STRING, .check = check_role,
	  .offset = offsetof(struct member_args, role) },
	{ .name = NULL },
};

static int
member_set(struct request *r, const void *in, struct json_object *out)
{
	const struct member_args *args = in;
	char name[ALB_LABEL_MAX + 1];
	struct place place = { .project = op_fold(args->project, name) };
	struct spot spot;
	struct db *d;
	int err;

	err = identity_allowed(r->db, &r->who, SCOPE_PROJECT_ADMIN, &place,
	    &spot, r->f);
	if (err != 0)
		return err;
	d = database_write_begin(r->a->store, r->f);
	if (d == NULL)
		return r->f->err;
	err = project_member_set(d, spot.project_id, args->email,
	    args->role == NULL ? ROLE_NONE : (enum role)role_parse(args->role),
	    r->f);
	if (err == 0)
		err = op_audit(r, d, "member-set", name, args->email);
	return op_store_fault(r, database_write_end(r->a->store, err, r->f));
}

struct project_args {
	const char *project;
};

static const struct json_field project_fields[] = {
	{ .name = "project", .type = JSON_STRING, .required = true,
	  .check = alb_label_check,
	  .offset = offsetof(struct project_args, project) },
	{ .name = NULL },
};

static int
member_list(struct request *r, const void *in, struct json_object *out)
{
	const struct project_args *args = in;
	char name[ALB_LABEL_MAX + 1];
	struct place place = { .project = op_fold(args->project, name) };
	struct spot spot;
	int err = identity_allowed(r->db, &r->who, SCOPE_PROJECT_READ, &place,
	    &spot, r->f);

	if (err == 0)
		json_object_object_add(out, "items", project_members(r->db,
		    spot.project_id));
	return err;
}

const struct op project_ops[] = {
	{ "project-list", OP_ANY, 0, true, NULL, 0, list },
	{ "watch-list", OP_NOBODY, 0, true, watch_fields,
	  sizeof(struct watch_args), watch_list },
	{ "project-add", OP_SESSION, 0, false, add_fields,
	  sizeof(struct add_args), add },
	{ "member-list", OP_ANY, 0, true, project_fields,
	  sizeof(struct project_args), member_list },
	{ "member-set", OP_ANY, 0, false, member_fields,
	  sizeof(struct member_args), member_set },
	{ .name = NULL },
};
