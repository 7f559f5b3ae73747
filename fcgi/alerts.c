/* SPDX-License-Identifier: ISC */
/*
 * alerts: see alerts.h. Those that are not over are kept in memory too, so that
 * raising what is raised, and clearing what is not, costs nothing.
 */
#include "fcgi/alerts.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/text.h"
#include "fcgi/alert.h"
#include "fcgi/alert_settings.h"
#include "fcgi/app.h"
#include "fcgi/clean.h"
#include "fcgi/feed.h"

#define MINUTE_MS (60 * 1000LL)
#define ITEM_MAX 8192

struct alerts {
	struct app *app;
	pthread_mutex_t lock;	/* over each change as a whole */
	struct alert *open;	/* owned, in no order */
	size_t n;
};

struct alerts *
alerts_new(struct app *app)
{
	struct alerts *a = calloc(1, sizeof(*a));
	struct db *d;
	int err;

	if (a == NULL)
		return NULL;
	a->app = app;
	pthread_mutex_init(&a->lock, NULL);
	d = ledger_read_begin(app->ledger);
	err = alert_list_open(d, &a->open, &a->n);
	ledger_read_end(app->ledger);
	if (err == 0)
		return a;
	alerts_free(a);
	return NULL;
}

void
alerts_free(struct alerts *a)
{
	if (a == NULL)
		return;
	pthread_mutex_destroy(&a->lock);
	free(a->open);
	free(a);
}

static struct alert *
find(struct alerts *a, const struct alert_of *of)
{
	for (size_t i = 0; i < a->n; i++)
		if (alert_is(&a->open[i], of))
			return &a->open[i];
	return NULL;
}

static struct alert_of
place(enum alert_kind kind, const char *instance, const char *project,
	const char *name)
{
	return (struct alert_of){ kind, instance, project == NULL ? "" :
		project, name == NULL ? "" : name };
}

/* ---- each change, with the lock held ---- */

/* Those who look, in order, once there is somebody who tells them. */
static void
publish(struct app *app, const struct alert *a)
{
	AUTO_JSON struct json_object *item = NULL;
	struct feed_event e = { .event = "alert", .instance = a->instance,
		.project = a->project, .name = a->name,
		.scope = alert_scope(a) };
	struct buf json;

	if (app->hub == NULL)
		return;
	item = alert_json(a);
	buf_init(&json, ITEM_MAX);
	buf_putf(&json, "\"item\":%s", json_object_to_json_string_ext(item,
	    JSON_C_TO_STRING_PLAIN));
	e.json = buf_str(&json);
	if (e.json != NULL)
		hub_publish(app->hub, FEED_ALERTS, &e);
	buf_free(&json);
}

static void
failed(const struct alert_of *of, const struct fault *f, int err)
{
	log_event(LOG_LEVEL_ERROR, "alert-not-stored", "kind",
	    alert_kind_name(of->kind), "instance", of->instance, "project",
	    of->project, "name", of->name, "why", f->detail[0] != '\0' ?
	    f->detail : err_title(err), NULL);
}

/* Ends a write with the row as it is then in *row. 0 or an err. */
static int
row_end(struct alerts *a, struct db *d, int err, int64_t id,
	struct alert *row, struct fault *f)
{
	if (err == 0)
		err = alert_get(d, id, row);
	return ledger_write_end(a->app->ledger, err, f);
}

static void
begin(struct alerts *a, const struct alert_of *of, const char *detail)
{
	struct alert *more = reallocarray(a->open, a->n + 1, sizeof(*more));
	struct alert_settings s;
	struct fault f = { 0 };
	struct db *d = NULL;
	int64_t id = 0;
	int err = ERR_NO_MEMORY;

	if (more != NULL) {
		a->open = more;
		alert_settings_read(a->app->ledger, &s);
		d = ledger_write_begin(a->app->ledger, &f);
		err = f.err;
	}
	if (d != NULL) {
		err = alert_begin(d, of, detail, s.quiet_minutes * MINUTE_MS,
			wall_ms(), &id);
		err = row_end(a, d, err, id, &a->open[a->n], &f);
	}
	if (err == 0)
		publish(a->app, &a->open[a->n++]);
	else
		failed(of, &f, err);
}

