/* SPDX-License-Identifier: ISC */
/* thread: see thread.h. */
#include "config.h"

#include "fcgi/thread.h"

#include <stdlib.h>
#include <time.h>

#define NAP_MS 100

#ifdef SANITIZERS
#define STACK_SIZE (4 * 1024 * 1024)	/* redzones take room */
#else
/* A struct fault alone has 11 KiB, and some of them lie upon each other. */
#define STACK_SIZE (512 * 1024)
#endif

int
thread_start(pthread_t *thread, void *(*run)(void *), void *arg)
{
	pthread_attr_t attr;
	int rc;

	if (pthread_attr_init(&attr) != 0)
		return -1;
	pthread_attr_setstacksize(&attr, STACK_SIZE);
	rc = pthread_create(thread, &attr, run, arg);
	pthread_attr_destroy(&attr);
	return rc == 0 ? 0 : -1;
}

int
thread_detach(void *(*run)(void *), void *arg)
{
	pthread_t thread;

	if (thread_start(&thread, run, arg) < 0)
		return -1;
	pthread_detach(thread);
	return 0;
}

int
threads_start(struct threads *t, int n, void *(*run)(void *), void *arg)
{
	t->made = calloc((size_t)n, sizeof(*t->made));
	while (t->made != NULL && t->n < n &&
	    thread_start(&t->made[t->n], run, arg) == 0)
		t->n++;
	return t->n == n ? 0 : -1;
}

void
threads_join(struct threads *t)
{
	for (int i = 0; i < t->n; i++)
		pthread_join(t->made[i], NULL);
	free(t->made);
	*t = (struct threads){ 0 };
}

void
thread_cond_init(pthread_cond_t *cond)
{
	pthread_condattr_t attr;

	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(cond, &attr);
	pthread_condattr_destroy(&attr);
}

bool
thread_nap(const atomic_bool *stopping, int ms)
{
	const struct timespec nap = { .tv_nsec = NAP_MS * 1000000L };

	for (; ms > 0 && !*stopping; ms -= NAP_MS)
		nanosleep(&nap, NULL);
	return !*stopping;
}
