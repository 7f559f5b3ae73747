/* SPDX-License-Identifier: ISC */
/* alb_frame: every split of a stream gives the same frames. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "albatross/frame.h"

static const uint8_t stream[] = {
	0, 0, 0, 1, 'a',
	0, 0, 0, 3, 'b', 'c', 'd',
	0, 0, 0, 0,
	0, 0, 0, 2, 'e', 'f',
	0xff, 0xff, 0xff, 0xff,
	0, 0, 0, 1, 'g',
};

/* Reads frames as text, "." for an end, until bytes are missing. */
static void
drain(struct alb_frames *f, struct buf *out)
{
	const uint8_t *body;
	size_t len;
	int rc;

	while ((rc = alb_frames_next(f, &body, &len)) != ALB_AGAIN) {
		if (rc == ALB_END) {
			assert_null(body);
			buf_put_str(out, ".");
			continue;
		}
		assert_int_equal(rc, ALB_OK);
		buf_put(out, body, len);
		buf_put_str(out, "|");
	}
}

static void
test_splits(void **state)
{
	struct alb_frames f;
	size_t i, j, n = sizeof(stream);
	struct buf out;

	(void)state;
	buf_init(&out, 64);
	for (i = 0; i <= n; i++) {
		for (j = i; j <= n; j++) {
			buf_reset(&out);
			alb_frames_init(&f, 3);
			assert_true(alb_frames_idle(&f));
			alb_frames_feed(&f, stream, i);
			drain(&f, &out);
			alb_frames_feed(&f, stream + i, j - i);
			drain(&f, &out);
			alb_frames_feed(&f, stream + j, n - j);
			drain(&f, &out);
			assert_string_equal(buf_str(&out), "a|bcd|.ef|.g|");
			assert_true(alb_frames_idle(&f));
			alb_frames_free(&f);
		}
	}
	buf_free(&out);
}

static void
test_bytes(void **state)
{
	struct alb_frames f;
	struct buf out;
	size_t i;

	(void)state;
	buf_init(&out, 64);
	alb_frames_init(&f, 3);
	for (i = 0; i < sizeof(stream); i++) {
		assert_int_equal(alb_frames_feed(&f, &stream[i], 1), ALB_OK);
		drain(&f, &out);
	}
	assert_string_equal(buf_str(&out), "a|bcd|.ef|.g|");
	alb_frames_free(&f);
	buf_free(&out);
}

static void
test_too_large(void **state)
{
	static const uint8_t large[] = { 0x7f, 0xff, 0xff, 0xff, 0 };
	static const uint8_t more[] = { 0, 0, 0, 4, 0 };
	struct alb_frames f;
	const uint8_t *body;
	size_t len;

	(void)state;
	alb_frames_init(&f, 3);
	alb_frames_feed(&f, large, sizeof(large));
	assert_int_equal(alb_frames_next(&f, &body, &len), ALB_TOO_LARGE);
	assert_int_equal(alb_frames_next(&f, &body, &len), ALB_TOO_LARGE);
	assert_true(f.buf.cap < 1024);
	alb_frames_free(&f);

	alb_frames_init(&f, 3);
	alb_frames_feed(&f, more, sizeof(more));
	assert_int_equal(alb_frames_next(&f, &body, &len), ALB_TOO_LARGE);
	alb_frames_free(&f);
}

/* A large frame's memory is given back when the stream is idle again. */
static void
test_memory(void **state)
{
	static const uint8_t head[] = { 0, 0x0f, 0, 0 };
	static const uint8_t zeroes[0x8000];
	struct alb_frames f;
	const uint8_t *body;
	size_t len, i;

	(void)state;
	alb_frames_init(&f, 0x0f0000);
	alb_frames_feed(&f, head, sizeof(head));
	for (i = 0; i < 0x0f0000; i += sizeof(zeroes)) {
		assert_int_equal(alb_frames_next(&f, &body, &len),
			ALB_AGAIN);
		assert_false(alb_frames_idle(&f));
		assert_int_equal(alb_frames_feed(&f, zeroes,
			sizeof(zeroes)), ALB_OK);
	}
	assert_int_equal(alb_frames_next(&f, &body, &len), ALB_OK);
	assert_int_equal(len, 0x0f0000);
	assert_int_equal(alb_frames_next(&f, &body, &len), ALB_AGAIN);
	assert_int_equal(f.buf.cap, 0);
	alb_frames_free(&f);
}

/* An image reply: message header, success [1], image [6], five bytes. */
static const uint8_t image[] = {
	0, 0, 0, 39,
	0x30, 37,
	0x30, 17, 0x02, 1, 5, 0x04, 8, 0, 0, 0, 0, 0, 0, 0, 0,
	0x0c, 2, 'a', ':',
	0xa1, 16,
	0xa6, 14,
	0x30, 12,
	0x01, 1, 0xff,
	0x04, 7, 'i', 'm', 'a', 'g', 'e', '!', '!',
};
#define IMAGE_HEAD (sizeof(image) - 7)

