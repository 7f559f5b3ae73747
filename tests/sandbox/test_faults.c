/* SPDX-License-Identifier: ISC */
/*
 * What only the sandbox does: faults on purpose, older levels, dying of what
 * albatross dies of, and starting again over the same directory.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "tests/images/elf.h"
#include "tests/sandbox/drive.h"

#define DIED 3			/* exit status */

/* What a session of info ends in: opening it, or the first read. */
static int
outcome(int reply_ms)
{
	struct alb_timeouts timeouts = { .reply = reply_ms,
		.handshake = 500 };
	struct alb_command c = command(ALB_UNIKERNEL_INFO);
	struct alb_session *s = NULL;
	struct alb_chain chain;
	struct alb_wire w;
	char why[256];
	int rc;

	assert_int_equal(alb_chain_make(drive.signer, drive.tenant,
		&drive.policy, "", &c, time(NULL), &chain), ALB_OK);
	rc = alb_session_open("127.0.0.1", drive.port, drive.ca_pem, &chain,
		&timeouts, &s, why, sizeof(why));
	alb_chain_free(&chain);
	if (rc != ALB_OK)
		return rc;
	rc = alb_session_read(s, &w);
	if (rc == ALB_OK) {
		rc = w.payload == ALB_PAYLOAD_FAILURE ? ALB_FAILURE : ALB_OK;
		alb_wire_free(&w);
	}
	alb_session_close(s);
	return rc;
}

static void
must_end_in(const char *line, int expected)
{
	drive_control(line);
	assert_int_equal(outcome(500), expected);
	drive_control("fault none");
	assert_int_equal(outcome(5000), ALB_OK);
}

static void
test_faults(void **state)
{
	(void)state;
	must_end_in("fault reset 1", ALB_NETWORK);
	must_end_in("fault stall-handshake", ALB_TIMEOUT);
	must_end_in("fault stall-before", ALB_TIMEOUT);
	must_end_in("fault stall-after", ALB_TIMEOUT);
	must_end_in("fault byte-by-byte", ALB_OK);
	must_end_in("fault absurd-length", ALB_TOO_LARGE);
	must_end_in("fault garbage-frame", ALB_DECODE);
	must_end_in("fault wrong-cert", ALB_SERVER_CERT);
	must_end_in("fault expired-cert", ALB_SERVER_CERT);
	must_end_in("fault daemon-down", ALB_FAILURE);
	must_end_in("fault break-after-command", ALB_BROKEN);
}

static void
test_refuse(void **state)
{
	int i;

	(void)state;
	drive_control("fault refuse");
	for (i = 0; i < 50 && outcome(500) != ALB_NETWORK; i++)
		usleep(20000);
	assert_int_equal(outcome(500), ALB_NETWORK);
	drive_control("fault none");
	for (i = 0; i < 50 && outcome(500) != ALB_OK; i++)
		usleep(20000);
	assert_int_equal(outcome(500), ALB_OK);
}

static void
test_count(void **state)
{
	(void)state;
	drive_control("fault daemon-down 2");
	assert_int_equal(outcome(500), ALB_FAILURE);
	assert_int_equal(outcome(500), ALB_FAILURE);
	assert_int_equal(outcome(500), ALB_OK);
}

static void
test_clock(void **state)
{
	(void)state;
	drive_control("clock 1000");
	assert_int_equal(outcome(500), ALB_CLOCK);
	drive_control("clock -1000");
	assert_int_equal(outcome(500), ALB_CLOCK);
	drive_control("clock 0");
	assert_int_equal(outcome(500), ALB_OK);
}

/* The command was executed although its answer was lost. */
static void
test_break_after_command(void **state)
{
	struct alb_command c = create(ALB_UNIKERNEL_CREATE, 16);
	struct alb_wire w;

	(void)state;
	drive_control("fault break-after-command 1");
	assert_int_equal(ask_data("b", &c, drive.plain.data, drive.plain.len,
		&w), ALB_BROKEN);
	assert_int_equal(running(), 1);
	must_say(ask_kind("b", ALB_UNIKERNEL_DESTROY, &w), &w,
		"destroyed unikernel");
}

