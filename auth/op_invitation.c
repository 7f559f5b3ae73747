/* SPDX-License-Identifier: ISC */
/*
 * op_invitation: who may register by invitation: given by administrators, and
 * by the owners of a project into that one.
 */
#include <stdio.h>
#include <string.h>

#include "auth/invitations.h"
#include "auth/links.h"
#include "auth/ops.h"
#include "auth/registration.h"

#define DAY (24 * 60 * 60)

/* May they give, see and take back those into a project (NULL: any)? */
static int
may_invite(struct request *r, const char *project, struct spot *spot)
{
	struct place place = { .project = project };

	return identity_allowed(r->db, &r->who, project == NULL ?
	    SCOPE_USER_ADMIN : SCOPE_PROJECT_ADMIN, &place, spot, r->f);
}

/* ---- list ---- */

struct list_args {
	const char *project;
};

static const struct json_field list_fields[] = {
	{ .name = "project", .type = JSON_STRING, .check = alb_label_check,
	  .offset = offsetof(struct list_args, project) },
	{ .name = NULL },
};

static int
list(struct request *r, const void *in, struct json_object *out)
{
	const struct list_args *args = in;
	char project[ALB_LABEL_MAX + 1];
	struct spot spot;
	int err = may_invite(r, op_fold(args->project, project), &spot);

	if (err == 0)
		json_object_object_add(out, "items", invitation_list(r->db,
		    args->project == NULL ? NULL : spot.project_id, r->now));
	return err;
}

/* ---- add ---- */

struct add_args {
	const char *email, *project, *role;
	int64_t expires_in;
};

static const char *
check_email(const char *s)
{
	char folded[EMAIL_SIZE];

	return email_fold(s, folded);
}

static const char *
check_role(const char *s)
{
	int role = role_parse(s);

	return role >= ROLE_VIEWER && role <= ROLE_OWNER ? NULL :
		"must be viewer, deployer or owner";
}

static const struct json_field add_fields[] = {
	{ .name = "email", .type = JSON_STRING, .check = check_email,
	  .max = 1024, .offset = offsetof(struct add_args, email) },
	{ .name = "project", .type = JSON_STRING, .check = alb_label_check,
	  .offset = offsetof(struct add_args, project) },
	{ .name = "role", .type = JSON_STRING, .check = check_role,
	  .offset = offsetof(struct add_args, role) },
	{ .name = "expires_in", .type = JSON_INT, .required = true,
	  .min = 60, .max = 30 * DAY,
	  .offset = offsetof(struct add_args, expires_in) },
	{ .name = NULL },
};

static int
open_check(struct request *r)
{
	struct registration reg;

	if (registration_get(r->db, &reg) != 0)
		return fault_set(r->f, ERR_INTERNAL,
		    "The settings can not be read.");
	return reg.mode != REGISTRATION_CLOSED ? 0 : fault_set(r->f,
	    ERR_CONFLICT, "Registration is closed, with an invitation too: "
	    "an administrator can set it to \"invitation\".");
}

static int
add_read(struct request *r, const struct add_args *args, struct invitation *i)
{
	struct spot spot;
	int err;

	*i = (struct invitation){ .created = r->now,
		.expires = r->now + args->expires_in };
	if (args->email != NULL)
		email_fold(args->email, i->email);
	snprintf(i->by_id, sizeof(i->by_id), "%s", r->who.user);
	snprintf(i->by, sizeof(i->by), "%s", r->who.name);
	if (args->project == NULL && args->role != NULL)
		return fault_field(r->f, "role", "needs a project");
	if (args->project == NULL)
		return may_invite(r, NULL, &spot);
	err = identity_may(r->db, &r->who, ACTION_MEMBERS,
	    op_fold(args->project, i->project), &spot, r->f);
	if (err != 0)
		return err;
	snprintf(i->project_id, sizeof(i->project_id), "%s",
	    spot.project_id);
	i->role = args->role == NULL ? ROLE_VIEWER :
		(enum role)role_parse(args->role);
	return 0;
}

/*
 * Mails to one address are spaced, whoever asks for them; and those of one who
 * is no administrator, to whomever they are.
 */
