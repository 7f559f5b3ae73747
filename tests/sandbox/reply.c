/* SPDX-License-Identifier: ISC */
/* reply: the one message most commands are answered with. */
#include "tests/sandbox/reply.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TEXT_MAX 8192

static void
reply_text(struct alb_wire *w, enum alb_payload payload, char *text)
{
	alb_wire_free(w);
	alb_wire_init(w, payload);
	w->text = text;
	w->text_len = strlen(text);
}

void
reply_string(struct alb_wire *w, const char *text)
{
	reply_text(w, ALB_PAYLOAD_STRING, xstrdup(text));
}

bool
reply_failure(struct alb_wire *w, const char *fmt, ...)
{
	char *text = xcalloc(1, TEXT_MAX);
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, TEXT_MAX, fmt, ap);
	va_end(ap);
	reply_text(w, ALB_PAYLOAD_FAILURE, text);
	return false;
}

void
list_int(struct buf *b, int64_t v)
{
	buf_putf(b, "%s%" PRId64, b->len > 0 ? ", " : "", v);
}

void
list_str(struct buf *b, const char *s)
{
	buf_putf(b, "%s%s", b->len > 0 ? ", " : "", s);
}

void *
xcalloc(size_t n, size_t size)
{
	void *p = calloc(n, size);

	if (p == NULL)
		abort();
	return p;
}

char *
xstrdup(const char *s)
{
	char *p = strdup(s);

	if (p == NULL)
		abort();
	return p;
}
