/* SPDX-License-Identifier: ISC */
/*
 * notices: what happened becomes what is to be sent: to whom, when, once, and
 * not of what is outdated. With an authority that knows a few people.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/log.h"
#include "base/message.h"
#include "base/text.h"
#include "fcgi/alert_event.h"
#include "fcgi/notice_mail.h"
#include "fcgi/notice_tell.h"
#include "fcgi/notice_wish.h"
#include "fcgi/notices.h"
#include "fcgi/outbox.h"
#include "tests/unit/deployments.h"
#include "tests/unit/folder.h"

#define MINUTE (60 * 1000LL)
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)
#define STARTED 1784020087000	/* 2026-07-14T09:08:07Z */

static char dir[FOLDER_SIZE];
static struct ledger *ledger;
static struct teller teller;

/* ---- an authority ---- */

static struct {
	char path[FOLDER_SIZE + 8];
	int fd;
	pthread_t thread;
	int asked;
} authority;

/* Of "mmg_ada", "mmg_bob" and "mmg_root", whose projects are their names. */
static struct json_object *
answer(const char *bearer)
{
	struct json_object *o = NULL;
	char text[256];
	struct fault f = { 0 };

	if (strcmp(bearer, "mmg_gone") == 0)
		snprintf(text, sizeof(text), "{\"error\":{\"code\":"
		    "\"unauthenticated\",\"detail\":\"No.\"}}");
	else
		snprintf(text, sizeof(text), "{\"ok\":{\"session\":{\"user\":"
		    "{\"id\":\"%s\",\"email\":\"%s@example.org\",\"name\":"
		    "\"x\",\"admin\":%s},\"projects\":[{\"name\":\"other\"},"
		    "{\"name\":\"%s\"}]}}}", bearer + 4, bearer + 4,
		    strcmp(bearer, "mmg_root") == 0 ? "true" : "false",
		    bearer + 4);
	o = json_parse(text, strlen(text), &f);
	assert_non_null(o);
	return o;
}

static void *
authority_main(void *arg)
{
	struct json_object *o, *bearer;
	int fd;

	while ((fd = accept(authority.fd, NULL, NULL)) >= 0) {
		while ((o = message_receive(fd, 5000)) != NULL) {
			struct json_object *reply;

			authority.asked++;
			assert_true(json_object_object_get_ex(o, "bearer",
			    &bearer));
			reply = answer(json_object_get_string(bearer));
			message_send(fd, reply);
			json_object_put(reply);
			json_object_put(o);
		}
		close(fd);
	}
	return NULL;
}

/* ---- what is there ---- */

static void
run(const char *sql)
{
	ledger_run(ledger, sql);
}

static int64_t
number(const char *sql)
{
	struct db *d = ledger_read_begin(ledger);
	sqlite3_stmt *s = db_query(d, sql, "");
	int64_t n;

	assert_int_equal(db_step(s), 1);
	n = sqlite3_column_int64(s, 0);
	db_done(s);
	ledger_read_end(ledger);
	return n;
}

static void
event(enum notice_kind kind, const char *project, const char *name,
	const char *build)
{
	const struct notice n = { .kind = kind, .instance = "i1",
		.project = project, .name = name, .builder = "robur",
		.job = "dns", .build = build, .started = STARTED,
		.detail = kind == NOTICE_FAILED ? "It did\nnot\x1b answer." :
		NULL };
	struct fault f = { 0 };

	assert_int_equal(notice_add(ledger, &n, &f), 0);
}

static void
wish(const char *user, enum notice_mode mode)
{
	struct notice_wish w = { .mode = mode };
	struct fault f = { 0 };

	snprintf(w.user, sizeof(w.user), "%s", user);
	snprintf(w.credential, sizeof(w.credential), "mmg_%s", user);
	assert_int_equal(notice_wish_set(ledger, &w, &f), 0);
}

/* Sends nothing: the mail (or call) that would go out, NULL for none. */
static struct outbox_item item;

static const char *
next(enum outbox_kind kind)
{
	struct fault f = { 0 };

	outbox_item_free(&item);
	item = (struct outbox_item){ .id = 0 };
	if (!outbox_next(ledger, kind, INT64_MAX, &item))
		return NULL;
	assert_int_equal(outbox_remove(ledger, &item, &f), 0);
	return item.body;
}

