/* SPDX-License-Identifier: ISC */
#define _GNU_SOURCE
/* conn: one TLS connection, the endpoint's side of it; see conn.h. */
#include "tests/sandbox/conn.h"

#include <poll.h>
#include <string.h>
#include <sys/socket.h>

#include "tests/sandbox/reply.h"

#define FRAMES_MAX ((size_t)INT32_MAX)
#define PIECE 16384

static int
record_send(struct conn *c, const uint8_t *data, size_t len)
{
	ssize_t n;

	while (len > 0 && !c->broken) {
		n = gnutls_record_send(c->tls, data, len);
		if (n == GNUTLS_E_AGAIN || n == GNUTLS_E_INTERRUPTED)
			continue;
		if (n <= 0) {
			c->broken = true;
		} else {
			data += n;
			len -= n;
		}
	}
	return c->broken ? -1 : 0;
}

/* Frames whose length or content is not to be believed. */
static int
nonsense_send(struct conn *c)
{
	static const uint8_t absurd[20] = { 0x7f, 0xff, 0xff, 0xff };
	static const uint8_t garbage[] = { 0, 0, 0, 8,
		0x30, 0x82, 0xff, 0x02, 0x01, 0x05, 0xde, 0xad };

	if (c->fault == FAULT_ABSURD_LENGTH)
		return record_send(c, absurd, sizeof(absurd));
	return record_send(c, garbage, sizeof(garbage));
}

int
conn_send_raw(struct conn *c, const uint8_t *data, size_t len)
{
	size_t i;

	switch (c->fault) {
	case FAULT_ABSURD_LENGTH:
	case FAULT_GARBAGE_FRAME:
		return nonsense_send(c);
	case FAULT_BYTE_BY_BYTE:
		for (i = 0; i < len; i++)
			if (record_send(c, data + i, 1) != 0)
				return -1;
		return 0;
	case FAULT_BREAK_AFTER_COMMAND:
		c->broken = true;
		c->abrupt = true;
		return -1;
	case FAULT_STALL_AFTER:
		conn_wait_gone(c);
		c->broken = true;
		return -1;
	default:
		return record_send(c, data, len);
	}
}

void
frame_put(struct buf *out, const struct alb_wire *w)
{
	struct buf body;

	buf_init(&body, FRAMES_MAX);
	if (alb_wire_encode(w, &body) != ALB_OK)
		out->failed = true;
	buf_put_u32(out, body.len);
	buf_put(out, body.data, body.len);
	buf_free(&body);
}

int
conn_send(struct conn *c, const struct alb_wire *w)
{
	struct buf out;
	int rc = -1;

	buf_init(&out, FRAMES_MAX);
	frame_put(&out, w);
	if (buf_ok(&out))
		rc = conn_send_raw(c, out.data, out.len);
	buf_free(&out);
	return rc;
}

int
conn_chunk(struct conn *c, const uint8_t **data, size_t *len)
{
	uint8_t piece[PIECE];
	ssize_t n;

	for (;;) {
		switch (alb_frames_next(&c->in, data, len)) {
		case ALB_OK:
			return 1;
		case ALB_END:
			return 0;
		case ALB_AGAIN:
			break;
		default:
			return -1;
		}
		do
			n = gnutls_record_recv(c->tls, piece, sizeof(piece));
		while (n == GNUTLS_E_AGAIN || n == GNUTLS_E_INTERRUPTED);
		if (n <= 0 || alb_frames_feed(&c->in, piece, n) != ALB_OK)
			return -1;
	}
}

void
conn_wait_gone(struct conn *c)
{
	struct pollfd p = { .fd = c->fd, .events = POLLRDHUP };

	while (poll(&p, 1, -1) < 0 || (p.revents & (POLLRDHUP | POLLHUP |
	    POLLERR)) == 0)
		;
}
