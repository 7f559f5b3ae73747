/* SPDX-License-Identifier: ISC */
/* One open stream to a client: what it gets, and what becomes of slow ones. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "fcgi/reader.h"
#include "tests/unit/fcgi_peer.h"

/* A reader, its client, and what the client got. */
struct stream {
	struct reader *r;
	struct sub *sub;
	struct fcgi_peer peer;
	struct ring ring;
	struct buf text;
};

/* Of one log or two. */
static void
stream_open_logs(struct stream *s, int n, bool events, bool follow)
{
	const struct auth_who who = { .bearer = "x" };
	const struct auth_grant grant = { .user = "u" };
	struct subject subjects[2];
	int fds[2];

	memset(s, 0, sizeof(*s));
	ring_init(&s->ring);
	s->r = calloc(1, sizeof(*s->r));
	assert_non_null(s->r);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0,
	    fds), 0);
	s->peer.fd = fds[1];
	*s->r = (struct reader){ .fd = fds[0], .id = 1, .events = events,
		.follow = follow, .lines = 100, .since_ms = -1 };
	reader_init(s->r);
	subject_log(&subjects[0], "i", "p", "n");
	subject_log(&subjects[1], "i", "p", "m");
	s->r->ticket = ticket_of_stream(subjects, n, NULL, &who, &grant);
	assert_non_null(s->r->ticket);
	assert_true(reader_ask(s->r, NULL));
	s->sub = &s->r->subs[0];
	buf_init(&s->text, 8 * 1024 * 1024);
}

static void
stream_open(struct stream *s, bool events, bool follow)
{
	stream_open_logs(s, 1, events, follow);
}

/* Ends the connection: all that the client got. */
static const char *
stream_text(struct stream *s)
{
	reader_free(s->r);
	s->r = NULL;
	assert_int_equal(fcgi_peer_receive(&s->peer, &s->text), 0);
	return buf_str(&s->text);
}

static void
stream_close(struct stream *s)
{
	reader_free(s->r);
	close(s->peer.fd);
	ring_free(&s->ring);
	buf_free(&s->text);
}

static void
add(struct stream *s, int64_t ms, const char *line)
{
	assert_non_null(ring_add(&s->ring, ms, LOG_LINE, 0, line,
	    strlen(line)));
}

/* The history is there. */
static void
begin(struct stream *s)
{
	sub_begin_log(s->r, s->sub, &s->ring, false);
}

/* The same of what the store has too. */
static void
begin_stored(struct stream *s)
{
	sub_begin_log(s->r, s->sub, &s->ring, true);
}

/* What the store gives: n entries from seq on. */
static void
give(struct stream *s, int64_t seq, int n)
{
	struct older *list = NULL, **end = &list;

	assert_ptr_equal(reader_wants_older(s->r), s->sub);
	s->sub->asked = true;
	assert_null(reader_wants_older(s->r));
	for (int i = 0; i < n; i++) {
		struct older *o = older_new(&(struct log_entry){
			.seq = seq + i, .ms = 7, .text = "old", .len = 3 });

		assert_non_null(o);
		*end = o;
		end = &o->next;
	}
	sub_give_older(s->r, s->sub, list);
}

static void
lines(void **state)
{
	struct stream s;

	stream_open(&s, false, false);
	add(&s, 0, "one");
	add(&s, 1001, "t\x1bwo \xff");
	add(&s, 2010, "");
	/* Nothing before the history is complete. */
	assert_int_equal(reader_pump(s.r), READER_IDLE);
	begin(&s);
	assert_int_equal(reader_pump(s.r), READER_DONE);
	assert_string_equal(stream_text(&s),
	    "1970-01-01T00:00:00.000Z one\n"
	    "1970-01-01T00:00:01.001Z t\xe2\x90\x9bwo \xef\xbf\xbd\n"
	    "1970-01-01T00:00:02.010Z \n");
	stream_close(&s);
}

static void
begins(void **state)
{
	struct stream s;

	stream_open(&s, false, false);
	for (int i = 0; i < 9; i++)
		add(&s, i, (char[]){ (char)('a' + i), '\0' });
	s.r->lines = 2;
	begin(&s);
	assert_int_equal(s.sub->next, s.ring.next - 2);
	s.r->since_ms = 3;
	begin(&s);
	assert_int_equal(s.sub->next, s.ring.first + 3);
	/* What is no id does not count. */
	snprintf(s.sub->last_id, sizeof(s.sub->last_id), "x");
	begin(&s);
	assert_int_equal(s.sub->next, s.ring.first + 3);
	ring_id(&s.ring, s.ring.first + 5, s.sub->last_id);
	begin(&s);
	assert_int_equal(s.sub->next, s.ring.first + 6);
	stream_close(&s);
}

