/* SPDX-License-Identifier: ISC */
/*
 * alb_deadline: points in time, in milliseconds of the monotonic clock;
 * ALB_NEVER for none.
 */
#ifndef ALBATROSS_DEADLINE_H
#define ALBATROSS_DEADLINE_H

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdint.h>
#include <time.h>

#include "albatross/error.h"

#define ALB_NEVER INT64_MAX

static inline int64_t
alb_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* In ms milliseconds from now; a negative ms is never. */
static inline int64_t
alb_deadline(int ms)
{
	return ms < 0 ? ALB_NEVER : alb_now() + ms;
}

/* How long poll may still wait: 0 when over, -1 for ever. */
static inline int
alb_deadline_left(int64_t deadline)
{
	int64_t left;

	if (deadline == ALB_NEVER)
		return -1;
	left = deadline - alb_now();
	return left <= 0 ? 0 : left > INT_MAX ? INT_MAX : (int)left;
}

/* Waits for events on fd: ALB_OK, ALB_TIMEOUT or ALB_NETWORK. */
static inline int
alb_deadline_poll(int fd, short events, int64_t deadline)
{
	struct pollfd p = { .fd = fd, .events = events };
	int left, n;

	for (;;) {
		left = alb_deadline_left(deadline);
		if (left == 0)
			return ALB_TIMEOUT;
		n = poll(&p, 1, left);
		if (n > 0)
			return ALB_OK;
		if (n < 0 && errno != EINTR)
			return ALB_NETWORK;
	}
}

#endif
