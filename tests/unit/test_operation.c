/* SPDX-License-Identifier: ISC */
/* operation: from its begin to its end, stopped, taken up again, and listed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "fcgi/app.h"
#include "fcgi/operation.h"
#include "fcgi/problem.h"
#include "tests/unit/deployments.h"

static char dir[FOLDER_SIZE];
static struct app app;

static int
setup(void **state)
{
	(void)state;
	app = (struct app){ 0 };
	if (ledger_begin(dir, &app.ledger) < 0)
		return -1;
	app.operations = operations_new(&app);
	return app.operations == NULL ? -1 : 0;
}

static int
teardown(void **state)
{
	(void)state;
	operations_free(app.operations);
	return ledger_finish(dir, app.ledger);
}

static void
begin(struct operation *o, enum operation_kind kind, const char *name)
{
	const struct auth_grant ada = { .user = "u1", .user_name = "ada",
		.token = "t1" };
	struct fault f = { 0 };

	operation_init(o, kind, "i1", "team", name, &ada);
	snprintf(o->grant, sizeof(o->grant), "mmg_secret");
	assert_int_equal(operation_begin(app.operations, o, &f), 0);
	assert_int_not_equal(o->id, 0);
}

static void
get(int64_t id, struct operation *out)
{
	assert_int_equal(operation_get(app.operations, id, out), 0);
}

static void
row_change(const char *sql, int64_t value, int64_t id)
{
	struct fault f = { 0 };
	struct db *d = ledger_write_begin(app.ledger, &f);

	assert_non_null(d);
	assert_int_equal(ledger_write_end(app.ledger, db_run(d, sql, "ii",
	    value, id), &f), 0);
}

static void
kept_as_it_goes(void **state)
{
	struct operation o, seen;
	struct fault f = { 0 };
	uint64_t changes = ledger_changes(app.ledger);

	(void)state;
	begin(&o, OPERATION_RESTORE, "data");
	assert_int_not_equal(ledger_changes(app.ledger), changes);
	assert_int_equal(operation_at(app.operations, "i1", "team", "data"),
	    o.id);
	assert_int_equal(operation_at(app.operations, "i1", "team", "dat"),
	    0);
	o.total = 4096;
	o.copy = 7;
	o.body = strdup("{\"copy\":7}");
	o.unikernels = strdup("[\"web\"]");
	operation_tell(&o, "Copy %d is put there.", 7);
	assert_int_equal(operation_step(app.operations, &o, STEP_SENDING,
	    &f), 0);
	operation_moved(app.operations, o.id, 1024);
	get(o.id, &seen);
	assert_int_equal(seen.kind, OPERATION_RESTORE);
	assert_int_equal(seen.step, STEP_SENDING);
	assert_int_equal(seen.bytes, 1024);
	assert_int_equal(seen.total, 4096);
	assert_int_equal(seen.copy, 7);
	assert_int_equal(seen.ended, 0);
	assert_string_equal(seen.name, "data");
	assert_string_equal(seen.token, "t1");
	assert_string_equal(seen.grant, "mmg_secret");
	assert_string_equal(seen.body, "{\"copy\":7}");
	assert_string_equal(seen.unikernels, "[\"web\"]");
	assert_string_equal(seen.detail, "Copy 7 is put there.");
	operation_free(&seen);
	operation_free(&o);
}

static void
its_end_is_told(void **state)
{
	struct fault why = { 0 }, back;
	struct operation o, seen;
	AUTO_JSON struct json_object *shown = NULL;

	(void)state;
	begin(&o, OPERATION_UPLOAD, "data");
	operation_moved(app.operations, o.id, 512);
	fault_set(&why, ERR_DIGEST, "It is another one.");
	fault_field(&why, "digest", "differs");
	assert_int_equal(operation_end(app.operations, &o, OPERATION_FAILED,
	    &why, "The volume holds zeroes.", json_object_new_object()), 0);
	assert_string_equal(o.grant, "");
	assert_int_equal(operation_at(app.operations, "i1", "team", "data"),
	    0);
	get(o.id, &seen);
	assert_int_equal(seen.state, OPERATION_FAILED);
	assert_int_equal(seen.bytes, 512);
	assert_int_not_equal(seen.ended, 0);
	assert_string_equal(seen.grant, "");
	problem_fault(seen.error, &back);
	assert_int_equal(back.err, ERR_DIGEST);
	assert_string_equal(back.detail, "It is another one.");
	assert_string_equal(back.fields[0].field, "digest");
	shown = operation_json(&seen);
	assert_string_equal(json_member_text(shown, "detail", 99),
	    "The volume holds zeroes.");
	assert_string_equal(json_member_text(shown, "state", 99), "failed");
	assert_non_null(json_member(shown, "result", json_type_object));
	assert_null(strstr(json_object_to_json_string(shown), "mmg_"));
	operation_free(&seen);
	operation_free(&o);
}

static void
stopped_when_it_may_be(void **state)
{
	struct fault f = { 0 };
	struct operation o, seen;
	AUTO_JSON struct json_object *shown = NULL;

	(void)state;
	begin(&o, OPERATION_SAVE, "data");
	assert_false(operation_stopped(app.operations, o.id));
	assert_int_equal(operation_step(app.operations, &o,
	    STEP_PUTTING_BACK, &f), 0);
	assert_int_equal(operation_stop(app.operations, o.id, &f),
	    ERR_CONFLICT);
	assert_int_equal(operation_step(app.operations, &o, STEP_READING,
	    &f), 0);
	assert_int_equal(operation_stop(app.operations, o.id, &f), 0);
	assert_true(operation_stopped(app.operations, o.id));
	get(o.id, &seen);
	assert_true(seen.cancel);
	assert_int_equal(seen.ended, 0);
	shown = operation_json(&seen);
	assert_false(json_object_get_boolean(json_member(shown,
	    "cancellable", json_type_boolean)));
	assert_int_equal(operation_end(app.operations, &o,
	    OPERATION_CANCELLED, NULL, NULL, NULL), 0);
	assert_int_equal(operation_stop(app.operations, o.id, &f),
	    ERR_CONFLICT);
	assert_int_equal(operation_stop(app.operations, o.id + 1, &f),
	    ERR_NOT_FOUND);
	operation_free(&seen);
	operation_free(&o);
}

/* The end of the daemon stops it too, but nobody cancelled it. */
static void
the_daemon_ends(void **state)
{
	struct operation o;

	(void)state;
	begin(&o, OPERATION_SAVE, "data");
	app.stopping = true;
	assert_true(operation_stopped(app.operations, o.id));
	assert_false(operation_cancelled(app.operations, o.id));
	operation_free(&o);
}

