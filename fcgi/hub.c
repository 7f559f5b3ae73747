/* SPDX-License-Identifier: ISC */
/*
 * hub: the thread of all event streams; see hub.h. Everything but the inbox
 * and the roster belongs to that thread alone.
 *
 *   handlers --hub_take--.            .--> readers (FastCGI connections)
 *   opening threads -----+-> inbox -> hub thread <--> albatross sessions
 *   watch thread --------'
 */
#include "fcgi/hub.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "fcgi/app.h"
#include "fcgi/channel.h"
#include "fcgi/flight.h"
#include "fcgi/opening.h"
#include "fcgi/thread.h"
#include "fcgi/watch.h"

#define EVENTS_AT_ONCE 64
#define SWEEP_MS 500
#define SETTLE_TICK_MS 20
#define LAST_WORDS_MS 1000	/* for writing when it all ends */

/* What other threads have for the hub. */
struct message {
	struct message *next;
	enum { MESSAGE_READER, MESSAGE_OPENED, MESSAGE_REVOKED } kind;
	struct reader *reader;	/* READER */
	struct opened opened;	/* OPENED; REVOKED: serial and fault */
};

struct hub {
	struct app *app;
	pthread_t thread;
	struct roster *roster;
	struct watch *watch;
	enum source wake;	/* SOURCE_WAKE, for epoll */
	int wake_fd;
	int epoll;

	pthread_mutex_t lock;
	struct message *inbox, **inbox_end;
	bool stopping;

	struct channel *first;
	int openings;		/* threads at it */
	int64_t swept;
	int64_t end_by;		/* flight_now, once it is stopping */
};

static void
post(struct hub *h, struct message *m)
{
	const uint64_t one = 1;

	pthread_mutex_lock(&h->lock);
	m->next = NULL;
	*h->inbox_end = m;
	h->inbox_end = &m->next;
	(void)!write(h->wake_fd, &one, sizeof(one));
	pthread_mutex_unlock(&h->lock);
}

static struct reader *
reader_make(struct hub *h, const struct hub_stream *s)
{
	struct reader *r = calloc(1, sizeof(*r));

	if (r == NULL)
		return NULL;
	*r = (struct reader){ .fd = -1, .events = s->events,
		.follow = s->follow, .lines = s->lines, .since_ms = -1 };
	buf_init(&r->queue, READER_QUEUE);
	if (s->has_since)
		r->since_ms = (int64_t)s->since * 1000 +
			(s->since_millis < 0 ? 0 : s->since_millis);
	r->ticket = ticket_new(roster_serial(h->roster), s->instance,
		s->project, s->name, s->who, s->grant);
	if (s->last_id != NULL)
		r->last_id = strdup(s->last_id);
	if (r->ticket == NULL || (s->last_id != NULL && r->last_id == NULL)) {
		reader_free(r);
		return NULL;
	}
	return r;
}

/* Its place is free again. */
static void
left(void *arg, const struct ticket *t)
{
	struct hub *h = arg;

	roster_leave(h->roster, t->user);
	roster_remove(h->roster, t);
}

int
hub_prepare(struct hub *h, const struct hub_stream *s, struct reader **out,
	struct fault *f)
{
	struct message *m;
	struct reader *r;
	int err = roster_enter(h->roster, s->grant->user, f);

	if (err != 0)
		return err;
	/* The message is made now, so that hub_take can not fail. */
	m = calloc(1, sizeof(*m));
	r = m == NULL ? NULL : reader_make(h, s);
	if (r != NULL && roster_add(h->roster, r->ticket)) {
		m->kind = MESSAGE_READER;
		m->reader = r;
		r->message = m;
		*out = r;
		return 0;
	}
	roster_leave(h->roster, s->grant->user);
	reader_free(r);
	free(m);
	return fault_set(f, ERR_NO_MEMORY, "Out of memory.");
}

void
hub_drop(struct hub *h, struct reader *r)
{
	left(h, r->ticket);
	free(r->message);
	reader_free(r);
}

void
hub_take(struct hub *h, struct reader *r, int fd, int id)
{
	struct message *m = r->message;

	fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
	r->fd = fd;
	r->id = id;
	r->message = NULL;
	post(h, m);
}

static void
opened_post(void *arg, struct opened *o)
{
	struct hub *h = arg;
	struct message *m = o->about;

	m->kind = MESSAGE_OPENED;
	o->about = m->opened.about;
	m->opened = *o;
	post(h, m);
}

static void
revoked_post(void *arg, uint64_t serial, const struct fault *f)
{
	struct message *m = calloc(1, sizeof(*m));

	if (m == NULL)
		return;
	m->kind = MESSAGE_REVOKED;
	m->opened.serial = serial;
	m->opened.fault = *f;
	post(arg, m);
}

