/* SPDX-License-Identifier: ISC */
/*
 * alb_cert: which certificates and keys are taken, and whether the chains
 * made with them hold what the endpoint wants.
 */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "albatross/cert.h"
#include "albatross/error.h"
#include "base/buf.h"
#include "tests/unit/pki.h"

#define CHAINS 1000

static struct alb_signer *
signer(const struct pki *p)
{
	struct fault f = { 0 };
	struct alb_signer *s;

	if (alb_signer_new((char *)p->cert_pem.data,
	    (char *)p->key_pem.data, time(NULL), &s, &f) != 0)
		fail_msg("%s %s", f.fields[0].field, f.fields[0].message);
	return s;
}

static void
policy(struct alb_policy *p)
{
	*p = (struct alb_policy){ .unikernels = 10, .memory = 1024 };
}

/* The chain's certificates, parsed, with the anchor behind them. */
struct parsed {
	gnutls_x509_crt_t certs[ALB_CHAIN_MAX];
	size_t n;
};

static void
parse(const struct alb_chain *c, struct parsed *p)
{
	size_t i;

	p->n = c->ncerts;
	for (i = 0; i < c->ncerts; i++) {
		gnutls_x509_crt_init(&p->certs[i]);
		assert_int_equal(gnutls_x509_crt_import(p->certs[i],
			&c->certs[i], GNUTLS_X509_FMT_DER), 0);
	}
}

static void
parsed_free(struct parsed *p)
{
	size_t i;

	for (i = 0; i < p->n; i++)
		gnutls_x509_crt_deinit(p->certs[i]);
}

/* GnuTLS' own judgement, as a server that wants clients. */
static void
verify(const struct parsed *p, gnutls_x509_crt_t anchor, const char *purpose,
	bool good)
{
	gnutls_typed_vdata_st vdata = {
		.type = GNUTLS_DT_KEY_PURPOSE_OID,
		.data = (unsigned char *)(uintptr_t)purpose,
	};
	gnutls_x509_trust_list_t list;
	gnutls_x509_crt_t certs[ALB_CHAIN_MAX];
	unsigned status = 0;

	memcpy(certs, p->certs, sizeof(certs));
	gnutls_x509_trust_list_init(&list, 0);
	gnutls_x509_trust_list_add_cas(list, &anchor, 1, 0);
	assert_int_equal(gnutls_x509_trust_list_verify_crt2(list, certs,
		p->n, &vdata, 1, 0, &status, NULL), 0);
	assert_int_equal(status == 0, good);
	gnutls_x509_trust_list_deinit(list, 0);
}

static void
check_extension(gnutls_x509_crt_t cert, const struct alb_command *c)
{
	unsigned char der[4096];
	size_t len = sizeof(der);
	unsigned critical = 1;
	struct buf expected;

	buf_init(&expected, sizeof(der));
	assert_int_equal(alb_command_encode(c, &expected), ALB_OK);
	assert_int_equal(gnutls_x509_crt_get_extension_by_oid(cert,
		ALB_EXTENSION_OID, 0, der, &len, &critical), 0);
	assert_int_equal(critical, 0);
	assert_int_equal(len, expected.len);
	assert_memory_equal(der, expected.data, len);
	buf_free(&expected);
}

static void
check_name(gnutls_x509_crt_t cert, const char *name)
{
	char cn[128];
	size_t len = sizeof(cn);

	assert_int_equal(gnutls_x509_crt_get_dn_by_oid(cert,
		GNUTLS_OID_X520_COMMON_NAME, 0, 0, cn, &len), 0);
	assert_string_equal(cn, name);
}

/* Authority key identifier of cert = subject key identifier of issuer. */
static void
check_authority(gnutls_x509_crt_t cert, gnutls_x509_crt_t issuer)
{
	unsigned char ski[64], aki[64];
	size_t slen = sizeof(ski), alen = sizeof(aki);
	int rc = gnutls_x509_crt_get_subject_key_id(issuer, ski, &slen,
		NULL);

	if (rc == GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE) {
		assert_int_equal(gnutls_x509_crt_get_authority_key_id(cert,
			aki, &alen, NULL), rc);
		return;
	}
	assert_int_equal(rc, 0);
	assert_int_equal(gnutls_x509_crt_get_authority_key_id(cert, aki,
		&alen, NULL), 0);
	assert_int_equal(alen, slen);
	assert_memory_equal(aki, ski, slen);
}

