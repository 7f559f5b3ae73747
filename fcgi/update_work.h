/* SPDX-License-Identifier: ISC */
/*
 * update_work: one update from its beginning to its end while nobody waits:
 * an item of a bulk, or what a rule wants. The calls take as long as that.
 */
#ifndef FCGI_UPDATE_WORK_H
#define FCGI_UPDATE_WORK_H

#include "fcgi/bulk.h"
#include "fcgi/update_rule.h"

struct app;

/* auth is of this thread. What comes of it is kept where it belongs. */
void update_item(struct app *app, struct auth_client *auth,
	const struct bulk_item *item);
void update_by_rule(struct app *app, struct auth_client *auth,
	const struct update_rule *rule);

/* Nothing happens by itself any more: the rule goes, and its grant ends. */
int update_rule_end(struct app *app, struct auth_client *auth,
	const char *instance, const char *project, const char *name,
	struct fault *f);
/* What its bulk does not begin any more is skipped, and its grant ended. */
void update_skip_rest(struct app *app, struct auth_client *auth);

#endif
