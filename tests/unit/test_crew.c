/* SPDX-License-Identifier: ISC */
/* What is queued is carried out in order, once, by threads of its own. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

#include "fcgi/crew.h"

#define JOBS 4000
#define THREADS 4
#define ADDERS 8

/* What was carried out, as it came. */
struct done {
	pthread_mutex_t lock;
	pthread_cond_t more;
	int n;
	int64_t ids[JOBS];
	unsigned flags[JOBS];
	struct auth_client *auths[JOBS];
};

static struct done done;

static int
setup(void **state)
{
	(void)state;
	done = (struct done){ .n = 0 };
	pthread_mutex_init(&done.lock, NULL);
	pthread_cond_init(&done.more, NULL);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	pthread_cond_destroy(&done.more);
	pthread_mutex_destroy(&done.lock);
	return 0;
}

static void
note(void *arg, struct auth_client *auth, int64_t id, unsigned flags)
{
	struct done *d = arg;

	pthread_mutex_lock(&d->lock);
	d->ids[d->n] = id;
	d->flags[d->n] = flags;
	d->auths[d->n++] = auth;
	pthread_cond_broadcast(&d->more);
	pthread_mutex_unlock(&d->lock);
}

static void
done_wait(int n)
{
	pthread_mutex_lock(&done.lock);
	while (done.n < n)
		pthread_cond_wait(&done.more, &done.lock);
	pthread_mutex_unlock(&done.lock);
}

static struct crew *
crew(crew_do *run, void *arg)
{
	struct crew *c = crew_new("/dev/null/none", run, arg);

	assert_non_null(c);
	return c;
}

static void
add(struct crew *c, int64_t from, int64_t to)
{
	for (int64_t id = from; id < to; id++)
		assert_int_equal(crew_add(c, id, (unsigned)id % 3), 0);
}

static void
in_the_order_it_was_added(void **state)
{
	struct crew *c = crew(note, &done);

	(void)state;
	add(c, 0, 100);
	assert_int_equal(done.n, 0);
	assert_int_equal(crew_start(c, 1), 0);
	done_wait(100);
	add(c, 100, 200);
	done_wait(200);
	crew_free(c);
	assert_int_equal(done.n, 200);
	for (int i = 0; i < 200; i++) {
		assert_int_equal(done.ids[i], i);
		assert_int_equal(done.flags[i], i % 3);
	}
}

/* ---- several at the same time ---- */

/* Goes on when all threads are in here. */
static void
meet(void *arg, struct auth_client *auth, int64_t id, unsigned flags)
{
	pthread_barrier_wait(arg);
	note(&done, auth, id, flags);
}

static void
at_the_same_time(void **state)
{
	pthread_barrier_t barrier;
	struct crew *c = crew(meet, &barrier);

	(void)state;
	pthread_barrier_init(&barrier, NULL, THREADS);
	assert_int_equal(crew_start(c, THREADS), 0);
	add(c, 0, THREADS);
	done_wait(THREADS);
	crew_free(c);
	pthread_barrier_destroy(&barrier);
	for (int i = 0; i < THREADS; i++) {
		assert_non_null(done.auths[i]);
		for (int k = 0; k < i; k++)
			assert_ptr_not_equal(done.auths[i], done.auths[k]);
	}
}

/* ---- from several threads ---- */

struct adder {
	pthread_t thread;
	struct crew *crew;
	int64_t from;
};

static void *
adder_main(void *arg)
{
	const struct adder *a = arg;

	for (int i = 0; i < JOBS / ADDERS; i++)
		if (crew_add(a->crew, a->from + i, 0) != 0)
			abort();
	return NULL;
}

static void
added_from_several_threads(void **state)
{
	struct crew *c = crew(note, &done);
	struct adder adders[ADDERS];
	int64_t next[ADDERS];

	(void)state;
	assert_int_equal(crew_start(c, 1), 0);
	for (int i = 0; i < ADDERS; i++) {
		next[i] = (int64_t)i * JOBS;
		adders[i] = (struct adder){ .crew = c, .from = next[i] };
		assert_int_equal(pthread_create(&adders[i].thread, NULL,
		    adder_main, &adders[i]), 0);
	}
	for (int i = 0; i < ADDERS; i++)
		pthread_join(adders[i].thread, NULL);
	done_wait(JOBS);
	crew_free(c);
	/* Each once, those of one thread in its order. */
	assert_int_equal(done.n, JOBS);
	for (int i = 0; i < JOBS; i++)
		assert_int_equal(done.ids[i], next[done.ids[i] / JOBS]++);
}

/* ---- the end ---- */

static void
take_long(void *arg, struct auth_client *auth, int64_t id, unsigned flags)
{
	const struct timespec nap = { .tv_nsec = 10000000 };

	nanosleep(&nap, NULL);
	note(arg, auth, id, flags);
}

/* What was begun is done; nothing else is, then or later. */
static void
ends_with_jobs_queued(void **state)
{
	struct crew *c = crew(take_long, &done);

	(void)state;
	add(c, 0, JOBS);
	assert_int_equal(crew_start(c, 1), 0);
	done_wait(1);
	crew_free(c);
	assert_in_range(done.n, 1, JOBS - 1);
	for (int i = 0; i < done.n; i++)
		assert_int_equal(done.ids[i], i);
}

static void
ends_before_it_began(void **state)
{
	struct crew *c = crew(note, &done);

	(void)state;
	add(c, 0, 10);
	crew_free(c);
	assert_int_equal(done.n, 0);
	crew_free(NULL);
}

#define A(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		A(in_the_order_it_was_added),
		A(at_the_same_time),
		A(added_from_several_threads),
		A(ends_with_jobs_queued),
		A(ends_before_it_began),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
