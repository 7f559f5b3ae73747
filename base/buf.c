/* SPDX-License-Identifier: ISC */
/* buf: the bounded byte buffer; see buf.h. */
#include "base/buf.h"

#include <gnutls/gnutls.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void
buf_init(struct buf *b, size_t max)
{
	*b = (struct buf){ .max = max };
}

void
buf_free(struct buf *b)
{
	free(b->data);
	buf_init(b, b->max);
}

void
buf_wipe(struct buf *b)
{
	if (b->data != NULL)
		gnutls_memset(b->data, 0, b->cap);
	buf_free(b);
}

void
buf_reset(struct buf *b)
{
	b->len = 0;
	b->pos = 0;
	b->failed = false;
}

/* Makes room for len more bytes and one NUL. */
static bool
buf_reserve(struct buf *b, size_t len)
{
	size_t need, cap;
	uint8_t *data;

	if (b->failed || __builtin_add_overflow(b->len, len, &need) ||
	    need > b->max || need == SIZE_MAX)
		return false;
	if (b->data != NULL && need < b->cap)
		return true;
	cap = b->cap < 64 ? 64 : b->cap;
	while (cap <= need)
		if (__builtin_mul_overflow(cap, (size_t)2, &cap))
			return false;
	if (cap > b->max)
		cap = b->max + 1;
	data = realloc(b->data, cap);
	if (data == NULL)
		return false;
	b->data = data;
	b->cap = cap;
	return true;
}

uint8_t *
buf_extend(struct buf *b, size_t len)
{
	uint8_t *start;

	if (!buf_reserve(b, len)) {
		b->failed = true;
		return NULL;
	}
	start = b->data + b->len;
	b->len += len;
	return start;
}

void
buf_put(struct buf *b, const void *data, size_t len)
{
	uint8_t *start = buf_extend(b, len);

	if (start != NULL && len > 0)
		memcpy(start, data, len);
}

void
buf_put_u8(struct buf *b, uint8_t v)
{
	buf_put(b, &v, 1);
}

void
buf_put_u32(struct buf *b, uint32_t v)
{
	uint8_t bytes[4] = { v >> 24, v >> 16, v >> 8, v };

	buf_put(b, bytes, sizeof(bytes));
}

void
buf_put_u64(struct buf *b, uint64_t v)
{
	buf_put_u32(b, v >> 32);
	buf_put_u32(b, v);
}

void
buf_put_str(struct buf *b, const char *s)
{
	buf_put(b, s, strlen(s));
}

void
buf_putf(struct buf *b, const char *fmt, ...)
{
	va_list ap;
	uint8_t *start;
	int len;

	va_start(ap, fmt);
	len = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (len < 0) {
		b->failed = true;
		return;
	}
	/* The byte behind the content, kept by buf_reserve, takes the NUL. */
	start = buf_extend(b, len);
	if (start == NULL)
		return;
	va_start(ap, fmt);
	vsnprintf((char *)start, (size_t)len + 1, fmt, ap);
	va_end(ap);
}

bool
buf_ok(const struct buf *b)
{
	return !b->failed;
}

const char *
buf_str(struct buf *b)
{
	if (!buf_reserve(b, 0))
		return NULL;
	b->data[b->len] = '\0';
	return (const char *)b->data;
}

size_t
buf_left(const struct buf *b)
{
	return b->len - b->pos;
}

int
buf_get_ref(struct buf *b, const uint8_t **out, size_t len)
{
	static const uint8_t nothing;

	if (buf_left(b) < len)
		return -1;
	*out = b->data == NULL ? &nothing : b->data + b->pos;
	b->pos += len;
	return 0;
}

int
buf_get(struct buf *b, void *out, size_t len)
{
	const uint8_t *data;

	if (buf_get_ref(b, &data, len) < 0)
		return -1;
	if (len > 0)
		memcpy(out, data, len);
	return 0;
}

int
buf_get_u8(struct buf *b, uint8_t *v)
{
	return buf_get(b, v, 1);
}

int
buf_get_u32(struct buf *b, uint32_t *v)
{
	uint8_t bytes[4];

	if (buf_get(b, bytes, sizeof(bytes)) < 0)
		return -1;
	*v = (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 |
	    (uint32_t)bytes[2] << 8 | bytes[3];
	return 0;
}

void
buf_compact(struct buf *b)
{
	if (b->pos == 0)
		return;
	memmove(b->data, b->data + b->pos, b->len - b->pos);
	b->len -= b->pos;
	b->pos = 0;
}
