/* SPDX-License-Identifier: ISC */
/* seen: what changed between two looks at an instance; standing: its checks. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "fcgi/seen.h"
#include "fcgi/skew.h"
#include "fcgi/standing.h"

#define NOW INT64_C(1784000000000)
#define MINUTE 60000

/* What a test's instance has, and what came of looking at it. */
static struct {
	struct seen_list list;
	struct found items[8];
	size_t len;
	int64_t now, begun;
	bool after, young, claimed;
	struct seen_events events;
	bool again, unsettled;
} box;

static int
begin(void **state)
{
	(void)state;
	memset(&box, 0, sizeof(box));
	box.now = NOW;
	box.begun = 1000;
	return 0;
}

static int
end(void **state)
{
	(void)state;
	seen_list_free(&box.list);
	seen_events_free(&box.events);
	return 0;
}

static void
runs(const char *name, const char *digest, int64_t started)
{
	struct found *f = &box.items[box.len++];

	*f = (struct found){ .memory = 32, .started = started };
	snprintf(f->project, sizeof(f->project), "ada");
	snprintf(f->name, sizeof(f->name), "%s", name);
	snprintf(f->digest, sizeof(f->digest), "%s", digest);
}

static bool
claimed(void *arg, const char *project, const char *name)
{
	(void)arg;
	(void)name;
	assert_string_equal(project, "ada");
	return box.claimed;
}

/* A look at what runs, some time after the one before; then nothing runs. */
static void
look(int64_t later)
{
	struct found *items = calloc(box.len + 1, sizeof(*items));
	struct look l = { .after = box.after, .young = box.young,
		.items = items, .len = box.len, .claimed = claimed };

	box.now += later;
	box.begun += later;
	l.now = box.now;
	l.begun = box.begun;
	for (size_t i = 0; i < box.len; i++) {
		items[i] = box.items[i];
		items[i].config = strdup("{}");
	}
	seen_events_free(&box.events);
	assert_int_equal(seen_look(&box.list, &l, &box.events, &box.again,
	    &box.unsettled), 0);
	found_free(items, box.len);
	box.len = 0;
}

static void
touch(const char *name)
{
	struct seen *s = seen_get(&box.list, "ada", name);

	assert_non_null(s);
	s->touched = true;
	s->touched_at = box.begun + 1;
}

/* Exactly one thing happened. */
static void
told(enum seen_change change, const char *name, bool meant)
{
	assert_int_equal(box.events.len, 1);
	assert_string_equal(seen_change_text(box.events.items[0].change),
	    seen_change_text(change));
	assert_string_equal(box.events.items[0].name, name);
	assert_int_equal(box.events.items[0].meant, meant);
}

static enum seen_state
state(const char *name)
{
	const struct seen *s = seen_find(&box.list, "ada", name);

	return s == NULL ? SEEN_NONE : s->state;
}

static void
test_appears_and_stays(void **unused)
{
	(void)unused;
	runs("a", "11", NOW);
	look(0);
	told(SEEN_APPEARED, "a", false);
	assert_int_equal(state("a"), SEEN_RUNNING);
	runs("a", "11", NOW);
	look(2000);
	assert_int_equal(box.events.len, 0);
	assert_false(box.again);
	assert_false(box.unsettled);
}

static void
test_order_is_kept(void **unused)
{
	(void)unused;
	runs("a", "11", NOW);
	runs("c", "11", NOW);
	look(0);
	runs("a", "11", NOW);
	runs("b", "11", NOW);
	runs("c", "11", NOW);
	look(2000);
	told(SEEN_APPEARED, "b", false);
	assert_int_equal(box.list.len, 3);
	for (size_t i = 1; i < 3; i++)
		assert_true(strcmp(box.list.items[i - 1]->name,
		    box.list.items[i]->name) < 0);
}

static void
test_vanishes_at_the_second_look(void **unused)
{
	(void)unused;
	runs("a", "11", NOW);
	look(0);
	look(2000);
	assert_int_equal(box.events.len, 0);
	assert_true(box.again);
	assert_int_equal(state("a"), SEEN_RUNNING);
	look(200);
	told(SEEN_VANISHED, "a", false);
	assert_false(box.events.items[0].gone);
	assert_int_equal(state("a"), SEEN_STOPPED);
	assert_int_equal(seen_find(&box.list, "ada", "a")->stopped, box.now);
	assert_false(seen_find(&box.list, "ada", "a")->halted);
	/* It is told once. */
	look(2000);
	assert_int_equal(box.events.len, 0);
}

