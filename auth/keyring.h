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
 * Where a master key may be. More than one may be there while a new one is
 * being brought in, and one of them opens the database.
 */
enum keyring_place {
	KEYRING_CREDENTIAL,	/* $CREDENTIALS_DIRECTORY/master.key */
	KEYRING_FILE,		/* DIR/master.key */
	KEYRING_NEXT,		/* DIR/master.key.next */
	KEYRING_PLACES
};

/* The file of a place; false when there is none, or out is too short. */
#define KEYRING_PATH 512
bool keyring_path(const char *dir, enum keyring_place place,
	char out[KEYRING_PATH]);
/* 0, ERR_NOT_FOUND, or an ERR_ with a sentence for the operator. */
int keyring_load(struct keyring *k, const char *dir,
	enum keyring_place place, struct fault *f);
int keyring_read(struct keyring *k, const char *path, struct fault *f);
/* Makes DIR/master.key unless it is there; 0 or an ERR_ with a sentence. */
int keyring_make(const char *dir, struct fault *f);
/*
 * Bringing in another: written as DIR/master.key.next, durable when it returns;
 * and, once the database is sealed under it, put in the place of DIR/master.key
 * at once. One that was written and not brought in opens nothing.
 */
int keyring_next_write(const struct keyring *k, const char *dir,
	struct fault *f);
int keyring_next_use(const char *dir, struct fault *f);
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
