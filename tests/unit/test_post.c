/* SPDX-License-Identifier: ISC */
/*
 * post: the outbox, calls of a webhook on the loopback, and the thread that
 * sends by both ways, with one of them out of order.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <curl/curl.h>
#include <dirent.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "base/text.h"
#include "fcgi/app.h"
#include "fcgi/notices.h"
#include "fcgi/outbox.h"
#include "fcgi/post.h"
#include "fcgi/post_settings.h"
#include "fcgi/web_url.h"
#include "tests/unit/deployments.h"
#include "tests/unit/http_peer.h"
#include "tests/unit/smtp_peer.h"

#define MINUTE (60 * 1000LL)
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)

static char dir[FOLDER_SIZE], mail_dir[FOLDER_SIZE + 8];
static struct app app;
static struct app_config config = { .auth_socket = "/nonexistent/auth",
	.mail_dir = mail_dir };

static void
run(const char *sql)
{
	ledger_run(app.ledger, sql);
	ledger_changed(app.ledger);
}

static int64_t
number(const char *sql)
{
	struct db *d = ledger_read_begin(app.ledger);
	sqlite3_stmt *s = db_query(d, sql, "");
	int64_t n;

	assert_int_equal(db_step(s), 1);
	n = sqlite3_column_int64(s, 0);
	db_done(s);
	ledger_read_end(app.ledger);
	return n;
}

static void
add(enum outbox_kind kind, const char *target, const char *body, int64_t now)
{
	struct fault f = { 0 };
	struct db *d = ledger_write_begin(app.ledger, &f);

	assert_non_null(d);
	assert_int_equal(ledger_write_end(app.ledger, outbox_add(d, kind,
	    target, kind == OUTBOX_MAIL ? "News" : "", body, now), &f), 0);
	ledger_changed(app.ledger);
}

/* ---- the outbox ---- */

/* A failure after another: how long until the next, as it has it. */
static void
later_and_later(void **state)
{
	static const int minutes[] = { 1, 2, 4, 8, 16, 32, 64, 128, 256, 360,
		360, 360, 360, 360, 360, 0 };
	const int64_t begin = 1784020087000;
	struct outbox_item item;
	struct fault f = { 0 };
	int64_t now = begin;
	char mark[OUTBOX_MARK_LEN + 1];
	size_t i = 0;

	add(OUTBOX_MAIL, "ada@example.org", "x", now);
	assert_false(outbox_next(app.ledger, OUTBOX_MAIL, now - 1, &item));
	assert_false(outbox_next(app.ledger, OUTBOX_WEBHOOK, now, &item));
	while (outbox_next(app.ledger, OUTBOX_MAIL, now, &item)) {
		assert_true(i < sizeof(minutes) / sizeof(minutes[0]));
		assert_int_equal(item.attempts, i);
		if (i == 0)
			snprintf(mark, sizeof(mark), "%s", item.mark);
		assert_int_equal(strlen(item.mark), OUTBOX_MARK_LEN);
		assert_string_equal(item.mark, mark);
		assert_int_equal(outbox_postpone(app.ledger, &item, now, "no",
		    &f), 0);
		outbox_item_free(&item);
		if (minutes[i] == 0)
			break;
		now += minutes[i] * MINUTE - 1;
		assert_false(outbox_next(app.ledger, OUTBOX_MAIL, now,
		    &item));
		now++;
		i++;
	}
	/* Given up: the next time would be after two days. */
	assert_int_equal(number("SELECT COUNT(*) FROM outbox"), 0);
	assert_true(now - begin < 2 * DAY && now - begin > 2 * DAY - 6 * HOUR);
}

