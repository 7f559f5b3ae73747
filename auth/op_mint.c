/* SPDX-License-Identifier: ISC */
/*
 * op_mint: "authorize", and "mint": the right, the limits of the protocol, the
 * policy and the level are checked before anything is signed, and the audit row
 * is on disk before the chain leaves. "watch-mint" is the same for what the
 * service itself reads.
 */
#include <stdio.h>
#include <string.h>

#include "albatross/json.h"
#include "auth/instances.h"
#include "auth/ops.h"
#include "auth/policies.h"
#include "auth/record.h"
#include "auth/secrets.h"
#include "base/text.h"

/* Where: as asked, and folded. */
struct where_args {
	const char *instance;
	const char *project;
	const char *name;
};

/*
 * A name that can not be one is one that is not there; but what something is
 * called is theirs to correct.
 */
static int
place_make(struct request *r, const struct where_args *in, struct place *out,
	char folded[3][ALB_LABEL_MAX + 1])
{
	const char *why = in->name == NULL ? NULL : alb_label_check(in->name);

	if (in->instance != NULL && alb_label_check(in->instance) != NULL)
		return fault_set(r->f, ERR_NOT_FOUND,
		    "There is no instance of that name.");
	if (in->project != NULL && alb_label_check(in->project) != NULL)
		return fault_set(r->f, ERR_NOT_FOUND,
		    "There is no project of that name.");
	if (why != NULL)
		return fault_field(r->f, "name", "%s", why);
	out->instance = op_fold(in->instance, folded[0]);
	out->project = op_fold(in->project, folded[1]);
	out->name = op_fold(in->name, folded[2]);
	return 0;
}

/* ---- authorize, identify ---- */

/* Whose credential it is, whatever they may do. */
static int
identify(struct request *r, const void *in, struct json_object *out)
{
	json_add_str(out, "user", r->who.user);
	json_add_str(out, "user_name", r->who.name);
	json_add_str(out, "token", r->who.token.id);
	json_add_bool(out, "admin", r->who.admin);
	json_add_int(out, "expires", r->who.expires);
	json_object_object_add(out, "names",
	    words_to_json(r->who.token.limits.patterns));
	return 0;
}

struct authorize_args {
	const char *scope;
	struct where_args where;
	bool archived;		/* also in an archived project */
};

static const struct json_field authorize_fields[] = {
	{ .name = "scope", .type = JSON_STRING, .required = true, .max = 64,
	  .offset = offsetof(struct authorize_args, scope) },
	{ .name = "instance", .type = JSON_STRING, .max = 1024,
	  .offset = offsetof(struct authorize_args, where.instance) },
	{ .name = "project", .type = JSON_STRING, .max = 1024,
	  .offset = offsetof(struct authorize_args, where.project) },
	{ .name = "name", .type = JSON_STRING, .max = 1024,
	  .offset = offsetof(struct authorize_args, where.name) },
	{ .name = "archived", .type = JSON_BOOL,
	  .offset = offsetof(struct authorize_args, archived) },
	{ .name = NULL },
};

/* What is to be changed, by others: the row is on disk before they may. */
static int
allowed_record(struct request *r, const struct place *place)
{
	char target[RECORD_TARGET];
	struct json_object *args = json_object_new_object();

	json_add_str(args, "instance", place->instance);
	json_add_str(args, "project", place->project);
	json_add_str(args, "name", place->name);
	record_target(r, args, target);
	json_object_put(args);
	db_read_end(r->db);
	return record_allowed(r, text_or_null(target));
}

static int
authorize(struct request *r, const void *in, struct json_object *out)
{
	const struct authorize_args *args = in;
	char folded[3][ALB_LABEL_MAX + 1];
	int err, scope = scope_parse(args->scope);
	struct place place;
	struct spot spot;

	if (scope < 0)
		return fault_field(r->f, "scope", "is not known");
	err = place_make(r, &args->where, &place, folded);
	if (err == 0)
		err = (args->archived ? identity_holds : identity_allowed)(
		    r->db, &r->who, scope, &place, &spot, r->f);
	if (err != 0)
		return err;
	identify(r, NULL, out);
	return r->change == NULL ? 0 : allowed_record(r, &place);
}

/* ---- mint ---- */

struct mint_args {
	const char *instance;
	const char *project;
	const char *label;
	struct json_object *command;
	struct json_object *policy;
};

static const struct json_field mint_fields[] = {
	{ .name = "instance", .type = JSON_STRING, .required = true,
	  .max = 1024, .offset = offsetof(struct mint_args, instance) },
	{ .name = "project", .type = JSON_STRING, .max = 1024,
	  .offset = offsetof(struct mint_args, project) },
	{ .name = "label", .type = JSON_STRING, .max = 1024,
	  .offset = offsetof(struct mint_args, label) },
	{ .name = "command", .type = JSON_OBJECT, .required = true,
	  .offset = offsetof(struct mint_args, command) },
	{ .name = "policy", .type = JSON_OBJECT,
	  .offset = offsetof(struct mint_args, policy) },
	{ .name = NULL },
};

