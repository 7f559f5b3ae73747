/* SPDX-License-Identifier: ISC */
/* access: signing and checking session tokens; see access.h. */
#include "auth/access.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jwt.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "base/text.h"

#define ISSUER "mollymawk-auth"
#define AUDIENCE "mollymawk-api"
#define TYPE "at+jwt"

DEFINE_CLEANUP(jwt_t, jwt_free)
#define AUTO_JWT CLEANUP(jwt_free_p)

static jwt_t *
token_new(const struct access_key *k)
{
	jwt_t *jwt;

	if (jwt_new(&jwt) != 0)
		return NULL;
	if (jwt_set_alg(jwt, JWT_ALG_HS256, k->secret, ACCESS_SECRET) == 0 &&
	    jwt_add_header(jwt, "kid", k->kid) == 0)
		return jwt;
	jwt_free(jwt);
	return NULL;
}

int
access_key_init(struct access_key *k)
{
	AUTO_JWT jwt_t *jwt = token_new(k);
	AUTO_FREE char *text = NULL;
	size_t len;

	text = jwt == NULL ? NULL : jwt_encode_str(jwt);
	if (text == NULL)
		return ERR_NO_MEMORY;
	len = strcspn(text, ".");
	if (len >= sizeof(k->header))
		return ERR_NO_MEMORY;
	memcpy(k->header, text, len);
	k->header[len] = '\0';
	return 0;
}

bool
access_key_fits(const struct access_key *k, const char *token)
{
	size_t len = strlen(k->header);

	return strncmp(token, k->header, len) == 0 && token[len] == '.';
}

char *
access_sign(const struct access_key *k, const struct access_claims *c)
{
	AUTO_JWT jwt_t *jwt = token_new(k);
	uint8_t random[16];
	char id[33];

	random_bytes(random, sizeof(random));
	hex_encode(random, sizeof(random), id);
	if (jwt == NULL ||
	    jwt_add_grant(jwt, "iss", ISSUER) != 0 ||
	    jwt_add_grant(jwt, "aud", AUDIENCE) != 0 ||
	    jwt_add_grant(jwt, "typ", TYPE) != 0 ||
	    jwt_add_grant(jwt, "sub", c->user) != 0 ||
	    jwt_add_grant(jwt, "sid", c->session) != 0 ||
	    jwt_add_grant(jwt, "jti", id) != 0 ||
	    jwt_add_grant_int(jwt, "gen", (long)c->generation) != 0 ||
	    jwt_add_grant_int(jwt, "iat", c->issued) != 0 ||
	    jwt_add_grant_int(jwt, "nbf", c->issued) != 0 ||
	    jwt_add_grant_int(jwt, "exp", c->expires) != 0)
		return NULL;
	return jwt_encode_str(jwt);
}

static const char base64url[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	"abcdefghijklmnopqrstuvwxyz0123456789-_";

/* One digit too many encodes nothing; the last one's spare bits are zero. */
static bool
part_ok(const char *part, size_t n)
{
	long last = n == 0 ? 0 : strchr(base64url, part[n - 1]) - base64url;

	switch (n % 4) {
	case 0:
		return n > 0;
	case 2:
		return (last & 15) == 0;
	case 3:
		return (last & 3) == 0;
	default:
		return false;
	}
}

/* Exactly three parts of strict base64url, none of them empty. */
static bool
shape_ok(const char *token)
{
	size_t len = strnlen(token, ACCESS_MAX + 1);

	if (len > ACCESS_MAX)
		return false;
	for (int part = 0; part < 3; part++) {
		size_t n = strspn(token, base64url);

		if (!part_ok(token, n) ||
		    token[n] != (part < 2 ? '.' : '\0'))
			return false;
		token += n + 1;
	}
	return true;
}

static bool
text_is(const char *value, const char *expected)
{
	return value != NULL && strcmp(value, expected) == 0;
}

static bool
text_take(jwt_t *jwt, const char *claim, char out[37])
{
	const char *value = jwt_get_grant(jwt, claim);

	if (value == NULL || strlen(value) != 36)
		return false;
	memcpy(out, value, 37);
	return true;
}

static bool
int_take(jwt_t *jwt, const char *claim, int64_t *out)
{
	errno = 0;
	*out = jwt_get_grant_int(jwt, claim);
	return errno == 0 && *out >= 0;
}

/* What the header compare said already, asked again of libjwt. */
static bool
header_ok(jwt_t *jwt, const struct access_key *k)
{
	static const char *const refused[] = { "jku", "x5u", "jwk", "x5c",
		"crit" };

	if (jwt_get_alg(jwt) != JWT_ALG_HS256 ||
	    !text_is(jwt_get_header(jwt, "kid"), k->kid))
		return false;
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		AUTO_FREE char *member = jwt_get_headers_json(jwt, refused[i]);

		if (member != NULL)
			return false;
	}
	return true;
}

static int
times_check(jwt_t *jwt, time_t now, struct access_claims *c)
{
	int64_t issued, from, expires;

	if (!int_take(jwt, "iat", &issued) || !int_take(jwt, "nbf", &from) ||
	    !int_take(jwt, "exp", &expires))
		return ERR_UNAUTHENTICATED;
	if (issued > now + ACCESS_SKEW || from > now + ACCESS_SKEW ||
	    expires > now + ACCESS_LIFETIME + ACCESS_SKEW)
		return ERR_UNAUTHENTICATED;
	c->issued = issued;
	c->expires = expires;
	return now >= expires + ACCESS_SKEW ? ERR_EXPIRED : 0;
}

int
access_verify(const struct access_key *k, const char *token, time_t now,
	struct access_claims *c)
{
	AUTO_JWT jwt_t *jwt = NULL;
	const char *id;

	if (!shape_ok(token) || !access_key_fits(k, token))
		return ERR_UNAUTHENTICATED;
	/* The key's size is fixed by its type: never NULL, never short. */
	if (jwt_decode(&jwt, token, k->secret, ACCESS_SECRET) != 0) {
		jwt = NULL;
		return ERR_UNAUTHENTICATED;
	}
	id = jwt_get_grant(jwt, "jti");
	if (!header_ok(jwt, k) || !text_is(jwt_get_grant(jwt, "iss"), ISSUER) ||
	    !text_is(jwt_get_grant(jwt, "aud"), AUDIENCE) ||
	    !text_is(jwt_get_grant(jwt, "typ"), TYPE) ||
	    !text_take(jwt, "sub", c->user) ||
	    !text_take(jwt, "sid", c->session) ||
	    !int_take(jwt, "gen", &c->generation) ||
	    id == NULL || strlen(id) != 32)
		return ERR_UNAUTHENTICATED;
	return times_check(jwt, now, c);
}
