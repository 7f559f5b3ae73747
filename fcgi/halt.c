/* SPDX-License-Identifier: ISC */
/* halt: see halt.h. */
#include "fcgi/halt.h"

#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "base/text.h"
#include "fcgi/app.h"
#include "fcgi/deploy_alone.h"
#include "fcgi/feed.h"
#include "fcgi/flight.h"
#include "fcgi/machine_look.h"
#include "fcgi/thread.h"
#include "fcgi/volume.h"

#define FREE_MS 30000		/* until the volume is free */
#define FREE_NAP_MS 200
#define START_NAP_MS 1000
#define GRACE 1			/* seconds; it is nothing new */

enum halt_state {
	HALT_RUNS,		/* nothing was done to it */
	HALT_STOPPING,		/* it may be stopped */
	HALT_STOPPED,
	HALT_STARTED,		/* it runs again */
	HALT_STATES
};

static const char *const states[HALT_STATES] = {
	[HALT_RUNS] = "runs",
	[HALT_STOPPING] = "stopping",
	[HALT_STOPPED] = "stopped",
	[HALT_STARTED] = "started",
};

struct halted {
	char name[ALB_LABEL_MAX + 1];
	enum halt_state state;
	char grant[AUTH_GRANT_SIZE];
	char image[IMAGE_DIGEST_LEN + 1];
	char *config;		/* JSON; owned; NULL: not known yet */
	int64_t of;		/* its deployment, or 0 */
	bool claimed;
};

/* ---- as it is kept ---- */

struct halted_form {
	const char *name, *state, *grant, *image, *config;
	int64_t of;
};

static const struct json_field form_fields[] = {
	{ "name", JSON_STRING, .required = true, .max = ALB_LABEL_MAX,
	  .offset = offsetof(struct halted_form, name) },
	{ "state", JSON_STRING, .required = true, .max = 16,
	  .offset = offsetof(struct halted_form, state) },
	{ "grant", JSON_STRING, .max = AUTH_GRANT_SIZE - 1,
	  .offset = offsetof(struct halted_form, grant) },
	{ "image", JSON_STRING, .max = IMAGE_DIGEST_LEN,
	  .offset = offsetof(struct halted_form, image) },
	{ "config", JSON_STRING, .max = INT32_MAX,
	  .offset = offsetof(struct halted_form, config) },
	{ "of", JSON_INT, .max = INT64_MAX,
	  .offset = offsetof(struct halted_form, of) },
	{ .name = NULL }
};

static int
halted_read(struct json_object *o, struct halted *out, struct fault *f)
{
	struct halted_form in = { 0 };
	int err = json_read(o, form_fields, &in, "", f), state;

	if (err != 0)
		return err;
	state = word_find(states, HALT_STATES, in.state);
	out->state = state < 0 ? HALT_STOPPING : (enum halt_state)state;
	snprintf(out->name, sizeof(out->name), "%s", in.name);
	snprintf(out->grant, sizeof(out->grant), "%s", in.grant == NULL ? "" :
	    in.grant);
	snprintf(out->image, sizeof(out->image), "%s", in.image == NULL ? "" :
	    in.image);
	out->config = in.config == NULL ? NULL : strdup(in.config);
	out->of = in.of;
	return in.config == NULL || out->config != NULL ? 0 :
		fault_set(f, ERR_NO_MEMORY, "Out of memory.");
}

static struct json_object *
halted_json(const struct halted *u)
{
	struct json_object *o = json_object_new_object();

	json_add_str(o, "name", u->name);
	json_add_str(o, "state", states[u->state]);
	json_add_str(o, "grant", text_or_null(u->grant));
	json_add_str(o, "image", text_or_null(u->image));
	json_add_str(o, "config", u->config);
	json_add_int(o, "of", u->of);
	return o;
}

/* Into o->unikernels. */
static int
items_write(struct operation *o, const struct halted *items, size_t len,
	struct fault *f)
{
	AUTO_JSON struct json_object *list = json_object_new_array();

	for (size_t i = 0; i < len; i++)
		json_object_array_add(list, halted_json(&items[i]));
	if (o->unikernels != NULL)
		explicit_bzero(o->unikernels, strlen(o->unikernels));
	free(o->unikernels);
	o->unikernels = json_text(list);
	return o->unikernels != NULL ? 0 : fault_set(f, ERR_NO_MEMORY,
	    "Out of memory.");
}

int
halt_init(struct halt *h, struct app *app, struct auth_client *auth,
	struct operation *o, struct fault *f)
{
	AUTO_JSON struct json_object *list = o->unikernels == NULL ? NULL :
		json_tokener_parse(o->unikernels);
	size_t n = list == NULL ? 0 : json_object_array_length(list);
	int err = 0;

