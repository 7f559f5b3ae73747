/* SPDX-License-Identifier: ISC */
/*
 * flight: the same question, asked by many within a moment, is asked once.
 * The first one leads and gets the answer; the others wait for it; who comes
 * within a short time after it takes what is there.
 */
#ifndef FCGI_FLIGHT_H
#define FCGI_FLIGHT_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

#define FLIGHT_KEY_MAX 255

/* The head of whatever is shared; made by whoever leads. */
struct answer {
	atomic_int refs;
	void (*free)(struct answer *a);
};

/* Keys and answers; locks itself. */
struct flights;
/* One question under way; held by everybody who leads it or waits for it. */
struct flight;

struct flights *flights_new(int keep_ms);
void flights_free(struct flights *t);

/*
 * Sets *a to a kept answer (owned by the caller then: answer_put), or *a to
 * NULL and *flight to the question under way; *lead tells whether the caller
 * has to ask it and call flight_land. The flight is released by flight_leave.
 * 0 or ERR_NO_MEMORY.
 */
int flight_join(struct flights *t, const char *key, struct answer **a,
	struct flight **flight, bool *lead, struct fault *f);
/*
 * The leader's answer: a (taken; kept for others), or NULL with what went
 * wrong.
 */
void flight_land(struct flight *flight, struct answer *a,
	const struct fault *f);
/*
 * Waits up to deadline (milliseconds of flight_now): 0 with an owned *a, or
 * what went wrong, or ERR_ALB_TIMEOUT.
 */
int flight_wait(struct flight *flight, int64_t deadline, struct answer **a,
	struct fault *f);
void flight_leave(struct flight *flight);
/* One more hold, to be left as well; for a thread that leads instead. */
struct flight *flight_hold(struct flight *flight);

/*
 * What was asked before now is not handed out any more: something changed.
 * Who waits already gets what they asked for.
 */
void flight_forget(struct flights *t, const char *key);

void answer_init(struct answer *a, void (*free_answer)(struct answer *a));
struct answer *answer_get(struct answer *a);
void answer_put(struct answer *a);	/* NULL is fine */

/* Milliseconds of the monotonic clock. */
int64_t flight_now(void);

#endif
