/* SPDX-License-Identifier: ISC */
/*
 * api_passkeys: a person's passkeys, and signing in with one. What browsers
 * and authenticators say passes through as it is; the authority looks at it.
 */
#include "fcgi/api.h"

#include <stddef.h>
#include <string.h>

#define ID_MAX 64
#define NAME_MAX_BYTES 64
/* In base64; what an authenticator says is far smaller. */
#define SAID_MAX 8192

struct said {
	const char *id;
	const char *client_data;
	const char *authenticator_data;
	const char *signature;
	const char *user_handle;
	const char *name;
};

#define SAID(field) \
	{ #field, JSON_STRING, .required = true, .min = 1, .max = SAID_MAX, \
	  .offset = offsetof(struct said, field) }
#define NAME \
	{ "name", JSON_STRING, .required = true, .min = 1, \
	  .max = NAME_MAX_BYTES, .offset = offsetof(struct said, name) }

static const struct json_field new_fields[] = {
	SAID(client_data),
	SAID(authenticator_data),
	NAME,
	{ .name = NULL }
};

static const struct json_field name_fields[] = {
	NAME,
	{ .name = NULL }
};

static const struct json_field shown_fields[] = {
	SAID(id),
	SAID(client_data),
	SAID(authenticator_data),
	SAID(signature),
	{ "user_handle", JSON_STRING, .max = SAID_MAX,
	  .offset = offsetof(struct said, user_handle) },
	{ .name = NULL }
};

int
api_passkey_args(struct json_object *shown, const char *prefix,
	struct json_object **out, struct fault *f)
{
	struct said in = { 0 };
	int err = json_read(shown, shown_fields, &in, prefix, f);

	if (err != 0)
		return err;
	*out = json_object_new_object();
	json_add_str(*out, "id", in.id);
	json_add_str(*out, "client_data", in.client_data);
	json_add_str(*out, "authenticator_data", in.authenticator_data);
	json_add_str(*out, "signature", in.signature);
	json_add_str(*out, "user_handle", in.user_handle);
	return 0;
}

/* ---- signing in ---- */

int
api_session_passkey_challenge(struct request *r, struct reply *p,
	struct fault *f)
{
	struct json_object *answer;
	int err = auth_call(r->auth, "passkey-challenge", &r->who, NULL,
	    &answer, f);

	return err != 0 ? err : reply_json(p, 200, answer);
}

int
api_session_passkey(struct request *r, struct reply *p, struct fault *f)
{
	struct json_object *args;
	int err = api_passkey_args(r->body, "", &args, f);

	return err != 0 ? err : api_session_begin(r, p, "passkey-login", args,
	    f);
}

/* ---- one's own ---- */

static void
passkey_show(struct request *r, struct json_object *passkey)
{
	api_time(passkey, "created", "created_at");
	api_time(passkey, "last_used", "last_used_at");
}

int
api_passkeys_list(struct request *r, struct reply *p, struct fault *f)
{
	return api_list(r, p, "passkey-list", "id", passkey_show, f);
}

int
api_passkeys_challenge(struct request *r, struct reply *p, struct fault *f)
{
	struct json_object *answer;
	int err = auth_call(r->auth, "passkey-begin", &r->who, NULL, &answer,
	    f);

	return err != 0 ? err : reply_json(p, 200, answer);
}

int
api_passkeys_post(struct request *r, struct reply *p, struct fault *f)
{
	struct json_object *args, *answer;
	struct said in = { 0 };
	int err = json_read(r->body, new_fields, &in, "", f);

	if (err != 0)
		return err;
	args = json_object_new_object();
	json_add_str(args, "name", in.name);
	json_add_str(args, "client_data", in.client_data);
	json_add_str(args, "authenticator_data", in.authenticator_data);
	err = auth_call(r->auth, "passkey-add", &r->who, args, &answer, f);
	if (err != 0)
		return err;
	passkey_show(r, api_member(answer, "passkey"));
	return reply_json(p, 201, answer);
}

/* The arguments with the id in the path; NULL with ERR_NOT_FOUND. */
static struct json_object *
id_args(struct request *r, struct fault *f)
{
	struct json_object *args;

	if (strlen(r->item) > ID_MAX) {
		fault_set(f, ERR_NOT_FOUND, "There is no such passkey.");
		return NULL;
	}
	args = json_object_new_object();
	json_add_str(args, "id", r->item);
	return args;
}

int
api_passkeys_patch(struct request *r, struct reply *p, struct fault *f)
{
	struct json_object *args, *passkey;
	struct said in = { 0 };
	int err = json_read(r->body, name_fields, &in, "", f);

	if (err != 0)
		return err;
	args = id_args(r, f);
	if (args == NULL)
		return f->err;
	json_add_str(args, "name", in.name);
	err = api_ask(r, "passkey-rename", args, "passkey", &passkey, f);
	if (err != 0)
		return err;
	passkey_show(r, passkey);
	return reply_json(p, 200, passkey);
}

int
api_passkeys_delete(struct request *r, struct reply *p, struct fault *f)
{
	struct json_object *args = id_args(r, f);

	return args == NULL ? f->err :
		api_do(r, p, "passkey-remove", args, f);
}