static void
events(void **state)
{
	struct fault f = { .err = ERR_ALB_DAEMON };
	char id[RING_ID_SIZE];
	struct stream s;
	struct buf want;

	stream_open(&s, true, true);
	add(&s, 5, "a\"\n\xc2\x9b");
	ring_id(&s.ring, s.ring.first, id);
	begin(&s);
	assert_int_equal(reader_pump(s.r), READER_IDLE);
	reader_beat(s.r);
	memcpy(f.detail, "gone\r\n\r\n", sizeof("gone\r\n\r\n"));
	reader_cut(s.r, s.sub, &f);
	reader_back(s.r, s.sub);
	reader_end(s.r);
	reader_end(s.r);
	add(&s, 6, "too late");
	assert_int_equal(reader_pump(s.r), READER_DONE);
	buf_init(&want, 1024);
	buf_putf(&want, "id: %s\nevent: line\ndata: {\"seq\":1,\"time\":"
	    "\"1970-01-01T00:00:00.005Z\",\"line\":\"a\\\"\\u000a\\u009b\"}"
	    "\n\n: still here\n\nevent: end\ndata: {\"code\":"
	    "\"instance-daemon-down\",\"title\":\"%s\",\"detail\":"
	    "\"gone\\u000d\\u000a\\u000d\\u000a\"}\n\n"
	    "event: back\ndata: {}\n\n", id,
	    err_title(ERR_ALB_DAEMON));
	assert_string_equal(stream_text(&s), buf_str(&want));
	buf_free(&want);
	stream_close(&s);
}

/* Plain text has no comments, and says the end in a line. */
static void
news_in_text(void **state)
{
	struct fault f = { .err = ERR_ALB_FAILURE };
	struct stream s;

	stream_open(&s, false, true);
	begin(&s);
	memcpy(f.albatross, "no\n", sizeof("no\n"));
	reader_beat(s.r);
	reader_cut(s.r, s.sub, &f);
	reader_end(s.r);
	assert_int_equal(reader_pump(s.r), READER_DONE);
	assert_string_equal(stream_text(&s),
	    "mollymawk: albatross refused the command: no\xe2\x90\x8a\n");
	stream_close(&s);
}

/* Everything once and in order, however much of it there is. */
static void
long_history(void **state)
{
	struct stream s;
	struct buf want;
	char *line = malloc(201);
	size_t i;

	memset(line, 'x', 200);
	line[200] = '\0';
	stream_open(&s, false, true);
	buf_init(&want, 1 << 20);
	begin(&s);
	/* More than is encoded at once, then line by line. */
	for (i = 0; i < 150; i++) {
		line[0] = (char)('a' + i % 26);
		add(&s, 0, line);
		buf_putf(&want, "1970-01-01T00:00:00.000Z %s\n", line);
		if (i < 100)
			continue;
		assert_int_equal(reader_pump(s.r), READER_IDLE);
		/* What waits for nothing holds nothing. */
		assert_null(s.r->queue.data);
	}
	assert_string_equal(stream_text(&s), buf_str(&want));
	free(line);
	buf_free(&want);
	stream_close(&s);
}

/* Who takes nothing holds a bounded queue, then falls behind and is cut. */
static void
slow(void **state)
{
	static char line[RING_LINE_MAX];
	enum reader_state now = READER_IDLE;
	struct stream s;
	bool blocked = false;
	int i;

	/* Each byte takes six. */
	memset(line, 1, sizeof(line));
	stream_open(&s, true, true);
	begin(&s);
	for (i = 0; i < 1000 && now != READER_GONE; i++) {
		assert_non_null(ring_add(&s.ring, i, LOG_LINE, 0, line,
		    sizeof(line)));
		now = reader_pump(s.r);
		blocked |= now == READER_BLOCKED;
		assert_true(buf_ok(&s.r->queue));
		assert_true(buf_left(&s.r->queue) <= READER_QUEUE);
	}
	assert_true(blocked);
	assert_int_equal(now, READER_GONE);
	assert_true(s.sub->next < s.ring.first);
	stream_close(&s);
}

/* The store is asked for one log, and for the next when that was sent. */
static void
older_in_turn(void **state)
{
	struct stream s;

	stream_open_logs(&s, 2, true, true);
	ring_continue(&s.ring, 0x1234, 11);
	add(&s, 8, "new");
	s.r->lines = 3;
	for (int i = 0; i < 2; i++)
		sub_begin_log(s.r, &s.r->subs[i], &s.ring, true);
	assert_int_equal(reader_pump(s.r), READER_IDLE);
	give(&s, 9, 2);
	assert_null(reader_wants_older(s.r));
	assert_int_equal(reader_pump(s.r), READER_IDLE);
	s.sub = &s.r->subs[1];
	give(&s, 9, 2);
	assert_int_equal(reader_pump(s.r), READER_IDLE);
	assert_null(reader_wants_older(s.r));
	assert_int_equal(s.sub->next, s.ring.next);
	stream_close(&s);
}

