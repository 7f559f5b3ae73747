/* SPDX-License-Identifier: ISC */
/* deploy: from a request to a deployment in the ledger; see deploy.h. */
#include "fcgi/deploy.h"

#include <stdio.h>
#include <string.h>

#include "albatross/json.h"
#include "base/text.h"
#include "fcgi/api.h"
#include "fcgi/flight.h"
#include "fcgi/health_store.h"
#include "fcgi/operation.h"
#include "fcgi/runner.h"
#include "fcgi/veil.h"

#define DEFAULT_MEMORY 32	/* MB */

void
plan_init(struct plan *p, struct request *r)
{
	*p = (struct plan){ .r = r, .ask = unikernel_ask(r), .image.fd = -1,
		.source = DEPLOYED_UPLOAD, .auto_rollback = true,
		.grace = DEPLOYMENT_GRACE_DEFAULT, .match = -1 };
	alb_config_init(&p->config);
	p->config.memory = DEFAULT_MEMORY;
}

void
plan_free(struct plan *p)
{
	alb_config_free(&p->config);
	image_file_close(&p->image);
	free(p->image_wrong);
	free(p->check);
	free(p->build);
	free(p->link_text);
}

struct json_object *
deploy_image_json(const struct image_file *file,
	const struct alb_image *image)
{
	struct json_object *o = json_object_new_object();
	struct json_object *devices = json_object_new_array();

	for (size_t i = 0; i < image->ndevices; i++) {
		struct json_object *device = json_object_new_object();

		json_add_str(device, "name", image->devices[i].name);
		json_add_str(device, "type",
		    image->devices[i].type == ALB_DEVICE_NET ? "net" :
		    "block");
		json_object_array_add(devices, device);
	}
	json_add_str(o, "sha256", file->sha256);
	json_add_int(o, "size", (int64_t)file->size);
	json_add_str(o, "target", image->target);
	json_add_int(o, "abi_version", image->abi_version);
	json_object_object_add(o, "devices", devices);
	return o;
}

/* ---- the answer ---- */

/* A deployment whose end did not come: where to look for it. */
static int
answer_later(struct request *r, struct reply *p, const struct deployment *d)
{
	reply_header(p, "Location", "/api/v1/deployments/%lld",
	    (long long)d->id);
	reply_header(p, "ETag", "\"%lld\"", (long long)d->number);
	return reply_json(p, 202, deployment_json(r->app->ledger,
	    r->app->images, d, true));
}

static int
answer_ended(struct request *r, struct reply *p, const struct deployment *d,
	struct fault *f)
{
	struct json_object *o = deployment_json(r->app->ledger,
		r->app->images, d, true);
	bool created = !d->replaced && d->source <= DEPLOYED_BUILD;

	reply_header(p, "Location", "/api/v1/deployments/%lld",
	    (long long)d->id);
	reply_header(p, "ETag", "\"%lld\"", (long long)d->number);
	if (d->state == DEPLOYMENT_RUNNING)
		return reply_json(p, created ? 201 : 200, o);
	reply_problem_member(p, "deployment", o);
	deployment_fault(d, f);
	return f->err != 0 ? f->err : fault_set(f, ERR_INTERNAL,
	    "The deployment ended without a reason.");
}

int
deploy_answer(struct request *r, struct reply *p, int64_t id, int64_t wait,
	struct fault *f)
{
	int64_t until = flight_now() + wait * 1000;
	struct ledger *l = r->app->ledger;
	struct deployment d;
	uint64_t seen;
	int err;

	for (;;) {
		seen = ledger_changes(l);
		err = deployment_get(l, id, &d);
		if (err != 0 || d.ended != 0 || !api_wait(r, seen, until))
			break;
		deployment_free(&d);
	}
	if (err != 0)
		return fault_set(f, err, "The deployment can not be read.");
	err = d.ended != 0 ? answer_ended(r, p, &d, f) :
		answer_later(r, p, &d);
	deployment_free(&d);
	return err;
}

/* ---- conditions ---- */

