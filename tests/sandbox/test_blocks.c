/* SPDX-License-Identifier: ISC */
/* Block devices of the sandbox, or of a real albatross (see drive.h). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include "base/text.h"
#include "tests/sandbox/raw.h"

#define MB ((size_t)1 << 20)
#define READ_ERROR "exception while reading from fd"

static int
ask_add(const char *label, int64_t size, struct alb_wire *w)
{
	struct alb_command c = command(ALB_BLOCK_ADD);

	c.size = size;
	return ask(label, &c, w);
}

static void
add(const char *label, int64_t size)
{
	struct alb_wire w;

	must_say(ask_add(label, size, &w), &w, "added block device");
}

static int
ask_set(const char *label, bool compressed, const void *data, size_t len,
	struct alb_wire *w)
{
	struct alb_command c = command(ALB_BLOCK_SET);

	c.compressed = compressed;
	return ask_data(label, &c, data, len, w);
}

/* All of a device, inflated, into out. */
static void
dump(const char *label, int64_t level, struct buf *out)
{
	struct alb_command c = command(ALB_BLOCK_DUMP);
	struct alb_session *s;
	uLongf len = 8 * MB;
	struct alb_wire w;
	uint8_t *raw;

	c.compression = level;
	s = open_command(label, &c);
	assert_int_equal(alb_session_read(s, &w), ALB_OK);
	assert_int_equal(w.payload, ALB_PAYLOAD_BLOCK_IMAGE);
	assert_int_equal(w.flag, level != 0);
	alb_wire_free(&w);
	buf_init(out, 16 * MB);
	for (;;) {
		assert_int_equal(alb_session_read(s, &w), ALB_OK);
		if (w.payload == ALB_PAYLOAD_BLOCK_EOF)
			break;
		assert_int_equal(w.payload, ALB_PAYLOAD_BLOCK_DATA);
		buf_put(out, w.bytes, w.bytes_len);
		alb_wire_free(&w);
	}
	assert_int_equal(alb_session_read(s, &w), ALB_END);
	alb_session_close(s);
	if (level == 0)
		return;
	raw = malloc(len);
	assert_int_equal(uncompress(raw, &len, out->data, out->len), Z_OK);
	buf_reset(out);
	buf_put(out, raw, len);
	free(raw);
}

/* The device begins with data and is zero behind it. */
static void
must_hold(const char *label, int64_t level, const uint8_t *data, size_t len,
	size_t size)
{
	struct buf out;
	size_t i;

	dump(label, level, &out);
	assert_int_equal(out.len, size);
	assert_memory_equal(out.data, data, len);
	for (i = len; i < size; i++)
		assert_int_equal(out.data[i], 0);
	buf_free(&out);
}

static void
test_info(void **state)
{
	struct alb_wire w;

	(void)state;
	add("data", 2);
	must_fail(ask_add("data", 2, &w), &w,
		"block device with same name already exists");
	assert_int_equal(ask_kind("data", ALB_BLOCK_INFO, &w), ALB_OK);
	assert_int_equal(w.nblocks, 1);
	assert_string_equal(w.blocks[0].name.path, drive.tenant);
	assert_int_equal(w.blocks[0].size, 2);
	assert_false(w.blocks[0].active);
	alb_wire_free(&w);
	assert_int_equal(ask_kind("", ALB_BLOCK_INFO, &w), ALB_OK);
	assert_int_equal(w.nblocks, 1);
	assert_string_equal(w.blocks[0].name.path, "");
	assert_string_equal(w.blocks[0].name.label, "data");
	alb_wire_free(&w);
	must_say(ask_kind("data", ALB_BLOCK_REMOVE, &w), &w,
		"removed block");
	must_fail(ask_kind("data", ALB_BLOCK_REMOVE, &w), &w,
		"remove block: not found");
}

static void
test_limits(void **state)
{
	struct alb_wire w;

	(void)state;
	add("data", 2);
	must_fail(ask_add("more", 63, &w), &w, "block device policy limit of "
		"64 MB (used 2 MB) would be exceeded by the request (63 MB)");
	must_fail(ask_add("none", 0, &w), &w,
		"overflow while computing bytes");
	must_fail(ask_add("none", 1, &w), &w, "file already exists");
	must_say(ask_kind("data", ALB_BLOCK_REMOVE, &w), &w,
		"removed block");
	drive.policy.has_block = false;
	must_fail(ask_add("more", 1, &w), &w,
		"no block devices are allowed by policy");
}

