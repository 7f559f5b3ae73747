/* SPDX-License-Identifier: ISC */
/*
 * What browsers and authenticators say: the input as what a browser says of a
 * challenge, as the data of a new credential for our host behind its flags and
 * count, and as data and signature of a known key.
 */
#include <stdlib.h>
#include <string.h>

#include <gnutls/crypto.h>

#include "auth/webauthn.h"
#include "tests/fuzz/fuzz.h"

#define HASH 32
#define KEY 32

static struct relying us;

static void
client(const uint8_t *data, size_t size)
{
	struct webauthn_bytes said = { data, size };
	uint8_t challenge[WEBAUTHN_CHALLENGE_MAX];
	size_t len = 0;

	if (webauthn_client(&us, WEBAUTHN_GET, said, challenge, &len) == 0 &&
	    len > sizeof(challenge))
		abort();
}

/* Behind the hash of our host, without which nothing is looked at. */
static void
authenticator(const uint8_t *data, size_t size)
{
	uint8_t *bytes = malloc(HASH + size);
	struct webauthn_bytes said = { bytes, HASH + size };
	struct webauthn_credential c;
	uint32_t count;

	if (bytes == NULL)
		return;
	gnutls_hash_fast(GNUTLS_DIG_SHA256, us.id, strlen(us.id), bytes);
	memcpy(bytes + HASH, data, size);
	if (webauthn_register(&us, said, &c) == 0) {
		if (c.id_len == 0 || c.id_len > WEBAUTHN_ID_MAX ||
		    c.key.len == 0 || c.key.len > WEBAUTHN_KEY_MAX)
			abort();
		/* Nobody signs with a key they only named. */
		if (webauthn_verify(&us, &c.key, said, said, said, &count) ==
		    0)
			abort();
	}
	free(bytes);
}

/* RFC 8032, 7.1, test 1. */
static void
signature(const uint8_t *data, size_t size)
{
	static const struct webauthn_key key = { -8, {
		0xd7, 0x5a, 0x98, 0x01, 0x82, 0xb1, 0x0a, 0xb7, 0xd5, 0x4b,
		0xfe, 0xd3, 0xc9, 0x64, 0x07, 0x3a, 0x0e, 0xe1, 0x72, 0xf3,
		0xda, 0xa6, 0x23, 0x25, 0xaf, 0x02, 0x1a, 0x68, 0xf7, 0x07,
		0x51, 0x1a }, KEY };
	size_t half = size / 2;
	struct webauthn_bytes first = { data, half };
	struct webauthn_bytes second = { data + half, size - half };
	uint32_t count;

	if (webauthn_verify(&us, &key, first, first, second, &count) == 0)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (us.id[0] == '\0')
		relying_set(&us, "http://localhost:8080");
	client(data, size);
	authenticator(data, size);
	signature(data, size);
	return 0;
}
