/* SPDX-License-Identifier: ISC */
/*
 * alb_cert: makes certificate chains that are commands; see cert.h. The rules
 * the endpoint holds a chain to are in protocol section 1.3.
 */
#include "albatross/cert.h"

#include <stdlib.h>
#include <string.h>

#include <gnutls/abstract.h>
#include <gnutls/crypto.h>

#include "albatross/error.h"
#include "albatross/name.h"
#include "albatross/pem.h"
#include "base/text.h"

/* Leaf and project are ours, the rest may be the signer's. */
#define SIGNER_MAX (ALB_CHAIN_MAX - 2)
#define SERIAL_SIZE 16
#define KEY_ID_SIZE 20
#define VALID_BEFORE 60
#define VALID_AFTER 300
#define RSA_BITS_MIN 2048
#define EXTENSION_MAX (12 * 1024 * 1024)
#define PEM_MAX (1024 * 1024)

struct alb_signer {
	gnutls_x509_crt_t certs[SIGNER_MAX];	/* the first signs */
	size_t ncerts;
	gnutls_privkey_t key;
	gnutls_digest_algorithm_t digest;
	bool root;
};

static void
certs_free(gnutls_x509_crt_t *certs, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (certs[i] != NULL)
			gnutls_x509_crt_deinit(certs[i]);
}

void
alb_signer_free(struct alb_signer *s)
{
	if (s == NULL)
		return;
	certs_free(s->certs, s->ncerts);
	if (s->key != NULL)
		gnutls_privkey_deinit(s->key);
	free(s);
}

static void
certificate_fault(struct fault *f, const char *message)
{
	fault_field(f, "certificate", "%s", message);
}

static void
key_fault(struct fault *f, const char *message)
{
	fault_field(f, "key", "%s", message);
}

/* All certificates of PEM text: a list of *n, or NULL. */
static gnutls_x509_crt_t *
certs_read(struct buf *pem, unsigned *n)
{
	gnutls_datum_t data = { pem->data, (unsigned)pem->len };
	gnutls_x509_crt_t *list = NULL;

	*n = 0;
	return gnutls_x509_crt_list_import2(&list, n, &data,
		GNUTLS_X509_FMT_PEM, 0) < 0 ? NULL : list;
}

static int
signer_certs(struct alb_signer *s, const char *text, struct fault *f)
{
	gnutls_x509_crt_t *list = NULL;
	const char *problem;
	struct buf pem;
	unsigned n = 0, i;

	buf_init(&pem, PEM_MAX);
	problem = alb_pem_take(text, ALB_PEM_CERTIFICATES, &pem);
	if (problem == NULL)
		list = certs_read(&pem, &n);
	buf_free(&pem);
	if (list == NULL) {
		certificate_fault(f, problem != NULL ? problem :
			"is damaged: it can not be read");
		return ERR_INVALID;
	}
	for (i = 0; i < n; i++)
		if (i < SIGNER_MAX)
			s->certs[s->ncerts++] = list[i];
		else
			gnutls_x509_crt_deinit(list[i]);
	gnutls_free(list);
	if (n <= SIGNER_MAX)
		return 0;
	fault_field(f, "certificate", "holds %u certificates, at most %d "
		"make a chain", n, SIGNER_MAX);
	return ERR_INVALID;
}

/* The digest that goes with a kind of key, or 0 for a kind of no use. */
static gnutls_digest_algorithm_t
key_digest(int algorithm, unsigned bits)
{
	switch (algorithm) {
	case GNUTLS_PK_EDDSA_ED25519:
		return GNUTLS_DIG_SHA512;
	case GNUTLS_PK_RSA:
		return bits >= RSA_BITS_MIN ? GNUTLS_DIG_SHA256 :
			GNUTLS_DIG_UNKNOWN;
	case GNUTLS_PK_ECDSA:
		/* P-521 is counted in whole bytes */
		return bits == 256 ? GNUTLS_DIG_SHA256 :
			bits == 384 ? GNUTLS_DIG_SHA384 :
			bits == 528 ? GNUTLS_DIG_SHA512 : GNUTLS_DIG_UNKNOWN;
	default:
		return GNUTLS_DIG_UNKNOWN;
	}
}

/* The key of PEM text: 0, or a GnuTLS error. */
static int
key_read(gnutls_privkey_t *key, struct buf *pem)
{
	gnutls_datum_t data = { pem->data, (unsigned)pem->len };
	int rc = gnutls_privkey_init(key);

	return rc < 0 ? rc : gnutls_privkey_import_x509_raw(*key, &data,
		GNUTLS_X509_FMT_PEM, NULL, 0);
}