static void
check_form(gnutls_x509_crt_t cert, bool ca, time_t now)
{
	unsigned critical = 0, usage = 0;
	unsigned char serial[32];
	size_t len = sizeof(serial);
	char oid[64];
	size_t oidlen = sizeof(oid);

	assert_int_equal(gnutls_x509_crt_get_version(cert), 3);
	assert_int_equal(gnutls_x509_crt_get_ca_status(cert, &critical), ca);
	assert_int_equal(critical, 1);
	assert_int_equal(gnutls_x509_crt_get_key_usage(cert, &usage,
		&critical), 0);
	assert_int_equal(critical, 1);
	assert_int_equal(usage, GNUTLS_KEY_DIGITAL_SIGNATURE |
		(ca ? GNUTLS_KEY_KEY_CERT_SIGN : 0));
	assert_int_equal(gnutls_x509_crt_get_serial(cert, serial, &len), 0);
	assert_int_equal(len, 16);
	assert_int_equal(serial[0] & 0x80, 0);
	assert_int_equal(gnutls_x509_crt_get_activation_time(cert),
		now - 60);
	assert_int_equal(gnutls_x509_crt_get_expiration_time(cert),
		now + 300);
	assert_int_equal(gnutls_x509_crt_get_pk_algorithm(cert, NULL),
		GNUTLS_PK_EDDSA_ED25519);
	if (ca) {
		assert_int_equal(gnutls_x509_crt_get_key_purpose_oid(cert, 0,
			oid, &oidlen, NULL),
			GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE);
		return;
	}
	assert_int_equal(gnutls_x509_crt_get_key_purpose_oid(cert, 0, oid,
		&oidlen, NULL), 0);
	assert_string_equal(oid, GNUTLS_KP_TLS_WWW_CLIENT);
}

static void
check_key(const struct alb_chain *c, gnutls_x509_crt_t leaf)
{
	unsigned char a[32], b[32];
	size_t alen = sizeof(a), blen = sizeof(b);
	gnutls_x509_privkey_t key;

	gnutls_x509_privkey_init(&key);
	assert_int_equal(gnutls_x509_privkey_import_pkcs8(key, &c->key,
		GNUTLS_X509_FMT_DER, NULL, GNUTLS_PKCS_PLAIN), 0);
	assert_int_equal(gnutls_x509_privkey_get_key_id(key,
		GNUTLS_KEYID_USE_SHA256, a, &alen), 0);
	assert_int_equal(gnutls_x509_crt_get_key_id(leaf,
		GNUTLS_KEYID_USE_SHA256, b, &blen), 0);
	assert_memory_equal(a, b, sizeof(a));
	gnutls_x509_privkey_deinit(key);
}

/* A chain for a project by a CA of that kind of key. */
static void
project_chain(gnutls_pk_algorithm_t algorithm, unsigned bits,
	unsigned flags)
{
	time_t now = time(NULL);
	struct alb_command info, add;
	struct alb_policy p;
	struct alb_signer *s;
	struct alb_chain c;
	struct parsed parsed;
	struct pki ca;

	pki_new(&ca, "a CA", algorithm, bits, NULL, PKI_CA | flags,
		now - 100, now + 1000);
	s = signer(&ca);
	assert_true(alb_signer_is_root(s));
	assert_int_equal(alb_signer_expires(s), now + 1000);
	alb_command_init(&info, ALB_UNIKERNEL_INFO);
	alb_command_init(&add, ALB_POLICY_ADD);
	policy(&p);
	policy(&add.policy);
	assert_int_equal(alb_chain_make(s, "alice", &p, "hello", &info, now,
		&c), ALB_OK);
	assert_int_equal(c.ncerts, 2);
	parse(&c, &parsed);
	verify(&parsed, ca.cert, GNUTLS_KP_TLS_WWW_CLIENT, true);
	verify(&parsed, ca.cert, GNUTLS_KP_TLS_WWW_SERVER, false);
	check_name(parsed.certs[0], "hello");
	check_name(parsed.certs[1], "alice");
	check_extension(parsed.certs[0], &info);
	check_extension(parsed.certs[1], &add);
	check_form(parsed.certs[0], false, now);
	check_form(parsed.certs[1], true, now);
	check_authority(parsed.certs[0], parsed.certs[1]);
	check_authority(parsed.certs[1], ca.cert);
	check_key(&c, parsed.certs[0]);
	parsed_free(&parsed);
	alb_chain_free(&c);
	alb_command_free(&info);
	alb_command_free(&add);
	alb_signer_free(s);
	pki_free(&ca);
}