static void
test_back_at_the_second_look(void **unused)
{
	(void)unused;
	runs("a", "11", NOW);
	look(0);
	look(2000);
	runs("a", "11", NOW + 2000);
	look(200);
	told(SEEN_RESTARTED, "a", false);
	assert_int_equal(seen_restarts(seen_find(&box.list, "ada", "a"),
	    box.now), 1);
	assert_true(box.unsettled);
}

static void
test_back_soon_after_it_stopped(void **unused)
{
	(void)unused;
	runs("a", "11", NOW);
	look(0);
	look(2000);
	look(200);
	told(SEEN_VANISHED, "a", false);
	runs("a", "11", NOW + 9000);
	look(9000);
	told(SEEN_RESTARTED, "a", false);
	look(2000);
	look(200);
	runs("a", "11", NOW + 10 * MINUTE);
	look(10 * MINUTE);
	/* That was no restart of albatross'. */
	told(SEEN_APPEARED, "a", false);
}

static void
test_replaced(void **unused)
{
	(void)unused;
	runs("a", "11", NOW);
	look(0);
	runs("a", "22", NOW + 1);
	look(2000);
	told(SEEN_REPLACED, "a", false);
	assert_string_equal(seen_find(&box.list, "ada", "a")->digest, "22");
	/* Old servers tell no time. */
	runs("b", "11", 0);
	look(2000);
	runs("b", "22", 0);
	look(2000);
	assert_int_equal(box.events.items[0].change == SEEN_REPLACED ||
	    box.events.items[1].change == SEEN_REPLACED, 1);
}

static void
test_meant_by_us(void **unused)
{
	(void)unused;
	runs("a", "11", NOW);
	look(0);
	touch("a");
	runs("a", "11", NOW + 2000);
	look(2000);
	told(SEEN_RESTARTED, "a", true);
	assert_int_equal(seen_restarts(seen_find(&box.list, "ada", "a"),
	    box.now), 0);
	/* From now on it is not. */
	runs("a", "11", NOW + 4000);
	look(2000);
	told(SEEN_RESTARTED, "a", false);
	/* A change that is under way is ours, at once. */
	box.claimed = true;
	look(2000);
	told(SEEN_VANISHED, "a", true);
	assert_int_equal(state("a"), SEEN_STOPPED);
	assert_true(seen_find(&box.list, "ada", "a")->halted);
	assert_true(box.unsettled);
	runs("a", "22", NOW + 8000);
	look(2000);
	told(SEEN_APPEARED, "a", true);
}

static void
test_asked_before_the_change(void **unused)
{
	(void)unused;
	runs("a", "11", NOW);
	look(0);
	touch("a");
	seen_find(&box.list, "ada", "a")->state = SEEN_NONE;
	seen_find(&box.list, "ada", "a")->touched_at = box.begun + 5000;
	/* It was destroyed while this was under way. */
	runs("a", "11", NOW);
	look(2000);
	assert_int_equal(box.events.len, 0);
	assert_int_equal(state("a"), SEEN_NONE);
	assert_true(box.again);
	look(5000);
	assert_int_equal(box.events.len, 0);
	assert_null(seen_find(&box.list, "ada", "a"));
}

static void
test_an_attempt_leaves_nothing(void **unused)
{
	(void)unused;
	box.claimed = true;
	runs("a", "11", NOW);
	look(0);
	told(SEEN_APPEARED, "a", true);
	look(1000);
	told(SEEN_VANISHED, "a", true);
	assert_true(box.events.items[0].gone);
	box.claimed = false;
	look(1000);
	assert_int_equal(box.list.len, 0);
}

/* Names that are used once and never again: the last ones are remembered. */
static void
test_those_that_stopped_are_bounded(void **unused)
{
	char name[16];

	(void)unused;
	for (int i = 0; i < SEEN_STOPPED_MAX + 3; i++) {
		snprintf(name, sizeof(name), "once-%d", i);
		runs(name, "22", NOW + i);
		runs("stays", "11", NOW);
		look(1000);
	}
	runs("stays", "11", NOW);
	look(1000);
	/* One more stops, confirmed by the second look. */
	runs("stays", "11", NOW);
	look(1000);
	assert_int_equal(box.list.len, SEEN_STOPPED_MAX + 1);
	assert_int_equal(state("stays"), SEEN_RUNNING);
	assert_null(seen_find(&box.list, "ada", "once-0"));
	assert_null(seen_find(&box.list, "ada", "once-2"));
	assert_int_equal(state("once-3"), SEEN_STOPPED);
	assert_int_equal(box.events.len, 2);
	assert_string_equal(box.events.items[1].name, "once-2");
	assert_true(box.events.items[1].gone);
}

