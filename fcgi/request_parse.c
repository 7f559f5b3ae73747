/* SPDX-License-Identifier: ISC */
/*
 * request_parse: path, query, cookies and bearer out of the bytes a stranger
 * sent. What has two readings is refused, so that nginx, this program and the
 * authority can not disagree on what was asked.
 */
#include "fcgi/request.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "fcgi/app.h"

#define PREFIX "/api/v1/"

/* Decodes "%2f" at s into *out: 0 or -1. */
static int
percent_decode(const char *s, unsigned char *out)
{
	char digits[3];

	if (s[0] != '%' || s[1] == '\0' || s[2] == '\0')
		return -1;
	memcpy(digits, s + 1, 2);
	digits[2] = '\0';
	return hex_decode(digits, out, 1);
}

/* Bytes that mean something in a path, or nothing anywhere. */
static bool
path_byte_refused(unsigned char c)
{
	return c < ' ' || c == 0x7f || c == '/' || c == '\\' || c == '%';
}

/* Decodes one segment (up to "/" or len) in place: its length, or -1. */
static ssize_t
segment_decode(const char *s, size_t len, char *out)
{
	size_t i, n = 0;
	unsigned char c;

	for (i = 0; i < len; i++) {
		c = (unsigned char)s[i];
		if (c == '%') {
			if (len - i < 3 || percent_decode(s + i, &c) < 0)
				return -1;
			i += 2;
		}
		if (path_byte_refused(c))
			return -1;
		out[n++] = (char)c;
	}
	out[n] = '\0';
	if (n > REQUEST_SEGMENT_MAX || strcmp(out, ".") == 0 ||
	    strcmp(out, "..") == 0 || !utf8_valid(out, n))
		return -1;
	return (ssize_t)n;
}

static int
path_fault(struct fault *f)
{
	return fault_set(f, ERR_BAD_REQUEST,
	    "The path is not in its plain form.");
}

int
request_parse_path(struct request *r, const char *uri, const char **query,
	struct fault *f)
{
	const char *end = uri + strcspn(uri, "?#"), *s, *slash;
	char *out = r->path;
	ssize_t n;

	*query = *end == '?' ? end + 1 : NULL;
	r->nsegments = 0;
	if (*end == '#' || end - uri > REQUEST_PATH_MAX)
		return path_fault(f);
	if (strncmp(uri, PREFIX, strlen(PREFIX)) != 0)
		return fault_set(f, ERR_NOT_FOUND, "There is nothing here.");
	for (s = uri + strlen(PREFIX); ; s = slash + 1) {
		slash = memchr(s, '/', (size_t)(end - s));
		n = segment_decode(s,
		    (size_t)((slash == NULL ? end : slash) - s), out);
		if (n < 0 || (n == 0 && slash != NULL))
			return path_fault(f);
		if (n == 0 || r->nsegments == REQUEST_SEGMENTS_MAX)
			return fault_set(f, ERR_NOT_FOUND,
			    "There is nothing here.");
		r->segments[r->nsegments++] = out;
		out += n + 1;
		if (slash == NULL)
			return 0;
	}
}

/* Decodes a key or a value in place: 0 or -1. */
static int
query_decode(char *s)
{
	unsigned char c;
	char *out = s, *begin = s;

	while (*s != '\0') {
		c = (unsigned char)*s;
		if (c == '%') {
			if (percent_decode(s, &c) < 0 || c == '\0')
				return -1;
			s += 2;
		} else if (c == '+') {
			c = ' ';
		}
		*out++ = (char)c;
		s++;
	}
	*out = '\0';
	return utf8_valid(begin, (size_t)(out - begin)) ? 0 : -1;
}

static size_t
query_count(const char *query)
{
	size_t n = 1;

	for (; *query != '\0'; query++)
		n += *query == '&';
	return n;
}

