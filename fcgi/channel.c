/* SPDX-License-Identifier: ISC */
/* channel: a topic with those who read it; see channel.h. */
#include "fcgi/channel.h"

#include <stdlib.h>
#include <sys/epoll.h>

#include "fcgi/flight.h"

/* ---- by name ---- */

void
channels_init(struct channels *all, int epoll, struct log_store *logs)
{
	all->epoll = epoll;
	all->logs = logs;
	pthread_mutex_init(&all->lock, NULL);
}

/* FNV-1a over the names and what is between them. */
static struct channel **
bucket(struct channels *all, const char *instance, const char *project,
	const char *name)
{
	const char *const texts[] = { instance, project, name };
	uint32_t hash = 2166136261U;

	for (int i = 0; i < 3; i++) {
		for (const char *s = texts[i]; *s != '\0'; s++)
			hash = (hash ^ (uint8_t)*s) * 16777619U;
		hash = (hash ^ '/') * 16777619U;
	}
	return &all->buckets[hash % CHANNEL_BUCKETS];
}

struct channel *
channel_find(struct channels *all, const char *instance, const char *project,
	const char *name)
{
	struct channel *c = *bucket(all, instance, project, name);

	while (c != NULL && !topic_is(c->topic, instance, project, name))
		c = c->next;
	return c;
}

bool
channels_know(struct channels *all, const char *instance,
	const char *project, const char *name)
{
	struct channel *c;
	bool known;

	pthread_mutex_lock(&all->lock);
	c = channel_find(all, instance, project, name);
	known = c != NULL && (c->kept || c->there);
	pthread_mutex_unlock(&all->lock);
	return known;
}

struct channel *
channel_get(struct channels *all, const char *instance, const char *project,
	const char *name)
{
	struct channel **at = bucket(all, instance, project, name);
	struct channel *c = channel_find(all, instance, project, name);

	if (c != NULL)
		return c;
	c = calloc(1, sizeof(*c));
	if (c == NULL)
		return NULL;
	c->source = SOURCE_CHANNEL;
	c->topic = topic_new(all->logs, instance, project, name);
	if (c->topic == NULL) {
		free(c);
		return NULL;
	}
	c->topic->idle_since = flight_now();
	pthread_mutex_lock(&all->lock);
	c->next = *at;
	*at = c;
	all->count++;
	pthread_mutex_unlock(&all->lock);
	return c;
}

void
channel_remove(struct channels *all, struct channel *c)
{
	struct channel **at = bucket(all, c->topic->instance,
		c->topic->project, c->topic->name);

	pthread_mutex_lock(&all->lock);
	while (*at != c)
		at = &(*at)->next;
	*at = c->next;
	all->count--;
	pthread_mutex_unlock(&all->lock);
	topic_free(c->topic);
	free(c);
}

/* ---- who reads it ---- */

bool
channel_is_wanted(const struct channel *c)
{
	return c->kept || (c->first != NULL && c->there);
}

static void
begin(const struct channel *c, struct sub *s)
{
	sub_begin_log(s->watcher->reader, s, &c->topic->ring,
	    c->topic->logs != NULL);
	watcher_mark(s->watcher);
}

/* All that wait for the history. */
static void
begin_all(struct channel *c)
{
	for (struct sub *s = c->first; s != NULL; s = s->later)
		if (s->ring == NULL)
			begin(c, s);
}

/* Where nothing is to be subscribed to, what is kept is the history. */
static void
begin_quiet(struct channel *c)
{
	if (c->topic->state != TOPIC_CLOSED || channel_is_wanted(c))
		return;
	c->topic->has_history = true;
	begin_all(c);
}

void
channel_join(struct channel *c, struct sub *s)
{
	s->channel = c;
	sub_join(s, &c->first);
	c->topic->idle_since = 0;
	if (s->subject->there)
		c->there = true;
	if (c->topic->has_history)
		begin(c, s);
	else
		begin_quiet(c);
}

/*
 * News for everybody, once per outage; who only wants the history has all of
 * it that will come.
 */
static void
announce(struct channel *c, const struct fault *f)
{
	bool told = c->topic->announced;

	c->topic->announced = true;
	for (struct sub *s = c->first; s != NULL; s = s->later) {
		struct reader *r = s->watcher->reader;

		if (s->watcher->dead || r->ending)
			continue;
		/* Who has the history is still served all of it. */
		if (!r->follow && s->ring == NULL) {
			reader_cut(r, s, f);
			reader_end(r);
		} else if (!told && (r->events || s->ring == NULL)) {
			reader_cut(r, s, f);
		}
		watcher_mark(s->watcher);
	}
}

static void
announce_back(struct channel *c)
{
	for (struct sub *s = c->first; s != NULL; s = s->later) {
		if (s->watcher->dead || s->watcher->reader->ending)
			continue;
		reader_back(s->watcher->reader, s);
		watcher_mark(s->watcher);
	}
}

/* ---- what comes ---- */

void
channel_restored(struct channel *c, struct ring *ring, int err)
{
	topic_restored(c->topic, ring, err);
	begin_quiet(c);
}

/* Nobody waits for what was forgotten. */
void
channel_forget(struct channel *c)
{
	topic_forget(c->topic);
	for (struct sub *s = c->first; s != NULL; s = s->later)
		if (s->ring != NULL)
			sub_forget(s);
}

void
channel_flood(struct channel *c, int64_t now)
{
	if (topic_flood(c->topic, now))
		subs_mark(c->first);
}

/* What is kept can be read although nothing new comes. */
void
channel_failed(struct channel *c, const struct fault *f)
{
	struct topic *t = c->topic;

	topic_closed(t);
	c->more = false;
	if (t->ring.first < t->ring.next)
		t->has_history = true;
	if (t->has_history) {
		begin_all(c);
		subs_mark(c->first);
	}
	announce(c, f);
}

void
channel_read(struct channel *c)
{
	struct fault f = { 0 };
	int rc;

	if (c->topic->session == NULL)
		return;
	rc = topic_read(c->topic, &f);
	c->more = rc > 0;
	channel_flood(c, flight_now());
	if (c->topic->has_history)
		begin_all(c);
	subs_mark(c->first);
	if (rc < 0) {
		/* What was heard before the end is history all the same. */
		channel_settle(c, INT64_MAX);
		channel_failed(c, &f);
	}
}

void
channel_opened(struct channels *all, struct channel *c,
	struct alb_session *s)
{
	struct epoll_event event = { .events = EPOLLIN, .data.ptr = c };
	struct fault f = { 0 };

	topic_opened(c->topic, s);
	if (epoll_ctl(all->epoll, EPOLL_CTL_ADD, alb_session_fd(s),
	    &event) < 0) {
		fault_set(&f, ERR_NO_MEMORY, "Out of memory.");
		channel_failed(c, &f);
		return;
	}
	announce_back(c);
	/* What came with the first message wakes no poll. */
	channel_read(c);
}

void
channel_settle(struct channel *c, int64_t now)
{
	if (!topic_settle(c->topic, now))
		return;
	begin_all(c);
	subs_mark(c->first);
}

void
channel_note(struct channel *c, enum log_kind kind, const char *text,
	int64_t deployment)
{
	topic_note(c->topic, kind, text, deployment);
	subs_mark(c->first);
}
