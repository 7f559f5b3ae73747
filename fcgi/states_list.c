/* SPDX-License-Identifier: ISC */
/* states_list: the list of unikernels, out of what is known of them. */
#include "fcgi/states_list.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "fcgi/api.h"
#include "fcgi/flight.h"
#include "fcgi/pairs.h"
#include "fcgi/states_place.h"

/* How long a list waits for one instance, and for one that was down last. */
#define WAIT_MS 6000
#define WAIT_DOWN_MS 500
/* A look that takes so much longer than the one before will hardly end well. */
#define LATE_MS 1500
#define LIST_MAX (16 * 1024 * 1024)

/* What the answer is made of. */
struct listing_states {
	struct states *s;
	const struct auth_grant *grant;
	const char *instance, *project, *q;	/* NULL: all */
	struct page page;
	const struct pairs *pairs;
	int64_t begun;
	struct buf out;
	int64_t put;
	char last[PAGE_KEY_MAX + 1];
	bool more;
	int64_t as_of;		/* ms since 1970, of the oldest; 0: none */
};

/* ---- fresh enough ---- */

/*
 * With the lock held. One that is down is waited for by nobody but those who
 * just changed something there: it is asked behind the scenes, and is in the
 * list again when it answers.
 */
static bool
is_fresh(const struct place *p, int64_t begun)
{
	if (p->begun == 0 || p->begun < p->changed)
		return false;
	if (p->fault.err != 0)
		return begun - p->ended < 2 * STATES_SELDOM_MS;
	return begun - p->ended < STATES_FRESH_MS;
}

/* Until when it is waited for, as it looks now. */
static int64_t
wait_end(const struct listing_states *l, const struct place *p)
{
	int64_t soon = l->begun + WAIT_DOWN_MS, end = l->begun + WAIT_MS;
	int64_t late = p->asking_since + LATE_MS + 2 * p->latency;

	if (p->fault.err != 0)
		return soon;
	if (p->asking && late < end)
		end = late < soon ? soon : late;
	return end;
}

/* The next of the pairs that is of another instance. */
static size_t
pair_next(const struct listing_states *l, size_t i)
{
	const char *instance = l->pairs->items[i].instance;

	while (i < l->pairs->len &&
	    strcmp(l->pairs->items[i].instance, instance) == 0)
		i++;
	return i;
}

/* Is anything of this instance asked for? */
static bool
place_wanted(const struct listing_states *l, size_t i)
{
	for (size_t end = pair_next(l, i); i < end; i++)
		if (pair_wanted(&l->pairs->items[i], l->instance, l->project))
			return true;
	return false;
}

static void
place_await(struct listing_states *l, const char *name)
{
	struct states *s = l->s;
	struct place *p;

	while ((p = place_find(s, name)) != NULL && !is_fresh(p, l->begun) &&
	    flight_now() < wait_end(l, p) && !s->ending) {
		int64_t end = wait_end(l, p);
		const struct timespec until = { .tv_sec = end / 1000,
			.tv_nsec = end % 1000 * 1000000 };

		place_queue(s, p);
		pthread_cond_timedwait(&s->looked, &s->lock, &until);
	}
}

/* All are asked before one is waited for. */
static void
all_await(struct listing_states *l)
{
	struct place *p;

	for (size_t i = 0; i < l->pairs->len; i = pair_next(l, i)) {
		if (!place_wanted(l, i))
			continue;
		p = place_get(l->s, l->pairs->items[i].instance);
		if (p == NULL)
			continue;
		p->wanted = l->begun;
		if (!is_fresh(p, l->begun))
			place_queue(l->s, p);
	}
	for (size_t i = 0; i < l->pairs->len; i = pair_next(l, i))
		if (place_wanted(l, i))
			place_await(l, l->pairs->items[i].instance);
}

/* ---- the answer ---- */

static void
put_object(struct buf *out, struct json_object *o)
{
	buf_put_str(out, json_object_to_json_string_ext(o,
	    JSON_C_TO_STRING_PLAIN));
	json_object_put(o);
}

static void
put_time(struct buf *out, int64_t ms)
{
	char when[RFC3339_SIZE];

	if (ms == 0) {
		buf_put_str(out, "null");
		return;
	}
	rfc3339_format((time_t)(ms / 1000), -1, when);
	buf_putf(out, "\"%s\"", when);
}

/* False once the page is full. */
static bool
put_row(struct listing_states *l, const struct place *p,
	const struct seen *row)
{
	char key[PAGE_KEY_MAX + 1];

	if (row->state == SEEN_NONE || row->shown == NULL ||
	    (l->q != NULL && strstr(row->name, l->q) == NULL) ||
	    !auth_grant_covers(l->grant, row->name))
		return true;
	page_key(p->name, row->project, row->name, key);
	if (strcmp(key, l->page.after) <= 0)
		return true;
	if (l->put == l->page.limit) {
		l->more = true;
		return false;
	}
	if (l->put++ > 0)
		buf_put_u8(&l->out, ',');
	buf_put(&l->out, row->shown, row->shown_len);
	memcpy(l->last, key, sizeof(key));
	return true;
}

