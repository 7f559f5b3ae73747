/* SPDX-License-Identifier: ISC */
/* webauthn: see webauthn.h. */
#include "auth/webauthn.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include <fido.h>
#include <fido/eddsa.h>
#include <fido/es256.h>
#include <fido/rs256.h>
#include <gnutls/crypto.h>

#include "base/json.h"
#include "base/text.h"

#define HASH 32
#define FLAG_PRESENT 0x01
#define FLAG_VERIFIED 0x04
#define FLAG_CREDENTIAL 0x40
#define FLAG_EXTENSIONS 0x80
/* The hash of the host, flags and count; then what makes the key, and an id. */
#define HEAD (HASH + 1 + 4)
#define AAGUID 16
#define CLIENT_MAX 4096

const int webauthn_algorithms[WEBAUTHN_ALGORITHMS] = { COSE_ES256, COSE_EDDSA,
	COSE_RS256 };

static void
assert_free(fido_assert_t *a)
{
	fido_assert_free(&a);
}

static void
cred_free(fido_cred_t *c)
{
	fido_cred_free(&c);
}

DEFINE_CLEANUP(fido_assert_t, assert_free)
DEFINE_CLEANUP(fido_cred_t, cred_free)
#define AUTO_ASSERT CLEANUP(assert_free_p)
#define AUTO_CRED CLEANUP(cred_free_p)

/* ---- whom it is for ---- */

/* No name ends in a label that begins with a digit (RFC 3696, 2). */
static bool
is_address(const char *host)
{
	const char *dot = strrchr(host, '.');

	return host[0] == '[' ||
	    isdigit((unsigned char)(dot == NULL ? host[0] : dot[1]));
}

/* Browsers trust what comes from this machine without TLS too. */
static bool
is_local(const char *host)
{
	size_t len = strlen(host), n = strlen(".localhost");

	return strcmp(host, "localhost") == 0 ||
	    (len > n && strcmp(host + len - n, ".localhost") == 0);
}

void
relying_set(struct relying *r, const char *url)
{
	bool secure = url != NULL && text_begins(url, "https://");
	const char *host, *usual = secure ? ":443" : ":80";
	size_t len, host_len;

	*r = (struct relying){ .usable = false };
	if (!secure && (url == NULL || !text_begins(url, "http://")))
		return;
	host = strstr(url, "://") + 3;
	len = strcspn(host, "/?#");
	if (len == 0 || len > WEBAUTHN_HOST_MAX)
		return;
	host_len = host[0] == '[' ? strcspn(host, "]") + 1 :
		strcspn(host, ":/?#");
	if (host_len > len)
		return;
	snprintf(r->id, sizeof(r->id), "%.*s", (int)host_len, host);
	/* Browsers leave out the port that goes without saying. */
	if (len - host_len == strlen(usual) &&
	    memcmp(host + host_len, usual, strlen(usual)) == 0)
		len = host_len;
	snprintf(r->origin, sizeof(r->origin), "%s://%.*s",
	    secure ? "https" : "http", (int)len, host);
	for (char *p = r->id; *p != '\0'; p++)
		*p = (char)tolower((unsigned char)*p);
	for (char *p = r->origin; *p != '\0'; p++)
		*p = (char)tolower((unsigned char)*p);
	r->usable = !is_address(r->id) && (secure || is_local(r->id));
}

/* ---- what the browser says ---- */

/* base64url without padding: 0, or -1. */
static int
challenge_decode(const char *text, uint8_t out[WEBAUTHN_CHALLENGE_MAX],
	size_t *len)
{
	char padded[2 * WEBAUTHN_CHALLENGE_MAX];
	AUTO_FREE uint8_t *bytes = NULL;
	size_t n = strlen(text);

	if (n == 0 || n + 4 > sizeof(padded))
		return -1;
	for (size_t i = 0; i < n; i++)
		padded[i] = text[i] == '-' ? '+' : text[i] == '_' ? '/' :
			text[i] == '+' || text[i] == '/' ? '=' : text[i];
	while (n % 4 != 0)
		padded[n++] = '=';
	padded[n] = '\0';
	bytes = base64_decode(padded, len);
	if (bytes == NULL || *len > WEBAUTHN_CHALLENGE_MAX)
		return -1;
	memcpy(out, bytes, *len);
	return 0;
}

int
webauthn_client(const struct relying *r, enum webauthn_type type,
	struct webauthn_bytes client,
	uint8_t challenge[WEBAUTHN_CHALLENGE_MAX], size_t *len)
{
	const char *wanted = type == WEBAUTHN_CREATE ? "webauthn.create" :
		"webauthn.get";
	AUTO_JSON struct json_object *said = NULL;
	struct fault f = { 0 };

	if (client.len > CLIENT_MAX)
		return -1;
	said = json_parse((const char *)client.data, client.len, &f);
	if (said == NULL ||
	    strcmp(json_member_text(said, "type", 64), wanted) != 0 ||
	    strcmp(json_member_text(said, "origin", sizeof(r->origin)),
	    r->origin) != 0 ||
	    json_object_get_boolean(json_member(said, "crossOrigin",
	    json_type_boolean)))
		return -1;
	return challenge_decode(json_member_text(said, "challenge",
	    2 * WEBAUTHN_CHALLENGE_MAX), challenge, len);
}

