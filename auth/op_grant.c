/* SPDX-License-Identifier: ISC */
/* op_grant: making and ending grants, for a day and standing ones. */
#include <stdio.h>
#include <string.h>

#include "auth/client.h"
#include "auth/ops.h"

#define TARGET_SIZE (3 * (ALB_LABEL_MAX + 1))

struct make_args {
	const char *kind;	/* of a standing one */
	const char *instance;
	const char *project;
	const char *name;
};

#define NAME(member, needed)						\
	{ .name = #member, .type = JSON_STRING, .required = needed,	\
	  .check = alb_label_check,					\
	  .offset = offsetof(struct make_args, member) }

static const struct json_field make_fields[] = {
	NAME(instance, true), NAME(project, true), NAME(name, true),
	{ .name = NULL },
};

#define BIT(scope) (UINT32_C(1) << (scope))

/*
 * Of what they are, what their maker needs there now, and what the grants that
 * are asked for with one may hold. Copies only read the volume; what is stopped
 * for one is deployed again.
 */
static const struct standing {
	enum grant_kind kind;
	bool placed;		/* else of all that one may see */
	enum scope needed;
	uint32_t scopes;
} standings[] = {
	{ GRANT_UPDATES, true, SCOPE_UNIKERNEL_DEPLOY,
	  BIT(SCOPE_UNIKERNEL_READ) | BIT(SCOPE_UNIKERNEL_DEPLOY) |
	  BIT(SCOPE_UNIKERNEL_RESTART) },
	{ GRANT_COPIES, true, SCOPE_VOLUME_READ,
	  BIT(SCOPE_VOLUME_READ) | BIT(SCOPE_UNIKERNEL_READ) |
	  BIT(SCOPE_UNIKERNEL_DEPLOY) | BIT(SCOPE_UNIKERNEL_RESTART) },
	{ .kind = GRANT_NOTICES },
};

#define STANDINGS (sizeof(standings) / sizeof(standings[0]))

static const struct standing *
standing_find(enum grant_kind kind)
{
	for (size_t i = 0; i < STANDINGS; i++)
		if (standings[i].kind == kind)
			return &standings[i];
	return NULL;
}

static const char *
check_standing(const char *s)
{
	return standing_find(grant_kind_parse(s)) != NULL ? NULL :
		"must be updates, copies or notices";
}

static const struct json_field standing_fields[] = {
	{ .name = "kind", .type = JSON_STRING, .required = true,
	  .check = check_standing,
	  .offset = offsetof(struct make_args, kind) },
	NAME(instance, false), NAME(project, false), NAME(name, false),
	{ .name = NULL },
};

/* Takes scope into held if it is theirs there; no tells why it is not. */
static int
scope_take(struct request *r, const struct identity *who, enum scope scope,
	const struct place *place, uint32_t *held, struct fault *no)
{
	struct spot spot;
	int err;

	*no = (struct fault){ 0 };
	err = identity_allowed(r->db, who, scope, place, &spot, no);
	if (err == 0)
		*held |= BIT(scope);
	return err == 0 || err == ERR_FORBIDDEN || err == ERR_ARCHIVED ? 0 :
		fault_set(r->f, err, "%s", no->detail);
}

/*
 * What the maker may do with the unikernel, which is to restart it at least.
 * Who deploys may also take away again what the deployment made.
 */
static int
scopes_held(struct request *r, const struct place *place, uint32_t *held)
{
	static const enum scope asked[] = { SCOPE_UNIKERNEL_READ,
		SCOPE_UNIKERNEL_DEPLOY, SCOPE_UNIKERNEL_RESTART };
	struct identity who = r->who;
	struct fault no;
	int err = 0;

	/* One for copies names their volume: any unikernel may use that. */
	if (who.grant == GRANT_COPIES)
		who.token.limits.patterns[0] = '\0';
	*held = 0;
	for (size_t i = 0; err == 0 && i < sizeof(asked) / sizeof(asked[0]);
	    i++)
		err = scope_take(r, &who, asked[i], place, held, &no);
	if (err != 0)
		return err;
	/* The last that was asked says what is missing. */
	if ((*held & (BIT(SCOPE_UNIKERNEL_DEPLOY) |
	    BIT(SCOPE_UNIKERNEL_RESTART))) == 0)
		return fault_set(r->f, no.err, "%s", no.detail);
	if ((*held & BIT(SCOPE_UNIKERNEL_DEPLOY)) != 0)
		*held |= BIT(SCOPE_UNIKERNEL_DESTROY);
	return 0;
}

