/* SPDX-License-Identifier: ISC */
/* project_kept: see project_kept.h. */
#include "fcgi/project_kept.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "fcgi/alerts.h"
#include "fcgi/app.h"
#include "fcgi/copy_rule.h"
#include "fcgi/ledger.h"
#include "fcgi/log_store.h"
#include "fcgi/outbox.h"
#include "fcgi/post_settings.h"
#include "fcgi/state_dir.h"
#include "fcgi/states.h"
#include "fcgi/update_rule.h"

/* Below STATE/NAME/INSTANCE/PROJECT and STATE/NAME/PROJECT. */
#define DEPTH_MAX 4

const char project_kept_resting[] = "The project is archived: this goes on "
	"when it is brought back.";

/* ---- what is in the way ---- */

static const struct {
	const char *sql;
	const char *why;
} ways[] = {
	{ "SELECT 1 FROM deployment WHERE project = ? AND ended IS NULL"
	  " LIMIT 1", "A deployment of the project is under way: wait until "
	  "it has ended." },
	{ "SELECT 1 FROM operation WHERE project = ? AND ended IS NULL"
	  " LIMIT 1", "An operation with a volume of the project is under "
	  "way: wait until it has ended, or cancel it." },
	{ "SELECT 1 FROM volume_copy WHERE project = ? LIMIT 1", "Copies of "
	  "the project's volumes are kept: delete them first." },
};

int
project_kept_check(struct app *app, const char *project, struct fault *f)
{
	struct db *d = ledger_read_begin(app->ledger);
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < sizeof(ways) / sizeof(ways[0]);
	    i++) {
		sqlite3_stmt *s = db_query(d, ways[i].sql, "t", project);

		rc = db_step(s);
		if (rc == 1) {
			db_done(s);
			fault_set(f, ERR_CONFLICT, "%s", ways[i].why);
		}
	}
	ledger_read_end(app->ledger);
	return rc < 0 ? fault_set(f, ERR_INTERNAL,
	    "The ledger can not be read.") : rc == 1 ? f->err : 0;
}

/* ---- rows ---- */

/* Alerts that are not over end first, by those who look. */
static const char *const removals[] = {
	"DELETE FROM step WHERE deployment_id IN"
	" (SELECT id FROM deployment WHERE project = ?)",
	"DELETE FROM deployment WHERE project = ?",
	"DELETE FROM health_check WHERE project = ?",
	"DELETE FROM health_result WHERE project = ?",
	"DELETE FROM update_rule WHERE project = ?",
	"DELETE FROM notice_event WHERE project = ?",
	"DELETE FROM operation WHERE project = ?",
	"DELETE FROM volume_content WHERE project = ?",
	"DELETE FROM copy_rule WHERE project = ?",
	"DELETE FROM unikernel_seen WHERE project = ?",
	"DELETE FROM alert WHERE project = ? AND until IS NOT NULL",
};

static int
rows_remove(struct ledger *l, const char *project, struct fault *f)
{
	struct db *d = ledger_write_begin(l, f);
	int err = 0;

	if (d == NULL)
		return f->err;
	for (size_t i = 0; err == 0 &&
	    i < sizeof(removals) / sizeof(removals[0]); i++)
		err = db_run(d, removals[i], "t", project);
	return ledger_write_close(l, err,
	    "What is kept of the project could not be removed.", f);
}

static int
webhook_remove(struct ledger *l, const char *project, struct fault *f)
{
	const struct webhook_settings none = { .url = "" };
	int err = post_settings_webhook_set(l, project, &none, f);

	return err != 0 ? err : outbox_drop(l, OUTBOX_PROJECT, project, f);
}

/* ---- in memory ---- */

struct row {
	char instance[ALB_LABEL_MAX + 1];
	char name[ALB_LABEL_MAX + 1];
};

struct rows {
	const char *project;
	struct row *list;	/* owned */
	size_t n;
};

static bool
row_take(void *arg, const struct state_row *row)
{
	struct rows *r = arg;
	struct row *more;

	if (strcmp(row->project, r->project) != 0)
		return true;
	more = reallocarray(r->list, r->n + 1, sizeof(*more));
	if (more == NULL)
		return false;
	r->list = more;
	more += r->n++;
	snprintf(more->instance, sizeof(more->instance), "%s", row->instance);
	snprintf(more->name, sizeof(more->name), "%s", row->name);
	return true;
}

