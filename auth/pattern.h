/* SPDX-License-Identifier: ISC */
/*
 * pattern: names and patterns of names, and lists of them as words between
 * single spaces.
 */
#ifndef AUTH_PATTERN_H
#define AUTH_PATTERN_H

#include <stdbool.h>

#define PATTERN_SIZE 64		/* of one word with its NUL */

/* The first word of list into out; what is behind it, or NULL at the end. */
const char *word_next(const char *list, char out[PATTERN_SIZE]);

/* "*" stands for any number of characters, "?" for one. */
bool pattern_matches(const char *pattern, const char *name);
/* One of the list at least; an empty list is any. */
bool patterns_match(const char *list, const char *name);

/*
 * "%part%" for LIKE with ESCAPE '!', where nothing else in it is special: out
 * has 2 * strlen(part) + 3 bytes.
 */
void pattern_like(const char *part, char *out);

#endif
