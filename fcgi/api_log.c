/* SPDX-License-Identifier: ISC */
/* api_log: the kept log of a unikernel, in pages or as text. */
#include "fcgi/api.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "base/text.h"
#include "fcgi/clean.h"
#include "fcgi/feed.h"
#include "fcgi/handover.h"
#include "fcgi/log_store.h"
#include "fcgi/unikernel.h"

#define LIMIT_DEFAULT 500
#define LIMIT_MAX 5000
#define WORDS_MAX 255
#define KIND_SIZE 16
#define PAGE_TEXT (1024 * 1024)	/* bytes of lines in a page, */
#define PAGE_MAX (16 * PAGE_TEXT)	/* and with all around them */
#define PIECE (64 * 1024)	/* of text, sent at once */
#define TAKES_MS 500		/* between looks whether the client takes it */
#define STALLED_MS 60000	/* such a client is given up */

/* ---- what is asked for ---- */

struct form {
	struct log_query q;
	int64_t limit;
	bool text;
};

static int64_t
time_read(struct request *r, const char *key, struct fault *f)
{
	const char *text = request_query(r, key);
	int millis;
	time_t t;

	if (text == NULL)
		return 0;
	if (rfc3339_parse(text, &t, &millis) < 0 || t < 0) {
		fault_field(f, key,
		    "must be a time such as 2026-07-14T09:08:07Z");
		return 0;
	}
	return (int64_t)t * 1000 + (millis < 0 ? 0 : millis);
}

static void
kind_read(const char *name, size_t len, struct log_query *q, struct fault *f)
{
	char word[KIND_SIZE];
	int kind;

	snprintf(word, sizeof(word), "%.*s", (int)len, name);
	kind = len < sizeof(word) ? log_kind_find(word) : -1;
	if (kind < 0)
		fault_field(f, "kind", "must be line, deployment, stopped, "
		    "started, restarted, dropped or gap");
	else
		q->kinds |= 1u << kind;
}

/* Some of them, by commas, or one after the other. */
static void
kinds_read(struct request *r, struct log_query *q, struct fault *f)
{
	const char *names;
	size_t at = 0, len;

	while (f->err == 0 &&
	    (names = request_query_next(r, "kind", &at)) != NULL)
		for (;; names += len + 1) {
			len = strcspn(names, ",");
			kind_read(names, len, q, f);
			if (names[len] == '\0')
				break;
		}
}

static bool
wants_text(struct request *r, struct fault *f)
{
	const char *format = request_query(r, "format");
	const char *accept = request_param(r, "HTTP_ACCEPT");

	if (format != NULL && strcmp(format, "text") != 0 &&
	    strcmp(format, "json") != 0)
		fault_field(f, "format", "must be text or json");
	if (format != NULL)
		return strcmp(format, "text") == 0;
	return accept != NULL && strstr(accept, "text/plain") != NULL;
}

static int
form_read(struct request *r, struct form *in, struct fault *f)
{
	struct log_query *q = &in->q;

	*in = (struct form){ .limit = LIMIT_DEFAULT };
	q->words = request_query(r, "q");
	if (q->words != NULL && strlen(q->words) > WORDS_MAX)
		fault_field(f, "q", "may have %d bytes", WORDS_MAX);
	q->from_ms = time_read(r, "from", f);
	q->to_ms = time_read(r, "to", f);
	kinds_read(r, q, f);
	(void)request_query_int(r, "after", 0, INT64_MAX - 1, &q->after, f);
	(void)request_query_int(r, "before", 1, INT64_MAX, &q->before, f);
	(void)request_query_int(r, "limit", 1, LIMIT_MAX, &in->limit, f);
	in->text = wants_text(r, f);
	q->oldest_first = in->text || (q->before == 0 &&
		request_query(r, "after") != NULL);
	return f->err;
}

static struct log_place
place_of(const struct request *r)
{
	return (struct log_place){ r->instance, r->project, r->name };
}

/* Of a log of which nothing is kept: is there a unikernel? */
static int
known_check(struct request *r, struct fault *f)
{
	struct ask ask = unikernel_ask(r);
	struct alb_wire w;
	int err = unikernel_find(r->app->upstream, &ask, &w, NULL, f);

	if (err == 0)
		alb_wire_free(&w);
	if (err == ERR_NOT_FOUND) {
		*f = (struct fault){ 0 };
		err = unikernel_remembered(r->app->upstream, &ask, f);
	}
	if (err == ERR_NOT_FOUND)
		return err;
	/* An instance that does not answer is in nobody's way here. */
	*f = (struct fault){ 0 };
	return 0;
}

