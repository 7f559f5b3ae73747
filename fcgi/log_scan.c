/* SPDX-License-Identifier: ISC */
/*
 * log_scan: looking into what is kept. Whoever looks does it in their own
 * thread, a segment at a time, with a view of what there was; what is removed
 * meanwhile is passed over.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "fcgi/log_store.h"
#include "fcgi/ring.h"

struct look {
	const struct log_query *q;
	const struct log_dir *d;
	size_t words_len;
	bool (*take)(void *arg, const struct log_entry *e);
	void *arg;
	int64_t looked;		/* bytes */
	int64_t rest;		/* not 0: it is over before the end */
};

/* ---- what is looked for ---- */

static int
fold(char c)
{
	return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c;
}

static bool
same(const char *a, const char *b, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (fold(a[i]) != fold(b[i]))
			return false;
	return true;
}

static bool
holds(const struct look *l, const char *text, size_t len)
{
	const char *words = l->q->words;
	int first = fold(words[0]);

	for (size_t i = 0; i + l->words_len <= len; i++)
		if (fold(text[i]) == first &&
		    same(text + i, words, l->words_len))
			return true;
	return false;
}

static bool
seq_fits(const struct log_query *q, int64_t first, int64_t last)
{
	return last > q->after && (q->before == 0 || first < q->before);
}

static bool
time_fits(const struct log_query *q, int64_t from_ms, int64_t to_ms)
{
	return to_ms >= q->from_ms && (q->to_ms == 0 || from_ms <= q->to_ms);
}

static bool
kind_fits(const struct log_query *q, uint32_t kinds)
{
	return q->kinds == 0 || (q->kinds & kinds) != 0;
}

static bool
wanted(const struct look *l, const struct log_entry *e)
{
	const struct log_query *q = l->q;

	return seq_fits(q, e->seq, e->seq) && time_fits(q, e->ms, e->ms) &&
		kind_fits(q, 1u << e->kind) &&
		(l->words_len == 0 || holds(l, e->text, e->len));
}

/* ---- one segment ---- */

static void
entry_give(struct look *l, const struct log_entry *e)
{
	if (!l->take(l->arg, e))
		l->rest = l->q->oldest_first ? e->seq - 1 : e->seq + 1;
}

static void
forwards(struct look *l, const struct buf *b)
{
	struct log_cursor c;
	struct log_entry e;

	if (!log_cursor_begin(&c, b->data, b->len))
		return;
	while (l->rest == 0 && log_cursor_next(&c, &e))
		if (wanted(l, &e))
			entry_give(l, &e);
}

/* Entries are only found from the front: where they are is noted first. */
static int
backwards(struct look *l, const struct buf *b, struct fault *f)
{
	size_t max = b->len / LOG_ENTRY_HEAD, n = 0, at;
	AUTO_FREE uint32_t *places = calloc(max + 1, sizeof(*places));
	struct log_cursor c;
	struct log_entry e;

	if (places == NULL)
		return fault_set(f, ERR_NO_MEMORY, "Out of memory.");
	if (!log_cursor_begin(&c, b->data, b->len))
		return 0;
	for (at = c.at; log_cursor_next(&c, &e); at = c.at)
		if (wanted(l, &e))
			places[n++] = (uint32_t)at;
	while (l->rest == 0 && n > 0) {
		c.at = places[--n];
		c.seq = 0;
		if (log_cursor_next(&c, &e))
			entry_give(l, &e);
	}
	return 0;
}

static int
segment_look(struct look *l, const struct log_segment *s, struct fault *f)
{
	struct buf b;
	int err;

	buf_init(&b, LOG_FILE_MAX);
	err = log_segment_read(l->d, s, &b, f);
	l->looked += (int64_t)b.len;
	if (err == 0 && l->q->oldest_first)
		forwards(l, &b);
	else if (err == 0)
		err = backwards(l, &b, f);
	buf_free(&b);
	return err;
}

/* ---- all of them ---- */

