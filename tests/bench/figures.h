/* SPDX-License-Identifier: ISC */
/* figures: times taken again and again, and what is said of them. */
#ifndef TESTS_BENCH_FIGURES_H
#define TESTS_BENCH_FIGURES_H

#include <stddef.h>

struct figures {
	double *ms;	/* owned */
	size_t len, max;
};

/* Milliseconds of a clock that only goes forward. */
double now_ms(void);

/* Ends the program when there is no memory. */
void figures_init(struct figures *f, size_t max);
void figures_free(struct figures *f);
/* One time more; what is beyond max is dropped. */
void figures_add(struct figures *f, double ms);
/* The time which share (0..1) of them do not exceed; 0 when there is none. */
double figures_at(struct figures *f, double share);

/* Prints why on standard error and ends the program. */
_Noreturn void die(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#endif
