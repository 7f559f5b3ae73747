/* SPDX-License-Identifier: ISC */
/*
 * exposition: numbers as Prometheus reads them: its text format 0.0.4, or
 * OpenMetrics 1.0, which differ in the names of counters and in the end. All
 * samples of a family come behind its head.
 */
#ifndef FCGI_EXPOSITION_H
#define FCGI_EXPOSITION_H

#include "base/buf.h"
#include "fcgi/counters.h"

#define EXPOSITION_MAX (64 * 1024 * 1024)

enum family_kind { FAMILY_COUNTER, FAMILY_GAUGE, FAMILY_HISTOGRAM };

struct family {
	const char *name;	/* of a counter: without "_total" */
	enum family_kind kind;
	const char *help;	/* a sentence without line ends */
};

struct exposition {
	struct buf text;
	bool open_metrics;
	const struct family *family;	/* the one that was begun */
};

void exposition_init(struct exposition *e, bool open_metrics);
void exposition_free(struct exposition *e);
const char *exposition_type(const struct exposition *e);

/* Begins a family; f is borrowed until the next one. */
void exposition_begin(struct exposition *e, const struct family *f);
/*
 * One sample of it. Labels are pairs of a name, which is ours, and a value,
 * which may be any UTF-8; NULL ends them.
 */
void exposition_put(struct exposition *e, double value, ...)
	__attribute__((sentinel));
void exposition_count(struct exposition *e, uint64_t value, ...)
	__attribute__((sentinel));
/* Its buckets, sum and count, with at most three labels. */
void exposition_histogram(struct exposition *e, const struct histogram *h,
	...) __attribute__((sentinel));
/* The end of it all: false when something did not fit. */
bool exposition_end(struct exposition *e);

#endif
