/* SPDX-License-Identifier: ISC */
/*
 * Session tokens: only what access_sign made is taken. Each token here is one
 * that libjwt 1.10 decodes without complaint, or could be made to.
 */
#include "auth_fixture.h"

#include <stdio.h>
#include <string.h>

#include <gnutls/crypto.h>
#include <jwt.h>

#include "auth/access.h"
#include "base/text.h"

#define NOW 1800000000

static struct access_key key;
static const struct access_claims claims = {
	.user = "11111111-1111-4111-8111-111111111111",
	.session = "22222222-2222-4222-8222-222222222222",
	.generation = 7, .issued = NOW, .expires = NOW + ACCESS_LIFETIME,
};

static int
setup(void **state)
{
	memcpy(key.kid, "0123456789abcdef", sizeof(key.kid));
	memset(key.secret, 'k', sizeof(key.secret));
	return access_key_init(&key);
}

static int
verify(const char *token, time_t now)
{
	struct access_claims c = { 0 };

	return access_verify(&key, token, now, &c);
}

/* base64url without padding; owned. */
static char *
encode(const void *data, size_t len)
{
	char *s = base64_encode(data, len);

	assert_non_null(s);
	for (char *p = s; *p != '\0'; p++) {
		if (*p == '+')
			*p = '-';
		else if (*p == '/')
			*p = '_';
		else if (*p == '=')
			*p = '\0';
	}
	return s;
}

/* A token of any header and payload, with a true HMAC of any key; owned. */
static char *
forge(const char *header, const char *payload, const void *secret, size_t len)
{
	char *h = encode(header, strlen(header));
	char *p = encode(payload, strlen(payload));
	char *s, *token = calloc(1, 8192);
	uint8_t mac[32];
	int used;

	assert_non_null(token);
	used = snprintf(token, 8192, "%s.%s", h, p);
	gnutls_hmac_fast(GNUTLS_MAC_SHA256, secret, len, token, strlen(token),
	    mac);
	s = encode(mac, sizeof(mac));
	snprintf(token + used, 8192 - (size_t)used, ".%s", s);
	free(h);
	free(p);
	free(s);
	return token;
}

#define HEADER "{\"alg\":\"HS256\",\"kid\":\"0123456789abcdef\"," \
	"\"typ\":\"JWT\"}"

static const char *
payload(const char *iss, const char *aud, long iat, long nbf, long exp)
{
	static char out[1024];

	snprintf(out, sizeof(out), "{\"aud\":\"%s\",\"exp\":%ld,\"gen\":7,"
	    "\"iat\":%ld,\"iss\":\"%s\",\"jti\":"
	    "\"0123456789abcdef0123456789abcdef\",\"nbf\":%ld,\"sid\":\"%s\","
	    "\"sub\":\"%s\",\"typ\":\"at+jwt\"}", aud, exp, iat, iss, nbf,
	    claims.session, claims.user);
	return out;
}

static const char *
good(void)
{
	return payload("mollymawk-auth", "mollymawk-api", NOW, NOW, NOW + 600);
}

static void
refused(char *token)
{
	assert_int_equal(verify(token, NOW), ERR_UNAUTHENTICATED);
	free(token);
}

static void
good_is_taken(void **state)
{
	char *token = access_sign(&key, &claims);
	struct access_claims c = { 0 };

	assert_non_null(token);
	assert_int_equal(access_verify(&key, token, NOW, &c), 0);
	assert_string_equal(c.user, claims.user);
	assert_string_equal(c.session, claims.session);
	assert_int_equal(c.generation, 7);
	assert_int_equal(c.expires, NOW + ACCESS_LIFETIME);
	free(token);
	/* The forge is good enough for the tests below to mean something. */
	token = forge(HEADER, good(), key.secret, 32);
	assert_int_equal(verify(token, NOW), 0);
	free(token);
}

static void
expired_is_told(void **state)
{
	char *token = access_sign(&key, &claims);

	assert_int_equal(verify(token, NOW + ACCESS_LIFETIME + 29), 0);
	assert_int_equal(verify(token, NOW + ACCESS_LIFETIME + 30),
	    ERR_EXPIRED);
	free(token);
	token = forge(HEADER, payload("mollymawk-auth", "mollymawk-api", 1, 1,
	    1), key.secret, 32);
	assert_int_equal(verify(token, NOW), ERR_EXPIRED);
	free(token);
}

static void
times_are_held(void **state)
{
	refused(forge(HEADER, payload("mollymawk-auth", "mollymawk-api",
	    NOW + 31, NOW, NOW + 600), key.secret, 32));
	refused(forge(HEADER, payload("mollymawk-auth", "mollymawk-api",
	    NOW, NOW + 31, NOW + 600), key.secret, 32));
	/* Ours never live longer than ten minutes. */
	refused(forge(HEADER, payload("mollymawk-auth", "mollymawk-api",
	    NOW, NOW, NOW + 631), key.secret, 32));
	refused(forge(HEADER, "{\"iss\":\"mollymawk-auth\"}", key.secret, 32));
}

