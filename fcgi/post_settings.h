/* SPDX-License-Identifier: ISC */
/*
 * post_settings: by which server mails are sent, and which webhook is told;
 * in the settings of the ledger. Secrets go in and never come out again.
 */
#ifndef FCGI_POST_SETTINGS_H
#define FCGI_POST_SETTINGS_H

#include "albatross/name.h"
#include "base/json.h"
#include "fcgi/ledger.h"
#include "fcgi/mail.h"
#include "fcgi/webhook.h"

/* What was never set is empty. 0 or an err. */
int post_settings_mail(struct ledger *l, struct mail_settings *out,
	struct fault *f);
int post_settings_mail_set(struct ledger *l, const struct mail_settings *s,
	struct fault *f);
/* That of a project, or (NULL) of the administrators. */
int post_settings_webhook(struct ledger *l, const char *project,
	struct webhook_settings *out, struct fault *f);
int post_settings_webhook_set(struct ledger *l, const char *project,
	const struct webhook_settings *s, struct fault *f);
/* The projects that have one: 0 with an owned list of *n, or an err. */
struct webhook_owner { char project[ALB_LABEL_MAX + 1]; };
int post_settings_webhook_owners(struct ledger *l,
	struct webhook_owner **out, size_t *n);

/*
 * What an administrator sends, on top of what is set in *s: a secret that is
 * left out is kept, null is none. A password is kept for the same server and
 * user alone: else it could be had by sending mail elsewhere. A project's
 * webhook goes no further than reach (NULL: it is the administrators'). 0 or
 * ERR_INVALID.
 */
int post_settings_mail_take(struct json_object *o, struct mail_settings *s,
	struct fault *f);
int post_settings_webhook_take(struct json_object *o,
	const struct web_reach *reach, struct webhook_settings *s,
	struct fault *f);

/* As they are shown; folder: mails go to a folder. */
struct json_object *post_settings_mail_show(const struct mail_settings *s,
	bool folder);
struct json_object *post_settings_webhook_show(
	const struct webhook_settings *s);

#endif
