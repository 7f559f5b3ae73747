/* SPDX-License-Identifier: ISC */
/* FastCGI records, encoded here and decoded by a reader of its own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "fcgi/record.h"

#define ID 0x1234

enum record_type { RECORD_END = 3, RECORD_STDOUT = 6 };

/*
 * Takes records apart as a web server does: the content of those of output is
 * appended to out, and how many there were is returned; *ended tells that the
 * request was ended, with nothing behind it.
 */
static size_t
records_read(const uint8_t *data, size_t len, int id, struct buf *out,
	bool *ended)
{
	size_t n = 0;

	*ended = false;
	while (len > 0) {
		size_t content, whole;

		assert_false(*ended);
		assert_true(len >= 8);
		assert_int_equal(data[0], 1);
		assert_int_equal(data[2] << 8 | data[3], id);
		content = (size_t)(data[4] << 8 | data[5]);
		whole = 8 + content + data[6];
		assert_true(len >= whole);
		if (data[1] == RECORD_STDOUT) {
			buf_put(out, data + 8, content);
			n++;
		} else {
			assert_int_equal(data[1], RECORD_END);
			assert_int_equal(content, 8);
			assert_int_equal(data[12], 0);
			*ended = true;
		}
		data += whole;
		len -= whole;
	}
	assert_true(buf_ok(out));
	return n;
}

static void
round_trip(size_t len, size_t records)
{
	uint8_t *data = malloc(len + 1);
	struct buf b, out;
	bool ended;
	size_t i;

	for (i = 0; i < len; i++)
		data[i] = (uint8_t)(i * 7 + i / 251);
	buf_init(&b, len + 1024);
	buf_init(&out, len + 1);
	record_stdout(&b, ID, data, len);
	assert_true(buf_ok(&b));
	assert_int_equal(b.len, len + records * RECORD_HEAD);
	assert_int_equal(records_read(b.data, b.len, ID, &out, &ended),
	    records);
	assert_false(ended);
	assert_int_equal(out.len, len);
	if (len > 0)
		assert_memory_equal(out.data, data, len);
	buf_free(&b);
	buf_free(&out);
	free(data);
}

static void
test_sizes(void **state)
{
	(void)state;
	/* An empty record would say that the output ends. */
	round_trip(0, 0);
	round_trip(1, 1);
	round_trip(255, 1);
	round_trip(256, 1);
	round_trip(65535, 1);
	round_trip(65536, 2);
	round_trip(2 * 65535, 2);
	round_trip(2 * 65535 + 1, 3);
}

static void
test_end(void **state)
{
	struct buf b, out;
	bool ended;

	(void)state;
	buf_init(&b, 1024);
	buf_init(&out, 1024);
	record_stdout(&b, 65535, "hello", 5);
	record_end(&b, 65535);
	assert_int_equal(records_read(b.data, b.len, 65535, &out, &ended), 2);
	assert_true(ended);
	assert_string_equal(buf_str(&out), "hello");
	buf_free(&b);
	buf_free(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sizes),
		cmocka_unit_test(test_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
