/* SPDX-License-Identifier: ISC */
/*
 * image_fetch against an upstream of our own, which sends what a test wants:
 * only the right bytes land in the store.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <zlib.h>

#include "fcgi/images.h"
#include "fcgi/upstream.h"
#include "tests/unit/folder.h"

/* Of "hello". */
#define HELLO "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"
#define SIZE_MAX_TEST 1000

/* What comes: the bytes in pieces, or an err; as what. */
static struct {
	uint8_t data[4096];
	size_t len, step;
	bool compressed;
	enum alb_payload payload;
	int err;		/* after the bytes */
	int asked;
} sent;

int
upstream_get(struct upstream *u, const struct ask *a, struct alb_command *c,
	uint64_t max, int (*sink)(void *arg, const uint8_t *data, size_t len),
	void *arg, struct alb_wire *w, struct fault *f)
{
	size_t at, n;

	(void)u;
	sent.asked++;
	assert_string_equal(a->label, "web");
	assert_int_equal(c->kind, ALB_UNIKERNEL_GET);
	assert_int_equal(c->compression, 0);
	assert_int_equal(max, SIZE_MAX_TEST);
	alb_wire_init(w, sent.payload);
	w->flag = sent.compressed;
	for (at = 0; at < sent.len; at += n) {
		n = sent.len - at < sent.step ? sent.len - at : sent.step;
		if (sink(arg, sent.data + at, n) != 0)
			return fault_set(f, ERR_INTERNAL, "Not taken.");
	}
	return sent.err == 0 ? 0 : fault_set(f, sent.err, "Broken.");
}

static char dir[FOLDER_SIZE];
static struct images *images;

static int
setup(void **state)
{
	struct fault f = { 0 };

	(void)state;
	folder_make(dir);
	images = images_new(dir, SIZE_MAX_TEST, &f);
	memset(&sent, 0, sizeof(sent));
	sent.payload = ALB_PAYLOAD_IMAGE;
	sent.step = 2;
	return images == NULL ? -1 : 0;
}

static int
teardown(void **state)
{
	(void)state;
	images_free(images);
	return folder_remove(dir);
}

static void
send_plain(const char *text)
{
	sent.len = strlen(text);
	memcpy(sent.data, text, sent.len);
}

static void
send_packed(const void *data, size_t len)
{
	uLongf packed = sizeof(sent.data);

	assert_int_equal(compress2(sent.data, &packed, data, len, 9), Z_OK);
	sent.len = packed;
	sent.compressed = true;
}

/* The outcome, and whether it is in the store then. */
static int
fetch(bool stored, struct fault *f)
{
	struct ask ask = { .instance = "i1", .project = "ada",
		.label = "web" };
	struct image_file file = { .fd = -1 };
	char data[16];
	int err;

	*f = (struct fault){ 0 };
	err = image_fetch(images, NULL, &ask, HELLO, &file, f);
	assert_int_equal(err, f->err);
	assert_int_equal(images_has(images, "ada", HELLO, NULL), stored);
	if (err == 0) {
		assert_int_equal(file.size, 5);
		assert_string_equal(file.sha256, HELLO);
		assert_int_equal(pread(file.fd, data, sizeof(data), 0), 5);
		assert_memory_equal(data, "hello", 5);
		image_file_close(&file);
	}
	return err;
}

static void
test_plain(void **state)
{
	struct fault f;

	(void)state;
	send_plain("hello");
	assert_int_equal(fetch(true, &f), 0);
	/* What is there is not asked for. */
	assert_int_equal(fetch(true, &f), 0);
	assert_int_equal(sent.asked, 1);
}

static void
test_compressed(void **state)
{
	struct fault f;

	(void)state;
	send_packed("hello", 5);
	assert_int_equal(fetch(true, &f), 0);
}

static void
test_other_bytes(void **state)
{
	struct fault f;

	(void)state;
	send_plain("hellO");
	assert_int_equal(fetch(false, &f), ERR_DIGEST);
	assert_non_null(strstr(f.detail, "i1"));
	send_plain("");
	assert_int_equal(fetch(false, &f), ERR_BAD_IMAGE);
}

/* A compressed image that is cut, or none, or one of more than may be. */
static void
test_bad_compressed(void **state)
{
	static const char zeroes[SIZE_MAX_TEST + 1];
	struct fault f;

	(void)state;
	send_packed("hello", 5);
	sent.len--;
	assert_int_equal(fetch(false, &f), ERR_ALB_INCOMPATIBLE);
	send_plain("hello");
	assert_int_equal(fetch(false, &f), ERR_ALB_INCOMPATIBLE);
	send_packed(zeroes, sizeof(zeroes));
	assert_int_equal(fetch(false, &f), ERR_TOO_LARGE);
}

static void
test_ends(void **state)
{
	struct fault f;

	(void)state;
	send_plain("hello");
	sent.err = ERR_ALB_NETWORK;
	assert_int_equal(fetch(false, &f), ERR_ALB_NETWORK);
	sent.err = 0;
	sent.len = 0;
	sent.payload = ALB_PAYLOAD_STRING;
	assert_int_equal(fetch(false, &f), ERR_ALB_INCOMPATIBLE);
	sent.payload = ALB_PAYLOAD_IMAGE;
	memset(sent.data, 'x', SIZE_MAX_TEST + 1);
	sent.len = SIZE_MAX_TEST + 1;
	assert_int_equal(fetch(false, &f), ERR_TOO_LARGE);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_plain),
		TEST(test_compressed),
		TEST(test_other_bytes),
		TEST(test_bad_compressed),
		TEST(test_ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
