/* SPDX-License-Identifier: ISC */
/*
 * alerts: what is wrong and needs somebody. Whoever finds out raises it and
 * clears it again; who wants to know is told (alert_tell.h). What can be seen
 * by looking now and then is found by alert_watch.h.
 */
#ifndef FCGI_ALERTS_H
#define FCGI_ALERTS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

struct app;
struct alerts;

enum alert_kind {
	ALERT_CRASH_LOOP,		/* of a unikernel */
	ALERT_STOPPED,			/* the same: it went by itself */
	ALERT_CHECK_FAILING,		/* the same */
	ALERT_INSTANCE_DOWN,		/* of an instance */
	ALERT_CERTIFICATE_EXPIRING,	/* the same, for administrators */
	ALERT_POLICY_FULL,		/* of a project on an instance */
	ALERT_POLICY_DRIFT,		/* the same: albatross has another */
	ALERT_KINDS
};

/* app's ledger and settings are there. NULL: out of memory. */
struct alerts *alerts_new(struct app *app);
/* Nobody raises any more. NULL is fine. */
void alerts_free(struct alerts *a);

/*
 * It is so, and why: a sentence. It is not so any more. Often, and from any
 * thread: what does not change anything is passed over at once, the rest is
 * written down. What can not be is logged, and done when they are called next.
 * project and name may be NULL or "".
 */
void alert_raise(struct app *app, enum alert_kind kind, const char *instance,
	const char *project, const char *name, const char *detail);
/* The same; when the sentence is another one, people are told again. */
void alert_raise_again(struct app *app, enum alert_kind kind,
	const char *instance, const char *detail);
void alert_clear(struct app *app, enum alert_kind kind, const char *instance,
	const char *project, const char *name);
/* Clears those of a kind for which keep answers false. */
void alert_clear_unless(struct app *app, enum alert_kind kind,
	bool (*keep)(void *arg, const char *instance, const char *project,
	const char *name), void *arg);
/* Nobody is told that it began, until then; 0: no more of that. 0 or an err. */
int alert_silence_set(struct app *app, int64_t id, int64_t until,
	struct fault *f);

#endif
