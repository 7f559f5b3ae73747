/* SPDX-License-Identifier: ISC */
/* ops: from a message to its answer; see ops.h. */
#include "auth/ops.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "auth/proof.h"
#include "auth/record.h"
#include "auth/sessions.h"
#include "base/log.h"
#include "base/message.h"
#include "base/text.h"

/* How often a token's last use is written, in seconds. */
#define USE_INTERVAL 60

struct message {
	const char *op;
	struct json_object *args;
	const char *cookie;
	const char *bearer;
	const char *address;
	const char *user_agent;
	const char *device;
	const char *request_id;
	const char *change;
	const char *about;
};

#define TEXT(field, most) \
	{ .name = #field, .type = JSON_STRING, .max = most, \
	  .offset = offsetof(struct message, field) }

static const struct json_field message_fields[] = {
	{ .name = "op", .type = JSON_STRING, .required = true, .max = 32,
	  .offset = offsetof(struct message, op) },
	{ .name = "args", .type = JSON_OBJECT,
	  .offset = offsetof(struct message, args) },
	TEXT(cookie, MESSAGE_MAX),
	TEXT(bearer, MESSAGE_MAX),
	TEXT(address, 64),
	TEXT(user_agent, MESSAGE_MAX),
	TEXT(device, MESSAGE_MAX),
	TEXT(request_id, 64),
	TEXT(change, 160),
	TEXT(about, MESSAGE_MAX),
	{ .name = NULL },
};

static const struct json_field no_fields[] = { { .name = NULL } };

static const struct op *const tables[] = {
	session_ops,
	account_ops,
	approval_ops,
	recover_ops,
	invitation_ops,
	user_ops,
	mint_ops,
	project_ops,
	member_ops,
	policy_ops,
	instance_ops,
	token_ops,
	grant_ops,
	factor_ops,
	passkey_ops,
	secret_ops,
	audit_ops,
	me_ops,
};

static const struct op *
op_find(const char *name)
{
	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++)
		for (const struct op *op = tables[i]; op->name != NULL; op++)
			if (strcmp(op->name, name) == 0)
				return op;
	return NULL;
}

const char *
op_fold(const char *s, char out[ALB_LABEL_MAX + 1])
{
	if (s == NULL)
		return NULL;
	alb_label_fold(s, out);
	return out;
}

int
op_project_allowed(struct request *r, enum scope scope, const char *project,
	char name[ALB_LABEL_MAX + 1], struct spot *spot)
{
	struct place place = { .project = op_fold(project, name) };

	return identity_allowed(r->db, &r->who, scope, &place, spot, r->f);
}

int
op_store_fault(struct request *r, int err)
{
	if (err == 0 || r->f->err != ERR_OK)
		return err;
	return fault_set(r->f, err, "It could not be stored.");
}

struct audit_entry
op_entry(struct request *r, const char *action, const char *target,
	const char *detail)
{
	identity_credential(&r->who, r->credential);
	return (struct audit_entry){ .action = action, .result = "ok",
		.user = text_or_null(r->who.user),
		.user_name = text_or_null(r->who.name),
		.credential = text_or_null(r->credential),
		.address = r->address, .request_id = r->request_id,
		.target = target, .detail = detail };
}

void
op_found(struct request *r, const struct account *account)
{
	snprintf(r->who.user, sizeof(r->who.user), "%s", account->id);
	snprintf(r->who.name, sizeof(r->who.name), "%s", account->name);
	snprintf(r->who.email, sizeof(r->who.email), "%s", account->email);
	r->who.admin = account->admin;
}

int
op_audit(struct request *r, struct db *d, const char *action,
	const char *target, const char *detail)
{
	struct audit_entry e = op_entry(r, action, target, detail);

	return audit_write(&r->a->audit, d, &e);
}

static const char *
grant_purpose(enum grant_kind kind)
{
	switch (kind) {
	case GRANT_DEPLOYMENT:
		return "a deployment";
	case GRANT_VOLUME:
		return "a volume";
	default:
		return grant_kind_name(kind);
	}
}

/* A grant is asked for its kind alone: no level is reached with one. */
static int
grant_check(struct request *r, const struct op *op)
{
	if ((op->grants & r->who.grant) != 0)
		return 0;
	return fault_set(r->f, ERR_FORBIDDEN, "A grant for %s is not for "
	    "that.", grant_purpose(r->who.grant));
}

static int
enrol_check(struct request *r, const struct op *op)
{
	if (!r->who.enrol || r->who.session[0] == '\0' ||
	    (op->who & OP_ENROLS) != 0)
		return 0;
	return fault_set(r->f, ERR_ENROL, "Administrators need a second "
	    "factor here: set one up first.");
}

static int
who_check(struct request *r, const struct op *op, unsigned who)
{
	if (r->who.grant != GRANT_NONE)
		return grant_check(r, op);
	if (who == OP_GRANT)
		return fault_set(r->f, ERR_FORBIDDEN,
		    "Only a grant can do this.");
	if (who == OP_SESSION && r->who.session[0] == '\0')
		return fault_set(r->f, ERR_FORBIDDEN,
		    "This needs a session, a token can not do it.");
	if (enrol_check(r, op) != 0)
		return r->f->err;
	if (who == OP_ADMIN && !identity_is_admin(&r->who))
		return fault_set(r->f, ERR_FORBIDDEN,
		    "This is for administrators.");
	return (op->who & OP_PROVED) != 0 ? proof_needed(r) : 0;
}