static void
oldest_make_room(void **state)
{
	struct outbox_item item;

	run("WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n"
	    " WHERE i < 10000) INSERT INTO outbox (kind, mark, target,"
	    " subject, body, created, due) SELECT 'mail', 'm', 'old' || i, '',"
	    " '', 0, 0 FROM n");
	add(OUTBOX_WEBHOOK, "new", "{}", 5);
	assert_int_equal(number("SELECT COUNT(*) FROM outbox"), OUTBOX_MAX);
	assert_true(outbox_next(app.ledger, OUTBOX_MAIL, 5, &item));
	assert_string_equal(item.target, "old2");
	outbox_item_free(&item);
	assert_true(outbox_next(app.ledger, OUTBOX_WEBHOOK, 5, &item));
	outbox_item_free(&item);
	run("DELETE FROM outbox");
}

/* ---- a webhook ---- */

static struct http_peer hook;

#define FINE "HTTP/1.1 204 Fine\r\nConnection: close\r\n\r\n"

static struct fault said;

static int
call_within(struct web_reach *reach, const char *host, const char *secret,
	const char *path)
{
	const struct webhook_call c = { .event = "update.done",
		.mark = "abc", .body = "{\"event\":\"update.done\"}" };
	struct webhook_settings s = { .url = "" };

	said = (struct fault){ 0 };
	snprintf(s.url, sizeof(s.url), "http://%s:%d%s", host, hook.port,
	    path);
	snprintf(s.secret, sizeof(s.secret), "%s", secret);
	return webhook_send(&s, &c, reach, NULL, &said);
}

static int
call(const char *secret, const char *path)
{
	return call_within(NULL, "127.0.0.1", secret, path);
}

static void
signed_call(void **state)
{
	char signature[WEBHOOK_SIGNATURE_SIZE];

	/* RFC 4231, the second case. */
	webhook_sign("Jefe", "what do ya want for nothing?", signature);
	assert_string_equal(signature, "sha256=5bdcc146bf60754e6a042426089575c"
	    "75a003f089d2739839dec58b964ec3843");
	http_peer_answers(&hook, FINE);
	assert_int_equal(call("s3cret", "/a?b=c"), 0);
	assert_int_equal(strncmp(hook.request, "POST /a?b=c HTTP/1.1\r\n", 22),
	    0);
	assert_non_null(strstr(hook.request,
	    "\r\nX-Mollymawk-Event: update.done\r\n"));
	assert_non_null(strstr(hook.request,
	    "\r\nX-Mollymawk-Delivery: abc\r\n"));
	assert_non_null(strstr(hook.request,
	    "\r\nContent-Type: application/json\r\n"));
	webhook_sign("s3cret", "{\"event\":\"update.done\"}", signature);
	assert_non_null(strstr(hook.request, signature));
	assert_non_null(strstr(hook.request,
	    "\r\n\r\n{\"event\":\"update.done\"}"));
	assert_null(strstr(hook.request, "s3cret"));
	assert_int_equal(call("", "/"), 0);
	assert_null(strstr(hook.request, "Signature"));
}

static void
refused_call(void **state)
{
	int asked = http_peer_asked(&hook);

	http_peer_answers(&hook, "HTTP/1.1 500 No\r\n"
	    "Connection: close\r\n\r\n");
	assert_int_equal(call("s", "/"), ERR_WEBHOOK);
	assert_string_equal(said.detail, "It answered 500.");
	http_peer_answers(&hook, "HTTP/1.1 302 There\r\nLocation: /b\r\n"
	    "Connection: close\r\n\r\n");
	assert_int_equal(call("s", "/"), ERR_WEBHOOK);
	assert_non_null(strstr(said.detail, "not followed"));
	http_peer_answers(&hook, "What?\r\n");
	assert_int_equal(call("s", "/"), ERR_WEBHOOK);
	assert_int_equal(http_peer_asked(&hook), asked + 3);
}

