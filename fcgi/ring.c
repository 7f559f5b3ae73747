/* SPDX-License-Identifier: ISC */
/* ring: the last entries of a log; see ring.h. */
#include "fcgi/ring.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

#define CAP_FIRST 16

void
ring_init(struct ring *r)
{
	*r = (struct ring){ .first = 1, .next = 1, .line_ms = -1 };
	random_bytes(&r->epoch, sizeof(r->epoch));
}

static struct ring_line *
slot(const struct ring *r, int64_t place)
{
	return &r->lines[(size_t)place & (r->cap - 1)];
}

static void
drop_first(struct ring *r)
{
	struct ring_line *line = slot(r, r->first);

	r->bytes -= line->len;
	free(line->text);
	line->text = NULL;
	r->first++;
}

void
ring_clear(struct ring *r)
{
	while (r->first < r->next)
		drop_first(r);
}

void
ring_free(struct ring *r)
{
	ring_clear(r);
	free(r->lines);
	r->lines = NULL;
	r->cap = 0;
}

/* Room for one more line: most consoles are quiet, so it begins small. */
static bool
grow(struct ring *r)
{
	size_t cap = r->cap == 0 ? CAP_FIRST : 2 * r->cap;
	struct ring_line *lines;

	if (r->next - r->first < (int64_t)r->cap)
		return true;
	if (r->cap == RING_LINES) {
		drop_first(r);
		return true;
	}
	lines = calloc(cap, sizeof(*lines));
	if (lines == NULL)
		return false;
	for (int64_t i = r->first; i < r->next; i++)
		lines[(size_t)i & (cap - 1)] = *slot(r, i);
	free(r->lines);
	r->lines = lines;
	r->cap = cap;
	return true;
}

const struct ring_line *
ring_at(const struct ring *r, int64_t place)
{
	return place >= r->first && place < r->next ? slot(r, place) : NULL;
}

int64_t
ring_last_ms(const struct ring *r)
{
	return r->line_ms;
}

void
ring_continue(struct ring *r, uint32_t epoch, int64_t next)
{
	r->epoch = epoch;
	r->first = r->next = next;
}

/* The next line of the console is of that time. */
static void
line_count(struct ring *r, int64_t ms)
{
	r->same = r->line_ms == ms ? r->same + 1 : 0;
	r->line_ms = ms;
}

const struct ring_line *
ring_add(struct ring *r, int64_t ms, enum log_kind kind, int64_t deployment,
	const char *text, size_t len)
{
	struct ring_line line = { .ms = ms, .kind = kind,
		.deployment = deployment };

	if (len > RING_LINE_MAX)
		len = RING_LINE_MAX;
	if (!grow(r))
		return NULL;
	line.text = malloc(len == 0 ? 1 : len);
	if (line.text == NULL)
		return NULL;
	memcpy(line.text, text, len);
	line.len = (uint32_t)len;
	if (kind == LOG_LINE)
		line_count(r, ms);
	line.line_ms = r->line_ms < 0 ? 0 : r->line_ms;
	line.same = r->same;
	while (r->bytes + len > RING_BYTES)
		drop_first(r);
	*slot(r, r->next) = line;
	r->next++;
	r->bytes += len;
	return slot(r, r->next - 1);
}

int64_t
ring_since(const struct ring *r, int64_t ms)
{
	int64_t place = r->next;

	/* From the end: a clock that was set back hides nothing new. */
	while (place > r->first && (slot(r, place - 1)->ms >= ms ||
	    slot(r, place - 1)->line_ms >= ms))
		place--;
	return place;
}

/* Whether it is not behind the line that is told so. */
static bool
is_until(const struct ring_line *line, int64_t ms, int64_t same)
{
	return line->line_ms < ms || (line->line_ms == ms &&
		line->same <= same);
}

/* The digits at s up to end: what is behind them, or NULL. */
static const char *
number_take(const char *s, int64_t max, char end, int64_t *out)
{
	char *stop;

	if (s == NULL || *s < '0' || *s > '9')
		return NULL;
	errno = 0;
	*out = strtoll(s, &stop, 10);
	return errno == 0 && *out <= max && *stop == end ? stop + 1 : NULL;
}

/* An id taken apart; ms -1: EPOCH.SEQ alone. */
struct id {
	uint32_t epoch;
	int64_t place, ms, same;
};

/* 0, or -1 for what is none. */
static int
id_parse(const char *text, struct id *id)
{
	const char *rest = text + 9;
	char digits[9];
	uint8_t b[4];

	snprintf(digits, sizeof(digits), "%s", text);
	if (strlen(digits) != 8 || text[8] != '.' ||
	    hex_decode(digits, b, 4) < 0)
		return -1;
	id->epoch = (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 |
		(uint32_t)b[2] << 8 | b[3];
	id->ms = -1;
	if (number_take(rest, INT64_MAX - 1, '\0', &id->place) != NULL)
		return 0;
	rest = number_take(rest, INT64_MAX - 1, '.', &id->place);
	rest = number_take(rest, INT64_MAX, '.', &id->ms);
	return number_take(rest, UINT32_MAX, '\0', &id->same) == NULL ? -1 :
		0;
}

/*
 * What was told, but not kept, before the program ended by force has the place
 * of something else then. What is older than the ring was kept.
 */
static bool
is_of(const struct ring_line *line, const struct id *id)
{
	return line == NULL || id->ms < 0 || line->line_ms == id->ms;
}

int64_t
ring_resume(const struct ring *r, const char *text)
{
	int64_t place;
	struct id id;

	if (id_parse(text, &id) < 0)
		return -1;
	if (id.epoch == r->epoch && id.place < r->next &&
	    is_of(ring_at(r, id.place), &id))
		return id.place + 1;
	if (id.ms < 0)
		return -1;
	place = ring_since(r, id.ms);
	while (place < r->next && is_until(slot(r, place), id.ms, id.same))
		place++;
	return place;
}

void
ring_id_of(uint32_t epoch, int64_t seq, int64_t ms, uint32_t same,
	char id[RING_ID_SIZE])
{
	snprintf(id, RING_ID_SIZE, "%08" PRIx32 ".%" PRId64 ".%" PRId64
	    ".%" PRIu32, epoch, seq, ms, same);
}

void
ring_id(const struct ring *r, int64_t place, char id[RING_ID_SIZE])
{
	const struct ring_line *line = slot(r, place);

	ring_id_of(r->epoch, place, line->line_ms, line->same, id);
}
