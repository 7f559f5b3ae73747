/* SPDX-License-Identifier: ISC */
/* states_show: how unikernels and instances are shown; see states_place.h. */
#include "fcgi/states_place.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "albatross/json.h"
#include "base/buf.h"
#include "base/text.h"
#include "fcgi/clean.h"
#include "fcgi/gauges.h"
#include "fcgi/health_store.h"
#include "fcgi/update.h"
#include "fcgi/upstream.h"

#define ROW_MAX (1024 * 1024)

/* ---- builders and checks ---- */

struct known_image {
	char digest[SEEN_DIGEST_SIZE];
	char *update;		/* JSON, owned; NULL: null */
};

struct extras {
	struct known_image *images;	/* ordered; owned */
	size_t nimages;
	struct health_shown *checks;	/* ordered; owned */
	size_t nchecks;
};

static int
image_compare(const void *a, const void *b)
{
	return strcmp(((const struct known_image *)a)->digest,
	    ((const struct known_image *)b)->digest);
}

static int
check_compare(const void *a, const void *b)
{
	const struct health_shown *x = a, *y = b;
	int by = strcmp(x->project, y->project);

	return by != 0 ? by : strcmp(x->name, y->name);
}

void
extras_free(struct extras *x)
{
	if (x == NULL)
		return;
	for (size_t i = 0; x->images != NULL && i < x->nimages; i++)
		free(x->images[i].update);
	free(x->images);
	health_shown_free(x->checks, x->nchecks);
	free(x);
}

/* Each image once. */
static void
images_take(struct extras *x, const struct found *found, size_t n)
{
	size_t kept = 0;

	for (size_t i = 0; i < n; i++)
		memcpy(x->images[i].digest, found[i].digest,
		    sizeof(found[i].digest));
	if (n > 0)
		qsort(x->images, n, sizeof(*x->images), image_compare);
	for (size_t i = 0; i < n; i++)
		if (kept == 0 || image_compare(&x->images[kept - 1],
		    &x->images[i]) != 0)
			x->images[kept++] = x->images[i];
	x->nimages = kept;
}

static char *
update_text(struct app *app, const struct builder_settings *s,
	const char *digest)
{
	AUTO_JSON struct json_object *o = json_object_new_object();
	struct json_object *update = NULL;

	json_add_str(o, "digest", digest);
	update_show(app, s, o);
	json_object_object_get_ex(o, "update", &update);
	return json_text(update);
}

struct extras *
extras_new(struct app *app, const char *instance, const struct found *found,
	size_t n)
{
	struct fault unused = { 0 };
	AUTO_FREE struct builder_settings *s = builder_settings_load(
		app->ledger, &unused);
	struct extras *x = calloc(1, sizeof(*x));

	if (x != NULL)
		x->images = calloc(n + 1, sizeof(*x->images));
	if (x == NULL || x->images == NULL) {
		extras_free(x);
		return NULL;
	}
	images_take(x, found, n);
	for (size_t i = 0; s != NULL && i < x->nimages; i++)
		x->images[i].update = update_text(app, s,
		    x->images[i].digest);
	x->checks = health_shown_list(app->ledger, instance, &x->nchecks);
	return x;
}

static char *
copy(const char *text)
{
	return text == NULL ? NULL : strdup(text);
}

static void
row_refresh(struct seen *row, const struct extras *x)
{
	struct known_image image;
	struct health_shown check;
	const struct known_image *known;
	const struct health_shown *shown;

	memcpy(image.digest, row->digest, sizeof(image.digest));
	memcpy(check.project, row->project, sizeof(check.project));
	memcpy(check.name, row->name, sizeof(check.name));
	known = row->state != SEEN_RUNNING ? NULL : bsearch(&image,
	    x->images, x->nimages, sizeof(image), image_compare);
	shown = x->checks == NULL ? NULL : bsearch(&check, x->checks,
	    x->nchecks, sizeof(check), check_compare);
	free(row->update);
	row->update = copy(known == NULL ? NULL : known->update);
	free(row->check);
	row->check = copy(shown == NULL ? NULL : shown->json);
	snprintf(row->health, sizeof(row->health), "%s", shown == NULL ? "" :
	    shown->state);
}

/* ---- one unikernel ---- */

bool
place_lost(const struct place *p)
{
	return p->as_of == 0 || p->fault.err != 0;
}

bool
row_lost(const struct place *p, const struct seen *row)
{
	return place_lost(p) || (row->missed && !p->again);
}

static const char *
state_text(const struct place *p, const struct seen *row)
{
	if (row->state == SEEN_STOPPED)
		return "stopped";
	return row_lost(p, row) ? "unknown" : "running";
}

static void
put_time(struct buf *b, const char *key, int64_t ms)
{
	char when[RFC3339_SIZE];

	if (ms == 0) {
		buf_putf(b, ",\"%s\":null", key);
		return;
	}
	rfc3339_format((time_t)(ms / 1000), -1, when);
	buf_putf(b, ",\"%s\":\"%s\"", key, when);
}