static void
test_project(void **state)
{
	(void)state;
	project_chain(GNUTLS_PK_EDDSA_ED25519, 0, PKI_SKI);
	project_chain(GNUTLS_PK_EDDSA_ED25519, 0, 0);
	project_chain(GNUTLS_PK_ECDSA,
		GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1), PKI_SKI);
	project_chain(GNUTLS_PK_ECDSA,
		GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP384R1), PKI_SKI);
	project_chain(GNUTLS_PK_ECDSA,
		GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP521R1), 0);
	project_chain(GNUTLS_PK_RSA, 2048, PKI_SKI);
}

static void
test_root(void **state)
{
	time_t now = time(NULL);
	struct alb_command info;
	struct alb_signer *s;
	struct alb_chain c;
	struct parsed parsed;
	struct pki ca;

	(void)state;
	pki_ca(&ca);
	s = signer(&ca);
	alb_command_init(&info, ALB_POLICY_INFO);
	assert_int_equal(alb_chain_make(s, NULL, NULL, "", &info, now, &c),
		ALB_OK);
	assert_int_equal(c.ncerts, 1);
	parse(&c, &parsed);
	verify(&parsed, ca.cert, GNUTLS_KP_TLS_WWW_CLIENT, true);
	verify(&parsed, ca.cert, GNUTLS_KP_TLS_WWW_SERVER, false);
	check_name(parsed.certs[0], ".");
	check_extension(parsed.certs[0], &info);
	check_form(parsed.certs[0], false, now);
	check_authority(parsed.certs[0], ca.cert);
	parsed_free(&parsed);
	alb_chain_free(&c);
	alb_command_free(&info);
	alb_signer_free(s);
	pki_free(&ca);
}

/* A signer below the anchor sends its own certificates along. */
static void
test_intermediate(void **state)
{
	time_t now = time(NULL);
	struct pki root, middle, low;
	struct alb_policy p;
	struct alb_command info;
	struct alb_signer *s;
	struct alb_chain c;
	struct parsed parsed;
	struct fault f = { 0 };
	char pem[16384];

	(void)state;
	pki_ca(&root);
	pki_new(&middle, "middle", GNUTLS_PK_EDDSA_ED25519, 0, &root, PKI_CA,
		now - 10, now + 500);
	pki_new(&low, "low", GNUTLS_PK_EDDSA_ED25519, 0, &middle, PKI_CA,
		now - 10, now + 800);
	snprintf(pem, sizeof(pem), "%s%s%s", (char *)low.cert_pem.data,
		(char *)middle.cert_pem.data, (char *)root.cert_pem.data);
	assert_int_equal(alb_signer_new(pem, (char *)low.key_pem.data, now,
		&s, &f), 0);
	assert_false(alb_signer_is_root(s));
	assert_int_equal(alb_signer_expires(s), now + 500);
	alb_command_init(&info, ALB_UNIKERNEL_INFO);
	policy(&p);
	assert_int_equal(alb_chain_make(s, "bob", &p, "", &info, now, &c),
		ALB_OK);
	assert_int_equal(c.ncerts, 4);
	parse(&c, &parsed);
	verify(&parsed, root.cert, GNUTLS_KP_TLS_WWW_CLIENT, true);
	check_name(parsed.certs[0], ".");
	check_name(parsed.certs[1], "bob");
	check_name(parsed.certs[2], "low");
	check_name(parsed.certs[3], "middle");
	parsed_free(&parsed);
	alb_chain_free(&c);
	alb_signer_free(s);

	/* in the wrong order */
	snprintf(pem, sizeof(pem), "%s%s", (char *)low.cert_pem.data,
		(char *)root.cert_pem.data);
	assert_int_equal(alb_signer_new(pem, (char *)low.key_pem.data, now,
		&s, &f), ERR_INVALID);
	assert_null(s);
	assert_non_null(strstr(f.fields[0].message, "order the chain"));
	alb_command_free(&info);
	pki_free(&low);
	pki_free(&middle);
	pki_free(&root);
}

