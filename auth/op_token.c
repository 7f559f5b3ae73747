/* SPDX-License-Identifier: ISC */
/* op_token: listing, making and revoking one's own tokens. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "auth/ops.h"

#define EXPIRES_MAX (365 * (int64_t)TOKEN_DAY)

static int
list(struct request *r, const void *args, struct json_object *out)
{
	json_object_object_add(out, "items", token_list(r->db, r->who.user));
	return 0;
}

struct create_args {
	const char *name;
	struct json_strings scopes;
	struct json_strings instances;
	const char *project;
	struct json_strings unikernels;
	int64_t expires_in;
};

static const char *
check_name(const char *s)
{
	for (; *s != '\0'; s++)
		if (iscntrl((unsigned char)*s))
			return "must not contain control characters";
	return NULL;
}

static const char *
check_scope(const char *s)
{
	return scope_parse(s) >= 0 ? NULL : "is not a scope";
}

/* What can match a label: its characters, "*" and "?". */
static const char *
check_pattern(const char *s)
{
	for (; *s != '\0'; s++)
		if (!isalnum((unsigned char)*s) && strchr(".-*?", *s) == NULL)
			return "may hold letters, digits, '.', '-', '*' and "
				"'?'";
	return NULL;
}

#define PLACE(field) .offset = offsetof(struct create_args, field)

static const struct json_field create_fields[] = {
	{ .name = "name", .type = JSON_STRING, .required = true, .min = 1,
	  .max = 64, .check = check_name, PLACE(name) },
	{ .name = "scopes", .type = JSON_STRINGS, .required = true,
	  .count_max = SCOPES, .check = check_scope, PLACE(scopes) },
	{ .name = "instances", .type = JSON_STRINGS,
	  .count_max = TOKEN_LIST_MAX, .check = alb_label_check,
	  PLACE(instances) },
	{ .name = "project", .type = JSON_STRING, .check = alb_label_check,
	  PLACE(project) },
	{ .name = "unikernels", .type = JSON_STRINGS, .min = 1, .max = 63,
	  .count_max = TOKEN_LIST_MAX, .check = check_pattern,
	  PLACE(unikernels) },
	{ .name = "expires_in", .type = JSON_INT, .required = true, .min = 1,
	  .max = EXPIRES_MAX, PLACE(expires_in) },
	{ .name = NULL },
};

/* Words fit: there are at most TOKEN_LIST_MAX of at most 63 bytes. */
static void
words_join(const struct json_strings *words, char out[TOKEN_LIST_SIZE])
{
	char *p = out;

	for (size_t i = 0; i < words->len; i++) {
		if (i > 0)
			*p++ = ' ';
		for (const char *s = words->items[i]; *s != '\0'; s++)
			*p++ = (char)tolower((unsigned char)*s);
	}
	*p = '\0';
}

static void
scopes_take(struct request *r, const struct create_args *args,
	struct token_limits *l)
{
	char field[32];

	if (args->scopes.len == 0)
		fault_field(r->f, "scopes", "must name at least one");
	for (size_t i = 0; i < args->scopes.len; i++) {
		enum scope scope = (enum scope)scope_parse(
			args->scopes.items[i]);

		l->scopes |= UINT32_C(1) << scope;
		if (r->who.admin || rights_allow(scope, ROLE_OWNER))
			continue;
		snprintf(field, sizeof(field), "scopes[%zu]", i);
		fault_field(r->f, field, "is for administrators");
	}
}

/* What it is narrowed to must be there: a typing error makes a dead token. */
static void
places_check(struct request *r, const struct token_limits *l)
{
	char list[TOKEN_LIST_SIZE], *rest = NULL;
	struct place place = { 0 };
	struct fault f = { 0 };
	struct spot spot;

	memcpy(list, l->instances, sizeof(list));
	for (char *word = strtok_r(list, " ", &rest); word != NULL;
	    word = strtok_r(NULL, " ", &rest)) {
		place.instance = word;
		if (identity_allowed(r->db, &r->who, SCOPE_INSTANCE_READ,
		    &place, &spot, &f) != 0)
			fault_field(r->f, "instances", "%s is not there",
			    word);
	}
	place = (struct place){ .project = l->project };
	if (l->project[0] != '\0' && identity_allowed(r->db, &r->who,
	    SCOPE_PROJECT_READ, &place, &spot, &f) != 0)
		fault_field(r->f, "project", "is not one of yours");
}

