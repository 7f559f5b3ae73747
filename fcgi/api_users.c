/* SPDX-License-Identifier: ISC */
/* api_users: what administrators do with people, and with retired names. */
#include "fcgi/api.h"

#include <stddef.h>
#include <string.h>

#include "fcgi/beneath.h"
#include "fcgi/letters.h"
#include "fcgi/post.h"
#include "fcgi/project_kept.h"
#include "fcgi/states.h"

#define LIST_LIMIT 100
#define ID_MAX 64

static void
user_show(struct json_object *user)
{
	struct json_object *seen = api_member(user, "last_seen");

	json_add_time(user, "last_seen_at", json_object_get_int64(seen));
	json_object_object_del(user, "last_seen");
	api_time(user, "created", "created_at");
}

/* {"id": of the path}; NULL with f when it can be none. */
static struct json_object *
id_args(struct request *r, struct fault *f)
{
	struct json_object *args;

	if (strlen(r->item) > ID_MAX) {
		fault_set(f, ERR_NOT_FOUND, "There is no such user.");
		return NULL;
	}
	args = json_object_new_object();
	json_add_str(args, "id", r->item);
	return args;
}

/* ---- list, get ---- */

static struct json_object *
list_args(struct request *r, const struct page *page)
{
	const char *q = request_query(r, "q");
	const char *state = request_query(r, "state");
	struct json_object *args = json_object_new_object();

	if (q != NULL && q[0] != '\0')
		json_add_str(args, "q", q);
	if (state != NULL)
		json_add_str(args, "state", state);
	json_add_str(args, "after", page->after);
	json_add_int(args, "limit", page->limit);
	return args;
}

int
api_users_list(struct request *r, struct reply *p, struct fault *f)
{
	struct json_object *answer, *items, *next = NULL;
	struct page page;
	size_t n;
	int err = page_read(r, LIST_LIMIT, &page, f);

	if (err == 0)
		err = auth_call(r->auth, "user-list", &r->who,
		    list_args(r, &page), &answer, f);
	if (err != 0)
		return err;
	items = api_member(answer, "items");
	n = json_object_array_length(items);
	for (size_t i = 0; i < n; i++)
		user_show(json_object_array_get_idx(items, i));
	if (json_object_get_boolean(api_member(answer, "more")) && n > 0)
		next = page_cursor(api_text(json_object_array_get_idx(items,
		    n - 1), "name"));
	json_object_object_del(answer, "more");
	json_object_object_add(answer, "next", next);
	return reply_json(p, 200, answer);
}

int
api_users_get(struct request *r, struct reply *p, struct fault *f)
{
	struct json_object *args = id_args(r, f), *user;
	int err = args == NULL ? f->err :
		api_ask(r, "user-get", args, "user", &user, f);

	if (err != 0)
		return err;
	user_show(user);
	return reply_json(p, 200, user);
}

/* ---- what they leave ---- */

/* The project that is the first word of a whole name. */
static bool
is_in(const char *whole, const char *project)
{
	size_t len = strlen(project);

	return strncmp(whole, project, len) == 0 && whole[len] == ':';
}

static void
project_fill(struct json_object *project, const struct beneath *b)
{
	struct json_object *unikernels = json_object_new_array();
	struct json_object *volumes = json_object_new_array();
	const char *name = api_text(project, "name");

	for (size_t i = 0; i < json_object_array_length(b->items); i++) {
		struct json_object *item = json_object_array_get_idx(b->items,
		    i), *o;
		const char *whole = api_text(item, "name");

		if (!is_in(whole, name))
			continue;
		o = json_object_new_object();
		json_add_str(o, "instance", api_text(item, "instance"));
		json_add_str(o, "name", whole + strlen(name) + 1);
		json_object_array_add(strcmp(api_text(item, "kind"),
		    "volume") == 0 ? volumes : unikernels, o);
	}
	json_object_object_add(project, "unikernels", unikernels);
	json_object_object_add(project, "volumes", volumes);
}

int
api_users_leaves(struct request *r, struct reply *p, struct fault *f)
{
	struct json_object *args = id_args(r, f), *leaves, *projects;
	struct beneath b;
	int err = args == NULL ? f->err :
		api_ask(r, "user-leaves", args, "leaves", &leaves, f);

	if (err != 0)
		return err;
	err = beneath_look(r->app, r->auth, NULL, &b, f);
	if (err != 0) {
		json_object_put(leaves);
		return err;
	}
	projects = api_member(leaves, "projects");
	for (size_t i = 0; i < json_object_array_length(projects); i++)
		project_fill(json_object_array_get_idx(projects, i), &b);
	json_object_object_add(leaves, "errors", json_object_get(b.errors));
	beneath_free(&b);
	return reply_json(p, 200, leaves);
}

/*
 * Is there nothing under a name, as far as all instances tell, and nothing
 * kept here that is not to be thrown away?
 */
static int
is_empty(struct request *r, const char *name, bool *empty, struct fault *f)
{
	struct fault kept = { 0 };
	struct beneath b;
	int err = beneath_look(r->app, r->auth, name, &b, f);

	if (err != 0)
		return err;
	*empty = json_object_array_length(b.items) == 0 &&
		json_object_array_length(b.errors) == 0 &&
		project_kept_check(r->app, name, &kept) == 0;
	beneath_free(&b);
	return 0;
}

