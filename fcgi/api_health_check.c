/* SPDX-License-Identifier: ISC */
/* api_health_check: the health check of a unikernel, and how it does. */
#include "fcgi/api.h"

#include <string.h>

#include "fcgi/deployment.h"
#include "fcgi/health_store.h"

/* {"check": {..}, "health": {.., "history"}} */
static int
show(struct request *r, struct reply *p, struct fault *f)
{
	AUTO_FREE char *text = NULL;
	struct json_object *o;
	int err = health_check_text(r->app->ledger, r->instance, r->project,
		r->name, &text, f);

	if (err != 0)
		return err;
	if (text == NULL)
		return fault_set(f, ERR_NOT_FOUND, "%s has no health check.",
		    r->name);
	o = json_object_new_object();
	json_object_object_add(o, "check", json_tokener_parse(text));
	json_object_object_add(o, "health", health_json(r->app->ledger,
	    r->instance, r->project, r->name, true));
	return reply_json(p, 200, o);
}

int
api_health_check_get(struct request *r, struct reply *p, struct fault *f)
{
	return show(r, p, f);
}

/* May it ask there, as what runs is configured? */
static int
allowed(struct request *r, const struct health_check *check, struct fault *f)
{
	struct deployment d;
	struct alb_config config;
	int err = deployment_current(r->app->ledger, r->instance, r->project,
		r->name, &d);

	if (err == ERR_NOT_FOUND) {
		alb_config_init(&config);
		err = 0;
	} else if (err == 0) {
		err = deployment_config(d.config, &config);
		deployment_free(&d);
	}
	if (err != 0)
		return fault_set(f, err,
		    "The current deployment can not be read.");
	err = health_check_allowed(r->app, check, &config, "", f);
	alb_config_free(&config);
	return err;
}

int
api_health_check_put(struct request *r, struct reply *p, struct fault *f)
{
	AUTO_JSON struct json_object *o = NULL;
	AUTO_FREE char *text = NULL;
	struct health_check check;
	int err = health_check_from_json(r->body, "", &check, f);

	if (err == 0)
		err = allowed(r, &check, f);
	if (err != 0)
		return err;
	o = health_check_to_json(&check);
	text = json_text(o);
	if (text == NULL)
		return fault_set(f, ERR_NO_MEMORY, "Out of memory.");
	err = health_check_keep(r->app->ledger, r->instance, r->project,
	    r->name, text, f);
	return err != 0 ? err : show(r, p, f);
}

int
api_health_check_delete(struct request *r, struct reply *p, struct fault *f)
{
	int err = health_check_keep(r->app->ledger, r->instance, r->project,
		r->name, NULL, f);

	return err != 0 ? err : reply_empty(p, 204);
}
