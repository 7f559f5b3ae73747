/* SPDX-License-Identifier: ISC */
/*
 * health_check_run against servers on the loopback, which behave and which do
 * not: what is said of each, and that none holds it up beyond the timeout.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <arpa/inet.h>
#include <cmocka.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>

#include "base/cleanup.h"
#include "fcgi/app.h"
#include "fcgi/health.h"
#include "fcgi/settings.h"

static struct app app;
static char state_dir[] = "/tmp/mollymawk-test-XXXXXX";
static const struct alb_config no_config;

/* ---- a server of one thread ---- */

struct server {
	int fd;
	int port;
	pthread_t thread;
	void (*serve)(struct server *s, int fd);
	const char *path;	/* of the request, or what the test set */
	char request[2048];
	int asked;
};

static int
listen_at(int kind, int *port)
{
	struct sockaddr_in sa = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(sa);
	int fd = socket(AF_INET, kind, 0);

	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (void *)&sa, sizeof(sa)), 0);
	assert_int_equal(getsockname(fd, (void *)&sa, &len), 0);
	if (kind == SOCK_STREAM)
		assert_int_equal(listen(fd, 8), 0);
	*port = ntohs(sa.sin_port);
	return fd;
}

static void *
stream_main(void *arg)
{
	struct server *s = arg;
	int fd;

	while ((fd = accept(s->fd, NULL, NULL)) >= 0) {
		s->asked++;
		s->serve(s, fd);
		close(fd);
	}
	return NULL;
}

static void *
datagram_main(void *arg)
{
	struct server *s = arg;
	struct pollfd p = { .fd = s->fd, .events = POLLIN };

	while (poll(&p, 1, 10000) > 0 && p.revents == POLLIN)
		s->serve(s, s->fd);
	return NULL;
}

static void
start(struct server *s, int kind, void (*serve)(struct server *s, int fd))
{
	s->fd = listen_at(kind, &s->port);
	s->serve = serve;
	assert_int_equal(pthread_create(&s->thread, NULL,
	    kind == SOCK_STREAM ? stream_main : datagram_main, s), 0);
}

static void
stop(struct server *s)
{
	shutdown(s->fd, SHUT_RDWR);
	pthread_join(s->thread, NULL);
	close(s->fd);
}

/* ---- one attempt ---- */

static char said[512];
static int took;

static int
run(struct health_check *c, int port, const char *more)
{
	struct fault f = { 0 };
	struct fault g = { 0 };
	AUTO_JSON struct json_object *o = NULL;
	char text[512];
	int err;

	snprintf(text, sizeof(text), "{\"address\":\"127.0.0.1\","
	    "\"port\":%d,%s%s}", port, more,
	    strstr(more, "timeout") == NULL ? ",\"timeout\":1" : "");
	o = json_parse(text, strlen(text), &g);
	assert_non_null(o);
	assert_int_equal(health_check_from_json(o, "", c, &g), 0);
	err = health_check_run(&app, c, &no_config, &took, &f);
	snprintf(said, sizeof(said), "%s", f.detail);
	assert_true(took < 3000);	/* a second, on a busy machine */
	return err;
}

/* What is said has the place replaced by "*". */
static void
says(const char *want)
{
	char have[512];
	const char *p = strstr(said, "127.0.0.1:");
	size_t before = p == NULL ? strlen(said) : (size_t)(p - said);

	snprintf(have, sizeof(have), "%.*s%s%s", (int)before, said,
	    p == NULL ? "" : "*",
	    p == NULL ? "" : p + 10 + strspn(p + 10, "0123456789"));
	assert_string_equal(have, want);
}

/* ---- HTTP ---- */

static bool
put(int fd, const char *s)
{
	return send(fd, s, strlen(s), MSG_NOSIGNAL) == (ssize_t)strlen(s);
}

static void
wait_ms(int ms)
{
	poll(NULL, 0, ms);
}

/* Until the other side ends it, 3 s at most. */
static void
hang(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	char c;

	while (poll(&p, 1, 3000) > 0 && recv(fd, &c, 1, 0) > 0)
		continue;
}

static void
drip(int fd)
{
	for (int i = 0; i < 30 && put(fd, "X-A: b\r\n"); i++)
		wait_ms(100);
}

