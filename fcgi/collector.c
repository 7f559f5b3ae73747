/* SPDX-License-Identifier: ISC */
/* collector: see collector.h. */
#include "fcgi/collector.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"
#include "fcgi/retention.h"
#include "fcgi/thread.h"

struct collector {
	struct images *images;
	struct ledger *ledger;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t woken;
	atomic_bool stopping;
};

/* One round in one project. */
struct round {
	struct images *images;
	struct ledger *ledger;
	const char *project;
	struct retention rule;
	time_t since, now;
	struct collected *removed;
};

static void
failed(const struct round *c, const struct fault *f)
{
	log_event(LOG_LEVEL_WARNING, "collect-failed", "project", c->project,
	    "why", f->detail, NULL);
}

/*
 * Inside a write transaction of the ledger, so that no deployment can come to
 * name it between the question and the removal. ERR_CONFLICT: it is needed.
 */
static int
remove_unneeded(const struct round *c, struct db *d, const char *sha256,
	struct fault *f)
{
	AUTO_JSON struct json_object *needed = retention_needed(d, &c->rule,
		c->project, sha256, c->since);

	if (needed == NULL)
		return fault_set(f, ERR_INTERNAL,
		    "The ledger can not be read.");
	if (json_object_object_length(needed) > 0)
		return ERR_CONFLICT;
	return images_remove(c->images, c->project, sha256, c->since, c->now,
	    f);
}

static void
image_collect(const struct round *c, const struct image_entry *e)
{
	struct fault f = { 0 };
	struct db *d = ledger_write_begin(c->ledger, &f);
	char size[32];
	int err = f.err;

	if (d != NULL)
		err = ledger_write_end(c->ledger,
		    remove_unneeded(c, d, e->sha256, &f), &f);
	if (err == ERR_CONFLICT || err == ERR_NOT_FOUND)
		return;
	if (err != 0) {
		failed(c, &f);
		return;
	}
	snprintf(size, sizeof(size), "%llu", (unsigned long long)e->size);
	log_event(LOG_LEVEL_INFO, "image-removed", "project", c->project,
	    "image", e->sha256, "size", size, NULL);
	c->removed->images++;
	c->removed->bytes += e->size;
}

/* Most are kept: that is found out without holding up any writer. */
static struct json_object *
needed_look(const struct round *c)
{
	struct db *d = ledger_read_begin(c->ledger);
	struct json_object *needed = retention_needed(d, &c->rule, c->project,
		NULL, c->since);

	ledger_read_end(c->ledger);
	return needed;
}

static void
project_collect(const struct round *c, const atomic_bool *stop)
{
	AUTO_FREE struct image_entry *list = NULL;
	AUTO_JSON struct json_object *needed = needed_look(c);
	struct fault f = { 0 };
	size_t n = 0;

	if (needed == NULL)
		fault_set(&f, ERR_INTERNAL, "The ledger can not be read.");
	else
		(void)images_list(c->images, c->project, &list, &n, &f);
	if (f.err != 0)
		failed(c, &f);
	for (size_t i = 0; i < n && (stop == NULL || !*stop); i++)
		if (!retention_keeps(&list[i], needed, c->since, c->now))
			image_collect(c, &list[i]);
}

struct collected
collect(struct images *images, struct ledger *ledger, time_t now,
	const atomic_bool *stop)
{
	AUTO_FREE struct image_project *projects = NULL;
	struct collected removed = { 0 };
	struct round c = { .images = images, .ledger = ledger, .now = now,
		.project = "-", .removed = &removed };
	struct fault f = { 0 };
	size_t n;

	retention_read(ledger, &c.rule);
	c.since = retention_since(&c.rule, now);
	if (images_projects(images, &projects, &n, &f) != 0)
		failed(&c, &f);
	for (size_t i = 0; i < n && (stop == NULL || !*stop); i++) {
		c.project = projects[i].name;
		project_collect(&c, stop);
	}
	return removed;
}

/* Waits; false when it is time to end. */
static bool
rest(struct collector *c, int seconds)
{
	struct timespec until;
	int rc = 0;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += seconds;
	pthread_mutex_lock(&c->lock);
	while (!c->stopping && rc != ETIMEDOUT)
		rc = pthread_cond_timedwait(&c->woken, &c->lock, &until);
	pthread_mutex_unlock(&c->lock);
	return !c->stopping;
}

static void *
collector_main(void *arg)
{
	struct collector *c = arg;
	int seconds = COLLECTOR_FIRST_S;

	while (rest(c, seconds)) {
		(void)collect(c->images, c->ledger, time(NULL), &c->stopping);
		seconds = COLLECTOR_EVERY_S;
	}
	return NULL;
}

struct collector *
collector_new(struct images *images, struct ledger *ledger)
{
	struct collector *c = calloc(1, sizeof(*c));

	if (c == NULL)
		return NULL;
	c->images = images;
	c->ledger = ledger;
	pthread_mutex_init(&c->lock, NULL);
	thread_cond_init(&c->woken);
	if (thread_start(&c->thread, collector_main, c) < 0) {
		free(c);
		return NULL;
	}
	return c;
}

void
collector_free(struct collector *c)
{
	if (c == NULL)
		return;
	pthread_mutex_lock(&c->lock);
	c->stopping = true;
	pthread_cond_signal(&c->woken);
	pthread_mutex_unlock(&c->lock);
	pthread_join(c->thread, NULL);
	pthread_cond_destroy(&c->woken);
	pthread_mutex_destroy(&c->lock);
	free(c);
}
