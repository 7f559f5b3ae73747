/* SPDX-License-Identifier: ISC */
/*
 * log_store: the queue and the thread that writes; see log_store.h. All files,
 * and what is known of them, are that thread's alone: who wants to read waits
 * in the same queue for its turn, and is given a view.
 */
#include "fcgi/log_store.h"

#include <errno.h>
#include <inttypes.h>
#include <semaphore.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "base/text.h"
#include "fcgi/app.h"
#include "fcgi/counters.h"
#include "fcgi/flight.h"
#include "fcgi/log_alive.h"
#include "fcgi/log_sweep.h"
#include "fcgi/ring.h"
#include "fcgi/state_dir.h"
#include "fcgi/thread.h"

#define MB (1024 * 1024)
#define BUCKETS 1024		/* of what is hashed by path; power of two */
/* So long lines are gathered, so that there are fewer writes. */
#define GATHER_MS 20
#define GATHER_BYTES (1024 * 1024)
#define BATCH_BYTES (64 * 1024)	/* written at once of one log */
#define SEGMENT_MIN (256 * 1024)
#define SEGMENT_MAX (2 * MB)
#define SEGMENTS 8		/* not packed they would fill a log */
#define SWEEP_MS (60 * 60 * 1000)
#define SWEEP_FIRST_MS (10 * 60 * 1000)
#define SWEEP_FULL_MS 1000	/* when all together are too large */
#define RETRY_MS 5000		/* after a write that failed */
#define WORRY_MS 60000		/* between lines about that */
#define DAY_S (24 * 60 * 60)
#define MS_MAX INT64_C(253402300799999)	/* the end of the year 9999 */
#define LOOKS 8			/* at once, with a segment in memory each */

/* What waits: an entry (malloc), or a call, which is its caller's. */
struct item {
	struct item *next;
	struct call *call;	/* NULL: an entry */
	struct log_entry e;	/* its text is in data, behind the path */
	uint32_t epoch;
	size_t cost;
	char data[];
};

struct call {
	struct item item;
	void (*run)(struct log_store *s, struct call *c);
	char path[LOG_PATH_SIZE];
	struct log_dir view;
	struct fault *f;
	bool done;
};

/* A log, as far as the thread knows it. */
struct place {
	struct place *next;
	struct place *dirty_next;
	bool dirty;		/* something waits to be written */
	struct log_dir dir;
	struct buf pending;
	struct log_info info;	/* of what is pending */
	int64_t retry_at;	/* flight_now; a write failed */
};

struct log_store {
	struct app *app;
	struct state_dirs dirs;
	pthread_t thread;

	pthread_mutex_t lock;
	pthread_cond_t queued;	/* something was, or it is to end */
	pthread_cond_t answered;
	struct item *first, **last;
	size_t waiting_bytes;	/* in the list */
	int calls;
	bool ending, changed;	/* the settings */
	struct log_settings settings;

	pthread_mutex_t asking;
	struct states *states;	/* borrowed; NULL: none */

	atomic_llong bytes;	/* queued, or being written */
	atomic_llong lost, kept;
	sem_t looks;		/* that may be begun */

	/* The thread's. */
	struct log_settings now;
	struct place *places[BUCKETS];
	struct place *dirty;
	int64_t sweep_at, swept, worried;
};

/* ---- the queue ---- */

static void
push(struct log_store *s, struct item *item)
{
	bool wake;

	item->next = NULL;
	pthread_mutex_lock(&s->lock);
	/* It waits for the first one, and gathers until there is enough. */
	wake = s->first == NULL || item->call != NULL ||
		s->waiting_bytes >= GATHER_BYTES;
	*s->last = item;
	s->last = &item->next;
	s->waiting_bytes += item->cost;
	s->calls += item->call != NULL;
	if (wake)
		pthread_cond_signal(&s->queued);
	pthread_mutex_unlock(&s->lock);
}

bool
log_append(struct log_store *s, const struct log_place *place,
	uint32_t epoch, const struct log_entry *e)
{
	size_t len = e->len < RING_LINE_MAX ? e->len : RING_LINE_MAX;
	char path[LOG_PATH_SIZE];
	struct item *item = NULL;
	size_t path_size, cost;

	log_path(place, path);
	path_size = strlen(path) + 1;
	cost = sizeof(*item) + path_size + len;
	if (atomic_fetch_add(&s->bytes, (long long)cost) + (long long)cost <=
	    LOG_QUEUE_BYTES)
		item = malloc(cost);
	if (item == NULL) {
		atomic_fetch_sub(&s->bytes, (long long)cost);
		atomic_fetch_add(&s->lost, 1);
		return false;
	}
	*item = (struct item){ .e = *e, .epoch = epoch, .cost = cost };
	memcpy(item->data, path, path_size);
	if (len > 0)
		memcpy(item->data + path_size, e->text, len);
	item->e.text = item->data + path_size;
	item->e.len = len;
	item->e.ms = e->ms < 0 ? 0 : e->ms > MS_MAX ? MS_MAX : e->ms;
	count_now(NOW_LOG_QUEUE, 1);
	push(s, item);
	return true;
}

