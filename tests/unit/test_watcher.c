/* SPDX-License-Identifier: ISC */
/* What becomes of streams in time: expired, silent, stalled, overtaken. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "fcgi/flight.h"
#include "fcgi/watcher.h"
#include "tests/unit/fcgi_peer.h"

static struct watchers all;
static struct fcgi_peer peer;
static struct ring ring;
static int gone;

static void
left(void *arg, struct reader *r)
{
	(void)arg;
	(void)r;
	gone++;
}

static void
older(void *arg, struct sub *s)
{
	(void)arg;
	(void)s;
}

/* A stream of one log, that expires in so many seconds (0: never). */
static struct watcher *
watcher_open(int expires)
{
	const struct auth_who who = { .bearer = "x" };
	const struct auth_grant grant = { .user = "u",
		.expires = expires == 0 ? 0 : time(NULL) + expires };
	struct reader *r = calloc(1, sizeof(*r));
	struct subject subject;
	struct watcher *w;
	int fds[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0,
	    fds), 0);
	all = (struct watchers){ .epoll = epoll_create1(EPOLL_CLOEXEC),
		.older = older };
	gone = 0;
	peer.fd = fds[1];
	*r = (struct reader){ .fd = fds[0], .id = 1, .events = true,
		.named = true, .follow = true, .since_ms = -1 };
	reader_init(r);
	subject_log(&subject, "i", "p", "n");
	r->ticket = ticket_of_stream(&subject, 1, NULL, &who, &grant);
	assert_true(reader_ask(r, NULL));
	w = watcher_new(&all, r);
	assert_non_null(w);
	ring_init(&ring);
	sub_begin_log(r, &r->subs[0], &ring, false);
	return w;
}

/* All that the client got, and how often somebody left. */
static void
watcher_check(const char *text, int left_by_now)
{
	struct buf got;

	watchers_pump(&all);
	watchers_reap(&all, left, NULL);
	assert_int_equal(gone, left_by_now);
	if (all.first != NULL)
		watcher_kill(all.first);
	watchers_reap(&all, left, NULL);
	assert_null(all.first);
	buf_init(&got, 1 << 20);
	assert_int_equal(fcgi_peer_receive(&peer, &got), 0);
	if (text != NULL)
		assert_string_equal(buf_str(&got), text);
	buf_free(&got);
	ring_free(&ring);
	close(peer.fd);
	close(all.epoll);
}

static void
expires(void **state)
{
	(void)state;
	(void)watcher_open(-1);
	watchers_sweep(&all, flight_now());
	watcher_check("event: bye\ndata: {\"reason\":\"expired\"}\n\n", 1);
	(void)watcher_open(60);
	watchers_sweep(&all, flight_now());
	watcher_check("", 0);
}

static void
withdrawn(void **state)
{
	const struct fault f = { .err = ERR_FORBIDDEN };
	struct watcher *w = watcher_open(0);

	(void)state;
	watcher_end(w, "revoked", &f);
	watcher_end(w, "restart", NULL);
	watcher_check("event: bye\ndata: {\"reason\":\"revoked\"}\n\n", 1);
}

static void
silent(void **state)
{
	(void)state;
	(void)watcher_open(0);
	watchers_sweep(&all, flight_now() + READER_HEARTBEAT_MS - 100);
	assert_null(all.pending);
	watchers_sweep(&all, flight_now() + READER_HEARTBEAT_MS);
	watcher_check(": still here\nid: -\n\n", 0);
}

/* Fills what the socket takes. */
static void
fill(struct watcher *w)
{
	static char line[RING_LINE_MAX];

	memset(line, 'x', sizeof(line));
	for (int i = 0; i < 1000 && !w->blocked; i++) {
		assert_non_null(ring_add(&ring, i, LOG_LINE, 0, line,
		    sizeof(line)));
		watcher_mark(w);
		watchers_pump(&all);
		assert_false(w->dead);
	}
	assert_true(w->blocked);
}

static void
stalled(void **state)
{
	struct watcher *w = watcher_open(0);

	(void)state;
	fill(w);
	watchers_sweep(&all, w->reader->wrote + READER_STALL_MS - 1);
	assert_false(w->dead);
	watchers_sweep(&all, w->reader->wrote + READER_STALL_MS);
	watcher_check(NULL, 1);
}

/* Who does not read while a whole ring goes by is cut off at once. */
static void
overtaken(void **state)
{
	struct watcher *w = watcher_open(0);
	struct sub *s = &w->reader->subs[0], *first = NULL;

	(void)state;
	sub_join(s, &first);
	fill(w);
	subs_mark(first);
	assert_false(w->dead);
	for (int i = 0; i < 2 * RING_LINES; i++)
		assert_non_null(ring_add(&ring, i, LOG_LINE, 0, "y", 1));
	subs_mark(first);
	assert_true(w->dead);
	watcher_check(NULL, 1);
	assert_null(first);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(expires),
		cmocka_unit_test(withdrawn),
		cmocka_unit_test(silent),
		cmocka_unit_test(stalled),
		cmocka_unit_test(overtaken),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
