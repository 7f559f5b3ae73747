/* SPDX-License-Identifier: ISC */
/*
 * authenticator: one made of software, which says what a real one and its
 * browser say, and other things when it is told to. Everything asserts.
 */
#ifndef AUTHENTICATOR_H
#define AUTHENTICATOR_H

#include <gnutls/abstract.h>

#include "auth/webauthn.h"

#define AUTHENTICATOR_ORIGIN "http://localhost:8080"

struct authenticator {
	gnutls_privkey_t key;
	int algorithm;		/* COSE, of webauthn_algorithms */
	uint8_t id[32];
	uint32_t count;		/* counted up by each use, when not 0 */
	/* What it says; set to right by authenticator_new. */
	const char *origin;
	const char *host;
	uint8_t flags;		/* 1: present, 4: verified */
	bool cross;		/* in a frame of another site */
};

/* What it said last, until it says more. */
struct authenticator_said {
	char client[1024];
	uint8_t data[1024];
	size_t data_len;
	uint8_t signature[512];
	size_t signature_len;
};

void authenticator_new(struct authenticator *a, int algorithm);
void authenticator_free(struct authenticator *a);
/* The answers to a challenge, as bytes: a new key, and its use. */
void authenticator_create(struct authenticator *a, const void *challenge,
	size_t len, struct authenticator_said *out);
void authenticator_get(struct authenticator *a, const void *challenge,
	size_t len, struct authenticator_said *out);

struct webauthn_bytes said_client(const struct authenticator_said *s);
struct webauthn_bytes said_data(const struct authenticator_said *s);
struct webauthn_bytes said_signature(const struct authenticator_said *s);

#endif
