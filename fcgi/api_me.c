/* SPDX-License-Identifier: ISC */
/* api_me: one's own account: profile, password, sessions. */
#include "fcgi/api.h"

#include <stddef.h>
#include <string.h>

#include "fcgi/letters.h"
#include "fcgi/post.h"

#define ID_MAX 64

static int
me_send(struct reply *p, struct json_object *me)
{
	api_time(me, "created", "created_at");
	return reply_json(p, 200, me);
}

int
api_me_get(struct request *r, struct reply *p, struct fault *f)
{
	struct json_object *me;
	int err = api_ask(r, "me-get", NULL, "me", &me, f);

	return err != 0 ? err : me_send(p, me);
}

struct profile {
	const char *display_name;
	const char *email;
};

static const struct json_field profile_fields[] = {
	{ "display_name", JSON_STRING, .max = 100,
	  .offset = offsetof(struct profile, display_name) },
	{ "email", JSON_STRING, .min = 1, .max = 254,
	  .offset = offsetof(struct profile, email) },
	{ .name = NULL }
};

/* The link goes to the new address, and the one they have is told. */
static int
address_mail(struct request *r, struct json_object *answer, struct fault *f)
{
	struct letter_text link, told;
	int err;

	if (!letter_read(answer, &link))
		return 0;
	told = (struct letter_text){ .kind = LETTER_MOVING,
		.to = api_text(answer, "told"), .name = link.name };
	err = letter_send(r->app, &link, f);
	if (err == 0 && told.to != NULL)
		err = letter_send(r->app, &told, f);
	return err;
}

int
api_me_patch(struct request *r, struct reply *p, struct fault *f)
{
	AUTO_JSON struct json_object *answer = NULL;
	struct json_object *args;
	struct profile in = { 0 };
	int err = json_read(r->body, profile_fields, &in, "", f);

	if (err == 0 && in.email != NULL && !post_mail_ready(r->app))
		err = fault_set(f, ERR_CONFLICT, "No mail can be sent here, so "
		    "no address can be changed: ask an administrator.");
	if (err != 0)
		return err;
	args = json_object_new_object();
	if (in.display_name != NULL)
		json_add_str(args, "display_name", in.display_name);
	if (in.email != NULL)
		json_add_str(args, "email", in.email);
	err = auth_call(r->auth, "me-set", &r->who, args, &answer, f);
	if (err == 0)
		err = address_mail(r, answer, f);
	return err != 0 ? err : me_send(p, api_take(answer, "me"));
}

struct new_password {
	const char *current;
	const char *password;
	bool revoke_tokens;
};

static const struct json_field new_password_fields[] = {
	{ "current", JSON_STRING, .required = true, .min = 1, .max = 256,
	  .offset = offsetof(struct new_password, current) },
	{ "password", JSON_STRING, .required = true, .min = 1, .max = 256,
	  .offset = offsetof(struct new_password, password) },
	{ "revoke_tokens", JSON_BOOL,
	  .offset = offsetof(struct new_password, revoke_tokens) },
	{ .name = NULL }
};

int
api_me_password(struct request *r, struct reply *p, struct fault *f)
{
	AUTO_JSON struct json_object *answer = NULL;
	struct new_password in = { 0 };
	struct json_object *args;
	int err = json_read(r->body, new_password_fields, &in, "", f);

	if (err != 0)
		return err;
	args = json_object_new_object();
	json_add_str(args, "current", in.current);
	json_add_str(args, "password", in.password);
	json_add_bool(args, "revoke_tokens", in.revoke_tokens);
	err = auth_call(r->auth, "me-password", &r->who, args, &answer, f);
	if (err == 0)
		err = api_session_cookies(r, p, answer, f);
	return err != 0 ? err : reply_empty(p, 204);
}

static void
session_show(struct request *r, struct json_object *session)
{
	api_time(session, "created", "created_at");
	api_time(session, "last_used", "last_used_at");
	api_time(session, "expires", "expires_at");
}

int
api_me_sessions_list(struct request *r, struct reply *p, struct fault *f)
{
	return api_list(r, p, "session-list", "id", session_show, f);
}

static int
session_end(struct request *r, struct reply *p, const char *id,
	struct fault *f)
{
	struct json_object *args = json_object_new_object();

	if (id != NULL)
		json_add_str(args, "id", id);
	return api_do(r, p, "session-end", args, f);
}

int
api_me_sessions_delete(struct request *r, struct reply *p, struct fault *f)
{
	return session_end(r, p, NULL, f);
}

int
api_me_session_delete(struct request *r, struct reply *p, struct fault *f)
{
	if (strlen(r->item) > ID_MAX)
		return fault_set(f, ERR_NOT_FOUND, "There is no such session.");
	return session_end(r, p, r->item, f);
}
