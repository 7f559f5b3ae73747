/* SPDX-License-Identifier: ISC */
/* notice_tell: see notice_tell.h. */
#include "fcgi/notice_tell.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/json.h"
#include "base/log.h"
#include "base/text.h"
#include "fcgi/alert_event.h"
#include "fcgi/alert_letter.h"
#include "fcgi/notice_mail.h"
#include "fcgi/notice_person.h"
#include "fcgi/notice_wish.h"
#include "fcgi/outbox.h"

#define DAY_MS (24 * 3600 * 1000LL)
#define BODY_MAX (16 * 1024)

/* ---- the webhook ---- */

static struct json_object *
event_to_json(const struct notice_event *e, const char *origin)
{
	struct json_object *o = json_object_new_object();
	struct buf link;

	buf_init(&link, BODY_MAX);
	notice_put_link(&link, origin, e);
	json_add_str(o, "event", notice_word(e->kind));
	json_add_str(o, "instance", e->instance);
	json_add_str(o, "project", e->project);
	json_add_str(o, "name", e->name);
	json_add_str(o, "builder", text_or_null(e->builder));
	json_add_str(o, "job", text_or_null(e->job));
	json_add_str(o, "build", text_or_null(e->build));
	json_add_time_ms(o, "started_at", e->started);
	json_add_str(o, "detail", text_or_null(e->detail));
	json_add_str(o, "link", buf_str(&link));
	json_add_time_ms(o, "at", e->at);
	buf_free(&link);
	return o;
}

static int
event_post(const struct teller *t, struct db *d, const struct notice_event *e,
	int64_t now)
{
	AUTO_FREE char *body = NULL;
	struct json_object *o;

	if (!t->webhook)
		return 0;
	o = event_to_json(e, t->origin);
	body = json_text(o);
	json_object_put(o);
	return body == NULL ? ERR_NO_MEMORY : outbox_add(d, OUTBOX_WEBHOOK,
	    notice_word(e->kind), "", body, now);
}

/* False when there is none left, or it could not be done. */
static bool
untold_post(const struct teller *t, int64_t now)
{
	struct db *d = ledger_read_begin(t->ledger);
	struct notice_event e;
	struct fault f = { 0 };
	bool found = notice_untold(d, &e);
	int err;

	ledger_read_end(t->ledger);
	if (!found)
		return false;
	d = ledger_write_begin(t->ledger, &f);
	if (d == NULL)
		return false;
	err = notice_told(d, &e);
	if (err == 0)
		err = event_post(t, d, &e, now);
	return ledger_write_end(t->ledger, err, &f) == 0;
}

/* ---- one person ---- */

struct letter {
	const struct notice_person *to;
	struct notice_event *list;	/* owned */
	size_t n, cap, further;
	bool no_memory;
};

static bool
may_see(const struct notice_person *p, const struct notice_event *e)
{
	return p->admin || notice_person_is_of(p, e->project);
}

static bool
letter_take(void *arg, const struct notice_event *e)
{
	struct letter *l = arg;

	if (e->outdated || !may_see(l->to, e))
		return true;
	if (l->n == NOTICE_LINES_MAX) {
		l->further++;
		return true;
	}
	l->no_memory = !array_grow((void **)&l->list, &l->cap, l->n,
		sizeof(*l->list));
	if (l->no_memory)
		return false;
	l->list[l->n++] = *e;
	return true;
}

/* Within a write: the mail, if there is anything to say. */
static int
letter_post(const struct teller *t, struct db *d, const struct letter *l,
	const struct notice_wish *w, int64_t now)
{
	const struct notice_news news = { .list = l->list, .n = l->n,
		.further = l->further, .origin = t->origin,
		.daily = w->mode == NOTICE_DAILY };
	struct buf subject, text;

	if (l->n == 0)
		return 0;
	buf_init(&subject, NOTICE_SUBJECT_MAX);
	buf_init(&text, NOTICE_MAIL_MAX);
	notice_mail_subject(&news, &subject);
	notice_mail_text(&news, &text);
	return outbox_add_mail(d, l->to->email, &subject, &text, now);
}

/*
 * The mail and that they were told are one write, so that nothing is told
 * twice or never. A wish that was changed meanwhile is looked at anew.
 */
