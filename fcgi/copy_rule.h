/* SPDX-License-Identifier: ISC */
/*
 * copy_rule: copies of a volume that are saved by themselves, at a time of some
 * days, with the standing grant of the person who wanted it so; in the ledger.
 */
#ifndef FCGI_COPY_RULE_H
#define FCGI_COPY_RULE_H

#include "fcgi/copies.h"

#define COPY_RULE_KEEP_MAX 100

struct copy_rule {
	char instance[ALB_LABEL_MAX + 1];
	char project[ALB_LABEL_MAX + 1];
	char name[ALB_LABEL_MAX + 1];
	unsigned days;			/* week.h */
	int at;				/* minute of the day, UTC */
	int64_t keep;			/* scheduled ones of the volume */
	enum copy_place place;
	bool stop;
	char grant[AUTH_GRANT_SIZE];	/* standing */
	int64_t expires;		/* of the grant; ms since 1970 */
	char user_name[64];
	int64_t given;
	char paused[600];		/* why it can not go on, or "" */
	int64_t next;			/* ms since 1970; 0 when it is paused */
	/* What came of the last one. */
	int64_t tried_at, copy;
	char result[16];		/* "saved", "failed", "" */
	char detail[600];
};

/* {"days", "at", "keep", "place", "stop"}: 0 or ERR_INVALID. */
int copy_rule_from_json(struct json_object *o, struct copy_rule *out,
	struct fault *f);
struct json_object *copy_rule_json(const struct copy_rule *r);

/* 0, ERR_NOT_FOUND, ERR_INTERNAL. */
int copy_rule_get(struct ledger *l, const char *instance,
	const char *project, const char *name, struct copy_rule *out);
/* Instead of what there was; what came of the last one is kept. */
int copy_rule_set(struct ledger *l, const struct copy_rule *r,
	struct fault *f);
int copy_rule_remove(struct ledger *l, const char *instance,
	const char *project, const char *name, struct fault *f);
/*
 * Those that are due, or whose next time is further away than any can be:
 * owned, in no order.
 */
struct copy_rule *copy_rules_due(struct ledger *l, int64_t now, size_t *n);
/*
 * Keeps paused, next, tried_at, result, detail and copy, unless it was set anew
 * (given) since it was read.
 */
int copy_rule_note(struct ledger *l, const struct copy_rule *r,
	struct fault *f);
/*
 * Those of a project pause for that reason; or, resting false, those go on that
 * paused for it.
 */
int copy_rules_rest(struct ledger *l, const char *project, const char *why,
	bool resting, struct fault *f);

/* Begins what is due, in the thread of auth. */
void copy_rules_run(struct app *app, struct auth_client *auth);
/*
 * A scheduled operation ended, with that copy (0: none), and why if something
 * went wrong; those beyond what is to be kept are removed. missed: it was cut
 * off by the end of the daemon, and is made up for.
 */
void copy_rule_ended(struct app *app, const struct operation *o,
	int64_t copy, const struct fault *why, bool missed);

#endif
