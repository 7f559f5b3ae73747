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

/* A turn is taken: 0, or why not. */
static int
enter(const char *from, int *turn)
{
	struct fault f = { 0 };

	return password_gate_enter(from, turn, &f);
}

static void
gate_lets_two_in(void **state)
{
	int one, two, turn;

	assert_int_equal(enter("one", &one), 0);
	assert_int_equal(enter("one", &two), 0);
	/* The third waits, and is told to come back. */
	assert_int_equal(enter("one", &turn), ERR_BUSY);
	password_gate_leave(one);
	assert_int_equal(enter("one", &turn), 0);
	password_gate_leave(turn);
	password_gate_leave(two);
}

struct waiting {
	char from[16];
	pthread_t thread;
	int err;
};

static void *
wait_in_queue(void *arg)
{
	struct waiting *w = arg;
	int turn;

	w->err = enter(w->from, &turn);
	if (w->err == 0)
		password_gate_leave(turn);
	return NULL;
}

/* So many threads, each from there or, with NULL, from a place of its own. */
static void
queue_up(struct waiting *list, int n, const char *from)
{
	struct timespec moment = { 0, 200 * 1000 * 1000 };

	for (int i = 0; i < n; i++) {
		snprintf(list[i].from, sizeof(list[i].from), "place %d", i);
		if (from != NULL)
			snprintf(list[i].from, sizeof(list[i].from), "%s",
			    from);
		assert_int_equal(pthread_create(&list[i].thread, NULL,
		    wait_in_queue, &list[i]), 0);
	}
	nanosleep(&moment, NULL);
}

static void
queue_end(struct waiting *list, int n)
{
	for (int i = 0; i < n; i++) {
		pthread_join(list[i].thread, NULL);
		assert_int_equal(list[i].err, 0);
	}
}

static void
gate_queue_is_short(void **state)
{
	struct waiting list[PASSWORD_WAITING];
	int one, two, turn;
	double before;

	assert_int_equal(enter("one", &one), 0);
	assert_int_equal(enter("two", &two), 0);
	queue_up(list, PASSWORD_WAITING, NULL);
	before = seconds(CLOCK_MONOTONIC);
	assert_int_equal(enter("late", &turn), ERR_BUSY);
	assert_true(seconds(CLOCK_MONOTONIC) - before < 1);
	password_gate_leave(one);
	password_gate_leave(two);
	queue_end(list, PASSWORD_WAITING);
}

/* A flood from one address leaves places for those from others. */
static void
gate_is_shared(void **state)
{
	struct waiting flood[PASSWORD_FROM_ONE - 2], other[1];
	int one, two, turn;

	assert_int_equal(enter("flood", &one), 0);
	assert_int_equal(enter("flood", &two), 0);
	queue_up(flood, PASSWORD_FROM_ONE - 2, "flood");
	assert_int_equal(enter("flood", &turn), ERR_RATE);
	queue_up(other, 1, "other");
	password_gate_leave(one);
	password_gate_leave(two);
	queue_end(flood, PASSWORD_FROM_ONE - 2);
	queue_end(other, 1);
	assert_int_equal(enter("flood", &turn), 0);
	password_gate_leave(turn);
}

#define FREE 5
static const struct backoff_count ab = { "a@b", FREE }, cd = { "c@d", FREE };

static void
failures_double_the_wait(void **state)
{
	static const int waits[] = { 1, 2, 4, 8, 16, 32, 64, 128, 256, 512,
		900, 900 };
	struct backoff b;
	time_t now = 1000;

	assert_int_equal(backoff_init(&b), 0);
	for (int i = 0; i < FREE; i++)
		assert_int_equal(backoff_try(&b, &ab, 1, now), 0);
	for (size_t i = 0; i < sizeof(waits) / sizeof(waits[0]); i++) {
		assert_int_equal(backoff_wait(&b, &ab, 1, now), waits[i]);
		assert_int_equal(backoff_try(&b, &ab, 1, now), waits[i]);
		/* Others are not concerned. */
		assert_int_equal(backoff_wait(&b, &cd, 1, now), 0);
		now += waits[i];
		assert_int_equal(backoff_try(&b, &ab, 1, now), 0);
	}
	backoff_clear(&b, &ab);
	assert_int_equal(backoff_wait(&b, &ab, 1, now), 0);
	backoff_free(&b);
}

static void
failures_are_forgotten(void **state)
{
	struct backoff b;

	assert_int_equal(backoff_init(&b), 0);
	for (int i = 0; i < FREE; i++)
		assert_int_equal(backoff_try(&b, &ab, 1, 1000), 0);
	assert_int_equal(backoff_try(&b, &ab, 1, 1000 + 3700), 0);
	assert_int_equal(backoff_wait(&b, &ab, 1, 1000 + 3700), 0);
	/* A clock set back makes no wait longer than the longest. */
	for (int i = 0; i < FREE; i++)
		backoff_try(&b, &ab, 1, 1000 + 3700);
	assert_int_equal(backoff_wait(&b, &ab, 1, 0), BACKOFF_LONGEST);
	backoff_free(&b);
}

static void
table_is_bounded(void **state)
{
	struct backoff b;
	struct backoff_count count = { "", FREE };

	assert_int_equal(backoff_init(&b), 0);
	for (int i = 0; i < BACKOFF_ENTRIES + 100; i++) {
		snprintf(count.who, sizeof(count.who), "%d@b", i);
		assert_int_equal(backoff_try(&b, &count, 1, 1000 + i), 0);
	}
	backoff_free(&b);
}

/* What waits in one count is counted in none. */
static void
counts_go_together(void **state)
{
	struct backoff_count both[2] = { ab, { "all", FREE + 2 } };
	struct backoff b;

	assert_int_equal(backoff_init(&b), 0);
	for (int i = 0; i < FREE; i++)
		assert_int_equal(backoff_try(&b, both, 2, 1000), 0);
	assert_int_equal(backoff_try(&b, both, 2, 1000), 1);
	both[0] = cd;
	assert_int_equal(backoff_try(&b, both, 2, 1000), 0);
	assert_int_equal(backoff_try(&b, both, 2, 1000), 0);
	assert_int_equal(backoff_try(&b, both, 2, 1000), 1);
	/* One of them was none. */
	backoff_untry(&b, &both[1], 1000);
	assert_int_equal(backoff_try(&b, both, 2, 1000), 0);
	assert_int_equal(backoff_try(&b, both, 2, 1000), 1);
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
		cmocka_unit_test(gate_is_shared),
		cmocka_unit_test(failures_double_the_wait),
		cmocka_unit_test(failures_are_forgotten),
		cmocka_unit_test(table_is_bounded),
		cmocka_unit_test(counts_go_together),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
