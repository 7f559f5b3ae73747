/* SPDX-License-Identifier: ISC */
/*
 * alb_session: TLS to an albatross-tls-endpoint; see session.h.
 *
 * The socket never blocks; a blocking session waits in poll up to a deadline.
 * After the handshake everything that only the handshake needs is freed,
 * since a thousand sessions may be open.
 */
#include "albatross/session.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "albatross/deadline.h"
#include "albatross/dial.h"
#include "albatross/frame.h"

#define PRIORITY "NORMAL:-VERS-ALL:+VERS-TLS1.3"
#define RECORD 16384
/* A chunk and its length fill four records. */
#define CHUNK (ALB_CHUNK_MAX - 4)
/* Bytes of an image for which the reply time starts anew. */
#define IMAGE_STEP 65536

struct alb_session {
	int fd;
	gnutls_session_t tls;
	gnutls_certificate_credentials_t credentials; /* for the handshake */
	struct alb_timeouts timeouts;
	struct alb_frames frames;
	time_t server_expires;	/* of its certificate; 0: not known */
	bool unblocked;
	bool answered;		/* a whole frame has come */
	int over;		/* why nothing more can be read, or 0 */
	bool unwritable;
	bool unread;		/* a message that was read is to be read: */
	struct alb_wire first;
};

static pthread_once_t priority_once = PTHREAD_ONCE_INIT;
static gnutls_priority_t priority;

static void
priority_start(void)
{
	/* Stays NULL when this GnuTLS knows no TLS 1.3. */
	gnutls_priority_init2(&priority, PRIORITY, NULL, 0);
}

int
alb_reply_timeout(enum alb_command_kind kind)
{
	switch (kind) {
	case ALB_CONSOLE_SUBSCRIBE:
	case ALB_STATS_SUBSCRIBE:
		return -1;
	case ALB_UNIKERNEL_CREATE:
	case ALB_UNIKERNEL_FORCE_CREATE:
	case ALB_UNIKERNEL_RESTART:
	case ALB_UNIKERNEL_DESTROY:
	case ALB_UNIKERNEL_GET:
	case ALB_BLOCK_SET:
		return 120 * 1000;
	case ALB_BLOCK_DUMP:
		return 30 * 1000;
	default:
		return 15 * 1000;
	}
}

static void
explain(char *why, size_t whysize, const char *what, const char *detail)
{
	snprintf(why, whysize, "%s: %s", what, detail);
}

/* What the peer's alert says of us: section 1.1. */
static int
alert_error(gnutls_alert_description_t alert, int otherwise)
{
	switch (alert) {
	case GNUTLS_A_CERTIFICATE_EXPIRED:
		return ALB_CLOCK;
	case GNUTLS_A_BAD_CERTIFICATE:
	case GNUTLS_A_UNSUPPORTED_CERTIFICATE:
	case GNUTLS_A_CERTIFICATE_REVOKED:
	case GNUTLS_A_CERTIFICATE_UNKNOWN:
	case GNUTLS_A_UNKNOWN_CA:
	case GNUTLS_A_ACCESS_DENIED:
	case GNUTLS_A_DECRYPT_ERROR:
	case GNUTLS_A_CERTIFICATE_REQUIRED:
		return ALB_CREDENTIALS;
	default:
		return otherwise;
	}
}

static bool
is_alert(int rc)
{
	return rc == GNUTLS_E_FATAL_ALERT_RECEIVED ||
		rc == GNUTLS_E_WARNING_ALERT_RECEIVED;
}

static bool
is_wait(int rc)
{
	return rc == GNUTLS_E_AGAIN || rc == GNUTLS_E_INTERRUPTED;
}

/* Waits until GnuTLS can go on. */
static int
session_wait(struct alb_session *s, int64_t deadline)
{
	short events = gnutls_record_get_direction(s->tls) == 0 ?
		POLLIN : POLLOUT;

	return alb_deadline_poll(s->fd, events, deadline);
}