static void
item_free(struct log_store *s, struct item *item)
{
	count_now(NOW_LOG_QUEUE, -1);
	atomic_fetch_sub(&s->bytes, (long long)item->cost);
	free(item);
}

/* Has the thread do it, after all that was queued before. */
static int
call(struct log_store *s, const struct log_place *place,
	void (*run)(struct log_store *s, struct call *c), struct call *c,
	struct fault *f)
{
	*c = (struct call){ .run = run, .f = f };
	c->item.call = c;
	log_path(place, c->path);
	push(s, &c->item);
	pthread_mutex_lock(&s->lock);
	while (!c->done)
		pthread_cond_wait(&s->answered, &s->lock);
	pthread_mutex_unlock(&s->lock);
	return f->err;
}

void
log_look_begin(struct log_store *s)
{
	while (sem_wait(&s->looks) < 0)
		;
}

void
log_look_end(struct log_store *s)
{
	sem_post(&s->looks);
}

static void
until(struct timespec *t, int64_t ms)
{
	clock_gettime(CLOCK_MONOTONIC, t);
	ms += t->tv_nsec / 1000000;
	t->tv_sec += ms / 1000;
	t->tv_nsec = t->tv_nsec % 1000000 + ms % 1000 * 1000000;
}

/* Waits until there is something to do; under the lock. */
static void
wait_for_some(struct log_store *s)
{
	int64_t ms = s->sweep_at - flight_now();
	struct timespec t;
	int rc = 0;

	until(&t, ms < 0 ? 0 : ms);
	while (s->first == NULL && !s->ending && !s->changed &&
	    rc != ETIMEDOUT)
		rc = pthread_cond_timedwait(&s->queued, &s->lock, &t);
	until(&t, GATHER_MS);
	rc = s->first == NULL ? ETIMEDOUT : 0;
	while (s->calls == 0 && s->waiting_bytes < GATHER_BYTES &&
	    !s->ending && rc != ETIMEDOUT)
		rc = pthread_cond_timedwait(&s->queued, &s->lock, &t);
}

/* What there is, in order; false when it is to end. */
static bool
take_all(struct log_store *s, struct item **out)
{
	bool go_on;

	pthread_mutex_lock(&s->lock);
	wait_for_some(s);
	*out = s->first;
	s->first = NULL;
	s->last = &s->first;
	s->waiting_bytes = 0;
	s->calls = 0;
	s->now = s->settings;
	if (s->changed)
		s->sweep_at = 0;
	s->changed = false;
	go_on = !s->ending;
	pthread_mutex_unlock(&s->lock);
	return go_on;
}

/* ---- the places, which are the thread's ---- */

static struct place **
bucket(struct log_store *s, const char *path)
{
	uint32_t hash = 2166136261u;	/* FNV-1a */

	for (; *path != '\0'; path++)
		hash = (hash ^ (uint8_t)*path) * 16777619u;
	return &s->places[hash & (BUCKETS - 1)];
}

static void
place_free(struct place *p)
{
	log_dir_free(&p->dir);
	buf_free(&p->pending);
	free(p);
}

static void
places_free(struct log_store *s)
{
	struct place *p;

	for (size_t i = 0; i < BUCKETS; i++)
		while ((p = s->places[i]) != NULL) {
			s->places[i] = p->next;
			place_free(p);
		}
}

/* The log as it is on the disk: NULL with f. */
static struct place *
place_get(struct log_store *s, const char *path, struct fault *f)
{
	struct place **at = bucket(s, path), *p;

	for (p = *at; p != NULL; p = p->next)
		if (strcmp(p->dir.path, path) == 0)
			return p;
	p = calloc(1, sizeof(*p));
	if (p == NULL) {
		fault_set(f, ERR_NO_MEMORY, "Out of memory.");
		return NULL;
	}
	p->dir.root = s->dirs.root;
	snprintf(p->dir.path, sizeof(p->dir.path), "%s", path);
	buf_init(&p->pending, 2 * BATCH_BYTES);
	if (log_dir_load(&p->dir, f) != 0) {
		place_free(p);
		return NULL;
	}
	p->next = *at;
	*at = p;
	return p;
}

