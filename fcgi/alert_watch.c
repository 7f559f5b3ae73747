/* SPDX-License-Identifier: ISC */
/* alert_watch: see alert_watch.h. */
#include "fcgi/alert_watch.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "auth/client.h"
#include "base/log.h"
#include "base/text.h"
#include "fcgi/alert_checks.h"
#include "fcgi/alert_judge.h"
#include "fcgi/alert_policies.h"
#include "fcgi/alert_settings.h"
#include "fcgi/alert_tell.h"
#include "fcgi/alert_unikernels.h"
#include "fcgi/app.h"
#include "fcgi/flight.h"
#include "fcgi/post.h"
#include "fcgi/rounds.h"
#include "fcgi/states.h"

#define TELL_S 2
#define LOOK_S 5
#define LOOK_MS (30 * 1000LL)
#define MINUTE_MS (60 * 1000LL)
#define FORGET_MS (3600 * 1000LL)

/* How an instance does. */
struct standing_of {
	char instance[ALB_LABEL_MAX + 1];
	enum standing_status status;
	int64_t since;		/* ms since 1970 */
};

struct alert_watch {
	struct app *app;
	struct auth_client *auth;	/* of the looker */
	pthread_mutex_t lock;
	struct json_object *list;	/* owned: what there is; NULL */
	struct standing_of *standings;	/* owned, of the teller */
	size_t nstandings;
	int64_t forgot;			/* when, of the teller */
	int64_t looked;			/* when, of the looker */
	struct rounds *teller, *looker;
};

/* The objects of a list of what there is. */
static size_t
count_of(struct json_object *o, const char *key)
{
	struct json_object *list = json_member(o, key, json_type_array);

	return list == NULL ? 0 : json_object_array_length(list);
}

static struct json_object *
item_of(struct json_object *o, const char *key, size_t i)
{
	return json_object_array_get_idx(json_member(o, key,
	    json_type_array), i);
}

static const char *
name_of(struct json_object *o, const char *key)
{
	return json_member_text(o, key, ALB_LABEL_MAX);
}

/* ---- instances ---- */

static bool
standing_take(void *arg, const struct state_instance *i)
{
	struct alert_watch *w = arg;
	struct standing_of *more = reallocarray(w->standings,
		w->nstandings + 1, sizeof(*more));

	if (more == NULL)
		return false;
	w->standings = more;
	more += w->nstandings++;
	*more = (struct standing_of){ .status = i->status,
		.since = i->since_ms };
	snprintf(more->instance, sizeof(more->instance), "%s", i->name);
	return true;
}

static void
down_raise(struct alert_watch *w, const struct standing_of *s)
{
	char since[RFC3339_SIZE], detail[128];

	rfc3339_format((time_t)(s->since / 1000), -1, since);
	snprintf(detail, sizeof(detail), "It does not answer since %s.",
	    since);
	alert_raise(w->app, ALERT_INSTANCE_DOWN, s->instance, NULL, NULL,
	    detail);
}

static void
instances_judge(struct alert_watch *w, const struct alert_settings *s,
	int64_t now)
{
	w->nstandings = 0;
	states_instances(w->app->states, standing_take, w);
	for (size_t i = 0; i < w->nstandings; i++) {
		const struct standing_of *is = &w->standings[i];

		if (is->status == STANDING_UP ||
		    is->status == STANDING_DEGRADED)
			alert_clear(w->app, ALERT_INSTANCE_DOWN, is->instance,
			    NULL, NULL);
		else if (is->status == STANDING_DOWN && now - is->since >=
		    s->instance_down_minutes * MINUTE_MS)
			down_raise(w, is);
	}
}

/* ---- telling ---- */

static bool
is_down(void *arg, const char *instance)
{
	struct alert_watch *w = arg;

	for (size_t i = 0; i < w->nstandings; i++)
		if (strcmp(w->standings[i].instance, instance) == 0)
			return w->standings[i].status == STANDING_DOWN;
	return false;
}

static bool
has_policy(struct json_object *project, const char *instance)
{
	for (size_t i = 0; i < count_of(project, "policies"); i++)
		if (strcmp(name_of(item_of(project, "policies", i),
		    "instance"), instance) == 0)
			return true;
	return false;
}

static void
projects_on(void *arg, const char *instance, struct buf *out)
{
	struct alert_watch *w = arg;

	pthread_mutex_lock(&w->lock);
	for (size_t i = 0; i < count_of(w->list, "projects"); i++) {
		struct json_object *project = item_of(w->list, "projects", i);

		if (has_policy(project, instance))
			buf_putf(out, "%s ", name_of(project, "name"));
	}
	pthread_mutex_unlock(&w->lock);
}

static void
forget(struct alert_watch *w, int64_t now)
{
	struct fault f = { 0 };
	struct db *d;

	if (now - w->forgot < FORGET_MS && now >= w->forgot)
		return;
	w->forgot = now;
	d = ledger_write_begin(w->app->ledger, &f);
	if (d != NULL)
		(void)ledger_write_end(w->app->ledger, alert_forget(d,
		    now - ALERT_KEPT_MS), &f);
}