/* Where the ring begins is not where a log does. */
static void
older(void **state)
{
	struct stream s;
	char id[RING_ID_SIZE];

	stream_open(&s, false, false);
	ring_continue(&s.ring, 0x1234, 11);
	add(&s, 8, "new");
	s.r->lines = 10;
	begin_stored(&s);
	assert_int_equal(s.sub->next, 2);
	assert_int_equal(reader_pump(s.r), READER_IDLE);
	give(&s, 2, 4);
	assert_int_equal(reader_pump(s.r), READER_IDLE);
	assert_int_equal(s.sub->next, 6);
	give(&s, 6, 5);
	assert_int_equal(reader_pump(s.r), READER_DONE);
	assert_string_equal(stream_text(&s),
	    "1970-01-01T00:00:00.007Z old\n1970-01-01T00:00:00.007Z old\n"
	    "1970-01-01T00:00:00.007Z old\n1970-01-01T00:00:00.007Z old\n"
	    "1970-01-01T00:00:00.007Z old\n1970-01-01T00:00:00.007Z old\n"
	    "1970-01-01T00:00:00.007Z old\n1970-01-01T00:00:00.007Z old\n"
	    "1970-01-01T00:00:00.007Z old\n1970-01-01T00:00:00.008Z new\n");
	stream_close(&s);

	/* By an id: what is gone for good is told of. */
	stream_open(&s, true, false);
	ring_continue(&s.ring, 0x1234, 11);
	add(&s, 8, "new");
	ring_id_of(0x1234, 5, 7, 0, s.sub->last_id);
	begin_stored(&s);
	assert_int_equal(s.sub->next, 6);
	give(&s, 10, 1);
	ring_id(&s.ring, 11, id);
	assert_int_equal(reader_pump(s.r), READER_DONE);
	assert_memory_equal(stream_text(&s), "event: reset\n", 13);
	assert_non_null(strstr(buf_str(&s.text), "id: 00001234.10.7.0\n"));
	assert_non_null(strstr(buf_str(&s.text), id));
	stream_close(&s);

	/* The store has nothing: on with the ring. */
	stream_open(&s, true, true);
	ring_continue(&s.ring, 0x1234, 11);
	add(&s, 8, "new");
	begin_stored(&s);
	give(&s, 0, 0);
	assert_int_equal(s.sub->next, 11);
	assert_false(s.sub->behind);
	stream_close(&s);
}

/* More at once than the ring holds is no reason to be cut off. */
static void
overtaken(void **state)
{
	struct stream s;

	for (int stored = 0; stored < 2; stored++) {
		stream_open(&s, true, true);
		add(&s, 1, "x");
		sub_begin_log(s.r, s.sub, &s.ring, stored == 1);
		assert_int_equal(reader_pump(s.r), READER_IDLE);
		for (int i = 0; i < 2 * RING_LINES; i++)
			add(&s, 2 + i, "y");
		assert_false(sub_keeps_up(s.sub));
		assert_int_equal(reader_pump(s.r), stored == 1 ?
		    READER_IDLE : READER_GONE);
		assert_ptr_equal(reader_wants_older(s.r), stored == 1 ? s.sub :
		    NULL);
		stream_close(&s);
	}
}

/* What befell it stands between the lines. */
static void
notes(void **state)
{
	static const char text[] = "Deployment 7 began.";
	struct stream s;

	stream_open(&s, false, false);
	assert_non_null(ring_add(&s.ring, 1, LOG_DEPLOYMENT, 7, text,
	    sizeof(text) - 1));
	begin(&s);
	assert_int_equal(reader_pump(s.r), READER_DONE);
	assert_string_equal(stream_text(&s), "1970-01-01T00:00:00.001Z "
	    "mollymawk: Deployment 7 began.\n");
	stream_close(&s);
	stream_open(&s, true, false);
	assert_non_null(ring_add(&s.ring, 1, LOG_DEPLOYMENT, 7, text,
	    sizeof(text) - 1));
	s.r->named = true;
	begin(&s);
	assert_int_equal(reader_pump(s.r), READER_DONE);
	assert_non_null(strstr(stream_text(&s), ".1.0.0\nevent: note\ndata: "
	    "{\"topic\":\"log:i/p/n\",\"seq\":1,"
	    "\"time\":\"1970-01-01T00:00:00.001Z\",\"note\":\"deployment\","
	    "\"text\":\"Deployment 7 began.\",\"deployment\":7}\n\n"));
	stream_close(&s);
}

static void
gone(void **state)
{
	struct stream s;

	stream_open(&s, false, true);
	begin(&s);
	close(s.peer.fd);
	s.peer.fd = -1;
	add(&s, 1, "x");
	assert_int_equal(reader_pump(s.r), READER_GONE);
	stream_close(&s);
	reader_free(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines),
		cmocka_unit_test(begins),
		cmocka_unit_test(events),
		cmocka_unit_test(news_in_text),
		cmocka_unit_test(long_history),
		cmocka_unit_test(slow),
		cmocka_unit_test(older),
		cmocka_unit_test(older_in_turn),
		cmocka_unit_test(overtaken),
		cmocka_unit_test(notes),
		cmocka_unit_test(gone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
