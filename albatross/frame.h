/* SPDX-License-Identifier: ISC */
/*
 * alb_frame: length-prefixed frames out of a byte stream, protocol.md section
 * 3.1, however the bytes are split.
 */
#ifndef ALBATROSS_FRAME_H
#define ALBATROSS_FRAME_H

#include "albatross/error.h"
#include "base/buf.h"

struct alb_frames {
	struct buf buf;
	size_t max;		/* largest body accepted, bytes */
};

void alb_frames_init(struct alb_frames *f, size_t max);
void alb_frames_free(struct alb_frames *f);
/* Adds bytes as they arrived: ALB_OK or ALB_NO_MEMORY. */
int alb_frames_feed(struct alb_frames *f, const uint8_t *data, size_t len);
/*
 * The next whole body, borrowed until the next feed: ALB_OK, ALB_AGAIN when
 * bytes are missing, ALB_TOO_LARGE beyond max (before any of it is
 * allocated), ALB_END for a length <= 0 (body NULL).
 */
int alb_frames_next(struct alb_frames *f, const uint8_t **body, size_t *len);
/* True when the stream stands between two frames. */
bool alb_frames_idle(const struct alb_frames *f);

#endif
