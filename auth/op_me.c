/* SPDX-License-Identifier: ISC */
/* op_me: one's own account: profile, address, password, sessions. */
#include <stdio.h>
#include <string.h>

#include "auth/factors.h"
#include "auth/links.h"
#include "auth/ops.h"
#include "auth/proof.h"
#include "auth/sessions.h"
#include "base/text.h"

/* So many links to a new address cost nothing; then waits double. */
#define ADDRESS_FREE 5

/* ---- profile ---- */

/* The address that a link was sent to and that is not theirs yet, or NULL. */
static void
pending_to_json(struct request *r, struct json_object *me)
{
	sqlite3_stmt *stmt = db_query(r->db, "SELECT email FROM mail_link"
	    " WHERE user_id = ? AND kind = 'address' AND expires > ?"
	    " ORDER BY created DESC", "ti", r->who.user, (int64_t)r->now);

	json_object_object_add(me, "pending_email", NULL);
	if (db_step(stmt) != 1)
		return;
	json_add_str(me, "pending_email", db_text(stmt, 0));
	db_done(stmt);
}

static int
factors_to_json(struct request *r, struct json_object *me)
{
	struct json_object *o;
	struct factors has;
	int err = factors_get(r->db, r->who.user, &has);

	if (err != 0)
		return fault_set(r->f, err, "The account can not be read.");
	o = json_object_new_object();
	json_add_bool(o, "totp", has.totp);
	json_add_int(o, "recovery_codes", has.codes);
	json_add_int(o, "passkeys", has.passkeys);
	json_add_bool(o, "required", (r->who.admin || r->who.enrol) &&
	    factors_required(r->db));
	json_object_object_add(me, "second_factor", o);
	return 0;
}

static int
me_to_json(struct request *r, struct json_object *out)
{
	struct json_object *me = json_object_new_object();
	sqlite3_stmt *stmt = db_query(r->db, "SELECT id, email, name,"
	    " display_name, admin, created FROM account WHERE id = ?", "t",
	    r->who.user);

	json_object_object_add(out, "me", me);
	if (db_step(stmt) != 1)
		return fault_set(r->f, ERR_INTERNAL,
		    "The account can not be read.");
	json_add_str(me, "id", db_text(stmt, 0));
	json_add_str(me, "email", db_text(stmt, 1));
	json_add_str(me, "name", db_text(stmt, 2));
	json_add_str(me, "display_name", db_text(stmt, 3));
	json_add_bool(me, "admin", sqlite3_column_int(stmt, 4) != 0);
	json_add_int(me, "created", sqlite3_column_int64(stmt, 5));
	db_done(stmt);
	pending_to_json(r, me);
	return factors_to_json(r, me);
}

static int
me_get(struct request *r, const void *args, struct json_object *out)
{
	return me_to_json(r, out);
}

struct set_args {
	const char *display_name;
	const char *email;
};

static const struct json_field set_fields[] = {
	{ .name = "display_name", .type = JSON_STRING,
	  .max = DISPLAY_NAME_MAX, .check = display_name_check,
	  .offset = offsetof(struct set_args, display_name) },
	{ .name = "email", .type = JSON_STRING, .max = 1024,
	  .offset = offsetof(struct set_args, email) },
	{ .name = NULL },
};

/*
 * May a link be sent to that address? Whether it is somebody else's is told to
 * nobody but who opens the link there.
 */
static int
address_check(struct request *r, const char *email, char folded[EMAIL_SIZE])
{
	struct backoff_count count = { .free = ADDRESS_FREE };
	const char *why = email_fold(email, folded);
	int err = proof_needed(r), wait;

	if (err != 0)
		return err;
	if (why != NULL)
		return fault_field(r->f, "email", "%s", why);
	if (strcmp(folded, r->who.email) == 0)
		return fault_field(r->f, "email", "is yours already");
	snprintf(count.who, sizeof(count.who), "address %s", r->who.user);
	wait = backoff_try(&r->a->backoff, &count, 1, r->now);
	if (wait == 0)
		return 0;
	r->f->wait = wait;
	return fault_set(r->f, ERR_RATE, "Many links were sent; try again in "
	    "%d s.", wait);
}

/* The newest link counts; those of before are void. */
static int
address_write(struct request *r, struct db *d, const char *email,
	struct json_object *out)
{
	char secret[TOKEN_LENGTH + 1];
	time_t expires;
	int err = links_end(d, r->who.user, LINK_ADDRESS);

	if (err == 0)
		err = link_make(d, LINK_ADDRESS, r->who.user, email, r->now,
		    secret, &expires);
	if (err != 0)
		return err;
	json_add_str(out, "letter", "address");
	json_add_str(out, "email", email);
	json_add_str(out, "name", r->who.name);
	json_add_str(out, "secret", secret);
	json_add_int(out, "link_expires", expires);
	json_add_str(out, "told", r->who.email);
	explicit_bzero(secret, sizeof(secret));
	return 0;
}

static int
set_write(struct request *r, const char *display_name, const char *email,
	struct json_object *out)
{
	struct db *d = database_write_begin(r->a->store, r->f);
	int err = 0;

	if (d == NULL)
		return r->f->err;
	if (display_name != NULL)
		err = account_display(d, r->who.user, display_name);
	if (err == 0 && email != NULL)
		err = address_write(r, d, email, out);
	if (err == 0)
		err = op_audit(r, d, "profile-set", r->who.name, email);
	return op_store_fault(r, database_write_end(r->a->store, err, r->f));
}

