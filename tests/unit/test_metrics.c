/* SPDX-License-Identifier: ISC */
/* metrics: counters, and numbers as Prometheus reads them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <pthread.h>

#include "fcgi/exposition.h"

static const struct family counter = { "c", FAMILY_COUNTER, "Counts." };
static const struct family gauge = { "g", FAMILY_GAUGE, "Is." };
static const struct family times = { "h", FAMILY_HISTOGRAM, "Took." };

/* What was put is exactly this text. */
static void
assert_text(struct exposition *e, const char *want)
{
	assert_true(exposition_end(e));
	assert_string_equal(buf_str(&e->text), want);
	exposition_free(e);
}

static void
text_of_both_kinds(void **state)
{
	struct exposition e;

	exposition_init(&e, false);
	exposition_begin(&e, &counter);
	exposition_count(&e, UINT64_MAX, NULL);
	exposition_begin(&e, &gauge);
	exposition_put(&e, -0.25, "a", "b", "c", "", NULL);
	assert_string_equal(exposition_type(&e),
	    "text/plain; version=0.0.4; charset=utf-8");
	assert_text(&e, "# HELP c_total Counts.\n# TYPE c_total counter\n"
	    "c_total 18446744073709551615\n# HELP g Is.\n# TYPE g gauge\n"
	    "g{a=\"b\",c=\"\"} -0.25\n");
	exposition_init(&e, true);
	exposition_begin(&e, &counter);
	exposition_put(&e, 1.5, NULL);
	assert_text(&e, "# HELP c Counts.\n# TYPE c counter\nc_total 1.5\n"
	    "# EOF\n");
}

static void
labels_escaped(void **state)
{
	struct exposition e;

	exposition_init(&e, false);
	exposition_begin(&e, &gauge);
	exposition_put(&e, 1, "l", "a\"b\\c\nd{}=,\xc3\xa9", NULL);
	assert_non_null(strstr(buf_str(&e.text),
	    "g{l=\"a\\\"b\\\\c\\nd{}=,\xc3\xa9\"} 1\n"));
	exposition_free(&e);
}

static void
what_is_no_number(void **state)
{
	struct exposition e;

	exposition_init(&e, false);
	exposition_begin(&e, &gauge);
	exposition_put(&e, 0.0 / 0.0, NULL);
	exposition_put(&e, 1e300 * 1e300, NULL);
	exposition_put(&e, 1766000000.125, NULL);
	assert_non_null(strstr(buf_str(&e.text),
	    "g NaN\ng NaN\ng 1766000000.125\n"));
	exposition_free(&e);
}

static void
too_much_is_told(void **state)
{
	struct exposition e;

	exposition_init(&e, false);
	e.text.max = 40;
	exposition_begin(&e, &gauge);
	for (int i = 0; i < 10; i++)
		exposition_put(&e, 1, "l", "x", NULL);
	assert_false(exposition_end(&e));
	exposition_free(&e);
}

static void
histograms_add_up(void **state)
{
	struct histogram h = { .sum = 0 };
	struct exposition e;

	h.buckets[0] = 2;
	h.buckets[9] = 3;
	h.buckets[HISTOGRAM_BOUNDS] = 1;
	h.sum = 2500000;
	exposition_init(&e, false);
	exposition_begin(&e, &times);
	exposition_histogram(&e, &h, "i", "x", NULL);
	assert_true(exposition_end(&e));
	assert_non_null(strstr(buf_str(&e.text),
	    "\nh_bucket{i=\"x\",le=\"0.0005\"} 2\n"
	    "h_bucket{i=\"x\",le=\"0.001\"} 2\n"));
	assert_non_null(strstr(buf_str(&e.text),
	    "h_bucket{i=\"x\",le=\"1.0\"} 5\n"));
	assert_non_null(strstr(buf_str(&e.text),
	    "h_bucket{i=\"x\",le=\"30.0\"} 5\n"
	    "h_bucket{i=\"x\",le=\"+Inf\"} 6\n"
	    "h_sum{i=\"x\"} 2.5\nh_count{i=\"x\"} 6\n"));
	exposition_free(&e);
	exposition_init(&e, true);
	exposition_begin(&e, &times);
	exposition_histogram(&e, &h, NULL);
	assert_non_null(strstr(buf_str(&e.text), "h_bucket{le=\"+Inf\"} 6\n"
	    "h_sum 2.5\nh_count 6\n"));
	exposition_free(&e);
}

static uint64_t
bucket(const struct histogram *h, size_t i)
{
	return h->buckets[i];
}

