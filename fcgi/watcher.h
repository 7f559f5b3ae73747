/* SPDX-License-Identifier: ISC */
/*
 * watcher: a reader as the hub's thread has it: written to when something is
 * there for it and its socket takes it, and freed when nothing can name it any
 * more. A sub of it is on the list of what it is about.
 */
#ifndef FCGI_WATCHER_H
#define FCGI_WATCHER_H

#include "fcgi/reader.h"

/* What an event of epoll is about; the first member of what it points to. */
enum source { SOURCE_WAKE, SOURCE_CHANNEL, SOURCE_WATCHER };

struct watcher {
	enum source source;
	struct watchers *all;
	struct watcher *later, **here;	/* of all */
	struct watcher *next_pending, *next_dead;
	struct reader *reader;	/* owned */
	bool blocked;		/* waits for EPOLLOUT */
	bool pending;		/* something is there for it */
	bool dead;		/* to be freed when no event can name it */
};

struct watchers {
	int epoll;
	struct watcher *first, *pending, *dead;
	/* Has the store asked for what a sub wants of it. */
	void (*older)(void *arg, struct sub *s);
	void *arg;
};

/* Takes the reader, unless it fails: NULL. */
struct watcher *watcher_new(struct watchers *all, struct reader *r);
/* Something is there for it: watchers_pump will write it. */
void watcher_mark(struct watcher *w);
void watcher_kill(struct watcher *w);
/* Ends its answer, and tells why; f (or NULL): what was withdrawn. */
void watcher_end(struct watcher *w, const char *reason,
	const struct fault *f);
/* Its socket takes more again. */
void watcher_unblock(struct watcher *w);

/* The list of what a sub is about, at *first. */
void sub_join(struct sub *s, struct sub **first);
/* There is more in what they are about: who is too slow for it is cut off. */
void subs_mark(struct sub *first);

/* Writes to all that are marked. */
void watchers_pump(struct watchers *all);
/* Frees those that are dead, calling left for each. */
void watchers_reap(struct watchers *all, void (*left)(void *arg,
	struct reader *r), void *arg);
/* Heartbeats, expiries, and readers that do not read. */
void watchers_sweep(struct watchers *all, int64_t now);

#endif
