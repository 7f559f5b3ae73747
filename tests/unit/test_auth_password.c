/* SPDX-License-Identifier: ISC */
/* Passwords, the gate before their hashing, and waiting after failures. */
#include "auth_fixture.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "auth/backoff.h"

static double
seconds(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void
hash_has_the_parameters(void **state)
{
	char hash[PASSWORD_HASH_SIZE], other[PASSWORD_HASH_SIZE];

	assert_int_equal(password_hash("a password", hash), 0);
	assert_int_equal(password_hash("a password", other), 0);
	assert_memory_equal(hash, "$argon2id$v=19$m=65536,t=3,p=1$", 31);
	assert_string_not_equal(hash, other);
	assert_true(password_verify("a password", hash));
	assert_false(password_verify("A password", hash));
	assert_false(password_verify("", hash));
	assert_false(password_outdated(hash));
	assert_true(password_outdated("$argon2id$v=19$m=19456,t=2,p=1$x$y"));
}

/* Nobody can tell by the clock who has an account: by computing alone. */
static void
unknown_account_costs_the_same(void **state)
{
	char hash[PASSWORD_HASH_SIZE];
	double known = 1e9, unknown = 1e9, t;

	assert_int_equal(password_hash("a password", hash), 0);
	for (int i = 0; i < 4; i++) {
		t = seconds(CLOCK_PROCESS_CPUTIME_ID);
		password_verify("wrong", hash);
		t = seconds(CLOCK_PROCESS_CPUTIME_ID) - t;
		known = t < known ? t : known;
		t = seconds(CLOCK_PROCESS_CPUTIME_ID);
		assert_false(password_verify("wrong", NULL));
		t = seconds(CLOCK_PROCESS_CPUTIME_ID) - t;
		unknown = t < unknown ? t : unknown;
	}
	assert_true(unknown > known / 2 && unknown < known * 2);
}

static void
gate_lets_two_in(void **state)
{
	struct fault f = { 0 };

	assert_int_equal(password_gate_enter(&f), 0);
	assert_int_equal(password_gate_enter(&f), 0);
	/* The third waits, and is told to come back. */
	assert_int_equal(password_gate_enter(&f), ERR_BUSY);
	password_gate_leave();
	assert_int_equal(password_gate_enter(&f), 0);
	password_gate_leave();
	password_gate_leave();
}

static void *
wait_in_queue(void *arg)
{
	struct fault f = { 0 };

	if (password_gate_enter(&f) == 0) {
		password_gate_leave();
		return NULL;
	}
	return arg;
}

static void
gate_queue_is_short(void **state)
{
	pthread_t threads[PASSWORD_WAITING];
	struct timespec moment = { 0, 200 * 1000 * 1000 };
	struct fault f = { 0 };
	double before;
	void *failed;

	assert_int_equal(password_gate_enter(&f), 0);
	assert_int_equal(password_gate_enter(&f), 0);
	for (int i = 0; i < PASSWORD_WAITING; i++)
		assert_int_equal(pthread_create(&threads[i], NULL,
		    wait_in_queue, &f), 0);
	nanosleep(&moment, NULL);
	before = seconds(CLOCK_MONOTONIC);
	assert_int_equal(password_gate_enter(&f), ERR_BUSY);
	assert_true(seconds(CLOCK_MONOTONIC) - before < 1);
	password_gate_leave();
	password_gate_leave();
	for (int i = 0; i < PASSWORD_WAITING; i++) {
		pthread_join(threads[i], &failed);
		assert_null(failed);
	}
}

static void
failures_double_the_wait(void **state)
{
	static const int waits[] = { 1, 2, 4, 8, 16, 32, 64, 128, 256, 512,
		900, 900 };
	struct backoff b;
	time_t now = 1000;

	assert_int_equal(backoff_init(&b), 0);
	for (int i = 0; i < BACKOFF_FREE; i++)
		assert_int_equal(backoff_try(&b, "a@b", now), 0);
	for (size_t i = 0; i < sizeof(waits) / sizeof(waits[0]); i++) {
		assert_int_equal(backoff_wait(&b, "a@b", now), waits[i]);
		assert_int_equal(backoff_try(&b, "a@b", now), waits[i]);
		/* Others are not concerned. */
		assert_int_equal(backoff_wait(&b, "c@d", now), 0);
		now += waits[i];
		assert_int_equal(backoff_try(&b, "a@b", now), 0);
	}
	backoff_clear(&b, "a@b");
	assert_int_equal(backoff_wait(&b, "a@b", now), 0);
	backoff_free(&b);
}

static void
failures_are_forgotten(void **state)
{
	struct backoff b;

	assert_int_equal(backoff_init(&b), 0);
	for (int i = 0; i < BACKOFF_FREE; i++)
		assert_int_equal(backoff_try(&b, "a@b", 1000), 0);
	assert_int_equal(backoff_try(&b, "a@b", 1000 + 3700), 0);
	assert_int_equal(backoff_wait(&b, "a@b", 1000 + 3700), 0);
	/* A clock set back makes no wait longer than the longest. */
	for (int i = 0; i < BACKOFF_FREE; i++)
		backoff_try(&b, "a@b", 1000 + 3700);
	assert_int_equal(backoff_wait(&b, "a@b", 0), BACKOFF_LONGEST);
	backoff_free(&b);
}

static void
table_is_bounded(void **state)
{
	struct backoff b;
	char name[32];

	assert_int_equal(backoff_init(&b), 0);
	for (int i = 0; i < BACKOFF_ACCOUNTS + 100; i++) {
		snprintf(name, sizeof(name), "%d@b", i);
		assert_int_equal(backoff_try(&b, name, 1000 + i), 0);
	}
	backoff_free(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hash_has_the_parameters),
		cmocka_unit_test(unknown_account_costs_the_same),
		cmocka_unit_test(gate_lets_two_in),
		cmocka_unit_test(gate_queue_is_short),
		cmocka_unit_test(failures_double_the_wait),
		cmocka_unit_test(failures_are_forgotten),
		cmocka_unit_test(table_is_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
