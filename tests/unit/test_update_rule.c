/* SPDX-License-Identifier: ISC */
/* update_rule, bulk: windows of time, rules and updates of many as kept. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "fcgi/bulk.h"
#include "fcgi/update_rule.h"
#include "tests/unit/deployments.h"

#define UUID "b81e4f52-0d93-4e6a-8a27-5c1f90d3be16"

static char dir[FOLDER_SIZE];
static struct ledger *ledger;

static int
setup(void **state)
{
	(void)state;
	return ledger_begin(dir, &ledger);
}

static int
teardown(void **state)
{
	(void)state;
	return ledger_finish(dir, ledger);
}

/* ---- windows ---- */

#define MONDAY 1794787200	/* 2026-11-16T00:00:00Z */
#define HOUR 3600
#define DAY (24 * HOUR)

static bool
open_at(unsigned days, int from, int to, time_t now)
{
	const struct update_window w = { days, from * 60, to * 60 };

	return update_window_open(&w, now);
}

static void
windows(void **state)
{
	const unsigned mon = 1, sun = 1 << 6;

	(void)state;
	assert_true(open_at(mon, 2, 4, MONDAY + 2 * HOUR));
	assert_true(open_at(mon, 2, 4, MONDAY + 4 * HOUR - 1));
	assert_false(open_at(mon, 2, 4, MONDAY + 4 * HOUR));
	assert_false(open_at(mon, 2, 4, MONDAY + 2 * HOUR - 60));
	assert_false(open_at(mon, 2, 4, MONDAY + DAY + 3 * HOUR));
	/* Over midnight it belongs to the day on which it began. */
	assert_true(open_at(mon, 23, 1, MONDAY + 23 * HOUR));
	assert_true(open_at(mon, 23, 1, MONDAY + DAY));
	assert_false(open_at(mon, 23, 1, MONDAY));
	assert_true(open_at(sun, 23, 1, MONDAY));
	/* From and to the same: all of the day. */
	assert_true(open_at(mon, 5, 5, MONDAY + 5 * HOUR));
	assert_true(open_at(mon, 5, 5, MONDAY + DAY + 4 * HOUR));
	assert_false(open_at(mon, 5, 5, MONDAY + DAY + 5 * HOUR));
}

static int
rule_read(const char *text, struct update_rule *out, struct fault *f)
{
	AUTO_JSON struct json_object *o = json_parse(text, strlen(text), f);

	*out = (struct update_rule){ 0 };
	*f = (struct fault){ 0 };
	return update_rule_from_json(o, out, f);
}

static void
rules_as_json(void **state)
{
	struct update_rule r;
	struct fault f = { 0 };

	(void)state;
	assert_int_equal(rule_read("{\"mode\":\"automatic\",\"window\":{"
	    "\"days\":[\"mon\",\"sun\"],\"from\":\"23:30\",\"to\":\"01:05\"}}",
	    &r, &f), 0);
	assert_int_equal(r.window.days, 1 | 1 << 6);
	assert_int_equal(r.window.from, 23 * 60 + 30);
	assert_int_equal(r.window.to, 65);
	assert_int_equal(rule_read("{\"mode\":\"automatic\",\"window\":{"
	    "\"from\":\"00:00\",\"to\":\"00:00\"}}", &r, &f), 0);
	assert_int_equal(r.window.days, 127);
	assert_int_equal(rule_read("{\"mode\":\"notify\"}", &r, &f), 0);
	assert_int_equal(rule_read("{\"mode\":\"always\"}", &r, &f),
	    ERR_INVALID);
	assert_int_equal(rule_read("{\"mode\":\"notify\",\"window\":{"
	    "\"from\":\"00:00\",\"to\":\"00:00\"}}", &r, &f), ERR_INVALID);
	assert_int_equal(rule_read("{\"mode\":\"automatic\",\"window\":{"
	    "\"from\":\"24:00\",\"to\":\"1:00\"}}", &r, &f), ERR_INVALID);
	assert_int_equal(f.nfields, 2);
}