/* Everything about one mint; freed as a whole. */
struct mint {
	char folded[3][ALB_LABEL_MAX + 1];
	struct place place;
	const char *label;	/* "" for the path itself */
	struct spot spot;
	struct alb_command command;
	struct allowance allowance;
	struct alb_policy tried;	/* one that is not stored yet */
	bool tries;
	const struct alb_policy *policy;	/* that goes along */
	struct instance instance;
	struct alb_chain chain;
	char target[3 * ALB_LABEL_MAX + 3];
	struct audit_entry entry;
	bool unrecorded;	/* no row: there was one a moment ago */
};

static void
mint_free(struct mint *m)
{
	alb_command_free(&m->command);
	allowance_free(&m->allowance);
	alb_policy_free(&m->tried);
	instance_free(&m->instance);
	alb_chain_free(&m->chain);
}

/*
 * May they? A restart that changes the configuration is a deploy of the same
 * image; and who deploys must see which volumes there are.
 */
static int
command_allowed(struct request *r, struct mint *m)
{
	const struct alb_command *c = &m->command;
	int scope = rights_of_command(c->kind, m->place.project == NULL);
	int err;

	if (scope < 0)
		return fault_field(r->f, "kind", "is not for anybody to send");
	if (scope == SCOPE_UNIKERNEL_RESTART && c->has_config)
		scope = SCOPE_UNIKERNEL_DEPLOY;
	err = identity_allowed(r->db, &r->who, scope, &m->place, &m->spot,
	    r->f);
	if (err != ERR_FORBIDDEN || scope != SCOPE_VOLUME_READ ||
	    c->kind != ALB_BLOCK_INFO)
		return err;
	*r->f = (struct fault){ 0 };
	return identity_allowed(r->db, &r->who, SCOPE_UNIKERNEL_DEPLOY,
	    &m->place, &m->spot, r->f);
}

/* And is it a command that may be sent at all? */
static int
mint_read(struct request *r, const struct mint_args *args, struct mint *m,
	int (*allowed)(struct request *r, struct mint *m))
{
	struct where_args where = { args->instance, args->project,
		args->label };
	int err;

	/* "" says as much as nothing: the project itself. */
	if (where.name != NULL && *where.name == '\0')
		where.name = NULL;
	err = place_make(r, &where, &m->place, m->folded);
	if (err == 0)
		err = alb_command_from_json(args->command, &m->command, r->f);
	if (err != 0)
		return err;
	m->label = m->place.name == NULL ? "" : m->place.name;
	err = allowed(r, m);
	if (err == 0)
		err = secret_expand(r->db, &r->a->keyring, m->spot.project_id,
		    &m->command.config, r->f);
	return err != 0 ? err :
	    alb_command_check(&m->command, m->label, r->f);
}

/*
 * A newer server dies of an older info request when a unikernel has several
 * CPUs (protocol section 8), so levels only ever go up.
 */
static int
level_check(struct request *r, const struct mint *m)
{
	if (m->command.kind != ALB_UNIKERNEL_INFO ||
	    m->instance.level < ALB_LEVEL_2_7 ||
	    m->command.level >= ALB_LEVEL_2_7)
		return 0;
	return fault_field(r->f, "level", "must be %s or newer: this instance "
	    "has spoken it", alb_level_text(ALB_LEVEL_2_7));
}

static int
block_check(struct request *r, const struct mint *m,
	const struct alb_policy *p)
{
	if (m->command.kind != ALB_BLOCK_ADD ||
	    (p->has_block && m->command.size <= p->block))
		return 0;
	if (!p->has_block)
		return fault_set(r->f, ERR_POLICY,
		    "The project's policy allows no volumes.");
	fault_set(r->f, ERR_POLICY, "The volume is larger than the project's "
	    "policy allows.");
	return fault_field(r->f, "size", "must be at most %lld",
	    (long long)p->block);
}

/* Does the command take something that a policy bounds? */
static bool
takes(const struct mint *m)
{
	return m->command.has_config ||
	    m->command.kind == ALB_UNIKERNEL_CREATE ||
	    m->command.kind == ALB_UNIKERNEL_FORCE_CREATE ||
	    m->command.kind == ALB_BLOCK_ADD;
}

static int
command_fits(struct request *r, const struct mint *m,
	const struct alb_policy *p)
{
	int err = !takes(m) || m->command.kind == ALB_BLOCK_ADD ? 0 :
		alb_config_check_policy(&m->command.config, p, r->f);

	return err != 0 ? err : block_check(r, m, p);
}