static int
create_write(struct request *r, const struct token *token, const char *name,
	const char *secret, char id[37])
{
	struct db *d = database_write_begin(r->a->store, r->f);
	int err;

	if (d == NULL)
		return r->f->err;
	err = token_add(d, token, name, secret, r->now, id);
	if (err == 0)
		err = op_audit(r, d, "token-create", id, name);
	return op_store_fault(r, database_write_end(r->a->store, err, r->f));
}

static int
create(struct request *r, const void *in, struct json_object *out)
{
	const struct create_args *args = in;
	char secret[TOKEN_LENGTH + 1], id[37];
	struct token token = { .expires = r->now + args->expires_in };
	int err;

	snprintf(token.user, sizeof(token.user), "%s", r->who.user);
	scopes_take(r, args, &token.limits);
	words_join(&args->instances, token.limits.instances);
	words_join(&args->unikernels, token.limits.patterns);
	op_fold(args->project, token.limits.project);
	places_check(r, &token.limits);
	if (token_count(r->db, r->who.user) >= TOKENS_MAX)
		fault_set(r->f, ERR_CONFLICT, "You have %d tokens, which is "
		    "the most; revoke some first.", TOKENS_MAX);
	if (r->f->err != ERR_OK)
		return r->f->err;
	token_make(TOKEN_PREFIX, secret);
	err = create_write(r, &token, args->name, secret, id);
	if (err == 0) {
		json_object_object_add(out, "token", token_get(r->db,
		    r->who.user, id));
		json_add_str(out, "secret", secret);
	}
	explicit_bzero(secret, sizeof(secret));
	return err;
}

/* ---- changing and revoking ---- */

struct set_args {
	const char *id;
	const char *name;
	int64_t expires_in;
	bool shorten;
};

static const struct json_field set_fields[] = {
	{ .name = "id", .type = JSON_STRING, .required = true, .max = 64,
	  .offset = offsetof(struct set_args, id) },
	{ .name = "name", .type = JSON_STRING, .min = 1, .max = 64,
	  .check = check_name, .offset = offsetof(struct set_args, name) },
	{ .name = "expires_in", .type = JSON_INT, .min = 0,
	  .max = EXPIRES_MAX, .offset = offsetof(struct set_args, expires_in),
	  .given = offsetof(struct set_args, shorten) },
	{ .name = NULL },
};

static int
token_missing(struct request *r)
{
	return fault_set(r->f, ERR_NOT_FOUND, "There is no such token.");
}

static int
set_write(struct request *r, const struct set_args *args)
{
	struct db *d = database_write_begin(r->a->store, r->f);
	int err = 0;

	if (d == NULL)
		return r->f->err;
	if (args->shorten)
		err = token_shorten(d, r->who.user, args->id, r->now +
		    args->expires_in);
	if (err == ERR_NOT_FOUND)
		err = fault_field(r->f, "expires_in_days", "can not be later "
		    "than it is");
	if (err == 0 && args->name != NULL)
		err = token_rename(d, r->who.user, args->id, args->name);
	if (err == 0)
		err = op_audit(r, d, "token-set", args->id, args->name);
	return op_store_fault(r, database_write_end(r->a->store, err, r->f));
}

/* Nothing that gives it more: for that, a new one is made. */
static int
set(struct request *r, const void *in, struct json_object *out)
{
	const struct set_args *args = in;
	struct json_object *token = token_get(r->db, r->who.user, args->id);
	int err;

	if (token == NULL)
		return token_missing(r);
	json_object_put(token);
	err = set_write(r, args);
	if (err != 0)
		return err;
	token = token_get(r->db, r->who.user, args->id);
	if (token == NULL)
		return token_missing(r);
	json_object_object_add(out, "token", token);
	return 0;
}

