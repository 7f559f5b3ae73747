/* SPDX-License-Identifier: ISC */
/* skew: see skew.h. */
#include "fcgi/skew.h"

/* What is known in the window of a time: of it (0), and the one before (1). */
static int
place_of(const struct skew *s, int64_t window, int i)
{
	if (window == s->window)
		return s->has[i] ? i : -1;
	return window == s->window + 1 && i == 1 && s->has[0] ? 0 : -1;
}

void
skew_add(struct skew *s, int64_t theirs, int64_t ours)
{
	int64_t window = ours / SKEW_WINDOW_MS, ms = theirs - ours;

	if (window != s->window) {
		s->has[1] = window == s->window + 1 && s->has[0];
		s->most[1] = s->most[0];
		s->has[0] = false;
		s->window = window;
	}
	if (!s->has[0] || ms > s->most[0])
		s->most[0] = ms;
	s->has[0] = true;
}

bool
skew_get(const struct skew *s, int64_t ours, int64_t *ms)
{
	int64_t window = ours / SKEW_WINDOW_MS;
	int now = place_of(s, window, 0), before = place_of(s, window, 1);

	if (now < 0 && before < 0)
		return false;
	*ms = now < 0 || (before >= 0 && s->most[before] > s->most[now]) ?
		s->most[before] : s->most[now];
	return true;
}
