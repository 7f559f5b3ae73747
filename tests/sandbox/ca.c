/* SPDX-License-Identifier: ISC */
/* ca: the CA and the server certificates; see ca.h. */
#include "tests/sandbox/ca.h"

#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "base/text.h"
#include "tests/sandbox/state.h"

#define DAY ((time_t)24 * 3600)
#define YEAR (365 * DAY)
#define BEFORE 10		/* seconds of clock difference */
#define SERIAL_SIZE 10
#define KEY_ID_SIZE 20

/* A certificate with its key. */
struct pair {
	gnutls_x509_crt_t crt;
	gnutls_x509_privkey_t key;
};

struct plan {
	const char *name;
	time_t from, to;
	const struct pair *issuer;	/* NULL: a CA, signed by itself */
};

static void
pair_free(struct pair *p)
{
	if (p->crt != NULL)
		gnutls_x509_crt_deinit(p->crt);
	if (p->key != NULL)
		gnutls_x509_privkey_deinit(p->key);
	*p = (struct pair){ 0 };
}

static int
failed(const char *what, int rc)
{
	log_event(LOG_LEVEL_ERROR, "certificate", "step", what, "error",
		gnutls_strerror(rc), NULL);
	return -1;
}

static int
identity_set(gnutls_x509_crt_t crt, const struct plan *plan)
{
	uint8_t serial[SERIAL_SIZE];
	int rc;

	random_bytes(serial, sizeof(serial));
	serial[0] = (serial[0] & 0x7f) | 0x40;
	rc = gnutls_x509_crt_set_version(crt, 3);
	if (rc >= 0)
		rc = gnutls_x509_crt_set_serial(crt, serial, sizeof(serial));
	if (rc >= 0)
		rc = gnutls_x509_crt_set_dn_by_oid(crt,
			GNUTLS_OID_X520_COMMON_NAME, 0, plan->name,
			strlen(plan->name));
	if (rc >= 0)
		rc = gnutls_x509_crt_set_activation_time(crt, plan->from);
	if (rc >= 0)
		rc = gnutls_x509_crt_set_expiration_time(crt, plan->to);
	return rc;
}

/* What makes it a CA, or a server. */
static int
role_set(gnutls_x509_crt_t crt, bool ca)
{
	int rc = gnutls_x509_crt_set_basic_constraints(crt, ca, -1);

	if (rc >= 0)
		rc = gnutls_x509_crt_set_key_usage(crt, ca ?
			GNUTLS_KEY_KEY_CERT_SIGN | GNUTLS_KEY_CRL_SIGN |
			GNUTLS_KEY_DIGITAL_SIGNATURE |
			GNUTLS_KEY_NON_REPUDIATION :
			GNUTLS_KEY_DIGITAL_SIGNATURE |
			GNUTLS_KEY_KEY_ENCIPHERMENT);
	if (rc >= 0 && !ca)
		rc = gnutls_x509_crt_set_key_purpose_oid(crt,
			GNUTLS_KP_TLS_WWW_SERVER, 1);
	return rc;
}

/* A server has key identifiers, the CA has none. */
static int
key_ids_set(gnutls_x509_crt_t crt, gnutls_x509_crt_t issuer)
{
	uint8_t id[KEY_ID_SIZE];
	size_t size = sizeof(id);
	int rc = gnutls_x509_crt_get_key_id(crt, 0, id, &size);

	if (rc >= 0)
		rc = gnutls_x509_crt_set_subject_key_id(crt, id, size);
	size = sizeof(id);
	if (rc >= 0)
		rc = gnutls_x509_crt_get_key_id(issuer, 0, id, &size);
	if (rc >= 0)
		rc = gnutls_x509_crt_set_authority_key_id(crt, id, size);
	return rc;
}

static int
pair_fill(const struct plan *plan, struct pair *p)
{
	const struct pair *issuer = plan->issuer;
	int rc;

	rc = gnutls_x509_privkey_generate(p->key, GNUTLS_PK_EDDSA_ED25519, 0,
		0);
	if (rc >= 0)
		rc = identity_set(p->crt, plan);
	if (rc >= 0)
		rc = gnutls_x509_crt_set_key(p->crt, p->key);
	if (rc >= 0)
		rc = role_set(p->crt, issuer == NULL);
	if (rc >= 0 && issuer != NULL)
		rc = key_ids_set(p->crt, issuer->crt);
	if (issuer == NULL)
		issuer = p;
	if (rc >= 0)
		rc = gnutls_x509_crt_sign2(p->crt, issuer->crt, issuer->key,
			GNUTLS_DIG_SHA512, 0);
	return rc;
}

static int
pair_make(const struct plan *plan, struct pair *p)
{
	int rc;

	*p = (struct pair){ 0 };
	rc = gnutls_x509_crt_init(&p->crt);
	if (rc >= 0)
		rc = gnutls_x509_privkey_init(&p->key);
	if (rc >= 0)
		rc = pair_fill(plan, p);
	if (rc >= 0)
		return 0;
	pair_free(p);
	return failed(plan->name, rc);
}

static int
pair_export(const struct pair *p, gnutls_datum_t *crt, gnutls_datum_t *key)
{
	int rc;

	*crt = *key = (gnutls_datum_t){ 0 };
	rc = gnutls_x509_crt_export2(p->crt, GNUTLS_X509_FMT_PEM, crt);
	if (rc >= 0)
		rc = gnutls_x509_privkey_export2_pkcs8(p->key,
			GNUTLS_X509_FMT_PEM, NULL, GNUTLS_PKCS_PLAIN, key);
	return rc < 0 ? failed("export", rc) : 0;
}

