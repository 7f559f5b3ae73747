/* SPDX-License-Identifier: ISC */
/* array: see array.h. */
#include "base/array.h"

#include <stdlib.h>

#define FIRST 16

bool
array_grow(void **items, size_t *cap, size_t len, size_t size)
{
	size_t more = *cap == 0 ? FIRST : 2 * *cap;
	void *grown;

	if (len < *cap)
		return true;
	grown = reallocarray(*items, more, size);
	if (grown == NULL)
		return false;
	*items = grown;
	*cap = more;
	return true;
}