static void
endless(int fd, const char *piece)
{
	int i = 0;

	put(fd, "HTTP/1.1 200 OK\r\n\r\n");
	while (i++ < 100000 && put(fd, piece))
		continue;
}

static void
to(struct server *s, int fd, const char *scheme, const char *host,
	const char *path)
{
	char text[256];

	snprintf(text, sizeof(text), "HTTP/1.1 302 Found\r\n"
	    "Location: %s://%s:%d%s\r\nContent-Length: 4\r\n\r\nneed",
	    scheme, host, s->port, path);
	put(fd, text);
}

#define OK "HTTP/1.1 200 OK\r\n"

static void
http_redirect(struct server *s, int fd, const char *how)
{
	if (strcmp(how, "relative") == 0)
		put(fd, "HTTP/1.1 301 Moved\r\nLocation: ok?x=1\r\n"
		    "Content-Length: 0\r\n\r\n");
	else if (strcmp(how, "same") == 0)
		to(s, fd, "http", "127.0.0.1", "/ok");
	else if (strcmp(how, "name") == 0)
		to(s, fd, "http", "www.example.org", "/ok");
	else if (strcmp(how, "other-address") == 0)
		to(s, fd, "http", "127.0.0.2", "/ok");
	else if (strcmp(how, "other-scheme") == 0)
		to(s, fd, "https", "127.0.0.1", "/ok");
	else if (strcmp(how, "file") == 0)
		put(fd, "HTTP/1.1 302 Found\r\nLocation: file:///etc/passwd"
		    "\r\nContent-Length: 0\r\n\r\n");
	else if (strcmp(how, "other-port") == 0)
		put(fd, "HTTP/1.1 302 Found\r\nLocation: "
		    "http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n");
	else if (strcmp(how, "nowhere") == 0)
		put(fd, "HTTP/1.1 302 Found\r\nContent-Length: 0\r\n\r\n");
	else if (strcmp(how, "loop") == 0)
		to(s, fd, "http", "127.0.0.1", "/redirect/loop");
}

static void
http_answer(struct server *s, int fd, const char *path)
{
	if (strncmp(path, "/redirect/", 10) == 0)
		http_redirect(s, fd, path + 10);
	else if (strncmp(path, "/ok", 3) == 0)
		put(fd, OK "Content-Length: 13\r\n\r\nhay needle ha");
	else if (strcmp(path, "/split") == 0) {
		put(fd, OK "Content-Length: 13\r\n\r\nhay nee");
		wait_ms(50);
		put(fd, "dle ha");
	} else if (strcmp(path, "/503") == 0)
		put(fd, "HTTP/1.1 503 No\r\nContent-Length: 6\r\n\r\nneedle");
	else if (strcmp(path, "/silent") == 0)
		hang(fd);
	else if (strcmp(path, "/headers") == 0) {
		put(fd, OK);
		drip(fd);
	} else if (strcmp(path, "/drip") == 0) {
		put(fd, OK "\r\n");
		drip(fd);
	} else if (strcmp(path, "/endless") == 0)
		endless(fd, "hay hay hay hay hay hay hay hay hay hay hay hay");
	else if (strcmp(path, "/plenty") == 0)
		endless(fd, "hay hay hay needle hay hay hay");
	else if (strcmp(path, "/garbage") == 0)
		put(fd, "\x16\x03\x01 what?\r\n\r\n");
	else if (strcmp(path, "/cut") == 0)
		put(fd, OK "Content-Length: 100\r\n\r\nhay");
}

/* Reads one request, answers, ends the connection in order. */
static void
http_serve(struct server *s, int fd)
{
	char path[128] = "";
	size_t len = 0;
	ssize_t n;

	while (len + 1 < sizeof(s->request)) {
		n = recv(fd, s->request + len, sizeof(s->request) - 1 - len,
		    0);
		if (n <= 0)
			return;
		len += (size_t)n;
		s->request[len] = '\0';
		if (strstr(s->request, "\r\n\r\n") != NULL)
			break;
	}
	sscanf(s->request, "GET %127s", path);
	http_answer(s, fd, path);
	shutdown(fd, SHUT_WR);
}

static struct server http;

static int
get(const char *path, const char *more)
{
	struct health_check c;
	char text[256];

	snprintf(text, sizeof(text), "\"type\":\"http\",\"path\":\"%s\"%s",
	    path, more);
	return run(&c, http.port, text);
}

