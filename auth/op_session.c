/* SPDX-License-Identifier: ISC */
/* op_session: the first administrator, signing in, staying in, signing out. */
#include <stdio.h>
#include <string.h>

#include "auth/op_factor.h"
#include "auth/projects.h"
#include "auth/proof.h"
#include "auth/sessions.h"
#include "base/log.h"
#include "base/text.h"

static void
user_to_json(const struct identity *who, struct json_object *out)
{
	struct json_object *user = json_object_new_object();

	json_add_str(user, "id", who->user);
	json_add_str(user, "email", who->email);
	json_add_str(user, "name", who->name);
	json_add_bool(user, "admin", who->admin);
	json_object_object_add(out, "user", user);
}

static struct json_object *
scopes_to_json(const struct identity *who)
{
	struct json_object *list;

	if (who->token.id[0] == '\0')
		return NULL;
	list = json_object_new_array();
	for (int i = 0; i < SCOPES; i++)
		if (token_has(&who->token.limits, i))
			json_object_array_add(list,
			    json_object_new_string(scope_name(i)));
	return list;
}

static const char *
via(const struct identity *who)
{
	if (who->grant != GRANT_NONE)
		return "grant";
	return who->token.id[0] == '\0' ? "session" : "token";
}

static void
session_to_json(struct db *d, const struct identity *who,
	struct json_object *out)
{
	struct json_object *session = json_object_new_object();

	user_to_json(who, session);
	json_add_str(session, "via", via(who));
	json_add_int(session, "expires", who->expires);
	json_add_int(session, "proved", who->proved);
	json_add_bool(session, "enrol", who->enrol);
	json_object_object_add(session, "scopes", scopes_to_json(who));
	json_object_object_add(session, "projects",
	    project_memberships(d, who));
	json_object_object_add(out, "session", session);
}

static void
identity_set(struct identity *who, const struct account *account,
	const char *session)
{
	snprintf(who->user, sizeof(who->user), "%s", account->id);
	snprintf(who->name, sizeof(who->name), "%s", account->name);
	snprintf(who->email, sizeof(who->email), "%s", account->email);
	snprintf(who->session, sizeof(who->session), "%s", session);
	who->admin = account->admin;
	who->enrol = false;
}

int
op_session_answer(struct request *r, const struct account *account,
	const struct session_grant *grant, const struct access_key *key,
	struct json_object *out)
{
	struct access_claims claims = { .generation = account->generation,
		.issued = r->now, .expires = r->now + ACCESS_LIFETIME };
	char *access;

	identity_set(&r->who, account, grant->id);
	if (identity_factor_check(r->db, &r->who) != 0)
		return fault_set(r->f, ERR_INTERNAL,
		    "The second factor could not be looked up.");
	r->who.expires = claims.expires;
	r->who.proved = grant->proved;
	snprintf(claims.user, sizeof(claims.user), "%s", account->id);
	snprintf(claims.session, sizeof(claims.session), "%s", grant->id);
	access = access_sign(key, &claims);
	if (access == NULL)
		return fault_set(r->f, ERR_NO_MEMORY, "Out of memory.");
	json_add_str(out, "access", access);
	json_add_int(out, "access_expires", claims.expires);
	json_add_str(out, "refresh", grant->refresh);
	json_add_int(out, "refresh_expires", grant->refresh_expires);
	session_to_json(r->db, &r->who, out);
	explicit_bzero(access, strlen(access));
	free(access);
	return 0;
}

/* ---- setup ---- */

static int
setup_status(struct request *r, const void *args, struct json_object *out)
{
	json_add_bool(out, "needed", accounts_none(r->db));
	return 0;
}

struct setup_args {
	const char *secret;
	struct account_form form;
};

static const struct json_field setup_fields[] = {
	{ .name = "secret", .type = JSON_STRING, .required = true, .max = 128,
	  .offset = offsetof(struct setup_args, secret) },
	{ .name = "email", .type = JSON_STRING, .required = true, .max = 1024,
	  .offset = offsetof(struct setup_args, form.email) },
	{ .name = "name", .type = JSON_STRING, .required = true, .max = 1024,
	  .offset = offsetof(struct setup_args, form.name) },
	{ .name = "password", .type = JSON_STRING, .required = true,
	  .max = 65536, .offset = offsetof(struct setup_args, form.password) },
	{ .name = NULL },
};

static int
setup_refuse(struct request *r)
{
	return fault_set(r->f, ERR_FORBIDDEN, "The set-up secret is wrong, or "
	    "there is an administrator already.");
}

static bool
setup_secret_is(const struct request *r, const char *secret)
{
	size_t len = strlen(r->a->setup_secret);

	return len > 0 && strlen(secret) == len &&
	    bytes_equal(secret, r->a->setup_secret, len);
}

