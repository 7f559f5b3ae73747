/* SPDX-License-Identifier: ISC */
/* retention: which images deployments need, by rows made up for it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "fcgi/retention.h"
#include "tests/unit/deployments.h"

#define NOW 1800000000
#define DAY 86400

static char dir[FOLDER_SIZE];
static struct ledger *ledger;
static const struct retention rule = { .deployments = 2, .days = 30 };

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

/* The keys of what is needed in "ada", one letter each, in order. */
static const char *
needed(const char *sha256, time_t since)
{
	static char keys[32];
	struct db *d = ledger_read_begin(ledger);
	struct json_object *o = retention_needed(d, &rule, "ada", sha256,
		since);
	size_t n = 0;

	ledger_read_end(ledger);
	assert_non_null(o);
	memset(keys, 0, sizeof(keys));
	for (char c = 'a'; c <= 'z'; c++)
		if (json_object_object_get_ex(o, (char[]){ c, '\0' }, NULL))
			keys[n++] = c;
	assert_int_equal(json_object_object_length(o), n);
	json_object_put(o);
	return keys;
}

static void
test_last(void **state)
{
	static const char *const images[] = { "a", "b", "c", "d" };

	(void)state;
	assert_string_equal(needed(NULL, 0), "");
	for (int i = 0; i < 4; i++)
		deployment_put(ledger, &(struct row){ .name = "web",
			.number = i + 1, .state = "running",
			.image = images[i] });
	assert_string_equal(needed(NULL, 0), "cd");
	assert_string_equal(needed("c", 0), "c");
	assert_string_equal(needed("a", 0), "");
	/* What was refused does not push out what was not. */
	deployment_put(ledger, &(struct row){ .name = "web", .number = 5,
		.state = "refused", .image = "z" });
	assert_string_equal(needed(NULL, 0), "cd");
	/* Another unikernel has its own last ones; another project too. */
	deployment_put(ledger, &(struct row){ .name = "dns", .number = 1,
		.state = "failed", .image = "a" });
	deployment_put(ledger, &(struct row){ .project = "bob", .name = "dns",
		.number = 1, .state = "running", .image = "b" });
	assert_string_equal(needed(NULL, 0), "acd");
}

static void
test_current(void **state)
{
	(void)state;
	deployment_put(ledger, &(struct row){ .name = "web", .number = 1,
		.state = "running", .image = "a" });
	deployment_put(ledger, &(struct row){ .name = "web", .number = 2,
		.state = "running", .image = "b", .previous = 1,
		.current = true, .previous_image = "x" });
	for (int i = 3; i < 9; i++)
		deployment_put(ledger, &(struct row){ .name = "web",
			.number = i, .state = "failed", .image = "f",
			.previous = 2, .previous_image = "y" });
	assert_string_equal(needed(NULL, 0), "abfx");
}

static void
test_under_way(void **state)
{
	(void)state;
	deployment_put(ledger, &(struct row){ .name = "web", .number = 1,
		.state = "saving", .image = "a", .previous_image = "b",
		.open = true });
	for (int i = 2; i < 6; i++)
		deployment_put(ledger, &(struct row){ .name = "web",
			.number = i, .state = "running", .image = "c" });
	assert_string_equal(needed(NULL, 0), "abc");
}

static void
test_days(void **state)
{
	(void)state;
	for (int i = 1; i < 6; i++)
		deployment_put(ledger, &(struct row){ .name = "web",
			.number = i, .state = "failed",
			.image = (char[]){ (char)('a' + i), '\0' },
			.previous_image = "p",
			.created = NOW - (10 - i) * DAY });
	assert_string_equal(needed(NULL, NOW - 7 * DAY), "defp");
	assert_string_equal(needed(NULL, NOW - 30 * DAY), "bcdefp");
	assert_string_equal(needed(NULL, 0), "ef");
}

static void
test_setting(void **state)
{
	static const struct {
		const char *body;
		int64_t deployments, days;
	} settings[] = {
		{ NULL, 10, 30 },
		{ "{\"deployments\":3,\"days\":0}", 3, 0 },
		{ "{\"deployments\":3}", 3, 30 },
		{ "{\"deployments\":0,\"days\":1}", 10, 30 },
		{ "{\"days\":-1}", 10, 30 },
		{ "nonsense", 10, 30 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(settings) / sizeof(settings[0]); i++) {
		struct retention t;

		setting_put(ledger, "retention", settings[i].body);
		retention_read(ledger, &t);
		assert_int_equal(t.deployments, settings[i].deployments);
		assert_int_equal(t.days, settings[i].days);
	}
	assert_int_equal(retention_since(&rule, NOW), NOW - 30 * DAY);
}

static void
test_keeps(void **state)
{
	struct image_entry e = { .sha256 = "a", .stored = NOW - 31 * DAY,
		.used = NOW - IMAGE_HOLD };
	struct json_object *o = json_object_new_object();
	time_t since = NOW - 30 * DAY;

	(void)state;
	assert_false(retention_keeps(&e, o, since, NOW));
	e.used++;
	assert_true(retention_keeps(&e, o, since, NOW));
	e.used--;
	e.stored = since;
	assert_true(retention_keeps(&e, o, since, NOW));
	e.stored--;
	json_object_object_add(o, "a", NULL);
	assert_true(retention_keeps(&e, o, since, NOW));
	json_object_put(o);
}

static void
users(const char *sha256, const char *want)
{
	struct db *d = ledger_read_begin(ledger);
	struct json_object *o = retention_users(d, "ada", sha256);

	ledger_read_end(ledger);
	assert_string_equal(json_object_to_json_string_ext(o,
	    JSON_C_TO_STRING_PLAIN), want);
	json_object_put(o);
}

static void
test_users(void **state)
{
	(void)state;
	users(NULL, "{}");
	for (int i = 1; i < 4; i++)
		deployment_put(ledger, &(struct row){ .name = "web",
			.number = i, .state = "running", .image = "a",
			.current = i == 2 });
	deployment_put(ledger, &(struct row){ .name = "dns", .number = 1,
		.state = "failed", .image = "a" });
	deployment_put(ledger, &(struct row){ .name = "dns", .number = 2,
		.state = "running", .image = "b", .current = true });
	deployment_put(ledger, &(struct row){ .name = "dns", .number = 3,
		.state = "refused", .image = "c" });
	users("b", "{\"b\":[{\"instance\":\"i1\",\"name\":\"dns\","
	    "\"number\":2,\"current\":true}]}");
	users(NULL, "{\"a\":[{\"instance\":\"i1\",\"name\":\"dns\","
	    "\"number\":1,\"current\":false},{\"instance\":\"i1\","
	    "\"name\":\"web\",\"number\":2,\"current\":true}],"
	    "\"b\":[{\"instance\":\"i1\",\"name\":\"dns\",\"number\":2,"
	    "\"current\":true}]}");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_last),
		TEST(test_current),
		TEST(test_under_way),
		TEST(test_days),
		TEST(test_setting),
		TEST(test_users),
		cmocka_unit_test(test_keeps),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