static void
states_remove(struct states *s, const char *project)
{
	struct rows r = { .project = project };

	states_each(s, NULL, row_take, &r);
	for (size_t i = 0; i < r.n; i++)
		(void)states_forget(s, r.list[i].instance, project,
		    r.list[i].name);
	free(r.list);
}

static bool
alert_is_elsewhere(void *arg, const char *instance, const char *project,
	const char *name)
{
	return strcmp(project, arg) != 0;
}

/* ---- files ---- */

/* Whatever it is, and what is in it; no link is followed. */
static void
tree_remove(int at, const char *name, int depth)
{
	const char *entry;
	DIR *d;

	if (unlinkat(at, name, 0) == 0 || depth == 0)
		return;
	d = state_dir_read(at, name);
	if (d == NULL)
		return;
	while ((entry = state_dir_next(d)) != NULL)
		tree_remove(dirfd(d), entry, depth - 1);
	closedir(d);
	unlinkat(at, name, AT_REMOVEDIR);
}

/* By the store, which knows what it has open. */
static void
logs_remove(struct app *app, int at, const char *instance,
	const char *project)
{
	struct log_place place = { .instance = instance, .project = project };
	char path[2 * (ALB_LABEL_MAX + 1)];
	struct fault f = { 0 };
	DIR *d;

	snprintf(path, sizeof(path), "%s/%s", instance, project);
	d = state_dir_read(at, path);
	while (d != NULL && (place.name = state_dir_next(d)) != NULL)
		(void)log_forget(app->logs, &place, &f);
	if (d != NULL)
		closedir(d);
}

static void
metrics_remove(struct app *app, int at, const char *instance,
	const char *project)
{
	char path[2 * (ALB_LABEL_MAX + 1)];

	snprintf(path, sizeof(path), "%s/%s", instance, project);
	tree_remove(at, path, DEPTH_MAX);
}

/* Of every instance, also of those that are no more. */
static void
instances_walk(struct app *app, int state, const char *store,
	const char *project, void (*remove)(struct app *app, int at,
	const char *instance, const char *project))
{
	const char *instance;
	DIR *d = state_dir_read(state, store);

	if (d == NULL)
		return;
	while ((instance = state_dir_next(d)) != NULL)
		if (strlen(instance) <= ALB_LABEL_MAX)
			remove(app, dirfd(d), instance, project);
	closedir(d);
}

static int
files_remove(struct app *app, const char *project, struct fault *f)
{
	AUTO_FD int state = open(app->config->state_dir, O_RDONLY |
		O_DIRECTORY | O_CLOEXEC);
	AUTO_FD int images = state < 0 ? -1 : openat(state, "images",
		O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);

	if (images < 0)
		return fault_set(f, ERR_INTERNAL,
		    "The state directory can not be opened.");
	tree_remove(images, project, DEPTH_MAX);
	instances_walk(app, state, "logs", project, logs_remove);
	instances_walk(app, state, "metrics", project, metrics_remove);
	return 0;
}

int
project_kept_remove(struct app *app, const char *project, struct fault *f)
{
	int err;

	states_remove(app->states, project);
	for (int kind = 0; kind < ALERT_KINDS; kind++)
		alert_clear_unless(app, (enum alert_kind)kind,
		    alert_is_elsewhere, (void *)project);
	err = rows_remove(app->ledger, project, f);
	if (err == 0)
		err = webhook_remove(app->ledger, project, f);
	return err != 0 ? err : files_remove(app, project, f);
}

void
project_kept_drop(struct app *app, const char *project)
{
	struct fault f = { 0 };

	if (project_kept_remove(app, project, &f) != 0)
		log_event(LOG_LEVEL_ERROR, "project-not-removed", "project",
		    project, "why", f.detail, NULL);
}

/* ---- resting ---- */

int
project_kept_rest(struct app *app, const char *project, bool archived,
	struct fault *f)
{
	int err = update_rules_rest(app->ledger, project,
		project_kept_resting, archived, f);

	return err != 0 ? err : copy_rules_rest(app->ledger, project,
	    project_kept_resting, archived, f);
}
