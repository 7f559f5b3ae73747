/* SPDX-License-Identifier: ISC */
/*
 * gauge_meter: what one unikernel uses, reckoned from the counters that
 * albatross tells every few seconds: differences over the time in which they
 * came. Counters that went back are of another process: it begins anew.
 */
#ifndef FCGI_GAUGE_METER_H
#define FCGI_GAUGE_METER_H

#include "albatross/wire.h"
#include "fcgi/gauge_file.h"

/* Longer apart, and what was in between is not known (ms). */
#define METER_APART_MAX 60000
/* Closer together, and the one is not told from the other. */
#define METER_APART_MIN 500

/* The last of it. */
struct gauge {
	int64_t ms;		/* since 1970 */
	/* NAN when it is not known, as after a start */
	double cpu;		/* per cent of one core */
	uint64_t memory;	/* bytes that are resident */
	double faults;		/* per second */
	double rx, tx;		/* bytes per second, as the guest sees them */
	/* Since the unikernel, or a device of it, was started. */
	double cpu_seconds;
	uint64_t rx_bytes, tx_bytes;
};

/* Counters at a moment. */
struct meter_point {
	int64_t at;		/* ms of a clock that only goes forward */
	int64_t slot;		/* of the finest ring */
	double cpu;		/* seconds */
	uint64_t memory, faults;
	size_t nnets;
	struct {
		char name[GAUGE_NAME_SIZE];
		uint64_t rx, tx;
	} nets[GAUGE_NETS_MAX];
};

/* Zeroed it knows nothing. */
struct meter {
	bool known;
	struct meter_point before;	/* the last of the slot before */
	struct meter_point last;
};

/*
 * Takes what was told at now_ms (since 1970; at: see meter_point). True with
 * the use since then (*since, in seconds since 1970) in v and *out; false when
 * it came too soon to tell.
 */
bool meter_take(struct meter *m, const struct alb_stats *s, int64_t at,
	int64_t now_ms, struct gauge *out, struct gauge_values *v,
	int64_t *since);

#endif
