/* SPDX-License-Identifier: ISC */
/* text: encodings of bytes and times; see text.h. */
#include "base/text.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

void
hex_encode(const void *data, size_t len, char *out)
{
	static const char digits[] = "0123456789abcdef";
	const uint8_t *p = data;

	for (size_t i = 0; i < len; i++) {
		out[2 * i] = digits[p[i] >> 4];
		out[2 * i + 1] = digits[p[i] & 15];
	}
	out[2 * len] = '\0';
}

static int
hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

int
hex_decode(const char *s, void *out, size_t len)
{
	uint8_t *p = out;

	if (strlen(s) != 2 * len)
		return -1;
	for (size_t i = 0; i < len; i++) {
		int high = hex_digit(s[2 * i]), low = hex_digit(s[2 * i + 1]);

		if (high < 0 || low < 0)
			return -1;
		p[i] = (uint8_t)(high << 4 | low);
	}
	return 0;
}

static const char base64_digits[] =
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

char *
base64_encode(const void *data, size_t len)
{
	const uint8_t *p = data;
	char *out, *o;

	if (len > SIZE_MAX / 2)
		return NULL;
	o = out = malloc((len + 2) / 3 * 4 + 1);
	if (out == NULL)
		return NULL;
	for (size_t i = 0; i < len; i += 3) {
		uint32_t v = (uint32_t)p[i] << 16;

		if (i + 1 < len)
			v |= (uint32_t)p[i + 1] << 8;
		if (i + 2 < len)
			v |= p[i + 2];
		*o++ = base64_digits[v >> 18];
		*o++ = base64_digits[v >> 12 & 63];
		*o++ = i + 1 < len ? base64_digits[v >> 6 & 63] : '=';
		*o++ = i + 2 < len ? base64_digits[v & 63] : '=';
	}
	*o = '\0';
	return out;
}

static int
base64_value(char c)
{
	const char *p = c == '\0' ? NULL : strchr(base64_digits, c);

	return p == NULL ? -1 : (int)(p - base64_digits);
}

/* Decodes four characters, the last group's padding given; -1 if malformed. */
static int
base64_group(const char *s, int padding, uint8_t *out)
{
	uint32_t v = 0;

	for (int i = 0; i < 4; i++) {
		int d = i >= 4 - padding ? 0 : base64_value(s[i]);

		if (d < 0)
			return -1;
		v = v << 6 | (uint32_t)d;
	}
	/* Bits behind the last byte must be zero: one text per value. */
	if ((padding == 1 && (v & 0xff) != 0) ||
	    (padding == 2 && (v & 0xffff) != 0))
		return -1;
	out[0] = (uint8_t)(v >> 16);
	if (padding < 2)
		out[1] = (uint8_t)(v >> 8);
	if (padding < 1)
		out[2] = (uint8_t)v;
	return 0;
}

uint8_t *
base64_decode(const char *s, size_t *len)
{
	size_t n = strlen(s);
	uint8_t *out;
	int padding = 0;

	if (n % 4 != 0)
		return NULL;
	if (n > 0 && s[n - 1] == '=')
		padding = s[n - 2] == '=' ? 2 : 1;
	out = malloc(n / 4 * 3 + 1);
	if (out == NULL)
		return NULL;
	for (size_t i = 0; i < n; i += 4) {
		int pad = i + 4 == n ? padding : 0;

		if (base64_group(s + i, pad, out + i / 4 * 3) < 0) {
			free(out);
			return NULL;
		}
	}
	*len = n / 4 * 3 - (size_t)padding;
	return out;
}

void
rfc3339_format(time_t t, int millis, char out[RFC3339_SIZE])
{
	struct tm tm;
	size_t n;

	if (gmtime_r(&t, &tm) == NULL || tm.tm_year < -1900 ||
	    tm.tm_year > 9999 - 1900) {
		t = 0;
		gmtime_r(&t, &tm);
	}
	n = strftime(out, RFC3339_SIZE, "%Y-%m-%dT%H:%M:%S", &tm);
	if (millis >= 0)
		snprintf(out + n, RFC3339_SIZE - n, ".%03uZ",
		    (unsigned)millis % 1000);
	else
		snprintf(out + n, RFC3339_SIZE - n, "Z");
}

/* Exactly n digits at *s; moves *s behind them. */
static bool
digits_take(const char **s, int n, int *out)
{
	*out = 0;
	for (int i = 0; i < n; i++, (*s)++) {
		if (!isdigit((unsigned char)**s))
			return false;
		*out = *out * 10 + (**s - '0');
	}
	return true;
}

static bool
char_take(const char **s, const char *any)
{
	if (**s == '\0' || strchr(any, **s) == NULL)
		return false;
	(*s)++;
	return true;
}

static bool
fraction_take(const char **s, int *millis)
{
	int scale = 100;

	*millis = 0;
	if (!char_take(s, "."))
		return true;
	if (!isdigit((unsigned char)**s))
		return false;
	for (; isdigit((unsigned char)**s); (*s)++, scale /= 10)
		*millis += (**s - '0') * scale;
	return true;
}