static void
put_json(struct buf *b, const char *key, const char *json)
{
	buf_putf(b, ",\"%s\":", key);
	buf_put_str(b, json == NULL ? "null" : json);
}

static uint64_t
hash(uint64_t h, const void *data, size_t len)
{
	const uint8_t *bytes = data;

	for (size_t i = 0; i < len; i++)
		h = (h ^ bytes[i]) * UINT64_C(1099511628211);
	return h;
}

/* FNV-1a of all but what changes with every check and sample. */
static uint64_t
mark_of(const struct buf *b, const struct seen *row)
{
	uint64_t h = hash(UINT64_C(14695981039346656037), b->data, b->len);

	if (row->update != NULL)
		h = hash(h, row->update, strlen(row->update));
	return hash(h, row->health, strlen(row->health));
}

static void
add_number(struct json_object *o, const char *key, double value)
{
	char text[32];

	snprintf(text, sizeof(text), "%.1f", value);
	json_object_object_add(o, key, isnan(value) ? NULL :
	    json_object_new_double_s(value, text));
}

struct json_object *
row_metrics(const struct states *s, const struct place *p,
	const struct seen *row)
{
	struct json_object *o;
	struct gauge g;

	if (row->state != SEEN_RUNNING || row_lost(p, row) ||
	    !gauges_latest(s->app->gauges, p->name, row->project, row->name,
	    &g))
		return NULL;
	o = json_object_new_object();
	add_number(o, "cpu", g.cpu);
	json_add_int(o, "memory", (int64_t)g.memory);
	add_number(o, "rx", g.rx);
	add_number(o, "tx", g.tx);
	json_add_time_ms(o, "time", g.ms);
	return o;
}

static void
put_metrics(struct buf *b, struct json_object *metrics)
{
	put_json(b, "metrics", metrics == NULL ? NULL :
	    json_object_to_json_string_ext(metrics, JSON_C_TO_STRING_PLAIN));
	json_object_put(metrics);
}

bool
row_show(const struct states *s, const struct place *p, struct seen *row,
	const struct extras *x)
{
	int64_t now = wall_ms();
	struct buf b;
	uint64_t mark;
	bool told;

	if (x != NULL)
		row_refresh(row, x);
	buf_init(&b, ROW_MAX);
	buf_putf(&b, "{\"instance\":\"%s\",\"project\":\"%s\",\"name\":\"%s\","
	    "\"state\":\"%s\",\"digest\":\"%s\"", p->name, row->project,
	    row->name, state_text(p, row), row->digest);
	put_time(&b, "started_at", row->state == SEEN_RUNNING ? row->started :
	    0);
	put_time(&b, "stopped_at", row->stopped);
	buf_putf(&b, ",\"restarts\":%d,\"crash_loop\":%s",
	    seen_restarts(row, now), row->crash_loop ? "true" : "false");
	put_json(&b, "config", row->config);
	mark = mark_of(&b, row);
	put_json(&b, "update", row->update);
	put_json(&b, "health", row->check);
	put_metrics(&b, row_metrics(s, p, row));
	buf_put_u8(&b, '}');
	if (buf_str(&b) == NULL) {
		buf_free(&b);
		return false;
	}
	free(row->shown);
	row->shown = (char *)b.data;
	row->shown_len = b.len;
	told = row->mark != mark;
	row->mark = mark;
	return told;
}

/* ---- one instance ---- */

static struct json_object *
error_json(const struct fault *f)
{
	struct json_object *o = json_object_new_object();

	json_add_str(o, "code", err_code(f->err));
	json_add_str(o, "category", standing_category(f->err));
	clean_add(o, "detail", f->detail);
	return o;
}

struct json_object *
place_health(struct states *s, const struct place *p, bool whole)
{
	struct json_object *o = json_object_new_object();
	const struct standing *st = &p->standing;
	struct upstream_health health;
	struct gauges_status stats;
	const struct check *last = standing_check(st, 0);

	upstream_health(s->app->upstream, p->name, &health);
	gauges_status(s->app->gauges, p->name, &stats);
	json_add_str(o, "status", standing_status_text(st->status));
	json_add_time_ms(o, "since", st->since);
	json_add_time_ms(o, "checked_at", st->checked);
	json_object_object_add(o, "latency_ms", p->latency < 0 ? NULL :
	    json_object_new_int(p->latency));
	json_add_str(o, "level", health.level < 0 ? NULL :
	    alb_level_text((enum alb_level)health.level));
	json_object_object_add(o, "error", last == NULL || last->err == 0 ?
	    NULL : error_json(&p->why));
	json_add_str(o, "stats", gauges_state_name(stats.state));
	json_object_object_add(o, "clock_ms", !health.has_skew ? NULL :
	    json_object_new_int64(health.skew));
	if (whole)
		json_add_int(o, "unikernels", (int64_t)p->running);
	if (whole)
		json_add_time(o, "server_certificate_expires_at",
		    health.server_expires);
	return o;
}
