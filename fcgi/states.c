/* SPDX-License-Identifier: ISC */
/* states: places, when each is asked, and what is known; see states.h. */
#include "fcgi/states.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "fcgi/flight.h"
#include "fcgi/feed.h"
#include "fcgi/states_place.h"
#include "fcgi/upstream.h"

#define CLOCK_MS 500		/* at least so often: does somebody look? */
#define AGAIN_MS 200		/* to the second look */
#define LIST_S 5		/* between two questions for what there is */
#define AWAY_FAILURES 3		/* looks that failed, one after the other */

/* ---- places ---- */

struct place *
place_find(struct states *s, const char *name)
{
	struct place *p = s->first;

	while (p != NULL && (p->removed || strcmp(p->name, name) != 0))
		p = p->next;
	return p;
}

struct place *
place_get(struct states *s, const char *name)
{
	struct place *p = place_find(s, name), **at = &s->first;

	if (p != NULL)
		return p;
	p = calloc(1, sizeof(*p));
	if (p == NULL)
		return NULL;
	snprintf(p->name, sizeof(p->name), "%s", name);
	p->latency = -1;
	while (*at != NULL && strcmp((*at)->name, name) < 0)
		at = &(*at)->next;
	p->next = *at;
	*at = p;
	return p;
}

static void
place_free(struct place *p)
{
	seen_list_free(&p->rows);
	free(p);
}

void
place_remove(struct states *s, struct place *p)
{
	struct place **at = &s->first;

	p->removed = true;
	if (p->asking)
		return;
	while (*at != p)
		at = &(*at)->next;
	*at = p->next;
	place_free(p);
}

/* ---- when ---- */

/* Does somebody look at lists, or at pages that are told of changes? */
static bool
is_looked_at(const struct states *s, const struct place *p, int64_t now)
{
	return s->looked_at || now < p->unsettled_until ||
		(p->wanted != 0 && now - p->wanted < STATES_LOOKED_MS);
}

/* When it is to be asked next; what is asked already, later. */
static int64_t
due_at(const struct states *s, const struct place *p, int64_t now)
{
	bool often = is_looked_at(s, p, now);
	int64_t due = p->begun + STATES_SELDOM_MS;

	if (p->begun == 0)
		return now;
	if (p->standing.failures > 0)
		due = p->begun + standing_wait(p->standing.failures, often);
	else if (often)
		due = p->begun + STATES_OFTEN_MS;
	/* A slow one rests for as long as it worked. */
	if (due < 2 * p->ended - p->begun)
		due = 2 * p->ended - p->begun;
	if (p->again)
		due = p->ended + AGAIN_MS;
	if (p->changed > p->begun)
		due = p->ended;
	return due;
}

void
place_queue(struct states *s, struct place *p)
{
	if (p->queued || p->asking)
		return;
	p->queued = true;
	pthread_cond_signal(&s->work);
}

void
place_looked(struct states *s, struct place *p)
{
	p->begun = p->asking_since;
	p->ended = flight_now();
	pthread_cond_broadcast(&s->looked);
}

static void
clock_wait(struct states *s, int64_t until)
{
	const struct timespec t = { .tv_sec = until / 1000,
		.tv_nsec = until % 1000 * 1000000 };

	pthread_cond_timedwait(&s->tick, &s->lock, &t);
}

static void *
clock_main(void *arg)
{
	struct states *s = arg;

	pthread_mutex_lock(&s->lock);
	while (!s->ending) {
		int64_t now = flight_now(), next = now + CLOCK_MS;

		s->looked_at = hub_looked_at(s->app->hub, FEED_STATES) ||
			hub_looked_at(s->app->hub, FEED_INSTANCES);
		for (struct place *p = s->first; p != NULL; p = p->next) {
			int64_t due = due_at(s, p, now);

			if (p->queued || p->asking || p->removed)
				continue;
			if (due <= now)
				place_queue(s, p);
			else if (due < next)
				next = due;
		}
		clock_wait(s, next);
	}
	pthread_mutex_unlock(&s->lock);
	return NULL;
}

/* ---- who asks ---- */

/*
 * The one that was asked longest ago. Of those that did not answer, only so
 * many at once, so that threads are left for the others.
 */
