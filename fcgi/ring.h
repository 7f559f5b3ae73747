/* SPDX-License-Identifier: ISC */
/*
 * ring: the last lines of a console, bounded in lines and bytes, each with an
 * id that stays. An id is EPOCH.SEQ.MS.N: the ring it is of, the line's place
 * in it, its time, and which one it is of the lines of that millisecond; the
 * last two find the place again in another ring, after a restart.
 */
#ifndef FCGI_RING_H
#define FCGI_RING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RING_LINES 1024
#define RING_BYTES (256 * 1024)
#define RING_LINE_MAX 4096	/* bytes; what is longer is cut */
#define RING_ID_SIZE 80

struct ring_line {
	int64_t ms;		/* since 1970 */
	uint32_t same;		/* how many of that ms came before it */
	uint32_t len;
	char *text;		/* owned; not terminated */
};

struct ring {
	uint32_t epoch;
	int64_t first, next;	/* places of the oldest line and the next */
	size_t bytes;
	size_t cap;		/* power of two */
	struct ring_line *lines;
	/*
	 * After the console was subscribed to anew it says again what was
	 * heard before; match is where of the lines of the last millisecond
	 * the next one is looked for.
	 */
	bool replaying;
	int64_t match;
};

void ring_init(struct ring *r);
void ring_free(struct ring *r);
/*
 * Adds a line at the end (dropping old ones); false when it was heard before,
 * or there was no memory.
 */
bool ring_add(struct ring *r, int64_t ms, const char *text, size_t len);
/* What comes now may have been heard before; until ring_replay_end. */
void ring_replay(struct ring *r);
void ring_replay_end(struct ring *r);
/* Time of the last line, -1 for none. */
int64_t ring_last_ms(const struct ring *r);

/* A line by its place, or NULL. */
const struct ring_line *ring_at(const struct ring *r, int64_t place);
/* Where to begin: n lines from the end; lines not older than ms. */
int64_t ring_tail(const struct ring *r, int n);
int64_t ring_since(const struct ring *r, int64_t ms);
/* Behind the line with that id; -1 when it is none. */
int64_t ring_resume(const struct ring *r, const char *id);
void ring_id(const struct ring *r, int64_t place, char id[RING_ID_SIZE]);

#endif
