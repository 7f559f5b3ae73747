/* SPDX-License-Identifier: ISC */
/*
 * alert_tell: which alerts are told when, together, once, to which webhooks;
 * with an instance that is down or not.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/log.h"
#include "base/text.h"
#include "fcgi/alert_event.h"
#include "fcgi/alert_tell.h"
#include "fcgi/app.h"
#include "fcgi/outbox.h"
#include "fcgi/post_settings.h"
#include "tests/unit/deployments.h"

#define MINUTE (60 * 1000LL)
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)

static char dir[FOLDER_SIZE];
static struct app app;
static struct alert_teller teller;
static const char *down;	/* an instance, or NULL */
static int64_t now;

static void
run(const char *sql)
{
	ledger_run(app.ledger, sql);
}

static bool
is_down(void *arg, const char *instance)
{
	return down != NULL && strcmp(down, instance) == 0;
}

/* ada has policies on i1 and i2, bob on i2. */
static void
projects_on(void *arg, const char *instance, struct buf *out)
{
	buf_put_str(out, "ada ");
	if (strcmp(instance, "i2") == 0)
		buf_put_str(out, "bob ");
}

static void
webhook(const char *project, const char *url)
{
	struct webhook_settings s = { .url = "" };
	struct fault f = { 0 };

	snprintf(s.url, sizeof(s.url), "%s", url);
	assert_int_equal(post_settings_webhook_set(app.ledger, project, &s,
	    &f), 0);
}

static int
setup(void **state)
{
	run("DELETE FROM alert");
	run("DELETE FROM alert_event");
	run("DELETE FROM outbox");
	run("DELETE FROM setting");
	down = NULL;
	now = wall_ms();
	teller = (struct alert_teller){ .ledger = app.ledger,
		.origin = "https://m.example", .webhook = true,
		.down = is_down, .projects = projects_on };
	app.alerts = alerts_new(&app);
	return app.alerts == NULL ? -1 : 0;
}

static int
teardown(void **state)
{
	alerts_free(app.alerts);
	return 0;
}

static void
raise_web(const char *name)
{
	alert_raise(&app, ALERT_CRASH_LOOP, "i1", "ada", name, "It loops.");
}

static void
clear_web(const char *name)
{
	alert_clear(&app, ALERT_CRASH_LOOP, "i1", "ada", name);
}

/*
 * What would be sent to a webhook (of a project, or NULL), "state:count
 * instance/project/name" of each; "" when there is nothing.
 */
static const char *
heard(const char *project)
{
	static char text[4096];
	enum outbox_kind kind = project == NULL ? OUTBOX_WEBHOOK :
		OUTBOX_PROJECT;
	struct outbox_item item;
	struct json_object *o, *list, *a;
	struct fault f = { 0 };
	size_t len = 0;

	text[0] = '\0';
	if (!outbox_next(app.ledger, kind, INT64_MAX, &item))
		return text;
	assert_string_equal(project == NULL ? item.target : item.subject,
	    "alert");
	if (project != NULL)
		assert_string_equal(item.target, project);
	o = json_parse(item.body, strlen(item.body), &f);
	list = json_member(o, "alerts", json_type_array);
	for (size_t i = 0; i < json_object_array_length(list); i++) {
		a = json_object_array_get_idx(list, i);
		len += (size_t)snprintf(text + len, sizeof(text) - len,
		    "%s%s:%d %s/%s/%s", i == 0 ? "" : ", ",
		    json_member_text(a, "state", 16),
		    json_object_get_int(json_member(a, "count",
		    json_type_int)), json_member_text(a, "instance", 64),
		    json_member_text(a, "project", 64),
		    json_member_text(a, "name", 64));
		assert_true(len < sizeof(text));
	}
	json_object_put(o);
	assert_int_equal(outbox_remove(app.ledger, &item, &f), 0);
	outbox_item_free(&item);
	return text;
}

static void
tell_after(int64_t ms)
{
	alerts_tell(&teller, now + ms);
}

/* ---- one ---- */

