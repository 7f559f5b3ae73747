/* SPDX-License-Identifier: ISC */
/*
 * alb_session against a server in a thread, which behaves in every way seen
 * and feared: refuses, resets, stalls, drips, floods, pretends.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <cmocka.h>

#include "albatross/deadline.h"
#include "albatross/session.h"
#include "tests/unit/pki.h"

#define MB (1024 * 1024)

struct server {
	int listener, fd;
	int port;
	pthread_t thread;
	gnutls_session_t tls;
	const struct pki *pki;	/* whose certificate it shows */
	const char *priority;
	unsigned flags;
	bool raw;		/* play gets a connection without TLS */
	bool abrupt;		/* no close_notify */
	bool reset;
	void (*play)(struct server *s);
	/* what play received */
	struct buf received;
	size_t largest;
	bool terminated;
};

static struct pki ca, other_ca, server_pki, expired_pki, impostor_pki;
static struct alb_chain chain;

static void
server_push(struct server *s, const void *data, size_t len)
{
	const uint8_t *p = data;
	ssize_t n;

	while (len > 0) {
		n = gnutls_record_send(s->tls, p, len);
		if (n < 0)
			return;
		p += n;
		len -= n;
	}
}

static bool
server_pull(struct server *s, void *data, size_t len)
{
	uint8_t *p = data;
	ssize_t n;

	while (len > 0) {
		n = gnutls_record_recv(s->tls, p, len);
		if (n <= 0)
			return false;
		p += n;
		len -= n;
	}
	return true;
}

/* The header of a message about alice: */
static const uint8_t header[] = { 0x30, 21, 0x02, 1, 5, 0x04, 8, 0, 0, 0, 0,
	0, 0, 0, 0, 0x0c, 6, 'a', 'l', 'i', 'c', 'e', ':' };

/* A message with a payload, as a frame. */
static void
put_message(struct buf *out, const void *payload, size_t len)
{
	assert_true(sizeof(header) + len < 0x80);
	buf_put_u32(out, 2 + sizeof(header) + len);
	buf_put_u8(out, 0x30);
	buf_put_u8(out, sizeof(header) + len);
	buf_put(out, header, sizeof(header));
	buf_put(out, payload, len);
}

static void
put_failure(struct buf *out, const char *text)
{
	uint8_t payload[64] = { 0xa2, strlen(text) + 2, 0x0c, strlen(text) };

	memcpy(payload + 4, text, strlen(text));
	put_message(out, payload, 4 + strlen(text));
}

static void
put_success(struct buf *out, const char *text)
{
	uint8_t payload[64] = { 0xa1, strlen(text) + 4, 0xa1,
		strlen(text) + 2, 0x0c, strlen(text) };

	memcpy(payload + 6, text, strlen(text));
	put_message(out, payload, 6 + strlen(text));
}

static size_t
head_size(uint32_t len)
{
	return len < 0x80 ? 2 : len < 0x100 ? 3 : len < 0x10000 ? 4 :
		len < 0x1000000 ? 5 : 6;
}

static void
put_head(struct buf *out, uint8_t tag, uint32_t len)
{
	uint32_t octets = head_size(len) - 2;

	buf_put_u8(out, tag);
	buf_put_u8(out, octets == 0 ? len : 0x80 | octets);
	while (octets-- > 0)
		buf_put_u8(out, len >> 8 * octets);
}

/* A reply to get, up to the bytes of the image. */
static void
put_image_head(struct buf *out, uint32_t image_len)
{
	uint32_t pair = 3 + head_size(image_len) + image_len;
	uint32_t image = head_size(pair) + pair;
	uint32_t success = head_size(image) + image;
	uint32_t body = sizeof(header) + head_size(success) + success;

	buf_put_u32(out, head_size(body) + body);
	put_head(out, 0x30, body);
	buf_put(out, header, sizeof(header));
	put_head(out, 0xa1, success);
	put_head(out, 0xa6, image);
	put_head(out, 0x30, pair);
	buf_put(out, "\x01\x01\xff", 3);
	put_head(out, 0x04, image_len);
}

static void
server_say(struct server *s, void (*put)(struct buf *, const char *),
	const char *text)
{
	struct buf b;

	buf_init(&b, 4096);
	put(&b, text);
	server_push(s, b.data, b.len);
	buf_free(&b);
}

static int
server_handshake(struct server *s, gnutls_certificate_credentials_t cred)
{
	int rc;

	gnutls_init(&s->tls, GNUTLS_SERVER | GNUTLS_NO_SIGNAL | s->flags);
	gnutls_priority_set_direct(s->tls, s->priority, NULL);
	gnutls_credentials_set(s->tls, GNUTLS_CRD_CERTIFICATE, cred);
	gnutls_certificate_server_set_request(s->tls, GNUTLS_CERT_REQUIRE);
	gnutls_transport_set_int(s->tls, s->fd);
	do
		rc = gnutls_handshake(s->tls);
	while (rc < 0 && !gnutls_error_is_fatal(rc));
	if (rc < 0)
		gnutls_alert_send_appropriate(s->tls, rc);
	return rc;
}