int
api_users_delete(struct request *r, struct reply *p, struct fault *f)
{
	const char *give_to = request_query(r, "give_to");
	struct json_object *args = id_args(r, f);
	AUTO_JSON struct json_object *o = NULL, *answer = NULL;
	const char *name;
	bool empty = false;
	int err = args == NULL ? f->err :
		api_ask(r, "user-leaves", args, "name", &o, f);

	if (err != 0)
		return err;
	name = json_object_get_string(o);
	err = is_empty(r, name, &empty, f);
	if (err != 0)
		return err;
	args = id_args(r, f);
	json_add_bool(args, "empty", empty);
	if (give_to != NULL)
		json_add_str(args, "give_to", give_to);
	err = auth_call(r->auth, "user-delete", &r->who, args, &answer, f);
	if (err == 0 && api_member(answer, "ended") != NULL)
		project_kept_drop(r->app, name);
	states_instances_changed(r->app->states);
	return err != 0 ? err : reply_empty(p, 204);
}

/* ---- changes ---- */

struct change {
	bool admin, disabled, approved;
	bool admin_given, disabled_given, approved_given;
};

#define FLAG(field)							\
	{ #field, JSON_BOOL, .offset = offsetof(struct change, field),	\
	  .given = offsetof(struct change, field##_given) }

static const struct json_field change_fields[] = {
	FLAG(admin), FLAG(disabled), FLAG(approved),
	{ .name = NULL }
};

static int
approved_mail(struct request *r, struct json_object *user, struct fault *f)
{
	const struct letter_text letter = { .kind = LETTER_APPROVED,
		.to = api_text(user, "email"),
		.name = api_text(user, "name") };

	return post_mail_ready(r->app) ?
	    letter_send(r->app, &letter, f) : 0;
}

int
api_users_patch(struct request *r, struct reply *p, struct fault *f)
{
	struct json_object *args = id_args(r, f), *answer, *user;
	struct change in = { 0 };
	int err = args == NULL ? f->err :
		json_read(r->body, change_fields, &in, "", f);

	if (err != 0) {
		json_object_put(args);
		return err;
	}
	if (in.admin_given)
		json_add_bool(args, "admin", in.admin);
	if (in.disabled_given)
		json_add_bool(args, "disabled", in.disabled);
	if (in.approved_given)
		json_add_bool(args, "approved", in.approved);
	err = auth_call(r->auth, "user-set", &r->who, args, &answer, f);
	if (err != 0)
		return err;
	api_begins(r, answer);
	user = api_take(answer, "user");
	if (json_object_get_boolean(api_member(answer, "approved_now")))
		err = approved_mail(r, user, f);
	json_object_put(answer);
	if (err != 0) {
		json_object_put(user);
		return err;
	}
	user_show(user);
	return reply_json(p, 200, user);
}

static int
user_do(struct request *r, struct reply *p, const char *op, struct fault *f)
{
	struct json_object *args = id_args(r, f);

	return args == NULL ? f->err : api_do(r, p, op, args, f);
}

int
api_users_sessions_delete(struct request *r, struct reply *p,
	struct fault *f)
{
	return user_do(r, p, "user-sessions-end", f);
}

int
api_users_factor_delete(struct request *r, struct reply *p, struct fault *f)
{
	return user_do(r, p, "user-factor-remove", f);
}

int
api_users_reset(struct request *r, struct reply *p, struct fault *f)
{
	AUTO_JSON struct json_object *answer = NULL;
	struct json_object *args;
	struct letter_text letter;
	int err;

	if (!post_mail_ready(r->app))
		return fault_set(f, ERR_CONFLICT, "No mails can be sent: see "
		    "the settings.");
	args = id_args(r, f);
	err = args == NULL ? f->err :
		auth_call(r->auth, "user-reset", &r->who, args, &answer, f);
	if (err == 0 && letter_read(answer, &letter))
		err = letter_send(r->app, &letter, f);
	return err != 0 ? err : reply_empty(p, 202);
}

/* ---- names ---- */

static void
name_show(struct request *r, struct json_object *item)
{
	api_time(item, "retired", "retired_at");
}

int
api_names_list(struct request *r, struct reply *p, struct fault *f)
{
	return api_list(r, p, "name-list", "name", name_show, f);
}

/* Forced, what does not answer is taken to have nothing. */
static int
nothing_beneath(struct request *r, const char *name, bool force,
	struct fault *f)
{
	struct beneath b;
	int err = project_kept_check(r->app, name, f);

	if (err == 0)
		err = beneath_look(r->app, r->auth, name, &b, f);
	if (err != 0)
		return err;
	if (force) {
		json_object_put(b.errors);
		b.errors = json_object_new_array();
	}
	err = beneath_check(&b, "The name can not be released", true, f);
	beneath_free(&b);
	return err;
}

int
api_names_delete(struct request *r, struct reply *p, struct fault *f)
{
	char name[ALB_LABEL_MAX + 1];
	struct json_object *args;
	bool force = false;
	int err = request_query_bool(r, "force", &force, f);

	if (err == 0 && alb_label_fold(r->item, name) != NULL)
		err = fault_set(f, ERR_NOT_FOUND, "There is no such name.");
	if (err == 0)
		err = nothing_beneath(r, name, force, f);
	if (err != 0)
		return err;
	args = json_object_new_object();
	json_add_str(args, "name", name);
	err = auth_call(r->auth, "name-release", &r->who, args, NULL, f);
	if (err == 0)
		project_kept_drop(r->app, name);
	return err != 0 ? err : reply_empty(p, 204);
}