/* "12", as ETag gives it. */
static int
match_read(struct plan *p, const char *text, struct fault *f)
{
	size_t len = strlen(text);
	char number[24];

	if (len > 2 && len < sizeof(number) && text[0] == '"' &&
	    text[len - 1] == '"') {
		memcpy(number, text + 1, len - 2);
		number[len - 2] = '\0';
		if (int_parse(number, 0, INT64_MAX, &p->match) == 0)
			return 0;
	}
	return fault_set(f, ERR_BAD_REQUEST, "If-Match must be the number of "
	    "a deployment in quotes, such as \"12\".");
}

int
plan_conditions_read(struct plan *p, struct fault *f)
{
	const char *none = request_param(p->r, "HTTP_IF_NONE_MATCH");
	const char *match = request_param(p->r, "HTTP_IF_MATCH");
	const char *key = request_param(p->r, "HTTP_IDEMPOTENCY_KEY");

	p->create_only = none != NULL;
	if (none != NULL && strcmp(none, "*") != 0)
		return fault_set(f, ERR_BAD_REQUEST,
		    "If-None-Match can only be *.");
	if (key != NULL && (strlen(key) > DEPLOYMENT_KEY_MAX ||
	    !utf8_valid(key, strlen(key))))
		return fault_set(f, ERR_BAD_REQUEST, "An Idempotency-Key has "
		    "at most %d bytes.", DEPLOYMENT_KEY_MAX);
	return match == NULL ? 0 : match_read(p, match, f);
}

/* With the unikernel claimed: nothing comes in between any more. */
static int
match_check(const struct plan *p, struct fault *f)
{
	const struct request *r = p->r;
	struct deployment last;
	int64_t number = 0;

	if (p->match < 0)
		return 0;
	if (deployment_last(r->app->ledger, r->instance, r->project, r->name,
	    &last) == 0) {
		number = last.number;
		deployment_free(&last);
	}
	if (number == p->match)
		return 0;
	return fault_set(f, ERR_PRECONDITION, "The last deployment of %s is "
	    "%lld, not %lld: somebody else was faster. Look at it and try "
	    "again.", r->name, (long long)number, (long long)p->match);
}

static int
create_only_check(const struct plan *p, struct fault *f)
{
	if (!p->create_only || !p->replaces)
		return 0;
	return fault_set(f, ERR_PRECONDITION, "A unikernel %s runs already in "
	    "%s on %s.", p->ask.label, p->ask.project, p->ask.instance);
}

/* ---- the row ---- */

/* What of the request must be the same under the same Idempotency-Key. */
static void
print_make(const struct plan *p, const char *wanted, char out[DIGEST_SIZE])
{
	char options[64];
	const char *const parts[] = { deployment_source_text(p->source),
		wanted, p->digest, p->check_given ? p->check : "",
		p->link == NULL ? "" : p->link, options };
	struct digest d;

	snprintf(options, sizeof(options), "%d %lld", p->auto_rollback,
	    (long long)p->grace);
	out[0] = '\0';
	if (digest_begin(&d) < 0)
		return;
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		digest_add(&d, parts[i], strlen(parts[i]) + 1);
	digest_text(&d, out);
	digest_end(&d);
}

static int
row_fill(struct plan *p, const char *wanted, struct deployment *d,
	struct fault *f)
{
	const struct request *r = p->r;
	const char *key = request_param(r, "HTTP_IDEMPOTENCY_KEY");

	snprintf(d->instance, sizeof(d->instance), "%s", r->instance);
	snprintf(d->project, sizeof(d->project), "%s", r->project);
	snprintf(d->name, sizeof(d->name), "%s", r->name);
	d->source = p->source;
	d->of = p->of;
	snprintf(d->user, sizeof(d->user), "%s", r->grant.user);
	snprintf(d->user_name, sizeof(d->user_name), "%s",
	    r->grant.user_name);
	snprintf(d->token, sizeof(d->token), "%s", r->grant.token);
	snprintf(d->link, sizeof(d->link), "%s", p->link == NULL ? "" :
	    p->link);
	snprintf(d->image, sizeof(d->image), "%s", p->digest);
	d->image_size = p->image.size;
	d->config = deployment_config_text(&p->config);
	d->check = p->check == NULL ? NULL : strdup(p->check);
	d->build = p->build == NULL ? NULL : strdup(p->build);
	d->check_given = p->check_given;
	d->auto_rollback = p->auto_rollback;
	d->create_only = p->create_only;
	d->grace = (int)p->grace;
	snprintf(d->key, sizeof(d->key), "%s", key == NULL ? "" : key);
	if (p->print[0] == '\0')
		print_make(p, wanted, p->print);
	memcpy(d->print, p->print, sizeof(d->print));
	if (d->config == NULL || (p->check != NULL && d->check == NULL) ||
	    (p->build != NULL && d->build == NULL))
		return fault_set(f, ERR_NO_MEMORY, "Out of memory.");
	return 0;
}

