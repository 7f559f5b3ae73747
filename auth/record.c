/* SPDX-License-Identifier: ISC */
/* record: rows for what is refused or only allowed; see record.h. */
#include "auth/record.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

#define NAME_MAX_SHOWN 64

/*
 * A label, an id, a digest. Nothing that has a secret's form: those have "_"
 * in them, and passwords may be anything.
 */
static bool
is_name(const char *s)
{
	size_t len = strlen(s);

	for (size_t i = 0; i < len; i++)
		if (!isalnum((unsigned char)s[i]) && s[i] != '-' &&
		    s[i] != '.')
			return false;
	return len > 0 && len <= NAME_MAX_SHOWN;
}

/* "" when it is not there. */
static const char *
name_of(struct json_object *args, const char *key)
{
	struct json_object *o = json_member(args, key, json_type_string);
	const char *s = o == NULL ? NULL : json_object_get_string(o);

	if (s == NULL)
		return "";
	return is_name(s) ? s : "-";
}

/* An e-mail that is one; people type passwords into the wrong field. */
static bool
email_take(struct json_object *args, char out[RECORD_TARGET])
{
	struct json_object *o = json_member(args, "email", json_type_string);
	char email[EMAIL_SIZE];

	if (o == NULL)
		return false;
	if (email_fold(json_object_get_string(o), email) != NULL)
		snprintf(email, sizeof(email), "-");
	snprintf(out, RECORD_TARGET, "%s", email);
	return true;
}

void
record_target(const struct request *r, struct json_object *args,
	char out[RECORD_TARGET])
{
	static const char *const others[] = { "name", "id", "user", "to",
		"kind" };
	const char *instance = name_of(args, "instance");
	const char *project = name_of(args, "project");
	const char *name = name_of(args, "name");

	out[0] = '\0';
	if (name[0] == '\0')
		name = name_of(args, "label");
	if (instance[0] != '\0' || project[0] != '\0') {
		snprintf(out, RECORD_TARGET, "%s/%s/%s", instance, project,
		    name);
		return;
	}
	if (r->about != NULL) {
		snprintf(out, RECORD_TARGET, "%s", is_name(r->about) ?
		    r->about : "-");
		return;
	}
	if (email_take(args, out))
		return;
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]) &&
	    out[0] == '\0'; i++)
		snprintf(out, RECORD_TARGET, "%s", name_of(args, others[i]));
}

/* Commands that only look; under no project they need a right to change. */
static bool
command_reads(struct json_object *args)
{
	struct json_object *command = json_member(args, "command",
		json_type_object);
	int kind = alb_command_kind_parse(json_member_text(command, "kind",
		64));
	int scope = kind < 0 ? -1 : rights_of_command(kind, false);

	return scope >= 0 && (kind == ALB_POLICY_INFO || scope_reads(scope));
}

static bool
is_change(const struct request *r, const struct op *op,
	struct json_object *args)
{
	if (strcmp(op->name, "authorize") == 0)
		return r->change != NULL;
	if (strcmp(op->name, "mint") == 0)
		return !command_reads(args);
	/* The service never asks for what it may not have. */
	return !op->reads || strcmp(op->name, "watch-mint") == 0;
}

static const char *
action_of(const struct op *op)
{
	bool asked = strcmp(op->name, "authorize") == 0 ||
		strcmp(op->name, "change-refused") == 0;

	return asked ? "request" : op->name;
}

static const char *
detail_of(const struct request *r, struct json_object *args)
{
	int kind;

	if (r->change != NULL)
		return r->change;
	kind = alb_command_kind_parse(json_member_text(json_member(args,
	    "command", json_type_object), "kind", 64));
	return kind < 0 ? NULL : alb_command_name(kind);
}

/* That it can not be written is no other answer: nothing was done. */
void
record_refused(struct request *r, const struct op *op,
	struct json_object *args, int err)
{
	char target[RECORD_TARGET];
	struct audit_entry e;
	struct fault f = { 0 };

	if (!is_change(r, op, args))
		return;
	record_target(r, args, target);
	e = op_entry(r, action_of(op), text_or_null(target),
	    detail_of(r, args));
	e.result = err_code(err);
	if (refusals_take(&r->a->refusals, &e, r->now))
		audit_append(&r->a->audit, &e, &f);
}

int
record_allowed(struct request *r, const char *target)
{
	struct audit_entry e = op_entry(r, "request", target, r->change);

	return audit_append(&r->a->audit, &e, r->f);
}

void
record_sums(struct authority *a, time_t now, bool all)
{
	struct refusal sum;
	struct audit_entry e;
	struct fault f = { 0 };

	while (refusals_due(&a->refusals, now, all, &sum)) {
		refusal_entry(&sum, &e);
		audit_append(&a->audit, &e, &f);
	}
}
