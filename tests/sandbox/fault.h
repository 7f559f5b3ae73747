/* SPDX-License-Identifier: ISC */
/*
 * fault: what goes wrong on purpose, switched while running through the
 * socket DIR/control. README.md lists the lines it takes.
 */
#ifndef TESTS_SANDBOX_FAULT_H
#define TESTS_SANDBOX_FAULT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "albatross/command.h"

enum fault_kind {
	FAULT_NONE,
	FAULT_REFUSE,		/* no listener */
	FAULT_RESET,		/* reset before the handshake */
	FAULT_STALL_HANDSHAKE,
	FAULT_STALL_BEFORE,	/* the command is not executed */
	FAULT_STALL_AFTER,	/* it is, but nothing is answered */
	FAULT_BYTE_BY_BYTE,
	FAULT_ABSURD_LENGTH,
	FAULT_WRONG_CERT,
	FAULT_EXPIRED_CERT,
	FAULT_DAEMON_DOWN,
	FAULT_BREAK_BEFORE_COMMAND,
	FAULT_BREAK_UPLOAD,	/* after the first chunk of an image */
	FAULT_BREAK_AFTER_COMMAND,
	FAULT_GARBAGE_FRAME,
	FAULT_FAIL_CREATE,	/* refused, with nothing running any more */
	FAULT_EXIT_AT_ONCE,	/* created, and gone */
	FAULT_LIVE_FIRST,	/* a new line comes before the history, too */
	/* Of block set and block dump, after so many bytes of content: */
	FAULT_BREAK_AFTER_BYTES,
	FAULT_STALL_AFTER_BYTES,
	FAULT_FULL_DISK,	/* of set: the next byte can't be written */
	FAULT_END_AFTER_BYTES,	/* of dump: eof, as if that were all */
	FAULT_EMPTY_FRAMES,	/* of dump: nothing else from then on */
};

struct faults {
	enum fault_kind kind;
	int64_t count;		/* connections left; -1: all */
	int64_t skip;		/* connections before them */
	char command[32];	/* only those with it; "": all */
	int64_t bytes;		/* for those that come after so many */
	int64_t disk_ms;	/* extra time of every write */
};

struct conn;
struct sandbox;

/*
 * What befalls the next connection; counts it. Takes the lock. The second one
 * is for faults of one command, once the command of a connection is known.
 */
void fault_take(struct sandbox *s, struct conn *c);
void fault_take_command(struct sandbox *s, struct conn *c,
	enum alb_command_kind kind);
/* Whether to listen at all. Takes the lock. */
bool fault_refuses(struct sandbox *s);

/* The listening socket DIR/control, or -1. */
int control_listen(void);
/* Serves one connection of it: lines, each answered "ok" or "error". */
void control_serve(struct sandbox *s, int listener);
/* Sends one line to a running sandbox: 0 when it said "ok". */
int control_send(const char *line);

#endif
