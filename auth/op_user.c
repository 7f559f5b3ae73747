/* SPDX-License-Identifier: ISC */
/*
 * op_user: what administrators do with people. That there is an administrator
 * who can come in, and that whoever asks is still one, is seen to within each
 * write: two who take it from each other at the same time do not both succeed.
 */
#include <stdio.h>
#include <string.h>

#include "auth/factors.h"
#include "auth/links.h"
#include "auth/names.h"
#include "auth/ops.h"
#include "auth/users.h"

static int
may_administer(struct request *r)
{
	const struct place anywhere = { 0 };
	struct spot spot;

	return identity_allowed(r->db, &r->who, SCOPE_USER_ADMIN, &anywhere,
	    &spot, r->f);
}

static int
no_user(struct request *r)
{
	return fault_set(r->f, ERR_NOT_FOUND, "There is no such user.");
}

/* ---- list, get, leaves ---- */

struct list_args {
	const char *q, *state, *after;
	int64_t limit;
};

static const char *
check_state(const char *s)
{
	return user_state_is(s) ? NULL :
		"must be active, disabled, unverified or pending";
}

static const struct json_field list_fields[] = {
	{ .name = "q", .type = JSON_STRING, .max = USER_Q_MAX,
	  .offset = offsetof(struct list_args, q) },
	{ .name = "state", .type = JSON_STRING, .check = check_state,
	  .offset = offsetof(struct list_args, state) },
	{ .name = "after", .type = JSON_STRING, .max = 255,
	  .offset = offsetof(struct list_args, after) },
	{ .name = "limit", .type = JSON_INT, .required = true, .min = 1,
	  .max = 1000, .offset = offsetof(struct list_args, limit) },
	{ .name = NULL },
};

static int
list(struct request *r, const void *in, struct json_object *out)
{
	const struct list_args *args = in;
	const struct user_filter filter = { .q = args->q,
		.state = args->state, .limit = args->limit,
		.after = args->after == NULL ? "" : args->after };
	bool more;
	int err = may_administer(r);

	if (err != 0)
		return err;
	json_object_object_add(out, "items", user_list(r->db, &filter,
	    &more));
	json_add_bool(out, "more", more);
	return 0;
}

struct id_args {
	const char *id;
};

#define ID(s) \
	{ .name = "id", .type = JSON_STRING, .required = true, .max = 64, \
	  .offset = offsetof(s, id) }

static const struct json_field id_fields[] = {
	ID(struct id_args),
	{ .name = NULL },
};

static int
user_answer(struct request *r, const char *id, struct json_object *out)
{
	struct json_object *user = user_get(r->db, id);

	if (user == NULL)
		return no_user(r);
	json_object_object_add(out, "user", user);
	return 0;
}

static int
get(struct request *r, const void *in, struct json_object *out)
{
	const struct id_args *args = in;
	int err = may_administer(r);

	return err != 0 ? err : user_answer(r, args->id, out);
}

static int
leaves(struct request *r, const void *in, struct json_object *out)
{
	const struct id_args *args = in;
	struct account account;
	int err = may_administer(r);

	if (err != 0)
		return err;
	if (account_by_id(r->db, args->id, &account) != 0)
		return no_user(r);
	json_object_object_add(out, "leaves", user_leaves(r->db, args->id));
	json_add_str(out, "name", account.name);
	return 0;
}

/* ---- changes: one write for all ---- */

struct change {
	/* Within the write: 0 or an err; out takes what is answered. */
	int (*make)(struct request *r, struct db *d,
		const struct account *who, const void *args,
		struct json_object *out);
	bool of_others;		/* nobody does this to themselves */
};

static int
asker_check(struct request *r, struct db *d)
{
	struct account asker;

	if (account_by_id(d, r->who.user, &asker) == 0 && asker.admin &&
	    !asker.disabled)
		return 0;
	return fault_set(r->f, ERR_FORBIDDEN, "This is for administrators.");
}

static int
led_check(struct request *r, struct db *d)
{
	return accounts_led(d) ? 0 : fault_set(r->f, ERR_CONFLICT,
	    "There must be an administrator who can sign in: this is the last "
	    "one.");
}

static int
change(struct request *r, const struct change *c, const char *id,
	const void *args, struct json_object *out)
{
	struct account who;
	struct db *d;
	int err = may_administer(r);

	if (err != 0)
		return err;
	if (c->of_others && strcmp(id, r->who.user) == 0)
		return fault_set(r->f, ERR_CONFLICT, "Nobody does this to "
		    "themselves: ask another administrator.");
	d = database_write_begin(r->a->store, r->f);
	if (d == NULL)
		return r->f->err;
	err = asker_check(r, d);
	if (err == 0 && account_by_id(d, id, &who) != 0)
		err = no_user(r);
	if (err == 0)
		err = c->make(r, d, &who, args, out);
	if (err == 0)
		err = led_check(r, d);
	return op_store_fault(r, database_write_end(r->a->store, err, r->f));
}

/* ---- set ---- */

