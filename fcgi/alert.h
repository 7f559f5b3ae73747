/* SPDX-License-Identifier: ISC */
/*
 * alert: what is wrong and needs somebody, in the ledger. One row from when it
 * began until it is over; one that comes again soon is the same row, which
 * counts. With it is what people and programs were told of it last. Times are
 * ms since 1970.
 */
#ifndef FCGI_ALERT_H
#define FCGI_ALERT_H

#include <stdbool.h>

#include "albatross/name.h"
#include "base/buf.h"
#include "base/json.h"
#include "fcgi/alerts.h"
#include "fcgi/ledger.h"

#define ALERT_DETAIL_MAX 511
#define ALERT_KEPT_MS (90 * 24 * 3600 * 1000LL)	/* after it is over */
#define ALERT_KEPT_MAX 20000	/* the newest, however they flap */

enum alert_told { ALERT_UNTOLD, ALERT_TOLD_OPEN, ALERT_TOLD_OVER };

struct alert {
	int64_t id;
	enum alert_kind kind;
	char instance[ALB_LABEL_MAX + 1];
	char project[ALB_LABEL_MAX + 1];	/* "": of the instance */
	char name[ALB_LABEL_MAX + 1];	/* "": of the project there */
	int64_t since, until;		/* the first time; 0: it is not over */
	int64_t count;			/* times it began */
	char detail[ALERT_DETAIL_MAX + 1];	/* a sentence */
	int64_t silenced;		/* until then; 0: never was */
	int64_t changed;		/* when it last began or ended */
	enum alert_told told;
	int64_t told_at;		/* when its begin was told */
	int64_t told_count;		/* of count then */
};

/* Where something is wrong, and what; borrowed. */
struct alert_of {
	enum alert_kind kind;
	const char *instance, *project, *name;	/* "" as above */
};

/* "crash-loop"; "critical" or "warning". */
const char *alert_kind_name(enum alert_kind kind);
const char *alert_severity(enum alert_kind kind);
/* What who sees it may do there: a literal of auth/rights.h. */
const char *alert_scope(const struct alert *a);
bool alert_is(const struct alert *a, const struct alert_of *of);

/* ---- within a write: 0 or an err ---- */

/*
 * It begins: again, when it is over for less than quiet (ms), or is silenced;
 * else anew. *id is its row.
 */
int alert_begin(struct db *d, const struct alert_of *of, const char *detail,
	int64_t quiet, int64_t now, int64_t *id);
int alert_detail_set(struct db *d, int64_t id, const char *detail);
int alert_end(struct db *d, int64_t id, int64_t now);
/* until 0: no more. */
int alert_silence(struct db *d, int64_t id, int64_t until);
/* What was told of it, as it is in a. */
int alert_told_set(struct db *d, const struct alert *a);
/*
 * Those that are over since before, or too many, but for what somebody is to be
 * told.
 */
int alert_forget(struct db *d, int64_t before);

/* ---- reading ---- */

/* A query that begins so, and its row into a struct alert. */
#define ALERT_COLUMNS "SELECT alert.id, kind, instance, project, name," \
	" since, until, count, detail, silenced, changed, told, told_at," \
	" told_count"
#define ALERT_COLUMN_COUNT 14
bool alert_row_take(sqlite3_stmt *s, void *row);
/* 0, ERR_NOT_FOUND or another err. */
int alert_get(struct db *d, int64_t id, struct alert *out);
/* Those that are not over: 0 with an owned list of *n, or an err. */
int alert_list_open(struct db *d, struct alert **out, size_t *n);
/* The same of those of which there may be something to be told. */
int alert_list_unsettled(struct db *d, struct alert **out, size_t *n);

struct alert_filter {
	bool open;			/* only those that are not over */
	const char *instance, *project;	/* NULL: all */
	int64_t before;			/* ids, newest first */
	int64_t limit;
};
int alert_list(struct db *d, const struct alert_filter *filter,
	struct alert **out, size_t *n);

/* Where a person looks at it; origin is of the public URL. */
void alert_put_link(struct buf *b, const char *origin,
	const struct alert *a);
/* As the API shows it; owned. */
struct json_object *alert_json(const struct alert *a);

#endif
