/* SPDX-License-Identifier: ISC */
/* topic: the log of one unikernel; see topic.h. */
#include "fcgi/topic.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "fcgi/clean.h"
#include "fcgi/counters.h"
#include "fcgi/flight.h"
#include "fcgi/upstream_fault.h"

/* Lines taken at once, so that one loud console does not silence others. */
#define LINES_AT_ONCE 256
#define CLOCK_MS 1000
/* A subscription that lived so long was a good one. */
#define GOOD_MS 10000
/* Messages in a row that are not understood: no console says that. */
#define STRANGE_MAX 64

/* What is to be added once the history is there. */
struct note {
	struct note *next;
	int64_t ms;
	enum log_kind kind;
	int64_t deployment;
	size_t len;
	char text[];
};

struct topic *
topic_new(struct log_store *logs, const char *instance,
	const char *project, const char *name)
{
	struct topic *t = calloc(1, sizeof(*t));

	if (t == NULL)
		return NULL;
	snprintf(t->instance, sizeof(t->instance), "%s", instance);
	snprintf(t->project, sizeof(t->project), "%s", project);
	snprintf(t->name, sizeof(t->name), "%s", name);
	t->notes_end = &t->notes;
	t->logs = logs;
	t->state = logs == NULL ? TOPIC_CLOSED : TOPIC_NEW;
	ring_init(&t->ring);
	return t;
}

/* Here, and where it is kept; what finds no room there is told of there. */
static void
add(struct topic *t, int64_t ms, enum log_kind kind, int64_t deployment,
	const char *text, size_t len)
{
	const struct log_place place = { t->instance, t->project, t->name };
	const struct ring_line *line = ring_add(&t->ring, ms, kind,
		deployment, text, len);
	struct log_entry e = { .seq = t->ring.next - 1, .ms = ms,
		.kind = kind, .deployment = deployment };

	if (line == NULL || t->logs == NULL)
		return;
	e.text = line->text;
	e.len = line->len;
	(void)log_append(t->logs, &place, t->ring.epoch, &e);
}

/* Those that waited. */
static void
notes_flush(struct topic *t)
{
	struct note *n;

	while ((n = t->notes) != NULL) {
		t->notes = n->next;
		add(t, n->ms, n->kind, n->deployment, n->text, n->len);
		free(n);
	}
	t->notes_end = &t->notes;
}

void
topic_free(struct topic *t)
{
	struct note *n;

	while ((n = t->notes) != NULL) {
		t->notes = n->next;
		free(n);
	}
	if (t->session != NULL)
		count_now(NOW_CONSOLES, -1);
	alb_session_close(t->session);
	replay_free(&t->replay);
	ring_free(&t->ring);
	free(t);
}

bool
topic_is(const struct topic *t, const char *instance, const char *project,
	const char *name)
{
	return strcmp(t->name, name) == 0 &&
		strcmp(t->project, project) == 0 &&
		strcmp(t->instance, instance) == 0;
}

/* ---- restored, opened and closed ---- */

/* The next attempt is later each time. */
static void
retry_later(struct topic *t)
{
	t->retry_ms = t->retry_ms == 0 ? TOPIC_RETRY_FIRST_MS :
		t->retry_ms * 2;
	if (t->retry_ms > TOPIC_RETRY_MAX_MS)
		t->retry_ms = TOPIC_RETRY_MAX_MS;
	t->retry_at = flight_now() + t->retry_ms;
}

void
topic_restored(struct topic *t, struct ring *ring, int err)
{
	t->state = TOPIC_CLOSED;
	if (err != 0 && ++t->tries < TOPIC_RESTORE_TRIES) {
		t->state = TOPIC_NEW;
		retry_later(t);
		return;
	}
	t->retry_ms = 0;
	t->retry_at = 0;
	if (err == 0) {
		ring_free(&t->ring);
		t->ring = *ring;
		ring_init(ring);
	}
	notes_flush(t);
}

void
topic_forget(struct topic *t)
{
	ring_clear(&t->ring);
}

void
topic_opened(struct topic *t, struct alb_session *s)
{
	t->session = s;
	count_now(NOW_CONSOLES, 1);
	t->state = TOPIC_SETTLING;
	t->opened = t->heard = flight_now();
	t->announced = false;
	t->strange = 0;
	t->gap = false;
	(void)replay_begin(&t->replay, &t->ring);
}

void
topic_closed(struct topic *t)
{
	if (t->session != NULL && flight_now() - t->opened >= GOOD_MS)
		t->retry_ms = 0;
	if (t->session != NULL)
		count_now(NOW_CONSOLES, -1);
	alb_session_close(t->session);
	t->session = NULL;
	t->state = TOPIC_CLOSED;
	retry_later(t);
	notes_flush(t);
}