static void
alerts_wish(const char *user, enum notice_mode mode, bool all)
{
	struct notice_wish w = { .alerts = mode, .alerts_all = all };
	struct fault f = { 0 };

	snprintf(w.user, sizeof(w.user), "%s", user);
	snprintf(w.credential, sizeof(w.credential), "mmg_%s", user);
	assert_int_equal(notice_wish_set(ledger, &w, &f), 0);
}

static int64_t now;

/* An alert of which is told now; "" as in alert.h. */
static int64_t
alert(enum alert_kind kind, const char *project, const char *name,
	const char *projects)
{
	const struct alert_of of = { kind, "i1", project, name };
	struct fault f = { 0 };
	struct db *d = ledger_write_begin(ledger, &f);
	int64_t id;
	int err = alert_begin(d, &of, "It is so.", 0, STARTED, &id);

	if (err == 0)
		err = alert_event_add(d, id, true, projects, now);
	assert_int_equal(ledger_write_end(ledger, err, &f), 0);
	return id;
}

static void
alert_over(int64_t id)
{
	struct fault f = { 0 };
	struct db *d = ledger_write_begin(ledger, &f);
	int err = alert_end(d, id, STARTED + HOUR);

	if (err == 0)
		err = alert_event_add(d, id, false, " ", now);
	assert_int_equal(ledger_write_end(ledger, err, &f), 0);
}

static void
tell_after(int64_t ms)
{
	assert_int_equal(notices_tell(&teller, now + ms), 0);
}

static int
setup(void **state)
{
	run("DELETE FROM notice_event");
	run("DELETE FROM notice_wish");
	run("DELETE FROM alert_event");
	run("DELETE FROM alert");
	run("DELETE FROM outbox");
	deployments_clear(ledger);
	now = wall_ms();
	authority.asked = 0;
	teller = (struct teller){ .ledger = ledger, .auth = teller.auth,
		.origin = "https://m.example", .mail = true };
	return 0;
}

/* ---- at once ---- */

static void
at_once(void **state)
{
	wish("ada", NOTICE_AT_ONCE);
	event(NOTICE_AVAILABLE, "ada", "web", "b1");
	tell_after(0);
	assert_null(next(OUTBOX_MAIL));
	tell_after(NOTICE_SETTLE_MS + 1000);
	assert_string_equal(next(OUTBOX_MAIL), "A newer build is available:\n"
	    "\n"
	    "  i1/ada/web: dns, built 2026-07-14 09:08 UTC\n"
	    "  https://m.example/unikernels/i1/ada/web?tab=update\n"
	    "\n"
	    "-- \n"
	    "You asked to be told at once. Change that at\n"
	    "https://m.example/notifications\n");
	assert_string_equal(item.target, "ada@example.org");
	assert_string_equal(item.subject, "Update available: i1/ada/web");
	assert_null(next(OUTBOX_MAIL));
}

static void
once(void **state)
{
	wish("ada", NOTICE_AT_ONCE);
	event(NOTICE_AVAILABLE, "ada", "web", "b1");
	tell_after(MINUTE);
	assert_non_null(next(OUTBOX_MAIL));
	/* The same again, also to who changed the wish meanwhile. */
	event(NOTICE_AVAILABLE, "ada", "web", "b1");
	tell_after(2 * MINUTE);
	wish("ada", NOTICE_DAILY);
	tell_after(3 * DAY);
	assert_null(next(OUTBOX_MAIL));
	event(NOTICE_AVAILABLE, "ada", "web", "b2");
	tell_after(3 * DAY);
	assert_non_null(next(OUTBOX_MAIL));
}

static void
what_was_before(void **state)
{
	event(NOTICE_AVAILABLE, "ada", "web", "b1");
	wish("ada", NOTICE_AT_ONCE);
	tell_after(MINUTE);
	assert_null(next(OUTBOX_MAIL));
	assert_int_equal(authority.asked, 0);
}

/* Everybody is told of theirs, an administrator of all. */
static void
whose(void **state)
{
	wish("ada", NOTICE_AT_ONCE);
	wish("bob", NOTICE_AT_ONCE);
	wish("root", NOTICE_AT_ONCE);
	event(NOTICE_AVAILABLE, "ada", "web", "b1");
	event(NOTICE_UPDATED, "eve", "secret", "b1");
	tell_after(MINUTE);
	assert_null(strstr(next(OUTBOX_MAIL), "secret"));
	assert_string_equal(item.target, "ada@example.org");
	assert_non_null(strstr(next(OUTBOX_MAIL), "secret"));
	assert_string_equal(item.target, "root@example.org");
	assert_string_equal(item.subject, "Updates: 1 available, 1 done");
	assert_null(next(OUTBOX_MAIL));
}

