/* SPDX-License-Identifier: ISC */
/* api_tokens: a person's credentials for scripts and CI. */
#include "fcgi/api.h"

#include <stddef.h>
#include <string.h>
#include <time.h>

#define DAY 86400
#define SOON (7 * DAY)
#define DAYS_DEFAULT 30
#define ID_MAX 64

struct new_token {
	const char *name;
	struct json_strings scopes;
	struct json_strings instances;
	bool has_instances;
	const char *project;
	struct json_strings unikernels;
	bool has_unikernels;
	int64_t days;
};

static const struct json_field new_token_fields[] = {
	{ "name", JSON_STRING, .required = true, .min = 1, .max = 64,
	  .offset = offsetof(struct new_token, name) },
	{ "scopes", JSON_STRINGS, .required = true, .min = 1, .max = 32,
	  .offset = offsetof(struct new_token, scopes) },
	{ "instances", JSON_STRINGS, .min = 1, .max = ALB_LABEL_MAX,
	  .offset = offsetof(struct new_token, instances),
	  .given = offsetof(struct new_token, has_instances) },
	{ "project", JSON_STRING, .min = 1, .max = ALB_LABEL_MAX,
	  .offset = offsetof(struct new_token, project) },
	{ "unikernels", JSON_STRINGS, .min = 1, .max = ALB_LABEL_MAX,
	  .offset = offsetof(struct new_token, unikernels),
	  .given = offsetof(struct new_token, has_unikernels) },
	{ "expires_in_days", JSON_INT, .min = 1, .max = 365,
	  .offset = offsetof(struct new_token, days) },
	{ .name = NULL }
};

static void
token_show(struct request *r, struct json_object *token)
{
	int64_t expires = json_object_get_int64(api_member(token, "expires"));
	int64_t now = (int64_t)time(NULL);

	json_add_bool(token, "expires_soon", expires > now &&
	    expires - now <= SOON);
	api_time(token, "created", "created_at");
	api_time(token, "expires", "expires_at");
	api_time(token, "last_used", "last_used_at");
}

int
api_tokens_list(struct request *r, struct reply *p, struct fault *f)
{
	return api_list(r, p, "token-list", "id", token_show, f);
}

static void
add_strings(struct json_object *o, const char *key,
	const struct json_strings *list)
{
	struct json_object *a = json_object_new_array();

	for (size_t i = 0; i < list->len; i++)
		json_object_array_add(a,
		    json_object_new_string(list->items[i]));
	json_object_object_add(o, key, a);
}

static struct json_object *
new_token_args(const struct new_token *in)
{
	struct json_object *args = json_object_new_object();

	json_add_str(args, "name", in->name);
	add_strings(args, "scopes", &in->scopes);
	if (in->has_instances)
		add_strings(args, "instances", &in->instances);
	if (in->project != NULL)
		json_add_str(args, "project", in->project);
	if (in->has_unikernels)
		add_strings(args, "unikernels", &in->unikernels);
	json_add_int(args, "expires_in", in->days * DAY);
	return args;
}

int
api_tokens_post(struct request *r, struct reply *p, struct fault *f)
{
	struct new_token in = { .days = DAYS_DEFAULT };
	struct json_object *answer;
	int err;

	err = json_read(r->body, new_token_fields, &in, "", f);
	if (err == 0)
		err = auth_call(r->auth, "token-create", &r->who,
		    new_token_args(&in), &answer, f);
	json_free(new_token_fields, &in);
	if (err != 0)
		return err;
	token_show(r, api_member(answer, "token"));
	return reply_json(p, 201, answer);
}

struct token_change {
	const char *name;
	int64_t days;
	bool has_days;
};

static const struct json_field token_change_fields[] = {
	{ "name", JSON_STRING, .min = 1, .max = 64,
	  .offset = offsetof(struct token_change, name) },
	{ "expires_in_days", JSON_INT, .min = 0, .max = 365,
	  .offset = offsetof(struct token_change, days),
	  .given = offsetof(struct token_change, has_days) },
	{ .name = NULL }
};

/* The arguments that name the token of the path, or ERR_NOT_FOUND. */
static int
token_args(struct request *r, struct json_object **out, struct fault *f)
{
	if (strlen(r->item) > ID_MAX)
		return fault_set(f, ERR_NOT_FOUND, "There is no such token.");
	*out = json_object_new_object();
	json_add_str(*out, "id", r->item);
	return 0;
}

int
api_tokens_patch(struct request *r, struct reply *p, struct fault *f)
{
	struct json_object *args, *token;
	struct token_change in = { 0 };
	int err = json_read(r->body, token_change_fields, &in, "", f);

	if (err == 0)
		err = token_args(r, &args, f);
	if (err != 0)
		return err;
	json_add_str(args, "name", in.name);
	if (in.has_days)
		json_add_int(args, "expires_in", in.days * DAY);
	err = api_ask(r, "token-set", args, "token", &token, f);
	if (err != 0)
		return err;
	token_show(r, token);
	return reply_json(p, 200, token);
}

static int
token_delete(struct request *r, struct reply *p, const char *op,
	struct fault *f)
{
	struct json_object *args;
	int err = token_args(r, &args, f);

	if (err != 0)
		return err;
	if (r->project != NULL)
		json_add_str(args, "project", r->project);
	return api_do(r, p, op, args, f);
}

int
api_tokens_delete(struct request *r, struct reply *p, struct fault *f)
{
	return token_delete(r, p, "token-delete", f);
}

int
api_projects_tokens_list(struct request *r, struct reply *p, struct fault *f)
{
	struct json_object *args = json_object_new_object();

	json_add_str(args, "project", r->project);
	return api_list_of(r, p, "project-token-list", args, "id", token_show,
	    f);
}

int
api_projects_tokens_delete(struct request *r, struct reply *p,
	struct fault *f)
{
	return token_delete(r, p, "project-token-delete", f);
}