static void
rules_are_kept(void **state)
{
	struct update_rule r = { .instance = "i1", .project = "ada",
		.name = "web", .mode = UPDATE_AUTOMATIC, .has_window = true,
		.window = { 3, 60, 120 }, .grant = "mmg_secret",
		.user_name = "ada", .given = 5000, .expires = 9000 }, again;
	AUTO_JSON struct json_object *o = NULL, *none = NULL;
	struct fault f = { 0 };
	size_t n;

	(void)state;
	assert_int_equal(update_rule_set(ledger, &r, &f), 0);
	assert_int_equal(update_rule_get(ledger, "i1", "ada", "web", &again),
	    0);
	assert_memory_equal(&again.window, &r.window, sizeof(r.window));
	assert_string_equal(again.grant, "mmg_secret");
	memcpy(again.tried, UUID, sizeof(UUID));
	snprintf(again.result, sizeof(again.result), "rolled-back");
	snprintf(again.detail, sizeof(again.detail), "It answered 503.");
	again.number = 7;
	again.tried_at = 6000;
	assert_int_equal(update_rule_note(ledger, &again, &f), 0);
	/* Set again, it knows what was tried. */
	assert_int_equal(update_rule_set(ledger, &r, &f), 0);
	o = update_rule_json(ledger, "i1", "ada", "web");
	assert_null(strstr(json_object_to_json_string(o), "mmg_"));
	assert_string_equal(json_member_text(json_member(o, "last",
	    json_type_object), "result", 20), "rolled-back");
	free(update_rule_list(ledger, &n));
	assert_int_equal(n, 1);
	assert_int_equal(update_rule_remove(ledger, "i1", "ada", "web", &f),
	    0);
	none = update_rule_json(ledger, "i1", "ada", "web");
	assert_string_equal(json_member_text(none, "mode", 20), "notify");
}

static const char *
paused(const char *name)
{
	static struct update_rule r;

	assert_int_equal(update_rule_get(ledger, "i1", "shop", name, &r), 0);
	return r.paused;
}

/* Automatic ones, and those alone that paused for it go on. */
static void
rest_with_their_project(void **state)
{
	static const char *const names[] = { "web", "dns", "lost" };
	struct update_rule r = { .instance = "i1", .project = "shop",
		.user_name = "ada" };
	struct fault f = { 0 };

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		snprintf(r.name, sizeof(r.name), "%s", names[i]);
		r.mode = i == 1 ? UPDATE_NOTIFY : UPDATE_AUTOMATIC;
		assert_int_equal(update_rule_set(ledger, &r, &f), 0);
	}
	snprintf(r.paused, sizeof(r.paused), "No permission.");
	assert_int_equal(update_rule_note(ledger, &r, &f), 0);
	assert_int_equal(update_rules_rest(ledger, "ada", "why", true, &f),
	    0);
	assert_string_equal(paused("web"), "");
	assert_int_equal(update_rules_rest(ledger, "shop", "why", true, &f),
	    0);
	assert_string_equal(paused("web"), "why");
	assert_string_equal(paused("dns"), "");
	assert_string_equal(paused("lost"), "No permission.");
	assert_int_equal(update_rules_rest(ledger, "shop", "why", false, &f),
	    0);
	assert_string_equal(paused("web"), "");
	assert_string_equal(paused("lost"), "No permission.");
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(update_rule_remove(ledger, "i1", "shop",
		    names[i], &f), 0);
}

/* ---- many ---- */

static int64_t
many(int64_t at_once, bool stop, size_t n)
{
	struct bulk_item items[8] = { 0 };
	struct bulk b = { .user = "u1", .user_name = "ada",
		.at_once = at_once, .stop = stop, .items = items, .len = n };
	struct fault f = { 0 };

	for (size_t i = 0; i < n; i++) {
		memcpy(items[i].instance, "i1", sizeof("i1"));
		memcpy(items[i].project, "ada", sizeof("ada"));
		snprintf(items[i].name, sizeof(items[i].name), "u%zu", i);
		snprintf(items[i].grant, sizeof(items[i].grant), "mmg_%zu",
		    i);
	}
	assert_int_equal(bulk_add(ledger, &b, &f), 0);
	return b.id;
}

static const char *
state_of(int64_t id)
{
	static char text[16];
	AUTO_JSON struct json_object *o = bulk_json(ledger, "u1", id);

	snprintf(text, sizeof(text), "%s", json_member_text(o, "state", 16));
	return text;
}