static void
test_round_trip(void **state)
{
	size_t len = MB + 12345;
	uint8_t *data = malloc(len);
	uLongf packed_len = compressBound(len);
	uint8_t *packed = malloc(packed_len);
	struct alb_wire w;

	(void)state;
	random_bytes(data, len);
	add("data", 2);
	must_hold("data", 0, data, 0, 2 * MB);
	must_say(ask_set("data", false, data, len, &w), &w,
		"set block device");
	must_hold("data", 0, data, len, 2 * MB);
	must_hold("data", 9, data, len, 2 * MB);
	data[0] ^= 1;
	assert_int_equal(compress2(packed, &packed_len, data, len, 6), Z_OK);
	must_say(ask_set("data", true, packed, packed_len, &w), &w,
		"set block device");
	must_hold("data", 1, data, len, 2 * MB);
	must_say(ask_set("data", false, "", 0, &w), &w, "set block device");
	must_hold("data", 0, data, 0, 2 * MB);
	must_say(ask_kind("data", ALB_BLOCK_REMOVE, &w), &w,
		"removed block");
	free(packed);
	free(data);
}

static void
test_bad_data(void **state)
{
	uint8_t *data = calloc(1, 2 * MB);
	struct alb_command c = command(ALB_BLOCK_SET);
	struct alb_session *s;
	struct alb_wire w;
	struct buf out;

	(void)state;
	add("data", 1);
	must_fail(ask_set("data", true, "no zlib", 7, &w), &w,
		"error writing to file descriptor");
	dump("data", 0, &out);
	assert_true(out.len < MB);
	buf_free(&out);
	/* One byte too many: still answered. Much more: never. */
	must_fail(ask_set("data", false, data, MB + 1, &w), &w,
		"stream exceeds size");
	s = open_command("data", &c);
	assert_int_equal(alb_session_send(s, data, 2 * MB), ALB_OK);
	assert_int_equal(alb_session_finish(s), ALB_OK);
	assert_int_equal(alb_session_read(s, &w), ALB_TIMEOUT);
	alb_session_close(s);
	must_say(ask_kind("data", ALB_BLOCK_REMOVE, &w), &w,
		"removed block");
	free(data);
}

/* Of a compressed chunk no more than 64 KiB are looked at. */
static void
test_large_chunk(void **state)
{
	struct alb_command c = command(ALB_BLOCK_SET);
	size_t len = MB / 2;
	uint8_t *data = malloc(len);
	uLongf packed_len = compressBound(len);
	uint8_t *packed = malloc(packed_len);
	struct alb_wire w;
	struct buf bytes;

	(void)state;
	random_bytes(data, len);
	assert_int_equal(compress2(packed, &packed_len, data, len, 1), Z_OK);
	add("data", 1);
	buf_init(&bytes, 4 * MB);
	chunk_put(&bytes, packed, 65536);
	chunk_put(&bytes, packed + 65536, 65537);
	chunk_put(&bytes, packed + 131073, packed_len - 131073);
	chunk_put(&bytes, NULL, 0);
	c.compressed = true;
	raw_send("data", &c, &bytes, &w);
	must_fail(ALB_OK, &w, "error writing to file descriptor");
	buf_reset(&bytes);
	/* Raw ones may have any length. */
	chunk_put(&bytes, data, len);
	chunk_put(&bytes, data, 1);
	chunk_put(&bytes, NULL, 0);
	c = command(ALB_BLOCK_SET);
	raw_send("data", &c, &bytes, &w);
	must_say(ALB_OK, &w, "set block device");
	buf_free(&bytes);
	dump("data", 0, &bytes);
	assert_int_equal(bytes.len, MB);
	assert_memory_equal(bytes.data, data, len);
	must_say(ask_kind("data", ALB_BLOCK_REMOVE, &w), &w,
		"removed block");
	buf_free(&bytes);
	free(packed);
	free(data);
}

/* The end without a terminator is an end, too. */
static void
test_no_terminator(void **state)
{
	struct alb_command c = command(ALB_BLOCK_SET);
	struct alb_wire w;
	struct buf bytes;

	(void)state;
	add("data", 1);
	buf_init(&bytes, MB);
	chunk_put(&bytes, "abc", 3);
	raw_send("data", &c, &bytes, NULL);
	usleep(300000);
	must_hold("data", 0, (const uint8_t *)"abc", 3, MB);
	must_say(ask_kind("data", ALB_BLOCK_REMOVE, &w), &w,
		"removed block");
	buf_reset(&bytes);
	c = create(ALB_UNIKERNEL_CREATE, 16);
	chunk_put(&bytes, drive.plain.data, drive.plain.len);
	raw_send("half", &c, &bytes, NULL);
	usleep(300000);
	assert_int_equal(running(), 0);
	buf_free(&bytes);
}

