/* SPDX-License-Identifier: ISC */
/* reference: ${secret:NAME}; see reference.h. */
#include "base/reference.h"

#include <stdio.h>
#include <string.h>

#define FRONT "${secret:"

static bool
is_reference(const char *s, char name[REFERENCE_NAME])
{
	size_t front = strlen(FRONT), len;

	if (strncmp(s, FRONT, front) != 0)
		return false;
	len = strcspn(s + front, "}");
	if (len == 0 || len >= REFERENCE_NAME ||
	    strcmp(s + front + len, "}") != 0)
		return false;
	snprintf(name, REFERENCE_NAME, "%.*s", (int)len, s + front);
	return true;
}

const char *
reference_value(const char *argument)
{
	const char *equals = strchr(argument, '=');

	return equals == NULL ? NULL : equals + 1;
}

const char *
reference_find(const char *argument, char name[REFERENCE_NAME])
{
	const char *value = reference_value(argument);

	if (is_reference(argument, name))
		return argument;
	return value != NULL && is_reference(value, name) ? value : NULL;
}

bool
reference_meant(const char *argument)
{
	return strstr(argument, FRONT) != NULL;
}
