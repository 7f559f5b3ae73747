/* SPDX-License-Identifier: ISC */
/*
 * bulk: the update of many unikernels, a few at once, as the ledger keeps it.
 * Each item has a grant of its own from the beginning, so that it goes on when
 * the request, or the daemon, has ended.
 */
#ifndef FCGI_BULK_H
#define FCGI_BULK_H

#include "albatross/name.h"
#include "auth/client.h"
#include "base/json.h"
#include "fcgi/ledger.h"

#define BULK_ITEMS_MAX 200
#define BULK_AT_ONCE_MAX 16
#define BULK_LISTED 50

enum bulk_state { BULK_WAITING, BULK_RUNNING, BULK_UPDATED, BULK_UNCHANGED,
	BULK_FAILED, BULK_ROLLED_BACK, BULK_SKIPPED, BULK_STATES };

struct bulk_item {
	int64_t bulk, seq;
	char instance[ALB_LABEL_MAX + 1];
	char project[ALB_LABEL_MAX + 1];
	char name[ALB_LABEL_MAX + 1];
	char grant[AUTH_GRANT_SIZE];
	int64_t deployment;	/* id; 0: none yet */
};

struct bulk {
	int64_t id;
	const char *user, *user_name;	/* borrowed */
	int64_t at_once;
	bool stop;		/* at the first failure */
	struct bulk_item *items;	/* borrowed */
	size_t len;
};

/* Adds it whole, and fills in its id. */
int bulk_add(struct ledger *l, struct bulk *b, struct fault *f);
/* As the API shows it, or NULL when user has none such; owned. */
struct json_object *bulk_json(struct ledger *l, const char *user,
	int64_t id);
/* The newest BULK_LISTED of user, without their items: an owned array. */
struct json_object *bulk_list_json(struct ledger *l, const char *user);

/*
 * The next item that may begin, which is running from then on: 0,
 * ERR_NOT_FOUND when there is none, or ERR_INTERNAL.
 */
int bulk_take(struct ledger *l, struct bulk_item *out);
/* After a start: those whose deployment was begun; the others wait again. */
struct bulk_item *bulk_resume(struct ledger *l, size_t *n);
int bulk_item_begun(struct ledger *l, const struct bulk_item *item,
	int64_t deployment);
/*
 * What came of it. A failure stops the rest, where that is wanted; the whole
 * ends with its last item.
 */
int bulk_item_end(struct ledger *l, const struct bulk_item *item,
	enum bulk_state state, const char *detail);
/* Nothing more is begun. user (or NULL) must have made it. */
int bulk_stop(struct ledger *l, const char *user, int64_t id,
	struct fault *f);
/*
 * The next item that will not begin any more as its bulk is stopping, which is
 * skipped from then on; its grant is to be ended. As bulk_take.
 */
int bulk_skip(struct ledger *l, struct bulk_item *out);

#endif
