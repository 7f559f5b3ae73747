/* SPDX-License-Identifier: ISC */
/* alert_letter: see alert_letter.h. */
#include "fcgi/alert_letter.h"

#include <inttypes.h>
#include <string.h>

#include "base/array.h"
#include "base/log.h"
#include "fcgi/notice_mail.h"
#include "fcgi/outbox.h"

/* For a subject, and behind a name. */
static const char *const words[ALERT_KINDS] = {
	[ALERT_CRASH_LOOP] = "Crash loop",
	[ALERT_STOPPED] = "Stopped",
	[ALERT_CHECK_FAILING] = "Health check failing",
	[ALERT_INSTANCE_DOWN] = "Instance down",
	[ALERT_CERTIFICATE_EXPIRING] = "Certificate expiring",
	[ALERT_POLICY_FULL] = "Policy nearly full",
	[ALERT_POLICY_DRIFT] = "Policy changed by somebody else",
};

/*
 * Members are told of their projects, administrators also of instances and, if
 * they wish, of every project.
 */
static bool
is_for(const struct alert_event *e, const struct notice_person *p, bool all)
{
	size_t n = json_object_array_length(p->projects);

	if (p->admin && (all || e->alert.project[0] == '\0'))
		return true;
	if (e->alert.kind == ALERT_CERTIFICATE_EXPIRING)
		return false;
	for (size_t i = 0; i < n; i++)
		if (alert_event_is_of(e, json_member_text(
		    json_object_array_get_idx(p->projects, i), "name",
		    ALB_LABEL_MAX)))
			return true;
	return false;
}

struct letter {
	const struct notice_person *to;
	bool all;
	struct alert_event *list;	/* owned */
	size_t n, cap, further, over;
	bool no_memory;
};

static bool
letter_take(void *arg, const struct alert_event *e)
{
	struct letter *l = arg;

	if (!is_for(e, l->to, l->all))
		return true;
	if (l->n == NOTICE_LINES_MAX) {
		l->further++;
		return true;
	}
	l->no_memory = !array_grow((void **)&l->list, &l->cap, l->n,
		sizeof(*l->list));
	if (l->no_memory)
		return false;
	l->list[l->n] = *e;
	l->list[l->n++].projects = "";
	l->over += !e->open;
	return true;
}

/* ---- what it says ---- */

static void
put_place(struct buf *out, const struct alert *a)
{
	buf_put_str(out, a->instance);
	if (a->project[0] != '\0')
		buf_putf(out, "/%s", a->project);
	if (a->name[0] != '\0')
		buf_putf(out, "/%s", a->name);
}

static void
put_subject(struct buf *out, const struct letter *l)
{
	const struct alert_event *first = &l->list[0];
	size_t open = l->n - l->over;

	if (l->n == 1) {
		buf_putf(out, "%s%s: ", first->open ? "" : "Over: ",
		    words[first->alert.kind]);
		put_place(out, &first->alert);
		return;
	}
	buf_put_str(out, "Alerts: ");
	if (open > 0)
		buf_putf(out, "%zu open%s", open, l->over > 0 ? ", " : "");
	if (l->over > 0)
		buf_putf(out, "%zu over", l->over);
}

static void
put_event(struct buf *out, const char *origin, const struct alert_event *e)
{
	buf_put_str(out, "\n  ");
	put_place(out, &e->alert);
	buf_putf(out, ": %s, since ", words[e->alert.kind]);
	notice_mail_time(e->alert.since, out);
	if (!e->open && e->alert.until != 0) {
		buf_put_str(out, " until ");
		notice_mail_time(e->alert.until, out);
	}
	buf_put_str(out, " UTC");
	if (e->alert.count > 1)
		buf_putf(out, ", %" PRId64 " times", e->alert.count);
	buf_put_str(out, "\n");
	if (e->alert.detail[0] != '\0')
		buf_putf(out, "  %s\n", e->alert.detail);
	buf_put_str(out, "  ");
	alert_put_link(out, origin, &e->alert);
	buf_put_str(out, "\n");
}

static void
put_part(struct buf *out, const char *origin, const struct letter *l,
	bool open)
{
	if ((open ? l->n - l->over : l->over) == 0)
		return;
	buf_put_str(out, open ? "This is wrong:\n" : "This is over:\n");
	for (size_t i = 0; i < l->n; i++)
		if (l->list[i].open == open)
			put_event(out, origin, &l->list[i]);
	buf_put_str(out, "\n");
}

static void
put_text(struct buf *out, const char *origin, const struct letter *l,
	enum notice_mode mode)
{
	put_part(out, origin, l, true);
	put_part(out, origin, l, false);
	if (l->further > 0)
		buf_putf(out, "And %zu more: %s/alerts\n\n", l->further,
		    origin);
	buf_putf(out, "-- \nYou asked to be told %s. Change that at\n"
	    "%s/notifications\n", mode == NOTICE_DAILY ? "once a day" :
	    "at once", origin);
}

/* ---- on its way ---- */

/* Within a write: the mail, if there is anything to say. */
static int
letter_post(const struct teller *t, struct db *d, const struct letter *l,
	enum notice_mode mode, int64_t now)
{
	struct buf subject, text;

	if (l->n == 0)
		return 0;
	buf_init(&subject, NOTICE_SUBJECT_MAX);
	buf_init(&text, NOTICE_MAIL_MAX);
	put_subject(&subject, l);
	put_text(&text, t->origin, l, mode);
	return outbox_add_mail(d, l->to->email, &subject, &text, now);
}

void
alert_letter_tell(const struct teller *t, const struct notice_wish *w,
	const struct notice_person *p, int64_t last, int64_t now)
{
	struct letter l = { .to = p, .all = w->alerts_all };
	struct fault f = { 0 };
	struct db *d = ledger_write_begin(t->ledger, &f);
	int err;

	if (d == NULL)
		return;
	alert_events(d, w->alerts_seen, last, letter_take, &l);
	err = l.no_memory ? ERR_NO_MEMORY :
		notice_wish_alerts_seen(d, w, last);
	if (err == 0)
		err = letter_post(t, d, &l, w->alerts, now);
	err = ledger_write_end(t->ledger, err, &f);
	free(l.list);
	if (err != 0 && err != ERR_CONFLICT)
		log_event(LOG_LEVEL_WARNING, "notice-failed", "user", w->user,
		    "why", err_title(err), NULL);
}