static struct place *
place_take(struct states *s)
{
	struct place *best = NULL;

	for (struct place *p = s->first; p != NULL; p = p->next)
		if (p->queued && !p->removed &&
		    (p->fault.err == 0 || s->lost < STATES_LOST_MAX) &&
		    (best == NULL || p->begun < best->begun))
			best = p;
	return best;
}

static void
place_ask(struct states *s, struct auth_client *auth, struct place *p)
{
	bool lost = p->fault.err != 0;

	p->queued = false;
	p->asking = true;
	p->asking_since = flight_now();
	s->lost += lost;
	pthread_mutex_unlock(&s->lock);
	place_look(s, auth, p);
	auth_client_rest(auth);
	pthread_mutex_lock(&s->lock);
	s->lost -= lost;
	p->asking = false;
	if (p->removed)
		place_remove(s, p);
	pthread_cond_signal(&s->tick);
	/* One of those that had to wait for a thread. */
	pthread_cond_signal(&s->work);
}

static void *
asker_main(void *arg)
{
	struct states *s = arg;
	struct auth_client *auth = auth_client_new(
		s->app->config->auth_socket);
	struct place *p;

	pthread_mutex_lock(&s->lock);
	while (!s->ending) {
		p = auth == NULL ? NULL : place_take(s);
		if (p == NULL)
			pthread_cond_wait(&s->work, &s->lock);
		else
			place_ask(s, auth, p);
	}
	pthread_mutex_unlock(&s->lock);
	auth_client_free(auth);
	return NULL;
}

/* ---- which there are ---- */

bool
place_is_known(const struct states *s, const char *instance,
	const char *project)
{
	return pairs_have(s->pairs, s->npairs, instance, project);
}

static void
places_add(struct states *s, struct json_object *instances)
{
	for (size_t i = 0; i < json_object_array_length(instances); i++) {
		struct json_object *o = json_object_array_get_idx(instances,
			i);
		const char *name = json_member_text(o, "name", ALB_LABEL_MAX);
		struct place *p = *name == '\0' ? NULL : place_get(s, name);

		if (p != NULL)
			p->certificate_expires = json_object_get_int64(
			    json_member(o, "certificate_expires",
			    json_type_int));
	}
}

/* One that is not there any more, or false. */
static bool
place_vanished(struct states *s, struct json_object *instances,
	char name[ALB_LABEL_MAX + 1])
{
	bool found = false;

	pthread_mutex_lock(&s->lock);
	for (struct place *p = s->first; p != NULL && !found; p = p->next)
		if (!p->removed && !json_list_has(instances,
		    "name", p->name)) {
			memcpy(name, p->name, sizeof(p->name));
			found = true;
		}
	pthread_mutex_unlock(&s->lock);
	return found;
}

static void
listing_take(struct states *s, struct json_object *reply)
{
	struct json_object *instances = json_member(reply, "instances",
		json_type_array);
	char name[ALB_LABEL_MAX + 1];
	struct pair *pairs;
	size_t n;

	if (instances == NULL)
		return;
	if (pairs_read(json_member(reply, "projects", json_type_array), &pairs,
	    &n)) {
		pthread_mutex_lock(&s->lock);
		free(s->pairs);
		s->pairs = pairs;
		s->npairs = n;
		places_add(s, instances);
		s->revision = json_object_get_int64(json_member(reply,
		    "revision", json_type_int));
		pthread_cond_signal(&s->tick);
		pthread_mutex_unlock(&s->lock);
	}
	while (place_vanished(s, instances, name))
		states_instance_removed(s, name);
}

/* What there is to be watched, whenever that changed. */
static void
list_round(void *arg)
{
	struct states *s = arg;
	struct auth_client *auth = auth_client_new(
		s->app->config->auth_socket);
	AUTO_JSON struct json_object *reply = NULL;
	struct fault f = { 0 };
	int64_t revision;

	if (auth != NULL && auth_revision(auth, &revision, &f) == 0 &&
	    revision != s->revision && auth_watch_list(auth, &reply, &f) == 0)
		listing_take(s, reply);
	auth_client_free(auth);
}

/* ---- the whole ---- */