/* The check that was set for the unikernel, unless the request brought one. */
static int
check_default(struct plan *p, struct fault *f)
{
	const struct request *r = p->r;

	if (p->check_given)
		return 0;
	free(p->check);
	return health_check_text(r->app->ledger, r->instance, r->project,
	    r->name, &p->check, f);
}

/* The address a check asks must be one it may ask. */
static void
check_check(struct plan *p, struct fault *f)
{
	AUTO_JSON struct json_object *o = p->check == NULL ? NULL :
		json_tokener_parse(p->check);
	struct health_check check;

	if (o != NULL && health_check_from_json(o, "check.", &check, f) == 0)
		health_check_allowed(p->r->app, &check, &p->config, "check.",
		    f);
}

/*
 * No unikernel begins on a volume that bytes go into or come out of. With the
 * row written: whoever claims one from now on finds it.
 */
static int
volumes_free_check(const struct plan *p, struct fault *f)
{
	const struct app *app = p->r->app;
	const struct ask *a = &p->ask;
	const char *volume;
	int64_t id;

	for (size_t i = 0; i < p->config.nblocks; i++) {
		volume = alb_block_volume(&p->config.blocks[i]);
		if ((p->claimed != NULL && strcmp(volume, p->claimed) == 0) ||
		    !upstream_volume_claimed(app->upstream, a->instance,
		    a->project, volume))
			continue;
		id = operation_at(app->operations, a->instance, a->project,
		    volume);
		return fault_set(f, ERR_CONFLICT, "Something is done with the "
		    "volume %s at the moment (operation %lld); wait for its "
		    "end, or stop it.", volume, (long long)id);
	}
	return 0;
}

static int
validate(struct plan *p, struct fault *f)
{
	check_check(p, f);
	if (plan_check(p, f) == 0 && create_only_check(p, f) == 0)
		(void)volumes_free_check(p, f);
	return f->err;
}

/* What it acts with from here on: given, or made for who asks. */
static int
grant_take(struct plan *p, struct deployment *d, struct fault *f)
{
	struct request *r = p->r;

	if (p->grant == NULL)
		return auth_grant_make(r->auth, &r->who, r->instance,
		    r->project, r->name, d->grant, f);
	snprintf(d->grant, sizeof(d->grant), "%s", p->grant);
	return 0;
}

/*
 * From here on the deployment is the runner's: the claim and the grant too.
 */
static int
hand_over(struct plan *p, struct deployment *d, struct fault *f)
{
	struct request *r = p->r;
	struct fault unused = { 0 };
	int err;

	free(d->config);
	d->config = deployment_config_text(&p->config);	/* with its CPU */
	d->replaced = p->replaces;
	err = d->config == NULL ? fault_set(f, ERR_NO_MEMORY,
		"Out of memory.") : grant_take(p, d, f);
	if (err == 0)
		err = deployment_step(r->app->ledger, d,
		    DEPLOYMENT_VALIDATED, NULL, NULL, f);
	if (err == 0)
		runner_add(r->app->runner, d->id);
	else if (d->grant[0] != '\0' && p->grant == NULL)
		(void)auth_grant_end(r->auth, d->grant, &unused);
	return err;
}

/* Nothing was touched; the image in it need not come again. */
static void
refuse(struct plan *p, struct deployment *d, const struct fault *why)
{
	struct fault unwritten = { 0 };

	(void)deployment_end(p->r->app->ledger, d, DEPLOYMENT_REFUSED, why,
	    NULL, &unwritten);
}

/* With the unikernel claimed; *given tells that the runner has the claim. */
static int
record(struct plan *p, const char *wanted, int64_t *id, bool *given,
	struct fault *f)
{
	struct deployment d;
	int err;

