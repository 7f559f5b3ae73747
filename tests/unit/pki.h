/* SPDX-License-Identifier: ISC */
/* pki: certificates for tests, made in memory: CAs, servers, bad ones. */
#ifndef TESTS_UNIT_PKI_H
#define TESTS_UNIT_PKI_H

#include <time.h>

#include <gnutls/abstract.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>

enum pki_flags {
	PKI_CA = 1,		/* basic constraints CA:TRUE, keyCertSign */
	PKI_SKI = 2,		/* a subject key identifier nobody computes */
	PKI_SERVER = 4,		/* purpose serverAuth */
	PKI_CLIENT = 8,		/* purpose clientAuth */
	PKI_NO_SIGN = 16,	/* key usage without keyCertSign */
	PKI_LAST = 32,		/* of a CA: path length 0 */
	PKI_NO_USAGE = 64,	/* no key usage at all */
};

struct pki {
	gnutls_x509_crt_t cert;
	gnutls_x509_privkey_t key;
	gnutls_datum_t cert_pem, key_pem;	/* NUL-terminated */
};

/*
 * A certificate for cn with a fresh key (bits 0: the usual), valid from
 * begin to end, signed by issuer or, when NULL, by itself. Fails the test
 * when it can not.
 */
void pki_new(struct pki *p, const char *cn, gnutls_pk_algorithm_t algorithm,
	unsigned bits, const struct pki *issuer, unsigned flags,
	time_t begin, time_t end);
/* As above, Ed25519 and valid now. */
void pki_ca(struct pki *p);
void pki_server(struct pki *p, const struct pki *ca);
void pki_free(struct pki *p);

#endif
