/* SPDX-License-Identifier: ISC */
/*
 * token_mail: whoever has a token that expires within a week is told by mail,
 * once. The authority says which; what is in the outbox is sent.
 */
#ifndef FCGI_TOKEN_MAIL_H
#define FCGI_TOKEN_MAIL_H

struct app;
struct token_mail;

/* Looks at once, and then every hour. app is borrowed. NULL: no memory. */
struct token_mail *token_mail_new(struct app *app);
void token_mail_free(struct token_mail *t);	/* NULL is fine */

#endif
