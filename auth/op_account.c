/* SPDX-License-Identifier: ISC */
/*
 * op_account: registering, and proving that one's address is one's own. Nobody
 * learns here whether an address has an account: the answers are the same, and
 * what it takes to make them is too. What differs is the mail.
 */
#include <stdio.h>
#include <string.h>

#include "auth/invitations.h"
#include "auth/links.h"
#include "auth/names.h"
#include "auth/ops.h"
#include "auth/proof.h"
#include "auth/registration.h"

/* Accounts that wait to be verified, and names held; together. */
#define WAITING_MAX 5000

static int
allow(struct request *r, const void *args, struct json_object *out)
{
	struct registration reg;

	if (registration_get(r->db, &reg) != 0)
		return fault_set(r->f, ERR_INTERNAL,
		    "The settings can not be read.");
	json_add_str(out, "registration", registration_mode_name(reg.mode));
	json_add_bool(out, "approval", reg.approval);
	json_add_bool(out, "passkeys", r->a->relying.usable);
	return 0;
}

/* ---- register ---- */

struct register_args {
	const char *email, *name, *display_name, *password, *invitation;
	bool mail;		/* mails can be sent */
};

#define TEXT(field, need) \
	{ .name = #field, .type = JSON_STRING, .required = need, \
	  .max = 1024, .offset = offsetof(struct register_args, field) }

static const struct json_field register_fields[] = {
	TEXT(email, true), TEXT(name, true), TEXT(display_name, false),
	TEXT(invitation, false),
	{ .name = "password", .type = JSON_STRING, .required = true,
	  .max = 65536, .offset = offsetof(struct register_args, password) },
	{ .name = "mail", .type = JSON_BOOL, .required = true,
	  .offset = offsetof(struct register_args, mail) },
	{ .name = NULL },
};

/* What is known of who comes before anything is written. */
struct comer {
	struct account_form form;
	char email[EMAIL_SIZE];
	char name[ALB_LABEL_MAX + 1];
	char hash[PASSWORD_HASH_SIZE];
	struct invitation invitation;	/* id "": comes without */
	bool mail;
	char secret[TOKEN_LENGTH + 1];	/* of the link to be mailed */
	time_t expires;
	bool known;			/* the address has an account */
};

/* May they come, by what is set and by whom they were invited? */
static int
admit(struct request *r, const char *invitation, struct comer *c)
{
	struct registration reg;

	if (registration_get(r->db, &reg) != 0)
		return fault_set(r->f, ERR_INTERNAL,
		    "The settings can not be read.");
	if (reg.mode == REGISTRATION_CLOSED)
		return fault_set(r->f, ERR_FORBIDDEN,
		    "Nobody can register here.");
	c->form.unapproved = reg.approval;
	if (invitation == NULL && reg.mode == REGISTRATION_INVITED)
		return fault_set(r->f, ERR_FORBIDDEN,
		    "Who registers here needs an invitation.");
	if (invitation == NULL)
		return registration_takes(&reg, c->email) ? 0 :
			fault_field(r->f, "email",
			    "must be at a domain that may register here");
	if (invitation_find(r->db, invitation, r->now, &c->invitation,
	    r->f) != 0)
		return r->f->err;
	if (c->invitation.by_admin)
		c->form.unapproved = false;
	if (c->invitation.email[0] != '\0' &&
	    strcmp(c->invitation.email, c->email) != 0)
		return fault_field(r->f, "email",
		    "is not the one that was invited");
	return 0;
}

static int
comer_read(struct request *r, const struct register_args *args,
	struct comer *c)
{
	int err;

	*c = (struct comer){ .mail = args->mail, .form = {
		.email = args->email, .name = args->name,
		.password = args->password,
		.display_name = args->display_name,
		.unverified = args->mail } };
	err = account_check(&c->form, r->f);
	if (err != 0)
		return err;
	email_fold(args->email, c->email);
	op_fold(args->name, c->name);
	return admit(r, args->invitation, c);
}

