/* SPDX-License-Identifier: ISC */
/* update_work: see update_work.h. */
#include "fcgi/update_work.h"

#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "base/text.h"
#include "fcgi/app.h"
#include "fcgi/build_store.h"
#include "fcgi/deploy_alone.h"
#include "fcgi/health_store.h"
#include "fcgi/notices.h"
#include "fcgi/project_kept.h"
#include "fcgi/update.h"

/* An update under way, and what came of it. */
struct work {
	struct app *app;
	struct auth_client *auth;
	const char *instance, *project, *name;
	const char *grant;	/* a deployment's */
	int64_t id, number;	/* of the deployment, once there is one */
	struct build build;	/* it goes to, once that is known */
	enum deployment_state state;
	struct fault why;
};

/* ---- one update ---- */

/* As it stands in a plan and in a deployment. */
static void
build_note(struct work *w, const char *text)
{
	AUTO_JSON struct json_object *o = text == NULL ? NULL :
		json_tokener_parse(text);

	if (o == NULL || build_find(w->app->ledger,
	    json_member_text(o, "builder", ALB_LABEL_MAX),
	    json_member_text(o, "build", BUILD_UUID_LEN), &w->build) != 0)
		w->build = (struct build){ 0 };
}

/* Begins it: 0 with w->id, and the deployment has the grant; or an err. */
static int
begin(struct work *w)
{
	struct request r;
	struct plan p;
	int err = deploy_alone_request(w->app, w->auth, w->grant, w->instance,
		w->project, w->name, &r, &w->why);

	plan_init(&p, &r);
	p.source = DEPLOYED_UPDATE;
	p.grant = w->grant;
	/* It acts for a person, not with a token of theirs. */
	r.grant.token[0] = '\0';
	if (err == 0)
		err = update_latest_take(&p, &w->why);
	build_note(w, p.build);
	if (err == 0)
		err = plan_start(&p, "{}", update_fill, &w->id, &w->why);
	plan_free(&p);
	deploy_alone_say(&w->why);
	return err;
}

static void
grant_end(struct work *w)
{
	struct fault unused = { 0 };

	(void)auth_grant_end(w->auth, w->grant, &unused);
}

/* To the end of the deployment; false when the service ends before. */
static bool
await(struct work *w)
{
	auth_client_rest(w->auth);
	return deploy_alone_await(w->app, w->id, &w->state, &w->number,
	    &w->why);
}

/* ---- an item of a bulk ---- */

static enum bulk_state
item_state(const struct work *w)
{
	switch (w->state) {
	case DEPLOYMENT_RUNNING:
		return BULK_UPDATED;
	case DEPLOYMENT_ROLLED_BACK:
		return BULK_ROLLED_BACK;
	default:
		return BULK_FAILED;
	}
}

/* Nothing newer is no failure. */
static bool
is_newest(const struct work *w)
{
	return w->why.err == ERR_CONFLICT && w->build.uuid[0] == '\0';
}

void
update_skip_rest(struct app *app, struct auth_client *auth)
{
	struct fault unused = { 0 };
	struct bulk_item item;

	while (bulk_skip(app->ledger, &item) == 0) {
		(void)auth_grant_end(auth, item.grant, &unused);
		explicit_bzero(&item, sizeof(item));
	}
}

void
update_item(struct app *app, struct auth_client *auth,
	const struct bulk_item *item)
{
	AUTO_FREE struct work *w = calloc(1, sizeof(*w));
	int err = 0;

	if (w == NULL)
		return;
	*w = (struct work){ .app = app, .auth = auth,
		.instance = item->instance, .project = item->project,
		.name = item->name, .grant = item->grant,
		.id = item->deployment };
	if (w->id == 0)
		err = begin(w);
	if (w->id != 0)
		(void)bulk_item_begun(app->ledger, item, w->id);
	if (err != 0 && app->stopping)
		return;		/* the next start takes it up again */
	if (err != 0) {
		grant_end(w);
		(void)bulk_item_end(app->ledger, item, is_newest(w) ?
		    BULK_UNCHANGED : BULK_FAILED, w->why.detail);
	} else if (await(w)) {
		(void)bulk_item_end(app->ledger, item, item_state(w),
		    w->why.detail);
	}
	update_skip_rest(app, auth);
}

/* ---- what a rule wants ---- */

int
update_rule_end(struct app *app, struct auth_client *auth,
	const char *instance, const char *project, const char *name,
	struct fault *f)
{
	struct update_rule old = { 0 };
	struct fault unused = { 0 };
	int err;

	if (update_rule_get(app->ledger, instance, project, name, &old) != 0)
		return 0;
	err = update_rule_remove(app->ledger, instance, project, name, f);
	/* It may have ended already. */
	if (err == 0 && old.grant[0] != '\0')
		(void)auth_grant_end(auth, old.grant, &unused);
	explicit_bzero(old.grant, sizeof(old.grant));
	return err;
}

static void
rule_keep(struct app *app, const struct update_rule *r)
{
	struct fault f = { 0 };

	if (update_rule_note(app->ledger, r, &f) != 0)
		log_event(LOG_LEVEL_ERROR, "rule-not-stored", "why", f.detail,
		    NULL);
}

