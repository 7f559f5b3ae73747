/* SPDX-License-Identifier: ISC */
/* api_updates: is there a newer build, what differs, go there. */
#include "fcgi/api.h"

#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "base/text.h"
#include "fcgi/clean.h"
#include "fcgi/compare.h"
#include "fcgi/health_store.h"
#include "fcgi/update_rule.h"
#include "fcgi/update_work.h"
#include "fcgi/updater.h"

/* A request about the updates of one unikernel. */
struct look {
	struct builder_settings builders;
	struct compare_side running, other;
	struct update_state state;
};

/* With what runs under the name; ERR_NOT_FOUND when nothing does. */
static int
look_make(struct request *r, struct look **out, struct fault *f)
{
	AUTO_FREE struct builder_settings *builders = builder_settings_load(
		r->app->ledger, f);
	struct look *look = calloc(1, sizeof(*look));
	struct ask ask = unikernel_ask(r);

	*out = look;
	if (builders == NULL)
		return f->err;
	if (look == NULL)
		return fault_set(f, ERR_NO_MEMORY, "Out of memory.");
	look->builders = *builders;
	return unikernel_digest(r->app->upstream, &ask, look->running.digest,
	    f);
}

/* ---- GET .../update ---- */

/* Why nothing is known, for people; "" when all is. */
static const char *
why_not(const struct look *look, const struct fault *asking)
{
	if (asking->err != 0)
		return asking->detail;
	if (look->builders.len == 0)
		return "No builder is set.";
	if (look->running.digest[0] == '\0')
		return "It does not run, or has no image.";
	if (look->state.checked == 0)
		return "The builders were not asked yet.";
	if (!look->state.known)
		return "No builder knows the image: it was uploaded.";
	if (!look->state.has_latest)
		return "The builder tells no newest build.";
	if (look->state.other_platform)
		return "The newest build is for another platform.";
	return "";
}

static struct json_object *
running_json(struct request *r, struct look *look)
{
	struct json_object *o;

	compare_side_fill(r->app, &look->builders, r->project,
	    &look->running);
	o = compare_side_json(&look->builders, &look->running);
	json_object_object_del(o, "devices");
	return o;
}

/* That the newest build was tried here and did not work, or NULL. */
static struct json_object *
tried_json(struct request *r, const struct build *latest)
{
	struct json_object *o = NULL;
	struct deployment d;
	struct fault why;

	if (deployment_of_build(r->app->ledger, r->instance, r->project,
	    r->name, latest->uuid, &d) != 0)
		return NULL;
	if (d.state == DEPLOYMENT_FAILED ||
	    d.state == DEPLOYMENT_ROLLED_BACK) {
		deployment_fault(&d, &why);
		o = json_object_new_object();
		json_add_int(o, "number", d.number);
		json_add_str(o, "state", deployment_state_text(d.state));
		json_add_time_ms(o, "at", d.ended);
		clean_add(o, "detail", why.detail);
	}
	deployment_free(&d);
	return o;
}

static void
latest_add(struct request *r, struct look *look, struct json_object *o)
{
	const struct update_state *u = &look->state;
	const struct builder *site = builder_settings_get(
		&look->builders, u->latest.builder);
	bool both;

	json_object_object_add(o, "latest", !u->has_latest ? NULL :
	    build_to_json(&u->latest, site == NULL ? NULL : site->url,
	    NULL));
	json_object_object_add(o, "tried", !u->has_latest ? NULL :
	    tried_json(r, &u->latest));
	json_add_bool(o, "available", u->available);
	json_add_bool(o, "other_platform", u->other_platform);
	both = u->has_latest && u->latest.has_devices &&
		look->running.has_devices;
	json_object_object_add(o, "devices", !both ? NULL :
	    build_devices_diff(&look->running.devices, &u->latest.devices));
}

