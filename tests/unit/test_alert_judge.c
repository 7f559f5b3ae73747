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
	struct alert_expiry when = { .ca = EXPIRES };

	assert_false(alert_judge_certificate("i1", &when,
	    EXPIRES - 30 * DAY, 30, detail));
	assert_true(alert_judge_certificate("i1", &when,
	    EXPIRES - 30 * DAY + 1, 30, detail));
	assert_string_equal(detail, "The certificate of i1 expires on "
	    "2026-07-14, in less than 30 days: see that the instance is given "
	    "a new one before.");
	assert_true(alert_judge_certificate("i1", &when, EXPIRES, 1,
	    detail));
	assert_non_null(strstr(detail, "expired on 2026-07-14"));
}

/* What it says so many days before, of 40. */
static void
said(int64_t days, const char *words)
{
	const struct alert_expiry when = { .ca = EXPIRES };

	assert_true(alert_judge_certificate("i1", &when,
	    EXPIRES - days * DAY, 40, detail));
	if (strstr(detail, words) == NULL)
		fail_msg("%s", detail);
}

static void
certificate_steps(void **state)
{
	said(39, "less than 40 days");
	said(14, "less than 40 days");
	said(13, "less than 14 days");
	said(7, "less than 14 days");
	said(6, "less than 7 days");
	said(1, "less than 7 days");
	said(0, "expired on");
}

/* Whichever of the two is first. */
static void
certificate_of_server(void **state)
{
	struct alert_expiry when = { .ca = EXPIRES, .server = EXPIRES - DAY };

	assert_true(alert_judge_certificate("i1", &when, EXPIRES - DAY - 1,
	    30, detail));
	assert_string_equal(detail, "The certificate of the server i1 expires "
	    "on 2026-07-13, in less than 1 day: see that it has a new one "
	    "before.");
	when.server = EXPIRES + DAY;
	assert_true(alert_judge_certificate("i1", &when, EXPIRES - DAY, 30,
	    detail));
	assert_non_null(strstr(detail, "of i1 expires"));
	when = (struct alert_expiry){ .server = EXPIRES };
	assert_true(alert_judge_certificate("i1", &when, EXPIRES - DAY, 30,
	    detail));
	when = (struct alert_expiry){ .ca = 0 };
	assert_false(alert_judge_certificate("i1", &when, EXPIRES, 30,
	    detail));
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
		cmocka_unit_test(certificate_steps),
		cmocka_unit_test(certificate_of_server),
		cmocka_unit_test(policy),
		cmocka_unit_test(nothing_allowed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
