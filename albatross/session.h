/* SPDX-License-Identifier: ISC */
/*
 * alb_session: one TLS 1.3 connection to an albatross-tls-endpoint, which is
 * one command; protocol sections 1.1, 1.2, 3 and 6.1.
 */
#ifndef ALBATROSS_SESSION_H
#define ALBATROSS_SESSION_H

#include "albatross/cert.h"
#include "albatross/wire.h"

#define ALB_PORT 1025
#define ALB_CHUNK_MAX 65536
#define ALB_FRAME_MAX (16 * 1024 * 1024)

/* How long each step may take, in milliseconds; 0 takes the default. */
struct alb_timeouts {
	int connect;		/* 5,000, all addresses together */
	int handshake;		/* 10,000 */
	int reply;		/* 15,000; per frame; -1: for ever */
	int write;		/* 30,000 without progress, per 16 KiB */
};

/*
 * The reply time of section 6.1 for a kind: 15 s, 30 s (dump), 120 s or -1
 * (streams).
 */
int alb_reply_timeout(enum alb_command_kind kind);

struct alb_session;

/*
 * Connects (host: name or address, port 1..65535; TCP_NODELAY and keepalive
 * set), handshakes and checks the server: its chain must end in one of the
 * certificates of server_ca (PEM) and its leaf must be fit for serverAuth; no
 * host name is compared. ALB_OK with an owned session, or ALB_NETWORK,
 * ALB_TIMEOUT, ALB_SERVER_CERT, ALB_TLS, ALB_NO_MEMORY, with a sentence in why
 * (whysize bytes, may be 0). That the server refused our chain shows only at
 * the first read.
 */
int alb_session_open(const char *host, int port, const char *server_ca,
	const struct alb_chain *chain, const struct alb_timeouts *timeouts,
	struct alb_session **out, char *why, size_t whysize);
/* notAfter of the server's own certificate, s since 1970; 0: not known. */
time_t alb_session_server_expires(const struct alb_session *s);
/* Closes without waiting for the peer. */
void alb_session_close(struct alb_session *s);

/*
 * Waits for the next message and decodes it into w (initialised by this call,
 * freed by the caller when ALB_OK). ALB_REFUSED: clean end before any frame;
 * ALB_END: clean end after one; ALB_CREDENTIALS, ALB_CLOCK, ALB_BROKEN,
 * ALB_TIMEOUT, ALB_DECODE, ALB_TOO_LARGE. A failure message is ALB_OK with
 * ALB_PAYLOAD_FAILURE. On a non-blocking session ALB_AGAIN: nothing is left
 * in any buffer, poll the descriptor for reading and call again. Until then
 * keep calling: what has been read from the socket wakes no poll. After
 * ALB_DECODE and ALB_TIMEOUT reading can go on, after any other error it
 * gives the same error again.
 */
int alb_session_read(struct alb_session *s, struct alb_wire *w);
/*
 * The same for the reply to get, on a blocking session: the image's bytes go
 * to sink in pieces while they arrive, so that no image is held in memory. A
 * non-zero answer of sink ends it with ALB_BROKEN. Before sink is first
 * called, w has ALB_PAYLOAD_IMAGE with flag, without bytes (or what else came:
 * then sink is not called). The image may be up to image_max bytes: beyond, it
 * is ALB_TOO_LARGE with ALB_PAYLOAD_IMAGE (and nothing to free). The reply time
 * is for each 64 KiB.
 */
int alb_session_read_image(struct alb_session *s, uint64_t image_max,
	int (*sink)(void *arg, const uint8_t *data, size_t len), void *arg,
	struct alb_wire *w);
/* The next alb_session_read gives w (its contents are taken); at most one. */
void alb_session_unread(struct alb_session *s, struct alb_wire *w);
/*
 * Sends data as chunks of at most 64 KiB; alb_session_finish sends the
 * terminator. ALB_OK, ALB_TIMEOUT, or ALB_BROKEN: then the server has closed,
 * and may have said why before: alb_session_read tells (an alert against our
 * chain, a failure, or how it ended).
 */
int alb_session_send(struct alb_session *s, const void *data, size_t len);
int alb_session_finish(struct alb_session *s);

/*
 * For streams in an event loop: from now on alb_session_read does not wait.
 * Returns the descriptor, borrowed.
 */
int alb_session_unblock(struct alb_session *s);
/* From now on a frame of more than max bytes is ALB_TOO_LARGE. */
void alb_session_limit(struct alb_session *s, size_t max);
int alb_session_fd(const struct alb_session *s);

/*
 * One whole simple command: open, read one reply, close. On ALB_OK w holds a
 * reply that is not a failure; on ALB_FAILURE or ALB_DAEMON w holds the
 * failure; in both cases it is freed by the caller.
 */
int alb_call(const char *host, int port, const char *server_ca,
	const struct alb_chain *chain, const struct alb_timeouts *timeouts,
	struct alb_wire *w, char *why, size_t whysize);

#endif