static void
http_well(void **state)
{
	assert_int_equal(get("/ok", ""), 0);
	assert_non_null(strstr(http.request, "GET /ok HTTP/1.1\r\n"));
	assert_non_null(strstr(http.request, "Host: 127.0.0.1:"));
	assert_int_equal(get("/ok", ",\"body\":\"needle\""), 0);
	assert_int_equal(get("/split", ",\"body\":\"needle\""), 0);
	assert_int_equal(get("/503", ",\"status\":[204,503]"), 0);
	assert_int_equal(get("/plenty", ",\"body\":\"needle\""), 0);
	assert_int_equal(get("/endless", ""), 0);
	assert_int_equal(get("/ok/../a?b=%20", ""), 0);
	assert_non_null(strstr(http.request, "GET /ok/../a?b=%20 HTTP"));
}

static void
http_host(void **state)
{
	char want[64];

	snprintf(want, sizeof(want), "\r\nHost: www.example.org:%d\r\n",
	    http.port);
	assert_int_equal(get("/ok", ",\"host\":\"www.example.org\""), 0);
	assert_non_null(strstr(http.request, want));
}

static void
http_ill(void **state)
{
	assert_int_equal(get("/503", ""), ERR_HEALTH);
	says("* answered 503, not 200.");
	assert_int_equal(get("/503", ",\"status\":[200,204]"), ERR_HEALTH);
	says("* answered 503, not 200 or another that was wanted.");
	assert_int_equal(get("/503", ",\"body\":\"needle\""), ERR_HEALTH);
	says("* answered 503, not 200.");
	assert_int_equal(get("/ok", ",\"body\":\"nail\""), ERR_HEALTH);
	says("* answered 200, but without \"nail\" in the first 256 KiB.");
	assert_int_equal(get("/endless", ",\"body\":\"needle\""), ERR_HEALTH);
	says("* answered 200, but without \"needle\" in the first 256 KiB.");
	assert_int_equal(get("/garbage", ""), ERR_HEALTH);
	says("What * answered is not HTTP.");
	assert_int_equal(get("/cut", ",\"body\":\"needle\""), ERR_HEALTH);
	says("* closed the connection before it had answered.");
	assert_int_equal(get("/nothing", ""), ERR_HEALTH);
	says("* closed the connection before it had answered.");
}

static void
http_slow(void **state)
{
	static const char *const paths[] = { "/silent", "/headers", "/drip" };

	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(get(paths[i], ",\"body\":\"needle\""),
		    ERR_HEALTH);
		says("* did not answer within 1 s.");
		assert_true(took >= 900);
	}
}

#define FOLLOW ",\"redirects\":true"

static void
http_redirects(void **state)
{
	assert_int_equal(get("/redirect/same", ""), ERR_HEALTH);
	says("* answered 302, not 200.");
	assert_int_equal(get("/redirect/same", ",\"status\":[302]" FOLLOW),
	    0);
	assert_int_equal(get("/redirect/same", FOLLOW), 0);
	assert_int_equal(get("/redirect/same", ",\"body\":\"needle\"" FOLLOW),
	    0);
	assert_int_equal(get("/redirect/relative", FOLLOW), ERR_HEALTH);
	says("* closed the connection before it had answered.");
	assert_non_null(strstr(http.request, "GET /redirect/ok?x=1 "));
	assert_int_equal(get("/redirect/name",
	    ",\"host\":\"www.example.org\"" FOLLOW), 0);
	assert_non_null(strstr(http.request, "Host: www.example.org"));
}

static void
http_redirects_refused(void **state)
{
	static const char *const how[] = { "name", "other-address",
		"other-scheme", "file", "other-port", "nowhere" };
	char path[64];

	for (size_t i = 0; i < sizeof(how) / sizeof(how[0]); i++) {
		snprintf(path, sizeof(path), "/redirect/%s", how[i]);
		assert_int_equal(get(path, FOLLOW), ERR_HEALTH);
		says("* redirects to another place, which is not followed.");
	}
	http.asked = 0;
	assert_int_equal(get("/redirect/loop", FOLLOW), ERR_HEALTH);
	says("* redirected more than 3 times.");
	assert_int_equal(http.asked, 4);
}

