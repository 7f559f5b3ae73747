/* SPDX-License-Identifier: ISC */
/* notice_mail: what a mail to one person says. */
#ifndef FCGI_NOTICE_MAIL_H
#define FCGI_NOTICE_MAIL_H

#include "fcgi/notices.h"

#define NOTICE_MAIL_MAX (512 * 1024)
#define NOTICE_SUBJECT_MAX 255

/* list has n events, at least one; further ones are only counted. */
struct notice_news {
	const struct notice_event *list;
	size_t n, further;
	const char *origin;	/* of the public URL */
	bool daily;
};

void notice_mail_subject(const struct notice_news *news, struct buf *out);
void notice_mail_text(const struct notice_news *news, struct buf *out);
/* A time in milliseconds as mails write it, in UTC: "2026-07-14 09:08". */
void notice_mail_time(int64_t ms, struct buf *out);

#endif
