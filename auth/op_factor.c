/* SPDX-License-Identifier: ISC */
/* op_factor: second factors of who asks, and whether admins need one. */
#include <string.h>

#include "auth/op_factor.h"

static int
factors_read(struct request *r, struct db *d, struct factors *out)
{
	return factors_get(d, r->who.user, out) == 0 ? 0 : fault_set(r->f,
	    ERR_INTERNAL, "The second factors can not be read.");
}

void
factor_codes_to_json(char codes[RECOVERY_CODES][RECOVERY_SIZE],
	struct json_object *out)
{
	struct json_object *list = json_object_new_array();

	for (int i = 0; i < RECOVERY_CODES; i++)
		json_object_array_add(list, json_object_new_string(codes[i]));
	json_object_object_add(out, "recovery_codes", list);
	explicit_bzero(codes, RECOVERY_CODES * RECOVERY_SIZE);
}

/* ---- codes that change with time ---- */

static int
totp_begin(struct request *r, const void *args, struct json_object *out)
{
	struct db *d = database_write_begin(r->a->store, r->f);
	char text[TOTP_TEXT_SIZE] = "", uri[TOTP_URI_SIZE];
	int err;

	if (d == NULL)
		return r->f->err;
	err = factor_totp_begin(&r->a->keyring, d, r->who.user, text);
	if (err == 0)
		err = op_audit(r, d, "totp-begin", NULL, NULL);
	err = op_store_fault(r, database_write_end(r->a->store, err, r->f));
	if (err != 0)
		return err;
	totp_uri(text, r->who.email, uri);
	json_add_str(out, "secret", text);
	json_add_str(out, "uri", uri);
	explicit_bzero(text, sizeof(text));
	explicit_bzero(uri, sizeof(uri));
	return 0;
}

struct code_args {
	const char *code;
};

static const struct json_field code_fields[] = {
	{ .name = "code", .type = JSON_STRING, .required = true, .max = 64,
	  .offset = offsetof(struct code_args, code) },
	{ .name = NULL },
};

static int
confirm_fault(struct request *r, int err)
{
	switch (err) {
	case ERR_NOT_FOUND:
		return fault_set(r->f, ERR_CONFLICT, "There is no secret to "
		    "confirm: begin anew.");
	case ERR_BAD_FACTOR:
		fault_set(r->f, ERR_INVALID, "The code does not fit.");
		return fault_field(r->f, "code", "is not the one that is due; "
		    "does the clock of the device go right?");
	default:
		return err;
	}
}

static int
totp_confirm(struct request *r, const void *in, struct json_object *out)
{
	const struct code_args *args = in;
	struct db *d = database_write_begin(r->a->store, r->f);
	char codes[RECOVERY_CODES][RECOVERY_SIZE];
	int err;

	if (d == NULL)
		return r->f->err;
	err = confirm_fault(r, factor_totp_confirm(&r->a->keyring, d,
	    r->who.user, args->code, r->now));
	if (err == 0)
		err = factor_recovery_make(d, r->who.user, codes);
	if (err == 0)
		err = op_audit(r, d, "totp-confirm", NULL, NULL);
	err = op_store_fault(r, database_write_end(r->a->store, err, r->f));
	if (err == 0)
		factor_codes_to_json(codes, out);
	return err;
}

int
factor_keeps_one(struct request *r, struct db *d)
{
	struct factors left;
	int err = factors_read(r, d, &left);

	if (err != 0 || !r->who.admin || factors_any(&left) ||
	    !factors_required(d))
		return err;
	return fault_set(r->f, ERR_CONFLICT, "Administrators need a second "
	    "factor here: set up another one first.");
}

static int
totp_remove(struct request *r, const void *args, struct json_object *out)
{
	struct db *d = database_write_begin(r->a->store, r->f);
	struct factors has;
	int err;

	if (d == NULL)
		return r->f->err;
	err = factors_read(r, d, &has);
	if (err == 0 && !has.totp)
		err = fault_set(r->f, ERR_NOT_FOUND, "No codes are set up.");
	if (err == 0)
		err = factor_totp_remove(d, r->who.user);
	if (err == 0)
		err = factor_keeps_one(r, d);
	if (err == 0)
		err = op_audit(r, d, "totp-remove", NULL, NULL);
	return op_store_fault(r, database_write_end(r->a->store, err, r->f));
}

static int
recovery_make(struct request *r, const void *args, struct json_object *out)
{
	struct db *d = database_write_begin(r->a->store, r->f);
	char codes[RECOVERY_CODES][RECOVERY_SIZE];
	struct factors has;
	int err;

	if (d == NULL)
		return r->f->err;
	err = factors_read(r, d, &has);
	if (err == 0 && !factors_any(&has))
		err = fault_set(r->f, ERR_CONFLICT, "Recovery codes are for "
		    "who has a second factor: set one up first.");
	if (err == 0)
		err = factor_recovery_make(d, r->who.user, codes);
	if (err == 0)
		err = op_audit(r, d, "recovery-make", NULL, NULL);
	err = op_store_fault(r, database_write_end(r->a->store, err, r->f));
	if (err == 0)
		factor_codes_to_json(codes, out);
	return err;
}

/* ---- what administrators need ---- */

static int
required_get(struct request *r, const void *args, struct json_object *out)
{
	json_add_bool(out, "required_for_admins", factors_required(r->db));
	return 0;
}

struct required_args {
	bool required;
};

static const struct json_field required_fields[] = {
	{ .name = "required_for_admins", .type = JSON_BOOL, .required = true,
	  .offset = offsetof(struct required_args, required) },
	{ .name = NULL },
};

static int
required_check(struct request *r, struct db *d)
{
	struct factors has;
	int err = factors_read(r, d, &has);

	if (err != 0 || factors_any(&has))
		return err;
	return fault_set(r->f, ERR_CONFLICT, "Set up a second factor of your "
	    "own first: you would lose your rights.");
}

static int
required_set(struct request *r, const void *in, struct json_object *out)
{
	const struct required_args *args = in;
	struct db *d = database_write_begin(r->a->store, r->f);
	int err = 0;

	if (d == NULL)
		return r->f->err;
	if (r->who.session[0] == '\0')
		err = fault_set(r->f, ERR_FORBIDDEN, "This needs a session, a "
		    "token can not do it.");
	else if (args->required)
		err = required_check(r, d);
	if (err == 0)
		err = factors_require(d, args->required);
	if (err == 0)
		err = op_audit(r, d, "second-factor-setting", NULL,
		    args->required ? "required" : "not required");
	err = op_store_fault(r, database_write_end(r->a->store, err, r->f));
	json_add_bool(out, "required_for_admins", args->required);
	return err;
}

/* Of one's own, and only after one confirmed that it is oneself. */
#define OWN (OP_SESSION | OP_PROVED | OP_ENROLS)

const struct op factor_ops[] = {
	{ "totp-begin", OWN, 0, false, NULL, 0, totp_begin },
	{ "totp-confirm", OWN, 0, false, code_fields,
	  sizeof(struct code_args), totp_confirm },
	{ "totp-remove", OWN, 0, false, NULL, 0, totp_remove },
	{ "recovery-make", OWN, 0, false, NULL, 0, recovery_make },
	{ "second-factor-get", OP_ADMIN, 0, true, NULL, 0, required_get },
	{ "second-factor-set", OP_ADMIN | OP_PROVED, 0, false, required_fields,
	  sizeof(struct required_args), required_set },
	{ .name = NULL },
};
