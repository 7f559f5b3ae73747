/* SPDX-License-Identifier: ISC */
/*
 * multipart: see multipart.h. The body is read as if a line end stood before
 * its first byte, so that the first delimiter looks like all others.
 */
#include "config.h"	/* for memmem */

#include "fcgi/multipart.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

static int
malformed(struct fault *f, const char *what)
{
	return fault_set(f, ERR_BAD_REQUEST,
	    "The multipart body is malformed: %s.", what);
}

/* RFC 2046's bchars, without the space that must not be last. */
static bool
is_boundary_char(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
		(c >= 'A' && c <= 'Z') || (c != '\0' &&
		strchr("'()+_,-./:=?", c) != NULL);
}

static const char *
skip_space(const char *s)
{
	return s + strspn(s, " \t");
}

/*
 * Finds parameter name behind the first ";" of a header value and copies it
 * into out, unquoted. 0; -1 when it is absent, too long or malformed.
 */
static int
parameter_find(const char *s, const char *name, char *out, size_t size)
{
	while ((s = strchr(s, ';')) != NULL) {
		size_t n, len = 0;
		bool wanted, quoted;

		s = skip_space(s + 1);
		n = strcspn(s, "=; \t");
		wanted = n == strlen(name) && strncasecmp(s, name, n) == 0;
		s += n;
		if (*s != '=')
			continue;
		quoted = *++s == '"';
		s += quoted;
		while (*s != '\0' && (quoted ? *s != '"' : *s != ';')) {
			if (quoted && *s == '\\' && s[1] != '\0')
				s++;
			if (wanted && len + 1 >= size)
				return -1;
			if (wanted)
				out[len++] = *s;
			s++;
		}
		if (quoted && *s++ != '"')
			return -1;
		if (!wanted)
			continue;
		while (!quoted && len > 0 && (out[len - 1] == ' ' ||
		    out[len - 1] == '\t'))
			len--;
		out[len] = '\0';
		return 0;
	}
	return -1;
}

int
multipart_init(struct multipart *m, const char *content_type,
	multipart_source *source, void *arg, struct fault *f)
{
	char boundary[MULTIPART_BOUNDARY_MAX + 1];

	memset(m, 0, sizeof(*m));
	m->source = source;
	m->arg = arg;
	if (parameter_find(content_type, "boundary", boundary,
	    sizeof(boundary)) < 0 || boundary[0] == '\0')
		return fault_set(f, ERR_BAD_REQUEST, "Content-Type: "
		    "multipart/form-data needs a boundary of 1 to %d bytes.",
		    MULTIPART_BOUNDARY_MAX);
	for (const char *p = boundary; *p != '\0'; p++)
		if (!is_boundary_char(*p) && !(*p == ' ' && p[1] != '\0'))
			return fault_set(f, ERR_BAD_REQUEST,
			    "The multipart boundary is not acceptable.");
	m->delimiter_len = (size_t)snprintf(m->delimiter,
	    sizeof(m->delimiter), "\r\n--%s", boundary);
	memcpy(m->window, "\r\n", 2);
	m->end = 2;
	return 0;
}

/*
 * Reads more into the window (moving what is left to its front). Sets *more
 * to false when nothing more can come in: the end, or the window is full.
 */
static int
window_fill(struct multipart *m, bool *more, struct fault *f)
{
	size_t got = 0;
	int err;

	*more = false;
	if (m->start > 0) {
		memmove(m->window, m->window + m->start, m->end - m->start);
		m->end -= m->start;
		m->start = 0;
	}
	if (m->source_ended || m->end == sizeof(m->window))
		return 0;
	err = m->source(m->arg, m->window + m->end,
		sizeof(m->window) - m->end, &got, f);
	if (err != 0)
		return err;
	m->end += got;
	m->source_ended = got == 0;
	*more = got != 0;
	return 0;
}

/* Fills until the window holds want bytes or nothing more comes. */
static int
window_want(struct multipart *m, size_t want, struct fault *f)
{
	bool more = true;

	while (more && m->end - m->start < want) {
		int err = window_fill(m, &more, f);

		if (err != 0)
			return err;
	}
	return 0;
}

/*
 * How many bytes at the front surely belong to the part; *found tells that
 * the delimiter follows them.
 */
static size_t
part_span(const struct multipart *m, bool *found)
{
	const uint8_t *front = m->window + m->start;
	size_t len = m->end - m->start;
	const uint8_t *at = len == 0 ? NULL : memmem(front, len,
		m->delimiter, m->delimiter_len);

	*found = at != NULL;
	if (at != NULL)
		return (size_t)(at - front);
	/* The delimiter's front part may be there already. */
	return len < m->delimiter_len ? 0 : len - (m->delimiter_len - 1);
}

