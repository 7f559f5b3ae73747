/* SPDX-License-Identifier: ISC */
/* alert_judge: see alert_judge.h. */
#include "fcgi/alert_judge.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define DAY_S (24 * 3600)

bool
alert_judge_certificate(const char *instance, int64_t expires, int64_t now,
	int64_t days, char detail[ALERT_DETAIL_MAX + 1])
{
	time_t t = (time_t)expires;
	char date[16];
	struct tm tm;

	if (expires - now >= days * DAY_S)
		return false;
	gmtime_r(&t, &tm);
	strftime(date, sizeof(date), "%Y-%m-%d", &tm);
	snprintf(detail, ALERT_DETAIL_MAX + 1, expires <= now ?
	    "The certificate of %s expired on %s: nothing can be done there "
	    "until the instance is added again with a new one." :
	    "The certificate of %s expires on %s: add the instance again with "
	    "a new one before.", instance, date);
	return true;
}

/* Adds "9 of 10 unikernels" when that is too much. */
static void
part(struct buf *out, int64_t used, int64_t limit, const char *what,
	int64_t percent)
{
	/* Without division, and without overflow: limits are below 2^31. */
	if (used <= 0 || used * 100 <= limit * percent)
		return;
	buf_putf(out, "%s%" PRId64 " of %" PRId64 " %s", buf_left(out) > 0 ?
	    ", " : "", used, limit, what);
}

bool
alert_judge_policy(const char *instance, const char *project,
	const struct alb_policy *policy, const struct alert_usage *used,
	int64_t percent, char detail[ALERT_DETAIL_MAX + 1])
{
	struct buf parts;
	bool full;

	buf_init(&parts, ALERT_DETAIL_MAX);
	part(&parts, used->unikernels, policy->unikernels, "unikernels",
	    percent);
	part(&parts, used->memory, policy->memory, "MB of memory", percent);
	if (policy->has_block)
		part(&parts, used->block, policy->block, "MB of volumes",
		    percent);
	full = buf_left(&parts) > 0 && buf_str(&parts) != NULL;
	if (full)
		snprintf(detail, ALERT_DETAIL_MAX + 1, "On %s the project %s "
		    "uses %s.", instance, project, buf_str(&parts));
	buf_free(&parts);
	return full;
}
