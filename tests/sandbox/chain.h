/* SPDX-License-Identifier: ISC */
/*
 * chain: judges a client's certificate chain and reads the command out of it;
 * protocol sections 1.3 and 1.4.
 */
#ifndef TESTS_SANDBOX_CHAIN_H
#define TESTS_SANDBOX_CHAIN_H

#include "tests/sandbox/request.h"

enum chain_verdict {
	CHAIN_GOOD,
	CHAIN_SILENT,		/* close_notify and not one frame */
	CHAIN_BAD,		/* alert bad_certificate */
	CHAIN_EXPIRED,		/* alert certificate_expired */
};

/*
 * certs as the client sent them, leaf first. CHAIN_GOOD: r is to be freed by
 * request_free. Else why says what it was, for the log.
 */
enum chain_verdict chain_read(const gnutls_datum_t *certs, unsigned n,
	gnutls_x509_crt_t anchor, time_t now, struct request *r,
	const char **why);

#endif
