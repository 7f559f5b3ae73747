/* SPDX-License-Identifier: ISC */
/*
 * notice_wish: who wants to be told of updates and alerts by mail, and how
 * often. With the wish goes
 * a standing grant, which tells who they are now and what they may see.
 */
#ifndef FCGI_NOTICE_WISH_H
#define FCGI_NOTICE_WISH_H

#include "auth/client.h"
#include "fcgi/ledger.h"

enum notice_mode { NOTICE_OFF, NOTICE_AT_ONCE, NOTICE_DAILY };

struct notice_wish {
	char user[37];		/* id */
	enum notice_mode mode;	/* of updates */
	enum notice_mode alerts;
	bool alerts_all;	/* an administrator: of every project */
	char credential[AUTH_GRANT_SIZE];
	int64_t seen;		/* the last event they were told of */
	int64_t alerts_seen;	/* the same of alerts */
};

/* "off", "at-once", "daily"; and back: 0 or -1. */
const char *notice_mode_name(enum notice_mode mode);
int notice_mode_parse(const char *s, enum notice_mode *out);

/* NOTICE_OFF, twice, when there is none. 0 or an err. */
int notice_wish_get(struct ledger *l, const char *user,
	struct notice_wish *out, struct fault *f);
/*
 * Who was not told of it before is told what happens from now on; what was seen
 * is not looked at.
 */
int notice_wish_set(struct ledger *l, const struct notice_wish *w,
	struct fault *f);
/* This one, not another that was set since. */
int notice_wish_remove(struct ledger *l, const struct notice_wish *w,
	struct fault *f);
/* All of them: an owned list of *n; NULL for none. */
struct notice_wish *notice_wish_list(struct ledger *l, size_t *n);
/* Within a write: ERR_CONFLICT when it is not this one any more. */
int notice_wish_seen(struct db *d, const struct notice_wish *w, int64_t seen);
int notice_wish_alerts_seen(struct db *d, const struct notice_wish *w,
	int64_t seen);

#endif