static void
outdated(void **state)
{
	wish("ada", NOTICE_AT_ONCE);
	event(NOTICE_AVAILABLE, "ada", "web", "b1");
	event(NOTICE_AVAILABLE, "ada", "web", "b2");
	event(NOTICE_AVAILABLE, "ada", "dns", "b2");
	deployment_put(ledger, &(struct row){ .name = "dns", .number = 1,
		.state = "running", .current = true });
	run("UPDATE deployment SET build ="
	    " '{\"builder\":\"robur\",\"job\":\"dns\",\"build\":\"b2\"}'");
	tell_after(MINUTE);
	assert_null(strstr(next(OUTBOX_MAIL), "i1/ada/dns"));
	assert_string_equal(item.subject, "Update available: i1/ada/web");
	/* All of it is outdated: there is nothing to say. */
	event(NOTICE_AVAILABLE, "ada", "dns", "b3");
	run("UPDATE deployment SET build ="
	    " '{\"builder\":\"robur\",\"job\":\"dns\",\"build\":\"b3\"}'");
	tell_after(MINUTE);
	assert_null(next(OUTBOX_MAIL));
}

/* A build of the same name at another site is another one. */
static void
not_outdated(void **state)
{
	static const char *const builds[] = { "NULL", "'x'", "'[]'", "'{}'",
		"'{\"builder\":1,\"build\":2}'",
		"'{\"builder\":\"x\",\"job\":\"dns\",\"build\":\"b\"}'" };
	char sql[128];

	wish("ada", NOTICE_AT_ONCE);
	deployment_put(ledger, &(struct row){ .name = "dns", .number = 1,
		.state = "running", .current = true });
	for (size_t i = 0; i < sizeof(builds) / sizeof(builds[0]); i++) {
		struct fault f = { 0 };
		struct db *d = ledger_write_begin(ledger, &f);

		snprintf(sql, sizeof(sql), "UPDATE deployment SET build = %s",
		    builds[i]);
		assert_int_equal(sqlite3_exec(sqlite3_db_handle(db_query(d,
		    "SELECT 1", "")), sql, NULL, NULL, NULL), SQLITE_OK);
		assert_int_equal(ledger_write_end(ledger, 0, &f), 0);
		run("DELETE FROM notice_event");
		event(NOTICE_AVAILABLE, "ada", "dns", "b");
		tell_after(MINUTE);
		assert_non_null(next(OUTBOX_MAIL));
	}
}

/* ---- digests ---- */

/* Six in the morning next after now. */
static int64_t
morning(void)
{
	int64_t today = now - now % DAY + 6 * HOUR;

	return today > now ? today : today + DAY;
}

static void
digest(void **state)
{
	int64_t six = morning();

	wish("ada", NOTICE_DAILY);
	event(NOTICE_AVAILABLE, "ada", "web", "b1");
	event(NOTICE_FAILED, "ada", "web", "b1");
	event(NOTICE_PAUSED, "ada", "web", "b1");
	event(NOTICE_UPDATED, "ada", "dns", "b1");
	assert_int_equal(notices_tell(&teller, six - 1000), 0);
	assert_null(next(OUTBOX_MAIL));
	assert_int_equal(authority.asked, 0);
	assert_int_equal(notices_tell(&teller, six + 1000), 0);
	assert_non_null(next(OUTBOX_MAIL));
	assert_string_equal(item.subject,
	    "Updates: 1 failed, 1 paused, 1 available, 1 done");
	assert_non_null(strstr(item.body, "told once a day"));
	/* What others wrote is clean, and one line. */
	assert_non_null(strstr(item.body, "  It did\xe2\x90\x8anot\xe2\x90\x9b"
	    " answer.\n"));
	assert_int_equal(notices_tell(&teller, six + 2 * DAY), 0);
	assert_null(next(OUTBOX_MAIL));
}

/* ---- who is not there any more; and what is not set up ---- */

static void
person_gone(void **state)
{
	wish("gone", NOTICE_AT_ONCE);
	event(NOTICE_AVAILABLE, "ada", "web", "b1");
	tell_after(MINUTE);
	assert_null(next(OUTBOX_MAIL));
	assert_int_equal(number("SELECT COUNT(*) FROM notice_wish"), 0);
}

