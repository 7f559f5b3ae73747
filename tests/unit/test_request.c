/* SPDX-License-Identifier: ISC */
/* request: what is taken apart, and what is refused on the way. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "fcgi/app.h"
#include "fcgi/request.h"
#include "tests/unit/fcgi_peer.h"

static struct app app = {
	.origin = "https://m.example",
	.secure = true,
	.session_cookie = "__Host-mollymawk",
	.refresh_cookie = "__Secure-mollymawk-refresh",
	.device_cookie = "__Secure-mollymawk-device",
};

/* Segments joined by "|", or the code of what was wrong. */
static void
path_is(const char *uri, const char *want)
{
	struct request r = { .app = &app };
	struct fault f = { 0 };
	const char *query;
	struct buf got;
	int err = request_parse_path(&r, uri, &query, &f);

	buf_init(&got, 4096);
	for (size_t i = 0; err == 0 && i < r.nsegments; i++)
		buf_putf(&got, "%s%s", i > 0 ? "|" : "", r.segments[i]);
	assert_string_equal(err == 0 ? buf_str(&got) : err_code(err), want);
	assert_int_equal(err, f.err);
	buf_free(&got);
}

static void
path_plain(void **state)
{
	path_is("/api/v1/session", "session");
	path_is("/api/v1/unikernels/i1/ada/hello", "unikernels|i1|ada|hello");
	path_is("/api/v1/images/a?x=/..", "images|a");
	path_is("/api/v1/a%62c/x%2ey", "abc|x.y");
	path_is("/api/v1/%C3%A9", "\xc3\xa9");
}

static void
path_unknown(void **state)
{
	path_is("/", "not-found");
	path_is("/api/v1", "not-found");
	path_is("/api/v1/", "not-found");
	path_is("/api/v2/session", "not-found");
	path_is("/api/v1/session/", "not-found");
	path_is("/api/v1/1/2/3/4/5/6/7/8/9", "not-found");
	path_is("", "not-found");
}

static void
path_refused(void **state)
{
	static const char *const bad[] = {
		"/api/v1//session", "/api/v1/a//b", "/api/v1/../session",
		"/api/v1/a/..", "/api/v1/./a", "/api/v1/%2e%2e/a",
		"/api/v1/a%2fb", "/api/v1/a%2Fb", "/api/v1/a%00",
		"/api/v1/a%5cb", "/api/v1/a\\b", "/api/v1/a%252fb",
		"/api/v1/a%", "/api/v1/a%4", "/api/v1/a%zz", "/api/v1/a%0a",
		"/api/v1/a#b", "/api/v1/%ff", "/api/v1/%c0%af",
		"/api/v1/a\x7f", NULL
	};
	char uri[2048] = "/api/v1/";

	for (size_t i = 0; bad[i] != NULL; i++)
		path_is(bad[i], "bad-request");
	memset(uri + 8, 'a', 256);
	path_is(uri, "bad-request");
	memset(uri + 8, 'a', 2000);
	path_is(uri, "bad-request");
}

/* "key=value" pairs joined by "|", or the code of what was wrong. */
static void
query_is(const char *query, const char *want)
{
	struct request r = { .app = &app };
	struct fault f = { 0 };
	struct buf got;
	int err = request_parse_query(&r, query, &f);

	buf_init(&got, 4096);
	for (size_t i = 0; err == 0 && i < r.nquery; i++)
		buf_putf(&got, "%s%s=%s", i > 0 ? "|" : "", r.query[i].key,
		    r.query[i].value);
	assert_string_equal(err == 0 ? buf_str(&got) : err_code(err), want);
	buf_free(&got);
	request_free(&r);
}

static void
query_decoded(void **state)
{
	query_is(NULL, "");
	query_is("", "");
	query_is("a=1&b=2", "a=1|b=2");
	query_is("a=1&a=2&a", "a=1|a=2|a=");
	query_is("arg=--hello%3Dhi+there%26", "arg=--hello=hi there&");
	query_is("a=b=c", "a=b=c");
	query_is("&a=1&&", "a=1");
	query_is("=x", "=x");
	query_is("n=%C3%A9", "n=\xc3\xa9");
}

static void
query_refused(void **state)
{
	char *big = malloc(REQUEST_QUERY_MAX + 2);

	query_is("a=%", "bad-request");
	query_is("a=%4", "bad-request");
	query_is("a=%g0", "bad-request");
	query_is("a=%00", "bad-request");
	query_is("a%00=1", "bad-request");
	query_is("a=%ff", "bad-request");
	memset(big, 'a', REQUEST_QUERY_MAX + 1);
	big[REQUEST_QUERY_MAX + 1] = '\0';
	query_is(big, "bad-request");
	memset(big, '&', REQUEST_QUERY_KEYS_MAX + 1);
	big[REQUEST_QUERY_KEYS_MAX + 1] = '\0';
	query_is(big, "bad-request");
	free(big);
}

