/* SPDX-License-Identifier: ISC */
/* op_secret: the secrets of a project: which there are, writing, removing. */
#include <stdio.h>
#include <string.h>

#include "auth/ops.h"
#include "auth/secrets.h"
#include "base/message.h"
#include "base/text.h"

struct secret_args {
	const char *project;
	const char *name;
	const char *value;
};

#define PROJECT								\
	{ .name = "project", .type = JSON_STRING, .required = true,	\
	  .check = alb_label_check,					\
	  .offset = offsetof(struct secret_args, project) }
#define NAME								\
	{ .name = "name", .type = JSON_STRING, .required = true,	\
	  .check = alb_label_check,					\
	  .offset = offsetof(struct secret_args, name) }

static const struct json_field list_fields[] = {
	PROJECT,
	{ .name = NULL },
};

static const struct json_field set_fields[] = {
	PROJECT,
	NAME,
	{ .name = "value", .type = JSON_STRING, .required = true,
	  .check = secret_value_check,
	  .offset = offsetof(struct secret_args, value) },
	{ .name = NULL },
};

static const struct json_field remove_fields[] = {
	PROJECT,
	NAME,
	{ .name = NULL },
};

/* Where, and what it is called; folded. */
struct secret_place {
	char project[ALB_LABEL_MAX + 1];
	char name[ALB_LABEL_MAX + 1];
	char target[2 * ALB_LABEL_MAX + 2];	/* "project/name" */
	struct spot spot;
};

/*
 * A secret may be in any unikernel of the project, on any instance: a token
 * that is narrowed to some has no say.
 */
static int
place_find(struct request *r, const struct secret_args *args,
	enum scope scope, struct secret_place *p)
{
	struct place place = { .project = op_fold(args->project, p->project) };
	const struct token_limits *l = &r->who.token.limits;

	op_fold(args->name == NULL ? "" : args->name, p->name);
	snprintf(p->target, sizeof(p->target), "%s/%s", p->project, p->name);
	if (scope != SCOPE_UNIKERNEL_READ && r->who.token.id[0] != '\0' &&
	    (l->patterns[0] != '\0' || l->instances[0] != '\0'))
		return fault_set(r->f, ERR_FORBIDDEN, "The token is limited "
		    "to some unikernels or instances; a secret is of all of "
		    "them.");
	/* In an archived project one may be taken away. */
	return (args->value == NULL ? identity_holds : identity_allowed)(r->db,
	    &r->who, scope, &place, &p->spot, r->f);
}

static int
list(struct request *r, const void *in, struct json_object *out)
{
	struct secret_place p;
	int err = place_find(r, in, SCOPE_UNIKERNEL_READ, &p);

	if (err == 0)
		json_object_object_add(out, "items", secret_list(r->db,
		    p.spot.project_id));
	return err;
}

static int
set(struct request *r, const void *in, struct json_object *out)
{
	const struct secret_args *args = in;
	struct secret_place p;
	struct db *d;
	int err = place_find(r, args, SCOPE_UNIKERNEL_DEPLOY, &p);

	if (err != 0)
		return err;
	d = database_write_begin(r->a->store, r->f);
	if (d == NULL)
		return r->f->err;
	err = secret_set(d, &r->a->keyring, p.spot.project_id, p.name,
	    args->value, r->who.name, r->now, r->f);
	if (err == 0)
		err = op_audit(r, d, "secret-set", p.target, NULL);
	return op_store_fault(r, database_write_end(r->a->store, err, r->f));
}

static int
remove_secret(struct request *r, const void *in, struct json_object *out)
{
	struct secret_place p;
	struct db *d;
	int err = place_find(r, in, SCOPE_UNIKERNEL_DEPLOY, &p);

	if (err != 0)
		return err;
	d = database_write_begin(r->a->store, r->f);
	if (d == NULL)
		return r->f->err;
	err = secret_remove(d, p.spot.project_id, p.name);
	if (err == ERR_NOT_FOUND)
		fault_set(r->f, err, "Project %s has no secret %s.",
		    p.project, p.name);
	if (err == 0)
		err = op_audit(r, d, "secret-remove", p.target, NULL);
	return op_store_fault(r, database_write_end(r->a->store, err, r->f));
}

/* ---- for the service ---- */

/* Of JSON, so that the answer fits into a message. */
#define MARKS_BUDGET (MESSAGE_MAX / 2)

struct marks_args {
	const char *after;
	int64_t known;
	bool has_known;
};

static const struct json_field marks_fields[] = {
	{ .name = "after", .type = JSON_STRING, .max = ALB_LABEL_MAX,
	  .offset = offsetof(struct marks_args, after) },
	{ .name = "known", .type = JSON_INT, .max = INT64_MAX,
	  .offset = offsetof(struct marks_args, known),
	  .given = offsetof(struct marks_args, has_known) },
	{ .name = NULL },
};

/* Nothing but the revision for whoever knows it already. */
static int
marks(struct request *r, const void *in, struct json_object *out)
{
	const struct marks_args *args = in;
	int64_t revision = secret_revision(r->db);
	uint8_t key[KEYRING_BYTES];
	struct json_object *items;
	char hex[2 * KEYRING_BYTES + 1];
	bool more;

	json_add_int(out, "revision", revision);
	if (args->has_known && args->known == revision)
		return 0;
	items = secret_marks(r->db, &r->a->keyring, args->after == NULL ? "" :
	    args->after, MARKS_BUDGET, key, &more, r->f);
	if (items == NULL)
		return r->f->err;
	hex_encode(key, sizeof(key), hex);
	json_add_str(out, "key", hex);
	json_object_object_add(out, "projects", items);
	json_add_bool(out, "more", more);
	explicit_bzero(key, sizeof(key));
	explicit_bzero(hex, sizeof(hex));
	return 0;
}

const struct op secret_ops[] = {
	{ "secret-list", OP_ANY, 0, true, list_fields,
	  sizeof(struct secret_args), list },
	{ "secret-set", OP_ANY, 0, false, set_fields,
	  sizeof(struct secret_args), set },
	{ "secret-remove", OP_ANY, 0, false, remove_fields,
	  sizeof(struct secret_args), remove_secret },
	{ "secret-marks", OP_NOBODY, 0, true, marks_fields,
	  sizeof(struct marks_args), marks },
	{ .name = NULL },
};
