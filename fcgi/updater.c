/* SPDX-License-Identifier: ISC */
/* updater: threads and what they take; see updater.h. */
#include "fcgi/updater.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "fcgi/app.h"
#include "fcgi/rounds.h"
#include "fcgi/thread.h"
#include "fcgi/update_check.h"
#include "fcgi/update_work.h"

#define SEEN_MS (60 * 60 * INT64_C(1000))	/* is good for so long */
#define SEEN_PROBES 8

struct seen {
	char sha256[IMAGE_DIGEST_LEN + 1];
	int64_t at;
};

/* An automatic update on its way to a thread, or with one. */
struct job {
	struct job *next;
	struct update_rule rule;
	bool taken;
};

struct updater {
	struct app *app;
	pthread_mutex_t lock;
	pthread_cond_t queued;		/* of those that update */
	bool ending;
	uint64_t calls;			/* how often work came */
	struct seen *seen;
	struct job *first;
	struct bulk_item *resumed;	/* owned */
	size_t nresumed;
	struct rounds *checker;
	struct threads threads;
};

/* ---- what was seen ---- */

static size_t
seen_slot(const char *sha256)
{
	size_t h = 0;

	for (int i = 0; i < 16; i++)
		h = h * 31 + (unsigned char)sha256[i];
	return h % UPDATER_SEEN_MAX;
}

void
updater_seen(struct updater *u, const char *sha256)
{
	size_t slot, best;
	int64_t now = wall_ms();

	if (strlen(sha256) != IMAGE_DIGEST_LEN)
		return;
	pthread_mutex_lock(&u->lock);
	slot = best = seen_slot(sha256);
	for (int i = 0; i < SEEN_PROBES; i++) {
		struct seen *s = &u->seen[(slot + i) % UPDATER_SEEN_MAX];

		if (strcmp(s->sha256, sha256) == 0) {
			best = (slot + i) % UPDATER_SEEN_MAX;
			break;
		}
		if (s->at < u->seen[best].at)
			best = (slot + i) % UPDATER_SEEN_MAX;
	}
	if (strcmp(u->seen[best].sha256, sha256) != 0) {
		memcpy(u->seen[best].sha256, sha256, IMAGE_DIGEST_LEN + 1);
		rounds_wake(u->checker);
	}
	u->seen[best].at = now;
	pthread_mutex_unlock(&u->lock);
}

/* What was seen lately: the digests one after the other; owned. */
static char (*seen_list(struct updater *u, size_t *n))[IMAGE_DIGEST_LEN + 1]
{
	char (*list)[IMAGE_DIGEST_LEN + 1] = calloc(UPDATER_SEEN_MAX,
		sizeof(*list));
	int64_t now = wall_ms();

	*n = 0;
	pthread_mutex_lock(&u->lock);
	for (size_t i = 0; list != NULL && i < UPDATER_SEEN_MAX; i++)
		if (u->seen[i].at != 0 && now - u->seen[i].at < SEEN_MS)
			memcpy(list[(*n)++], u->seen[i].sha256,
			    sizeof(*list));
	pthread_mutex_unlock(&u->lock);
	return list;
}

/* ---- checking ---- */

static struct job **
job_find(struct updater *u, const struct update_rule *rule)
{
	struct job **at = &u->first;

	while (*at != NULL && (strcmp((*at)->rule.name, rule->name) != 0 ||
	    strcmp((*at)->rule.project, rule->project) != 0 ||
	    strcmp((*at)->rule.instance, rule->instance) != 0))
		at = &(*at)->next;
	return at;
}

/* Queues an automatic update unless it is under way. */
static void
job_add(void *arg, const struct update_rule *rule)
{
	struct updater *u = arg;
	struct job *job = calloc(1, sizeof(*job)), **at;

	if (job == NULL)
		return;
	pthread_mutex_lock(&u->lock);
	at = job_find(u, rule);
	if (*at == NULL) {
		job->rule = *rule;
		*at = job;
		job = NULL;
		u->calls++;
		pthread_cond_broadcast(&u->queued);
	}
	pthread_mutex_unlock(&u->lock);
	free(job);
}