int
multipart_read(struct multipart *m, void *data, size_t size, size_t *got,
	struct fault *f)
{
	bool found = false;
	size_t n = 0;

	*got = 0;
	while (m->in_part && size > 0) {
		bool more;
		int err;

		n = part_span(m, &found);
		if (n > 0 || found)
			break;
		err = window_fill(m, &more, f);
		if (err != 0)
			return err;
		if (!more)
			return malformed(f, "it ends within a part");
	}
	if (n > size)
		n = size;
	else if (found)
		m->in_part = n > 0;
	if (n > 0)
		memcpy(data, m->window + m->start, n);
	m->start += n;
	*got = n;
	return 0;
}

/* Skips what is left before the next delimiter, and the delimiter. */
static int
delimiter_skip(struct multipart *m, struct fault *f)
{
	for (;;) {
		bool found, more;
		int err;

		m->start += part_span(m, &found);
		if (found)
			break;
		err = window_fill(m, &more, f);
		if (err != 0)
			return err;
		if (!more)
			return malformed(f, "a delimiter is missing");
	}
	m->start += m->delimiter_len;
	m->in_part = false;
	return 0;
}

/*
 * Behind a delimiter: "--" closes, else only blanks up to the line's end.
 */
static int
delimiter_end(struct multipart *m, struct fault *f)
{
	size_t i = 0;
	const uint8_t *front;
	int err = window_want(m, 256, f);

	if (err != 0)
		return err;
	front = m->window + m->start;
	if (m->end - m->start >= 2 && memcmp(front, "--", 2) == 0) {
		m->closed = true;
		return 0;
	}
	while (i < m->end - m->start && (front[i] == ' ' || front[i] == '\t'))
		i++;
	if (m->end - m->start < i + 2 || memcmp(front + i, "\r\n", 2) != 0)
		return malformed(f, "a delimiter is not followed by a line "
		    "end");
	m->start += i + 2;
	return 0;
}

/* Takes one header of a part; line is NUL-terminated. */
static int
header_read(struct multipart *m, const char *line, struct fault *f)
{
	size_t n = strcspn(line, ":");
	const char *value = skip_space(line[n] == ':' ? line + n + 1 :
		line + n);

	if (line[n] != ':' || n == 0)
		return malformed(f, "a part has a header without a colon");
	if (n == strlen("Content-Transfer-Encoding") &&
	    strncasecmp(line, "Content-Transfer-Encoding", n) == 0 &&
	    strcasecmp(value, "binary") != 0 &&
	    strcasecmp(value, "8bit") != 0 && strcasecmp(value, "7bit") != 0)
		return malformed(f, "a part is encoded; send it as it is");
	if (n != strlen("Content-Disposition") ||
	    strncasecmp(line, "Content-Disposition", n) != 0)
		return 0;
	if (m->name[0] != '\0')
		return malformed(f, "a part has two dispositions");
	if (strncasecmp(value, "form-data", 9) != 0 ||
	    parameter_find(value, "name", m->name, sizeof(m->name)) < 0 ||
	    m->name[0] == '\0')
		return malformed(f, "a part has no name");
	return 0;
}

/* The headers of a part, up to and with the empty line. */
static int
head_read(struct multipart *m, struct fault *f)
{
	int err = window_want(m, MULTIPART_HEAD_MAX, f);
	size_t used = 0;

	m->name[0] = '\0';
	while (err == 0) {
		uint8_t *line = m->window + m->start;
		size_t left = m->end - m->start;
		uint8_t *stop = left == 0 ? NULL : memmem(line, left,
			"\r\n", 2);
		size_t len = stop == NULL ? 0 : (size_t)(stop - line);

		used += len + 2;
		if (stop == NULL || used > MULTIPART_HEAD_MAX)
			return malformed(f, "the headers of a part are too "
			    "long or end early");
		m->start += len + 2;
		if (len == 0)
			break;
		*stop = '\0';
		if (memchr(line, '\0', len) != NULL)
			return malformed(f, "a header holds a NUL");
		err = header_read(m, (const char *)line, f);
	}
	if (err == 0 && m->name[0] == '\0')
		return malformed(f, "a part has no Content-Disposition");
	return err;
}

int
multipart_next(struct multipart *m, const char **name, struct fault *f)
{
	int err;

	*name = NULL;
	if (m->closed)
		return 0;
	err = delimiter_skip(m, f);
	if (err == 0)
		err = delimiter_end(m, f);
	if (err != 0 || m->closed)
		return err;
	if (++m->parts > MULTIPART_PARTS_MAX)
		return malformed(f, "it has too many parts");
	err = head_read(m, f);
	if (err != 0)
		return err;
	m->in_part = true;
	*name = m->name;
	return 0;
}
