/* SPDX-License-Identifier: ISC */
/* watcher: a reader as the hub has it; see watcher.h. */
#include "fcgi/watcher.h"

#include <stdlib.h>
#include <sys/epoll.h>
#include <time.h>

#include "fcgi/counters.h"
#include "fcgi/flight.h"

struct watcher *
watcher_new(struct watchers *all, struct reader *r)
{
	struct epoll_event event = { .events = EPOLLRDHUP };
	struct watcher *w = calloc(1, sizeof(*w));

	event.data.ptr = w;
	if (w == NULL || epoll_ctl(all->epoll, EPOLL_CTL_ADD, r->fd,
	    &event) < 0) {
		free(w);
		return NULL;
	}
	*w = (struct watcher){ .source = SOURCE_WATCHER, .all = all,
		.reader = r, .later = all->first, .here = &all->first };
	if (w->later != NULL)
		w->later->here = &w->later;
	all->first = w;
	for (int i = 0; i < r->nsubs; i++)
		r->subs[i].watcher = w;
	r->wrote = flight_now();
	return w;
}

void
watcher_mark(struct watcher *w)
{
	if (w->pending || w->dead)
		return;
	w->pending = true;
	w->next_pending = w->all->pending;
	w->all->pending = w;
}

void
watcher_kill(struct watcher *w)
{
	if (w->dead)
		return;
	w->dead = true;
	w->next_dead = w->all->dead;
	w->all->dead = w;
}

void
watcher_end(struct watcher *w, const char *reason, const struct fault *f)
{
	if (w->dead || w->reader->ending)
		return;
	reader_bye(w->reader, reason, f);
	reader_end(w->reader);
	watcher_mark(w);
}

static void
block(struct watcher *w, bool blocked)
{
	struct epoll_event event = { .data.ptr = w,
		.events = EPOLLRDHUP | (blocked ? EPOLLOUT : 0) };

	if (w->blocked == blocked)
		return;
	w->blocked = blocked;
	if (epoll_ctl(w->all->epoll, EPOLL_CTL_MOD, w->reader->fd,
	    &event) < 0)
		watcher_kill(w);
}

static void
pump(struct watcher *w)
{
	enum reader_state state;
	struct sub *wants;

	if (w->dead)
		return;
	state = reader_pump(w->reader);
	if (state == READER_DONE || state == READER_GONE) {
		watcher_kill(w);
		return;
	}
	block(w, state == READER_BLOCKED);
	wants = reader_wants_older(w->reader);
	if (wants != NULL)
		w->all->older(w->all->arg, wants);
}

void
watcher_unblock(struct watcher *w)
{
	pump(w);
}

/* ---- what it is about ---- */

void
sub_join(struct sub *s, struct sub **first)
{
	s->later = *first;
	s->here = first;
	if (s->later != NULL)
		s->later->here = &s->later;
	*first = s;
}

static void
sub_leave(struct sub *s)
{
	if (s->here == NULL)
		return;
	*s->here = s->later;
	if (s->later != NULL)
		s->later->here = s->here;
	s->here = NULL;
}

/* It is too slow: it goes on where it was when it comes again. */
static void
watcher_cut(struct watcher *w)
{
	if (!w->dead)
		count(COUNT_STREAMS_CUT, 1);
	watcher_kill(w);
}

void
subs_mark(struct sub *first)
{
	for (struct sub *s = first; s != NULL; s = s->later) {
		if (!s->watcher->blocked)
			watcher_mark(s->watcher);
		else if (!sub_keeps_up(s))
			watcher_cut(s->watcher);
	}
}

/* ---- all of them ---- */

void
watchers_pump(struct watchers *all)
{
	struct watcher *w;

	while ((w = all->pending) != NULL) {
		all->pending = w->next_pending;
		w->pending = false;
		pump(w);
	}
}

static void
watcher_free(struct watcher *w)
{
	for (int i = 0; i < w->reader->nsubs; i++)
		sub_leave(&w->reader->subs[i]);
	*w->here = w->later;
	if (w->later != NULL)
		w->later->here = w->here;
	reader_free(w->reader);
	free(w);
}

void
watchers_reap(struct watchers *all, void (*left)(void *arg,
	struct reader *r), void *arg)
{
	struct watcher *w;

	while ((w = all->dead) != NULL) {
		all->dead = w->next_dead;
		left(arg, w->reader);
		watcher_free(w);
	}
}

static void
watcher_sweep(struct watcher *w, int64_t now, time_t wall)
{
	struct reader *r = w->reader;
	int64_t silent = now - r->wrote;

	if (w->blocked && silent >= READER_STALL_MS) {
		watcher_cut(w);
	} else if (!r->ending && r->ticket->expires != 0 &&
	    wall >= r->ticket->expires) {
		watcher_end(w, "expired", NULL);
	} else if (!w->blocked && silent >= READER_HEARTBEAT_MS) {
		reader_beat(r);
		watcher_mark(w);
	}
}

void
watchers_sweep(struct watchers *all, int64_t now)
{
	time_t wall = time(NULL);

	for (struct watcher *w = all->first; w != NULL; w = w->later)
		if (!w->dead)
			watcher_sweep(w, now, wall);
}