static void
server_tls(struct server *s)
{
	gnutls_certificate_credentials_t cred;
	gnutls_x509_crt_t cert = s->pki->cert;

	gnutls_certificate_allocate_credentials(&cred);
	gnutls_certificate_set_x509_key(cred, &cert, 1, s->pki->key);
	if (server_handshake(s, cred) >= 0) {
		if (s->play != NULL)
			s->play(s);
		if (!s->abrupt && !s->reset)
			gnutls_bye(s->tls, GNUTLS_SHUT_WR);
	}
	gnutls_deinit(s->tls);
	gnutls_certificate_free_credentials(cred);
}

static void *
server_main(void *arg)
{
	static const struct linger now = { 1, 0 };
	static const int on = 1;
	struct server *s = arg;

	s->fd = accept(s->listener, NULL, NULL);
	if (s->fd < 0)
		return NULL;
	setsockopt(s->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	if (s->raw)
		s->play(s);
	else
		server_tls(s);
	if (s->reset)
		setsockopt(s->fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
	close(s->fd);
	return NULL;
}

static int
listen_loopback(int *port)
{
	struct sockaddr_in a = { .sin_family = AF_INET };
	socklen_t len = sizeof(a);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&a, len), 0);
	assert_int_equal(listen(fd, 8), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&a, &len), 0);
	*port = ntohs(a.sin_port);
	return fd;
}

static void
server_init(struct server *s, void (*play)(struct server *))
{
	*s = (struct server){ .play = play, .pki = &server_pki,
		.priority = "NORMAL:-VERS-ALL:+VERS-TLS1.3",
		.flags = GNUTLS_NO_TICKETS };
	buf_init(&s->received, 64 * MB);
}

static void
server_start(struct server *s)
{
	s->listener = listen_loopback(&s->port);
	assert_int_equal(pthread_create(&s->thread, NULL, server_main, s), 0);
}

static void
server_stop(struct server *s)
{
	shutdown(s->listener, SHUT_RDWR);
	pthread_join(s->thread, NULL);
	close(s->listener);
	buf_free(&s->received);
}

static int
open_with(struct server *s, const struct pki *anchor,
	const struct alb_timeouts *t, struct alb_session **out, char why[256])
{
	return alb_session_open("127.0.0.1", s->port,
		(char *)anchor->cert_pem.data, &chain, t, out, why, 256);
}

static struct alb_session *
open_session(struct server *s, const struct alb_timeouts *t)
{
	struct alb_session *session;
	char why[256];
	int rc;

	server_start(s);
	rc = open_with(s, &ca, t, &session, why);
	if (rc != ALB_OK)
		fail_msg("open: %d, %s", rc, why);
	/* As pki_server makes it. */
	assert_true(alb_session_server_expires(session) > time(NULL) + 3000);
	assert_true(alb_session_server_expires(session) < time(NULL) + 3700);
	return session;
}

static void
expect_text(struct alb_session *s, enum alb_payload payload,
	const char *text)
{
	struct alb_wire w;

	assert_int_equal(alb_session_read(s, &w), ALB_OK);
	assert_int_equal(w.payload, payload);
	assert_string_equal(w.text, text);
	assert_string_equal(w.name.path, "alice");
	alb_wire_free(&w);
}

static void
expect_error(struct alb_session *s, int error)
{
	struct alb_wire w;
	int rc = alb_session_read(s, &w);

	if (rc != error)
		fail_msg("read: %s, not %s", alb_error_text(rc),
			alb_error_text(error));
}

/* One exchange: the reads that should follow each other, 0 ends. */
static void
read_errors(struct server *s, int first, int second)
{
	struct alb_session *session = open_session(s, NULL);

	expect_error(session, first);
	expect_error(session, second);
	alb_session_close(session);
	server_stop(s);
}

static void
play_reply(struct server *s)
{
	server_say(s, put_success, "created unikernel");
}

static void
test_reply(void **state)
{
	struct alb_session *session;
	struct server s;

	(void)state;
	server_init(&s, play_reply);
	session = open_session(&s, NULL);
	expect_text(session, ALB_PAYLOAD_STRING, "created unikernel");
	expect_error(session, ALB_END);
	expect_error(session, ALB_END);
	alb_session_close(session);
	server_stop(&s);
}

/* A server with tickets, other records and a frame in pieces. */
static void
play_pieces(struct server *s)
{
	struct buf b;
	size_t i;

	gnutls_session_ticket_send(s->tls, 2, 0);
	gnutls_session_key_update(s->tls, 0);
	buf_init(&b, 4096);
	put_success(&b, "piecemeal");
	for (i = 0; i < b.len; i++)
		server_push(s, b.data + i, 1);
	buf_free(&b);
}

