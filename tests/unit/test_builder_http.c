/* SPDX-License-Identifier: ISC */
/* builder_http: a builder that keeps to the rules, and ones that do not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <curl/curl.h>

#include "fcgi/builder_http.h"
#include "fcgi/builders.h"
#include "fcgi/flight.h"
#include "tests/unit/deployments.h"
#include "tests/unit/http_peer.h"

#define HEAD "HTTP/1.1 200 OK\r\nConnection: close\r\n"
#define JSON HEAD "Content-Type: application/json\r\n"

static struct http_peer peer;
static struct builder site = { .name = "site" };
static struct builder_answer told;
static struct fault said;

static int
ask(const struct builder_ask *how)
{
	struct json_object *o;
	struct builder_ask a = *how;
	int err;

	a.builder = &site;
	a.path = "/all-builds";
	a.seconds = a.seconds == 0 ? 5 : a.seconds;
	said = (struct fault){ 0 };
	err = builder_get_json(&a, &o, &told, &said);
	assert_int_equal(o != NULL, err == 0 && !told.unchanged);
	json_object_put(o);
	if (err == ERR_BUILDER)
		assert_int_equal(strncmp(said.detail, "site ", 5), 0);
	return err;
}

static void
asked_as_it_wants(void **state)
{
	http_peer_answers(&peer, JSON "ETag: abc=\r\n\r\n{\"jobs\":[]}");
	assert_int_equal(ask(&(struct builder_ask){ 0 }), 0);
	assert_int_equal(strncmp(peer.request, "GET /all-builds HTTP/1.1\r\n",
	    26), 0);
	assert_non_null(strstr(peer.request,
	    "\r\nAccept: application/json\r\n"));
	assert_null(strstr(peer.request, "\r\nAuthorization:"));
	assert_string_equal(told.etag, "abc=");
	assert_string_equal(told.path, "/all-builds");
}

static void
not_sent_again(void **state)
{
	http_peer_answers(&peer, "HTTP/1.1 304 Same\r\nConnection: close\r\n"
	    "\r\n");
	assert_int_equal(ask(&(struct builder_ask){ .etag = "abc=" }), 0);
	assert_true(told.unchanged);
	assert_non_null(strstr(peer.request, "\r\nIf-None-Match: abc=\r\n"));
}

/* Within the time it was given, all attempts together. */
static void
silent(void **state)
{
	int64_t began = flight_now();

	http_peer_answers(&peer, NULL);
	assert_int_equal(ask(&(struct builder_ask){ .seconds = 1 }),
	    ERR_BUILDER);
	assert_string_equal(said.detail, "site did not answer in time.");
	assert_true(told.unreached);
	assert_in_range(flight_now() - began, 900, 4000);
}

static void
ended_by_the_service(void **state)
{
	static atomic_bool stopping = true;

	http_peer_answers(&peer, NULL);
	assert_int_equal(ask(&(struct builder_ask){ .seconds = 5,
	    .stopping = &stopping }), ERR_BUSY);
}

static void
elsewhere(void **state)
{
	static const char *const places[] = { "http://127.0.0.1:1/x",
		"http://localhost/x", "https://127.0.0.1/x", "file:///etc/x",
		"https://cdn.example.org:8443/x",
		"http://cdn.example.org/x", "gopher://x/" };
	char text[256];
	int asked;

	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		snprintf(text, sizeof(text), "HTTP/1.1 302 There\r\n"
		    "Location: %s\r\nConnection: close\r\n\r\n", places[i]);
		http_peer_answers(&peer, text);
		asked = http_peer_asked(&peer);
		assert_int_equal(ask(&(struct builder_ask){ 0 }),
		    ERR_BUILDER);
		assert_non_null(strstr(said.detail, "not allowed"));
		assert_int_equal(http_peer_asked(&peer), asked + 1);
	}
	http_peer_answers(&peer, NULL);
}

/* Where the administrator lets it: not refused, though nobody is there. */
static void
to_a_listed_host(void **state)
{
	http_peer_answers(&peer, "HTTP/1.1 302 There\r\nLocation: "
	    "https://127.0.0.2/x\r\nConnection: close\r\n\r\n");
	snprintf(site.hosts[0], sizeof(site.hosts[0]), "127.0.0.2");
	site.nhosts = 1;
	assert_int_equal(ask(&(struct builder_ask){ 0 }), ERR_BUILDER);
	assert_null(strstr(said.detail, "not allowed"));
	assert_non_null(strstr(said.detail, "can not be asked"));
	site.nhosts = 0;
}

static void
round_and_round(void **state)
{
	int asked = http_peer_asked(&peer);

	http_peer_answers(&peer, "HTTP/1.1 307 There\r\n"
	    "Location: /all-builds\r\nConnection: close\r\n\r\n");
	assert_int_equal(ask(&(struct builder_ask){ 0 }), ERR_BUILDER);
	assert_string_equal(said.detail,
	    "site redirected more than 5 times.");
	assert_int_equal(http_peer_asked(&peer), asked + 6);
}

/* A status that may pass is met again once, others are not. */
static void
again_or_not(void **state)
{
	int asked = http_peer_asked(&peer);

	http_peer_answers(&peer, "HTTP/1.1 503 Wait\r\n"
	    "Connection: close\r\n\r\n");
	assert_int_equal(ask(&(struct builder_ask){ 0 }), ERR_BUILDER);
	assert_int_equal(http_peer_asked(&peer), asked + 2);
	assert_false(told.unreached);
	http_peer_answers(&peer, "HTTP/1.1 500 No\r\n"
	    "Connection: close\r\n\r\n");
	assert_int_equal(ask(&(struct builder_ask){ 0 }), ERR_BUILDER);
	http_peer_answers(&peer, "HTTP/1.1 404 No\r\n"
	    "Connection: close\r\n\r\n");
	assert_int_equal(ask(&(struct builder_ask){ 0 }), ERR_NOT_FOUND);
	assert_int_equal(http_peer_asked(&peer), asked + 4);
}

/* Before anybody sets one. */
static void
the_default_site(void **state)
{
	char dir[FOLDER_SIZE];
	struct builder_settings *s;
	struct ledger *l;
	struct fault f = { 0 };

	assert_int_equal(ledger_begin(dir, &l), 0);
	s = builder_settings_load(l, &f);
	assert_non_null(s);
	assert_int_equal(s->len, 1);
	assert_string_equal(s->items[0].url, "https://builds.robur.coop");
	assert_int_equal(s->minutes, 60);
	free(s);
	assert_int_equal(ledger_finish(dir, l), 0);
}

static int
begin(void **state)
{
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != 0 ||
	    http_peer_open(&peer) < 0)
		return -1;
	snprintf(site.url, sizeof(site.url), "http://127.0.0.1:%d",
	    peer.port);
	return 0;
}

static int
end(void **state)
{
	http_peer_close(&peer);
	curl_global_cleanup();
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(asked_as_it_wants),
		cmocka_unit_test(not_sent_again),
		cmocka_unit_test(silent),
		cmocka_unit_test(ended_by_the_service),
		cmocka_unit_test(elsewhere),
		cmocka_unit_test(to_a_listed_host),
		cmocka_unit_test(round_and_round),
		cmocka_unit_test(again_or_not),
		cmocka_unit_test(the_default_site),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