static int
default_ms(int given, int otherwise)
{
	return given == 0 ? otherwise : given;
}

static void
session_timeouts(struct alb_session *s, const struct alb_timeouts *t)
{
	static const struct alb_timeouts none;

	if (t == NULL)
		t = &none;
	s->timeouts.connect = default_ms(t->connect, 5 * 1000);
	s->timeouts.handshake = default_ms(t->handshake, 10 * 1000);
	s->timeouts.reply = default_ms(t->reply, 15 * 1000);
	s->timeouts.write = default_ms(t->write, 30 * 1000);
}

/* Parses what the chain holds as DER: 0, or a GnuTLS error. */
static int
chain_import(const struct alb_chain *chain,
	gnutls_x509_crt_t certs[ALB_CHAIN_MAX], gnutls_x509_privkey_t *key)
{
	size_t i;
	int rc = gnutls_x509_privkey_init(key);

	if (rc >= 0)
		rc = gnutls_x509_privkey_import_pkcs8(*key, &chain->key,
			GNUTLS_X509_FMT_DER, NULL, GNUTLS_PKCS_PLAIN);
	for (i = 0; rc >= 0 && i < chain->ncerts; i++) {
		rc = gnutls_x509_crt_init(&certs[i]);
		if (rc >= 0)
			rc = gnutls_x509_crt_import(certs[i],
				&chain->certs[i], GNUTLS_X509_FMT_DER);
	}
	return rc;
}

static int
credentials_chain(gnutls_certificate_credentials_t credentials,
	const struct alb_chain *chain)
{
	gnutls_x509_crt_t certs[ALB_CHAIN_MAX] = { NULL };
	gnutls_x509_privkey_t key = NULL;
	size_t i;
	int rc = chain_import(chain, certs, &key);

	if (rc >= 0)
		rc = gnutls_certificate_set_x509_key(credentials, certs,
			chain->ncerts, key);
	for (i = 0; i < ALB_CHAIN_MAX; i++)
		if (certs[i] != NULL)
			gnutls_x509_crt_deinit(certs[i]);
	if (key != NULL)
		gnutls_x509_privkey_deinit(key);
	return rc;
}

/* Our chain and the one CA that may vouch for the server. */
static int
session_credentials(struct alb_session *s, const char *server_ca,
	const struct alb_chain *chain, char *why, size_t whysize)
{
	gnutls_datum_t ca = { (unsigned char *)(uintptr_t)server_ca,
		strlen(server_ca) };
	int rc = gnutls_certificate_allocate_credentials(&s->credentials);

	if (rc < 0)
		return ALB_NO_MEMORY;
	/* Chain and key were made together: no trial signature needed. */
	gnutls_certificate_set_flags(s->credentials,
		GNUTLS_CERTIFICATE_SKIP_KEY_CERT_MATCH);
	rc = gnutls_certificate_set_x509_trust_mem(s->credentials, &ca,
		GNUTLS_X509_FMT_PEM);
	if (rc <= 0) {
		explain(why, whysize, "the server CA is not usable",
			rc < 0 ? gnutls_strerror(rc) : "no certificate");
		return ALB_SERVER_CERT;
	}
	rc = credentials_chain(s->credentials, chain);
	if (rc < 0) {
		explain(why, whysize, "our chain is not usable",
			gnutls_strerror(rc));
		return rc == GNUTLS_E_MEMORY_ERROR ? ALB_NO_MEMORY :
			ALB_TLS;
	}
	return ALB_OK;
}

/*
 * TLS over the socket. No host name is compared, so the purpose must be: any
 * client's leaf below the same CA could play the server otherwise.
 */