struct states *
states_new(struct app *app, struct fault *f)
{
	struct states *s = calloc(1, sizeof(*s));

	if (s == NULL) {
		fault_set(f, ERR_NO_MEMORY, "Out of memory.");
		return NULL;
	}
	s->app = app;
	s->revision = -1;
	pthread_mutex_init(&s->lock, NULL);
	pthread_mutex_init(&s->saving, NULL);
	pthread_cond_init(&s->work, NULL);
	thread_cond_init(&s->tick);
	thread_cond_init(&s->looked);
	if (states_load(s, f) == 0)
		return s;
	states_free(s);
	return NULL;
}

int
states_start(struct states *s)
{
	if (threads_start(&s->threads, STATES_THREADS, asker_main, s) != 0)
		return ERR_NO_MEMORY;
	s->has_clock = thread_start(&s->clock, clock_main, s) == 0;
	s->lister = rounds_new(list_round, s, LIST_S);
	return s->has_clock && s->lister != NULL ? 0 : ERR_NO_MEMORY;
}

void
states_stop(struct states *s)
{
	if (s == NULL)
		return;
	if (s->lister != NULL)
		rounds_free(s->lister);
	s->lister = NULL;
	pthread_mutex_lock(&s->lock);
	s->ending = true;
	pthread_cond_broadcast(&s->work);
	pthread_cond_broadcast(&s->tick);
	pthread_mutex_unlock(&s->lock);
	threads_join(&s->threads);
	if (s->has_clock)
		pthread_join(s->clock, NULL);
	s->has_clock = false;
}

void
states_free(struct states *s)
{
	struct place *p;

	if (s == NULL)
		return;
	states_stop(s);
	while ((p = s->first) != NULL) {
		s->first = p->next;
		place_free(p);
	}
	free(s->pairs);
	pthread_cond_destroy(&s->looked);
	pthread_cond_destroy(&s->tick);
	pthread_cond_destroy(&s->work);
	pthread_mutex_destroy(&s->saving);
	pthread_mutex_destroy(&s->lock);
	free(s);
}

/* ---- changes through us ---- */

void
states_changed(struct states *s, const char *instance)
{
	struct place *p;

	if (s == NULL)
		return;
	pthread_mutex_lock(&s->lock);
	p = place_get(s, instance);
	if (p != NULL) {
		p->changed = flight_now();
		place_queue(s, p);
	}
	pthread_mutex_unlock(&s->lock);
}

/* A row that a change is about, though it was not seen yet; NULL if none. */
static struct seen *
row_of(struct states *s, const char *instance, const char *project,
	const char *name)
{
	struct place *p = place_get(s, instance);

	return p == NULL ? NULL : seen_get(&p->rows, project, name);
}

void
states_meant(struct states *s, const char *instance, const char *project,
	const char *name)
{
	struct seen *row;

	if (s == NULL)
		return;
	pthread_mutex_lock(&s->lock);
	row = row_of(s, instance, project, name);
	if (row != NULL) {
		row->touched = true;
		row->touched_at = flight_now();
	}
	pthread_mutex_unlock(&s->lock);
}

void
states_deployed(struct states *s, const char *instance, const char *project,
	const char *name)
{
	struct seen *row;

	if (s == NULL)
		return;
	pthread_mutex_lock(&s->lock);
	row = row_of(s, instance, project, name);
	if (row != NULL)
		row->settled = true;
	pthread_mutex_unlock(&s->lock);
}

void
states_instances_changed(struct states *s)
{
	if (s == NULL)
		return;
	atomic_fetch_add(&s->generation, 1);
	if (s->lister != NULL)
		rounds_wake(s->lister);
}

unsigned
states_generation(struct states *s)
{
	return s == NULL ? 0 : atomic_load(&s->generation);
}

/* ---- for others ---- */

static enum state_kind
kind_of(const struct place *p, const struct seen *row)
{
	if (row->state == SEEN_STOPPED)
		return STATE_STOPPED;
	return row_lost(p, row) ? STATE_UNKNOWN : STATE_RUNNING;
}

static bool
rows_each(const struct place *p,
	bool (*take)(void *arg, const struct state_row *row), void *arg)
{
	int64_t now = wall_ms();
	bool on = true;

	for (size_t i = 0; on && i < p->rows.len; i++) {
		const struct seen *row = p->rows.items[i];
		const struct state_row out = { .instance = p->name,
			.project = row->project, .name = row->name,
			.digest = row->digest, .state = kind_of(p, row),
			.started_ms = row->started,
			.stopped_ms = row->stopped, .halted = row->halted,
			.restarts = seen_restarts(row, now),
			.restarts_ever = row->restarts_all,
			.crash_loop = row->crash_loop, .memory = row->memory,
			.health = row->health, .as_of_ms = p->as_of };

		if (row->state != SEEN_NONE)
			on = take(arg, &out);
	}
	return on;
}