static void
urls(void **state)
{
	static const char *const good[] = { "https://example.org",
		"https://example.org:8443/a?b=c", "http://localhost/",
		"http://127.0.0.1:80/", "http://[::1]:80/x",
		"http://127.1.2.3" };
	static const char *const bad[] = { "", "x", "example.org",
		"http://example.org/", "http://10.0.0.1/",
		"http://localhost.example.org/", "ftp://localhost/",
		"file:///etc/passwd", "https://a:b@example.org/",
		"https://a@example.org/", "https://example.org/#x",
		"http://localhost@example.org/", "https://", "https://a b/",
		"http://[::2]/", "https://example.org:99999/" };

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		assert_null(web_url_check(good[i]));
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (web_url_check(bad[i]) == NULL)
			fail_msg("%s", bad[i]);
}

/* ---- how far a project's goes ---- */

static void
reach_set(struct web_reach *reach, const char *range)
{
	*reach = (struct web_reach){ .refused = "" };
	if (range != NULL)
		assert_int_equal(range_parse(range,
		    &reach->allowed.items[reach->allowed.len++]), 0);
}

static bool
reaches(const char *range, const char *to)
{
	struct web_reach reach;
	struct address a;

	reach_set(&reach, range);
	assert_int_equal(address_parse(to, &a), 0);
	return web_reach_allows(&reach, &a);
}

static void
reach(void **state)
{
	static const char *const inner[] = { "127.0.0.1", "10.0.0.1",
		"172.31.0.1", "192.168.1.1", "100.64.0.1", "169.254.169.254",
		"0.0.0.0", "224.0.0.1", "255.255.255.255", "198.18.0.1",
		"::1", "::", "fe80::1", "fc00::1", "fd12::1", "ff02::1",
		"::ffff:10.0.0.1", "::ffff:127.0.0.1", "64:ff9b::a00:1",
		"2002:a00:1::", "fec0::1" };
	static const char *const outer[] = { "9.9.9.9", "172.32.0.1",
		"100.128.0.1", "2620:fe::fe", "::ffff:9.9.9.9" };

	for (size_t i = 0; i < sizeof(inner) / sizeof(inner[0]); i++)
		if (reaches(NULL, inner[i]))
			fail_msg("%s", inner[i]);
	for (size_t i = 0; i < sizeof(outer) / sizeof(outer[0]); i++)
		if (!reaches(NULL, outer[i]))
			fail_msg("%s", outer[i]);
	assert_true(reaches("10.0.0.0/8", "10.1.2.3"));
	assert_false(reaches("10.0.0.0/8", "192.168.1.1"));
	/* The loopback has to be meant. */
	assert_false(reaches("0.0.0.0/0", "127.0.0.1"));
	assert_true(reaches("127.0.0.0/8", "127.0.0.1"));
}

static void
reach_checked(void **state)
{
	struct web_reach reach;

	reach_set(&reach, NULL);
	assert_null(web_reach_check(&reach, "https://hooks.example.org/a"));
	assert_null(web_reach_check(&reach, "https://9.9.9.9/"));
	assert_non_null(web_reach_check(&reach, "http://example.org/"));
	assert_non_null(web_reach_check(&reach, "https://10.0.0.1/"));
	assert_non_null(web_reach_check(&reach, "https://[::1]:443/"));
	assert_non_null(web_reach_check(&reach, "https://0x7f.1/"));
	assert_non_null(web_reach_check(&reach, "http://127.0.0.1/"));
	reach_set(&reach, "127.0.0.1/32");
	assert_null(web_reach_check(&reach, "http://127.0.0.1/"));
}

/* What a name leads to is seen when it is called. */
static void
reach_called(void **state)
{
	static const char *const hosts[] = { "127.0.0.1", "localhost",
		"127.1" };
	int asked = http_peer_asked(&hook);
	struct web_reach reach;

	http_peer_answers(&hook, FINE);
	for (size_t i = 0; i < sizeof(hosts) / sizeof(hosts[0]); i++) {
		reach_set(&reach, NULL);
		assert_int_equal(call_within(&reach, hosts[i], "", "/"),
		    ERR_WEBHOOK);
		assert_non_null(strstr(said.detail, "do not allow"));
	}
	assert_int_equal(http_peer_asked(&hook), asked);
	reach_set(&reach, "127.0.0.0/8");
	assert_int_equal(call_within(&reach, "127.0.0.1", "", "/"), 0);
	assert_int_equal(http_peer_asked(&hook), asked + 1);
}

