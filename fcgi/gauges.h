/* SPDX-License-Identifier: ISC */
/*
 * gauges: what all unikernels use. One subscription to the statistics of each
 * instance, at its root, by the service itself, each in a thread of its own;
 * what comes is the newest of each unikernel, is kept on disk (gauge_file.h)
 * and published (FEED_METRICS). albatross has one such subscription per server:
 * who loses it to somebody else waits long before taking it back.
 */
#ifndef FCGI_GAUGES_H
#define FCGI_GAUGES_H

#include "fcgi/gauge_meter.h"

#define GAUGES_FRESH_MS 60000	/* what is older is not the newest */

/* How it is with the statistics of an instance. */
enum gauges_state {
	GAUGES_OFF,		/* not connected, or not yet */
	GAUGES_LIVE,
	GAUGES_DISPLACED	/* somebody else has the subscription */
};

struct gauges_status {
	enum gauges_state state;
	int64_t since_ms;	/* since 1970; 0: not known */
	int64_t retry_ms;	/* when it is tried again; 0: at once */
	char detail[512];	/* a sentence; "" for GAUGES_LIVE */
};

/* "off", "live", "displaced" */
const char *gauges_state_name(enum gauges_state state);

struct app;
struct gauges;

/*
 * Opens STATE/metrics and starts; app is borrowed: its upstream and hub are
 * there. NULL with f.
 */
struct gauges *gauges_new(struct app *app, struct fault *f);
/* What is under way ends by its own time limits. NULL is fine. */
void gauges_free(struct gauges *g);

/* The newest; false: none within the last minute. From any thread. */
bool gauges_latest(struct gauges *g, const char *instance,
	const char *project, const char *name, struct gauge *out);
/* Where gauge_file.h finds what is kept; borrowed. */
int gauges_root(const struct gauges *g);

/* From any thread; GAUGES_OFF for an instance that is not known. */
void gauges_status(struct gauges *g, const char *instance,
	struct gauges_status *out);
/* It was removed, or added anew: what is open is closed, and opened again. */
void gauges_again(struct gauges *g, const char *instance);

#endif
