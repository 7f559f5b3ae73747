/* SPDX-License-Identifier: ISC */
/*
 * hub: the thread of all event streams; see hub.h. Everything but the inbox,
 * the roster and the clocks of who looks belongs to that thread alone.
 *
 *   handlers --hub_take------.            .--> watchers (FastCGI connections)
 *   who knows --hub_publish--+            |
 *   opening threads ---------+-> inbox -> hub thread <--> albatross sessions
 *   watch thread ------------'
 *
 * A turn of its loop does what epoll and the inbox brought, and looks at those
 * channels alone that have more to do; all of them it looks at twice a second.
 */
#include "fcgi/hub.h"

#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "fcgi/app.h"
#include "fcgi/channel.h"
#include "fcgi/flight.h"
#include "fcgi/log_read.h"
#include "fcgi/opening.h"
#include "fcgi/thread.h"
#include "fcgi/upstream.h"
#include "fcgi/watch.h"

#define EVENTS_AT_ONCE 64
#define SWEEP_MS 500
#define SETTLE_TICK_MS 20
#define LAST_WORDS_MS 1000	/* for writing when it all ends */
#define OPENINGS_MAX 32		/* threads that subscribe at the same time */
#define LOOK_MS 10000		/* so long somebody still looks */

enum message_kind {
	MESSAGE_READER, MESSAGE_OPENED, MESSAGE_REVOKED, MESSAGE_CHANGED,
	MESSAGE_EVENT, MESSAGE_KEEP, MESSAGE_NOTE, MESSAGE_FORGET,
	MESSAGE_READ
};

/* Something about one unikernel's log. */
struct word {
	char instance[ALB_LABEL_MAX + 1];
	char project[ALB_LABEL_MAX + 1];
	char name[ALB_LABEL_MAX + 1];
	bool keep;			/* KEEP */
	enum log_kind kind;		/* NOTE */
	int64_t deployment;
	char *text;			/* owned */
};

/* What other threads have for the hub. */
struct message {
	struct message *next;
	enum message_kind kind;
	struct reader *reader;		/* READER */
	struct opened opened;		/* OPENED; REVOKED: why */
	struct ticket *ticket;		/* REVOKED, CHANGED; held */
	struct view *view;		/* CHANGED; held */
	enum feed_kind feed;		/* EVENT */
	struct feed_entry *entry;	/* owned; NULL: it was lost */
	struct word word;		/* KEEP, NOTE, FORGET */
	struct log_read *read;		/* READ; owned */
};

/* A feed and who reads it. */
struct news {
	struct feed feed;
	struct sub *first;
	atomic_int readers;
	atomic_int_least64_t looked;	/* flight_now; 0: never */
};

struct hub {
	struct app *app;
	pthread_t thread;
	struct roster *roster;
	struct watch *watch;
	struct log_reads *reads;	/* NULL: nothing is kept */
	enum source wake;	/* SOURCE_WAKE, for epoll */
	int wake_fd;

	pthread_mutex_t lock;
	struct message *inbox, **inbox_end;
	bool stopping;

	struct watchers watchers;
	struct channels channels;
	struct news news[FEEDS];
	struct channel *active;		/* with more to read, or settling */
	struct channel *waiting, **waiting_end;	/* for a thread that opens */
	int openings;		/* threads at it */
	int64_t swept;
	int64_t end_by;		/* flight_now, once it is stopping */
};

/* ---- the inbox ---- */

static void
post(struct hub *h, struct message *m)
{
	const uint64_t one = 1;
	bool first;

	pthread_mutex_lock(&h->lock);
	first = h->inbox == NULL;
	m->next = NULL;
	*h->inbox_end = m;
	h->inbox_end = &m->next;
	/* Whoever found it empty wakes for all that come behind. */
	if (first)
		(void)!write(h->wake_fd, &one, sizeof(one));
	pthread_mutex_unlock(&h->lock);
}

static void
message_free(struct message *m)
{
	ticket_put(m->ticket);
	view_put(m->view);
	feed_entry_free(m->entry);
	free(m->word.text);
	if (m->read != NULL)
		log_read_free(m->read);
	free(m);
}

static struct message *
message_new(enum message_kind kind)
{
	struct message *m = calloc(1, sizeof(*m));

	if (m != NULL)
		m->kind = kind;
	return m;
}

