/* SPDX-License-Identifier: ISC */
/* log_rate: see log_rate.h. */
#include "fcgi/log_rate.h"

#define LINE 1000		/* thousandths */

bool
log_rate_take(struct log_rate *r, int64_t now)
{
	/* A millisecond makes up for a thousandth of a second's lines. */
	if (now > r->at) {
		int64_t quiet = now - r->at;

		r->spent -= quiet > LOG_RATE_BURST ? r->spent :
			quiet * LOG_RATE_SECOND;
		if (r->spent < 0)
			r->spent = 0;
		r->at = now;
	}
	if (r->spent + LINE <= LOG_RATE_BURST * LINE) {
		r->spent += LINE;
		return true;
	}
	if (r->dropped++ == 0)
		r->since = now;
	return false;
}

uint64_t
log_rate_told(struct log_rate *r, int64_t now)
{
	uint64_t dropped = r->dropped;

	if (dropped == 0 || now - r->since < LOG_RATE_TELL_MS)
		return 0;
	r->dropped = 0;
	return dropped;
}
