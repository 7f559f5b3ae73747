/* SPDX-License-Identifier: ISC */
/*
 * log_store: the logs of all unikernels, kept on the disk, also those of
 * unikernels that are no more: STATE/logs/INSTANCE/PROJECT/NAME, see log_dir.h.
 * One thread writes; what is to be written waits in a queue of bounded size, so
 * that nobody who has a line waits for a disk.
 */
#ifndef FCGI_LOG_STORE_H
#define FCGI_LOG_STORE_H

#include "fcgi/log_dir.h"
#include "fcgi/log_settings.h"

#define LOG_QUEUE_BYTES (16 * 1024 * 1024)	/* with what they cost */
#define LOG_SCAN_BYTES (16 * 1024 * 1024)	/* looked at by one call */

struct app;
struct states;		/* states.h */
struct log_store;

/* Reads the settings; starts the thread. app is borrowed. NULL with f. */
struct log_store *log_store_new(struct app *app, struct fault *f);
/* Writes what is queued. */
void log_store_free(struct log_store *s);	/* NULL is fine */

/* What was set by log_settings_set, from now on. */
void log_store_set(struct log_store *s, const struct log_settings *settings);

/*
 * Who knows which unikernels are still there; until then none counts as gone.
 * NULL: not any more, and nobody is asking. s may be NULL.
 */
void log_store_ask(struct log_store *s, struct states *states);

/*
 * Queues an entry to be written; from any thread, never waits. Its seq is
 * greater than that of the one before; entries that are missing in between are
 * told of as dropped. epoch is as log_tail gave it; another one is only taken
 * for a log of which nothing is kept. False when there is no room for it.
 */
bool log_append(struct log_store *s, const struct log_place *place,
	uint32_t epoch, const struct log_entry *e);

/*
 * The end of what is kept: at most that many entries, and bytes of text, oldest
 * first, none missing in between; *epoch, a new one when nothing is kept, and
 * *next, what seq the next entry is to have. Waits until all is written that
 * was queued before. 0 or an err, with nothing.
 */
int log_tail(struct log_store *s, const struct log_place *place, int lines,
	size_t bytes, uint32_t *epoch, int64_t *next,
	void (*take)(void *arg, const struct log_entry *e), void *arg,
	struct fault *f);

/* Which entries; zeroed but for limits: all of them, the newest first. */
struct log_query {
	int64_t after, before;	/* after < seq < before; 0: no limit */
	int64_t from_ms, to_ms;	/* both included; to_ms 0: no limit */
	unsigned kinds;		/* 1u << kind each; 0: all */
	const char *words;	/* in the text, ASCII case ignored; or NULL */
	bool oldest_first;
};

/* What is kept of a log in all, and how far a look at it came. */
struct log_kept {
	uint32_t epoch;
	int64_t bytes;		/* on the disk */
	int64_t entries;
	int64_t first, last;	/* seq; 0: nothing is kept */
	int64_t first_ms, last_ms;
	/*
	 * 0 when all of it was looked at; else what to go on with, as before
	 * (as after, with oldest_first).
	 */
	int64_t rest;
};

/*
 * Gives what is found to take, which is quick, until that says false and leaves
 * the entry to the next call, or LOG_SCAN_BYTES were looked at. Waits as
 * log_tail does. 0 or an err.
 */
int log_scan(struct log_store *s, const struct log_place *place,
	const struct log_query *q,
	bool (*take)(void *arg, const struct log_entry *e), void *arg,
	struct log_kept *kept, struct fault *f);

/* Removes what is kept. 0 (also when nothing was), or an err. */
int log_forget(struct log_store *s, const struct log_place *place,
	struct fault *f);

/*
 * For log_scan.c: the segments as they are now; log_dir_free. 0 or an err. A
 * look, for which a segment is read, waits until there are not too many.
 */
int log_view(struct log_store *s, const struct log_place *place,
	struct log_dir *out, struct fault *f);
void log_look_begin(struct log_store *s);
void log_look_end(struct log_store *s);

/* For those who watch us; the entries that wait are NOW_LOG_QUEUE. */
struct log_stats {
	int64_t queued;		/* bytes, as in LOG_QUEUE_BYTES */
	int64_t lost;		/* entries without room, since the start */
	int64_t kept;		/* bytes on the disk, of all logs */
};
void log_store_stats(struct log_store *s, struct log_stats *out);

#endif