/*
 * What the maker may do with the volume, which is to read it at least. Who
 * writes may also take away again what was made for it; and who uses the volume
 * is among what runs in the project.
 */
static int
volume_scopes_held(struct request *r, const struct place *place,
	uint32_t *held)
{
	const struct place project = { place->instance, place->project, NULL };
	struct fault no;
	int err;

	*held = 0;
	err = scope_take(r, &r->who, SCOPE_UNIKERNEL_READ, &project, held,
	    &no);
	if (err == 0)
		err = scope_take(r, &r->who, SCOPE_VOLUME_WRITE, place, held,
		    &no);
	if (err == 0)
		err = scope_take(r, &r->who, SCOPE_VOLUME_READ, place, held,
		    &no);
	if (err != 0)
		return err;
	if ((*held & BIT(SCOPE_VOLUME_READ)) == 0)
		return fault_set(r->f, ERR_FORBIDDEN, "%s", no.detail);
	if ((*held & BIT(SCOPE_VOLUME_WRITE)) != 0)
		*held |= BIT(SCOPE_VOLUME_DESTROY);
	return 0;
}

/* "instance/project/name", as the audit log has it. */
static void
target_make(const struct token_limits *l, char out[TARGET_SIZE])
{
	snprintf(out, TARGET_SIZE, "%.*s/%s/%.*s", ALB_LABEL_MAX,
	    l->instances, l->project, ALB_LABEL_MAX, l->patterns);
}

/* Rows of what a grant does name it by its id, which these tell. */
static int
grant_audit(struct request *r, struct db *d, const char *action,
	enum grant_kind kind, const struct token *grant)
{
	char target[TARGET_SIZE], detail[64];

	target_make(&grant->limits, target);
	snprintf(detail, sizeof(detail), "%s %s", grant_kind_name(kind),
	    grant->id);
	return op_audit(r, d, action, kind == GRANT_NOTICES ? NULL : target,
	    detail);
}

/* Made with a standing grant, it outlives that as it does a session. */
static int
grant_write(struct request *r, const char *action, enum grant_kind kind,
	struct token *grant, const char *secret)
{
	const char *maker = r->who.grant == GRANT_NONE ? r->who.token.id : "";
	struct db *d = database_write_begin(r->a->store, r->f);
	int err;

	if (d == NULL)
		return r->f->err;
	err = grant_add(d, kind, grant, maker, secret, r->now, grant->id);
	if (err == 0)
		err = grant_audit(r, d, action, kind, grant);
	return op_store_fault(r, database_write_end(r->a->store, err, r->f));
}

/* Nothing tells the secret again. */
static int
grant_give(struct request *r, const char *action, enum grant_kind kind,
	struct token *grant, struct json_object *out)
{
	char secret[TOKEN_LENGTH + 1];
	int err;

	snprintf(grant->user, sizeof(grant->user), "%s", r->who.user);
	token_make(AUTH_GRANT_PREFIX, secret);
	err = grant_write(r, action, kind, grant, secret);
	if (err == 0) {
		json_add_str(out, "grant", secret);
		json_add_str(out, "id", grant->id);
		json_add_int(out, "expires", grant->expires);
	}
	explicit_bzero(secret, sizeof(secret));
	return err;
}

static void
place_take(const struct make_args *args, char folded[3][ALB_LABEL_MAX + 1],
	struct place *place)
{
	place->instance = op_fold(args->instance, folded[0]);
	place->project = op_fold(args->project, folded[1]);
	place->name = op_fold(args->name, folded[2]);
}

static void
limits_set(struct token_limits *l, const struct place *place)
{
	snprintf(l->instances, sizeof(l->instances), "%s", place->instance);
	snprintf(l->project, sizeof(l->project), "%s", place->project);
	snprintf(l->patterns, sizeof(l->patterns), "%s", place->name);
}