/* One of many projects fails: the others do not wait for it. */
static void
each_project(void **state)
{
	struct outbox_item item;
	struct fault f = { 0 };

	for (int i = 0; i < OUTBOX_PROJECT_MAX + 5; i++)
		add(OUTBOX_PROJECT, "ada", "{}", 1);
	add(OUTBOX_PROJECT, "bob", "{}", 2);
	assert_int_equal(number("SELECT COUNT(*) FROM outbox"
	    " WHERE target = 'ada'"), OUTBOX_PROJECT_MAX);
	assert_true(outbox_next(app.ledger, OUTBOX_PROJECT, 5, &item));
	assert_string_equal(item.target, "ada");
	assert_int_equal(outbox_postpone(app.ledger, &item, 5, "no", &f), 0);
	outbox_item_free(&item);
	assert_true(outbox_next(app.ledger, OUTBOX_PROJECT, 6, &item));
	assert_string_equal(item.target, "bob");
	outbox_item_free(&item);
	assert_int_equal(outbox_drop(app.ledger, OUTBOX_PROJECT, "ada", &f),
	    0);
	assert_int_equal(number("SELECT COUNT(*) FROM outbox"), 1);
	run("DELETE FROM outbox");
}

static void
owners(void **state)
{
	const struct webhook_settings web = { .url = "https://example.org/",
		.secret = "s3cret" }, none = { .url = "" };
	AUTO_FREE struct webhook_owner *list = NULL;
	struct webhook_settings w;
	struct fault f = { 0 };
	size_t n;

	assert_int_equal(post_settings_webhook_set(app.ledger, NULL, &web,
	    &f), 0);
	assert_int_equal(post_settings_webhook_set(app.ledger, "ada", &web,
	    &f), 0);
	assert_int_equal(post_settings_webhook_set(app.ledger, "bob", &none,
	    &f), 0);
	assert_int_equal(post_settings_webhook_owners(app.ledger, &list, &n),
	    0);
	assert_int_equal(n, 1);
	assert_string_equal(list[0].project, "ada");
	assert_int_equal(post_settings_webhook(app.ledger, "bob", &w, &f),
	    0);
	assert_string_equal(w.url, "");
	run("DELETE FROM setting");
}

/* ---- settings ---- */

static void
kept(void **state)
{
	const struct mail_settings mail = { .server = "smtp://localhost:25",
		.tls = MAIL_PLAIN, .from = "m@example.org", .user = "molly",
		.password = "pass \" word" };
	const struct webhook_settings web = { .url = "https://example.org/",
		.secret = "s3cret" };
	struct mail_settings m;
	struct webhook_settings w;
	struct fault f = { 0 };

	assert_int_equal(post_settings_mail(app.ledger, &m, &f), 0);
	assert_string_equal(m.server, "");
	assert_int_equal(m.tls, MAIL_STARTTLS);
	assert_int_equal(post_settings_mail_set(app.ledger, &mail, &f), 0);
	assert_int_equal(post_settings_mail(app.ledger, &m, &f), 0);
	assert_string_equal(m.server, mail.server);
	assert_string_equal(m.password, mail.password);
	assert_int_equal(m.tls, MAIL_PLAIN);
	assert_int_equal(post_settings_webhook_set(app.ledger, NULL, &web,
	    &f), 0);
	assert_int_equal(post_settings_webhook(app.ledger, NULL, &w, &f), 0);
	assert_string_equal(w.url, web.url);
	assert_string_equal(w.secret, web.secret);
	run("DELETE FROM setting");
}

/* ---- the thread ---- */

/* For 10 s at most. */
static void
until(bool (*done)(void))
{
	for (int i = 0; i < 1000 && !done(); i++)
		poll(NULL, 0, 10);
	assert_true(done());
}

