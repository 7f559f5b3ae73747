/* SPDX-License-Identifier: ISC */
/* reply: the one message most commands are answered with. */
#ifndef TESTS_SANDBOX_REPLY_H
#define TESTS_SANDBOX_REPLY_H

#include "albatross/wire.h"

/* Both replace what w holds. */
void reply_string(struct alb_wire *w, const char *text);
/* Returns false, for "return reply_failure(...)". */
bool reply_failure(struct alb_wire *w, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* Lists inside of failure texts: "a, b". Sticky errors as in buf. */
void list_int(struct buf *b, int64_t v);
void list_str(struct buf *b, const char *s);

/* calloc that ends the program when there is no memory. */
void *xcalloc(size_t n, size_t size);
char *xstrdup(const char *s);

#endif
