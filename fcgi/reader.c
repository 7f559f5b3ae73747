/* SPDX-License-Identifier: ISC */
/* reader: one open stream to a client; see reader.h. */
#include "fcgi/reader.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/text.h"
#include "fcgi/clean.h"
#include "fcgi/counters.h"
#include "fcgi/flight.h"
#include "fcgi/record.h"

/* No more is encoded while so much waits. */
#define QUEUE_LOW (READER_QUEUE / 4)
/* One event: a line takes six bytes for each at most. */
#define PIECE_MAX (FEED_JSON_MAX + FEED_ITEMS_MAX * 1024)
/* Entries of one subject before it is another one's turn. */
#define TURN 16

struct older *
older_new(const struct log_entry *e)
{
	struct older *o = malloc(sizeof(*o) + e->len);

	if (o == NULL)
		return NULL;
	*o = (struct older){ .seq = e->seq, .line = { .ms = e->ms,
		.line_ms = e->ms, .kind = e->kind,
		.deployment = e->deployment, .len = (uint32_t)e->len } };
	memcpy(o->text, e->text, e->len);
	o->line.text = o->text;
	return o;
}

void
older_free(struct older *list)
{
	struct older *next;

	for (; list != NULL; list = next) {
		next = list->next;
		free(list);
	}
}

void
reader_init(struct reader *r)
{
	buf_init(&r->queue, READER_QUEUE + 2 * PIECE_MAX);
}

void
reader_free(struct reader *r)
{
	char rest[512];

	if (r == NULL)
		return;
	/* Unread input would turn our close into a reset. */
	while (r->fd >= 0 && recv(r->fd, rest, sizeof(rest), MSG_DONTWAIT) > 0)
		;
	if (r->fd >= 0)
		close(r->fd);
	for (int i = 0; i < r->nsubs; i++)
		older_free(r->subs[i].older);
	free(r->subs);
	ticket_put(r->ticket);
	view_put(r->view);
	buf_free(&r->queue);
	free(r);
}

bool
reader_ask(struct reader *r, const char *last_ids)
{
	int n = r->ticket->nsubjects;

	r->subs = calloc((size_t)n, sizeof(*r->subs));
	if (r->subs == NULL)
		return false;
	r->nsubs = n;
	for (int i = 0; i < n; i++) {
		struct sub *s = &r->subs[i];

		s->subject = &r->ticket->subjects[i];
		s->from_ms = -1;
		if (last_ids != NULL && !subject_id(last_ids, i, n,
		    s->last_id))
			s->last_id[0] = '\0';
	}
	return true;
}

/* ---- pieces of the answer ---- */

/* The piece becomes records; a reader that has no room for it is ended. */
static void
put_piece(struct reader *r, struct buf *piece)
{
	buf_compact(&r->queue);
	if (buf_ok(piece))
		record_stdout(&r->queue, r->id, piece->data, piece->len);
	buf_free(piece);
}

/* What the client says when it comes again: where it is in each subject. */
static void
put_ids(const struct reader *r, struct buf *out)
{
	char id[FEED_ID_SIZE];

	for (int i = 0; i < r->nsubs; i++) {
		const struct sub *s = &r->subs[i];

		if (s->feed != NULL)
			feed_id(s->feed, s->next, id);
		buf_put_str(out, i == 0 ? "id: " : ",");
		buf_put_str(out, s->feed != NULL ? id :
		    s->last_id[0] == '\0' && r->named ? "-" : s->last_id);
	}
	buf_put_u8(out, '\n');
}

/* The first member of an event's data. */
static void
put_topic(const struct reader *r, const struct sub *s, const char *comma,
	struct buf *out)
{
	if (r->named)
		buf_putf(out, "\"topic\":\"%s\"%s", s->subject->text, comma);
}

static void
put_text_entry(const struct ring_line *line, const char *when,
	struct buf *out)
{
	buf_putf(out, "%s ", when);
	if (line->kind != LOG_LINE)
		buf_put_str(out, "mollymawk: ");
	clean_put(out, line->text, line->len);
	buf_put_u8(out, '\n');
}

static void
put_event_entry(const struct reader *r, const struct sub *s,
	const struct ring_line *line, int64_t seq, const char *when,
	struct buf *out)
{
	bool note = line->kind != LOG_LINE;

	put_ids(r, out);
	buf_putf(out, "event: %s\ndata: {", note ? "note" : "line");
	put_topic(r, s, ",", out);
	buf_putf(out, "\"seq\":%" PRId64 ",\"time\":\"%s\",", seq, when);
	if (note)
		buf_putf(out, "\"note\":\"%s\",", log_kind_name(line->kind));
	buf_put_str(out, note ? "\"text\":" : "\"line\":");
	clean_put_json(out, line->text, line->len);
	if (line->deployment != 0)
		buf_putf(out, ",\"deployment\":%" PRId64, line->deployment);
	buf_put_str(out, "}\n\n");
}

