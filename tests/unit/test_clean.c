/* SPDX-License-Identifier: ISC */
/* Foreign bytes made fit to be shown. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/json.h"
#include "base/text.h"
#include "fcgi/clean.h"

#define COUNT(list) (sizeof(list) / sizeof(*(list)))
#define BAD "\xef\xbf\xbd"

static const struct { const char *in; size_t len; const char *plain; }
cases[] = {
	{ "", 0, "" },
	{ "hello\tworld", 11, "hello\tworld" },
	{ "\xc3\xa9\xe2\x82\xac\xf0\x9f\x90\xa6", 9,
	  "\xc3\xa9\xe2\x82\xac\xf0\x9f\x90\xa6" },
	{ "\x1b[2J", 4, "\xe2\x90\x9b[2J" },
	{ "a\0b", 3, "a\xe2\x90\x80" "b" },
	{ "\r\n\x7f", 3, "\xe2\x90\x8d\xe2\x90\x8a\xe2\x90\xa1" },
	{ "\xc2\x9b" "2J", 4, BAD "2J" },	/* C1: the one-byte CSI */
	{ "\x9b" "2J", 3, BAD "2J" },
	{ "\xc2\xa0", 2, "\xc2\xa0" },
	{ "\xff\xfe", 2, BAD BAD },
	{ "\xe2\x82", 2, BAD BAD },		/* cut */
	{ "\xe2\x82" "a", 3, BAD BAD "a" },
	{ "\xc0\xaf", 2, BAD BAD },		/* overlong */
	{ "\xed\xa0\x80", 3, BAD BAD BAD },	/* a surrogate */
	{ "\xf4\x90\x80\x80", 4, BAD BAD BAD BAD },
	{ "\xf0\x9f\x90", 3, BAD BAD BAD },
};

static void
test_plain(void **state)
{
	struct buf b;

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		buf_init(&b, 256);
		clean_put(&b, cases[i].in, cases[i].len);
		assert_string_equal(buf_str(&b), cases[i].plain);
		buf_free(&b);
	}
}

/* Every size cuts between characters, and ends. */
static void
test_copy(void **state)
{
	static const char in[] = "a\xc3\xa9\x01\xe2\x82\xac\xff\xf0\x9f\x90"
		"\xa6z";
	static const char whole[] = "a\xc3\xa9\xe2\x90\x81\xe2\x82\xac" BAD
		"\xf0\x9f\x90\xa6z";
	char out[64];

	(void)state;
	for (size_t size = 1; size <= sizeof(whole); size++) {
		size_t len;

		memset(out, 'X', sizeof(out));
		clean_copy(out, size, in);
		len = strnlen(out, sizeof(out));
		assert_true(len < size);
		assert_int_equal(out[size], 'X');
		assert_true(utf8_valid(out, len));
		assert_memory_equal(out, whole, len);
		assert_true(len + 4 >= size);
	}
	assert_string_equal(out, whole);
}

/* A JSON string that json.c takes, with the text that was meant. */
static void
json_check(const char *in, size_t len)
{
	struct fault f = { 0 };
	struct json_object *o;
	struct buf b;
	const char *text;

	buf_init(&b, 8192);
	buf_put_str(&b, "{\"a\":");
	clean_put_json(&b, in, len);
	buf_put_str(&b, "}");
	assert_true(buf_ok(&b));
	for (size_t i = 0; i < b.len; i++)
		assert_true(b.data[i] >= ' ' && b.data[i] != 0x7f);
	if (memchr(in, '\0', len) == NULL) {
		o = json_parse((const char *)b.data, b.len, &f);
		assert_non_null(o);
		text = json_object_get_string(json_object_object_get(o, "a"));
		if (utf8_valid(in, len)) {
			assert_int_equal(strlen(text), len);
			assert_memory_equal(text, in, len);
		}
		json_object_put(o);
	}
	buf_free(&b);
}

static void
test_json(void **state)
{
	char all[256], pair[2];

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		json_check(cases[i].in, cases[i].len);
	json_check("\"\\/\b\f\n\r\t\x1f\x7f\xc2\x85</script>", 22);
	for (int i = 0; i < 256; i++)
		all[i] = (char)i;
	json_check(all + 1, 255);
	for (int i = 0; i < 65536; i++) {
		pair[0] = (char)(i >> 8);
		pair[1] = (char)i;
		json_check(pair, 2);
	}
}

/* Any three bytes come out as UTF-8 without control characters. */
static void
test_always_text(void **state)
{
	struct buf b;
	char in[3];

	(void)state;
	buf_init(&b, 64);
	for (uint32_t i = 0; i < 1 << 24; i += 257) {
		in[0] = (char)(i >> 16);
		in[1] = (char)(i >> 8);
		in[2] = (char)i;
		buf_reset(&b);
		clean_put(&b, in, sizeof(in));
		assert_true(buf_ok(&b));
		assert_true(utf8_valid((const char *)b.data, b.len));
		for (size_t k = 0; k < b.len; k++)
			assert_true(b.data[k] >= ' ' || b.data[k] == '\t');
	}
	buf_free(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_plain),
		cmocka_unit_test(test_copy),
		cmocka_unit_test(test_json),
		cmocka_unit_test(test_always_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