static int
segments_look(struct look *l, struct fault *f)
{
	const struct log_dir *d = l->d;
	int err = 0;

	for (size_t i = 0; err == 0 && l->rest == 0 && i < d->n; i++) {
		const struct log_segment *s = &d->segments[
			l->q->oldest_first ? i : d->n - 1 - i];

		if (!seq_fits(l->q, s->info.first, s->info.last) ||
		    !time_fits(l->q, s->info.from_ms, s->info.to_ms) ||
		    !kind_fits(l->q, s->info.kinds))
			continue;
		if (l->looked < LOG_SCAN_BYTES)
			err = segment_look(l, s, f);
		else
			l->rest = l->q->oldest_first ? s->info.first - 1 :
				s->info.last + 1;
	}
	return err;
}

static void
kept_fill(const struct log_dir *d, struct log_kept *kept)
{
	*kept = (struct log_kept){ .epoch = d->epoch, .bytes = d->bytes };
	for (size_t i = 0; i < d->n; i++) {
		const struct log_info *info = &d->segments[i].info;

		if (i == 0) {
			kept->first = info->first;
			kept->first_ms = info->from_ms;
		}
		if (info->to_ms > kept->last_ms)
			kept->last_ms = info->to_ms;
		kept->last = info->last;
		kept->entries += info->entries;
	}
}

int
log_scan(struct log_store *s, const struct log_place *place,
	const struct log_query *q,
	bool (*take)(void *arg, const struct log_entry *e), void *arg,
	struct log_kept *kept, struct fault *f)
{
	struct log_dir view = { 0 };
	struct look l = { .q = q, .d = &view, .take = take, .arg = arg,
		.words_len = q->words == NULL ? 0 : strlen(q->words) };
	int err = log_view(s, place, &view, f);

	kept_fill(&view, kept);
	if (err == 0) {
		log_look_begin(s);
		err = segments_look(&l, f);
		log_look_end(s);
	}
	kept->rest = l.rest;
	log_dir_free(&view);
	return err;
}

/* ---- the end of it ---- */

/* The newest first; where their text is in texts, it is still to be told. */
struct tail {
	struct log_entry *list;	/* owned */
	int n, max;
	struct buf texts;
};

static bool
tail_take(void *arg, const struct log_entry *e)
{
	struct tail *t = arg;

	if (t->n == t->max || (t->n > 0 && e->seq != t->list[t->n - 1].seq -
	    1) || e->len > t->texts.max - t->texts.len)
		return false;
	buf_put(&t->texts, e->text, e->len);
	if (!buf_ok(&t->texts))
		return false;
	t->list[t->n++] = *e;
	return true;
}

static void
tail_give(struct tail *t, void (*take)(void *arg, const struct log_entry *e),
	void *arg)
{
	const char *texts = buf_str(&t->texts);
	size_t at = t->texts.len;

	for (int i = t->n - 1; i >= 0; i--) {
		at -= t->list[i].len;
		t->list[i].text = texts == NULL ? "" : texts + at;
		take(arg, &t->list[i]);
	}
}

int
log_tail(struct log_store *s, const struct log_place *place, int lines,
	size_t bytes, uint32_t *epoch, int64_t *next,
	void (*take)(void *arg, const struct log_entry *e), void *arg,
	struct fault *f)
{
	const struct log_query all = { 0 };
	struct tail t = { .max = lines };
	struct log_kept kept;
	int err;

	t.list = calloc((size_t)lines + 1, sizeof(*t.list));
	if (t.list == NULL)
		return fault_set(f, ERR_NO_MEMORY, "Out of memory.");
	buf_init(&t.texts, bytes);
	err = log_scan(s, place, &all, tail_take, &t, &kept, f);
	if (err == 0) {
		*epoch = kept.epoch;
		*next = kept.last + 1;
		if (kept.last == 0)
			random_bytes(epoch, sizeof(*epoch));
		tail_give(&t, take, arg);
	}
	buf_free(&t.texts);
	free(t.list);
	return err;
}
