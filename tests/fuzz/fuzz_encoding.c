/* SPDX-License-Identifier: ISC */
/*
 * encoding: the first byte says which, and in what pieces the rest arrives.
 * What comes out, and how it ends, does not depend on the pieces.
 */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "fcgi/encoding.h"
#include "tests/fuzz/fuzz.h"

#define OUT_MAX (256 * 1024)

struct body {
	const uint8_t *data;
	size_t len, at, step;
};

static int
body_read(void *arg, void *data, size_t size, size_t *got, struct fault *f)
{
	struct body *b = arg;
	size_t n = b->len - b->at;

	(void)f;
	n = n > size ? size : n;
	n = n > b->step ? b->step : n;
	if (n > 0)
		memcpy(data, b->data + b->at, n);
	b->at += n;
	*got = n;
	return 0;
}

/* Returns how it ended; 0 also when it grew too long to go on. */
static int
decode(enum encoding e, struct body *b, size_t step, struct buf *out)
{
	struct decoder *d = decoder_new(e, body_read, b);
	struct fault f = { 0 };
	uint8_t piece[4096];
	size_t got = 1;
	int err = 0;

	if (d == NULL)
		abort();
	while (err == 0 && got > 0 && out->len < OUT_MAX) {
		err = decoder_read(d, piece, step, &got, &f);
		if (err == 0 && got > step)
			abort();
		buf_put(out, piece, got);
	}
	decoder_free(d);
	if (err != 0 && (f.err != err || f.detail[0] == '\0'))
		abort();
	return err;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf one, other;
	struct body b;
	enum encoding e;
	size_t shared;
	int err;

	if (size == 0)
		return 0;
	e = (data[0] & 1) != 0 ? ENCODING_GZIP : ENCODING_DEFLATE;
	buf_init(&one, 2 * OUT_MAX);
	buf_init(&other, 2 * OUT_MAX);
	b = (struct body){ data + 1, size - 1, 0, SIZE_MAX };
	err = decode(e, &b, 4096, &one);
	b = (struct body){ data + 1, size - 1, 0, (size_t)(data[0] >> 1) + 1 };
	if (decode(e, &b, 1000, &other) != err && one.len < OUT_MAX)
		abort();
	shared = one.len < other.len ? one.len : other.len;
	if (shared > 0 && memcmp(one.data, other.data, shared) != 0)
		abort();
	if (err == 0 && one.len < OUT_MAX && one.len != other.len)
		abort();
	buf_free(&one);
	buf_free(&other);
	return 0;
}