static bool
offset_take(const char **s, int *seconds)
{
	int sign, hours, minutes;

	*seconds = 0;
	if (char_take(s, "Zz"))
		return true;
	sign = **s == '-' ? -1 : 1;
	if (!char_take(s, "+-") || !digits_take(s, 2, &hours) ||
	    !char_take(s, ":") || !digits_take(s, 2, &minutes) ||
	    hours > 23 || minutes > 59)
		return false;
	*seconds = sign * (hours * 3600 + minutes * 60);
	return true;
}

int
rfc3339_parse(const char *s, time_t *t, int *millis)
{
	struct tm tm = { 0 }, back;
	int fraction, offset;
	time_t utc;

	if (!digits_take(&s, 4, &tm.tm_year) || !char_take(&s, "-") ||
	    !digits_take(&s, 2, &tm.tm_mon) || !char_take(&s, "-") ||
	    !digits_take(&s, 2, &tm.tm_mday) || !char_take(&s, "Tt ") ||
	    !digits_take(&s, 2, &tm.tm_hour) || !char_take(&s, ":") ||
	    !digits_take(&s, 2, &tm.tm_min) || !char_take(&s, ":") ||
	    !digits_take(&s, 2, &tm.tm_sec) || !fraction_take(&s, &fraction) ||
	    !offset_take(&s, &offset) || *s != '\0')
		return -1;
	tm.tm_year -= 1900;
	tm.tm_mon -= 1;
	back = tm;
	utc = timegm(&back);
	/* timegm carries 31 February over; a date must stay what it was. */
	if (back.tm_mon != tm.tm_mon || back.tm_mday != tm.tm_mday ||
	    back.tm_hour != tm.tm_hour || back.tm_min != tm.tm_min)
		return -1;
	*t = utc - offset;
	if (millis != NULL)
		*millis = fraction;
	return 0;
}

int
int_parse(const char *s, int64_t min, int64_t max, int64_t *out)
{
	char *end;
	long long v;

	if (!isdigit((unsigned char)*s) && *s != '-')
		return -1;
	errno = 0;
	v = strtoll(s, &end, 10);
	if (errno != 0 || *end != '\0' || v < min || v > max)
		return -1;
	*out = v;
	return 0;
}

/* Length of the sequence that a lead byte opens, 0 if it opens none. */
static size_t
utf8_length(uint8_t lead)
{
	if (lead < 0x80)
		return 1;
	if (lead >= 0xc2 && lead <= 0xdf)
		return 2;
	if (lead >= 0xe0 && lead <= 0xef)
		return 3;
	if (lead >= 0xf0 && lead <= 0xf4)
		return 4;
	return 0;
}

/* The second byte excludes overlong forms, surrogates and > U+10FFFF. */
static bool
utf8_second(uint8_t lead, uint8_t second)
{
	uint8_t low = 0x80, high = 0xbf;

	if (lead == 0xe0)
		low = 0xa0;
	else if (lead == 0xed)
		high = 0x9f;
	else if (lead == 0xf0)
		low = 0x90;
	else if (lead == 0xf4)
		high = 0x8f;
	return second >= low && second <= high;
}

bool
utf8_valid(const char *s, size_t len)
{
	const uint8_t *p = (const uint8_t *)s;

	while (len > 0) {
		size_t n = utf8_length(p[0]);

		if (n == 0 || n > len || (n > 1 && !utf8_second(p[0], p[1])))
			return false;
		for (size_t i = 2; i < n; i++)
			if ((p[i] & 0xc0) != 0x80)
				return false;
		p += n;
		len -= n;
	}
	return true;
}

void
random_bytes(void *out, size_t len)
{
	uint8_t *p = out;

	while (len > 0) {
		ssize_t n = getrandom(p, len, 0);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			abort();
		p += n;
		len -= (size_t)n;
	}
}

void
random_base62(char *out, size_t len)
{
	static const char digits[] = "0123456789"
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
	uint8_t pool[32];	/* a request id is one call */
	size_t n = 0, left = 0;

	while (n < len) {
		if (left == 0) {
			random_bytes(pool, sizeof(pool));
			left = sizeof(pool);
		}
		left--;
		/* 248 = 4 * 62: above it some digits would come up more. */
		if (pool[left] < 248)
			out[n++] = digits[pool[left] % 62];
	}
	out[len] = '\0';
	explicit_bzero(pool, sizeof(pool));
}

bool
bytes_equal(const void *a, const void *b, size_t len)
{
	const volatile uint8_t *p = a, *q = b;
	uint8_t differ = 0;

	for (size_t i = 0; i < len; i++)
		differ |= p[i] ^ q[i];
	return differ == 0;
}

int64_t
wall_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

int
word_find(const char *const *words, int n, const char *word)
{
	for (int i = 0; i < n; i++)
		if (strcmp(words[i], word) == 0)
			return i;
	return -1;
}

int
word_read(const char *const *words, int n, const char *word)
{
	int i = word_find(words, n, word);

	return i < 0 ? 0 : i;
}

bool
text_begins(const char *s, const char *front)
{
	return strncmp(s, front, strlen(front)) == 0;
}

const char *
text_or_null(const char *s)
{
	return *s == '\0' ? NULL : s;
}
