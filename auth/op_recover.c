/* SPDX-License-Identifier: ISC */
/*
 * op_recover: a new password for who forgot theirs, by a link in a mail. The
 * link passes through mollymawk-fcgi: alone it must open no account of an
 * administrator and none with a second factor.
 */
#include <string.h>

#include "auth/factors.h"
#include "auth/links.h"
#include "auth/ops.h"
#include "auth/proof.h"
#include "base/text.h"

struct start_args {
	const char *email;
};

static const struct json_field start_fields[] = {
	{ .name = "email", .type = JSON_STRING, .required = true, .max = 1024,
	  .offset = offsetof(struct start_args, email) },
	{ .name = NULL },
};

/* What the mail to a person says. */
static const char *
letter_for(struct request *r, const struct account *account)
{
	struct factors factors;

	if (!account->verified)
		return "verify";
	if (!account->admin)
		return "reset";
	return factors_get(r->db, account->id, &factors) == 0 &&
	    factors_any(&factors) ? "reset" : "reset-refused";
}

static enum link_kind
link_for(const char *letter)
{
	return strcmp(letter, "verify") == 0 ? LINK_VERIFY : LINK_RESET;
}

static int
start_write(struct request *r, const struct account *account,
	const char *letter, char secret[TOKEN_LENGTH + 1], time_t *expires)
{
	struct db *d = database_write_begin(r->a->store, r->f);
	int err = 0;

	if (d == NULL)
		return r->f->err;
	if (strcmp(letter, "reset-refused") != 0)
		err = link_make(d, link_for(letter), account->id,
		    account->email, r->now, secret, expires);
	if (err == 0)
		err = op_audit(r, d, "password-reset-ask", account->email,
		    letter);
	return op_store_fault(r, database_write_end(r->a->store, err, r->f));
}

static void
letter_answer(const struct account *account, const char *letter,
	const char *secret, time_t expires, struct json_object *out)
{
	json_add_str(out, "letter", letter);
	json_add_str(out, "email", account->email);
	json_add_str(out, "name", account->name);
	json_add_str(out, "secret", text_or_null(secret));
	json_add_int(out, "link_expires", expires);
}

/* The answer goes to mollymawk-fcgi, which tells nobody but by mail. */
static int
start(struct request *r, const void *in, struct json_object *out)
{
	const struct start_args *args = in;
	char email[EMAIL_SIZE], secret[TOKEN_LENGTH + 1] = "";
	struct account account;
	const char *letter;
	time_t expires = 0;
	int err;

	if (email_fold(args->email, email) != NULL ||
	    link_wait(r->a, email, r->now) > 0 ||
	    account_by_email(r->db, email, &account) != 0 ||
	    account.disabled)
		return 0;
	letter = letter_for(r, &account);
	err = start_write(r, &account, letter, secret, &expires);
	if (err == 0)
		letter_answer(&account, letter, secret, expires, out);
	explicit_bzero(secret, sizeof(secret));
	return err;
}

/* ---- confirm ---- */

struct confirm_args {
	const char *secret, *password, *otp;
	bool revoke_tokens;
};

#define TEXT(field, need, most) \
	{ .name = #field, .type = JSON_STRING, .required = need, \
	  .max = most, .offset = offsetof(struct confirm_args, field) }

static const struct json_field confirm_fields[] = {
	TEXT(secret, true, 128), TEXT(password, true, 65536),
	TEXT(otp, false, 128),
	{ .name = "revoke_tokens", .type = JSON_BOOL,
	  .offset = offsetof(struct confirm_args, revoke_tokens) },
	{ .name = NULL },
};

/* The account behind a link that is one for a new password. */
static int
account_find(struct request *r, struct db *d, const struct link *l,
	struct account *account)
{
	int err = 0;

	if (l->kind != LINK_RESET && l->kind != LINK_RECOVER)
		return fault_set(r->f, ERR_LINK, "The link is for something "
		    "else: open it again from the mail.");
	err = account_by_id(d, l->user, account);
	if (err != 0)
		return fault_set(r->f, ERR_LINK, "The account is gone.");
	return account_may_enter(account, r->f);
}

/*
 * The second factor, if there is one, is used up with the link. Without one, a
 * link that anybody could have asked for opens no administrator's account.
 */
static int
factor_check(struct request *r, struct db *d, const struct link *l,
	const struct account *account, const char *otp)
{
	enum factor how = FACTOR_NONE;
	int err = factor_take(&r->a->keyring, d, account->id, otp, r->now,
	    &how);

	if (err != 0)
		return factor_fault(r->f, err);
	if (account->admin && how == FACTOR_NONE && l->kind == LINK_RESET)
		return fault_set(r->f, ERR_FORBIDDEN, "For an administrator "
		    "without a second factor, another administrator has to "
		    "send the link.");
	return 0;
}

static int
confirm_write(struct request *r, const struct link *l, const char *hash,
	const struct confirm_args *args)
{
	struct db *d = database_write_begin(r->a->store, r->f);
	struct account account;
	int err;

	if (d == NULL)
		return r->f->err;
	err = link_use(d, l, r->f);
	if (err == 0)
		err = account_find(r, d, l, &account);
	if (err == 0)
		err = factor_check(r, d, l, &account, args->otp);
	if (err == 0)
		err = account_password(d, account.id, hash);
	if (err == 0 && args->revoke_tokens)
		err = token_remove_all(d, account.id);
	if (err == 0) {
		op_found(r, &account);
		err = op_audit(r, d, "password-reset", account.email, NULL);
	}
	return op_store_fault(r, database_write_end(r->a->store, err, r->f));
}

/*
 * A wrong code leaves the link good, but counts as a failed try. Without a
 * code nothing is guessed, and nobody's failures are in the way.
 */
static int
confirm_try(struct request *r, const struct confirm_args *args,
	const struct link *l, const char *email)
{
	char hash[PASSWORD_HASH_SIZE];
	struct proof proof;
	int err = 0;

	if (args->otp != NULL)
		err = proof_sign_in(r, email, &proof);
	if (err == 0)
		err = proof_hash(r, args->password, hash);
	if (err == 0 && args->otp != NULL)
		err = proof_try(r, &proof);
	if (err == 0)
		err = confirm_write(r, l, hash, args);
	if (err == 0 && args->otp != NULL)
		proof_accept(r, &proof);
	return err;
}

static int
confirm(struct request *r, const void *in, struct json_object *out)
{
	const struct confirm_args *args = in;
	struct account account;
	struct link l;
	int err = link_find(r->db, args->secret, r->now, &l, r->f);

	if (err == 0)
		err = account_find(r, r->db, &l, &account);
	if (err == 0)
		err = password_check(args->password, r->f);
	if (err == 0)
		err = confirm_try(r, args, &l, account.email);
	/* Anew: with the password that holds now. */
	if (err == 0 && account_by_id(r->db, l.user, &account) == 0)
		err = proof_device(r, &account, out);
	return err;
}

const struct op recover_ops[] = {
	{ "reset-start", OP_NOBODY, 0, false, start_fields,
	  sizeof(struct start_args), start },
	{ "reset-confirm", OP_NOBODY, 0, false, confirm_fields,
	  sizeof(struct confirm_args), confirm },
	{ .name = NULL },
};
