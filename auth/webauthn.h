/* SPDX-License-Identifier: ISC */
/*
 * webauthn: what authenticators say (W3C WebAuthn, level 2), checked: the type
 * of ceremony, the origin, the host it was made for, that somebody was there
 * and verified, and the signature, by libfido2. No attestation is asked for:
 * whatever makes a key may be used.
 */
#ifndef AUTH_WEBAUTHN_H
#define AUTH_WEBAUTHN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

#define WEBAUTHN_HOST_MAX 253
#define WEBAUTHN_ID_MAX 1023	/* bytes of a credential's id */
#define WEBAUTHN_KEY_MAX 512	/* bytes of its public key */
#define WEBAUTHN_CHALLENGE_MAX 128

/* COSE algorithms, in the order in which we prefer them. */
#define WEBAUTHN_ALGORITHMS 3
extern const int webauthn_algorithms[WEBAUTHN_ALGORITHMS];

/* Whom passkeys are for: this service, as browsers know it. */
struct relying {
	char origin[WEBAUTHN_HOST_MAX + 32];	/* scheme://host[:port] */
	char id[WEBAUTHN_HOST_MAX + 1];		/* the host */
	/* Browsers have passkeys for names, with TLS or on this machine. */
	bool usable;
};

/* Of the public URL, NULL: none. */
void relying_set(struct relying *r, const char *url);

/*
 * libfido2 and libcrypto read files and make things when they are first used:
 * call this before the program is confined. 0 or ERR_INTERNAL.
 */
int webauthn_init(void);

struct webauthn_bytes {
	const uint8_t *data;	/* borrowed */
	size_t len;
};

/* A key pair of an authenticator, as it is stored. */
struct webauthn_key {
	int algorithm;
	uint8_t bytes[WEBAUTHN_KEY_MAX];
	size_t len;
};

struct webauthn_credential {
	uint8_t id[WEBAUTHN_ID_MAX];
	size_t id_len;
	struct webauthn_key key;
	uint32_t count;		/* of signatures; 0: it does not count */
};

enum webauthn_type { WEBAUTHN_CREATE, WEBAUTHN_GET };

/*
 * What the browser says: 0 with the challenge it answers, which the caller
 * checks, or -1 when it is of another type or origin, or not understood.
 */
int webauthn_client(const struct relying *r, enum webauthn_type type,
	struct webauthn_bytes client,
	uint8_t challenge[WEBAUTHN_CHALLENGE_MAX], size_t *len);
/* A new credential out of the authenticator's data: 0 or -1. */
int webauthn_register(const struct relying *r,
	struct webauthn_bytes authenticator, struct webauthn_credential *out);
/*
 * Was this signed with the key, by somebody verified, for us? 0 with the new
 * count, or -1. That the count grew is for the caller to see.
 */
int webauthn_verify(const struct relying *r, const struct webauthn_key *key,
	struct webauthn_bytes client, struct webauthn_bytes authenticator,
	struct webauthn_bytes signature, uint32_t *count);

#endif
