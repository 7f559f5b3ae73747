/* SPDX-License-Identifier: ISC */
/* op_passkey: passkeys of who asks, and signing in with one. */
#include "auth/op_factor.h"

#include <stdio.h>
#include <string.h>

#include "auth/passkeys.h"
#include "auth/sessions.h"
#include "base/text.h"

/* As base64; what an authenticator says is far smaller. */
#define TEXT_MAX 8192

#define BYTES(in, field) \
	{ .name = #field, .type = JSON_STRING, .required = true, .min = 1, \
	  .max = TEXT_MAX, .offset = offsetof(in, field) }

/* Bytes that were sent as base64, owned. */
struct bytes {
	uint8_t *data;
	size_t len;
};

static void
bytes_free(struct bytes *b)
{
	free(b->data);
}

#define AUTO_BYTES CLEANUP(bytes_free)

static struct bytes
bytes_read(const char *text)
{
	struct bytes b = { NULL, 0 };

	b.data = base64_decode(text, &b.len);
	return b;
}

static struct webauthn_bytes
bytes_view(const struct bytes *b)
{
	return (struct webauthn_bytes){ b->data, b->len };
}

static int
usable_check(struct request *r)
{
	if (r->a->relying.usable)
		return 0;
	return fault_set(r->f, ERR_CONFLICT, "There are no passkeys here: "
	    "browsers have them for names with TLS only, and the public URL "
	    "is another.");
}

static void
json_add_bytes(struct json_object *o, const char *key, const void *data,
	size_t len)
{
	AUTO_FREE char *text = base64_encode(data, len);

	json_add_str(o, key, text);
}

static int
challenge_add(struct request *r, const char *purpose, struct json_object *out)
{
	uint8_t challenge[CHALLENGE_BYTES];
	int err = usable_check(r);

	if (err != 0)
		return err;
	if (challenge_make(&r->a->challenges, purpose, r->now, challenge) !=
	    0)
		return fault_set(r->f, ERR_INTERNAL, "No challenge was made.");
	json_add_bytes(out, "challenge", challenge, sizeof(challenge));
	json_add_str(out, "rp_id", r->a->relying.id);
	return 0;
}

/*
 * Of what the browser says: 0 with the challenge, which was made for purpose
 * and is not used up yet, or -1.
 */
static int
client_check(struct request *r, enum webauthn_type type, const char *purpose,
	const struct bytes *client, uint8_t challenge[WEBAUTHN_CHALLENGE_MAX])
{
	size_t len;

	if (client->data == NULL || webauthn_client(&r->a->relying, type,
	    bytes_view(client), challenge, &len) != 0)
		return -1;
	return challenge_good(&r->a->challenges, purpose, challenge, len,
	    r->now) ? 0 : -1;
}

/* ---- those of who asks ---- */

static int
passkey_list(struct request *r, const void *args, struct json_object *out)
{
	struct json_object *items = passkeys_to_json(r->db, r->who.user,
	    NULL);

	if (items == NULL)
		return fault_set(r->f, ERR_INTERNAL,
		    "The passkeys can not be read.");
	json_object_object_add(out, "items", items);
	return 0;
}

static void
purpose_register(const struct request *r, char out[64])
{
	snprintf(out, 64, "register %s", r->who.user);
}

/* What a browser is asked to make a passkey with. */
static int
passkey_begin(struct request *r, const void *args, struct json_object *out)
{
	struct json_object *list = json_object_new_array(), *known;
	char purpose[64];
	int err;

	for (int i = 0; i < WEBAUTHN_ALGORITHMS; i++)
		json_object_array_add(list,
		    json_object_new_int(webauthn_algorithms[i]));
	json_object_object_add(out, "algorithms", list);
	json_add_bytes(out, "user_handle", r->who.user, strlen(r->who.user));
	json_add_str(out, "user", r->who.email);
	purpose_register(r, purpose);
	err = challenge_add(r, purpose, out);
	if (err != 0)
		return err;
	known = passkeys_credentials(r->db, r->who.user);
	if (known == NULL)
		return fault_set(r->f, ERR_INTERNAL,
		    "The passkeys can not be read.");
	json_object_object_add(out, "known", known);
	return 0;
}

struct add_args {
	const char *client_data;
	const char *authenticator_data;
	const char *name;
};

static const char *
name_check(const char *name)
{
	return name[strspn(name, " ")] == '\0' ? "must not be empty" : NULL;
}

#define NAME(in) \
	{ .name = "name", .type = JSON_STRING, .required = true, .min = 1, \
	  .max = PASSKEY_NAME_MAX, .check = name_check, \
	  .offset = offsetof(in, name) }

static const struct json_field add_fields[] = {
	BYTES(struct add_args, client_data),
	BYTES(struct add_args, authenticator_data),
	NAME(struct add_args),
	{ .name = NULL },
};

