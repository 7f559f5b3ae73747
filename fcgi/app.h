/* SPDX-License-Identifier: ISC */
/*
 * app: what all threads of mollymawk-fcgi share, made before the first worker
 * starts and freed after the last one ended. Read-only in between; what it
 * points to locks itself.
 */
#ifndef FCGI_APP_H
#define FCGI_APP_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

#define APP_URL_MAX 255

/* As started; all borrowed. */
struct app_config {
	const char *auth_socket;	/* of mollymawk-auth */
	const char *state_dir;		/* images and the ledger */
	const char *public_url;		/* "https://host[:port]" */
	const char *mail_dir;		/* mails go there; NULL: by SMTP */
	int workers;			/* threads for requests, 1..256 */
};

struct images;		/* images.h */
struct ledger;		/* ledger.h */
struct copies;		/* copies.h */
struct log_store;	/* log_store.h */
struct upstream;	/* upstream.h */
struct hub;		/* hub.h */
struct bulletin;	/* bulletin.h */
struct collector;	/* collector.h */
struct runner;		/* runner.h */
struct resume;		/* resume.h */
struct health_watch;	/* health_watch.h */
struct alerts;		/* alerts.h */
struct alert_watch;	/* alert_watch.h */
struct token_mail;	/* token_mail.h */
struct approval_mail;	/* approval_mail.h */
struct post;		/* post.h */
struct letters;		/* letters.h */
struct beneath_memo;	/* beneath.h */
struct policies;	/* policies.h */
struct builders;	/* builders.h */
struct updater;		/* updater.h */
struct gauges;		/* gauges.h */
struct keeper;		/* keeper.h */
struct operations;	/* operation.h */
struct states;		/* states.h */

struct app {
	const struct app_config *config;
	char origin[APP_URL_MAX + 1];	/* of public_url, as browsers send it */
	bool secure;			/* public_url is https */
	int64_t started_ms;		/* since 1970 */
	const char *session_cookie;	/* names that fit secure */
	const char *refresh_cookie;
	const char *device_cookie;
	atomic_bool stopping;		/* set once, at the end */
	atomic_int errands;		/* threads beside the workers, */
	atomic_int waiting;		/* and those of them that wait */
	struct images *images;		/* images_new: of state_dir */
	struct ledger *ledger;		/* ledger_open: of state_dir */
	struct copies *copies;		/* copies_new: of state_dir */
	struct operations *operations;	/* operations_new(app) */
	struct alerts *alerts;		/* alerts_new(app) */
	struct log_store *logs;		/* log_store_new(app): a thread */
	struct upstream *upstream;	/* upstream_new(app) */
	struct states *states;		/* states_new(app): threads too */
	struct hub *hub;		/* hub_new(app): its own thread */
	struct bulletin *bulletin;	/* of operations; a thread */
	struct collector *collector;	/* of images; its own thread */
	struct health_watch *health;	/* of kept checks; threads too */
	struct policies *policies;	/* policies_new() */
	struct beneath_memo *beneath;	/* beneath_memo_new() */
	struct post *post;		/* mails, webhook; its own thread */
	struct letters *letters;	/* of accounts; its own thread */
	struct builders *builders;	/* builders_new(app) */
	struct updater *updater;	/* updater_new(app): threads too */
	struct gauges *gauges;		/* gauges_new(app): threads too */
	struct alert_watch *alert_watch; /* raises, tells; threads too */
	struct token_mail *token_mail;	/* a thread too */
	struct approval_mail *approval_mail; /* and this one */
	struct runner *runner;		/* runner_new(app): threads too */
	struct keeper *keeper;		/* of copies; keeper_new: threads */
	struct resume *resume;		/* resume_new(app): a thread */
};

/*
 * 0 with everything made (config is borrowed until app_end), or an err with a
 * sentence in f: a public URL that is neither https nor loopback, a state
 * directory that can not be used.
 */
int app_start(struct app *app, const struct app_config *config,
	struct fault *f);
void app_end(struct app *app);

#endif
