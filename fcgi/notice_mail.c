/* SPDX-License-Identifier: ISC */
/* notice_mail: see notice_mail.h. */
#include "fcgi/notice_mail.h"

#include <time.h>

/* In the order in which they are told: what needs a person is first. */
static const struct {
	enum notice_kind kind;
	const char *title;	/* of its part */
	const char *one;	/* in a subject: of one, and how many */
	const char *many;
} parts[] = {
	{ NOTICE_FAILED, "Could not be updated; what ran before runs again",
	  "Update failed", "failed" },
	{ NOTICE_PAUSED, "Is not updated by itself any more",
	  "Automatic updates paused", "paused" },
	{ NOTICE_AVAILABLE, "A newer build is available",
	  "Update available", "available" },
	{ NOTICE_UPDATED, "Was updated by itself", "Updated", "done" },
};
#define PARTS (sizeof(parts) / sizeof(parts[0]))

static size_t
count(const struct notice_news *news, enum notice_kind kind)
{
	size_t n = 0;

	for (size_t i = 0; i < news->n; i++)
		n += news->list[i].kind == kind;
	return n;
}

void
notice_mail_subject(const struct notice_news *news, struct buf *out)
{
	const struct notice_event *first = &news->list[0];
	const char *between = "Updates: ";

	for (size_t i = 0; i < PARTS; i++) {
		size_t n = count(news, parts[i].kind);

		if (n > 0 && news->n == 1) {
			buf_putf(out, "%s: %s/%s/%s", parts[i].one,
			    first->instance, first->project, first->name);
		} else if (n > 0) {
			buf_putf(out, "%s%zu %s", between, n, parts[i].many);
			between = ", ";
		}
	}
}

void
notice_mail_time(int64_t ms, struct buf *out)
{
	time_t t = (time_t)(ms / 1000);
	char text[32];
	struct tm tm;

	gmtime_r(&t, &tm);
	strftime(text, sizeof(text), "%Y-%m-%d %H:%M", &tm);
	buf_put_str(out, text);
}

static void
put_started(struct buf *out, int64_t started)
{
	if (started == 0)
		return;
	buf_put_str(out, ", built ");
	notice_mail_time(started, out);
	buf_put_str(out, " UTC");
}

static void
put_event(struct buf *out, const char *origin, const struct notice_event *e)
{
	buf_putf(out, "\n  %s/%s/%s", e->instance, e->project, e->name);
	if (e->job[0] != '\0')
		buf_putf(out, ": %s", e->job);
	put_started(out, e->started);
	buf_put_str(out, "\n");
	if (e->detail[0] != '\0')
		buf_putf(out, "  %s\n", e->detail);
	buf_put_str(out, "  ");
	notice_put_link(out, origin, e);
	buf_put_str(out, "\n");
}

void
notice_mail_text(const struct notice_news *news, struct buf *out)
{
	for (size_t i = 0; i < PARTS; i++) {
		if (count(news, parts[i].kind) == 0)
			continue;
		buf_putf(out, "%s:\n", parts[i].title);
		for (size_t j = 0; j < news->n; j++)
			if (news->list[j].kind == parts[i].kind)
				put_event(out, news->origin, &news->list[j]);
		buf_put_str(out, "\n");
	}
	if (news->further > 0)
		buf_putf(out, "And %zu more: %s/unikernels\n\n", news->further,
		    news->origin);
	buf_putf(out, "-- \nYou asked to be told %s. Change that at\n"
	    "%s/notifications\n", news->daily ? "once a day" : "at once",
	    news->origin);
}