/* Says what becomes of a force-create: broken, or the kind of its answer. */
static void
must_create(int expected, enum alb_payload payload)
{
	struct alb_command c = create(ALB_UNIKERNEL_FORCE_CREATE, 16);
	struct alb_wire w;

	assert_int_equal(ask_data("o", &c, drive.plain.data, drive.plain.len,
	    &w), expected);
	if (expected != ALB_OK)
		return;
	assert_int_equal(w.payload, payload);
	alb_wire_free(&w);
}

/* Faults of one command leave the others alone. */
static void
test_one_command(void **state)
{
	(void)state;
	drive_control("fault break-before-command create 1");
	assert_int_equal(outcome(500), ALB_OK);
	must_create(ALB_BROKEN, 0);
	assert_int_equal(running(), 0);
	drive_control("fault break-upload create 1");
	must_create(ALB_BROKEN, 0);
	assert_int_equal(running(), 0);
	drive_control("fault exit-at-once unikernel-force-create 1 1");
	must_create(ALB_OK, ALB_PAYLOAD_STRING);
	assert_int_equal(running(), 1);
	must_create(ALB_OK, ALB_PAYLOAD_STRING);
	assert_int_equal(running(), 0);
	must_create(ALB_OK, ALB_PAYLOAD_STRING);
	drive_control("fault fail-create create 1");
	must_create(ALB_OK, ALB_PAYLOAD_FAILURE);
	assert_int_equal(running(), 0);
}

/* Ends the process, starts the next one over the same directory. */
static void
again(int expected)
{
	assert_int_equal(drive_end(), expected);
	drive_begin();
}

static void
test_state(void **state)
{
	struct alb_command c = create(ALB_UNIKERNEL_CREATE, 16);
	struct alb_wire w;

	(void)state;
	add_argument(&c, "--line=again");
	must_say(ask_data("keep", &c, drive.plain.data, drive.plain.len, &w),
		&w, "created unikernel");
	create_plain("gone", 16);
	must_say(ask_kind("gone", ALB_UNIKERNEL_DESTROY, &w), &w,
		"destroyed unikernel");
	c = command(ALB_BLOCK_ADD);
	c.size = 3;
	must_say(ask("disk", &c, &w), &w, "added block device");
	again(0);
	drive.policy.memory = 8;
	assert_int_equal(outcome(5000), ALB_FAILURE);
	drive.policy.memory = 256;
	assert_int_equal(running(), 1);
	assert_int_equal(ask_kind("keep", ALB_UNIKERNEL_INFO, &w), ALB_OK);
	assert_string_equal(w.infos[0].config.arguments[0], "--line=again");
	alb_wire_free(&w);
	assert_int_equal(ask_kind("disk", ALB_BLOCK_INFO, &w), ALB_OK);
	assert_int_equal(w.blocks[0].size, 3);
	alb_wire_free(&w);
	must_say(ask_kind("keep", ALB_UNIKERNEL_DESTROY, &w), &w,
		"destroyed unikernel");
}

static void
test_dump_hazard(void **state)
{
	struct alb_command c = command(ALB_BLOCK_ADD);
	struct alb_wire w;

	(void)state;
	c.size = 1;
	must_say(ask("d", &c, &w), &w, "added block device");
	c = command(ALB_BLOCK_DUMP);
	c.compression = 10;
	must_fail(ask("d", &c, &w), &w, "exception while reading from fd");
	must_fail(ask_kind("", ALB_UNIKERNEL_INFO, &w), &w,
		"couldn't reach service");
	drive_control("revive");
	assert_int_equal(running(), 0);
}

static void
test_get_hazard(void **state)
{
	struct alb_command c = command(ALB_UNIKERNEL_GET);
	struct alb_wire w;

	(void)state;
	create_plain("g", 16);
	c.compression = -1;
	must_fail(ask("g", &c, &w), &w, "error reading from fd");
	must_fail(ask_kind("g", ALB_UNIKERNEL_DESTROY, &w), &w,
		"couldn't reach service");
	again(DIED);
	must_say(ask_kind("g", ALB_UNIKERNEL_DESTROY, &w), &w,
		"destroyed unikernel");
}

