/* SPDX-License-Identifier: ISC */
/*
 * seen: what was seen of the unikernels of one instance, and what changed when
 * it was looked at again. No clock, no lock, no network: what is not in the
 * arguments has no say.
 */
#ifndef FCGI_SEEN_H
#define FCGI_SEEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "albatross/wire.h"

#define SEEN_DIGEST_SIZE (2 * ALB_DIGEST_MAX + 1)
#define SEEN_RESTARTS 100	/* times that are remembered */
/* So many within that time, not meant by us: a crash loop, until it rests. */
#define SEEN_LOOP_RESTARTS 3
#define SEEN_LOOP_MS (5 * 60 * 1000)
#define SEEN_LOOP_REST_MS (10 * 60 * 1000)
#define SEEN_HOUR_MS (60 * 60 * 1000)
/* So many that stopped are remembered of an instance: the last ones. */
#define SEEN_STOPPED_MAX 1000
/* Gone and there again within that time, it was restarted. */
#define SEEN_RESTART_GAP_MS (60 * 1000)

enum seen_state {
	SEEN_NONE,	/* only touched */
	SEEN_RUNNING, SEEN_STOPPED
};

/* Times are milliseconds since 1970, 0: not told. */
struct seen {
	char project[ALB_LABEL_MAX + 1];
	char name[ALB_LABEL_MAX + 1];
	enum seen_state state;
	char digest[SEEN_DIGEST_SIZE];
	char *config;		/* JSON, owned; NULL for SEEN_NONE */
	int64_t memory;		/* MB */
	int64_t started;
	int64_t stopped;	/* noticed; 0 while it runs */
	bool halted;		/* stopped by us */
	/* Not by us: a ring of times, the newest at restarts_all - 1. */
	int64_t restarts[SEEN_RESTARTS];
	int64_t restarts_all;
	bool crash_loop;
	bool settled;		/* was there when no change was under way */
	bool missed;		/* was not there; to be looked at again */
	bool touched;		/* changed by us, and not looked at since */
	int64_t touched_at;	/* of the monotonic clock */

	/* For those who show it; no concern of seen_look. */
	bool kept;		/* its log is kept though nobody looks */
	char *update;		/* JSON, owned; NULL: null */
	char *check;		/* the same: its health */
	char health[12];	/* state of its check, "" without one */
	char *shown;		/* all of it, JSON, owned */
	size_t shown_len;
	uint64_t mark;		/* of what is worth telling of in it */
};

/* Ordered by project and name; zeroed it is empty. */
struct seen_list {
	struct seen **items;	/* owned, and what they point to */
	size_t len, cap;
};

/* What an instance said there is. */
struct found {
	char project[ALB_LABEL_MAX + 1];
	char name[ALB_LABEL_MAX + 1];
	char digest[SEEN_DIGEST_SIZE];
	char *config;		/* JSON, owned; taken by seen_look */
	int64_t memory;
	int64_t started;
};

struct look {
	int64_t now;		/* ms since 1970 */
	int64_t begun;		/* of the monotonic clock */
	bool after;		/* the first one after the instance was away */
	bool young;		/* it may still be starting what ran */
	struct found *items;	/* ordered as seen_list is */
	size_t len;
	/* Is a change of it by us under way? */
	bool (*claimed)(void *arg, const char *project, const char *name);
	void *arg;
};

enum seen_change {
	SEEN_SAME,
	SEEN_APPEARED, SEEN_VANISHED, SEEN_RESTARTED, SEEN_REPLACED,
	SEEN_CRASH_LOOP, SEEN_SETTLED,
	SEEN_CHANGED	/* something else in how it is shown */
};

struct seen_event {
	enum seen_change change;
	bool meant;		/* by us */
	bool gone;		/* vanished for good: the row is not there */
	char project[ALB_LABEL_MAX + 1];
	char name[ALB_LABEL_MAX + 1];
};

struct seen_events {
	struct seen_event *items;	/* owned */
	size_t len, cap;
};

const char *seen_change_text(enum seen_change c);
void seen_list_free(struct seen_list *l);	/* contents only */
void seen_events_free(struct seen_events *e);	/* the same */
void found_free(struct found *list, size_t n);
/*
 * Those of an answer at the root that are in a project, ordered; owned. NULL
 * when out of memory. *all gets how many there are anywhere.
 */
struct found *found_list(const struct alb_wire *w, size_t *n, size_t *all);

/* The first of project whose name is not smaller, or where it would be. */
size_t seen_at(const struct seen_list *l, const char *project,
	const char *name);
/* NULL: not there. */
struct seen *seen_find(const struct seen_list *l, const char *project,
	const char *name);
/* The same, made when it is not there; NULL when out of memory. */
struct seen *seen_get(struct seen_list *l, const char *project,
	const char *name);
/* How often it was restarted in the hour before now, SEEN_RESTARTS at most. */
int seen_restarts(const struct seen *s, int64_t now);

/*
 * What the look tells: the list is as it was found, and events (empty before)
 * say what happened. *again: something has to be looked at once more, soon;
 * *unsettled: something may change soon. 0, or ERR_NO_MEMORY: the list is
 * consistent all the same.
 */
int seen_look(struct seen_list *l, struct look *look,
	struct seen_events *events, bool *again, bool *unsettled);

#endif
