/* SPDX-License-Identifier: ISC */
/*
 * alert_tell: which alerts are told now, and to which webhooks. What happens
 * within a short time is told together; an alert that comes and goes once in
 * the quiet time; one of a unikernel not while its instance is down, which has
 * an alert of its own, and one of a health check not while it does not run,
 * which has too. That it is over is told to whom its begin was told.
 */
#ifndef FCGI_ALERT_TELL_H
#define FCGI_ALERT_TELL_H

#include "fcgi/alert.h"
#include "fcgi/alert_settings.h"

#define ALERT_REMIND_MS (7 * 24 * 3600 * 1000LL)	/* open for as long */
#define ALERT_SETTLE_MS (2 * 60 * 1000LL)	/* after an instance is back */
#define ALERT_CALL_MAX 200	/* alerts in one call */

struct alert_teller {
	struct ledger *ledger;
	const char *origin;	/* of the public URL */
	bool webhook;		/* administrators have one */
	/* Does the instance answer no more, alert or not? */
	bool (*down)(void *arg, const char *instance);
	/* Adds the projects that have a policy there: "ada bob ". */
	void (*projects)(void *arg, const char *instance, struct buf *out);
	void *arg;
};

/* Puts into the outbox and the events what is to be told now, or fails. */
void alerts_tell(const struct alert_teller *t, int64_t now);

#endif
