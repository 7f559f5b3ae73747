/* SPDX-License-Identifier: ISC */
/* api_session: the first administrator, signing in and out, who am I. */
#include "fcgi/api.h"

#include <stddef.h>
#include <string.h>

#define REFRESH_PATH "/api/v1/session"
/* So long is a browser known; it lets nobody in. */
#define DEVICE_SECONDS (365 * 24 * 60 * 60L)
#define OTP_MAX 64

struct setup {
	const char *secret;
	const char *email;
	const char *name;
	const char *password;
};

static const struct json_field setup_fields[] = {
	{ "secret", JSON_STRING, .required = true, .min = 1, .max = 128,
	  .offset = offsetof(struct setup, secret) },
	{ "email", JSON_STRING, .required = true, .min = 1, .max = 254,
	  .offset = offsetof(struct setup, email) },
	{ "name", JSON_STRING, .required = true, .min = 1, .max = 63,
	  .offset = offsetof(struct setup, name) },
	{ "password", JSON_STRING, .required = true, .min = 1, .max = 256,
	  .offset = offsetof(struct setup, password) },
	{ .name = NULL }
};

struct login {
	const char *email;
	const char *password;
	const char *otp;
};

static const struct json_field login_fields[] = {
	{ "email", JSON_STRING, .required = true, .min = 1, .max = 254,
	  .offset = offsetof(struct login, email) },
	{ "password", JSON_STRING, .required = true, .min = 1, .max = 256,
	  .offset = offsetof(struct login, password) },
	{ "otp", JSON_STRING, .max = OTP_MAX,
	  .offset = offsetof(struct login, otp) },
	{ .name = NULL }
};

struct confirm {
	const char *password;
	const char *otp;
	struct json_object *passkey;
};

static const struct json_field confirm_fields[] = {
	{ "password", JSON_STRING, .min = 1, .max = 256,
	  .offset = offsetof(struct confirm, password) },
	{ "otp", JSON_STRING, .max = OTP_MAX,
	  .offset = offsetof(struct confirm, otp) },
	{ "passkey", JSON_OBJECT,
	  .offset = offsetof(struct confirm, passkey) },
	{ .name = NULL }
};

int
api_setup_get(struct request *r, struct reply *p, struct fault *f)
{
	struct json_object *answer;
	int err = auth_call(r->auth, "setup-status", &r->who, NULL, &answer,
	    f);

	return err != 0 ? err : reply_json(p, 200, answer);
}

int
api_setup_post(struct request *r, struct reply *p, struct fault *f)
{
	struct json_object *args, *answer;
	struct setup in = { 0 };
	int err = json_read(r->body, setup_fields, &in, "", f);

	if (err != 0)
		return err;
	args = json_object_new_object();
	json_add_str(args, "secret", in.secret);
	json_add_str(args, "email", in.email);
	json_add_str(args, "name", in.name);
	json_add_str(args, "password", in.password);
	err = auth_call(r->auth, "setup", &r->who, args, &answer, f);
	return err != 0 ? err : reply_json(p, 201, answer);
}

static int
session_send(struct reply *p, struct json_object *session)
{
	api_time(session, "expires", "expires_at");
	api_time(session, "proved", "proved_at");
	return reply_json(p, 200, session);
}

int
api_session_get(struct request *r, struct reply *p, struct fault *f)
{
	struct json_object *session;
	int err = api_ask(r, "whoami", NULL, "session", &session, f);

	return err != 0 ? err : session_send(p, session);
}

static long
seconds_until(struct json_object *o, const char *key)
{
	int64_t at = json_object_get_int64(api_member(o, key));
	int64_t left = at - (int64_t)time(NULL);

	return left < 0 ? 0 : (long)left;
}

void
api_device_cookie(struct request *r, struct reply *p,
	struct json_object *answer)
{
	const char *device = api_text(answer, "device");

