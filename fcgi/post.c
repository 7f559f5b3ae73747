/* SPDX-License-Identifier: ISC */
/* post: see post.h. */
#include "fcgi/post.h"

#include <errno.h>
#include <string.h>

#include "base/log.h"
#include "base/text.h"
#include "fcgi/app.h"
#include "fcgi/notice_tell.h"
#include "fcgi/outbox.h"
#include "fcgi/post_settings.h"
#include "fcgi/thread.h"

#define TICK_MS 5000
#define SLOW_MS 2000
#define REST_MS 60000
#define FOLDER_FROM "mollymawk@localhost"

struct post {
	struct app *app;
	struct auth_client *auth;
	pthread_t thread, projects;
	int64_t rests[OUTBOX_KINDS];	/* not tried before; ms since 1970 */
	int64_t tells;			/* nobody is told before */
};

bool
post_mail_ready(struct app *app)
{
	struct mail_settings s;
	struct fault f = { 0 };
	bool ready = app->config->mail_dir != NULL ||
		(post_settings_mail(app->ledger, &s, &f) == 0 &&
		s.server[0] != '\0');

	explicit_bzero(&s, sizeof(s));
	return ready;
}

int
post_mail(struct app *app, const struct mail *m, struct fault *f)
{
	const char *dir = app->config->mail_dir;
	struct mail_settings s;
	int err = post_settings_mail(app->ledger, &s, f);

	if (err == 0 && dir != NULL)
		err = mail_store(dir, m, s.from[0] != '\0' ? s.from :
		    FOLDER_FROM, f);
	else if (err == 0)
		err = mail_send(&s, m, &app->stopping, f);
	explicit_bzero(&s, sizeof(s));
	return err;
}

int
post_webhook(struct app *app, const char *project,
	const struct webhook_call *call, struct fault *f)
{
	struct webhook_settings s;
	struct web_reach reach;
	int err = post_settings_webhook(app->ledger, project, &s, f);

	if (err == 0 && project != NULL)
		err = web_reach_read(app->ledger, &reach, f);
	if (err == 0)
		err = webhook_send(&s, call, project == NULL ? NULL : &reach,
		    &app->stopping, f);
	explicit_bzero(&s, sizeof(s));
	return err;
}

bool
post_webhook_ready(struct app *app)
{
	struct webhook_settings s;
	struct fault f = { 0 };
	bool ready = post_settings_webhook(app->ledger, NULL, &s, &f) == 0 &&
		s.url[0] != '\0';

	explicit_bzero(&s, sizeof(s));
	return ready;
}

/* ---- the thread ---- */

static int
item_send(struct app *app, const struct outbox_item *item, struct fault *f)
{
	const struct mail mail = { .to = item->target,
		.subject = item->subject, .text = item->body,
		.mark = item->mark, .at = item->created };
	const bool of_project = item->kind == OUTBOX_PROJECT;
	const struct webhook_call call = { .event = of_project ?
		item->subject : item->target, .mark = item->mark,
		.body = item->body };

	return item->kind == OUTBOX_MAIL ? post_mail(app, &mail, f) :
		post_webhook(app, of_project ? item->target : NULL, &call, f);
}

/* What can never be sent is dropped. */
static int
item_close(struct post *p, const struct outbox_item *item, int err,
	const struct fault *why, int64_t now)
{
	const char *kind = outbox_kind_name(item->kind);
	struct fault f = { 0 };

	if (err != 0 && err != ERR_INVALID)
		return outbox_postpone(p->app->ledger, item, now, why->detail,
		    &f);
	if (err == 0)
		log_event(LOG_LEVEL_INFO, "sent", "kind", kind, "mark",
		    item->mark, NULL);
	else
		log_event(LOG_LEVEL_WARNING, "given-up", "kind", kind, "mark",
		    item->mark, "why", why->detail, NULL);
	return outbox_remove(p->app->ledger, item, &f);
}

/* Whether there was one. What can not be written down must not be repeated. */
static bool
kind_send(struct post *p, enum outbox_kind kind)
{
	int64_t began = wall_ms(), now;
	struct outbox_item item;
	struct fault f = { 0 };
	int err;

	if (began < p->rests[kind] ||
	    !outbox_next(p->app->ledger, kind, began, &item))
		return false;
	err = item_send(p->app, &item, &f);
	now = wall_ms();
	if (err == 0 || !p->app->stopping) {
		int closed = item_close(p, &item, err, &f, now);

		if (closed != 0 || (err != 0 && now - began > SLOW_MS &&
		    kind != OUTBOX_PROJECT))
			p->rests[kind] = now + REST_MS;
	}
	outbox_item_free(&item);
	return true;
}

static void
tell(struct post *p)
{
	const struct teller t = { .ledger = p->app->ledger, .auth = p->auth,
		.origin = p->app->origin, .mail = post_mail_ready(p->app),
		.webhook = post_webhook_ready(p->app) };
	int64_t now = wall_ms();

	if (now < p->tells)
		return;
	if (notices_tell(&t, now) != 0)
		p->tells = now + REST_MS;
	auth_client_rest(p->auth);
}

static void *
post_main(void *arg)
{
	struct post *p = arg;
	struct app *app = p->app;
	uint64_t seen;
	bool more;

	while (!app->stopping) {
		seen = ledger_changes(app->ledger);
		tell(p);
		do {
			more = kind_send(p, OUTBOX_MAIL);
			more = kind_send(p, OUTBOX_WEBHOOK) || more;
		} while (more && !app->stopping);
		if (!app->stopping)
			(void)ledger_wait(app->ledger, seen, TICK_MS);
	}
	return NULL;
}

static void *
projects_main(void *arg)
{
	struct post *p = arg;
	struct app *app = p->app;
	uint64_t seen;

	while (!app->stopping) {
		seen = ledger_changes(app->ledger);
		while (!app->stopping && kind_send(p, OUTBOX_PROJECT))
			;
		if (!app->stopping)
			(void)ledger_wait(app->ledger, seen, TICK_MS);
	}
	return NULL;
}

static int
threads_begin(struct post *p)
{
	if (thread_start(&p->thread, post_main, p) < 0)
		return -1;
	if (thread_start(&p->projects, projects_main, p) == 0)
		return 0;
	p->app->stopping = true;
	ledger_changed(p->app->ledger);
	pthread_join(p->thread, NULL);
	return -1;
}

int
post_new(struct app *app, struct post **out, struct fault *f)
{
	const char *dir = app->config->mail_dir;
	struct post *p;

	if (dir != NULL && access(dir, W_OK | X_OK) < 0)
		return fault_set(f, ERR_INTERNAL, "%s: %s.", dir,
		    strerror(errno));
	p = calloc(1, sizeof(*p));
	if (p != NULL) {
		p->app = app;
		p->auth = auth_client_new(app->config->auth_socket);
	}
	if (p == NULL || p->auth == NULL ||
	    threads_begin(p) < 0) {
		if (p != NULL)
			auth_client_free(p->auth);
		free(p);
		return fault_set(f, ERR_NO_MEMORY, "Out of memory.");
	}
	*out = p;
	return 0;
}

/* app->stopping is set. */
void
post_free(struct post *p)
{
	if (p == NULL)
		return;
	ledger_changed(p->app->ledger);
	pthread_join(p->thread, NULL);
	pthread_join(p->projects, NULL);
	auth_client_free(p->auth);
	free(p);
}