int
request_parse_query(struct request *r, const char *query, struct fault *f)
{
	char *next, *pair, *value;
	size_t n;

	if (query == NULL || *query == '\0')
		return 0;
	n = query_count(query);
	if (strlen(query) > REQUEST_QUERY_MAX || n > REQUEST_QUERY_KEYS_MAX)
		return fault_set(f, ERR_BAD_REQUEST, "The query is too long.");
	r->query_text = strdup(query);
	r->query = calloc(n, sizeof(*r->query));
	if (r->query_text == NULL || r->query == NULL)
		return fault_set(f, ERR_NO_MEMORY, "Out of memory.");
	next = r->query_text;
	while ((pair = strsep(&next, "&")) != NULL) {
		if (*pair == '\0')
			continue;
		value = strchr(pair, '=');
		if (value != NULL)
			*value++ = '\0';
		else
			value = pair + strlen(pair);
		if (query_decode(pair) < 0 || query_decode(value) < 0)
			return fault_set(f, ERR_BAD_REQUEST,
			    "The query is not well encoded.");
		r->query[r->nquery++] = (struct query_pair){ pair, value };
	}
	return 0;
}

/* The alphabet of our JWTs, refresh values and tokens. */
static bool
credential_valid(const char *s)
{
	size_t len = strspn(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "abcdefghijklmnopqrstuvwxyz0123456789._-");

	return len > 0 && len <= REQUEST_CREDENTIAL_MAX && s[len] == '\0';
}

/* Takes the value of one of our cookies: 0 or an err. */
static int
cookie_take(const char **slot, const char *value, struct fault *f)
{
	if (*value == '\0')
		return 0;
	if (*slot != NULL)
		return fault_set(f, ERR_BAD_REQUEST, "A cookie came twice.");
	if (!credential_valid(value))
		return fault_set(f, ERR_BAD_REQUEST, "A cookie is malformed.");
	*slot = value;
	return 0;
}

/*
 * Cookies of others on the same host (any port of it) may be anything and are
 * passed over.
 */
int
request_parse_cookies(struct request *r, const char *header, struct fault *f)
{
	char *next, *pair, *value;
	int err = 0;

	if (header == NULL)
		return 0;
	r->cookie_text = strdup(header);
	if (r->cookie_text == NULL)
		return fault_set(f, ERR_NO_MEMORY, "Out of memory.");
	next = r->cookie_text;
	while (err == 0 && (pair = strsep(&next, ";")) != NULL) {
		pair += strspn(pair, " ");
		value = strchr(pair, '=');
		if (value == NULL)
			continue;
		*value++ = '\0';
		if (strcmp(pair, r->app->session_cookie) == 0)
			err = cookie_take(&r->who.cookie, value, f);
		else if (strcmp(pair, r->app->refresh_cookie) == 0)
			err = cookie_take(&r->refresh, value, f);
		else if (strcmp(pair, r->app->device_cookie) == 0)
			err = cookie_take(&r->who.device, value, f);
	}
	return err;
}

/* Other schemes are not for us: nginx may ask for a password of its own. */
int
request_parse_authorization(struct request *r, const char *header,
	struct fault *f)
{
	if (header == NULL || strncasecmp(header, "Bearer", 6) != 0 ||
	    (header[6] != ' ' && header[6] != '\0'))
		return 0;
	if (r->who.cookie != NULL)
		return fault_set(f, ERR_TWO_CREDENTIALS,
		    "Send the session cookie or a token, not both.");
	header += 6;
	header += strspn(header, " ");
	if (!credential_valid(header))
		return fault_set(f, ERR_UNAUTHENTICATED,
		    "The bearer token is malformed.");
	/* What deployments act with never comes from outside. */
	if (strncmp(header, AUTH_GRANT_PREFIX,
	    strlen(AUTH_GRANT_PREFIX)) == 0)
		return fault_set(f, ERR_UNAUTHENTICATED, "A deployment's "
		    "grant is not for HTTP; make a token for scripts.");
	r->who.bearer = header;
	return 0;
}

void
request_parse_media(const char *header, char *out, size_t size)
{
	size_t len = strcspn(header, "; \t"), i;

	out[0] = '\0';
	if (len >= size)
		return;
	for (i = 0; i < len; i++) {
		if (!isalnum((unsigned char)header[i]) &&
		    strchr("/.+-_", header[i]) == NULL)
			break;
		out[i] = (char)tolower((unsigned char)header[i]);
	}
	out[i == len ? len : 0] = '\0';
}