static void
tell(void *arg)
{
	struct alert_watch *w = arg;
	const struct alert_teller teller = { .ledger = w->app->ledger,
		.origin = w->app->origin,
		.webhook = post_webhook_ready(w->app), .down = is_down,
		.projects = projects_on, .arg = w };
	struct alert_settings s;
	int64_t now = wall_ms();

	alert_settings_read(w->app->ledger, &s);
	instances_judge(w, &s, now);
	alert_checks_judge(w->app);
	alert_unikernels_judge(w->app, now, s.stopped_minutes * MINUTE_MS,
	    is_down, w);
	alerts_tell(&teller, now);
	forget(w, now);
}

/* ---- looking ---- */

/* An instance, and what is looked for of it. */
struct expiry_of {
	const char *instance;
	struct alert_expiry when;
};

static bool
expiry_take(void *arg, const struct state_instance *i)
{
	struct expiry_of *of = arg;

	if (strcmp(i->name, of->instance) != 0)
		return true;
	of->when.server = i->server_expires;
	return false;
}

static void
certificates_judge(struct alert_watch *w, const struct alert_settings *s)
{
	char detail[ALERT_DETAIL_MAX + 1];
	struct json_object *instance;
	struct expiry_of of;
	const char *name;

	for (size_t i = 0; i < count_of(w->list, "instances"); i++) {
		instance = item_of(w->list, "instances", i);
		name = name_of(instance, "name");
		of = (struct expiry_of){ .instance = name };
		of.when.ca = json_object_get_int64(json_member(instance,
		    "certificate_expires", json_type_int));
		states_instances(w->app->states, expiry_take, &of);
		if (alert_judge_certificate(name, &of.when, wall_ms() / 1000,
		    s->certificate_days, detail))
			alert_raise_again(w->app, ALERT_CERTIFICATE_EXPIRING,
			    name, detail);
		else
			alert_clear(w->app, ALERT_CERTIFICATE_EXPIRING, name,
			    NULL, NULL);
	}
}

/* Is the instance there still? */
static bool
is_there(void *arg, const char *instance, const char *project,
	const char *name)
{
	struct alert_watch *w = arg;

	for (size_t i = 0; i < count_of(w->list, "instances"); i++)
		if (strcmp(name_of(item_of(w->list, "instances", i), "name"),
		    instance) == 0)
			return true;
	return false;
}

/* 0, or an err when it is not known what there is now. */
static int
list_read(struct alert_watch *w)
{
	struct json_object *list, *old;
	struct fault f = { 0 };
	int err = auth_watch_list(w->auth, &list, &f);

	auth_client_rest(w->auth);
	if (err != 0) {
		log_event(LOG_LEVEL_WARNING, "alerts-not-looked", "why",
		    f.detail, NULL);
		return err;
	}
	pthread_mutex_lock(&w->lock);
	old = w->list;
	w->list = list;
	pthread_mutex_unlock(&w->lock);
	json_object_put(old);
	return 0;
}

/* Now and then, and soon when there is something else than there was. */
static bool
is_due(const struct alert_watch *w)
{
	int64_t revision;
	struct fault f = { 0 };

	if (w->list == NULL || flight_now() - w->looked >= LOOK_MS)
		return true;
	return auth_revision(w->auth, &revision, &f) == 0 && revision !=
		json_object_get_int64(json_member(w->list, "revision",
		json_type_int));
}

static void
look(void *arg)
{
	struct alert_watch *w = arg;
	struct alert_settings s;

	if (!is_due(w) || list_read(w) != 0)
		return;
	w->looked = flight_now();
	alert_settings_read(w->app->ledger, &s);
	certificates_judge(w, &s);
	alert_policies_judge(w->app, w->auth, w->list, &s);
	auth_client_rest(w->auth);
	for (int kind = 0; kind < ALERT_KINDS; kind++)
		alert_clear_unless(w->app, (enum alert_kind)kind, is_there,
		    w);
}

/* ---- both ---- */

struct alert_watch *
alert_watch_new(struct app *app)
{
	struct alert_watch *w = calloc(1, sizeof(*w));

	if (w == NULL)
		return NULL;
	w->app = app;
	pthread_mutex_init(&w->lock, NULL);
	w->auth = auth_client_new(app->config->auth_socket);
	if (w->auth != NULL)
		w->looker = rounds_new(look, w, LOOK_S);
	if (w->looker != NULL)
		w->teller = rounds_new(tell, w, TELL_S);
	if (w->teller != NULL)
		return w;
	alert_watch_free(w);
	return NULL;
}

void
alert_watch_free(struct alert_watch *w)
{
	if (w == NULL)
		return;
	rounds_free(w->teller);
	rounds_free(w->looker);
	auth_client_free(w->auth);
	json_object_put(w->list);
	free(w->standings);
	pthread_mutex_destroy(&w->lock);
	free(w);
}
