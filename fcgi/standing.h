/* SPDX-License-Identifier: ISC */
/*
 * standing: how an instance did lately: its last checks, when it was away, and
 * what follows from them. Without a lock; whoever holds one says when it is.
 */
#ifndef FCGI_STANDING_H
#define FCGI_STANDING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/json.h"

#define STANDING_CHECKS 100
#define STANDING_OUTAGES 50
#define STANDING_DETAIL 200
/* One that was away twice within this time, or is slow, is degraded. */
#define STANDING_DEGRADED_MS (5 * 60 * 1000)
#define STANDING_SLOW_MS 2000
#define STANDING_DAY_MS (24 * 60 * 60 * INT64_C(1000))

enum standing_status {
	STANDING_UNKNOWN,	/* never asked */
	STANDING_UP,
	STANDING_DEGRADED,	/* answers, but slowly, or comes and goes */
	STANDING_DOWN,
};

/* Times are milliseconds since 1970. */
struct check {
	int64_t at;
	int ms;			/* it took */
	int err;		/* 0: it answered */
	char detail[STANDING_DETAIL];
};

struct outage {
	int64_t since, until;	/* until 0: goes on */
	int err;
	char detail[STANDING_DETAIL];
};

/* Zeroed it is new. Both lists are rings: the newest is at next - 1. */
struct standing {
	enum standing_status status;
	int64_t since;		/* of the status; 0: never asked */
	int64_t watched;	/* the first check */
	int64_t checked;	/* the last one */
	int64_t failures;	/* the last checks, in a row */
	int64_t checks_all, outages_all;
	struct check checks[STANDING_CHECKS];
	struct outage outages[STANDING_OUTAGES];
};

const char *standing_status_text(enum standing_status s);
/* "network", "certificate", "credentials" or "incompatible". */
const char *standing_category(int err);

/*
 * One more check, f NULL when it answered. True when the status is another one
 * than before, or it is down for another reason.
 */
bool standing_add(struct standing *s, int64_t at, int ms,
	const struct fault *f);
/*
 * After how long one that failed so many times in a row (>= 1) is asked again:
 * soon while somebody looks, and ever later up to a bound, in ms.
 */
#define STANDING_LOOKED_MS 5000
#define STANDING_LOOKED_MAX_MS 20000
#define STANDING_SELDOM_MS 30000
#define STANDING_SELDOM_MAX_MS (5 * 60 * 1000)
int standing_wait(int64_t failures, bool looked);
/* An outage as it was kept; the oldest first, before any check. */
void standing_outage(struct standing *s, const struct outage *o);
/* The newest check or outage, the one before it, ...; NULL behind the last. */
const struct check *standing_check(const struct standing *s, size_t i);
const struct outage *standing_outage_at(const struct standing *s, size_t i);
/* Milliseconds in which percent of the checks answered; -1: none did. */
int standing_latency(const struct standing *s, int percent);
/* The share of the last day in which it was not away, 0..1; -1: not known. */
double standing_availability(const struct standing *s, int64_t now);

/* "latency", "availability", "checks", "outages"; details if whole. */
void standing_show(const struct standing *s, struct json_object *o,
	int64_t now, bool whole);

#endif