void
states_each(struct states *s, const char *instance,
	bool (*take)(void *arg, const struct state_row *row), void *arg)
{
	bool on = true;

	if (s == NULL)
		return;
	pthread_mutex_lock(&s->lock);
	for (struct place *p = s->first; on && p != NULL; p = p->next)
		if (!p->removed && (instance == NULL ||
		    strcmp(p->name, instance) == 0))
			on = rows_each(p, take, arg);
	pthread_mutex_unlock(&s->lock);
}

bool
states_away(struct states *s, const char *instance, struct fault *f)
{
	const struct place *p;
	bool away;

	if (s == NULL)
		return false;
	pthread_mutex_lock(&s->lock);
	p = place_find(s, instance);
	away = p != NULL && p->standing.failures >= AWAY_FAILURES;
	if (away)
		*f = p->why;
	pthread_mutex_unlock(&s->lock);
	return away;
}

void
states_instances(struct states *s,
	bool (*take)(void *arg, const struct state_instance *i), void *arg)
{
	struct upstream_health health;
	bool on = true;

	if (s == NULL)
		return;
	pthread_mutex_lock(&s->lock);
	for (struct place *p = s->first; on && p != NULL; p = p->next) {
		upstream_health(s->app->upstream, p->name, &health);
		const struct state_instance out = { .name = p->name,
			.status = p->standing.status,
			.since_ms = p->standing.since,
			.checked_ms = p->standing.checked,
			.as_of_ms = p->as_of, .latency_ms = p->latency,
			.running = p->running,
			.certificate_expires = p->certificate_expires,
			.server_expires = health.server_expires,
			.has_skew = health.has_skew, .skew_ms = health.skew };

		if (!p->removed)
			on = take(arg, &out);
	}
	pthread_mutex_unlock(&s->lock);
}

bool
states_show(struct states *s, const char *instance, const char *project,
	const char *name, struct json_object *o)
{
	const struct place *p;
	const struct seen *row;
	bool known;

	pthread_mutex_lock(&s->lock);
	p = place_find(s, instance);
	row = p == NULL ? NULL : seen_find(&p->rows, project, name);
	known = row != NULL && row->state != SEEN_NONE;
	json_add_time(o, "stopped_at", known ? row->stopped / 1000 : 0);
	json_add_int(o, "restarts", known ? seen_restarts(row, wall_ms()) :
	    0);
	json_add_bool(o, "crash_loop", known && row->crash_loop);
	json_object_object_add(o, "metrics", known ? row_metrics(s, p, row) :
	    NULL);
	pthread_mutex_unlock(&s->lock);
	return known;
}

struct json_object *
states_item(struct states *s, const char *instance, const char *project,
	const char *name)
{
	struct json_object *o = NULL;
	const struct place *p;
	const struct seen *row;

	pthread_mutex_lock(&s->lock);
	p = place_find(s, instance);
	row = p == NULL ? NULL : seen_find(&p->rows, project, name);
	if (row != NULL && row->state != SEEN_NONE && row->shown != NULL)
		o = json_tokener_parse(row->shown);
	pthread_mutex_unlock(&s->lock);
	return o;
}

struct json_object *
states_health(struct states *s, const char *instance, bool whole)
{
	static const struct place unknown = { .latency = -1 };
	struct json_object *o;
	const struct place *p;

	pthread_mutex_lock(&s->lock);
	p = place_find(s, instance);
	o = place_health(s, p == NULL ? &unknown : p, whole);
	pthread_mutex_unlock(&s->lock);
	return o;
}

struct json_object *
states_history(struct states *s, const char *instance, bool whole)
{
	struct json_object *o = states_health(s, instance, whole);
	static const struct standing none;
	const struct place *p;

	pthread_mutex_lock(&s->lock);
	p = place_find(s, instance);
	standing_show(p == NULL ? &none : &p->standing, o, wall_ms(), whole);
	pthread_mutex_unlock(&s->lock);
	return o;
}
