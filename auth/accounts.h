/* SPDX-License-Identifier: ISC */
/*
 * accounts: the people. Each has a unique e-mail to sign in with, a unique name
 * which is an albatross label, and, once verified and approved, a personal
 * project of that name.
 */
#ifndef AUTH_ACCOUNTS_H
#define AUTH_ACCOUNTS_H

#include "albatross/name.h"
#include "auth/password.h"
#include "auth/store.h"

#define EMAIL_SIZE 255
#define DISPLAY_NAME_MAX 100	/* bytes */

struct account {
	char id[37];
	char email[EMAIL_SIZE];
	char name[ALB_LABEL_MAX + 1];
	char password[PASSWORD_HASH_SIZE];
	bool admin;
	bool disabled;
	bool verified;		/* has opened the link in a mail */
	bool approved;
	int64_t generation;
};

/* What an account is made of; borrowed. */
struct account_form {
	const char *email;
	const char *name;
	const char *password;
	bool admin;
	const char *display_name;	/* NULL: none */
	bool unverified, unapproved;
	const char *invitation;		/* id; with unverified only */
};

/* True while there is nobody. */
bool accounts_none(struct db *d);
/* True while an administrator can come in. */
bool accounts_led(struct db *d);
/*
 * Folds to lower case. NULL, or the reason why it is no e-mail address, as a
 * phrase that fits behind the field's name.
 */
const char *email_fold(const char *s, char out[EMAIL_SIZE]);
/* Adds a field for each thing wrong; 0 or ERR_INVALID. */
int account_check(const struct account_form *form, struct fault *f);
int password_check(const char *password, struct fault *f);
/* Why it is none, as a phrase, or NULL. */
const char *display_name_check(const char *s);

/*
 * Adds the account, settled, within a write. form was checked, hash is of its
 * password. 0 with *out, or ERR_CONFLICT with fields.
 */
int account_add(struct db *d, const struct account_form *form,
	const char *hash, time_t now, struct account *out, struct fault *f);
/* Makes the personal project of who may come in now. 0 or an err. */
int account_settle(struct db *d, const struct account *a, time_t now);
/*
 * For who proved to be the person: 0, or why they may not come in:
 * ERR_FORBIDDEN (disabled), ERR_NOT_VERIFIED, ERR_NOT_APPROVED.
 */
int account_may_enter(const struct account *a, struct fault *f);
/* 0 or ERR_NOT_FOUND. */
int account_by_email(struct db *d, const char *email, struct account *out);
int account_by_name(struct db *d, const char *name, struct account *out);
int account_by_id(struct db *d, const char *id, struct account *out);
/* Replaces the hash alone: the same password, other parameters. */
int account_rehash(struct db *d, const char *id, const char *hash);
/*
 * A new password: every session, access token, and link for another one ends.
 * In a session, that one stays: it is to be renewed (sessions.h).
 */
int account_password(struct db *d, const char *id, const char *hash);
int account_password_in(struct db *d, const char *id, const char *hash,
	const char *session);
/* What they want to be called; display_name_check was asked. */
int account_display(struct db *d, const char *id, const char *display_name);

#endif
