/* SPDX-License-Identifier: ISC */
/*
 * alb_pem: what people paste or send as files when a certificate or a key is
 * wanted (RFC 7468): takes out what was meant, and says what it is when it was
 * something else.
 */
#ifndef ALBATROSS_PEM_H
#define ALBATROSS_PEM_H

#include "base/buf.h"
#include "base/err.h"

enum alb_pem_want {
	ALB_PEM_CERTIFICATES,	/* one or more, and no private key */
	ALB_PEM_KEY,		/* one private key that is not encrypted */
};

/*
 * Puts the blocks of text that are wanted into out (bounded by the caller), in
 * their order and in lines of 64 that end in LF; what is around them, CRLF and
 * spaces are passed over. NULL, or why there are none.
 */
const char *alb_pem_take(const char *text, enum alb_pem_want want,
	struct buf *out);
/* Does it hold what is wanted elsewhere: were the two files swapped? */
bool alb_pem_swapped(const char *certificate, const char *key);

#endif