static struct watcher *
living_watcher(const struct channel *c)
{
	struct watcher *w = c->first;

	while (w != NULL && (w->dead || w->reader->ending))
		w = w->next;
	return w;
}

/* Has a thread subscribe, on behalf of one of the readers. */
static void
channel_open(struct hub *h, struct channel *c)
{
	struct watcher *w = living_watcher(c);
	struct opening_what what = { .kind = ALB_CONSOLE_SUBSCRIBE };
	struct message *m;

	if (w == NULL || h->end_by != 0)
		return;
	/* Made before, so that the answer can always be posted. */
	m = calloc(1, sizeof(*m));
	if (m == NULL)
		return;
	m->opened.about = c;
	what.instance = w->reader->ticket->instance;
	what.project = w->reader->ticket->project;
	what.name = w->reader->ticket->name;
	what.since_ms = ring_last_ms(&c->topic->ring);
	if (opening_start(h->app->upstream, h->app->config->auth_socket,
	    w->reader->ticket, &what, m, opened_post, h) < 0) {
		free(m);
		c->topic->retry_at = flight_now() + TOPIC_RETRY_FIRST_MS;
		return;
	}
	c->topic->state = TOPIC_OPENING;
	h->openings++;
}

static struct channel *
channel_get(struct hub *h, const struct ticket *t)
{
	struct channel *c;

	for (c = h->first; c != NULL; c = c->next)
		if (topic_is(c->topic, t->instance, t->project, t->name))
			return c;
	c = channel_new(t->instance, t->project, t->name);
	if (c != NULL) {
		c->next = h->first;
		h->first = c;
	}
	return c;
}

static void
take_reader(struct hub *h, struct reader *r)
{
	struct ticket *t = ticket_get(r->ticket);
	const struct fault withdrawn = { .err = ERR_FORBIDDEN,
		.detail = "The right to this log was withdrawn." };
	struct channel *c = channel_get(h, t);
	bool joined = false;

	if (c == NULL)
		reader_free(r);
	else
		joined = channel_join(c, r, h->epoll);
	if (!joined)
		left(h, t);
	else if (h->end_by != 0)
		watcher_end(c->first, NULL, h->epoll);
	else if (atomic_load(&t->revoked))
		/* The news of it came before the connection did. */
		watcher_end(c->first, &withdrawn, h->epoll);
	else if (c->topic->state == TOPIC_CLOSED &&
	    flight_now() >= c->topic->retry_at)
		channel_open(h, c);
	ticket_put(t);
}

static struct watcher *
watcher_find(const struct channel *c, uint64_t serial)
{
	struct watcher *w = c->first;

	while (w != NULL && w->reader->ticket->serial != serial)
		w = w->next;
	return w;
}

/* True when the fault is about who asked, not about the console. */
static bool
is_personal(const struct fault *f)
{
	int status = err_status(f->err);

	return status == 401 || status == 403 || status == 404;
}

static void
take_opened(struct hub *h, const struct opened *o)
{
	struct channel *c = o->about;
	struct watcher *w = watcher_find(c, o->serial);

	h->openings--;
	if (o->session != NULL) {
		channel_opened(c, o->session, h->epoll);
	} else if (is_personal(&o->fault)) {
		c->topic->state = TOPIC_CLOSED;
		if (w != NULL)
			watcher_end(w, &o->fault, h->epoll);
		channel_open(h, c);
	} else {
		channel_failed(c, &o->fault, h->epoll);
	}
}

static void
take_revoked(struct hub *h, const struct opened *o)
{
	for (struct channel *c = h->first; c != NULL; c = c->next) {
		struct watcher *w = watcher_find(c, o->serial);

		if (w != NULL)
			watcher_end(w, &o->fault, h->epoll);
	}
}

static void
take_messages(struct hub *h)
{
	struct message *m, *next;
	bool stopping;

	pthread_mutex_lock(&h->lock);
	m = h->inbox;
	h->inbox = NULL;
	h->inbox_end = &h->inbox;
	stopping = h->stopping;
	pthread_mutex_unlock(&h->lock);
	if (stopping && h->end_by == 0)
		h->end_by = flight_now() + LAST_WORDS_MS;
	for (; m != NULL; m = next) {
		next = m->next;
		if (m->kind == MESSAGE_READER)
			take_reader(h, m->reader);
		else if (m->kind == MESSAGE_OPENED)
			take_opened(h, &m->opened);
		else
			take_revoked(h, &m->opened);
		free(m);
	}
}

