/* SPDX-License-Identifier: ISC */
/* health_watch: see health_watch.h. */
#include "fcgi/health_watch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/text.h"
#include "fcgi/app.h"
#include "fcgi/deployment.h"
#include "fcgi/health_store.h"
#include "fcgi/rounds.h"
#include "fcgi/thread.h"

#define TICK_S 1
#define JITTER 10	/* an interval grows by up to a tenth of it */

/* A check on its way to a thread, or with one. */
struct job {
	struct job *next;
	struct health_due due;
	bool taken;
};

struct health_watch {
	struct app *app;
	pthread_mutex_t lock;
	pthread_cond_t queued;
	struct job *first;
	bool ending;
	struct rounds *scheduler;
	struct threads threads;
};

static void
job_free(struct job *job)
{
	free(job->due.check);
	free(job->due.config);
	free(job);
}

static struct job **
job_find(struct health_watch *w, const struct health_due *due)
{
	struct job **at = &w->first;

	while (*at != NULL && (strcmp((*at)->due.name, due->name) != 0 ||
	    strcmp((*at)->due.project, due->project) != 0 ||
	    strcmp((*at)->due.instance, due->instance) != 0))
		at = &(*at)->next;
	return at;
}

/* FNV-1a: some number that belongs to the text. */
static uint32_t
hash(uint32_t h, const char *s)
{
	for (; *s != '\0'; s++)
		h = (h ^ (uint8_t)*s) * 16777619;
	return h;
}

/*
 * So that not all are asked at the same moment. Of each attempt another, the
 * same however often it is looked at.
 */
static int64_t
jitter(const struct health_due *due, int64_t interval)
{
	uint32_t h = hash((uint32_t)due->checked ^ 2166136261u, due->name);

	h = hash(hash(h, due->project), due->instance);
	return (int64_t)(h % (uint64_t)(interval / JITTER + 1));
}

static bool
is_due(const struct health_due *due, const struct health_check *check,
	int64_t now)
{
	int64_t interval = check->interval * INT64_C(1000);

	interval += jitter(due, interval);
	return due->checked == 0 || now - due->checked >= interval ||
		now < due->checked;
}

static bool
check_read(const char *text, struct health_check *out)
{
	AUTO_JSON struct json_object *o = json_tokener_parse(text);
	struct fault f = { 0 };

	return o != NULL && health_check_from_json(o, "", out, &f) == 0;
}

/* Queues it unless it is under way; takes what due points to. */
static void
job_add(struct health_watch *w, struct health_due *due)
{
	struct job *job = calloc(1, sizeof(*job)), **at;

	if (job == NULL)
		return;
	pthread_mutex_lock(&w->lock);
	at = job_find(w, due);
	if (*at == NULL) {
		job->due = *due;
		due->check = due->config = NULL;
		*at = job;
		job = NULL;
		pthread_cond_broadcast(&w->queued);
	}
	pthread_mutex_unlock(&w->lock);
	free(job);
}

static void
schedule(void *arg)
{
	struct health_watch *w = arg;
	struct health_check check;
	int64_t now = wall_ms();
	size_t n;
	struct health_due *list = health_due_list(w->app->ledger, &n);

	for (size_t i = 0; i < n; i++)
		if (check_read(list[i].check, &check) &&
		    is_due(&list[i], &check, now))
			job_add(w, &list[i]);
	health_due_free(list, n);
}

static struct job *
job_take(struct health_watch *w)
{
	struct job *job = NULL;

	pthread_mutex_lock(&w->lock);
	while (!w->ending) {
		for (job = w->first; job != NULL && job->taken;
		    job = job->next)
			;
		if (job != NULL)
			break;
		pthread_cond_wait(&w->queued, &w->lock);
	}
	if (job != NULL)
		job->taken = true;
	pthread_mutex_unlock(&w->lock);
	return job;
}

static void
job_end(struct health_watch *w, struct job *job)
{
	struct job **at;

	pthread_mutex_lock(&w->lock);
	at = job_find(w, &job->due);
	*at = job->next;
	pthread_mutex_unlock(&w->lock);
	job_free(job);
}

static void
job_do(struct health_watch *w, const struct health_due *due)
{
	const struct health_of of = { due->instance, due->project,
		due->name };
	struct health_check check;
	struct alb_config config;
	struct fault f = { 0 }, unwritten = { 0 };
	int err, ms;

	if (!check_read(due->check, &check) ||
	    deployment_config(due->config, &config) != 0)
		return;
	err = health_check_run(w->app, &check, &config, &ms, &f);
	alb_config_free(&config);
	if (err != 0 && err != ERR_HEALTH)
		return;
	if (health_result_add(w->app->ledger, &of, due->check, check.retries,
	    err == 0, ms, err == 0 ? NULL : f.detail, &unwritten) != 0)
		log_event(LOG_LEVEL_ERROR, "health-not-stored", "why",
		    unwritten.detail, NULL);
}

static void *
prober_main(void *arg)
{
	struct health_watch *w = arg;
	struct job *job;

	while ((job = job_take(w)) != NULL) {
		job_do(w, &job->due);
		job_end(w, job);
	}
	return NULL;
}

struct health_watch *
health_watch_new(struct app *app)
{
	struct health_watch *w = calloc(1, sizeof(*w));

	if (w == NULL)
		return NULL;
	w->app = app;
	pthread_mutex_init(&w->lock, NULL);
	pthread_cond_init(&w->queued, NULL);
	if (threads_start(&w->threads, HEALTH_WATCH_THREADS, prober_main,
	    w) == 0)
		w->scheduler = rounds_new(schedule, w, TICK_S);
	if (w->scheduler != NULL)
		return w;
	health_watch_free(w);
	return NULL;
}

void
health_watch_free(struct health_watch *w)
{
	struct job *job;

	if (w == NULL)
		return;
	rounds_free(w->scheduler);
	pthread_mutex_lock(&w->lock);
	w->ending = true;
	pthread_cond_broadcast(&w->queued);
	pthread_mutex_unlock(&w->lock);
	threads_join(&w->threads);
	while ((job = w->first) != NULL) {
		w->first = job->next;
		job_free(job);
	}
	pthread_cond_destroy(&w->queued);
	pthread_mutex_destroy(&w->lock);
	free(w);
}
