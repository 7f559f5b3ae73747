/* SPDX-License-Identifier: ISC */
/*
 * multipart: the input is a Content-Type on the first line, then a body.
 * However the body arrives, and however small the pieces are in which its
 * parts are read, the same parts come out.
 */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "fcgi/multipart.h"
#include "tests/fuzz/fuzz.h"

#define OUT_MAX (1024 * 1024)

struct body {
	const uint8_t *data;
	size_t len, at;
	size_t step;		/* bytes that arrive at once, 0: all */
};

static int
body_source(void *arg, void *data, size_t size, size_t *got, struct fault *f)
{
	struct body *b = arg;
	size_t n = b->len - b->at;

	(void)f;
	if (n > size)
		n = size;
	if (b->step != 0 && n > b->step)
		n = b->step;
	if (n > 0)
		memcpy(data, b->data + b->at, n);
	b->at += n;
	*got = n;
	return 0;
}

/* Appends each name and what the part holds; returns how it ended. */
static int
read_all(const char *type, struct body *b, size_t size, struct buf *out)
{
	static struct multipart m;
	struct fault f = { 0 };
	uint8_t piece[4096];
	const char *name;
	size_t got;
	int err = multipart_init(&m, type, body_source, b, &f);

	while (err == 0) {
		err = multipart_next(&m, &name, &f);
		if (err != 0 || name == NULL)
			break;
		if (*name == '\0' || strlen(name) > MULTIPART_NAME_MAX)
			abort();
		buf_put_str(out, name);
		buf_put_u8(out, 0);
		do {
			err = multipart_read(&m, piece, size, &got, &f);
			if (err == 0)
				buf_put(out, piece, got);
		} while (err == 0 && got > 0);
	}
	if (err != 0 && (f.err != err || f.detail[0] == '\0'))
		abort();
	return err;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const size_t steps[] = { 1, 3, 71, 16384 };
	const uint8_t *line = size == 0 ? NULL : memchr(data, '\n', size);
	size_t type_len = line == NULL ? size : (size_t)(line - data);
	size_t body_at = line == NULL ? size : type_len + 1;
	struct body b = { data + body_at, size - body_at, 0, 0 };
	struct buf whole, other;
	char *type = calloc(1, type_len + 1);
	int err;

	if (type == NULL)
		return 0;
	if (type_len > 0)
		memcpy(type, data, type_len);
	buf_init(&whole, OUT_MAX);
	buf_init(&other, OUT_MAX);
	err = read_all(type, &b, 4096, &whole);
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		buf_reset(&other);
		b.at = 0;
		b.step = steps[i];
		if (read_all(type, &b, 1 + steps[i] % 4096, &other) != err ||
		    other.len != whole.len || (whole.len > 0 &&
		    memcmp(other.data, whole.data, whole.len) != 0))
			abort();
	}
	buf_free(&whole);
	buf_free(&other);
	free(type);
	return 0;
}
