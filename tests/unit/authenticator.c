/* SPDX-License-Identifier: ISC */
/* authenticator: see authenticator.h. */
#include "config.h"

#include "authenticator.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <fido.h>
#include <gnutls/crypto.h>

#include "base/cleanup.h"
#include "base/text.h"

void
authenticator_new(struct authenticator *a, int algorithm)
{
	gnutls_pk_algorithm_t pk = algorithm == COSE_ES256 ? GNUTLS_PK_ECDSA :
		algorithm == COSE_EDDSA ? GNUTLS_PK_EDDSA_ED25519 :
		GNUTLS_PK_RSA;
	unsigned bits = algorithm == COSE_ES256 ?
		GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1) :
		algorithm == COSE_EDDSA ? 0 : 2048;

	*a = (struct authenticator){ .algorithm = algorithm, .count = 1,
		.origin = AUTHENTICATOR_ORIGIN, .host = "localhost",
		.flags = 5 };
	random_bytes(a->id, sizeof(a->id));
	assert_int_equal(gnutls_privkey_init(&a->key), 0);
	assert_int_equal(gnutls_privkey_generate(a->key, pk, bits, 0), 0);
}

void
authenticator_free(struct authenticator *a)
{
	gnutls_privkey_deinit(a->key);
}

static void
put(struct authenticator_said *s, const void *bytes, size_t len)
{
	assert_true(s->data_len + len <= sizeof(s->data));
	memcpy(s->data + s->data_len, bytes, len);
	s->data_len += len;
}

/* A number of so many bytes, which may come with fewer. */
static void
put_number(struct authenticator_said *s, gnutls_datum_t *d, size_t len)
{
	static const uint8_t zeroes[32];

	assert_true(d->size <= len);
	put(s, zeroes, len - d->size);
	put(s, d->data, d->size);
	gnutls_free(d->data);
}

/* COSE_Key (RFC 9053). */
static void
put_ec(struct authenticator *a, struct authenticator_said *s)
{
	gnutls_datum_t x, y = { NULL, 0 };
	gnutls_ecc_curve_t curve;

	assert_int_equal(gnutls_privkey_export_ecc_raw2(a->key, &curve, &x,
	    &y, NULL, GNUTLS_EXPORT_FLAG_NO_LZ), 0);
	if (a->algorithm == COSE_EDDSA) {
		put(s, "\xa4\x01\x01\x03\x27\x20\x06\x21\x58\x20", 10);
		put_number(s, &x, 32);
		return;
	}
	put(s, "\xa5\x01\x02\x03\x26\x20\x01\x21\x58\x20", 10);
	put_number(s, &x, 32);
	put(s, "\x22\x58\x20", 3);
	put_number(s, &y, 32);
}

static void
put_rsa(struct authenticator *a, struct authenticator_said *s)
{
	gnutls_datum_t n, e;

	assert_int_equal(gnutls_privkey_export_rsa_raw2(a->key, &n, &e, NULL,
	    NULL, NULL, NULL, NULL, NULL, GNUTLS_EXPORT_FLAG_NO_LZ), 0);
	put(s, "\xa4\x01\x03\x03\x39\x01\x00\x20\x59\x01\x00", 11);
	put_number(s, &n, 256);
	put(s, "\x21\x43", 2);
	put_number(s, &e, 3);
}

static void
put_head(struct authenticator *a, uint8_t flags,
	struct authenticator_said *s)
{
	uint8_t hash[32], rest[5] = { flags, a->count >> 24 & 255,
		a->count >> 16 & 255, a->count >> 8 & 255, a->count & 255 };

	assert_int_equal(gnutls_hash_fast(GNUTLS_DIG_SHA256, a->host,
	    strlen(a->host), hash), 0);
	s->data_len = 0;
	put(s, hash, sizeof(hash));
	put(s, rest, sizeof(rest));
}

static void
client_say(struct authenticator *a, const char *type, const void *challenge,
	size_t len, struct authenticator_said *s)
{
	AUTO_FREE char *text = base64_encode(challenge, len);

	assert_non_null(text);
	for (char *p = text; *p != '\0'; p++)
		*p = *p == '+' ? '-' : *p == '/' ? '_' : *p;
	text[strcspn(text, "=")] = '\0';
	snprintf(s->client, sizeof(s->client), "{\"type\":\"%s\","
	    "\"challenge\":\"%s\",\"origin\":\"%s\",\"crossOrigin\":%s}",
	    type, text, a->origin, a->cross ? "true" : "false");
}

void
authenticator_create(struct authenticator *a, const void *challenge,
	size_t len, struct authenticator_said *out)
{
	static const uint8_t aaguid[16];

	client_say(a, "webauthn.create", challenge, len, out);
	put_head(a, a->flags | 0x40, out);
	put(out, aaguid, sizeof(aaguid));
	put(out, "\x00\x20", 2);
	put(out, a->id, sizeof(a->id));
	if (a->algorithm == COSE_RS256)
		put_rsa(a, out);
	else
		put_ec(a, out);
}

void
authenticator_get(struct authenticator *a, const void *challenge, size_t len,
	struct authenticator_said *out)
{
	uint8_t message[1024 + 32];
	gnutls_datum_t data = { message, 0 }, signature;

	if (a->count != 0)
		a->count++;
	client_say(a, "webauthn.get", challenge, len, out);
	put_head(a, a->flags, out);
	memcpy(message, out->data, out->data_len);
	assert_int_equal(gnutls_hash_fast(GNUTLS_DIG_SHA256, out->client,
	    strlen(out->client), message + out->data_len), 0);
	data.size = (unsigned)out->data_len + 32;
	assert_int_equal(gnutls_privkey_sign_data(a->key,
	    a->algorithm == COSE_EDDSA ? GNUTLS_DIG_SHA512 :
	    GNUTLS_DIG_SHA256, 0, &data, &signature), 0);
	assert_true(signature.size <= sizeof(out->signature));
	memcpy(out->signature, signature.data, signature.size);
	out->signature_len = signature.size;
	gnutls_free(signature.data);
}

struct webauthn_bytes
said_client(const struct authenticator_said *s)
{
	return (struct webauthn_bytes){ (const uint8_t *)s->client,
		strlen(s->client) };
}

struct webauthn_bytes
said_data(const struct authenticator_said *s)
{
	return (struct webauthn_bytes){ s->data, s->data_len };
}

struct webauthn_bytes
said_signature(const struct authenticator_said *s)
{
	return (struct webauthn_bytes){ s->signature, s->signature_len };
}