/* One of which nothing is kept is not remembered. */
static void
place_drop(struct log_store *s, struct place *p)
{
	struct place **at = bucket(s, p->dir.path);

	while (*at != p)
		at = &(*at)->next;
	*at = p->next;
	place_free(p);
}

/* ---- writing ---- */

static void
lose(struct log_store *s, const char *path, int64_t n, const char *why)
{
	int64_t now = flight_now();
	char text[24];

	atomic_fetch_add(&s->lost, n);
	if (s->worried != 0 && now - s->worried < WORRY_MS)
		return;
	s->worried = now;
	snprintf(text, sizeof(text), "%" PRId64, n);
	log_event(LOG_LEVEL_WARNING, "log-not-kept", "log", path, "entries",
	    text, "why", why, NULL);
}

/* Bytes at which a segment is full. */
static int64_t
segment_full(const struct log_store *s)
{
	int64_t full = s->now.megabytes * MB / SEGMENTS;

	return full < SEGMENT_MIN ? SEGMENT_MIN :
		full > SEGMENT_MAX ? SEGMENT_MAX : full;
}

static void
place_write(struct log_store *s, struct place *p)
{
	int64_t before = p->dir.bytes, now = flight_now();
	struct fault f = { 0 };

	if (p->info.entries > 0 && now < p->retry_at)
		lose(s, p->dir.path, p->info.entries, "the disk");
	else if (p->info.entries > 0 && log_dir_write(&p->dir, &p->pending,
	    &p->info, segment_full(s), &f) != 0) {
		lose(s, p->dir.path, p->info.entries, f.detail);
		p->retry_at = now + RETRY_MS;
	}
	log_dir_trim(&p->dir, s->now.megabytes * MB);
	atomic_fetch_add(&s->kept, p->dir.bytes - before);
	buf_free(&p->pending);
	p->info = (struct log_info){ 0 };
}

static void
write_all(struct log_store *s)
{
	struct place *p;

	while ((p = s->dirty) != NULL) {
		s->dirty = p->dirty_next;
		p->dirty = false;
		place_write(s, p);
	}
}

static void
entry_put(struct log_store *s, struct place *p, const struct log_entry *e)
{
	log_file_put(&p->pending, e, &p->info);
	if (!p->dirty) {
		p->dirty = true;
		p->dirty_next = s->dirty;
		s->dirty = p;
	}
	if (p->pending.len >= BATCH_BYTES)
		place_write(s, p);
}

/* What is missing before e; its last seq is that of the entry which tells. */
static void
missing_put(struct log_store *s, struct place *p, const struct log_entry *e,
	int64_t missing)
{
	char text[64];
	struct log_entry told = { .seq = e->seq - 1, .ms = e->ms,
		.kind = LOG_DROPPED, .text = text };

	told.len = (size_t)snprintf(text, sizeof(text), "%" PRId64
	    " %s not kept", missing, missing == 1 ? "entry was" :
	    "entries were");
	entry_put(s, p, &told);
}

static void
entry_take(struct log_store *s, const struct item *item)
{
	struct fault f = { 0 };
	struct place *p = place_get(s, item->data, &f);
	int64_t last;

	if (p == NULL) {
		lose(s, item->data, 1, f.detail);
		return;
	}
	if (p->dir.n == 0 && p->info.entries == 0)
		p->dir.epoch = item->epoch;
	if (p->dir.epoch != item->epoch) {
		lose(s, item->data, 1, "it is of another epoch");
		return;
	}
	last = p->info.entries > 0 ? p->info.last : log_dir_last(&p->dir);
	/* Kept before. */
	if (item->e.seq <= last)
		return;
	p->info.epoch = item->epoch;
	if (last > 0 && item->e.seq > last + 1)
		missing_put(s, p, &item->e, item->e.seq - last - 1);
	entry_put(s, p, &item->e);
}

/* ---- calls ---- */

static void
view_run(struct log_store *s, struct call *c)
{
	struct place *p = place_get(s, c->path, c->f);

	if (p == NULL)
		return;
	(void)log_dir_copy(&p->dir, &c->view, c->f);
	if (p->dir.n == 0)
		place_drop(s, p);
}

int
log_view(struct log_store *s, const struct log_place *place,
	struct log_dir *out, struct fault *f)
{
	struct call c;
	int err = call(s, place, view_run, &c, f);

	*out = c.view;
	return err;
}

static void
forget_run(struct log_store *s, struct call *c)
{
	struct place *p = place_get(s, c->path, c->f);

	if (p == NULL)
		return;
	atomic_fetch_sub(&s->kept, p->dir.bytes);
	log_dir_remove(&p->dir);
	place_drop(s, p);
}

