/* SPDX-License-Identifier: ISC */
/*
 * access: the 10-minute session JWT, a strict wrapper around libjwt (RFC 8725).
 * There is one issuer and one verifier, so the header of a token is compared
 * byte for byte with the only one we write: HS256 and a kid of our table.
 * Nothing of a token is looked at before that. libjwt 1.10 neither writes nor
 * takes another header typ than JWT, so at+jwt is a claim.
 */
#ifndef AUTH_ACCESS_H
#define AUTH_ACCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#define ACCESS_LIFETIME 600	/* seconds */
#define ACCESS_SKEW 30
#define ACCESS_MAX 4096		/* bytes of a token */
#define ACCESS_SECRET 32	/* bytes of a key: never fewer */
#define ACCESS_KID_SIZE 17

struct access_key {
	char kid[ACCESS_KID_SIZE];
	uint8_t secret[ACCESS_SECRET];
	char header[128];	/* base64url, as its tokens begin */
};

struct access_claims {
	char user[37];
	char session[37];
	int64_t generation;	/* of the user, when it was issued */
	time_t issued;
	time_t expires;
};

/* Fills in the header of a key with kid and secret; 0 or ERR_NO_MEMORY. */
int access_key_init(struct access_key *k);
/* True when token begins with the header of k. */
bool access_key_fits(const struct access_key *k, const char *token);

/* An owned token (free), or NULL. */
char *access_sign(const struct access_key *k, const struct access_claims *c);
/*
 * 0 with *c filled, ERR_EXPIRED for a good token that is too old, else
 * ERR_UNAUTHENTICATED.
 */
int access_verify(const struct access_key *k, const char *token, time_t now,
	struct access_claims *c);

#endif
