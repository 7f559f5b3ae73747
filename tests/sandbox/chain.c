/* SPDX-License-Identifier: ISC */
/*
 * chain: judges a client's certificate chain; see chain.h. GnuTLS is asked
 * for fields and signatures only: what makes a chain good is what albatross
 * says, which is neither what GnuTLS says nor what RFC 5280 says.
 */
#include "tests/sandbox/chain.h"

#include <stdlib.h>
#include <string.h>

#include <gnutls/abstract.h>

#include "tests/sandbox/reply.h"

#define SENT_MAX 64		/* certificates looked at at all */
#define ATTEMPTS_MAX 10000	/* links tried, against hostile chains */
#define RSA_BITS_MIN 1024
#define OID_SIZE 128
#define ID_SIZE 128
#define CN_SIZE 256
#define SIGNATURE_SIZE 4096

struct chain {
	gnutls_x509_crt_t sent[SENT_MAX];
	unsigned nsent;
	gnutls_x509_crt_t anchor;
	time_t now;
	unsigned attempts;
	/* indexes into sent: leaf first, without the anchor */
	unsigned path[SENT_MAX];
	unsigned npath;
	const char **why;
};

void
request_free(struct request *r)
{
	size_t i;

	alb_command_free(&r->command);
	for (i = 0; i < r->npolicies; i++)
		alb_policy_free(&r->policies[i].policy);
	r->npolicies = 0;
}

static bool
no(struct chain *c, const char *why)
{
	*c->why = why;
	return false;
}

static bool
in_time(const struct chain *c, gnutls_x509_crt_t crt)
{
	return gnutls_x509_crt_get_activation_time(crt) < c->now &&
		c->now < gnutls_x509_crt_get_expiration_time(crt);
}

/* Whether purpose or any is there, or no extended key usage at all. */
static bool
purpose_fits(gnutls_x509_crt_t crt, const char *purpose)
{
	char oid[OID_SIZE];
	unsigned critical;
	size_t size;
	int i, rc;

	for (i = 0;; i++) {
		size = sizeof(oid);
		rc = gnutls_x509_crt_get_key_purpose_oid(crt, i, oid, &size,
			&critical);
		if (rc < 0)
			return i == 0;
		if (strcmp(oid, purpose) == 0 ||
		    strcmp(oid, GNUTLS_KP_ANY) == 0)
			return true;
	}
}

/* Absent is fine or not, as missing says. */
static bool
usage_fits(gnutls_x509_crt_t crt, unsigned wanted, bool missing)
{
	unsigned usage = 0, critical;
	int rc = gnutls_x509_crt_get_key_usage(crt, &usage, &critical);

	if (rc == GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE)
		return missing;
	return rc >= 0 && (usage & wanted) != 0;
}

static bool
any_policy(gnutls_x509_crt_t crt)
{
	struct gnutls_x509_policy_st policy;
	unsigned i, critical;
	bool any = false;

	for (i = 0; !any && gnutls_x509_crt_get_policy(crt, i, &policy,
	    &critical) >= 0; i++) {
		any = strcmp(policy.oid, "2.5.29.32.0") == 0;
		gnutls_x509_policy_release(&policy);
	}
	return any;
}

static bool
listed(const char *const *list, const char *oid)
{
	for (; *list != NULL; list++)
		if (strcmp(*list, oid) == 0)
			return true;
	return false;
}

/* No critical extension but those listed, which end with NULL. */
static bool
critical_fit(gnutls_x509_crt_t crt, const char *const *known)
{
	char oid[OID_SIZE];
	unsigned critical;
	size_t size;
	int i;

	for (i = 0;; i++) {
		size = sizeof(oid);
		critical = 0;
		if (gnutls_x509_crt_get_extension_info(crt, i, oid, &size,
		    &critical) < 0)
			return true;
		if (critical && !listed(known, oid))
			return false;
	}
}

static bool
has_extension(gnutls_x509_crt_t crt, const char *oid)
{
	size_t size = 0;
	int rc = gnutls_x509_crt_get_extension_by_oid(crt, oid, 0, NULL,
		&size, NULL);

	return rc >= 0 || rc == GNUTLS_E_SHORT_MEMORY_BUFFER;
}

