/* SPDX-License-Identifier: ISC */
/* health: the checks that are kept, their states, and asking them. */
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

#include "fcgi/app.h"
#include "fcgi/deployment.h"
#include "fcgi/health_store.h"
#include "fcgi/health_watch.h"
#include "fcgi/settings.h"

static struct app app;
static char state_dir[] = "/tmp/mollymawk-test-XXXXXX";

#define CHECK "{\"type\":\"tcp\",\"port\":1}"

static void
keep(const char *name, const char *text)
{
	struct fault f = { 0 };

	assert_int_equal(health_check_keep(app.ledger, "i1", "ada", name,
	    text, &f), 0);
}

static void
result(const char *name, const char *check, bool ok, const char *detail)
{
	const struct health_of of = { "i1", "ada", name };
	struct fault f = { 0 };

	assert_int_equal(health_result_add(app.ledger, &of, check, 2, ok, 7,
	    detail, &f), 0);
}

static struct json_object *
shown(const char *name)
{
	return health_json(app.ledger, "i1", "ada", name, true);
}

static const char *
text_at(struct json_object *o, const char *key)
{
	struct json_object *value = NULL;

	json_object_object_get_ex(o, key, &value);
	return value == NULL ? "" : json_object_get_string(value);
}

static size_t
history(struct json_object *o, size_t i, const char *key, char out[128])
{
	struct json_object *list = NULL;

	json_object_object_get_ex(o, "history", &list);
	if (key != NULL)
		snprintf(out, 128, "%s", text_at(json_object_array_get_idx(
		    list, i), key));
	return json_object_array_length(list);
}

static void
state_is(const char *name, const char *want)
{
	AUTO_JSON struct json_object *o = shown(name);

	assert_non_null(o);
	assert_string_equal(text_at(o, "state"), want);
}

/* A deployment of name that runs. */
static void
runs(const char *name)
{
	struct fault f = { 0 };
	struct deployment d;

	deployment_init(&d);
	snprintf(d.instance, sizeof(d.instance), "i1");
	snprintf(d.project, sizeof(d.project), "ada");
	snprintf(d.name, sizeof(d.name), "%s", name);
	d.config = strdup("{\"memory\":32,\"cpus\":[0]}");
	assert_int_equal(deployment_add(app.ledger, &d, &f), 0);
	assert_int_equal(deployment_end(app.ledger, &d, DEPLOYMENT_RUNNING,
	    NULL, NULL, &f), 0);
	deployment_free(&d);
}

/* ---- what is kept ---- */

static void
kept(void **state)
{
	AUTO_FREE char *text = NULL;
	char *none;
	struct fault f = { 0 };

	keep("kept", CHECK);
	assert_int_equal(health_check_text(app.ledger, "i1", "ada", "kept",
	    &text, &f), 0);
	assert_string_equal(text, CHECK);
	assert_int_equal(health_check_text(app.ledger, "i1", "ada", "other",
	    &none, &f), 0);
	assert_null(none);
	keep("kept", NULL);
	assert_int_equal(health_check_text(app.ledger, "i1", "ada", "kept",
	    &none, &f), 0);
	assert_null(none);
	assert_null(shown("kept"));
}

static void
states(void **state)
{
	runs("web");
	keep("web", CHECK);
	state_is("web", "unknown");
	result("web", CHECK, false, "no");
	result("web", CHECK, false, "no");
	state_is("web", "unknown");
	result("web", CHECK, false, "no");
	state_is("web", "failing");
	result("web", CHECK, true, NULL);
	state_is("web", "healthy");
	/* Set again as it is, it goes on. */
	keep("web", CHECK);
	state_is("web", "healthy");
	/* Two failures are forgiven, if they are not three in a row. */
	result("web", CHECK, false, "no");
	result("web", CHECK, false, "no");
	result("web", CHECK, true, NULL);
	result("web", CHECK, false, "no");
	result("web", CHECK, false, "no");
	state_is("web", "healthy");
	result("web", CHECK, false, "no");
	state_is("web", "failing");
}

static void
unknown_when_gone(void **state)
{
	struct fault f = { 0 };

	runs("gone");
	keep("gone", CHECK);
	result("gone", CHECK, true, NULL);
	state_is("gone", "healthy");
	assert_int_equal(deployment_forget_current(app.ledger, "i1", "ada",
	    "gone", &f), 0);
	state_is("gone", "unknown");
}

/* An answer to the check that was kept before says nothing of this one. */
static void
replaced_meanwhile(void **state)
{
	AUTO_JSON struct json_object *o = NULL;

	keep("new", "{\"type\":\"tcp\",\"port\":2}");
	result("new", CHECK, true, NULL);
	o = shown("new");
	assert_int_equal(history(o, 0, NULL, NULL), 0);
	keep("new", NULL);
	result("new", CHECK, true, NULL);
	assert_null(shown("new"));
}