/* Without a label the console daemon is lost for every later create. */
static void
test_label_hazard(void **state)
{
	struct alb_command c = create(ALB_UNIKERNEL_CREATE, 16);
	struct alb_wire w;

	(void)state;
	must_fail(ask_data("", &c, drive.plain.data, drive.plain.len, &w), &w,
		"could not create unikernel: console failed");
	c = create(ALB_UNIKERNEL_CREATE, 16);
	must_fail(ask_data("x", &c, drive.plain.data, drive.plain.len, &w),
		&w, "could not create unikernel: console failed");
	drive_control("revive");
	create_plain("x", 16);
	must_say(ask_kind("x", ALB_UNIKERNEL_DESTROY, &w), &w,
		"destroyed unikernel");
}

static void
test_count_hazard(void **state)
{
	struct alb_command c = create(ALB_UNIKERNEL_CREATE, 16);
	struct alb_session *s;
	struct alb_wire w;
	int rc;

	(void)state;
	add_argument(&c, "--flood=20000");
	must_say(ask_data("f", &c, drive.plain.data, drive.plain.len, &w), &w,
		"created unikernel");
	usleep(200000);
	c = command(ALB_CONSOLE_SUBSCRIBE);
	c.count = -1;
	s = open_command("f", &c);
	must_say(alb_session_read(s, &w), &w, "subscribed");
	rc = alb_session_read(s, &w);
	must_fail(rc, &w, "exception while reading from fd");
	alb_session_close(s);
	must_fail(ask_kind("", ALB_CONSOLE_INACTIVE, &w), &w,
		"couldn't reach service");
	must_say(ask_kind("f", ALB_UNIKERNEL_DESTROY, &w), &w,
		"destroyed unikernel");
	again(DIED);
}

static void
block_add(const char *label)
{
	struct alb_command c = command(ALB_BLOCK_ADD);
	struct alb_wire w;

	c.size = 1;
	must_say(ask(label, &c, &w), &w, "added block device");
}

/* Sets 300000 bytes, each a one: thrice a chunk of 65532 and one of 34468. */
static int
block_set(const char *label, struct alb_wire *w)
{
	struct alb_timeouts timeouts = { .reply = 500, .handshake = 5000 };
	struct alb_command c = command(ALB_BLOCK_SET);
	struct alb_session *s = NULL;
	struct alb_chain chain;
	uint8_t data[100000];
	char why[256];
	int rc, i;

	memset(data, 1, sizeof(data));
	assert_int_equal(alb_chain_make(drive.signer, drive.tenant,
		&drive.policy, label, &c, time(NULL), &chain), ALB_OK);
	assert_int_equal(alb_session_open("127.0.0.1", drive.port,
		drive.ca_pem, &chain, &timeouts, &s, why, sizeof(why)),
		ALB_OK);
	alb_chain_free(&chain);
	for (i = 0, rc = ALB_OK; i < 3 && rc == ALB_OK; i++)
		rc = alb_session_send(s, data, sizeof(data));
	if (rc == ALB_OK)
		rc = alb_session_finish(s);
	rc = alb_session_read(s, w);
	alb_session_close(s);
	return rc;
}

/* How many bytes come, and how many of them are ones; what ends the dump. */
static int
block_dump(const char *label, size_t *bytes, size_t *ones)
{
	struct alb_command c = command(ALB_BLOCK_DUMP);
	struct alb_session *s = open_command(label, &c);
	struct alb_wire w;
	size_t i, empty = 0;
	int rc = ALB_OK;

	*bytes = *ones = 0;
	while (empty < 100 && (rc = alb_session_read(s, &w)) == ALB_OK) {
		if (w.payload == ALB_PAYLOAD_BLOCK_EOF)
			break;
		if (w.payload == ALB_PAYLOAD_BLOCK_DATA && w.bytes_len == 0)
			empty++;
		*bytes += w.bytes_len;
		for (i = 0; i < w.bytes_len; i++)
			*ones += w.bytes[i];
		alb_wire_free(&w);
	}
	alb_session_close(s);
	return empty > 0 ? ALB_AGAIN : rc;
}