/* These go to daemons that apply no policy. */
static bool
is_apart(const struct mint *m)
{
	return m->command.kind == ALB_CONSOLE_SUBSCRIBE ||
	    m->command.kind == ALB_CONSOLE_INACTIVE ||
	    m->command.kind == ALB_STATS_SUBSCRIBE;
}

/*
 * albatross has another policy than ours, and each chain brings one that it
 * takes over. What takes nothing brings the one that is there, so nothing is
 * overwritten. What takes something may do so within both, never beyond ours:
 * what is there is only what somebody says that it is.
 */
static int
drift_check(struct request *r, struct mint *m)
{
	const struct allowance *a = &m->allowance;

	if (a->state != POLICY_DRIFT || is_apart(m))
		return 0;
	if (!a->has_seen || (takes(m) &&
	    alb_policy_exceeds(&a->policy, &a->seen) != NULL))
		return fault_set(r->f, ERR_DRIFT, "albatross has another "
		    "policy for project %s on %s than the one given here. An "
		    "administrator has to choose one of them first.",
		    m->place.project, m->place.instance);
	m->policy = &a->seen;
	return takes(m) ? command_fits(r, m, &a->seen) : 0;
}

/* The policy of the project, and the command held against it. */
static int
policy_check(struct request *r, struct mint *m)
{
	int err;

	if (m->place.project == NULL)
		return 0;
	if (m->tries) {
		m->policy = &m->tried;
		return 0;
	}
	err = policy_get(r->db, &m->spot, r->now, &m->allowance);
	if (err != 0)
		return fault_set(r->f, err,
		    "Project %s has no policy on instance %s.",
		    m->place.project, m->place.instance);
	m->policy = &m->allowance.policy;
	err = command_fits(r, m, m->policy);
	return err != 0 ? err : drift_check(r, m);
}

static int
chain_make(struct request *r, struct mint *m, struct signer *signer)
{
	int err = alb_chain_make(signer_alb(signer), m->place.project,
		m->policy, m->label, &m->command, r->now, &m->chain);

	return err == 0 ? 0 : fault_set(r->f, ERR_INTERNAL,
	    "The certificate could not be made.");
}

static void
entry_fill(struct request *r, struct mint *m, const char *action)
{
	m->entry = op_entry(r, action, m->target,
	    alb_command_name(m->command.kind));
}

/*
 * The row goes to the disk while the chain is made. Should making it fail,
 * which no input can bring about, another row says so.
 */
static int
chain_make_audited(struct request *r, struct mint *m, struct signer *signer)
{
	struct audit_ticket ticket;
	struct fault f = { 0 };
	int err, written;

	audit_start(&r->a->audit, &ticket, &m->entry);
	err = chain_make(r, m, signer);
	written = audit_finish(&r->a->audit, &ticket, &f);
	if (err != 0 && written == 0) {
		m->entry.result = err_code(err);
		audit_append(&r->a->audit, &m->entry, &f);
	}
	if (err == 0 && written != 0)
		return fault_set(r->f, written, "%s", f.detail);
	return err;
}

/*
 * The snapshot is let go before the row is written: as long as it is held, the
 * database's log can not start over, and grows with every mint.
 */
static int
sign(struct request *r, struct mint *m)
{
	struct signer *signer;
	int err = instance_signer(r->a, r->db, m->spot.instance_id, r->now,
		&signer, r->f);

	db_read_end(r->db);
	if (err != 0)
		return err;
	err = m->unrecorded ? chain_make(r, m, signer) :
	    chain_make_audited(r, m, signer);
	signers_release(&r->a->signers, signer);
	return err;
}

static bool
add_bytes(struct json_object *list, const gnutls_datum_t *bytes)
{
	char *text = base64_encode(bytes->data, bytes->size);
	bool ok = text != NULL && json_object_array_add(list,
	    json_object_new_string(text)) == 0;

	free(text);
	return ok;
}

int
op_chain_answer(struct request *r, const struct op_server *server,
	const struct alb_chain *c, struct json_object *out)
{
	struct json_object *chain = json_object_new_array();
	char *key = base64_encode(c->key.data, c->key.size);
	bool ok = key != NULL;

	for (size_t i = 0; i < c->ncerts; i++)
		ok = add_bytes(chain, &c->certs[i]) && ok;
	json_add_str(out, "host", server->host);
	json_add_int(out, "port", server->port);
	json_add_str(out, "server_ca", server->ca);
	json_object_object_add(out, "chain", chain);
	json_add_str(out, "key", key);
	if (key != NULL)
		explicit_bzero(key, strlen(key));
	free(key);
	return ok ? 0 : fault_set(r->f, ERR_NO_MEMORY, "Out of memory.");
}

