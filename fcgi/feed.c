/* SPDX-License-Identifier: ISC */
/* feed: what happened, in order; see feed.h. */
#include "fcgi/feed.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "fcgi/subject.h"
#include "fcgi/view.h"

#define BYTES_MAX (8 * 1024 * 1024)

/* Powers of two; what changes often, or matters most, has more. */
static const int64_t caps[FEEDS] = {
	[FEED_STATES] = 4096,
	[FEED_METRICS] = 4096,
	[FEED_OPERATIONS] = 2048,
	[FEED_INSTANCES] = 1024,
	[FEED_ALERTS] = 1024,
};

/* A copy of what was published; the texts stand behind it. */
struct feed_entry {
	const char *event, *scope;
	const char *instance, *project, *name;
	const char *json, *json_admin;
	size_t bytes;
	size_t nitems;
	struct feed_item items[];
};

/* ---- one of them ---- */

static size_t
text_size(const char *s)
{
	return s == NULL ? 0 : strlen(s) + 1;
}

/* The copy of s at *at, which goes on behind it. */
static const char *
text_put(char **at, const char *s)
{
	size_t size = text_size(s);
	char *copy = *at;

	if (s == NULL)
		return NULL;
	memcpy(copy, s, size);
	*at += size;
	return copy;
}

static size_t
event_size(const struct feed_event *e, size_t first, size_t n)
{
	size_t size = text_size(e->instance) + text_size(e->project) +
		text_size(e->name) + text_size(e->json) +
		text_size(e->json_admin);

	for (size_t i = first; i < first + n; i++)
		size += text_size(e->items[i].name) +
			text_size(e->items[i].json);
	return size;
}

struct feed_entry *
feed_entry_new(const struct feed_event *e, size_t first)
{
	size_t n = e->nitems - first < FEED_ITEMS_MAX ? e->nitems - first :
		FEED_ITEMS_MAX;
	size_t texts = event_size(e, first, n);
	size_t head = sizeof(struct feed_entry) +
		n * sizeof(struct feed_item);
	struct feed_entry *entry = malloc(head + texts);
	char *at = (char *)entry + head;

	if (entry == NULL)
		return NULL;
	*entry = (struct feed_entry){ .event = e->event, .scope = e->scope,
		.bytes = head + texts, .nitems = n };
	entry->instance = text_put(&at, e->instance);
	entry->project = text_put(&at, e->project);
	entry->name = text_put(&at, e->name);
	entry->json = text_put(&at, e->json);
	entry->json_admin = text_put(&at, e->json_admin);
	for (size_t i = 0; i < n; i++) {
		entry->items[i].name = text_put(&at, e->items[first + i].name);
		entry->items[i].json = text_put(&at, e->items[first + i].json);
	}
	return entry;
}

void
feed_entry_free(struct feed_entry *entry)
{
	free(entry);
}

/* ---- all of them ---- */

int
feed_init(struct feed *f, enum feed_kind kind)
{
	*f = (struct feed){ .kind = kind, .first = 1, .next = 1 };
	f->entries = calloc((size_t)caps[kind], sizeof(struct feed_entry *));
	random_bytes(&f->epoch, sizeof(f->epoch));
	return f->entries == NULL ? -1 : 0;
}

static struct feed_entry **
slot(const struct feed *f, int64_t place)
{
	return &f->entries[place & (caps[f->kind] - 1)];
}

static void
drop_first(struct feed *f)
{
	struct feed_entry **at = slot(f, f->first);

	f->bytes -= (*at)->bytes;
	feed_entry_free(*at);
	*at = NULL;
	f->first++;
}

void
feed_free(struct feed *f)
{
	while (f->first < f->next)
		drop_first(f);
	free(f->entries);
	f->entries = NULL;
}

void
feed_add(struct feed *f, struct feed_entry *entry)
{
	while (f->first < f->next && (f->next - f->first == caps[f->kind] ||
	    f->bytes + entry->bytes > BYTES_MAX))
		drop_first(f);
	*slot(f, f->next) = entry;
	f->bytes += entry->bytes;
	f->next++;
}

void
feed_break(struct feed *f)
{
	while (f->first < f->next)
		drop_first(f);
	/* A place that was never read up to: who stands before it is behind. */
	f->first++;
	f->next++;
	random_bytes(&f->epoch, sizeof(f->epoch));
}

int64_t
feed_resume(const struct feed *f, const char *id)
{
	int64_t place;
	char epoch[9];

	snprintf(epoch, sizeof(epoch), "%08" PRIx32, f->epoch);
	if (strncmp(id, epoch, 8) != 0 || id[8] != '.' ||
	    int_parse(id + 9, 0, INT64_MAX - 1, &place) < 0)
		return -1;
	place++;
	return place < f->first || place > f->next ? -1 : place;
}

void
feed_id(const struct feed *f, int64_t place, char id[FEED_ID_SIZE])
{
	snprintf(id, FEED_ID_SIZE, "%08" PRIx32 ".%" PRId64, f->epoch,
	    place - 1);
}

/* ---- shown ---- */

static bool
is_asked_for(const struct feed_entry *e, const struct subject *s)
{
	if (s->project[0] != '\0' && strcmp(s->project, e->project) != 0)
		return false;
	if (s->instance[0] != '\0' && strcmp(s->instance, e->instance) != 0)
		return false;
	return s->name[0] == '\0' || e->name[0] == '\0' ||
		strcmp(s->name, e->name) == 0;
}

/* Those that may be seen, with their member; false when there are none. */
static bool
put_items(const struct feed_entry *e, const struct view *view,
	const struct subject *s, struct buf *out)
{
	size_t n = 0;

	for (size_t i = 0; i < e->nitems; i++) {
		const struct feed_item *item = &e->items[i];

		if ((s->name[0] != '\0' && strcmp(s->name, item->name) != 0) ||
		    !view_covers_name(view, item->name))
			continue;
		buf_put_str(out, n++ == 0 ? ",\"items\":[" : ",");
		buf_put_str(out, item->json);
	}
	if (n > 0)
		buf_put_u8(out, ']');
	return n > 0;
}

bool
feed_put(const struct feed *f, int64_t place, const struct view *view,
	const struct subject *s, struct buf *out)
{
	const struct feed_entry *e = *slot(f, place);

	if (!is_asked_for(e, s) || !view_covers(view, e->scope, e->instance,
	    e->project, e->name))
		return false;
	buf_putf(out, "event: %s\ndata: {\"topic\":\"%s\",", e->event,
	    s->text);
	buf_put_str(out, e->json_admin != NULL && view_is_admin(view) ?
	    e->json_admin : e->json);
	if (e->nitems > 0 && !put_items(e, view, s, out))
		return false;
	buf_put_str(out, "}\n\n");
	return true;
}