static void
query_read(void **state)
{
	struct request r = { .app = &app };
	struct fault f = { 0 };
	int64_t n = 7;
	bool yes = false;
	size_t at = 0;

	request_parse_query(&r, "n=3&yes=true&cpu=0&cpu=2&bad=x", &f);
	assert_int_equal(request_query_int(&r, "n", 1, 5, &n, &f), 0);
	assert_int_equal(n, 3);
	assert_int_equal(request_query_int(&r, "none", 1, 5, &n, &f), 0);
	assert_int_equal(n, 3);
	assert_int_equal(request_query_bool(&r, "yes", &yes, &f), 0);
	assert_true(yes);
	assert_string_equal(request_query_next(&r, "cpu", &at), "0");
	assert_string_equal(request_query_next(&r, "cpu", &at), "2");
	assert_null(request_query_next(&r, "cpu", &at));
	assert_int_equal(request_query_int(&r, "n", 4, 5, &n, &f),
	    ERR_INVALID);
	assert_int_equal(request_query_bool(&r, "bad", &yes, &f),
	    ERR_INVALID);
	assert_string_equal(f.fields[0].field, "n");
	assert_string_equal(f.fields[1].field, "bad");
	request_free(&r);
}

/* "session/refresh" with "-" for none, or the code of what was wrong. */
static void
cookies_are(const char *header, const char *want)
{
	struct request r = { .app = &app };
	struct fault f = { 0 };
	char got[256];
	int err = request_parse_cookies(&r, header, &f);

	snprintf(got, sizeof(got), "%s/%s",
	    r.who.cookie == NULL ? "-" : r.who.cookie,
	    r.refresh == NULL ? "-" : r.refresh);
	assert_string_equal(err == 0 ? got : err_code(err), want);
	request_free(&r);
}

static void
cookies(void **state)
{
	char big[REQUEST_CREDENTIAL_MAX + 32] = "__Host-mollymawk=";

	cookies_are(NULL, "-/-");
	cookies_are("", "-/-");
	cookies_are("a=b", "-/-");
	cookies_are("__Host-mollymawk=a.b.c", "a.b.c/-");
	cookies_are("x=\"1 2\"; __Host-mollymawk=a.b.c; y",  "a.b.c/-");
	cookies_are("__Secure-mollymawk-refresh=r_1;__Host-mollymawk=a.b.c",
	    "a.b.c/r_1");
	cookies_are("__Host-mollymawk=", "-/-");
	/* Names are exact: nobody slips a second one under ours. */
	cookies_are("mollymawk=a; __host-mollymawk=b", "-/-");
	cookies_are("__Host-mollymawk =a", "-/-");
	cookies_are("__Host-mollymawk=a; __Host-mollymawk=b", "bad-request");
	cookies_are("__Host-mollymawk=a b", "bad-request");
	cookies_are("__Host-mollymawk=\"a\"", "bad-request");
	cookies_are("__Host-mollymawk=a\xff", "bad-request");
	memset(big + 17, 'a', REQUEST_CREDENTIAL_MAX + 1);
	cookies_are(big, "bad-request");
}

static void
bearer_is(const char *header, const char *want)
{
	struct request r = { .app = &app };
	struct fault f = { 0 };
	int err = request_parse_authorization(&r, header, &f);

	assert_string_equal(err != 0 ? err_code(err) :
	    r.who.bearer == NULL ? "-" : r.who.bearer, want);
}

static void
bearer(void **state)
{
	struct request r = { .app = &app, .who.cookie = "a.b.c" };
	struct fault f = { 0 };

	bearer_is(NULL, "-");
	bearer_is("Bearer mmk_abc", "mmk_abc");
	bearer_is("bearer  mmk_abc", "mmk_abc");
	bearer_is("Basic YTpi", "-");
	bearer_is("Bearermmk_abc", "-");
	bearer_is("Bearer", "unauthenticated");
	bearer_is("Bearer ", "unauthenticated");
	bearer_is("Bearer a b", "unauthenticated");
	bearer_is("Bearer a,b", "unauthenticated");
	bearer_is("Bearer \xc3\xa9", "unauthenticated");
	/* What deployments act with is not for HTTP, well formed or not. */
	bearer_is("Bearer mmg_0123456789abcdefghijABCDEFGHIJ01234567",
	    "unauthenticated");
	bearer_is("bearer  mmg_", "unauthenticated");
	bearer_is("Bearer mmg", "mmg");
	assert_int_equal(request_parse_authorization(&r, "Bearer x", &f),
	    ERR_TWO_CREDENTIALS);
}