static int
mint_answer(struct request *r, const struct mint *m, struct json_object *out)
{
	const struct op_server server = { m->instance.host, m->instance.port,
		m->instance.server_ca };

	json_object_object_add(out, "policy", m->place.project == NULL ? NULL :
	    alb_policy_to_json(m->policy));
	return op_chain_answer(r, &server, &m->chain, out);
}

/* What holds for a command whoever sends it. */
static int
mint_check(struct request *r, struct mint *m)
{
	int err = instance_by_id(r->db, m->spot.instance_id, &m->instance);

	if (err != 0)
		return fault_set(r->f, err, "The instance can not be read.");
	err = level_check(r, m);
	return err != 0 ? err : policy_check(r, m);
}

static int
mint_sign(struct request *r, struct mint *m)
{
	snprintf(m->target, sizeof(m->target), "%s/%s/%s", m->place.instance,
	    m->place.project == NULL ? "" : m->place.project, m->label);
	entry_fill(r, m, m->tries ? "policy-try" : "mint");
	return sign(r, m);
}

/* A policy is tried by an administrator, with what is harmless. */
static int
trial_allowed(struct request *r, struct mint *m)
{
	int err;

	if (m->place.project == NULL || m->command.kind != ALB_UNIKERNEL_INFO)
		return fault_field(r->f, "policy", "goes with unikernel-info "
		    "of a project alone");
	err = identity_allowed(r->db, &r->who, SCOPE_INSTANCE_ADMIN,
	    &m->place, &m->spot, r->f);
	return err != 0 ? err : identity_may(r->db, &r->who, ACTION_POLICY,
	    m->place.project, &(struct spot){ 0 }, r->f);
}

static int
trial_read(struct request *r, const struct mint_args *args, struct mint *m)
{
	int err = mint_read(r, args, m, trial_allowed);

	if (err == 0)
		err = alb_policy_from_json(args->policy, "policy.",
		    &m->tried, r->f);
	alb_policy_normalise(&m->tried);
	m->tries = true;
	return err;
}

static int
mint(struct request *r, const void *in, struct json_object *out)
{
	const struct mint_args *args = in;
	struct mint m = { 0 };
	int err;

	alb_command_init(&m.command, ALB_UNIKERNEL_INFO);
	err = args->policy != NULL ? trial_read(r, args, &m) :
	    mint_read(r, args, &m, command_allowed);
	if (err == 0)
		err = mint_check(r, &m);
	if (err == 0)
		err = mint_sign(r, &m);
	if (err == 0)
		err = mint_answer(r, &m, out);
	mint_free(&m);
	return err;
}

/* ---- watch-mint ---- */

/*
 * The service reads, and where there is something of a project's to be read.
 * It is nobody in the database; the place is looked up as for administrators.
 */
static int
watch_allowed(struct request *r, struct mint *m)
{
	const struct identity service = { .admin = true };
	bool root = m->place.project == NULL;
	bool named = m->place.name != NULL;

	if (root == named || !watching_allows(m->command.kind, root))
		return fault_set(r->f, ERR_FORBIDDEN, "The service itself "
		    "only reads: it may not send %s there.",
		    alb_command_name(m->command.kind));
	return identity_allowed(r->db, &service, SCOPE_UNIKERNEL_READ,
	    &m->place, &m->spot, r->f);
}

static int
watch_sign(struct request *r, struct mint *m)
{
	struct watching *w = &r->a->watching;
	int err;

	snprintf(m->target, sizeof(m->target), "%s", m->place.instance);
	entry_fill(r, m, "watch");
	m->unrecorded = !watching_due(w, m->spot.instance_id, m->command.kind,
	    r->now);
	err = sign(r, m);
	if (err != 0 && !m->unrecorded)
		watching_undo(w, m->spot.instance_id, m->command.kind);
	return err;
}

static int
watch_mint(struct request *r, const void *in, struct json_object *out)
{
	struct mint m = { 0 };
	int err;

	alb_command_init(&m.command, ALB_UNIKERNEL_INFO);
	err = mint_read(r, in, &m, watch_allowed);
	if (err == 0)
		err = mint_check(r, &m);
	if (err == 0)
		err = watch_sign(r, &m);
	if (err == 0)
		err = mint_answer(r, &m, out);
	mint_free(&m);
	return err;
}

const struct op mint_ops[] = {
	{ "identify", OP_ANY | OP_ENROLS, 0, true, NULL, 0, identify },
	{ "authorize", OP_ANY, GRANT_DEPLOYMENT | GRANT_VOLUME, true,
	  authorize_fields, sizeof(struct authorize_args), authorize },
	{ "mint", OP_ANY, GRANT_DEPLOYMENT | GRANT_VOLUME, true, mint_fields,
	  sizeof(struct mint_args), mint },
	{ "watch-mint", OP_NOBODY, 0, true, mint_fields,
	  sizeof(struct mint_args), watch_mint },
	{ .name = NULL },
};
