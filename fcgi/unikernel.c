/* SPDX-License-Identifier: ISC */
/* unikernel: see unikernel.h. */
#include "fcgi/unikernel.h"

#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "albatross/json.h"
#include "base/text.h"
#include "fcgi/app.h"
#include "fcgi/clean.h"
#include "fcgi/flight.h"
#include "fcgi/listing.h"
#include "fcgi/states.h"

#define LAST_LINES 5
#define LAST_WORDS_MS 300	/* of silence mean that was all */

struct ask
unikernel_ask(const struct request *r)
{
	return (struct ask){ .auth = r->auth, .who = &r->who,
		.instance = r->instance, .project = r->project,
		.label = r->name };
}

static struct json_object *
named(const char *instance, const char *project, const char *name,
	const char *state)
{
	struct json_object *o = json_object_new_object();

	json_add_str(o, "instance", instance);
	json_add_str(o, "project", project);
	json_add_str(o, "name", name);
	json_add_str(o, "state", state);
	return o;
}

struct json_object *
unikernel_running(const char *instance, const struct alb_info *info)
{
	char digest[2 * sizeof(info->digest) + 1];
	struct json_object *o = named(instance, info->name.path,
		info->name.label, "running");

	hex_encode(info->digest, info->digest_len, digest);
	json_add_str(o, "digest", digest);
	json_add_time(o, "started_at", info->has_started ? info->started : 0);
	json_object_object_add(o, "config", alb_config_to_json(&info->config));
	return o;
}

struct json_object *
unikernel_stopped(const struct ask *a, struct json_object *digest,
	struct json_object *config)
{
	struct json_object *o = named(a->instance, a->project, a->label,
		"stopped");

	json_object_object_add(o, "digest", json_object_get(digest));
	json_object_object_add(o, "started_at", NULL);
	json_object_object_add(o, "config", json_object_get(config));
	return o;
}

int
unikernel_find(struct upstream *u, const struct ask *a, struct alb_wire *w,
	struct alb_policy *policy, struct fault *f)
{
	int err = upstream_infos(u, a, false, w, policy, f);

	if (err != 0)
		return err;
	if (w->ninfos == 1 && strcmp(w->infos[0].name.label, a->label) == 0)
		return 0;
	alb_wire_free(w);
	if (policy != NULL)
		alb_policy_free(policy);
	return fault_set(f, ERR_NOT_FOUND, "No unikernel %s runs in %s on %s.",
	    a->label, a->project, a->instance);
}

int
unikernel_digest(struct upstream *u, const struct ask *a,
	char out[IMAGE_DIGEST_LEN + 1], struct fault *f)
{
	struct alb_wire w;
	int err = unikernel_find(u, a, &w, NULL, f);

	out[0] = '\0';
	if (err != 0)
		return err;
	if (w.infos[0].config.type == ALB_SOLO5)
		hex_encode(w.infos[0].digest, w.infos[0].digest_len, out);
	alb_wire_free(&w);
	return 0;
}

int
unikernel_remembered(struct upstream *u, const struct ask *a, struct fault *f)
{
	struct ask path = *a;
	struct alb_command c;
	struct alb_wire w;
	bool found = false;
	int err;

	path.label = "";
	alb_command_init(&c, ALB_CONSOLE_INACTIVE);
	err = upstream_call(u, &path, &c, &w, f);
	alb_command_free(&c);
	if (err == ERR_ALB_UNSUPPORTED) /* a server before 2.6.1 */
		return fault_set(f, ERR_NOT_FOUND, "No unikernel %s runs in "
		    "%s on %s.", a->label, a->project, a->instance);
	if (err != 0)
		return err;
	for (size_t i = 0; i < w.nnames; i++)
		if (w.names[i].path[0] == '\0' &&
		    strcmp(w.names[i].label, a->label) == 0)
			found = true;
	alb_wire_free(&w);
	if (found)
		return 0;
	return fault_set(f, ERR_NOT_FOUND, "No unikernel %s runs or ran in %s "
	    "on %s.", a->label, a->project, a->instance);
}

/* Waits for more to read, up to LAST_WORDS_MS. */
static bool
more_comes(const struct alb_session *s)
{
	struct pollfd p = { .fd = alb_session_fd(s), .events = POLLIN };

	return poll(&p, 1, LAST_WORDS_MS) > 0;
}

void
unikernel_last_words(struct upstream *u, const struct ask *a, char *out,
	size_t size)
{
	struct alb_session *s;
	struct alb_command c;
	struct alb_wire w;
	struct fault f = { 0 };
	size_t at = 0;
	int rc, lines = 0;

	out[0] = '\0';
	alb_command_init(&c, ALB_CONSOLE_SUBSCRIBE);
	c.count = LAST_LINES;
	if (upstream_open(u, a, &c, &s, &f) != 0)
		return;
	/* If it was restarted meanwhile, it may talk on without end. */
	while (lines < LAST_LINES &&
	    ((rc = alb_session_read(s, &w)) == ALB_OK ||
	    (rc == ALB_AGAIN && more_comes(s)))) {
		if (rc != ALB_OK)
			continue;
		lines++;
		if (w.payload == ALB_PAYLOAD_CONSOLE && at + 2 < size) {
			clean_copy(out + at, size - at - 1, w.text);
			at += strlen(out + at);
			out[at++] = '\n';
			out[at] = '\0';
		}
		alb_wire_free(&w);
	}
	if (at > 0)
		out[at - 1] = '\0';
	alb_session_close(s);
}

void
unikernel_changed(struct app *app, const struct ask *a)
{
	states_meant(app->states, a->instance, a->project, a->label);
	states_changed(app->states, a->instance);
	/* It may have come to use a volume, or ceased to. */
	listing_volumes_forget(upstream_flights(app->upstream), a->instance,
	    a->project);
}

/*
 * albatross has only words for what is not there, so it is asked before. What
 * waits to be restarted does not run, but can be destroyed (protocol section
 * 4.1); "removed from restarting" may only be a leftover of an earlier one.
 */
int
unikernel_destroy(struct app *app, const struct ask *a, struct fault *f)
{
	struct fault refused = { 0 };
	struct alb_command c;
	struct alb_wire w;
	bool waited;
	int found = unikernel_find(app->upstream, a, &w, NULL, f), err;

	if (found == 0)
		alb_wire_free(&w);
	else if (found != ERR_NOT_FOUND)
		return found;
	alb_command_init(&c, ALB_UNIKERNEL_DESTROY);
	err = upstream_call(app->upstream, a, &c, &w, &refused);
	alb_command_free(&c);
	unikernel_changed(app, a);
	if (err != 0) {
		if (found == 0 || err != ERR_ALB_FAILURE)
			*f = refused;
		return f->err;
	}
	waited = w.payload == ALB_PAYLOAD_STRING &&
		strstr(w.text, "removed waiter") != NULL;
	alb_wire_free(&w);
	if (waited)
		*f = (struct fault){ 0 };
	return f->err;
}
