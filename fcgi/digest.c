/* SPDX-License-Identifier: ISC */
/* digest: see digest.h. */
#include "fcgi/digest.h"

#include <errno.h>
#include <unistd.h>

#include "base/text.h"

#define BYTES ((DIGEST_SIZE - 1) / 2)
#define PIECE 16384

int
digest_begin(struct digest *d)
{
	if (gnutls_hash_init(&d->hash, GNUTLS_DIG_SHA256) == 0)
		return 0;
	d->hash = NULL;
	errno = ENOMEM;
	return -1;
}

void
digest_add(struct digest *d, const void *data, size_t len)
{
	gnutls_hash(d->hash, data, len);
}

void
digest_text(struct digest *d, char out[DIGEST_SIZE])
{
	uint8_t bytes[BYTES];

	gnutls_hash_output(d->hash, bytes);
	hex_encode(bytes, sizeof(bytes), out);
}

void
digest_end(struct digest *d)
{
	if (d->hash != NULL)
		gnutls_hash_deinit(d->hash, NULL);
	d->hash = NULL;
}

int
digest_of(const void *data, size_t len, char out[DIGEST_SIZE])
{
	struct digest d;

	if (digest_begin(&d) < 0)
		return -1;
	digest_add(&d, data, len);
	digest_text(&d, out);
	digest_end(&d);
	return 0;
}

int
digest_of_file(int fd, uint64_t from, uint64_t *len, char out[DIGEST_SIZE])
{
	uint64_t left = *len;
	uint8_t data[PIECE];
	struct digest d;
	ssize_t n = 0;

	*len = 0;
	if (digest_begin(&d) < 0)
		return -1;
	for (; left > 0; left -= (uint64_t)n) {
		n = pread(fd, data, left < PIECE ? (size_t)left : PIECE,
		    (off_t)(from + *len));
		if (n <= 0)
			break;
		digest_add(&d, data, (size_t)n);
		*len += (uint64_t)n;
	}
	digest_text(&d, out);
	digest_end(&d);
	return n < 0 ? -1 : 0;
}

int
digest_fold(const char *text, char out[DIGEST_SIZE])
{
	uint8_t bytes[BYTES];

	if (hex_decode(text, bytes, sizeof(bytes)) < 0)
		return -1;
	hex_encode(bytes, sizeof(bytes), out);
	return 0;
}
