/* SPDX-License-Identifier: ISC */
/*
 * Credentials as they come from outside: the input as a session token, as the
 * payload of a token with a true signature, and as an opaque token.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <gnutls/crypto.h>

#include "auth/access.h"
#include "auth/pattern.h"
#include "auth/tokens.h"
#include "base/text.h"
#include "tests/fuzz/fuzz.h"

#define NOW 1800000000

/* base64url without padding, owned. */
static char *
encode(const void *data, size_t len)
{
	char *s = base64_encode(data, len);

	for (char *p = s; p != NULL && *p != '\0'; p++) {
		if (*p == '+')
			*p = '-';
		else if (*p == '/')
			*p = '_';
		else if (*p == '=')
			*p = '\0';
	}
	return s;
}

static void
verify(const struct access_key *k, const char *token)
{
	struct access_claims c = { 0 };

	/* What is taken holds what it must. */
	if (access_verify(k, token, NOW, &c) == 0 &&
	    (strlen(c.user) != 36 || strlen(c.session) != 36 ||
	    c.expires + ACCESS_SKEW <= NOW ||
	    c.expires > NOW + ACCESS_LIFETIME + ACCESS_SKEW))
		abort();
}

static void
verify_signed(const struct access_key *k, const uint8_t *data, size_t size)
{
	AUTO_FREE char *payload = encode(data, size);
	AUTO_FREE char *signature = NULL;
	char token[ACCESS_MAX + 1];
	uint8_t mac[32];
	int len;

	if (payload == NULL)
		return;
	len = snprintf(token, sizeof(token), "%s.%s", k->header, payload);
	if (len < 0 || len > ACCESS_MAX - 64)
		return;
	gnutls_hmac_fast(GNUTLS_MAC_SHA256, k->secret, ACCESS_SECRET, token,
	    (size_t)len, mac);
	signature = encode(mac, sizeof(mac));
	if (signature == NULL)
		return;
	snprintf(token + len, sizeof(token) - (size_t)len, ".%s", signature);
	verify(k, token);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct access_key key = { .kid = "0123456789abcdef" };
	char *text = malloc(size + 1);

	if (text == NULL)
		return 0;
	if (key.header[0] == '\0') {
		memset(key.secret, 'k', sizeof(key.secret));
		access_key_init(&key);
	}
	memcpy(text, data, size);
	text[size] = '\0';
	verify(&key, text);
	verify_signed(&key, data, size);
	if (token_wellformed(TOKEN_PREFIX, text) && size < TOKEN_LENGTH)
		abort();
	patterns_match(text, "web-1");
	free(text);
	return 0;
}
