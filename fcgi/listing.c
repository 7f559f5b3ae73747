/* SPDX-License-Identifier: ISC */
/* listing: see listing.h. */
#include "fcgi/listing.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/text.h"
#include "fcgi/api.h"
#include "fcgi/app.h"
#include "fcgi/listing_rows.h"
#include "fcgi/pairs.h"
#include "fcgi/thread.h"
#include "fcgi/upstream.h"

/*
 * How long a list waits for one instance, and for one that was down last: that
 * one is asked behind the scenes, and is in the list again when it answers.
 */
#define WAIT_MS 6000
#define WAIT_DOWN_MS 500
#define LIST_MAX (16 * 1024 * 1024)

/* One question under way for one listing. */
struct wait {
	const struct pair *pair;
	struct answer *answer;		/* owned, once there */
	struct flight *flight;		/* held, until then */
	struct fault fault;
};

/* What a thread needs that asks one pair. */
struct errand {
	struct app *app;
	enum listing_kind kind;
	struct ticket *ticket;
	struct flight *flight;
};

void
listing_key(enum listing_kind kind, const char *instance,
	const char *project, char key[FLIGHT_KEY_MAX + 1])
{
	static const char *const ends[] = { [LISTING_VOLUMES] = "/volumes",
		[LISTING_VOLUMES_ALONE] = "/volumes alone" };

	snprintf(key, FLIGHT_KEY_MAX + 1, "%s/%s%s", instance, project,
	    ends[kind]);
}

void
listing_volumes_forget(struct flights *flights, const char *instance,
	const char *project)
{
	char key[FLIGHT_KEY_MAX + 1];

	listing_key(LISTING_VOLUMES, instance, project, key);
	flight_forget(flights, key);
	listing_key(LISTING_VOLUMES_ALONE, instance, project, key);
	flight_forget(flights, key);
}

/* ---- one pair ---- */

static void *
errand_main(void *arg)
{
	struct errand *e = arg;
	struct app *app = e->app;
	struct auth_client *auth = auth_client_new(app->config->auth_socket);
	struct fault f = { 0 };
	struct rows *rows = rows_ask(app, auth, e->kind, e->ticket, &f);

	flight_land(e->flight, rows == NULL ? NULL : &rows->answer, &f);
	flight_leave(e->flight);
	auth_client_free(auth);
	ticket_put(e->ticket);
	free(e);
	atomic_fetch_sub(&app->errands, 1);
	return NULL;
}

/* Has a thread ask; the flight (held by it from now on) lands in any case. */
static void
errand_start(struct request *r, enum listing_kind kind,
	const struct pair *pair, struct flight *flight)
{
	struct errand *e = calloc(1, sizeof(*e));
	struct fault f = { 0 };

	if (e != NULL) {
		*e = (struct errand){ .app = r->app, .kind = kind,
			.flight = flight };
		e->ticket = ticket_new(pair->instance, pair->project, "",
			&r->who, &r->grant);
		atomic_fetch_add(&r->app->errands, 1);
		if (e->ticket != NULL && thread_detach(errand_main, e) == 0)
			return;
		atomic_fetch_sub(&r->app->errands, 1);
		ticket_put(e->ticket);
		free(e);
	}
	fault_set(&f, ERR_NO_MEMORY, "Out of memory.");
	flight_land(flight, NULL, &f);
	flight_leave(flight);
}

/* ---- the answer ---- */

/* Starts all questions that nobody has asked yet. */
static void
wait_start(struct request *r, enum listing_kind kind, struct wait *w,
	const struct pair *pair)
{
	char key[FLIGHT_KEY_MAX + 1];
	bool lead = false;

	w->pair = pair;
	listing_key(kind, pair->instance, pair->project, key);
	if (flight_join(upstream_flights(r->app->upstream), key, &w->answer,
	    &w->flight, &lead, &w->fault) != 0)
		return;
	if (lead)
		errand_start(r, kind, pair, flight_hold(w->flight));
}

static void
wait_end(struct upstream *u, struct wait *w, int64_t start)
{
	const char *instance = w->pair->instance;
	struct upstream_health health;
	bool down;
	int err;

	if (w->answer != NULL || w->flight == NULL)
		return;
	upstream_health(u, instance, &health);
	down = health.status == HEALTH_DOWN;
	err = flight_wait(w->flight, start + (down ? WAIT_DOWN_MS : WAIT_MS),
		&w->answer, &w->fault);
	if (err == ERR_ALB_TIMEOUT && down)
		w->fault = health.fault;
	else if (err == ERR_ALB_TIMEOUT)
		fault_set(&w->fault, err, "%s did not answer in time.",
		    instance);
	flight_leave(w->flight);
	w->flight = NULL;
}

/* Builds the answer; counts what it put. */
struct writer {
	const struct listing *l;
	const struct auth_grant *grant;
	struct buf *out;
	int64_t put;
	char last[PAGE_KEY_MAX + 1];
	bool more;
	time_t as_of;
};