static void
authority_away(void **state)
{
	char path[] = "/nonexistent/auth";
	struct auth_client *there = teller.auth;

	teller.auth = auth_client_new(path);
	wish("ada", NOTICE_AT_ONCE);
	event(NOTICE_AVAILABLE, "ada", "web", "b1");
	assert_int_equal(notices_tell(&teller, now + MINUTE),
	    ERR_AUTHORITY);
	assert_null(next(OUTBOX_MAIL));
	auth_client_free(teller.auth);
	teller.auth = there;
	tell_after(MINUTE);
	assert_non_null(next(OUTBOX_MAIL));
}

static void
no_mail(void **state)
{
	teller.mail = false;
	wish("ada", NOTICE_AT_ONCE);
	event(NOTICE_AVAILABLE, "ada", "web", "b1");
	tell_after(MINUTE);
	assert_null(next(OUTBOX_MAIL));
	teller.mail = true;
	tell_after(2 * MINUTE);
	assert_non_null(next(OUTBOX_MAIL));
}

/* ---- wishes ---- */

static void
wishes(void **state)
{
	struct notice_wish w, other;
	struct fault f = { 0 };

	assert_int_equal(notice_wish_get(ledger, "ada", &w, &f), 0);
	assert_int_equal(w.mode, NOTICE_OFF);
	wish("ada", NOTICE_DAILY);
	assert_int_equal(notice_wish_get(ledger, "ada", &w, &f), 0);
	assert_int_equal(w.mode, NOTICE_DAILY);
	assert_string_equal(w.credential, "mmg_ada");
	other = w;
	snprintf(other.credential, sizeof(other.credential), "mmg_other");
	/* One that was replaced takes nothing away. */
	assert_int_equal(notice_wish_remove(ledger, &other, &f), 0);
	assert_int_equal(number("SELECT COUNT(*) FROM notice_wish"), 1);
	assert_int_equal(notice_wish_remove(ledger, &w, &f), 0);
	assert_int_equal(number("SELECT COUNT(*) FROM notice_wish"), 0);
}

/* ---- alerts ---- */

static void
alert_at_once(void **state)
{
	int64_t id;

	alerts_wish("ada", NOTICE_AT_ONCE, true);
	id = alert(ALERT_CRASH_LOOP, "ada", "web", " ");
	/* It was put together with others already. */
	tell_after(1);
	assert_string_equal(next(OUTBOX_MAIL), "This is wrong:\n"
	    "\n"
	    "  i1/ada/web: Crash loop, since 2026-07-14 09:08 UTC\n"
	    "  It is so.\n"
	    "  https://m.example/unikernels/i1/ada/web\n"
	    "\n"
	    "-- \n"
	    "You asked to be told at once. Change that at\n"
	    "https://m.example/notifications\n");
	assert_string_equal(item.target, "ada@example.org");
	assert_string_equal(item.subject, "Crash loop: i1/ada/web");
	tell_after(MINUTE);
	assert_null(next(OUTBOX_MAIL));
	alert_over(id);
	tell_after(2 * MINUTE);
	assert_non_null(strstr(next(OUTBOX_MAIL), "This is over:\n"
	    "\n"
	    "  i1/ada/web: Crash loop, since 2026-07-14 09:08 until"
	    " 2026-07-14 10:08 UTC\n"));
	assert_string_equal(item.subject, "Over: Crash loop: i1/ada/web");
	/* Of updates they did not want to hear. */
	event(NOTICE_AVAILABLE, "ada", "web", "b1");
	tell_after(DAY);
	assert_null(next(OUTBOX_MAIL));
}

static void
alert_digest(void **state)
{
	int64_t six = morning(), id;

	alerts_wish("ada", NOTICE_DAILY, true);
	id = alert(ALERT_CRASH_LOOP, "ada", "web", " ");
	alert(ALERT_POLICY_FULL, "ada", "", " ");
	alert(ALERT_CHECK_FAILING, "ada", "dns", " ");
	alert_over(id);
	assert_int_equal(notices_tell(&teller, six - 1000), 0);
	assert_null(next(OUTBOX_MAIL));
	assert_int_equal(notices_tell(&teller, six + 1000), 0);
	assert_non_null(next(OUTBOX_MAIL));
	assert_string_equal(item.subject, "Alerts: 2 open, 1 over");
	assert_non_null(strstr(item.body, "\n  i1/ada: Policy nearly full,"));
	assert_non_null(strstr(item.body, "told once a day"));
	assert_null(next(OUTBOX_MAIL));
}