static void
put_entry(struct reader *r, struct sub *s, const struct ring_line *line,
	int64_t seq)
{
	char when[RFC3339_SIZE];
	struct buf piece;

	buf_init(&piece, PIECE_MAX);
	rfc3339_format((time_t)(line->ms / 1000), (int)(line->ms % 1000),
	    when);
	ring_id_of(s->ring->epoch, seq, line->line_ms, line->same,
	    s->last_id);
	if (r->events)
		put_event_entry(r, s, line, seq, when, &piece);
	else
		put_text_entry(line, when, &piece);
	put_piece(r, &piece);
	count(COUNT_EVENTS, 1);
}

void
reader_beat(struct reader *r)
{
	struct buf piece;

	if (!r->events)
		return;
	buf_init(&piece, PIECE_MAX);
	buf_put_str(&piece, ": still here\n");
	if (r->named)
		put_ids(r, &piece);
	buf_put_u8(&piece, '\n');
	put_piece(r, &piece);
}

void
reader_cut(struct reader *r, struct sub *s, const struct fault *f)
{
	struct buf piece;
	const char *detail = f->albatross[0] == '\0' ? f->detail :
		f->albatross;

	s->cut = true;
	buf_init(&piece, PIECE_MAX);
	if (r->events) {
		buf_put_str(&piece, "event: end\ndata: {");
		put_topic(r, s, ",", &piece);
		buf_putf(&piece, "\"code\":\"%s\",\"title\":\"%s\","
		    "\"detail\":", err_code(f->err), err_title(f->err));
		clean_put_json(&piece, detail, strlen(detail));
		buf_put_str(&piece, "}\n\n");
	} else {
		buf_putf(&piece, "mollymawk: %s: ", err_title(f->err));
		clean_put(&piece, detail, strlen(detail));
		buf_put_u8(&piece, '\n');
	}
	put_piece(r, &piece);
}

/* An event that has no more than its name and the topic. */
static void
put_word(struct reader *r, const struct sub *s, const char *event)
{
	struct buf piece;

	buf_init(&piece, PIECE_MAX);
	buf_putf(&piece, "event: %s\ndata: {", event);
	put_topic(r, s, "", &piece);
	buf_put_str(&piece, "}\n\n");
	put_piece(r, &piece);
}

void
reader_back(struct reader *r, struct sub *s)
{
	if (s->cut && r->events)
		put_word(r, s, "back");
	s->cut = false;
}

void
reader_reset(struct reader *r, const struct sub *s)
{
	if (r->events)
		put_word(r, s, "reset");
}

void
reader_bye(struct reader *r, const char *reason, const struct fault *f)
{
	struct buf piece;

	if (r->named) {
		buf_init(&piece, PIECE_MAX);
		buf_putf(&piece, "event: bye\ndata: {\"reason\":\"%s\"}\n\n",
		    reason);
		put_piece(r, &piece);
	} else if (f != NULL) {
		reader_cut(r, &r->subs[0], f);
	}
}

void
reader_end(struct reader *r)
{
	if (r->ending)
		return;
	r->ending = true;
	buf_compact(&r->queue);
	record_end(&r->queue, r->id);
}

/* ---- where it is in each subject ---- */

/* What is older than the ring is the store's, or lost. */
static void
sub_place(struct reader *r, struct sub *s, bool store)
{
	if (s->next >= s->ring->first)
		return;
	s->behind = store;
	if (store)
		return;
	if (s->exact)
		reader_reset(r, s);
	s->next = s->ring->first;
}

/* So many entries of history, or those of a time on. */
static void
sub_begin_fresh(struct reader *r, struct sub *s, bool store)
{
	const struct ring *ring = s->ring;
	int64_t next = ring->next - r->lines;

	if (r->since_ms < 0) {
		s->next = next < 1 ? 1 : next;
		return;
	}
	s->next = ring_since(ring, r->since_ms);
	if (s->next > ring->first || ring->first == 1 || !store)
		return;
	s->from_ms = r->since_ms;
	s->next = 1;
}

void
sub_begin_log(struct reader *r, struct sub *s, const struct ring *ring,
	bool store)
{
	bool asked = s->last_id[0] != '\0';

	s->ring = ring;
	s->stored = store;
	s->next = asked ? ring_resume(ring, s->last_id) : -1;
	s->exact = s->next >= 0;
	if (!s->exact) {
		s->last_id[0] = '\0';
		if (asked)
			reader_reset(r, s);
		sub_begin_fresh(r, s, store);
	}
	sub_place(r, s, store);
}

void
sub_begin_feed(struct reader *r, struct sub *s, const struct feed *feed)
{
	bool asked = s->last_id[0] != '\0';

	s->feed = feed;
	s->next = asked ? feed_resume(feed, s->last_id) : feed->next;
	if (s->next >= 0)
		return;
	s->next = feed->next;
	reader_reset(r, s);
}

bool
sub_keeps_up(const struct sub *s)
{
	if (s->feed != NULL)
		return s->next >= s->feed->first;
	return s->ring == NULL || s->behind || s->next >= s->ring->first;
}

