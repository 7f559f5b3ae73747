/* SPDX-License-Identifier: ISC */
/* log: one line per event; see log.h. */
#include "base/log.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/text.h"

#define LINE_MAX_BYTES 4096

static const char *log_program = "mollymawk";
static enum log_level log_least = LOG_LEVEL_INFO;
static bool log_journal;

void
log_init(const char *program, enum log_level level)
{
	log_program = program;
	log_least = level;
	log_journal = getenv("JOURNAL_STREAM") != NULL;
}

static void
put_head(struct buf *line, enum log_level level)
{
	static const int priority[] = { 3, 4, 6, 7 };
	static const char *const word[] = { "error", "warning", "info",
		"debug" };
	char when[RFC3339_SIZE];
	struct timespec now;

	if (log_journal) {
		buf_putf(line, "<%d>", priority[level]);
		return;
	}
	clock_gettime(CLOCK_REALTIME, &now);
	rfc3339_format(now.tv_sec, (int)(now.tv_nsec / 1000000), when);
	buf_putf(line, "%s %s[%d] level=%s ", when, log_program,
	    (int)getpid(), word[level]);
}

static bool
is_plain(const char *value)
{
	if (*value == '\0')
		return false;
	for (const char *p = value; *p != '\0'; p++)
		if ((unsigned char)*p <= ' ' || *p == '"' || *p == '=' ||
		    *p == '\\' || (unsigned char)*p >= 0x7f)
			return false;
	return true;
}

/*
 * Control characters, U+0080 to U+009F (two bytes, the first 0xc2) among them,
 * and all that is beyond ASCII in what is no UTF-8: a terminal may obey them.
 */
static bool
is_control(const char *p, bool utf8)
{
	const unsigned char *c = (const unsigned char *)p;

	if (*c < ' ' || *c == 0x7f || (*c >= 0x80 && !utf8))
		return true;
	if (*c == 0xc2)
		return c[1] < 0xa0;
	/* In UTF-8 such a byte is never the first. */
	return *c >= 0x80 && *c < 0xa0 && c[-1] == 0xc2;
}

static void
put_quoted(struct buf *line, const char *value)
{
	bool utf8 = utf8_valid(value, strlen(value));

	buf_put_u8(line, '"');
	for (const char *p = value; *p != '\0'; p++) {
		if (*p == '"' || *p == '\\')
			buf_putf(line, "\\%c", *p);
		else if (is_control(p, utf8))
			buf_putf(line, "\\x%02x", (unsigned char)*p);
		else
			buf_put_u8(line, (uint8_t)*p);
	}
	buf_put_u8(line, '"');
}

static void
put_value(struct buf *line, const char *value)
{
	if (value == NULL)
		value = "-";
	if (is_plain(value))
		buf_put_str(line, value);
	else
		put_quoted(line, value);
}

void
log_event(enum log_level level, const char *event, ...)
{
	struct buf line;
	const char *key;
	va_list ap;

	if (level > log_least)
		return;
	buf_init(&line, LINE_MAX_BYTES);
	put_head(&line, level);
	buf_putf(&line, "event=%s", event);
	va_start(ap, event);
	while ((key = va_arg(ap, const char *)) != NULL) {
		buf_putf(&line, " %s=", key);
		put_value(&line, va_arg(ap, const char *));
	}
	va_end(ap);
	/* What did not fit is dropped; the line still ends. */
	line.failed = false;
	line.max = LINE_MAX_BYTES + 1;
	buf_put_u8(&line, '\n');
	/* One write, so that lines of several threads do not mix. */
	(void)!write(STDERR_FILENO, line.data, line.len);
	buf_free(&line);
}
