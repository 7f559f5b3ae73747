/* SPDX-License-Identifier: ISC */
/*
 * log_sweep: a walk over all kept logs, which removes those of unikernels that
 * have been gone for long, and the oldest segments of all when together they
 * are too large.
 */
#ifndef FCGI_LOG_SWEEP_H
#define FCGI_LOG_SWEEP_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

struct log_sweep {
	int root;		/* STATE/logs */
	int64_t max;		/* bytes of all; when more, 95 % of it stay */
	int64_t age;		/* seconds after the last entry */
	time_t now;
	/* Of the log "INSTANCE/PROJECT/NAME": it is not gone. NULL: all are. */
	bool (*alive)(void *arg, const char *path);
	void *arg;
};

/*
 * Who writes logs rests meanwhile, and looks anew at what is there. The age of
 * one that is not gone begins with now. What remains, in bytes.
 */
int64_t log_sweep(const struct log_sweep *s);

#endif