	if (device != NULL)
		reply_cookie(p, r->app->device_cookie, device, REFRESH_PATH,
		    DEVICE_SECONDS);
}

int
api_session_cookies(struct request *r, struct reply *p,
	struct json_object *answer, struct fault *f)
{
	const char *access = api_text(answer, "access");
	const char *refresh = api_text(answer, "refresh");

	if (access == NULL || refresh == NULL)
		return fault_set(f, ERR_INTERNAL,
		    "The authority's answer was not understood.");
	reply_cookie(p, r->app->session_cookie, access, "/",
	    seconds_until(answer, "access_expires"));
	reply_cookie(p, r->app->refresh_cookie, refresh, REFRESH_PATH,
	    seconds_until(answer, "refresh_expires"));
	api_device_cookie(r, p, answer);
	return 0;
}

int
api_session_begin(struct request *r, struct reply *p, const char *op,
	struct json_object *args, struct fault *f)
{
	/* An old cookie must not stand in the way of a new one. */
	struct auth_who who = { .address = r->who.address,
		.user_agent = r->who.user_agent,
		.device = r->who.device,
		.request_id = r->who.request_id };
	AUTO_JSON struct json_object *answer = NULL;
	int err = auth_call(r->auth, op, &who, args, &answer, f);

	if (err == 0)
		err = api_session_cookies(r, p, answer, f);
	return err != 0 ? err : session_send(p, api_take(answer, "session"));
}

static void
cookies_clear(struct request *r, struct reply *p)
{
	reply_cookie(p, r->app->session_cookie, NULL, "/", 0);
	reply_cookie(p, r->app->refresh_cookie, NULL, REFRESH_PATH, 0);
}

int
api_session_post(struct request *r, struct reply *p, struct fault *f)
{
	struct json_object *args;
	struct login in = { 0 };
	int err = json_read(r->body, login_fields, &in, "", f);

	if (err != 0)
		return err;
	args = json_object_new_object();
	json_add_str(args, "email", in.email);
	json_add_str(args, "password", in.password);
	json_add_str(args, "otp", in.otp);
	return api_session_begin(r, p, "login", args, f);
}

int
api_session_refresh(struct request *r, struct reply *p, struct fault *f)
{
	struct json_object *args;
	int err;

	if (r->refresh == NULL)
		return fault_set(f, ERR_UNAUTHENTICATED,
		    "There is no refresh cookie: sign in.");
	args = json_object_new_object();
	json_add_str(args, "refresh", r->refresh);
	err = api_session_begin(r, p, "refresh", args, f);
	if (err_status(err) == 401)
		cookies_clear(r, p);
	return err;
}

/* A password, with a code where one is needed; or a passkey. */
static int
confirm_args(struct request *r, struct json_object **args, struct fault *f)
{
	struct json_object *passkey = NULL;
	struct confirm in = { 0 };
	int err = json_read(r->body, confirm_fields, &in, "", f);

	if (err == 0 && in.passkey != NULL)
		err = api_passkey_args(in.passkey, "passkey.", &passkey, f);
	if (err != 0)
		return err;
	*args = json_object_new_object();
	json_add_str(*args, "password", in.password);
	json_add_str(*args, "otp", in.otp);
	json_object_object_add(*args, "passkey", passkey);
	return 0;
}

int
api_session_confirm(struct request *r, struct reply *p, struct fault *f)
{
	struct json_object *args, *session;
	int err = confirm_args(r, &args, f);

	if (err == 0)
		err = api_ask(r, "session-confirm", args, "session", &session,
		    f);
	return err != 0 ? err : session_send(p, session);
}

int
api_session_delete(struct request *r, struct reply *p, struct fault *f)
{
	int err = auth_call(r->auth, "logout", &r->who, NULL, NULL, f);

	if (err != 0 && err_status(err) != 401)
		return err;
	cookies_clear(r, p);
	return err != 0 ? err : reply_empty(p, 204);
}
