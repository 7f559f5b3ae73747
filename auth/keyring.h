/* SPDX-License-Identifier: ISC */
/*
 * keyring: secrets at rest. One master key of 32 bytes, kept beside the
 * database (DIR/master.key, 0600) or handed over by systemd as a credential,
 * so that a copied database opens nothing. AES-256-GCM, each secret bound to
 * its place by a context such as "instance:ID:key".
 */
#ifndef AUTH_KEYRING_H
#define AUTH_KEYRING_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

#define KEYRING_BYTES 32
/* What sealing adds: version, nonce and tag. */
#define KEYRING_OVERHEAD (1 + 12 + 16)

struct keyring {
	uint8_t master[KEYRING_BYTES];
};

/*
 * Reads $CREDENTIALS_DIRECTORY/master.key or DIR/master.key; when neither is
 * there and make is true, makes the latter. 0, or an ERR_ with a sentence for
 * the operator.
 */
int keyring_load(struct keyring *k, const char *dir, bool make,
	struct fault *f);
void keyring_wipe(struct keyring *k);

/* Appends sealed bytes to out; 0 or ERR_INTERNAL. */
int keyring_seal(const struct keyring *k, const char *context,
	const void *data, size_t len, struct buf *out);
/*
 * Appends the opened bytes to out (wipe it); ERR_INTERNAL for another key,
 * another context or changed bytes.
 */
int keyring_open(const struct keyring *k, const char *context,
	const void *data, size_t len, struct buf *out);
/* A key of its own for one purpose: HMAC-SHA-256 of it under the master. */
int keyring_derive(const struct keyring *k, const char *purpose,
	uint8_t out[KEYRING_BYTES]);

#endif
