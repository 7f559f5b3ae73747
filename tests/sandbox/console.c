/* SPDX-License-Identifier: ISC */
/* console: the console daemon; see console.h. */
#include "tests/sandbox/console.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tests/sandbox/reply.h"

#define BATCH_LINES 64
#define TEXT_MAX 8192

struct line {
	int64_t ms;		/* since 1970 */
	size_t len;
	char text[];
};

struct ring {
	uint64_t next;		/* number of the line to come */
	struct line *lines[CONSOLE_LINES];
};

struct listener {
	struct listener *next;	/* from the latest to the oldest */
	struct console *console;	/* NULL once it was thrown out */
	pthread_cond_t news;
	uint64_t position;	/* line it waits for */
	unsigned cuts;		/* of the sandbox, when it came */
};

struct console {
	struct console *next;
	struct console_path *path;
	char label[ALB_LABEL_MAX + 1];
	bool active;
	struct ring *ring;	/* NULL: nothing ran under that name */
	struct listener *listeners;
};

struct console_path {
	struct console_path *next;
	char path[ALB_NAME_MAX + 1];
	int64_t limit;
	struct console *consoles;
};

static struct console_path *
path_find(struct sandbox *s, const char *path)
{
	struct console_path *p;

	for (p = s->consoles; p != NULL; p = p->next)
		if (strcmp(p->path, path) == 0)
			return p;
	return NULL;
}

static struct console_path *
path_new(struct sandbox *s, const char *path, int64_t limit)
{
	struct console_path *p = xcalloc(1, sizeof(*p));

	snprintf(p->path, sizeof(p->path), "%s", path);
	p->limit = limit;
	p->next = s->consoles;
	s->consoles = p;
	return p;
}

static struct console *
console_find(struct sandbox *s, const struct alb_name *name)
{
	struct console_path *p = path_find(s, name->path);
	struct console *c = p == NULL ? NULL : p->consoles;

	while (c != NULL && strcmp(c->label, name->label) != 0)
		c = c->next;
	return c;
}

static struct console *
console_new(struct console_path *p, const char *label)
{
	struct console *c = xcalloc(1, sizeof(*c));

	snprintf(c->label, sizeof(c->label), "%s", label);
	c->path = p;
	c->next = p->consoles;
	p->consoles = c;
	return c;
}

static void
ring_free(struct ring *r)
{
	size_t i;

	for (i = 0; r != NULL && i < CONSOLE_LINES; i++)
		free(r->lines[i]);
	free(r);
}

static void
listener_kick(struct listener *l)
{
	l->console = NULL;
	pthread_cond_signal(&l->news);
}

/* Takes c out of its path, throws out its listeners. */
static void
console_drop(struct console *c)
{
	struct console **at = &c->path->consoles;
	struct listener *l;

	while (*at != c)
		at = &(*at)->next;
	*at = c->next;
	for (l = c->listeners; l != NULL; l = l->next)
		listener_kick(l);
	ring_free(c->ring);
	free(c);
}

/*
 * After one was added: makes room by the inactive console whose label sorts
 * first, which may be the very one that was added.
 */
static void
path_make_room(struct console_path *p)
{
	struct console *c, *first = NULL;
	int64_t n = 0;

	for (c = p->consoles; c != NULL; c = c->next) {
		n++;
		if (!c->active && (first == NULL ||
		    strcmp(c->label, first->label) < 0))
			first = c;
	}
	if (n > p->limit && first != NULL)
		console_drop(first);
}

void
consoles_free(struct sandbox *s)
{
	struct console_path *p;

	while ((p = s->consoles) != NULL) {
		while (p->consoles != NULL)
			console_drop(p->consoles);
		s->consoles = p->next;
		free(p);
	}
}

void
consoles_wake(struct sandbox *s)
{
	struct console_path *p;
	struct console *c;
	struct listener *l;

	for (p = s->consoles; p != NULL; p = p->next)
		for (c = p->consoles; c != NULL; c = c->next)
			for (l = c->listeners; l != NULL; l = l->next)
				pthread_cond_signal(&l->news);
}

unsigned
console_listeners(struct sandbox *s)
{
	struct console_path *p;
	struct console *c;
	struct listener *l;
	unsigned n = 0;

	for (p = s->consoles; p != NULL; p = p->next)
		for (c = p->consoles; c != NULL; c = c->next)
			for (l = c->listeners; l != NULL; l = l->next)
				n++;
	return n;
}

void
console_start(struct sandbox *s, const struct alb_name *name, int64_t limit)
{
	struct console_path *p = path_find(s, name->path);
	struct console *c = console_find(s, name);

	if (s->console_dead)
		return;
	if (p == NULL)
		p = path_new(s, name->path, limit);
	p->limit = limit;
	if (c == NULL) {
		c = console_new(p, name->label);
		c->active = true;
		path_make_room(p);
	}
	c->active = true;
	if (c->ring == NULL)
		c->ring = xcalloc(1, sizeof(*c->ring));
}

