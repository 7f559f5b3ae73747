/* SPDX-License-Identifier: ISC */
/*
 * health_probe_http: a GET by libcurl, to the numeric address and nowhere
 * else. A redirect is followed by hand: its path is asked for at the same
 * place, or it is not followed.
 */
#include "config.h"	/* for memmem */

#include "fcgi/health_probe.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "fcgi/curl.h"

#define BODY_MAX (256 * 1024)
#define REDIRECTS_MAX 3
#define URL_SIZE (ADDRESS_PLACE_SIZE + HEALTH_PATH_MAX + 16)

struct attempt {
	const struct probe *probe;
	CURL *curl;
	char url[URL_SIZE];
	char *body;		/* its first BODY_MAX bytes at most */
	size_t len;
	bool found;		/* the substring is there */
	bool enough;		/* what comes now does not matter */
};

static long
status_of(const struct attempt *a)
{
	long status = 0;

	curl_easy_getinfo(a->curl, CURLINFO_RESPONSE_CODE, &status);
	return status;
}

static bool
status_fine(const struct health_check *c, long status)
{
	for (size_t i = 0; i < c->nstatus; i++)
		if (c->status[i] == status)
			return true;
	return false;
}

/* Whether the substring ends within the len bytes that came last. */
static bool
body_holds(const struct attempt *a, size_t len)
{
	const char *want = a->probe->check->body;
	size_t size = strlen(want), from = a->len - len;

	from = from > size ? from - size : 0;
	return memmem(a->body + from, a->len - from, want, size) != NULL;
}

/* libcurl has bytes of the body; another count than len ends it. */
static size_t
body_take(char *data, size_t one, size_t len, void *arg)
{
	struct attempt *a = arg;
	const struct health_check *c = a->probe->check;
	size_t room = BODY_MAX - a->len;

	if (c->body[0] == '\0' || !status_fine(c, status_of(a))) {
		a->enough = true;
		return 0;
	}
	room = len < room ? len : room;
	memcpy(a->body + a->len, data, room);
	a->len += room;
	a->found = body_holds(a, room);
	a->enough = a->found || a->len == BODY_MAX;
	return a->enough ? 0 : len;
}

/* Called by libcurl every now and then; not 0 ends it. */
static int
goes_on(void *arg, curl_off_t total, curl_off_t now, curl_off_t up_total,
	curl_off_t up_now)
{
	const struct attempt *a = arg;

	return probe_left(a->probe) == 0;
}

/* The address is numeric, so nothing is resolved; and nothing is kept. */
static bool
options_set(struct attempt *a, struct curl_slist *headers)
{
	CURL *c = a->curl;

	return curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "http") == 0 &&
	    curl_easy_setopt(c, CURLOPT_PROXY, "") == 0 &&
	    curl_easy_setopt(c, CURLOPT_NOPROXY, "*") == 0 &&
	    curl_easy_setopt(c, CURLOPT_FOLLOWLOCATION, 0L) == 0 &&
	    curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L) == 0 &&
	    curl_easy_setopt(c, CURLOPT_PATH_AS_IS, 1L) == 0 &&
	    curl_easy_setopt(c, CURLOPT_FRESH_CONNECT, 1L) == 0 &&
	    curl_easy_setopt(c, CURLOPT_FORBID_REUSE, 1L) == 0 &&
	    curl_easy_setopt(c, CURLOPT_HTTP_VERSION,
		(long)CURL_HTTP_VERSION_1_1) == 0 &&
	    curl_easy_setopt(c, CURLOPT_USERAGENT, "mollymawk") == 0 &&
	    curl_easy_setopt(c, CURLOPT_HTTPHEADER, headers) == 0 &&
	    curl_easy_setopt(c, CURLOPT_NOPROGRESS, 0L) == 0 &&
	    curl_easy_setopt(c, CURLOPT_XFERINFOFUNCTION, goes_on) == 0 &&
	    curl_easy_setopt(c, CURLOPT_XFERINFODATA, a) == 0 &&
	    curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, body_take) == 0 &&
	    curl_easy_setopt(c, CURLOPT_WRITEDATA, a) == 0;
}

/* "Host: NAME" as a browser sends it; owned, NULL: memory. */
static struct curl_slist *
headers_make(const struct health_check *c)
{
	char line[HEALTH_NAME_MAX + 32];

	if (c->host[0] == '\0')
		return curl_slist_append(NULL, "Accept: */*");
	snprintf(line, sizeof(line), c->port == 80 ? "Host: %s" :
	    "Host: %s:%d", c->host, c->port);
	return curl_slist_append(NULL, line);
}

static int
broken(const struct attempt *a, CURLcode code, struct fault *f)
{
	const struct probe *p = a->probe;
	long error = 0;

	switch (code) {
	case CURLE_OPERATION_TIMEDOUT:
	case CURLE_ABORTED_BY_CALLBACK:
		return probe_late(p, f);
	case CURLE_COULDNT_CONNECT:
		curl_easy_getinfo(a->curl, CURLINFO_OS_ERRNO, &error);
		return probe_unreachable(p, (int)error, f);
	case CURLE_GOT_NOTHING:
	case CURLE_RECV_ERROR:
	case CURLE_SEND_ERROR:
	case CURLE_PARTIAL_FILE:
		return fault_set(f, ERR_HEALTH,
		    "%s closed the connection before it had answered.",
		    p->place);
	case CURLE_OUT_OF_MEMORY:
		return fault_set(f, ERR_NO_MEMORY, "Out of memory.");
	default:
		return fault_set(f, ERR_HEALTH,
		    "What %s answered is not HTTP.", p->place);
	}
}