static bool
key_fits(gnutls_x509_crt_t crt)
{
	unsigned bits = 0;

	switch (gnutls_x509_crt_get_pk_algorithm(crt, &bits)) {
	case GNUTLS_PK_RSA:
		return bits >= RSA_BITS_MIN;
	case GNUTLS_PK_ECDSA:
	case GNUTLS_PK_EDDSA_ED25519:
		return true;
	default:
		return false;
	}
}

/* By content: one and the same name may be encoded in several ways. */
static bool
names_match(gnutls_x509_crt_t parent, gnutls_x509_crt_t crt)
{
	gnutls_datum_t issuer = { 0 }, subject = { 0 };
	bool same;

	/* They fail when a name is empty, which then has no data here. */
	gnutls_x509_crt_get_issuer_dn3(crt, &issuer, 0);
	gnutls_x509_crt_get_dn3(parent, &subject, 0);
	same = issuer.size == subject.size && (issuer.size == 0 ||
		memcmp(issuer.data, subject.data, issuer.size) == 0);
	gnutls_free(issuer.data);
	gnutls_free(subject.data);
	return same;
}

#define BASIC_CONSTRAINTS "2.5.29.19"
#define KEY_USAGE "2.5.29.15"
#define EXT_KEY_USAGE "2.5.29.37"
#define ALT_NAME "2.5.29.17"
#define CERT_POLICIES "2.5.29.32"
#define NAME_CONSTRAINTS "2.5.29.30"

static bool
leaf_fits(struct chain *c, gnutls_x509_crt_t leaf)
{
	static const char *const known[] = { BASIC_CONSTRAINTS, KEY_USAGE,
		EXT_KEY_USAGE, ALT_NAME, CERT_POLICIES, NULL };
	unsigned critical = 0;

	if (gnutls_x509_crt_get_version(leaf) != 3)
		return no(c, "leaf: not version 3");
	/* The anchor itself is no CA in their eyes: it just says nothing. */
	if (gnutls_x509_crt_get_ca_status(leaf, &critical) > 0 &&
	    !names_match(leaf, leaf))
		return no(c, "leaf: is a CA");
	if (!usage_fits(leaf, GNUTLS_KEY_DIGITAL_SIGNATURE, true))
		return no(c, "leaf: key usage lacks digitalSignature");
	if (!purpose_fits(leaf, GNUTLS_KP_TLS_WWW_CLIENT))
		return no(c, "leaf: extended key usage lacks clientAuth");
	if (!critical_fit(leaf, known))
		return no(c, "leaf: unknown critical extension");
	if (has_extension(leaf, NAME_CONSTRAINTS))
		return no(c, "leaf: name constraints");
	if (gnutls_x509_crt_get_extension_by_oid(leaf, CERT_POLICIES, 0, NULL,
	    &(size_t){ 0 }, &critical) == GNUTLS_E_SHORT_MEMORY_BUFFER &&
	    critical && !any_policy(leaf))
		return no(c, "leaf: critical certificate policies");
	if (!key_fits(leaf))
		return no(c, "leaf: kind of key");
	return true;
}

static bool
intermediate_fits(struct chain *c, gnutls_x509_crt_t crt)
{
	static const char *const known[] = { BASIC_CONSTRAINTS, KEY_USAGE,
		NAME_CONSTRAINTS, NULL };
	unsigned critical;

	if (!in_time(c, crt))
		return no(c, "intermediate: expired or not yet valid");
	if (gnutls_x509_crt_get_version(crt) != 3)
		return no(c, "intermediate: not version 3");
	if (gnutls_x509_crt_get_ca_status(crt, &critical) <= 0)
		return no(c, "intermediate: is no CA");
	if (!usage_fits(crt, GNUTLS_KEY_KEY_CERT_SIGN, false))
		return no(c, "intermediate: key usage lacks keyCertSign");
	if (!purpose_fits(crt, GNUTLS_KP_TLS_WWW_SERVER))
		return no(c, "intermediate: extended key usage");
	if (!critical_fit(crt, known))
		return no(c, "intermediate: critical extension");
	return true;
}