static void
test_pieces(void **state)
{
	struct alb_session *session;
	struct server s;

	(void)state;
	server_init(&s, play_pieces);
	s.flags = 0;
	session = open_session(&s, NULL);
	expect_text(session, ALB_PAYLOAD_STRING, "piecemeal");
	expect_error(session, ALB_END);
	alb_session_close(session);
	server_stop(&s);
}

static void
test_ends(void **state)
{
	struct server s;

	(void)state;
	server_init(&s, NULL);
	read_errors(&s, ALB_REFUSED, ALB_REFUSED);
	server_init(&s, NULL);
	s.abrupt = true;
	read_errors(&s, ALB_BROKEN, ALB_BROKEN);
	server_init(&s, NULL);
	s.reset = true;
	read_errors(&s, ALB_BROKEN, ALB_BROKEN);
}

static void
play_half(struct server *s)
{
	server_push(s, "\0\0\0\x20\x30", 5);
}

static void
play_zero(struct server *s)
{
	server_push(s, "\0\0\0\0", 4);
}

static void
play_negative(struct server *s)
{
	server_push(s, "\xff\xff\xff\xff", 4);
}

static void
play_huge(struct server *s)
{
	server_push(s, "\x7f\xff\xff\xff", 4);
}

static void
play_nonsense(struct server *s)
{
	server_push(s, "\0\0\0\x03xyz", 7);
	play_reply(s);
}

static void
test_bad_frames(void **state)
{
	struct server s;

	(void)state;
	server_init(&s, play_half);
	read_errors(&s, ALB_BROKEN, ALB_BROKEN);
	server_init(&s, play_zero);
	read_errors(&s, ALB_DECODE, ALB_DECODE);
	server_init(&s, play_negative);
	read_errors(&s, ALB_DECODE, ALB_DECODE);
	server_init(&s, play_huge);
	read_errors(&s, ALB_TOO_LARGE, ALB_TOO_LARGE);
}

/* One message that does not decode does not end a stream. */
static void
test_nonsense(void **state)
{
	struct alb_session *session;
	struct server s;

	(void)state;
	server_init(&s, play_nonsense);
	session = open_session(&s, NULL);
	expect_error(session, ALB_DECODE);
	expect_text(session, ALB_PAYLOAD_STRING, "created unikernel");
	expect_error(session, ALB_END);
	alb_session_close(session);
	server_stop(&s);
}

static void
play_alert_clock(struct server *s)
{
	gnutls_alert_send(s->tls, GNUTLS_AL_FATAL,
		GNUTLS_A_CERTIFICATE_EXPIRED);
}

static void
play_alert_bad(struct server *s)
{
	gnutls_alert_send(s->tls, GNUTLS_AL_FATAL,
		GNUTLS_A_BAD_CERTIFICATE);
}

static void
play_alert_other(struct server *s)
{
	gnutls_alert_send(s->tls, GNUTLS_AL_FATAL,
		GNUTLS_A_INTERNAL_ERROR);
}

static void
test_alerts(void **state)
{
	struct server s;

	(void)state;
	server_init(&s, play_alert_clock);
	s.abrupt = true;
	read_errors(&s, ALB_CLOCK, ALB_CLOCK);
	server_init(&s, play_alert_bad);
	s.abrupt = true;
	read_errors(&s, ALB_CREDENTIALS, ALB_CREDENTIALS);
	server_init(&s, play_alert_other);
	s.abrupt = true;
	read_errors(&s, ALB_BROKEN, ALB_BROKEN);
}

static void
open_fails(struct server *s, const struct pki *anchor,
	const struct alb_timeouts *t, int error, const char *text)
{
	struct alb_session *session;
	char why[256];
	int rc;

	server_start(s);
	rc = open_with(s, anchor, t, &session, why);
	assert_null(session);
	if (rc != error || strstr(why, text) == NULL)
		fail_msg("open: %s, \"%s\"", alb_error_text(rc), why);
	server_stop(s);
}

static void
test_server_cert(void **state)
{
	struct server s;

	(void)state;
	server_init(&s, NULL);
	open_fails(&s, &other_ca, NULL, ALB_SERVER_CERT, "refused");
	server_init(&s, NULL);
	s.pki = &expired_pki;
	open_fails(&s, &ca, NULL, ALB_SERVER_CERT, "expired");
}

/* Whoever holds a leaf of ours must not pass for the server. */
static void
test_impostor(void **state)
{
	gnutls_x509_crt_t leaf;
	gnutls_x509_privkey_t key;
	struct pki tenant;
	struct server s;

	(void)state;
	server_init(&s, NULL);
	s.pki = &impostor_pki;
	open_fails(&s, &ca, NULL, ALB_SERVER_CERT, "refused");

	gnutls_x509_crt_init(&leaf);
	gnutls_x509_crt_import(leaf, &chain.certs[0], GNUTLS_X509_FMT_DER);
	gnutls_x509_privkey_init(&key);
	gnutls_x509_privkey_import_pkcs8(key, &chain.key,
		GNUTLS_X509_FMT_DER, NULL, GNUTLS_PKCS_PLAIN);
	tenant.cert = leaf;
	tenant.key = key;
	server_init(&s, NULL);
	s.pki = &tenant;
	open_fails(&s, &ca, NULL, ALB_SERVER_CERT, "refused");
	gnutls_x509_crt_deinit(leaf);
	gnutls_x509_privkey_deinit(key);
}