/* ---- keys ---- */

static void *
key_es256(const struct webauthn_key *key)
{
	es256_pk_t *pk = es256_pk_new();

	if (pk != NULL && es256_pk_from_ptr(pk, key->bytes, key->len) !=
	    FIDO_OK)
		es256_pk_free(&pk);
	return pk;
}

static void *
key_eddsa(const struct webauthn_key *key)
{
	eddsa_pk_t *pk = eddsa_pk_new();

	if (pk != NULL && eddsa_pk_from_ptr(pk, key->bytes, key->len) !=
	    FIDO_OK)
		eddsa_pk_free(&pk);
	return pk;
}

static void *
key_rs256(const struct webauthn_key *key)
{
	rs256_pk_t *pk = rs256_pk_new();

	if (pk != NULL && rs256_pk_from_ptr(pk, key->bytes, key->len) !=
	    FIDO_OK)
		rs256_pk_free(&pk);
	return pk;
}

/* As libfido2 has it, owned; NULL when it is no key of its kind. */
static void *
key_open(const struct webauthn_key *key)
{
	switch (key->algorithm) {
	case COSE_ES256:
		return key_es256(key);
	case COSE_EDDSA:
		return key_eddsa(key);
	case COSE_RS256:
		return key_rs256(key);
	default:
		return NULL;
	}
}

static void
key_close(int algorithm, void *pk)
{
	es256_pk_t *es256 = pk;
	eddsa_pk_t *eddsa = pk;
	rs256_pk_t *rs256 = pk;

	if (algorithm == COSE_ES256)
		es256_pk_free(&es256);
	else if (algorithm == COSE_EDDSA)
		eddsa_pk_free(&eddsa);
	else
		rs256_pk_free(&rs256);
}

/* ---- CBOR ---- */

/* Canonical CBOR of CTAP2 is no deeper, has no tags and knows its lengths. */
#define CBOR_DEPTH 4

static int
cbor_byte(struct webauthn_bytes *b)
{
	if (b->len == 0)
		return -1;
	b->len--;
	return *b->data++;
}

/* The head of an item: its major type, or -1; its value into *value. */
static int
cbor_head(struct webauthn_bytes *b, uint64_t *value)
{
	int first = cbor_byte(b), info = first & 31, byte;

	if (first < 0 || info > 27)
		return -1;
	*value = (uint64_t)info;
	if (info < 24)
		return first >> 5;
	*value = 0;
	for (int i = 0; i < 1 << (info - 24); i++) {
		byte = cbor_byte(b);
		if (byte < 0)
			return -1;
		*value = *value << 8 | (uint64_t)byte;
	}
	return first >> 5;
}

/*
 * Passes over one item: 0, or -1 when it is no such CBOR, or says to be longer
 * than what is there. The library would take memory for whatever it says.
 */
static int
cbor_skip(struct webauthn_bytes *b, int depth)
{
	uint64_t value;
	int major = cbor_head(b, &value);

	if (major < 0 || major == 6 || depth > CBOR_DEPTH)
		return -1;
	if (major < 2 || major == 7)
		return 0;
	if (value > b->len)
		return -1;
	if (major < 4) {
		b->data += value;
		b->len -= value;
		return 0;
	}
	value *= major == 5 ? 2 : 1;
	for (; value > 0; value--)
		if (cbor_skip(b, depth + 1) != 0)
			return -1;
	return 0;
}

/* ---- what the authenticator says ---- */

/* Passes over the new credential, whose key is CBOR: 0 or -1. */
static int
credential_skip(struct webauthn_bytes *b)
{
	size_t len = AAGUID + 2;

	if (b->len < len)
		return -1;
	len += (size_t)b->data[AAGUID] << 8 | b->data[AAGUID + 1];
	if (b->len < len)
		return -1;
	b->data += len;
	b->len -= len;
	return cbor_skip(b, 0);
}

/*
 * Has it the parts that its flags name, and nothing behind them? A credential
 * is there when it is created, and only then.
 */
static bool
is_wellformed(struct webauthn_bytes authenticator, bool created)
{
	struct webauthn_bytes b = authenticator;
	uint8_t flags;

	if (b.len < HEAD)
		return false;
	flags = b.data[HASH];
	b.data += HEAD;
	b.len -= HEAD;
	if (((flags & FLAG_CREDENTIAL) != 0) != created ||
	    (created && credential_skip(&b) != 0))
		return false;
	if ((flags & FLAG_EXTENSIONS) != 0 && cbor_skip(&b, 0) != 0)
		return false;
	return b.len == 0;
}