static int
session_tls(struct alb_session *s, char *why, size_t whysize)
{
	static gnutls_typed_vdata_st purpose = {
		.type = GNUTLS_DT_KEY_PURPOSE_OID,
		.data = (unsigned char *)(uintptr_t)GNUTLS_KP_TLS_WWW_SERVER,
	};
	int rc;

	pthread_once(&priority_once, priority_start);
	rc = gnutls_init(&s->tls, GNUTLS_CLIENT | GNUTLS_NONBLOCK |
		GNUTLS_NO_SIGNAL | GNUTLS_NO_TICKETS);
	if (rc >= 0)
		rc = gnutls_priority_set(s->tls, priority);
	if (rc >= 0)
		rc = gnutls_credentials_set(s->tls, GNUTLS_CRD_CERTIFICATE,
			s->credentials);
	if (rc < 0) {
		explain(why, whysize, "TLS 1.3 can not be set up",
			gnutls_strerror(rc));
		return rc == GNUTLS_E_MEMORY_ERROR ? ALB_NO_MEMORY : ALB_TLS;
	}
	gnutls_session_set_verify_cert2(s->tls, &purpose, 1, 0);
	gnutls_transport_set_int(s->tls, s->fd);
	return ALB_OK;
}

/* What somebody can do something about; else as GnuTLS says it. */
static const char *
distrust_reason(unsigned status)
{
	if ((status & GNUTLS_CERT_EXPIRED) != 0)
		return "it has expired";
	if ((status & GNUTLS_CERT_NOT_ACTIVATED) != 0)
		return "it is not valid yet, so a clock is wrong";
	/* CAs of the same name tell themselves apart by their keys. */
	if ((status & (GNUTLS_CERT_SIGNER_NOT_FOUND |
	    GNUTLS_CERT_SIGNATURE_FAILURE)) != 0)
		return "another CA signed it";
	if ((status & GNUTLS_CERT_PURPOSE_MISMATCH) != 0)
		return "it is not one of a server";
	return NULL;
}

static int
untrusted(struct alb_session *s, char *why, size_t whysize)
{
	gnutls_datum_t text = { NULL, 0 };
	unsigned status = gnutls_session_get_verify_cert_status(s->tls);
	const char *reason = distrust_reason(status);

	gnutls_certificate_verification_status_print(status, GNUTLS_CRT_X509,
		&text, 0);
	explain(why, whysize, "the server's certificate is refused",
		reason != NULL ? reason : text.data != NULL ?
		(char *)text.data : "no reason known");
	gnutls_free(text.data);
	return ALB_SERVER_CERT;
}

static int
handshake_error(struct alb_session *s, int rc, char *why, size_t whysize)
{
	gnutls_alert_description_t alert;

	if (rc == GNUTLS_E_CERTIFICATE_VERIFICATION_ERROR)
		return untrusted(s, why, whysize);
	if (is_alert(rc)) {
		alert = gnutls_alert_get(s->tls);
		explain(why, whysize, "the server ended the handshake",
			gnutls_alert_get_name(alert));
		return alert_error(alert, ALB_TLS);
	}
	explain(why, whysize, "the TLS handshake failed",
		gnutls_strerror(rc));
	switch (rc) {
	case GNUTLS_E_PREMATURE_TERMINATION:
	case GNUTLS_E_PULL_ERROR:
	case GNUTLS_E_PUSH_ERROR:
		return ALB_NETWORK;
	case GNUTLS_E_NO_CERTIFICATE_FOUND:
	case GNUTLS_E_CERTIFICATE_ERROR:
	case GNUTLS_E_KEY_USAGE_VIOLATION:
		return ALB_SERVER_CERT;
	case GNUTLS_E_MEMORY_ERROR:
		return ALB_NO_MEMORY;
	default:
		return ALB_TLS;
	}
}

static int
session_handshake(struct alb_session *s, char *why, size_t whysize)
{
	int64_t deadline = alb_deadline(s->timeouts.handshake);
	int rc, waited;

	while ((rc = gnutls_handshake(s->tls)) < 0) {
		if (!is_wait(rc) && !gnutls_error_is_fatal(rc))
			continue;
		if (!is_wait(rc))
			return handshake_error(s, rc, why, whysize);
		waited = session_wait(s, deadline);
		if (waited != ALB_OK) {
			explain(why, whysize, "the TLS handshake failed",
				alb_error_text(waited));
			return waited;
		}
	}
	s->server_expires = gnutls_certificate_expiration_time_peers(s->tls);
	if (s->server_expires == (time_t)-1)
		s->server_expires = 0;
	gnutls_credentials_clear(s->tls);
	gnutls_certificate_free_credentials(s->credentials);
	s->credentials = NULL;
	return ALB_OK;
}

