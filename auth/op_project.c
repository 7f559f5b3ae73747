/* SPDX-License-Identifier: ISC */
/* op_project: projects as a whole. */
#include <ctype.h>
#include <stdio.h>

#include "albatross/json.h"
#include "auth/instances.h"
#include "auth/names.h"
#include "auth/ops.h"
#include "auth/projects.h"
#include "base/message.h"

/* Of JSON, so that the answer fits into a message. */
#define LIST_BUDGET (MESSAGE_MAX / 2)

struct list_args {
	const char *after;
};

static const struct json_field list_fields[] = {
	{ .name = "after", .type = JSON_STRING, .max = ALB_LABEL_MAX,
	  .offset = offsetof(struct list_args, after) },
	{ .name = NULL },
};

static int
list(struct request *r, const void *in, struct json_object *out)
{
	const struct list_args *args = in;
	struct json_object *items;
	bool more;

	items = project_list(r->db, &r->who, args->after == NULL ? "" :
	    args->after, LIST_BUDGET, &more);
	json_object_object_add(out, "items", items);
	json_add_bool(out, "more", more);
	return 0;
}

/* ---- watch-list ---- */

/* What there is to be watched; instances with the first page. */
static int
watch_list(struct request *r, const void *in, struct json_object *out)
{
	const struct list_args *args = in;
	const char *after = args->after == NULL ? "" : args->after;
	struct json_object *projects;
	bool more;

	if (*after == '\0')
		json_object_object_add(out, "instances",
		    instance_watch_list(r->db));
	projects = project_watch_list(r->db, after, LIST_BUDGET, &more);
	json_object_object_add(out, "projects", projects);
	json_add_bool(out, "more", more);
	json_add_int(out, "revision", store_revision(r->db));
	return 0;
}

/* ---- projects ---- */

struct db *
op_project_begin(struct request *r, enum action action, const char *project,
	struct spot *spot)
{
	struct db *d;
	int err;

	/* Who may not does not make others wait. */
	if (identity_may(r->db, &r->who, action, project, spot, r->f) != 0)
		return NULL;
	d = database_write_begin(r->a->store, r->f);
	if (d == NULL)
		return NULL;
	err = identity_may(d, &r->who, action, project, spot, r->f);
	if (err == 0)
		return d;
	database_write_end(r->a->store, err, r->f);
	return NULL;
}

static const char *
check_title(const char *s)
{
	for (; *s != '\0'; s++)
		if (iscntrl((unsigned char)*s))
			return "must not contain control characters";
	return NULL;
}

struct add_args {
	const char *name;
	const char *title;
	bool adopt;
	bool check;
};

static const struct json_field add_fields[] = {
	{ .name = "name", .type = JSON_STRING, .required = true,
	  .check = alb_label_check, .offset = offsetof(struct add_args, name) },
	{ .name = "title", .type = JSON_STRING, .min = 1, .max = 200,
	  .check = check_title, .offset = offsetof(struct add_args, title) },
	{ .name = "adopt", .type = JSON_BOOL,
	  .offset = offsetof(struct add_args, adopt) },
	{ .name = "check", .type = JSON_BOOL,
	  .offset = offsetof(struct add_args, check) },
	{ .name = NULL },
};

static int
room_check(struct request *r, struct db *d)
{
	if (r->who.admin || project_count(d, r->who.user) < PROJECTS_OWNED)
		return 0;
	return fault_set(r->f, ERR_CONFLICT, "You own %d projects, which is "
	    "the most: delete one, or have an administrator make one.",
	    PROJECTS_OWNED);
}

/* A retired name is adopted too: then it is in use again. */
static int
add_write(struct request *r, struct db *d, const struct add_args *args,
	const char *name)
{
	int err = room_check(r, d);

	if (err == 0 && args->adopt && name_retired(d, name))
		err = name_release(d, name);
	if (err == 0)
		err = name_free(d, name, r->f);
	if (err == 0)
		err = project_add(d, name, args->title == NULL ? name :
		    args->title, r->who.user, r->now);
	return err != 0 ? err : op_audit(r, d, args->adopt ? "project-adopt" :
	    "project-add", name, NULL);
}

static int
add(struct request *r, const void *in, struct json_object *out)
{
	const struct add_args *args = in;
	char name[ALB_LABEL_MAX + 1];
	struct db *d;
	int err;

	if (args->adopt && !r->who.admin)
		return fault_set(r->f, ERR_FORBIDDEN, "To take over what is "
		    "there under a name is for administrators.");
	op_fold(args->name, name);
	if (args->check && room_check(r, r->db) != 0)
		return r->f->err;
	if (args->check)
		return args->adopt && name_retired(r->db, name) ? 0 :
			name_free(r->db, name, r->f);
	d = database_write_begin(r->a->store, r->f);
	if (d == NULL)
		return r->f->err;
	err = add_write(r, d, args, name);
	if (err == 0)
		json_object_object_add(out, "project", project_get(d, &r->who,
		    name));
	return op_store_fault(r, database_write_end(r->a->store, err, r->f));
}

