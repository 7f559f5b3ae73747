/* SPDX-License-Identifier: ISC */
/* ca: the CA and the server certificates; protocol section 1.2. */
#ifndef TESTS_SANDBOX_CA_H
#define TESTS_SANDBOX_CA_H

#include <gnutls/gnutls.h>
#include <gnutls/x509.h>

struct ca {
	gnutls_x509_crt_t anchor;
	gnutls_certificate_credentials_t good;
	gnutls_certificate_credentials_t wrong;		/* of another CA */
	gnutls_certificate_credentials_t expired;
};

/*
 * Writes ca.pem (for days), ca.key, server.pem and server.key unless they are
 * there: 0 or -1, logged.
 */
int ca_make(const char *server_name, int64_t days);
/* Reads them: 0 or -1, logged. */
int ca_load(struct ca *ca, const char *server_name);
void ca_free(struct ca *ca);

#endif