static int
signer_key(struct alb_signer *s, const char *text, struct fault *f)
{
	const char *problem;
	unsigned bits = 0;
	struct buf pem;
	int rc = 0;

	buf_init(&pem, PEM_MAX);
	problem = alb_pem_take(text, ALB_PEM_KEY, &pem);
	if (problem == NULL)
		rc = key_read(&s->key, &pem);
	buf_wipe(&pem);
	if (problem != NULL || rc < 0) {
		key_fault(f, problem != NULL ? problem :
			"is damaged: it can not be read");
		return ERR_INVALID;
	}
	rc = gnutls_privkey_get_pk_algorithm(s->key, &bits);
	s->digest = key_digest(rc, bits);
	if (s->digest != GNUTLS_DIG_UNKNOWN)
		return 0;
	key_fault(f, "is of a kind albatross does not take: use Ed25519, "
		"ECDSA P-256, P-384 or P-521, or RSA of 2048 bits or more");
	return ERR_INVALID;
}

static bool
key_fits(const struct alb_signer *s)
{
	unsigned char a[64], b[64];
	size_t alen = sizeof(a), blen = sizeof(b);
	gnutls_pubkey_t pub;
	bool fits;

	if (gnutls_pubkey_init(&pub) < 0)
		return false;
	fits = gnutls_pubkey_import_privkey(pub, s->key, 0, 0) >= 0 &&
		gnutls_pubkey_get_key_id(pub, GNUTLS_KEYID_USE_SHA256, a,
			&alen) >= 0 &&
		gnutls_x509_crt_get_key_id(s->certs[0],
			GNUTLS_KEYID_USE_SHA256, b, &blen) >= 0 &&
		alen == blen && memcmp(a, b, alen) == 0;
	gnutls_pubkey_deinit(pub);
	return fits;
}

/*
 * Why a certificate can sign no other, or NULL. Below it are depth CAs of the
 * chain, and that of the project.
 */
static const char *
ca_problem(gnutls_x509_crt_t cert, int depth)
{
	unsigned critical, usage = 0;
	int rc, path = -1;

	if (gnutls_x509_crt_get_version(cert) != 3 ||
	    gnutls_x509_crt_get_basic_constraints(cert, &critical, NULL,
	    &path) <= 0)
		return "is not a CA: its basic constraints must say CA:TRUE";
	if (path >= 0 && path <= depth)
		return "allows too few CAs below it (path length), and each "
			"project needs one";
	rc = gnutls_x509_crt_get_key_usage(cert, &usage, &critical);
	if (rc != GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE &&
	    (rc < 0 || (usage & GNUTLS_KEY_KEY_CERT_SIGN) == 0))
		return "may not sign certificates: its key usage lacks "
			"keyCertSign";
	return NULL;
}

/* Whether albatross understands how it was signed. */
static bool
signature_known(gnutls_x509_crt_t cert)
{
	switch (gnutls_x509_crt_get_signature_algorithm(cert)) {
	case GNUTLS_SIGN_RSA_SHA256:
	case GNUTLS_SIGN_RSA_SHA384:
	case GNUTLS_SIGN_RSA_SHA512:
	case GNUTLS_SIGN_ECDSA_SHA256:
	case GNUTLS_SIGN_ECDSA_SHA384:
	case GNUTLS_SIGN_ECDSA_SHA512:
	case GNUTLS_SIGN_EDDSA_ED25519:
		return true;
	default:
		return false;
	}
}

/*
 * What the endpoint wants besides of those that are not its anchor: section
 * 1.3. NULL, or what is amiss.
 */
static const char *
below_problem(gnutls_x509_crt_t cert)
{
	unsigned critical, usage;

	if (gnutls_x509_crt_check_issuer(cert, cert) != 0)
		return NULL;
	if (gnutls_x509_crt_get_key_usage(cert, &usage, &critical) < 0)
		return "may not sign certificates: it has no key usage, which "
			"must say keyCertSign";
	if (!signature_known(cert))
		return "is signed in a way albatross does not take: use "
			"Ed25519, or ECDSA or RSA with SHA-2";
	return NULL;
}

