/* SPDX-License-Identifier: ISC */
/* key: where a name stands in albatross' tries; see key.h. */
#include "tests/sandbox/key.h"

#include <stdio.h>
#include <string.h>

void
key_make(const struct alb_name *name, char key[KEY_SIZE])
{
	bool both = name->path[0] != '\0' && name->label[0] != '\0';

	snprintf(key, KEY_SIZE, "%s%s%s", name->path, both ? ":" : "",
		name->label);
}

bool
key_below(const char *key, const char *path)
{
	size_t len = strlen(path);

	return len == 0 || (strncmp(key, path, len) == 0 &&
	    (key[len] == '\0' || key[len] == ':'));
}

void
name_relative(const struct alb_name *name, const char *path,
	struct alb_name *out)
{
	size_t len = strlen(path);
	const char *rest;

	*out = *name;
	if (len == 0)
		return;
	if (!key_below(name->path, path)) {
		/* The name itself is what was asked for as a path. */
		memset(out, 0, sizeof(*out));
		return;
	}
	rest = name->path + len;
	if (*rest == ':')
		rest++;
	snprintf(out->path, sizeof(out->path), "%s", rest);
}