/* As if nobody had been told of it yet. */
static int
told_forget(struct db *d, const struct alert *alert)
{
	struct alert fresh = *alert;

	fresh.told = ALERT_UNTOLD;
	fresh.told_at = 0;
	return alert_told_set(d, &fresh);
}

static void
refresh(struct alerts *a, struct alert *alert, const struct alert_of *of,
	const char *detail, bool again)
{
	struct fault f = { 0 };
	struct db *d = ledger_write_begin(a->app->ledger, &f);
	struct alert row;
	int err = f.err;

	if (d != NULL) {
		err = alert_detail_set(d, alert->id, detail);
		if (err == 0 && again)
			err = told_forget(d, alert);
		err = row_end(a, d, err, alert->id, &row, &f);
	}
	if (err == 0) {
		*alert = row;
		publish(a->app, &row);
	} else {
		failed(of, &f, err);
	}
}

static void
end(struct alerts *a, struct alert *alert)
{
	const struct alert_of of = { alert->kind, alert->instance,
		alert->project, alert->name };
	struct fault f = { 0 };
	struct db *d = ledger_write_begin(a->app->ledger, &f);
	struct alert row;
	int err = f.err;

	if (d != NULL) {
		err = alert_end(d, alert->id, wall_ms());
		err = row_end(a, d, err, alert->id, &row, &f);
	}
	if (err == 0) {
		*alert = a->open[--a->n];
		publish(a->app, &row);
	} else {
		failed(&of, &f, err);
	}
}

/* ---- for others ---- */

static void
raise(struct app *app, const struct alert_of *of, const char *detail,
	bool again)
{
	struct alerts *a = app->alerts;
	char text[ALERT_DETAIL_MAX + 1];
	struct alert *alert;

	clean_copy(text, sizeof(text), detail);
	pthread_mutex_lock(&a->lock);
	alert = find(a, of);
	if (alert == NULL)
		begin(a, of, text);
	else if (strcmp(alert->detail, text) != 0)
		refresh(a, alert, of, text, again);
	pthread_mutex_unlock(&a->lock);
}

void
alert_raise(struct app *app, enum alert_kind kind, const char *instance,
	const char *project, const char *name, const char *detail)
{
	const struct alert_of of = place(kind, instance, project, name);

	raise(app, &of, detail, false);
}

void
alert_raise_again(struct app *app, enum alert_kind kind,
	const char *instance, const char *detail)
{
	const struct alert_of of = place(kind, instance, NULL, NULL);

	raise(app, &of, detail, true);
}

void
alert_clear(struct app *app, enum alert_kind kind, const char *instance,
	const char *project, const char *name)
{
	const struct alert_of of = place(kind, instance, project, name);
	struct alerts *a = app->alerts;
	struct alert *alert;

	pthread_mutex_lock(&a->lock);
	alert = find(a, &of);
	if (alert != NULL)
		end(a, alert);
	pthread_mutex_unlock(&a->lock);
}

void
alert_clear_unless(struct app *app, enum alert_kind kind,
	bool (*keep)(void *arg, const char *instance, const char *project,
	const char *name), void *arg)
{
	struct alerts *a = app->alerts;
	struct alert *alert;

	pthread_mutex_lock(&a->lock);
	for (size_t i = a->n; i-- > 0;) {
		alert = &a->open[i];
		if (alert->kind == kind && !keep(arg, alert->instance,
		    alert->project, alert->name))
			end(a, alert);
	}
	pthread_mutex_unlock(&a->lock);
}

int
alert_silence_set(struct app *app, int64_t id, int64_t until,
	struct fault *f)
{
	struct alerts *a = app->alerts;
	struct alert row;
	struct db *d;
	int err;

	pthread_mutex_lock(&a->lock);
	d = ledger_write_begin(app->ledger, f);
	err = f->err;
	if (d != NULL) {
		err = alert_silence(d, id, until);
		err = row_end(a, d, err, id, &row, f);
	}
	for (size_t i = 0; err == 0 && i < a->n; i++)
		if (a->open[i].id == id)
			a->open[i] = row;
	if (err == 0)
		publish(app, &row);
	pthread_mutex_unlock(&a->lock);
	return err;
}
