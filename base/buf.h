/* SPDX-License-Identifier: ISC */
/*
 * buf: the one bounded byte buffer. A writer appends freely and asks once at
 * the end (sticky error); a reader takes from the front, and every getter can
 * fail.
 */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf {
	uint8_t *data;		/* owned; NULL while empty */
	size_t len;		/* bytes held */
	size_t pos;		/* bytes already taken by getters */
	size_t cap;		/* bytes allocated */
	size_t max;		/* len never exceeds this */
	bool failed;		/* a put did not fit, or memory ran out */
};

/* A zeroed buf is empty with max 0; buf_init sets the bound, in bytes. */
void buf_init(struct buf *b, size_t max);
/* Frees the content; the buf is empty again, its bound kept. */
void buf_free(struct buf *b);
/* As buf_free, after overwriting the content: for secrets. */
void buf_wipe(struct buf *b);
/* Drops the content, keeps the memory, clears the error. */
void buf_reset(struct buf *b);

/* Writers: on failure nothing is appended and b->failed stays set. */
void buf_put(struct buf *b, const void *data, size_t len);
void buf_put_u8(struct buf *b, uint8_t v);
void buf_put_u32(struct buf *b, uint32_t v);	/* big endian */
void buf_put_u64(struct buf *b, uint64_t v);	/* big endian */
void buf_put_str(struct buf *b, const char *s);
void buf_putf(struct buf *b, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
/*
 * Room for len bytes at the end, to be filled by the caller, or NULL (error
 * set). The bytes count as held at once.
 */
uint8_t *buf_extend(struct buf *b, size_t len);
/* True when every put so far fitted. */
bool buf_ok(const struct buf *b);
/* The content as a C string (a NUL is kept behind it), or NULL on error. */
const char *buf_str(struct buf *b);

/* Readers: 0, or -1 with nothing taken when fewer bytes are left. */
size_t buf_left(const struct buf *b);
int buf_get(struct buf *b, void *out, size_t len);
int buf_get_u8(struct buf *b, uint8_t *v);
int buf_get_u32(struct buf *b, uint32_t *v);
/* Borrows len bytes at the front and takes them; valid until the next put. */
int buf_get_ref(struct buf *b, const uint8_t **out, size_t len);
/* Forgets what was taken and moves the rest to the start. */
void buf_compact(struct buf *b);

#endif
