/* SPDX-License-Identifier: ISC */
/*
 * channel: a topic with those who read it, as the hub's thread keeps them, and
 * the table of all by name.
 */
#ifndef FCGI_CHANNEL_H
#define FCGI_CHANNEL_H

#include <pthread.h>
#include <stdatomic.h>

#include "fcgi/topic.h"
#include "fcgi/watcher.h"

#define CHANNEL_BUCKETS 4096

struct channel {
	enum source source;
	struct channel *next;		/* of its bucket */
	struct topic *topic;		/* owned */
	struct sub *first;
	atomic_bool kept;		/* also while nobody reads */
	atomic_bool there;		/* albatross may know of it */
	bool more;			/* there is more than was taken */
	bool active, waiting;		/* is on the hub's lists of such: */
	struct channel *next_active, *next_waiting;
};

struct channels {
	int epoll;
	struct log_store *logs;	/* borrowed; NULL: nothing is kept */
	pthread_mutex_t lock;	/* of changes, for who asks from elsewhere */
	struct channel *buckets[CHANNEL_BUCKETS];
	size_t count;
};

void channels_init(struct channels *all, int epoll, struct log_store *logs);
/* By the hub's thread; NULL: there is none. */
struct channel *channel_find(struct channels *all, const char *instance,
	const char *project, const char *name);
/* Finds or makes it; NULL: out of memory. */
struct channel *channel_get(struct channels *all, const char *instance,
	const char *project, const char *name);
void channel_remove(struct channels *all, struct channel *c);	/* frees it */
/* Whether it is kept, or may be there; from any thread. */
bool channels_know(struct channels *all, const char *instance,
	const char *project, const char *name);

/* A sub joins. */
void channel_join(struct channel *c, struct sub *s);
/*
 * Whether it is to be subscribed to: it is kept, or somebody reads it, and
 * albatross may know of it. (It keeps a place for a name that never was.)
 */
bool channel_is_wanted(const struct channel *c);

/* What is kept of it was read (topic_restored). */
void channel_restored(struct channel *c, struct ring *ring, int err);
/* Nothing is kept of it any more. */
void channel_forget(struct channel *c);
/* Reads what albatross sent; on its end tells the readers. */
void channel_read(struct channel *c);
/* A subscription came into being, or failed. */
void channel_opened(struct channels *all, struct channel *c,
	struct alb_session *s);
void channel_failed(struct channel *c, const struct fault *f);
/* Tells of lines that were too many, if it is time to. */
void channel_flood(struct channel *c, int64_t now);
/* The history is there if it now is. */
void channel_settle(struct channel *c, int64_t now);
void channel_note(struct channel *c, enum log_kind kind, const char *text,
	int64_t deployment);

#endif
