/* SPDX-License-Identifier: ISC */
/* alb_inflate: see inflate.h. */
#include "albatross/inflate.h"

#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>

#define ZLIB_CONST
#include <zlib.h>

#define STEP 32768

struct alb_inflate {
	z_stream z;
	bool ended;
	uint8_t out[STEP];
};

struct alb_inflate *
alb_inflate_new(void)
{
	struct alb_inflate *i = calloc(1, sizeof(*i));

	if (i != NULL && inflateInit(&i->z) != Z_OK) {
		free(i);
		return NULL;
	}
	return i;
}

void
alb_inflate_free(struct alb_inflate *i)
{
	if (i == NULL)
		return;
	inflateEnd(&i->z);
	free(i);
}

/* One buffer full; *got bytes are in i->out. */
static int
inflate_some(struct alb_inflate *i, size_t *got)
{
	int rc;

	i->z.next_out = i->out;
	i->z.avail_out = STEP;
	rc = inflate(&i->z, Z_NO_FLUSH);
	*got = STEP - i->z.avail_out;
	switch (rc) {
	case Z_STREAM_END:
		i->ended = true;
		return ALB_OK;
	case Z_OK:
	case Z_BUF_ERROR:	/* nothing was left to do */
		return ALB_OK;
	case Z_MEM_ERROR:
		return ALB_NO_MEMORY;
	default:
		return ALB_DECODE;
	}
}

int
alb_inflate_write(struct alb_inflate *i, const uint8_t *data, size_t len,
	int (*sink)(void *arg, const uint8_t *data, size_t len), void *arg)
{
	size_t got = STEP;
	int rc;

	if (len > UINT_MAX || (i->ended && len > 0))
		return ALB_DECODE;
	i->z.next_in = data;
	i->z.avail_in = (uInt)len;
	/* A full buffer may leave more behind, also when all was read. */
	while (!i->ended && (i->z.avail_in > 0 || got == STEP)) {
		rc = inflate_some(i, &got);
		if (rc != ALB_OK)
			return rc;
		if (got > 0 && sink(arg, i->out, got) != 0)
			return ALB_BROKEN;
	}
	return i->z.avail_in > 0 ? ALB_DECODE : ALB_OK;
}

int
alb_inflate_end(const struct alb_inflate *i)
{
	return i->ended ? ALB_OK : ALB_DECODE;
}