static int
who_find(struct request *r, const struct op *op, const struct message *m)
{
	unsigned who = op->who & OP_WHO;
	struct fault f = { 0 };
	int err;

	if (who == OP_NOBODY)
		return 0;
	err = identity_find(r->a, r->db, m->cookie, m->bearer, r->now,
	    &r->who, who == OP_MAYBE ? &f : r->f);
	/* Whom a credential that is not valid names, was not here. */
	if (err != 0)
		r->who = (struct identity){ 0 };
	if (who == OP_MAYBE)
		return 0;
	return err != 0 ? err : who_check(r, op, who);
}

/* When to note a use again: then, or after a clock was set back. */
static bool
is_due(time_t now, time_t last, time_t interval)
{
	return now < last || now - last >= interval;
}

/*
 * Last use of a token or session, written rarely so that reads stay reads. That
 * it fails is no reason to refuse the request.
 */
static void
use_record(struct request *r)
{
	const struct identity *who = &r->who;
	bool session = who->session[0] != '\0';
	struct fault f = { 0 };
	struct db *d;
	int err;

	if (who->grant != GRANT_NONE || !(session ?
	    is_due(r->now, who->used, SESSION_USE_INTERVAL) :
	    is_due(r->now, who->token.last_used, USE_INTERVAL)))
		return;
	d = database_write_begin(r->a->store, &f);
	if (d == NULL)
		return;
	err = session ? session_used(d, who->session, who->user, r->address,
	    r->now) : token_used(d, who->token.id, r->address, r->now);
	database_write_end(r->a->store, err, &f);
}

static int
op_run(struct request *r, const struct op *op, struct json_object *args,
	struct json_object *out)
{
	const struct json_field *fields = op->fields == NULL ? no_fields :
		op->fields;
	void *in = calloc(1, op->size + 1);
	int err;

	if (in == NULL)
		return fault_set(r->f, ERR_NO_MEMORY, "Out of memory.");
	err = json_read(args, fields, in, "", r->f);
	if (err == 0)
		err = op->run(r, in, out);
	json_free(fields, in);
	free(in);
	return err;
}

static int
message_answer(struct request *r, const struct message *m,
	struct json_object *out)
{
	AUTO_JSON struct json_object *none = NULL;
	const struct op *op = op_find(m->op);
	struct json_object *args = m->args;
	int err;

	if (op == NULL)
		return fault_set(r->f, ERR_BAD_REQUEST, "No op \"%s\".",
		    m->op);
	if (args == NULL)
		args = none = json_object_new_object();
	if (db_read_begin(r->db) != 0)
		return fault_set(r->f, ERR_INTERNAL,
		    "The authority's database can not be read.");
	err = who_find(r, op, m);
	if (!op->reads)
		db_read_end(r->db);
	if (err == 0)
		err = op_run(r, op, args, out);
	db_read_end(r->db);
	if ((op->who & OP_WHO) != OP_NOBODY && r->who.user[0] != '\0')
		use_record(r);
	if (err != 0)
		record_refused(r, op, args, err);
	return err;
}

int
ops_local(struct authority *a, struct db *db, const char *user,
	const char *name, struct json_object *args, struct json_object *out,
	struct fault *f)
{
	struct request r = { .a = a, .db = db, .now = time(NULL), .f = f,
		.address = "local", .who = { .admin = true } };
	const struct op *op = op_find(name);
	struct account account;
	int err = 0;

	if (user != NULL) {
		err = account_by_id(db, user, &account);
		if (err != 0)
			return fault_set(f, err, "There is no such account.");
		r.who.admin = account.admin;
		snprintf(r.who.user, sizeof(r.who.user), "%s", account.id);
		snprintf(r.who.name, sizeof(r.who.name), "%s", account.name);
		snprintf(r.who.email, sizeof(r.who.email), "%s",
		    account.email);
	}
	return op_run(&r, op, args, out);
}

static struct json_object *
error_to_json(const struct fault *f)
{
	struct json_object *answer = json_object_new_object();
	struct json_object *error = json_object_new_object();
	struct json_object *fields = json_object_new_array();

	json_add_str(error, "code", err_code(f->err));
	json_add_str(error, "detail", f->detail);
	if (f->wait > 0)
		json_add_int(error, "wait", f->wait);
	for (size_t i = 0; i < f->nfields; i++) {
		struct json_object *o = json_object_new_object();

		json_add_str(o, "field", f->fields[i].field);
		json_add_str(o, "message", f->fields[i].message);
		json_object_array_add(fields, o);
	}
	json_object_object_add(error, "fields", fields);
	json_object_object_add(answer, "error", error);
	return answer;
}

struct json_object *
ops_answer(struct authority *a, struct db *db, struct json_object *message)
{
	struct json_object *out = json_object_new_object(), *answer;
	struct fault f = { 0 };
	struct request r = { .a = a, .db = db, .now = time(NULL), .f = &f };
	struct message m = { 0 };
	int err;

	err = json_read(message, message_fields, &m, "", &f);
	r.address = m.address;
	r.user_agent = m.user_agent;
	r.device = m.device;
	r.request_id = m.request_id;
	r.change = m.change;
	r.about = m.about;
	if (err == 0)
		err = message_answer(&r, &m, out);
	record_sums(a, r.now, false);
	if (err != 0) {
		json_object_put(out);
		f.err = err;
		if (err == ERR_INTERNAL)
			log_event(LOG_LEVEL_ERROR, "request", "op", m.op,
			    "request_id", m.request_id, "error", f.detail,
			    NULL);
		return error_to_json(&f);
	}
	answer = json_object_new_object();
	json_object_object_add(answer, "ok", out);
	return answer;
}
