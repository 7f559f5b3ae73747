/* SPDX-License-Identifier: ISC */
/* pack: whole zlib streams in memory. */
#ifndef TESTS_SANDBOX_PACK_H
#define TESTS_SANDBOX_PACK_H

#include "base/buf.h"

/* NULL, or why data is no zlib stream; trailing bytes are ignored. */
const char *pack_inflate(const uint8_t *data, size_t len, struct buf *out);
/* level 0..9; ask buf_ok. */
void pack_deflate(const uint8_t *data, size_t len, int level,
	struct buf *out);

#endif
