/* SPDX-License-Identifier: ISC */
/*
 * der: strict DER, as far as albatross speaks it: tags below 31 in one octet,
 * definite minimal lengths, 63-bit integers. Only albatross/ uses it.
 *
 * Strings of the wire may hold any byte, a C string may not. So that nothing
 * is lost, a NUL inside a string is kept as C0 80, and a C0 as C0 81; neither
 * byte pair occurs in UTF-8.
 */
#ifndef ALBATROSS_DER_H
#define ALBATROSS_DER_H

#include <time.h>

#include "base/buf.h"

enum der_tag {
	DER_BOOLEAN = 0x01,
	DER_INTEGER = 0x02,
	DER_OCTETS = 0x04,
	DER_NULL = 0x05,
	DER_STRING = 0x0c,	/* UTF8String */
	DER_UTC_TIME = 0x17,
	DER_TIME = 0x18,	/* GeneralizedTime */
	DER_SEQUENCE = 0x30,
	DER_SET = 0x31,
};

/* [n], constructed: explicit, or implicit over a SEQUENCE. */
#define DER_CONTEXT(n) (0xa0 + (n))
#define DER_ELSEWHERE 0xff	/* der_choice: no context tag */

/* What albatross can hold in an integer. */
#define DER_INT_MAX INT64_C(0x3fffffffffffffff)
#define DER_INT_MIN (-DER_INT_MAX - 1)

/* Items of one list, and of all lists of one message together. */
#define DER_LIST_MAX 65536
#define DER_ITEMS_MAX (16 * DER_LIST_MAX)

/* Shared by all readers of one message. */
struct der_message {
	int error;		/* ALB_OK, ALB_DECODE or ALB_NO_MEMORY */
	size_t items;		/* list items still allowed */
};

/*
 * A reader over the content of one value. The error is sticky: after it every
 * getter gives zeros and every reader of the message is at its end, so callers
 * read straight on and ask once, with der_done on the outermost.
 */
struct der {
	const uint8_t *pos, *end;
	struct der_message *message;
};

struct der der_start(struct der_message *m, const uint8_t *data, size_t len);
/* Error unless all was read; gives the message's error. */
int der_done(struct der *d);
void der_fail(struct der *d, int error);
/* Whether anything is left; whether the next value has this tag. */
bool der_more(const struct der *d);
bool der_at(const struct der *d, uint8_t tag);

/* The content of the next value, which must have this tag. */
struct der der_enter(struct der *d, uint8_t tag);
/* The content of the next value, which must be [n]. */
struct der der_choice(struct der *d, unsigned *n);
/*
 * An owned zeroed array with an item of size bytes for each value left in the
 * list, and their count (NULL, 0 for none or on error).
 */
void *der_items(struct der *list, size_t size, size_t *count);

bool der_get_bool(struct der *d);
void der_get_null(struct der *d);
int64_t der_get_int(struct der *d);
/* OCTET STRING of 8 bytes, big endian. */
uint64_t der_get_u64(struct der *d);
/* Content of the next value with this tag, borrowed from the message. */
const uint8_t *der_get_ref(struct der *d, uint8_t tag, size_t *len);
/* OCTET STRING of exactly len bytes. */
void der_get_fixed(struct der *d, void *out, size_t len);
/* Owned; never NULL unless there is an error. */
uint8_t *der_get_octets(struct der *d, size_t *len);
char *der_get_string(struct der *d);
/* YYYYMMDDhhmmss[.mmm]Z; millis is -1 without decimals. */
time_t der_get_time(struct der *d, int *millis);
/* YYMMDDhhmmssZ, of 1950 to 2049. */
time_t der_get_utc_time(struct der *d);

/*
 * A writer appends to out. invalid is sticky as out's own error is: some value
 * has no form on the wire.
 */
struct der_writer {
	struct buf *out;
	size_t start;
	bool invalid;
};

struct der_writer der_write(struct buf *out);
/*
 * ALB_OK, ALB_INVALID or ALB_NO_MEMORY; unless ALB_OK what was appended is
 * dropped.
 */
int der_written(struct der_writer *w);

/* A constructed value is all that is put between open and close. */
size_t der_open(const struct der_writer *w);
void der_close(struct der_writer *w, size_t open, uint8_t tag);
/* The same for a SET OF: sorts the values. */
void der_close_set(struct der_writer *w, size_t open);

void der_put(struct der_writer *w, uint8_t tag, const void *data, size_t len);
void der_put_bool(struct der_writer *w, bool v);
void der_put_null(struct der_writer *w);
void der_put_int(struct der_writer *w, int64_t v);
/* Bytes of the content of an INTEGER: 1 to 8. */
size_t der_int_size(int64_t v);
void der_put_u64(struct der_writer *w, uint64_t v);
void der_put_string(struct der_writer *w, const char *s);
void der_put_time(struct der_writer *w, time_t t, int millis);
void der_put_utc_time(struct der_writer *w, time_t t);

#endif
