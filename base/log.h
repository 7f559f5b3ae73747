/* SPDX-License-Identifier: ISC */
/*
 * log: one line per event on standard error, as key=value with values quoted
 * and control bytes escaped, after a syslog priority prefix "<6>" when run by
 * systemd (JOURNAL_STREAM is set), else after an RFC 3339 time. Never give it
 * a secret.
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

enum log_level { LOG_LEVEL_ERROR, LOG_LEVEL_WARNING, LOG_LEVEL_INFO,
	LOG_LEVEL_DEBUG };

/* Program name of the lines, and the least important level printed. */
void log_init(const char *program, enum log_level level);
/*
 * event is a fixed word; then pairs "key", "value" of strings, ended by NULL:
 * log_event(LOG_LEVEL_INFO, "listen", "socket", path, NULL). A NULL value is
 * printed as "-".
 */
void log_event(enum log_level level, const char *event, ...)
	__attribute__((sentinel));

#endif
