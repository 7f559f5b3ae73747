/* SPDX-License-Identifier: ISC */
/* alert_unikernels: see alert_unikernels.h. */
#include "fcgi/alert_unikernels.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/text.h"
#include "fcgi/alert.h"
#include "fcgi/app.h"
#include "fcgi/states.h"

/* One that is not simply running. */
struct troubled {
	char instance[ALB_LABEL_MAX + 1];
	char project[ALB_LABEL_MAX + 1];
	char name[ALB_LABEL_MAX + 1];
	enum state_kind state;
	int64_t stopped;	/* ms since 1970 */
	bool crash_loop;
};

struct all {
	struct troubled *list;	/* owned */
	size_t n;
	bool no_memory;
};

static bool
row_take(void *arg, const struct state_row *row)
{
	struct all *all = arg;
	struct troubled *more;

	if ((row->state == STATE_RUNNING && !row->crash_loop) || row->halted)
		return true;
	more = reallocarray(all->list, all->n + 1, sizeof(*more));
	all->no_memory = more == NULL;
	if (more == NULL)
		return false;
	all->list = more;
	more += all->n++;
	*more = (struct troubled){ .state = row->state,
		.stopped = row->stopped_ms, .crash_loop = row->crash_loop };
	snprintf(more->instance, sizeof(more->instance), "%s", row->instance);
	snprintf(more->project, sizeof(more->project), "%s", row->project);
	snprintf(more->name, sizeof(more->name), "%s", row->name);
	return true;
}

static const struct troubled *
find(const struct all *all, const char *instance, const char *project,
	const char *name)
{
	for (size_t i = 0; i < all->n; i++)
		if (strcmp(all->list[i].name, name) == 0 &&
		    strcmp(all->list[i].project, project) == 0 &&
		    strcmp(all->list[i].instance, instance) == 0)
			return &all->list[i];
	return NULL;
}

/* What an instance that is out of reach does with it is not known. */
static bool
is_away(void *arg, const char *instance, const char *project,
	const char *name)
{
	const struct troubled *t = find(arg, instance, project, name);

	return t != NULL && t->state != STATE_RUNNING && !t->crash_loop;
}

static bool
loops(void *arg, const char *instance, const char *project, const char *name)
{
	const struct troubled *t = find(arg, instance, project, name);

	return t != NULL && t->crash_loop;
}

static void
stopped_raise(struct app *app, const struct troubled *t)
{
	char since[RFC3339_SIZE], detail[128];

	rfc3339_format((time_t)(t->stopped / 1000), -1, since);
	snprintf(detail, sizeof(detail), "It stopped at %s, and not by "
	    "mollymawk.", since);
	alert_raise(app, ALERT_STOPPED, t->instance, t->project, t->name,
	    detail);
}

void
alert_unikernels_judge(struct app *app, int64_t now, int64_t since,
	bool (*is_down)(void *arg, const char *instance), void *arg)
{
	struct all all = { .n = 0 };

	states_each(app->states, NULL, row_take, &all);
	for (size_t i = 0; i < all.n; i++) {
		const struct troubled *t = &all.list[i];

		if (t->state == STATE_STOPPED && !t->crash_loop &&
		    now - t->stopped >= since && !is_down(arg, t->instance))
			stopped_raise(app, t);
	}
	if (!all.no_memory) {
		alert_clear_unless(app, ALERT_STOPPED, is_away, &all);
		alert_clear_unless(app, ALERT_CRASH_LOOP, loops, &all);
	}
	free(all.list);
}