static void
test_old_tls(void **state)
{
	struct server s;

	(void)state;
	server_init(&s, NULL);
	s.priority = "NORMAL:-VERS-ALL:+VERS-TLS1.2";
	open_fails(&s, &ca, NULL, ALB_TLS, "handshake");
}

static void
play_garbage(struct server *s)
{
	char sink[4096];

	send(s->fd, "SSH-2.0-OpenSSH_9.2\r\n", 21, MSG_NOSIGNAL);
	while (recv(s->fd, sink, sizeof(sink), 0) > 0)
		;
}

static void
play_hang_up(struct server *s)
{
	char sink[4096];

	recv(s->fd, sink, sizeof(sink), 0);
}

static void
test_no_tls(void **state)
{
	struct server s;

	(void)state;
	server_init(&s, play_garbage);
	s.raw = true;
	open_fails(&s, &ca, NULL, ALB_TLS, "handshake");
	server_init(&s, play_hang_up);
	s.raw = true;
	open_fails(&s, &ca, NULL, ALB_NETWORK, "handshake");
	server_init(&s, play_hang_up);
	s.raw = true;
	s.reset = true;
	open_fails(&s, &ca, NULL, ALB_NETWORK, "handshake");
}

/* Silent until the other side hangs up. */
static void
play_silent(struct server *s)
{
	char sink[4096];

	while (recv(s->fd, sink, sizeof(sink), 0) > 0)
		;
}

/* A record of alerts, byte by byte and slowly, until told to end. */
static void
play_drip(struct server *s)
{
	struct pollfd p = { .fd = s->fd, .events = 0 };
	int i;

	send(s->fd, "\x16\x03\x03\x40\0", 5, MSG_NOSIGNAL);
	for (i = 0; i < 500; i++) {
		if (send(s->fd, "\2", 1, MSG_NOSIGNAL) < 0)
			return;
		poll(&p, 1, 10);
		if (p.revents != 0)
			return;
	}
}

static void
within(int64_t start, int low, int high)
{
	int64_t took = alb_now() - start;

	if (took < low || took > high)
		fail_msg("took %d ms", (int)took);
}

static void
test_handshake_timeout(void **state)
{
	static const struct alb_timeouts t = { .handshake = 200 };
	struct server s;
	int64_t start = alb_now();

	(void)state;
	server_init(&s, play_silent);
	s.raw = true;
	open_fails(&s, &ca, &t, ALB_TIMEOUT, "handshake");
	within(start, 200, 1500);
	start = alb_now();
	server_init(&s, play_drip);
	s.raw = true;
	open_fails(&s, &ca, &t, ALB_TIMEOUT, "handshake");
	within(start, 200, 1500);
}

static void
play_wait(struct server *s)
{
	uint8_t byte;

	server_pull(s, &byte, 1);
}

/* Never a whole frame, but always a byte more. */
static void
play_drip_frame(struct server *s)
{
	struct pollfd p = { .fd = s->fd, .events = 0 };
	int i;

	server_push(s, "\0\0\x40\0\x30", 5);
	for (i = 0; i < 500; i++) {
		server_push(s, "\0", 1);
		poll(&p, 1, 5);
		if ((p.revents & (POLLHUP | POLLERR)) != 0)
			return;
	}
}

static void
test_reply_timeout(void **state)
{
	static const struct alb_timeouts t = { .reply = 200 };
	void (*const plays[])(struct server *) = { play_wait,
		play_drip_frame };
	struct alb_session *session;
	struct server s;
	int64_t start;
	size_t i;

	(void)state;
	for (i = 0; i < 2; i++) {
		server_init(&s, plays[i]);
		session = open_session(&s, &t);
		start = alb_now();
		expect_error(session, ALB_TIMEOUT);
		within(start, 200, 1500);
		expect_error(session, ALB_TIMEOUT);
		alb_session_close(session);
		server_stop(&s);
	}
}

