/* SPDX-License-Identifier: ISC */
/* alert_letter: what a mail about alerts says to one person. */
#ifndef FCGI_ALERT_LETTER_H
#define FCGI_ALERT_LETTER_H

#include "fcgi/alert_event.h"
#include "fcgi/notice_person.h"
#include "fcgi/notice_tell.h"

/*
 * Puts into the outbox what they were not told yet, up to the event last; both
 * are one write. What fails is logged.
 */
void alert_letter_tell(const struct teller *t, const struct notice_wish *w,
	const struct notice_person *p, int64_t last, int64_t now);

#endif
