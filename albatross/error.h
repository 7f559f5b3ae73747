/* SPDX-License-Identifier: ISC */
/*
 * alb_error: how a conversation with albatross can fail; the kinds of
 * protocol.md section 6.1 told apart.
 */
#ifndef ALBATROSS_ERROR_H
#define ALBATROSS_ERROR_H

enum alb_error {
	ALB_OK = 0,
	ALB_AGAIN,		/* non-blocking session: nothing there yet */
	ALB_NO_MEMORY,
	ALB_INVALID,		/* the caller's input must not be sent */
	ALB_NETWORK,		/* resolve, connect refused, unreachable */
	ALB_TIMEOUT,		/* connect, handshake or reply took too long */
	ALB_SERVER_CERT,	/* the server's certificate is not trusted */
	ALB_TLS,		/* handshake failed otherwise */
	ALB_CLOCK,		/* alert 45: clocks differ */
	ALB_CREDENTIALS,	/* alert 42 and others: our chain is refused */
	ALB_REFUSED,		/* clean end without a frame: unsupported */
	ALB_FAILURE,		/* albatross answered with a failure text */
	ALB_DAEMON,		/* failure "couldn't reach service" */
	ALB_BROKEN,		/* ended in the middle: outcome unknown */
	ALB_DECODE,		/* a frame that does not decode */
	ALB_TOO_LARGE,		/* a frame beyond the cap */
	ALB_END,		/* a stream ended properly */
};

/* A short phrase in English; never NULL. */
const char *alb_error_text(int error);

#endif