static void
test_connect(void **state)
{
	struct alb_session *session;
	char why[256];
	int port, fd = listen_loopback(&port);

	(void)state;
	close(fd);
	assert_int_equal(alb_session_open("127.0.0.1", port,
		(char *)ca.cert_pem.data, &chain, NULL, &session, why,
		sizeof(why)), ALB_NETWORK);
	assert_non_null(strstr(why, "127.0.0.1"));
	assert_non_null(strstr(why, "refused"));
	/* Reserved never to exist; how that is found out is the system's. */
	assert_int_not_equal(alb_session_open("no.such.host.invalid", port,
		(char *)ca.cert_pem.data, &chain,
		&(struct alb_timeouts){ .connect = 1000 }, &session, NULL,
		0), ALB_OK);
	assert_int_equal(alb_session_open("127.0.0.1", port, "no PEM",
		&chain, NULL, &session, why, sizeof(why)), ALB_SERVER_CERT);
}

/* A full queue of connections answers no more: the time limit must. */
static void
test_connect_timeout(void **state)
{
	struct sockaddr_in a = { .sin_family = AF_INET };
	int port, i, fd = listen_loopback(&port), fill[16];
	struct alb_session *session;
	int64_t start;
	char why[256];

	(void)state;
	listen(fd, 0);
	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	a.sin_port = htons(port);
	for (i = 0; i < 16; i++) {
		fill[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
		connect(fill[i], (struct sockaddr *)&a, sizeof(a));
	}
	start = alb_now();
	assert_int_equal(alb_session_open("127.0.0.1", port,
		(char *)ca.cert_pem.data, &chain,
		&(struct alb_timeouts){ .connect = 300 }, &session, why,
		sizeof(why)), ALB_TIMEOUT);
	within(start, 300, 1500);
	for (i = 0; i < 16; i++)
		close(fill[i]);
	close(fd);
}

static void
test_by_name(void **state)
{
	struct alb_session *session;
	struct server s;
	char why[256];

	(void)state;
	server_init(&s, play_reply);
	server_start(&s);
	/* ::1 may come first, and refuse. */
	assert_int_equal(alb_session_open("localhost", s.port,
		(char *)ca.cert_pem.data, &chain, NULL, &session, why,
		sizeof(why)), ALB_OK);
	expect_text(session, ALB_PAYLOAD_STRING, "created unikernel");
	alb_session_close(session);
	server_stop(&s);
}

/* Receives chunks until the terminator, then answers. */
static void
play_upload(struct server *s)
{
	uint8_t head[4];
	uint8_t *p;
	size_t len;

	while (server_pull(s, head, 4)) {
		len = (size_t)head[0] << 24 | head[1] << 16 | head[2] << 8 |
			head[3];
		if (len == 0) {
			s->terminated = true;
			server_say(s, put_success, "created unikernel");
			return;
		}
		if (len > s->largest)
			s->largest = len;
		p = buf_extend(&s->received, len);
		if (p == NULL || !server_pull(s, p, len))
			return;
	}
}

static uint8_t *
noise(size_t len)
{
	uint8_t *p = malloc(len);
	size_t i;

	assert_non_null(p);
	for (i = 0; i < len; i++)
		p[i] = i * 2654435761U >> 13;
	return p;
}

static void
test_upload(void **state)
{
	static const size_t sizes[] = { 0, 1, 16379, 16380, 16381, 65531,
		65532, 65533, 65536, 1000000 };
	struct alb_session *session;
	struct server s;
	uint8_t *data = noise(1000000);
	size_t i, sent = 0;

	(void)state;
	server_init(&s, play_upload);
	session = open_session(&s, NULL);
	for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		assert_int_equal(alb_session_send(session, data, sizes[i]),
			ALB_OK);
		sent += sizes[i];
	}
	assert_int_equal(alb_session_finish(session), ALB_OK);
	expect_text(session, ALB_PAYLOAD_STRING, "created unikernel");
	expect_error(session, ALB_END);
	alb_session_close(session);
	pthread_join(s.thread, NULL);
	assert_true(s.terminated);
	assert_true(s.largest <= ALB_CHUNK_MAX);
	assert_int_equal(s.received.len, sent);
	assert_memory_equal(s.received.data + sent - 1000000, data, 1000000);
	close(s.listener);
	buf_free(&s.received);
	free(data);
}

static void
play_early(struct server *s)
{
	uint8_t some[1000];

	server_pull(s, some, sizeof(some));
	server_say(s, put_failure, "writing block data");
}

/* The answer comes while we still send: sending breaks, reading tells. */
static void
test_upload_refused(void **state)
{
	struct alb_session *session;
	struct server s;
	uint8_t *data = noise(MB);
	int i, rc = ALB_OK;

	(void)state;
	server_init(&s, play_early);
	session = open_session(&s, NULL);
	for (i = 0; rc == ALB_OK && i < 64; i++)
		rc = alb_session_send(session, data, MB);
	assert_int_equal(rc, ALB_BROKEN);
	assert_int_equal(alb_session_send(session, data, 1), ALB_BROKEN);
	assert_int_equal(alb_session_finish(session), ALB_BROKEN);
	expect_text(session, ALB_PAYLOAD_FAILURE, "writing block data");
	alb_session_close(session);
	server_stop(&s);
	free(data);
}

