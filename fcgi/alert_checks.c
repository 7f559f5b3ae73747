/* SPDX-License-Identifier: ISC */
/* alert_checks: see alert_checks.h. */
#include "fcgi/alert_checks.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fcgi/alert.h"
#include "fcgi/app.h"

struct failing {
	char instance[ALB_LABEL_MAX + 1];
	char project[ALB_LABEL_MAX + 1];
	char name[ALB_LABEL_MAX + 1];
	char detail[ALERT_DETAIL_MAX + 1];
};

struct all {
	struct failing *list;
	size_t n;
};

static bool
failing_take(sqlite3_stmt *s, void *row)
{
	struct failing *out = row;

	db_copy(s, 0, out->instance, sizeof(out->instance));
	db_copy(s, 1, out->project, sizeof(out->project));
	db_copy(s, 2, out->name, sizeof(out->name));
	snprintf(out->detail, sizeof(out->detail),
	    "Its health check fails: %s", db_text(s, 3));
	return true;
}

static bool
is_failing(void *arg, const char *instance, const char *project,
	const char *name)
{
	const struct all *all = arg;

	for (size_t i = 0; i < all->n; i++)
		if (strcmp(all->list[i].name, name) == 0 &&
		    strcmp(all->list[i].project, project) == 0 &&
		    strcmp(all->list[i].instance, instance) == 0)
			return true;
	return false;
}

void
alert_checks_judge(struct app *app)
{
	struct db *d = ledger_read_begin(app->ledger);
	struct all all;
	void *list;
	int err = db_rows(db_query(d, "SELECT c.instance, c.project, c.name,"
	    " c.detail FROM health_check c JOIN deployment e"
	    " ON e.instance = c.instance AND e.project = c.project"
	    " AND e.name = c.name AND e.current = 1"
	    " WHERE c.state = 'failing'", ""), sizeof(struct failing),
	    failing_take, &list, &all.n);

	ledger_read_end(app->ledger);
	all.list = list;
	for (size_t i = 0; err == 0 && i < all.n; i++)
		alert_raise(app, ALERT_CHECK_FAILING, all.list[i].instance,
		    all.list[i].project, all.list[i].name,
		    all.list[i].detail);
	if (err == 0)
		alert_clear_unless(app, ALERT_CHECK_FAILING, is_failing,
		    &all);
	free(list);
}
