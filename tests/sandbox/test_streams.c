/* SPDX-License-Identifier: ISC */
/*
 * Consoles and statistics of the sandbox, or of a real albatross (see
 * drive.h).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/sandbox/drive.h"

#define READ_ERROR "exception while reading from fd"
#define LISTENERS 6		/* one more than albatross says */

static struct alb_session *
listen_to(const char *label, int64_t count, const char *greeting)
{
	struct alb_command c = command(ALB_CONSOLE_SUBSCRIBE);
	struct alb_session *s;
	struct alb_wire w;

	c.count = count;
	s = open_command(label, &c);
	must_say(alb_session_read(s, &w), &w, greeting);
	return s;
}

static void
must_line(struct alb_session *s, struct alb_wire *w)
{
	assert_int_equal(alb_session_read(s, w), ALB_OK);
	assert_int_equal(w->payload, ALB_PAYLOAD_CONSOLE);
	assert_true(w->text_len > 0);
	assert_string_equal(w->name.path, drive.tenant);
}

static void
must_end(struct alb_session *s)
{
	struct alb_wire w;
	int rc;

	for (;;) {
		rc = alb_session_read(s, &w);
		assert_int_equal(rc, ALB_OK);
		if (w.payload == ALB_PAYLOAD_FAILURE)
			break;
		alb_wire_free(&w);
	}
	must_fail(rc, &w, READ_ERROR);
	assert_int_equal(alb_session_read(s, &w), ALB_END);
	alb_session_close(s);
}

static void
destroy(const char *label)
{
	struct alb_wire w;

	must_say(ask_kind(label, ALB_UNIKERNEL_DESTROY, &w), &w,
		"destroyed unikernel");
}

static void
test_console(void **state)
{
	struct alb_session *s = listen_to("c", 10, "waiting for VM");
	struct alb_wire w, again;
	time_t since;
	int i;

	(void)state;
	create_plain("c", 32);
	for (i = 0; i < 3; i++) {
		must_line(s, &w);
		assert_true(labs((long)(w.time - time(NULL))) < 5);
		since = w.time;
		alb_wire_free(&w);
	}
	alb_session_close(s);
	s = listen_to("c", 1, "subscribed");
	must_line(s, &w);
	alb_session_close(s);
	s = listen_to("c", 1024, "subscribed");
	must_line(s, &again);
	assert_true(again.time <= w.time && again.time <= since);
	alb_wire_free(&w);
	alb_wire_free(&again);
	/* It outlives the unikernel, and its next run is heard, too. */
	destroy("c");
	create_plain("c", 32);
	for (i = 0; i < 8; i++) {
		must_line(s, &w);
		alb_wire_free(&w);
	}
	alb_session_close(s);
	destroy("c");
}

static void
test_since(void **state)
{
	struct alb_command c = command(ALB_CONSOLE_SUBSCRIBE);
	struct alb_session *s;
	struct alb_wire w;

	(void)state;
	create_plain("c", 32);
	usleep(300000);
	c.has_since = true;
	c.since = time(NULL) - 60;
	c.since_millis = 500;
	s = open_command("c", &c);
	must_say(alb_session_read(s, &w), &w, "subscribed");
	must_line(s, &w);
	assert_true(w.time >= time(NULL) - 10);
	alb_wire_free(&w);
	alb_session_close(s);
	destroy("c");
}

static void
test_path(void **state)
{
	struct alb_command c = command(ALB_CONSOLE_SUBSCRIBE);
	struct alb_session *s;
	struct alb_wire w;

	(void)state;
	c.count = 1;
	s = open_command("", &c);
	must_fail(alb_session_read(s, &w), &w, "path used instead of name");
	must_end(s);
	must_fail(ask_kind("x", ALB_CONSOLE_INACTIVE, &w), &w, "name used");
}

static void
test_listeners(void **state)
{
	struct alb_session *s[LISTENERS + 1];
	struct alb_wire w;
	int i;

	(void)state;
	create_plain("c", 32);
	for (i = 0; i < LISTENERS + 1; i++)
		s[i] = listen_to("c", 1, "subscribed");
	must_end(s[0]);
	for (i = 1; i < LISTENERS + 1; i++) {
		must_line(s[i], &w);
		alb_wire_free(&w);
		alb_session_close(s[i]);
	}
	destroy("c");
}

static void
must_inactive(size_t n)
{
	struct alb_wire w;
	int i;

	for (i = 0; i < 50; i++) {
		assert_int_equal(ask_kind("", ALB_CONSOLE_INACTIVE, &w),
			ALB_OK);
		assert_int_equal(w.payload, ALB_PAYLOAD_CONSOLES);
		if (w.nnames == n)
			break;
		alb_wire_free(&w);
		usleep(20000);
	}
	assert_int_equal(w.nnames, n);
	for (; n > 0; n--)
		assert_string_equal(w.names[n - 1].path, "");
	alb_wire_free(&w);
}

