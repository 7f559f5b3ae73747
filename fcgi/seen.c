/* SPDX-License-Identifier: ISC */
/* seen: see seen.h. */
#include "fcgi/seen.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "albatross/json.h"
#include "base/array.h"
#include "base/text.h"

static const char *const change_words[] = {
	[SEEN_SAME] = "same", [SEEN_APPEARED] = "appeared",
	[SEEN_VANISHED] = "vanished", [SEEN_RESTARTED] = "restarted",
	[SEEN_REPLACED] = "replaced", [SEEN_CRASH_LOOP] = "crash-loop",
	[SEEN_SETTLED] = "settled", [SEEN_CHANGED] = "changed",
};

const char *
seen_change_text(enum seen_change c)
{
	return change_words[c];
}

/* ---- lists ---- */

static void
seen_free(struct seen *s)
{
	free(s->config);
	free(s->update);
	free(s->check);
	free(s->shown);
	free(s);
}

void
seen_list_free(struct seen_list *l)
{
	for (size_t i = 0; i < l->len; i++)
		seen_free(l->items[i]);
	free(l->items);
	*l = (struct seen_list){ 0 };
}

void
seen_events_free(struct seen_events *e)
{
	free(e->items);
	*e = (struct seen_events){ 0 };
}

static int
order(const char *project, const char *name, const char *other_project,
	const char *other_name)
{
	int by = strcmp(project, other_project);

	return by != 0 ? by : strcmp(name, other_name);
}