/* What is over goes, so that it is in nobody's way. */
static int
sweep(struct db *d, time_t now)
{
	int err = db_run(d, "DELETE FROM account WHERE verified = 0"
	    " AND created <= ?", "i", (int64_t)now - REGISTRATION_WAITS);

	if (err == 0)
		err = invitations_sweep(d, now);
	if (err == 0)
		err = links_sweep(d, now);
	return err != 0 ? err : name_holds_sweep(d, now);
}

static int
room_check(struct request *r, struct db *d)
{
	int64_t n = db_number(db_query(d, "SELECT (SELECT count(*)"
	    " FROM account WHERE verified = 0) + (SELECT count(*)"
	    " FROM name_hold)", ""), WAITING_MAX);

	return n < WAITING_MAX ? 0 : fault_set(r->f, ERR_BUSY, "Too many "
	    "people are registering at the moment; try again later.");
}

/* The name is as taken as it would be if they were new. */
static int
register_known(struct request *r, struct db *d, struct comer *c)
{
	int err = name_free(d, c->name, r->f);

	c->known = true;
	return err != 0 ? err : name_hold(d, c->name, c->email,
	    r->now + REGISTRATION_WAITS);
}

static int
register_new(struct request *r, struct db *d, struct comer *c)
{
	const struct invitation *i = &c->invitation;
	struct account account;
	int err;

	if (c->mail && i->id[0] != '\0')
		c->form.invitation = i->id;
	err = account_add(d, &c->form, c->hash, r->now, &account, r->f);
	if (err == 0 && c->mail)
		err = link_make(d, LINK_VERIFY, account.id, account.email,
		    r->now, c->secret, &c->expires);
	else if (err == 0 && i->id[0] != '\0')
		err = invitation_accept(d, i, account.id);
	return err;
}

/*
 * Who registers again before they are verified begins anew: what counts is
 * what was asked for last, and no older link leads to it. Who was disabled
 * stays so.
 */
static int
register_either(struct request *r, struct db *d, struct comer *c)
{
	struct account old;
	int err = name_hold_end(d, c->email);

	if (err == 0)
		err = account_by_email(d, c->email, &old);
	if (err == 0 && (old.verified || old.disabled))
		return register_known(r, d, c);
	if (err == 0)
		err = db_run(d, "DELETE FROM account WHERE id = ?", "t",
		    old.id);
	return err != 0 && err != ERR_NOT_FOUND ? err :
		register_new(r, d, c);
}

static int
register_write(struct request *r, struct comer *c)
{
	struct db *d = database_write_begin(r->a->store, r->f);
	struct invitation i;
	int err;

	if (d == NULL)
		return r->f->err;
	err = sweep(d, r->now);
	if (err == 0)
		err = room_check(r, d);
	if (err == 0 && c->invitation.id[0] != '\0')
		err = invitation_get(d, c->invitation.id, r->now, &i, r->f);
	if (err == 0)
		err = register_either(r, d, c);
	if (err == 0)
		err = op_audit(r, d, "register", c->email, c->name);
	if (err == 0)
		err = store_revise(d);
	return op_store_fault(r, database_write_end(r->a->store, err, r->f));
}

static const char *
next_step(bool mail, bool approved)
{
	if (mail)
		return "verify";
	return approved ? "sign-in" : "approval";
}

static void
register_answer(const struct comer *c, struct json_object *out)
{
	json_add_str(out, "next", next_step(c->mail, !c->form.unapproved));
	json_add_str(out, "letter", c->known ? "known" : "verify");
	json_add_str(out, "email", c->email);
	json_add_str(out, "name", c->name);
	json_add_str(out, "secret", c->known ? NULL : c->secret);
	json_add_int(out, "link_expires", c->expires);
	if (!c->known && !c->mail && !c->form.unapproved)
		json_add_str(out, "begins", c->name);
}

