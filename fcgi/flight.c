/* SPDX-License-Identifier: ISC */
/* flight: single flight with a short memory; see flight.h. */
#include "fcgi/flight.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "fcgi/thread.h"

/* Chains of the table; keys are instances with projects. */
#define BUCKETS 256

struct flight {
	struct flights *table;
	struct flight *next;	/* in its bucket; NULL and !listed: forgotten */
	bool listed;
	char key[FLIGHT_KEY_MAX + 1];
	int refs;		/* the table's and everybody's */
	bool landed;
	int64_t until;		/* the answer is handed out until then */
	struct answer *answer;	/* NULL: it failed, see fault */
	struct fault fault;
	pthread_cond_t changed;
};

struct flights {
	pthread_mutex_t lock;
	int keep_ms;
	struct flight *buckets[BUCKETS];
};

int64_t
flight_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

void
answer_init(struct answer *a, void (*free_answer)(struct answer *a))
{
	atomic_init(&a->refs, 1);
	a->free = free_answer;
}

struct answer *
answer_get(struct answer *a)
{
	atomic_fetch_add(&a->refs, 1);
	return a;
}

void
answer_put(struct answer *a)
{
	if (a != NULL && atomic_fetch_sub(&a->refs, 1) == 1)
		a->free(a);
}

struct flights *
flights_new(int keep_ms)
{
	struct flights *t = calloc(1, sizeof(*t));

	if (t == NULL)
		return NULL;
	pthread_mutex_init(&t->lock, NULL);
	t->keep_ms = keep_ms;
	return t;
}

static struct flight **
bucket_of(struct flights *t, const char *key)
{
	uint32_t h = 2166136261u;

	for (; *key != '\0'; key++)
		h = (h ^ (unsigned char)*key) * 16777619u;
	return &t->buckets[h % BUCKETS];
}

/* With the lock held. */
static void
flight_unref(struct flight *flight)
{
	if (--flight->refs > 0)
		return;
	answer_put(flight->answer);
	pthread_cond_destroy(&flight->changed);
	free(flight);
}

/* Takes it out of the table, with the lock held. */
static void
flight_unlist(struct flight **at)
{
	struct flight *flight = *at;

	*at = flight->next;
	flight->listed = false;
	flight_unref(flight);
}

/* Finds key, dropping what is too old on the way. */
static struct flight **
flight_find(struct flights *t, const char *key, int64_t now)
{
	struct flight **at = bucket_of(t, key);

	while (*at != NULL) {
		if ((*at)->landed && now >= (*at)->until)
			flight_unlist(at);
		else if (strcmp((*at)->key, key) == 0)
			return at;
		else
			at = &(*at)->next;
	}
	return at;
}

void
flights_free(struct flights *t)
{
	if (t == NULL)
		return;
	for (size_t i = 0; i < BUCKETS; i++)
		while (t->buckets[i] != NULL)
			flight_unlist(&t->buckets[i]);
	pthread_mutex_destroy(&t->lock);
	free(t);
}

static struct flight *
flight_new(struct flights *t, const char *key)
{
	struct flight *flight = calloc(1, sizeof(*flight));

	if (flight == NULL)
		return NULL;
	flight->table = t;
	snprintf(flight->key, sizeof(flight->key), "%s", key);
	thread_cond_init(&flight->changed);
	flight->refs = 1;
	flight->listed = true;
	return flight;
}

int
flight_join(struct flights *t, const char *key, struct answer **a,
	struct flight **flight, bool *lead, struct fault *f)
{
	struct flight **at;

	*a = NULL;
	*flight = NULL;
	*lead = false;
	pthread_mutex_lock(&t->lock);
	at = flight_find(t, key, flight_now());
	if (*at == NULL) {
		*at = flight_new(t, key);
		*lead = *at != NULL;
	}
	if (*at != NULL && (*at)->landed && (*at)->answer != NULL) {
		*a = answer_get((*at)->answer);
	} else if (*at != NULL) {
		*flight = *at;
		(*at)->refs++;
	}
	pthread_mutex_unlock(&t->lock);
	return *a == NULL && *flight == NULL ?
		fault_set(f, ERR_NO_MEMORY, "Out of memory.") : 0;
}

void
flight_land(struct flight *flight, struct answer *a, const struct fault *f)
{
	struct flights *t = flight->table;

	pthread_mutex_lock(&t->lock);
	flight->landed = true;
	flight->answer = a;
	if (a == NULL)
		flight->fault = *f;
	/* A failure is only for those who wait; the next one asks again. */
	flight->until = a == NULL ? 0 : flight_now() + t->keep_ms;
	pthread_cond_broadcast(&flight->changed);
	pthread_mutex_unlock(&t->lock);
}

int
flight_wait(struct flight *flight, int64_t deadline, struct answer **a,
	struct fault *f)
{
	struct timespec until = { .tv_sec = deadline / 1000,
		.tv_nsec = deadline % 1000 * 1000000 };
	struct flights *t = flight->table;
	int rc = 0, err = 0;

	pthread_mutex_lock(&t->lock);
	while (!flight->landed && rc != ETIMEDOUT)
		rc = pthread_cond_timedwait(&flight->changed, &t->lock,
		    &until);
	*a = NULL;
	if (!flight->landed)
		err = fault_set(f, ERR_ALB_TIMEOUT,
		    "The instance did not answer in time.");
	else if (flight->answer != NULL)
		*a = answer_get(flight->answer);
	else {
		*f = flight->fault;
		err = f->err;
	}
	pthread_mutex_unlock(&t->lock);
	return err;
}

struct flight *
flight_hold(struct flight *flight)
{
	pthread_mutex_lock(&flight->table->lock);
	flight->refs++;
	pthread_mutex_unlock(&flight->table->lock);
	return flight;
}

void
flight_leave(struct flight *flight)
{
	struct flights *t;

	if (flight == NULL)
		return;
	t = flight->table;
	pthread_mutex_lock(&t->lock);
	flight_unref(flight);
	pthread_mutex_unlock(&t->lock);
}

void
flight_forget(struct flights *t, const char *key)
{
	struct flight **at;

	pthread_mutex_lock(&t->lock);
	at = flight_find(t, key, flight_now());
	if (*at != NULL)
		flight_unlist(at);
	pthread_mutex_unlock(&t->lock);
}
