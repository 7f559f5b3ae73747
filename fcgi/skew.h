/* SPDX-License-Identifier: ISC */
/*
 * skew: how far the clock of an albatross server is ahead of ours. Nothing
 * there can be asked for it; but what comes with a time was said before it
 * came. The quickest of many was hardly older than the way here takes, so the
 * largest difference of a while is about the truth, and never more than it.
 */
#ifndef FCGI_SKEW_H
#define FCGI_SKEW_H

#include <stdbool.h>
#include <stdint.h>

#define SKEW_WINDOW_MS (5 * 60 * INT64_C(1000))	/* two are kept */

/* Zeroed it is new. Times are ms since 1970. */
struct skew {
	int64_t window;		/* the newer one */
	bool has[2];
	int64_t most[2];	/* of it, and of the one before */
};

/* What they said at theirs came at ours. */
void skew_add(struct skew *s, int64_t theirs, int64_t ours);
/* ms by which they are ahead, or behind (< 0); false: nothing came lately. */
bool skew_get(const struct skew *s, int64_t ours, int64_t *ms);

#endif