/* Everything about the certificates that can be told without a server. */
static void
signer_check_certs(const struct alb_signer *s, time_t now, struct fault *f)
{
	const char *problem;
	size_t i;

	for (i = 0; i < s->ncerts; i++) {
		problem = ca_problem(s->certs[i], (int)i);
		if (problem == NULL)
			problem = below_problem(s->certs[i]);
		if (problem != NULL)
			certificate_fault(f, problem);
		if (gnutls_x509_crt_get_activation_time(s->certs[i]) > now)
			certificate_fault(f, "is not valid yet: check the "
				"clocks");
		if (gnutls_x509_crt_get_expiration_time(s->certs[i]) <= now)
			certificate_fault(f, "has expired: make a new one");
		if (i > 0 && gnutls_x509_crt_check_issuer(s->certs[i - 1],
		    s->certs[i]) == 0)
			certificate_fault(f, "is followed by one that did "
				"not issue it: order the chain upwards");
	}
}

/* The mistake is one, and told at both. */
static int
signer_swapped(struct fault *f)
{
	certificate_fault(f, "is the private key: the two files are swapped");
	key_fault(f, "is the certificate: the two files are swapped");
	return ERR_INVALID;
}

int
alb_signer_new(const char *cert_pem, const char *key_pem, time_t now,
	struct alb_signer **out, struct fault *f)
{
	struct alb_signer *s = calloc(1, sizeof(*s));
	size_t before = f->nfields;
	int crc, krc;

	*out = NULL;
	if (alb_pem_swapped(cert_pem, key_pem)) {
		free(s);
		return signer_swapped(f);
	}
	if (s == NULL)
		return fault_set(f, ERR_NO_MEMORY, "Out of memory.");
	crc = signer_certs(s, cert_pem, f);
	krc = signer_key(s, key_pem, f);
	if (crc == 0)
		signer_check_certs(s, now, f);
	if (crc == 0 && krc == 0 && !key_fits(s))
		key_fault(f, "does not belong to the certificate");
	if (crc != 0 || krc != 0 || f->nfields != before) {
		alb_signer_free(s);
		return ERR_INVALID;
	}
	s->root = gnutls_x509_crt_check_issuer(s->certs[0],
		s->certs[0]) != 0;
	*out = s;
	return 0;
}

time_t
alb_signer_expires(const struct alb_signer *s)
{
	time_t t, earliest = gnutls_x509_crt_get_expiration_time(
		s->certs[0]);
	size_t i;

	for (i = 1; i < s->ncerts; i++) {
		t = gnutls_x509_crt_get_expiration_time(s->certs[i]);
		if (t < earliest)
			earliest = t;
	}
	return earliest;
}

int
alb_anchor_check(const char *pem, time_t now, const char *field,
	struct fault *f)
{
	struct alb_signer s = { .ncerts = 0 };
	size_t i, before = f->nfields;
	struct fault found = { 0 };
	unsigned critical;

	if (signer_certs(&s, pem, &found) != 0)
		fault_field(f, field, "%s", found.fields[0].message);
	for (i = 0; i < s.ncerts; i++) {
		if (gnutls_x509_crt_get_ca_status(s.certs[i], &critical) <= 0)
			fault_field(f, field, "is not a CA: the one that "
				"signed the server's certificate is wanted");
		if (gnutls_x509_crt_get_expiration_time(s.certs[i]) <= now)
			fault_field(f, field, "has expired");
	}
	certs_free(s.certs, s.ncerts);
	return f->nfields == before ? 0 : ERR_INVALID;
}

bool
alb_signer_is_root(const struct alb_signer *s)
{
	return s->root;
}

static void
datum_free(gnutls_datum_t *d)
{
	gnutls_free(d->data);
	d->data = NULL;
	d->size = 0;
}

void
alb_chain_free(struct alb_chain *c)
{
	size_t i;

	for (i = 0; i < c->ncerts; i++)
		datum_free(&c->certs[i]);
	if (c->key.data != NULL)
		gnutls_memset(c->key.data, 0, c->key.size);
	datum_free(&c->key);
	c->ncerts = 0;
}

/* What signs: a certificate, its key and the digest for it. */
struct issuer {
	gnutls_x509_crt_t cert;
	gnutls_privkey_t key;
	gnutls_digest_algorithm_t digest;
};

/* What a certificate of ours differs in. */
struct plan {
	const char *name;	/* common name */
	bool ca;
	const struct buf *extension;
	time_t now;
};

/*
 * The authority key identifier is what the issuer's certificate states, since
 * that is what the endpoint compares: GnuTLS would compute another.
 */
static int
set_authority(gnutls_x509_crt_t cert, gnutls_x509_crt_t issuer)
{
	unsigned char id[64];
	size_t len = sizeof(id);
	int rc = gnutls_x509_crt_get_subject_key_id(issuer, id, &len, NULL);

	if (rc == GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE)
		return 0;
	return rc < 0 ? rc :
		gnutls_x509_crt_set_authority_key_id(cert, id, len);
}

