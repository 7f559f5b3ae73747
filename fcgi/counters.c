/* SPDX-License-Identifier: ISC */
/* counters: see counters.h. */
#include "fcgi/counters.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

const int64_t histogram_bounds[HISTOGRAM_BOUNDS] = { 500, 1000, 2500, 5000,
	10000, 25000, 50000, 100000, 250000, 1000000, 2500000, 10000000,
	30000000 };

static atomic_uint_least64_t counted[COUNTED];
static atomic_int_least64_t present[PRESENT];
static atomic_uint_least64_t ends[COUNT_ENDS];
static struct request_counts requests[COUNT_ROUTES];
static struct mint_counts mints;

/* Entries are added in front and stay, so that they can be walked freely. */
static _Atomic(struct instance_counts *) instances;
static pthread_mutex_t instances_lock = PTHREAD_MUTEX_INITIALIZER;

int64_t
counters_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static void
add(atomic_uint_least64_t *to, uint64_t n)
{
	atomic_fetch_add_explicit(to, n, memory_order_relaxed);
}

static void
histogram_add(struct histogram *h, int64_t us)
{
	size_t i = 0;

	if (us < 0)
		us = 0;
	while (i < HISTOGRAM_BOUNDS && us > histogram_bounds[i])
		i++;
	add(&h->buckets[i], 1);
	add(&h->sum, (uint64_t)us);
}

static void
histogram_clear(struct histogram *h)
{
	for (size_t i = 0; i <= HISTOGRAM_BOUNDS; i++)
		h->buckets[i] = 0;
	h->sum = 0;
}

void
count(enum counted what, uint64_t n)
{
	add(&counted[what], n);
}

uint64_t
count_of(enum counted what)
{
	return counted[what];
}

void
count_now(enum present what, int more)
{
	atomic_fetch_add_explicit(&present[what], more,
	    memory_order_relaxed);
}

int64_t
count_now_of(enum present what)
{
	return present[what];
}

void
count_deployment(int state)
{
	if (state >= 0 && state < COUNT_ENDS)
		add(&ends[state], 1);
}

uint64_t
count_deployments(int state)
{
	return ends[state];
}

void
count_request(size_t route, int status, int64_t us)
{
	struct request_counts *r = &requests[route < COUNT_ROUTES ? route :
		COUNT_ROUTES - 1];
	int class = status / 100;

	add(&r->statuses[class < COUNT_CLASSES ? class : 0], 1);
	histogram_add(&r->time, us);
}

const struct request_counts *
count_requests(size_t route)
{
	return &requests[route];
}

void
count_mint(int err, int64_t us)
{
	histogram_add(&mints.time, us);
	if (err > 0 && err < ERR_COUNT)
		add(&mints.errors[err], 1);
}

const struct mint_counts *
count_mints(void)
{
	return &mints;
}

static struct instance_counts *
instance_find(const char *name)
{
	struct instance_counts *c = instances;

	while (c != NULL && strcmp(c->name, name) != 0)
		c = c->next;
	return c;
}

/* NULL: out of memory, then it is not counted. */
static struct instance_counts *
instance_get(const char *name)
{
	struct instance_counts *c = instance_find(name);

	if (c != NULL)
		return c;
	pthread_mutex_lock(&instances_lock);
	c = instance_find(name);
	if (c == NULL)
		c = calloc(1, sizeof(*c));
	if (c != NULL && c->name[0] == '\0') {
		snprintf(c->name, sizeof(c->name), "%s", name);
		c->next = instances;
		instances = c;
	}
	pthread_mutex_unlock(&instances_lock);
	return c;
}

/* How long content takes says nothing of the instance. */
static bool
moves_content(enum alb_command_kind kind)
{
	return kind == ALB_UNIKERNEL_CREATE ||
		kind == ALB_UNIKERNEL_FORCE_CREATE ||
		kind == ALB_UNIKERNEL_GET || kind == ALB_BLOCK_SET ||
		kind == ALB_BLOCK_DUMP;
}

unsigned
count_age(const char *instance)
{
	const struct instance_counts *c = instance_get(instance);

	return c == NULL ? 0 : c->age;
}

void
count_command(const char *instance, unsigned age, enum alb_command_kind kind,
	int64_t us)
{
	struct instance_counts *c = instance_get(instance);

	if (c == NULL || c->age != age)
		return;
	add(&c->commands[kind], 1);
	if (!moves_content(kind))
		histogram_add(&c->time, us);
}

void
count_command_error(const char *instance, unsigned age, int err)
{
	struct instance_counts *c = instance_get(instance);

	if (c != NULL && c->age == age && err > 0 && err < ERR_COUNT)
		add(&c->errors[err], 1);
}

const struct instance_counts *
count_instances(void)
{
	return instances;
}

void
count_forget(const char *instance)
{
	struct instance_counts *c = instance_find(instance);

	if (c == NULL)
		return;
	c->age++;
	for (size_t i = 0; i < ALB_COMMAND_KINDS; i++)
		c->commands[i] = 0;
	for (size_t i = 0; i < ERR_COUNT; i++)
		c->errors[i] = 0;
	histogram_clear(&c->time);
}
