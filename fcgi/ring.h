/* SPDX-License-Identifier: ISC */
/*
 * ring: the last entries of a log, bounded in number and bytes, each with an
 * id that stays. An id is EPOCH.SEQ.MS.N: the log it is of, the entry's place
 * in it, the time of the last line of the console up to there, and which one it
 * is of the lines of that millisecond; the last two find the place again where
 * nothing was kept over a restart.
 */
#ifndef FCGI_RING_H
#define FCGI_RING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "fcgi/log.h"

#define RING_LINES 1024
#define RING_BYTES (256 * 1024)
#define RING_LINE_MAX 4096	/* bytes; what is longer is cut */
#define RING_ID_SIZE 80

struct ring_line {
	int64_t ms;		/* since 1970 */
	enum log_kind kind;
	int64_t deployment;	/* number; 0: none */
	/* For the id: the last line of the console, this one or before it. */
	int64_t line_ms;
	uint32_t same;		/* how many of that ms came before it */
	uint32_t len;
	char *text;		/* owned; not terminated */
};

struct ring {
	uint32_t epoch;
	int64_t first, next;	/* places of the oldest entry and the next */
	size_t bytes;
	size_t cap;		/* power of two */
	struct ring_line *lines;
	int64_t line_ms;	/* of the last line of the console; -1: none */
	uint32_t same;
};

void ring_init(struct ring *r);
void ring_free(struct ring *r);
/* Drops the entries; places go on. */
void ring_clear(struct ring *r);
/* An empty one becomes that of a log which goes on with the place next. */
void ring_continue(struct ring *r, uint32_t epoch, int64_t next);
/*
 * Adds an entry at the end (dropping old ones): what became of it, or NULL
 * when there was no memory. Valid until the next one.
 */
const struct ring_line *ring_add(struct ring *r, int64_t ms,
	enum log_kind kind, int64_t deployment, const char *text, size_t len);
/* Time of the console's last line, -1 for none. */
int64_t ring_last_ms(const struct ring *r);

/* An entry by its place, or NULL. */
const struct ring_line *ring_at(const struct ring *r, int64_t place);
/* Where to begin: entries not older than ms. */
int64_t ring_since(const struct ring *r, int64_t ms);
/*
 * Behind the entry with that id (or EPOCH.SEQ of it alone), which may be before
 * the first that is there; -1 when it is none, or not to be found.
 */
int64_t ring_resume(const struct ring *r, const char *text);
void ring_id(const struct ring *r, int64_t place, char id[RING_ID_SIZE]);
/* The same of an entry that is not (any more) in the ring. */
void ring_id_of(uint32_t epoch, int64_t seq, int64_t ms, uint32_t same,
	char id[RING_ID_SIZE]);

#endif