/* ---- streams that come ---- */

static struct reader *
reader_make(const struct hub_stream *s)
{
	struct reader *r = calloc(1, sizeof(*r));

	if (r == NULL)
		return NULL;
	*r = (struct reader){ .fd = -1, .events = s->events,
		.named = s->named, .follow = s->follow, .lines = s->lines,
		.since_ms = -1 };
	reader_init(r);
	if (s->has_since)
		r->since_ms = (int64_t)s->since * 1000 +
			(s->since_millis < 0 ? 0 : s->since_millis);
	r->view = s->view == NULL ? NULL : view_get(s->view);
	r->ticket = ticket_of_stream(s->subjects, s->nsubjects, s->view,
		s->who, s->grant);
	if (r->ticket == NULL || !reader_ask(r, s->last_id)) {
		reader_free(r);
		return NULL;
	}
	return r;
}

/* Its place is free again. */
static void
left(void *arg, struct reader *r)
{
	struct hub *h = arg;

	for (int i = 0; i < r->nsubs; i++) {
		enum feed_kind kind = r->subs[i].subject->feed;

		if (kind != FEEDS)
			atomic_fetch_sub(&h->news[kind].readers, 1);
	}
	r->ticket->watcher = NULL;
	roster_leave(h->roster, r->ticket->user);
	roster_remove(h->roster, r->ticket);
}