static int
registration_read(struct request *r, const struct add_args *args,
	struct webauthn_credential *out)
{
	AUTO_BYTES struct bytes client = bytes_read(args->client_data);
	AUTO_BYTES struct bytes said = bytes_read(args->authenticator_data);
	uint8_t challenge[WEBAUTHN_CHALLENGE_MAX];
	char purpose[64];

	purpose_register(r, purpose);
	if (said.data == NULL || client_check(r, WEBAUTHN_CREATE, purpose,
	    &client, challenge) != 0 ||
	    webauthn_register(&r->a->relying, bytes_view(&said), out) != 0 ||
	    !challenge_take(&r->a->challenges, challenge, r->now))
		return fault_set(r->f, ERR_INVALID, "This passkey can not be "
		    "used here: it took too long, it did not verify who was "
		    "there, or its kind of key is not known. Try again.");
	return 0;
}

/* Within the write; *first: no other factor was there, codes are made. */
static int
passkey_write(struct request *r, struct db *d,
	const struct webauthn_credential *c, const char *name, char id[37],
	bool *first, char codes[RECOVERY_CODES][RECOVERY_SIZE])
{
	struct factors has;
	int err = factors_get(d, r->who.user, &has);

	if (err == 0 && has.passkeys >= PASSKEYS_MAX)
		return fault_set(r->f, ERR_CONFLICT, "There are %d passkeys: "
		    "remove one first.", PASSKEYS_MAX);
	*first = !factors_any(&has);
	if (err == 0)
		err = passkey_add(d, r->who.user, c, name, r->now, id);
	if (err == ERR_CONFLICT)
		return fault_set(r->f, err, "This passkey is here already.");
	if (err == 0 && *first)
		err = factor_recovery_make(d, r->who.user, codes);
	return err != 0 ? err : op_audit(r, d, "passkey-add", name, id);
}

static int
passkey_answer(struct request *r, const char *id, struct json_object *out)
{
	AUTO_JSON struct json_object *list = passkeys_to_json(r->db,
	    r->who.user, id);

	if (list == NULL || json_object_array_length(list) != 1)
		return fault_set(r->f, ERR_NOT_FOUND, "There is no such "
		    "passkey.");
	json_object_object_add(out, "passkey",
	    json_object_get(json_object_array_get_idx(list, 0)));
	return 0;
}

static int
passkey_add_op(struct request *r, const void *in, struct json_object *out)
{
	const struct add_args *args = in;
	char codes[RECOVERY_CODES][RECOVERY_SIZE], id[37];
	struct webauthn_credential c;
	bool first = false;
	struct db *d;
	int err = usable_check(r);

	if (err == 0)
		err = registration_read(r, args, &c);
	if (err != 0)
		return err;
	d = database_write_begin(r->a->store, r->f);
	if (d == NULL)
		return r->f->err;
	err = passkey_write(r, d, &c, args->name, id, &first, codes);
	err = op_store_fault(r, database_write_end(r->a->store, err, r->f));
	if (err != 0)
		return err;
	if (first)
		factor_codes_to_json(codes, out);
	else
		json_add_str(out, "recovery_codes", NULL);
	return passkey_answer(r, id, out);
}

struct change_args {
	const char *id;
	const char *name;
};

#define ID(in) \
	{ .name = "id", .type = JSON_STRING, .required = true, .max = 36, \
	  .offset = offsetof(in, id) }

static const struct json_field rename_fields[] = {
	ID(struct change_args),
	NAME(struct change_args),
	{ .name = NULL },
};

static const struct json_field remove_fields[] = {
	ID(struct change_args),
	{ .name = NULL },
};

static int
missing_fault(struct request *r, int err)
{
	return err != ERR_NOT_FOUND ? err : fault_set(r->f, err,
	    "There is no such passkey.");
}

static int
passkey_rename_op(struct request *r, const void *in, struct json_object *out)
{
	const struct change_args *args = in;
	struct db *d = database_write_begin(r->a->store, r->f);
	int err;

	if (d == NULL)
		return r->f->err;
	err = missing_fault(r, passkey_rename(d, r->who.user, args->id,
	    args->name));
	if (err == 0)
		err = op_audit(r, d, "passkey-rename", args->name, args->id);
	err = op_store_fault(r, database_write_end(r->a->store, err, r->f));
	return err != 0 ? err : passkey_answer(r, args->id, out);
}

static int
passkey_remove_op(struct request *r, const void *in, struct json_object *out)
{
	const struct change_args *args = in;
	struct db *d = database_write_begin(r->a->store, r->f);
	int err;

	if (d == NULL)
		return r->f->err;
	err = missing_fault(r, passkey_remove(d, r->who.user, args->id));
	if (err == 0)
		err = factor_keeps_one(r, d);
	if (err == 0)
		err = factor_recovery_tidy(d, r->who.user);
	if (err == 0)
		err = op_audit(r, d, "passkey-remove", NULL, args->id);
	return op_store_fault(r, database_write_end(r->a->store, err, r->f));
}

