/* SPDX-License-Identifier: ISC */
/* clean: foreign bytes made fit to be shown; see clean.h. */
#include "fcgi/clean.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"

#define REPLACEMENT "\xef\xbf\xbd"

/* Bytes of the well-formed character at the front of s, 0 when it is none. */
static size_t
character(const char *s, size_t len)
{
	unsigned char c = (unsigned char)s[0];
	size_t n = c < 0x80 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;

	return n <= len && utf8_valid(s, n) ? n : 0;
}

/* C1 control characters, U+0080 to U+009F. */
static bool
is_c1(const char *s, size_t n)
{
	return n == 2 && (unsigned char)s[0] == 0xc2 &&
		(unsigned char)s[1] < 0xa0;
}

/* One character in, what shows it out; out holds 4 bytes. */
static size_t
plain(const char *s, size_t n, char out[4])
{
	unsigned char c = (unsigned char)s[0];

	if (n == 0 || is_c1(s, n)) {
		memcpy(out, REPLACEMENT, 3);
		return 3;
	}
	if ((c < ' ' && c != '\t') || c == 0x7f) {
		out[0] = '\xe2';
		out[1] = '\x90';
		out[2] = (char)(c == 0x7f ? 0xa1 : 0x80 + c);
		return 3;
	}
	memcpy(out, s, n);
	return n;
}

void
clean_put(struct buf *b, const char *s, size_t len)
{
	while (len > 0) {
		size_t n = character(s, len);
		char out[4];

		buf_put(b, out, plain(s, n, out));
		n += n == 0;
		s += n;
		len -= n;
	}
}

void
clean_put_utf8(struct buf *b, const char *s, size_t len)
{
	while (len > 0) {
		size_t n = 0, m;

		while (n < len && (m = character(s + n, len - n)) > 0)
			n += m;
		buf_put(b, s, n);
		s += n;
		len -= n;
		if (len > 0) {
			buf_put(b, REPLACEMENT, 3);
			s++;
			len--;
		}
	}
}

void
clean_copy(char *out, size_t size, const char *s)
{
	size_t len = strlen(s), used = 0;

	while (len > 0) {
		size_t n = character(s, len), m;
		char one[4];

		m = plain(s, n, one);
		if (m >= size - used)
			break;
		memcpy(out + used, one, m);
		used += m;
		n += n == 0;
		s += n;
		len -= n;
	}
	out[used] = '\0';
}

static void
put_json_character(struct buf *b, const char *s, size_t n)
{
	unsigned char c = (unsigned char)s[0];

	if (n == 0)
		buf_put(b, REPLACEMENT, 3);
	else if (is_c1(s, n))
		buf_putf(b, "\\u00%02x", (unsigned char)s[1]);
	else if (c == '"' || c == '\\')
		buf_putf(b, "\\%c", c);
	else if (c < ' ' || c == 0x7f)
		buf_putf(b, "\\u%04x", c);
	else
		buf_put(b, s, n);
}

void
clean_put_json(struct buf *b, const char *s, size_t len)
{
	buf_put_u8(b, '"');
	while (len > 0) {
		size_t n = 0;

		/* Most of it is plain: in one piece. */
		while (n < len && s[n] >= ' ' && s[n] < 0x7f &&
		    s[n] != '"' && s[n] != '\\')
			n++;
		buf_put(b, s, n);
		s += n;
		len -= n;
		if (len == 0)
			break;
		n = character(s, len);
		put_json_character(b, s, n);
		n += n == 0;
		s += n;
		len -= n;
	}
	buf_put_u8(b, '"');
}

void
clean_add(struct json_object *o, const char *key, const char *s)
{
	struct buf b;
	size_t n;

	buf_init(&b, 3 * strlen(s) + 1);
	while (*s != '\0') {
		n = strcspn(s, "\n");
		clean_put(&b, s, n);
		s += n;
		if (*s == '\n')
			buf_put(&b, s++, 1);
	}
	json_add_str(o, key, buf_str(&b));
	buf_free(&b);
}

void
clean_add_or_null(struct json_object *o, const char *key, const char *s)
{
	if (*s == '\0')
		json_object_object_add(o, key, NULL);
	else
		clean_add(o, key, s);
}
