/* SPDX-License-Identifier: ISC */
/*
 * feed: what happened, in order, for all who may see it: the last of it, each
 * with an id that stays until the program ends. An id is EPOCH.SEQ. Whoever
 * finds out something publishes it; the hub keeps the feeds and tells those who
 * look.
 */
#ifndef FCGI_FEED_H
#define FCGI_FEED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "fcgi/log.h"

enum feed_kind {
	FEED_STATES, FEED_METRICS, FEED_OPERATIONS, FEED_INSTANCES,
	FEED_ALERTS,
	FEEDS
};

/* One of many in an event: whose it is, and all of it as an object. */
struct feed_item {
	const char *name;
	const char *json;
};

/* All borrowed. */
struct feed_event {
	const char *event;	/* "unikernel", "sample", ...: a literal */
	/*
	 * Who may see it: those who may see that project there; "": all who
	 * may see the instance, or hold the scope.
	 */
	const char *instance, *project, *name;
	const char *scope;	/* "unikernel:read", ...: a literal */
	/* Its members, without braces: "\"change\":\"vanished\",..." */
	const char *json;
	const char *json_admin;	/* instead, for administrators; or NULL */
	/* Ends with a member "items" of those whose name may be seen. */
	const struct feed_item *items;
	size_t nitems;
};

struct hub;

/* From any thread; never waits. What has no memory is lost, with a reset. */
void hub_publish(struct hub *h, enum feed_kind kind,
	const struct feed_event *e);
/* Does somebody look at it now, or did within the last ten seconds? */
bool hub_looked_at(struct hub *h, enum feed_kind kind);
void hub_look(struct hub *h, enum feed_kind kind);	/* a request did */
/*
 * An entry of a unikernel's log that is not of its console. From any thread;
 * deployment is the number of one, 0: none.
 */
void hub_note(struct hub *h, const char *instance, const char *project,
	const char *name, enum log_kind kind, const char *text,
	int64_t deployment);
/*
 * Subscribes to its console though nobody looks, or no more. From any thread.
 * Only of what albatross has shown to be there.
 */
void hub_keep(struct hub *h, const char *instance, const char *project,
	const char *name, bool keep);
/* Its log was forgotten (log_forget): so it is here. From any thread. */
void hub_forget(struct hub *h, const char *instance, const char *project,
	const char *name);
/* Whether its log is kept, or it is known that it was. From any thread. */
bool hub_knows(struct hub *h, const char *instance, const char *project,
	const char *name);

/* ---- the hub's own; one thread ---- */

#define FEED_ID_SIZE 32
#define FEED_JSON_MAX (256 * 1024)	/* bytes of an event */
#define FEED_ITEMS_MAX 256		/* of one; longer lists are split */

struct view;		/* view.h */
struct subject;		/* subject.h */
struct feed_entry;

struct feed {
	enum feed_kind kind;
	uint32_t epoch;
	int64_t first, next;	/* places of the oldest and of the next one */
	size_t bytes;
	struct feed_entry **entries;	/* owned, in a circle */
};

/* A copy of the nitems at most FEED_ITEMS_MAX from at; NULL: no memory. */
struct feed_entry *feed_entry_new(const struct feed_event *e, size_t at);
void feed_entry_free(struct feed_entry *entry);

/* 0, or -1 without memory. */
int feed_init(struct feed *f, enum feed_kind kind);
void feed_free(struct feed *f);
/* Takes the entry; old ones make room. */
void feed_add(struct feed *f, struct feed_entry *entry);
/* Who was told something has to load it anew: no id of before is known. */
void feed_break(struct feed *f);

/* Behind the entry with that id; -1: not known, or some are gone already. */
int64_t feed_resume(const struct feed *f, const char *id);
/* The id of what is before the place. */
void feed_id(const struct feed *f, int64_t place, char id[FEED_ID_SIZE]);
/*
 * The entry at the place as an event, from "event:" on, for whom the view is,
 * who asked for the subject. False when they do not get it.
 */
bool feed_put(const struct feed *f, int64_t place, const struct view *view,
	const struct subject *subject, struct buf *out);

#endif