static void
refused(const char *cert, const char *key, const char *field,
	const char *message)
{
	struct fault f = { 0 };
	struct alb_signer *s;

	assert_int_equal(alb_signer_new(cert, key, time(NULL), &s, &f),
		ERR_INVALID);
	assert_null(s);
	assert_int_equal(f.err, ERR_INVALID);
	assert_true(f.nfields >= 1);
	assert_string_equal(f.fields[0].field, field);
	if (strstr(f.fields[0].message, message) == NULL)
		fail_msg("\"%s\" is not \"%s\"", f.fields[0].message,
			message);
}

static void
refused_pki(gnutls_pk_algorithm_t algorithm, unsigned bits, unsigned flags,
	int begin, int end, const char *field, const char *message)
{
	time_t now = time(NULL);
	struct pki p;

	pki_new(&p, "a CA", algorithm, bits, NULL, flags, now + begin,
		now + end);
	refused((char *)p.cert_pem.data, (char *)p.key_pem.data, field,
		message);
	pki_free(&p);
}

static void
test_refused(void **state)
{
	static const char encrypted[] =
		"-----BEGIN ENCRYPTED PRIVATE KEY-----\n"
		"MIGjMF8GCSqGSIb3DQEFDTBSMDEGCSqGSIb3DQEF\n"
		"DDAkBBCXfwhOPVT4l9DWClol\n"
		"-----END ENCRYPTED PRIVATE KEY-----\n";
	struct pki a, b;

	(void)state;
	pki_ca(&a);
	pki_ca(&b);
	refused((char *)a.cert_pem.data, (char *)b.key_pem.data, "key",
		"does not belong");
	refused("", (char *)a.key_pem.data, "certificate", "missing");
	refused((char *)a.key_pem.data, (char *)a.key_pem.data,
		"certificate", "holds a private key");
	refused((char *)a.key_pem.data, (char *)a.cert_pem.data,
		"certificate", "swapped");
	refused((char *)a.cert_pem.data, "", "key", "missing");
	refused((char *)a.cert_pem.data, (char *)a.cert_pem.data, "key",
		"is a certificate");
	refused((char *)a.cert_pem.data, encrypted, "key", "passphrase");
	pki_free(&a);
	pki_free(&b);
	refused_pki(GNUTLS_PK_EDDSA_ED25519, 0, 0, -10, 100, "certificate",
		"not a CA");
	refused_pki(GNUTLS_PK_EDDSA_ED25519, 0, PKI_CA | PKI_NO_SIGN, -10,
		100, "certificate", "keyCertSign");
	refused_pki(GNUTLS_PK_EDDSA_ED25519, 0, PKI_CA, -100, -1,
		"certificate", "expired");
	refused_pki(GNUTLS_PK_EDDSA_ED25519, 0, PKI_CA, 50, 100,
		"certificate", "not valid yet");
	refused_pki(GNUTLS_PK_EDDSA_ED448, 0, PKI_CA, -10, 100, "key",
		"Ed25519");
	refused_pki(GNUTLS_PK_RSA, 1024, PKI_CA, -10, 100, "key",
		"Ed25519");
}

/* text in the place of the certificate of a good pair. */
static void
refused_text(const char *text, const char *message)
{
	struct pki a;

	pki_ca(&a);
	refused(text, (char *)a.key_pem.data, "certificate", message);
	pki_free(&a);
}