/* ---- a page ---- */

/* The items as they were found, which may be from the newest on. */
struct page_of {
	int64_t limit;
	size_t text;		/* bytes of lines */
	struct buf items;
	size_t *ends;		/* owned; of each of them in items */
	size_t n;
};

static void
item_put(struct buf *b, const struct log_entry *e)
{
	char when[RFC3339_SIZE];

	rfc3339_format((time_t)(e->ms / 1000), (int)(e->ms % 1000), when);
	buf_putf(b, "{\"seq\":%" PRId64 ",\"time\":\"%s\",\"kind\":\"%s\","
	    "\"text\":", e->seq, when, log_kind_name(e->kind));
	clean_put_json(b, e->text, e->len);
	if (e->deployment != 0)
		buf_putf(b, ",\"deployment\":%" PRId64, e->deployment);
	buf_put_u8(b, '}');
}

static bool
page_take(void *arg, const struct log_entry *e)
{
	struct page_of *p = arg;

	if (p->n == (size_t)p->limit || p->text >= PAGE_TEXT)
		return false;
	item_put(&p->items, e);
	p->text += e->len;
	p->ends[p->n++] = p->items.len;
	return true;
}

static void
items_put(struct buf *b, const struct page_of *p, bool oldest_first)
{
	for (size_t i = 0; i < p->n; i++) {
		size_t at = oldest_first ? i : p->n - 1 - i;
		size_t begin = at == 0 ? 0 : p->ends[at - 1];

		if (i > 0)
			buf_put_u8(b, ',');
		buf_put(b, p->items.data + begin, p->ends[at] - begin);
	}
}

static void
number_put(struct buf *b, const char *key, int64_t value)
{
	if (value == 0)
		buf_putf(b, ",\"%s\":null", key);
	else
		buf_putf(b, ",\"%s\":%" PRId64, key, value);
}

static void
time_put(struct buf *b, const char *key, int64_t ms)
{
	char when[RFC3339_SIZE];

	if (ms == 0) {
		buf_putf(b, ",\"%s\":null", key);
		return;
	}
	rfc3339_format((time_t)(ms / 1000), (int)(ms % 1000), when);
	buf_putf(b, ",\"%s\":\"%s\"", key, when);
}

/* What is further on, either way; 0: nothing. */
static void
cursors_put(struct buf *b, const struct log_query *q,
	const struct log_kept *kept)
{
	int64_t before = kept->rest, after = 0;

	if (q->oldest_first) {
		after = kept->rest;
		before = kept->first != 0 && kept->first <= q->after ?
			q->after + 1 : 0;
	} else if (q->before != 0 && kept->last >= q->before) {
		after = q->before - 1;
	}
	number_put(b, "before", before);
	number_put(b, "after", after);
}

static int
page_answer(struct reply *p, const struct form *in, const struct page_of *page,
	const struct log_kept *kept)
{
	struct buf b;
	int err;

	buf_init(&b, PAGE_MAX);
	buf_putf(&b, "{\"epoch\":\"%08" PRIx32 "\",\"items\":[", kept->epoch);
	items_put(&b, page, in->q.oldest_first);
	buf_put_u8(&b, ']');
	cursors_put(&b, &in->q, kept);
	buf_putf(&b, ",\"kept\":{\"bytes\":%" PRId64 ",\"entries\":%" PRId64,
	    kept->bytes, kept->entries);
	time_put(&b, "first_at", kept->first_ms);
	time_put(&b, "last_at", kept->last_ms);
	buf_put_str(&b, "}}");
	err = buf_ok(&b) && buf_ok(&page->items) ? reply_data(p, 200,
	    "application/json", b.data, b.len) : ERR_NO_MEMORY;
	buf_free(&b);
	return err;
}

static int
page_get(struct request *r, struct reply *p, const struct form *in,
	struct fault *f)
{
	const struct log_place place = place_of(r);
	struct page_of page = { .limit = in->limit };
	struct log_kept kept;
	int err;

	page.ends = calloc((size_t)in->limit, sizeof(*page.ends));
	if (page.ends == NULL)
		return fault_set(f, ERR_NO_MEMORY, "Out of memory.");
	buf_init(&page.items, PAGE_MAX);
	err = log_scan(r->app->logs, &place, &in->q, page_take, &page, &kept,
		f);
	if (err == 0 && kept.last == 0)
		err = known_check(r, f);
	if (err == 0)
		err = page_answer(p, in, &page, &kept);
	buf_free(&page.items);
	free(page.ends);
	return err;
}

