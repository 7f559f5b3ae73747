/* SPDX-License-Identifier: ISC */
/* op_grant: making and ending the grant of a deployment. */
#include <stdio.h>
#include <string.h>

#include "auth/client.h"
#include "auth/ops.h"

#define TARGET_SIZE (3 * (ALB_LABEL_MAX + 1))

struct make_args {
	const char *instance;
	const char *project;
	const char *name;
};

#define NAME(member)							\
	{ .name = #member, .type = JSON_STRING, .required = true,	\
	  .check = op_check_label,					\
	  .offset = offsetof(struct make_args, member) }

static const struct json_field make_fields[] = {
	NAME(instance), NAME(project), NAME(name), { .name = NULL },
};

#define BIT(scope) (UINT32_C(1) << (scope))

/*
 * What the maker may do with the unikernel, which is to restart it at least.
 * Who deploys may also take away again what the deployment made.
 */
static int
scopes_held(struct request *r, const struct place *place, uint32_t *held)
{
	static const enum scope asked[] = { SCOPE_UNIKERNEL_READ,
		SCOPE_UNIKERNEL_DEPLOY, SCOPE_UNIKERNEL_RESTART };
	struct fault f = { 0 };
	struct spot spot;

	*held = 0;
	for (size_t i = 0; i < sizeof(asked) / sizeof(asked[0]); i++) {
		int err;

		f = (struct fault){ 0 };
		err = identity_allowed(r->db, &r->who, asked[i], place, &spot,
		    &f);
		if (err == 0)
			*held |= BIT(asked[i]);
		else if (err != ERR_FORBIDDEN)
			return fault_set(r->f, err, "%s", f.detail);
	}
	/* The last that was asked says what is missing. */
	if ((*held & (BIT(SCOPE_UNIKERNEL_DEPLOY) |
	    BIT(SCOPE_UNIKERNEL_RESTART))) == 0)
		return fault_set(r->f, ERR_FORBIDDEN, "%s", f.detail);
	if ((*held & BIT(SCOPE_UNIKERNEL_DEPLOY)) != 0)
		*held |= BIT(SCOPE_UNIKERNEL_DESTROY);
	return 0;
}

/* "instance/project/name", as the audit log has it. */
static void
target_make(const struct token_limits *l, char out[TARGET_SIZE])
{
	snprintf(out, TARGET_SIZE, "%.*s/%s/%.*s", ALB_LABEL_MAX,
	    l->instances, l->project, ALB_LABEL_MAX, l->patterns);
}

/* Later rows name the grant by its id, which this one tells. */
static int
make_write(struct request *r, const struct token *grant, const char *secret,
	char id[37])
{
	struct db *d = database_write_begin(r->a->store, r->f);
	char target[TARGET_SIZE];
	int err;

	if (d == NULL)
		return r->f->err;
	target_make(&grant->limits, target);
	err = grant_add(d, grant, r->who.token.id, secret, r->now, id);
	if (err == 0)
		err = op_audit(r, d, "grant-make", target, id);
	return op_store_fault(r, database_write_end(r->a->store, err, r->f));
}

static int
make(struct request *r, const void *in, struct json_object *out)
{
	const struct make_args *args = in;
	char folded[3][ALB_LABEL_MAX + 1];
	char secret[TOKEN_LENGTH + 1], id[37];
	const struct place place = { op_fold(args->instance, folded[0]),
		op_fold(args->project, folded[1]),
		op_fold(args->name, folded[2]) };
	struct token grant = { .expires = r->now + GRANT_SECONDS };
	int err = scopes_held(r, &place, &grant.limits.scopes);

	if (err != 0)
		return err;
	snprintf(grant.user, sizeof(grant.user), "%s", r->who.user);
	snprintf(grant.limits.instances, TOKEN_LIST_SIZE, "%s",
	    place.instance);
	snprintf(grant.limits.project, sizeof(grant.limits.project), "%s",
	    place.project);
	snprintf(grant.limits.patterns, TOKEN_LIST_SIZE, "%s", place.name);
	token_make(AUTH_GRANT_PREFIX, secret);
	err = make_write(r, &grant, secret, id);
	if (err == 0) {
		json_add_str(out, "grant", secret);
		json_add_str(out, "id", id);
	}
	explicit_bzero(secret, sizeof(secret));
	return err;
}

static int
end(struct request *r, const void *in, struct json_object *out)
{
	char target[TARGET_SIZE];
	struct db *d;
	int err;

	if (!r->who.grant)
		return fault_set(r->f, ERR_FORBIDDEN,
		    "Only a grant can be ended.");
	d = database_write_begin(r->a->store, r->f);
	if (d == NULL)
		return r->f->err;
	target_make(&r->who.token.limits, target);
	err = grant_remove(d, r->who.token.id);
	if (err == 0)
		err = op_audit(r, d, "grant-end", target, r->who.token.id);
	return op_store_fault(r, database_write_end(r->a->store, err, r->f));
}

const struct op grant_ops[] = {
	{ "grant-make", OP_ANY, false, make_fields, sizeof(struct make_args),
	  make },
	{ "grant-end", OP_GRANT, false, NULL, 0, end },
	{ .name = NULL },
};
