/* SPDX-License-Identifier: ISC */
/* update_check: see update_check.h. */
#include "fcgi/update_check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/log.h"
#include "base/text.h"
#include "fcgi/app.h"
#include "fcgi/flight.h"
#include "fcgi/notices.h"
#include "fcgi/thread.h"
#include "fcgi/update.h"

#define ROUND_MS 60000		/* of a builder, which may be slow */
#define JITTER 10		/* an age is less by up to a tenth of it */
#define AGAIN_MS (5 * 60 * INT64_C(1000))	/* what was in the way */

/* What runs by a deployment of ours. */
struct current {
	char instance[ALB_LABEL_MAX + 1];
	char project[ALB_LABEL_MAX + 1];
	char name[ALB_LABEL_MAX + 1];
	char image[IMAGE_DIGEST_LEN + 1];
};

static bool
current_take(sqlite3_stmt *s, void *row)
{
	struct current *c = row;

	db_copy(s, 0, c->instance, sizeof(c->instance));
	db_copy(s, 1, c->project, sizeof(c->project));
	db_copy(s, 2, c->name, sizeof(c->name));
	db_copy(s, 3, c->image, sizeof(c->image));
	return true;
}

/* Owned; NULL with *n 0: none, or no memory. */
static struct current *
current_list(struct ledger *l, size_t *n)
{
	sqlite3_stmt *s = db_query(ledger_read_begin(l), "SELECT instance,"
	    " project, name, image FROM deployment WHERE current = 1"
	    " AND image IS NOT NULL", "");
	void *list;

	(void)db_rows(s, sizeof(struct current), current_take, &list, n);
	ledger_read_end(l);
	return list;
}

/* ---- asking ---- */

/* One builder and all there is to ask it. */
struct round {
	struct app *app;
	const struct builder *builder;
	int64_t max_age;
	const struct current *current;
	size_t ncurrent;
	const char (*seen)[IMAGE_DIGEST_LEN + 1];
	size_t nseen;
	int64_t until;		/* flight_now: the rest is for the next one */
	pthread_t thread;
	bool started;
};

/* Not all at the same moment, but of each image always the same. */
static int64_t
age_of(const struct round *r, const char *sha256)
{
	int64_t h = 0;

	for (int i = 0; i < 8; i++)
		h = h * 16 + (sha256[i] & 15);
	return r->max_age - h % (r->max_age / JITTER + 1);
}

/* False when it is no use to go on asking. */
static bool
ask(const struct round *r, const char *sha256)
{
	struct fault f = { 0 };
	int err = update_ask(r->app, r->builder, sha256, age_of(r, sha256),
		&f);

	if (err != 0 && err != ERR_BUSY)
		log_event(LOG_LEVEL_WARNING, "builder-not-asked", "builder",
		    r->builder->name, "why", f.detail, NULL);
	return err == 0 && !r->app->stopping && flight_now() < r->until;
}

static void *
round_main(void *arg)
{
	const struct round *r = arg;
	bool go_on = true;

	for (size_t i = 0; go_on && i < r->ncurrent; i++)
		go_on = ask(r, r->current[i].image);
	for (size_t i = 0; go_on && i < r->nseen; i++)
		go_on = ask(r, r->seen[i]);
	return NULL;
}

static void
rounds_run(struct round *rounds, size_t n)
{
	for (size_t i = 0; i < n; i++)
		rounds[i].started = thread_start(&rounds[i].thread,
		    round_main, &rounds[i]) == 0;
	for (size_t i = 0; i < n; i++)
		if (rounds[i].started)
			pthread_join(rounds[i].thread, NULL);
}

/* ---- telling ---- */

static bool
is_off(struct ledger *l, const struct current *c)
{
	struct update_rule rule;
	bool off = update_rule_get(l, c->instance, c->project, c->name,
		&rule) == 0 && rule.mode == UPDATE_OFF;

	explicit_bzero(rule.grant, sizeof(rule.grant));
	return off;
}

static void
tell(struct app *app, const struct builder_settings *s,
	const struct current *c, struct update_state *u)
{
	struct fault f = { 0 };
	struct notice n = { .kind = NOTICE_AVAILABLE, .instance = c->instance,
		.project = c->project, .name = c->name };

	update_known(app->ledger, s, c->image, u);
	if (!u->available || is_off(app->ledger, c))
		return;
	n.builder = u->latest.builder;
	n.job = u->latest.job;
	n.build = u->latest.uuid;
	n.started = u->latest.started;
	if (notice_add(app->ledger, &n, &f) != 0)
		log_event(LOG_LEVEL_ERROR, "notice-not-stored", "why",
		    f.detail, NULL);
}

void
update_check(struct app *app, const char (*seen)[IMAGE_DIGEST_LEN + 1],
	size_t n)
{
	struct fault f = { 0 };
	AUTO_FREE struct builder_settings *s = builder_settings_load(
		app->ledger, &f);
	AUTO_FREE struct update_state *u = malloc(sizeof(*u));
	AUTO_FREE struct current *current = NULL;
	struct round rounds[BUILDERS_MAX];
	size_t ncurrent;

	if (s == NULL || u == NULL)
		return;
	current = current_list(app->ledger, &ncurrent);
	for (size_t i = 0; i < s->len; i++)
		rounds[i] = (struct round){ .app = app,
			.builder = &s->items[i],
			.max_age = s->minutes * 60 * 1000,
			.until = flight_now() + ROUND_MS,
			.current = current, .ncurrent = ncurrent,
			.seen = seen, .nseen = n };
	rounds_run(rounds, s->len);
	for (size_t i = 0; i < ncurrent && !app->stopping; i++)
		tell(app, s, &current[i], u);
}

/* ---- what happens by itself ---- */

/* Was this very build tried, and is it to be left at that? */
static bool
is_settled(const struct update_rule *r, const char *uuid, int64_t now)
{
	if (strcmp(r->tried, uuid) != 0)
		return false;
	return strcmp(r->result, "waiting") != 0 ||
		now - r->tried_at < AGAIN_MS;
}

/* What it is to try then, is told in r->tried. */
static bool
is_due(struct app *app, const struct builder_settings *s,
	struct update_rule *r, struct update_state *u)
{
	struct deployment d;
	int64_t now = wall_ms();

	if (r->mode != UPDATE_AUTOMATIC || r->paused[0] != '\0' ||
	    r->grant[0] == '\0')
		return false;
	/* One that was under way is looked after whatever the time. */
	if (strcmp(r->result, "started") == 0)
		return true;
	if (r->has_window && !update_window_open(&r->window, now / 1000))
		return false;
	if (deployment_current(app->ledger, r->instance, r->project, r->name,
	    &d) != 0)
		return false;
	update_known(app->ledger, s, d.image, u);
	deployment_free(&d);
	if (!u->available || is_settled(r, u->latest.uuid, now))
		return false;
	memcpy(r->tried, u->latest.uuid, sizeof(r->tried));
	return true;
}

void
update_rules_due(struct app *app,
	void (*add)(void *arg, const struct update_rule *rule), void *arg)
{
	struct fault f = { 0 };
	AUTO_FREE struct builder_settings *s = builder_settings_load(
		app->ledger, &f);
	AUTO_FREE struct update_state *u = malloc(sizeof(*u));
	struct update_rule *list;
	size_t n;

	if (s == NULL || u == NULL)
		return;
	list = update_rule_list(app->ledger, &n);
	for (size_t i = 0; i < n; i++) {
		if (is_due(app, s, &list[i], u))
			add(arg, &list[i]);
		explicit_bzero(&list[i], sizeof(list[i]));
	}
	free(list);
}