static void
must_hold_ones(const char *label, size_t expected)
{
	size_t bytes, ones;

	assert_int_equal(block_dump(label, &bytes, &ones), ALB_OK);
	assert_int_equal(bytes, 1 << 20);
	assert_int_equal(ones, expected);
}

/* Only chunks that came whole are written, with zeroes behind. */
static void
test_set_faults(void **state)
{
	struct alb_wire w;

	(void)state;
	block_add("b");
	drive_control("fault break-after-bytes block-set 100000 1 1");
	must_say(block_set("b", &w), &w, "set block device");
	must_hold_ones("b", 300000);
	assert_int_equal(block_set("b", &w), ALB_BROKEN);
	must_hold_ones("b", 100000);
	drive_control("fault break-after-bytes block-set 299999 1");
	assert_int_equal(block_set("b", &w), ALB_BROKEN);
	must_hold_ones("b", 265532);
	drive_control("fault stall-after-bytes block-set 0 1");
	assert_int_equal(block_set("b", &w), ALB_TIMEOUT);
	drive_control("fault full-disk block-set 150000 1");
	must_fail(block_set("b", &w), &w,
		"error writing to file descriptor");
	must_say(block_set("b", &w), &w, "set block device");
	must_hold_ones("b", 300000);
	must_say(ask_kind("b", ALB_BLOCK_REMOVE, &w), &w, "removed block");
}

/* A device whose writing failed is none after a restart, and in the way. */
static void
test_short_device(void **state)
{
	struct alb_command c = command(ALB_BLOCK_ADD);
	size_t bytes, ones;
	struct alb_wire w;

	(void)state;
	block_add("short");
	drive_control("fault full-disk block-set 150000 1");
	must_fail(block_set("short", &w), &w,
		"error writing to file descriptor");
	assert_int_equal(block_dump("short", &bytes, &ones), ALB_OK);
	assert_int_equal(bytes, 150000);
	again(0);
	assert_int_equal(ask_kind("short", ALB_BLOCK_INFO, &w), ALB_OK);
	assert_int_equal(w.nblocks, 0);
	alb_wire_free(&w);
	c.size = 1;
	must_fail(ask("short", &c, &w), &w, "file already exists");
}

static void
test_dump_faults(void **state)
{
	size_t bytes, ones;
	struct alb_wire w;

	(void)state;
	block_add("d");
	must_say(block_set("d", &w), &w, "set block device");
	drive_control("fault break-after-bytes block-dump 100000 1");
	assert_int_equal(block_dump("d", &bytes, &ones), ALB_BROKEN);
	assert_true(bytes <= 100000);
	drive_control("fault stall-after-bytes block-dump 100000 1");
	assert_int_equal(block_dump("d", &bytes, &ones), ALB_TIMEOUT);
	assert_true(bytes > 90000 && bytes <= 100000);
	drive_control("fault end-after-bytes block-dump 100000 1");
	assert_int_equal(block_dump("d", &bytes, &ones), ALB_OK);
	assert_int_equal(bytes, 100000);
	drive_control("fault empty-frames block-dump 100000 1");
	assert_int_equal(block_dump("d", &bytes, &ones), ALB_AGAIN);
	assert_int_equal(bytes, 100000);
	must_hold_ones("d", 300000);
	must_say(ask_kind("d", ALB_BLOCK_REMOVE, &w), &w, "removed block");
}

/* Every write takes that long, and creating is one. */
static void
test_slow_disk(void **state)
{
	struct timespec begin, end;
	struct alb_wire w;

	(void)state;
	drive_control("fault slow-disk 200");
	clock_gettime(CLOCK_MONOTONIC, &begin);
	create_plain("s", 16);
	clock_gettime(CLOCK_MONOTONIC, &end);
	assert_true((end.tv_sec - begin.tv_sec) * 1000 +
		(end.tv_nsec - begin.tv_nsec) / 1000000 >= 200);
	drive_control("fault none");
	must_say(ask_kind("s", ALB_UNIKERNEL_DESTROY, &w), &w,
		"destroyed unikernel");
}