	deployment_init(&d);
	err = row_fill(p, wanted, &d, f);
	if (err == 0)
		err = deployment_add(p->r->app->ledger, &d, f);
	if (err == 0) {
		err = validate(p, f);
		if (err == 0)
			err = hand_over(p, &d, f);
		if (err != 0)
			refuse(p, &d, f);
	}
	*given = err == 0;
	*id = d.id;
	deployment_free(&d);
	return err;
}

/* ---- the same request again ---- */

int
plan_repeated(struct plan *p, const char *wanted, int64_t *id,
	struct fault *f)
{
	const struct request *r = p->r;
	const char *key = request_param(r, "HTTP_IDEMPOTENCY_KEY");
	struct deployment d;
	int err = 0;

	*id = 0;
	if (p->print[0] == '\0')
		print_make(p, wanted, p->print);
	if (key == NULL || deployment_by_key(r->app->ledger, r->instance,
	    r->project, r->name, r->grant.user, key, &d) != 0)
		return 0;
	if (strcmp(p->print, d.print) != 0)
		err = fault_set(f, ERR_INVALID, "This Idempotency-Key was "
		    "used for another request (deployment %lld); use a new "
		    "one.", (long long)d.number);
	*id = d.id;
	deployment_free(&d);
	return err;
}

/* ---- carrying a plan out ---- */

/* Somebody has the claim: tells about the deployment, if it is one. */
static int
conflict_tell(struct plan *p, struct fault *f)
{
	const struct request *r = p->r;
	struct deployment d;

	if (f->err == ERR_CONFLICT && deployment_open(r->app->ledger,
	    r->instance, r->project, r->name, &d) == 0) {
		fault_set(f, ERR_CONFLICT, "Deployment %lld of %s is under "
		    "way; wait for its end.", (long long)d.number, r->name);
		deployment_free(&d);
	}
	return f->err;
}

/* Claims the unikernel, and completes the plan; on an err it is not claimed. */
static int
plan_begin(struct plan *p, int (*fill)(struct plan *p, struct fault *f),
	struct fault *f)
{
	struct upstream *u = p->r->app->upstream;
	int err;

	if (upstream_claim(u, &p->ask, f) != 0)
		return conflict_tell(p, f);
	err = match_check(p, f);
	if (err == 0 && fill != NULL)
		err = fill(p, f);
	if (err == 0)
		err = check_default(p, f);
	if (err != 0)
		upstream_release(u, &p->ask);
	return err;
}

int
plan_start(struct plan *p, const char *wanted,
	int (*fill)(struct plan *p, struct fault *f), int64_t *id,
	struct fault *f)
{
	bool given = false;
	int err = plan_begin(p, fill, f);

	*id = 0;
	if (err != 0)
		return err;
	err = record(p, wanted, id, &given, f);
	if (!given)
		upstream_release(p->r->app->upstream, &p->ask);
	return err;
}

static int
dry_run(struct plan *p, struct reply *reply,
	int (*fill)(struct plan *p, struct fault *f), struct fault *f)
{
	struct json_object *o;
	int err = plan_begin(p, fill, f);

	if (err != 0)
		return err;
	err = validate(p, f);
	upstream_release(p->r->app->upstream, &p->ask);
	if (err != 0)
		return err;
	o = json_object_new_object();
	json_add_bool(o, "valid", true);
	json_add_bool(o, "replaces", p->replaces);
	json_object_object_add(o, "image", p->has_image ?
	    deploy_image_json(&p->image, &p->manifest) : NULL);
	json_object_object_add(o, "config", alb_config_to_json(&p->config));
	return reply_json(reply, 200, o);
}

/* Beside a problem: the attempt that was refused, or the one under way. */
static void
deployment_attach(struct plan *p, struct reply *reply, int64_t id, int err)
{
	const struct request *r = p->r;
	struct deployment d;

	if (id != 0 ? deployment_get(r->app->ledger, id, &d) != 0 :
	    err != ERR_CONFLICT || deployment_open(r->app->ledger,
	    r->instance, r->project, r->name, &d) != 0)
		return;
	reply_problem_member(reply, "deployment", deployment_json(
	    r->app->ledger, r->app->images, &d, true));
	deployment_free(&d);
}

