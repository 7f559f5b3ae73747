/* SPDX-License-Identifier: ISC */
/* op_grant: making and ending the grant of a deployment. */
#include <stdio.h>
#include <string.h>

#include "auth/grants.h"
#include "auth/ops.h"

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

/*
 * What the maker may do with the unikernel. Who deploys may also take away
 * again what the deployment made.
 */
static uint32_t
scopes_held(struct request *r, const struct place *place)
{
	static const enum scope asked[] = { SCOPE_UNIKERNEL_READ,
		SCOPE_UNIKERNEL_RESTART, SCOPE_UNIKERNEL_DEPLOY };
	uint32_t held = 0;
	struct fault f;
	struct spot spot;

	for (size_t i = 0; i < sizeof(asked) / sizeof(asked[0]); i++) {
		f = (struct fault){ 0 };
		if (identity_allowed(r->db, &r->who, asked[i], place, &spot,
		    &f) == 0)
			held |= UINT32_C(1) << asked[i];
	}
	if ((held & UINT32_C(1) << SCOPE_UNIKERNEL_DEPLOY) != 0)
		held |= UINT32_C(1) << SCOPE_UNIKERNEL_DESTROY;
	return held;
}

static int
make_write(struct request *r, const struct token *grant, const char *secret,
	const char *target)
{
	struct db *d = database_write_begin(r->a->store, r->f);
	char id[37];
	int err;

	if (d == NULL)
		return r->f->err;
	err = grant_add(d, grant, r->who.token.id, secret, r->now, id);
	if (err == 0)
		err = op_audit(r, d, "grant-make", target, id);
	return op_store_fault(r, database_write_end(r->a->store, err, r->f));
}

static int
make(struct request *r, const void *in, struct json_object *out)
{
	const struct make_args *args = in;
	char folded[3][ALB_LABEL_MAX + 1], secret[TOKEN_LENGTH + 1];
	char target[3 * ALB_LABEL_MAX + 3];
	const struct place place = { op_fold(args->instance, folded[0]),
		op_fold(args->project, folded[1]),
		op_fold(args->name, folded[2]) };
	struct token grant = { .expires = r->now + GRANT_SECONDS };
	struct spot spot;
	int err;

	/* The lesser of the two; it says what is missing. */
	err = identity_allowed(r->db, &r->who, SCOPE_UNIKERNEL_RESTART, &place,
	    &spot, r->f);
	grant.limits.scopes = scopes_held(r, &place);
	if (err != 0 && (grant.limits.scopes &
	    UINT32_C(1) << SCOPE_UNIKERNEL_DEPLOY) == 0)
		return err;
	*r->f = (struct fault){ 0 };
	snprintf(grant.user, sizeof(grant.user), "%s", r->who.user);
	snprintf(grant.limits.instances, TOKEN_LIST_SIZE, "%s",
	    place.instance);
	snprintf(grant.limits.project, sizeof(grant.limits.project), "%s",
	    place.project);
	snprintf(grant.limits.patterns, TOKEN_LIST_SIZE, "%s", place.name);
	snprintf(target, sizeof(target), "%s/%s/%s", place.instance,
	    place.project, place.name);
	token_make(GRANT_PREFIX, secret);
	err = make_write(r, &grant, secret, target);
	if (err == 0)
		json_add_str(out, "grant", secret);
	explicit_bzero(secret, sizeof(secret));
	return err;
}

static int
end(struct request *r, const void *in, struct json_object *out)
{
	struct db *d;
	int err;

	if (!r->who.grant)
		return fault_set(r->f, ERR_FORBIDDEN,
		    "Only a grant can be ended.");
	d = database_write_begin(r->a->store, r->f);
	if (d == NULL)
		return r->f->err;
	err = grant_remove(d, r->who.token.id);
	if (err == 0)
		err = op_audit(r, d, "grant-end", r->who.token.id, NULL);
	return op_store_fault(r, database_write_end(r->a->store, err, r->f));
}

const struct op grant_ops[] = {
	{ "grant-make", OP_ANY, false, make_fields, sizeof(struct make_args),
	  make },
	{ "grant-end", OP_GRANT, false, NULL, 0, end },
	{ .name = NULL },
};
