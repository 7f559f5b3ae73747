/* SPDX-License-Identifier: ISC */
/* A thread that does the same again and again. */
#include <setjmp.h>
#include <semaphore.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "fcgi/rounds.h"

#define LONG_S (24 * 60 * 60)

struct mill {
	sem_t begun, may_end;
	int ended;
};

static struct mill mill;

static void
turn(void *arg)
{
	struct mill *m = arg;

	sem_post(&m->begun);
	sem_wait(&m->may_end);
	m->ended++;
}

static int
setup(void **state)
{
	(void)state;
	mill.ended = 0;
	sem_init(&mill.begun, 0, 0);
	sem_init(&mill.may_end, 0, 0);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	sem_destroy(&mill.begun);
	sem_destroy(&mill.may_end);
	return 0;
}

static struct rounds *
begin(int seconds)
{
	struct rounds *r = rounds_new(turn, &mill, seconds);

	assert_non_null(r);
	sem_wait(&mill.begun);
	return r;
}

/* Of the long rest nothing is waited for. */
static void
ends_while_it_rests(void **state)
{
	struct rounds *r = begin(LONG_S);

	(void)state;
	sem_post(&mill.may_end);
	rounds_free(r);
	assert_int_equal(mill.ended, 1);
	rounds_free(NULL);
}

static void
count(void *arg)
{
	sem_post(arg);
}

static void
again_after_a_rest(void **state)
{
	struct rounds *r = rounds_new(count, &mill.begun, 0);

	(void)state;
	assert_non_null(r);
	for (int i = 0; i < 3; i++)
		sem_wait(&mill.begun);
	rounds_free(r);
}

static void
woken_while_it_is_at_it(void **state)
{
	struct rounds *r = begin(LONG_S);

	(void)state;
	rounds_wake(r);
	sem_post(&mill.may_end);
	sem_wait(&mill.begun);
	sem_post(&mill.may_end);
	rounds_free(r);
	assert_int_equal(mill.ended, 2);
}

#define A(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		A(ends_while_it_rests),
		A(again_after_a_rest),
		A(woken_while_it_is_at_it),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
