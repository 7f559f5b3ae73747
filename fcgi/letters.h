/* SPDX-License-Identifier: ISC */
/*
 * letters: mails to one person about their account. What is in them that
 * somebody else chose are names, which are labels: nobody can have us send
 * their own words.
 */
#ifndef FCGI_LETTERS_H
#define FCGI_LETTERS_H

#include <time.h>

#include "base/json.h"

struct app;

/* What the authority calls them in its answers. */
enum letter_kind {
	LETTER_VERIFY,		/* "verify": of who registered */
	LETTER_KNOWN,		/* "known": registered, has an account */
	LETTER_RESET,		/* "reset": a new password was asked for */
	LETTER_RESET_REFUSED,	/* "reset-refused": not for this account */
	LETTER_RECOVER,		/* "recover": an administrator sent it */
	LETTER_APPROVED,	/* "approved": may sign in now */
	LETTER_INVITATION,	/* "invitation": may register */
	LETTER_ADDRESS,		/* "address": to be theirs */
	LETTER_MOVING,		/* "moving": the address they have is told */
	LETTER_WAITING,		/* "waiting": people, to be approved */
	LETTER_KINDS
};

/* All borrowed; what a kind does not tell may be NULL. */
struct letter_text {
	enum letter_kind kind;
	const char *to;		/* the address */
	const char *name;	/* of the account */
	const char *secret;	/* of the link in it */
	time_t expires;		/* the link */
	const char *by, *project;	/* who invites, and into what */
	int64_t waiting;	/* how many people */
};

/*
 * Takes one out of an answer of the authority, {letter, email, name, secret,
 * link_expires}, from which it borrows; false when there is none to be sent.
 */
bool letter_read(struct json_object *answer, struct letter_text *out);
/* Puts it into the outbox. 0 or an err. */
int letter_send(struct app *app, const struct letter_text *l,
	struct fault *f);

/*
 * What somebody asks for without anybody being told whether there is an
 * account: op ("reset-start", "verify-again") asks the authority for the
 * letter to an address, in a thread of its own, so that neither the answer nor
 * the time it takes tell it. Bounded.
 */
#define LETTERS_WAITING 256

struct letters;
struct auth_who;

/* app is borrowed. 0 with an owned *out, or ERR_NO_MEMORY. */
int letters_new(struct app *app, struct letters **out, struct fault *f);
/* app->stopping is set; what still waits is dropped. NULL is fine. */
void letters_free(struct letters *l);
/* Copies all. 0, or ERR_BUSY when too many wait. */
int letters_ask(struct letters *l, const char *op, const char *email,
	const struct auth_who *who, struct fault *f);

#endif
