/* SPDX-License-Identifier: ISC */
/*
 * log_read: reads kept logs for the hub, which never waits for a disk, in a few
 * threads: the end of one for a topic that begins, and what is older than a
 * ring for a reader.
 */
#ifndef FCGI_LOG_READ_H
#define FCGI_LOG_READ_H

#include "fcgi/log_store.h"
#include "fcgi/reader.h"

#define LOG_READ_ENTRIES 256	/* of what is older, at once */
#define LOG_READ_BYTES (128 * 1024)

struct log_read {
	struct log_read *next;
	char instance[ALB_LABEL_MAX + 1];
	char project[ALB_LABEL_MAX + 1];
	char name[ALB_LABEL_MAX + 1];
	struct channel *channel;	/* whose end; NULL: for a reader */
	struct ring ring;		/* what it was; owned */
	struct ticket *ticket;		/* whose reader; held */
	int sub;			/* which of its subjects */
	int64_t after;			/* what is behind that seq, */
	int64_t from_ms;		/* from that time on (-1: any) */
	struct older *older;		/* it was; owned */
	int err;
	void *message;			/* the hub's, to be told with */
};

/* Zeroed but for the place; NULL: out of memory. */
struct log_read *log_read_new(const char *instance, const char *project,
	const char *name);
void log_read_free(struct log_read *r);

struct log_reads;

/*
 * done gets what was read, from one of the threads. store is borrowed. NULL
 * when there is no memory or no thread.
 */
struct log_reads *log_reads_new(struct log_store *store,
	void (*done)(void *arg, struct log_read *r), void *arg);
void log_reads_add(struct log_reads *all, struct log_read *r);	/* takes it */
/* Waits for what is being read; drops the rest. */
void log_reads_free(struct log_reads *all);	/* NULL is fine */

#endif