int
plan_run(struct plan *p, struct reply *reply, const char *wanted,
	int (*fill)(struct plan *p, struct fault *f), struct fault *f)
{
	int64_t id = 0;
	int err = plan_repeated(p, wanted, &id, f);

	if (err != 0)
		return err;
	if (id == 0 && p->dry_run)
		return dry_run(p, reply, fill, f);
	if (id == 0)
		err = plan_start(p, wanted, fill, &id, f);
	if (err == 0)
		return deploy_answer(p->r, reply, id, p->wait, f);
	deployment_attach(p, reply, id, err);
	return err;
}

/*
 * Values of secrets that were sent in the clear become references, before they
 * are kept anywhere.
 */
static int
secrets_hide(struct plan *p, struct fault *f)
{
	return veil_config(upstream_veil(p->r->app->upstream), p->r->auth,
	    p->ask.project, &p->config, f);
}

/* ---- PUT ---- */

int
deploy(struct request *r, struct reply *reply, struct fault *f)
{
	AUTO_FREE char *wanted = NULL;
	struct plan p;
	int err;

	plan_init(&p, r);
	err = plan_conditions_read(&p, f);
	if (err == 0)
		err = plan_options_read(&p, f);
	if (err == 0)
		err = plan_form_read(&p, f);
	if (err == 0)
		err = secrets_hide(&p, f);
	if (err == 0) {
		snprintf(p.digest, sizeof(p.digest), "%s", p.image.sha256);
		wanted = deployment_config_text(&p.config);
		err = wanted == NULL ? fault_set(f, ERR_NO_MEMORY,
		    "Out of memory.") : plan_run(&p, reply, wanted, NULL, f);
	}
	plan_free(&p);
	return err;
}

/* ---- restart ---- */

/*
 * The configuration of what runs: as it was deployed, when that is what
 * albatross shows; albatross alone does not tell all of it.
 */
static int
running_config(struct plan *p, const struct alb_info *info, struct fault *f)
{
	const struct request *r = p->r;
	struct alb_config deployed;
	struct deployment d;
	int err = 0;

	alb_config_free(&p->config);
	if (alb_config_copy(&info->config, &p->config) != 0)
		err = fault_set(f, ERR_NO_MEMORY, "Out of memory.");
	p->config.add_name = true;
	if (err != 0 || deployment_current(r->app->ledger, r->instance,
	    r->project, r->name, &d) != 0)
		return err;
	if (deployment_config(d.config, &deployed) == 0) {
		p->of = d.number;
		if (alb_config_reported_same(&deployed, &info->config)) {
			alb_config_free(&p->config);
			p->config = deployed;
		} else {
			alb_config_free(&deployed);
		}
	}
	deployment_free(&d);
	return 0;
}

int
plan_from_running(struct plan *p, char digest[IMAGE_DIGEST_LEN + 1],
	struct fault *f)
{
	struct alb_wire w;
	int err = unikernel_find(p->r->app->upstream, &p->ask, &w, NULL, f);

	digest[0] = '\0';
	if (err != 0)
		return err;
	err = running_config(p, &w.infos[0], f);
	if (p->config.type == ALB_SOLO5)
		hex_encode(w.infos[0].digest, w.infos[0].digest_len, digest);
	alb_wire_free(&w);
	if (err == 0 && p->change != NULL)
		err = alb_config_from_json(p->change, p->change_prefix,
		    &p->config, f);
	return err != 0 ? err : secrets_hide(p, f);
}

/* What runs, with the given keys changed; what is not named stays. */
static int
restart_fill(struct plan *p, struct fault *f)
{
	const struct request *r = p->r;
	struct fault unused = { 0 };
	int err;

	p->change = r->body;
	p->change_prefix = "";
	err = plan_from_running(p, p->digest, f);
	/* The manifest is looked at if it is there; else albatross does. */
	p->has_image = err == 0 && p->digest[0] != '\0' &&
		images_open(r->app->images, r->project, p->digest, &p->image,
		&unused) == 0;
	return err;
}

/* A handler whose body is what is wanted. */
static int
deploy_by(struct request *r, struct reply *reply, struct plan *p,
	int (*fill)(struct plan *p, struct fault *f), struct fault *f)
{
	const char *wanted = r->body == NULL ? "{}" :
		json_object_to_json_string_ext(r->body,
		JSON_C_TO_STRING_PLAIN);
	int err = plan_conditions_read(p, f);

	if (err == 0)
		err = plan_options_read(p, f);
	if (err == 0)
		err = plan_run(p, reply, wanted, fill, f);
	return err;
}