/* Who is about to look, looks. */
static void
look(struct hub *h, const struct reader *r)
{
	for (int i = 0; i < r->nsubs; i++) {
		enum feed_kind kind = r->subs[i].subject->feed;

		if (kind == FEEDS)
			continue;
		atomic_fetch_add(&h->news[kind].readers, 1);
		hub_look(h, kind);
	}
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
	m = message_new(MESSAGE_READER);
	r = m == NULL ? NULL : reader_make(s);
	if (r != NULL && roster_add(h->roster, r->ticket)) {
		m->reader = r;
		r->message = m;
		look(h, r);
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
	left(h, r);
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

/* ---- news that come ---- */

static void
entry_post(struct hub *h, enum feed_kind kind, const struct feed_event *e,
	size_t at)
{
	struct message *m = message_new(MESSAGE_EVENT);

	if (m == NULL)
		return;
	m->feed = kind;
	m->entry = feed_entry_new(e, at);
	post(h, m);
}

void
hub_publish(struct hub *h, enum feed_kind kind, const struct feed_event *e)
{
	size_t at = 0;

	do {
		entry_post(h, kind, e, at);
		at += FEED_ITEMS_MAX;
	} while (at < e->nitems);
}

bool
hub_looked_at(struct hub *h, enum feed_kind kind)
{
	int64_t looked = atomic_load(&h->news[kind].looked);

	return atomic_load(&h->news[kind].readers) > 0 ||
		(looked != 0 && flight_now() - looked < LOOK_MS);
}

void
hub_look(struct hub *h, enum feed_kind kind)
{
	atomic_store(&h->news[kind].looked, flight_now());
}

static struct message *
word_new(enum message_kind kind, const char *instance, const char *project,
	const char *name)
{
	struct message *m = message_new(kind);

	if (m == NULL)
		return NULL;
	snprintf(m->word.instance, sizeof(m->word.instance), "%s", instance);
	snprintf(m->word.project, sizeof(m->word.project), "%s", project);
	snprintf(m->word.name, sizeof(m->word.name), "%s", name);
	return m;
}

void
hub_note(struct hub *h, const char *instance, const char *project,
	const char *name, enum log_kind kind, const char *text,
	int64_t deployment)
{
	struct message *m = word_new(MESSAGE_NOTE, instance, project, name);

	if (m == NULL)
		return;
	m->word.kind = kind;
	m->word.deployment = deployment;
	m->word.text = strdup(text);
	post(h, m);
}

void
hub_keep(struct hub *h, const char *instance, const char *project,
	const char *name, bool keep)
{
	struct message *m = word_new(MESSAGE_KEEP, instance, project, name);

	if (m == NULL)
		return;
	m->word.keep = keep;
	post(h, m);
}

void
hub_forget(struct hub *h, const char *instance, const char *project,
	const char *name)
{
	struct message *m = word_new(MESSAGE_FORGET, instance, project, name);

	if (m != NULL)
		post(h, m);
}

bool
hub_knows(struct hub *h, const char *instance, const char *project,
	const char *name)
{
	return channels_know(&h->channels, instance, project, name);
}

/* ---- what the watch found out ---- */

static void
revoked_post(void *arg, struct ticket *t, const struct fault *f)
{
	struct message *m = message_new(MESSAGE_REVOKED);

	if (m == NULL)
		return;
	m->ticket = ticket_get(t);
	m->opened.fault = *f;
	post(arg, m);
}

static void
changed_post(void *arg, struct ticket *t, struct view *view)
{
	struct message *m = message_new(MESSAGE_CHANGED);

	if (m == NULL)
		return;
	m->ticket = ticket_get(t);
	m->view = view_get(view);
	post(arg, m);
}

/* ---- what is kept ---- */

/* Read, from one of the threads that do. */
static void
read_post(void *arg, struct log_read *r)
{
	struct message *m = r->message;

	r->message = NULL;
	m->read = r;
	post(arg, m);
}

/* With its message made before, so that the answer can always be posted. */
static struct log_read *
read_new(const char *instance, const char *project, const char *name)
{
	struct log_read *r = log_read_new(instance, project, name);

	if (r == NULL)
		return NULL;
	r->message = message_new(MESSAGE_READ);
	if (r->message != NULL)
		return r;
	log_read_free(r);
	return NULL;
}

static void
channel_restore(struct hub *h, struct channel *c)
{
	struct topic *t = c->topic;
	struct log_read *r = read_new(t->instance, t->project, t->name);

	if (r == NULL)
		return;
	r->channel = c;
	t->state = TOPIC_RESTORING;
	log_reads_add(h->reads, r);
}

static void
older_ask(void *arg, struct sub *s)
{
	struct hub *h = arg;
	struct reader *reader = s->watcher->reader;
	struct log_read *r = read_new(s->subject->instance,
		s->subject->project, s->subject->name);

	if (r == NULL) {
		watcher_kill(s->watcher);
		return;
	}
	r->ticket = ticket_get(reader->ticket);
	r->sub = (int)(s - reader->subs);
	r->after = s->next - 1;
	r->from_ms = s->from_ms;
	s->asked = true;
	log_reads_add(h->reads, r);
}

/* ---- subscriptions ---- */

static void
opened_post(void *arg, struct opened *o)
{
	struct hub *h = arg;
	struct message *m = o->about;

	o->about = m->opened.about;
	m->opened = *o;
	post(h, m);
}

/* Nothing is begun any more that the end would have to wait for. */
static bool
is_ending(const struct hub *h)
{
	return h->end_by != 0 || h->app->stopping;
}

/* Has a thread subscribe, for the service. */
static void
channel_open(struct hub *h, struct channel *c)
{
	struct topic *t = c->topic;
	const struct opening_what what = { .kind = ALB_CONSOLE_SUBSCRIBE,
		.instance = t->instance, .project = t->project,
		.name = t->name, .since_ms = ring_last_ms(&t->ring) };
	/* Made before, so that the answer can always be posted. */
	struct message *m = message_new(MESSAGE_OPENED);

	if (m == NULL)
		return;
	m->opened.about = c;
	if (opening_start(h->app->upstream, h->app->config->auth_socket,
	    NULL, &what, m, opened_post, h) < 0) {
		free(m);
		t->retry_at = flight_now() + TOPIC_RETRY_FIRST_MS;
		return;
	}
	t->state = TOPIC_OPENING;
	h->openings++;
}

/*
 * What is kept of it is to be read first; then it is subscribed to, if it is
 * wanted and is not, once there is a thread for it.
 */
static void
channel_want(struct hub *h, struct channel *c, int64_t now)
{
	if (c->topic->state == TOPIC_NEW && now >= c->topic->retry_at)
		channel_restore(h, c);
	if (c->waiting || is_ending(h) || !channel_is_wanted(c) ||
	    c->topic->state != TOPIC_CLOSED || now < c->topic->retry_at)
		return;
	c->waiting = true;
	c->next_waiting = NULL;
	*h->waiting_end = c;
	h->waiting_end = &c->next_waiting;
}

static void
waiting_open(struct hub *h)
{
	struct channel *c;

	while (h->openings < OPENINGS_MAX && (c = h->waiting) != NULL) {
		h->waiting = c->next_waiting;
		if (h->waiting == NULL)
			h->waiting_end = &h->waiting;
		c->waiting = false;
		if (!is_ending(h) && channel_is_wanted(c))
			channel_open(h, c);
	}
}

/* It has more to do than to wait for epoll. */
static void
channel_activate(struct hub *h, struct channel *c)
{
	if (c->active || (!c->more && c->topic->state != TOPIC_SETTLING))
		return;
	c->active = true;
	c->next_active = h->active;
	h->active = c;
}

/* ---- the messages, as the hub takes them ---- */

static void
sub_start(struct hub *h, struct sub *s)
{
	const struct subject *about = s->subject;
	struct channel *c;

	if (about->feed != FEEDS) {
		sub_begin_feed(s->watcher->reader, s,
		    &h->news[about->feed].feed);
		sub_join(s, &h->news[about->feed].first);
		return;
	}
	c = channel_get(&h->channels, about->instance, about->project,
		about->name);
	if (c == NULL) {
		watcher_kill(s->watcher);
		return;
	}
	channel_join(c, s);
	channel_want(h, c, flight_now());
}

static void
withdraw(struct watcher *w, const struct fault *f)
{
	watcher_end(w, f->err == ERR_EXPIRED ? "expired" : "revoked", f);
}

static void
take_reader(struct hub *h, struct reader *r)
{
	const struct fault withdrawn = { .err = ERR_FORBIDDEN,
		.detail = "The right to this was withdrawn." };
	struct ticket *t = ticket_get(r->ticket);
	struct watcher *w = watcher_new(&h->watchers, r);

	if (w == NULL) {
		hub_drop(h, r);
		ticket_put(t);
		return;
	}
	t->watcher = w;
	if (t->news != NULL) {
		view_put(r->view);
		r->view = view_get(t->news);
	}
	for (int i = 0; i < r->nsubs; i++)
		sub_start(h, &r->subs[i]);
	/* Where it is, before there is anything to be told. */
	if (r->named)
		reader_beat(r);
	/* The news of it came before the connection did. */
	if (h->end_by != 0)
		watcher_end(w, "restart", NULL);
	else if (t->revoked)
		withdraw(w, &withdrawn);
	watcher_mark(w);
	ticket_put(t);
}

static void
take_opened(struct hub *h, const struct opened *o)
{
	struct channel *c = o->about;

	h->openings--;
	if (o->session != NULL)
		channel_opened(&h->channels, c, o->session);
	else
		channel_failed(c, &o->fault);
	channel_activate(h, c);
}

static void
take_read(struct hub *h, struct log_read *r)
{
	struct watcher *w;

	if (r->channel != NULL) {
		channel_restored(r->channel, &r->ring, r->err);
		channel_want(h, r->channel, flight_now());
		return;
	}
	w = r->ticket->watcher;
	if (w == NULL)
		return;
	sub_give_older(w->reader, &w->reader->subs[r->sub], r->older);
	r->older = NULL;
	watcher_mark(w);
}

static void
take_revoked(struct ticket *t, const struct fault *f)
{
	if (t->watcher != NULL)
		withdraw(t->watcher, f);
	else
		t->revoked = true;
}

/* What is shown of the feeds is not what is to be seen any more. */
static void
take_changed(struct ticket *t, struct view *view)
{
	struct reader *r;

	if (t->watcher == NULL) {
		view_put(t->news);
		t->news = view_get(view);
		return;
	}
	r = t->watcher->reader;
	if (r->ending || r->view == NULL)
		return;
	view_put(r->view);
	r->view = view_get(view);
	for (int i = 0; i < r->nsubs; i++)
		if (r->subs[i].feed != NULL)
			reader_reset(r, &r->subs[i]);
	watcher_mark(t->watcher);
}

/* An event that was lost is told as one: all is to be loaded anew. */
static void
take_event(struct hub *h, struct message *m)
{
	struct news *news = &h->news[m->feed];

	if (m->entry != NULL)
		feed_add(&news->feed, m->entry);
	else
		feed_break(&news->feed);
	m->entry = NULL;
	subs_mark(news->first);
}

static void
take_word(struct hub *h, const struct message *m)
{
	const struct word *w = &m->word;
	bool make = m->kind == MESSAGE_NOTE || w->keep;
	struct channel *c = (make ? channel_get : channel_find)(&h->channels,
		w->instance, w->project, w->name);

	if (c == NULL)
		return;
	if (m->kind == MESSAGE_KEEP) {
		c->kept = w->keep;
		if (c->first == NULL)
			c->topic->idle_since = w->keep ? 0 : flight_now();
	} else if (m->kind == MESSAGE_FORGET) {
		channel_forget(c);
	} else if (w->text != NULL) {
		channel_note(c, w->kind, w->text, w->deployment);
	}
	channel_want(h, c, flight_now());
}

static void
take_message(struct hub *h, struct message *m)
{
	switch (m->kind) {
	case MESSAGE_READER:
		take_reader(h, m->reader);
		break;
	case MESSAGE_OPENED:
		take_opened(h, &m->opened);
		break;
	case MESSAGE_REVOKED:
		take_revoked(m->ticket, &m->opened.fault);
		break;
	case MESSAGE_CHANGED:
		take_changed(m->ticket, m->view);
		break;
	case MESSAGE_EVENT:
		take_event(h, m);
		break;
	case MESSAGE_KEEP:
	case MESSAGE_NOTE:
	case MESSAGE_FORGET:
		take_word(h, m);
		break;
	case MESSAGE_READ:
		take_read(h, m->read);
		break;
	}
	message_free(m);
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
		take_message(h, m);
	}
}

/* ---- the loop ---- */

/* What it said just now tells what time it is there. */
static void
clock_tell(struct hub *h, struct topic *t)
{
	int64_t said = topic_clock(t);

	if (said != 0)
		upstream_clock_seen(h->app->upstream, t->instance, said);
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
		channel_read((struct channel *)source);
		clock_tell(h, ((struct channel *)source)->topic);
		channel_activate(h, (struct channel *)source);
		break;
	case SOURCE_WATCHER:
		w = (struct watcher *)source;
		if (e->events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR))
			watcher_kill(w);
		else
			watcher_unblock(w);
		break;
	}
}