static int
mails(void)
{
	DIR *d = opendir(mail_dir);
	struct dirent *e;
	int n = 0;

	assert_non_null(d);
	while ((e = readdir(d)) != NULL)
		n += e->d_name[0] != '.';
	closedir(d);
	return n;
}

static bool
two_mails(void)
{
	return mails() == 2;
}

static bool
one_failed(void)
{
	return number("SELECT COUNT(*) FROM outbox WHERE attempts = 1") == 1;
}

static bool
nothing_left(void)
{
	return number("SELECT COUNT(*) FROM outbox") == 0;
}

static void
webhook_set(void)
{
	struct webhook_settings s = { .secret = "s" };
	struct fault f = { 0 };

	snprintf(s.url, sizeof(s.url), "http://127.0.0.1:%d/", hook.port);
	assert_int_equal(post_settings_webhook_set(app.ledger, NULL, &s, &f),
	    0);
}

/*
 * An event happens; the webhook refuses it, is tried again later and hears the
 * same delivery. Mails go on, but for one that can not be sent to.
 */
static void
thread(void **state)
{
	const struct notice n = { .kind = NOTICE_UPDATED, .instance = "i1",
		.project = "ada", .name = "web", .builder = "robur",
		.job = "dns", .build = "b1" };
	char first[4096];
	struct fault f = { 0 };
	int asked = http_peer_asked(&hook);

	http_peer_answers(&hook, "HTTP/1.1 503 Later\r\n"
	    "Connection: close\r\n\r\n");
	webhook_set();
	assert_int_equal(post_new(&app, &app.post, &f), 0);
	add(OUTBOX_MAIL, "ada@example.org", "One.\n", wall_ms());
	assert_int_equal(notice_add(app.ledger, &n, &f), 0);
	until(one_failed);
	assert_int_equal(http_peer_asked(&hook), asked + 1);
	snprintf(first, sizeof(first), "%s", hook.request);
	add(OUTBOX_MAIL, "ada\r\nBcc: eve@example.org", "Two.\n", wall_ms());
	add(OUTBOX_MAIL, "bob@example.org", "Three.\n", wall_ms());
	until(two_mails);
	http_peer_answers(&hook, FINE);
	run("UPDATE outbox SET due = 0");
	until(nothing_left);
	assert_int_equal(http_peer_asked(&hook), asked + 2);
	assert_string_equal(hook.request, first);
	app.stopping = true;
	post_free(app.post);
	app.stopping = false;
	assert_int_equal(mails(), 2);
}

/* What it waits for does not hold up the end; the next start tries it. */
static void
ended(void **state)
{
	struct fault f = { 0 };
	int asked = http_peer_asked(&hook);
	int64_t begin;

	http_peer_answers(&hook, NULL);
	webhook_set();
	assert_int_equal(post_new(&app, &app.post, &f), 0);
	add(OUTBOX_WEBHOOK, "update.done", "{}", wall_ms());
	while (http_peer_asked(&hook) == asked)
		poll(NULL, 0, 10);
	begin = wall_ms();
	app.stopping = true;
	post_free(app.post);
	app.stopping = false;
	assert_true(wall_ms() - begin < 4000);
	assert_int_equal(number("SELECT attempts FROM outbox"), 0);
	http_peer_answers(&hook, FINE);
	assert_int_equal(post_new(&app, &app.post, &f), 0);
	until(nothing_left);
	app.stopping = true;
	post_free(app.post);
	app.stopping = false;
}

/* ---- a mail server ---- */

static void
server_set(const struct smtp_peer *p)
{
	struct mail_settings s = { .tls = MAIL_PLAIN, .from = "m@example.org" };
	struct fault f = { 0 };

	snprintf(s.server, sizeof(s.server), "smtp://127.0.0.1:%d", p->port);
	assert_int_equal(post_settings_mail_set(app.ledger, &s, &f), 0);
}

