/* SPDX-License-Identifier: ISC */
/* text: encodings of bytes and times as text, and random identifiers. */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

/* Lower-case hex; out holds 2 * len + 1 bytes. */
void hex_encode(const void *data, size_t len, char *out);
/* Exactly 2 * len digits of either case; 0 or -1. */
int hex_decode(const char *s, void *out, size_t len);

/* RFC 4648 standard alphabet with padding; owned by the caller, or NULL. */
char *base64_encode(const void *data, size_t len);
/*
 * Strict (padding required, no other byte): owned bytes and their count, or
 * NULL.
 */
uint8_t *base64_decode(const char *s, size_t *len);

/* "2026-07-14T09:08:07Z"; millis >= 0 adds ".mmm". */
#define RFC3339_SIZE 32
void rfc3339_format(time_t t, int millis, char out[RFC3339_SIZE]);
/* RFC 3339 with Z or a numeric offset; millis may be NULL. 0 or -1. */
int rfc3339_parse(const char *s, time_t *t, int *millis);

/* A whole decimal number in min..max with nothing around it; 0 or -1. */
int int_parse(const char *s, int64_t min, int64_t max, int64_t *out);

/* Milliseconds since 1970. */
int64_t wall_ms(void);

/* Where word is among the n words, -1 when it is not. */
int word_find(const char *const *words, int n, const char *word);
/* The same for what we wrote ourselves, which is among them: else 0. */
int word_read(const char *const *words, int n, const char *word);
/* Whether s begins with front. */
bool text_begins(const char *s, const char *front);

/* NULL for "": what is not there. */
const char *text_or_null(const char *s);

/* True for well-formed UTF-8 (RFC 3629: no surrogates, nothing overlong). */
bool utf8_valid(const char *s, size_t len);

/* Cryptographically random bytes (getrandom); aborts if there are none. */
void random_bytes(void *out, size_t len);
/* len random base62 characters and a NUL: 5.95 bits each. */
void random_base62(char *out, size_t len);

/* Compares in time that depends on len alone. */
bool bytes_equal(const void *a, const void *b, size_t len);

#endif