static int
pair_write(const struct pair *p, const char *crt_file, const char *key_file)
{
	gnutls_datum_t crt, key;
	int rc = pair_export(p, &crt, &key);

	if (rc == 0)
		rc = file_write(NULL, ".", key_file, key.data, key.size,
			0600);
	if (rc == 0)
		rc = file_write(NULL, ".", crt_file, crt.data, crt.size,
			0644);
	gnutls_free(crt.data);
	gnutls_free(key.data);
	return rc;
}

static int
datum_read(const char *file, gnutls_datum_t *d)
{
	unsigned size;
	int rc = gnutls_load_file(file, d);

	size = rc < 0 ? 0 : d->size;
	return size > 0 ? 0 : failed(file, rc);
}

static int
pair_read(const char *crt_file, const char *key_file, struct pair *p)
{
	gnutls_datum_t crt = { 0 }, key = { 0 };
	int rc;

	*p = (struct pair){ 0 };
	if (datum_read(crt_file, &crt) != 0)
		return -1;
	if (datum_read(key_file, &key) != 0) {
		gnutls_free(crt.data);
		return -1;
	}
	rc = gnutls_x509_crt_init(&p->crt);
	if (rc >= 0)
		rc = gnutls_x509_privkey_init(&p->key);
	if (rc >= 0)
		rc = gnutls_x509_crt_import(p->crt, &crt,
			GNUTLS_X509_FMT_PEM);
	if (rc >= 0)
		rc = gnutls_x509_privkey_import2(p->key, &key,
			GNUTLS_X509_FMT_PEM, NULL, 0);
	gnutls_free(crt.data);
	gnutls_free(key.data);
	if (rc >= 0)
		return 0;
	pair_free(p);
	return failed(crt_file, rc);
}

static struct plan
plan_ca(int64_t days)
{
	time_t now = time(NULL);

	return (struct plan){ "albatross sandbox", now - BEFORE,
		now + (time_t)days * DAY, NULL };
}

static struct plan
plan_server(const char *name, const struct pair *issuer)
{
	time_t now = time(NULL);

	return (struct plan){ name, now - BEFORE, now + YEAR, issuer };
}

int
ca_make(const char *server_name, int64_t days)
{
	struct plan plan = plan_ca(days);
	struct pair ca, server = { 0 };
	int rc;

	if (access("ca.key", F_OK) == 0) {
		if (pair_read("ca.pem", "ca.key", &ca) != 0)
			return -1;
	} else if (pair_make(&plan, &ca) != 0 ||
	    pair_write(&ca, "ca.pem", "ca.key") != 0) {
		pair_free(&ca);
		return -1;
	}
	rc = access("server.key", F_OK);
	if (rc != 0) {
		plan = plan_server(server_name, &ca);
		rc = pair_make(&plan, &server);
		if (rc == 0)
			rc = pair_write(&server, "server.pem", "server.key");
	}
	pair_free(&server);
	pair_free(&ca);
	return rc;
}

/* Credentials of one certificate and its key, in memory. */
static int
credentials_make(const struct pair *p, gnutls_certificate_credentials_t *out)
{
	gnutls_datum_t crt, key;
	int rc = pair_export(p, &crt, &key);

	if (rc == 0)
		rc = gnutls_certificate_allocate_credentials(out);
	if (rc >= 0)
		rc = gnutls_certificate_set_x509_key_mem2(*out, &crt, &key,
			GNUTLS_X509_FMT_PEM, NULL, 0);
	gnutls_free(crt.data);
	gnutls_free(key.data);
	return rc < 0 ? failed("credentials", rc) : 0;
}

static int
faulty_make(const struct pair *issuer, const char *name, time_t from,
	time_t to, gnutls_certificate_credentials_t *out)
{
	struct plan plan = { name, from, to, issuer };
	struct pair p;
	int rc = pair_make(&plan, &p);

	if (rc == 0)
		rc = credentials_make(&p, out);
	pair_free(&p);
	return rc;
}

static int
credentials_load(struct ca *ca, const struct pair *own, const char *name)
{
	struct plan plan = plan_ca(1);
	struct pair other, server;
	time_t now = time(NULL);
	int rc = pair_read("server.pem", "server.key", &server);

	if (rc == 0)
		rc = credentials_make(&server, &ca->good);
	pair_free(&server);
	if (rc == 0)
		rc = faulty_make(own, name, now - YEAR, now - DAY,
			&ca->expired);
	if (rc != 0 || pair_make(&plan, &other) != 0)
		return -1;
	rc = faulty_make(&other, name, now - BEFORE, now + YEAR, &ca->wrong);
	pair_free(&other);
	return rc;
}

int
ca_load(struct ca *ca, const char *server_name)
{
	struct pair own;
	int rc;

	*ca = (struct ca){ 0 };
	if (pair_read("ca.pem", "ca.key", &own) != 0)
		return -1;
	rc = credentials_load(ca, &own, server_name);
	ca->anchor = own.crt;
	own.crt = NULL;
	pair_free(&own);
	if (rc != 0)
		ca_free(ca);
	return rc;
}

static void
credentials_free(gnutls_certificate_credentials_t c)
{
	if (c != NULL)
		gnutls_certificate_free_credentials(c);
}

void
ca_free(struct ca *ca)
{
	credentials_free(ca->good);
	credentials_free(ca->wrong);
	credentials_free(ca->expired);
	if (ca->anchor != NULL)
		gnutls_x509_crt_deinit(ca->anchor);
	*ca = (struct ca){ 0 };
}
