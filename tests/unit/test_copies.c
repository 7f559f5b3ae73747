/* SPDX-License-Identifier: ISC */
/* copies: removed once, and not under a restore. copy_rule: when it is due. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "fcgi/app.h"
#include "fcgi/copy_rule.h"
#include "tests/unit/deployments.h"

#define DAY_MS (24 * 60 * 60 * INT64_C(1000))

static char dir[FOLDER_SIZE];
static struct app app;

static int
setup(void **state)
{
	struct fault f = { 0 };

	(void)state;
	app = (struct app){ 0 };
	if (ledger_begin(dir, &app.ledger) < 0)
		return -1;
	app.operations = operations_new(&app);
	app.copies = copies_new(dir, app.ledger, &f);
	return app.operations == NULL || app.copies == NULL ? -1 : 0;
}

static int
teardown(void **state)
{
	(void)state;
	copies_free(app.copies);
	operations_free(app.operations);
	return ledger_finish(dir, app.ledger);
}

/* Kept, as far as the ledger knows. */
static void
keep(struct copy *c)
{
	struct fault f = { 0 };

	*c = (struct copy){ .instance = "i1", .project = "team",
		.name = "data", .size = 1, .bytes = VOLUME_MB, .stored = 100,
		.object = "team/1", .cause = "scheduled", .user = "u1",
		.user_name = "ada" };
	assert_int_equal(copy_row_add(app.ledger, c, &f), 0);
	assert_int_equal(copy_row_keep(app.ledger, c, &f), 0);
}

static void
removed_once(void **state)
{
	struct fault f = { 0 };
	struct copy c;

	(void)state;
	keep(&c);
	/* Two that both have found it. */
	assert_int_equal(copy_remove(&app, &c, &f), 0);
	assert_int_equal(copy_remove(&app, &c, &f), ERR_NOT_FOUND);
	assert_string_equal(f.detail, "There is no such copy.");
}

static void
not_under_a_restore(void **state)
{
	const struct auth_grant ada = { .user = "u1", .user_name = "ada" };
	struct copy used, idle, newest, found;
	struct fault f = { 0 };
	struct operation o;
	char body[40];

	(void)state;
	keep(&used);
	keep(&idle);
	keep(&newest);
	operation_init(&o, OPERATION_RESTORE, "i1", "team", "other", &ada);
	snprintf(body, sizeof(body), "{\"copy\":%lld}", (long long)used.id);
	o.body = strdup(body);
	assert_int_equal(operation_begin(app.operations, &o, &f), 0);
	copy_retain(&app, "i1", "team", "data", "scheduled", 1);
	assert_int_equal(copy_get(app.ledger, used.id, &found, &f), 0);
	assert_int_equal(copy_get(app.ledger, idle.id, &found, &f),
	    ERR_NOT_FOUND);
	assert_int_equal(copy_get(app.ledger, newest.id, &found, &f), 0);
	(void)operation_end(app.operations, &o, OPERATION_SUCCEEDED, NULL,
	    NULL, NULL);
	operation_free(&o);
	copy_retain(&app, "i1", "team", "data", "scheduled", 1);
	assert_int_equal(copy_get(app.ledger, used.id, &found, &f),
	    ERR_NOT_FOUND);
}

static void
rule_set(struct copy_rule *r, int64_t given, int64_t next)
{
	struct fault f = { 0 };

	*r = (struct copy_rule){ .instance = "i1", .project = "team",
		.name = "data", .days = 1, .keep = 1, .user_name = "ada",
		.given = given, .next = next };
	assert_int_equal(copy_rule_set(app.ledger, r, &f), 0);
}

static size_t
due(int64_t now)
{
	size_t n = 0;

	free(copy_rules_due(app.ledger, now, &n));
	return n;
}

static void
due_by_a_clock_that_jumps(void **state)
{
	int64_t now = 30 * 365 * DAY_MS;
	struct copy_rule r;

	(void)state;
	rule_set(&r, now, now + 7 * DAY_MS);
	assert_int_equal(due(now), 0);
	assert_int_equal(due(now + 7 * DAY_MS), 1);
	/* It was set when the clock was years ahead. */
	assert_int_equal(due(now - 400 * DAY_MS), 1);
}

static void
noted_unless_set_anew(void **state)
{
	struct copy_rule old, now, found;
	struct fault f = { 0 };

	(void)state;
	rule_set(&old, 1, 5);
	rule_set(&now, 2, 9);
	/* The permission of the old one is lost by that. */
	snprintf(old.paused, sizeof(old.paused), "lost");
	old.next = 0;
	assert_int_equal(copy_rule_note(app.ledger, &old, &f), 0);
	assert_int_equal(copy_rule_get(app.ledger, "i1", "team", "data",
	    &found), 0);
	assert_string_equal(found.paused, "");
	assert_int_equal(found.next, 9);
	now.next = 11;
	assert_int_equal(copy_rule_note(app.ledger, &now, &f), 0);
	assert_int_equal(copy_rule_get(app.ledger, "i1", "team", "data",
	    &found), 0);
	assert_int_equal(found.next, 11);
}

/* What was missed while the project was archived is not made up for. */
static void
rests_with_its_project(void **state)
{
	int64_t now = wall_ms();
	struct copy_rule r;
	struct fault f = { 0 };

	(void)state;
	rule_set(&r, now, now - DAY_MS);
	assert_int_equal(due(now), 1);
	assert_int_equal(copy_rules_rest(app.ledger, "team", "why", true, &f),
	    0);
	assert_int_equal(due(now), 0);
	assert_int_equal(copy_rules_rest(app.ledger, "team", "why", false,
	    &f), 0);
	assert_int_equal(copy_rule_get(app.ledger, "i1", "team", "data", &r),
	    0);
	assert_string_equal(r.paused, "");
	assert_true(r.next > now && r.next <= now + 7 * DAY_MS);
	/* One that paused for another reason stays so. */
	snprintf(r.paused, sizeof(r.paused), "lost");
	r.next = 0;
	assert_int_equal(copy_rule_note(app.ledger, &r, &f), 0);
	assert_int_equal(copy_rules_rest(app.ledger, "team", "why", false,
	    &f), 0);
	assert_int_equal(due(now + 30 * DAY_MS), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define WITH(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
		WITH(removed_once),
		WITH(not_under_a_restore),
		WITH(due_by_a_clock_that_jumps),
		WITH(noted_unless_set_anew),
		WITH(rests_with_its_project),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
