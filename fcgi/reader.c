/* SPDX-License-Identifier: ISC */
/* reader: one open stream to a client; see reader.h. */
#include "fcgi/reader.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/text.h"
#include "fcgi/clean.h"
#include "fcgi/flight.h"
#include "fcgi/record.h"

/* No more is encoded while so much waits. */
#define QUEUE_LOW (READER_QUEUE / 4)
/* One line or event before it becomes a record: six bytes for each at most. */
#define PIECE_MAX (6 * RING_LINE_MAX + 1024)

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
	ticket_put(r->ticket);
	free(r->last_id);
	buf_free(&r->queue);
	free(r);
}

void
reader_begin(struct reader *r, const struct ring *ring)
{
	r->started = true;
	r->next = -1;
	if (r->last_id != NULL)
		r->next = ring_resume(ring, r->last_id);
	if (r->next < 0)
		r->next = r->since_ms >= 0 ? ring_since(ring, r->since_ms) :
			ring_tail(ring, r->lines);
	free(r->last_id);
	r->last_id = NULL;
}

/* The piece becomes records; a reader that has no room for it is ended. */
static void
put_piece(struct reader *r, struct buf *piece)
{
	buf_compact(&r->queue);
	if (buf_ok(piece))
		record_stdout(&r->queue, r->id, piece->data, piece->len);
	buf_free(piece);
}

static void
put_line(struct reader *r, const struct ring *ring,
	const struct ring_line *line)
{
	char when[RFC3339_SIZE], id[RING_ID_SIZE];
	struct buf piece;

	buf_init(&piece, PIECE_MAX);
	rfc3339_format((time_t)(line->ms / 1000), (int)(line->ms % 1000),
	    when);
	if (r->events) {
		ring_id(ring, r->next, id);
		buf_putf(&piece, "id: %s\nevent: line\ndata: {\"time\":\"%s\","
		    "\"line\":", id, when);
		clean_put_json(&piece, line->text, line->len);
		buf_put_str(&piece, "}\n\n");
	} else {
		buf_putf(&piece, "%s ", when);
		clean_put(&piece, line->text, line->len);
		buf_put_u8(&piece, '\n');
	}
	put_piece(r, &piece);
}

void
reader_comment(struct reader *r, const char *text)
{
	struct buf piece;

	if (!r->events)
		return;
	buf_init(&piece, PIECE_MAX);
	buf_putf(&piece, ": %s\n\n", text);
	put_piece(r, &piece);
}

void
reader_news(struct reader *r, const struct fault *f)
{
	struct buf piece;
	const char *detail = f->albatross[0] == '\0' ? f->detail :
		f->albatross;

	buf_init(&piece, PIECE_MAX);
	if (r->events) {
		buf_putf(&piece, "event: end\ndata: {\"code\":\"%s\","
		    "\"title\":\"%s\",\"detail\":", err_code(f->err),
		    err_title(f->err));
		clean_put_json(&piece, detail, strlen(detail));
		buf_put_str(&piece, "}\n\n");
	} else {
		buf_putf(&piece, "mollymawk: %s: ", err_title(f->err));
		clean_put(&piece, detail, strlen(detail));
		buf_put_u8(&piece, '\n');
	}
	put_piece(r, &piece);
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

/* False when the reader fell behind the ring. */
static bool
encode(struct reader *r, const struct ring *ring)
{
	const struct ring_line *line;

	if (r->ending || !r->started)
		return true;
	if (r->next < ring->first)
		return false;
	while (buf_left(&r->queue) < QUEUE_LOW &&
	    (line = ring_at(ring, r->next)) != NULL) {
		put_line(r, ring, line);
		r->next++;
	}
	if (!r->follow && ring_at(ring, r->next) == NULL)
		reader_end(r);
	return true;
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

enum reader_state
reader_pump(struct reader *r, const struct ring *ring)
{
	enum reader_state state;

	do {
		if (!encode(r, ring))
			return READER_GONE;
		state = flush(r);
	} while (state == READER_IDLE && !r->ending && r->started &&
	    ring_at(ring, r->next) != NULL);
	return state == READER_IDLE && r->ending ? READER_DONE : state;
}
