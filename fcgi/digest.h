/* SPDX-License-Identifier: ISC */
/*
 * digest: SHA-256 (FIPS 180-4) as lower-case hex: of what comes in pieces, of
 * bytes, of a file. Where there is an answer it is 0, or -1 with errno.
 */
#ifndef FCGI_DIGEST_H
#define FCGI_DIGEST_H

#include <stddef.h>
#include <stdint.h>

#include <gnutls/crypto.h>

#define DIGEST_SIZE 65		/* its hex digits, and a NUL */

struct digest {
	gnutls_hash_hd_t hash;	/* NULL: not begun, or ended */
};

/* -1: out of memory. What was begun is to be ended. */
int digest_begin(struct digest *d);
void digest_add(struct digest *d, const void *data, size_t len);
/* Of all that was added; what is added next is of another one. */
void digest_text(struct digest *d, char out[DIGEST_SIZE]);
void digest_end(struct digest *d);	/* zeroed is fine */

/* -1: out of memory. */
int digest_of(const void *data, size_t len, char out[DIGEST_SIZE]);
/*
 * Of *len bytes of a file from a place on, or of those it has; *len is how many
 * were read, also when the others can not be (-1).
 */
int digest_of_file(int fd, uint64_t from, uint64_t *len,
	char out[DIGEST_SIZE]);

/* What somebody wrote, as it is written here. -1: it is no digest. */
int digest_fold(const char *text, char out[DIGEST_SIZE]);

#endif
