/* SPDX-License-Identifier: ISC */
/* claims of volumes: one at a time, and none that a deployment names. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "fcgi/app.h"
#include "fcgi/deployment.h"
#include "fcgi/upstream.h"
#include "tests/unit/deployments.h"

#define WITH_DATA "{\"memory\":32,\"cpus\":[0],\"volumes\":[{\"name\":" \
	"\"disk\",\"volume\":\"data\"},{\"name\":\"log\"}]}"
#define WITHOUT "{\"memory\":32,\"cpus\":[0]}"

static char dir[FOLDER_SIZE];
static struct app app;
static struct fault f;

static const struct ask data = { .instance = "i1", .project = "ada",
	.label = "data" };

static int
setup(void **state)
{
	(void)state;
	f = (struct fault){ 0 };
	if (ledger_begin(dir, &app.ledger) < 0)
		return -1;
	app.upstream = upstream_new(&app);
	return app.upstream == NULL ? -1 : 0;
}

static int
teardown(void **state)
{
	(void)state;
	upstream_free(app.upstream);
	return ledger_finish(dir, app.ledger);
}

/* In state creating; of i1, ada. */
static void
deployment_begin(struct deployment *d, const char *config,
	const char *previous)
{
	deployment_init(d);
	memcpy(d->instance, "i1", sizeof("i1"));
	memcpy(d->project, "ada", sizeof("ada"));
	memcpy(d->name, "web", sizeof("web"));
	d->config = strdup(config);
	assert_int_equal(deployment_add(app.ledger, d, &f), 0);
	d->previous_config = previous == NULL ? NULL : strdup(previous);
	assert_int_equal(deployment_step(app.ledger, d, DEPLOYMENT_CREATING,
	    NULL, NULL, &f), 0);
}

static void
one_at_a_time(void **state)
{
	const struct ask other = { .instance = "i1", .project = "bob",
		.label = "data" };

	(void)state;
	assert_int_equal(upstream_volume_claim(app.upstream, &data, &f), 0);
	assert_true(upstream_volume_claimed(app.upstream, "i1", "ada",
	    "data"));
	assert_false(upstream_volume_claimed(app.upstream, "i1", "ada",
	    "log"));
	assert_int_equal(upstream_volume_claim(app.upstream, &data, &f),
	    ERR_CONFLICT);
	assert_int_equal(upstream_volume_claim(app.upstream, &other, &f), 0);
	/* The unikernel of that name is another thing. */
	assert_int_equal(upstream_claim(app.upstream, &data, &f), 0);
	upstream_volume_release(app.upstream, &data);
	assert_int_equal(upstream_volume_claim(app.upstream, &data, &f), 0);
}

static void *
give_back(void *unused)
{
	usleep(20000);
	upstream_volume_release(app.upstream, &data);
	return unused;
}

/* Whoever was told of an end need not know of what comes right after. */
static void
given_back_soon(void **state)
{
	pthread_t other;

	(void)state;
	assert_int_equal(upstream_volume_claim(app.upstream, &data, &f), 0);
	assert_int_equal(pthread_create(&other, NULL, give_back, NULL), 0);
	assert_int_equal(upstream_volume_claim(app.upstream, &data, &f), 0);
	pthread_join(other, NULL);
	assert_true(upstream_volume_claimed(app.upstream, "i1", "ada",
	    "data"));
}

static void
what_a_deployment_names(void **state)
{
	const struct ask log = { .instance = "i1", .project = "ada",
		.label = "log" }, disk = { .instance = "i1",
		.project = "ada", .label = "disk" },
		other = { .instance = "i2", .project = "ada",
		.label = "data" };
	struct deployment d;

	(void)state;
	deployment_begin(&d, WITH_DATA, NULL);
	assert_int_equal(upstream_volume_claim(app.upstream, &data, &f),
	    ERR_CONFLICT);
	assert_non_null(strstr(f.detail, "Deployment 1 of web"));
	assert_false(upstream_volume_claimed(app.upstream, "i1", "ada",
	    "data"));
	assert_int_equal(upstream_volume_claim(app.upstream, &log, &f),
	    ERR_CONFLICT);
	/* The name of a device that has another volume behind it. */
	assert_int_equal(upstream_volume_claim(app.upstream, &disk, &f), 0);
	assert_int_equal(upstream_volume_claim(app.upstream, &other, &f), 0);
	assert_int_equal(deployment_end(app.ledger, &d, DEPLOYMENT_RUNNING,
	    NULL, NULL, &f), 0);
	assert_int_equal(upstream_volume_claim(app.upstream, &data, &f), 0);
	deployment_free(&d);
}

static void
what_it_may_go_back_to(void **state)
{
	struct deployment d;

	(void)state;
	deployment_begin(&d, WITHOUT, WITH_DATA);
	assert_int_equal(upstream_volume_claim(app.upstream, &data, &f),
	    ERR_CONFLICT);
	assert_int_equal(deployment_end(app.ledger, &d, DEPLOYMENT_FAILED,
	    NULL, NULL, &f), 0);
	deployment_free(&d);
	deployment_begin(&d, WITHOUT, WITHOUT);
	assert_int_equal(upstream_volume_claim(app.upstream, &data, &f), 0);
	deployment_free(&d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define WITH(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
		WITH(one_at_a_time),
		WITH(given_back_soon),
		WITH(what_a_deployment_names),
		WITH(what_it_may_go_back_to),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
