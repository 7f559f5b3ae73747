/* SPDX-License-Identifier: ISC */
/* channel: a topic with its readers; see channel.h. */
#include "fcgi/channel.h"

#include <stdlib.h>
#include <sys/epoll.h>
#include <time.h>

#include "fcgi/flight.h"

struct channel *
channel_new(const char *instance, const char *project, const char *name)
{
	struct channel *c = calloc(1, sizeof(*c));

	if (c == NULL)
		return NULL;
	c->source = SOURCE_CHANNEL;
	c->topic = topic_new(instance, project, name);
	if (c->topic == NULL) {
		free(c);
		return NULL;
	}
	return c;
}

void
channel_free(struct channel *c)
{
	topic_free(c->topic);
	free(c);
}

bool
channel_join(struct channel *c, struct reader *r, int epoll)
{
	struct epoll_event event = { .events = EPOLLRDHUP };
	struct watcher *w = calloc(1, sizeof(*w));

	if (w == NULL) {
		reader_free(r);
		return false;
	}
	*w = (struct watcher){ .source = SOURCE_WATCHER, .channel = c,
		.reader = r };
	event.data.ptr = w;
	if (epoll_ctl(epoll, EPOLL_CTL_ADD, r->fd, &event) < 0) {
		reader_free(r);
		free(w);
		return false;
	}
	w->next = c->first;
	c->first = w;
	c->topic->idle_since = 0;
	r->wrote = flight_now();
	if (c->topic->has_history)
		reader_begin(r, &c->topic->ring);
	watcher_pump(w, epoll);
	return true;
}

void
watcher_kill(struct watcher *w)
{
	w->dead = true;
}

void
channel_reap(struct channel *c, void (*left)(void *arg,
	const struct ticket *t), void *arg)
{
	struct watcher **at = &c->first, *w;

	while ((w = *at) != NULL) {
		if (!w->dead) {
			at = &w->next;
			continue;
		}
		*at = w->next;
		left(arg, w->reader->ticket);
		reader_free(w->reader);
		free(w);
	}
	if (c->first == NULL && c->topic->idle_since == 0)
		c->topic->idle_since = flight_now();
}

static void
watcher_block(struct watcher *w, bool blocked, int epoll)
{
	struct epoll_event event = { .data.ptr = w,
		.events = EPOLLRDHUP | (blocked ? EPOLLOUT : 0) };

	if (w->blocked == blocked)
		return;
	w->blocked = blocked;
	if (epoll_ctl(epoll, EPOLL_CTL_MOD, w->reader->fd, &event) < 0)
		watcher_kill(w);
}

void
watcher_pump(struct watcher *w, int epoll)
{
	enum reader_state state;

	if (w->dead)
		return;
	state = reader_pump(w->reader, &w->channel->topic->ring);
	if (state == READER_DONE || state == READER_GONE)
		watcher_kill(w);
	else
		watcher_block(w, state == READER_BLOCKED, epoll);
}

void
channel_pump(struct channel *c, int epoll)
{
	for (struct watcher *w = c->first; w != NULL; w = w->next)
		if (!w->blocked)
			watcher_pump(w, epoll);
}

void
watcher_end(struct watcher *w, const struct fault *f, int epoll)
{
	if (w->dead || w->reader->ending)
		return;
	if (f != NULL)
		reader_news(w->reader, f);
	reader_end(w->reader);
	watcher_pump(w, epoll);
}

/*
 * News for everybody, once per outage; who only wants the history has all of
 * it that will come.
 */
static void
channel_announce(struct channel *c, const struct fault *f, int epoll)
{
	bool told = c->topic->announced;

	c->topic->announced = true;
	for (struct watcher *w = c->first; w != NULL; w = w->next) {
		struct reader *r = w->reader;

		if (w->dead || r->ending)
			continue;
		/* Who has the history is still served all of it. */
		if (!r->follow && !r->started)
			watcher_end(w, f, epoll);
		else if (!told && (r->events || !r->started))
			reader_news(r, f);
		watcher_pump(w, epoll);
	}
}

void
channel_failed(struct channel *c, const struct fault *f, int epoll)
{
	topic_closed(c->topic);
	c->more = false;
	channel_announce(c, f, epoll);
}

void
channel_read(struct channel *c, int epoll)
{
	struct fault f = { 0 };
	int rc;

	if (c->topic->session == NULL)
		return;
	rc = topic_read(c->topic, &f);
	c->more = rc > 0;
	channel_pump(c, epoll);
	if (rc < 0) {
		/* What was heard before the end is history all the same. */
		channel_settle(c, INT64_MAX, epoll);
		channel_failed(c, &f, epoll);
	}
}

void
channel_opened(struct channel *c, struct alb_session *s, int epoll)
{
	struct epoll_event event = { .events = EPOLLIN, .data.ptr = c };
	struct fault f = { 0 };

	topic_opened(c->topic, s);
	if (epoll_ctl(epoll, EPOLL_CTL_ADD, alb_session_fd(s), &event) < 0) {
		fault_set(&f, ERR_NO_MEMORY, "Out of memory.");
		channel_failed(c, &f, epoll);
		return;
	}
	/* What came with the first message wakes no poll. */
	channel_read(c, epoll);
}

void
channel_settle(struct channel *c, int64_t now, int epoll)
{
	if (!topic_settle(c->topic, now))
		return;
	for (struct watcher *w = c->first; w != NULL; w = w->next)
		reader_begin(w->reader, &c->topic->ring);
	channel_pump(c, epoll);
}

static void
watcher_sweep(struct watcher *w, int64_t now, int epoll)
{
	struct reader *r = w->reader;
	int64_t silent = now - r->wrote;

	if (w->blocked && silent >= READER_STALL_MS) {
		watcher_kill(w);
	} else if (!r->ending && r->ticket->expires != 0 &&
	    time(NULL) >= r->ticket->expires) {
		reader_comment(r, "expired");
		watcher_end(w, NULL, epoll);
	} else if (!w->blocked && r->events && silent >= READER_HEARTBEAT_MS) {
		reader_comment(r, "still here");
		watcher_pump(w, epoll);
	}
}

void
channel_sweep(struct channel *c, int64_t now, int epoll)
{
	for (struct watcher *w = c->first; w != NULL; w = w->next)
		if (!w->dead)
			watcher_sweep(w, now, epoll);
}
