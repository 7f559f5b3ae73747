/* SPDX-License-Identifier: ISC */
/* name: labels, paths and full names; see name.h. */
#include "albatross/name.h"

#include <stdio.h>
#include <string.h>

#include "albatross/error.h"

static bool
label_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' ||
		c == '-';
}

static char
fold(char c)
{
	return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c;
}

/*
 * What albatross takes as a label; copies it folded. Labels of dots alone are
 * legal there.
 */
static const char *
label_read(const char *s, size_t len, char out[ALB_LABEL_MAX + 1])
{
	size_t i;

	if (len == 0)
		return "must not be empty";
	if (len > ALB_LABEL_MAX)
		return "must have at most 63 characters";
	if (s[0] == '-')
		return "must not begin with a hyphen";
	for (i = 0; i < len; i++) {
		out[i] = fold(s[i]);
		if (!label_char(out[i]))
			return "may only hold letters, digits, hyphens and "
				"dots";
	}
	out[len] = '\0';
	return NULL;
}

const char *
alb_label_fold(const char *s, char out[ALB_LABEL_MAX + 1])
{
	const char *why = label_read(s, strlen(s), out);

	if (why == NULL && s[strspn(s, ".")] == '\0')
		return "must not be dots only";
	return why;
}

const char *
alb_label_check(const char *s)
{
	char folded[ALB_LABEL_MAX + 1];

	return alb_label_fold(s, folded);
}

bool
alb_label_valid(const char *s)
{
	char folded[ALB_LABEL_MAX + 1];

	return alb_label_fold(s, folded) == NULL && strcmp(s, folded) == 0;
}

/* Reads labels between colons, of len bytes in all, into path. */
static int
path_read(const char *text, size_t len, char path[ALB_NAME_MAX + 1])
{
	char label[ALB_LABEL_MAX + 1];
	size_t used = 0, n;
	const char *colon;

	path[0] = '\0';
	while (len > 0) {
		colon = memchr(text, ':', len);
		n = colon == NULL ? len : (size_t)(colon - text);
		if (label_read(text, n, label) != NULL ||
		    used + n + 1 > ALB_NAME_MAX)
			return ALB_DECODE;
		used += snprintf(path + used, ALB_NAME_MAX + 1 - used,
		    "%s%s", used > 0 ? ":" : "", label);
		text += n;
		len -= n;
		if (len == 1)
			return ALB_DECODE;
		if (len > 0) {
			text++;
			len--;
		}
	}
	return ALB_OK;
}

int
alb_name_parse(const char *text, size_t len, struct alb_name *name)
{
	size_t path;

	memset(name, 0, sizeof(*name));
	if (len == 0 || len > ALB_NAME_MAX)
		return ALB_DECODE;
	if (text[0] == ':') {
		text++;
		len--;
	}
	if (len == 0)
		return ALB_OK;
	/* path: bytes up to the last colon, with it */
	for (path = len; path > 0 && text[path - 1] != ':'; path--)
		;
	if (path == 1 || (path > 1 &&
	    path_read(text, path - 1, name->path) != ALB_OK))
		return ALB_DECODE;
	if (path == len)
		return ALB_OK;
	return label_read(text + path, len - path, name->label) == NULL ?
		ALB_OK : ALB_DECODE;
}

void
alb_name_format(const struct alb_name *name, char out[ALB_NAME_MAX + 2])
{
	int n = snprintf(out, ALB_NAME_MAX + 2, "%s:%s", name->path,
	    name->label);

	if (n < 0 || n > ALB_NAME_MAX + 1)
		out[0] = '\0';
}

int
alb_name_prefix(struct alb_name *name, const char *path)
{
	char joined[ALB_NAME_MAX + 1];
	int n;

	n = snprintf(joined, sizeof(joined), "%s%s%s", path,
	    path[0] != '\0' && name->path[0] != '\0' ? ":" : "", name->path);
	if (n < 0 || (size_t)n + 1 + strlen(name->label) > ALB_NAME_MAX)
		return ALB_DECODE;
	memcpy(name->path, joined, (size_t)n + 1);
	return ALB_OK;
}