static void
check(void *arg)
{
	struct updater *u = arg;
	size_t n;
	char (*seen)[IMAGE_DIGEST_LEN + 1] = seen_list(u, &n);

	update_check(u->app, (const char (*)[IMAGE_DIGEST_LEN + 1])seen, n);
	free(seen);
	update_rules_due(u->app, job_add, u);
}

/* ---- updating ---- */

/* What there is to do: an automatic update, or an item of a bulk. */
struct work {
	struct job *job;
	struct bulk_item item;
};

/* With the lock. */
static bool
work_find(struct updater *u, struct work *w)
{
	*w = (struct work){ 0 };
	for (w->job = u->first; w->job != NULL && w->job->taken;
	    w->job = w->job->next)
		;
	if (w->job != NULL) {
		w->job->taken = true;
		return true;
	}
	if (u->nresumed == 0)
		return false;
	w->item = u->resumed[--u->nresumed];
	return true;
}

/* False at the end. */
static bool
work_take(struct updater *u, struct work *w)
{
	uint64_t calls;
	bool found, ending = false;

	while (!u->app->stopping && !ending) {
		pthread_mutex_lock(&u->lock);
		calls = u->calls;
		found = work_find(u, w);
		pthread_mutex_unlock(&u->lock);
		if (found || bulk_take(u->app->ledger, &w->item) == 0)
			return true;
		pthread_mutex_lock(&u->lock);
		while (!u->ending && calls == u->calls)
			pthread_cond_wait(&u->queued, &u->lock);
		ending = u->ending;
		pthread_mutex_unlock(&u->lock);
	}
	return false;
}

static void
job_end(struct updater *u, struct job *job)
{
	struct job **at;

	pthread_mutex_lock(&u->lock);
	at = job_find(u, &job->rule);
	*at = job->next;
	pthread_mutex_unlock(&u->lock);
	explicit_bzero(&job->rule, sizeof(job->rule));
	free(job);
}

static void *
worker_main(void *arg)
{
	struct updater *u = arg;
	struct auth_client *auth = auth_client_new(
		u->app->config->auth_socket);
	struct work w;

	while (auth != NULL && work_take(u, &w)) {
		if (w.job != NULL) {
			update_by_rule(u->app, auth, &w.job->rule);
			job_end(u, w.job);
		} else {
			update_item(u->app, auth, &w.item);
			updater_wake(u);
		}
		explicit_bzero(&w, sizeof(w));
		auth_client_rest(auth);
	}
	auth_client_free(auth);
	return NULL;
}

void
updater_wake(struct updater *u)
{
	pthread_mutex_lock(&u->lock);
	u->calls++;
	pthread_cond_broadcast(&u->queued);
	pthread_mutex_unlock(&u->lock);
	rounds_wake(u->checker);
}

/* ---- beginning and end ---- */

struct updater *
updater_new(struct app *app)
{
	struct updater *u = calloc(1, sizeof(*u));

	if (u == NULL)
		return NULL;
	u->app = app;
	pthread_mutex_init(&u->lock, NULL);
	pthread_cond_init(&u->queued, NULL);
	u->seen = calloc(UPDATER_SEEN_MAX, sizeof(*u->seen));
	u->resumed = bulk_resume(app->ledger, &u->nresumed);
	/* It is woken by the others. */
	if (u->seen != NULL)
		u->checker = rounds_new(check, u, UPDATER_ROUND_S);
	if (u->checker != NULL && threads_start(&u->threads, UPDATER_THREADS,
	    worker_main, u) == 0)
		return u;
	updater_free(u);
	return NULL;
}

void
updater_free(struct updater *u)
{
	struct job *job;

	if (u == NULL)
		return;
	pthread_mutex_lock(&u->lock);
	u->ending = true;
	pthread_cond_broadcast(&u->queued);
	pthread_mutex_unlock(&u->lock);
	threads_join(&u->threads);
	rounds_free(u->checker);
	while ((job = u->first) != NULL) {
		u->first = job->next;
		free(job);
	}
	pthread_cond_destroy(&u->queued);
	pthread_mutex_destroy(&u->lock);
	free(u->resumed);
	free(u->seen);
	free(u);
}
