/* SPDX-License-Identifier: ISC */
/* app: the public URL, and the making of what all threads share. */
#include "fcgi/app.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "base/text.h"
#include "fcgi/alert_watch.h"
#include "fcgi/alerts.h"
#include "fcgi/approval_mail.h"
#include "fcgi/beneath.h"
#include "fcgi/builders.h"
#include "fcgi/bulletin.h"
#include "fcgi/collector.h"
#include "fcgi/copies.h"
#include "fcgi/gauges.h"
#include "fcgi/health_watch.h"
#include "fcgi/hub.h"
#include "fcgi/images.h"
#include "fcgi/keeper.h"
#include "fcgi/ledger.h"
#include "fcgi/letters.h"
#include "fcgi/log_store.h"
#include "fcgi/operation.h"
#include "fcgi/policies.h"
#include "fcgi/post.h"
#include "fcgi/resume.h"
#include "fcgi/runner.h"
#include "fcgi/states.h"
#include "fcgi/token_mail.h"
#include "fcgi/updater.h"
#include "fcgi/upstream.h"

/* Hosts for which a browser lets plain HTTP be a secure context. */
static bool
is_loopback(const char *host)
{
	return strcmp(host, "localhost") == 0 || strcmp(host, "[::1]") == 0 ||
	    strcmp(host, "127.0.0.1") == 0;
}

static bool
host_valid(const char *host)
{
	size_t len = strspn(host, host[0] == '[' ?
	    "[]0123456789abcdef:." :
	    "abcdefghijklmnopqrstuvwxyz0123456789.-");

	return len > 0 && host[len] == '\0';
}

/* Splits "host[:port]" in place; port -1: none. 0 or -1. */
static int
host_split(char *host, int64_t *port)
{
	char *colon = strrchr(host, ':');

	*port = -1;
	if (colon != NULL && strchr(colon, ']') == NULL) {
		if (int_parse(colon + 1, 1, 65535, port) < 0)
			return -1;
		*colon = '\0';
	}
	return host_valid(host) ? 0 : -1;
}

/* The origin as browsers send it: lower case, no default port, no slash. */
static int
origin_set(struct app *app, const char *url, struct fault *f)
{
	const char *scheme = "https";
	char host[APP_URL_MAX - 16];
	int64_t port;
	size_t len, i;

	app->secure = strncasecmp(url, "https://", 8) == 0;
	if (!app->secure)
		scheme = "http";
	if (!app->secure && strncasecmp(url, "http://", 7) != 0)
		return fault_set(f, ERR_INVALID,
		    "The public URL must begin with https://.");
	url += strlen(scheme) + 3;
	len = strlen(url);
	if (len > 0 && url[len - 1] == '/')
		len--;
	if (len >= sizeof(host))
		return fault_set(f, ERR_INVALID, "The public URL is too long.");
	for (i = 0; i < len; i++)
		host[i] = (char)tolower((unsigned char)url[i]);
	host[len] = '\0';
	if (host_split(host, &port) < 0)
		return fault_set(f, ERR_INVALID,
		    "The public URL must be a scheme, a host and perhaps a "
		    "port.");
	if (!app->secure && !is_loopback(host))
		return fault_set(f, ERR_INVALID,
		    "Plain http is only for the loopback interface: use "
		    "https.");
	if (port == (app->secure ? 443 : 80))
		port = -1;
	snprintf(app->origin, sizeof(app->origin), "%s://%s", scheme, host);
	if (port > 0) {
		len = strlen(app->origin);
		snprintf(app->origin + len, sizeof(app->origin) - len, ":%d",
		    (int)port);
	}
	return 0;
}

/* What is kept below STATE. */
static int
stores_open(struct app *app, struct fault *f)
{
	const char *dir = app->config->state_dir;
	int err;

	app->images = images_new(dir, 0, f);
	if (app->images == NULL)
		return f->err;
	err = ledger_open(dir, &app->ledger, f);
	if (err != 0)
		return err;
	app->copies = copies_new(dir, app->ledger, f);
	if (app->copies == NULL)
		return f->err;
	app->logs = log_store_new(app, f);
	return app->logs == NULL ? f->err : 0;
}

