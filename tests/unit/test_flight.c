/* SPDX-License-Identifier: ISC */
/* The same question asked by many at once is asked once. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "fcgi/flight.h"

#define THREADS 16
#define LONG_MS 60000

struct number {
	struct answer answer;
	int value;
};

static atomic_int live;		/* answers that were not freed */

static void
number_free(struct answer *a)
{
	atomic_fetch_sub(&live, 1);
	free(a);
}

static struct answer *
number_new(int value)
{
	struct number *n = calloc(1, sizeof(*n));

	answer_init(&n->answer, number_free);
	n->value = value;
	atomic_fetch_add(&live, 1);
	return &n->answer;
}

static int
value_of(const struct answer *a)
{
	return ((const struct number *)a)->value;
}

/* ---- many threads ---- */

struct crowd {
	struct flights *flights;
	pthread_barrier_t barrier;
	atomic_int leaders, answers, faults;
	bool fails;
};

/* Waits until all have joined, so that nobody comes too late. */
static void *
one(void *arg)
{
	struct crowd *c = arg;
	struct fault f = { 0 };
	struct flight *flight;
	struct answer *a;
	bool lead;

	if (flight_join(c->flights, "key", &a, &flight, &lead, &f) != 0 ||
	    a != NULL)
		return NULL;
	pthread_barrier_wait(&c->barrier);
	if (lead) {
		atomic_fetch_add(&c->leaders, 1);
		usleep(5000);
		fault_set(&f, ERR_ALB_NETWORK, "broken");
		flight_land(flight, c->fails ? NULL : number_new(42), &f);
		f = (struct fault){ 0 };
	}
	if (flight_wait(flight, flight_now() + LONG_MS, &a, &f) == 0)
		atomic_fetch_add(&c->answers, value_of(a) == 42);
	else
		atomic_fetch_add(&c->faults, a == NULL &&
		    f.err == ERR_ALB_NETWORK &&
		    strcmp(f.detail, "broken") == 0);
	answer_put(a);
	flight_leave(flight);
	return NULL;
}

static void
crowd_run(bool fails)
{
	struct crowd c = { .flights = flights_new(LONG_MS), .fails = fails };
	pthread_t threads[THREADS];
	struct fault f = { 0 };
	struct flight *flight;
	struct answer *a;
	bool lead;

	pthread_barrier_init(&c.barrier, NULL, THREADS);
	for (int i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, one, &c),
		    0);
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	pthread_barrier_destroy(&c.barrier);
	assert_int_equal(c.leaders, 1);
	assert_int_equal(c.answers, fails ? 0 : THREADS);
	assert_int_equal(c.faults, fails ? THREADS : 0);
	/* An answer is kept; a failure is nothing to keep. */
	assert_int_equal(flight_join(c.flights, "key", &a, &flight, &lead,
	    &f), 0);
	assert_int_equal(lead, fails);
	if (fails)
		flight_land(flight, NULL, &f);
	else
		assert_int_equal(value_of(a), 42);
	answer_put(a);
	flight_leave(flight);
	flights_free(c.flights);
	assert_int_equal(live, 0);
}

static void
test_crowd(void **state)
{
	(void)state;
	crowd_run(false);
	crowd_run(true);
}

/* ---- one after the other ---- */

/* Asks for key: leads and lands value, or returns what was kept. */
static int
ask(struct flights *t, const char *key, int value)
{
	struct fault f = { 0 };
	struct flight *flight;
	struct answer *a;
	bool lead;

	assert_int_equal(flight_join(t, key, &a, &flight, &lead, &f), 0);
	if (a != NULL) {
		assert_null(flight);
		assert_false(lead);
		value = value_of(a);
		answer_put(a);
		return value;
	}
	assert_true(lead);
	flight_land(flight, number_new(value), &f);
	flight_leave(flight);
	return value;
}

static void
test_kept(void **state)
{
	struct flights *t = flights_new(LONG_MS);

	(void)state;
	assert_int_equal(ask(t, "a", 1), 1);
	assert_int_equal(ask(t, "a", 2), 1);
	assert_int_equal(ask(t, "b", 3), 3);
	flight_forget(t, "a");
	flight_forget(t, "none");
	assert_int_equal(ask(t, "a", 4), 4);
	assert_int_equal(ask(t, "b", 5), 3);
	for (int i = 0; i < 1000; i++) {
		char key[2] = { (char)(i % 100 + 1), '\0' };

		assert_int_equal(ask(t, key, i),
		    key[0] == 'a' ? 4 : key[0] == 'b' ? 3 : i % 100);
	}
	flights_free(t);
	assert_int_equal(live, 0);
}

static void
test_expiry(void **state)
{
	struct flights *t = flights_new(20), *none = flights_new(0);

	(void)state;
	assert_int_equal(ask(t, "a", 1), 1);
	usleep(30000);
	assert_int_equal(ask(t, "a", 2), 2);
	assert_int_equal(ask(none, "a", 1), 1);
	assert_int_equal(ask(none, "a", 2), 2);
	flights_free(t);
	flights_free(none);
	assert_int_equal(live, 0);
}

/*
 * What changes while a question is under way: those who wait get their answer,
 * who comes later asks anew, and the old answer is not kept.
 */
static void
test_forget_under_way(void **state)
{
	struct flights *t = flights_new(LONG_MS);
	struct flight *first, *follower, *hold;
	struct fault f = { 0 };
	struct answer *a;
	bool lead;

	(void)state;
	assert_int_equal(flight_join(t, "a", &a, &first, &lead, &f), 0);
	assert_true(lead);
	assert_int_equal(flight_join(t, "a", &a, &follower, &lead, &f), 0);
	assert_false(lead);
	assert_ptr_equal(first, follower);
	hold = flight_hold(first);
	flight_forget(t, "a");
	assert_int_equal(ask(t, "a", 2), 2);
	flight_land(first, number_new(1), &f);
	flight_leave(first);
	assert_int_equal(flight_wait(follower, flight_now() + LONG_MS, &a,
	    &f), 0);
	assert_int_equal(value_of(a), 1);
	answer_put(a);
	flight_leave(follower);
	flight_leave(hold);
	assert_int_equal(ask(t, "a", 3), 2);
	flights_free(t);
	assert_int_equal(live, 0);
}

static void
test_deadline(void **state)
{
	struct flights *t = flights_new(LONG_MS);
	int64_t begin = flight_now();
	struct flight *flight;
	struct fault f = { 0 };
	struct answer *a;
	bool lead;

	(void)state;
	assert_int_equal(flight_join(t, "a", &a, &flight, &lead, &f), 0);
	assert_int_equal(flight_wait(flight, begin + 30, &a, &f),
	    ERR_ALB_TIMEOUT);
	assert_null(a);
	assert_true(flight_now() >= begin + 30);
	assert_int_equal(flight_wait(flight, begin, &a, &f),
	    ERR_ALB_TIMEOUT);
	flight_land(flight, number_new(1), &f);
	/* What is there is taken, however late. */
	assert_int_equal(flight_wait(flight, begin, &a, &f), 0);
	answer_put(a);
	flight_leave(flight);
	flights_free(t);
	assert_int_equal(live, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_crowd),
		cmocka_unit_test(test_kept),
		cmocka_unit_test(test_expiry),
		cmocka_unit_test(test_forget_under_way),
		cmocka_unit_test(test_deadline),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