/* ---- what it says ---- */

static void
line_add(void *arg, int64_t ms, const char *text, size_t len)
{
	static const char gap[] = "Lines may be missing here: albatross no "
		"longer had what it had said last.";
	struct topic *t = arg;

	if (t->gap)
		add(t, ms, LOG_GAP, 0, gap, sizeof(gap) - 1);
	t->gap = false;
	add(t, ms, LOG_LINE, 0, text, len);
	count(COUNT_LINES, 1);
}

static void
settle(struct topic *t)
{
	t->state = TOPIC_LIVE;
	t->has_history = true;
	t->gap = replay_lost(&t->replay);
	replay_settle(&t->replay, line_add, t);
	notes_flush(t);
}

/* A flood costs no more than so many lines a second. */
static void
live_take(struct topic *t, int64_t ms, const struct alb_wire *w)
{
	if (t->heard - t->opened < TOPIC_REPLAY_MS) {
		if (replay_heard(&t->replay, ms, w->text, w->text_len))
			return;
	} else {
		t->said = ms;
	}
	if (log_rate_take(&t->rate, t->heard))
		line_add(t, ms, w->text, w->text_len);
	else
		count(COUNT_LINES_DROPPED, 1);
}

static void
line_take(struct topic *t, const struct alb_wire *w)
{
	int64_t ms = (int64_t)w->time * 1000 + (w->millis < 0 ? 0 :
		w->millis);

	t->heard = flight_now();
	if (t->state == TOPIC_SETTLING) {
		if (replay_take(&t->replay, ms, w->text, w->text_len))
			return;
		settle(t);
	}
	live_take(t, ms, w);
}

static int
message_take(struct topic *t, const struct alb_wire *w, struct fault *f)
{
	if (w->payload == ALB_PAYLOAD_CONSOLE)
		line_take(t, w);
	if (w->payload != ALB_PAYLOAD_FAILURE)
		return 0;
	fault_set(f, ERR_ALB_FAILURE, "albatross on %s ended the log.",
	    t->instance);
	clean_copy(f->albatross, sizeof(f->albatross), w->text);
	return -1;
}

int
topic_read(struct topic *t, struct fault *f)
{
	const struct upstream_fault how = { .instance = t->instance,
		.why = "", .sent = true };
	struct alb_wire w;

	for (int i = 0; i < LINES_AT_ONCE; i++) {
		int rc = alb_session_read(t->session, &w);

		if (rc == ALB_AGAIN)
			return 0;
		/* A message of a kind that is new is no reason to end. */
		if (rc == ALB_DECODE && ++t->strange < STRANGE_MAX)
			continue;
		if (rc != ALB_OK) {
			upstream_fault(rc, &how, f);
			return -1;
		}
		t->strange = 0;
		rc = message_take(t, &w, f);
		alb_wire_free(&w);
		if (rc != 0)
			return -1;
	}
	return 1;
}

int64_t
topic_clock(struct topic *t)
{
	int64_t said = t->said;

	t->said = 0;
	if (said == 0 || flight_now() - t->said_told < CLOCK_MS)
		return 0;
	t->said_told = flight_now();
	return said;
}

bool
topic_settle(struct topic *t, int64_t now)
{
	if (t->state != TOPIC_SETTLING || (now - t->heard < TOPIC_SETTLE_MS &&
	    now - t->opened < TOPIC_SETTLE_MAX_MS))
		return false;
	settle(t);
	return true;
}

bool
topic_flood(struct topic *t, int64_t now)
{
	uint64_t n = log_rate_told(&t->rate, now);
	char text[64];
	int len;

	if (n == 0)
		return false;
	len = snprintf(text, sizeof(text), "%" PRIu64 " lines dropped", n);
	add(t, wall_ms(), LOG_DROPPED, 0, text, (size_t)len);
	return true;
}

/* ---- what else happened ---- */

void
topic_note(struct topic *t, enum log_kind kind, const char *text,
	int64_t deployment)
{
	size_t len = strlen(text);
	struct note *n;

	if (t->state == TOPIC_CLOSED || t->state == TOPIC_LIVE) {
		add(t, wall_ms(), kind, deployment, text, len);
		return;
	}
	n = malloc(sizeof(*n) + len);
	if (n == NULL)
		return;
	*n = (struct note){ .ms = wall_ms(), .kind = kind,
		.deployment = deployment, .len = len };
	memcpy(n->text, text, len);
	*t->notes_end = n;
	t->notes_end = &n->next;
}
