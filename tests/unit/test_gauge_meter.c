/* SPDX-License-Identifier: ISC */
/* gauge_meter: from counters to what is used; and when to subscribe again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "fcgi/gauge_meter.h"
#include "fcgi/gauge_source.h"

#define START INT64_C(1784020500000)	/* a slot begins */

static struct alb_ifdata devices[10];
static char names[10][8];

/* Counters of a unikernel after that many seconds of CPU. */
static struct alb_stats
stats(double cpu, size_t nifs)
{
	struct alb_stats s = { .has_kinfo = true, .ifs = devices,
		.nifs = nifs };

	s.rusage.utime_sec = (uint64_t)(cpu / 2);
	s.rusage.utime_usec = (int64_t)((cpu / 2 -
	    (double)s.rusage.utime_sec) * 1e6);
	s.rusage.stime_sec = (uint64_t)(cpu / 2);
	s.rusage.stime_usec = s.rusage.utime_usec;
	s.rusage.counters[4] = (uint64_t)(cpu * 10);
	s.kinfo.counters[1] = 8192;
	for (size_t i = 0; i < nifs; i++) {
		names[i][0] = (char)('a' + i);
		devices[i].bridge = names[i];
		devices[i].counters[6] = (uint64_t)(cpu * 1000);
		devices[i].counters[7] = (uint64_t)(cpu * 3000);
	}
	return s;
}

struct told {
	struct gauge gauge;
	struct gauge_values v;
	int64_t since;
};

static bool
take(struct meter *m, const struct alb_stats *s, int64_t ms,
	struct told *told)
{
	return meter_take(m, s, ms, START + ms, &told->gauge, &told->v,
	    &told->since);
}

static void
assert_is(double found, double expected)
{
	if (isnan(expected))
		assert_true(isnan(found));
	else
		assert_true(fabs(found - expected) < 0.01);
}

static void
difference_over_time(void **state)
{
	struct meter m = { 0 };
	struct alb_stats s = stats(100, 1);
	struct told t;

	/* Of the first one only what is not a difference is known. */
	assert_true(take(&m, &s, 0, &t));
	assert_is(t.gauge.cpu, NAN);
	assert_is(t.gauge.rx, NAN);
	assert_is(t.v.nets[0].tx, NAN);
	assert_int_equal(t.gauge.memory, 8192 * 4096);
	assert_is(t.gauge.cpu_seconds, 100);
	assert_int_equal(t.since, START / 1000);
	s = stats(105, 1);
	assert_true(take(&m, &s, 10000, &t));
	assert_is(t.gauge.cpu, 50);
	assert_is(t.gauge.faults, 5);
	/* Host's in is the guest's out. */
	assert_is(t.gauge.tx, 500);
	assert_is(t.gauge.rx, 1500);
	assert_int_equal(t.gauge.tx_bytes, 105000);
	assert_string_equal(t.v.nets[0].name, "a");
	assert_is(t.v.nets[0].rx, 1500);
	assert_int_equal(t.gauge.ms, START + 10000);
	assert_int_equal(t.since, START / 1000);
}

/* Two within a slot: both are of the time since the slot before. */
static void
slots_are_whole(void **state)
{
	struct meter m = { 0 };
	struct alb_stats s = stats(0, 0);
	struct told t;

	assert_true(take(&m, &s, 9000, &t));
	s = stats(1, 0);
	assert_true(take(&m, &s, 11000, &t));
	assert_is(t.gauge.cpu, 50);
	s = stats(9, 0);
	assert_true(take(&m, &s, 19000, &t));
	assert_is(t.gauge.cpu, 90);
	assert_int_equal(t.since, START / 1000 + 9);
	s = stats(9.5, 0);
	assert_true(take(&m, &s, 21000, &t));
	assert_is(t.gauge.cpu, 25);
	/* Too soon to tell. */
	assert_false(take(&m, &s, 21100, &t));
}

