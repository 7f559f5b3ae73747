/* SPDX-License-Identifier: ISC */
/*
 * clean: foreign bytes (console lines, albatross' words, arguments) made fit
 * to be shown: always valid UTF-8, and nothing that commands a terminal.
 */
#ifndef FCGI_CLEAN_H
#define FCGI_CLEAN_H

#include <stddef.h>

#include "base/buf.h"
#include "base/json.h"

/*
 * As plain text: bytes that are no UTF-8 become U+FFFD, control characters but
 * the tab their pictures (U+2400 and following).
 */
void clean_put(struct buf *b, const char *s, size_t len);
/* The same into a C string, cut between characters. */
void clean_copy(char *out, size_t size, const char *s);
/* As a member of an object; lines stay lines. */
void clean_add(struct json_object *o, const char *key, const char *s);
/* The same, null for "". */
void clean_add_or_null(struct json_object *o, const char *key,
	const char *s);
/* All of it, but for the bytes that are no UTF-8. */
void clean_put_utf8(struct buf *b, const char *s, size_t len);
/* As a JSON string with its quotes; control characters are escaped. */
void clean_put_json(struct buf *b, const char *s, size_t len);

#endif