/* What happens by itself rests while the project is archived. */
static int
standing_check(struct request *r, const struct place *place)
{
	const struct place project = { place->instance, place->project, NULL };
	struct spot spot;
	int err;

	if (r->who.grant == GRANT_NONE)
		return 0;
	err = identity_at(r->db, &r->who, &project, &spot, r->f);
	return err != 0 || !spot.archived ? err :
		archived_refuse(r->f, place->project);
}

/* For a day: what held tells at the place in args. */
static int
day_make(struct request *r, const void *args, enum grant_kind kind,
	int (*held)(struct request *r, const struct place *place,
	uint32_t *held), struct json_object *out)
{
	char folded[3][ALB_LABEL_MAX + 1];
	struct token grant = { .expires = r->now + GRANT_SECONDS };
	struct place place;
	int err;

	place_take(args, folded, &place);
	err = standing_check(r, &place);
	if (err == 0)
		err = held(r, &place, &grant.limits.scopes);
	if (err != 0)
		return err;
	limits_set(&grant.limits, &place);
	return grant_give(r, kind == GRANT_VOLUME ? "volume-grant-make" :
	    "grant-make", kind, &grant, out);
}

static int
make(struct request *r, const void *in, struct json_object *out)
{
	return day_make(r, in, GRANT_DEPLOYMENT, scopes_held, out);
}

static int
volume_make(struct request *r, const void *in, struct json_object *out)
{
	return day_make(r, in, GRANT_VOLUME, volume_scopes_held, out);
}

/* ---- standing ones ---- */

static int
place_check(struct request *r, const struct make_args *args,
	const struct standing *s)
{
	const struct {
		const char *field;
		const char *value;
	} names[] = { { "instance", args->instance },
		{ "project", args->project }, { "name", args->name } };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (s->placed && names[i].value == NULL)
			fault_field(r->f, names[i].field, "is missing");
		if (!s->placed && names[i].value != NULL)
			fault_field(r->f, names[i].field,
			    "must be left out for %s", args->kind);
	}
	return r->f->err;
}

/* Who may not do it now has nothing to give away. */
static int
limits_fill(struct request *r, const struct make_args *args,
	const struct standing *s, struct token_limits *l)
{
	char folded[3][ALB_LABEL_MAX + 1];
	struct place place;
	struct spot spot;
	int err;

	place_take(args, folded, &place);
	err = identity_allowed(r->db, &r->who, s->needed, &place, &spot,
	    r->f);
	if (err == 0 && spot.archived)
		err = archived_refuse(r->f, place.project);
	if (err != 0)
		return err;
	l->scopes = s->scopes;
	limits_set(l, &place);
	return 0;
}

static int
standing_make(struct request *r, const void *in, struct json_object *out)
{
	const struct make_args *args = in;
	const struct standing *s = standing_find(
		grant_kind_parse(args->kind));
	struct token grant = { .expires = r->now + GRANT_STANDING_SECONDS };
	int err = place_check(r, args, s);

	if (err == 0 && s->placed)
		err = limits_fill(r, args, s, &grant.limits);
	if (err != 0)
		return err;
	return grant_give(r, "standing-grant-make", s->kind, &grant, out);
}

static int
end(struct request *r, const void *in, struct json_object *out)
{
	struct db *d = database_write_begin(r->a->store, r->f);
	int err;

	if (d == NULL)
		return r->f->err;
	err = grant_remove(d, r->who.token.id);
	if (err == 0)
		err = grant_audit(r, d, "grant-end", r->who.grant,
		    &r->who.token);
	return op_store_fault(r, database_write_end(r->a->store, err, r->f));
}

const struct op grant_ops[] = {
	{ "grant-make", OP_ANY, GRANT_UPDATES | GRANT_COPIES, false,
	  make_fields, sizeof(struct make_args), make },
	{ "volume-grant-make", OP_ANY, GRANT_COPIES, false, make_fields,
	  sizeof(struct make_args), volume_make },
	{ "standing-grant-make", OP_SESSION, 0, false, standing_fields,
	  sizeof(struct make_args), standing_make },
	{ "grant-end", OP_GRANT,
	  GRANT_DEPLOYMENT | GRANT_UPDATES | GRANT_NOTICES | GRANT_VOLUME |
	  GRANT_COPIES, false, NULL, 0, end },
	{ .name = NULL },
};