static void
test_info_hazard(void **state)
{
	struct alb_command c = create(ALB_UNIKERNEL_CREATE, 16);
	struct alb_wire w;

	(void)state;
	free(c.config.cpus);
	c.config.cpus = calloc(2, sizeof(*c.config.cpus));
	c.config.cpus[1] = 1;
	c.config.ncpus = 2;
	must_say(ask_data("two", &c, drive.plain.data, drive.plain.len, &w),
		&w, "created unikernel");
	c = command(ALB_UNIKERNEL_INFO);
	c.level = ALB_LEVEL_2_6;
	must_fail(ask("", &c, &w), &w, "error reading from fd");
	again(DIED);
	must_say(ask_kind("two", ALB_UNIKERNEL_DESTROY, &w), &w,
		"destroyed unikernel");
}

static int
info_at(enum alb_level level)
{
	struct alb_command c = command(ALB_UNIKERNEL_INFO);
	struct alb_wire w;
	int rc;

	c.level = level;
	rc = ask("", &c, &w);
	if (rc == ALB_OK) {
		assert_int_equal(w.payload, ALB_PAYLOAD_INFOS);
		alb_wire_free(&w);
	}
	return rc;
}

static int
create_at(enum alb_level level)
{
	struct alb_command c = create(ALB_UNIKERNEL_FORCE_CREATE, 16);
	struct alb_wire w;
	int rc;

	c.level = level;
	rc = ask_data("old", &c, drive.plain.data, drive.plain.len, &w);
	if (rc == ALB_OK)
		must_say(rc, &w, "created unikernel");
	return rc;
}

static void
test_levels(void **state)
{
	struct alb_wire w;

	(void)state;
	assert_int_equal(info_at(ALB_LEVEL_2_4), ALB_OK);
	assert_int_equal(info_at(ALB_LEVEL_2_1), ALB_REFUSED);
	assert_int_equal(create_at(ALB_LEVEL_2_6), ALB_OK);
	assert_int_equal(create_at(ALB_LEVEL_2_5), ALB_OK);
	assert_int_equal(drive_end(), 0);
	drive.options[0] = "--level";
	drive.options[1] = "2.6";
	drive_begin();
	assert_int_equal(info_at(ALB_LEVEL_2_7), ALB_REFUSED);
	assert_int_equal(info_at(ALB_LEVEL_2_6), ALB_OK);
	assert_int_equal(info_at(ALB_LEVEL_2_0), ALB_REFUSED);
	assert_int_equal(create_at(ALB_LEVEL_2_6), ALB_OK);
	assert_int_equal(drive_end(), 0);
	drive.options[1] = "2.5";
	drive_begin();
	assert_int_equal(info_at(ALB_LEVEL_2_6), ALB_REFUSED);
	assert_int_equal(info_at(ALB_LEVEL_2_5), ALB_OK);
	assert_int_equal(info_at(ALB_LEVEL_2_0), ALB_OK);
	assert_int_equal(create_at(ALB_LEVEL_2_5), ALB_OK);
	assert_int_equal(ask_kind("", ALB_CONSOLE_INACTIVE, &w),
		ALB_REFUSED);
	assert_int_equal(drive_end(), 0);
	drive.options[0] = NULL;
	drive_begin();
}

/* Runs an image that says these lines, with its console open. */
static struct alb_session *
speaker_start(const char *lines)
{
	struct alb_command listen = command(ALB_CONSOLE_SUBSCRIBE);
	struct alb_command c = create(ALB_UNIKERNEL_CREATE, 32);
	struct alb_session *s;
	struct elf_spec spec;
	struct alb_wire w;
	struct buf image;

	listen.count = 20;
	s = open_command("speaker", &listen);
	must_say(alb_session_read(s, &w), &w, "waiting for VM");
	elf_spec_init(&spec);
	assert_int_equal(elf_spec_says(&spec, lines), 0);
	buf_init(&image, 1 << 20);
	elf_build(&spec, &image);
	assert_true(buf_ok(&image));
	must_say(ask_data("speaker", &c, image.data, image.len, &w), &w,
		"created unikernel");
	buf_free(&image);
	return s;
}

