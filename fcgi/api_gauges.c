/* SPDX-License-Identifier: ISC */
/* api_gauges: what unikernels used, over time and in lists. */
#include "fcgi/api.h"

#include <math.h>
#include <string.h>

#include "base/text.h"
#include "fcgi/clean.h"
#include "fcgi/deployment.h"
#include "fcgi/gauges.h"
#include "fcgi/log_store.h"

#define SERIES_MAX (4 * 1024 * 1024)	/* bytes of an answer */
#define SPARKS_MAX (32 * 1024 * 1024)
#define SPARK_SLOTS 60		/* minutes */
#define MARKS_MAX 200		/* of each kind */

/* At most so many values of each are answered with, and not fewer for long. */
static const struct range {
	const char *name;
	enum gauge_ring ring;
	int slots, merge;
} ranges[] = {
	{ "2h", GAUGE_FINE, 720, 1 },	/* unless it is told */
	{ "30m", GAUGE_FINE, 180, 1 },
	{ "6h", GAUGE_MINUTES, 360, 1 },
	{ "2d", GAUGE_MINUTES, 2880, 2 },
	{ "7d", GAUGE_QUARTERS, 672, 1 },
	{ "90d", GAUGE_QUARTERS, 8640, 4 },
};

#define RANGES (sizeof(ranges) / sizeof(ranges[0]))

static int
range_read(struct request *r, const struct range **out, struct fault *f)
{
	const char *text = request_query(r, "range");

	*out = &ranges[0];
	for (size_t i = 0; text != NULL && i < RANGES; i++)
		if (strcmp(ranges[i].name, text) == 0) {
			*out = &ranges[i];
			return 0;
		}
	return text == NULL ? 0 : fault_field(f, "range",
	    "must be 30m, 2h, 6h, 2d, 7d or 90d");
}

/* ---- numbers ---- */

/* As exact as they are kept, and no longer. */
static void
put_number(struct buf *out, double v)
{
	if (isnan(v))
		buf_put_str(out, "null");
	else if (v >= 1000 || v == 0)
		buf_putf(out, "%.0f", v);
	else
		buf_putf(out, "%.4g", v < 0.0001 ? 0 : v);
}

static void
put_numbers(struct buf *out, const char *key, const double *values, size_t n)
{
	buf_putf(out, "\"%s\":[", key);
	for (size_t i = 0; i < n; i++) {
		if (i > 0)
			buf_put_u8(out, ',');
		put_number(out, values[i]);
	}
	buf_put_u8(out, ']');
}

static void
put_time(struct buf *out, const char *key, int64_t seconds)
{
	char text[RFC3339_SIZE];

	rfc3339_format((time_t)seconds, -1, text);
	buf_putf(out, "\"%s\":\"%s\"", key, text);
}

/* ---- what happened meanwhile ---- */

struct marks {
	struct json_object *list;
	int left;
};

static void
mark_add(struct marks *m, int64_t ms, const char *kind, const char *text,
	size_t len, int64_t deployment)
{
	struct json_object *o = json_object_new_object();
	AUTO_FREE char *copy = strndup(text, len);

	json_add_time_ms(o, "time", ms);
	json_add_str(o, "kind", kind);
	clean_add(o, "text", copy == NULL ? "" : copy);
	if (deployment != 0)
		json_add_int(o, "deployment", deployment);
	json_object_array_add(m->list, o);
	m->left--;
}

static bool
log_take(void *arg, const struct log_entry *e)
{
	struct marks *m = arg;

	mark_add(m, e->ms, log_kind_name(e->kind), e->text, e->len,
	    e->deployment);
	return m->left > 0;
}

/* What of it the log tells, within one look at it. */
static void
log_marks(struct request *r, int64_t from, int64_t to, struct marks *m)
{
	const struct log_place place = { r->instance, r->project, r->name };
	const struct log_query query = { .from_ms = from * 1000,
		.to_ms = to * 1000,
		.kinds = 1u << LOG_RESTARTED | 1u << LOG_STOPPED };
	struct fault f = { 0 };
	struct log_kept kept;

	m->left = MARKS_MAX;
	log_scan(r->app->logs, &place, &query, log_take, m, &kept, &f);
}

static int
mark_compare(const void *a, const void *b)
{
	struct json_object *x = *(struct json_object *const *)a;
	struct json_object *y = *(struct json_object *const *)b;

	return strcmp(json_member_text(x, "time", RFC3339_SIZE),
	    json_member_text(y, "time", RFC3339_SIZE));
}

static struct json_object *
marks_make(struct request *r, int64_t from, int64_t to)
{
	struct marks m = { .list = deployment_marks_json(r->app->ledger,
		r->instance, r->project, r->name, from * 1000, to * 1000,
		MARKS_MAX) };

	log_marks(r, from, to, &m);
	json_object_array_sort(m.list, mark_compare);
	return m.list;
}

/* ---- one unikernel ---- */

static void
put_series(struct buf *out, const struct gauge_series *s)
{
	put_numbers(out, "cpu", s->cpu, s->n);
	buf_put_u8(out, ',');
	put_numbers(out, "cpu_max", s->cpu_max, s->n);
	buf_put_u8(out, ',');
	put_numbers(out, "memory", s->memory, s->n);
	buf_put_u8(out, ',');
	put_numbers(out, "faults", s->faults, s->n);
	buf_put_str(out, ",\"networks\":[");
	for (size_t i = 0; i < s->nnets; i++) {
		const char *name = s->nets[i].name;

		buf_put_str(out, i > 0 ? ",{\"name\":" : "{\"name\":");
		clean_put_json(out, name, strlen(name));
		buf_put_u8(out, ',');
		put_numbers(out, "rx", s->nets[i].rx, s->n);
		buf_put_u8(out, ',');
		put_numbers(out, "tx", s->nets[i].tx, s->n);
		buf_put_u8(out, '}');
	}
	buf_put_u8(out, ']');
}