/* ---- one project ---- */

struct set_args {
	const char *project;
	const char *title;
	bool archived;
	bool archived_given;
	bool empty;
};

#define PROJECT								\
	{ .name = "project", .type = JSON_STRING, .required = true,	\
	  .check = alb_label_check,					\
	  .offset = offsetof(struct set_args, project) }

static const struct json_field one_fields[] = {
	PROJECT,
	{ .name = NULL },
};

static const struct json_field change_fields[] = {
	PROJECT,
	{ .name = "title", .type = JSON_STRING, .min = 1, .max = 200,
	  .check = check_title, .offset = offsetof(struct set_args, title) },
	{ .name = "archived", .type = JSON_BOOL,
	  .offset = offsetof(struct set_args, archived),
	  .given = offsetof(struct set_args, archived_given) },
	{ .name = NULL },
};

static const struct json_field delete_fields[] = {
	PROJECT,
	{ .name = "empty", .type = JSON_BOOL,
	  .offset = offsetof(struct set_args, empty) },
	{ .name = NULL },
};

static int
one(struct request *r, const void *in, struct json_object *out)
{
	const struct set_args *args = in;
	char name[ALB_LABEL_MAX + 1];
	struct spot spot;
	int err = op_project_allowed(r, SCOPE_PROJECT_READ, args->project,
	    name, &spot);

	if (err == 0)
		json_object_object_add(out, "project", project_get(r->db,
		    &r->who, name));
	return err;
}

static int
title_write(struct request *r, struct db *d, const struct spot *spot,
	const char *name, const char *title)
{
	int err = project_title(d, spot->project_id, title);

	return err != 0 ? err : op_audit(r, d, "project-rename", name, title);
}

static int
archive_write(struct request *r, struct db *d, const char *name,
	bool archived)
{
	struct spot spot;
	int err = identity_may(d, &r->who, archived ? ACTION_ARCHIVE :
		ACTION_RESTORE, name, &spot, r->f);

	if (err == 0 && spot.archived != archived)
		err = project_archive(d, spot.project_id, archived, r->now);
	if (err != 0 || spot.archived == archived)
		return err;
	return op_audit(r, d, archived ? "project-archive" :
	    "project-restore", name, NULL);
}

static int
change(struct request *r, const void *in, struct json_object *out)
{
	const struct set_args *args = in;
	char name[ALB_LABEL_MAX + 1];
	struct spot spot;
	struct db *d;
	int err = 0;

	op_fold(args->project, name);
	d = op_project_begin(r, ACTION_RENAME, name, &spot);
	if (d == NULL)
		return r->f->err;
	if (args->title != NULL)
		err = title_write(r, d, &spot, name, args->title);
	if (err == 0 && args->archived_given)
		err = archive_write(r, d, name, args->archived);
	if (err == 0)
		json_object_object_add(out, "project", project_get(d, &r->who,
		    name));
	return op_store_fault(r, database_write_end(r->a->store, err, r->f));
}

/*
 * Whether albatross has anything left the other side has looked (empty); what
 * it could not look at keeps the name from being given again.
 */
static int
delete(struct request *r, const void *in, struct json_object *out)
{
	const struct set_args *args = in;
	char name[ALB_LABEL_MAX + 1];
	struct spot spot;
	struct db *d;
	int err;

	op_fold(args->project, name);
	d = op_project_begin(r, ACTION_DELETE, name, &spot);
	if (d == NULL)
		return r->f->err;
	err = project_remove(d, spot.project_id, name);
	if (err == 0 && !args->empty)
		err = name_retire(d, name, r->now);
	if (err == 0)
		err = op_audit(r, d, "project-delete", name, args->empty ?
		    NULL : "name retired");
	return op_store_fault(r, database_write_end(r->a->store, err, r->f));
}

const struct op project_ops[] = {
	{ "project-list", OP_ANY, 0, true, list_fields,
	  sizeof(struct list_args), list },
	{ "watch-list", OP_NOBODY, 0, true, list_fields,
	  sizeof(struct list_args), watch_list },
	{ "project-add", OP_SESSION, 0, false, add_fields,
	  sizeof(struct add_args), add },
	{ "project-get", OP_ANY, 0, true, one_fields,
	  sizeof(struct set_args), one },
	{ "project-set", OP_ANY, 0, false, change_fields,
	  sizeof(struct set_args), change },
	{ "project-delete", OP_ANY | OP_PROVED, 0, false, delete_fields,
	  sizeof(struct set_args), delete },
	{ .name = NULL },
};