/* ---- all of it, as text ---- */

static bool
text_take(void *arg, const struct log_entry *e)
{
	struct buf *b = arg;
	char when[RFC3339_SIZE];

	if (b->len >= PAGE_TEXT)
		return false;
	rfc3339_format((time_t)(e->ms / 1000), (int)(e->ms % 1000), when);
	buf_putf(b, "%s %s", when, e->kind == LOG_LINE ? "" : "mollymawk: ");
	clean_put(b, e->text, e->len);
	buf_put_u8(b, '\n');
	return true;
}

/* 0, or -1 when the client went away, or takes nothing. */
static int
text_send(struct request *r, struct reply *p, const struct buf *b)
{
	for (size_t at = 0; at < b->len; at += PIECE) {
		size_t n = b->len - at < PIECE ? b->len - at : PIECE;
		int waited = 0;

		while (!handover_takes(r->fcgi, TAKES_MS)) {
			waited += TAKES_MS;
			if (waited >= STALLED_MS || r->app->stopping)
				return -1;
		}
		if (reply_write(p, b->data + at, n) < 0)
			return -1;
	}
	return 0;
}

static int
text_begin(struct request *r, struct reply *p)
{
	reply_header(p, "Content-Disposition",
	    "attachment; filename=\"%s-%s-%s.log\"", r->instance, r->project,
	    r->name);
	return reply_begin(p, 200, "text/plain; charset=utf-8");
}

/*
 * One piece after the other; what comes meanwhile is not in it. What breaks
 * off once the head was sent must not look whole.
 */
static int
text_get(struct request *r, struct reply *p, struct log_query *q,
	struct fault *f)
{
	const struct log_place place = place_of(r);
	struct log_kept kept = { .rest = 1 };
	struct buf b;
	int err = 0, rc = 0;

	buf_init(&b, PAGE_MAX);
	while (err == 0 && rc == 0 && kept.rest != 0) {
		buf_reset(&b);
		err = log_scan(r->app->logs, &place, q, text_take, &b, &kept,
			f);
		if (err == 0 && !buf_ok(&b))
			err = fault_set(f, ERR_NO_MEMORY, "Out of memory.");
		if (err == 0 && p->status == 0 && kept.last == 0)
			err = known_check(r, f);
		if (err == 0 && p->status == 0)
			rc = text_begin(r, p);
		if (r->head)
			break;
		if (err == 0 && rc == 0)
			rc = text_send(r, p, &b);
		q->after = kept.rest;
		if (q->before == 0)
			q->before = kept.last + 1;
	}
	buf_free(&b);
	if ((err != 0 || rc < 0) && p->status != 0)
		reply_break(p);
	return p->status != 0 ? 0 : err;
}

/* ---- the routes ---- */

int
api_log_get(struct request *r, struct reply *p, struct fault *f)
{
	struct form in;
	int err = form_read(r, &in, f);

	if (err != 0)
		return err;
	return in.text ? text_get(r, p, &in.q, f) : page_get(r, p, &in, f);
}

int
api_log_delete(struct request *r, struct reply *p, struct fault *f)
{
	const struct log_place place = place_of(r);
	int err = log_forget(r->app->logs, &place, f);

	if (err != 0)
		return err;
	hub_forget(r->app->hub, r->instance, r->project, r->name);
	log_event(LOG_LEVEL_INFO, "log-removed", "by", r->grant.user_name,
	    "instance", r->instance, "project", r->project, "unikernel",
	    r->name, NULL);
	return reply_empty(p, 204);
}

int
api_settings_logs_get(struct request *r, struct reply *p, struct fault *f)
{
	struct log_settings s;
	int err = log_settings_get(r->app->ledger, &s, f);

	return err != 0 ? err : reply_json(p, 200, log_settings_to_json(&s));
}

int
api_settings_logs_put(struct request *r, struct reply *p, struct fault *f)
{
	struct log_settings s;
	int err = log_settings_from_json(r->body, &s, f);

	if (err == 0)
		err = log_settings_set(r->app->ledger, &s, f);
	if (err != 0)
		return err;
	log_store_set(r->app->logs, &s);
	return reply_json(p, 200, log_settings_to_json(&s));
}
