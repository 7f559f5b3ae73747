/* SPDX-License-Identifier: ISC */
/*
 * Any bytes as a stream of frames: however they are split, the same frames
 * come out. The first byte chooses the split.
 */
#include <stdlib.h>
#include <string.h>

#include "albatross/frame.h"
#include "tests/fuzz/fuzz.h"

#define FRAME_MAX 4096

/* Takes what is whole, and writes down what it was; false at the end. */
static bool
drain(struct alb_frames *f, struct buf *log)
{
	const uint8_t *body;
	size_t len;
	int rc;

	while ((rc = alb_frames_next(f, &body, &len)) != ALB_AGAIN) {
		if (rc == ALB_TOO_LARGE)
			return false;
		if (rc == ALB_OK && (body == NULL || len > FRAME_MAX))
			abort();
		buf_put_u8(log, rc);
		buf_put_u32(log, len);
		if (len > 0)
			buf_put(log, body, len);
	}
	return true;
}

static void
run(const uint8_t *data, size_t size, size_t step, struct buf *log)
{
	struct alb_frames f;
	size_t n;

	alb_frames_init(&f, FRAME_MAX);
	while (size > 0) {
		n = size < step ? size : step;
		if (alb_frames_feed(&f, data, n) != ALB_OK)
			abort();
		data += n;
		size -= n;
		if (!drain(&f, log))
			break;
	}
	alb_frames_free(&f);
}

/* More bytes must not change what was known of an image's front. */
static void
check_image(const uint8_t *data, size_t size, size_t step)
{
	struct alb_image_head part, whole;
	struct alb_frames f;
	size_t n = size < step ? size : step;
	int some, all;

	alb_frames_init(&f, FRAME_MAX);
	if (n > 0)
		alb_frames_feed(&f, data, n);
	some = alb_frames_image(&f, &part);
	if (size > n)
		alb_frames_feed(&f, data + n, size - n);
	all = alb_frames_image(&f, &whole);
	if (some != ALB_AGAIN && some != all)
		abort();
	if (some == ALB_OK && (part.head_len != whole.head_len ||
	    part.image_len != whole.image_len))
		abort();
	if (all == ALB_OK && (whole.head_len > size ||
	    whole.header_len > whole.head_len))
		abort();
	if (all == ALB_AGAIN && size >= ALB_IMAGE_HEAD_MAX)
		abort();
	alb_frames_free(&f);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf a, b;
	size_t step;

	if (size < 1 || size > 65536)
		return 0;
	step = 1 + data[0];
	buf_init(&a, 1 << 24);
	buf_init(&b, 1 << 24);
	run(data + 1, size - 1, step, &a);
	run(data + 1, size - 1, 65536, &b);
	if (a.len != b.len || (a.len > 0 && memcmp(a.data, b.data, a.len)))
		abort();
	buf_free(&a);
	buf_free(&b);
	check_image(data + 1, size - 1, step);
	return 0;
}
