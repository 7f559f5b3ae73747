/* SPDX-License-Identifier: ISC */
/* pack: whole zlib streams in memory. */
#include "tests/sandbox/pack.h"

#include <string.h>
#include <zlib.h>

#define PIECE 65536

/* zlib counts in unsigned: hands it the input in pieces. */
static void
input_more(z_stream *z, const uint8_t **data, size_t *left)
{
	uInt n = *left > PIECE ? PIECE : *left;

	if (z->avail_in > 0)
		return;
	z->next_in = (Bytef *)(uintptr_t)*data;
	z->avail_in = n;
	*data += n;
	*left -= n;
}

static void
output_take(z_stream *z, uint8_t *piece, struct buf *out)
{
	buf_put(out, piece, PIECE - z->avail_out);
	z->next_out = piece;
	z->avail_out = PIECE;
}

const char *
pack_inflate(const uint8_t *data, size_t len, struct buf *out)
{
	uint8_t piece[PIECE];
	z_stream z = { .next_out = piece, .avail_out = PIECE };
	int rc = inflateInit(&z);

	while (rc == Z_OK && buf_ok(out)) {
		input_more(&z, &data, &len);
		rc = inflate(&z, Z_NO_FLUSH);
		output_take(&z, piece, out);
	}
	inflateEnd(&z);
	if (rc == Z_STREAM_END && buf_ok(out))
		return NULL;
	return z.msg != NULL ? z.msg : "Unexpected end of input";
}

void
pack_deflate(const uint8_t *data, size_t len, int level, struct buf *out)
{
	uint8_t piece[PIECE];
	z_stream z = { .next_out = piece, .avail_out = PIECE };
	int rc = deflateInit(&z, level);

	if (rc != Z_OK)
		out->failed = true;
	while (rc == Z_OK && buf_ok(out)) {
		input_more(&z, &data, &len);
		rc = deflate(&z, len == 0 ? Z_FINISH : Z_NO_FLUSH);
		output_take(&z, piece, out);
	}
	deflateEnd(&z);
}
