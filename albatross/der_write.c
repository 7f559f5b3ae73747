/* SPDX-License-Identifier: ISC */
/*
 * der_write: puts DER together. A length is only known when its content is
 * written, so der_close moves the content up by the few bytes of its header.
 */
#include "albatross/der.h"

#include <stdlib.h>
#include <string.h>

#include "albatross/error.h"

#define HEADER_MAX 10

struct der_writer
der_write(struct buf *out)
{
	return (struct der_writer){ .out = out, .start = out->len };
}

int
der_written(struct der_writer *w)
{
	if (!w->invalid && buf_ok(w->out))
		return ALB_OK;
	if (w->out->len > w->start)
		w->out->len = w->start;
	return w->invalid ? ALB_INVALID : ALB_NO_MEMORY;
}

size_t
der_open(const struct der_writer *w)
{
	return w->out->len;
}

static size_t
make_header(uint8_t tag, size_t len, uint8_t out[HEADER_MAX])
{
	size_t octets = 0, rest, i;

	out[0] = tag;
	if (len < 0x80) {
		out[1] = len;
		return 2;
	}
	for (rest = len; rest > 0; rest >>= 8)
		octets++;
	out[1] = 0x80 | octets;
	for (i = 0; i < octets; i++)
		out[2 + i] = len >> 8 * (octets - 1 - i);
	return 2 + octets;
}

void
der_close(struct der_writer *w, size_t open, uint8_t tag)
{
	size_t len = w->out->len - open, n;
	uint8_t head[HEADER_MAX];

	n = make_header(tag, len, head);
	if (buf_extend(w->out, n) == NULL)
		return;
	memmove(w->out->data + open + n, w->out->data + open, len);
	memcpy(w->out->data + open, head, n);
}

void
der_put(struct der_writer *w, uint8_t tag, const void *data, size_t len)
{
	uint8_t head[HEADER_MAX];

	buf_put(w->out, head, make_header(tag, len, head));
	buf_put(w->out, data, len);
}

void
der_put_bool(struct der_writer *w, bool v)
{
	der_put(w, DER_BOOLEAN, v ? "\xff" : "\0", 1);
}

void
der_put_null(struct der_writer *w)
{
	der_put(w, DER_NULL, NULL, 0);
}

size_t
der_int_size(int64_t v)
{
	size_t n = 1;

	for (; v < -0x80 || v > 0x7f; n++)
		v >>= 8;
	return n;
}

void
der_put_int(struct der_writer *w, int64_t v)
{
	size_t n = der_int_size(v), i;
	uint8_t bytes[8];

	if (v < DER_INT_MIN || v > DER_INT_MAX) {
		w->invalid = true;
		return;
	}
	for (i = 0; i < n; i++)
		bytes[i] = (uint64_t)v >> 8 * (n - 1 - i);
	der_put(w, DER_INTEGER, bytes, n);
}

void
der_put_u64(struct der_writer *w, uint64_t v)
{
	size_t open = der_open(w);

	buf_put_u64(w->out, v);
	der_close(w, open, DER_OCTETS);
}

void
der_put_string(struct der_writer *w, const char *s)
{
	size_t open = der_open(w);
	const char *from;

	if (s == NULL) {
		w->invalid = true;
		return;
	}
	for (from = s; *s != '\0'; s++) {
		if (s[0] != (char)0xc0 ||
		    (s[1] != (char)0x80 && s[1] != (char)0x81))
			continue;
		buf_put(w->out, from, s - from);
		buf_put_u8(w->out, s[1] == (char)0x80 ? 0x00 : 0xc0);
		from = ++s + 1;
	}
	buf_put(w->out, from, s - from);
	der_close(w, open, DER_STRING);
}

/* A value of a SET OF, with header. */
struct member {
	const uint8_t *data;
	size_t len;
};

/* No value is the beginning of another, so lengths need no look. */
static int
member_compare(const void *a, const void *b)
{
	const struct member *x = a, *y = b;

	return memcmp(x->data, y->data, x->len < y->len ? x->len : y->len);
}

/* Splits the values between data and end; they are our own. */
static struct member *
split(const uint8_t *data, size_t len, size_t *count)
{
	struct der_message message;
	struct der d = der_start(&message, data, len);
	struct member *members = der_items(&d, sizeof(*members), count);
	size_t i;

	for (i = 0; i < *count; i++) {
		members[i].data = d.pos;
		der_enter(&d, *d.pos);
		members[i].len = d.pos - members[i].data;
	}
	return members;
}

void
der_close_set(struct der_writer *w, size_t open)
{
	size_t len = w->out->len - open, count = 0, i;
	uint8_t *sorted, *at;
	struct member *members;

	if (len == 0 || !buf_ok(w->out)) {
		der_close(w, open, DER_SET);
		return;
	}
	members = split(w->out->data + open, len, &count);
	sorted = at = malloc(len);
	if (members != NULL && sorted != NULL) {
		qsort(members, count, sizeof(*members), member_compare);
		for (i = 0; i < count; i++) {
			memcpy(at, members[i].data, members[i].len);
			at += members[i].len;
		}
		memcpy(w->out->data + open, sorted, len);
	} else {
		w->out->failed = true;
	}
	free(members);
	free(sorted);
	der_close(w, open, DER_SET);
}

static bool
broken_down(time_t t, int year_min, int year_max, struct tm *tm)
{
	return gmtime_r(&t, tm) != NULL && tm->tm_year >= year_min - 1900 &&
		tm->tm_year <= year_max - 1900;
}

void
der_put_time(struct der_writer *w, time_t t, int millis)
{
	size_t open = der_open(w);
	struct tm tm;

	if (!broken_down(t, 0, 9999, &tm) || millis < -1 || millis > 999) {
		w->invalid = true;
		return;
	}
	buf_putf(w->out, "%04d%02d%02d%02d%02d%02d", tm.tm_year + 1900,
	    tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec);
	if (millis >= 0)
		buf_putf(w->out, ".%03d", millis);
	buf_put_u8(w->out, 'Z');
	der_close(w, open, DER_TIME);
}

void
der_put_utc_time(struct der_writer *w, time_t t)
{
	size_t open = der_open(w);
	struct tm tm;

	if (!broken_down(t, 1950, 2049, &tm)) {
		w->invalid = true;
		return;
	}
	buf_putf(w->out, "%02d%02d%02d%02d%02d%02dZ", tm.tm_year % 100,
	    tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec);
	der_close(w, open, DER_UTC_TIME);
}