/* What the others ask and tell. */
static int
parts_start(struct app *app, struct fault *f)
{
	app->policies = policies_new();
	app->beneath = beneath_memo_new();
	app->operations = operations_new(app);
	app->alerts = alerts_new(app);
	app->upstream = upstream_new(app);
	app->builders = builders_new(app);
	app->hub = app->policies == NULL || app->beneath == NULL ||
		app->operations == NULL || app->alerts == NULL ||
		app->upstream == NULL || app->builders == NULL ? NULL :
		hub_new(app);
	if (app->hub != NULL)
		app->bulletin = bulletin_new(app);
	if (app->bulletin != NULL)
		app->collector = collector_new(app->images, app->ledger);
	if (app->collector != NULL)
		app->health = health_watch_new(app);
	if (app->health == NULL)
		return fault_set(f, ERR_NO_MEMORY, "Out of memory.");
	app->gauges = gauges_new(app, f);
	if (app->gauges == NULL)
		return f->err;
	app->states = states_new(app, f);
	log_store_ask(app->logs, app->states);
	return app->states == NULL ? f->err : 0;
}

/* What goes on by itself. */
static int
work_start(struct app *app, struct fault *f)
{
	int err = post_new(app, &app->post, f);

	if (err == 0)
		err = letters_new(app, &app->letters, f);
	if (err == 0)
		err = runner_new(app, &app->runner, f);
	if (err == 0)
		err = resume_new(app, &app->resume, f);
	if (err == 0)
		err = keeper_new(app, &app->keeper, f);
	/* Volumes are claimed before something may begin to use them. */
	if (err == 0)
		app->updater = updater_new(app);
	if (err == 0 && app->updater != NULL)
		app->alert_watch = alert_watch_new(app);
	if (err == 0 && app->alert_watch != NULL)
		app->token_mail = token_mail_new(app);
	if (err == 0 && app->token_mail != NULL)
		app->approval_mail = approval_mail_new(app);
	if (err == 0 && (app->approval_mail == NULL ||
	    states_start(app->states) != 0))
		err = fault_set(f, ERR_NO_MEMORY, "Out of memory.");
	return err;
}

int
app_start(struct app *app, const struct app_config *config, struct fault *f)
{
	int err;

	*app = (struct app){ .config = config, .started_ms = wall_ms() };
	err = origin_set(app, config->public_url, f);
	if (err != 0)
		return err;
	app->session_cookie = app->secure ? "__Host-mollymawk" : "mollymawk";
	app->refresh_cookie = app->secure ? "__Secure-mollymawk-refresh" :
		"mollymawk-refresh";
	app->device_cookie = app->secure ? "__Secure-mollymawk-device" :
		"mollymawk-device";
	err = stores_open(app, f);
	if (err == 0)
		err = parts_start(app, f);
	if (err == 0)
		err = work_start(app, f);
	if (err != 0)
		app_end(app);
	return err;
}

void
app_end(struct app *app)
{
	const struct timespec tick = { .tv_nsec = 10000000 };

	/* Each ends by its own time limits. */
	while (atomic_load(&app->errands) > 0)
		nanosleep(&tick, NULL);
	app->stopping = true;
	states_stop(app->states);
	approval_mail_free(app->approval_mail);
	token_mail_free(app->token_mail);
	alert_watch_free(app->alert_watch);
	updater_free(app->updater);
	keeper_free(app->keeper);
	resume_free(app->resume);
	runner_free(app->runner);
	letters_free(app->letters);
	post_free(app->post);
	health_watch_free(app->health);
	collector_free(app->collector);
	gauges_free(app->gauges);
	log_store_ask(app->logs, NULL);
	states_free(app->states);
	bulletin_free(app->bulletin);
	if (app->hub != NULL)
		hub_free(app->hub);
	log_store_free(app->logs);
	builders_free(app->builders);
	if (app->upstream != NULL)
		upstream_free(app->upstream);
	alerts_free(app->alerts);
	operations_free(app->operations);
	beneath_memo_free(app->beneath);
	policies_free(app->policies);
	copies_free(app->copies);
	ledger_close(app->ledger);
	images_free(app->images);
}
