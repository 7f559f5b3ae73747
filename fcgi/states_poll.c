/* SPDX-License-Identifier: ISC */
/* states_poll: one look at one instance, and what follows from it. */
#include "fcgi/states_place.h"

#include <stdio.h>
#include <string.h>

#include "base/array.h"
#include "base/text.h"
#include "fcgi/flight.h"
#include "fcgi/upstream.h"
#include "fcgi/upstream_fault.h"

#define RETRY_MS 300		/* a failure that was quick may be none */
#define YOUNG_MS 30000		/* after which all that is to run does */
#define UNSETTLED_MS 30000
/* What is older is not shown as if it were so, whoever is to blame. */
#define STALE_MS 60000

/* What came of asking, before it is taken in. */
struct answer_seen {
	struct found *items;	/* owned; NULL: there was none */
	size_t len, all;
	struct extras *extras;	/* owned */
	int ms;
	struct fault fault;
};

/* ---- asking ---- */

static int
infos_ask(struct states *s, struct auth_client *auth, const struct place *p,
	struct answer_seen *a)
{
	const struct ask ask = { .auth = auth, .instance = p->name,
		.label = "" };
	int64_t begun = flight_now();
	struct alb_wire w;
	int err;

	a->fault = (struct fault){ 0 };
	err = upstream_poll(s->app->upstream, &ask, &w, &a->fault);
	a->ms = (int)(flight_now() - begun);
	if (err != 0)
		return err;
	a->items = found_list(&w, &a->len, &a->all);
	alb_wire_free(&w);
	return a->items != NULL ? 0 : fault_set(&a->fault, ERR_NO_MEMORY,
	    "Out of memory.");
}

static void
ask(struct states *s, struct auth_client *auth, const struct place *p,
	struct answer_seen *a)
{
	int err = infos_ask(s, auth, p, a);

	if (err != 0 && a->ms < RETRY_MS && !s->app->stopping) {
		(void)thread_nap(&s->app->stopping, RETRY_MS);
		err = infos_ask(s, auth, p, a);
	}
	if (err == 0)
		a->extras = extras_new(s->app, p->name, a->items, a->len);
}

/* ---- what looks different ---- */

static void
event_add(struct seen_events *events, const struct seen *row, bool gone)
{
	struct seen_event *e;

	if (!array_grow((void **)&events->items, &events->cap, events->len,
	    sizeof(*events->items)))
		return;
	e = &events->items[events->len++];
	*e = (struct seen_event){ .change = SEEN_CHANGED, .gone = gone };
	memcpy(e->project, row->project, sizeof(row->project));
	memcpy(e->name, row->name, sizeof(row->name));
}

static int
row_compare(const struct seen_event *e, const struct seen *row)
{
	int by = strcmp(e->project, row->project);

	return by != 0 ? by : strcmp(e->name, row->name);
}

/*
 * Encodes all rows; those that look different now are told of too, but for
 * those that something was told of. Both are in order.
 */
static void
rows_show(const struct states *s, const struct place *p,
	const struct extras *x, struct seen_events *events)
{
	size_t told = events->len, at = 0;

	for (size_t i = 0; i < p->rows.len; i++) {
		struct seen *row = p->rows.items[i];

		while (at < told && row_compare(&events->items[at], row) < 0)
			at++;
		if (row->state != SEEN_NONE && row_show(s, p, row, x) &&
		    (at == told || row_compare(&events->items[at], row) != 0))
			event_add(events, row, false);
	}
}

/* ---- taking in ---- */

struct claims_of {
	struct states *s;
	const struct place *p;
};

static bool
is_claimed(void *arg, const char *project, const char *name)
{
	const struct claims_of *of = arg;

	return upstream_claimed(of->s->app->upstream, of->p->name, project,
	    name);
}

/* True when its statistics are live, or not, other than before. */
static bool
stats_take(const struct states *s, struct place *p)
{
	struct gauges_status now;
	enum gauges_state before = p->stats;

	gauges_status(s->app->gauges, p->name, &now);
	p->stats = now.state;
	return p->stats != before;
}

/* True when what there is to say of the instance is different now. */
static bool
answered(struct states *s, struct place *p, struct answer_seen *a,
	struct seen_events *events)
{
	int64_t now = wall_ms(), since = p->asking_since;
	struct claims_of of = { s, p };
	struct look look = { .now = now, .begun = since,
		.after = place_lost(p), .items = a->items, .len = a->len,
		.claimed = is_claimed, .arg = &of };
	size_t running = p->running;
	bool unsettled, stats;

	if (look.after && p->as_of != 0)
		p->back = flight_now();
	look.young = p->back != 0 && flight_now() - p->back < YOUNG_MS;
	p->fault = (struct fault){ 0 };
	p->as_of = now - a->ms;
	p->latency = a->ms;
	p->running = a->all;
	stats = stats_take(s, p);
	(void)seen_look(&p->rows, &look, events, &p->again, &unsettled);
	if (unsettled)
		p->unsettled_until = flight_now() + UNSETTLED_MS;
	rows_show(s, p, a->extras, events);
	return standing_add(&p->standing, now, a->ms, NULL) || stats ||
		running != p->running;
}