/* What people take for a certificate. */
static void
test_forms(void **state)
{
	char text[16384];
	struct pki a;

	(void)state;
	pki_ca(&a);
	refused_text("0\xc2\x82\x01\x22", "DER (binary)");
	refused_text("0.\x02\x01\x01", "DER (binary)");
	snprintf(text, sizeof(text), "%.100s", (char *)a.cert_pem.data);
	refused_text(text, "cut off");
	refused_text((char *)a.cert_pem.data +
		strlen("-----BEGIN CERTIFICATE-----\n"), "lacks its first");
	refused_text("-----BEGIN CERTIFICATE-----\nMI?!\n"
		"-----END CERTIFICATE-----\n", "damaged");
	refused_text("-----BEGIN CERTIFICATE-----\nMIIB\n"
		"-----END CERTIFICATE-----\n", "damaged");
	refused_text("-----BEGIN CERTIFICATE REQUEST-----\nMIIB\n"
		"-----END CERTIFICATE REQUEST-----\n", "request");
	refused_text("-----BEGIN PUBLIC KEY-----\nMIIB\n"
		"-----END PUBLIC KEY-----\n", "public key");
	refused_text("-----BEGIN X509 CRL-----\nMIIB\n"
		"-----END X509 CRL-----\n", "not a certificate");
	refused_text("hello", "not in PEM form");
	snprintf(text, sizeof(text), "%s%s", (char *)a.cert_pem.data,
		(char *)a.key_pem.data);
	refused_text(text, "holds a private key");
	refused((char *)a.cert_pem.data,
		"-----BEGIN OPENSSH PRIVATE KEY-----\nMIIB\n"
		"-----END OPENSSH PRIVATE KEY-----\n", "key", "OpenSSH");
	refused((char *)a.cert_pem.data,
		"-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n"
		"DEK-Info: AES\n\nMIIB\n-----END RSA PRIVATE KEY-----\n",
		"key", "passphrase");
	snprintf(text, sizeof(text), "%s%s", (char *)a.key_pem.data,
		(char *)a.key_pem.data);
	refused((char *)a.cert_pem.data, text, "key", "several");
	pki_free(&a);
}

/* PEM text as other systems write it. */
static void
rewrite(char *out, size_t size, const gnutls_datum_t *pem)
{
	size_t n = 0;

	n += (size_t)snprintf(out, size, "Bag Attributes\r\n  x: y\r\n");
	for (const char *p = (char *)pem->data; *p != '\0'; p++)
		n += (size_t)snprintf(out + n, size - n, "%s%c",
			*p == '\n' ? " \r" : "", *p);
	snprintf(out + n, size - n, "and more");
}

static void
test_tolerated(void **state)
{
	char cert[16384], key[16384], all[32768];
	struct fault f = { 0 };
	struct alb_signer *s;
	struct pki a;

	(void)state;
	pki_ca(&a);
	rewrite(cert, sizeof(cert), &a.cert_pem);
	rewrite(key, sizeof(key), &a.key_pem);
	/* A key file may hold its certificate too. */
	snprintf(all, sizeof(all), "%s%s", cert, key);
	assert_int_equal(alb_signer_new(cert, all, time(NULL), &s, &f), 0);
	alb_signer_free(s);
	pki_free(&a);
}

static void
test_anchor(void **state)
{
	time_t now = time(NULL);
	struct fault f = { 0 };
	struct pki ca, server;

	(void)state;
	pki_ca(&ca);
	pki_server(&server, &ca);
	assert_int_equal(alb_anchor_check((char *)ca.cert_pem.data, now,
		"server_ca", &f), 0);
	assert_int_equal(alb_anchor_check((char *)server.cert_pem.data, now,
		"server_ca", &f), ERR_INVALID);
	assert_string_equal(f.fields[0].field, "server_ca");
	assert_non_null(strstr(f.fields[0].message, "not a CA"));
	f = (struct fault){ 0 };
	assert_int_equal(alb_anchor_check((char *)ca.cert_pem.data,
		now + 4000, "server_ca", &f), ERR_INVALID);
	assert_non_null(strstr(f.fields[0].message, "expired"));
	f = (struct fault){ 0 };
	assert_int_equal(alb_anchor_check((char *)ca.key_pem.data, now,
		"server_ca", &f), ERR_INVALID);
	assert_string_equal(f.fields[0].field, "server_ca");
	pki_free(&server);
	pki_free(&ca);
}

