/* SPDX-License-Identifier: ISC */
/* conn: one TLS connection, the endpoint's side of it. */
#ifndef TESTS_SANDBOX_CONN_H
#define TESTS_SANDBOX_CONN_H

#include <gnutls/gnutls.h>

#include "albatross/frame.h"
#include "tests/sandbox/state.h"

struct conn {
	int fd;
	gnutls_session_t tls;
	struct alb_frames in;
	enum fault_kind fault;
	int64_t fault_bytes;	/* of content that pass before it */
	bool broken;		/* nothing can be written any more */
	bool abrupt;		/* to be reset, not closed */
};

/* Sends a message; header name and sequence are the caller's: 0 or -1. */
int conn_send(struct conn *c, const struct alb_wire *w);
/* Sends frames that are encoded already. */
int conn_send_raw(struct conn *c, const uint8_t *data, size_t len);
/* Appends a message as a frame. */
void frame_put(struct buf *out, const struct alb_wire *w);
/*
 * The next chunk, borrowed until the next call: 1, or 0 for the terminator, or
 * -1 when the stream ended or broke without one.
 */
int conn_chunk(struct conn *c, const uint8_t **data, size_t *len);
/* Waits until the peer is gone, whatever it sends. */
void conn_wait_gone(struct conn *c);

#endif
