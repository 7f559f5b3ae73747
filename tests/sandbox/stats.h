/* SPDX-License-Identifier: ISC */
/* stats: the statistics daemon; protocol section 3.7. */
#ifndef TESTS_SANDBOX_STATS_H
#define TESTS_SANDBOX_STATS_H

#include "tests/sandbox/conn.h"
#include "tests/sandbox/request.h"

/* The interval is over: wakes all subscribers. The lock is held. */
void stats_tick(struct sandbox *s);
/* As if somebody else subscribed to all that is. The lock is held. */
void stats_displace(struct sandbox *s);
/* Called without the lock; as console_subscribe. */
const char *stats_subscribe(struct sandbox *s, struct conn *c,
	struct request *r);

#endif