static void
event_take(struct hub *h, const struct epoll_event *e)
{
	enum source *source = e->data.ptr;
	struct watcher *w;
	uint64_t count;

	switch (*source) {
	case SOURCE_WAKE:
		(void)!read(h->wake_fd, &count, sizeof(count));
		break;
	case SOURCE_CHANNEL:
		channel_read((struct channel *)source, h->epoll);
		break;
	case SOURCE_WATCHER:
		w = (struct watcher *)source;
		if (e->events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR))
			watcher_kill(w);
		else
			watcher_pump(w, h->epoll);
		break;
	}
}

/* A channel nobody has looked at for a while, and no thread is at it. */
static bool
is_over(const struct hub *h, const struct channel *c, int64_t now)
{
	return c->first == NULL && c->topic->state != TOPIC_OPENING &&
		(h->end_by != 0 ||
		now - c->topic->idle_since >= TOPIC_IDLE_MS);
}

static void
channel_end_all(struct channel *c, int64_t now, int64_t end_by, int epoll)
{
	for (struct watcher *w = c->first; w != NULL; w = w->next) {
		watcher_end(w, NULL, epoll);
		if (now >= end_by)
			watcher_kill(w);
	}
}

static void
channel_tend(struct hub *h, struct channel *c, int64_t now, bool sweep)
{
	if (c->more)
		channel_read(c, h->epoll);
	channel_settle(c, now, h->epoll);
	if (sweep)
		channel_sweep(c, now, h->epoll);
	if (h->end_by != 0)
		channel_end_all(c, now, h->end_by, h->epoll);
	if (c->topic->state == TOPIC_CLOSED && now >= c->topic->retry_at)
		channel_open(h, c);
	channel_reap(c, left, h);
}

static void
tend(struct hub *h)
{
	int64_t now = flight_now();
	bool sweep = now - h->swept >= SWEEP_MS;
	struct channel **at = &h->first, *c;

	if (sweep)
		h->swept = now;
	while ((c = *at) != NULL) {
		channel_tend(h, c, now, sweep);
		if (is_over(h, c, now)) {
			*at = c->next;
			channel_free(c);
		} else {
			at = &c->next;
		}
	}
}

/* How long nothing is to be done, in milliseconds. */
static int
quiet_time(const struct hub *h)
{
	int ms = h->first == NULL && h->end_by == 0 ? -1 : SWEEP_MS;

	if (h->end_by != 0)
		ms = SETTLE_TICK_MS;
	for (const struct channel *c = h->first; c != NULL; c = c->next) {
		if (c->more)
			return 0;
		if (c->topic->state == TOPIC_SETTLING)
			ms = SETTLE_TICK_MS;
	}
	return ms;
}

static void *
hub_main(void *arg)
{
	struct epoll_event events[EVENTS_AT_ONCE];
	struct hub *h = arg;

	while (h->end_by == 0 || h->first != NULL || h->openings > 0) {
		int n = epoll_wait(h->epoll, events, EVENTS_AT_ONCE,
			quiet_time(h));

		for (int i = 0; i < n; i++)
			event_take(h, &events[i]);
		take_messages(h);
		tend(h);
	}
	return NULL;
}

/* Everything but the threads. */
static void
hub_release(struct hub *h)
{
	if (h->wake_fd >= 0)
		close(h->wake_fd);
	if (h->epoll >= 0)
		close(h->epoll);
	roster_free(h->roster);
	pthread_mutex_destroy(&h->lock);
	free(h);
}

struct hub *
hub_new(struct app *app)
{
	struct epoll_event event = { .events = EPOLLIN };
	struct hub *h = calloc(1, sizeof(*h));

	if (h == NULL)
		return NULL;
	*h = (struct hub){ .app = app, .wake = SOURCE_WAKE };
	pthread_mutex_init(&h->lock, NULL);
	h->inbox_end = &h->inbox;
	h->roster = roster_new();
	h->epoll = epoll_create1(EPOLL_CLOEXEC);
	h->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	event.data.ptr = &h->wake;
	if (h->roster == NULL || h->wake_fd < 0 || epoll_ctl(h->epoll,
	    EPOLL_CTL_ADD, h->wake_fd, &event) < 0 ||
	    thread_start(&h->thread, hub_main, h) < 0) {
		hub_release(h);
		return NULL;
	}
	h->watch = watch_new(app->config->auth_socket, h->roster,
		revoked_post, h);
	if (h->watch == NULL) {
		hub_free(h);
		return NULL;
	}
	return h;
}

void
hub_free(struct hub *h)
{
	const uint64_t one = 1;
	struct message *m;

	watch_free(h->watch);
	pthread_mutex_lock(&h->lock);
	h->stopping = true;
	(void)!write(h->wake_fd, &one, sizeof(one));
	pthread_mutex_unlock(&h->lock);
	pthread_join(h->thread, NULL);
	/* Only revocations that came too late. */
	while ((m = h->inbox) != NULL) {
		h->inbox = m->next;
		free(m);
	}
	hub_release(h);
}