static void
no_more_at_once(void **state)
{
	int64_t id = many(2, true, 3);
	struct bulk_item a, b, c;

	(void)state;
	assert_int_equal(bulk_take(ledger, &a), 0);
	assert_string_equal(a.grant, "mmg_0");
	assert_int_equal(bulk_take(ledger, &b), 0);
	assert_int_equal(bulk_take(ledger, &c), ERR_NOT_FOUND);
	assert_int_equal(bulk_item_end(ledger, &a, BULK_UPDATED, NULL), 0);
	assert_int_equal(bulk_take(ledger, &c), 0);
	assert_string_equal(c.name, "u2");
	assert_int_equal(bulk_item_end(ledger, &b, BULK_UNCHANGED, "x"), 0);
	assert_string_equal(state_of(id), "running");
	assert_int_equal(bulk_item_end(ledger, &c, BULK_UPDATED, NULL), 0);
	assert_string_equal(state_of(id), "done");
	assert_null(bulk_json(ledger, "u2", id));
}

static void
a_failure_stops_the_rest(void **state)
{
	int64_t id = many(1, true, 3);
	struct bulk_item a, b;

	(void)state;
	assert_int_equal(bulk_take(ledger, &a), 0);
	assert_int_equal(bulk_skip(ledger, &b), ERR_NOT_FOUND);
	assert_int_equal(bulk_item_end(ledger, &a, BULK_ROLLED_BACK, "503"),
	    0);
	assert_string_equal(state_of(id), "stopping");
	assert_int_equal(bulk_take(ledger, &b), ERR_NOT_FOUND);
	assert_int_equal(bulk_skip(ledger, &b), 0);
	assert_string_equal(b.grant, "mmg_1");
	assert_int_equal(bulk_skip(ledger, &b), 0);
	assert_int_equal(bulk_skip(ledger, &b), ERR_NOT_FOUND);
	assert_string_equal(state_of(id), "done");
}

static void
unless_it_is_to_go_on(void **state)
{
	int64_t id = many(1, false, 2);
	struct bulk_item a;
	struct fault f = { 0 };

	(void)state;
	assert_int_equal(bulk_take(ledger, &a), 0);
	assert_int_equal(bulk_item_end(ledger, &a, BULK_FAILED, "x"), 0);
	assert_int_equal(bulk_take(ledger, &a), 0);
	/* Somebody else's is not theirs to stop. */
	assert_int_equal(bulk_stop(ledger, "u2", id, &f), 0);
	assert_string_equal(state_of(id), "running");
	assert_int_equal(bulk_stop(ledger, "u1", id, &f), 0);
	assert_string_equal(state_of(id), "stopping");
	assert_int_equal(bulk_item_end(ledger, &a, BULK_UPDATED, NULL), 0);
	assert_string_equal(state_of(id), "done");
}

static void
taken_up_after_a_start(void **state)
{
	AUTO_FREE struct bulk_item *list = NULL;
	int64_t id = many(2, true, 2);
	struct bulk_item a, b;
	size_t n;

	(void)state;
	assert_int_equal(bulk_take(ledger, &a), 0);
	assert_int_equal(bulk_take(ledger, &b), 0);
	assert_int_equal(bulk_item_begun(ledger, &a, 77), 0);
	list = bulk_resume(ledger, &n);
	assert_int_equal(n, 1);
	assert_int_equal(list[0].deployment, 77);
	assert_string_equal(list[0].grant, "");
	assert_int_equal(bulk_take(ledger, &b), 0);
	assert_string_equal(b.grant, "mmg_1");
	assert_int_equal(bulk_item_end(ledger, &a, BULK_UPDATED, NULL), 0);
	assert_int_equal(bulk_item_end(ledger, &b, BULK_UPDATED, NULL), 0);
	assert_string_equal(state_of(id), "done");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(windows),
		cmocka_unit_test(rules_as_json),
		cmocka_unit_test(rules_are_kept),
		cmocka_unit_test(rest_with_their_project),
		cmocka_unit_test(no_more_at_once),
		cmocka_unit_test(a_failure_stops_the_rest),
		cmocka_unit_test(unless_it_is_to_go_on),
		cmocka_unit_test(taken_up_after_a_start),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