/* Those that have more to do. */
static void
active_tend(struct hub *h)
{
	struct channel *c = h->active, *next;
	int64_t now = flight_now();

	h->active = NULL;
	for (; c != NULL; c = next) {
		next = c->next_active;
		c->active = false;
		if (c->more)
			channel_read(c);
		channel_settle(c, now);
		channel_activate(h, c);
	}
}

/* One that nobody has looked at for a while, and no thread is at it. */
static bool
is_over(const struct hub *h, const struct channel *c, int64_t now)
{
	const struct topic *t = c->topic;

	if (c->active || c->waiting || c->first != NULL ||
	    t->state == TOPIC_OPENING || t->state == TOPIC_RESTORING)
		return false;
	if (h->end_by != 0)
		return t->state != TOPIC_NEW || t->notes == NULL ||
			now >= h->end_by;
	return !c->kept && now - t->idle_since >= TOPIC_IDLE_MS;
}

static void
channel_sweep(struct hub *h, struct channel *c, int64_t now)
{
	if (c->first == NULL && !c->kept && c->topic->idle_since == 0)
		c->topic->idle_since = now;
	channel_flood(c, now);
	channel_want(h, c, now);
	if (is_over(h, c, now))
		channel_remove(&h->channels, c);
}

static void
sweep(struct hub *h, int64_t now)
{
	struct channel *c, *next;

	h->swept = now;
	watchers_sweep(&h->watchers, now);
	for (int i = 0; i < CHANNEL_BUCKETS; i++)
		for (c = h->channels.buckets[i]; c != NULL; c = next) {
			next = c->next;
			channel_sweep(h, c, now);
		}
}

