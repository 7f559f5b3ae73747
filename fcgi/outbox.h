/* SPDX-License-Identifier: ISC */
/*
 * outbox: what is still to be sent, in the ledger, so that nothing is lost
 * with the program. What fails is tried again after a minute, then after twice
 * as long each time, and given up after two days. It holds OUTBOX_MAX, of a
 * project OUTBOX_PROJECT_MAX: the oldest make room.
 */
#ifndef FCGI_OUTBOX_H
#define FCGI_OUTBOX_H

#include <stdbool.h>

#include "base/buf.h"
#include "fcgi/ledger.h"

#define OUTBOX_MAX 10000
#define OUTBOX_FIRST_MS (60 * 1000LL)
#define OUTBOX_LAST_MS (6 * 3600 * 1000LL)
#define OUTBOX_GIVE_UP_MS (2 * 24 * 3600 * 1000LL)
#define OUTBOX_MARK_LEN 22

#define OUTBOX_PROJECT_MAX 200	/* calls for one project */

enum outbox_kind { OUTBOX_MAIL, OUTBOX_WEBHOOK,
	OUTBOX_PROJECT,		/* the webhook of a project */
	OUTBOX_KINDS };

const char *outbox_kind_name(enum outbox_kind kind);

struct outbox_item {
	int64_t id;
	enum outbox_kind kind;
	char mark[OUTBOX_MARK_LEN + 1];	/* the same at each attempt */
	char *target;		/* an address, an event's word, a project */
	char *subject;		/* "" for the webhook; an event's word */
	char *body;
	int64_t created;	/* ms since 1970 */
	int64_t attempts;	/* that failed */
};

/* Within a write of the ledger; due at once. 0 or an err. */
int outbox_add(struct db *d, enum outbox_kind kind, const char *target,
	const char *subject, const char *body, int64_t now);
/* The same of a mail; frees what subject and text hold. */
int outbox_add_mail(struct db *d, const char *to, struct buf *subject,
	struct buf *text, int64_t now);
/*
 * The one of a kind that is longest due at now: true with *out, to be freed by
 * outbox_item_free.
 */
bool outbox_next(struct ledger *l, enum outbox_kind kind, int64_t now,
	struct outbox_item *out);
void outbox_item_free(struct outbox_item *item);	/* contents only */

/* How many of a kind there are. */
int64_t outbox_length(struct ledger *l, enum outbox_kind kind);

/* It was sent, or will never be. 0 or an err. */
int outbox_remove(struct ledger *l, const struct outbox_item *item,
	struct fault *f);
/* All that is for one target. 0 or an err. */
int outbox_drop(struct ledger *l, enum outbox_kind kind, const char *target,
	struct fault *f);
/*
 * It was not sent: later, or given up with a line in the log, which has why.
 * What else is for the same project waits as long.
 */
int outbox_postpone(struct ledger *l, const struct outbox_item *item,
	int64_t now, const char *why, struct fault *f);

#endif