/* Whether there is nobody is asked again within the write: one wins. */
static int
first_account(struct request *r, const struct account_form *form,
	const char *hash, struct account *account)
{
	struct db *d = database_write_begin(r->a->store, r->f);
	int err;

	if (d == NULL)
		return r->f->err;
	err = accounts_none(d) ?
		account_add(d, form, hash, r->now, account, r->f) :
		setup_refuse(r);
	if (err == 0) {
		identity_set(&r->who, account, "");
		err = op_audit(r, d, "setup", account->name, account->email);
	}
	return op_store_fault(r, database_write_end(r->a->store, err, r->f));
}

static int
setup(struct request *r, const void *in, struct json_object *out)
{
	const struct setup_args *args = in;
	struct account_form form = args->form;
	char hash[PASSWORD_HASH_SIZE];
	struct account account;
	int err;

	if (!accounts_none(r->db) || !setup_secret_is(r, args->secret))
		return setup_refuse(r);
	form.admin = true;
	err = account_check(&form, r->f);
	if (err == 0)
		err = proof_hash(r, form.password, hash);
	if (err == 0)
		err = first_account(r, &form, hash, &account);
	if (err != 0)
		return err;
	log_event(LOG_LEVEL_INFO, "setup", "user", account.name, NULL);
	user_to_json(&r->who, out);
	return 0;
}

/* ---- login ---- */

struct login_args {
	const char *email;
	const char *password;
	const char *otp;
};

static const struct json_field login_fields[] = {
	{ .name = "email", .type = JSON_STRING, .required = true, .max = 1024,
	  .offset = offsetof(struct login_args, email) },
	{ .name = "password", .type = JSON_STRING, .required = true,
	  .max = 65536, .offset = offsetof(struct login_args, password) },
	{ .name = "otp", .type = JSON_STRING, .max = 64,
	  .offset = offsetof(struct login_args, otp) },
	{ .name = NULL },
};

/* How somebody proved who they are. */
struct evidence {
	const char *otp;	/* besides a password; or NULL */
	const char *rehash;	/* a new hash of it to be stored, or "" */
	const char *method;	/* when nothing else is needed, or NULL */
};

static int
second_factor(struct request *r, struct db *d, const struct account *account,
	const struct evidence *given, const char **method)
{
	enum factor how;
	int err;

	*method = given->method;
	if (given->method != NULL)
		return 0;
	err = factor_take(&r->a->keyring, d, account->id, given->otp, r->now,
	    &how);
	*method = factor_method(how);
	return err == 0 ? 0 : factor_fault(r->f, err);
}

/* What a session begins with, within the write. */
static int
session_write(struct request *r, struct db *d, struct account *account,
	const struct evidence *given, struct session_grant *grant,
	struct access_key *key)
{
	struct session_from from = { r->address, r->user_agent, NULL };
	int err = second_factor(r, d, account, given, &from.method);

	if (err == 0 && given->rehash[0] != '\0')
		err = account_rehash(d, account->id, given->rehash);
	if (err == 0)
		err = session_open(d, r->a->refresh_key, account, &from,
		    r->now, grant);
	if (err == 0)
		err = signing_current(d, &r->a->keyring, r->now, key);
	if (err != 0)
		return err;
	identity_set(&r->who, account, grant->id);
	return op_audit(r, d, "login", account->email, from.method);
}

/*
 * The account is read again within the write: when the password changed while
 * the old one was verified, or the account was disabled, the login is void.
 */
static int
session_begin(struct request *r, struct account *account,
	const struct evidence *given, struct session_grant *grant,
	struct access_key *key)
{
	struct db *d = database_write_begin(r->a->store, r->f);
	struct account now;
	int err;

	if (d == NULL)
		return r->f->err;
	err = account_by_id(d, account->id, &now);
	if (err != 0 || strcmp(now.password, account->password) != 0)
		err = fault_set(r->f, ERR_BAD_LOGIN,
		    "The e-mail or the password is wrong.");
	if (err == 0)
		err = account_may_enter(&now, r->f);
	*account = now;
	if (err == 0)
		err = session_write(r, d, account, given, grant, key);
	return op_store_fault(r, database_write_end(r->a->store, err, r->f));
}

/* The password is right; what else there was to be is told by err. */
static void
proof_settle(struct request *r, const struct proof *proof, int err)
{
	if (err == 0)
		proof_accept(r, proof);
	else if (err != ERR_BAD_FACTOR)
		proof_leave(r, proof);
}

