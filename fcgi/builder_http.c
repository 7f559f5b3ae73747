/* SPDX-License-Identifier: ISC */
/* builder_http: one GET at a builder; see builder_http.h. */
#include "config.h"	/* for asprintf */

#include "fcgi/builder_http.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "fcgi/clean.h"
#include "fcgi/curl.h"
#include "fcgi/flight.h"
#include "fcgi/web_url.h"

#define REDIRECTS_MAX 5
#define CONNECT_S 10L
#define SLOW_BYTES 1024L	/* fewer bytes a second, */
#define SLOW_S 30L		/* for so long, and it is over */
#define ATTEMPTS 2

struct get {
	const struct builder_ask *ask;
	struct builder_answer *answer;
	CURL *curl;
	bool json;
	int (*sink)(void *arg, const void *data, size_t len);
	void *arg;
	int result;		/* of the sink */
	bool took;		/* the sink has got something */
	bool wrong_type;	/* 200, but no JSON where it is due */
	bool redirected;
	int64_t deadline;	/* flight_now: of all attempts and redirects */
};

/* ---- which addresses ---- */

static bool
url_has(CURLU *url, CURLUPart part)
{
	AUTO_CURL_FREE char *text = NULL;

	return curl_url_get(url, part, &text, 0) == 0;
}

const char *
builder_url_check(const char *text)
{
	AUTO_CURLU CURLU *url = curl_url();
	const char *why = web_url_check(text);

	if (why != NULL)
		return why;
	if (url == NULL || curl_url_set(url, CURLUPART_URL, text, 0) != 0 ||
	    url_has(url, CURLUPART_QUERY))
		return "must have no ?";
	return NULL;
}

const char *
builder_host_check(const char *host)
{
	size_t len = strspn(host, "abcdefghijklmnopqrstuvwxyz"
		"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-");

	return len > 0 && host[len] == '\0' ? NULL :
		"must be the name of a host, without scheme and port";
}

/* The same part, in any case, of both. */
static bool
part_same(CURLU *a, CURLU *b, CURLUPart part)
{
	AUTO_CURL_FREE char *x = NULL, *y = NULL;

	return curl_url_get(a, part, &x, CURLU_DEFAULT_PORT) == 0 &&
		curl_url_get(b, part, &y, CURLU_DEFAULT_PORT) == 0 &&
		strcasecmp(x, y) == 0;
}

static bool
host_allowed(const struct builder *b, CURLU *url)
{
	AUTO_CURL_FREE char *scheme = NULL, *host = NULL, *port = NULL;

	if (curl_url_get(url, CURLUPART_SCHEME, &scheme, 0) != 0 ||
	    curl_url_get(url, CURLUPART_HOST, &host, 0) != 0 ||
	    curl_url_get(url, CURLUPART_PORT, &port, CURLU_DEFAULT_PORT) != 0 ||
	    strcmp(scheme, "https") != 0 || strcmp(port, "443") != 0)
		return false;
	for (size_t i = 0; i < b->nhosts; i++)
		if (strcasecmp(b->hosts[i], host) == 0)
			return true;
	return false;
}

/* May the builder send us to url? */
static bool
redirect_allowed(const struct builder *b, CURLU *url)
{
	AUTO_CURLU CURLU *own = curl_url();

	if (own == NULL || curl_url_set(own, CURLUPART_URL, b->url, 0) != 0)
		return false;
	return (part_same(own, url, CURLUPART_SCHEME) &&
		part_same(own, url, CURLUPART_HOST) &&
		part_same(own, url, CURLUPART_PORT)) ||
		host_allowed(b, url);
}

/* ---- what comes ---- */

static long
status_of(CURL *curl)
{
	long status = 0;

	curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
	return status;
}

/* application/json, whatever parameters it has. */
static bool
is_json(CURL *curl)
{
	const char *type = NULL;
	size_t len;

	curl_easy_getinfo(curl, CURLINFO_CONTENT_TYPE, &type);
	if (type == NULL)
		return false;
	len = strcspn(type, "; \t");
	return len == strlen("application/json") &&
		strncasecmp(type, "application/json", len) == 0;
}

/* Pages of errors and redirects are not for the sink. */
static size_t
body_take(char *data, size_t one, size_t len, void *arg)
{
	struct get *g = arg;

	if (status_of(g->curl) != 200)
		return len;
	if (g->json && !is_json(g->curl)) {
		g->wrong_type = true;
		return 0;
	}
	g->took = true;
	g->result = g->sink(g->arg, data, len);
	return g->result == 0 ? len : 0;
}

/* ---- asking ---- */