struct delete_args {
	const char *project;	/* NULL: one's own */
	const char *id;
};

static const struct json_field delete_fields[] = {
	{ .name = "id", .type = JSON_STRING, .required = true, .max = 64,
	  .offset = offsetof(struct delete_args, id) },
	{ .name = NULL },
};

static int
delete_write(struct request *r, const struct delete_args *args,
	const char *project)
{
	struct db *d = database_write_begin(r->a->store, r->f);
	int err;

	if (d == NULL)
		return r->f->err;
	err = project == NULL ? token_remove(d, r->who.user, args->id) :
		token_remove_of_project(d, project, args->id);
	if (err == ERR_NOT_FOUND)
		token_missing(r);
	if (err == 0)
		err = op_audit(r, d, "token-delete", args->id, project);
	return op_store_fault(r, database_write_end(r->a->store, err, r->f));
}

static int
delete(struct request *r, const void *in, struct json_object *out)
{
	return delete_write(r, in, NULL);
}

/* ---- those of a project, for its owners ---- */

static const struct json_field project_fields[] = {
	{ .name = "project", .type = JSON_STRING, .required = true,
	  .check = alb_label_check,
	  .offset = offsetof(struct delete_args, project) },
	{ .name = NULL },
};

static const struct json_field project_delete_fields[] = {
	{ .name = "project", .type = JSON_STRING, .required = true,
	  .check = alb_label_check,
	  .offset = offsetof(struct delete_args, project) },
	{ .name = "id", .type = JSON_STRING, .required = true, .max = 64,
	  .offset = offsetof(struct delete_args, id) },
	{ .name = NULL },
};

static int
project_list(struct request *r, const void *in, struct json_object *out)
{
	const struct delete_args *args = in;
	char project[ALB_LABEL_MAX + 1];
	struct spot spot;
	int err = op_project_allowed(r, SCOPE_PROJECT_ADMIN, args->project,
	    project, &spot);

	if (err == 0)
		json_object_object_add(out, "items",
		    token_list_of_project(r->db, project));
	return err;
}

static int
project_delete(struct request *r, const void *in, struct json_object *out)
{
	const struct delete_args *args = in;
	char project[ALB_LABEL_MAX + 1];
	struct spot spot;
	int err = op_project_allowed(r, SCOPE_PROJECT_ADMIN, args->project,
	    project, &spot);

	return err != 0 ? err : delete_write(r, in, project);
}

/* ---- those that expire soon, for the service, which mails it ---- */

static int
expiring(struct request *r, const void *args, struct json_object *out)
{
	json_object_object_add(out, "items", token_expiring(r->db, r->now));
	return 0;
}

/* No row: nothing changed but that somebody was told. */
static int
warned(struct request *r, const void *in, struct json_object *out)
{
	const struct delete_args *args = in;
	struct db *d = database_write_begin(r->a->store, r->f);

	if (d == NULL)
		return r->f->err;
	return op_store_fault(r, database_write_end(r->a->store,
	    token_warned(d, args->id, r->now), r->f));
}

const struct op token_ops[] = {
	{ "token-list", OP_SESSION, 0, true, NULL, 0, list },
	{ "token-create", OP_SESSION | OP_PROVED, 0, false, create_fields,
	  sizeof(struct create_args), create },
	{ "token-set", OP_SESSION, 0, false, set_fields,
	  sizeof(struct set_args), set },
	{ "token-delete", OP_SESSION, 0, false, delete_fields,
	  sizeof(struct delete_args), delete },
	{ "project-token-list", OP_ANY, 0, true, project_fields,
	  sizeof(struct delete_args), project_list },
	{ "project-token-delete", OP_SESSION, 0, false, project_delete_fields,
	  sizeof(struct delete_args), project_delete },
	{ "token-expiring", OP_NOBODY, 0, true, NULL, 0, expiring },
	{ "token-warned", OP_NOBODY, 0, false, delete_fields,
	  sizeof(struct delete_args), warned },
	{ .name = NULL },
};