int
deploy_restart(struct request *r, struct reply *reply, struct fault *f)
{
	struct plan p;
	int err = 0;

	/* With another configuration it is no mere restart. */
	if (r->body != NULL && json_object_object_length(r->body) > 0)
		err = auth_authorize(r->auth, &r->who, "unikernel:deploy",
		    r->instance, r->project, r->name, &r->grant, f);
	plan_init(&p, r);
	p.source = DEPLOYED_RESTART;
	if (err == 0)
		err = deploy_by(r, reply, &p, restart_fill, f);
	plan_free(&p);
	return err;
}

/* ---- roll-back ---- */

struct rollback_args {
	int64_t deployment;
};

static const struct json_field rollback_fields[] = {
	{ .name = "deployment", .type = JSON_INT, .min = 1, .max = INT64_MAX,
	  .offset = offsetof(struct rollback_args, deployment) },
	{ .name = NULL },
};

static bool
same_thing(const struct deployment *a, const struct deployment *b)
{
	return b->config != NULL && strcmp(a->image, b->image) == 0 &&
		strcmp(a->config, b->config) == 0;
}

/*
 * The one that ran before what runs now, which after a roll-back may be the
 * very same thing again: that is passed over.
 */
static int
before_find(const struct request *r, struct deployment *out, struct fault *f)
{
	struct ledger *l = r->app->ledger;
	struct deployment now = { .number = INT64_MAX };
	int64_t number;
	int err;

	(void)deployment_current(l, r->instance, r->project, r->name, &now);
	number = now.number == 0 ? INT64_MAX : now.number;
	while ((err = deployment_ran_before(l, r->instance, r->project,
	    r->name, number, out)) == 0 && same_thing(out, &now)) {
		number = out->number;
		deployment_free(out);
	}
	deployment_free(&now);
	return err == 0 ? 0 : fault_set(f, ERR_CONFLICT, "There is no "
	    "deployment of %s that ran before and is another one.", r->name);
}

/* The deployment to go back to: the named one, or the one before. */
static int
target_find(const struct request *r, int64_t number, struct deployment *out,
	struct fault *f)
{
	struct ledger *l = r->app->ledger;
	int err;

	if (number == 0)
		return before_find(r, out, f);
	err = deployment_by_number(l, r->instance, r->project, r->name,
		number, out);
	if (err != 0)
		return fault_field(f, "deployment", "%s has no deployment "
		    "%lld", r->name, (long long)number);
	if (out->state == DEPLOYMENT_RUNNING)
		return 0;
	deployment_free(out);
	return fault_field(f, "deployment", "deployment %lld never ran: deploy "
	    "its image again instead", (long long)number);
}

static int
rollback_fill(struct plan *p, struct fault *f)
{
	const struct request *r = p->r;
	struct rollback_args args = { 0 };
	struct deployment d;
	int err = 0;

	if (r->body != NULL)
		err = json_read(r->body, rollback_fields, &args, "", f);
	if (err == 0)
		err = target_find(r, args.deployment, &d, f);
	if (err != 0)
		return err;
	p->of = d.number;
	alb_config_free(&p->config);
	err = deployment_config(d.config, &p->config);
	snprintf(p->digest, sizeof(p->digest), "%s", d.image);
	deployment_free(&d);
	if (err != 0)
		return fault_set(f, err, "Its configuration can not be read.");
	if (p->digest[0] == '\0')
		return 0;
	err = images_open(r->app->images, r->project, p->digest, &p->image, f);
	p->has_image = err == 0;
	if (err == ERR_NOT_FOUND)
		return fault_set(f, ERR_CONFLICT, "The image of deployment "
		    "%lld is not kept any more; upload it again.",
		    (long long)p->of);
	return err;
}

int
deploy_rollback(struct request *r, struct reply *reply, struct fault *f)
{
	struct plan p;
	int err;

	plan_init(&p, r);
	p.source = DEPLOYED_ROLLBACK;
	err = deploy_by(r, reply, &p, rollback_fill, f);
	plan_free(&p);
	return err;
}
