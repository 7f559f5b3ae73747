/* SPDX-License-Identifier: ISC */
/* rounds: see rounds.h. */
#include "fcgi/rounds.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <time.h>

#include "fcgi/thread.h"

struct rounds {
	void (*run)(void *arg);
	void *arg;
	int seconds;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	bool woken, ending;
	pthread_t thread;
};

/* False at the end. */
static bool
rest(struct rounds *r)
{
	struct timespec until;
	bool go_on;
	int rc = 0;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += r->seconds;
	pthread_mutex_lock(&r->lock);
	while (!r->ending && !r->woken && rc != ETIMEDOUT)
		rc = pthread_cond_timedwait(&r->changed, &r->lock, &until);
	r->woken = false;
	go_on = !r->ending;
	pthread_mutex_unlock(&r->lock);
	return go_on;
}

static void *
rounds_main(void *arg)
{
	struct rounds *r = arg;

	do
		r->run(r->arg);
	while (rest(r));
	return NULL;
}

static void
rounds_destroy(struct rounds *r)
{
	pthread_cond_destroy(&r->changed);
	pthread_mutex_destroy(&r->lock);
	free(r);
}

struct rounds *
rounds_new(void (*run)(void *arg), void *arg, int seconds)
{
	struct rounds *r = calloc(1, sizeof(*r));

	if (r == NULL)
		return NULL;
	r->run = run;
	r->arg = arg;
	r->seconds = seconds;
	pthread_mutex_init(&r->lock, NULL);
	thread_cond_init(&r->changed);
	if (thread_start(&r->thread, rounds_main, r) == 0)
		return r;
	rounds_destroy(r);
	return NULL;
}

void
rounds_wake(struct rounds *r)
{
	pthread_mutex_lock(&r->lock);
	r->woken = true;
	pthread_cond_signal(&r->changed);
	pthread_mutex_unlock(&r->lock);
}

void
rounds_free(struct rounds *r)
{
	if (r == NULL)
		return;
	pthread_mutex_lock(&r->lock);
	r->ending = true;
	pthread_cond_signal(&r->changed);
	pthread_mutex_unlock(&r->lock);
	pthread_join(r->thread, NULL);
	rounds_destroy(r);
}