/* Labels of dots alone are legal there, but are no names of files or paths. */
static void
test_names_without_an_address(void **unused)
{
	static const struct { const char *path, *label; } names[] = {
		{ "ada", ".." }, { "ada", "." }, { "..", "web" },
		{ "ada:inner", "web" }, { "", "web" }, { "ada", "web.x" },
	};
	struct alb_info infos[6] = { 0 };
	struct alb_wire w = { .infos = infos, .ninfos = 6 };
	struct found *list;
	size_t n, all;

	(void)unused;
	for (size_t i = 0; i < 6; i++) {
		snprintf(infos[i].name.path, sizeof(infos[i].name.path), "%s",
		    names[i].path);
		snprintf(infos[i].name.label, sizeof(infos[i].name.label),
		    "%s", names[i].label);
	}
	list = found_list(&w, &n, &all);
	assert_non_null(list);
	assert_int_equal(all, 6);
	assert_int_equal(n, 1);
	assert_string_equal(list[0].name, "web.x");
	found_free(list, n);
}

static void
test_crash_loop(void **unused)
{
	(void)unused;
	runs("a", "11", NOW);
	look(0);
	for (int i = 1; i < SEEN_LOOP_RESTARTS; i++) {
		runs("a", "11", NOW + i);
		look(MINUTE);
		told(SEEN_RESTARTED, "a", false);
	}
	runs("a", "11", NOW + 100);
	look(MINUTE);
	assert_int_equal(box.events.len, 2);
	assert_int_equal(box.events.items[0].change, SEEN_RESTARTED);
	assert_int_equal(box.events.items[1].change, SEEN_CRASH_LOOP);
	/* It is one until it rested. */
	runs("a", "11", NOW + 200);
	look(9 * MINUTE);
	told(SEEN_RESTARTED, "a", false);
	runs("a", "11", NOW + 200);
	look(9 * MINUTE);
	assert_int_equal(box.events.len, 0);
	runs("a", "11", NOW + 200);
	look(MINUTE);
	told(SEEN_SETTLED, "a", false);
	assert_int_equal(seen_restarts(seen_find(&box.list, "ada", "a"),
	    box.now), 4);
	assert_int_equal(seen_restarts(seen_find(&box.list, "ada", "a"),
	    box.now + SEEN_HOUR_MS), 0);
}

static void
test_no_loop_when_they_are_rare(void **unused)
{
	(void)unused;
	runs("a", "11", NOW);
	look(0);
	for (int i = 1; i < 5; i++) {
		runs("a", "11", NOW + i);
		look(3 * MINUTE);
		told(SEEN_RESTARTED, "a", false);
	}
}

static void
test_a_deployment_ends_a_loop(void **unused)
{
	(void)unused;
	runs("a", "11", NOW);
	look(0);
	for (int i = 1; i <= SEEN_LOOP_RESTARTS; i++) {
		runs("a", "11", NOW + i);
		look(1000);
	}
	assert_true(seen_find(&box.list, "ada", "a")->crash_loop);
	touch("a");
	runs("a", "22", NOW + 100);
	look(1000);
	assert_int_equal(box.events.len, 2);
	assert_int_equal(box.events.items[0].change, SEEN_REPLACED);
	assert_int_equal(box.events.items[1].change, SEEN_SETTLED);
}

static void
test_server_was_away(void **unused)
{
	(void)unused;
	runs("a", "11", NOW);
	runs("b", "11", NOW);
	look(0);
	box.after = box.young = true;
	runs("a", "11", NOW + 1000);
	look(1000);
	/* Started anew with its server; the other one may still be. */
	told(SEEN_RESTARTED, "a", false);
	assert_int_equal(seen_restarts(seen_find(&box.list, "ada", "a"),
	    box.now), 0);
	assert_int_equal(state("b"), SEEN_RUNNING);
	assert_false(box.again);
	box.after = false;
	runs("a", "11", NOW + 1000);
	look(1000);
	assert_int_equal(box.events.len, 0);
	box.young = false;
	runs("a", "11", NOW + 1000);
	look(30000);
	told(SEEN_VANISHED, "b", false);
}