static void
media_is(const char *header, const char *want)
{
	char got[24];

	request_parse_media(header, got, sizeof(got));
	assert_string_equal(got, want);
}

static void
media(void **state)
{
	media_is("application/json", "application/json");
	media_is("Application/JSON; charset=utf-8", "application/json");
	media_is("multipart/form-data; boundary=x", "multipart/form-data");
	media_is("", "");
	media_is("a/b\x01", "");
	media_is("application/too-long-for-the-place", "");
}

/* A request that came by FastCGI, with its way back. */
struct arrived {
	struct fcgi_peer peer;
	FCGX_Request fcgi;
	struct request r;
	struct fault f;
	int err;
};

static void
arrive(struct arrived *a, const char *const *params, const void *body,
	size_t len, bool abrupt)
{
	memset(a, 0, sizeof(*a));
	assert_int_equal(FCGX_Init(), 0);
	assert_int_equal(fcgi_peer_open(&a->peer), 0);
	assert_int_equal(FCGX_InitRequest(&a->fcgi, a->peer.listening, 0), 0);
	assert_int_equal(fcgi_peer_send(&a->peer, params, body, len, abrupt),
	    0);
	assert_int_equal(FCGX_Accept_r(&a->fcgi), 0);
	a->err = request_init(&a->r, &app, NULL, &a->fcgi, &a->f);
	a->r.body_max = 100000;
}

static void
leave(struct arrived *a)
{
	request_free(&a->r);
	FCGX_Finish_r(&a->fcgi);
	fcgi_peer_close(&a->peer);
}

static void
arrival(void **state)
{
	static const char *const params[] = { "REQUEST_METHOD=HEAD",
		"REQUEST_URI=/api/v1/instances?limit=3",
		"REMOTE_ADDR=192.0.2.7", "HTTP_USER_AGENT=x\xff\ty",
		"CONTENT_LENGTH=", "HTTP_X_REQUEST_ID=mine", NULL };
	struct arrived a;

	arrive(&a, params, NULL, 0, false);
	assert_int_equal(a.err, 0);
	assert_int_equal(a.r.method, METHOD_GET);
	assert_true(a.r.head);
	assert_string_equal(request_method_text(&a.r), "HEAD");
	assert_string_equal(a.r.segments[0], "instances");
	assert_string_equal(request_query(&a.r, "limit"), "3");
	assert_string_equal(a.r.who.address, "192.0.2.7");
	assert_string_equal(a.r.who.user_agent, "x??y");
	assert_int_equal(a.r.content_length, -1);
	assert_int_equal(strlen(a.r.id), REQUEST_ID_LEN);
	leave(&a);
}

static void
arrival_refused(void **state)
{
	static const char *const two[] = { "REQUEST_METHOD=GET",
		"REQUEST_URI=/api/v1/session", "HTTP_AUTHORIZATION=Bearer x",
		"HTTP_COOKIE=__Host-mollymawk=a.b.c", NULL };
	static const char *const length[] = { "REQUEST_METHOD=POST",
		"REQUEST_URI=/api/v1/session", "CONTENT_LENGTH=-1", NULL };
	struct arrived a;

	arrive(&a, two, NULL, 0, false);
	assert_int_equal(a.err, ERR_TWO_CREDENTIALS);
	leave(&a);
	arrive(&a, length, NULL, 0, false);
	assert_int_equal(a.err, ERR_BAD_REQUEST);
	leave(&a);
}

/* Whether a request with these headers may change something. */
static int
site_check(const char *site, const char *origin, const char *credential)
{
	const char *params[] = { "REQUEST_METHOD=POST",
		"REQUEST_URI=/api/v1/tokens", site, origin, credential, NULL };
	struct arrived a;
	int err;

	arrive(&a, params, NULL, 0, false);
	assert_int_equal(a.err, 0);
	err = request_check_site(&a.r, &a.f);
	leave(&a);
	return err;
}