int
alb_session_open(const char *host, int port, const char *server_ca,
	const struct alb_chain *chain, const struct alb_timeouts *timeouts,
	struct alb_session **out, char *why, size_t whysize)
{
	struct alb_session *s = calloc(1, sizeof(*s));
	int rc;

	*out = NULL;
	/* What fails without a word of its own has no memory. */
	explain(why, whysize, host, alb_error_text(ALB_NO_MEMORY));
	if (s == NULL)
		return ALB_NO_MEMORY;
	s->fd = -1;
	alb_frames_init(&s->frames, ALB_FRAME_MAX);
	session_timeouts(s, timeouts);
	rc = session_credentials(s, server_ca, chain, why, whysize);
	if (rc == ALB_OK)
		rc = alb_dial(host, port, s->timeouts.connect, &s->fd, why,
			whysize);
	if (rc == ALB_OK)
		rc = session_tls(s, why, whysize);
	if (rc == ALB_OK)
		rc = session_handshake(s, why, whysize);
	if (rc != ALB_OK) {
		alb_session_close(s);
		return rc;
	}
	*out = s;
	explain(why, whysize, host, alb_error_text(ALB_OK));
	return ALB_OK;
}

void
alb_session_close(struct alb_session *s)
{
	if (s == NULL)
		return;
	if (s->tls != NULL)
		gnutls_deinit(s->tls);
	if (s->credentials != NULL)
		gnutls_certificate_free_credentials(s->credentials);
	if (s->fd >= 0)
		close(s->fd);
	alb_frames_free(&s->frames);
	if (s->unread)
		alb_wire_free(&s->first);
	free(s);
}

time_t
alb_session_server_expires(const struct alb_session *s)
{
	return s->server_expires;
}

int
alb_session_unblock(struct alb_session *s)
{
	s->unblocked = true;
	return s->fd;
}

void
alb_session_limit(struct alb_session *s, size_t max)
{
	s->frames.max = max;
}

int
alb_session_fd(const struct alb_session *s)
{
	return s->fd;
}

/* The peer closed properly. */
static int
session_ended(const struct alb_session *s)
{
	if (!alb_frames_idle(&s->frames))
		return ALB_BROKEN;
	return s->answered ? ALB_END : ALB_REFUSED;
}

/*
 * Takes what has arrived into the frames, at least one byte: ALB_OK,
 * ALB_AGAIN (never when blocking), ALB_TIMEOUT, ALB_NO_MEMORY, or how it is
 * over.
 */
static int
session_fill(struct alb_session *s, int64_t deadline)
{
	uint8_t data[RECORD];
	ssize_t n;
	int rc;

	for (;;) {
		n = gnutls_record_recv(s->tls, data, sizeof(data));
		if (n > 0)
			return alb_frames_feed(&s->frames, data, n);
		if (n == 0)
			return s->over = session_ended(s);
		if (n == GNUTLS_E_AGAIN && s->unblocked)
			return ALB_AGAIN;
		if (is_wait(n)) {
			rc = session_wait(s, deadline);
			if (rc != ALB_OK)
				return rc;
			continue;
		}
		if (is_alert(n))
			return s->over = alert_error(
				gnutls_alert_get(s->tls), ALB_BROKEN);
		if (gnutls_error_is_fatal(n))
			return s->over = ALB_BROKEN;
	}
}