/* The same, when it did not answer, or was not asked. */
static bool
failed(struct states *s, struct place *p, const struct answer_seen *a,
	struct seen_events *events)
{
	bool theirs = a->fault.err >= ERR_ALB_NETWORK &&
		a->fault.err <= ERR_ALB_FAILURE;
	bool lost = place_lost(p);

	p->again = false;
	if (theirs || wall_ms() - p->as_of > STALE_MS)
		p->fault = a->fault;
	if (theirs)
		p->why = a->fault;
	if (theirs && !lost)
		p->unsettled_until = flight_now() + UNSETTLED_MS;
	if (lost != place_lost(p))
		rows_show(s, p, NULL, events);
	return theirs && standing_add(&p->standing, wall_ms(), a->ms,
	    &a->fault);
}

/* The newest outage, as it is by now; false: there was none. */
static bool
outage_get(const struct place *p, struct outage *out)
{
	const struct outage *o = standing_outage_at(&p->standing, 0);

	if (o != NULL)
		*out = *o;
	return o != NULL;
}

static void
take_in(struct states *s, struct place *p, struct answer_seen *a)
{
	struct seen_events events = { 0 };
	struct outage outage;
	bool first, changed, away;

	pthread_mutex_lock(&s->lock);
	first = p->as_of == 0;
	changed = a->items != NULL ? answered(s, p, a, &events) :
		failed(s, p, a, &events);
	for (size_t i = 0; !p->removed && i < events.len; i++)
		event_tell(s, p, &events.items[i], first);
	if (changed && !p->removed)
		instance_tell(s, p);
	rows_keep(s, p);
	away = changed && !p->removed && outage_get(p, &outage);
	place_looked(s, p);
	pthread_mutex_unlock(&s->lock);
	if (events.len > 0)
		rows_save(s, p->name, &events);
	events_alert(s, p->name, &events);
	if (away)
		outage_save(s, p->name, &outage);
	seen_events_free(&events);
}

void
place_look(struct states *s, struct auth_client *auth, struct place *p)
{
	struct answer_seen a = { .ms = 0 };

	ask(s, auth, p, &a);
	take_in(s, p, &a);
	extras_free(a.extras);
	found_free(a.items, a.len);
}

/* ---- what others found out ---- */

bool
states_forget(struct states *s, const char *instance, const char *project,
	const char *name)
{
	struct seen_event e = { .change = SEEN_VANISHED, .meant = true,
		.gone = true };
	const struct seen_events events = { .items = &e, .len = 1 };
	struct place *p;
	struct seen *row;
	bool known;

	snprintf(e.project, sizeof(e.project), "%s", project);
	snprintf(e.name, sizeof(e.name), "%s", name);
	pthread_mutex_lock(&s->lock);
	p = place_find(s, instance);
	row = p == NULL ? NULL : seen_find(&p->rows, project, name);
	known = row != NULL && row->state != SEEN_NONE;
	if (known) {
		/* What is being looked at may still show it. */
		row->state = SEEN_NONE;
		row->touched = true;
		row->touched_at = flight_now();
		row->restarts_all = 0;
		row->crash_loop = row->settled = row->missed = false;
		event_tell(s, p, &e, false);
	}
	pthread_mutex_unlock(&s->lock);
	if (known) {
		rows_save(s, instance, &events);
		events_alert(s, instance, &events);
	}
	return known;
}

/* All that was known of what is there, as gone for good. */
static void
rows_gone(const struct place *p, struct seen_events *events)
{
	for (size_t i = 0; i < p->rows.len; i++)
		event_add(events, p->rows.items[i], true);
}

void
states_instance_removed(struct states *s, const char *instance)
{
	struct seen_events events = { 0 };
	struct place *p;

	pthread_mutex_lock(&s->lock);
	p = place_find(s, instance);
	if (p != NULL) {
		rows_gone(p, &events);
		p->removed = true;
		rows_keep(s, p);
		place_remove(s, p);
	}
	pthread_mutex_unlock(&s->lock);
	if (p != NULL)
		place_erase(s, instance);
	events_alert(s, instance, &events);
	seen_events_free(&events);
}

void
states_probed(struct states *s, const char *instance, int ms,
	const struct fault *f)
{
	struct seen_events events = { 0 };
	struct answer_seen a = { .ms = ms };
	struct outage outage;
	bool away = false;
	struct place *p;

	pthread_mutex_lock(&s->lock);
	p = place_get(s, instance);
	if (p != NULL) {
		a.fault = *f;
		if (failed(s, p, &a, &events))
			instance_tell(s, p);
		for (size_t i = 0; i < events.len; i++)
			event_tell(s, p, &events.items[i], false);
		away = outage_get(p, &outage);
	}
	pthread_mutex_unlock(&s->lock);
	if (away)
		outage_save(s, instance, &outage);
	seen_events_free(&events);
}