static int
look(const uint8_t *data, size_t len, struct alb_image_head *head,
	struct alb_frames *f)
{
	alb_frames_init(f, 64);
	alb_frames_feed(f, data, len);
	return alb_frames_image(f, head);
}

static void
test_image_head(void **state)
{
	struct alb_image_head head;
	struct alb_frames f;
	const uint8_t *data;
	size_t i;

	(void)state;
	for (i = 0; i < IMAGE_HEAD; i++) {
		assert_int_equal(look(image, i, &head, &f), ALB_AGAIN);
		alb_frames_free(&f);
	}
	for (; i <= sizeof(image); i++) {
		assert_int_equal(look(image, i, &head, &f), ALB_OK);
		assert_int_equal(head.head_len, IMAGE_HEAD);
		assert_int_equal(head.image_len, 7);
		assert_int_equal(head.header_len, 19);
		assert_memory_equal(head.header, image + 6, 19);
		assert_true(head.compressed);
		alb_frames_free(&f);
	}
	assert_int_equal(look(image, sizeof(image), &head, &f), ALB_OK);
	assert_int_equal(alb_frames_take(&f, head.head_len, &data),
		IMAGE_HEAD);
	assert_int_equal(alb_frames_take(&f, 3, &data), 3);
	assert_memory_equal(data, "ima", 3);
	assert_int_equal(alb_frames_take(&f, 100, &data), 4);
	assert_memory_equal(data, "ge!!", 4);
	assert_int_equal(alb_frames_take(&f, 100, &data), 0);
	alb_frames_free(&f);
}

/* Any byte of tags and lengths spoiled: not an image, whatever follows. */
static void
test_image_spoiled(void **state)
{
	static const size_t fixed[] = {
		3, 4, 5, 6, 7, 25, 26, 27, 28, 29, 30, 31, 32, 34, 35,
	};
	uint8_t copy[sizeof(image)];
	struct alb_image_head head;
	struct alb_frames f;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(fixed) / sizeof(fixed[0]); i++) {
		memcpy(copy, image, sizeof(copy));
		copy[fixed[i]] ^= 1;
		assert_int_equal(look(copy, sizeof(copy), &head, &f),
			ALB_DECODE);
		alb_frames_free(&f);
	}
}

/* Lengths not in their shortest form, indefinite, or of too many octets. */
static void
test_image_lengths(void **state)
{
	static const uint8_t longer[] = { 0, 0, 0, 40, 0x30, 0x81, 37 };
	static const uint8_t zero[] = { 0, 0, 1, 0, 0x30, 0x82, 0, 0xfc };
	static const uint8_t indefinite[] = { 0, 0, 0, 40, 0x30, 0x80, 0 };
	static const uint8_t many[] = { 0, 0, 0, 40, 0x30, 0x85, 0 };
	static const uint8_t huge[] = { 0x7f, 0xff, 0xff, 0xff, 0x30, 0x84,
		0x7f, 0xff, 0xff, 0xf9, 0x30, 0x84, 0x7f, 0, 0, 0 };
	static const uint8_t negative[] = { 0xff, 0xff, 0xff, 0xff };
	uint8_t filler[ALB_IMAGE_HEAD_MAX] = { 0 };
	struct alb_image_head head;
	struct alb_frames f;

	(void)state;
	assert_int_equal(look(longer, sizeof(longer), &head, &f),
		ALB_DECODE);
	alb_frames_free(&f);
	assert_int_equal(look(zero, sizeof(zero), &head, &f), ALB_DECODE);
	alb_frames_free(&f);
	assert_int_equal(look(indefinite, sizeof(indefinite), &head, &f),
		ALB_DECODE);
	alb_frames_free(&f);
	assert_int_equal(look(many, sizeof(many), &head, &f), ALB_DECODE);
	alb_frames_free(&f);
	assert_int_equal(look(negative, sizeof(negative), &head, &f),
		ALB_DECODE);
	alb_frames_free(&f);
	/* A header that never ends is given up. */
	assert_int_equal(look(huge, sizeof(huge), &head, &f), ALB_AGAIN);
	alb_frames_feed(&f, filler, sizeof(filler));
	assert_int_equal(alb_frames_image(&f, &head), ALB_DECODE);
	alb_frames_free(&f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_splits),
		cmocka_unit_test(test_bytes),
		cmocka_unit_test(test_too_large),
		cmocka_unit_test(test_memory),
		cmocka_unit_test(test_image_head),
		cmocka_unit_test(test_image_spoiled),
		cmocka_unit_test(test_image_lengths),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