static void
must_hear(struct alb_session *s, const char *line)
{
	struct alb_wire w;

	assert_int_equal(alb_session_read(s, &w), ALB_OK);
	assert_string_equal(w.text, line);
	alb_wire_free(&w);
}

/* An image's own lines, again and again. */
static void
test_says(void **state)
{
	struct alb_session *s = speaker_start("one\ntwo");
	char boots[128];

	(void)state;
	snprintf(boots, sizeof(boots), "sandbox: %s:speaker boots",
		drive.tenant);
	must_hear(s, boots);
	must_hear(s, "sandbox: memory 32 MB");
	must_hear(s, "one");
	must_hear(s, "two");
	must_hear(s, "one");
	alb_session_close(s);
}

static void
test_disguise(void **state)
{
	struct alb_wire w;
	char line[128];

	(void)state;
	create_plain("old", 32);
	snprintf(line, sizeof(line), "disguise %s:old 86400 40",
		drive.tenant);
	drive_control(line);
	assert_int_equal(ask_kind("old", ALB_UNIKERNEL_INFO, &w), ALB_OK);
	assert_true(labs((long)(time(NULL) - 86400 - w.infos[0].started)) <
		10);
	alb_wire_free(&w);
}

static void
test_bad_lines(void **state)
{
	char line[512];

	(void)state;
	snprintf(line, sizeof(line), "%s/tests/sandbox/albatross-sandbox "
		"--dir %s --control 'fault nonsense' 2>/dev/null",
		getenv("top_builddir") ? getenv("top_builddir") : ".",
		drive.dir);
	assert_int_not_equal(system(line), 0);
	snprintf(line, sizeof(line), "%s/tests/sandbox/albatross-sandbox "
		"--dir %s --control 'fault full-disk' 2>/dev/null",
		getenv("top_builddir") ? getenv("top_builddir") : ".",
		drive.dir);
	assert_int_not_equal(system(line), 0);
	snprintf(line, sizeof(line), "%s/tests/sandbox/albatross-sandbox "
		"--dir %s --control 'disguise nobody 1 1' 2>/dev/null",
		getenv("top_builddir") ? getenv("top_builddir") : ".",
		drive.dir);
	assert_int_not_equal(system(line), 0);
	snprintf(line, sizeof(line), "%s/tests/sandbox/albatross-sandbox "
		"--dir %s --control 'fault none' 2>/dev/null",
		getenv("top_builddir") ? getenv("top_builddir") : ".",
		drive.dir);
	assert_int_equal(system(line), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_faults, drive_tenant),
		cmocka_unit_test_setup(test_refuse, drive_tenant),
		cmocka_unit_test_setup(test_count, drive_tenant),
		cmocka_unit_test_setup(test_clock, drive_tenant),
		cmocka_unit_test_setup(test_break_after_command,
			drive_tenant),
		cmocka_unit_test_setup(test_one_command, drive_tenant),
		cmocka_unit_test_setup(test_state, drive_tenant),
		cmocka_unit_test_setup(test_dump_hazard, drive_tenant),
		cmocka_unit_test_setup(test_get_hazard, drive_tenant),
		cmocka_unit_test_setup(test_label_hazard, drive_tenant),
		cmocka_unit_test_setup(test_count_hazard, drive_tenant),
		cmocka_unit_test_setup(test_set_faults, drive_tenant),
		cmocka_unit_test_setup(test_short_device, drive_tenant),
		cmocka_unit_test_setup(test_dump_faults, drive_tenant),
		cmocka_unit_test_setup(test_slow_disk, drive_tenant),
		cmocka_unit_test_setup(test_info_hazard, drive_tenant),
		cmocka_unit_test_setup(test_levels, drive_tenant),
		cmocka_unit_test_setup(test_says, drive_tenant),
		cmocka_unit_test_setup(test_disguise, drive_tenant),
		cmocka_unit_test_setup(test_bad_lines, drive_tenant),
	};

	if (getenv("ALBATROSS_PORT") != NULL)
		return 0;
	return cmocka_run_group_tests(tests, drive_start, drive_stop);
}
