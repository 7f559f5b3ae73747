/* SPDX-License-Identifier: ISC */
/* links: certificate chains which our own client would never make. */
#include "tests/sandbox/links.h"

#include <string.h>
#include <time.h>

#include <gnutls/abstract.h>

#include "base/text.h"

#define EXTENSION_MAX (1 << 20)
#define OK(call) assert_true((call) >= 0)

struct issuer {
	gnutls_x509_crt_t crt;
	gnutls_x509_privkey_t key;
};

static void
root_load(struct issuer *root)
{
	gnutls_datum_t crt = { (uint8_t *)drive.ca_pem,
		strlen(drive.ca_pem) };
	gnutls_datum_t key = { (uint8_t *)drive.key_pem,
		strlen(drive.key_pem) };

	OK(gnutls_x509_crt_init(&root->crt));
	OK(gnutls_x509_privkey_init(&root->key));
	OK(gnutls_x509_crt_import(root->crt, &crt, GNUTLS_X509_FMT_PEM));
	OK(gnutls_x509_privkey_import2(root->key, &key, GNUTLS_X509_FMT_PEM,
		NULL, 0));
}

static void
issuer_free(struct issuer *i)
{
	gnutls_x509_crt_deinit(i->crt);
	gnutls_x509_privkey_deinit(i->key);
}

static void
extension_set(gnutls_x509_crt_t crt, const struct link *l)
{
	struct buf der;

	if (l->command == NULL)
		return;
	buf_init(&der, EXTENSION_MAX);
	assert_int_equal(alb_command_encode(l->command, &der), ALB_OK);
	if (l->garbage)
		buf_put_u8(&der, 0);
	OK(gnutls_x509_crt_set_extension_by_oid(crt, ALB_EXTENSION_OID,
		der.data, der.len, l->critical));
	buf_free(&der);
}

static void
usage_set(gnutls_x509_crt_t crt, const struct link *l)
{
	unsigned usage = l->usage != 0 ? l->usage :
		GNUTLS_KEY_DIGITAL_SIGNATURE |
		(l->ca ? GNUTLS_KEY_KEY_CERT_SIGN : 0);

	OK(gnutls_x509_crt_set_basic_constraints(crt, l->ca,
		l->path_length - 1));
	if (usage != LINK_NO_USAGE)
		OK(gnutls_x509_crt_set_key_usage(crt, usage));
	if (l->purpose != NULL)
		OK(gnutls_x509_crt_set_key_purpose_oid(crt, l->purpose, 1));
	if (l->foreign_id)
		OK(gnutls_x509_crt_set_authority_key_id(crt, "nobody", 6));
	if (l->id)
		OK(gnutls_x509_crt_set_subject_key_id(crt, "somebody", 8));
}

static void
link_make(const struct link *l, const struct issuer *by, struct issuer *out)
{
	time_t now = time(NULL);
	uint8_t serial[8];

	random_bytes(serial, sizeof(serial));
	serial[0] = 0x40;
	OK(gnutls_x509_crt_init(&out->crt));
	OK(gnutls_x509_privkey_init(&out->key));
	OK(gnutls_x509_privkey_generate(out->key, GNUTLS_PK_EDDSA_ED25519, 0,
		0));
	OK(gnutls_x509_crt_set_version(out->crt, 3));
	OK(gnutls_x509_crt_set_serial(out->crt, serial, sizeof(serial)));
	if (l->cn != NULL)
		OK(gnutls_x509_crt_set_dn_by_oid(out->crt,
			GNUTLS_OID_X520_COMMON_NAME, 0, l->cn,
			strlen(l->cn)));
	OK(gnutls_x509_crt_set_activation_time(out->crt, now +
		(l->from != 0 ? l->from : -60)));
	OK(gnutls_x509_crt_set_expiration_time(out->crt, now +
		(l->to != 0 ? l->to : 300)));
	OK(gnutls_x509_crt_set_key(out->crt, out->key));
	usage_set(out->crt, l);
	extension_set(out->crt, l);
	OK(gnutls_x509_crt_sign2(out->crt, by->crt, by->key,
		GNUTLS_DIG_SHA512, 0));
}

/* GnuTLS knows the names of parsed certificates only. */
static void
reparse(struct issuer *i, gnutls_datum_t *der)
{
	OK(gnutls_x509_crt_export2(i->crt, GNUTLS_X509_FMT_DER, der));
	gnutls_x509_crt_deinit(i->crt);
	OK(gnutls_x509_crt_init(&i->crt));
	OK(gnutls_x509_crt_import(i->crt, der, GNUTLS_X509_FMT_DER));
}

void
links_make(const struct link *links, size_t n, struct alb_chain *out)
{
	struct issuer by, next;
	size_t i;

	assert_true(n <= ALB_CHAIN_MAX);
	*out = (struct alb_chain){ .ncerts = n };
	root_load(&by);
	for (i = 0; i < n; i++) {
		link_make(&links[i], &by, &next);
		reparse(&next, &out->certs[n - 1 - i]);
		issuer_free(&by);
		by = next;
	}
	OK(gnutls_x509_privkey_export2_pkcs8(by.key, GNUTLS_X509_FMT_DER,
		NULL, GNUTLS_PKCS_PLAIN, &out->key));
	issuer_free(&by);
}

int
links_ask(const struct link *links, size_t n, struct alb_wire *w)
{
	struct alb_session *s;
	struct alb_chain chain;
	int rc;

	links_make(links, n, &chain);
	s = open_chain(&chain);
	rc = alb_session_read(s, w);
	alb_session_close(s);
	return rc;
}