	*h = (struct halt){ .app = app, .auth = auth, .o = o };
	if (o->unikernels != NULL && list == NULL)
		return fault_set(f, ERR_NO_MEMORY, "Out of memory.");
	h->items = calloc(n + 1, sizeof(*h->items));
	if (h->items == NULL)
		return fault_set(f, ERR_NO_MEMORY, "Out of memory.");
	for (; err == 0 && h->len < n; h->len++)
		err = halted_read(json_object_array_get_idx(list, h->len),
			&h->items[h->len], f);
	return err;
}

void
halt_free(struct halt *h)
{
	for (size_t i = 0; i < h->len; i++) {
		free(h->items[i].config);
		explicit_bzero(&h->items[i], sizeof(h->items[i]));
	}
	free(h->items);
	*h = (struct halt){ 0 };
}

/* ---- permissions ---- */

/* To start it again is more than to restart it. */
static int
deploy_check(const struct operation *o, struct auth_client *auth,
	const struct halted *u, struct fault *f)
{
	const struct auth_who who = { .bearer = u->grant };
	struct auth_grant unused;

	return auth_authorize(auth, &who, "unikernel:deploy", o->instance,
	    o->project, u->name, &unused, f);
}

int
halt_plan(struct operation *o, struct auth_client *auth,
	const struct auth_who *who, struct json_object *users,
	struct fault *f)
{
	size_t n = json_object_array_length(users), len = 0;
	struct halted items[HALT_MAX] = { { .of = 0 } };
	int err = 0;

	if (n > HALT_MAX)
		return fault_set(f, ERR_CONFLICT, "More than %d unikernels use "
		    "it.", HALT_MAX);
	for (; err == 0 && len < n; len++) {
		struct halted *u = &items[len];

		snprintf(u->name, sizeof(u->name), "%s", json_member_text(
		    json_object_array_get_idx(users, len), "name",
		    ALB_LABEL_MAX));
		err = auth_grant_make(auth, who, o->instance, o->project,
			u->name, u->grant, f);
		/* A standing grant may not ask for more than that. */
		if (err == 0)
			err = deploy_check(o, auth, u, f);
	}
	/* Those that were made are in the row, or are ended. */
	if (items_write(o, items, len, f) == 0 && err != 0)
		halt_forget(o, auth);
	explicit_bzero(items, sizeof(items));
	return f->err;
}

static void
grant_end(struct auth_client *auth, struct halted *u)
{
	struct fault unused = { 0 };

	if (u->grant[0] != '\0')
		(void)auth_grant_end(auth, u->grant, &unused);
	explicit_bzero(u->grant, sizeof(u->grant));
}

void
halt_forget(struct operation *o, struct auth_client *auth)
{
	struct fault unused = { 0 };
	struct halt h;

	(void)halt_init(&h, NULL, auth, o, &unused);
	for (size_t i = 0; i < h.len; i++)
		grant_end(auth, &h.items[i]);
	(void)items_write(o, h.items, h.len, &unused);
	halt_free(&h);
}

/* ---- one of them ---- */

static struct ask
ask_of(const struct halt *h, const struct halted *u,
	const struct auth_who *who)
{
	return (struct ask){ .auth = h->auth, .who = who,
		.instance = h->o->instance, .project = h->o->project,
		.label = u->name };
}

/* In the row, before it is acted upon. */
static int
state_enter(struct halt *h, struct halted *u, enum halt_state state,
	struct fault *f)
{
	int err;

	u->state = state;
	err = items_write(h->o, h->items, h->len, f);
	return err != 0 ? err : operation_step(h->app->operations, h->o,
	    state >= HALT_STARTED ? STEP_STARTING : STEP_STOPPING, f);
}

static void
claim_end(struct halt *h, struct halted *u)
{
	const struct ask a = ask_of(h, u, NULL);

	if (u->claimed)
		upstream_release(h->app->upstream, &a);
	u->claimed = false;
}

void
halt_claim(struct halt *h)
{
	for (size_t i = 0; i < h->len; i++) {
		struct halted *u = &h->items[i];
		const struct ask a = ask_of(h, u, NULL);
		struct fault f = { 0 };

		if (u->state == HALT_STOPPING || u->state == HALT_STOPPED)
			u->claimed = upstream_claim(h->app->upstream, &a,
			    &f) == 0;
	}
}