static struct alb_info
info(const char *path, const char *label)
{
	struct alb_info i = { .digest_len = 2, .has_started = true,
		.started = 7, .started_millis = 5 };

	snprintf(i.name.path, sizeof(i.name.path), "%s", path);
	snprintf(i.name.label, sizeof(i.name.label), "%s", label);
	alb_config_init(&i.config);
	i.config.memory = 16;
	return i;
}

static void
test_answers(void **unused)
{
	struct alb_info infos[] = { info("b", "x"), info("", "root"),
		info("a:sub", "deep"), info("a", "z"), info("a", "y") };
	const struct alb_wire w = { .infos = infos, .ninfos = 5 };
	size_t n, all;
	struct found *list = found_list(&w, &n, &all);

	(void)unused;
	assert_non_null(list);
	assert_int_equal(n, 3);
	assert_int_equal(all, 5);
	assert_string_equal(list[0].name, "y");
	assert_string_equal(list[1].name, "z");
	assert_string_equal(list[2].project, "b");
	assert_int_equal(list[0].started, 7005);
	assert_int_equal(list[0].memory, 16);
	assert_string_equal(list[0].digest, "0000");
	found_free(list, n);
	for (size_t i = 0; i < 5; i++)
		alb_config_free(&infos[i].config);
}

/* ---- standing ---- */

static struct fault
fault(int err)
{
	struct fault f = { .err = err };

	snprintf(f.detail, sizeof(f.detail), "i1 does not answer.");
	return f;
}

static void
test_up_and_down(void **unused)
{
	struct standing *s = calloc(1, sizeof(*s));
	struct fault network = fault(ERR_ALB_NETWORK);
	struct fault clock = fault(ERR_ALB_CLOCK);

	(void)unused;
	assert_int_equal(standing_latency(s, 50), -1);
	assert_true(standing_availability(s, NOW) < 0);
	assert_true(standing_add(s, NOW, 10, NULL));
	assert_int_equal(s->status, STANDING_UP);
	assert_false(standing_add(s, NOW + 1000, 30, NULL));
	assert_int_equal(s->since, NOW);
	assert_true(standing_add(s, NOW + 2000, 5, &network));
	assert_int_equal(s->status, STANDING_DOWN);
	assert_false(standing_add(s, NOW + 3000, 5, &network));
	assert_true(standing_add(s, NOW + 4000, 5, &clock));
	assert_true(standing_add(s, NOW + 6000, 20, NULL));
	assert_int_equal(s->status, STANDING_UP);
	assert_int_equal(standing_outage_at(s, 0)->since, NOW + 2000);
	assert_int_equal(standing_outage_at(s, 0)->until, NOW + 6000);
	assert_int_equal(standing_outage_at(s, 0)->err, ERR_ALB_CLOCK);
	assert_null(standing_outage_at(s, 1));
	assert_int_equal(standing_latency(s, 50), 20);
	assert_int_equal(standing_latency(s, 95), 20);
	/* 4 of 10 seconds. */
	assert_int_equal((int)(standing_availability(s, NOW + 10000) * 100 +
	    0.5), 60);
	free(s);
}

static void
test_degraded(void **unused)
{
	struct standing *s = calloc(1, sizeof(*s));
	struct fault network = fault(ERR_ALB_NETWORK);
	int64_t at = NOW;

	(void)unused;
	for (int i = 0; i < 2; i++) {
		standing_add(s, at += 1000, 5, &network);
		standing_add(s, at += 1000, 5, NULL);
	}
	assert_int_equal(s->status, STANDING_DEGRADED);
	assert_true(standing_add(s, at += STANDING_DEGRADED_MS, 5, NULL));
	assert_int_equal(s->status, STANDING_UP);
	standing_add(s, at += 1000, STANDING_SLOW_MS, NULL);
	assert_int_equal(s->status, STANDING_UP);
	standing_add(s, at += 1000, STANDING_SLOW_MS, NULL);
	assert_int_equal(s->status, STANDING_DEGRADED);
	free(s);
}

