/* SPDX-License-Identifier: ISC */
/* log_read: reads kept logs for the hub; see log_read.h. */
#include "fcgi/log_read.h"

#include <stdio.h>
#include <stdlib.h>

#include "fcgi/thread.h"

#define THREADS 4

struct log_reads {
	pthread_mutex_t lock;
	pthread_cond_t added;
	struct log_read *first, **end;
	bool stopping;
	struct threads threads;
	struct log_store *store;
	void (*done)(void *arg, struct log_read *r);
	void *arg;
};

struct log_read *
log_read_new(const char *instance, const char *project, const char *name)
{
	struct log_read *r = calloc(1, sizeof(*r));

	if (r == NULL)
		return NULL;
	snprintf(r->instance, sizeof(r->instance), "%s", instance);
	snprintf(r->project, sizeof(r->project), "%s", project);
	snprintf(r->name, sizeof(r->name), "%s", name);
	ring_init(&r->ring);
	return r;
}

void
log_read_free(struct log_read *r)
{
	ring_free(&r->ring);
	older_free(r->older);
	ticket_put(r->ticket);
	free(r->message);
	free(r);
}

/* ---- the end of a log ---- */

static void
tail_take(void *arg, const struct log_entry *e)
{
	struct log_read *r = arg;

	if (r->ring.first == r->ring.next)
		ring_continue(&r->ring, r->ring.epoch, e->seq);
	if (ring_add(&r->ring, e->ms, e->kind, e->deployment, e->text,
	    e->len) == NULL)
		r->err = ERR_NO_MEMORY;
}

static void
tail_read(struct log_store *store, const struct log_place *place,
	struct log_read *r)
{
	struct fault f = { 0 };
	uint32_t epoch = 0;
	int64_t next = 1;
	int err = log_tail(store, place, RING_LINES, RING_BYTES, &epoch,
		&next, tail_take, r, &f);

	if (err != 0)
		r->err = err;
	if (r->ring.first == r->ring.next)
		ring_continue(&r->ring, epoch, next);
	r->ring.epoch = epoch;
}

/* ---- what is older ---- */

struct taking {
	struct log_read *read;
	struct older **end;
	int n;
	size_t bytes;
};

static bool
older_take(void *arg, const struct log_entry *e)
{
	struct taking *t = arg;
	struct older *o;

	if (t->n == LOG_READ_ENTRIES || t->bytes > LOG_READ_BYTES)
		return false;
	o = older_new(e);
	if (o == NULL)
		return false;
	*t->end = o;
	t->end = &o->next;
	t->n++;
	t->bytes += e->len;
	return true;
}

/* On from where it stopped looking, until something was found. */
static void
older_read(struct log_store *store, const struct log_place *place,
	struct log_read *r)
{
	struct taking t = { .read = r, .end = &r->older };
	struct log_query q = { .after = r->after, .oldest_first = true,
		.from_ms = r->from_ms < 0 ? 0 : r->from_ms };
	struct log_kept kept = { 0 };
	struct fault f = { 0 };

	do {
		r->err = log_scan(store, place, &q, older_take, &t, &kept,
			&f);
		q.after = kept.rest;
	} while (r->err == 0 && t.n == 0 && kept.rest != 0);
}

/* ---- the threads ---- */

/* The next one; NULL when it is time to end. */
static struct log_read *
next_take(struct log_reads *all)
{
	struct log_read *r;

	pthread_mutex_lock(&all->lock);
	while (all->first == NULL && !all->stopping)
		pthread_cond_wait(&all->added, &all->lock);
	r = all->stopping ? NULL : all->first;
	if (r != NULL)
		all->first = r->next;
	if (all->first == NULL)
		all->end = &all->first;
	pthread_mutex_unlock(&all->lock);
	return r;
}

static void *
reads_main(void *arg)
{
	struct log_reads *all = arg;
	struct log_read *r;

	while ((r = next_take(all)) != NULL) {
		const struct log_place place = { r->instance, r->project,
			r->name };

		if (r->channel != NULL)
			tail_read(all->store, &place, r);
		else
			older_read(all->store, &place, r);
		all->done(all->arg, r);
	}
	return NULL;
}

struct log_reads *
log_reads_new(struct log_store *store, void (*done)(void *arg,
	struct log_read *r), void *arg)
{
	struct log_reads *all = calloc(1, sizeof(*all));

	if (all == NULL)
		return NULL;
	*all = (struct log_reads){ .store = store, .done = done, .arg = arg };
	pthread_mutex_init(&all->lock, NULL);
	thread_cond_init(&all->added);
	all->end = &all->first;
	if (threads_start(&all->threads, THREADS, reads_main, all) < 0) {
		log_reads_free(all);
		return NULL;
	}
	return all;
}

void
log_reads_add(struct log_reads *all, struct log_read *r)
{
	pthread_mutex_lock(&all->lock);
	r->next = NULL;
	*all->end = r;
	all->end = &r->next;
	pthread_cond_signal(&all->added);
	pthread_mutex_unlock(&all->lock);
}

void
log_reads_free(struct log_reads *all)
{
	struct log_read *r;

	if (all == NULL)
		return;
	pthread_mutex_lock(&all->lock);
	all->stopping = true;
	pthread_cond_broadcast(&all->added);
	pthread_mutex_unlock(&all->lock);
	threads_join(&all->threads);
	while ((r = all->first) != NULL) {
		all->first = r->next;
		log_read_free(r);
	}
	pthread_cond_destroy(&all->added);
	pthread_mutex_destroy(&all->lock);
	free(all);
}