/* The next frame, whole. */
static int
session_frame(struct alb_session *s, const uint8_t **body, size_t *len)
{
	int64_t deadline = alb_deadline(s->unblocked ? -1 :
		s->timeouts.reply);
	int rc;

	for (;;) {
		rc = alb_frames_next(&s->frames, body, len);
		if (rc != ALB_AGAIN)
			return rc;
		if (s->over != ALB_OK)
			return s->over;
		/* A peer that never pauses must not outwit poll. */
		if (alb_deadline_left(deadline) == 0)
			return ALB_TIMEOUT;
		rc = session_fill(s, deadline);
		if (rc != ALB_OK)
			return rc;
	}
}

int
alb_session_read(struct alb_session *s, struct alb_wire *w)
{
	const uint8_t *body;
	size_t len;
	int rc;

	if (s->unread) {
		*w = s->first;
		s->unread = false;
		return ALB_OK;
	}
	alb_wire_init(w, ALB_PAYLOAD_EMPTY);
	rc = session_frame(s, &body, &len);
	/* Only a client may end its stream by an empty frame. */
	if (rc == ALB_END && s->over != ALB_END)
		return s->over = ALB_DECODE;
	if (rc == ALB_TOO_LARGE)
		s->over = rc;
	if (rc != ALB_OK)
		return rc;
	s->answered = true;
	return alb_wire_decode(body, len, w);
}

/* The front of an image, or ALB_DECODE for any other frame. */
static int
image_head(struct alb_session *s, struct alb_image_head *head)
{
	int64_t deadline = alb_deadline(s->timeouts.reply);
	int rc;

	for (;;) {
		rc = alb_frames_image(&s->frames, head);
		if (rc != ALB_AGAIN)
			return rc;
		if (s->over != ALB_OK)
			return s->over;
		if (alb_deadline_left(deadline) == 0)
			return ALB_TIMEOUT;
		rc = session_fill(s, deadline);
		if (rc != ALB_OK)
			return rc;
	}
}

/* Decodes the message as if its image had no bytes. */
static int
image_wire(const struct alb_image_head *head, struct alb_wire *w)
{
	uint8_t tail[] = { 0xa1, 9, 0xa6, 7, 0x30, 5, 0x01, 1,
		head->compressed ? 0xff : 0x00, 0x04, 0 };
	size_t len = head->header_len + sizeof(tail);
	uint8_t front[4] = { 0x30, 0x82, len >> 8, len };
	struct buf b;
	int rc = ALB_NO_MEMORY;

	buf_init(&b, 2 * ALB_IMAGE_HEAD_MAX);
	if (len < 0x80)
		buf_put(&b, (uint8_t[]){ 0x30, len }, 2);
	else if (len < 0x100)
		buf_put(&b, (uint8_t[]){ 0x30, 0x81, len }, 3);
	else
		buf_put(&b, front, sizeof(front));
	buf_put(&b, head->header, head->header_len);
	buf_put(&b, tail, sizeof(tail));
	if (buf_ok(&b))
		rc = alb_wire_decode(b.data, b.len, w);
	buf_free(&b);
	return rc;
}

static int
image_body(struct alb_session *s, uint64_t left,
	int (*sink)(void *arg, const uint8_t *data, size_t len), void *arg)
{
	int64_t deadline = alb_deadline(s->timeouts.reply);
	const uint8_t *data;
	uint64_t step = 0;
	size_t n;
	int rc;

	while (left > 0) {
		n = alb_frames_take(&s->frames, left, &data);
		left -= n;
		step += n;
		if (n > 0 && sink(arg, data, n) != 0)
			return s->over = ALB_BROKEN;
		if (step >= IMAGE_STEP) {
			step = 0;
			deadline = alb_deadline(s->timeouts.reply);
		}
		if (left == 0 || n > 0)
			continue;
		if (alb_deadline_left(deadline) == 0)
			return s->over = ALB_TIMEOUT;
		rc = session_fill(s, deadline);
		if (rc != ALB_OK)
			return s->over = rc == ALB_REFUSED || rc == ALB_END ?
				ALB_BROKEN : rc;
	}
	return ALB_OK;
}