/* It begins with SHA-256 of the host that it was made for. */
static bool
is_for_us(const struct relying *r, struct webauthn_bytes authenticator)
{
	uint8_t hash[HASH];

	return is_wellformed(authenticator, true) &&
	    gnutls_hash_fast(GNUTLS_DIG_SHA256, r->id, strlen(r->id), hash) ==
	    0 && memcmp(authenticator.data, hash, HASH) == 0;
}

static int
credential_take(const fido_cred_t *cred, int algorithm,
	struct webauthn_credential *out)
{
	size_t id = fido_cred_id_len(cred), key = fido_cred_pubkey_len(cred);
	void *pk;

	if (id == 0 || id > sizeof(out->id) || key == 0 ||
	    key > sizeof(out->key.bytes))
		return -1;
	*out = (struct webauthn_credential){ .id_len = id,
		.key = { .algorithm = algorithm, .len = key },
		.count = fido_cred_sigcount(cred) };
	memcpy(out->id, fido_cred_id_ptr(cred), id);
	memcpy(out->key.bytes, fido_cred_pubkey_ptr(cred), key);
	pk = key_open(&out->key);
	if (pk == NULL)
		return -1;
	key_close(algorithm, pk);
	return 0;
}

/* libfido2 wants to know beforehand what kind of key it is. */
static int
register_as(struct webauthn_bytes authenticator, int algorithm,
	struct webauthn_credential *out)
{
	AUTO_CRED fido_cred_t *cred = fido_cred_new();
	uint8_t flags;

	if (cred == NULL || fido_cred_set_type(cred, algorithm) != FIDO_OK ||
	    fido_cred_set_authdata_raw(cred, authenticator.data,
	    authenticator.len) != FIDO_OK)
		return -1;
	flags = fido_cred_flags(cred);
	if ((flags & FLAG_PRESENT) == 0 || (flags & FLAG_VERIFIED) == 0)
		return -1;
	return credential_take(cred, algorithm, out);
}

int
webauthn_register(const struct relying *r,
	struct webauthn_bytes authenticator, struct webauthn_credential *out)
{
	if (!is_for_us(r, authenticator))
		return -1;
	for (int i = 0; i < WEBAUTHN_ALGORITHMS; i++)
		if (register_as(authenticator, webauthn_algorithms[i], out) ==
		    0)
			return 0;
	return -1;
}

static int
assert_fill(fido_assert_t *a, const struct relying *r,
	struct webauthn_bytes client, struct webauthn_bytes authenticator,
	struct webauthn_bytes signature)
{
	if (fido_assert_set_count(a, 1) != FIDO_OK ||
	    fido_assert_set_rp(a, r->id) != FIDO_OK ||
	    fido_assert_set_clientdata(a, client.data, client.len) !=
	    FIDO_OK ||
	    fido_assert_set_authdata_raw(a, 0, authenticator.data,
	    authenticator.len) != FIDO_OK ||
	    fido_assert_set_up(a, FIDO_OPT_TRUE) != FIDO_OK ||
	    fido_assert_set_uv(a, FIDO_OPT_TRUE) != FIDO_OK ||
	    fido_assert_set_sig(a, 0, signature.data, signature.len) !=
	    FIDO_OK)
		return -1;
	return 0;
}

int
webauthn_verify(const struct relying *r, const struct webauthn_key *key,
	struct webauthn_bytes client, struct webauthn_bytes authenticator,
	struct webauthn_bytes signature, uint32_t *count)
{
	AUTO_ASSERT fido_assert_t *a = fido_assert_new();
	void *pk = key_open(key);
	int rc = -1;

	if (a != NULL && pk != NULL && is_wellformed(authenticator, false) &&
	    assert_fill(a, r, client, authenticator, signature) == 0 &&
	    fido_assert_verify(a, 0, key->algorithm, pk) == FIDO_OK) {
		*count = fido_assert_sigcount(a, 0);
		rc = 0;
	}
	if (pk != NULL)
		key_close(key->algorithm, pk);
	return rc;
}

int
webauthn_init(void)
{
	/* RFC 8032, 7.1, test 1: a key, and it is used once. */
	static const struct webauthn_key key = { COSE_EDDSA, {
		0xd7, 0x5a, 0x98, 0x01, 0x82, 0xb1, 0x0a, 0xb7, 0xd5, 0x4b,
		0xfe, 0xd3, 0xc9, 0x64, 0x07, 0x3a, 0x0e, 0xe1, 0x72, 0xf3,
		0xda, 0xa6, 0x23, 0x25, 0xaf, 0x02, 0x1a, 0x68, 0xf7, 0x07,
		0x51, 0x1a }, 32 };
	void *pk;

	fido_init(0);
	pk = key_open(&key);
	if (pk == NULL)
		return ERR_INTERNAL;
	key_close(key.algorithm, pk);
	return 0;
}