/* Either may be absent; if both are there they must be equal. */
static bool
key_ids_match(gnutls_x509_crt_t parent, gnutls_x509_crt_t crt)
{
	uint8_t subject[ID_SIZE], authority[ID_SIZE];
	size_t slen = sizeof(subject), alen = sizeof(authority);
	int src = gnutls_x509_crt_get_subject_key_id(parent, subject, &slen,
		NULL);
	int arc = gnutls_x509_crt_get_authority_key_id(crt, authority, &alen,
		NULL);

	if (src == GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE ||
	    arc == GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE ||
	    arc == GNUTLS_E_X509_UNSUPPORTED_EXTENSION)
		return true;
	return src >= 0 && arc >= 0 && slen == alen &&
		memcmp(subject, authority, slen) == 0;
}

static bool
algorithm_known(gnutls_x509_crt_t crt)
{
	switch ((int)gnutls_x509_crt_get_signature_algorithm(crt)) {
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
 * Enters the DER element at the front of d: false when it is not all there.
 * With its head, d becomes that of the content.
 */
static bool
der_content(gnutls_datum_t *d, size_t *head)
{
	size_t n, i, len;

	if (d->size < 2)
		return false;
	*head = 2;
	len = d->data[1];
	if (len & 0x80) {
		n = len & 0x7f;
		if (n == 0 || n > 4 || d->size < 2 + n)
			return false;
		for (len = 0, i = 0; i < n; i++)
			len = len << 8 | d->data[2 + i];
		*head += n;
	}
	if (len > d->size - *head)
		return false;
	d->data += *head;
	d->size = len;
	return true;
}

/* The part of a certificate that is signed, inside of der. */
static bool
signed_part(const gnutls_datum_t *der, gnutls_datum_t *tbs)
{
	gnutls_datum_t inner = *der;
	size_t head;

	if (!der_content(&inner, &head))
		return false;
	*tbs = inner;
	if (!der_content(&inner, &head))
		return false;
	tbs->size = head + inner.size;
	return true;
}

static bool
signature_verify(gnutls_x509_crt_t parent, gnutls_x509_crt_t crt,
	const gnutls_datum_t *tbs)
{
	char bytes[SIGNATURE_SIZE];
	gnutls_datum_t signature = { (unsigned char *)bytes, 0 };
	size_t size = sizeof(bytes);
	gnutls_pubkey_t key;
	bool good;

	if (gnutls_pubkey_init(&key) < 0)
		return false;
	good = gnutls_x509_crt_get_signature(crt, bytes, &size) >= 0 &&
		gnutls_pubkey_import_x509(key, parent, 0) >= 0;
	signature.size = size;
	good = good && gnutls_pubkey_verify_data2(key,
		gnutls_x509_crt_get_signature_algorithm(crt), 0, tbs,
		&signature) >= 0;
	gnutls_pubkey_deinit(key);
	return good;
}

static bool
signature_good(gnutls_x509_crt_t parent, gnutls_x509_crt_t crt)
{
	gnutls_datum_t der = { 0 }, tbs;
	bool good;

	if (!algorithm_known(crt) ||
	    gnutls_x509_crt_export2(crt, GNUTLS_X509_FMT_DER, &der) < 0)
		return false;
	good = signed_part(&der, &tbs) && signature_verify(parent, crt, &tbs);
	gnutls_free(der.data);
	return good;
}

/* below: how many intermediates stand between parent and leaf. */
static bool
length_fits(gnutls_x509_crt_t parent, int below)
{
	unsigned critical, ca = 0;
	int max = -1;

	if (gnutls_x509_crt_get_version(parent) != 3)
		return true;
	return gnutls_x509_crt_get_basic_constraints(parent, &critical, &ca,
		&max) >= 0 && ca && (max < 0 || below <= max);
}

static bool
link_good(struct chain *c, gnutls_x509_crt_t parent, gnutls_x509_crt_t crt)
{
	if (!key_ids_match(parent, crt))
		return no(c, "authority key id is not the issuer's");
	if (!signature_good(parent, crt))
		return no(c, "signature");
	if (!length_fits(parent, c->npath - 1))
		return no(c, "path length");
	return true;
}

static bool
on_path(const struct chain *c, unsigned i)
{
	unsigned k;

	for (k = 0; k < c->npath; k++)
		if (c->path[k] == i)
			return true;
	return false;
}

/* Completes the path from its last certificate to the anchor. */
static bool
path_find(struct chain *c)
{
	gnutls_x509_crt_t top = c->sent[c->path[c->npath - 1]], next;
	unsigned i;

	if (in_time(c, c->anchor) && names_match(c->anchor, top) &&
	    link_good(c, c->anchor, top))
		return true;
	for (i = 1; i < c->nsent; i++) {
		next = c->sent[i];
		if (on_path(c, i) || !names_match(next, top))
			continue;
		if (++c->attempts > ATTEMPTS_MAX)
			return no(c, "too many ways through the chain");
		if (!intermediate_fits(c, next) || !link_good(c, next, top))
			continue;
		c->path[c->npath++] = i;
		if (path_find(c))
			return true;
		c->npath--;
	}
	return false;
}

static enum chain_verdict
chain_validate(struct chain *c)
{
	*c->why = "no way to the anchor";
	if (c->nsent == 0)
		return CHAIN_BAD;
	if (!in_time(c, c->sent[0])) {
		*c->why = "leaf: expired or not yet valid";
		return CHAIN_EXPIRED;
	}
	c->path[0] = 0;
	c->npath = 1;
	return leaf_fits(c, c->sent[0]) && path_find(c) ? CHAIN_GOOD :
		CHAIN_BAD;
}

/*
 * The command a certificate carries: 1 with it, 0 when there is none, -1 when
 * it is not understood.
 */
static int
extension_read(gnutls_x509_crt_t crt, struct alb_command *command)
{
	size_t size = 0;
	uint8_t *der;
	int rc;

	if (!has_extension(crt, ALB_EXTENSION_OID))
		return 0;
	gnutls_x509_crt_get_extension_by_oid(crt, ALB_EXTENSION_OID, 0, NULL,
		&size, NULL);
	der = xcalloc(1, size + 1);
	rc = gnutls_x509_crt_get_extension_by_oid(crt, ALB_EXTENSION_OID, 0,
		der, &size, NULL);
	if (rc >= 0)
		rc = alb_command_decode(der, size, command) == ALB_OK ? 1 :
			-1;
	free(der);
	return rc < 0 ? -1 : rc;
}

enum cn { CN_MISSING, CN_LABEL, CN_SELF, CN_BAD };

/*
 * The label in it, if it is one; labels of dots alone are. In a leaf "." and
 * ":" mean the path itself.
 */
static enum cn
common_name(gnutls_x509_crt_t crt, bool leaf, char label[ALB_LABEL_MAX + 1])
{
	char cn[CN_SIZE];
	size_t size = sizeof(cn);
	struct alb_name name;
	int rc = gnutls_x509_crt_get_dn_by_oid(crt,
		GNUTLS_OID_X520_COMMON_NAME, 0, 0, cn, &size);

	if (rc == GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE)
		return CN_MISSING;
	if (rc < 0 || size == 0 || size >= sizeof(cn))
		return CN_BAD;
	cn[size] = '\0';
	if (leaf && (strcmp(cn, ".") == 0 || strcmp(cn, ":") == 0))
		return CN_SELF;
	if (strlen(cn) != size || memchr(cn, ':', size) != NULL ||
	    alb_name_parse(cn, size, &name) != ALB_OK)
		return CN_BAD;
	memcpy(label, name.label, sizeof(name.label));
	return CN_LABEL;
}

static bool
path_append(struct alb_name *name, const char *label)
{
	size_t len = strlen(name->path), more = strlen(label);

	if (len + 1 + more > ALB_NAME_MAX)
		return false;
	if (len > 0)
		name->path[len++] = ':';
	memcpy(name->path + len, label, more + 1);
	return true;
}

static bool
intermediate_read(struct chain *c, gnutls_x509_crt_t crt, struct request *r)
{
	char label[ALB_LABEL_MAX + 1] = "";
	struct request_policy *p = &r->policies[r->npolicies];
	struct alb_command command;
	int rc = extension_read(crt, &command);
	bool good;

	if (rc == 0)
		return true;
	if (rc < 0)
		return no(c, "intermediate: extension not understood");
	good = command.kind == ALB_POLICY_ADD &&
		common_name(crt, false, label) == CN_LABEL &&
		path_append(&r->name, label) &&
		alb_policy_copy(&command.policy, &p->policy) == ALB_OK;
	alb_command_free(&command);
	if (!good)
		return no(c, "intermediate: command or common name");
	alb_policy_normalise(&p->policy);
	p->name = r->name;
	r->npolicies++;
	return true;
}

static bool
needs_cn(enum alb_command_kind kind)
{
	switch (kind) {
	case ALB_POLICY_ADD:
	case ALB_POLICY_REMOVE:
	case ALB_BLOCK_ADD:
	case ALB_BLOCK_REMOVE:
	case ALB_BLOCK_SET:
	case ALB_BLOCK_DUMP:
		return true;
	default:
		return false;
	}
}

static bool
leaf_may(enum alb_command_kind kind)
{
	switch (kind) {
	case ALB_CONSOLE_ADD:
	case ALB_STATS_ADD:
	case ALB_STATS_REMOVE:
	case ALB_STATS_INITIAL:
	case ALB_POLICY_ADD:
	case ALB_POLICY_REMOVE:
		return false;
	default:
		return true;
	}
}

static bool
leaf_read(struct chain *c, gnutls_x509_crt_t leaf, struct request *r)
{
	enum cn cn = common_name(leaf, true, r->name.label);

	switch (extension_read(leaf, &r->command)) {
	case 0:
		return no(c, "leaf: no extension");
	case -1:
		return no(c, "leaf: extension not understood");
	default:
		break;
	}
	if (cn == CN_BAD || (cn == CN_MISSING && needs_cn(r->command.kind)))
		return no(c, "leaf: common name");
	if (!leaf_may(r->command.kind))
		return no(c, "leaf: a command leaves can not carry");
	return true;
}

static enum chain_verdict
chain_interpret(struct chain *c, struct request *r)
{
	unsigned i;

	if (c->npath > ALB_CHAIN_MAX) {
		*c->why = "certificate chain too long";
		return CHAIN_SILENT;
	}
	for (i = c->npath - 1; i > 0; i--)
		if (!intermediate_read(c, c->sent[c->path[i]], r))
			return CHAIN_SILENT;
	return leaf_read(c, c->sent[0], r) ? CHAIN_GOOD : CHAIN_SILENT;
}

static bool
chain_import(struct chain *c, const gnutls_datum_t *certs, unsigned n)
{
	for (; c->nsent < n; c->nsent++) {
		if (c->nsent == SENT_MAX)
			return no(c, "too many certificates");
		if (gnutls_x509_crt_init(&c->sent[c->nsent]) < 0)
			return no(c, "out of memory");
		if (gnutls_x509_crt_import(c->sent[c->nsent],
		    &certs[c->nsent], GNUTLS_X509_FMT_DER) < 0) {
			c->nsent++;
			return no(c, "not a certificate");
		}
	}
	return true;
}

enum chain_verdict
chain_read(const gnutls_datum_t *certs, unsigned n, gnutls_x509_crt_t anchor,
	time_t now, struct request *r, const char **why)
{
	struct chain c = { .anchor = anchor, .now = now, .why = why };
	enum chain_verdict verdict = CHAIN_BAD;
	unsigned i;

	memset(r, 0, sizeof(*r));
	alb_command_init(&r->command, ALB_UNIKERNEL_INFO);
	if (chain_import(&c, certs, n))
		verdict = chain_validate(&c);
	if (verdict == CHAIN_GOOD)
		verdict = chain_interpret(&c, r);
	for (i = 0; i < c.nsent; i++)
		gnutls_x509_crt_deinit(c.sent[i]);
	if (verdict != CHAIN_GOOD)
		request_free(r);
	return verdict;
}