/* Its image into the store, and how it is configured: all to start it. */
static int
remember(struct halt *h, struct halted *u, const struct auth_who *who,
	bool *runs, struct fault *f)
{
	struct deployment d;
	struct machine m = { .app = h->app, .auth = h->auth, .who = *who,
		.ask = ask_of(h, u, who), .d = &d };
	int err;

	deployment_init(&d);
	snprintf(d.instance, sizeof(d.instance), "%s", h->o->instance);
	snprintf(d.project, sizeof(d.project), "%s", h->o->project);
	snprintf(d.name, sizeof(d.name), "%s", u->name);
	d.auto_rollback = true;		/* it must be possible */
	err = machine_remember(&m, f);
	*runs = err == 0 && d.replaced;
	if (*runs) {
		memcpy(u->image, d.previous_image, sizeof(u->image));
		free(u->config);
		u->config = d.previous_config;
		d.previous_config = NULL;
		u->of = d.previous;
	}
	deployment_free(&d);
	return err;
}

static void
note_stop(const struct halt *h, const struct halted *u)
{
	const struct operation *o = h->o;
	char text[256];

	snprintf(text, sizeof(text), "Stopped by %s for what is done with the "
	    "volume %s; it is started again afterwards.", o->user_name,
	    o->name);
	hub_note(h->app->hub, o->instance, o->project, u->name, LOG_STOPPED,
	    text, 0);
}

static int
stop_one(struct halt *h, struct halted *u, struct fault *f)
{
	const struct auth_who who = { .bearer = u->grant };
	const struct ask a = ask_of(h, u, &who);
	bool runs;
	int err = upstream_claim(h->app->upstream, &a, f);

	if (err != 0)
		return err;
	u->claimed = true;
	err = remember(h, u, &who, &runs, f);
	if (err != 0 || !runs)
		return err;
	operation_tell(h->o, "%s is stopped for it, and is started again "
	    "afterwards.", u->name);
	err = state_enter(h, u, HALT_STOPPING, f);
	if (err == 0)
		err = unikernel_destroy(h->app, &a, f);
	if (err == 0) {
		log_event(LOG_LEVEL_INFO, "unikernel-stopped", "instance",
		    a.instance, "project", a.project, "name", u->name, NULL);
		note_stop(h, u);
	}
	return err != 0 ? err : state_enter(h, u, HALT_STOPPED, f);
}

/* albatross lets the volume go when the process has ended. */
static int
free_wait(struct halt *h, struct fault *f)
{
	const struct auth_who who = { .bearer = h->o->grant };
	const struct ask a = { .auth = h->auth, .who = &who,
		.instance = h->o->instance, .project = h->o->project,
		.label = h->o->name };
	int64_t until = flight_now() + FREE_MS;
	struct volume v;
	int err;

	for (;;) {
		err = volume_find(h->app->upstream, &a, &v, f);
		if (err != 0 || !v.active)
			return err;
		if (flight_now() > until || h->app->stopping)
			return fault_set(f, ERR_CONFLICT, "What uses the "
			    "volume %s was stopped, and it is still in use.",
			    h->o->name);
		(void)thread_nap(&h->app->stopping, FREE_NAP_MS);
	}
}

int
halt_stop(struct halt *h, struct fault *f)
{
	int err = 0;

	for (size_t i = 0; err == 0 && i < h->len; i++) {
		if (operation_stopped(h->app->operations, h->o->id))
			err = fault_set(f, ERR_CONFLICT, "It was stopped.");
		else
			err = stop_one(h, &h->items[i], f);
	}
	return err == 0 && halt_any(h) ? free_wait(h, f) : err;
}

/* ---- and started again ---- */

struct start {
	struct halt *h;
	struct halted *u;
};

/* What ran before, out of the row. */
static int
plan_fill(const struct start *s, struct plan *p, struct fault *f)
{
	const struct halted *u = s->u;
	int err;

	p->source = DEPLOYED_VOLUME;
	p->of = u->of;
	p->grant = u->grant;
	p->claimed = s->h->o->name;
	p->auto_rollback = false;
	p->grace = GRACE;
	snprintf(p->digest, sizeof(p->digest), "%s", u->image);
	alb_config_free(&p->config);
	err = deployment_config(u->config, &p->config);
	if (err != 0)
		return fault_set(f, err, "Its configuration can not be read.");
	if (u->image[0] == '\0')
		return 0;
	err = images_open(s->h->app->images, s->h->o->project, u->image,
	    &p->image, f);
	p->has_image = err == 0;
	return err;
}

/* A deployment of it: 0 with its id, which has the grant then. */
static int
start_begin(const struct start *s, int64_t *id, struct fault *f)
{
	struct request r;
	struct plan p;
	int err = deploy_alone_request(s->h->app, s->h->auth, s->u->grant,
		s->h->o->instance, s->h->o->project, s->u->name, &r, f);

	plan_init(&p, &r);
	memcpy(r.grant.token, s->h->o->token, sizeof(r.grant.token));
	if (err == 0)
		err = plan_fill(s, &p, f);
	if (err == 0)
		err = plan_start(&p, "{}", NULL, id, f);
	plan_free(&p);
	deploy_alone_say(f);
	return err;
}