static void
play_alert_early(struct server *s)
{
	uint8_t some[1000];

	server_pull(s, some, sizeof(some));
	play_alert_bad(s);
}

static void
test_upload_alert(void **state)
{
	struct alb_session *session;
	struct server s;
	uint8_t *data = noise(MB);
	int i, rc = ALB_OK;

	(void)state;
	server_init(&s, play_alert_early);
	s.abrupt = true;
	session = open_session(&s, NULL);
	for (i = 0; rc == ALB_OK && i < 64; i++)
		rc = alb_session_send(session, data, MB);
	assert_int_equal(rc, ALB_BROKEN);
	expect_error(session, ALB_CREDENTIALS);
	alb_session_close(session);
	server_stop(&s);
	free(data);
}

/* The server has stopped reading but says nothing. */
static void
play_stuck(struct server *s)
{
	struct pollfd p = { .fd = s->fd, .events = POLLRDHUP };
	int i;

	for (i = 0; i < 10 && p.revents == 0; i++)
		poll(&p, 1, 100);
}

static void
test_upload_stuck(void **state)
{
	static const struct alb_timeouts t = { .write = 300 };
	struct alb_session *session;
	struct server s;
	uint8_t *data = noise(MB);
	int i, rc = ALB_OK;

	(void)state;
	server_init(&s, play_stuck);
	s.abrupt = true;
	session = open_session(&s, &t);
	for (i = 0; rc == ALB_OK && i < 64; i++)
		rc = alb_session_send(session, data, MB);
	assert_int_equal(rc, ALB_TIMEOUT);
	alb_session_close(session);
	server_stop(&s);
	free(data);
}

#define LINES 2000

/* Many messages in few records, then some at a time. */
static void
play_stream(struct server *s)
{
	struct buf b;
	char text[32];
	int i;

	buf_init(&b, MB);
	for (i = 0; i < LINES; i++) {
		snprintf(text, sizeof(text), "line %d", i);
		put_success(&b, text);
		if (i > LINES / 2 && i % 7 == 0) {
			server_push(s, b.data, b.len - 3);
			poll(NULL, 0, i % 70 == 0);
			server_push(s, b.data + b.len - 3, 3);
			buf_reset(&b);
		}
	}
	server_push(s, b.data, b.len);
	buf_free(&b);
	play_wait(s);
}

/* Everything that was sent must come out without waiting for more. */
static void
test_unblocked(void **state)
{
	struct alb_session *session;
	struct alb_wire w;
	struct pollfd p = { .events = POLLIN };
	char text[32];
	struct server s;
	int rc, i = 0;

	(void)state;
	server_init(&s, play_stream);
	session = open_session(&s, NULL);
	p.fd = alb_session_unblock(session);
	assert_int_equal(p.fd, alb_session_fd(session));
	while (i < LINES) {
		rc = alb_session_read(session, &w);
		if (rc == ALB_AGAIN) {
			assert_int_equal(poll(&p, 1, 5000), 1);
			continue;
		}
		assert_int_equal(rc, ALB_OK);
		snprintf(text, sizeof(text), "line %d", i++);
		assert_string_equal(w.text, text);
		alb_wire_free(&w);
	}
	expect_error(session, ALB_AGAIN);
	expect_error(session, ALB_AGAIN);
	alb_session_close(session);
	server_stop(&s);
}

static struct {
	uint8_t *data;
	size_t len;
} image;

static void
play_image(struct server *s)
{
	struct buf b;

	buf_init(&b, 4096);
	put_image_head(&b, image.len);
	server_push(s, b.data, b.len);
	server_push(s, image.data, image.len);
	buf_free(&b);
	server_say(s, put_success, "one more");
}

struct sunk {
	size_t len;
	size_t largest;
	size_t stop;
	bool wrong;
};

static int
sink(void *arg, const uint8_t *data, size_t len)
{
	struct sunk *sunk = arg;

	if (sunk->len + len > image.len ||
	    memcmp(image.data + sunk->len, data, len) != 0)
		sunk->wrong = true;
	sunk->len += len;
	if (len > sunk->largest)
		sunk->largest = len;
	return sunk->stop != 0 && sunk->len >= sunk->stop ? -1 : 0;
}

static void
test_image(void **state)
{
	static const size_t sizes[] = { 0, 1, 100, 200, 1000, 70000,
		20 * MB };
	struct alb_session *session;
	struct sunk sunk;
	struct alb_wire w;
	struct server s;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		image.len = sizes[i];
		sunk = (struct sunk){ 0 };
		server_init(&s, play_image);
		session = open_session(&s, NULL);
		assert_int_equal(alb_session_read_image(session, sizes[i],
			sink, &sunk, &w), ALB_OK);
		assert_int_equal(w.payload, ALB_PAYLOAD_IMAGE);
		assert_true(w.flag);
		assert_int_equal(w.bytes_len, 0);
		assert_string_equal(w.name.path, "alice");
		alb_wire_free(&w);
		assert_int_equal(sunk.len, sizes[i]);
		assert_false(sunk.wrong);
		assert_true(sunk.largest <= 65536);
		expect_text(session, ALB_PAYLOAD_STRING, "one more");
		expect_error(session, ALB_END);
		alb_session_close(session);
		server_stop(&s);
	}
}