static void
must_not_dump(const char *label, const char *text)
{
	struct alb_command c = command(ALB_BLOCK_DUMP);
	struct alb_session *s = open_command(label, &c);
	struct alb_wire w;

	must_fail(alb_session_read(s, &w), &w, text);
	must_fail(alb_session_read(s, &w), &w, READ_ERROR);
	assert_int_equal(alb_session_read(s, &w), ALB_END);
	alb_session_close(s);
}

/*
 * The reason is lost when there is much to send. With a little, a real one
 * may be fast enough, or not.
 */
static void
must_not_set(const char *label, const char *text)
{
	uint8_t *data = calloc(1, MB);
	struct alb_wire w;
	int rc;

	assert_int_equal(ask_set(label, false, "data", 4, &w), ALB_OK);
	if (drive.real && strcmp(w.text, text) != 0)
		text = "writing block data";
	must_fail(ALB_OK, &w, text);
	rc = ask_set(label, false, data, MB, &w);
	if (rc == ALB_OK)
		must_fail(rc, &w, "writing block data");
	else
		assert_int_equal(rc, ALB_BROKEN);
	free(data);
}

static void
test_in_use(void **state)
{
	struct alb_command c = create(ALB_UNIKERNEL_CREATE, 16);
	struct alb_wire w;

	(void)state;
	must_not_dump("data", "dump block: not found");
	must_not_set("data", "set block: not found");
	add("data", 1);
	add_block(&c, drive.block.device, "data");
	must_say(ask_data("disk", &c, drive.block.data, drive.block.len, &w),
		&w, "created unikernel");
	assert_int_equal(ask_kind("data", ALB_BLOCK_INFO, &w), ALB_OK);
	assert_true(w.blocks[0].active);
	alb_wire_free(&w);
	assert_int_equal(ask_kind("disk", ALB_UNIKERNEL_INFO, &w), ALB_OK);
	assert_int_equal(w.infos[0].config.blocks[0].size, 1);
	assert_int_equal(w.infos[0].config.blocks[0].sector_size, 512);
	alb_wire_free(&w);
	assert_int_equal(ask_kind("", ALB_UNIKERNEL_INFO, &w), ALB_OK);
	assert_int_equal(w.infos[0].config.blocks[0].size, 0);
	alb_wire_free(&w);
	must_not_dump("data", "dump block: is in use");
	must_not_set("data", "set block: is in use");
	must_fail(ask_kind("data", ALB_BLOCK_REMOVE, &w), &w,
		"remove block: is in use");
	c = create(ALB_UNIKERNEL_CREATE, 16);
	add_block(&c, drive.block.device, "data");
	assert_int_equal(ask_data("other", &c, drive.block.data,
		drive.block.len, &w), ALB_OK);
	assert_non_null(strstr(w.text, ":data already in use"));
	alb_wire_free(&w);
	must_say(ask_kind("disk", ALB_UNIKERNEL_DESTROY, &w), &w,
		"destroyed unikernel");
	must_say(ask_kind("data", ALB_BLOCK_REMOVE, &w), &w,
		"removed block");
}

/* A set that has written len bytes of data and not ended. */
static struct alb_session *
set_begin(const char *label, const void *data, size_t len)
{
	struct alb_command c = command(ALB_BLOCK_SET);
	struct alb_session *s = open_command(label, &c);

	assert_int_equal(alb_session_send(s, data, len), ALB_OK);
	usleep(300000);
	return s;
}

static void
set_end(struct alb_session *s)
{
	struct alb_wire w;
	int rc;

	assert_int_equal(alb_session_finish(s), ALB_OK);
	rc = alb_session_read(s, &w);
	must_say(rc, &w, "set block device");
	alb_session_close(s);
}

/*
 * While a set streams, its device is in no use: it can be dumped as far as it
 * is written, set, removed and given to a unikernel. Who is late ends in the
 * file that has the name then.
 */
static void
test_during_set(void **state)
{
	uint8_t *data = calloc(1, 70000);
	struct alb_session *s;
	struct alb_wire w;
	struct buf out;

	(void)state;
	memset(data, 1, 70000);
	add("data", 1);
	s = set_begin("data", data, 70000);
	dump("data", 0, &out);
	assert_int_equal(out.len, 70000);
	buf_free(&out);
	dump("data", 1, &out);
	assert_int_equal(out.len, 70000);
	buf_free(&out);
	must_say(ask_set("data", false, "abc", 3, &w), &w,
		"set block device");
	set_end(s);
	must_hold("data", 0, (const uint8_t *)"abc", 3, MB);
	s = set_begin("data", data, 70000);
	must_say(ask_kind("data", ALB_BLOCK_REMOVE, &w), &w,
		"removed block");
	assert_int_equal(alb_session_send(s, data, 70000), ALB_OK);
	assert_int_equal(alb_session_finish(s), ALB_OK);
	assert_int_equal(alb_session_read(s, &w), ALB_OK);
	assert_int_equal(w.payload, ALB_PAYLOAD_FAILURE);
	assert_memory_equal(w.text, "truncate file ", 14);
	assert_non_null(strstr(w.text, ":data: No such file or directory"));
	alb_wire_free(&w);
	alb_session_close(s);
	free(data);
}

