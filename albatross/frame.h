/* SPDX-License-Identifier: ISC */
/*
 * alb_frame: length-prefixed frames out of a byte stream, protocol section
 * 3.1, however the bytes are split.
 */
#ifndef ALBATROSS_FRAME_H
#define ALBATROSS_FRAME_H

#include "albatross/error.h"
#include "base/buf.h"

/* Bytes a feed may bring beyond the frame that is being awaited. */
#define ALB_FRAMES_AHEAD 65536

struct alb_frames {
	struct buf buf;
	size_t max;		/* largest body accepted, bytes */
};

void alb_frames_init(struct alb_frames *f, size_t max);
void alb_frames_free(struct alb_frames *f);
/*
 * Adds bytes as they arrived, at most ALB_FRAMES_AHEAD at once and only after
 * alb_frames_next said ALB_AGAIN: ALB_OK or ALB_NO_MEMORY.
 */
int alb_frames_feed(struct alb_frames *f, const uint8_t *data, size_t len);
/*
 * The next whole body, borrowed until the next call: ALB_OK, ALB_AGAIN when
 * bytes are missing, ALB_TOO_LARGE beyond max (before any of it is
 * allocated), ALB_END for a length <= 0 (body NULL).
 */
int alb_frames_next(struct alb_frames *f, const uint8_t **body, size_t *len);
/* True when the stream stands between two frames. */
bool alb_frames_idle(const struct alb_frames *f);

/*
 * The front of a frame that holds a unikernel's image: everything before the
 * image's own bytes. Such a frame can be larger than memory should be.
 */
struct alb_image_head {
	const uint8_t *header;	/* DER of the message's header, borrowed */
	size_t header_len;
	bool compressed;
	size_t head_len;	/* bytes up to the image, with the length */
	uint64_t image_len;	/* then follow so many, and nothing more */
};

/*
 * Looks at the front of the stream without taking it: ALB_OK, ALB_AGAIN when
 * more bytes are needed to tell (never when ALB_IMAGE_HEAD_MAX are there), or
 * ALB_DECODE when the frame is something else.
 */
#define ALB_IMAGE_HEAD_MAX 512
int alb_frames_image(const struct alb_frames *f, struct alb_image_head *out);
/*
 * Takes up to max bytes from the front, borrowed until the next call; for
 * what follows an alb_image_head. Returns their count.
 */
size_t alb_frames_take(struct alb_frames *f, uint64_t max,
	const uint8_t **data);

#endif
