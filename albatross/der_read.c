/* SPDX-License-Identifier: ISC */
/*
 * der_read: takes DER apart. Nothing here trusts a byte: every length is held
 * against what is there, and memory is asked for only after that.
 */
#include "albatross/der.h"

#include <stdlib.h>
#include <string.h>

#include "albatross/error.h"

struct der
der_start(struct der_message *m, const uint8_t *data, size_t len)
{
	*m = (struct der_message){ .items = DER_ITEMS_MAX };
	return (struct der){ .pos = data, .end = data + len, .message = m };
}

void
der_fail(struct der *d, int error)
{
	if (d->message->error == ALB_OK)
		d->message->error = error;
	d->pos = d->end;
}

bool
der_more(const struct der *d)
{
	return d->message->error == ALB_OK && d->pos < d->end;
}

bool
der_at(const struct der *d, uint8_t tag)
{
	return der_more(d) && *d->pos == tag;
}

int
der_done(struct der *d)
{
	if (der_more(d))
		der_fail(d, ALB_DECODE);
	return d->message->error;
}

/* The octets of a long length: as few as can be, four at most. */
static bool
long_length(struct der *d, size_t octets, size_t *len)
{
	if (octets < 1 || octets > 4 || (size_t)(d->end - d->pos) < octets ||
	    d->pos[0] == 0)
		return false;
	*len = 0;
	while (octets-- > 0)
		*len = *len << 8 | *d->pos++;
	return *len >= 0x80;
}

/* Takes tag and length; at least *len bytes are then left. */
static bool
header(struct der *d, size_t *len)
{
	if (d->end - d->pos < 2)
		return false;
	*len = d->pos[1];
	d->pos += 2;
	if (*len >= 0x80 && !long_length(d, *len & 0x7f, len))
		return false;
	return *len <= (size_t)(d->end - d->pos);
}

const uint8_t *
der_get_ref(struct der *d, uint8_t tag, size_t *len)
{
	const uint8_t *content;

	if (!der_at(d, tag) || !header(d, len)) {
		der_fail(d, ALB_DECODE);
		*len = 0;
		return NULL;
	}
	content = d->pos;
	d->pos += *len;
	return content;
}

struct der
der_enter(struct der *d, uint8_t tag)
{
	struct der inner = *d;
	size_t len;

	inner.pos = der_get_ref(d, tag, &len);
	/* NULL + 0 is not defined */
	inner.end = len == 0 ? inner.pos : inner.pos + len;
	return inner;
}

struct der
der_choice(struct der *d, unsigned *n)
{
	uint8_t tag = der_more(d) ? *d->pos : 0;

	if (tag < DER_CONTEXT(0) || tag > DER_CONTEXT(30)) {
		der_fail(d, ALB_DECODE);
		*n = DER_ELSEWHERE;
		return *d;
	}
	*n = tag - DER_CONTEXT(0);
	return der_enter(d, tag);
}

void *
der_items(struct der *list, size_t size, size_t *count)
{
	struct der ahead = *list;
	size_t n = 0, len;
	void *items;

	*count = 0;
	for (; der_more(&ahead) && n < DER_LIST_MAX; n++) {
		if (!header(&ahead, &len)) {
			der_fail(list, ALB_DECODE);
			return NULL;
		}
		ahead.pos += len;
	}
	if (der_more(&ahead) || n > list->message->items) {
		der_fail(list, ALB_DECODE);
		return NULL;
	}
	list->message->items -= n;
	if (n == 0)
		return NULL;
	items = calloc(n, size);
	if (items == NULL)
		der_fail(list, ALB_NO_MEMORY);
	else
		*count = n;
	return items;
}

bool
der_get_bool(struct der *d)
{
	size_t len;
	const uint8_t *content = der_get_ref(d, DER_BOOLEAN, &len);

	if (len != 1) {
		der_fail(d, ALB_DECODE);
		return false;
	}
	return content[0] != 0;
}

void
der_get_null(struct der *d)
{
	size_t len;

	der_get_ref(d, DER_NULL, &len);
	if (len != 0)
		der_fail(d, ALB_DECODE);
}

/* Nine equal bits at the start say that the first octet is not needed. */
static bool
int_minimal(const uint8_t *content, size_t len)
{
	if (len < 2)
		return len == 1;
	return !(content[0] == 0x00 && content[1] < 0x80) &&
		!(content[0] == 0xff && content[1] >= 0x80);
}

int64_t
der_get_int(struct der *d)
{
	size_t len, i;
	const uint8_t *content = der_get_ref(d, DER_INTEGER, &len);
	uint64_t bits;
	int64_t value;

	if (len > 8 || !int_minimal(content, len)) {
		der_fail(d, ALB_DECODE);
		return 0;
	}
	bits = content[0] >= 0x80 ? UINT64_MAX : 0;
	for (i = 0; i < len; i++)
		bits = bits << 8 | content[i];
	memcpy(&value, &bits, sizeof(value));
	if (value < DER_INT_MIN || value > DER_INT_MAX) {
		der_fail(d, ALB_DECODE);
		return 0;
	}
	return value;
}

