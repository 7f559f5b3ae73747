/* SPDX-License-Identifier: ISC */
/*
 * replay: what a console says right after it was subscribed to. albatross
 * sends what it remembers, since the last line that is kept here; but new lines
 * can come before and among those, and one of that very moment twice. So what
 * comes is held until it is quiet: then each line is there once, in the order
 * of their times.
 */
#ifndef FCGI_REPLAY_H
#define FCGI_REPLAY_H

#include "fcgi/ring.h"

#define REPLAY_LINES_MAX 4096	/* more are not held */
#define REPLAY_BYTES_MAX (1024 * 1024)

struct replay_line {
	int64_t ms;
	uint32_t len;
	bool early;		/* came before what is older */
	bool again;		/* came once more */
	char *text;		/* owned; not terminated */
};

struct replay_lines {
	struct replay_line *items;	/* owned */
	size_t len, cap;
};

/* Zeroed it is one that holds nothing. */
struct replay {
	int64_t since;		/* of the last line that is kept; -1: none */
	struct replay_lines kept;	/* those of that ms; again: came */
	bool heard;		/* something that is kept came again */
	struct replay_lines held;
	size_t bytes;		/* of them */
	int64_t latest;		/* ms of the latest of them */
	bool mixed;		/* they are not in order */
};

void replay_free(struct replay *p);	/* contents only */
/* Begins, with what the ring has. False: no memory. */
bool replay_begin(struct replay *p, const struct ring *r);
/*
 * A line came. True when it is held, or known; false when no more can be held:
 * it is to be settled, and this one then comes behind.
 */
bool replay_take(struct replay *p, int64_t ms, const char *text, size_t len);
/*
 * Ends the holding: add gets each line that was held, in order. Whether lines
 * were lost in between: something is kept, and the console does not remember
 * any of it.
 */
void replay_settle(struct replay *p, void (*add)(void *arg, int64_t ms,
	const char *text, size_t len), void *arg);
bool replay_lost(const struct replay *p);
/* After that: whether the line is one that is kept. */
bool replay_heard(struct replay *p, int64_t ms, const char *text, size_t len);

#endif