/* What the endpoint wants of certificates that are sent to it. */
static void
test_below(void **state)
{
	time_t now = time(NULL);
	struct pki root, short_of, bare;

	(void)state;
	pki_ca(&root);
	pki_new(&short_of, "short", GNUTLS_PK_EDDSA_ED25519, 0, &root,
		PKI_CA | PKI_LAST, now - 10, now + 500);
	refused((char *)short_of.cert_pem.data,
		(char *)short_of.key_pem.data, "certificate", "path length");
	pki_new(&bare, "bare", GNUTLS_PK_EDDSA_ED25519, 0, &root,
		PKI_CA | PKI_NO_USAGE, now - 10, now + 500);
	refused((char *)bare.cert_pem.data, (char *)bare.key_pem.data,
		"certificate", "no key usage");
	pki_free(&bare);
	pki_free(&short_of);
	pki_free(&root);
}

static void
test_too_many(void **state)
{
	char pem[16384] = "";
	struct pki ca;
	int i;

	(void)state;
	pki_ca(&ca);
	for (i = 0; i < 8; i++)
		strncat(pem, (char *)ca.cert_pem.data,
			sizeof(pem) - strlen(pem) - 1);
	refused(pem, (char *)ca.key_pem.data, "certificate",
		"at most 7");
	pki_free(&ca);
}

static void
test_names(void **state)
{
	static const char *const bad[] = { "Alice", "a:b", ".", "a_b", "-a" };
	struct alb_command info;
	struct alb_policy p;
	struct alb_signer *s;
	struct alb_chain c;
	struct pki ca;
	size_t i;

	(void)state;
	pki_ca(&ca);
	s = signer(&ca);
	policy(&p);
	alb_command_init(&info, ALB_UNIKERNEL_INFO);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(alb_chain_make(s, bad[i], &p, "a", &info,
			time(NULL), &c), ALB_INVALID);
		assert_int_equal(alb_chain_make(s, "a", &p, bad[i], &info,
			time(NULL), &c), ALB_INVALID);
		assert_int_equal(c.ncerts, 0);
	}
	assert_int_equal(alb_chain_make(s, "", &p, "a", &info, time(NULL),
		&c), ALB_INVALID);
	alb_command_free(&info);
	alb_signer_free(s);
	pki_free(&ca);
}

static void *
mint(void *arg)
{
	struct alb_command info;
	struct alb_policy p;
	struct alb_chain c;
	intptr_t bad = 0;
	int i;

	policy(&p);
	alb_command_init(&info, ALB_UNIKERNEL_INFO);
	for (i = 0; i < CHAINS / 4; i++)
		if (alb_chain_make(arg, "alice", &p, "hello", &info,
		    time(NULL), &c) == ALB_OK && c.ncerts == 2)
			alb_chain_free(&c);
		else
			bad++;
	alb_command_free(&info);
	return (void *)bad;
}

/* One signer serves all threads; and how long a chain takes is told. */
static void
test_threads(void **state)
{
	struct timespec a, b;
	pthread_t threads[4];
	struct alb_signer *s;
	struct pki ca;
	void *bad;
	int i;

	(void)state;
	pki_ca(&ca);
	s = signer(&ca);
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &a);
	for (i = 0; i < 4; i++)
		pthread_create(&threads[i], NULL, mint, s);
	for (i = 0; i < 4; i++) {
		pthread_join(threads[i], &bad);
		assert_null(bad);
	}
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &b);
	print_message("# one chain of two: %.0f us of processor time\n",
		((b.tv_sec - a.tv_sec) * 1e9 + (b.tv_nsec - a.tv_nsec)) /
		1e3 / CHAINS);
	alb_signer_free(s);
	pki_free(&ca);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_project),
		cmocka_unit_test(test_root),
		cmocka_unit_test(test_intermediate),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_forms),
		cmocka_unit_test(test_tolerated),
		cmocka_unit_test(test_anchor),
		cmocka_unit_test(test_below),
		cmocka_unit_test(test_too_many),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_threads),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
