/* SPDX-License-Identifier: ISC */
/* resume: what is said of uploads and downloads that a kill cut off. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/log.h"
#include "fcgi/app.h"
#include "fcgi/operation.h"
#include "fcgi/problem.h"
#include "fcgi/resume.h"
#include "fcgi/upstream.h"
#include "fcgi/volume_content.h"
#include "tests/unit/deployments.h"

static char dir[FOLDER_SIZE];
/* Nobody listens there. */
static const struct app_config config = { .auth_socket = "/dev/null/none" };
static struct app app;

static int
setup(void **state)
{
	(void)state;
	log_init("test", LOG_LEVEL_ERROR);
	app = (struct app){ .config = &config };
	if (ledger_begin(dir, &app.ledger) < 0)
		return -1;
	app.operations = operations_new(&app);
	app.upstream = upstream_new(&app);
	return app.operations == NULL || app.upstream == NULL ? -1 : 0;
}

static int
teardown(void **state)
{
	(void)state;
	operations_free(app.operations);
	upstream_free(app.upstream);
	return ledger_finish(dir, app.ledger);
}

static int64_t
left(enum operation_kind kind, enum operation_step step, const char *grant)
{
	const struct auth_grant ada = { .user = "u1", .user_name = "ada" };
	struct operation o;
	struct fault f = { 0 };
	int64_t id;

	operation_init(&o, kind, "i1", "team", "data", &ada);
	snprintf(o.grant, sizeof(o.grant), "%s", grant);
	o.copy = 7;
	assert_int_equal(operation_begin(app.operations, &o, &f), 0);
	assert_int_equal(operation_step(app.operations, &o, step, &f), 0);
	id = o.id;
	operation_free(&o);
	return id;
}

/* The daemon ends and starts. */
static struct resume *
start(void)
{
	struct resume *r = NULL;
	struct fault f = { 0 };

	operations_free(app.operations);
	app.operations = operations_new(&app);
	assert_int_equal(resume_new(&app, &r, &f), 0);
	return r;
}

/* Its problem; the content the API shows, owned, in *content. */
static int
ended(int64_t id, struct json_object **content)
{
	struct operation o;
	struct fault f;

	assert_int_equal(operation_get(app.operations, id, &o), 0);
	assert_int_equal(o.state, OPERATION_FAILED);
	assert_string_equal(o.grant, "");
	problem_fault(o.error, &f);
	operation_free(&o);
	*content = volume_content_json(app.ledger, "i1", "team", "data");
	return f.err;
}

static void
nothing_was_sent(void **state)
{
	AUTO_JSON struct json_object *content = NULL;
	int64_t id = left(OPERATION_UPLOAD, STEP_SAVING, "mmg_x");

	(void)state;
	resume_free(start());
	assert_int_equal(ended(id, &content), ERR_CONFLICT);
	assert_null(content);
	assert_false(upstream_volume_claimed(app.upstream, "i1", "team",
	    "data"));
}

static void
nothing_was_saved(void **state)
{
	AUTO_JSON struct json_object *content = NULL;
	int64_t id = left(OPERATION_UPLOAD, STEP_SENDING, "");

	(void)state;
	resume_free(start());
	assert_int_equal(ended(id, &content), ERR_CONFLICT);
	assert_string_equal(json_member_text(content, "state", 20),
	    "unknown");
	assert_int_equal(json_object_get_int64(json_member(content,
	    "operation", json_type_int)), id);
}

static void
downloads_touch_nothing(void **state)
{
	AUTO_JSON struct json_object *content = NULL;
	int64_t id = left(OPERATION_DOWNLOAD, STEP_READING, "mmg_x");

	(void)state;
	resume_free(start());
	assert_int_equal(ended(id, &content), ERR_CONFLICT);
	assert_null(content);
}

/* The authority is away: it stays under way, and the volume claimed. */
static void
put_back_when_it_can_be(void **state)
{
	int64_t id = left(OPERATION_UPLOAD, STEP_SENDING, "mmg_x");
	struct resume *r = start();
	struct operation o;

	(void)state;
	assert_true(upstream_volume_claimed(app.upstream, "i1", "team",
	    "data"));
	assert_int_equal(operation_at(app.operations, "i1", "team", "data"),
	    id);
	app.stopping = true;
	resume_free(r);
	assert_int_equal(operation_get(app.operations, id, &o), 0);
	assert_int_equal(o.ended, 0);
	assert_string_equal(o.grant, "mmg_x");
	operation_free(&o);
}

/* Whoever stopped the upload wants back what was there before. */
static void
put_back_though_stopped(void **state)
{
	int64_t id = left(OPERATION_UPLOAD, STEP_SENDING, "mmg_x");
	struct fault f = { 0 };
	struct resume *r;

	(void)state;
	assert_int_equal(operation_stop(app.operations, id, &f), 0);
	r = start();
	assert_false(operation_cancelled(app.operations, id));
	app.stopping = true;
	resume_free(r);
}

/* What the keeper takes up is left to it, but told of. */
static void
not_those_of_others(void **state)
{
	AUTO_JSON struct json_object *content = NULL;
	int64_t id = left(OPERATION_RESTORE, STEP_SENDING, "mmg_x");
	struct operation o;

	(void)state;
	resume_free(start());
	assert_int_equal(operation_get(app.operations, id, &o), 0);
	assert_int_equal(o.ended, 0);
	operation_free(&o);
	content = volume_content_json(app.ledger, "i1", "team", "data");
	assert_string_equal(json_member_text(content, "state", 20),
	    "unknown");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define WITH(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
		WITH(nothing_was_sent),
		WITH(nothing_was_saved),
		WITH(downloads_touch_nothing),
		WITH(put_back_when_it_can_be),
		WITH(put_back_though_stopped),
		WITH(not_those_of_others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