/* Waits for a deployment to end: 0 when it runs by it. */
static int
start_await(const struct start *s, int64_t id, struct fault *f)
{
	enum deployment_state state;
	int64_t number;

	auth_client_rest(s->h->auth);
	if (!deploy_alone_await(s->h->app, id, &state, &number, f))
		return fault_set(f, ERR_BUSY, "The service is ending.");
	if (state == DEPLOYMENT_RUNNING)
		return 0;
	return f->err != 0 ? f->err : fault_set(f, ERR_INTERNAL,
	    "Deployment %lld did not run.", (long long)number);
}

/* Before a kill, it may have been begun: 0 with the id, or ERR_NOT_FOUND. */
static int
start_find(const struct start *s, int64_t *id)
{
	const struct operation *o = s->h->o;
	struct deployment d;
	int err = deployment_open(s->h->app->ledger, o->instance, o->project,
		s->u->name, &d);
	bool ours = err == 0;

	if (err == ERR_NOT_FOUND) {
		err = deployment_last(s->h->app->ledger, o->instance,
			o->project, s->u->name, &d);
		ours = err == 0 && d.source == DEPLOYED_VOLUME &&
			d.created > o->created;
	}
	if (err != 0)
		return err;
	*id = d.id;
	deployment_free(&d);
	return ours ? 0 : ERR_NOT_FOUND;
}

/* True when somebody else, or albatross, has started it. */
static bool
runs_already(const struct start *s)
{
	const struct auth_who who = { .bearer = s->u->grant };
	const struct ask a = ask_of(s->h, s->u, &who);
	struct fault unused = { 0 };
	struct alb_wire w;

	if (unikernel_find(s->h->app->upstream, &a, &w, NULL, &unused) != 0)
		return false;
	alb_wire_free(&w);
	return true;
}

static int
start_run(const struct start *s, struct fault *f)
{
	int64_t until = flight_now() + MACHINE_PATIENCE_MS, id;
	int err;

	claim_end(s->h, s->u);
	if (start_find(s, &id) == 0)
		return start_await(s, id, f);
	for (;;) {
		*f = (struct fault){ 0 };
		if (runs_already(s))
			return 0;
		err = start_begin(s, &id, f);
		if (err == 0) {
			explicit_bzero(s->u->grant, sizeof(s->u->grant));
			return start_await(s, id, f);
		}
		if (s->h->app->stopping)
			return fault_set(f, ERR_BUSY,
			    "The service is ending.");
		if (!deploy_alone_passing(err) || flight_now() > until)
			return err;
		(void)thread_nap(&s->h->app->stopping, START_NAP_MS);
	}
}

static int
start_one(struct halt *h, struct halted *u, struct fault *f)
{
	const struct start s = { h, u };
	int err = 0;

	if (u->state == HALT_STOPPING || u->state == HALT_STOPPED)
		err = start_run(&s, f);
	if (err == ERR_BUSY && h->app->stopping)
		return err;
	if (err == 0 && u->state != HALT_RUNS)
		u->state = HALT_STARTED;
	claim_end(h, u);
	grant_end(h->auth, u);
	if (err != 0)
		log_event(LOG_LEVEL_ERROR, "unikernel-not-started",
		    "instance", h->o->instance, "project", h->o->project,
		    "name", u->name, "why", f->detail, NULL);
	return err;
}

int
halt_start(struct halt *h, struct fault *f)
{
	struct fault why, unused = { 0 };
	int err = 0, first = 0;

	for (size_t i = 0; i < h->len; i++) {
		why = (struct fault){ 0 };
		err = start_one(h, &h->items[i], &why);
		if (err == ERR_BUSY && h->app->stopping)
			return fault_set(f, err, "%s", why.detail);
		if (err == 0)
			continue;
		if (first == 0)
			first = fault_set(f, err, "%s WAS STOPPED AND COULD "
			    "NOT BE STARTED AGAIN: %s", h->items[i].name,
			    why.detail);
		else
			fault_add(f, " So was %s: %s", h->items[i].name,
			    why.detail);
	}
	(void)items_write(h->o, h->items, h->len, &unused);
	return first;
}

bool
halt_any(const struct halt *h)
{
	for (size_t i = 0; i < h->len; i++)
		if (h->items[i].state == HALT_STOPPING ||
		    h->items[i].state == HALT_STOPPED)
			return true;
	return false;
}

void
halt_names(const struct halt *h, char *out, size_t size)
{
	size_t len = 0;

	out[0] = '\0';
	for (size_t i = 0; i < h->len && len < size; i++)
		if (h->items[i].state == HALT_STARTED)
			len += (size_t)snprintf(out + len, size - len, "%s%s",
			    len == 0 ? "" : " and ", h->items[i].name);
}
