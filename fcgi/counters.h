/* SPDX-License-Identifier: ISC */
/*
 * counters: what this program counts of itself, for /metrics. They are of the
 * process, as the log is; any thread may add to them and none waits. They
 * begin at 0 with the program.
 */
#ifndef FCGI_COUNTERS_H
#define FCGI_COUNTERS_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include "albatross/command.h"
#include "albatross/name.h"
#include "base/err.h"

/* How long things took: how often within each of the bounds, or beyond. */
#define HISTOGRAM_BOUNDS 13

extern const int64_t histogram_bounds[HISTOGRAM_BOUNDS];	/* us */

struct histogram {
	atomic_uint_least64_t buckets[HISTOGRAM_BOUNDS + 1];
	atomic_uint_least64_t sum;	/* us */
};

/* Microseconds of a clock that only goes forward. */
int64_t counters_now(void);

/* ---- what happened ---- */

enum counted {
	COUNT_STREAMS,		/* streams that were begun, */
	COUNT_STREAMS_CUT,	/* and closed because they were too slow */
	COUNT_EVENTS,		/* events and lines sent to streams */
	COUNT_LINES,		/* lines heard of consoles, */
	COUNT_LINES_DROPPED,	/* and those a flood was too much of */
	COUNTED
};

void count(enum counted what, uint64_t n);
uint64_t count_of(enum counted what);

/* How many there are now. */
enum present {
	NOW_REQUESTS,		/* being served */
	NOW_STREAMS,		/* open */
	NOW_CONSOLES,		/* subscriptions, at all instances */
	NOW_LOG_QUEUE,		/* entries that wait to be written */
	PRESENT
};

void count_now(enum present what, int more);	/* or less, below 0 */
int64_t count_now_of(enum present what);

/* ---- deployments ---- */

#define COUNT_ENDS 16		/* states of deployment.h */

/* One ended, in that state. */
void count_deployment(int state);
uint64_t count_deployments(int state);

/* ---- requests ---- */

#define COUNT_ROUTES 256		/* rows of the table of routes */
#define COUNT_CLASSES 6			/* statuses by their first digit */

struct request_counts {
	atomic_uint_least64_t statuses[COUNT_CLASSES];
	struct histogram time;
};

/* A request was answered; route is its row, or COUNT_ROUTES - 1: none. */
void count_request(size_t route, int status, int64_t us);
const struct request_counts *count_requests(size_t route);	/* never NULL */

/* ---- the authority ---- */

struct mint_counts {
	struct histogram time;
	atomic_uint_least64_t errors[ERR_COUNT];
};

void count_mint(int err, int64_t us);
const struct mint_counts *count_mints(void);

/* ---- albatross ---- */

struct instance_counts {
	struct instance_counts *next;
	char name[ALB_LABEL_MAX + 1];
	atomic_uint age;		/* how often it was forgotten */
	atomic_uint_least64_t commands[ALB_COMMAND_KINDS];
	atomic_uint_least64_t errors[ERR_COUNT];
	struct histogram time;		/* of those that move no content */
};

/* Asked before a command is minted: whether it was removed since. */
unsigned count_age(const char *instance);
/*
 * A command was minted for an instance, of that age, and sent; us from the
 * dial to its (first) answer. And what came of it, if that was an err. What
 * was under way when the instance was removed is not counted.
 */
void count_command(const char *instance, unsigned age,
	enum alb_command_kind kind, int64_t us);
void count_command_error(const char *instance, unsigned age, int err);
/* The first of all that were ever counted. */
const struct instance_counts *count_instances(void);
/* It was removed: begins at 0, should there be one of this name again. */
void count_forget(const char *instance);

#endif