/* All streams end, as well as that can be done in a moment. */
static void
wind_up(struct hub *h, int64_t now)
{
	for (struct watcher *w = h->watchers.first; w != NULL; w = w->later) {
		watcher_end(w, "restart", NULL);
		if (now >= h->end_by)
			watcher_kill(w);
	}
}

static void
tend(struct hub *h)
{
	int64_t now = flight_now();

	active_tend(h);
	if (now - h->swept >= SWEEP_MS || h->end_by != 0)
		sweep(h, now);
	if (h->end_by != 0)
		wind_up(h, now);
	waiting_open(h);
	watchers_pump(&h->watchers);
	watchers_reap(&h->watchers, left, h);
}

static bool
is_empty(const struct hub *h)
{
	return h->watchers.first == NULL && h->channels.count == 0;
}

/* How long nothing is to be done, in milliseconds. */
static int
quiet_time(const struct hub *h)
{
	for (const struct channel *c = h->active; c != NULL;
	    c = c->next_active)
		if (c->more)
			return 0;
	if (h->active != NULL || h->end_by != 0)
		return SETTLE_TICK_MS;
	return is_empty(h) ? -1 : SWEEP_MS;
}

static void *
hub_main(void *arg)
{
	struct epoll_event events[EVENTS_AT_ONCE];
	struct hub *h = arg;

	while (h->end_by == 0 || !is_empty(h) || h->openings > 0) {
		int n = epoll_wait(h->watchers.epoll, events, EVENTS_AT_ONCE,
			quiet_time(h));

		for (int i = 0; i < n; i++)
			event_take(h, &events[i]);
		take_messages(h);
		tend(h);
	}
	return NULL;
}

