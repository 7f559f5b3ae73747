/* SPDX-License-Identifier: ISC */
/* alb_frame: frames out of a byte stream; see frame.h. */
#include "albatross/frame.h"

#include <string.h>

#define LENGTH_SIZE 4
/* What an idle stream may keep allocated; there can be a thousand of them. */
#define KEEP_MAX 1024

#define DER_BOOLEAN 0x01
#define DER_OCTETS 0x04
#define DER_SEQUENCE 0x30
#define DER_SUCCESS 0xa1	/* payload [1] */
#define DER_IMAGE 0xa6		/* success [6] */

void
alb_frames_init(struct alb_frames *f, size_t max)
{
	size_t bound;

	if (__builtin_add_overflow(max, (size_t)LENGTH_SIZE +
	    2 * ALB_FRAMES_AHEAD, &bound))
		bound = SIZE_MAX;
	buf_init(&f->buf, bound);
	f->max = max;
}

void
alb_frames_free(struct alb_frames *f)
{
	buf_free(&f->buf);
}

int
alb_frames_feed(struct alb_frames *f, const uint8_t *data, size_t len)
{
	if (f->buf.pos > 0)
		buf_compact(&f->buf);
	buf_put(&f->buf, data, len);
	return buf_ok(&f->buf) ? ALB_OK : ALB_NO_MEMORY;
}

/* Gives memory back that only one large frame needed. */
static void
shrink(struct alb_frames *f)
{
	if (buf_left(&f->buf) == 0 && f->buf.cap > KEEP_MAX)
		buf_free(&f->buf);
}

static bool
peek_length(const struct alb_frames *f, uint32_t *len)
{
	const uint8_t *p;

	if (buf_left(&f->buf) < LENGTH_SIZE)
		return false;
	p = f->buf.data + f->buf.pos;
	*len = (uint32_t)p[0] << 24 | p[1] << 16 | p[2] << 8 | p[3];
	return true;
}

int
alb_frames_next(struct alb_frames *f, const uint8_t **body, size_t *len)
{
	uint32_t n;

	*body = NULL;
	*len = 0;
	if (!peek_length(f, &n)) {
		shrink(f);
		return ALB_AGAIN;
	}
	if (n == 0 || n > INT32_MAX) {
		buf_get_ref(&f->buf, body, LENGTH_SIZE);
		*body = NULL;
		return ALB_END;
	}
	if (n > f->max)
		return ALB_TOO_LARGE;
	if (buf_left(&f->buf) - LENGTH_SIZE < n)
		return ALB_AGAIN;
	buf_get_ref(&f->buf, body, LENGTH_SIZE);
	buf_get_ref(&f->buf, body, n);
	*len = n;
	return ALB_OK;
}

bool
alb_frames_idle(const struct alb_frames *f)
{
	return buf_left(&f->buf) == 0;
}

size_t
alb_frames_take(struct alb_frames *f, uint64_t max, const uint8_t **data)
{
	size_t n = buf_left(&f->buf);

	if (n > max)
		n = max;
	*data = NULL;
	if (n > 0)
		buf_get_ref(&f->buf, data, n);
	else
		shrink(f);
	return n;
}

/* A reader over what has arrived of one frame. */
struct der {
	const uint8_t *p, *end;
	uint64_t frame_left;	/* bytes of the frame from p on */
};

static void
der_skip(struct der *d, size_t n)
{
	d->p += n;
	d->frame_left -= n;
}

/*
 * Takes an identifier and a length in DER: ALB_OK, ALB_AGAIN when it has not
 * arrived, ALB_DECODE when it is another or does not fit into the frame.
 */
static int
der_head(struct der *d, uint8_t tag, uint64_t *len)
{
	size_t left = d->end - d->p;
	size_t octets, i;

	if (left < 2)
		return left == 1 && d->p[0] != tag ? ALB_DECODE : ALB_AGAIN;
	if (d->p[0] != tag)
		return ALB_DECODE;
	octets = d->p[1] < 0x80 ? 0 : d->p[1] & 0x7f;
	if (d->p[1] == 0x80 || octets > 4)
		return ALB_DECODE;
	if (left < 2 + octets)
		return ALB_AGAIN;
	*len = octets == 0 ? d->p[1] : 0;
	for (i = 0; i < octets; i++)
		*len = *len << 8 | d->p[2 + i];
	/* The shortest form only. */
	if (octets > 0 && (d->p[2] == 0 || *len < 0x80))
		return ALB_DECODE;
	if (d->frame_left < 2 + octets)
		return ALB_DECODE;
	der_skip(d, 2 + octets);
	return *len <= d->frame_left ? ALB_OK : ALB_DECODE;
}

/* A constructed head whose content ends where the frame ends. */
static int
der_last(struct der *d, uint8_t tag)
{
	uint64_t len;
	int rc = der_head(d, tag, &len);

	if (rc != ALB_OK)
		return rc;
	return len == d->frame_left ? ALB_OK : ALB_DECODE;
}

/* The message's header, whole. */
static int
der_header(struct der *d, struct alb_image_head *out)
{
	uint64_t len;
	int rc;

	out->header = d->p;
	rc = der_head(d, DER_SEQUENCE, &len);
	if (rc != ALB_OK)
		return rc;
	if (len > (uint64_t)(d->end - d->p))
		return ALB_AGAIN;
	der_skip(d, len);
	out->header_len = d->p - out->header;
	return ALB_OK;
}

static int
der_flag(struct der *d, bool *flag)
{
	uint64_t len;
	int rc = der_head(d, DER_BOOLEAN, &len);

	if (rc != ALB_OK)
		return rc;
	if (len != 1)
		return ALB_DECODE;
	if (d->p == d->end)
		return ALB_AGAIN;
	*flag = *d->p != 0;
	der_skip(d, 1);
	return ALB_OK;
}

static int
der_image(struct der *d, struct alb_image_head *out)
{
	int rc = der_last(d, DER_SEQUENCE);

	if (rc == ALB_OK)
		rc = der_header(d, out);
	if (rc == ALB_OK)
		rc = der_last(d, DER_SUCCESS);
	if (rc == ALB_OK)
		rc = der_last(d, DER_IMAGE);
	if (rc == ALB_OK)
		rc = der_last(d, DER_SEQUENCE);
	if (rc == ALB_OK)
		rc = der_flag(d, &out->compressed);
	if (rc == ALB_OK)
		rc = der_last(d, DER_OCTETS);
	return rc;
}

int
alb_frames_image(const struct alb_frames *f, struct alb_image_head *out)
{
	const uint8_t *start;
	struct der d;
	uint32_t len;
	int rc;

	if (!peek_length(f, &len))
		return ALB_AGAIN;
	if (len == 0 || len > INT32_MAX)
		return ALB_DECODE;
	start = f->buf.data + f->buf.pos;
	d.p = start + LENGTH_SIZE;
	d.end = start + buf_left(&f->buf);
	d.frame_left = len;
	rc = der_image(&d, out);
	if (rc == ALB_AGAIN && (buf_left(&f->buf) >= ALB_IMAGE_HEAD_MAX ||
	    (uint64_t)(d.end - d.p) >= d.frame_left))
		return ALB_DECODE;
	out->head_len = d.p - start;
	out->image_len = d.frame_left;
	return rc;
}