/* Members of theirs, administrators of instances and what they choose. */
static void
alert_whose(void **state)
{
	alerts_wish("ada", NOTICE_AT_ONCE, true);
	alerts_wish("bob", NOTICE_AT_ONCE, true);
	alerts_wish("root", NOTICE_AT_ONCE, false);
	alert(ALERT_CRASH_LOOP, "eve", "web", " ");
	alert(ALERT_CERTIFICATE_EXPIRING, "", "", " ");
	tell_after(1);
	assert_non_null(next(OUTBOX_MAIL));
	assert_string_equal(item.target, "root@example.org");
	assert_string_equal(item.subject, "Certificate expiring: i1");
	assert_null(next(OUTBOX_MAIL));
	/* That an instance is down matters to who has a policy there. */
	alert(ALERT_INSTANCE_DOWN, "", "", " eve bob ");
	tell_after(1);
	assert_non_null(next(OUTBOX_MAIL));
	assert_string_equal(item.target, "bob@example.org");
	assert_non_null(next(OUTBOX_MAIL));
	assert_string_equal(item.target, "root@example.org");
	assert_null(next(OUTBOX_MAIL));
	alerts_wish("root", NOTICE_AT_ONCE, true);
	alert(ALERT_CRASH_LOOP, "eve", "dns", " ");
	tell_after(1);
	assert_non_null(next(OUTBOX_MAIL));
	assert_string_equal(item.subject, "Crash loop: i1/eve/dns");
	assert_null(next(OUTBOX_MAIL));
}

/* Each is told from when it was wished. */
static void
alert_from_now(void **state)
{
	struct notice_wish w;
	struct fault f = { 0 };

	alert(ALERT_CRASH_LOOP, "ada", "old", " ");
	event(NOTICE_AVAILABLE, "ada", "old", "b1");
	wish("ada", NOTICE_AT_ONCE);
	alert(ALERT_CRASH_LOOP, "ada", "before", " ");
	event(NOTICE_AVAILABLE, "ada", "web", "b1");
	assert_int_equal(notice_wish_get(ledger, "ada", &w, &f), 0);
	w.alerts = NOTICE_AT_ONCE;
	assert_int_equal(notice_wish_set(ledger, &w, &f), 0);
	alert(ALERT_CRASH_LOOP, "ada", "web", " ");
	tell_after(MINUTE);
	assert_non_null(next(OUTBOX_MAIL));
	assert_string_equal(item.subject, "Update available: i1/ada/web");
	assert_non_null(next(OUTBOX_MAIL));
	assert_string_equal(item.subject, "Crash loop: i1/ada/web");
	assert_null(next(OUTBOX_MAIL));
}

/* ---- what is about no build ---- */

static void
no_build(void **state)
{
	const struct notice n = { .kind = NOTICE_PAUSED, .instance = "i1",
		.project = "ada", .name = "web", .builder = "", .job = "",
		.build = "", .detail = "It ended." };
	struct fault f = { 0 };

	wish("ada", NOTICE_AT_ONCE);
	/* It may happen again. */
	for (int i = 0; i < 2; i++) {
		assert_int_equal(notice_add(ledger, &n, &f), 0);
		tell_after(MINUTE);
		assert_non_null(strstr(next(OUTBOX_MAIL),
		    "\n  i1/ada/web\n  It ended.\n"));
		assert_string_equal(item.subject,
		    "Automatic updates paused: i1/ada/web");
	}
	assert_null(next(OUTBOX_MAIL));
}

/* ---- a mail of many ---- */

static void
many(void **state)
{
	char name[16];

	wish("ada", NOTICE_AT_ONCE);
	for (int i = 0; i < NOTICE_LINES_MAX + 7; i++) {
		snprintf(name, sizeof(name), "web-%d", i);
		event(NOTICE_AVAILABLE, "ada", name, "b1");
	}
	tell_after(MINUTE);
	assert_non_null(strstr(next(OUTBOX_MAIL),
	    "And 7 more: https://m.example/unikernels\n"));
	assert_null(next(OUTBOX_MAIL));
}

/* ---- the webhook ---- */

