/* SPDX-License-Identifier: ISC */
/*
 * alb_inflate: a zlib stream taken apart while it arrives, protocol section
 * 3.5: an image a server has only compressed. What comes out is bounded by
 * who takes it.
 */
#ifndef ALBATROSS_INFLATE_H
#define ALBATROSS_INFLATE_H

#include <stddef.h>
#include <stdint.h>

#include "albatross/error.h"

struct alb_inflate;

struct alb_inflate *alb_inflate_new(void);	/* NULL: out of memory */
void alb_inflate_free(struct alb_inflate *i);	/* NULL is fine */
/*
 * The next bytes of the stream; what they say goes to sink in pieces. ALB_OK,
 * ALB_DECODE (no such stream, or more behind its end), ALB_NO_MEMORY, or
 * ALB_BROKEN: sink answered with something else than 0.
 */
int alb_inflate_write(struct alb_inflate *i, const uint8_t *data, size_t len,
	int (*sink)(void *arg, const uint8_t *data, size_t len), void *arg);
/* ALB_OK when the stream has ended and its checksum is right, ALB_DECODE. */
int alb_inflate_end(const struct alb_inflate *i);

#endif