static void
write_rows(struct writer *w, const struct pair *pair, const struct rows *rows)
{
	char key[PAGE_KEY_MAX + 1];

	if (rows->as_of < w->as_of)
		w->as_of = rows->as_of;
	for (size_t i = 0; i < rows->len; i++) {
		const struct row *row = &rows->items[i];

		page_key(pair->instance, pair->project, row->name, key);
		if ((w->l->q != NULL && strstr(row->name, w->l->q) == NULL) ||
		    strcmp(key, w->l->page.after) <= 0 ||
		    !auth_grant_covers(w->grant, row->name))
			continue;
		if (w->put == w->l->page.limit) {
			w->more = true;
			return;
		}
		if (w->put++ > 0)
			buf_put_u8(w->out, ',');
		buf_put(w->out, row->json, row->len);
		memcpy(w->last, key, sizeof(key));
	}
}

static void
put_json(struct buf *out, struct json_object *o)
{
	buf_put_str(out, json_object_to_json_string_ext(o,
	    JSON_C_TO_STRING_PLAIN));
	json_object_put(o);
}

/* One error per instance, however many of its projects were asked about. */
static void
write_errors(struct buf *out, const struct wait *waits, size_t n)
{
	const char *last = "";

	for (size_t i = 0; i < n; i++) {
		if (waits[i].answer != NULL ||
		    strcmp(waits[i].pair->instance, last) == 0)
			continue;
		if (*last != '\0')
			buf_put_u8(out, ',');
		last = waits[i].pair->instance;
		put_json(out, api_error(last, &waits[i].fault));
	}
}

/* What each project may have in volumes where, and has, as far as known. */
static void
write_quotas(struct buf *out, const struct wait *waits, size_t n)
{
	struct json_object *list = json_object_new_array(), *o;

	for (size_t i = 0; i < n; i++) {
		const struct pair *pair = waits[i].pair;

		if (waits[i].answer == NULL)
			continue;
		o = json_object_new_object();
		json_add_str(o, "instance", pair->instance);
		json_add_str(o, "project", pair->project);
		json_object_object_add(o, "allowed", pair->block < 0 ? NULL :
		    json_object_new_int64(pair->block));
		json_add_int(o, "used",
		    ((const struct rows *)waits[i].answer)->used);
		json_object_array_add(list, o);
	}
	put_json(out, list);
}

static void
write_all(const struct listing *l, const struct auth_grant *grant,
	const struct wait *waits, size_t n, struct buf *out)
{
	struct writer w = { .l = l, .grant = grant, .out = out,
		.as_of = time(NULL) };
	char when[RFC3339_SIZE];

	buf_put_str(out, "{\"items\":[");
	for (size_t i = 0; i < n && !w.more; i++)
		if (waits[i].answer != NULL)
			write_rows(&w, waits[i].pair,
			    (const struct rows *)waits[i].answer);
	buf_put_str(out, "],\"next\":");
	put_json(out, w.more ? page_cursor(w.last) : NULL);
	buf_put_str(out, ",\"errors\":[");
	write_errors(out, waits, n);
	buf_put_str(out, "],\"quotas\":");
	write_quotas(out, waits, n);
	rfc3339_format(w.as_of, -1, when);
	buf_putf(out, ",\"as_of\":\"%s\"}", when);
}

static int
listing_write(struct request *r, const struct listing *l, struct buf *out,
	struct fault *f)
{
	int64_t start = flight_now();
	struct pairs *pairs = NULL;
	struct wait *waits;
	size_t n = 0;
	int err = pairs_get(r, &pairs, f);

	if (err != 0)
		return err;
	waits = calloc(pairs->len + 1, sizeof(*waits));
	if (waits == NULL)
		err = fault_set(f, ERR_NO_MEMORY, "Out of memory.");
	for (size_t i = 0; err == 0 && i < pairs->len; i++)
		if (pair_wanted(&pairs->items[i], l->instance,
		    l->project))
			wait_start(r, l->kind, &waits[n++], &pairs->items[i]);
	for (size_t i = 0; i < n; i++)
		wait_end(r->app->upstream, &waits[i], start);
	if (err == 0)
		write_all(l, &r->grant, waits, n, out);
	for (size_t i = 0; i < n; i++)
		answer_put(waits[i].answer);
	free(waits);
	answer_put(&pairs->answer);
	return err;
}

int
listing_reply(struct request *r, struct reply *p, struct listing *l,
	struct fault *f)
{
	struct buf out;
	int err = page_read(r, PAGE_LIMIT_MAX, &l->page, f);

	if (err != 0)
		return err;
	buf_init(&out, LIST_MAX);
	err = listing_write(r, l, &out, f);
	if (err == 0 && !buf_ok(&out))
		err = fault_set(f, ERR_NO_MEMORY, "The list is too long: ask "
		    "with a smaller limit.");
	if (err == 0)
		err = reply_data(p, 200, "application/json", out.data,
		    out.len);
	buf_free(&out);
	return err;
}