static int
series_send(struct request *r, struct reply *p, const struct range *range,
	int64_t first, const struct gauge_series *s, struct fault *f)
{
	int step = gauge_step(range->ring);
	int64_t from = first * step, to = from + (int64_t)range->slots * step;
	AUTO_JSON struct json_object *marks = marks_make(r, from, to);
	struct buf out;
	int err;

	buf_init(&out, SERIES_MAX);
	buf_putf(&out, "{\"range\":\"%s\",\"step\":%d,", range->name,
	    step * range->merge);
	put_time(&out, "from", from);
	buf_put_u8(&out, ',');
	put_time(&out, "to", to);
	buf_put_u8(&out, ',');
	put_series(&out, s);
	buf_putf(&out, ",\"markers\":%s}", json_object_to_json_string_ext(
	    marks, JSON_C_TO_STRING_PLAIN));
	err = !buf_ok(&out) ? fault_set(f, ERR_NO_MEMORY, "Out of memory.") :
		reply_data(p, 200, "application/json", out.data, out.len);
	buf_free(&out);
	return err;
}

int
api_gauges_get(struct request *r, struct reply *p, struct fault *f)
{
	const struct gauge_place place = { r->instance, r->project, r->name };
	const struct range *range;
	struct gauge_series s;
	int64_t first;
	int err = range_read(r, &range, f);

	if (err != 0)
		return err;
	/* Up to now; in whole values, so that they stay the same ones. */
	first = wall_ms() / 1000 / gauge_step(range->ring) / range->merge + 1;
	first = first * range->merge - range->slots;
	err = gauge_file_read(gauges_root(r->app->gauges), &place, range->ring,
		first, (size_t)range->slots, (size_t)range->merge, &s);
	if (err != 0)
		return fault_set(f, err, "Out of memory.");
	err = series_send(r, p, range, first, &s, f);
	gauge_series_free(&s);
	return err;
}

/* ---- the last hour of all ---- */

struct sparks {
	struct request *r;
	const char *instance, *project;	/* of those that are read */
	int64_t first;			/* minute */
	struct buf out;
	bool any;
};

static bool
spark_take(void *arg, const char *name)
{
	struct sparks *s = arg;
	const struct gauge_place place = { s->instance, s->project, name };
	struct gauge_series series;

	if (!alb_label_valid(name) ||
	    !auth_grant_covers(&s->r->grant, name) ||
	    gauge_file_read(gauges_root(s->r->app->gauges), &place,
	    GAUGE_MINUTES, s->first, SPARK_SLOTS, 1, &series) != 0)
		return buf_ok(&s->out);
	if (gauge_series_known(&series)) {
		buf_putf(&s->out, "%s{\"instance\":\"%s\",\"project\":\"%s\","
		    "\"name\":\"%s\",", s->any ? "," : "", s->instance,
		    s->project, name);
		put_numbers(&s->out, "cpu", series.cpu, SPARK_SLOTS);
		buf_put_u8(&s->out, ',');
		put_numbers(&s->out, "memory", series.memory, SPARK_SLOTS);
		buf_put_u8(&s->out, '}');
		s->any = true;
	}
	gauge_series_free(&series);
	return buf_ok(&s->out);
}

/* The unikernels of one project, where it has policies. */
static void
sparks_put(struct sparks *s, struct json_object *project)
{
	struct json_object *policies = api_member(project, "policies");
	const struct request *r = s->r;

	s->project = api_text(project, "name");
	if (s->project == NULL || (r->project != NULL &&
	    strcmp(r->project, s->project) != 0))
		return;
	for (size_t i = 0; i < json_object_array_length(policies); i++) {
		s->instance = api_text(json_object_array_get_idx(policies, i),
		    "instance");
		if (s->instance == NULL || (r->instance != NULL &&
		    strcmp(r->instance, s->instance) != 0))
			continue;
		gauge_file_names(gauges_root(r->app->gauges), s->instance,
		    s->project, s->first * gauge_step(GAUGE_MINUTES),
		    spark_take, s);
	}
}

int
api_gauges_sparklines(struct request *r, struct reply *p, struct fault *f)
{
	AUTO_JSON struct json_object *projects = NULL;
	int64_t now = wall_ms() / 1000 / gauge_step(GAUGE_MINUTES);
	struct sparks s = { .r = r, .first = now - SPARK_SLOTS + 1 };
	int err = auth_all(r->auth, &r->who, "project-list", NULL,
	    &projects, f);

	if (err != 0)
		return err;
	buf_init(&s.out, SPARKS_MAX);
	buf_putf(&s.out, "{\"step\":%d,", gauge_step(GAUGE_MINUTES));
	put_time(&s.out, "from", s.first * gauge_step(GAUGE_MINUTES));
	buf_put_str(&s.out, ",\"items\":[");
	for (size_t i = 0; i < json_object_array_length(projects); i++)
		sparks_put(&s, json_object_array_get_idx(projects, i));
	buf_put_str(&s.out, "]}");
	err = !buf_ok(&s.out) ? fault_set(f, ERR_NO_MEMORY, "These are too "
	    "many: ask for one project.") :
		reply_data(p, 200, "application/json", s.out.data, s.out.len);
	buf_free(&s.out);
	return err;
}