static void
history_bounded(void **state)
{
	AUTO_JSON struct json_object *o = NULL;
	char text[128];

	keep("long", CHECK);
	keep("other", CHECK);
	result("other", CHECK, false, "mine");
	for (int i = 0; i < HEALTH_HISTORY + 20; i++) {
		snprintf(text, sizeof(text), "number %d", i);
		result("long", CHECK, false, text);
	}
	o = shown("long");
	assert_int_equal(history(o, 0, "detail", text), HEALTH_HISTORY);
	assert_string_equal(text, "number 119");
	history(o, HEALTH_HISTORY - 1, "detail", text);
	assert_string_equal(text, "number 20");
	history(o, 0, "ms", text);
	assert_string_equal(text, "7");
	json_object_put(o);
	o = shown("other");
	assert_int_equal(history(o, 0, "detail", text), 1);
	assert_string_equal(text, "mine");
	keep("long", NULL);
	keep("other", NULL);
}

/* ---- asking ---- */

/* Takes connections, by the kernel's hands, and never says a word. */
static int
listen_silently(int *port)
{
	struct sockaddr_in sa = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(sa);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	assert_int_equal(bind(fd, (void *)&sa, sizeof(sa)), 0);
	assert_int_equal(listen(fd, 64), 0);
	assert_int_equal(getsockname(fd, (void *)&sa, &len), 0);
	*port = ntohs(sa.sin_port);
	return fd;
}

static void
check_put(const char *name, const char *type, int port)
{
	char text[256];

	snprintf(text, sizeof(text), "{\"type\":\"%s\",\"port\":%d,"
	    "\"address\":\"127.0.0.1\",\"timeout\":30,\"retries\":0,"
	    "\"interval\":10}", type, port);
	keep(name, text);
}

/* Until name has that state; for seconds at most. */
static void
becomes(const char *name, const char *want, int seconds)
{
	bool found = false;

	for (int i = 0; i < seconds * 20 && !found; i++) {
		AUTO_JSON struct json_object *o = shown(name);

		found = strcmp(text_at(o, "state"), want) == 0;
		if (!found)
			poll(NULL, 0, 50);
	}
	if (!found)
		fail_msg("%s is not %s after %d s", name, want, seconds);
}

static int64_t
now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void
others_not_held_up(void **state)
{
	struct health_watch *w;
	AUTO_JSON struct json_object *o = NULL;
	char name[16];
	int port, fd = listen_silently(&port);
	int64_t begun;

	/* All threads but one wait for these. */
	for (int i = 0; i < HEALTH_WATCH_THREADS - 1; i++) {
		snprintf(name, sizeof(name), "hangs%d", i);
		runs(name);
		check_put(name, "http", port);
	}
	w = health_watch_new(&app);
	assert_non_null(w);
	poll(NULL, 0, 1500);
	for (int i = 0; i < 4; i++) {
		snprintf(name, sizeof(name), "well%d", i);
		runs(name);
		check_put(name, "tcp", port);
	}
	check_put("none", "tcp", port);
	runs("ill");
	check_put("ill", "tcp", 1);
	for (int i = 0; i < 4; i++) {
		snprintf(name, sizeof(name), "well%d", i);
		becomes(name, "healthy", 10);
	}
	becomes("ill", "failing", 10);
	/* It ends at once, and what was cut short is no failure. */
	app.stopping = true;
	begun = now_ms();
	health_watch_free(w);
	assert_true(now_ms() - begun < 5000);
	app.stopping = false;
	o = shown("hangs0");
	assert_int_equal(history(o, 0, NULL, NULL), 0);
	json_object_put(o);
	/* What does not run was not asked. */
	o = shown("none");
	assert_int_equal(history(o, 0, NULL, NULL), 0);
	close(fd);
}

static int
set_up(void **state)
{
	struct address_ranges r = { .len = 1 };
	struct fault f = { 0 };

	if (health_start() < 0 || mkdtemp(state_dir) == NULL ||
	    ledger_open(state_dir, &app.ledger, &f) != 0 ||
	    range_parse("127.0.0.1", &r.items[0]) < 0)
		return -1;
	return settings_ranges_set(app.ledger, SETTING_CHECKS, &r, &f);
}

static int
tear_down(void **state)
{
	char command[64];

	ledger_close(app.ledger);
	health_end();
	snprintf(command, sizeof(command), "rm -r %s", state_dir);
	return system(command);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(kept),
		cmocka_unit_test(states),
		cmocka_unit_test(unknown_when_gone),
		cmocka_unit_test(replaced_meanwhile),
		cmocka_unit_test(history_bounded),
		cmocka_unit_test(others_not_held_up),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
