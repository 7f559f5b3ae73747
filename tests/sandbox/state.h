/* SPDX-License-Identifier: ISC */
/*
 * state: what the sandbox knows, under one lock, and its files:
 *
 *   DIR/ca.pem ca.key server.pem server.key   who we are
 *   DIR/policies/PATH:       a "policy add" command as DER
 *   DIR/unikernels/NAME      a "create" command as DER, with its image
 *   DIR/blocks/NAME          a block device
 *   DIR/port DIR/control     where we listen
 *
 * The process runs with DIR as its working directory.
 */
#ifndef TESTS_SANDBOX_STATE_H
#define TESTS_SANDBOX_STATE_H

#include <pthread.h>

#include "albatross/wire.h"
#include "tests/sandbox/fault.h"
#include "tests/sandbox/key.h"
#include "tests/sandbox/options.h"

struct block;
struct console_path;
struct pending;
struct policy;
struct stats_subscriber;
struct unikernel;

struct sandbox {
	const struct options *options;
	pthread_mutex_t lock;		/* for all that follows */
	pthread_cond_t due;		/* the clock thread looks again */
	bool stopping;
	unsigned cuts;		/* how often streams of consoles were cut */
	struct policy *policies;
	struct block *blocks;
	struct unikernel *unikernels;
	struct pending *pendings;
	struct console_path *consoles;
	struct stats_subscriber *watchers;
	struct faults faults;
	uint64_t sequence;		/* the endpoint's own counter */
	int64_t clock_offset;		/* seconds, of all its daemons */
	int64_t next_stats;		/* ms, monotonic */
	int64_t stats_interval;		/* ms */
	bool stats_noise;		/* with frames that nobody knows */
	/* Which of the daemons behind the endpoint are gone. */
	bool albatrossd_dead, console_dead;
	/* albatrossd lost its connection to the console daemon */
	bool console_lost;
};

void sandbox_init(struct sandbox *s, const struct options *o);
/* What time it takes it to be: ms since 1970. With the lock held. */
int64_t sandbox_now(const struct sandbox *s);
/* What the threads have left; they must be gone. */
void sandbox_free(struct sandbox *s);

/* albatross' integers wrap. */
static inline int64_t
wrap_add(int64_t a, int64_t b)
{
	return (int64_t)((uint64_t)a + (uint64_t)b);
}

static inline int64_t
wrap_sub(int64_t a, int64_t b)
{
	return (int64_t)((uint64_t)a - (uint64_t)b);
}

/* A condition variable on the monotonic clock. */
void cond_init(pthread_cond_t *c);
/* Waits for c or until ms of alb_now(). */
void cond_wait_until(struct sandbox *s, pthread_cond_t *c, int64_t ms);

/*
 * The hazards of protocol section 8 that end albatrossd: logs why, and from
 * now on its commands are answered "couldn't reach service".
 */
void albatrossd_die(struct sandbox *s, const char *why);
void console_die(struct sandbox *s, const char *why);

/* Files below DIR; writing is atomic. 0 or -1, logged. */
int file_write(struct sandbox *s, const char *folder, const char *name,
	const void *data, size_t len, unsigned mode);
int file_read(const char *folder, const char *name, struct buf *out);
void file_remove(const char *folder, const char *name);
/* Calls f with each name in folder. */
void folder_walk(const char *folder, void (*f)(struct sandbox *s,
	const char *name), struct sandbox *s);
/* For the fault of the slow disk. */
void disk_wait(struct sandbox *s);

#endif
