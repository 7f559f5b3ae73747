/* SPDX-License-Identifier: ISC */
/* alert_judge: see alert_judge.h. */
#include "fcgi/alert_judge.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define DAY_S (24 * 3600)

/* How long it is good, in days that are worth a word: fewer than those. */
static int64_t
days_left(int64_t left, int64_t days)
{
	static const int64_t steps[] = { 1, 7, 14 };

	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++)
		if (steps[i] <= days && left < steps[i] * DAY_S)
			return steps[i];
	return days;
}

static void
expiry_say(const char *instance, const char *of, const char *what,
	int64_t expires, int64_t left, int64_t days,
	char detail[ALERT_DETAIL_MAX + 1])
{
	time_t t = (time_t)expires;
	char date[16];
	struct tm tm;

	gmtime_r(&t, &tm);
	strftime(date, sizeof(date), "%Y-%m-%d", &tm);
	if (left <= 0) {
		snprintf(detail, ALERT_DETAIL_MAX + 1, "The certificate of "
		    "%s%s expired on %s: nothing can be done there until %s.",
		    of, instance, date, what);
		return;
	}
	days = days_left(left, days);
	snprintf(detail, ALERT_DETAIL_MAX + 1, "The certificate of %s%s "
	    "expires on %s, in less than %" PRId64 " day%s: see that %s "
	    "before.", of, instance, date, days, days == 1 ? "" : "s", what);
}

bool
alert_judge_certificate(const char *instance,
	const struct alert_expiry *when, int64_t now, int64_t days,
	char detail[ALERT_DETAIL_MAX + 1])
{
	bool server = when->server != 0 &&
		(when->ca == 0 || when->server < when->ca);
	int64_t expires = server ? when->server : when->ca;

	if (expires == 0 || expires - now >= days * DAY_S)
		return false;
	if (server)
		expiry_say(instance, "the server ", "it has a new one",
		    expires, expires - now, days, detail);
	else
		expiry_say(instance, "", "the instance is given a new one",
		    expires, expires - now, days, detail);
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
