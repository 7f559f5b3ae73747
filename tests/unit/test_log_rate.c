/* SPDX-License-Identifier: ISC */
/* log_rate: a burst, then so many a second; what is beyond is told. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "fcgi/log_rate.h"

static int
taken(struct log_rate *r, int64_t now, int lines)
{
	int n = 0;

	for (int i = 0; i < lines; i++)
		n += log_rate_take(r, now);
	return n;
}

static void
burst_and_rate(void **state)
{
	struct log_rate r = { 0 };
	int64_t now = 123456789;

	(void)state;
	assert_int_equal(taken(&r, now, LOG_RATE_BURST), LOG_RATE_BURST);
	assert_int_equal(taken(&r, now, 10), 0);
	/* In half a second half of a second's lines; in a minute no more. */
	assert_int_equal(taken(&r, now + 500, 10000), LOG_RATE_SECOND / 2);
	assert_int_equal(taken(&r, now + 60500, 10000), LOG_RATE_BURST);
	/* In ten seconds of ten lines a millisecond, one of them each. */
	for (int ms = 1, n = 0; ms <= 10000; ms++) {
		n += taken(&r, now + 60500 + ms, 10);
		assert_int_equal(n, ms);
	}
}

static void
told(void **state)
{
	struct log_rate r = { 0 };
	int64_t now = 1000;

	(void)state;
	assert_int_equal(log_rate_told(&r, now), 0);
	(void)taken(&r, now, LOG_RATE_BURST + 7);
	assert_int_equal(log_rate_told(&r, now), 0);
	assert_int_equal(log_rate_told(&r, now + 999), 0);
	assert_int_equal(log_rate_told(&r, now + 1000), 7);
	assert_int_equal(log_rate_told(&r, now + 9000), 0);
	/* The second begins with the first that is dropped. */
	(void)taken(&r, now + 9000, LOG_RATE_BURST + 1);
	assert_int_equal(log_rate_told(&r, now + 9999), 0);
	assert_int_equal(log_rate_told(&r, now + 10000), 1);
}

static void
clock_goes_back(void **state)
{
	struct log_rate r = { 0 };

	(void)state;
	(void)taken(&r, 5000, LOG_RATE_BURST);
	assert_int_equal(taken(&r, 1000, 5), 0);
	assert_int_equal(taken(&r, 5001, 5), 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(burst_and_rate),
		cmocka_unit_test(told),
		cmocka_unit_test(clock_goes_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