void
alb_session_unread(struct alb_session *s, struct alb_wire *w)
{
	s->first = *w;
	s->unread = true;
	alb_wire_init(w, ALB_PAYLOAD_EMPTY);
}

int
alb_session_read_image(struct alb_session *s, uint64_t image_max,
	int (*sink)(void *arg, const uint8_t *data, size_t len), void *arg,
	struct alb_wire *w)
{
	struct alb_image_head head;
	const uint8_t *data;
	int rc;

	alb_wire_init(w, ALB_PAYLOAD_EMPTY);
	rc = image_head(s, &head);
	if (rc == ALB_DECODE)
		return alb_session_read(s, w);
	if (rc != ALB_OK)
		return rc;
	if (head.image_len > image_max) {
		w->payload = ALB_PAYLOAD_IMAGE;
		return s->over = ALB_TOO_LARGE;
	}
	rc = image_wire(&head, w);
	if (rc != ALB_OK)
		return s->over = rc;
	s->answered = true;
	alb_frames_take(&s->frames, head.head_len, &data);
	rc = image_body(s, head.image_len, sink, arg);
	if (rc != ALB_OK)
		alb_wire_free(w);
	return rc;
}

static int
session_write(struct alb_session *s, const uint8_t *data, size_t len)
{
	int64_t deadline = alb_deadline(s->timeouts.write);
	ssize_t n;
	int rc;

	while (len > 0) {
		n = gnutls_record_send(s->tls, data, len);
		if (n > 0) {
			data += n;
			len -= n;
			deadline = alb_deadline(s->timeouts.write);
		} else if (is_wait(n)) {
			rc = alb_deadline_poll(s->fd, POLLOUT, deadline);
			if (rc != ALB_OK)
				return rc;
		} else {
			return ALB_BROKEN;
		}
	}
	return ALB_OK;
}

static int
session_chunk(struct alb_session *s, const uint8_t *data, uint32_t len)
{
	uint8_t first[RECORD] = { len >> 24, len >> 16, len >> 8, len };
	size_t n = len < RECORD - 4 ? len : RECORD - 4;
	int rc;

	/* Length and data in one record: one packet for a small chunk. */
	if (n > 0)
		memcpy(first + 4, data, n);
	rc = session_write(s, first, n + 4);
	if (rc == ALB_OK)
		rc = session_write(s, data + n, len - n);
	return rc;
}

int
alb_session_send(struct alb_session *s, const void *data, size_t len)
{
	const uint8_t *p = data;
	size_t n;
	int rc;

	while (len > 0) {
		if (s->unwritable)
			return ALB_BROKEN;
		n = len < CHUNK ? len : CHUNK;
		rc = session_chunk(s, p, n);
		if (rc != ALB_OK) {
			/* A record may be half sent. */
			s->unwritable = true;
			return rc;
		}
		p += n;
		len -= n;
	}
	return ALB_OK;
}

int
alb_session_finish(struct alb_session *s)
{
	int rc;

	if (s->unwritable)
		return ALB_BROKEN;
	rc = session_chunk(s, NULL, 0);
	s->unwritable = true;
	return rc;
}

int
alb_call(const char *host, int port, const char *server_ca,
	const struct alb_chain *chain, const struct alb_timeouts *timeouts,
	struct alb_wire *w, char *why, size_t whysize)
{
	struct alb_session *s;
	int rc;

	alb_wire_init(w, ALB_PAYLOAD_EMPTY);
	rc = alb_session_open(host, port, server_ca, chain, timeouts, &s,
		why, whysize);
	if (rc != ALB_OK)
		return rc;
	rc = alb_session_read(s, w);
	alb_session_close(s);
	if (rc == ALB_OK && w->payload == ALB_PAYLOAD_FAILURE)
		rc = strcmp(w->text, "couldn't reach service") == 0 ?
			ALB_DAEMON : ALB_FAILURE;
	explain(why, whysize, host, alb_error_text(rc));
	return rc;
}