/* A proxy of the environment would be asked here, and refuse. */
static void
http_no_proxy(void **state)
{
	setenv("http_proxy", "http://127.0.0.1:1", 1);
	setenv("ALL_PROXY", "http://127.0.0.1:1", 1);
	assert_int_equal(get("/ok", ""), 0);
	unsetenv("http_proxy");
	unsetenv("ALL_PROXY");
}

/* ---- TCP, and what none answers at ---- */

/* A port nobody listens at. */
static int
free_port(void)
{
	int port, fd = listen_at(SOCK_STREAM, &port);

	close(fd);
	return port;
}

static void
tcp(void **state)
{
	struct health_check c;

	assert_int_equal(run(&c, http.port, "\"type\":\"tcp\""), 0);
	assert_int_equal(run(&c, free_port(), "\"type\":\"tcp\""),
	    ERR_HEALTH);
	says("* refused the connection.");
	assert_int_equal(run(&c, free_port(), "\"type\":\"http\""),
	    ERR_HEALTH);
	says("* refused the connection.");
}

/* A full backlog takes no connection and refuses none. */
static void
tcp_full(void **state)
{
	struct sockaddr_in sa = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	struct health_check c;
	int port, fds[8], fd = listen_at(SOCK_STREAM, &port);

	assert_int_equal(listen(fd, 0), 0);
	sa.sin_port = htons((uint16_t)port);
	for (int i = 0; i < 8; i++) {
		fds[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
		(void)connect(fds[i], (void *)&sa, sizeof(sa));
	}
	assert_int_equal(run(&c, port, "\"type\":\"tcp\""), ERR_HEALTH);
	says("* did not answer within 1 s.");
	assert_int_equal(run(&c, port, "\"type\":\"http\""), ERR_HEALTH);
	says("* did not answer within 1 s.");
	for (int i = 0; i < 8; i++)
		close(fds[i]);
	close(fd);
}

static void
not_allowed(void **state)
{
	struct health_check c;
	struct fault f = { 0 };
	int ms;

	run(&c, http.port, "\"type\":\"tcp\"");
	snprintf(c.address, sizeof(c.address), "192.0.2.1");
	assert_int_equal(health_check_run(&app, &c, &no_config, &ms, &f),
	    ERR_HEALTH);
	assert_non_null(strstr(f.detail, "Nothing was asked: "));
	assert_int_equal(ms, 0);
}

/* ---- DNS ---- */

/* Behind the question: one address, 192.0.2.1. */
static const char address_record[] =
	"\xc0\x0c\0\1\0\1\0\0\0\1\0\4\xc0\0\2\1";

static struct server dns;

/*
 * Answers the query in q as path says; the question ends at len, which is all
 * there is of it.
 */
static size_t
dns_answer(const char *how, char *q, size_t len)
{
	q[2] = '\x81';	/* an answer */
	q[3] = '\x80';
	if (strcmp(how, "right") == 0 || strcmp(how, "wrong-name") == 0) {
		q[7] = 1;
		memcpy(q + len, address_record, sizeof(address_record) - 1);
		len += sizeof(address_record) - 1;
	}
	if (strcmp(how, "wrong-name") == 0)
		q[13] ^= 1;
	if (strcmp(how, "nxdomain") == 0)
		q[3] = '\x83';
	if (strcmp(how, "servfail") == 0)
		q[3] = '\x82';
	if (strcmp(how, "cut") == 0) {
		q[7] = 1;
		memcpy(q + len, address_record, 12);
		len += 12;
	}
	if (strcmp(how, "short") == 0)
		len = 5;
	return len;
}

static void
dns_serve(struct server *s, int fd)
{
	struct sockaddr_storage from;
	socklen_t size = sizeof(from);
	char q[512];
	ssize_t n = recvfrom(fd, q, sizeof(q) - 64, 0, (void *)&from, &size);

	s->asked++;
	if (n < 12 || strcmp(s->path, "silent") == 0)
		return;
	n = (ssize_t)dns_answer(s->path, q, (size_t)n);
	sendto(fd, q, (size_t)n, 0, (void *)&from, size);
}

static int
query(const char *how, const char *more)
{
	struct health_check c;
	char text[256];

	dns.path = how;
	dns.asked = 0;
	snprintf(text, sizeof(text),
	    "\"type\":\"dns\",\"name\":\"www.example.org\"%s", more);
	return run(&c, dns.port, text);
}

static void
dns_well(void **state)
{
	assert_int_equal(query("right", ""), 0);
	assert_int_equal(query("right", ",\"answer\":\"192.0.2.1\""), 0);
}

static void
dns_ill(void **state)
{
	assert_int_equal(query("right", ",\"answer\":\"192.0.2.2\""),
	    ERR_HEALTH);
	says("* answered, but without \"192.0.2.2\" in the A records of "
	    "www.example.org.");
	assert_int_equal(query("right", ",\"record\":\"AAAA\""), ERR_HEALTH);
	says("* knows no AAAA record of www.example.org.");
	assert_int_equal(query("empty", ""), ERR_HEALTH);
	says("* knows no A record of www.example.org.");
	assert_int_equal(query("nxdomain", ""), ERR_HEALTH);
	says("* says that there is no www.example.org.");
	assert_int_equal(query("servfail", ""), ERR_HEALTH);
	assert_non_null(strstr(said, " did not answer the query for "
	    "www.example.org: "));
	assert_int_equal(query("cut", ""), ERR_HEALTH);
	says("What * answered is not a proper DNS message.");
	assert_int_equal(dns.asked, 1);
}

/* What answers nothing that was asked does not answer. */
static void
dns_silent(void **state)
{
	static const char *const how[] = { "silent", "wrong-name", "short" };

	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(query(how[i], ""), ERR_HEALTH);
		says("* did not answer within 1 s.");
		assert_true(took >= 900);
		assert_int_equal(dns.asked, 1);
	}
}

