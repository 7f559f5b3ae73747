/* SPDX-License-Identifier: ISC */
/* pattern: names and patterns of names; see pattern.h. */
#include "auth/pattern.h"

#include <string.h>

const char *
word_next(const char *list, char out[PATTERN_SIZE])
{
	size_t len = strcspn(list, " ");

	if (len == 0 || len >= PATTERN_SIZE)
		return NULL;
	memcpy(out, list, len);
	out[len] = '\0';
	return list[len] == ' ' ? list + len + 1 : list + len;
}

bool
pattern_matches(const char *pattern, const char *name)
{
	const char *star = NULL, *retry = NULL;

	/* After a mismatch the last star takes one character more. */
	while (*name != '\0') {
		if (*pattern == '*') {
			star = pattern++;
			retry = name;
		} else if (*pattern == '?' || *pattern == *name) {
			pattern++;
			name++;
		} else if (star != NULL) {
			pattern = star + 1;
			name = ++retry;
		} else {
			return false;
		}
	}
	while (*pattern == '*')
		pattern++;
	return *pattern == '\0';
}

bool
patterns_match(const char *list, const char *name)
{
	char word[PATTERN_SIZE];

	if (*list == '\0')
		return true;
	while ((list = word_next(list, word)) != NULL)
		if (pattern_matches(word, name))
			return true;
	return false;
}

void
pattern_like(const char *part, char *out)
{
	*out++ = '%';
	for (; *part != '\0'; part++) {
		if (strchr("%_!", *part) != NULL)
			*out++ = '!';
		*out++ = *part;
	}
	*out++ = '%';
	*out = '\0';
}