/* ---- signing in ---- */

#define SIGN_IN "sign-in"

const struct json_field assertion_fields[] = {
	BYTES(struct assertion, id),
	BYTES(struct assertion, client_data),
	BYTES(struct assertion, authenticator_data),
	BYTES(struct assertion, signature),
	{ .name = "user_handle", .type = JSON_STRING, .max = TEXT_MAX,
	  .offset = offsetof(struct assertion, user_handle) },
	{ .name = NULL },
};

static int
passkey_challenge(struct request *r, const void *args,
	struct json_object *out)
{
	return challenge_add(r, SIGN_IN, out);
}

static int
shown_fault(struct request *r)
{
	return fault_set(r->f, ERR_BAD_LOGIN, "This passkey is not known "
	    "here, or it took too long: try again.");
}

/* Whose the authenticator says it is. */
static bool
is_handle_of(const char *handle, const struct passkey *p)
{
	AUTO_BYTES struct bytes said = { NULL, 0 };

	if (handle == NULL)
		return true;
	said = bytes_read(handle);
	return said.data != NULL && said.len == strlen(p->user) &&
	    memcmp(said.data, p->user, said.len) == 0;
}

/* The passkey and its new count, once everything is right. */
static int
assertion_check(struct request *r, const struct assertion *a,
	struct passkey *p, uint32_t *count)
{
	AUTO_BYTES struct bytes id = bytes_read(a->id);
	AUTO_BYTES struct bytes client = bytes_read(a->client_data);
	AUTO_BYTES struct bytes said = bytes_read(a->authenticator_data);
	AUTO_BYTES struct bytes signature = bytes_read(a->signature);
	uint8_t challenge[WEBAUTHN_CHALLENGE_MAX];

	if (id.data == NULL || said.data == NULL || signature.data == NULL ||
	    client_check(r, WEBAUTHN_GET, SIGN_IN, &client, challenge) != 0 ||
	    passkey_find(r->db, bytes_view(&id), p) != 0 ||
	    !is_handle_of(a->user_handle, p) ||
	    webauthn_verify(&r->a->relying, &p->key, bytes_view(&client),
	    bytes_view(&said), bytes_view(&signature), count) != 0 ||
	    !challenge_take(&r->a->challenges, challenge, r->now))
		return shown_fault(r);
	return 0;
}

static int
use_note(struct request *r, const struct passkey *p, uint32_t count)
{
	struct db *d = database_write_begin(r->a->store, r->f);
	int err;

	if (d == NULL)
		return r->f->err;
	err = passkey_used(d, p, count, r->now);
	if (err == ERR_CONFLICT)
		err = fault_set(r->f, ERR_BAD_LOGIN, "This passkey counted "
		    "backwards: it may have been copied. Remove it and make "
		    "a new one.");
	return op_store_fault(r, database_write_end(r->a->store, err, r->f));
}

int
passkey_shown(struct request *r, const struct assertion *a,
	struct account *out)
{
	struct passkey p;
	uint32_t count;
	int err = usable_check(r);

	if (err == 0)
		err = assertion_check(r, a, &p, &count);
	if (err == 0)
		err = use_note(r, &p, count);
	if (err != 0)
		return err;
	return account_by_id(r->db, p.user, out) == 0 ? 0 : shown_fault(r);
}

static int
passkey_login(struct request *r, const void *in, struct json_object *out)
{
	struct account account;
	int err = passkey_shown(r, in, &account);

	return err != 0 ? err : op_sign_in(r, &account, "passkey", out);
}

#define OWN (OP_SESSION | OP_PROVED | OP_ENROLS)

const struct op passkey_ops[] = {
	{ "passkey-list", OP_SESSION | OP_ENROLS, 0, true, NULL, 0,
	  passkey_list },
	{ "passkey-begin", OWN, 0, true, NULL, 0, passkey_begin },
	{ "passkey-add", OWN, 0, false, add_fields,
	  sizeof(struct add_args), passkey_add_op },
	{ "passkey-rename", OWN, 0, false, rename_fields,
	  sizeof(struct change_args), passkey_rename_op },
	{ "passkey-remove", OWN, 0, false, remove_fields,
	  sizeof(struct change_args), passkey_remove_op },
	{ "passkey-challenge", OP_NOBODY, 0, true, NULL, 0,
	  passkey_challenge },
	{ "passkey-login", OP_NOBODY, 0, false, assertion_fields,
	  sizeof(struct assertion), passkey_login },
	{ .name = NULL },
};