static void
play_image_cut(struct server *s)
{
	struct buf b;

	buf_init(&b, 4096);
	put_image_head(&b, image.len);
	server_push(s, b.data, b.len);
	server_push(s, image.data, 12345);
	buf_free(&b);
}

/* Too large, not wanted any more, or cut off. */
static void
test_image_ends(void **state)
{
	struct alb_session *session;
	struct sunk sunk = { .stop = 100000 };
	struct alb_wire w;
	struct server s;

	(void)state;
	image.len = 20 * MB;
	server_init(&s, play_image);
	session = open_session(&s, NULL);
	assert_int_equal(alb_session_read_image(session, image.len - 1, sink,
		&sunk, &w), ALB_TOO_LARGE);
	assert_int_equal(w.payload, ALB_PAYLOAD_IMAGE);
	assert_int_equal(sunk.len, 0);
	alb_session_close(session);
	server_stop(&s);

	server_init(&s, play_image);
	session = open_session(&s, NULL);
	assert_int_equal(alb_session_read_image(session, image.len, sink,
		&sunk, &w), ALB_BROKEN);
	assert_true(sunk.len >= 100000 && sunk.len < 200000);
	expect_error(session, ALB_BROKEN);
	alb_session_close(session);
	server_stop(&s);

	sunk = (struct sunk){ 0 };
	server_init(&s, play_image_cut);
	session = open_session(&s, NULL);
	assert_int_equal(alb_session_read_image(session, image.len, sink,
		&sunk, &w), ALB_BROKEN);
	assert_int_equal(sunk.len, 12345);
	alb_session_close(session);
	server_stop(&s);
}

/* One byte per record, head and all. */
static void
play_image_bytes(struct server *s)
{
	struct buf b;
	size_t i;

	buf_init(&b, 4096);
	put_image_head(&b, image.len);
	buf_put(&b, image.data, image.len);
	for (i = 0; i < b.len; i++)
		server_push(s, b.data + i, 1);
	buf_free(&b);
}

/* The flag is known before the first byte of the image is handed on. */
static int
sink_flag(void *arg, const uint8_t *data, size_t len)
{
	const struct alb_wire *w = arg;

	return w->payload == ALB_PAYLOAD_IMAGE && w->flag && len > 0 ? 0 : -1;
}

static void
test_image_bytes(void **state)
{
	struct alb_session *session;
	struct alb_wire w;
	struct server s;

	(void)state;
	image.len = 700;
	server_init(&s, play_image_bytes);
	session = open_session(&s, NULL);
	assert_int_equal(alb_session_read_image(session, image.len, sink_flag,
		&w, &w), ALB_OK);
	alb_wire_free(&w);
	expect_error(session, ALB_END);
	alb_session_close(session);
	server_stop(&s);
}

static struct {
	uint8_t data[64];
	size_t len;
	bool stall;
} front;

static void
play_front(struct server *s)
{
	server_push(s, front.data, front.len);
	if (front.stall)
		play_wait(s);
}

static int
read_front(const struct alb_timeouts *t)
{
	struct alb_session *session;
	struct sunk sunk = { 0 };
	struct alb_wire w;
	struct server s;
	int rc;

	server_init(&s, play_front);
	session = open_session(&s, t);
	rc = alb_session_read_image(session, 100, sink, &sunk, &w);
	assert_int_equal(sunk.len, 0);
	alb_session_close(session);
	server_stop(&s);
	return rc;
}

/* Cut anywhere before the image's bytes, or standing still there. */
static void
test_image_front(void **state)
{
	static const struct alb_timeouts t = { .reply = 100 };
	struct buf b;
	size_t len;

	(void)state;
	buf_init(&b, 4096);
	put_image_head(&b, 50);
	memcpy(front.data, b.data, b.len);
	len = b.len;
	buf_free(&b);
	for (front.len = 1; front.len < len; front.len++)
		assert_int_equal(read_front(NULL), ALB_BROKEN);
	front.stall = true;
	front.len = len / 2;
	assert_int_equal(read_front(&t), ALB_TIMEOUT);
	front.len = len;
	assert_int_equal(read_front(&t), ALB_TIMEOUT);
	/* An image longer than its frame; a frame without an end. */
	front.data[len - 1]++;
	assert_int_equal(read_front(&t), ALB_TIMEOUT);
	front.stall = false;
	memset(front.data, 0x7f, 8);
	front.len = 8;
	assert_int_equal(read_front(NULL), ALB_TOO_LARGE);
	memset(front.data, 0xff, 8);
	assert_int_equal(read_front(NULL), ALB_DECODE);
}