void
console_stop(struct sandbox *s, const struct alb_name *name)
{
	struct console *c = console_find(s, name);

	if (c != NULL)
		c->active = false;
}

static void
line_add(const struct sandbox *s, struct console *c, const char *text,
	size_t len)
{
	static const char cut[] = " [truncated]";
	size_t keep = len > CONSOLE_LINE_MAX ? CONSOLE_LINE_MAX : len;
	size_t more = len > CONSOLE_LINE_MAX ? sizeof(cut) - 1 : 0;
	struct line **place = &c->ring->lines[c->ring->next % CONSOLE_LINES];
	struct line *l = xcalloc(1, sizeof(*l) + keep + more);
	struct listener *w;

	l->ms = sandbox_now(s);
	l->len = keep + more;
	memcpy(l->text, text, keep);
	memcpy(l->text + keep, cut, more);
	free(*place);
	*place = l;
	c->ring->next++;
	for (w = c->listeners; w != NULL; w = w->next)
		pthread_cond_signal(&w->news);
}

void
console_print(struct sandbox *s, const struct alb_name *name,
	const char *text, size_t len)
{
	struct console *c = console_find(s, name);
	const char *end;
	size_t n;

	while (c != NULL && c->ring != NULL && len > 0) {
		end = memchr(text, '\n', len);
		n = end == NULL ? len : (size_t)(end - text);
		if (n > 0)
			line_add(s, c, text, n);
		if (end != NULL)
			n++;
		text += n;
		len -= n;
	}
}

void
console_printf(struct sandbox *s, const struct alb_name *name,
	const char *fmt, ...)
{
	char text[TEXT_MAX];
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (n > 0)
		console_print(s, name, text, strlen(text));
}

unsigned
console_room(struct sandbox *s, const struct alb_name *name)
{
	struct console *c = console_find(s, name);
	struct listener *l;
	uint64_t lag = 0;

	if (c == NULL || c->ring == NULL)
		return CONSOLE_LINES;
	for (l = c->listeners; l != NULL; l = l->next)
		if (c->ring->next - l->position > lag)
			lag = c->ring->next - l->position;
	return lag >= CONSOLE_LINES ? 0 : CONSOLE_LINES - lag;
}

void
console_inactive(struct sandbox *s, struct request *r,
	struct alb_wire *reply)
{
	const struct alb_name *name = &r->name;
	struct console_path *p;
	struct alb_name full;
	struct console *c;
	size_t n = 0;

	if (name->label[0] != '\0') {
		reply_failure(reply, "name used");
		return;
	}
	alb_wire_init(reply, ALB_PAYLOAD_CONSOLES);
	for (p = s->consoles; p != NULL; p = p->next)
		for (c = p->consoles; c != NULL; c = c->next)
			n++;
	reply->names = xcalloc(n, sizeof(*reply->names));
	for (p = s->consoles; p != NULL; p = p->next) {
		if (!key_below(p->path, name->path))
			continue;
		for (c = p->consoles; c != NULL; c = c->next) {
			if (c->active || c->ring == NULL)
				continue;
			memcpy(full.path, p->path, sizeof(full.path));
			memcpy(full.label, c->label, sizeof(full.label));
			name_relative(&full, name->path,
				&reply->names[reply->nnames++]);
		}
	}
}

/* The first line that is kept. */
static uint64_t
ring_first(const struct ring *r)
{
	return r->next > CONSOLE_LINES ? r->next - CONSOLE_LINES : 0;
}

/*
 * Where the history a client asked for begins. Asked for fewer than no lines,
 * albatross runs round a full ring until its memory is used up.
 */
static uint64_t
history_begin(struct sandbox *s, const struct ring *r,
	const struct alb_command *cmd)
{
	int64_t millis = cmd->since_millis > 0 ? cmd->since_millis : 0;
	int64_t since = (int64_t)cmd->since * 1000 + millis;
	uint64_t first = ring_first(r), at = r->next;

	if (cmd->has_since) {
		while (at > first &&
		    r->lines[(at - 1) % CONSOLE_LINES]->ms >= since)
			at--;
		return at;
	}
	if (cmd->count < 0 && first > 0)
		console_die(s, "negative count on a full ring");
	if (cmd->count < 0 || (uint64_t)cmd->count > at - first)
		return first;
	return at - cmd->count;
}

/* albatross compares before it adds: one more than it says may listen. */
static void
listeners_make_room(struct sandbox *s, struct console *c)
{
	struct listener **at = &c->listeners, *l;
	int64_t n = 0;

	for (l = c->listeners; l != NULL; l = l->next)
		n++;
	if (n - 1 < s->options->subscribers)
		return;
	while ((*at)->next != NULL)
		at = &(*at)->next;
	l = *at;
	*at = NULL;
	listener_kick(l);
}

