/* SPDX-License-Identifier: ISC */
/* alb_name: labels and names as albatross reads and writes them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "albatross/error.h"
#include "albatross/name.h"

static void
labels(void **state)
{
	static const char *const good[] = {
		"a", "hello", "web-1", "a.b.c", "0", "a-", ".a",
		"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
		"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
	};
	static const char *const bad[] = {
		"", ".", "..", "-a", "a_b", "a:b", "a b", "a/b", "\xc3\xa4",
		"a\n", "a\x7f",
		"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
		"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
	};
	char folded[ALB_LABEL_MAX + 1];
	size_t i;

	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		assert_null(alb_label_fold(good[i], folded));
		assert_string_equal(folded, good[i]);
		assert_true(alb_label_valid(good[i]));
	}
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_non_null(alb_label_fold(bad[i], folded));
		assert_false(alb_label_valid(bad[i]));
	}
	assert_null(alb_label_fold("HeLLo", folded));
	assert_string_equal(folded, "hello");
	assert_false(alb_label_valid("Hello"));
}

static void
parse(void **state)
{
	static const struct {
		const char *text, *path, *label;
	} good[] = {
		{ ":", "", "" }, { ":hello", "", "hello" },
		{ "hello", "", "hello" }, { "alice:", "alice", "" },
		{ "alice:hello", "alice", "hello" },
		{ ":alice:hello", "alice", "hello" },
		{ "a:b:c", "a:b", "c" }, { "a:b:", "a:b", "" },
		{ "Alice:HELLO", "alice", "hello" }, { "..", "", ".." },
	};
	static const char *const bad[] = {
		"", "::", "a::", "a::b", "::a", ":a::", "a_b", "-a", "a:-b",
		"a:b c", "-:a", "a:\xc3",
	};
	struct alb_name name;
	char text[ALB_NAME_MAX + 2], again[ALB_NAME_MAX + 2];
	size_t i;

	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		assert_int_equal(alb_name_parse(good[i].text,
		    strlen(good[i].text), &name), ALB_OK);
		assert_string_equal(name.path, good[i].path);
		assert_string_equal(name.label, good[i].label);
		alb_name_format(&name, text);
		assert_int_equal(alb_name_parse(text, strlen(text), &name),
		    ALB_OK);
		alb_name_format(&name, again);
		assert_string_equal(text, again);
	}
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(alb_name_parse(bad[i], strlen(bad[i]), &name),
		    ALB_DECODE);
	assert_int_equal(alb_name_parse("a\0b", 3, &name), ALB_DECODE);
}

static void
format(void **state)
{
	struct alb_name name = { .path = "", .label = "hello" };
	char text[ALB_NAME_MAX + 2];

	alb_name_format(&name, text);
	assert_string_equal(text, ":hello");
	memcpy(name.path, "a:b", sizeof("a:b"));
	alb_name_format(&name, text);
	assert_string_equal(text, "a:b:hello");
	memset(name.path, 'a', ALB_NAME_MAX);
	alb_name_format(&name, text);
	assert_string_equal(text, "");
}

/* Eight labels of a path and a leaf, all as long as can be. */
static void
longest(void **state)
{
	char text[ALB_NAME_MAX + 3], again[ALB_NAME_MAX + 2];
	struct alb_name name;
	size_t i;

	memset(text, 'x', sizeof(text));
	for (i = 1; i < 9; i++)
		text[i * 64 - 1] = ':';
	assert_int_equal(alb_name_parse(text, ALB_NAME_MAX, &name), ALB_OK);
	alb_name_format(&name, again);
	assert_int_equal(strlen(again), ALB_NAME_MAX);
	assert_memory_equal(text, again, ALB_NAME_MAX);
	assert_int_equal(alb_name_parse(text, ALB_NAME_MAX + 1, &name),
	    ALB_DECODE);
	assert_int_equal(alb_name_parse(text, 256, &name), ALB_OK);
}

static void
prefix(void **state)
{
	struct alb_name name = { .label = "hello" };

	assert_int_equal(alb_name_prefix(&name, "alice"), ALB_OK);
	assert_string_equal(name.path, "alice");
	assert_int_equal(alb_name_prefix(&name, ""), ALB_OK);
	assert_string_equal(name.path, "alice");
	assert_int_equal(alb_name_prefix(&name, "org:dep"), ALB_OK);
	assert_string_equal(name.path, "org:dep:alice");
	assert_string_equal(name.label, "hello");
	memset(name.path, 'a', ALB_NAME_MAX - 10);
	name.path[ALB_NAME_MAX - 10] = '\0';
	assert_int_equal(alb_name_prefix(&name, "alice"), ALB_DECODE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(labels),
		cmocka_unit_test(parse),
		cmocka_unit_test(format),
		cmocka_unit_test(longest),
		cmocka_unit_test(prefix),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