static void
begins_and_is_over(void **state)
{
	raise_web("web");
	tell_after(20 * 1000);
	assert_string_equal(heard(NULL), "");
	tell_after(MINUTE);
	assert_string_equal(heard(NULL), "open:1 i1/ada/web");
	tell_after(2 * MINUTE);
	assert_string_equal(heard(NULL), "");
	clear_web("web");
	tell_after(3 * MINUTE);
	assert_string_equal(heard(NULL), "resolved:1 i1/ada/web");
	tell_after(DAY);
	assert_string_equal(heard(NULL), "");
}

static void
as_it_is_sent(void **state)
{
	static const char sent[] = "{\"event\":\"alert\",\"alerts\":["
		"{\"id\":7,\"kind\":\"crash-loop\",\"severity\":\"critical\","
		"\"instance\":\"i1\",\"project\":\"ada\",\"name\":\"web\","
		"\"since\":\"2026-07-14T09:08:07.000Z\",\"until\":null,"
		"\"count\":1,\"detail\":\"It loops.\",\"silenced_until\":null,"
		"\"state\":\"open\",\"link\":"
		"\"https:\\/\\/m.example\\/unikernels\\/i1\\/ada\\/web\""
		"}],"
		"\"link\":\"https:\\/\\/m.example\\/alerts\",\"at\":\"";
	struct outbox_item item;

	raise_web("web");
	run("UPDATE alert SET id = 7, since = 1784020087000");
	alerts_tell(&teller, now = wall_ms() + MINUTE);
	assert_true(outbox_next(app.ledger, OUTBOX_WEBHOOK, INT64_MAX,
	    &item));
	assert_int_equal(strncmp(item.body, sent, sizeof(sent) - 1), 0);
	outbox_item_free(&item);
}

static void
came_and_went(void **state)
{
	raise_web("web");
	clear_web("web");
	tell_after(MINUTE);
	assert_string_equal(heard(NULL), "");
	/* Once more, and it is worth telling. */
	raise_web("web");
	tell_after(2 * MINUTE);
	assert_string_equal(heard(NULL), "open:2 i1/ada/web");
}

/* ---- many ---- */

static void
together(void **state)
{
	raise_web("a");
	raise_web("b");
	run("UPDATE alert SET changed = changed - 29000 WHERE name = 'a'");
	tell_after(2000);
	assert_string_equal(heard(NULL), "open:1 i1/ada/a, open:1 i1/ada/b");
	assert_string_equal(heard(NULL), "");
}

static void
very_many(void **state)
{
	char name[16];

	setting_put(app.ledger, "alerts", "{\"group_seconds\": 0}");
	for (int i = 0; i < ALERT_CALL_MAX + 1; i++) {
		snprintf(name, sizeof(name), "n%d", i);
		raise_web(name);
	}
	tell_after(1000);
	assert_true(strlen(heard(NULL)) > 100);
	assert_string_equal(heard(NULL), "open:1 i1/ada/n200");
	assert_string_equal(heard(NULL), "");
}

/* ---- again and again ---- */

static void
flaps(void **state)
{
	raise_web("web");
	tell_after(MINUTE);
	assert_string_equal(heard(NULL), "open:1 i1/ada/web");
	clear_web("web");
	tell_after(2 * MINUTE);
	assert_string_equal(heard(NULL), "resolved:1 i1/ada/web");
	for (int i = 0; i < 5; i++) {
		raise_web("web");
		tell_after((3 + i) * MINUTE);
		clear_web("web");
		tell_after((3 + i) * MINUTE + 1);
	}
	assert_string_equal(heard(NULL), "");
	/* An hour after it was told, with how often. */
	raise_web("web");
	tell_after(60 * MINUTE);
	assert_string_equal(heard(NULL), "");
	tell_after(61 * MINUTE + 1);
	assert_string_equal(heard(NULL), "open:7 i1/ada/web");
	clear_web("web");
	tell_after(63 * MINUTE);
	assert_string_equal(heard(NULL), "resolved:7 i1/ada/web");
	/* Also when it is over by then. */
	raise_web("web");
	clear_web("web");
	tell_after(64 * MINUTE);
	assert_string_equal(heard(NULL), "");
	tell_after(122 * MINUTE);
	assert_string_equal(heard(NULL), "resolved:8 i1/ada/web");
	tell_after(300 * MINUTE);
	assert_string_equal(heard(NULL), "");
}

