/* SPDX-License-Identifier: ISC */
/* standing: see standing.h. */
#include "fcgi/standing.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fcgi/clean.h"

static const char *const status_words[] = {
	[STANDING_UNKNOWN] = "unknown", [STANDING_UP] = "up",
	[STANDING_DEGRADED] = "degraded", [STANDING_DOWN] = "down",
};

const char *
standing_status_text(enum standing_status s)
{
	return status_words[s];
}

const char *
standing_category(int err)
{
	switch (err) {
	case ERR_ALB_CERTIFICATE:
		return "certificate";
	case ERR_ALB_CREDENTIALS:
	case ERR_ALB_CLOCK:
		return "credentials";
	case ERR_ALB_INCOMPATIBLE:
	case ERR_ALB_UNSUPPORTED:
	case ERR_ALB_FAILURE:
		return "incompatible";
	default:
		return "network";
	}
}

const struct check *
standing_check(const struct standing *s, size_t i)
{
	int64_t at = s->checks_all - 1 - (int64_t)i;

	if (i >= STANDING_CHECKS || at < 0)
		return NULL;
	return &s->checks[at % STANDING_CHECKS];
}

const struct outage *
standing_outage_at(const struct standing *s, size_t i)
{
	int64_t at = s->outages_all - 1 - (int64_t)i;

	if (i >= STANDING_OUTAGES || at < 0)
		return NULL;
	return &s->outages[at % STANDING_OUTAGES];
}

void
standing_outage(struct standing *s, const struct outage *o)
{
	s->outages[s->outages_all++ % STANDING_OUTAGES] = *o;
}

/* The one that goes on, or NULL. */
static struct outage *
outage_open(struct standing *s)
{
	struct outage *o;

	if (s->outages_all == 0)
		return NULL;
	o = &s->outages[(s->outages_all - 1) % STANDING_OUTAGES];
	return o->until == 0 ? o : NULL;
}

static void
outage_note(struct standing *s, int64_t at, const struct fault *f)
{
	struct outage *open = outage_open(s);
	struct outage o = { .since = at };

	if (f == NULL) {
		if (open != NULL)
			open->until = at;
		return;
	}
	if (open == NULL) {
		standing_outage(s, &o);
		open = outage_open(s);
	}
	open->err = f->err;
	clean_copy(open->detail, sizeof(open->detail), f->detail);
}

static int
ms_compare(const void *a, const void *b)
{
	return *(const int *)a - *(const int *)b;
}

int
standing_latency(const struct standing *s, int percent)
{
	int list[STANDING_CHECKS];
	const struct check *c;
	size_t n = 0;

	for (size_t i = 0; (c = standing_check(s, i)) != NULL; i++)
		if (c->err == 0)
			list[n++] = c->ms;
	if (n == 0)
		return -1;
	qsort(list, n, sizeof(*list), ms_compare);
	return list[(n - 1) * (size_t)percent / 100];
}

/* With the newest check in the list, which answered. */
static bool
is_degraded(const struct standing *s, int64_t now)
{
	const struct outage *o;
	const struct check *c;
	int away = 0, slow = 0;

	for (size_t i = 0; (o = standing_outage_at(s, i)) != NULL; i++)
		if (now - o->since < STANDING_DEGRADED_MS)
			away++;
	for (size_t i = 0; i < 3 && (c = standing_check(s, i)) != NULL; i++)
		if (c->err == 0 && c->ms >= STANDING_SLOW_MS)
			slow++;
	return away >= 2 || slow >= 2;
}

bool
standing_add(struct standing *s, int64_t at, int ms, const struct fault *f)
{
	struct check *c = &s->checks[s->checks_all % STANDING_CHECKS];
	const struct check *before = standing_check(s, 0);
	int err_before = before == NULL ? 0 : before->err;
	enum standing_status status = STANDING_DOWN;

	*c = (struct check){ .at = at, .ms = ms,
		.err = f == NULL ? 0 : f->err };
	if (f != NULL)
		clean_copy(c->detail, sizeof(c->detail), f->detail);
	s->failures = f == NULL ? 0 : s->failures + 1;
	s->checks_all++;
	s->checked = at;
	if (s->watched == 0)
		s->watched = at;
	if (f == NULL)
		status = is_degraded(s, at) ? STANDING_DEGRADED : STANDING_UP;
	outage_note(s, at, f);
	if (status == s->status)
		return c->err != err_before;
	s->status = status;
	s->since = at;
	return true;
}

int
standing_wait(int64_t failures, bool looked)
{
	int most = looked ? STANDING_LOOKED_MAX_MS : STANDING_SELDOM_MAX_MS;
	int ms = looked ? STANDING_LOOKED_MS : STANDING_SELDOM_MS;

	while (--failures > 0 && ms < most)
		ms *= 2;
	return ms < most ? ms : most;
}

double
standing_availability(const struct standing *s, int64_t now)
{
	int64_t begin = s->watched, away = 0;
	const struct outage *o;

	for (size_t i = 0; (o = standing_outage_at(s, i)) != NULL; i++)
		if (o->since < begin)
			begin = o->since;
	if (begin < now - STANDING_DAY_MS)
		begin = now - STANDING_DAY_MS;
	if (s->watched == 0 || begin >= now)
		return -1;
	for (size_t i = 0; (o = standing_outage_at(s, i)) != NULL; i++) {
		int64_t since = o->since < begin ? begin : o->since;
		int64_t until = o->until == 0 ? now : o->until;

		if (until > since)
			away += until - since;
	}
	return 1 - (double)away / (double)(now - begin);
}

/* ---- as the API shows it ---- */

static void
add_latency(struct json_object *o, const char *key, int ms)
{
	json_object_object_add(o, key, ms < 0 ? NULL :
	    json_object_new_int(ms));
}

static void
add_why(struct json_object *o, int err, const char *detail, bool whole)
{
	json_add_str(o, "code", err == 0 ? NULL : err_code(err));
	json_add_str(o, "detail", err == 0 || !whole ? NULL : detail);
}

static struct json_object *
checks_json(const struct standing *s, bool whole)
{
	struct json_object *list = json_object_new_array(), *o;
	const struct check *c;

	for (size_t i = 0; (c = standing_check(s, i)) != NULL; i++) {
		o = json_object_new_object();
		json_add_time_ms(o, "at", c->at);
		json_add_bool(o, "ok", c->err == 0);
		json_add_int(o, "ms", c->ms);
		add_why(o, c->err, c->detail, whole);
		json_object_array_add(list, o);
	}
	return list;
}

static struct json_object *
outages_json(const struct standing *s, bool whole)
{
	struct json_object *list = json_object_new_array(), *o;
	const struct outage *out;

	for (size_t i = 0; (out = standing_outage_at(s, i)) != NULL; i++) {
		o = json_object_new_object();
		json_add_time_ms(o, "since", out->since);
		json_add_time_ms(o, "until", out->until);
		add_why(o, out->err, out->detail, whole);
		json_object_array_add(list, o);
	}
	return list;
}

void
standing_show(const struct standing *s, struct json_object *o, int64_t now,
	bool whole)
{
	struct json_object *latency = json_object_new_object();
	double share = standing_availability(s, now);

	add_latency(latency, "p50", standing_latency(s, 50));
	add_latency(latency, "p95", standing_latency(s, 95));
	json_object_object_add(o, "latency", latency);
	json_object_object_add(o, "availability", share < 0 ? NULL :
	    json_object_new_double(share));
	json_object_object_add(o, "checks", checks_json(s, whole));
	json_object_object_add(o, "outages", outages_json(s, whole));
}
