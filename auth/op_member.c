/* SPDX-License-Identifier: ISC */
/*
 * op_member: who is in a project: looking, setting roles, leaving, handing the
 * project over.
 */
#include <stdio.h>
#include <string.h>

#include "auth/members.h"
#include "auth/ops.h"

/* ---- looking ---- */

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
list(struct request *r, const void *in, struct json_object *out)
{
	const struct project_args *args = in;
	char name[ALB_LABEL_MAX + 1];
	struct spot spot;
	int err = op_project_allowed(r, SCOPE_PROJECT_READ, args->project,
	    name, &spot);

	if (err == 0)
		json_object_object_add(out, "items", members_list(r->db,
		    spot.project_id));
	return err;
}

/* ---- setting roles ---- */

struct set_args {
	const char *project;
	const char *email;
	const char *name;
	const char *role;
};

static const char *
check_role(const char *s)
{
	int role = role_parse(s);

	return role >= ROLE_VIEWER && role <= ROLE_OWNER ? NULL :
		"must be viewer, deployer or owner";
}

static const struct json_field set_fields[] = {
	{ .name = "project", .type = JSON_STRING, .required = true,
	  .check = alb_label_check,
	  .offset = offsetof(struct set_args, project) },
	{ .name = "email", .type = JSON_STRING, .max = 1024,
	  .offset = offsetof(struct set_args, email) },
	{ .name = "name", .type = JSON_STRING, .check = alb_label_check,
	  .offset = offsetof(struct set_args, name) },
	{ .name = "role", .type = JSON_STRING, .check = check_role,
	  .offset = offsetof(struct set_args, role) },
	{ .name = NULL },
};

static int
set_write(struct request *r, struct db *d, const struct set_args *args,
	const char *project, const struct spot *spot, char user[37])
{
	char name[ALB_LABEL_MAX + 1], detail[ALB_LABEL_MAX + 16];
	enum role role = args->role == NULL ? ROLE_NONE :
		(enum role)role_parse(args->role);
	struct account person;
	int err = member_find(d, args->email, op_fold(args->name, name),
		&person, r->f);

	if (err == 0)
		err = member_set(d, spot, &person, role, r->f);
	if (err != 0)
		return err;
	snprintf(user, 37, "%s", person.id);
	snprintf(detail, sizeof(detail), "%s %s", person.name,
	    role == ROLE_NONE ? "none" : role_name(role));
	return op_audit(r, d, "member-set", project, detail);
}

static int
leave_project(struct request *r, const char *project)
{
	struct account self;
	struct spot spot;
	struct db *d = op_project_begin(r, ACTION_LEAVE, project, &spot);
	int err;

	if (d == NULL)
		return r->f->err;
	err = account_by_id(d, r->who.user, &self);
	if (err == 0)
		err = member_set(d, &spot, &self, ROLE_NONE, r->f);
	if (err == 0)
		err = op_audit(r, d, "member-leave", project, NULL);
	return op_store_fault(r, database_write_end(r->a->store, err, r->f));
}

/* To remove oneself is to leave. */
static bool
is_leaving(const struct request *r, const struct set_args *args)
{
	char name[ALB_LABEL_MAX + 1];

	return args->role == NULL && args->name != NULL &&
	    strcmp(op_fold(args->name, name), r->who.name) == 0;
}

static int
set(struct request *r, const void *in, struct json_object *out)
{
	const struct set_args *args = in;
	char project[ALB_LABEL_MAX + 1], user[37];
	struct spot spot;
	struct db *d;
	int err;

	if ((args->email == NULL) == (args->name == NULL))
		return fault_field(r->f, "email", "or name must be given, not "
		    "both");
	op_fold(args->project, project);
	if (is_leaving(r, args))
		return leave_project(r, project);
	d = op_project_begin(r, ACTION_MEMBERS, project, &spot);
	if (d == NULL)
		return r->f->err;
	err = set_write(r, d, args, project, &spot, user);
	if (err == 0)
		json_object_object_add(out, "member", member_get(d,
		    spot.project_id, user));
	return op_store_fault(r, database_write_end(r->a->store, err, r->f));
}

/* ---- handing over ---- */

struct transfer_args {
	const char *project;
	const char *to;
	bool stay;
};

static const struct json_field transfer_fields[] = {
	{ .name = "project", .type = JSON_STRING, .required = true,
	  .check = alb_label_check,
	  .offset = offsetof(struct transfer_args, project) },
	{ .name = "to", .type = JSON_STRING, .required = true,
	  .check = alb_label_check,
	  .offset = offsetof(struct transfer_args, to) },
	{ .name = "stay", .type = JSON_BOOL,
	  .offset = offsetof(struct transfer_args, stay) },
	{ .name = NULL },
};

/* Who asks makes way if they are an owner; for an administrator all are. */
static int
transfer_write(struct request *r, struct db *d,
	const struct transfer_args *args, const struct spot *spot)
{
	struct json_object *self = member_get(d, spot->project_id,
		r->who.user);
	bool owner = role_parse(json_member_text(self, "role", 16)) ==
		ROLE_OWNER;
	char name[ALB_LABEL_MAX + 1];
	struct account to;
	struct fault f = { 0 };
	int err = member_find(d, NULL, op_fold(args->to, name), &to, &f);

	json_object_put(self);
	if (err == ERR_INVALID)
		return fault_field(r->f, "to", "%s", f.fields[0].message);
	if (err != 0)
		return fault_set(r->f, err, "%s", f.detail);
	if (owner && strcmp(to.id, r->who.user) == 0)
		return fault_field(r->f, "to", "must be somebody else");
	return member_transfer(d, spot, &to, owner ? r->who.user : NULL,
	    args->stay ? ROLE_DEPLOYER : ROLE_NONE, r->f);
}

static int
transfer(struct request *r, const void *in, struct json_object *out)
{
	const struct transfer_args *args = in;
	char project[ALB_LABEL_MAX + 1];
	struct spot spot;
	struct db *d;
	int err;

	op_fold(args->project, project);
	d = op_project_begin(r, ACTION_TRANSFER, project, &spot);
	if (d == NULL)
		return r->f->err;
	err = transfer_write(r, d, args, &spot);
	if (err == 0)
		err = op_audit(r, d, "project-transfer", project, args->to);
	return op_store_fault(r, database_write_end(r->a->store, err, r->f));
}

const struct op member_ops[] = {
	{ "member-list", OP_ANY, 0, true, project_fields,
	  sizeof(struct project_args), list },
	{ "member-set", OP_ANY, 0, false, set_fields,
	  sizeof(struct set_args), set },
	{ "project-transfer", OP_ANY | OP_PROVED, 0, false, transfer_fields,
	  sizeof(struct transfer_args), transfer },
	{ .name = NULL },
};
