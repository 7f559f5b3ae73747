/* SPDX-License-Identifier: ISC */
/* alb_inflate: however a stream is cut, the same comes out, or nothing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <zlib.h>

#include "albatross/inflate.h"
#include "base/buf.h"

#define PLAIN 300000

static uint8_t plain[PLAIN], packed[PLAIN];
static uLongf packed_len = sizeof(packed);

struct sunk {
	size_t len, max;
	bool wrong;
};

static int
sink(void *arg, const uint8_t *data, size_t len)
{
	struct sunk *s = arg;

	if (len > s->max - s->len)
		return -1;
	s->wrong |= memcmp(plain + s->len, data, len) != 0;
	s->len += len;
	return 0;
}

/* Writes data in pieces of step bytes, then asks whether it was whole. */
static int
inflate_all(const uint8_t *data, size_t len, size_t step, struct sunk *s)
{
	struct alb_inflate *i = alb_inflate_new();
	size_t at, n;
	int rc = ALB_OK;

	assert_non_null(i);
	for (at = 0; rc == ALB_OK && at < len; at += n) {
		n = len - at < step ? len - at : step;
		rc = alb_inflate_write(i, data + at, n, sink, s);
	}
	if (rc == ALB_OK)
		rc = alb_inflate_end(i);
	alb_inflate_free(i);
	return rc;
}

static void
test_pieces(void **state)
{
	static const size_t steps[] = { 1, 2, 7, 1000, 65536, PLAIN };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		struct sunk s = { .max = PLAIN };

		assert_int_equal(inflate_all(packed, packed_len, steps[i],
			&s), ALB_OK);
		assert_int_equal(s.len, PLAIN);
		assert_false(s.wrong);
	}
}

/* Who takes it says how much: a bomb does not go off. */
static void
test_bounded(void **state)
{
	struct sunk s = { .max = PLAIN - 1 };

	(void)state;
	assert_int_equal(inflate_all(packed, packed_len, 1000, &s),
		ALB_BROKEN);
	assert_true(s.len < PLAIN);
}

static void
test_spoiled(void **state)
{
	uint8_t *copy = malloc(packed_len + 1);
	struct sunk s = { .max = PLAIN };

	(void)state;
	assert_non_null(copy);
	assert_int_equal(inflate_all(packed, packed_len - 1, 1000, &s),
		ALB_DECODE);
	s.len = 0;
	assert_int_equal(inflate_all((const uint8_t *)"image", 5, 5, &s),
		ALB_DECODE);
	memcpy(copy, packed, packed_len);
	copy[packed_len] = 0;
	s.len = 0;
	assert_int_equal(inflate_all(copy, packed_len + 1, PLAIN, &s),
		ALB_DECODE);
	s.len = 0;
	assert_int_equal(inflate_all(copy, packed_len + 1, 1, &s),
		ALB_DECODE);
	copy[packed_len - 1] ^= 1;	/* of the checksum */
	s.len = 0;
	assert_int_equal(inflate_all(copy, packed_len, 1000, &s),
		ALB_DECODE);
	free(copy);
}

static int
setup(void **state)
{
	size_t i;

	/* Half of it noise, half of it a long run. */
	for (i = 0; i < PLAIN / 2; i++)
		plain[i] = i * 2654435761U >> 13;
	return compress2(packed, &packed_len, plain, PLAIN, 9) == Z_OK ?
		0 : -1;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pieces),
		cmocka_unit_test(test_bounded),
		cmocka_unit_test(test_spoiled),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
