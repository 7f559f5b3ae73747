/* SPDX-License-Identifier: ISC */
/*
 * notices: what people are told about their unikernels. What happens is an
 * event of the ledger, once for the same build; those who wish get it by mail,
 * at once or once a day, and a webhook gets all.
 */
#ifndef FCGI_NOTICES_H
#define FCGI_NOTICES_H

#include <stdbool.h>

#include "base/buf.h"
#include "fcgi/ledger.h"

enum notice_kind {
	NOTICE_AVAILABLE,	/* there is a newer build */
	NOTICE_UPDATED,		/* an automatic update went well */
	NOTICE_FAILED,		/* one did not, and what ran runs again */
	NOTICE_PAUSED,		/* automatic updates can not go on */
	NOTICE_KINDS
};

struct notice {
	enum notice_kind kind;
	const char *instance, *project, *name;
	/* The newer one; "" when it is about none. */
	const char *builder, *job, *build;
	int64_t started;	/* of the build, ms since 1970 */
	const char *detail;	/* a sentence for people, or NULL */
};

/*
 * Remembers that it happened; the same again, of a build, is passed over. 0 or
 * an err.
 */
int notice_add(struct ledger *l, const struct notice *n, struct fault *f);

/* ---- for those who tell: notice_tell.h ---- */

#define NOTICE_TEXT_MAX 511

/* As the ledger has it; what builders wrote is clean. */
struct notice_event {
	int64_t id, at;			/* ms since 1970 */
	enum notice_kind kind;
	char instance[64], project[64], name[64];
	char builder[64], job[256], build[40];
	int64_t started;
	char detail[NOTICE_TEXT_MAX + 1];	/* or "" */
	bool outdated;	/* it runs already, or a newer one is there */
};

/* "update.available", as the webhook has it. */
const char *notice_word(enum notice_kind kind);
/* Where a person looks at it; origin is of the public URL. */
void notice_put_link(struct buf *b, const char *origin,
	const struct notice_event *e);

/*
 * Calls take for each event with first < id <= last, by place, until it
 * answers false.
 */
void notice_events(struct db *d, int64_t first, int64_t last,
	bool (*take)(void *arg, const struct notice_event *e), void *arg);
/* The oldest of which the webhook was not told: false when there is none. */
bool notice_untold(struct db *d, struct notice_event *out);
int notice_told(struct db *d, const struct notice_event *e);
/*
 * The last id (0: none), and when the first behind seen happened (0: there is
 * none).
 */
void notice_position(struct db *d, int64_t seen, int64_t *last,
	int64_t *first_at);
/* Forgets what is old and was followed by a newer one of its kind. */
int notice_forget(struct db *d, int64_t before);

#endif