static void
another_process_begins_anew(void **state)
{
	struct meter m = { 0 };
	struct alb_stats s = stats(100, 1);
	struct told t;

	assert_true(take(&m, &s, 0, &t));
	s = stats(1, 1);
	assert_true(take(&m, &s, 10000, &t));
	assert_is(t.gauge.cpu, NAN);
	assert_is(t.gauge.rx, NAN);
	assert_int_equal(t.gauge.memory, 8192 * 4096);
	s = stats(2, 1);
	assert_true(take(&m, &s, 20000, &t));
	assert_is(t.gauge.cpu, 10);
	assert_is(t.gauge.rx, 300);
	/* A device alone. */
	s = stats(3, 1);
	devices[0].counters[7] = 0;
	assert_true(take(&m, &s, 30000, &t));
	assert_is(t.gauge.cpu, 10);
	assert_is(t.gauge.rx, NAN);
	assert_is(t.gauge.tx, 100);
}

static void
long_ago_is_not_known(void **state)
{
	struct meter m = { 0 };
	struct alb_stats s = stats(1, 0);
	struct told t;

	assert_true(take(&m, &s, 0, &t));
	s = stats(31, 0);
	assert_true(take(&m, &s, METER_APART_MAX, &t));
	assert_is(t.gauge.cpu, 50);
	s = stats(100, 0);
	assert_true(take(&m, &s, 2 * METER_APART_MAX + 1, &t));
	assert_is(t.gauge.cpu, NAN);
}

static void
devices_are_matched_by_name(void **state)
{
	struct meter m = { 0 };
	struct alb_stats s = stats(1, 2);
	struct told t;

	assert_true(take(&m, &s, 0, &t));
	s = stats(11, 10);
	memcpy(names[0], "new", 4);
	assert_true(take(&m, &s, 10000, &t));
	assert_int_equal(t.v.nnets, GAUGE_NETS_MAX);
	assert_is(t.v.nets[0].rx, NAN);
	assert_is(t.v.nets[1].rx, 3000);
	/* Those that are known, together. */
	assert_is(t.gauge.rx, 3000);
}

/* Whatever a server tells, no trap and no nonsense. */
static void
extremes_are_held(void **state)
{
	struct meter m = { 0 };
	struct alb_stats s = stats(0, 1);
	struct told t;

	assert_true(take(&m, &s, 0, &t));
	memset(&s.rusage, 0xff, sizeof(s.rusage));
	memset(&s.kinfo, 0xff, sizeof(s.kinfo));
	memset(devices[0].counters, 0xff, sizeof(devices[0].counters));
	assert_true(take(&m, &s, 10000, &t));
	assert_true(t.gauge.cpu > 0 && isfinite(t.gauge.cpu));
	assert_int_equal(t.gauge.memory, UINT64_MAX);
	assert_true(isfinite(t.gauge.faults));
	assert_int_equal(gauge_code(t.v.memory), UINT16_MAX);
	s.has_kinfo = false;
	s.rusage = (struct alb_rusage){ .utime_sec = UINT64_MAX,
		.counters = { [0] = 5 } };
	assert_true(take(&m, &s, 20000, &t));
	assert_int_equal(t.gauge.memory, 5 * 4096);
}

static void
waits_grow(void **state)
{
	static const int displaced[] = { 30000, 60000, 120000, 240000, 480000,
		600000, 600000 };
	static const int lost[] = { 5000, 10000, 20000, 40000, 60000, 60000 };
	int wait = 0;

	for (size_t i = 0; i < 7; i++) {
		wait = gauge_backoff(wait, true);
		assert_int_equal(wait, displaced[i]);
	}
	wait = 0;
	for (size_t i = 0; i < 6; i++) {
		wait = gauge_backoff(wait, false);
		assert_int_equal(wait, lost[i]);
	}
	/* From the one to the other. */
	assert_int_equal(gauge_backoff(5000, true), 30000);
	assert_int_equal(gauge_backoff(600000, false), 60000);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(difference_over_time),
		cmocka_unit_test(slots_are_whole),
		cmocka_unit_test(another_process_begins_anew),
		cmocka_unit_test(long_ago_is_not_known),
		cmocka_unit_test(devices_are_matched_by_name),
		cmocka_unit_test(extremes_are_held),
		cmocka_unit_test(waits_grow),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