static void
put_pair(struct listing_states *l, const struct pair *pair)
{
	const struct place *p = place_find(l->s, pair->instance);

	if (p == NULL)
		return;
	for (size_t i = seen_at(&p->rows, pair->project, "");
	    i < p->rows.len && strcmp(p->rows.items[i]->project,
	    pair->project) == 0; i++)
		if (!put_row(l, p, p->rows.items[i]))
			break;
}

static void
put_items(struct listing_states *l)
{
	for (size_t i = 0; i < l->pairs->len && !l->more; i++)
		if (pair_wanted(&l->pairs->items[i], l->instance, l->project))
			put_pair(l, &l->pairs->items[i]);
}

static void
put_error(struct listing_states *l, const struct place *p, bool *first)
{
	struct fault f = { 0 };

	if (p->fault.err == 0 && is_fresh(p, l->begun))
		return;
	if (p->fault.err == 0)
		fault_set(&f, ERR_ALB_TIMEOUT, "%s did not answer in time.",
		    p->name);
	if (!*first)
		buf_put_u8(&l->out, ',');
	*first = false;
	put_object(&l->out, api_error(p->name, p->fault.err != 0 ?
	    &p->fault : &f));
}

static void
put_instance(struct listing_states *l, const struct place *p, bool *first)
{
	if (!*first)
		buf_put_u8(&l->out, ',');
	*first = false;
	buf_putf(&l->out, "{\"name\":\"%s\",\"status\":\"%s\",\"as_of\":",
	    p->name, standing_status_text(p->standing.status));
	put_time(&l->out, p->as_of);
	buf_put_u8(&l->out, '}');
	if (p->as_of != 0 && (l->as_of == 0 || p->as_of < l->as_of))
		l->as_of = p->as_of;
}

static void
each_place(struct listing_states *l,
	void (*put)(struct listing_states *l, const struct place *p,
	bool *first))
{
	const struct place *p;
	bool first = true;

	for (size_t i = 0; i < l->pairs->len; i = pair_next(l, i)) {
		p = !place_wanted(l, i) ? NULL : place_find(l->s,
			l->pairs->items[i].instance);
		if (p != NULL)
			put(l, p, &first);
	}
}

static void
put_all(struct listing_states *l)
{
	buf_put_str(&l->out, "{\"items\":[");
	put_items(l);
	buf_put_str(&l->out, "],\"next\":");
	put_object(&l->out, l->more ? page_cursor(l->last) : NULL);
	buf_put_str(&l->out, ",\"errors\":[");
	each_place(l, put_error);
	buf_put_str(&l->out, "],\"instances\":[");
	each_place(l, put_instance);
	buf_put_str(&l->out, "],\"as_of\":");
	put_time(&l->out, l->as_of == 0 ? wall_ms() : l->as_of);
	buf_put_u8(&l->out, '}');
}

static int
list_send(struct listing_states *l, struct request *r, struct reply *p,
	struct fault *f)
{
	struct pairs *pairs;
	int err = pairs_get(r, &pairs, f);

	if (err != 0)
		return err;
	l->pairs = pairs;
	pthread_mutex_lock(&l->s->lock);
	all_await(l);
	put_all(l);
	pthread_mutex_unlock(&l->s->lock);
	answer_put(&pairs->answer);
	if (!buf_ok(&l->out))
		return fault_set(f, ERR_NO_MEMORY, "The list is too long: ask "
		    "with a smaller limit.");
	return reply_data(p, 200, "application/json", l->out.data,
	    l->out.len);
}

int
states_list(struct request *r, struct reply *p, struct fault *f)
{
	struct listing_states l = { .s = r->app->states, .grant = &r->grant,
		.instance = r->instance, .project = r->project,
		.q = request_query(r, "q"), .begun = flight_now() };
	int err = page_read(r, PAGE_LIMIT_MAX, &l.page, f);

	if (err != 0)
		return err;
	buf_init(&l.out, LIST_MAX);
	err = list_send(&l, r, p, f);
	buf_free(&l.out);
	return err;
}

bool
states_await(struct states *s, const char *instance)
{
	struct pair pair = { .block = -1 };
	const struct pairs pairs = { .items = &pair, .len = 1 };
	struct listing_states l = { .s = s, .pairs = &pairs,
		.begun = flight_now() };
	const struct place *p;
	bool fresh;

	snprintf(pair.instance, sizeof(pair.instance), "%s", instance);
	pthread_mutex_lock(&s->lock);
	all_await(&l);
	p = place_find(s, instance);
	fresh = p != NULL && p->fault.err == 0 && is_fresh(p, l.begun);
	pthread_mutex_unlock(&s->lock);
	return fresh;
}