static void
test_create_during_set(void **state)
{
	struct alb_command c = create(ALB_UNIKERNEL_CREATE, 16);
	uint8_t data[2 * 512];	/* of fewer the tender makes no device */
	struct alb_session *s;
	struct alb_wire w;

	(void)state;
	add("data", 1);
	memset(data, 1, sizeof(data));
	s = set_begin("data", data, sizeof(data));
	add_block(&c, drive.block.device, "data");
	must_say(ask_data("disk", &c, drive.block.data, drive.block.len, &w),
		&w, "created unikernel");
	set_end(s);
	must_say(ask_kind("disk", ALB_UNIKERNEL_DESTROY, &w), &w,
		"destroyed unikernel");
	must_hold("data", 0, data, sizeof(data), MB);
	must_say(ask_kind("data", ALB_BLOCK_REMOVE, &w), &w,
		"removed block");
}

/* A dump goes on with the file it began with, whatever becomes of the name. */
static void
test_during_dump(void **state)
{
	struct alb_command c = command(ALB_BLOCK_DUMP);
	uint8_t *data = malloc(16 * MB);
	struct alb_session *s;
	struct alb_wire w;
	size_t len = 0;

	(void)state;
	memset(data, 1, 16 * MB);
	add("data", 16);
	must_say(ask_set("data", false, data, 16 * MB, &w), &w,
		"set block device");
	s = open_command("data", &c);
	assert_int_equal(alb_session_read(s, &w), ALB_OK);
	alb_wire_free(&w);
	must_say(ask_set("data", false, "abc", 3, &w), &w,
		"set block device");
	must_say(ask_kind("data", ALB_BLOCK_REMOVE, &w), &w,
		"removed block");
	while (alb_session_read(s, &w) == ALB_OK &&
	    w.payload == ALB_PAYLOAD_BLOCK_DATA) {
		assert_memory_equal(w.bytes, data + len, w.bytes_len);
		len += w.bytes_len;
		alb_wire_free(&w);
	}
	assert_int_equal(len, 16 * MB);
	alb_session_close(s);
	free(data);
}

/* The forms with the data inside. */
static void
test_old_forms(void **state)
{
	struct alb_command c = command(ALB_BLOCK_ADD);
	struct alb_wire w;

	(void)state;
	c.old_form = true;
	c.size = 1;
	c.image = (uint8_t *)strdup("old");
	c.image_len = 3;
	must_say(ask("old", &c, &w), &w, "added block device");
	must_hold("old", 0, (const uint8_t *)"old", 3, MB);
	c = command(ALB_BLOCK_SET);
	c.level = ALB_LEVEL_2_4;
	c.image = (uint8_t *)strdup("new");
	c.image_len = 3;
	must_say(ask("old", &c, &w), &w, "set block device");
	c = command(ALB_BLOCK_DUMP);
	c.level = ALB_LEVEL_2_4;
	assert_int_equal(ask("old", &c, &w), ALB_OK);
	assert_int_equal(w.payload, ALB_PAYLOAD_OLD_BLOCK);
	assert_int_equal(w.bytes_len, MB);
	assert_memory_equal(w.bytes, "new", 3);
	alb_wire_free(&w);
	must_say(ask_kind("old", ALB_BLOCK_REMOVE, &w), &w,
		"removed block");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_info, drive_tenant),
		cmocka_unit_test_setup(test_limits, drive_tenant),
		cmocka_unit_test_setup(test_round_trip, drive_tenant),
		cmocka_unit_test_setup(test_bad_data, drive_tenant),
		cmocka_unit_test_setup(test_large_chunk, drive_tenant),
		cmocka_unit_test_setup(test_no_terminator, drive_tenant),
		cmocka_unit_test_setup(test_in_use, drive_tenant),
		cmocka_unit_test_setup(test_during_set, drive_tenant),
		cmocka_unit_test_setup(test_create_during_set, drive_tenant),
		cmocka_unit_test_setup(test_during_dump, drive_tenant),
		cmocka_unit_test_setup(test_old_forms, drive_tenant),
	};

	return cmocka_run_group_tests(tests, drive_start, drive_stop);
}
