/* SPDX-License-Identifier: ISC */
/*
 * gauge_source: the statistics of one instance: the thread that subscribes, and
 * what it last heard of each unikernel. gauges.c has one per instance.
 */
#ifndef FCGI_GAUGE_SOURCE_H
#define FCGI_GAUGE_SOURCE_H

#include "fcgi/gauges.h"

struct gauge_source;

/*
 * Starts; app is borrowed, and root, where what comes is kept. NULL when it can
 * not be started.
 */
struct gauge_source *gauge_source_new(struct app *app, int root,
	const char *instance);
/* Asks it to end; free waits until it did. */
void gauge_source_end(struct gauge_source *s);
void gauge_source_free(struct gauge_source *s);

const char *gauge_source_instance(const struct gauge_source *s);
/* As gauges.h has them. From any thread. */
bool gauge_source_latest(struct gauge_source *s, const char *project,
	const char *name, struct gauge *out);
void gauge_source_status(struct gauge_source *s, struct gauges_status *out);
/* Closes what is open, and does not wait to open it again. */
void gauge_source_again(struct gauge_source *s);

/*
 * How long to wait (ms) after having waited for last: after having lost it to
 * somebody 30 s and then twice as long each time, up to 10 minutes; else 5 s up
 * to a minute.
 */
int gauge_backoff(int last, bool displaced);

#endif