static int
login_verify(struct request *r, const struct login_args *args,
	struct proof *proof, struct account *account,
	char rehash[PASSWORD_HASH_SIZE])
{
	char email[EMAIL_SIZE];
	bool known;
	int err;

	if (email_fold(args->email, email) != NULL)
		snprintf(email, sizeof(email), "-");
	err = proof_sign_in(r, email, proof);
	if (err != 0)
		return err;
	err = account_by_email(r->db, email, account);
	if (err != 0 && err != ERR_NOT_FOUND)
		return fault_set(r->f, err, "The account can not be read.");
	known = err == 0;
	err = proof_password(r, proof, known ? account : NULL,
	    args->password, rehash);
	if (err == 0) {
		err = account_may_enter(account, r->f);
		if (err != 0)
			proof_leave(r, proof);
	}
	return err;
}

static int
login(struct request *r, const void *in, struct json_object *out)
{
	const struct login_args *args = in;
	char rehash[PASSWORD_HASH_SIZE];
	struct evidence given = { args->otp, rehash, NULL };
	struct proof proof;
	struct session_grant grant;
	struct account account;
	struct access_key key;
	int err;

	err = login_verify(r, args, &proof, &account, rehash);
	if (err == 0) {
		err = session_begin(r, &account, &given, &grant, &key);
		proof_settle(r, &proof, err);
	}
	if (err == 0)
		err = op_session_answer(r, &account, &grant, &key, out);
	if (err == 0)
		err = proof_device(r, &account, out);
	explicit_bzero(&key, sizeof(key));
	explicit_bzero(&grant, sizeof(grant));
	return err;
}

int
op_sign_in(struct request *r, struct account *account, const char *method,
	struct json_object *out)
{
	struct evidence given = { NULL, "", method };
	struct session_grant grant;
	struct access_key key;
	int err = account_may_enter(account, r->f);

	if (err == 0)
		err = session_begin(r, account, &given, &grant, &key);
	if (err == 0)
		err = op_session_answer(r, account, &grant, &key, out);
	if (err == 0)
		err = proof_device(r, account, out);
	explicit_bzero(&key, sizeof(key));
	explicit_bzero(&grant, sizeof(grant));
	return err;
}

/* ---- refresh, logout ---- */

struct refresh_args {
	const char *refresh;
};

static const struct json_field refresh_fields[] = {
	{ .name = "refresh", .type = JSON_STRING, .required = true,
	  .max = 4096, .offset = offsetof(struct refresh_args, refresh) },
	{ .name = NULL },
};

static int
refresh_refuse(struct request *r, enum session_outcome outcome)
{
	if (outcome == SESSION_FAILED)
		return fault_set(r->f, ERR_INTERNAL,
		    "The session could not be refreshed.");
	return fault_set(r->f, ERR_UNAUTHENTICATED,
	    "The session has ended; sign in again.");
}

/* A reused secret ends the session, which must be committed to be true. */
static int
refresh_write(struct request *r, const char *refresh, struct account *account,
	struct session_grant *grant, struct access_key *key)
{
	struct db *d = database_write_begin(r->a->store, r->f);
	enum session_outcome outcome;
	int err = 0;

	if (d == NULL)
		return r->f->err;
	outcome = session_refresh(d, r->a->refresh_key, refresh, r->now, grant,
	    account);
	if (outcome == SESSION_REFRESHED) {
		err = signing_current(d, &r->a->keyring, r->now, key);
	} else if (outcome == SESSION_REUSED) {
		identity_set(&r->who, account, grant->id);
		err = op_audit(r, d, "refresh-reused", grant->id,
		    "the session was ended");
	} else if (outcome == SESSION_FAILED) {
		err = ERR_INTERNAL;
	}
	err = database_write_end(r->a->store, err, r->f);
	if (outcome != SESSION_REFRESHED)
		return refresh_refuse(r, outcome);
	return op_store_fault(r, err);
}

static int
refresh(struct request *r, const void *in, struct json_object *out)
{
	const struct refresh_args *args = in;
	struct session_grant grant;
	struct account account;
	struct access_key key;
	int err;

	err = refresh_write(r, args->refresh, &account, &grant, &key);
	if (err == 0)
		err = op_session_answer(r, &account, &grant, &key, out);
	explicit_bzero(&key, sizeof(key));
	explicit_bzero(&grant, sizeof(grant));
	return err;
}

static int
logout(struct request *r, const void *args, struct json_object *out)
{
	struct db *d = database_write_begin(r->a->store, r->f);
	int err;

	if (d == NULL)
		return r->f->err;
	err = session_end(d, r->who.session);
	if (err == 0)
		err = op_audit(r, d, "logout", r->who.session, NULL);
	return op_store_fault(r, database_write_end(r->a->store, err, r->f));
}

/* ---- confirming that it is still the same person ---- */

