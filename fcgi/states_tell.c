/* SPDX-License-Identifier: ISC */
/* states_tell: who is told what of changes; see states_place.h. */
#include "fcgi/states_place.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/log.h"
#include "fcgi/alerts.h"
#include "fcgi/feed.h"

#define EVENT_MAX (1024 * 1024)

/* ---- instances ---- */

/* Members of an event about p; owned, NULL when out of memory. */
static char *
instance_members(struct states *s, const struct place *p, bool whole)
{
	AUTO_JSON struct json_object *o = json_object_new_object();
	struct json_object *item = json_object_new_object();
	char *text, *out = NULL;

	json_add_str(item, "name", p->name);
	json_object_object_add(item, "health", place_health(s, p, whole));
	json_object_object_add(o, "item", item);
	text = json_text(o);
	/* Without its braces. */
	if (text != NULL)
		out = strndup(text + 1, strlen(text) - 2);
	free(text);
	return out;
}

void
instance_tell(struct states *s, const struct place *p)
{
	AUTO_FREE char *json = instance_members(s, p, false);
	AUTO_FREE char *whole = instance_members(s, p, true);
	const struct feed_event e = { .event = "instance",
		.instance = p->name, .project = "", .name = "",
		.scope = "instance:read", .json = json, .json_admin = whole };

	if (json != NULL && whole != NULL)
		hub_publish(s->app->hub, FEED_INSTANCES, &e);
}

/* ---- unikernels ---- */

static void
publish(struct states *s, const struct place *p, const struct seen_event *e,
	const struct seen *row)
{
	struct feed_event event = { .event = "unikernel",
		.instance = p->name, .project = e->project, .name = e->name,
		.scope = "unikernel:read" };
	struct buf b;

	buf_init(&b, EVENT_MAX);
	buf_putf(&b, "\"change\":\"%s\",", seen_change_text(e->change));
	if (row == NULL || row->shown == NULL || e->gone)
		buf_putf(&b, "\"item\":null,\"instance\":\"%s\","
		    "\"project\":\"%s\",\"name\":\"%s\"", p->name,
		    e->project, e->name);
	else
		buf_putf(&b, "\"item\":%s", row->shown);
	event.json = buf_str(&b);
	if (event.json != NULL)
		hub_publish(s->app->hub, FEED_STATES, &event);
	buf_free(&b);
}

static void
note(struct states *s, const struct place *p, const struct seen_event *e,
	enum log_kind kind, const char *text)
{
	hub_note(s->app->hub, p->name, e->project, e->name, kind, text, 0);
}

/*
 * In its log: what we did not do. What we did, whoever did it says, with who
 * wanted it.
 */
static void
note_change(struct states *s, const struct place *p,
	const struct seen_event *e)
{
	switch (e->change) {
	case SEEN_APPEARED:
		note(s, p, e, LOG_STARTED, "It was started, not by "
		    "mollymawk.");
		break;
	case SEEN_VANISHED:
		note(s, p, e, LOG_STOPPED, "It stopped, not by mollymawk.");
		break;
	case SEEN_RESTARTED:
		note(s, p, e, LOG_RESTARTED, "It was started again, not by "
		    "mollymawk.");
		break;
	case SEEN_REPLACED:
		note(s, p, e, LOG_STARTED, "Another image or configuration "
		    "runs in its place, not by mollymawk.");
		break;
	case SEEN_CRASH_LOOP:
		note(s, p, e, LOG_RESTARTED, "It is in a crash loop: started "
		    "again three times within five minutes.");
		break;
	case SEEN_SAME:
	case SEEN_SETTLED:
	case SEEN_CHANGED:
		break;
	}
}

void
event_tell(struct states *s, const struct place *p,
	const struct seen_event *e, bool first)
{
	struct seen *row = seen_find(&p->rows, e->project, e->name);

	publish(s, p, e, row);
	/* Its row may be gone already, and with it what rows_keep knows. */
	if (e->gone)
		hub_keep(s->app->hub, p->name, e->project, e->name, false);
	if (e->gone && row != NULL)
		row->kept = false;
	if (e->meant || !place_is_known(s, p->name, e->project) ||
	    (first && e->change == SEEN_APPEARED))
		return;
	note_change(s, p, e);
	if (e->change == SEEN_VANISHED || e->change == SEEN_CRASH_LOOP)
		log_event(LOG_LEVEL_INFO, "unikernel", "instance", p->name,
		    "project", e->project, "name", e->name, "change",
		    seen_change_text(e->change), NULL);
}

/* ---- logs that are kept though nobody looks ---- */

static void
row_keep(struct states *s, const struct place *p, struct seen *row, bool keep)
{
	if (row->kept == keep)
		return;
	row->kept = keep;
	hub_keep(s->app->hub, p->name, row->project, row->name, keep);
}

void
rows_keep(struct states *s, struct place *p)
{
	for (size_t i = 0; i < p->rows.len; i++) {
		struct seen *row = p->rows.items[i];

		row_keep(s, p, row, !p->removed &&
		    row->state == SEEN_RUNNING &&
		    place_is_known(s, p->name, row->project));
	}
}

/* ---- alerts ---- */

void
events_alert(struct states *s, const char *instance,
	const struct seen_events *events)
{
	char detail[256];

	for (size_t i = 0; i < events->len; i++) {
		const struct seen_event *e = &events->items[i];

		if (e->change == SEEN_CRASH_LOOP) {
			snprintf(detail, sizeof(detail), "%s was started "
			    "again %d times within %d minutes, and not by "
			    "mollymawk.", e->name, SEEN_LOOP_RESTARTS,
			    SEEN_LOOP_MS / 60000);
			alert_raise(s->app, ALERT_CRASH_LOOP, instance,
			    e->project, e->name, detail);
		} else if (e->change == SEEN_SETTLED || e->gone) {
			alert_clear(s->app, ALERT_CRASH_LOOP, instance,
			    e->project, e->name);
		}
	}
}