/* The password is hashed whatever comes of it, which takes by far longest. */
static int
registering(struct request *r, const void *in, struct json_object *out)
{
	struct comer c;
	int err = comer_read(r, in, &c), wait;

	if (err != 0)
		return err;
	wait = link_wait(r->a, c.email, r->now);
	r->f->wait = wait;
	if (wait > 0)
		return fault_set(r->f, ERR_RATE, "Too many mails were asked "
		    "for to this address; try again in %d s.", wait);
	err = proof_hash(r, c.form.password, c.hash);
	if (err == 0)
		err = register_write(r, &c);
	if (err == 0)
		register_answer(&c, out);
	explicit_bzero(&c, sizeof(c));
	return err;
}

/* ---- verify ---- */

struct secret_args {
	const char *secret;
};

static const struct json_field secret_fields[] = {
	{ .name = "secret", .type = JSON_STRING, .required = true, .max = 128,
	  .offset = offsetof(struct secret_args, secret) },
	{ .name = NULL },
};

/* By an invitation, which may have been taken back meanwhile. */
static int
invited(struct request *r, struct db *d, const struct account *account)
{
	sqlite3_stmt *stmt = db_query(d, "SELECT invitation_id FROM account"
	    " WHERE id = ? AND invitation_id IS NOT NULL", "t", account->id);
	struct invitation i;
	char id[37];
	int rc = db_step(stmt), err;

	if (rc != 1)
		return rc == 0 ? 0 : ERR_INTERNAL;
	db_copy(stmt, 0, id, sizeof(id));
	db_done(stmt);
	err = invitation_get(d, id, r->now, &i, r->f);
	return err != 0 ? err : invitation_accept(d, &i, account->id);
}

static int
registered(struct request *r, struct db *d, struct account *account)
{
	int err = invited(r, d, account);

	account->verified = true;
	if (err == 0)
		err = db_run(d, "UPDATE account SET verified = 1"
		    " WHERE id = ?", "t", account->id);
	if (err == 0)
		err = account_settle(d, account, r->now);
	if (err == 0)
		err = links_end(d, account->id, LINK_VERIFY);
	return err != 0 ? err : op_audit(r, d, "verify", account->email, NULL);
}

/*
 * Links for a new password that lie in the old mailbox end. Who registered with
 * the new address and did not prove that it is theirs makes way.
 */
static int
moved(struct request *r, struct db *d, struct account *account,
	const char *email)
{
	int err = db_run(d, "DELETE FROM account WHERE email = ?"
	    " AND verified = 0", "t", email);

	if (err == 0)
		err = db_run(d, "UPDATE account SET email = ? WHERE id = ?",
		    "tt", email, account->id);
	if (err == ERR_CONFLICT)
		return fault_set(r->f, err, "Another account has this "
		    "address now.");
	if (err == 0)
		err = links_end(d, account->id, LINK_ADDRESS);
	if (err == 0)
		err = links_end(d, account->id, LINK_RESET);
	if (err == 0)
		err = links_end(d, account->id, LINK_RECOVER);
	if (err == 0)
		err = op_audit(r, d, "email-change", email, account->email);
	snprintf(account->email, sizeof(account->email), "%s", email);
	return err;
}

static int
verify_write(struct request *r, const struct link *l, struct account *account)
{
	struct db *d = database_write_begin(r->a->store, r->f);
	int err;

	if (d == NULL)
		return r->f->err;
	err = link_use(d, l, r->f);
	if (err == 0)
		err = account_by_id(d, l->user, account);
	if (err == 0) {
		op_found(r, account);
		err = l->kind == LINK_VERIFY ? registered(r, d, account) :
			moved(r, d, account, l->email);
	}
	if (err == 0)
		err = store_revise(d);
	return op_store_fault(r, database_write_end(r->a->store, err, r->f));
}

static int
verify(struct request *r, const void *in, struct json_object *out)
{
	const struct secret_args *args = in;
	struct account account;
	struct link l;
	int err = link_find(r->db, args->secret, r->now, &l, r->f);

	if (err == 0 && l.kind != LINK_VERIFY && l.kind != LINK_ADDRESS)
		err = fault_set(r->f, ERR_LINK, "The link is for something "
		    "else: open it again from the mail.");
	if (err == 0)
		err = verify_write(r, &l, &account);
	if (err != 0)
		return err;
	json_add_str(out, "next", next_step(false, account.approved));
	json_add_str(out, "email", account.email);
	if (l.kind == LINK_VERIFY && account.approved)
		json_add_str(out, "begins", account.name);
	return proof_device(r, &account, out);
}