/* ---- begun and ended ---- */

/* Everything but the threads. */
static void
hub_release(struct hub *h)
{
	struct message *m;

	log_reads_free(h->reads);
	/* Only what was told too late. */
	while ((m = h->inbox) != NULL) {
		h->inbox = m->next;
		message_free(m);
	}
	for (int i = 0; i < FEEDS; i++)
		if (h->news[i].feed.entries != NULL)
			feed_free(&h->news[i].feed);
	if (h->wake_fd >= 0)
		close(h->wake_fd);
	if (h->watchers.epoll >= 0)
		close(h->watchers.epoll);
	roster_free(h->roster);
	pthread_mutex_destroy(&h->lock);
	free(h);
}

static int
feeds_init(struct hub *h)
{
	for (int i = 0; i < FEEDS; i++)
		if (feed_init(&h->news[i].feed, (enum feed_kind)i) < 0)
			return -1;
	return 0;
}

static struct watch *
watch_start(struct hub *h)
{
	const struct watch_taker taker = { revoked_post, changed_post, h };

	return watch_new(h->app->config->auth_socket, h->roster, &taker);
}

/* All that the thread needs: 0 or -1. */
static int
hub_fill(struct hub *h)
{
	struct epoll_event event = { .events = EPOLLIN,
		.data.ptr = &h->wake };

	pthread_mutex_init(&h->lock, NULL);
	h->inbox_end = &h->inbox;
	h->waiting_end = &h->waiting;
	h->watchers.older = older_ask;
	h->watchers.arg = h;
	h->watchers.epoll = epoll_create1(EPOLL_CLOEXEC);
	h->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	channels_init(&h->channels, h->watchers.epoll, h->app->logs);
	h->roster = roster_new();
	if (h->app->logs != NULL)
		h->reads = log_reads_new(h->app->logs, read_post, h);
	if (h->roster == NULL || h->wake_fd < 0 ||
	    (h->app->logs != NULL && h->reads == NULL) || feeds_init(h) < 0)
		return -1;
	return epoll_ctl(h->watchers.epoll, EPOLL_CTL_ADD, h->wake_fd,
		&event);
}

struct hub *
hub_new(struct app *app)
{
	struct hub *h = calloc(1, sizeof(*h));

	if (h == NULL)
		return NULL;
	*h = (struct hub){ .app = app, .wake = SOURCE_WAKE };
	if (hub_fill(h) < 0 || thread_start(&h->thread, hub_main, h) < 0) {
		hub_release(h);
		return NULL;
	}
	h->watch = watch_start(h);
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

	watch_free(h->watch);
	pthread_mutex_lock(&h->lock);
	h->stopping = true;
	(void)!write(h->wake_fd, &one, sizeof(one));
	pthread_mutex_unlock(&h->lock);
	pthread_join(h->thread, NULL);
	hub_release(h);
}