static void
taken_up_after_a_start(void **state)
{
	struct operation a, b, found;
	struct fault f = { 0 };

	(void)state;
	begin(&a, OPERATION_SAVE, "a");
	begin(&b, OPERATION_UPLOAD, "b");
	assert_int_equal(operation_stop(app.operations, b.id, &f), 0);
	operations_free(app.operations);
	app.operations = operations_new(&app);
	assert_int_equal(operation_at(app.operations, "i1", "team", "b"), 0);
	assert_int_equal(operation_open_after(app.operations, 0, &found), 0);
	assert_int_equal(found.id, a.id);
	operation_free(&found);
	assert_int_equal(operation_open_after(app.operations, a.id, &found),
	    0);
	assert_int_equal(found.id, b.id);
	assert_int_equal(operation_resume(app.operations, &found, &f), 0);
	assert_int_equal(operation_at(app.operations, "i1", "team", "b"),
	    b.id);
	/* What was asked before is not forgotten. */
	assert_true(operation_cancelled(app.operations, b.id));
	operation_free(&found);
	assert_int_equal(operation_open_after(app.operations, b.id, &found),
	    ERR_NOT_FOUND);
	operation_free(&a);
	operation_free(&b);
}

static void
item_is(struct json_object *list, size_t i, const char *kind,
	const char *name, const char *outcome)
{
	struct json_object *item = json_object_array_get_idx(list, i);

	assert_string_equal(json_member_text(item, "kind", 99), kind);
	assert_string_equal(json_member_text(item, "name", 99), name);
	assert_string_equal(json_member_text(item, "state", 99), outcome);
	if (i > 0)
		assert_true(strcmp(json_member_text(json_object_array_get_idx(
		    list, i - 1), "key", 99), json_member_text(item, "key",
		    99)) < 0);
}

static void
listed_with_deployments(void **state)
{
	const struct row rows[] = {
		{ .name = "old", .number = 1, .state = "running",
		  .created = (time_t)(wall_ms() / 1000) - 3700 },
		{ .name = "new", .number = 1, .state = "rolled-back",
		  .created = (time_t)(wall_ms() / 1000) - 3500 },
		{ .name = "now", .number = 1, .state = "watching",
		  .created = (time_t)(wall_ms() / 1000) - 3600,
		  .open = true },
	};
	AUTO_JSON struct json_object *list = NULL;
	struct operation o;

	(void)state;
	begin(&o, OPERATION_SAVE, "past");
	assert_int_equal(operation_end(app.operations, &o,
	    OPERATION_SUCCEEDED, NULL, NULL, NULL), 0);
	row_change("UPDATE operation SET ended = ? WHERE id = ?",
	    wall_ms() - OPERATION_SHOWN_MS - 1000, o.id);
	begin(&o, OPERATION_UPLOAD, "one");
	for (size_t i = 0; i < 3; i++)
		deployment_put(app.ledger, &rows[i]);
	list = operation_list_json(app.operations);
	assert_int_equal(json_object_array_length(list), 3);
	item_is(list, 0, "volume-upload", "one", "running");
	item_is(list, 1, "deployment", "new", "failed");
	item_is(list, 2, "deployment", "now", "running");
	operation_free(&o);
}

static void
kept_for_some_weeks(void **state)
{
	struct operation old, o, found;

	(void)state;
	begin(&old, OPERATION_SAVE, "a");
	begin(&o, OPERATION_SAVE, "b");
	row_change("UPDATE operation SET ended = ? WHERE id = ?",
	    wall_ms() - OPERATION_KEPT_MS - 1000, old.id);
	operation_free(&o);
	begin(&o, OPERATION_SAVE, "c");
	assert_int_equal(operation_get(app.operations, old.id, &found),
	    ERR_NOT_FOUND);
	assert_int_equal(operation_get(app.operations, old.id + 1, &found),
	    0);
	operation_free(&found);
	operation_free(&old);
	operation_free(&o);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define WITH(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
		WITH(kept_as_it_goes),
		WITH(its_end_is_told),
		WITH(stopped_when_it_may_be),
		WITH(the_daemon_ends),
		WITH(taken_up_after_a_start),
		WITH(listed_with_deployments),
		WITH(kept_for_some_weeks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