void
der_get_fixed(struct der *d, void *out, size_t len)
{
	size_t have;
	const uint8_t *content = der_get_ref(d, DER_OCTETS, &have);

	if (have != len || content == NULL) {
		der_fail(d, ALB_DECODE);
		memset(out, 0, len);
		return;
	}
	memcpy(out, content, len);
}

uint64_t
der_get_u64(struct der *d)
{
	uint8_t bytes[8];
	uint64_t value = 0;
	size_t i;

	der_get_fixed(d, bytes, sizeof(bytes));
	for (i = 0; i < sizeof(bytes); i++)
		value = value << 8 | bytes[i];
	return value;
}

/* A copy of at least one byte, so that NULL means no memory. */
static void *
copy(struct der *d, const void *data, size_t len, size_t room)
{
	void *out = d->message->error == ALB_OK ? calloc(1, room) : NULL;

	if (out == NULL)
		der_fail(d, ALB_NO_MEMORY);
	else if (len > 0)
		memcpy(out, data, len);
	return out;
}

uint8_t *
der_get_octets(struct der *d, size_t *len)
{
	const uint8_t *content = der_get_ref(d, DER_OCTETS, len);
	uint8_t *out = copy(d, content, *len, *len > 0 ? *len : 1);

	if (out == NULL)
		*len = 0;
	return out;
}

static bool
needs_escape(uint8_t byte)
{
	return byte == 0x00 || byte == 0xc0;
}

char *
der_get_string(struct der *d)
{
	size_t len, i, escapes = 0, o = 0;
	const uint8_t *content = der_get_ref(d, DER_STRING, &len);
	char *out;

	for (i = 0; i < len; i++)
		escapes += needs_escape(content[i]);
	if (escapes == 0)
		return copy(d, content, len, len + 1);
	out = copy(d, NULL, 0, len + escapes + 1);
	for (i = 0; i < len && out != NULL; i++) {
		if (needs_escape(content[i])) {
			out[o++] = (char)0xc0;
			out[o++] = (char)(content[i] == 0 ? 0x80 : 0x81);
		} else {
			out[o++] = (char)content[i];
		}
	}
	return out;
}

/* n digits at s as a number, or -1. */
static int
digits(const uint8_t *s, size_t n)
{
	int value = 0;

	for (; n > 0; n--, s++) {
		if (*s < '0' || *s > '9')
			return -1;
		value = value * 10 + (*s - '0');
	}
	return value;
}

/* MMDDhhmmss behind a year: 0, or -1 for a date or time that is none. */
static int
calendar(int year, const uint8_t *s, time_t *t)
{
	struct tm tm = {
		.tm_year = year - 1900, .tm_mon = digits(s, 2) - 1,
		.tm_mday = digits(s + 2, 2), .tm_hour = digits(s + 4, 2),
		.tm_min = digits(s + 6, 2), .tm_sec = digits(s + 8, 2),
	};
	struct tm given = tm;

	if (year < 0)
		return -1;
	*t = timegm(&tm);
	/* timegm carries what is out of range into the next field. */
	return tm.tm_year == given.tm_year && tm.tm_mon == given.tm_mon &&
		tm.tm_mday == given.tm_mday && tm.tm_hour == given.tm_hour &&
		tm.tm_min == given.tm_min && tm.tm_sec == given.tm_sec ? 0 : -1;
}

time_t
der_get_time(struct der *d, int *millis)
{
	size_t len;
	const uint8_t *s = der_get_ref(d, DER_TIME, &len);
	time_t t;

	*millis = -1;
	if (len == 19 && s[14] == '.')
		*millis = digits(s + 15, 3);
	if ((len != 15 && *millis < 0) || s[len - 1] != 'Z' ||
	    calendar(digits(s, 4), s + 4, &t) < 0) {
		der_fail(d, ALB_DECODE);
		*millis = -1;
		return 0;
	}
	return t;
}

time_t
der_get_utc_time(struct der *d)
{
	size_t len;
	const uint8_t *s = der_get_ref(d, DER_UTC_TIME, &len);
	int year;
	time_t t;

	if (len != 13 || s[12] != 'Z') {
		der_fail(d, ALB_DECODE);
		return 0;
	}
	year = digits(s, 2);
	if (year >= 0)
		year += year >= 50 ? 1900 : 2000;
	if (calendar(year, s + 2, &t) < 0) {
		der_fail(d, ALB_DECODE);
		return 0;
	}
	return t;
}
