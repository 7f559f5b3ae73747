/* SPDX-License-Identifier: ISC */
/*
 * health_store: the checks that are kept, one for a unikernel, and what came of
 * them. One is failing after as many failures in a row as it has retries, and
 * one more; healthy after one success; unknown before, and while none of its
 * deployments is current.
 */
#ifndef FCGI_HEALTH_STORE_H
#define FCGI_HEALTH_STORE_H

#include "albatross/name.h"
#include "fcgi/health.h"
#include "fcgi/ledger.h"

#define HEALTH_HISTORY 100	/* results kept of each */

/* Which unikernel; borrowed. */
struct health_of {
	const char *instance, *project, *name;
};

/* Its check as owned JSON text in *out, NULL for none. 0 or an err. */
int health_check_text(struct ledger *l, const char *instance,
	const char *project, const char *name, char **out, struct fault *f);
/*
 * Keeps a check (JSON text), or none (NULL). The history of another one begins
 * anew; the same one goes on.
 */
int health_check_keep(struct ledger *l, const char *instance,
	const char *project, const char *name, const char *text,
	struct fault *f);
/*
 * What one attempt of check (as the ledger has it) brought; nothing when
 * another check is kept by now, or none.
 */
int health_result_add(struct ledger *l, const struct health_of *of,
	const char *check, int retries, bool ok, int ms, const char *detail,
	struct fault *f);
/*
 * {"state", "since", "checked_at", "detail"}, with "history" when asked; owned,
 * NULL without a check.
 */
struct json_object *health_json(struct ledger *l, const char *instance,
	const char *project, const char *name, bool history);

/* One of an instance's, as lists show it: without its history. */
struct health_shown {
	char project[ALB_LABEL_MAX + 1];
	char name[ALB_LABEL_MAX + 1];
	char state[12];
	char *json;		/* owned */
};

/* Ordered by project and name: an owned list of *n; NULL for none. */
struct health_shown *health_shown_list(struct ledger *l,
	const char *instance, size_t *n);
void health_shown_free(struct health_shown *list, size_t n);

/* A kept check whose unikernel runs, as the ledger has it. */
struct health_due {
	char instance[ALB_LABEL_MAX + 1];
	char project[ALB_LABEL_MAX + 1];
	char name[ALB_LABEL_MAX + 1];
	char *check;		/* JSON */
	char *config;		/* of the current deployment, JSON */
	int64_t checked;	/* ms since 1970, 0: never */
};

/* All of them: an owned list of *n; NULL for none. */
struct health_due *health_due_list(struct ledger *l, size_t *n);
void health_due_free(struct health_due *list, size_t n);

#endif