struct set_args {
	const char *id;
	bool admin, disabled, approved;
	bool admin_given, disabled_given, approved_given;
};

#define FLAG(field) \
	{ .name = #field, .type = JSON_BOOL, \
	  .offset = offsetof(struct set_args, field), \
	  .given = offsetof(struct set_args, field##_given) }

static const struct json_field set_fields[] = {
	ID(struct set_args), FLAG(admin), FLAG(disabled), FLAG(approved),
	{ .name = NULL },
};

static int
set_approved(struct request *r, struct db *d, struct account *who)
{
	int err;

	if (who->approved)
		return 0;
	who->approved = true;
	err = db_run(d, "UPDATE account SET approved = 1 WHERE id = ?", "t",
	    who->id);
	if (err == 0)
		err = account_settle(d, who, r->now);
	if (err == 0)
		err = store_revise(d);
	return err != 0 ? err : op_audit(r, d, "user-approve", who->name,
	    NULL);
}

static int
set_disabled(struct request *r, struct db *d, struct account *who,
	bool disabled)
{
	int err;

	if (who->disabled == disabled)
		return 0;
	who->disabled = disabled;
	err = user_disable(d, who->id, disabled);
	return err != 0 ? err : op_audit(r, d, disabled ? "user-disable" :
	    "user-enable", who->name, NULL);
}

static int
set_admin(struct request *r, struct db *d, struct account *who, bool admin)
{
	struct fault f = { 0 };
	int err;

	if (who->admin == admin)
		return 0;
	if (admin && account_may_enter(who, &f) != 0)
		return fault_set(r->f, ERR_CONFLICT, "%s can not sign in, and "
		    "thus be no administrator.", who->name);
	err = user_admin_set(d, who->id, admin);
	return err != 0 ? err : op_audit(r, d, admin ? "user-admin-on" :
	    "user-admin-off", who->name, NULL);
}

static int
set_make(struct request *r, struct db *d, const struct account *user,
	const void *in, struct json_object *out)
{
	const struct set_args *args = in;
	struct account who = *user;
	int err = 0;

	if (args->approved_given)
		err = set_approved(r, d, &who);
	if (err == 0 && args->disabled_given)
		err = set_disabled(r, d, &who, args->disabled);
	if (err == 0 && args->admin_given)
		err = set_admin(r, d, &who, args->admin);
	json_add_bool(out, "approved_now", who.approved && !user->approved);
	if (who.approved && !user->approved && who.verified)
		json_add_str(out, "begins", who.name);
	return err;
}

static int
set(struct request *r, const void *in, struct json_object *out)
{
	static const struct change c = { set_make, true };
	const struct set_args *args = in;
	int err;

	if (args->approved_given && !args->approved)
		return fault_field(r->f, "approved", "can only be given");
	err = change(r, &c, args->id, args, out);
	return err != 0 ? err : user_answer(r, args->id, out);
}

/* ---- sessions, second factor, password ---- */

static int
sessions_make(struct request *r, struct db *d, const struct account *who,
	const void *in, struct json_object *out)
{
	int err = user_sessions_end(d, who->id);

	return err != 0 ? err : op_audit(r, d, "user-sessions-end", who->name,
	    NULL);
}

static int
sessions_end(struct request *r, const void *in, struct json_object *out)
{
	static const struct change c = { sessions_make, false };
	const struct id_args *args = in;

	return change(r, &c, args->id, NULL, out);
}

static int
factor_make(struct request *r, struct db *d, const struct account *who,
	const void *in, struct json_object *out)
{
	int err = factors_remove(d, who->id);

	if (err == 0)
		err = user_sessions_end(d, who->id);
	return err != 0 ? err : op_audit(r, d, "user-factor-remove",
	    who->name, NULL);
}

/* One's own are removed in one's account. */
static int
factor_remove(struct request *r, const void *in, struct json_object *out)
{
	static const struct change c = { factor_make, true };
	const struct id_args *args = in;

	return change(r, &c, args->id, NULL, out);
}

/* An administrator vouches for it: it is good for administrators too. */
static int
reset_make(struct request *r, struct db *d, const struct account *who,
	const void *in, struct json_object *out)
{
	char secret[TOKEN_LENGTH + 1] = "";
	time_t expires;
	int err = account_may_enter(who, r->f);

	if (err != 0)
		return fault_set(r->f, ERR_CONFLICT, "%s can not sign in with "
		    "a new password either.", who->name);
	err = link_make(d, LINK_RECOVER, who->id, who->email, r->now, secret,
	    &expires);
	if (err == 0) {
		json_add_str(out, "letter", "recover");
		json_add_str(out, "email", who->email);
		json_add_str(out, "name", who->name);
		json_add_str(out, "secret", secret);
		json_add_int(out, "link_expires", expires);
		err = op_audit(r, d, "user-password-reset", who->name, NULL);
	}
	explicit_bzero(secret, sizeof(secret));
	return err;
}

static int
reset(struct request *r, const void *in, struct json_object *out)
{
	static const struct change c = { reset_make, true };
	const struct id_args *args = in;

	return change(r, &c, args->id, NULL, out);
}

/* ---- delete ---- */

struct delete_args {
	const char *id, *give_to;
	bool empty;		/* nothing is in the personal project */
};

static const struct json_field delete_fields[] = {
	ID(struct delete_args),
	{ .name = "give_to", .type = JSON_STRING, .check = alb_label_check,
	  .offset = offsetof(struct delete_args, give_to) },
	{ .name = "empty", .type = JSON_BOOL,
	  .offset = offsetof(struct delete_args, empty) },
	{ .name = NULL },
};

/* The id of who gets the projects; "" for nobody. */
static int
heir_find(struct request *r, struct db *d, const struct account *who,
	const char *give_to, char id[37])
{
	char name[ALB_LABEL_MAX + 1];
	struct account heir;

	id[0] = '\0';
	if (give_to == NULL)
		return 0;
	op_fold(give_to, name);
	if (account_by_name(d, name, &heir) != 0 ||
	    strcmp(heir.id, who->id) == 0 ||
	    account_may_enter(&heir, r->f) != 0) {
		*r->f = (struct fault){ 0 };
		return fault_field(r->f, "give_to",
		    "must be the name of somebody else who can sign in");
	}
	memcpy(id, heir.id, sizeof(heir.id));
	return 0;
}

static int
delete_make(struct request *r, struct db *d, const struct account *who,
	const void *in, struct json_object *out)
{
	const struct delete_args *args = in;
	char heir[37];
	int err = heir_find(r, d, who, args->give_to, heir);

	if (err == 0)
		err = user_delete(d, who, heir, args->empty, r->now);
	if (err == 0 && name_retired(d, who->name))
		json_add_str(out, "ended", who->name);
	return err != 0 ? err : op_audit(r, d, "user-delete", who->name,
	    args->give_to);
}

static int
delete(struct request *r, const void *in, struct json_object *out)
{
	static const struct change c = { delete_make, true };
	const struct delete_args *args = in;

	return change(r, &c, args->id, args, out);
}

/* ---- names ---- */

struct names_args {
	const char *after;
};

static const struct json_field names_fields[] = {
	{ .name = "after", .type = JSON_STRING, .max = ALB_LABEL_MAX,
	  .offset = offsetof(struct names_args, after) },
	{ .name = NULL },
};

static int
names(struct request *r, const void *in, struct json_object *out)
{
	const struct names_args *args = in;
	struct json_object *items;
	int err = may_administer(r);

	if (err != 0)
		return err;
	items = name_list(r->db, args->after == NULL ? "" : args->after);
	json_object_object_add(out, "items", items);
	json_add_bool(out, "more",
	    json_object_array_length(items) == NAMES_AT_ONCE);
	return 0;
}

struct name_args {
	const char *name;
};

static const struct json_field name_fields[] = {
	{ .name = "name", .type = JSON_STRING, .required = true,
	  .check = alb_label_check,
	  .offset = offsetof(struct name_args, name) },
	{ .name = NULL },
};

/* Who asks has looked whether albatross holds anything beneath it. */
static int
release(struct request *r, const void *in, struct json_object *out)
{
	const struct name_args *args = in;
	char name[ALB_LABEL_MAX + 1];
	struct db *d;
	int err = may_administer(r);

	if (err != 0)
		return err;
	op_fold(args->name, name);
	d = database_write_begin(r->a->store, r->f);
	if (d == NULL)
		return r->f->err;
	err = asker_check(r, d);
	if (err == 0)
		err = name_release(d, name);
	if (err == ERR_NOT_FOUND)
		fault_set(r->f, err, "The name %s is not retired.", name);
	if (err == 0)
		err = op_audit(r, d, "name-release", name, NULL);
	return op_store_fault(r, database_write_end(r->a->store, err, r->f));
}

const struct op user_ops[] = {
	{ "user-list", OP_ANY, 0, true, list_fields,
	  sizeof(struct list_args), list },
	{ "user-get", OP_ANY, 0, true, id_fields, sizeof(struct id_args),
	  get },
	{ "user-leaves", OP_ANY, 0, true, id_fields, sizeof(struct id_args),
	  leaves },
	{ "user-set", OP_SESSION | OP_PROVED, 0, false, set_fields,
	  sizeof(struct set_args), set },
	{ "user-delete", OP_SESSION | OP_PROVED, 0, false, delete_fields,
	  sizeof(struct delete_args), delete },
	{ "user-sessions-end", OP_SESSION | OP_PROVED, 0, false, id_fields,
	  sizeof(struct id_args), sessions_end },
	{ "user-factor-remove", OP_SESSION | OP_PROVED, 0, false, id_fields,
	  sizeof(struct id_args), factor_remove },
	{ "user-reset", OP_SESSION | OP_PROVED, 0, false, id_fields,
	  sizeof(struct id_args), reset },
	{ "name-list", OP_ANY, 0, true, names_fields,
	  sizeof(struct names_args), names },
	{ "name-release", OP_SESSION | OP_PROVED, 0, false, name_fields,
	  sizeof(struct name_args), release },
	{ .name = NULL },
};
