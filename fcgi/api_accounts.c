/* SPDX-License-Identifier: ISC */
/*
 * api_accounts: what a stranger may do: register, prove that an address is
 * theirs, and choose a new password. Whether an address has an account is told
 * to nobody but by mail.
 */
#include "fcgi/api.h"

#include <stddef.h>
#include <string.h>

#include "fcgi/approval_mail.h"
#include "fcgi/beneath.h"
#include "fcgi/letters.h"
#include "fcgi/post.h"
#include "fcgi/project_kept.h"
#include "fcgi/states.h"

#define SECRET_MAX 128

int
api_accounts_get(struct request *r, struct reply *p, struct fault *f)
{
	struct json_object *o;
	int err = auth_call(r->auth, "registration", &r->who, NULL, &o, f);

	if (err != 0)
		return err;
	json_add_bool(o, "reset", post_mail_ready(r->app));
	return reply_json(p, 200, o);
}

void
api_begins(struct request *r, struct json_object *answer)
{
	const char *name = api_text(answer, "begins");

	if (name == NULL)
		return;
	project_kept_drop(r->app, name);
	states_instances_changed(r->app->states);
}

/* "next" of an answer; who is to approve is told. */
static void
waits(struct request *r, struct json_object *answer)
{
	const char *next = api_text(answer, "next");

	if (next != NULL && strcmp(next, "approval") == 0)
		approval_mail_wake(r->app->approval_mail);
}

/* ---- registering ---- */

struct comer {
	const char *email, *name, *display_name, *password, *invitation;
};

#define TEXT(field, need, least, most)					\
	{ #field, JSON_STRING, .required = need, .min = least,		\
	  .max = most, .offset = offsetof(struct comer, field) }

static const struct json_field comer_fields[] = {
	TEXT(email, true, 1, 254), TEXT(name, true, 1, ALB_LABEL_MAX),
	TEXT(display_name, false, 0, 100), TEXT(password, true, 1, 256),
	TEXT(invitation, false, 1, SECRET_MAX),
	{ .name = NULL }
};

static struct json_object *
comer_args(struct request *r, const struct comer *in)
{
	struct json_object *args = json_object_new_object();

	json_add_str(args, "email", in->email);
	json_add_str(args, "name", in->name);
	json_add_str(args, "password", in->password);
	if (in->display_name != NULL)
		json_add_str(args, "display_name", in->display_name);
	if (in->invitation != NULL)
		json_add_str(args, "invitation", in->invitation);
	json_add_bool(args, "mail", post_mail_ready(r->app));
	return args;
}

/* What albatross has under a name is somebody else's. */
static int
name_check(struct request *r, const char *name, struct fault *f)
{
	char folded[ALB_LABEL_MAX + 1];

	if (alb_label_fold(name, folded) != NULL ||
	    !beneath_seen(r->app, r->auth, folded))
		return 0;
	fault_set(f, ERR_CONFLICT, "The name %s is taken.", folded);
	return fault_field(f, "name", "is taken");
}

/* {next}, and a mail that says more. */
int
api_accounts_post(struct request *r, struct reply *p, struct fault *f)
{
	AUTO_JSON struct json_object *answer = NULL;
	struct letter_text letter;
	struct json_object *o;
	struct comer in = { 0 };
	int err = json_read(r->body, comer_fields, &in, "", f);

	if (err == 0)
		err = name_check(r, in.name, f);
	if (err == 0)
		err = auth_call(r->auth, "register", &r->who,
		    comer_args(r, &in), &answer, f);
	if (err == 0 && post_mail_ready(r->app) &&
	    letter_read(answer, &letter))
		err = letter_send(r->app, &letter, f);
	if (err != 0)
		return err;
	api_begins(r, answer);
	waits(r, answer);
	o = json_object_new_object();
	json_object_object_add(o, "next", api_take(answer, "next"));
	return reply_json(p, 202, o);
}