static void
sites(void **state)
{
	const char *cookie = "HTTP_COOKIE=__Host-mollymawk=a.b.c";
	const char *refresh = "HTTP_COOKIE=__Secure-mollymawk-refresh=r";
	const char *token = "HTTP_AUTHORIZATION=Bearer mmk_x";
	const char *same = "HTTP_SEC_FETCH_SITE=same-origin";
	const char *ours = "HTTP_ORIGIN=https://m.example";
	const char *none = "A=";

	assert_int_equal(site_check(same, none, cookie), 0);
	assert_int_equal(site_check(same, ours, cookie), 0);
	assert_int_equal(site_check(none, ours, cookie), 0);
	assert_int_equal(site_check(none, none, cookie), ERR_CROSS_SITE);
	assert_int_equal(site_check(none, none, refresh), ERR_CROSS_SITE);
	assert_int_equal(site_check("HTTP_SEC_FETCH_SITE=cross-site", ours,
	    cookie), ERR_CROSS_SITE);
	assert_int_equal(site_check("HTTP_SEC_FETCH_SITE=same-site", ours,
	    cookie), ERR_CROSS_SITE);
	assert_int_equal(site_check(none, "HTTP_ORIGIN=https://m.example.org",
	    cookie), ERR_CROSS_SITE);
	assert_int_equal(site_check(none, "HTTP_ORIGIN=null", cookie),
	    ERR_CROSS_SITE);
	/* A token is never sent by a browser on its own. */
	assert_int_equal(site_check(none, none, token), 0);
	/* Signing in from elsewhere is refused, from curl it is not. */
	assert_int_equal(site_check(none, none, none), 0);
	assert_int_equal(site_check("HTTP_SEC_FETCH_SITE=cross-site", none,
	    none), ERR_CROSS_SITE);
}

/* Reads body as JSON: the err, and the value of "a" in *out (-1: none). */
static int
read_json(const char *type, const char *length, const char *body, bool abrupt,
	bool optional, int64_t *out)
{
	const char *params[] = { "REQUEST_METHOD=POST",
		"REQUEST_URI=/api/v1/tokens", type, length, NULL };
	struct json_object *o = NULL, *value;
	struct arrived a;
	int err;

	arrive(&a, params, body, strlen(body), abrupt);
	assert_int_equal(a.err, 0);
	err = request_read_json(&a.r, 64, optional, &o, &a.f);
	*out = o != NULL && json_object_object_get_ex(o, "a", &value) ?
	    json_object_get_int64(value) : -1;
	json_object_put(o);
	leave(&a);
	return err;
}

static void
json_bodies(void **state)
{
	const char *type = "CONTENT_TYPE=application/json; charset=utf-8";
	const char *none = "A=", *body = "{\"a\": 5}";
	int64_t a;

	assert_int_equal(read_json(type, "CONTENT_LENGTH=8", body, false,
	    false, &a), 0);
	assert_int_equal(a, 5);
	assert_int_equal(read_json(type, none, body, false, false, &a), 0);
	assert_int_equal(a, 5);
	assert_int_equal(read_json(none, none, "", false, true, &a), 0);
	assert_int_equal(read_json(type, none, "", false, true, &a), 0);
	assert_int_equal(read_json(type, "CONTENT_LENGTH=0", "", false, true,
	    &a), 0);
	assert_int_equal(read_json(type, "CONTENT_LENGTH=0", "", false, false,
	    &a), ERR_BAD_JSON);
	assert_int_equal(read_json("CONTENT_TYPE=text/plain", none, body,
	    false, false, &a), ERR_MEDIA_TYPE);
	assert_int_equal(read_json(none, "CONTENT_LENGTH=8", body, false, true,
	    &a), ERR_MEDIA_TYPE);
	assert_int_equal(read_json(type, "CONTENT_LENGTH=65", body, false,
	    false, &a), ERR_TOO_LARGE);
	assert_int_equal(read_json(type, none, "{\"a\": 5, \"b\": \"xxxxxxxxx"
	    "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\"}",
	    false, false, &a), ERR_TOO_LARGE);
	assert_int_equal(read_json(type, "CONTENT_LENGTH=9", body, false,
	    false, &a), ERR_BAD_REQUEST);
	assert_int_equal(read_json(type, none, body, true, false, &a),
	    ERR_BAD_REQUEST);
	assert_int_equal(read_json(type, none, "{\"a\": 5", false, false, &a),
	    ERR_BAD_JSON);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(path_plain),
		cmocka_unit_test(path_unknown),
		cmocka_unit_test(path_refused),
		cmocka_unit_test(query_decoded),
		cmocka_unit_test(query_refused),
		cmocka_unit_test(query_read),
		cmocka_unit_test(cookies),
		cmocka_unit_test(bearer),
		cmocka_unit_test(media),
		cmocka_unit_test(arrival),
		cmocka_unit_test(arrival_refused),
		cmocka_unit_test(sites),
		cmocka_unit_test(json_bodies),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
