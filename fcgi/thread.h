/* SPDX-License-Identifier: ISC */
/* thread: the few threads besides the workers, all with small stacks. */
#ifndef FCGI_THREAD_H
#define FCGI_THREAD_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

/* 0, or -1 when it can not be made. The second one is detached. */
int thread_start(pthread_t *thread, void *(*run)(void *), void *arg);
int thread_detach(void *(*run)(void *), void *arg);

/* Some that run the same; begins zeroed. */
struct threads {
	pthread_t *made;
	int n;
};

/*
 * 0, or -1 when not all n of them can be made. Those that could run in either
 * case: the caller tells them to end, and joins them.
 */
int threads_start(struct threads *t, int n, void *(*run)(void *), void *arg);
void threads_join(struct threads *t);

/* For waits until a time of the monotonic clock. */
void thread_cond_init(pthread_cond_t *cond);
/* Sleeps; false as soon as *stopping is true. */
bool thread_nap(const atomic_bool *stopping, int ms);

#endif

