/* SPDX-License-Identifier: ISC */
/*
 * json_scan: a strict reading of JSON text (RFC 8259) before json-c sees it.
 * json-c's strict mode takes 'single quotes', NaN and duplicate keys; this
 * takes none, nor nesting beyond 16, invalid UTF-8 or U+0000.
 */
#include "base/json.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

#define DEPTH_MAX 16
/* Keys are compared with each other: this bounds the work. */
#define KEYS_MAX 128

struct scan {
	const char *text;
	size_t len;
	size_t pos;
	int depth;
	const char *why;
};

static bool scan_value(struct scan *s);

static bool
scan_fail(struct scan *s, const char *why)
{
	if (s->why == NULL)
		s->why = why;
	return false;
}

static int
scan_peek(const struct scan *s)
{
	return s->pos < s->len ? (unsigned char)s->text[s->pos] : -1;
}

static bool
scan_take(struct scan *s, char c)
{
	if (scan_peek(s) != c)
		return false;
	s->pos++;
	return true;
}

static void
scan_space(struct scan *s)
{
	while (s->pos < s->len && strchr(" \t\n\r", s->text[s->pos]) != NULL &&
	    s->text[s->pos] != '\0')
		s->pos++;
}

static bool
scan_word(struct scan *s, const char *word)
{
	size_t n = strlen(word);

	if (s->len - s->pos < n || memcmp(s->text + s->pos, word, n) != 0)
		return scan_fail(s, "unknown word");
	s->pos += n;
	return true;
}

static bool
scan_digits(struct scan *s)
{
	size_t start = s->pos;

	while (scan_peek(s) >= 0 && isdigit(scan_peek(s)))
		s->pos++;
	return s->pos > start || scan_fail(s, "digit expected");
}

static bool
scan_number(struct scan *s)
{
	scan_take(s, '-');
	if (!scan_take(s, '0') && !scan_digits(s))
		return false;
	if (scan_take(s, '.') && !scan_digits(s))
		return false;
	if (scan_take(s, 'e') || scan_take(s, 'E')) {
		if (!scan_take(s, '+'))
			scan_take(s, '-');
		return scan_digits(s);
	}
	return true;
}

static bool
scan_hex4(struct scan *s, unsigned *out)
{
	*out = 0;
	for (int i = 0; i < 4; i++, s->pos++) {
		int c = scan_peek(s);

		if (c < 0 || !isxdigit(c))
			return scan_fail(s, "four hex digits expected");
		*out = *out * 16 + (unsigned)(isdigit(c) ? c - '0' :
		    tolower(c) - 'a' + 10);
	}
	return true;
}

/* Behind "\u": surrogates only in pairs, never U+0000. */
static bool
scan_unicode(struct scan *s)
{
	unsigned high, low;

	if (!scan_hex4(s, &high))
		return false;
	if (high == 0)
		return scan_fail(s, "U+0000 is not accepted");
	if (high >= 0xdc00 && high <= 0xdfff)
		return scan_fail(s, "lone surrogate");
	if (high < 0xd800 || high > 0xdbff)
		return true;
	if (!scan_take(s, '\\') || !scan_take(s, 'u') || !scan_hex4(s, &low) ||
	    low < 0xdc00 || low > 0xdfff)
		return scan_fail(s, "lone surrogate");
	return true;
}

static bool
scan_escape(struct scan *s)
{
	int c = scan_peek(s);

	if (c <= 0 || strchr("\"\\/bfnrtu", c) == NULL)
		return scan_fail(s, "unknown escape");
	s->pos++;
	return c == 'u' ? scan_unicode(s) : true;
}

static bool
scan_string(struct scan *s)
{
	size_t start;

	if (!scan_take(s, '"'))
		return scan_fail(s, "string expected");
	start = s->pos;
	for (;;) {
		int c = scan_peek(s);

		if (c < 0)
			return scan_fail(s, "unterminated string");
		if (c < ' ')
			return scan_fail(s, "control character in a string");
		s->pos++;
		if (c == '"')
			break;
		if (c == '\\' && !scan_escape(s))
			return false;
	}
	if (!utf8_valid(s->text + start, s->pos - 1 - start))
		return scan_fail(s, "invalid UTF-8");
	return true;
}

struct key {
	size_t start, len;	/* between the quotes */
};

/*
 * Escapes could spell one key in two ways; a key that needs one is refused,
 * so that comparing bytes compares keys.
 */
static bool
scan_key(struct scan *s, struct key *keys, size_t *nkeys)
{
	struct key key = { .start = s->pos + 1 };

	if (!scan_string(s))
		return false;
	key.len = s->pos - 1 - key.start;
	if (memchr(s->text + key.start, '\\', key.len) != NULL)
		return scan_fail(s, "escape in a key");
	for (size_t i = 0; i < *nkeys; i++)
		if (keys[i].len == key.len && memcmp(s->text + keys[i].start,
		    s->text + key.start, key.len) == 0)
			return scan_fail(s, "duplicate key");
	if (*nkeys == KEYS_MAX)
		return scan_fail(s, "too many keys");
	keys[(*nkeys)++] = key;
	return true;
}

static bool
scan_member(struct scan *s, struct key *keys, size_t *nkeys)
{
	scan_space(s);
	if (!scan_key(s, keys, nkeys))
		return false;
	scan_space(s);
	if (!scan_take(s, ':'))
		return scan_fail(s, "':' expected");
	return scan_value(s);
}

static bool
scan_object(struct scan *s)
{
	struct key keys[KEYS_MAX];
	size_t nkeys = 0;

	scan_space(s);
	if (scan_take(s, '}'))
		return true;
	do {
		if (!scan_member(s, keys, &nkeys))
			return false;
	} while (scan_take(s, ','));
	return scan_take(s, '}') || scan_fail(s, "',' or '}' expected");
}

static bool
scan_array(struct scan *s)
{
	scan_space(s);
	if (scan_take(s, ']'))
		return true;
	do {
		if (!scan_value(s))
			return false;
	} while (scan_take(s, ','));
	return scan_take(s, ']') || scan_fail(s, "',' or ']' expected");
}

static bool
scan_nested(struct scan *s, bool (*content)(struct scan *))
{
	bool ok;

	s->pos++;
	if (++s->depth > DEPTH_MAX)
		return scan_fail(s, "nested too deeply");
	ok = content(s);
	s->depth--;
	return ok;
}

static bool
scan_plain(struct scan *s)
{
	int c = scan_peek(s);

	switch (c) {
	case '{':
		return scan_nested(s, scan_object);
	case '[':
		return scan_nested(s, scan_array);
	case '"':
		return scan_string(s);
	case 't':
		return scan_word(s, "true");
	case 'f':
		return scan_word(s, "false");
	case 'n':
		return scan_word(s, "null");
	default:
		if (c == '-' || (c >= 0 && isdigit(c)))
			return scan_number(s);
		return scan_fail(s, c < 0 ? "text ends too early" :
		    "value expected");
	}
}

static bool
scan_value(struct scan *s)
{
	scan_space(s);
	if (!scan_plain(s))
		return false;
	scan_space(s);
	return true;
}

int
json_scan(const char *text, size_t len, char *why, size_t whysize)
{
	struct scan s = { .text = text, .len = len };

	if (scan_value(&s) && s.pos == len)
		return 0;
	scan_fail(&s, "text behind the value");
	if (whysize > 0)
		snprintf(why, whysize, "%s at byte %zu", s.why, s.pos);
	return -1;
}