/* A clock that was ahead, and is right again. */
static void
clock_set_back(void **state)
{
	raise_web("web");
	tell_after(400 * DAY);
	assert_string_equal(heard(NULL), "open:1 i1/ada/web");
	clear_web("web");
	tell_after(MINUTE);
	assert_string_equal(heard(NULL), "resolved:1 i1/ada/web");
	raise_web("web");
	run("UPDATE alert SET changed = changed + 9999999999");
	tell_after(2 * MINUTE);
	assert_string_equal(heard(NULL), "open:2 i1/ada/web");
}

static void
silenced(void **state)
{
	struct alert *list;
	struct db *d;
	size_t n;
	int64_t id;

	raise_web("web");
	d = ledger_read_begin(app.ledger);
	assert_int_equal(alert_list_open(d, &list, &n), 0);
	ledger_read_end(app.ledger);
	assert_int_equal(n, 1);
	id = list[0].id;
	free(list);
	assert_int_equal(alert_silence_set(&app, id, now + HOUR,
	    &(struct fault){ 0 }), 0);
	tell_after(2 * MINUTE);
	assert_string_equal(heard(NULL), "");
	tell_after(HOUR + MINUTE);
	assert_string_equal(heard(NULL), "open:1 i1/ada/web");
	/* That it is over is told all the same. */
	assert_int_equal(alert_silence_set(&app, id, now + DAY,
	    &(struct fault){ 0 }), 0);
	clear_web("web");
	tell_after(HOUR + 2 * MINUTE);
	assert_string_equal(heard(NULL), "resolved:1 i1/ada/web");
}

static void
reminded(void **state)
{
	alert_raise(&app, ALERT_CERTIFICATE_EXPIRING, "i1", NULL, NULL, "x");
	tell_after(MINUTE);
	assert_string_equal(heard(NULL), "open:1 i1//");
	tell_after(6 * DAY);
	assert_string_equal(heard(NULL), "");
	tell_after(7 * DAY + 2 * MINUTE);
	assert_string_equal(heard(NULL), "open:1 i1//");
	tell_after(8 * DAY);
	assert_string_equal(heard(NULL), "");
}

/* ---- an instance that is down ---- */

static void
swallowed(void **state)
{
	raise_web("web");
	alert_raise(&app, ALERT_CRASH_LOOP, "i2", "bob", "dns", "It loops.");
	alert_raise(&app, ALERT_POLICY_FULL, "i1", "ada", NULL, "Full.");
	/* It does not answer, but that is no alert yet. */
	down = "i1";
	tell_after(MINUTE);
	assert_string_equal(heard(NULL),
	    "open:1 i2/bob/dns, open:1 i1/ada/");
	alert_raise(&app, ALERT_INSTANCE_DOWN, "i1", NULL, NULL, "Down.");
	down = NULL;
	tell_after(2 * MINUTE);
	assert_string_equal(heard(NULL), "open:1 i1//");
	tell_after(30 * MINUTE);
	assert_string_equal(heard(NULL), "");
	/* Back again, each unikernel has some time to do well. */
	alert_clear(&app, ALERT_INSTANCE_DOWN, "i1", NULL, NULL);
	tell_after(MINUTE + 30000);
	assert_string_equal(heard(NULL), "resolved:1 i1//");
	tell_after(31 * MINUTE);
	assert_string_equal(heard(NULL), "open:1 i1/ada/web");
}