static void
requests_counted(void **state)
{
	const struct request_counts *c = count_requests(3);

	count_request(3, 200, 500);
	count_request(3, 204, 501);
	count_request(3, 503, 31000000);
	count_request(3, 0, -1);
	assert_int_equal(c->statuses[2], 2);
	assert_int_equal(c->statuses[5], 1);
	assert_int_equal(c->statuses[0], 1);
	assert_int_equal(bucket(&c->time, 0), 2);
	assert_int_equal(bucket(&c->time, 1), 1);
	assert_int_equal(bucket(&c->time, HISTOGRAM_BOUNDS), 1);
	assert_int_equal(c->time.sum, 31001001);
	/* What has no row of its own is in the last one. */
	count_request(COUNT_ROUTES + 7, 404, 1);
	assert_int_equal(count_requests(COUNT_ROUTES - 1)->statuses[4], 1);
}

static const struct instance_counts *
instance(const char *name)
{
	const struct instance_counts *c = count_instances();

	while (c != NULL && strcmp(c->name, name) != 0)
		c = c->next;
	return c;
}

static void
instances_counted(void **state)
{
	count_command("a", 0, ALB_UNIKERNEL_INFO, 1500);
	count_command("a", 0, ALB_UNIKERNEL_CREATE, 60000000);
	count_command_error("a", 0, ERR_ALB_TIMEOUT);
	count_command_error("a", 0, 0);
	count_command("b", 0, ALB_UNIKERNEL_INFO, 1);
	assert_int_equal(instance("a")->commands[ALB_UNIKERNEL_CREATE], 1);
	assert_int_equal(instance("a")->errors[ERR_ALB_TIMEOUT], 1);
	assert_int_equal(instance("a")->errors[0], 0);
	/* What an image took to arrive says nothing of the instance. */
	assert_int_equal(instance("a")->time.sum, 1500);
	count_forget("a");
	assert_int_equal(instance("a")->commands[ALB_UNIKERNEL_CREATE], 0);
	assert_int_equal(instance("a")->errors[ERR_ALB_TIMEOUT], 0);
	assert_int_equal(instance("a")->time.sum, 0);
	assert_int_equal(instance("b")->time.sum, 1);
	/* What was under way then does not bring it back. */
	count_command("a", 0, ALB_UNIKERNEL_INFO, 1);
	count_command_error("a", 0, ERR_ALB_TIMEOUT);
	assert_int_equal(instance("a")->commands[ALB_UNIKERNEL_INFO], 0);
	assert_int_equal(instance("a")->errors[ERR_ALB_TIMEOUT], 0);
	count_command("a", count_age("a"), ALB_UNIKERNEL_INFO, 1);
	assert_int_equal(instance("a")->commands[ALB_UNIKERNEL_INFO], 1);
	count_forget("nobody");
}

static void *
much(void *arg)
{
	char name[24];

	for (int i = 0; i < 1000; i++) {
		snprintf(name, sizeof(name), "many-%d", i % 10);
		count_command(name, 0, ALB_BLOCK_INFO, 1);
		count(COUNT_EVENTS, 2);
		count_now(NOW_STREAMS, i % 2 == 0 ? 1 : -1);
		count_mint(i % 4 == 0 ? ERR_FORBIDDEN : 0, 1);
	}
	return NULL;
}

static void
counted_by_many(void **state)
{
	pthread_t threads[4];
	int seen = 0;

	for (int i = 0; i < 4; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, much,
		    NULL), 0);
	for (int i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
	for (const struct instance_counts *c = count_instances(); c != NULL;
	    c = c->next) {
		if (strncmp(c->name, "many-", 5) != 0)
			continue;
		seen++;
		assert_int_equal(c->commands[ALB_BLOCK_INFO], 400);
	}
	assert_int_equal(seen, 10);
	assert_int_equal(count_of(COUNT_EVENTS), 8000);
	assert_int_equal(count_now_of(NOW_STREAMS), 0);
	assert_int_equal(count_mints()->errors[ERR_FORBIDDEN], 1000);
	assert_int_equal(bucket(&count_mints()->time, 0), 4000);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_of_both_kinds),
		cmocka_unit_test(labels_escaped),
		cmocka_unit_test(what_is_no_number),
		cmocka_unit_test(too_much_is_told),
		cmocka_unit_test(histograms_add_up),
		cmocka_unit_test(requests_counted),
		cmocka_unit_test(instances_counted),
		cmocka_unit_test(counted_by_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
