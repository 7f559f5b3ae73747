/* SPDX-License-Identifier: ISC */
/*
 * console: the console daemon. A ring of the last 1024 lines per unikernel,
 * those of stopped ones kept while a path has room, and who listens to them;
 * protocol sections 3.6 and 4.4.
 */
#ifndef TESTS_SANDBOX_CONSOLE_H
#define TESTS_SANDBOX_CONSOLE_H

#include "tests/sandbox/conn.h"
#include "tests/sandbox/request.h"

#define CONSOLE_LINES 1024
#define CONSOLE_LINE_MAX 512

/* "console add": the unikernel starts; limit is that of its policy. */
void console_start(struct sandbox *s, const struct alb_name *name,
	int64_t limit);
void console_stop(struct sandbox *s, const struct alb_name *name);
/*
 * What the unikernel prints, len bytes, cut at newlines; nothing happens to
 * empty lines.
 */
void console_print(struct sandbox *s, const struct alb_name *name,
	const char *text, size_t len);
void console_printf(struct sandbox *s, const struct alb_name *name,
	const char *fmt, ...) __attribute__((format(printf, 3, 4)));
/*
 * How many lines may be printed before the slowest listener would lose one;
 * a unikernel blocks when that is none.
 */
unsigned console_room(struct sandbox *s, const struct alb_name *name);
void consoles_free(struct sandbox *s);
/* Wakes all listeners, to look at stopping and cuts. */
void consoles_wake(struct sandbox *s);

/* How many listen, to all of them together. */
unsigned console_listeners(struct sandbox *s);

/* Commands. The first is called with the lock held, the second without. */
void console_inactive(struct sandbox *s, struct request *r,
	struct alb_wire *reply);
/*
 * Returns what the endpoint is to say at the end, or NULL when the client is
 * gone.
 */
const char *console_subscribe(struct sandbox *s, struct conn *c,
	struct request *r);

#endif
