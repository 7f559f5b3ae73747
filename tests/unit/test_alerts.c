/* SPDX-License-Identifier: ISC */
/*
 * alerts: raised and cleared, counted, found again after a restart; which are
 * listed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/log.h"
#include "base/text.h"
#include "fcgi/alert.h"
#include "fcgi/app.h"
#include "tests/unit/deployments.h"

#define MINUTE (60 * 1000LL)

static char dir[FOLDER_SIZE];
static struct app app;

static void
run(const char *sql)
{
	ledger_run(app.ledger, sql);
}

static int
setup(void **state)
{
	run("DELETE FROM alert");
	setting_put(app.ledger, "alerts", NULL);
	app.alerts = alerts_new(&app);
	return app.alerts == NULL ? -1 : 0;
}

static int
teardown(void **state)
{
	alerts_free(app.alerts);
	return 0;
}

static struct alert *
all_of(bool open, const char *instance, const char *project, size_t *n)
{
	const struct alert_filter filter = { .open = open,
		.instance = instance, .project = project,
		.before = INT64_MAX, .limit = 100 };
	struct db *d = ledger_read_begin(app.ledger);
	struct alert *found;

	assert_int_equal(alert_list(d, &filter, &found, n), 0);
	ledger_read_end(app.ledger);
	return found;
}

/* Is it so of i1/ada/web? */
static bool
is_open(enum alert_kind kind)
{
	bool open = false;
	size_t n;
	struct alert *found = all_of(true, "i1", "ada", &n);

	for (size_t i = 0; i < n; i++)
		open = open || (found[i].kind == kind &&
			strcmp(found[i].name, "web") == 0);
	free(found);
	return open;
}

/* As many as there are, of which the newest is in *last. */
static size_t
list(bool open, const char *instance, const char *project,
	struct alert *last)
{
	size_t n;
	struct alert *found = all_of(open, instance, project, &n);

	if (n > 0)
		*last = found[0];
	free(found);
	return n;
}

static void
loops(const char *detail)
{
	alert_raise(&app, ALERT_CRASH_LOOP, "i1", "ada", "web", detail);
}

static void
loops_no_more(void)
{
	alert_clear(&app, ALERT_CRASH_LOOP, "i1", "ada", "web");
}

/* ---- one ---- */

static void
begins_and_ends(void **state)
{
	struct alert a;
	int64_t before = wall_ms();

	loops("It was restarted 3 times.");
	assert_int_equal(list(true, NULL, NULL, &a), 1);
	assert_int_equal(a.kind, ALERT_CRASH_LOOP);
	assert_string_equal(a.instance, "i1");
	assert_string_equal(a.project, "ada");
	assert_string_equal(a.name, "web");
	assert_string_equal(a.detail, "It was restarted 3 times.");
	assert_true(a.since >= before && a.until == 0 && a.count == 1);
	loops_no_more();
	assert_int_equal(list(true, NULL, NULL, &a), 0);
	assert_int_equal(list(false, NULL, NULL, &a), 1);
	assert_true(a.until >= a.since);
}

/* Raised again and again it is one; its sentence is the newest. */
static void
once(void **state)
{
	struct alert a;

	for (int i = 0; i < 3; i++)
		loops("It was restarted 3 times.");
	loops("It was\x1b restarted 4 times.");
	assert_int_equal(list(false, NULL, NULL, &a), 1);
	assert_int_equal(a.count, 1);
	assert_string_equal(a.detail,
	    "It was\xe2\x90\x9b restarted 4 times.");
	loops_no_more();
	loops_no_more();
	assert_int_equal(list(false, NULL, NULL, &a), 1);
}

static void
comes_again(void **state)
{
	struct alert a;
	int64_t since;

	loops("a");
	assert_int_equal(list(true, NULL, NULL, &a), 1);
	since = a.since;
	loops_no_more();
	loops("b");
	assert_int_equal(list(false, NULL, NULL, &a), 1);
	assert_true(a.since == since && a.until == 0 && a.count == 2);
	assert_string_equal(a.detail, "b");
	/* After the quiet time it is another one. */
	loops_no_more();
	run("UPDATE alert SET until = until - 3600001");
	loops("c");
	assert_int_equal(list(false, NULL, NULL, &a), 2);
	assert_int_equal(a.count, 1);
}

static void
no_quiet_time(void **state)
{
	struct alert a;

	setting_put(app.ledger, "alerts", "{\"quiet_minutes\": 0}");
	loops("a");
	loops_no_more();
	loops("b");
	assert_int_equal(list(false, NULL, NULL, &a), 2);
	/* What is silenced goes on. */
	loops_no_more();
	assert_int_equal(alert_silence_set(&app, a.id, wall_ms() + MINUTE,
	    &(struct fault){ 0 }), 0);
	loops("c");
	assert_int_equal(list(false, NULL, NULL, &a), 2);
	assert_int_equal(a.count, 2);
	assert_true(a.silenced > wall_ms());
}

