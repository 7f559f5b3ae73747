/* SPDX-License-Identifier: ISC */
/* replay: what a console says when subscribed to; see replay.h. */
#include "fcgi/replay.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"

static void
lines_free(struct replay_lines *lines)
{
	for (size_t i = 0; i < lines->len; i++)
		free(lines->items[i].text);
	free(lines->items);
	*lines = (struct replay_lines){ 0 };
}

static bool
lines_add(struct replay_lines *lines, int64_t ms, const char *text, size_t len)
{
	char *copy = malloc(len == 0 ? 1 : len);

	if (copy == NULL || !array_grow((void **)&lines->items,
	    &lines->cap, lines->len, sizeof(*lines->items))) {
		free(copy);
		return false;
	}
	memcpy(copy, text, len);
	lines->items[lines->len++] = (struct replay_line){ .ms = ms,
		.len = (uint32_t)len, .text = copy };
	return true;
}

static bool
is_line(const struct replay_line *line, int64_t ms, const char *text,
	size_t len)
{
	return line->ms == ms && line->len == len &&
		memcmp(line->text, text, len) == 0;
}

void
replay_free(struct replay *p)
{
	lines_free(&p->kept);
	lines_free(&p->held);
	*p = (struct replay){ .since = -1 };
}

bool
replay_begin(struct replay *p, const struct ring *r)
{
	bool ok = true;

	replay_free(p);
	p->since = ring_last_ms(r);
	for (int64_t i = ring_since(r, p->since); p->since >= 0 && ok &&
	    i < r->next; i++) {
		const struct ring_line *line = ring_at(r, i);

		if (line->kind == LOG_LINE && line->ms == p->since)
			ok = lines_add(&p->kept, line->ms, line->text,
				line->len);
	}
	return ok;
}

/* One of the lines of the last millisecond, each once. */
static bool
is_kept(struct replay *p, int64_t ms, const char *text, size_t len)
{
	for (size_t i = 0; ms == p->since && i < p->kept.len; i++) {
		struct replay_line *line = &p->kept.items[i];

		if (!line->again && is_line(line, ms, text, len)) {
			line->again = p->heard = true;
			return true;
		}
	}
	return false;
}

/*
 * What is later than a line that comes now, came before it: if albatross has
 * remembered that too by then, it will come again.
 */
static void
mark_early(struct replay *p, int64_t ms, bool all)
{
	if (!all && ms >= p->latest)
		return;
	p->mixed = true;
	for (size_t i = 0; i < p->held.len; i++)
		if (all || p->held.items[i].ms > ms)
			p->held.items[i].early = true;
}

static bool
is_double(struct replay *p, int64_t ms, const char *text, size_t len)
{
	for (size_t i = 0; i < p->held.len; i++) {
		struct replay_line *line = &p->held.items[i];

		if (line->early && !line->again &&
		    is_line(line, ms, text, len)) {
			line->again = true;
			return true;
		}
	}
	return false;
}

bool
replay_take(struct replay *p, int64_t ms, const char *text, size_t len)
{
	if (len > RING_LINE_MAX)
		len = RING_LINE_MAX;
	if (ms < p->since)
		p->heard = true;
	if (ms < p->since || is_kept(p, ms, text, len)) {
		mark_early(p, ms, p->held.len > 0);
		return true;
	}
	if (p->held.len > 0)
		mark_early(p, ms, false);
	if (p->mixed && is_double(p, ms, text, len))
		return true;
	if (p->held.len == REPLAY_LINES_MAX ||
	    p->bytes + len > REPLAY_BYTES_MAX ||
	    !lines_add(&p->held, ms, text, len))
		return false;
	p->bytes += len;
	if (p->held.len == 1 || ms > p->latest)
		p->latest = ms;
	return true;
}

/* By time; what is of one time stays as it came. */
static int
line_compare(const void *a, const void *b)
{
	const struct replay_line *const *p = a, *const *q = b;

	if ((*p)->ms != (*q)->ms)
		return (*p)->ms < (*q)->ms ? -1 : 1;
	return *p < *q ? -1 : *p > *q;
}

static void
add_sorted(const struct replay_lines *lines, const struct replay_line **order,
	void (*add)(void *arg, int64_t ms, const char *text, size_t len),
	void *arg)
{
	for (size_t i = 0; i < lines->len; i++)
		order[i] = &lines->items[i];
	qsort(order, lines->len, sizeof(const struct replay_line *),
	    line_compare);
	for (size_t i = 0; i < lines->len; i++)
		add(arg, order[i]->ms, order[i]->text, order[i]->len);
}

void
replay_settle(struct replay *p, void (*add)(void *arg, int64_t ms,
	const char *text, size_t len), void *arg)
{
	const struct replay_line **order = !p->mixed ? NULL :
		calloc(p->held.len + 1, sizeof(const struct replay_line *));

	if (order != NULL)
		add_sorted(&p->held, order, add, arg);
	for (size_t i = 0; order == NULL && i < p->held.len; i++)
		add(arg, p->held.items[i].ms, p->held.items[i].text,
		    p->held.items[i].len);
	free(order);
	lines_free(&p->held);
	p->bytes = 0;
}

bool
replay_lost(const struct replay *p)
{
	return p->since >= 0 && !p->heard;
}

bool
replay_heard(struct replay *p, int64_t ms, const char *text, size_t len)
{
	return is_kept(p, ms, text, len > RING_LINE_MAX ? RING_LINE_MAX :
		len);
}
