/* SPDX-License-Identifier: ISC */
/*
 * encoding: what a body is compressed with, taken off while it arrives (RFC
 * 9110 section 8.4.1): gzip (RFC 1952, of any number of members) or deflate,
 * which is zlib's form (RFC 1950). Memory does not grow with what comes.
 */
#ifndef FCGI_ENCODING_H
#define FCGI_ENCODING_H

#include <stddef.h>

#include "base/err.h"

enum encoding { ENCODING_NONE, ENCODING_GZIP, ENCODING_DEFLATE };

/*
 * Of a Content-Encoding header, NULL when there was none: 0, or
 * ERR_MEDIA_TYPE.
 */
int encoding_parse(const char *header, enum encoding *out, struct fault *f);

/* Up to size bytes: 0 with *got (0 at the end), or an err. */
typedef int encoding_read(void *arg, void *data, size_t size, size_t *got,
	struct fault *f);

struct decoder;

/* Takes encoding (not ENCODING_NONE) off what read gives. NULL: no memory. */
struct decoder *decoder_new(enum encoding encoding, encoding_read *read,
	void *arg);
void decoder_free(struct decoder *d);	/* NULL is fine */
/*
 * An encoding_read; arg is the decoder. The end comes only when the stream has
 * its own end and checksum and nothing is behind it; else ERR_INVALID with the
 * field "body", or what read said. After an err, no more is to be read.
 */
int decoder_read(void *arg, void *data, size_t size, size_t *got,
	struct fault *f);

#endif