/* What is over for long is forgotten, unless its begin alone was told. */
static void
forgotten(void **state)
{
	struct fault f = { 0 };
	struct alert a;
	struct db *d;

	loops("a");
	alert_raise(&app, ALERT_INSTANCE_DOWN, "i1", NULL, NULL, "x");
	alert_raise(&app, ALERT_POLICY_FULL, "i1", "ada", NULL, "x");
	loops_no_more();
	alert_clear(&app, ALERT_INSTANCE_DOWN, "i1", NULL, NULL);
	run("UPDATE alert SET told = 'open' WHERE kind = 'instance-down'");
	d = ledger_write_begin(app.ledger, &f);
	assert_int_equal(ledger_write_end(app.ledger, alert_forget(d,
	    wall_ms() + 1), &f), 0);
	assert_int_equal(list(false, NULL, NULL, &a), 2);
	assert_int_equal(list(false, NULL, "ada", &a), 1);
	assert_int_equal(a.kind, ALERT_POLICY_FULL);
}

static void
not_too_many(void **state)
{
	struct fault f = { 0 };
	struct alert a;
	sqlite3_stmt *s;
	struct db *d;

	loops("a");
	run("WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n"
	    " WHERE i < 20010) INSERT INTO alert (kind, instance, project,"
	    " name, since, until, detail, changed) SELECT 'stopped', 'i1',"
	    " 'ada', 'web', 1, 4000000000000, '', 1 FROM n");
	d = ledger_write_begin(app.ledger, &f);
	assert_int_equal(ledger_write_end(app.ledger, alert_forget(d, 1000),
	    &f), 0);
	d = ledger_read_begin(app.ledger);
	s = db_query(d, "SELECT COUNT(*) FROM alert", "");
	assert_int_equal(db_step(s), 1);
	assert_int_equal(sqlite3_column_int(s, 0), ALERT_KEPT_MAX + 1);
	db_done(s);
	ledger_read_end(app.ledger);
	/* What is not over is never forgotten. */
	assert_int_equal(list(true, NULL, NULL, &a), 1);
}

/* ---- many ---- */

static void
after_restart(void **state)
{
	struct alert a;

	loops("a");
	alerts_free(app.alerts);
	app.alerts = alerts_new(&app);
	assert_true(is_open(ALERT_CRASH_LOOP));
	loops("a");
	assert_int_equal(list(false, NULL, NULL, &a), 1);
	loops_no_more();
	assert_int_equal(list(true, NULL, NULL, &a), 0);
}

static bool
is_ada(void *arg, const char *instance, const char *project,
	const char *name)
{
	return strcmp(project, "ada") == 0;
}

static void
told_apart(void **state)
{
	struct alert a;

	loops("x");
	alert_raise(&app, ALERT_CHECK_FAILING, "i1", "ada", "web", "x");
	alert_raise(&app, ALERT_CRASH_LOOP, "i2", "ada", "web", "x");
	alert_raise(&app, ALERT_CRASH_LOOP, "i1", "bob", "web", "x");
	alert_raise(&app, ALERT_CRASH_LOOP, "i1", "ada", "dns", "x");
	alert_raise(&app, ALERT_INSTANCE_DOWN, "i1", NULL, NULL, "x");
	assert_int_equal(list(true, NULL, NULL, &a), 6);
	assert_int_equal(list(true, "i1", NULL, &a), 5);
	assert_int_equal(list(true, "i1", "bob", &a), 1);
	alert_clear_unless(&app, ALERT_CRASH_LOOP, is_ada, NULL);
	assert_int_equal(list(true, NULL, "bob", &a), 0);
	assert_int_equal(list(true, NULL, NULL, &a), 5);
	loops_no_more();
	assert_int_equal(list(true, NULL, NULL, &a), 4);
	assert_false(is_open(ALERT_CRASH_LOOP));
	assert_true(is_open(ALERT_CHECK_FAILING));
}

/* ---- as it is shown ---- */

static void
shown(void **state)
{
	const struct alert a = { .id = 7, .kind = ALERT_INSTANCE_DOWN,
		.instance = "i1", .since = 1784020087000, .count = 2,
		.detail = "It does not answer." };
	AUTO_JSON struct json_object *o = alert_json(&a);

	assert_string_equal(json_object_to_json_string_ext(o,
	    JSON_C_TO_STRING_PLAIN), "{\"id\":7,\"kind\":\"instance-down\","
	    "\"severity\":\"critical\",\"instance\":\"i1\",\"project\":null,"
	    "\"name\":null,\"since\":\"2026-07-14T09:08:07.000Z\","
	    "\"until\":null,\"count\":2,\"detail\":\"It does not answer.\","
	    "\"silenced_until\":null}");
}

static int
begin(void **state)
{
	log_init("test", LOG_LEVEL_ERROR);
	return ledger_begin(dir, &app.ledger);
}

static int
finish(void **state)
{
	return ledger_finish(dir, app.ledger);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(t) cmocka_unit_test_setup_teardown(t, setup, teardown)
		TEST(begins_and_ends), TEST(once), TEST(comes_again),
		TEST(no_quiet_time), TEST(forgotten), TEST(not_too_many),
		TEST(after_restart),
		TEST(told_apart), TEST(shown),
	};

	return cmocka_run_group_tests(tests, begin, finish);
}
