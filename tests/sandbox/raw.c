/* SPDX-License-Identifier: ISC */
/* raw: bytes on a connection which our own client would never send. */
#include "tests/sandbox/raw.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include <gnutls/abstract.h>

#include "albatross/dial.h"
#include "albatross/frame.h"

#define CONNECT_MS 5000
#define FRAME_MAX (1 << 20)
#define OK(call) assert_true((call) >= 0)

void
chunk_put(struct buf *out, const void *data, size_t len)
{
	buf_put_u32(out, len);
	buf_put(out, data, len);
}

static gnutls_certificate_credentials_t
credentials(struct alb_chain *chain)
{
	gnutls_certificate_credentials_t cred;
	gnutls_pcert_st certs[ALB_CHAIN_MAX];
	gnutls_privkey_t key;
	size_t i;

	OK(gnutls_certificate_allocate_credentials(&cred));
	OK(gnutls_privkey_init(&key));
	OK(gnutls_privkey_import_x509_raw(key, &chain->key,
		GNUTLS_X509_FMT_DER, NULL, 0));
	for (i = 0; i < chain->ncerts; i++)
		OK(gnutls_pcert_import_x509_raw(&certs[i], &chain->certs[i],
			GNUTLS_X509_FMT_DER, 0));
	OK(gnutls_certificate_set_key(cred, NULL, 0, certs, chain->ncerts,
		key));
	return cred;
}

static void
all_send(gnutls_session_t tls, const struct buf *bytes)
{
	size_t done = 0;
	ssize_t n;

	while (done < bytes->len) {
		n = gnutls_record_send(tls, bytes->data + done,
			bytes->len - done);
		OK(n);
		done += n;
	}
}

static void
message_read(gnutls_session_t tls, struct alb_wire *w)
{
	struct alb_frames frames;
	const uint8_t *body;
	uint8_t piece[4096];
	size_t len;
	ssize_t n;

	alb_frames_init(&frames, FRAME_MAX);
	while (alb_frames_next(&frames, &body, &len) == ALB_AGAIN) {
		n = gnutls_record_recv(tls, piece, sizeof(piece));
		assert_true(n > 0);
		assert_int_equal(alb_frames_feed(&frames, piece, n), ALB_OK);
	}
	assert_int_equal(alb_wire_decode(body, len, w), ALB_OK);
	alb_frames_free(&frames);
}

void
raw_send(const char *label, struct alb_command *c, const struct buf *bytes,
	struct alb_wire *w)
{
	gnutls_certificate_credentials_t cred;
	struct alb_chain chain;
	gnutls_session_t tls;
	char why[256];
	int fd;

	assert_int_equal(alb_chain_make(drive.signer, drive.tenant,
		&drive.policy, label, c, time(NULL), &chain), ALB_OK);
	alb_command_free(c);
	cred = credentials(&chain);
	alb_chain_free(&chain);
	assert_int_equal(alb_dial("127.0.0.1", drive.port, CONNECT_MS, &fd,
		why, sizeof(why)), ALB_OK);
	/* That descriptor does not block; this test does. */
	assert_int_equal(fcntl(fd, F_SETFL, 0), 0);
	OK(gnutls_init(&tls, GNUTLS_CLIENT));
	OK(gnutls_priority_set_direct(tls,
		"NORMAL:-VERS-ALL:+VERS-TLS1.3", NULL));
	OK(gnutls_credentials_set(tls, GNUTLS_CRD_CERTIFICATE, cred));
	gnutls_transport_set_int(tls, fd);
	OK(gnutls_handshake(tls));
	all_send(tls, bytes);
	if (w != NULL)
		message_read(tls, w);
	else
		gnutls_bye(tls, GNUTLS_SHUT_WR);
	gnutls_deinit(tls);
	gnutls_certificate_free_credentials(cred);
	close(fd);
}
