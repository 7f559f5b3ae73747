/* SPDX-License-Identifier: ISC */
/* page: walking a list by cursors. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "fcgi/page.h"

/* Names e d c b a, each as an object. */
static struct json_object *
letters(void)
{
	struct json_object *items = json_object_new_array(), *o;

	for (char c = 'e'; c >= 'a'; c--) {
		o = json_object_new_object();
		json_add_str(o, "name", (char[]){ c, '\0' });
		json_object_array_add(items, o);
	}
	return items;
}

/* The names of the page that the query asks for; next gets the cursor. */
static void
page_of(const char *query, char names[16], char next[64])
{
	struct json_object *list, *items, *value;
	struct request r = { 0 };
	struct fault f = { 0 };
	struct page page;
	size_t n;

	assert_int_equal(request_parse_query(&r, query, &f), 0);
	assert_int_equal(page_read(&r, 3, &page, &f), 0);
	list = page_list(letters(), "name", &page);
	json_object_object_get_ex(list, "items", &items);
	for (n = 0; n < json_object_array_length(items); n++) {
		json_object_object_get_ex(json_object_array_get_idx(items, n),
		    "name", &value);
		names[n] = *json_object_get_string(value);
	}
	names[n] = '\0';
	assert_true(json_object_object_get_ex(list, "next", &value));
	snprintf(next, 64, "%s",
	    value == NULL ? "" : json_object_get_string(value));
	json_object_put(list);
	request_free(&r);
}

static void
walk(void **state)
{
	char names[16], next[64], query[128];

	page_of("", names, next);
	assert_string_equal(names, "abc");
	snprintf(query, sizeof(query), "cursor=%s", next);
	page_of(query, names, next);
	assert_string_equal(names, "de");
	assert_string_equal(next, "");
	page_of("limit=5", names, next);
	assert_string_equal(names, "abcde");
	assert_string_equal(next, "");
	/* What the cursor stands behind may be gone. */
	page_of("cursor=6262", names, next);
	assert_string_equal(names, "cde");
}

static void
refused(void **state)
{
	static const char *const bad[] = { "limit=0", "limit=1001", "limit=x",
		"limit=", "cursor=", "cursor=6", "cursor=zz", "cursor=6100",
		NULL };
	struct page page;

	for (size_t i = 0; bad[i] != NULL; i++) {
		struct request r = { 0 };
		struct fault f = { 0 };

		assert_int_equal(request_parse_query(&r, bad[i], &f), 0);
		assert_int_equal(page_read(&r, 3, &page, &f), ERR_INVALID);
		assert_int_equal(f.nfields, 1);
		request_free(&r);
	}
}

/* Joined names are ordered as the names are, one after the other. */
static void
key(void **state)
{
	static const char *const labels[] = { ".a", "0", "a", "a-", "a-b",
		"a.", "a.b", "a0", "ab" };
	const size_t n = sizeof(labels) / sizeof(*labels);
	char last[PAGE_KEY_MAX + 1] = "", text[PAGE_KEY_MAX + 1];

	for (size_t i = 0; i < n * n * n; i++) {
		page_key(labels[i / n / n], labels[i / n % n], labels[i % n],
		    text);
		assert_true(strcmp(last, text) < 0);
		memcpy(last, text, sizeof(last));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(walk),
		cmocka_unit_test(refused),
		cmocka_unit_test(key),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