static void
webhook(void **state)
{
	AUTO_JSON struct json_object *o = NULL;
	struct json_object *at = NULL;
	struct fault f = { 0 };

	teller.webhook = true;
	event(NOTICE_FAILED, "eve", "web", "b1");
	event(NOTICE_AVAILABLE, "eve", "web", "b2");
	tell_after(0);
	assert_non_null(next(OUTBOX_WEBHOOK));
	assert_string_equal(item.target, "update.failed");
	o = json_parse(item.body, strlen(item.body), &f);
	assert_non_null(o);
	assert_true(json_object_object_get_ex(o, "at", &at));
	json_object_object_del(o, "at");
	assert_string_equal(json_object_to_json_string_ext(o,
	    JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE),
	    "{\"event\":\"update.failed\",\"instance\":\"i1\","
	    "\"project\":\"eve\",\"name\":\"web\",\"builder\":\"robur\","
	    "\"job\":\"dns\",\"build\":\"b1\","
	    "\"started_at\":\"2026-07-14T09:08:07.000Z\","
	    "\"detail\":\"It did\xe2\x90\x8anot\xe2\x90\x9b answer.\","
	    "\"link\":\"https://m.example/unikernels/i1/eve/web?tab=update\""
	    "}");
	assert_non_null(next(OUTBOX_WEBHOOK));
	assert_string_equal(item.target, "update.available");
	tell_after(DAY);
	assert_null(next(OUTBOX_WEBHOOK));
}

/* Without one, what happened meanwhile is not told later. */
static void
webhook_later(void **state)
{
	event(NOTICE_AVAILABLE, "eve", "web", "b1");
	tell_after(0);
	teller.webhook = true;
	tell_after(0);
	assert_null(next(OUTBOX_WEBHOOK));
}

static void
forgotten(void **state)
{
	event(NOTICE_AVAILABLE, "eve", "web", "b1");
	event(NOTICE_AVAILABLE, "eve", "web", "b2");
	event(NOTICE_FAILED, "eve", "web", "b1");
	tell_after(0);
	assert_int_equal(number("SELECT COUNT(*) FROM notice_event"), 3);
	event(NOTICE_AVAILABLE, "eve", "dns", "b1");
	tell_after(NOTICE_KEPT_MS + MINUTE);
	assert_int_equal(number("SELECT COUNT(*) FROM notice_event"), 3);
	assert_int_equal(number("SELECT COUNT(*) FROM notice_event"
	    " WHERE name = 'web' AND build = 'b2'"), 1);
}

static int
begin(void **state)
{
	struct fault f = { 0 };

	log_init("test", LOG_LEVEL_ERROR);
	folder_make(dir);
	snprintf(authority.path, sizeof(authority.path), "%s/auth", dir);
	authority.fd = message_listen(authority.path, 16, 0600);
	teller.auth = auth_client_new(authority.path);
	if (authority.fd < 0 || teller.auth == NULL ||
	    pthread_create(&authority.thread, NULL, authority_main, NULL) != 0)
		return -1;
	return ledger_open(dir, &ledger, &f);
}

static int
end(void **state)
{
	outbox_item_free(&item);
	auth_client_free(teller.auth);
	shutdown(authority.fd, SHUT_RDWR);
	pthread_join(authority.thread, NULL);
	close(authority.fd);
	ledger_close(ledger);
	return folder_remove(dir);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(at_once, setup),
		cmocka_unit_test_setup(once, setup),
		cmocka_unit_test_setup(what_was_before, setup),
		cmocka_unit_test_setup(whose, setup),
		cmocka_unit_test_setup(outdated, setup),
		cmocka_unit_test_setup(not_outdated, setup),
		cmocka_unit_test_setup(digest, setup),
		cmocka_unit_test_setup(person_gone, setup),
		cmocka_unit_test_setup(authority_away, setup),
		cmocka_unit_test_setup(no_mail, setup),
		cmocka_unit_test_setup(wishes, setup),
		cmocka_unit_test_setup(alert_at_once, setup),
		cmocka_unit_test_setup(alert_digest, setup),
		cmocka_unit_test_setup(alert_whose, setup),
		cmocka_unit_test_setup(alert_from_now, setup),
		cmocka_unit_test_setup(no_build, setup),
		cmocka_unit_test_setup(many, setup),
		cmocka_unit_test_setup(webhook, setup),
		cmocka_unit_test_setup(webhook_later, setup),
		cmocka_unit_test_setup(forgotten, setup),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