static void
dns_refused(void **state)
{
	struct health_check c;
	int port, fd = listen_at(SOCK_DGRAM, &port);

	close(fd);
	assert_int_equal(run(&c, port, "\"type\":\"dns\",\"name\":\"a\""),
	    ERR_HEALTH);
	says("* refused the query.");
}

static void *
stop_soon(void *arg)
{
	wait_ms(300);
	app.stopping = true;
	return NULL;
}

/* When the service ends, so does what it asks; that is nobody's failure. */
static void
stopping(void **state)
{
	static const char *const checks[] = {
		"\"type\":\"http\",\"path\":\"/silent\",\"timeout\":30",
		"\"type\":\"dns\",\"name\":\"a\",\"timeout\":30" };
	pthread_t thread;
	struct health_check c;

	dns.path = "silent";
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(pthread_create(&thread, NULL, stop_soon,
		    NULL), 0);
		assert_int_equal(run(&c, i == 0 ? http.port : dns.port,
		    checks[i]), ERR_BUSY);
		pthread_join(thread, NULL);
		app.stopping = false;
	}
}

static int
set_up(void **state)
{
	struct address_ranges r = { .len = 1 };
	struct fault f = { 0 };

	if (health_start() < 0 || mkdtemp(state_dir) == NULL ||
	    ledger_open(state_dir, &app.ledger, &f) != 0 ||
	    range_parse("127.0.0.0/8", &r.items[0]) < 0 ||
	    settings_ranges_set(app.ledger, SETTING_CHECKS, &r, &f) != 0)
		return -1;
	start(&http, SOCK_STREAM, http_serve);
	start(&dns, SOCK_DGRAM, dns_serve);
	return 0;
}

static int
tear_down(void **state)
{
	char command[64];

	stop(&http);
	stop(&dns);
	ledger_close(app.ledger);
	health_end();
	snprintf(command, sizeof(command), "rm -r %s", state_dir);
	return system(command);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(http_well),
		cmocka_unit_test(http_host),
		cmocka_unit_test(http_ill),
		cmocka_unit_test(http_slow),
		cmocka_unit_test(http_redirects),
		cmocka_unit_test(http_redirects_refused),
		cmocka_unit_test(http_no_proxy),
		cmocka_unit_test(tcp),
		cmocka_unit_test(tcp_full),
		cmocka_unit_test(not_allowed),
		cmocka_unit_test(dns_well),
		cmocka_unit_test(dns_ill),
		cmocka_unit_test(dns_silent),
		cmocka_unit_test(dns_refused),
		cmocka_unit_test(stopping),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