static void
issuer_and_audience_are_held(void **state)
{
	refused(forge(HEADER, payload("other", "mollymawk-api", NOW, NOW,
	    NOW + 600), key.secret, 32));
	refused(forge(HEADER, payload("mollymawk-auth", "other", NOW, NOW,
	    NOW + 600), key.secret, 32));
}

static jwt_t *
libjwt_token(void)
{
	jwt_t *jwt;

	assert_int_equal(jwt_new(&jwt), 0);
	assert_int_equal(jwt_add_header(jwt, "kid", key.kid), 0);
	assert_int_equal(jwt_add_grants_json(jwt, good()), 0);
	return jwt;
}

static void
signed_with(jwt_alg_t alg, const void *secret, int len)
{
	jwt_t *jwt = libjwt_token();

	assert_int_equal(jwt_set_alg(jwt, alg, secret, len), 0);
	refused(jwt_encode_str(jwt));
	jwt_free(jwt);
}

static void
other_algorithms_are_refused(void **state)
{
	signed_with(JWT_ALG_HS384, key.secret, 32);
	signed_with(JWT_ALG_HS512, key.secret, 32);
	signed_with(JWT_ALG_NONE, NULL, 0);
	/* "none" in the shape of a signed one */
	refused(forge("{\"alg\":\"none\",\"kid\":\"0123456789abcdef\","
	    "\"typ\":\"JWT\"}", good(), key.secret, 32));
	refused(forge("{\"alg\":\"hs256\",\"kid\":\"0123456789abcdef\","
	    "\"typ\":\"JWT\"}", good(), key.secret, 32));
}

static void
other_keys_are_refused(void **state)
{
	static const char public_key[] = "-----BEGIN PUBLIC KEY-----\n"
		"MFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBALqbHeRLCyOdykC5SDLqI49ArYGY\n"
		"-----END PUBLIC KEY-----\n";

	signed_with(JWT_ALG_HS256, "k", 1);
	signed_with(JWT_ALG_HS256, public_key, (int)strlen(public_key));
	refused(forge(HEADER, good(), "", 0));
	refused(forge(HEADER, good(), key.secret, 31));
}

/* Whatever else a header says, it is not the one we write. */
static void
other_headers_are_refused(void **state)
{
	static const char *const members[] = {
		"\"jku\":\"https://example.org/keys\"", "\"jwk\":{}",
		"\"x5u\":\"https://example.org/cert\"", "\"crit\":[\"exp\"]",
		"\"kid\":\"../../key\"", "\"zip\":\"DEF\"",
	};
	char header[256];

	for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
		snprintf(header, sizeof(header), "{\"alg\":\"HS256\",%s,"
		    "\"kid\":\"0123456789abcdef\",\"typ\":\"JWT\"}",
		    members[i]);
		refused(forge(header, good(), key.secret, 32));
	}
	refused(forge("{\"alg\":\"HS256\",\"kid\":\"fedcba9876543210\","
	    "\"typ\":\"JWT\"}", good(), key.secret, 32));
	refused(forge("{\"typ\":\"JWT\",\"alg\":\"HS256\","
	    "\"kid\":\"0123456789abcdef\"}", good(), key.secret, 32));
}

static void
shapes_are_refused(void **state)
{
	static const char *const shapes[] = { "", ".", "..", "...", "a.b",
		"a.b.c.d", "a.b.c ", "a.b.=", "\xff.b.c" };
	char *token = access_sign(&key, &claims), *changed;
	size_t len = strlen(token);

	for (size_t i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++)
		assert_int_equal(verify(shapes[i], NOW), ERR_UNAUTHENTICATED);
	changed = calloc(1, ACCESS_MAX + 2);
	memset(changed, 'a', ACCESS_MAX + 1);
	memcpy(changed, token, len);
	refused(changed);
	changed = calloc(1, len + 8);
	snprintf(changed, len + 8, "%s=", token);
	assert_int_equal(verify(changed, NOW), ERR_UNAUTHENTICATED);
	snprintf(changed, len + 8, "%s.a", token);
	refused(changed);
	free(token);
}

/* Every single byte counts. */
static void
changes_are_refused(void **state)
{
	char *token = access_sign(&key, &claims);
	size_t len = strlen(token);

	for (size_t i = 0; i < len; i++) {
		char was = token[i];

		token[i] = was == 'A' ? 'B' : 'A';
		assert_int_equal(verify(token, NOW), ERR_UNAUTHENTICATED);
		token[i] = was;
	}
	assert_int_equal(verify(token, NOW), 0);
	free(token);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good_is_taken),
		cmocka_unit_test(expired_is_told),
		cmocka_unit_test(times_are_held),
		cmocka_unit_test(issuer_and_audience_are_held),
		cmocka_unit_test(other_algorithms_are_refused),
		cmocka_unit_test(other_keys_are_refused),
		cmocka_unit_test(other_headers_are_refused),
		cmocka_unit_test(shapes_are_refused),
		cmocka_unit_test(changes_are_refused),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