static void
rule_tell(struct app *app, const struct update_rule *r, enum notice_kind kind,
	const struct build *b, const char *detail)
{
	struct fault f = { 0 };
	struct notice n = { .kind = kind, .instance = r->instance,
		.project = r->project, .name = r->name,
		.builder = b->builder, .job = b->job, .build = b->uuid,
		.started = b->started, .detail = detail };

	if (notice_add(app->ledger, &n, &f) != 0)
		log_event(LOG_LEVEL_ERROR, "notice-not-stored", "why",
		    f.detail, NULL);
}

/* Nothing more happens by itself until a person sets the rule again. */
static void
rule_pause(struct work *w, struct update_rule *r, const char *why)
{
	log_event(LOG_LEVEL_WARNING, "automatic-update-paused", "instance",
	    r->instance, "project", r->project, "name", r->name, "why", why,
	    NULL);
	snprintf(r->paused, sizeof(r->paused), "%s", why);
	rule_keep(w->app, r);
	rule_tell(w->app, r, NOTICE_PAUSED, &w->build, why);
}

/* May it go on? Gives the grant of this one update. */
static bool
rule_grant(struct work *w, struct update_rule *r,
	char grant[AUTH_GRANT_SIZE])
{
	const struct auth_who who = { .bearer = r->grant };
	AUTO_FREE char *check = NULL;
	int err = health_check_text(w->app->ledger, r->instance, r->project,
		r->name, &check, &w->why);

	if (err == 0 && check == NULL) {
		rule_pause(w, r, "It has no health check any more: set one, "
		    "then set automatic updates again.");
		return false;
	}
	if (err == 0)
		err = auth_grant_make(w->auth, &who, r->instance, r->project,
			r->name, grant, &w->why);
	if (err == ERR_ARCHIVED)
		rule_pause(w, r, project_kept_resting);
	if (err == ERR_UNAUTHENTICATED || err == ERR_EXPIRED ||
	    err == ERR_FORBIDDEN || err == ERR_NOT_FOUND ||
	    err == ERR_NO_POLICY)
		rule_pause(w, r, "The permission it was given has ended: "
		    "whoever may deploy here sets automatic updates again.");
	return err == 0;
}

static void
rule_result(struct work *w, struct update_rule *r, const char *result)
{
	snprintf(r->result, sizeof(r->result), "%s", result);
	snprintf(r->detail, sizeof(r->detail), "%s", w->why.detail);
	r->number = w->number;
	rule_keep(w->app, r);
}

static void
rule_begun(struct work *w, struct update_rule *r)
{
	struct deployment d;

	if (deployment_get(w->app->ledger, w->id, &d) == 0) {
		w->number = d.number;
		deployment_free(&d);
	}
	rule_result(w, r, "started");
}

static void
rule_ended(struct work *w, struct update_rule *r)
{
	bool well = w->state == DEPLOYMENT_RUNNING;

	log_event(LOG_LEVEL_INFO, "automatic-update", "instance",
	    r->instance, "project", r->project, "name", r->name, "result",
	    deployment_state_text(w->state), NULL);
	rule_result(w, r, deployment_state_text(w->state));
	rule_tell(w->app, r, well ? NOTICE_UPDATED : NOTICE_FAILED,
	    &w->build, well ? NULL : w->why.detail);
}

/* One that was under way when the daemon ended: its deployment goes on. */
static bool
rule_resume(struct work *w, struct update_rule *r)
{
	struct deployment d;

	if (deployment_by_number(w->app->ledger, r->instance, r->project,
	    r->name, r->number, &d) != 0)
		return false;
	w->id = d.id;
	build_note(w, d.build);
	deployment_free(&d);
	return true;
}

/* True when its deployment is under way. */
static bool
rule_begin(struct work *w, struct update_rule *r)
{
	char grant[AUTH_GRANT_SIZE] = "";
	int err;

	if (!rule_grant(w, r, grant))
		return false;
	w->grant = grant;
	err = begin(w);
	if (err != 0)
		grant_end(w);
	explicit_bzero(grant, sizeof(grant));
	/* Ending, or it runs the newest already: as if nothing was. */
	if (err != 0 && (w->app->stopping || is_newest(w)))
		return false;
	if (w->build.uuid[0] != '\0')
		memcpy(r->tried, w->build.uuid, sizeof(r->tried));
	r->tried_at = wall_ms();
	if (err == 0) {
		rule_begun(w, r);
		return true;
	}
	if (deploy_alone_passing(err)) {
		rule_result(w, r, "waiting");
		return false;
	}
	w->state = DEPLOYMENT_REFUSED;
	rule_ended(w, r);
	return false;
}

void
update_by_rule(struct app *app, struct auth_client *auth,
	const struct update_rule *rule)
{
	AUTO_FREE struct work *w = calloc(1, sizeof(*w));
	struct update_rule r = *rule;

	if (w == NULL)
		return;
	*w = (struct work){ .app = app, .auth = auth, .instance = r.instance,
		.project = r.project, .name = r.name };
	if (((strcmp(r.result, "started") == 0 && rule_resume(w, &r)) ||
	    rule_begin(w, &r)) && await(w))
		rule_ended(w, &r);
	explicit_bzero(r.grant, sizeof(r.grant));
}