/* ---- another mail ---- */

struct email_args {
	const char *email;
};

static const struct json_field email_fields[] = {
	{ .name = "email", .type = JSON_STRING, .required = true, .max = 1024,
	  .offset = offsetof(struct email_args, email) },
	{ .name = NULL },
};

static int
again_write(struct request *r, const struct account *account,
	char secret[TOKEN_LENGTH + 1], time_t *expires)
{
	struct db *d = database_write_begin(r->a->store, r->f);
	int err;

	if (d == NULL)
		return r->f->err;
	err = link_make(d, LINK_VERIFY, account->id, account->email, r->now,
	    secret, expires);
	if (err == 0)
		err = op_audit(r, d, "verify-again", account->email, NULL);
	return op_store_fault(r, database_write_end(r->a->store, err, r->f));
}

/* Nothing but who gets the mail tells whether there was a reason for it. */
static int
verify_again(struct request *r, const void *in, struct json_object *out)
{
	const struct email_args *args = in;
	char email[EMAIL_SIZE], secret[TOKEN_LENGTH + 1];
	struct account account;
	time_t expires;
	int err;

	if (email_fold(args->email, email) != NULL ||
	    link_wait(r->a, email, r->now) > 0 ||
	    account_by_email(r->db, email, &account) != 0 ||
	    account.verified || account.disabled)
		return 0;
	err = again_write(r, &account, secret, &expires);
	if (err != 0)
		return err;
	json_add_str(out, "letter", "verify");
	json_add_str(out, "email", account.email);
	json_add_str(out, "name", account.name);
	json_add_str(out, "secret", secret);
	json_add_int(out, "link_expires", expires);
	explicit_bzero(secret, sizeof(secret));
	return 0;
}

/* ---- settings ---- */

static int
get(struct request *r, const void *args, struct json_object *out)
{
	struct registration reg;

	if (registration_get(r->db, &reg) != 0)
		return fault_set(r->f, ERR_INTERNAL,
		    "The settings can not be read.");
	json_object_object_add(out, "registration",
	    registration_to_json(&reg));
	return 0;
}

struct set_args {
	struct json_object *registration;
};

static const struct json_field set_fields[] = {
	{ .name = "registration", .type = JSON_OBJECT, .required = true,
	  .offset = offsetof(struct set_args, registration) },
	{ .name = NULL },
};

static int
set(struct request *r, const void *in, struct json_object *out)
{
	const struct set_args *args = in;
	struct registration reg;
	struct db *d;
	int err = registration_read(args->registration, &reg, r->f);

	if (err != 0)
		return err;
	d = database_write_begin(r->a->store, r->f);
	if (d == NULL)
		return r->f->err;
	err = registration_set(d, &reg);
	if (err == 0)
		err = op_audit(r, d, "registration-set",
		    registration_mode_name(reg.mode), NULL);
	err = op_store_fault(r, database_write_end(r->a->store, err, r->f));
	if (err == 0)
		json_object_object_add(out, "registration",
		    registration_to_json(&reg));
	return err;
}

const struct op account_ops[] = {
	{ "registration", OP_NOBODY, 0, true, NULL, 0, allow },
	{ "register", OP_NOBODY, 0, false, register_fields,
	  sizeof(struct register_args), registering },
	{ "verify", OP_NOBODY, 0, false, secret_fields,
	  sizeof(struct secret_args), verify },
	{ "verify-again", OP_NOBODY, 0, false, email_fields,
	  sizeof(struct email_args), verify_again },
	{ "registration-get", OP_ADMIN, 0, true, NULL, 0, get },
	{ "registration-set", OP_ADMIN | OP_PROVED, 0, false, set_fields,
	  sizeof(struct set_args), set },
	{ .name = NULL },
};