static void
test_rings(void **unused)
{
	struct standing *s = calloc(1, sizeof(*s));
	struct fault network = fault(ERR_ALB_NETWORK);
	int n = 0;

	(void)unused;
	for (int i = 0; i < 3 * STANDING_CHECKS; i++)
		standing_add(s, NOW + i, i, i % 2 == 0 ? &network : NULL);
	while (standing_check(s, (size_t)n) != NULL)
		n++;
	assert_int_equal(n, STANDING_CHECKS);
	assert_int_equal(standing_check(s, 0)->at,
	    NOW + 3 * STANDING_CHECKS - 1);
	for (n = 0; standing_outage_at(s, (size_t)n) != NULL; n++)
		;
	assert_int_equal(n, STANDING_OUTAGES);
	free(s);
}

#define LOOK(name) cmocka_unit_test_setup_teardown(name, begin, end)

/* Ever more rarely, up to a bound, and anew after an answer. */
static void
waits(void **state)
{
	struct standing *s = calloc(1, sizeof(*s));
	struct fault f = { 0 };
	int last = 0;

	assert_non_null(s);
	fault_set(&f, ERR_ALB_NETWORK, "no");
	for (int i = 0; i < 20; i++) {
		(void)standing_add(s, NOW + i, 1, &f);
		assert_true(standing_wait(s->failures, false) >= last);
		last = standing_wait(s->failures, false);
	}
	assert_int_equal(last, STANDING_SELDOM_MAX_MS);
	assert_int_equal(standing_wait(s->failures, true),
	    STANDING_LOOKED_MAX_MS);
	assert_int_equal(standing_wait(1, false), STANDING_SELDOM_MS);
	assert_int_equal(standing_wait(2, false), 2 * STANDING_SELDOM_MS);
	assert_int_equal(standing_wait(1, true), STANDING_LOOKED_MS);
	(void)standing_add(s, NOW + 30, 1, NULL);
	assert_int_equal(s->failures, 0);
	free(s);
}

static void
clocks(void **state)
{
	struct skew s = { 0 };
	int64_t ms = 0;

	assert_false(skew_get(&s, NOW, &ms));
	/* What came late says less than what came at once. */
	skew_add(&s, NOW + 5000 - 3000, NOW);
	skew_add(&s, NOW + 5000 - 10, NOW);
	skew_add(&s, NOW + 5000 - 2000, NOW);
	assert_true(skew_get(&s, NOW, &ms));
	assert_int_equal(ms, 4990);
	/* For a while, and then no more. */
	assert_true(skew_get(&s, NOW + SKEW_WINDOW_MS, &ms));
	assert_int_equal(ms, 4990);
	assert_false(skew_get(&s, NOW + 2 * SKEW_WINDOW_MS, &ms));
	/* It was set right, which is known once the old is forgotten. */
	skew_add(&s, NOW + SKEW_WINDOW_MS - 70, NOW + SKEW_WINDOW_MS);
	assert_true(skew_get(&s, NOW + SKEW_WINDOW_MS, &ms));
	assert_int_equal(ms, 4990);
	assert_true(skew_get(&s, NOW + 2 * SKEW_WINDOW_MS, &ms));
	assert_int_equal(ms, -70);
	skew_add(&s, NOW + 9 * SKEW_WINDOW_MS - 90000,
	    NOW + 9 * SKEW_WINDOW_MS);
	assert_true(skew_get(&s, NOW + 9 * SKEW_WINDOW_MS, &ms));
	assert_int_equal(ms, -90000);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		LOOK(test_appears_and_stays),
		LOOK(test_order_is_kept),
		LOOK(test_vanishes_at_the_second_look),
		LOOK(test_back_at_the_second_look),
		LOOK(test_back_soon_after_it_stopped),
		LOOK(test_replaced),
		LOOK(test_meant_by_us),
		LOOK(test_asked_before_the_change),
		LOOK(test_an_attempt_leaves_nothing),
		LOOK(test_those_that_stopped_are_bounded),
		LOOK(test_names_without_an_address),
		LOOK(test_crash_loop),
		LOOK(test_no_loop_when_they_are_rare),
		LOOK(test_a_deployment_ends_a_loop),
		LOOK(test_server_was_away),
		LOOK(test_answers),
		cmocka_unit_test(waits),
		cmocka_unit_test(clocks),
		cmocka_unit_test(test_up_and_down),
		cmocka_unit_test(test_degraded),
		cmocka_unit_test(test_rings),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
