/* SPDX-License-Identifier: ISC */
/* pki: certificates for tests; see pki.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "tests/unit/pki.h"

static void
must(int rc)
{
	if (rc < 0)
		fail_msg("GnuTLS: %s", gnutls_strerror(rc));
}

static void
set_flags(gnutls_x509_crt_t cert, unsigned flags)
{
	static const char id[] = "an identifier of 20b";
	unsigned usage = GNUTLS_KEY_DIGITAL_SIGNATURE;

	if ((flags & PKI_CA) != 0) {
		must(gnutls_x509_crt_set_basic_constraints(cert, 1,
			(flags & PKI_LAST) != 0 ? 0 : -1));
		if ((flags & PKI_NO_SIGN) == 0)
			usage |= GNUTLS_KEY_KEY_CERT_SIGN;
	}
	if ((flags & PKI_NO_USAGE) == 0)
		must(gnutls_x509_crt_set_key_usage(cert, usage));
	if ((flags & PKI_SKI) != 0)
		must(gnutls_x509_crt_set_subject_key_id(cert, id, 20));
	if ((flags & PKI_SERVER) != 0)
		must(gnutls_x509_crt_set_key_purpose_oid(cert,
			GNUTLS_KP_TLS_WWW_SERVER, 1));
	if ((flags & PKI_CLIENT) != 0)
		must(gnutls_x509_crt_set_key_purpose_oid(cert,
			GNUTLS_KP_TLS_WWW_CLIENT, 1));
}

static gnutls_digest_algorithm_t
digest_of(gnutls_x509_privkey_t key)
{
	unsigned bits = 0;

	switch (gnutls_x509_privkey_get_pk_algorithm2(key, &bits)) {
	case GNUTLS_PK_EDDSA_ED25519:
		return GNUTLS_DIG_SHA512;
	case GNUTLS_PK_EDDSA_ED448:
		return GNUTLS_DIG_SHAKE_256;
	default:
		return bits == 384 ? GNUTLS_DIG_SHA384 : GNUTLS_DIG_SHA256;
	}
}

void
pki_new(struct pki *p, const char *cn, gnutls_pk_algorithm_t algorithm,
	unsigned bits, const struct pki *issuer, unsigned flags,
	time_t begin, time_t end)
{
	gnutls_x509_crt_t cert;
	gnutls_datum_t der;
	uint8_t serial[8];

	if (bits == 0)
		bits = gnutls_sec_param_to_pk_bits(algorithm,
			GNUTLS_SEC_PARAM_MEDIUM);
	random_bytes(serial, sizeof(serial));
	serial[0] = 1;
	must(gnutls_x509_privkey_init(&p->key));
	must(gnutls_x509_privkey_generate(p->key, algorithm, bits, 0));
	must(gnutls_x509_crt_init(&cert));
	must(gnutls_x509_crt_set_version(cert, 3));
	must(gnutls_x509_crt_set_serial(cert, serial, sizeof(serial)));
	must(gnutls_x509_crt_set_dn_by_oid(cert,
		GNUTLS_OID_X520_COMMON_NAME, 0, cn, strlen(cn)));
	must(gnutls_x509_crt_set_key(cert, p->key));
	must(gnutls_x509_crt_set_activation_time(cert, begin));
	must(gnutls_x509_crt_set_expiration_time(cert, end));
	set_flags(cert, flags);
	must(gnutls_x509_crt_sign2(cert, issuer ? issuer->cert : cert,
		issuer ? issuer->key : p->key,
		digest_of(issuer ? issuer->key : p->key), 0));
	must(gnutls_x509_crt_export2(cert, GNUTLS_X509_FMT_DER, &der));
	gnutls_x509_crt_deinit(cert);
	must(gnutls_x509_crt_init(&p->cert));
	must(gnutls_x509_crt_import(p->cert, &der, GNUTLS_X509_FMT_DER));
	gnutls_free(der.data);
	must(gnutls_x509_crt_export2(p->cert, GNUTLS_X509_FMT_PEM,
		&p->cert_pem));
	must(gnutls_x509_privkey_export2_pkcs8(p->key, GNUTLS_X509_FMT_PEM,
		NULL, GNUTLS_PKCS_PLAIN, &p->key_pem));
}

void
pki_ca(struct pki *p)
{
	time_t now = time(NULL);

	pki_new(p, "the CA", GNUTLS_PK_EDDSA_ED25519, 0, NULL,
		PKI_CA | PKI_SKI, now - 3600, now + 3600);
}

void
pki_server(struct pki *p, const struct pki *ca)
{
	time_t now = time(NULL);

	pki_new(p, "the server", GNUTLS_PK_EDDSA_ED25519, 0, ca, PKI_SERVER,
		now - 3600, now + 3600);
}

void
pki_free(struct pki *p)
{
	gnutls_x509_crt_deinit(p->cert);
	gnutls_x509_privkey_deinit(p->key);
	gnutls_free(p->cert_pem.data);
	gnutls_free(p->key_pem.data);
}
