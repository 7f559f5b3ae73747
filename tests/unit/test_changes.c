/* SPDX-License-Identifier: ISC */
/* changes: what people are told of the difference between two deployments. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "fcgi/changes.h"

/* The changes as text must be want. */
static void
changes_are(const char *from, const char *to, const char *from_image,
	const char *to_image, const char *want)
{
	AUTO_JSON struct json_object *a = json_tokener_parse(from);
	AUTO_JSON struct json_object *b = json_tokener_parse(to);
	AUTO_JSON struct json_object *list = config_changes(a, b, from_image,
		to_image);

	assert_string_equal(json_object_to_json_string_ext(list,
	    JSON_C_TO_STRING_PLAIN), want);
}

static void
nothing(void **state)
{
	changes_are("{\"memory\":1,\"arguments\":[\"a\"]}",
	    "{\"arguments\":[\"a\"],\"memory\":1}", "x", "x", "[]");
}

static void
values(void **state)
{
	changes_are("{\"memory\":1}", "{\"memory\":2,\"startup\":3}", "x",
	    "y", "[{\"field\":\"image\",\"from\":\"x\",\"to\":\"y\"},"
	    "{\"field\":\"memory\",\"from\":1,\"to\":2},"
	    "{\"field\":\"startup\",\"from\":null,\"to\":3}]");
}

static void
arguments_by_place(void **state)
{
	changes_are("{\"arguments\":[\"a\",\"b\",\"c\"]}",
	    "{\"arguments\":[\"a\",\"x\"]}", "", "", "[{\"field\":"
	    "\"arguments[1]\",\"from\":\"b\",\"to\":\"x\"},{\"field\":"
	    "\"arguments[2]\",\"from\":\"c\",\"to\":null}]");
}

static void
devices_by_name(void **state)
{
	changes_are("{\"networks\":[{\"name\":\"a\"},{\"name\":\"b\"}]}",
	    "{\"networks\":[{\"name\":\"b\",\"bridge\":\"br\"},"
	    "{\"name\":\"a\"},{\"name\":\"c\"}]}", "", "",
	    "[{\"field\":\"networks.b\",\"from\":{\"name\":\"b\"},"
	    "\"to\":{\"name\":\"b\",\"bridge\":\"br\"}},"
	    "{\"field\":\"networks.c\",\"from\":null,"
	    "\"to\":{\"name\":\"c\"}}]");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing),
		cmocka_unit_test(values),
		cmocka_unit_test(arguments_by_place),
		cmocka_unit_test(devices_by_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