/* One request and its answer: 0 with *status, or an err. */
static int
ask(struct attempt *a, long *status, struct fault *f)
{
	int left = probe_left(a->probe);
	CURLcode code;

	if (left == 0)
		return probe_late(a->probe, f);
	a->len = 0;
	a->found = a->enough = false;
	if (curl_easy_setopt(a->curl, CURLOPT_URL, a->url) != 0 ||
	    curl_easy_setopt(a->curl, CURLOPT_TIMEOUT_MS, (long)left) != 0)
		return fault_set(f, ERR_NO_MEMORY, "Out of memory.");
	code = curl_easy_perform(a->curl);
	if (code != CURLE_OK && !(code == CURLE_WRITE_ERROR && a->enough))
		return broken(a, code, f);
	*status = status_of(a);
	return 0;
}

/* Whether a part of url is want, in any case. */
static bool
part_is(CURLU *url, CURLUPart part, unsigned flags, const char *want)
{
	AUTO_CURL_FREE char *have = NULL;

	return curl_url_get(url, part, &have, flags) == 0 &&
		strcasecmp(have, want) == 0;
}

static bool
same_place(const struct probe *p, CURLU *url)
{
	char text[ADDRESS_TEXT_SIZE], host[ADDRESS_TEXT_SIZE + 2], port[12];

	address_format(&p->address, text);
	snprintf(host, sizeof(host), p->address.family == AF_INET ? "%s" :
	    "[%s]", text);
	snprintf(port, sizeof(port), "%d", p->check->port);
	return part_is(url, CURLUPART_SCHEME, 0, "http") &&
		part_is(url, CURLUPART_PORT, CURLU_DEFAULT_PORT, port) &&
		(part_is(url, CURLUPART_HOST, 0, host) ||
		part_is(url, CURLUPART_HOST, 0, p->check->host));
}

/* Path and query of url into the next request; false: too long. */
static bool
url_follow(struct attempt *a, CURLU *url)
{
	AUTO_CURL_FREE char *path = NULL, *query = NULL;
	int len;

	if (curl_url_get(url, CURLUPART_PATH, &path, 0) != 0)
		return false;
	(void)curl_url_get(url, CURLUPART_QUERY, &query, 0);
	len = snprintf(a->url, sizeof(a->url), "http://%s%s%s%s",
	    a->probe->place, path, query == NULL ? "" : "?",
	    query == NULL ? "" : query);
	return len > 0 && (size_t)len < sizeof(a->url);
}

/* The place of a redirect becomes the next request: 0, or ERR_HEALTH. */
static int
redirect(struct attempt *a, struct fault *f)
{
	AUTO_CURLU CURLU *url = curl_url();
	struct curl_header *to;

	if (url == NULL || curl_url_set(url, CURLUPART_URL, a->url, 0) != 0)
		return fault_set(f, ERR_NO_MEMORY, "Out of memory.");
	/* What is relative is put onto what was asked for. */
	if (curl_easy_header(a->curl, "Location", 0, CURLH_HEADER, -1,
	    &to) != 0 || curl_url_set(url, CURLUPART_URL, to->value, 0) != 0 ||
	    !same_place(a->probe, url) || !url_follow(a, url))
		return fault_set(f, ERR_HEALTH, "%s redirects to another "
		    "place, which is not followed.", a->probe->place);
	return 0;
}

static int
judge(const struct attempt *a, long status, struct fault *f)
{
	const struct health_check *c = a->probe->check;

	if (!status_fine(c, status))
		return fault_set(f, ERR_HEALTH, "%s answered %ld, not %d%s.",
		    a->probe->place, status, c->status[0],
		    c->nstatus > 1 ? " or another that was wanted" : "");
	if (c->body[0] != '\0' && !a->found)
		return fault_set(f, ERR_HEALTH, "%s answered %ld, but without "
		    "\"%s\" in the first %d KiB.", a->probe->place, status,
		    c->body, BODY_MAX / 1024);
	return 0;
}

static bool
goes_elsewhere(const struct health_check *c, long status)
{
	return c->redirects && status >= 300 && status < 400 &&
		status != 304 && !status_fine(c, status);
}

static int
attempt(struct attempt *a, struct fault *f)
{
	const struct probe *p = a->probe;
	long status = 0;
	int err;

	snprintf(a->url, sizeof(a->url), "http://%s%s", p->place,
	    p->check->path);
	for (int n = 0; n <= REDIRECTS_MAX; n++) {
		err = ask(a, &status, f);
		if (err != 0)
			return err;
		if (!goes_elsewhere(p->check, status))
			return judge(a, status, f);
		err = redirect(a, f);
		if (err != 0)
			return err;
	}
	return fault_set(f, ERR_HEALTH, "%s redirected more than %d times.",
	    p->place, REDIRECTS_MAX);
}

int
probe_http(const struct probe *p, struct fault *f)
{
	AUTO_CURL CURL *curl = curl_easy_init();
	AUTO_SLIST struct curl_slist *headers = headers_make(p->check);
	AUTO_FREE char *body = malloc(BODY_MAX);
	struct attempt a = { .probe = p, .curl = curl, .body = body };

	if (curl == NULL || headers == NULL || body == NULL ||
	    !options_set(&a, headers))
		return fault_set(f, ERR_NO_MEMORY, "Out of memory.");
	return attempt(&a, f);
}