static void
play_not_found(struct server *s)
{
	server_say(s, put_failure, "get: no unikernel found");
}

static void
test_image_failure(void **state)
{
	struct alb_session *session;
	struct sunk sunk = { 0 };
	struct alb_wire w;
	struct server s;

	(void)state;
	server_init(&s, play_not_found);
	session = open_session(&s, NULL);
	assert_int_equal(alb_session_read_image(session, MB, sink, &sunk,
		&w), ALB_OK);
	assert_int_equal(w.payload, ALB_PAYLOAD_FAILURE);
	assert_string_equal(w.text, "get: no unikernel found");
	alb_wire_free(&w);
	assert_int_equal(alb_session_read_image(session, MB, sink, &sunk,
		&w), ALB_END);
	assert_int_equal(sunk.len, 0);
	alb_session_close(session);
	server_stop(&s);
}

static void
play_two_failures(struct server *s)
{
	server_say(s, put_failure, "dump block: not found");
	server_say(s, put_failure, "exception while reading from fd");
}

static void
play_daemon(struct server *s)
{
	server_say(s, put_failure, "couldn't reach service");
}

static int
call(struct server *s, struct alb_wire *w, char why[256])
{
	int rc;

	server_start(s);
	rc = alb_call("127.0.0.1", s->port, (char *)ca.cert_pem.data, &chain,
		NULL, w, why, 256);
	server_stop(s);
	return rc;
}

static void
test_call(void **state)
{
	struct alb_wire w;
	struct server s;
	char why[256];

	(void)state;
	server_init(&s, play_reply);
	assert_int_equal(call(&s, &w, why), ALB_OK);
	assert_string_equal(w.text, "created unikernel");
	alb_wire_free(&w);
	server_init(&s, play_two_failures);
	assert_int_equal(call(&s, &w, why), ALB_FAILURE);
	assert_string_equal(w.text, "dump block: not found");
	alb_wire_free(&w);
	server_init(&s, play_daemon);
	assert_int_equal(call(&s, &w, why), ALB_DAEMON);
	assert_string_equal(w.text, "couldn't reach service");
	alb_wire_free(&w);
	server_init(&s, NULL);
	assert_int_equal(call(&s, &w, why), ALB_REFUSED);
	assert_non_null(strstr(why, "127.0.0.1"));
}

static int
setup(void **state)
{
	struct alb_policy policy = { .unikernels = 1, .memory = 32 };
	time_t now = time(NULL);
	struct fault f = { 0 };
	struct alb_command info;
	struct alb_signer *signer;

	(void)state;
	pki_ca(&ca);
	pki_ca(&other_ca);
	pki_server(&server_pki, &ca);
	pki_new(&expired_pki, "the server", GNUTLS_PK_EDDSA_ED25519, 0, &ca,
		PKI_SERVER, now - 100, now - 10);
	pki_new(&impostor_pki, "a client", GNUTLS_PK_EDDSA_ED25519, 0, &ca,
		PKI_CLIENT, now - 100, now + 100);
	if (alb_signer_new((char *)ca.cert_pem.data,
	    (char *)ca.key_pem.data, now, &signer, &f) != 0)
		return -1;
	alb_command_init(&info, ALB_UNIKERNEL_INFO);
	if (alb_chain_make(signer, "alice", &policy, "", &info, now,
	    &chain) != ALB_OK)
		return -1;
	alb_command_free(&info);
	alb_signer_free(signer);
	image.data = noise(20 * MB);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	alb_chain_free(&chain);
	pki_free(&ca);
	pki_free(&other_ca);
	pki_free(&server_pki);
	pki_free(&expired_pki);
	pki_free(&impostor_pki);
	free(image.data);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_reply),
		cmocka_unit_test(test_pieces),
		cmocka_unit_test(test_ends),
		cmocka_unit_test(test_bad_frames),
		cmocka_unit_test(test_nonsense),
		cmocka_unit_test(test_alerts),
		cmocka_unit_test(test_server_cert),
		cmocka_unit_test(test_impostor),
		cmocka_unit_test(test_old_tls),
		cmocka_unit_test(test_no_tls),
		cmocka_unit_test(test_handshake_timeout),
		cmocka_unit_test(test_reply_timeout),
		cmocka_unit_test(test_connect),
		cmocka_unit_test(test_connect_timeout),
		cmocka_unit_test(test_by_name),
		cmocka_unit_test(test_upload),
		cmocka_unit_test(test_upload_refused),
		cmocka_unit_test(test_upload_alert),
		cmocka_unit_test(test_upload_stuck),
		cmocka_unit_test(test_unblocked),
		cmocka_unit_test(test_image),
		cmocka_unit_test(test_image_ends),
		cmocka_unit_test(test_image_bytes),
		cmocka_unit_test(test_image_front),
		cmocka_unit_test(test_image_failure),
		cmocka_unit_test(test_call),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