struct confirm_args {
	const char *password;
	const char *otp;
	struct json_object *passkey;	/* instead of both */
};

static const struct json_field confirm_fields[] = {
	{ .name = "password", .type = JSON_STRING, .max = 65536,
	  .offset = offsetof(struct confirm_args, password) },
	{ .name = "otp", .type = JSON_STRING, .max = 64,
	  .offset = offsetof(struct confirm_args, otp) },
	{ .name = "passkey", .type = JSON_OBJECT,
	  .offset = offsetof(struct confirm_args, passkey) },
	{ .name = NULL },
};

static int
confirm_write(struct request *r, const struct account *account,
	const struct evidence *given)
{
	struct db *d = database_write_begin(r->a->store, r->f);
	const char *method;
	int err;

	if (d == NULL)
		return r->f->err;
	err = second_factor(r, d, account, given, &method);
	if (err == 0)
		err = session_prove(d, r->who.session, r->now);
	if (err == 0 && given->rehash[0] != '\0')
		err = account_rehash(d, account->id, given->rehash);
	if (err == 0)
		err = op_audit(r, d, "session-confirm", r->who.session,
		    method);
	return op_store_fault(r, database_write_end(r->a->store, err, r->f));
}

/* 401 would say that the session ended; a wrong password is a wrong field. */
static int
confirm_verify(struct request *r, const struct proof *proof,
	const char *password, struct account *account,
	char rehash[PASSWORD_HASH_SIZE])
{
	int err = account_by_id(r->db, r->who.user, account);

	if (err != 0)
		return fault_set(r->f, err, "The account can not be read.");
	err = proof_password(r, proof, account, password, rehash);
	if (err != ERR_BAD_LOGIN)
		return err;
	fault_set(r->f, ERR_INVALID, "The password is wrong.");
	return fault_field(r->f, "password", "is wrong");
}

static int
confirm_password(struct request *r, const struct confirm_args *args)
{
	char rehash[PASSWORD_HASH_SIZE];
	struct evidence given = { args->otp, rehash, NULL };
	struct account account;
	struct proof proof;
	int err;

	if (args->password == NULL)
		return fault_field(r->f, "password", "is needed");
	err = proof_in_session(r, &proof);
	if (err == 0)
		err = confirm_verify(r, &proof, args->password, &account,
		    rehash);
	if (err != 0)
		return err;
	err = confirm_write(r, &account, &given);
	proof_settle(r, &proof, err);
	return err;
}

/* Of this account: another's proves nothing here. */
static int
confirm_passkey(struct request *r, struct json_object *passkey)
{
	struct evidence given = { NULL, "", "passkey" };
	struct assertion shown = { 0 };
	struct account account;
	int err = json_read(passkey, assertion_fields, &shown, "passkey.",
	    r->f);

	if (err == 0)
		err = passkey_shown(r, &shown, &account);
	if (err == 0 && strcmp(account.id, r->who.user) != 0)
		err = fault_set(r->f, ERR_BAD_LOGIN, "This passkey is of "
		    "another account.");
	return err != 0 ? err : confirm_write(r, &account, &given);
}

static int
session_confirm(struct request *r, const void *in, struct json_object *out)
{
	const struct confirm_args *args = in;
	int err = args->passkey != NULL ?
		confirm_passkey(r, args->passkey) : confirm_password(r, args);

	if (err != 0)
		return err;
	r->who.proved = r->now;
	session_to_json(r->db, &r->who, out);
	return 0;
}

static int
whoami(struct request *r, const void *args, struct json_object *out)
{
	session_to_json(r->db, &r->who, out);
	return 0;
}

static int
revision(struct request *r, const void *args, struct json_object *out)
{
	json_add_int(out, "revision", store_revision(r->db));
	return 0;
}

const struct op session_ops[] = {
	{ "whoami", OP_ANY | OP_ENROLS, GRANT_NOTICES, true, NULL, 0, whoami },
	{ "revision", OP_NOBODY, 0, true, NULL, 0, revision },
	{ "login", OP_NOBODY, 0, false, login_fields,
	  sizeof(struct login_args), login },
	{ "refresh", OP_NOBODY, 0, false, refresh_fields,
	  sizeof(struct refresh_args), refresh },
	{ "logout", OP_SESSION | OP_ENROLS, 0, false, NULL, 0, logout },
	{ "session-confirm", OP_SESSION | OP_ENROLS, 0, false, confirm_fields,
	  sizeof(struct confirm_args), session_confirm },
	{ "setup-status", OP_NOBODY, 0, true, NULL, 0, setup_status },
	{ "setup", OP_NOBODY, 0, false, setup_fields,
	  sizeof(struct setup_args), setup },
	{ .name = NULL },
};