int
log_forget(struct log_store *s, const struct log_place *place,
	struct fault *f)
{
	struct call c;

	return call(s, place, forget_run, &c, f);
}

static void
call_take(struct log_store *s, struct call *c)
{
	write_all(s);
	c->run(s, c);
	pthread_mutex_lock(&s->lock);
	c->done = true;
	pthread_cond_broadcast(&s->answered);
	pthread_mutex_unlock(&s->lock);
}

/* ---- the thread ---- */

static void
sweep(struct log_store *s, int64_t rest_ms)
{
	struct log_alive alive;
	struct log_sweep how = { .root = s->dirs.root,
		.max = s->now.total_megabytes * MB,
		.age = s->now.days * DAY_S, .now = time(NULL),
		.alive = log_alive_has, .arg = &alive };

	pthread_mutex_lock(&s->asking);
	log_alive_find(s->states, &alive);
	pthread_mutex_unlock(&s->asking);
	if (alive.failed)
		how.age = INT64_MAX;
	/* They are looked at anew when they are written to. */
	places_free(s);
	atomic_store(&s->kept, log_sweep(&how));
	log_alive_free(&alive);
	s->swept = flight_now();
	s->sweep_at = s->swept + rest_ms;
}

static bool
sweep_due(const struct log_store *s)
{
	int64_t now = flight_now();

	return now >= s->sweep_at || (now >= s->swept + SWEEP_FULL_MS &&
	    atomic_load(&s->kept) > s->now.total_megabytes * MB);
}

static void *
store_main(void *arg)
{
	struct log_store *s = arg;
	struct item *item, *next;
	bool go_on = true;

	/* What is gone is known once all was looked at. */
	sweep(s, SWEEP_FIRST_MS);
	while (go_on) {
		go_on = take_all(s, &item);
		for (; item != NULL; item = next) {
			next = item->next;
			if (item->call != NULL) {
				call_take(s, item->call);
				continue;
			}
			if (s->now.keep)
				entry_take(s, item);
			item_free(s, item);
		}
		write_all(s);
		if (go_on && sweep_due(s))
			sweep(s, SWEEP_MS);
	}
	return NULL;
}

/* ---- from outside ---- */

struct log_store *
log_store_new(struct app *app, struct fault *f)
{
	struct log_store *s = calloc(1, sizeof(*s));
	int err;

	if (s == NULL) {
		fault_set(f, ERR_NO_MEMORY, "Out of memory.");
		return NULL;
	}
	s->app = app;
	s->last = &s->first;
	err = log_settings_get(app->ledger, &s->settings, f);
	if (err == 0)
		err = state_dirs_open(&s->dirs, app->config->state_dir, "logs",
			"log-", f);
	if (err != 0) {
		free(s);
		return NULL;
	}
	s->now = s->settings;
	pthread_mutex_init(&s->lock, NULL);
	pthread_mutex_init(&s->asking, NULL);
	thread_cond_init(&s->queued);
	pthread_cond_init(&s->answered, NULL);
	sem_init(&s->looks, 0, LOOKS);
	if (thread_start(&s->thread, store_main, s) == 0)
		return s;
	fault_set(f, ERR_NO_MEMORY, "Out of memory.");
	state_dirs_close(&s->dirs);
	free(s);
	return NULL;
}

void
log_store_free(struct log_store *s)
{
	if (s == NULL)
		return;
	pthread_mutex_lock(&s->lock);
	s->ending = true;
	pthread_cond_signal(&s->queued);
	pthread_mutex_unlock(&s->lock);
	pthread_join(s->thread, NULL);
	places_free(s);
	state_dirs_close(&s->dirs);
	sem_destroy(&s->looks);
	pthread_cond_destroy(&s->answered);
	pthread_cond_destroy(&s->queued);
	pthread_mutex_destroy(&s->asking);
	pthread_mutex_destroy(&s->lock);
	free(s);
}

void
log_store_ask(struct log_store *s, struct states *states)
{
	if (s == NULL)
		return;
	pthread_mutex_lock(&s->asking);
	s->states = states;
	pthread_mutex_unlock(&s->asking);
}

void
log_store_set(struct log_store *s, const struct log_settings *settings)
{
	pthread_mutex_lock(&s->lock);
	s->settings = *settings;
	s->changed = true;
	pthread_cond_signal(&s->queued);
	pthread_mutex_unlock(&s->lock);
}

void
log_store_stats(struct log_store *s, struct log_stats *out)
{
	*out = (struct log_stats){ .queued = atomic_load(&s->bytes),
		.lost = atomic_load(&s->lost),
		.kept = atomic_load(&s->kept) };
}
