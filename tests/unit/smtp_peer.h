/* SPDX-License-Identifier: ISC */
/*
 * smtp_peer: a mail server of one thread on the loopback, for tests: what it
 * was told, and how it is to answer.
 */
#ifndef TESTS_UNIT_SMTP_PEER_H
#define TESTS_UNIT_SMTP_PEER_H

#include <stdatomic.h>

#include <gnutls/gnutls.h>
#include <pthread.h>

#include "base/buf.h"

struct smtp_peer {
	/* As the test wants it; NULL: as a good server answers. */
	const char *greeting;	/* what EHLO is answered with */
	const char *auth, *rcpt, *end;	/* ... AUTH, RCPT TO, the text */
	gnutls_certificate_credentials_t tls;	/* for STARTTLS, or NULL */
	int late_ms;			/* with its first word */

	int fd, port;
	pthread_t thread;
	struct buf said;	/* all lines of the client */
	atomic_int met;		/* connections */
	int taken;		/* mails */
	int refused;		/* TLS handshakes that the client ended */
};

void smtp_peer_start(struct smtp_peer *p);
/* Ends the thread, after which said can be looked at. */
void smtp_peer_stop(struct smtp_peer *p);
void smtp_peer_free(struct smtp_peer *p);

#endif
