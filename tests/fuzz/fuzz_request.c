/* SPDX-License-Identifier: ISC */
/*
 * request_parse_*: the input is a path with its query, a Cookie and an
 * Authorization header, a line each. What is taken keeps its promises: nothing
 * in a path that means something to a file system, only UTF-8, credentials of
 * one alphabet, never two of them.
 */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "fcgi/app.h"
#include "fcgi/request.h"
#include "tests/fuzz/fuzz.h"

static void
check_path(const struct request *r)
{
	size_t i, len;

	for (i = 0; i < r->nsegments; i++) {
		len = strlen(r->segments[i]);
		if (len == 0 || len > REQUEST_SEGMENT_MAX ||
		    strpbrk(r->segments[i], "/\\%") != NULL ||
		    strcmp(r->segments[i], "..") == 0 ||
		    !utf8_valid(r->segments[i], len))
			abort();
	}
}

static void
check_query(const struct request *r)
{
	size_t i;

	for (i = 0; i < r->nquery; i++)
		if (!utf8_valid(r->query[i].key, strlen(r->query[i].key)) ||
		    !utf8_valid(r->query[i].value,
		    strlen(r->query[i].value)) ||
		    request_query(r, r->query[i].key) == NULL)
			abort();
}

static void
check_credential(const char *s)
{
	if (s != NULL && (*s == '\0' || strpbrk(s, " ;,\"\\\r\n") != NULL))
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct app app = { .session_cookie = "mollymawk",
		.refresh_cookie = "mollymawk-refresh",
		.device_cookie = "mollymawk-device" };
	struct request r = { .app = &app };
	struct fault f = { 0 };
	const char *uri, *query = NULL, *header;
	char media[64], *text, *next;

	text = malloc(size + 1);
	if (text == NULL)
		return 0;
	memcpy(text, data, size);
	text[size] = '\0';
	next = text;
	uri = strsep(&next, "\n");
	if (request_parse_path(&r, uri, &query, &f) == 0)
		check_path(&r);
	if (request_parse_query(&r, query, &f) == 0)
		check_query(&r);
	header = strsep(&next, "\n");
	(void)request_parse_cookies(&r, header, &f);
	header = strsep(&next, "\n");
	(void)request_parse_authorization(&r, header, &f);
	check_credential(r.who.cookie);
	check_credential(r.who.bearer);
	check_credential(r.refresh);
	if (r.who.cookie != NULL && r.who.bearer != NULL)
		abort();
	if (header != NULL)
		request_parse_media(header, media, sizeof(media));
	request_free(&r);
	free(text);
	return 0;
}