static int
set_identity(gnutls_x509_crt_t cert, const struct plan *plan)
{
	uint8_t serial[SERIAL_SIZE];
	int rc;

	random_bytes(serial, sizeof(serial));
	/* Positive, and of full length. */
	serial[0] = (serial[0] & 0x7f) | 0x40;
	rc = gnutls_x509_crt_set_version(cert, 3);
	if (rc >= 0)
		rc = gnutls_x509_crt_set_serial(cert, serial, sizeof(serial));
	if (rc >= 0)
		rc = gnutls_x509_crt_set_dn_by_oid(cert,
			GNUTLS_OID_X520_COMMON_NAME, 0, plan->name,
			strlen(plan->name));
	if (rc >= 0)
		rc = gnutls_x509_crt_set_activation_time(cert,
			plan->now - VALID_BEFORE);
	if (rc >= 0)
		rc = gnutls_x509_crt_set_expiration_time(cert,
			plan->now + VALID_AFTER);
	return rc;
}

/*
 * A leaf is for a client only. Without that purpose it would be fit for any,
 * and whoever got it could play a server of the same CA. An intermediate gets
 * no purpose: the endpoint would want serverAuth there.
 */
static int
set_purpose(gnutls_x509_crt_t cert, bool ca)
{
	unsigned usage = GNUTLS_KEY_DIGITAL_SIGNATURE |
		(ca ? GNUTLS_KEY_KEY_CERT_SIGN : 0);
	int rc = gnutls_x509_crt_set_basic_constraints(cert, ca, -1);

	if (rc >= 0)
		rc = gnutls_x509_crt_set_key_usage(cert, usage);
	if (rc >= 0 && !ca)
		rc = gnutls_x509_crt_set_key_purpose_oid(cert,
			GNUTLS_KP_TLS_WWW_CLIENT, 1);
	return rc;
}

static int
set_all(gnutls_x509_crt_t cert, const struct plan *plan,
	gnutls_x509_privkey_t key, gnutls_x509_crt_t issuer)
{
	unsigned char id[64];
	size_t len = sizeof(id);
	int rc = set_identity(cert, plan);

	if (rc >= 0)
		rc = gnutls_x509_crt_set_key(cert, key);
	if (rc >= 0)
		rc = set_purpose(cert, plan->ca);
	if (rc >= 0)
		rc = gnutls_x509_privkey_get_key_id(key, 0, id, &len);
	if (rc >= 0)
		rc = gnutls_x509_crt_set_subject_key_id(cert, id,
			len < KEY_ID_SIZE ? len : KEY_ID_SIZE);
	if (rc >= 0)
		rc = set_authority(cert, issuer);
	if (rc >= 0)
		rc = gnutls_x509_crt_set_extension_by_oid(cert,
			ALB_EXTENSION_OID, plan->extension->data,
			plan->extension->len, 0);
	return rc;
}

/* Makes and signs a certificate for key, as DER in out. */
static int
issue(const struct issuer *issuer, const struct plan *plan,
	gnutls_x509_privkey_t key, gnutls_datum_t *out)
{
	gnutls_x509_crt_t cert;
	int rc = gnutls_x509_crt_init(&cert);

	if (rc < 0)
		return rc;
	rc = set_all(cert, plan, key, issuer->cert);
	if (rc >= 0)
		rc = gnutls_x509_crt_privkey_sign(cert, issuer->cert,
			issuer->key, issuer->digest, 0);
	if (rc >= 0)
		rc = gnutls_x509_crt_export2(cert, GNUTLS_X509_FMT_DER, out);
	gnutls_x509_crt_deinit(cert);
	return rc;
}

static int
fresh_key(gnutls_x509_privkey_t *key)
{
	int rc = gnutls_x509_privkey_init(key);

	if (rc < 0)
		return rc;
	rc = gnutls_x509_privkey_generate(*key, GNUTLS_PK_EDDSA_ED25519, 0,
		0);
	if (rc < 0) {
		gnutls_x509_privkey_deinit(*key);
		*key = NULL;
	}
	return rc;
}

/* The leaf and its key, signed by issuer. */
static int
make_leaf(const struct issuer *issuer, const struct plan *plan,
	struct alb_chain *out)
{
	gnutls_x509_privkey_t key;
	int rc = fresh_key(&key);

	if (rc < 0)
		return rc;
	rc = issue(issuer, plan, key, &out->certs[0]);
	if (rc >= 0) {
		out->ncerts = 1;
		rc = gnutls_x509_privkey_export2_pkcs8(key,
			GNUTLS_X509_FMT_DER, NULL, GNUTLS_PKCS_PLAIN,
			&out->key);
	}
	gnutls_x509_privkey_deinit(key);
	return rc;
}