/* That a check fails is no news of what does not run. */
static void
not_beside(void **state)
{
	alert_raise(&app, ALERT_CHECK_FAILING, "i1", "ada", "web", "x");
	alert_raise(&app, ALERT_CHECK_FAILING, "i1", "ada", "dns", "x");
	alert_raise(&app, ALERT_STOPPED, "i1", "ada", "web", "x");
	tell_after(MINUTE);
	assert_string_equal(heard(NULL),
	    "open:1 i1/ada/dns, open:1 i1/ada/web");
	alert_clear(&app, ALERT_STOPPED, "i1", "ada", "web");
	tell_after(2 * MINUTE);
	assert_string_equal(heard(NULL),
	    "open:1 i1/ada/web, resolved:1 i1/ada/web");
}

/* ---- whose ---- */

static void
of_projects(void **state)
{
	webhook("ada", "https://example.org/ada");
	webhook("eve", "https://example.org/eve");
	raise_web("web");
	alert_raise(&app, ALERT_CHECK_FAILING, "i2", "bob", "dns", "x");
	alert_raise(&app, ALERT_INSTANCE_DOWN, "i2", NULL, NULL, "x");
	alert_raise(&app, ALERT_CERTIFICATE_EXPIRING, "i1", NULL, NULL, "x");
	teller.webhook = false;
	tell_after(MINUTE);
	assert_string_equal(heard(NULL), "");
	assert_string_equal(heard("ada"), "open:1 i1/ada/web, open:1 i2//");
	assert_string_equal(heard("ada"), "");
	/* The unikernel's was swallowed, and is told to whom it matters. */
	webhook("bob", "https://example.org/bob");
	alert_clear(&app, ALERT_INSTANCE_DOWN, "i2", NULL, NULL);
	clear_web("web");
	run("UPDATE alert SET until = until - 600000 WHERE until <> 0");
	tell_after(2 * MINUTE);
	assert_string_equal(heard("ada"),
	    "resolved:1 i1/ada/web, resolved:1 i2//");
	assert_string_equal(heard("bob"),
	    "open:1 i2/bob/dns, resolved:1 i2//");
}

/* ---- what is left for mails ---- */

static char events[256];

static bool
event_take(void *arg, const struct alert_event *e)
{
	size_t len = strlen(events);

	snprintf(events + len, sizeof(events) - len, "%s%s[%s]%s",
	    e->open ? "+" : "-", alert_kind_name(e->alert.kind), e->projects,
	    alert_event_is_of(e, "bob") ? "*" : "");
	return true;
}

static void
for_mails(void **state)
{
	int64_t last, first_at, seen;
	struct db *d;

	raise_web("web");
	alert_raise(&app, ALERT_INSTANCE_DOWN, "i2", NULL, NULL, "x");
	tell_after(MINUTE);
	d = ledger_read_begin(app.ledger);
	alert_event_position(d, 0, &last, &first_at);
	assert_int_equal(first_at, now + MINUTE);
	alert_events(d, 0, last, event_take, NULL);
	ledger_read_end(app.ledger);
	assert_string_equal(events,
	    "+crash-loop[ ]+instance-down[ ada bob ]*");
	seen = last;
	clear_web("web");
	tell_after(2 * MINUTE);
	events[0] = '\0';
	d = ledger_read_begin(app.ledger);
	alert_event_position(d, seen, &last, &first_at);
	alert_events(d, 0, last, event_take, NULL);
	ledger_read_end(app.ledger);
	assert_string_equal(events,
	    "+instance-down[ ada bob ]*-crash-loop[ ]");
}

static int
begin(void **state)
{
	log_init("test", LOG_LEVEL_ERROR);
	return ledger_begin(dir, &app.ledger);
}

static int
finish(void **state)
{
	return ledger_finish(dir, app.ledger);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(t) cmocka_unit_test_setup_teardown(t, setup, teardown)
		TEST(begins_and_is_over), TEST(as_it_is_sent),
		TEST(came_and_went), TEST(together), TEST(very_many),
		TEST(flaps), TEST(clock_set_back), TEST(silenced),
		TEST(reminded),
		TEST(swallowed), TEST(not_beside), TEST(of_projects),
		TEST(for_mails),
	};

	return cmocka_run_group_tests(tests, begin, finish);
}
