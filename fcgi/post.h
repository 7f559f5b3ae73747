/* SPDX-License-Identifier: ISC */
/*
 * post: mails and webhook calls on their way. A thread tells what happened
 * (notice_tell.h) and sends what is due of the outbox, by turns of mails and
 * calls; of a kind that just failed slowly it tries no more for a while, so
 * that nothing holds up the other. The webhooks of projects, which anybody
 * could have answer slowly, have a thread of their own.
 */
#ifndef FCGI_POST_H
#define FCGI_POST_H

#include <stdbool.h>

#include "fcgi/mail.h"
#include "fcgi/webhook.h"

struct app;
struct post;

/* 0 with an owned *out, or an err with a sentence for the operator. */
int post_new(struct app *app, struct post **out, struct fault *f);
/* Lets it end what it is at, which is cut short. NULL is fine. */
void post_free(struct post *p);

/* Whether mails can be sent: there is a folder or a server. */
bool post_mail_ready(struct app *app);
/* Whether administrators have a webhook. */
bool post_webhook_ready(struct app *app);
/* Sends now, as it is set: 0, ERR_INVALID or ERR_MAIL. */
int post_mail(struct app *app, const struct mail *m, struct fault *f);
/*
 * To the webhook of a project, or (NULL) of the administrators. 0, ERR_INVALID
 * when there is none, or ERR_WEBHOOK.
 */
int post_webhook(struct app *app, const char *project,
	const struct webhook_call *call, struct fault *f);

#endif
