/* SPDX-License-Identifier: ISC */
/* api_unikernels: what runs, and changing it. */
#include "fcgi/api.h"

#include <stdio.h>
#include <string.h>

#include "albatross/json.h"
#include "fcgi/deploy.h"
#include "fcgi/feed.h"
#include "fcgi/health_store.h"
#include "fcgi/states_list.h"
#include "fcgi/unikernel.h"
#include "fcgi/update.h"
#include "fcgi/update_work.h"

int
api_unikernels_list(struct request *r, struct reply *p, struct fault *f)
{
	return states_list(r, p, f);
}

/* Its last deployment and its health, beside what albatross says. */
static void
deployment_show(struct request *r, struct reply *p, struct deployment *last,
	struct json_object *o)
{
	if (last != NULL)
		reply_header(p, "ETag", "\"%lld\"", (long long)last->number);
	json_object_object_add(o, "deployment", last == NULL ? NULL :
	    deployment_json(r->app->ledger, r->app->images, last, false));
	json_object_object_add(o, "health", health_json(r->app->ledger,
	    r->instance, r->project, r->name, false));
}

/* Which build it is, and whether there is a newer one. */
static int
builders_show(struct request *r, struct json_object *o, struct fault *f)
{
	AUTO_FREE struct builder_settings *s = builder_settings_load(
		r->app->ledger, f);

	if (s == NULL)
		return f->err;
	update_show(r->app, s, o);
	return 0;
}

/*
 * One that does not run, but did: with what ran last, while it is listed as
 * stopped (nobody has destroyed it through us). 0 with an owned *out.
 */
static int
show_stopped(struct request *r, const struct ask *ask, bool known,
	struct json_object **out, struct fault *f)
{
	AUTO_JSON struct json_object *seen = states_item(r->app->states,
		r->instance, r->project, r->name);
	int err = known || seen != NULL ? 0 :
		unikernel_remembered(r->app->upstream, ask, f);

	if (err == 0)
		*out = unikernel_stopped(ask, api_member(seen, "digest"),
		    api_member(seen, "config"));
	return err;
}

int
api_unikernels_get(struct request *r, struct reply *p, struct fault *f)
{
	struct ask ask = unikernel_ask(r);
	struct json_object *o = NULL;
	struct deployment last;
	struct alb_wire w;
	bool known = deployment_last(r->app->ledger, r->instance, r->project,
		r->name, &last) == 0;
	int err = unikernel_find(r->app->upstream, &ask, &w, NULL, f);

	if (err == 0) {
		o = unikernel_running(r->instance, &w.infos[0]);
		alb_wire_free(&w);
	} else if (err == ERR_NOT_FOUND) {
		*f = (struct fault){ 0 };
		err = show_stopped(r, &ask, known, &o, f);
	}
	if (err == 0)
		(void)states_show(r->app->states, r->instance, r->project,
		    r->name, o);
	if (err == 0)
		err = builders_show(r, o, f);
	if (err == 0)
		deployment_show(r, p, known ? &last : NULL, o);
	if (known)
		deployment_free(&last);
	if (err == 0)
		return reply_json(p, 200, o);
	json_object_put(o);
	return err;
}

int
api_unikernels_put(struct request *r, struct reply *p, struct fault *f)
{
	return deploy(r, p, f);
}

int
api_unikernels_restart(struct request *r, struct reply *p, struct fault *f)
{
	return deploy_restart(r, p, f);
}

int
api_unikernels_rollback(struct request *r, struct reply *p, struct fault *f)
{
	return deploy_rollback(r, p, f);
}

static void
note_destroyed(const struct request *r)
{
	char text[128];

	snprintf(text, sizeof(text), "Destroyed by %s.", r->grant.user_name);
	hub_note(r->app->hub, r->instance, r->project, r->name, LOG_STOPPED,
	    text, 0);
}

int
api_unikernels_delete(struct request *r, struct reply *p, struct fault *f)
{
	struct ask ask = unikernel_ask(r);
	int err = upstream_claim(r->app->upstream, &ask, f);
	bool listed = false;

	if (err != 0)
		return err;
	err = unikernel_destroy(r->app, &ask, f);
	if (err == 0)
		note_destroyed(r);
	/* What stopped by itself is in lists until now. */
	if (err == 0 || err == ERR_NOT_FOUND)
		listed = states_forget(r->app->states, r->instance,
		    r->project, r->name);
	if (err == ERR_NOT_FOUND && listed) {
		*f = (struct fault){ 0 };
		err = 0;
	}
	if (err == 0)
		err = deployment_forget_current(r->app->ledger, r->instance,
		    r->project, r->name, f);
	if (err == 0)
		err = update_rule_end(r->app, r->auth, r->instance,
		    r->project, r->name, f);
	upstream_release(r->app->upstream, &ask);
	return err != 0 ? err : reply_empty(p, 204);
}
