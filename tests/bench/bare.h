/* SPDX-License-Identifier: ISC */
/*
 * bare: as little as can be done to give albatross a command, by GnuTLS and
 * sockets alone: keys, certificates, handshake, bytes. It is what the library
 * is measured against, checks nothing that it need not, and ends the program
 * when anything fails.
 */
#ifndef TESTS_BENCH_BARE_H
#define TESTS_BENCH_BARE_H

#include <gnutls/gnutls.h>
#include <gnutls/x509.h>

struct bare_ca {
	gnutls_x509_crt_t cert;
	gnutls_x509_privkey_t key;
	gnutls_datum_t pem;		/* of cert */
};

struct bare {
	int fd;
	gnutls_session_t tls;
	gnutls_certificate_credentials_t credentials;
};

void bare_ca_load(struct bare_ca *ca, const char *cert_file,
	const char *key_file);
void bare_ca_free(struct bare_ca *ca);

/*
 * Makes an intermediate for project with the extension policy and a leaf for
 * label with the extension command (both DER), connects to port on 127.0.0.1
 * and shakes hands.
 */
void bare_open(struct bare *b, const struct bare_ca *ca, int port,
	const char *project, const gnutls_datum_t *policy, const char *label,
	const gnutls_datum_t *command);
/* Sends fd from its start in chunks of 64 KiB, and the end of the stream. */
void bare_stream(struct bare *b, int fd);
/* Reads one frame and drops it; returns its length. */
unsigned bare_read(struct bare *b);
/* Reads to the end of the connection and drops it; returns the bytes. */
size_t bare_drain(struct bare *b);
void bare_close(struct bare *b);

#endif