/*
 * What the leaf of a project is signed with: parsed again from DER, because
 * GnuTLS knows the names of parsed certificates only.
 */
static int
project_issuer(const gnutls_datum_t *der, gnutls_x509_privkey_t key,
	struct issuer *out)
{
	int rc = gnutls_x509_crt_init(&out->cert);

	if (rc >= 0)
		rc = gnutls_x509_crt_import(out->cert, der,
			GNUTLS_X509_FMT_DER);
	if (rc >= 0)
		rc = gnutls_privkey_init(&out->key);
	if (rc >= 0)
		rc = gnutls_privkey_import_x509(out->key, key, 0);
	out->digest = GNUTLS_DIG_SHA512;
	return rc;
}

static void
issuer_free(struct issuer *i)
{
	if (i->key != NULL)
		gnutls_privkey_deinit(i->key);
	if (i->cert != NULL)
		gnutls_x509_crt_deinit(i->cert);
}

/* Intermediate and leaf. The intermediate's key is gone afterwards. */
static int
make_project(const struct issuer *signer, const struct plan *project,
	const struct plan *leaf, struct alb_chain *out)
{
	struct issuer issuer = { 0 };
	gnutls_datum_t der = { NULL, 0 };
	gnutls_x509_privkey_t key;
	int rc = fresh_key(&key);

	if (rc < 0)
		return rc;
	rc = issue(signer, project, key, &der);
	if (rc >= 0)
		rc = project_issuer(&der, key, &issuer);
	if (rc >= 0)
		rc = make_leaf(&issuer, leaf, out);
	issuer_free(&issuer);
	gnutls_x509_privkey_deinit(key);
	if (rc < 0)
		datum_free(&der);
	else
		out->certs[out->ncerts++] = der;
	return rc;
}

/* The signer's own certificates, up to but without the anchor. */
static int
add_signer(const struct alb_signer *s, struct alb_chain *out)
{
	size_t i;
	int rc;

	for (i = 0; i < s->ncerts; i++) {
		if (gnutls_x509_crt_check_issuer(s->certs[i], s->certs[i]))
			break;
		rc = gnutls_x509_crt_export2(s->certs[i],
			GNUTLS_X509_FMT_DER, &out->certs[out->ncerts]);
		if (rc < 0)
			return rc;
		out->ncerts++;
	}
	return 0;
}

static int
encode_policy(const struct alb_policy *policy, struct buf *out)
{
	struct alb_command c;
	int rc;

	alb_command_init(&c, ALB_POLICY_ADD);
	rc = alb_policy_copy(policy, &c.policy);
	if (rc == ALB_OK)
		rc = alb_command_encode(&c, out);
	alb_command_free(&c);
	return rc;
}

static int
make(const struct alb_signer *s, const struct plan *project,
	const struct plan *leaf, struct alb_chain *out)
{
	const struct issuer signer = { s->certs[0], s->key, s->digest };
	int rc;

	if (project->name != NULL)
		rc = make_project(&signer, project, leaf, out);
	else
		rc = make_leaf(&signer, leaf, out);
	if (rc >= 0)
		rc = add_signer(s, out);
	if (rc >= 0)
		return ALB_OK;
	alb_chain_free(out);
	return rc == GNUTLS_E_MEMORY_ERROR ? ALB_NO_MEMORY : ALB_INVALID;
}

int
alb_chain_make(const struct alb_signer *s, const char *project,
	const struct alb_policy *policy, const char *label,
	const struct alb_command *command, time_t now, struct alb_chain *out)
{
	struct buf limits, action;
	struct plan intermediate = { project, true, &limits, now };
	struct plan leaf = { label[0] != '\0' ? label : ".", false, &action,
		now };
	int rc = ALB_OK;

	*out = (struct alb_chain){ 0 };
	/* Names become paths: nothing else than a label may get there. */
	if ((label[0] != '\0' && !alb_label_valid(label)) ||
	    (project != NULL && !alb_label_valid(project)))
		return ALB_INVALID;
	buf_init(&limits, EXTENSION_MAX);
	buf_init(&action, EXTENSION_MAX);
	if (project != NULL)
		rc = encode_policy(policy, &limits);
	if (rc == ALB_OK)
		rc = alb_command_encode(command, &action);
	if (rc == ALB_OK)
		rc = make(s, &intermediate, &leaf, out);
	buf_free(&limits);
	buf_free(&action);
	return rc;
}