static void
person_tell(const struct teller *t, const struct notice_wish *w,
	const struct notice_person *p, int64_t last, int64_t now)
{
	struct letter l = { .to = p };
	struct fault f = { 0 };
	struct db *d = ledger_write_begin(t->ledger, &f);
	int err;

	if (d == NULL)
		return;
	notice_events(d, w->seen, last, letter_take, &l);
	err = l.no_memory ? ERR_NO_MEMORY : notice_wish_seen(d, w, last);
	if (err == 0)
		err = letter_post(t, d, &l, w, now);
	err = ledger_write_end(t->ledger, err, &f);
	free(l.list);
	if (err != 0 && err != ERR_CONFLICT)
		log_event(LOG_LEVEL_WARNING, "notice-failed", "user", w->user,
		    "why", err_title(err), NULL);
}

/* Six in the morning after it happened. */
static int64_t
digest_time(int64_t at)
{
	int64_t hour = NOTICE_DIGEST_HOUR * 3600 * 1000LL;

	return at - (at - hour) % DAY_MS + DAY_MS;
}

static bool
is_due(enum notice_mode mode, int64_t first_at, int64_t settle, int64_t now)
{
	if (first_at == 0 || mode == NOTICE_OFF)
		return false;
	return now >= (mode == NOTICE_DAILY ? digest_time(first_at) :
	    first_at + settle);
}

static void
wish_end(const struct teller *t, const struct notice_wish *w,
	const struct fault *why)
{
	struct fault f = { 0 };

	log_event(LOG_LEVEL_INFO, "notices-ended", "user", w->user, "why",
	    why->detail, NULL);
	(void)notice_wish_remove(t->ledger, w, &f);
}

/* What there is for them, of updates and of alerts. */
struct looked {
	int64_t last, alerts_last;
	bool due, alerts_due;
};

static bool
wish_due(const struct teller *t, const struct notice_wish *w, int64_t now,
	struct looked *out)
{
	struct db *d = ledger_read_begin(t->ledger);
	int64_t first_at;

	notice_position(d, w->seen, &out->last, &first_at);
	out->due = is_due(w->mode, first_at, NOTICE_SETTLE_MS, now);
	alert_event_position(d, w->alerts_seen, &out->alerts_last,
	    &first_at);
	/* They were put together already. */
	out->alerts_due = is_due(w->alerts, first_at, 0, now);
	ledger_read_end(t->ledger);
	return out->due || out->alerts_due;
}

/* 0, or an err for which it is not worth looking at others. */
static int
wish_look(const struct teller *t, const struct notice_wish *w, int64_t now)
{
	struct notice_person p = { .session = NULL };
	struct fault f = { 0 };
	struct looked looked;
	int err;

	if (!wish_due(t, w, now, &looked))
		return 0;
	err = notice_person_ask(t->auth, w, &p, &f);
	if (err == 0 && looked.due)
		person_tell(t, w, &p, looked.last, now);
	if (err == 0 && looked.alerts_due)
		alert_letter_tell(t, w, &p, looked.alerts_last, now);
	if (err == ERR_UNAUTHENTICATED || err == ERR_EXPIRED)
		wish_end(t, w, &f);
	else if (err != 0)
		log_event(LOG_LEVEL_WARNING, "notice-failed", "user", w->user,
		    "why", f.detail, NULL);
	notice_person_free(&p);
	return err == ERR_AUTHORITY ? err : 0;
}

static void
forget(const struct teller *t, int64_t now)
{
	struct fault f = { 0 };
	struct db *d = ledger_write_begin(t->ledger, &f);

	if (d != NULL)
		(void)ledger_write_end(t->ledger,
		    notice_forget(d, now - NOTICE_KEPT_MS), &f);
}

int
notices_tell(const struct teller *t, int64_t now)
{
	AUTO_FREE struct notice_wish *list = NULL;
	bool news = false;
	size_t n = 0;
	int err = 0;

	while (untold_post(t, now))
		news = true;
	if (news)
		forget(t, now);
	if (t->mail)
		list = notice_wish_list(t->ledger, &n);
	for (size_t i = 0; i < n && err == 0; i++)
		err = wish_look(t, &list[i], now);
	if (list != NULL)
		explicit_bzero(list, n * sizeof(*list));
	return err;
}