static void
by_server(void **state)
{
	const struct app_config no_folder = { .auth_socket = "/nonexistent" };
	const struct mail m = { .to = "ada@example.org", .subject = "News",
		.text = "One.\n", .mark = "abc" };
	struct smtp_peer peer = { .taken = 0 };
	struct fault f = { 0 };

	app.config = &no_folder;
	assert_false(post_mail_ready(&app));
	assert_int_equal(post_mail(&app, &m, &f), ERR_MAIL);
	smtp_peer_start(&peer);
	server_set(&peer);
	assert_true(post_mail_ready(&app));
	f = (struct fault){ 0 };
	assert_int_equal(post_mail(&app, &m, &f), 0);
	smtp_peer_stop(&peer);
	assert_int_equal(peer.taken, 1);
	smtp_peer_free(&peer);
	run("DELETE FROM setting");
	app.config = &config;
}

/* A server that takes its time to refuse is not asked again for the others. */
static void
slow_server(void **state)
{
	const struct app_config no_folder = { .auth_socket = "/nonexistent" };
	struct smtp_peer peer = { .rcpt = "550 No\r\n", .late_ms = 2100 };
	struct fault f = { 0 };
	int64_t now = wall_ms();
	int asked = http_peer_asked(&hook);

	app.config = &no_folder;
	http_peer_answers(&hook, FINE);
	webhook_set();
	smtp_peer_start(&peer);
	server_set(&peer);
	for (int i = 0; i < 5; i++) {
		add(OUTBOX_MAIL, "ada@example.org", "One.\n", now);
		add(OUTBOX_WEBHOOK, "update.done", "{}", now);
	}
	assert_int_equal(post_new(&app, &app.post, &f), 0);
	until(one_failed);
	for (int i = 0; i < 500 && http_peer_asked(&hook) < asked + 5; i++)
		poll(NULL, 0, 10);
	assert_int_equal(http_peer_asked(&hook), asked + 5);
	app.stopping = true;
	post_free(app.post);
	app.stopping = false;
	smtp_peer_stop(&peer);
	assert_int_equal(peer.met, 1);
	smtp_peer_free(&peer);
	run("DELETE FROM outbox");
	run("DELETE FROM setting");
	app.config = &config;
}

static void
folder_missing(void **state)
{
	const struct app_config other = { .auth_socket = "/nonexistent",
		.mail_dir = "/nonexistent/mail" };
	struct fault f = { 0 };
	struct post *p;

	app.config = &other;
	assert_int_equal(post_new(&app, &p, &f), ERR_INTERNAL);
	assert_non_null(strstr(f.detail, "/nonexistent/mail"));
	app.config = &config;
}

static int
begin(void **state)
{
	struct fault f = { 0 };

	log_init("test", LOG_LEVEL_ERROR);
	folder_make(dir);
	snprintf(mail_dir, sizeof(mail_dir), "%s/mail", dir);
	app.config = &config;
	snprintf(app.origin, sizeof(app.origin), "https://m.example");
	if (mkdir(mail_dir, 0700) < 0 || http_peer_open(&hook) < 0)
		return -1;
	return curl_global_init(CURL_GLOBAL_DEFAULT) != 0 ? -1 :
		ledger_open(dir, &app.ledger, &f);
}

static int
end(void **state)
{
	http_peer_close(&hook);
	ledger_close(app.ledger);
	curl_global_cleanup();
	return folder_remove(dir);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(later_and_later),
		cmocka_unit_test(oldest_make_room),
		cmocka_unit_test(signed_call),
		cmocka_unit_test(refused_call),
		cmocka_unit_test(urls),
		cmocka_unit_test(reach),
		cmocka_unit_test(reach_checked),
		cmocka_unit_test(reach_called),
		cmocka_unit_test(each_project),
		cmocka_unit_test(owners),
		cmocka_unit_test(kept),
		cmocka_unit_test(thread),
		cmocka_unit_test(ended),
		cmocka_unit_test(by_server),
		cmocka_unit_test(slow_server),
		cmocka_unit_test(folder_missing),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