static bool
options_set(struct get *g, struct curl_slist *headers)
{
	CURL *c = g->curl;

	return curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "http,https") == 0 &&
	    curl_easy_setopt(c, CURLOPT_FOLLOWLOCATION, 0L) == 0 &&
	    curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L) == 0 &&
	    curl_easy_setopt(c, CURLOPT_PATH_AS_IS, 1L) == 0 &&
	    curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT, CONNECT_S) == 0 &&
	    curl_easy_setopt(c, CURLOPT_LOW_SPEED_LIMIT, SLOW_BYTES) == 0 &&
	    curl_easy_setopt(c, CURLOPT_LOW_SPEED_TIME, SLOW_S) == 0 &&
	    curl_easy_setopt(c, CURLOPT_USERAGENT, "mollymawk") == 0 &&
	    curl_easy_setopt(c, CURLOPT_HTTPHEADER, headers) == 0 &&
	    curl_ends_with(c, g->ask->stopping) &&
	    curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, body_take) == 0 &&
	    curl_easy_setopt(c, CURLOPT_WRITEDATA, g) == 0;
}

/* Owned; NULL: out of memory. */
static struct curl_slist *
headers_make(const struct get *g)
{
	char line[BUILDER_ETAG_MAX + 32];
	struct curl_slist *list = curl_slist_append(NULL, g->json ?
		"Accept: application/json" : "Accept: */*"), *more;

	if (list == NULL || g->ask->etag == NULL || g->ask->etag[0] == '\0')
		return list;
	snprintf(line, sizeof(line), "If-None-Match: %s", g->ask->etag);
	more = curl_slist_append(list, line);
	if (more == NULL)
		curl_slist_free_all(list);
	return more;
}

static int
broken(struct get *g, CURLcode code, struct fault *f)
{
	const char *name = g->ask->builder->name;

	if (g->result != 0)
		return g->result;
	g->answer->unreached = code != CURLE_WRITE_ERROR;
	switch (code) {
	case CURLE_WRITE_ERROR:
		return fault_set(f, ERR_BUILDER, "%s answered with a page "
		    "where JSON was due.", name);
	case CURLE_OUT_OF_MEMORY:
		return fault_set(f, ERR_NO_MEMORY, "Out of memory.");
	case CURLE_OPERATION_TIMEDOUT:
		return fault_set(f, ERR_BUILDER, "%s did not answer in time.",
		    name);
	case CURLE_ABORTED_BY_CALLBACK:
		return fault_set(f, ERR_BUSY, "The service is ending.");
	case CURLE_PARTIAL_FILE:
	case CURLE_RECV_ERROR:
	case CURLE_GOT_NOTHING:
		return fault_set(f, ERR_BUILDER, "%s broke off its answer.",
		    name);
	default:
		return fault_set(f, ERR_BUILDER, "%s can not be asked: %s.",
		    name, curl_easy_strerror(code));
	}
}

/* Where a redirect leads to, if it may: 0 with url set to it. */
static int
redirect(struct get *g, char **next, struct fault *f)
{
	AUTO_CURLU CURLU *url = curl_url();
	const char *to = NULL;

	curl_easy_getinfo(g->curl, CURLINFO_REDIRECT_URL, &to);
	if (url == NULL || to == NULL ||
	    curl_url_set(url, CURLUPART_URL, to, 0) != 0 ||
	    !redirect_allowed(g->ask->builder, url))
		return fault_set(f, ERR_BUILDER, "%s redirects to another "
		    "place, which is not allowed.", g->ask->builder->name);
	free(*next);
	g->redirected = true;
	*next = strdup(to);
	return *next != NULL ? 0 : fault_set(f, ERR_NO_MEMORY,
	    "Out of memory.");
}

/* The ETag and the path of what came. */
static void
answer_fill(struct get *g, const char *url)
{
	AUTO_CURLU CURLU *parts = curl_url();
	AUTO_CURL_FREE char *path = NULL;
	struct curl_header *etag;

	if (curl_easy_header(g->curl, "ETag", 0, CURLH_HEADER, -1,
	    &etag) == 0 && strlen(etag->value) <= BUILDER_ETAG_MAX)
		snprintf(g->answer->etag, sizeof(g->answer->etag), "%s",
		    etag->value);
	if (parts != NULL && curl_url_set(parts, CURLUPART_URL, url, 0) == 0 &&
	    curl_url_get(parts, CURLUPART_PATH, &path, 0) == 0)
		snprintf(g->answer->path, sizeof(g->answer->path), "%s", path);
}

static int
status_fault(const struct get *g, long status, struct fault *f)
{
	const char *name = g->ask->builder->name;

	if (status == 404 && g->redirected)
		return fault_set(f, ERR_BUILDER, "%s leads to what is not "
		    "there.", name);
	if (status == 404)
		return fault_set(f, ERR_NOT_FOUND, "%s does not have it.",
		    name);
	return fault_set(f, ERR_BUILDER, "%s answered with the status %ld.",
	    name, status);
}

static bool
is_redirect(long status)
{
	return status == 301 || status == 302 || status == 303 ||
		status == 307 || status == 308;
}

