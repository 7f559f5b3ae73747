/* SPDX-License-Identifier: ISC */
/* api_secrets: what unikernels need to know and nobody needs to see. */
#include "fcgi/api.h"

#include <stddef.h>
#include <string.h>

struct new_value {
	const char *value;
};

static const struct json_field value_fields[] = {
	{ "value", JSON_STRING, .required = true,
	  .offset = offsetof(struct new_value, value) },
	{ .name = NULL }
};

static struct json_object *
place_args(const struct request *r)
{
	struct json_object *args = json_object_new_object();

	json_add_str(args, "project", r->project);
	return args;
}

static void
secret_show(struct request *r, struct json_object *secret)
{
	api_time(secret, "changed", "changed_at");
}

int
api_secrets_list(struct request *r, struct reply *p, struct fault *f)
{
	struct json_object *items, *o;
	int err = api_ask(r, "secret-list", place_args(r), "items", &items, f);

	if (err != 0)
		return err;
	for (size_t i = 0; i < json_object_array_length(items); i++)
		secret_show(r, json_object_array_get_idx(items, i));
	o = json_object_new_object();
	json_object_object_add(o, "items", items);
	return reply_json(p, 200, o);
}

int
api_secrets_put(struct request *r, struct reply *p, struct fault *f)
{
	struct json_object *args;
	struct new_value in = { 0 };
	int err = json_read(r->body, value_fields, &in, "", f);

	if (err != 0)
		return err;
	args = place_args(r);
	json_add_str(args, "name", r->name);
	json_add_str(args, "value", in.value);
	return api_do(r, p, "secret-set", args, f);
}

int
api_secrets_delete(struct request *r, struct reply *p, struct fault *f)
{
	struct json_object *args = place_args(r);

	json_add_str(args, "name", r->name);
	return api_do(r, p, "secret-remove", args, f);
}
