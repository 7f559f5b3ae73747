/* SPDX-License-Identifier: ISC */
/* array: lists that grow. */
#ifndef BASE_ARRAY_H
#define BASE_ARRAY_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Room for one more behind the len items of size bytes in *items, an owned
 * array for *cap of them (NULL and 0 to begin with): twice as many where there
 * is none. False when out of memory, with all as it was.
 */
bool array_grow(void **items, size_t *cap, size_t len, size_t size);

#endif
