/* SPDX-License-Identifier: ISC */
/*
 * log_rate: how many lines of a console are taken: so many a second, and more
 * at once after a quiet time. What is beyond is counted, and told once a
 * second.
 */
#ifndef FCGI_LOG_RATE_H
#define FCGI_LOG_RATE_H

#include <stdbool.h>
#include <stdint.h>

#define LOG_RATE_SECOND 1000	/* lines, for as long as they come */
#define LOG_RATE_BURST 4096	/* lines, after a quiet time */
#define LOG_RATE_TELL_MS 1000

/* Zeroed it is one after a quiet time. now is flight_now in all of it. */
struct log_rate {
	int64_t spent;		/* thousandths of lines, not yet made up for */
	int64_t at;		/* when that was so */
	uint64_t dropped;	/* lines, that were not told */
	int64_t since;		/* of the first of them */
};

/* Whether one more line is taken; one that is not is counted. */
bool log_rate_take(struct log_rate *r, int64_t now);
/*
 * How many lines were dropped, once it is time to tell: they are counted from
 * 0 again. 0: nothing to tell now.
 */
uint64_t log_rate_told(struct log_rate *r, int64_t now);

#endif