/*
 * Returns what the daemon says, which is nothing when the listener's own new
 * console was the one to make room.
 */
static const char *
listener_add(struct sandbox *s, const struct request *r, struct listener *l)
{
	struct console_path *p = path_find(s, r->name.path);
	struct console *c = console_find(s, &r->name);
	bool fresh = c == NULL;

	if (p == NULL)
		p = path_new(s, r->name.path, 1);
	else if (p->consoles == NULL)
		p->limit = 1;
	if (fresh)
		c = console_new(p, r->name.label);
	else
		listeners_make_room(s, c);
	l->console = c;
	l->next = c->listeners;
	c->listeners = l;
	if (fresh)
		path_make_room(p);
	if (l->console == NULL)
		return NULL;
	if (c->ring == NULL)
		return "waiting for VM";
	l->position = c->ring->next;
	l->position = history_begin(s, c->ring, &r->command);
	return "subscribed";
}

static void
listener_remove(struct listener *l)
{
	struct console *c = l->console;
	struct listener **at;

	if (c == NULL)
		return;
	for (at = &c->listeners; *at != l; at = &(*at)->next)
		;
	*at = l->next;
	if (!c->active && c->ring == NULL && c->listeners == NULL)
		console_drop(c);
}

static void
line_put(struct buf *out, const struct request *r, const struct line *l)
{
	struct alb_wire w;

	alb_wire_init(&w, ALB_PAYLOAD_CONSOLE);
	w.name = r->name;
	w.utc_time = r->command.old_form;
	w.time = l->ms / 1000;
	w.millis = l->ms % 1000;
	w.text = (char *)(uintptr_t)l->text;
	w.text_len = l->len;
	frame_put(out, &w);
}

/*
 * Waits for lines and puts some of them into out; false when this listener's
 * time is over.
 */
static bool
listener_wait(struct sandbox *s, struct listener *l, const struct request *r,
	struct buf *out)
{
	struct ring *ring;
	unsigned n;

	for (;;) {
		if (l->console == NULL || s->stopping || l->cuts != s->cuts)
			return false;
		ring = l->console->ring;
		if (ring != NULL && l->position < ring->next)
			break;
		pthread_cond_wait(&l->news, &s->lock);
	}
	if (l->position < ring_first(ring))
		l->position = ring_first(ring);
	for (n = 0; n < BATCH_LINES && l->position < ring->next; n++)
		line_put(out, r, ring->lines[l->position++ % CONSOLE_LINES]);
	return buf_ok(out);
}

static int
listener_greet(struct conn *c, const struct request *r, uint64_t sequence,
	const char *text)
{
	struct alb_wire w;
	int rc;

	alb_wire_init(&w, ALB_PAYLOAD_EMPTY);
	reply_string(&w, text);
	w.name = r->name;
	w.sequence = sequence;
	rc = conn_send(c, &w);
	alb_wire_free(&w);
	return rc;
}

/*
 * As it can be in albatross, which adds the listener before it says anything:
 * the next line, before all the rest, in which it is again.
 */
static void
live_first(struct sandbox *s, struct listener *l, const struct request *r,
	struct buf *out)
{
	uint64_t begin = l->position;

	if (l->console == NULL || l->console->ring == NULL)
		return;
	l->position = l->console->ring->next;
	if (listener_wait(s, l, r, out))
		l->position = begin;
}

const char *
console_subscribe(struct sandbox *s, struct conn *c, struct request *r)
{
	struct listener l = { 0 };
	uint64_t sequence;
	const char *said;
	struct buf out;
	bool more;

	cond_init(&l.news);
	buf_init(&out, SIZE_MAX / 2);
	pthread_mutex_lock(&s->lock);
	sequence = s->sequence++;
	l.cuts = s->cuts;
	said = listener_add(s, r, &l);
	if (c->fault == FAULT_LIVE_FIRST)
		live_first(s, &l, r, &out);
	pthread_mutex_unlock(&s->lock);
	more = (out.len == 0 || conn_send_raw(c, out.data, out.len) == 0) &&
		(said == NULL || listener_greet(c, r, sequence, said) == 0);
	buf_reset(&out);
	pthread_mutex_lock(&s->lock);
	while (more && listener_wait(s, &l, r, &out)) {
		pthread_mutex_unlock(&s->lock);
		more = conn_send_raw(c, out.data, out.len) == 0;
		buf_reset(&out);
		pthread_mutex_lock(&s->lock);
	}
	listener_remove(&l);
	if (l.cuts != s->cuts)
		c->broken = c->abrupt = true;
	more = more && !c->broken;
	pthread_mutex_unlock(&s->lock);
	buf_free(&out);
	pthread_cond_destroy(&l.news);
	return more ? "exception while reading from fd" : NULL;
}
