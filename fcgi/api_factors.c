/* SPDX-License-Identifier: ISC */
/* api_factors: a second factor of one's own, and who must have one. */
#include "fcgi/api.h"

#include <stddef.h>

#define CODE_MAX 64

/* Asks for op, with what it answers as the body. */
static int
factor_ask(struct request *r, struct reply *p, const char *op,
	struct json_object *args, int status, struct fault *f)
{
	struct json_object *answer;
	int err = auth_call(r->auth, op, &r->who, args, &answer, f);

	return err != 0 ? err : reply_json(p, status, answer);
}

int
api_otp_post(struct request *r, struct reply *p, struct fault *f)
{
	return factor_ask(r, p, "totp-begin", NULL, 200, f);
}

struct code {
	const char *code;
};

static const struct json_field code_fields[] = {
	{ "code", JSON_STRING, .required = true, .min = 1, .max = CODE_MAX,
	  .offset = offsetof(struct code, code) },
	{ .name = NULL }
};

int
api_otp_confirm(struct request *r, struct reply *p, struct fault *f)
{
	struct json_object *args;
	struct code in = { 0 };
	int err = json_read(r->body, code_fields, &in, "", f);

	if (err != 0)
		return err;
	args = json_object_new_object();
	json_add_str(args, "code", in.code);
	return factor_ask(r, p, "totp-confirm", args, 200, f);
}

int
api_otp_recovery(struct request *r, struct reply *p, struct fault *f)
{
	return factor_ask(r, p, "recovery-make", NULL, 200, f);
}

int
api_otp_delete(struct request *r, struct reply *p, struct fault *f)
{
	return api_do(r, p, "totp-remove", NULL, f);
}

/* ---- what administrators need ---- */

int
api_settings_factor_get(struct request *r, struct reply *p, struct fault *f)
{
	return factor_ask(r, p, "second-factor-get", NULL, 200, f);
}

struct required {
	bool required;
};

static const struct json_field required_fields[] = {
	{ "required_for_admins", JSON_BOOL, .required = true,
	  .offset = offsetof(struct required, required) },
	{ .name = NULL }
};

int
api_settings_factor_put(struct request *r, struct reply *p, struct fault *f)
{
	struct json_object *args;
	struct required in = { 0 };
	int err = json_read(r->body, required_fields, &in, "", f);

	if (err != 0)
		return err;
	args = json_object_new_object();
	json_add_bool(args, "required_for_admins", in.required);
	return factor_ask(r, p, "second-factor-set", args, 200, f);
}