/* ---- links ---- */

struct secret {
	const char *secret, *password, *otp;
	bool revoke_tokens;
};

#define SECRET \
	{ "secret", JSON_STRING, .required = true, .min = 1, \
	  .max = SECRET_MAX, .offset = offsetof(struct secret, secret) }

static const struct json_field secret_fields[] = {
	SECRET,
	{ .name = NULL }
};

static const struct json_field reset_fields[] = {
	SECRET,
	{ "password", JSON_STRING, .required = true, .min = 1, .max = 256,
	  .offset = offsetof(struct secret, password) },
	{ "otp", JSON_STRING, .min = 1, .max = 64,
	  .offset = offsetof(struct secret, otp) },
	{ "revoke_tokens", JSON_BOOL,
	  .offset = offsetof(struct secret, revoke_tokens) },
	{ .name = NULL }
};

static struct json_object *
secret_args(const struct secret *in)
{
	struct json_object *args = json_object_new_object();

	json_add_str(args, "secret", in->secret);
	return args;
}

int
api_accounts_verify(struct request *r, struct reply *p, struct fault *f)
{
	struct secret in = { 0 };
	struct json_object *o;
	int err = json_read(r->body, secret_fields, &in, "", f);

	if (err == 0)
		err = auth_call(r->auth, "verify", &r->who, secret_args(&in),
		    &o, f);
	if (err != 0)
		return err;
	api_begins(r, o);
	waits(r, o);
	api_device_cookie(r, p, o);
	json_object_object_del(o, "begins");
	json_object_object_del(o, "device");
	return reply_json(p, 200, o);
}

int
api_accounts_invitation(struct request *r, struct reply *p, struct fault *f)
{
	struct secret in = { 0 };
	struct json_object *o;
	int err = json_read(r->body, secret_fields, &in, "", f);

	if (err == 0)
		err = api_ask(r, "invitation-look", secret_args(&in),
		    "invitation", &o, f);
	if (err != 0)
		return err;
	json_object_object_del(o, "id");
	json_object_object_del(o, "created");
	api_time(o, "expires", "expires_at");
	return reply_json(p, 200, o);
}

int
api_accounts_reset_confirm(struct request *r, struct reply *p,
	struct fault *f)
{
	AUTO_JSON struct json_object *answer = NULL;
	struct secret in = { 0 };
	struct json_object *args;
	int err = json_read(r->body, reset_fields, &in, "", f);

	if (err != 0)
		return err;
	args = secret_args(&in);
	json_add_str(args, "password", in.password);
	json_add_bool(args, "revoke_tokens", in.revoke_tokens);
	if (in.otp != NULL)
		json_add_str(args, "otp", in.otp);
	err = auth_call(r->auth, "reset-confirm", &r->who, args, &answer, f);
	if (err != 0)
		return err;
	api_device_cookie(r, p, answer);
	return reply_empty(p, 204);
}

/* ---- mails asked for by address ---- */

static const struct json_field email_fields[] = {
	{ "email", JSON_STRING, .required = true, .min = 1, .max = 254,
	  .offset = 0 },
	{ .name = NULL }
};

static int
ask_letter(struct request *r, struct reply *p, const char *op,
	struct fault *f)
{
	const char *email = NULL;
	int err = json_read(r->body, email_fields, &email, "", f);

	if (err == 0 && !post_mail_ready(r->app))
		err = fault_set(f, ERR_CONFLICT, "No mails can be sent here: "
		    "ask an administrator.");
	if (err == 0)
		err = letters_ask(r->app->letters, op, email, &r->who, f);
	return err != 0 ? err : reply_empty(p, 202);
}

int
api_accounts_resend(struct request *r, struct reply *p, struct fault *f)
{
	return ask_letter(r, p, "verify-again", f);
}

int
api_accounts_reset(struct request *r, struct reply *p, struct fault *f)
{
	return ask_letter(r, p, "reset-start", f);
}
