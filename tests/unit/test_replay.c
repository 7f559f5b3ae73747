/* SPDX-License-Identifier: ISC */
/*
 * What a console says when it is subscribed to anew: what is known is passed
 * over, and what comes early, or twice, is there once and in its place.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "fcgi/replay.h"

static struct ring ring;
static struct replay replay;
static char got[4096];

/* "10a 20b": a time and a letter each. */
static void
each(const char *lines, void (*with)(int64_t ms, const char *text))
{
	char text[2] = "";
	long ms;
	int n;

	while (sscanf(lines, " %ld%c%n", &ms, text, &n) == 2) {
		with(ms, text);
		lines += n;
	}
}

static void
keep(int64_t ms, const char *text)
{
	assert_non_null(ring_add(&ring, ms, LOG_LINE, 0, text, 1));
}

static void
come(int64_t ms, const char *text)
{
	assert_true(replay_take(&replay, ms, text, 1));
}

static void
take(void *arg, int64_t ms, const char *text, size_t len)
{
	size_t at = strlen(got);

	(void)arg;
	snprintf(got + at, sizeof(got) - at, "%s%lld%.*s",
	    at == 0 ? "" : " ", (long long)ms, (int)len, text);
}

/* With those kept, those come: these are new, and some were lost or not. */
static void
check(const char *kept, const char *coming, const char *new, bool lost)
{
	ring_init(&ring);
	memset(&replay, 0, sizeof(replay));
	got[0] = '\0';
	each(kept, keep);
	assert_true(replay_begin(&replay, &ring));
	each(coming, come);
	replay_settle(&replay, take, NULL);
	if (strcmp(got, new) != 0)
		fail_msg("[%s] with [%s]: [%s]", coming, kept, got);
	if (replay_lost(&replay) != lost)
		fail_msg("[%s] with [%s]: lost %d", coming, kept, !lost);
	replay_free(&replay);
	ring_free(&ring);
}

static void
in_order(void **state)
{
	(void)state;
	/* Nothing is kept: all is new, however often. */
	check("", "", "", false);
	check("", "10a 10a 20b 20b", "10a 10a 20b 20b", false);
	check("10a 20b", "20b 30c", "30c", false);
	check("10a 20b", "20b", "", false);
	check("10a 20b", "5x 10a 20b 30c", "30c", false);
	/* All of the last millisecond are said again, those and no others. */
	check("10a 20b 20b 20c", "20b 20b 20c 20c 30d", "20c 30d", false);
	check("20a 20b 20c", "20b 20c 20d", "20d", false);
	/* The same at another time is another one. */
	check("20a", "20a 30a 30a", "30a 30a", false);
	/* A clock that was set back later is no repetition. */
	check("20a", "20a 40b 30c 50d", "30c 40b 50d", false);
}

static void
forgotten(void **state)
{
	(void)state;
	check("10a 20b", "30c", "30c", true);
	check("10a 20b", "20c 30d", "20c 30d", true);
	check("10a 20b", "", "", true);
}

/* New lines come before and among those that are remembered. */
static void
live_first(void **state)
{
	(void)state;
	check("10a", "40d 10a 20b 30c", "20b 30c 40d", false);
	check("10a", "10a 40d 20b 50e 30c", "20b 30c 40d 50e", false);
	check("", "40d 20b 30c", "20b 30c 40d", false);
	/* One of that moment comes twice. */
	check("10a", "40d 10a 20b 30c 40d", "20b 30c 40d", false);
	check("10a", "40d 41e 10a 20b 40d 41e 50f", "20b 40d 41e 50f", false);
	check("10a", "10b 10a 10b 20c", "10b 20c", false);
	check("", "40d 20b 40d", "20b 40d", false);
	/* But not what is only the same, nor more often than it came. */
	check("10a", "40d 10a 20b 20b 30c 30c 40d 40d", "20b 20b 30c 30c "
	    "40d 40d", false);
	check("", "40d 20x 20x 30x 30x 40d", "20x 20x 30x 30x 40d", false);
}

/* Behind the end of the holding, late history is still known. */
static void
late(void **state)
{
	(void)state;
	ring_init(&ring);
	memset(&replay, 0, sizeof(replay));
	each("10a 20b 20c", keep);
	assert_true(replay_begin(&replay, &ring));
	each("30d", come);
	got[0] = '\0';
	replay_settle(&replay, take, NULL);
	assert_string_equal(got, "30d");
	assert_true(replay_lost(&replay));
	assert_true(replay_heard(&replay, 20, "b", 1));
	assert_false(replay_heard(&replay, 20, "b", 1));
	assert_true(replay_heard(&replay, 20, "c", 1));
	assert_false(replay_heard(&replay, 15, "x", 1));
	replay_free(&replay);
	ring_free(&ring);
}

/* More than is held is not lost: who calls goes on without holding. */
static void
bounds(void **state)
{
	static char big[RING_LINE_MAX + 100];
	int i;

	(void)state;
	ring_init(&ring);
	memset(&replay, 0, sizeof(replay));
	assert_true(replay_begin(&replay, &ring));
	for (i = 0; replay_take(&replay, i, "x", 1); i++)
		;
	assert_int_equal(i, REPLAY_LINES_MAX);
	replay_free(&replay);
	memset(big, 'x', sizeof(big));
	assert_true(replay_begin(&replay, &ring));
	for (i = 0; replay_take(&replay, i, big, sizeof(big)); i++)
		;
	assert_int_equal(i, REPLAY_BYTES_MAX / RING_LINE_MAX);
	replay_free(&replay);
	/* What was cut is compared as it was cut. */
	assert_non_null(ring_add(&ring, 5, LOG_LINE, 0, big, sizeof(big)));
	assert_true(replay_begin(&replay, &ring));
	assert_true(replay_take(&replay, 5, big, sizeof(big)));
	assert_int_equal(replay.held.len, 0);
	replay_free(&replay);
	ring_free(&ring);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(in_order),
		cmocka_unit_test(forgotten),
		cmocka_unit_test(live_first),
		cmocka_unit_test(late),
		cmocka_unit_test(bounds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