struct sub *
reader_wants_older(const struct reader *r)
{
	struct sub *wants = NULL;

	for (int i = r->nsubs - 1; i >= 0; i--) {
		if (r->subs[i].asked || r->subs[i].older != NULL)
			return NULL;
		if (r->subs[i].behind)
			wants = &r->subs[i];
	}
	return wants;
}

void
sub_give_older(struct reader *r, struct sub *s, struct older *list)
{
	s->asked = false;
	s->from_ms = -1;
	if (!s->behind) {
		older_free(list);
		return;
	}
	s->older = list;
	if (s->exact && s->next < (list == NULL ? s->ring->first : list->seq))
		reader_reset(r, s);
	if (list != NULL)
		return;
	s->behind = false;
	if (s->next < s->ring->first)
		s->next = s->ring->first;
}

void
sub_forget(struct sub *s)
{
	older_free(s->older);
	s->older = NULL;
	s->behind = s->exact = false;
	if (s->next < s->ring->first)
		s->next = s->ring->first;
}

/* ---- out ---- */

/* One entry of what the store had; false: there is none. */
static bool
put_older(struct reader *r, struct sub *s)
{
	struct older *first = s->older;

	if (first == NULL)
		return false;
	s->older = first->next;
	s->next = first->seq + 1;
	put_entry(r, s, &first->line, first->seq);
	free(first);
	if (s->older == NULL && s->next >= s->ring->first)
		s->behind = false;
	return true;
}

static bool
put_log(struct reader *r, struct sub *s)
{
	const struct ring_line *line;

	if (s->behind)
		return put_older(r, s);
	line = ring_at(s->ring, s->next);
	if (line == NULL)
		return false;
	put_entry(r, s, line, s->next);
	s->next++;
	return true;
}

/* The next entry that it may see; those that it may not are passed over. */
static bool
put_feed(struct reader *r, struct sub *s)
{
	struct buf event, piece;

	buf_init(&event, PIECE_MAX);
	while (s->next < s->feed->next && !feed_put(s->feed, s->next++,
	    r->view, s->subject, &event))
		buf_reset(&event);
	if (event.len == 0) {
		buf_free(&event);
		return false;
	}
	/* Half of one would take the next with it. */
	if (!buf_ok(&event)) {
		buf_free(&event);
		reader_reset(r, s);
		return true;
	}
	buf_init(&piece, PIECE_MAX);
	put_ids(r, &piece);
	buf_put(&piece, event.data, event.len);
	buf_free(&event);
	put_piece(r, &piece);
	count(COUNT_EVENTS, 1);
	return true;
}

static bool
sub_put(struct reader *r, struct sub *s)
{
	if (s->feed != NULL)
		return put_feed(r, s);
	return s->ring != NULL && put_log(r, s);
}

/* True when there may be more. */
static bool
encode_turn(struct reader *r)
{
	struct sub *s = &r->subs[r->turn];
	int n = 0;

	while (n < TURN && buf_left(&r->queue) < QUEUE_LOW && sub_put(r, s))
		n++;
	r->turn = (r->turn + 1) % r->nsubs;
	return n > 0;
}

static bool
has_all(const struct reader *r)
{
	for (int i = 0; i < r->nsubs; i++) {
		const struct sub *s = &r->subs[i];

		if (s->ring == NULL || s->behind ||
		    ring_at(s->ring, s->next) != NULL)
			return false;
	}
	return true;
}

/* True when something was encoded; an answer that has all of it ends. */
static bool
encode(struct reader *r)
{
	bool any = false;

	for (int idle = 0; !r->ending && idle < r->nsubs &&
	    buf_left(&r->queue) < QUEUE_LOW; idle++) {
		if (encode_turn(r)) {
			any = true;
			idle = -1;
		}
	}
	if (!r->follow && has_all(r))
		reader_end(r);
	return any;
}

/* Writes what is queued; the queue is freed when it is empty. */
static enum reader_state
flush(struct reader *r)
{
	struct buf *q = &r->queue;

	if (!buf_ok(q))
		return READER_GONE;
	while (buf_left(q) > 0) {
		ssize_t n = send(r->fd, q->data + q->pos, buf_left(q),
			MSG_NOSIGNAL | MSG_DONTWAIT);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return errno == EAGAIN ? READER_BLOCKED : READER_GONE;
		q->pos += (size_t)n;
		r->wrote = flight_now();
	}
	buf_free(q);
	return READER_IDLE;
}

/*
 * Who takes what there is, but was overtaken by more at once than a ring holds,
 * gets it from the store.
 */
static bool
sub_catches_up(struct sub *s)
{
	if (sub_keeps_up(s))
		return true;
	if (s->feed == NULL && s->stored)
		s->behind = s->exact = true;
	return s->behind;
}

enum reader_state
reader_pump(struct reader *r)
{
	enum reader_state state;
	bool more;

	for (int i = 0; i < r->nsubs; i++) {
		if (r->ending || sub_catches_up(&r->subs[i]))
			continue;
		count(COUNT_STREAMS_CUT, 1);
		return READER_GONE;
	}
	do {
		more = encode(r);
		state = flush(r);
	} while (more && state == READER_IDLE);
	return state == READER_IDLE && r->ending ? READER_DONE : state;
}