static int
me_set(struct request *r, const void *in, struct json_object *out)
{
	const struct set_args *args = in;
	char email[EMAIL_SIZE];
	int err = 0;

	if (args->email != NULL)
		err = address_check(r, args->email, email);
	if (err == 0)
		err = set_write(r, args->display_name, args->email == NULL ?
		    NULL : email, out);
	return err != 0 ? err : me_to_json(r, out);
}

/* ---- password ---- */

struct password_args {
	const char *current;
	const char *password;
	bool revoke_tokens;
};

static const struct json_field password_fields[] = {
	{ .name = "current", .type = JSON_STRING, .required = true,
	  .max = 65536, .offset = offsetof(struct password_args, current) },
	{ .name = "password", .type = JSON_STRING, .required = true,
	  .max = 65536, .offset = offsetof(struct password_args, password) },
	{ .name = "revoke_tokens", .type = JSON_BOOL,
	  .offset = offsetof(struct password_args, revoke_tokens) },
	{ .name = NULL },
};

/* Is current the password? 401 would say that the session ended. */
static int
current_check(struct request *r, const char *current, struct account *account)
{
	char rehash[PASSWORD_HASH_SIZE];
	struct proof proof;
	int err = proof_in_session(r, &proof);

	if (err != 0)
		return err;
	err = account_by_id(r->db, r->who.user, account);
	if (err != 0)
		return fault_set(r->f, err, "The account can not be read.");
	err = proof_password(r, &proof, account, current, rehash);
	if (err == ERR_BAD_LOGIN) {
		fault_set(r->f, ERR_INVALID, "The password is wrong.");
		return fault_field(r->f, "current", "is wrong");
	}
	/* What failed of the second factor stays counted. */
	if (err == 0)
		proof_leave(r, &proof);
	return err;
}

/* The account as it is then; this session goes on, with other secrets. */
static int
password_write(struct request *r, struct account *account, const char *hash,
	bool revoke_tokens, struct session_grant *grant, struct access_key *key)
{
	struct db *d = database_write_begin(r->a->store, r->f);
	struct account now;
	int err;

	if (d == NULL)
		return r->f->err;
	err = account_by_id(d, account->id, &now);
	if (err == 0 && strcmp(now.password, account->password) != 0)
		err = fault_set(r->f, ERR_CONFLICT, "The password was changed "
		    "meanwhile.");
	if (err == 0)
		err = account_password_in(d, account->id, hash,
		    r->who.session);
	if (err == 0 && revoke_tokens)
		err = token_remove_all(d, account->id);
	if (err == 0)
		err = session_renew(d, r->a->refresh_key, r->who.session,
		    r->now, grant);
	if (err == 0)
		err = account_by_id(d, account->id, account);
	if (err == 0)
		err = signing_current(d, &r->a->keyring, r->now, key);
	if (err == 0)
		err = op_audit(r, d, "password-set", account->email, NULL);
	return op_store_fault(r, database_write_end(r->a->store, err, r->f));
}

static int
me_password(struct request *r, const void *in, struct json_object *out)
{
	const struct password_args *args = in;
	char hash[PASSWORD_HASH_SIZE];
	struct session_grant grant;
	struct account account;
	struct access_key key;
	int err;

	err = password_check(args->password, r->f);
	if (err == 0)
		err = current_check(r, args->current, &account);
	if (err == 0)
		err = proof_hash(r, args->password, hash);
	if (err == 0)
		err = password_write(r, &account, hash, args->revoke_tokens,
		    &grant, &key);
	if (err == 0)
		err = op_session_answer(r, &account, &grant, &key, out);
	if (err == 0)
		err = proof_device(r, &account, out);
	explicit_bzero(&key, sizeof(key));
	explicit_bzero(&grant, sizeof(grant));
	return err;
}

/* ---- sessions ---- */

static int
list(struct request *r, const void *args, struct json_object *out)
{
	json_object_object_add(out, "items", session_list(r->db, r->who.user,
	    r->who.session, r->now));
	return 0;
}

struct end_args {
	const char *id;
};

static const struct json_field end_fields[] = {
	{ .name = "id", .type = JSON_STRING, .max = 64,
	  .offset = offsetof(struct end_args, id) },
	{ .name = NULL },
};

static int
end(struct request *r, const void *in, struct json_object *out)
{
	const struct end_args *args = in;
	struct db *d = database_write_begin(r->a->store, r->f);
	int err;

	if (d == NULL)
		return r->f->err;
	if (args->id == NULL)
		err = session_end_others(d, r->who.user, r->who.session);
	else
		err = session_end_own(d, r->who.user, args->id, r->now);
	if (err == ERR_NOT_FOUND)
		fault_set(r->f, err, "There is no such session.");
	if (err == 0)
		err = op_audit(r, d, "session-end", args->id, args->id == NULL ?
		    "all others" : NULL);
	return op_store_fault(r, database_write_end(r->a->store, err, r->f));
}

const struct op me_ops[] = {
	{ "me-get", OP_SESSION | OP_ENROLS, 0, true, NULL, 0, me_get },
	{ "me-set", OP_SESSION, 0, false, set_fields,
	  sizeof(struct set_args), me_set },
	{ "me-password", OP_SESSION, 0, false, password_fields,
	  sizeof(struct password_args), me_password },
	{ "session-list", OP_SESSION, 0, true, NULL, 0, list },
	{ "session-end", OP_SESSION, 0, false, end_fields,
	  sizeof(struct end_args), end },
	{ .name = NULL },
};