static int
look_show(struct request *r, struct reply *p, struct look *look,
	const struct fault *asking)
{
	struct json_object *o = json_object_new_object();
	const char *why;

	update_known(r->app->ledger, &look->builders, look->running.digest,
	    &look->state);
	why = why_not(look, asking);
	json_object_object_add(o, "running", look->running.digest[0] == '\0' ?
	    NULL : running_json(r, look));
	latest_add(r, look, o);
	json_add_time_ms(o, "checked_at", look->state.checked);
	clean_add_or_null(o, "detail", why);
	json_object_object_add(o, "rule", update_rule_json(r->app->ledger,
	    r->instance, r->project, r->name));
	return reply_json(p, 200, o);
}

int
api_updates_get(struct request *r, struct reply *p, struct fault *f)
{
	AUTO_FREE struct look *look = NULL;
	struct fault asking = { 0 };
	bool fresh = false;
	int err = request_query_bool(r, "fresh", &fresh, f);

	if (err == 0)
		err = look_make(r, &look, f);
	if (err == ERR_NOT_FOUND) {
		*f = (struct fault){ 0 };
		err = 0;
	}
	if (err != 0)
		return err;
	if (fresh)
		update_ask_all(r->app, &look->builders, look->running.digest,
		    0, &asking);
	return look_show(r, p, look, &asking);
}

int
api_updates_post(struct request *r, struct reply *p, struct fault *f)
{
	return update_post(r, p, f);
}

/* ---- GET .../compare ---- */

/* A build that was named. */
static int
other_build(struct request *r, struct look *look, struct fault *f)
{
	const char *builder = request_query(r, "builder");
	const char *job = request_query(r, "job");
	const char *uuid = request_query(r, "build");
	struct builder site;
	int err;

	if (builder == NULL || job == NULL || uuid == NULL)
		return fault_field(f, builder == NULL ? "builder" :
		    job == NULL ? "job" : "build", "is missing: builder, job "
		    "and build are given together");
	err = builder_settings_find(r->app->ledger, builder, &site, f);
	if (err == 0)
		err = builders_build(r->app->builders, &site, job, uuid,
			&look->other.build, f);
	look->other.has_build = err == 0;
	return err;
}

static int
other_image(struct request *r, struct look *look, struct fault *f)
{
	struct image_entry entry;
	int err = images_stat(r->app->images, r->project,
		request_query(r, "image"), &entry, f);

	if (err == 0)
		memcpy(look->other.digest, entry.sha256,
		    sizeof(look->other.digest));
	return err;
}

static int
other_deployment(struct request *r, struct look *look, struct fault *f)
{
	struct deployment d;
	int64_t number = 0;
	int err = request_query_int(r, "deployment", 1, INT64_MAX, &number,
		f);

	if (err == 0)
		err = deployment_by_number(r->app->ledger, r->instance,
			r->project, r->name, number, &d);
	if (err == ERR_NOT_FOUND)
		return fault_set(f, err, "%s has no deployment %lld.",
		    r->name, (long long)number);
	if (err != 0)
		return f->err != 0 ? f->err : fault_set(f, err,
		    "The deployment can not be read.");
	memcpy(look->other.digest, d.image, sizeof(look->other.digest));
	look->other.size = (int64_t)d.image_size;
	deployment_free(&d);
	return 0;
}

static int
other_latest(struct request *r, struct look *look, struct fault *f)
{
	update_known(r->app->ledger, &look->builders, look->running.digest,
	    &look->state);
	if (!look->state.has_latest)
		return fault_set(f, ERR_NOT_FOUND, "No newer build is known. "
		    "Name a build, an image or a deployment to compare with.");
	look->other.has_build = true;
	look->other.build = look->state.latest;
	return 0;
}

static int
other_find(struct request *r, struct look *look, struct fault *f)
{
	if (request_query(r, "image") != NULL)
		return other_image(r, look, f);
	if (request_query(r, "deployment") != NULL)
		return other_deployment(r, look, f);
	if (request_query(r, "builder") != NULL ||
	    request_query(r, "job") != NULL ||
	    request_query(r, "build") != NULL)
		return other_build(r, look, f);
	return other_latest(r, look, f);
}