/* A path keeps one console more than its policy allows unikernels. */
static void
test_inactive(void **state)
{
	static const char *const labels[] = { "a", "b", "c" };
	struct alb_command c = command(ALB_CONSOLE_SUBSCRIBE);
	struct alb_session *s;
	size_t i;

	(void)state;
	c.count = 1;
	drive.policy.unikernels = 1;
	must_inactive(0);
	for (i = 0; i < 3; i++) {
		create_plain(labels[i], 32);
		destroy(labels[i]);
		must_inactive(1);
	}
	alb_session_close(listen_to("c", 1, "subscribed"));
	/* A listener to nothing needs room, too; this one is first to go. */
	s = open_command("a", &c);
	must_end(s);
}

static struct alb_session *
watch(const char *label)
{
	struct alb_command c = command(ALB_STATS_SUBSCRIBE);
	struct alb_session *s = open_command(label, &c);
	struct alb_wire w;

	must_say(alb_session_read(s, &w), &w, "subscribed");
	return s;
}

static void
must_stats(struct alb_session *s, struct alb_wire *w)
{
	assert_int_equal(alb_session_read(s, w), ALB_OK);
	assert_int_equal(w->payload, ALB_PAYLOAD_STATS);
	assert_string_equal(w->name.path, "");
	assert_string_equal(w->name.label, "n");
}

static void
test_stats(void **state)
{
	struct alb_command c = create(ALB_UNIKERNEL_CREATE, 16);
	struct alb_session *s = watch(""), *other;
	struct alb_wire w;

	(void)state;
	add_net(&c, drive.net.device, "service");
	must_say(ask_data("n", &c, drive.net.data, drive.net.len, &w), &w,
		"created unikernel");
	must_stats(s, &w);
	assert_int_equal(w.stats.nifs, 1);
	assert_string_equal(w.stats.ifs[0].bridge, drive.net.device);
	assert_true(w.stats.has_kinfo);
	assert_false(w.stats.has_vmm);
	alb_wire_free(&w);
	must_stats(s, &w);
	alb_wire_free(&w);
	/* By name, and beside it the path once more. */
	other = watch("n");
	must_stats(other, &w);
	alb_wire_free(&w);
	alb_session_close(other);
	other = watch("");
	must_end(s);
	must_stats(other, &w);
	alb_wire_free(&w);
	alb_session_close(other);
	destroy("n");
}

/* A listener who does not read loses nothing, however much there is. */
static void
test_flood(void **state)
{
	struct alb_command c = create(ALB_UNIKERNEL_CREATE, 16);
	struct alb_session *s;
	unsigned long n, last = 0;
	struct alb_wire w;
	int i;

	(void)state;
	if (drive.real)
		skip();
	s = listen_to("f", 1024, "waiting for VM");
	add_argument(&c, "--flood=20000");
	must_say(ask_data("f", &c, drive.plain.data, drive.plain.len, &w), &w,
		"created unikernel");
	usleep(300000);
	for (i = 0; i < 6000; i++) {
		must_line(s, &w);
		if (strncmp(w.text, "tick ", 5) == 0) {
			n = strtoul(w.text + 5, NULL, 10);
			assert_int_equal(n, last + 1);
			last = n;
		}
		alb_wire_free(&w);
	}
	assert_true(last > 5000);
	alb_session_close(s);
	destroy("f");
}

static void
test_long_lines(void **state)
{
	struct alb_command c = create(ALB_UNIKERNEL_CREATE, 16);
	struct alb_session *s;
	char line[700];
	struct alb_wire w;

	(void)state;
	if (drive.real)
		skip();
	memset(line, 'x', sizeof(line));
	memcpy(line, "--line=", 7);
	line[sizeof(line) - 1] = '\0';
	add_argument(&c, line);
	must_say(ask_data("l", &c, drive.plain.data, drive.plain.len, &w), &w,
		"created unikernel");
	usleep(1200000);
	s = listen_to("l", 1, "subscribed");
	must_line(s, &w);
	assert_int_equal(w.text_len, 512 + strlen(" [truncated]"));
	assert_string_equal(w.text + 512, " [truncated]");
	alb_wire_free(&w);
	alb_session_close(s);
	destroy("l");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_console, drive_tenant),
		cmocka_unit_test_setup(test_since, drive_tenant),
		cmocka_unit_test_setup(test_path, drive_tenant),
		cmocka_unit_test_setup(test_listeners, drive_tenant),
		cmocka_unit_test_setup(test_inactive, drive_tenant),
		cmocka_unit_test_setup(test_stats, drive_tenant),
		cmocka_unit_test_setup(test_flood, drive_tenant),
		cmocka_unit_test_setup(test_long_lines, drive_tenant),
	};

	return cmocka_run_group_tests(tests, drive_start, drive_stop);
}