size_t
seen_at(const struct seen_list *l, const char *project, const char *name)
{
	size_t low = 0, high = l->len;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (order(l->items[mid]->project, l->items[mid]->name,
		    project, name) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static bool
is_at(const struct seen_list *l, size_t at, const char *project,
	const char *name)
{
	return at < l->len && order(l->items[at]->project,
	    l->items[at]->name, project, name) == 0;
}

struct seen *
seen_find(const struct seen_list *l, const char *project, const char *name)
{
	size_t at = seen_at(l, project, name);

	return is_at(l, at, project, name) ? l->items[at] : NULL;
}

struct seen *
seen_get(struct seen_list *l, const char *project, const char *name)
{
	size_t at = seen_at(l, project, name);
	struct seen *s;

	if (is_at(l, at, project, name))
		return l->items[at];
	if (!array_grow((void **)&l->items, &l->cap, l->len,
	    sizeof(*l->items)))
		return NULL;
	s = calloc(1, sizeof(*s));
	if (s == NULL)
		return NULL;
	snprintf(s->project, sizeof(s->project), "%s", project);
	snprintf(s->name, sizeof(s->name), "%s", name);
	memmove(&l->items[at + 1], &l->items[at],
	    (l->len - at) * sizeof(*l->items));
	l->items[at] = s;
	l->len++;
	return s;
}

static void
drop_at(struct seen_list *l, size_t at)
{
	seen_free(l->items[at]);
	l->len--;
	memmove(&l->items[at], &l->items[at + 1],
	    (l->len - at) * sizeof(*l->items));
}

/* ---- what was found ---- */

void
found_free(struct found *list, size_t n)
{
	for (size_t i = 0; list != NULL && i < n; i++)
		free(list[i].config);
	free(list);
}

static int
found_compare(const void *a, const void *b)
{
	const struct found *f = a, *g = b;

	return order(f->project, f->name, g->project, g->name);
}

static bool
found_fill(struct found *f, const struct alb_info *info)
{
	AUTO_JSON struct json_object *config =
		alb_config_to_json(&info->config);

	snprintf(f->project, sizeof(f->project), "%.*s", ALB_LABEL_MAX,
	    info->name.path);
	snprintf(f->name, sizeof(f->name), "%s", info->name.label);
	hex_encode(info->digest, info->digest_len, f->digest);
	f->memory = info->config.memory;
	if (info->has_started)
		f->started = (int64_t)info->started * 1000 +
			(info->started_millis < 0 ? 0 : info->started_millis);
	f->config = json_text(config);
	return f->config != NULL;
}

/*
 * Directly in a project: what is deeper has no address here, and neither has
 * what is named "..", which albatross allows.
 */
static bool
is_ours(const struct alb_info *info)
{
	return alb_label_valid(info->name.path) &&
		alb_label_valid(info->name.label);
}

struct found *
found_list(const struct alb_wire *w, size_t *n, size_t *all)
{
	struct found *list = calloc(w->ninfos + 1, sizeof(*list));
	bool whole = list != NULL;

	*n = 0;
	*all = w->ninfos;
	for (size_t i = 0; whole && i < w->ninfos; i++)
		if (is_ours(&w->infos[i]))
			whole = found_fill(&list[(*n)++], &w->infos[i]);
	if (!whole) {
		found_free(list, *n);
		return NULL;
	}
	qsort(list, *n, sizeof(*list), found_compare);
	return list;
}

/* ---- restarts ---- */

int
seen_restarts(const struct seen *s, int64_t now)
{
	int n = 0;

	for (int64_t i = s->restarts_all - 1; i >= 0 && n < SEEN_RESTARTS &&
	    s->restarts[i % SEEN_RESTARTS] > now - SEEN_HOUR_MS; i--)
		n++;
	return n;
}

/* When it was restarted last, or so many times before; 0: it was not. */
static int64_t
restart_before(const struct seen *s, int before)
{
	int64_t at = s->restarts_all - 1 - before;

	return at < 0 ? 0 : s->restarts[at % SEEN_RESTARTS];
}

static bool
is_loop(const struct seen *s, int64_t now)
{
	int64_t first = restart_before(s, SEEN_LOOP_RESTARTS - 1);

	return first != 0 && now - first <= SEEN_LOOP_MS;
}

/* ---- one look ---- */

/* One look being held against one list. */
struct against {
	struct seen_list *list;
	struct look *look;
	struct seen_events *events;
	bool again, unsettled, failed;
};

static bool
is_meant(const struct against *a, const struct seen *s)
{
	return s->touched || a->look->claimed(a->look->arg, s->project,
	    s->name);
}

static void
tell(struct against *a, struct seen *s, enum seen_change change, bool meant,
	bool gone)
{
	struct seen_events *e = a->events;
	struct seen_event *event;

	if (!array_grow((void **)&e->items, &e->cap, e->len,
	    sizeof(*e->items))) {
		a->failed = true;
		return;
	}
	event = &e->items[e->len++];
	*event = (struct seen_event){ .change = change, .meant = meant,
		.gone = gone };
	memcpy(event->project, s->project, sizeof(event->project));
	memcpy(event->name, s->name, sizeof(event->name));
}

/* It is as whoever deployed it wants it: what was before does not count. */
static void
begin_anew(struct against *a, struct seen *s)
{
	s->restarts_all = 0;
	if (s->crash_loop)
		tell(a, s, SEEN_SETTLED, true, false);
	s->crash_loop = false;
}

static void
restart_count(struct against *a, struct seen *s)
{
	s->restarts[s->restarts_all++ % SEEN_RESTARTS] = a->look->now;
	if (s->crash_loop)
		return;
	if (is_loop(s, a->look->now)) {
		s->crash_loop = true;
		tell(a, s, SEEN_CRASH_LOOP, false, false);
	} else {
		a->unsettled = true;
	}
}

static void
take(struct seen *s, struct found *f)
{
	s->state = SEEN_RUNNING;
	memcpy(s->digest, f->digest, sizeof(s->digest));
	free(s->config);
	s->config = f->config;
	f->config = NULL;
	s->memory = f->memory;
	s->started = f->started;
	s->stopped = 0;
	s->halted = false;
}

/* What runs on, or runs again, under the same name. */
static enum seen_change
change_of(const struct seen *s, const struct found *f)
{
	bool same = strcmp(s->digest, f->digest) == 0 &&
		strcmp(s->config, f->config) == 0;

	if (s->started == f->started)
		return same ? SEEN_SAME : SEEN_REPLACED;
	return same ? SEEN_RESTARTED : SEEN_REPLACED;
}

/* It had stopped, and runs. */
static void
started(struct against *a, struct seen *s, struct found *f, bool meant)
{
	bool restarted = s->state == SEEN_STOPPED && !meant &&
		a->look->now - s->stopped <= SEEN_RESTART_GAP_MS &&
		strcmp(s->digest, f->digest) == 0;

	take(s, f);
	tell(a, s, restarted ? SEEN_RESTARTED : SEEN_APPEARED, meant, false);
	if (restarted && !a->look->after)
		restart_count(a, s);
	else if (meant)
		begin_anew(a, s);
}

static void
ran(struct against *a, struct seen *s, struct found *f, bool meant)
{
	enum seen_change change = change_of(s, f);

	if (change == SEEN_SAME)
		return;
	take(s, f);
	tell(a, s, change, meant, false);
	if (meant || change == SEEN_REPLACED)
		begin_anew(a, s);
	else if (!a->look->after)
		restart_count(a, s);
}

/* After a look that began behind the change, no change is ours any more. */
static void
touch_end(struct against *a, struct seen *s)
{
	bool claimed = a->look->claimed(a->look->arg, s->project, s->name);

	if (!claimed && s->touched && a->look->begun >= s->touched_at)
		s->touched = false;
	if (claimed || s->touched)
		a->unsettled = true;
	else if (s->state == SEEN_RUNNING && !s->missed)
		s->settled = true;
}

static void
is_there(struct against *a, struct seen *s, struct found *f)
{
	bool meant = is_meant(a, s);

	/* What was asked before we changed it knows nothing of that. */
	if (s->touched && a->look->begun < s->touched_at) {
		a->again = true;
		return;
	}
	s->missed = false;
	if (s->state == SEEN_RUNNING)
		ran(a, s, f, meant);
	else
		started(a, s, f, meant);
	touch_end(a, s);
}

/* True when the row is to go. */
static bool
is_away(struct against *a, struct seen *s)
{
	bool meant = is_meant(a, s);

	if (s->touched && a->look->begun < s->touched_at) {
		a->again = true;
		return false;
	}
	if (s->state == SEEN_RUNNING && meant && !s->settled) {
		/* It never ran but for the attempt. */
		tell(a, s, SEEN_VANISHED, true, true);
		s->state = SEEN_NONE;
	} else if (s->state == SEEN_RUNNING && !meant &&
	    (!s->missed || a->look->young)) {
		/* It may be between an exit and albatross' restart of it. */
		s->missed = true;
		a->again |= !a->look->young;
		a->unsettled = true;
	} else if (s->state == SEEN_RUNNING) {
		s->state = SEEN_STOPPED;
		s->stopped = a->look->now;
		s->halted = meant;
		s->missed = false;
		tell(a, s, SEEN_VANISHED, meant, false);
		a->unsettled = true;
	}
	touch_end(a, s);
	return s->state == SEEN_NONE && !s->touched &&
		!a->look->claimed(a->look->arg, s->project, s->name);
}

static void
rest(struct against *a, struct seen *s)
{
	if (!s->crash_loop || a->look->now - restart_before(s, 0) <
	    SEEN_LOOP_REST_MS)
		return;
	s->crash_loop = false;
	tell(a, s, SEEN_SETTLED, false, false);
}

/* All that is in the list, in its order; what was found is taken along. */
static void
look_at_list(struct against *a)
{
	struct look *look = a->look;
	size_t i = 0, k = 0;

	while (i < a->list->len) {
		struct seen *s = a->list->items[i];

		while (k < look->len && order(look->items[k].project,
		    look->items[k].name, s->project, s->name) < 0)
			k++;
		if (k < look->len && order(look->items[k].project,
		    look->items[k].name, s->project, s->name) == 0) {
			is_there(a, s, &look->items[k++]);
		} else if (is_away(a, s)) {
			drop_at(a->list, i);
			continue;
		}
		rest(a, s);
		i++;
	}
}

static int
time_compare(const void *a, const void *b)
{
	const int64_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

/* Those that stopped up to that time, too_many of them at most, go. */
static void
stopped_drop(struct against *a, int64_t until, size_t too_many)
{
	struct seen_list *l = a->list;
	size_t kept = 0;

	for (size_t i = 0; i < l->len; i++) {
		struct seen *s = l->items[i];

		if (too_many == 0 || s->state != SEEN_STOPPED ||
		    s->stopped > until || is_meant(a, s)) {
			l->items[kept++] = s;
			continue;
		}
		tell(a, s, SEEN_VANISHED, true, true);
		seen_free(s);
		too_many--;
	}
	l->len = kept;
}

/* Names that are used once must not fill memory and lists for ever. */
static void
stopped_bound(struct against *a)
{
	const struct seen_list *l = a->list;
	int64_t *times = calloc(l->len + 1, sizeof(*times));
	size_t n = 0;

	a->failed |= times == NULL;
	for (size_t i = 0; times != NULL && i < l->len; i++)
		if (l->items[i]->state == SEEN_STOPPED)
			times[n++] = l->items[i]->stopped;
	if (n > SEEN_STOPPED_MAX) {
		qsort(times, n, sizeof(*times), time_compare);
		stopped_drop(a, times[n - SEEN_STOPPED_MAX - 1],
		    n - SEEN_STOPPED_MAX);
	}
	free(times);
}

int
seen_look(struct seen_list *l, struct look *look, struct seen_events *events,
	bool *again, bool *unsettled)
{
	struct against a = { .list = l, .look = look, .events = events };

	for (size_t i = 0; i < look->len; i++)
		if (seen_get(l, look->items[i].project,
		    look->items[i].name) == NULL)
			a.failed = true;
	look_at_list(&a);
	stopped_bound(&a);
	*again = a.again;
	*unsettled = a.unsettled;
	return a.failed ? ERR_NO_MEMORY : 0;
}
