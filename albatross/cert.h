/* SPDX-License-Identifier: ISC */
/*
 * alb_cert: the certificates that are commands, protocol sections 1.3 to
 * 1.6: an intermediate per project which carries its policy, and a leaf which
 * carries the command.
 */
#ifndef ALBATROSS_CERT_H
#define ALBATROSS_CERT_H

#include <time.h>

#include <gnutls/gnutls.h>
#include <gnutls/x509.h>

#include "albatross/command.h"

#define ALB_CHAIN_MAX 9

/* The CA certificate, key and further chain that may command a server. */
struct alb_signer;

/*
 * Reads PEM: the first certificate signs (must be a CA in date at now, fit the
 * key, Ed25519, ECDSA P-256/384/521 or RSA >= 2048), more are its chain
 * upwards. 0 with an owned signer, or ERR_INVALID with fields "certificate" or
 * "key" that say what to do.
 */
int alb_signer_new(const char *cert_pem, const char *key_pem, time_t now,
	struct alb_signer **out, struct fault *f);
void alb_signer_free(struct alb_signer *s);
/* notAfter of the earliest of its certificates. */
time_t alb_signer_expires(const struct alb_signer *s);
/* True when the signing certificate is self-signed (the anchor itself). */
bool alb_signer_is_root(const struct alb_signer *s);
/*
 * May the certificates of PEM text vouch for a server: CAs that have not
 * expired? 0, or ERR_INVALID with faults at field.
 */
int alb_anchor_check(const char *pem, time_t now, const char *field,
	struct fault *f);

/* What a session needs to be the command. Owned by the caller. */
struct alb_chain {
	/* leaf first; DER; without the anchor */
	gnutls_datum_t certs[ALB_CHAIN_MAX];
	size_t ncerts;
	gnutls_datum_t key;	/* PKCS#8 DER of the leaf's key, unencrypted */
};

void alb_chain_free(struct alb_chain *c);	/* wipes the key */

/*
 * Makes a chain for command under label ("" for the path itself). With a
 * project: a fresh Ed25519 intermediate with CN = project and extension =
 * policy add, then the leaf; without (NULL): a leaf signed by s directly,
 * root powers. Valid now-60 s .. now+300 s. command was checked by
 * alb_command_check. 0, or ALB_INVALID / ALB_NO_MEMORY.
 */
int alb_chain_make(const struct alb_signer *s, const char *project,
	const struct alb_policy *policy, const char *label,
	const struct alb_command *command, time_t now, struct alb_chain *out);

#endif
