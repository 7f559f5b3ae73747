/* SPDX-License-Identifier: ISC */
/* encoding: however a body arrives, the same comes out, or a clear no. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <zlib.h>

#include "fcgi/encoding.h"

#define PLAIN 200000
#define GZIP (MAX_WBITS + 16)

static uint8_t plain[PLAIN], packed[2 * PLAIN], out[PLAIN + 1];

struct body {
	const uint8_t *data;
	size_t len, at, step;
	int err;		/* at its end */
};

static int
body_read(void *arg, void *data, size_t size, size_t *got, struct fault *f)
{
	struct body *b = arg;
	size_t n = b->len - b->at;

	if (n == 0 && b->err != 0)
		return fault_set(f, b->err, "The body broke off.");
	n = n > size ? size : n;
	n = n > b->step ? b->step : n;
	memcpy(data, b->data + b->at, n);
	b->at += n;
	*got = n;
	return 0;
}

/* Appends a stream of plain[from..to) to packed; returns the new length. */
static size_t
pack(size_t at, size_t from, size_t to, int bits)
{
	z_stream z = { 0 };

	assert_int_equal(deflateInit2(&z, 6, Z_DEFLATED, bits, 8,
	    Z_DEFAULT_STRATEGY), Z_OK);
	z.next_in = plain + from;
	z.avail_in = (uInt)(to - from);
	z.next_out = packed + at;
	z.avail_out = (uInt)(sizeof(packed) - at);
	assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
	at = sizeof(packed) - z.avail_out;
	deflateEnd(&z);
	return at;
}

/* All of len bytes of packed, in steps: *n bytes came out. */
static int
decode(enum encoding e, size_t len, size_t in, size_t step, int last,
	size_t *n, struct fault *f)
{
	struct body b = { packed, len, 0, in, last };
	struct decoder *d = decoder_new(e, body_read, &b);
	size_t got = 1;
	int err = 0;

	assert_non_null(d);
	*f = (struct fault){ 0 };
	for (*n = 0; err == 0 && got > 0; *n += got)
		err = decoder_read(d, out + *n, step < sizeof(out) - *n ? step :
		    sizeof(out) - *n, &got, f);
	decoder_free(d);
	assert_int_equal(f->err, err);
	return err;
}

static void
test_whole(void **state)
{
	static const size_t steps[] = { 1, 7, 4096, SIZE_MAX };
	struct fault f;
	size_t n, i, len = pack(0, 0, 100, GZIP);

	(void)state;
	len = pack(len, 100, 100, GZIP);	/* one with nothing in it */
	len = pack(len, 100, PLAIN, GZIP);
	for (i = 0; i < 4; i++) {
		assert_int_equal(decode(ENCODING_GZIP, len, steps[i],
		    steps[3 - i], 0, &n, &f), 0);
		assert_int_equal(n, PLAIN);
		assert_memory_equal(out, plain, PLAIN);
	}
	len = pack(0, 0, PLAIN, MAX_WBITS);
	assert_int_equal(decode(ENCODING_DEFLATE, len, 1000, 999, 0, &n, &f),
	    0);
	assert_int_equal(n, PLAIN);
	assert_memory_equal(out, plain, PLAIN);
}

static void
refused(enum encoding e, size_t len)
{
	struct fault f;
	size_t n;

	assert_int_equal(decode(e, len, 100, 5000, 0, &n, &f), ERR_INVALID);
	assert_int_equal(f.nfields, 1);
	assert_string_equal(f.fields[0].field, "body");
	assert_memory_equal(out, plain, n);
}

static void
test_damaged(void **state)
{
	size_t len = pack(0, 0, 50000, GZIP), cut;

	(void)state;
	for (cut = 0; cut < len; cut += len / 50)
		refused(ENCODING_GZIP, cut);
	packed[len] = 'x';			/* behind the end */
	refused(ENCODING_GZIP, len + 1);
	packed[len - 6] ^= 1;			/* the checksum */
	refused(ENCODING_GZIP, len);
	len = pack(0, 0, 50000, MAX_WBITS);
	refused(ENCODING_GZIP, len);		/* the other one */
	packed[len] = 0;
	refused(ENCODING_DEFLATE, len + 1);
	refused(ENCODING_DEFLATE, len - 1);
	len = pack(len, 0, 10, MAX_WBITS);	/* zlib has no members */
	refused(ENCODING_DEFLATE, len);
}

static void
test_source_fails(void **state)
{
	size_t n, len = pack(0, 0, 50000, GZIP);
	struct fault f;

	(void)state;
	assert_int_equal(decode(ENCODING_GZIP, len / 2, 100, 100,
	    ERR_BAD_REQUEST, &n, &f), ERR_BAD_REQUEST);
	assert_string_equal(f.detail, "The body broke off.");
}

static void
test_parse(void **state)
{
	struct fault f = { 0 };
	enum encoding e;

	(void)state;
	assert_int_equal(encoding_parse(NULL, &e, &f), 0);
	assert_int_equal(e, ENCODING_NONE);
	assert_int_equal(encoding_parse("identity", &e, &f), 0);
	assert_int_equal(e, ENCODING_NONE);
	assert_int_equal(encoding_parse("GZip", &e, &f), 0);
	assert_int_equal(e, ENCODING_GZIP);
	assert_int_equal(encoding_parse("deflate", &e, &f), 0);
	assert_int_equal(e, ENCODING_DEFLATE);
	assert_int_equal(encoding_parse("gzip, gzip", &e, &f),
	    ERR_MEDIA_TYPE);
	assert_int_equal(encoding_parse("br", &e, &f), ERR_MEDIA_TYPE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_whole),
		cmocka_unit_test(test_damaged),
		cmocka_unit_test(test_source_fails),
		cmocka_unit_test(test_parse),
	};

	for (size_t i = 0; i < PLAIN; i++)
		plain[i] = i % 7 == 0 ? (uint8_t)rand() : (uint8_t)(i / 1000);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