static int
mail_check(struct request *r, const struct invitation *i)
{
	struct backoff_count own = { .free = INVITATIONS_OWN };
	int wait = 0;

	snprintf(own.who, sizeof(own.who), "by %s", r->who.user);
	if (i->email[0] != '\0' && !r->who.admin)
		wait = backoff_try(&r->a->mails, &own, 1, r->now);
	if (i->email[0] != '\0' && wait == 0)
		wait = link_wait(r->a, i->email, r->now);
	r->f->wait = wait;
	return wait == 0 ? 0 : fault_set(r->f, ERR_RATE, "Too many mails were "
	    "asked for; try again in %d s.", wait);
}

static int
add_write(struct request *r, struct invitation *i,
	char secret[TOKEN_LENGTH + 1])
{
	struct db *d = database_write_begin(r->a->store, r->f);
	int err;

	if (d == NULL)
		return r->f->err;
	err = invitations_sweep(d, r->now);
	if (err == 0)
		err = invitation_add(d, i, secret, r->f);
	if (err == 0)
		err = op_audit(r, d, "invitation-add", i->project[0] != '\0' ?
		    i->project : NULL, i->email);
	return op_store_fault(r, database_write_end(r->a->store, err, r->f));
}

static int
add(struct request *r, const void *in, struct json_object *out)
{
	char secret[TOKEN_LENGTH + 1] = "";
	struct invitation i;
	int err = add_read(r, in, &i);

	if (err == 0)
		err = open_check(r);
	if (err == 0)
		err = mail_check(r, &i);
	if (err == 0)
		err = add_write(r, &i, secret);
	if (err == 0) {
		json_object_object_add(out, "invitation",
		    invitation_to_json(&i));
		json_add_str(out, "secret", secret);
	}
	explicit_bzero(secret, sizeof(secret));
	return err;
}

/* ---- remove ---- */

struct remove_args {
	const char *id;
};

static const struct json_field remove_fields[] = {
	{ .name = "id", .type = JSON_STRING, .required = true, .max = 64,
	  .offset = offsetof(struct remove_args, id) },
	{ .name = NULL },
};

/* One that is not theirs to see is not there. */
static int
remove_find(struct request *r, const char *id, struct invitation *i)
{
	struct spot spot;

	if (invitation_get(r->db, id, r->now, i, r->f) == 0 &&
	    may_invite(r, i->project[0] == '\0' ? NULL : i->project,
	    &spot) == 0)
		return 0;
	*r->f = (struct fault){ 0 };
	return fault_set(r->f, ERR_NOT_FOUND, "There is no such invitation.");
}

static int
removing(struct request *r, const void *in, struct json_object *out)
{
	const struct remove_args *args = in;
	struct invitation i;
	struct db *d;
	int err = remove_find(r, args->id, &i);

	if (err != 0)
		return err;
	d = database_write_begin(r->a->store, r->f);
	if (d == NULL)
		return r->f->err;
	err = invitation_remove(d, i.id);
	if (err == 0)
		err = op_audit(r, d, "invitation-remove",
		    i.project[0] != '\0' ? i.project : NULL, i.email);
	return op_store_fault(r, database_write_end(r->a->store, err, r->f));
}

/* ---- look ---- */

struct look_args {
	const char *secret;
};

static const struct json_field look_fields[] = {
	{ .name = "secret", .type = JSON_STRING, .required = true, .max = 128,
	  .offset = offsetof(struct look_args, secret) },
	{ .name = NULL },
};

/* For who has the link, before they register. */
static int
look(struct request *r, const void *in, struct json_object *out)
{
	const struct look_args *args = in;
	struct invitation i;
	int err = invitation_find(r->db, args->secret, r->now, &i, r->f);

	if (err == 0)
		json_object_object_add(out, "invitation",
		    invitation_to_json(&i));
	return err;
}

const struct op invitation_ops[] = {
	{ "invitation-list", OP_ANY, 0, true, list_fields,
	  sizeof(struct list_args), list },
	{ "invitation-add", OP_SESSION | OP_PROVED, 0, false, add_fields,
	  sizeof(struct add_args), add },
	{ "invitation-remove", OP_SESSION | OP_PROVED, 0, false,
	  remove_fields, sizeof(struct remove_args), removing },
	{ "invitation-look", OP_NOBODY, 0, true, look_fields,
	  sizeof(struct look_args), look },
	{ .name = NULL },
};
