/* SPDX-License-Identifier: ISC */
/* alert_judge: when a certificate expires soon, and a policy is nearly full. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "fcgi/alert_judge.h"

#define DAY (24 * 3600)
#define EXPIRES 1784020087	/* 2026-07-14T09:08:07Z */

static char detail[ALERT_DETAIL_MAX + 1];

static void
certificate(void **state)
{
	assert_false(alert_judge_certificate("i1", EXPIRES,
	    EXPIRES - 30 * DAY, 30, detail));
	assert_true(alert_judge_certificate("i1", EXPIRES,
	    EXPIRES - 30 * DAY + 1, 30, detail));
	assert_string_equal(detail, "The certificate of i1 expires on "
	    "2026-07-14: add the instance again with a new one before.");
	assert_true(alert_judge_certificate("i1", EXPIRES, EXPIRES, 1,
	    detail));
	assert_non_null(strstr(detail, "expired on 2026-07-14"));
}

static bool
full(int64_t unikernels, int64_t memory, int64_t block)
{
	const struct alb_policy p = { .unikernels = 10, .memory = 1000,
		.has_block = true, .block = 100 };
	const struct alert_usage used = { unikernels, memory, block };

	return alert_judge_policy("i1", "ada", &p, &used, 90, detail);
}

static void
policy(void **state)
{
	assert_false(full(9, 900, 90));
	assert_true(full(10, 900, 90));
	assert_string_equal(detail,
	    "On i1 the project ada uses 10 of 10 unikernels.");
	assert_true(full(9, 901, 90));
	assert_true(full(10, 2000, 91));
	assert_string_equal(detail, "On i1 the project ada uses 10 of 10 "
	    "unikernels, 2000 of 1000 MB of memory, 91 of 100 MB of "
	    "volumes.");
	/* How much is in volumes may not be known. */
	assert_false(full(9, 900, -1));
	assert_false(full(0, 0, 0));
}

/* What a policy does not allow, but there is, is too much. */
static void
nothing_allowed(void **state)
{
	const struct alb_policy p = { .unikernels = 0, .memory = 0 };
	const struct alert_usage none = { 0, 0, 0 }, some = { 1, 32, 10 };

	assert_false(alert_judge_policy("i1", "ada", &p, &none, 90, detail));
	assert_true(alert_judge_policy("i1", "ada", &p, &some, 100, detail));
	assert_string_equal(detail, "On i1 the project ada uses 1 of 0 "
	    "unikernels, 32 of 0 MB of memory.");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(certificate),
		cmocka_unit_test(policy),
		cmocka_unit_test(nothing_allowed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
