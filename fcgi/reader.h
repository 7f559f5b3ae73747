/* SPDX-License-Identifier: ISC */
/*
 * reader: one open stream to a client: what of a ring it has had, and what is
 * encoded but not yet taken by the socket. It never waits, and holds no more
 * than READER_QUEUE: who is too slow for the ring is cut off.
 */
#ifndef FCGI_READER_H
#define FCGI_READER_H

#include "base/buf.h"
#include "base/err.h"
#include "fcgi/ring.h"
#include "fcgi/ticket.h"

#define READER_QUEUE (64 * 1024)
#define READER_STALL_MS 60000	/* without taking a byte */
#define READER_HEARTBEAT_MS 15000

struct reader {
	int fd;			/* owned; non-blocking */
	int id;			/* of the FastCGI request */
	struct ticket *ticket;	/* owned */
	bool events;		/* text/event-stream */
	bool follow;
	int lines;		/* where it wants to begin */
	int64_t since_ms;	/* -1: not told */
	char *last_id;		/* or NULL; owned */
	bool started;
	int64_t next;		/* place in the ring */
	struct buf queue;
	int64_t wrote;		/* flight_now of the last progress */
	bool ending;		/* nothing more but the queue */
	void *message;		/* the hub's, until it was given a connection */
};

/* What became of a reader after writing. */
enum reader_state { READER_IDLE, READER_BLOCKED, READER_DONE, READER_GONE };

void reader_free(struct reader *r);	/* NULL is fine */
/* Finds its place in the ring, once the ring has the history. */
void reader_begin(struct reader *r, const struct ring *ring);
/*
 * Encodes what the ring has for it, and writes: READER_DONE when all was
 * written behind reader_end, READER_GONE when the client went away or fell
 * behind the ring.
 */
enum reader_state reader_pump(struct reader *r, const struct ring *ring);
/*
 * Puts into the queue: a comment that shows the client is still meant, news of
 * the console's end, and the end of the answer.
 */
void reader_comment(struct reader *r, const char *text);
void reader_news(struct reader *r, const struct fault *f);
void reader_end(struct reader *r);

#endif
