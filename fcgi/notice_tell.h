/* SPDX-License-Identifier: ISC */
/*
 * notice_tell: turns what happened into what is to be sent: a POST for each
 * event, and for each person who wishes it one mail about what is theirs, and
 * another one about alerts that were told (alert_event.h). Who
 * wants it at once gets what happened within some seconds in one; who wants a
 * digest gets it at six in the morning, UTC.
 */
#ifndef FCGI_NOTICE_TELL_H
#define FCGI_NOTICE_TELL_H

#include "auth/client.h"
#include "fcgi/ledger.h"

#define NOTICE_SETTLE_MS 5000
#define NOTICE_DIGEST_HOUR 6
#define NOTICE_LINES_MAX 200	/* in one mail */
#define NOTICE_KEPT_MS (90 * 24 * 3600 * 1000LL)

struct teller {
	struct ledger *ledger;
	struct auth_client *auth;
	const char *origin;	/* of the public URL */
	bool webhook, mail;	/* whether there is one to send by */
};

/*
 * What is to be told at now (ms since 1970); what fails is logged. 0, or
 * ERR_AUTHORITY when it can not be known for whom.
 */
int notices_tell(const struct teller *t, int64_t now);

#endif
