/* SPDX-License-Identifier: ISC */
/* bulletin: what becomes of operations; see bulletin.h. */
#include "fcgi/bulletin.h"

#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "fcgi/api.h"
#include "fcgi/feed.h"
#include "fcgi/flight.h"
#include "fcgi/operation.h"
#include "fcgi/thread.h"

#define WAIT_MS 1000
#define PROGRESS_MS 500		/* bytes of one are told no more often */
#define NAP_MS 50		/* what happens within goes together */
/* One that ended is looked at for so long: clocks are set, threads wait. */
#define ENDED_MS 10000
#define KEY_MAX 47

/* What was told of one. */
struct told {
	struct told *next;
	char key[KEY_MAX + 1];
	char *shape;		/* all but how many bytes; owned */
	int64_t bytes;
	int64_t at;		/* flight_now */
	bool seen;		/* at this look */
};

struct bulletin {
	struct app *app;
	pthread_t thread;
	atomic_bool stopping;
	int64_t looked;		/* wall_ms */
	struct told *first;
	bool open;		/* something is under way */
};

static struct told *
told_get(struct bulletin *b, const char *key)
{
	struct told *t = b->first;

	while (t != NULL && strcmp(t->key, key) != 0)
		t = t->next;
	if (t != NULL)
		return t;
	t = calloc(1, sizeof(*t));
	if (t == NULL)
		return NULL;
	snprintf(t->key, sizeof(t->key), "%s", key);
	t->next = b->first;
	b->first = t;
	return t;
}

static void
publish(struct bulletin *b, struct json_object *item)
{
	bool deployment = strcmp(api_text(item, "kind"), "deployment") == 0;
	struct feed_event e = { .event = "operation",
		.instance = api_text(item, "instance"),
		.project = api_text(item, "project"),
		.name = api_text(item, "name"),
		.scope = deployment ? "unikernel:read" : "volume:read" };
	AUTO_JSON struct json_object *whole = json_object_new_object();
	AUTO_FREE char *text = NULL;

	json_object_object_add(whole, "item", json_object_get(item));
	text = json_text(whole);
	if (text == NULL)
		return;
	/* Without the braces around it. */
	text[strlen(text) - 1] = '\0';
	e.json = text + 1;
	hub_publish(b->app->hub, FEED_OPERATIONS, &e);
}

/* What it looks like without its bytes; those it has again afterwards. */
static char *
shape_of(struct json_object *item, int64_t bytes)
{
	char *text;

	json_add_int(item, "bytes", 0);
	text = json_text(item);
	json_add_int(item, "bytes", bytes);
	return text;
}

static void
item_look(struct bulletin *b, struct json_object *item)
{
	int64_t bytes = json_object_get_int64(api_member(item, "bytes"));
	struct told *t = told_get(b, api_text(item, "key"));
	char *shape;
	bool other;

	if (t == NULL)
		return;
	t->seen = true;
	json_object_object_del(item, "key");
	b->open |= api_member(item, "ended") == NULL;
	shape = shape_of(item, bytes);
	other = t->shape == NULL || shape == NULL ||
		strcmp(shape, t->shape) != 0;
	free(t->shape);
	t->shape = shape;
	if (!other && (bytes == t->bytes ||
	    flight_now() - t->at < PROGRESS_MS))
		return;
	t->bytes = bytes;
	t->at = flight_now();
	publish(b, item);
}

/* Those that were not there any more. */
static void
told_forget(struct bulletin *b, bool all)
{
	struct told **at = &b->first, *t;

	while ((t = *at) != NULL) {
		if (t->seen && !all) {
			t->seen = false;
			at = &t->next;
			continue;
		}
		*at = t->next;
		free(t->shape);
		free(t);
	}
}

/* The oldest first: so they happened. */
static void
look(struct bulletin *b)
{
	int64_t now = wall_ms();
	AUTO_JSON struct json_object *list = operation_recent_json(
		b->app->operations, b->looked - ENDED_MS);

	b->looked = now;
	b->open = false;
	for (size_t i = json_object_array_length(list); i > 0; i--)
		item_look(b, json_object_array_get_idx(list, i - 1));
	told_forget(b, false);
}

static void *
bulletin_main(void *arg)
{
	struct bulletin *b = arg;
	struct ledger *l = b->app->ledger;
	uint64_t seen = ledger_changes(l), now;

	do {
		now = ledger_wait(l, seen, b->open ? PROGRESS_MS : WAIT_MS);
		if (now != seen || (b->open &&
		    hub_looked_at(b->app->hub, FEED_OPERATIONS)))
			look(b);
		seen = now;
	} while (thread_nap(&b->stopping, NAP_MS));
	return NULL;
}

struct bulletin *
bulletin_new(struct app *app)
{
	struct bulletin *b = calloc(1, sizeof(*b));

	if (b == NULL)
		return NULL;
	b->app = app;
	b->looked = wall_ms();
	b->open = true;
	if (thread_start(&b->thread, bulletin_main, b) == 0)
		return b;
	free(b);
	return NULL;
}

void
bulletin_free(struct bulletin *b)
{
	if (b == NULL)
		return;
	atomic_store(&b->stopping, true);
	pthread_join(b->thread, NULL);
	/* What ended with the program is told while there is a hub. */
	look(b);
	told_forget(b, true);
	free(b);
}
