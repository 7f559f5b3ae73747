/* SPDX-License-Identifier: ISC */
/*
 * approval_mail: administrators are told by mail that somebody waits to be
 * approved. The authority says when, and to whom: at most once an hour.
 */
#ifndef FCGI_APPROVAL_MAIL_H
#define FCGI_APPROVAL_MAIL_H

struct app;
struct approval_mail;

/* Looks at once, then every ten minutes. app is borrowed. NULL: no memory. */
struct approval_mail *approval_mail_new(struct app *app);
/* Somebody may wait now: looks soon. */
void approval_mail_wake(struct approval_mail *a);
void approval_mail_free(struct approval_mail *a);	/* NULL is fine */

#endif