int
api_updates_compare(struct request *r, struct reply *p, struct fault *f)
{
	AUTO_FREE struct look *look = NULL;
	int err = look_make(r, &look, f);

	if (err == 0)
		err = other_find(r, look, f);
	if (err != 0)
		return err;
	compare_side_fill(r->app, &look->builders, r->project,
	    &look->running);
	compare_side_fill(r->app, &look->builders, r->project, &look->other);
	return reply_json(p, 200, compare_json(r->app, &look->builders,
	    &look->running, &look->other));
}

/* ---- .../automatic-update ---- */

static int
rule_show(struct request *r, struct reply *p)
{
	return reply_json(p, 200, update_rule_json(r->app->ledger,
	    r->instance, r->project, r->name));
}

int
api_updates_rule_get(struct request *r, struct reply *p, struct fault *f)
{
	return rule_show(r, p);
}

/* What nobody watches is not updated while nobody looks. */
static int
check_needed(struct request *r, const struct update_rule *rule,
	struct fault *f)
{
	AUTO_FREE char *text = NULL;
	int err;

	if (rule->mode != UPDATE_AUTOMATIC)
		return 0;
	err = health_check_text(r->app->ledger, r->instance, r->project,
	    r->name, &text, f);
	return err != 0 || text != NULL ? err : fault_field(f, "mode",
	    "needs a health check: set one first, so that a bad update is "
	    "noticed and taken back");
}

/* Ends the grant of the rule that was; that it is lost already is fine. */
static void
grant_drop(struct request *r, struct update_rule *old)
{
	struct fault unused = { 0 };

	if (old->grant[0] != '\0')
		(void)auth_grant_end(r->auth, old->grant, &unused);
	explicit_bzero(old->grant, sizeof(old->grant));
}

static int
grant_give(struct request *r, struct update_rule *rule, struct fault *f)
{
	time_t expires = 0;
	int err;

	if (rule->mode != UPDATE_AUTOMATIC)
		return 0;
	err = auth_standing_make(r->auth, &r->who, "updates", r->instance,
	    r->project, r->name, rule->grant, &expires, f);
	rule->expires = (int64_t)expires * 1000;
	return err;
}

/* The grant that ends is its giver's: this tells who did it. */
static void
rule_log(struct request *r, const char *mode)
{
	log_event(LOG_LEVEL_INFO, "update-rule", "mode", mode, "by",
	    r->grant.user_name, "instance", r->instance, "project",
	    r->project, "name", r->name, NULL);
}

int
api_updates_rule_put(struct request *r, struct reply *p, struct fault *f)
{
	struct update_rule rule = { .given = wall_ms() }, old = { 0 };
	int err = update_rule_from_json(r->body, &rule, f);

	snprintf(rule.instance, sizeof(rule.instance), "%s", r->instance);
	snprintf(rule.project, sizeof(rule.project), "%s", r->project);
	snprintf(rule.name, sizeof(rule.name), "%s", r->name);
	snprintf(rule.user_name, sizeof(rule.user_name), "%s",
	    r->grant.user_name);
	if (err == 0)
		err = check_needed(r, &rule, f);
	if (err == 0)
		err = grant_give(r, &rule, f);
	if (err == 0) {
		(void)update_rule_get(r->app->ledger, r->instance,
		    r->project, r->name, &old);
		err = update_rule_set(r->app->ledger, &rule, f);
		grant_drop(r, err == 0 ? &old : &rule);
	}
	explicit_bzero(rule.grant, sizeof(rule.grant));
	if (err != 0)
		return err;
	rule_log(r, update_mode_text(rule.mode));
	updater_wake(r->app->updater);
	return rule_show(r, p);
}

int
api_updates_rule_delete(struct request *r, struct reply *p, struct fault *f)
{
	int err = update_rule_end(r->app, r->auth, r->instance, r->project,
		r->name, f);

	if (err != 0)
		return err;
	rule_log(r, "none");
	return reply_empty(p, 204);
}