/* From url on to the end of the redirects: 0 with what came at the sink. */
static int
follow(struct get *g, char **url, long *status, struct fault *f)
{
	CURLcode code;
	int err = 0;

	for (int n = 0; n <= REDIRECTS_MAX; n++) {
		int64_t left = g->deadline - flight_now();

		if (left <= 0)
			return broken(g, CURLE_OPERATION_TIMEDOUT, f);
		if (curl_easy_setopt(g->curl, CURLOPT_URL, *url) != 0 ||
		    curl_easy_setopt(g->curl, CURLOPT_TIMEOUT_MS,
		    (long)left) != 0)
			return fault_set(f, ERR_NO_MEMORY, "Out of memory.");
		code = curl_easy_perform(g->curl);
		*status = status_of(g->curl);
		if (code != CURLE_OK)
			return broken(g, code, f);
		if (!is_redirect(*status))
			return 0;
		err = redirect(g, url, f);
		if (err != 0)
			return err;
	}
	return fault_set(f, ERR_BUILDER, "%s redirected more than %d times.",
	    g->ask->builder->name, REDIRECTS_MAX);
}

static int
attempt(struct get *g, long *status, struct fault *f)
{
	AUTO_CURL CURL *curl = curl_easy_init();
	AUTO_SLIST struct curl_slist *headers = headers_make(g);
	AUTO_FREE char *url = NULL;
	int err;

	*status = 0;
	g->curl = curl;
	g->wrong_type = g->redirected = false;
	if (asprintf(&url, "%s%s", g->ask->builder->url, g->ask->path) < 0)
		url = NULL;
	if (curl == NULL || headers == NULL || url == NULL ||
	    !options_set(g, headers))
		return fault_set(f, ERR_NO_MEMORY, "Out of memory.");
	err = follow(g, &url, status, f);
	if (err != 0)
		return err;
	if (*status == 304) {
		g->answer->unchanged = true;
		return 0;
	}
	if (*status != 200)
		return status_fault(g, *status, f);
	if (g->json && !is_json(curl))
		return fault_set(f, ERR_BUILDER, "%s answered with a page "
		    "where JSON was due.", g->ask->builder->name);
	answer_fill(g, url);
	return 0;
}

/* Worth another attempt: nothing was taken, and it may pass. */
static bool
may_pass(const struct get *g, int err, long status)
{
	return err == ERR_BUILDER && !g->took && !g->wrong_type &&
		(status == 0 || (status >= 502 && status <= 504));
}

static int
get(struct get *g, struct fault *f)
{
	long status;
	int err = 0;

	g->deadline = flight_now() + g->ask->seconds * INT64_C(1000);
	for (int i = 0; i < ATTEMPTS; i++) {
		*f = (struct fault){ 0 };
		*g->answer = (struct builder_answer){ 0 };
		err = attempt(g, &status, f);
		if (err == 0 || !may_pass(g, err, status))
			break;
	}
	return err;
}

int
builder_get_file(const struct builder_ask *ask,
	int (*sink)(void *arg, const void *data, size_t len), void *arg,
	struct builder_answer *answer, struct fault *f)
{
	struct get g = { .ask = ask, .answer = answer, .sink = sink,
		.arg = arg };

	return get(&g, f);
}

static int
json_take(void *arg, const void *data, size_t len)
{
	struct buf *b = arg;

	buf_put(b, data, len);
	return buf_ok(b) ? 0 : ERR_TOO_LARGE;
}

static int
json_make(const struct builder *b, struct buf *body, struct json_object **out,
	struct fault *f)
{
	struct fault wrong = { 0 };
	struct buf text;

	/* Names and differences may be of any bytes. */
	buf_init(&text, 3 * (size_t)BUILDER_JSON_MAX);
	clean_put_utf8(&text, body->len == 0 ? "" : (const char *)body->data,
	    body->len);
	*out = buf_ok(&text) && text.len > 0 ? json_parse(
	    (const char *)text.data, text.len, &wrong) : NULL;
	buf_free(&text);
	if (*out != NULL)
		return 0;
	return wrong.err == ERR_NO_MEMORY ? fault_set(f, ERR_NO_MEMORY,
	    "Out of memory.") : fault_set(f, ERR_BUILDER, "%s answered with "
	    "JSON that can not be read. %s", b->name, wrong.detail);
}

int
builder_get_json(const struct builder_ask *ask, struct json_object **out,
	struct builder_answer *answer, struct fault *f)
{
	struct buf body;
	struct get g = { .ask = ask, .answer = answer, .json = true,
		.sink = json_take, .arg = &body };
	int err;

	*out = NULL;
	buf_init(&body, BUILDER_JSON_MAX);
	err = get(&g, f);
	if (err == ERR_TOO_LARGE)
		err = fault_set(f, ERR_BUILDER, "%s answered with more than "
		    "%d MiB.", ask->builder->name,
		    BUILDER_JSON_MAX / 1024 / 1024);
	if (err == 0 && !answer->unchanged)
		err = json_make(ask->builder, &body, out, f);
	buf_free(&body);
	return err;
}
