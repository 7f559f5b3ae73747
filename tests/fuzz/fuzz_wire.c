/* SPDX-License-Identifier: ISC */
/*
 * alb_wire_decode: what it takes is encoded, taken again, and from then on
 * the same bytes.
 */
#include <stdlib.h>
#include <string.h>

#include "albatross/wire.h"
#include "tests/fuzz/fuzz.h"

static void
again(const struct buf *first)
{
	struct alb_wire w;
	struct buf second;

	if (alb_wire_decode(first->data, first->len, &w) != ALB_OK)
		abort();
	buf_init(&second, first->len);
	if (alb_wire_encode(&w, &second) != ALB_OK ||
	    second.len != first->len ||
	    memcmp(first->data, second.data, first->len) != 0)
		abort();
	buf_free(&second);
	alb_wire_free(&w);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct alb_wire w;
	struct buf out;

	if (alb_wire_decode(data, size, &w) != ALB_OK)
		return 0;
	/* A name may be written without the colon in front of it. */
	buf_init(&out, 2 * size + 64);
	if (alb_wire_encode(&w, &out) != ALB_OK)
		abort();
	alb_wire_free(&w);
	again(&out);
	buf_free(&out);
	return 0;
}
