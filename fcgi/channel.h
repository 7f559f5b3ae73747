/* SPDX-License-Identifier: ISC */
/*
 * channel: a topic with its readers, as the hub's thread keeps them: who is
 * written to when, and what happens to whom.
 */
#ifndef FCGI_CHANNEL_H
#define FCGI_CHANNEL_H

#include "fcgi/topic.h"

/* What an event of epoll is about; the first member of what it points to. */
enum source { SOURCE_WAKE, SOURCE_CHANNEL, SOURCE_WATCHER };

struct watcher {
	enum source source;
	struct watcher *next;
	struct channel *channel;
	struct reader *reader;	/* owned */
	bool blocked;		/* waits for EPOLLOUT */
	bool dead;		/* to be freed when no event can name it */
};

struct channel {
	enum source source;
	struct channel *next;
	struct topic *topic;	/* owned */
	struct watcher *first;	/* owned list */
	bool more;		/* there is more to read than was taken */
};

/* epoll is the hub's descriptor for it. NULL: out of memory. */
struct channel *channel_new(const char *instance, const char *project,
	const char *name);
void channel_free(struct channel *c);

/* Adds a reader (taken): false when it could not be, and it was freed. */
bool channel_join(struct channel *c, struct reader *r, int epoll);
/* Marks it; channel_reap frees all that are marked, calling left for each. */
void watcher_kill(struct watcher *w);
void channel_reap(struct channel *c, void (*left)(void *arg,
	const struct ticket *t), void *arg);

/* Writes what there is for it. */
void watcher_pump(struct watcher *w, int epoll);
void channel_pump(struct channel *c, int epoll);
/* Tells it why, ends its answer and writes that. */
void watcher_end(struct watcher *w, const struct fault *f, int epoll);

/* Reads what albatross sent; on its end tells the readers. */
void channel_read(struct channel *c, int epoll);
/* A subscription came into being, or failed. */
void channel_opened(struct channel *c, struct alb_session *s, int epoll);
void channel_failed(struct channel *c, const struct fault *f, int epoll);
/* The history is there if it now is. */
void channel_settle(struct channel *c, int64_t now, int epoll);
/* Heartbeats, expiries, and readers that do not read. */
void channel_sweep(struct channel *c, int64_t now, int epoll);

#endif
