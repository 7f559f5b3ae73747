/* SPDX-License-Identifier: ISC */
/*
 * links: secrets that are mailed to a person, each good for one thing, once,
 * and for a while. "mml_" and as a token; stored as SHA-256.
 */
#ifndef AUTH_LINKS_H
#define AUTH_LINKS_H

#include "auth/accounts.h"
#include "auth/authority.h"
#include "auth/tokens.h"

#define LINK_PREFIX "mml_"

enum link_kind {
	LINK_VERIFY,	/* the address of who registered */
	LINK_ADDRESS,	/* another address of an account */
	LINK_RESET,	/* a new password, asked for by whoever it may be */
	LINK_RECOVER,	/* the same, sent by an administrator */
};

struct link {
	enum link_kind kind;
	char user[37];
	char email[EMAIL_SIZE];		/* where it was mailed to */
	uint8_t hash[TOKEN_HASH];
};

/* Makes one, within a write; secret is wiped by the caller. 0 or an err. */
int link_make(struct db *d, enum link_kind kind, const char *user,
	const char *email, time_t now, char secret[TOKEN_LENGTH + 1],
	time_t *expires);
/* 0, ERR_LINK (none, over, or used), or ERR_INTERNAL; with a sentence. */
int link_find(struct db *d, const char *secret, time_t now, struct link *out,
	struct fault *f);
/* Uses it up, within the write that does what it is for: 0 or ERR_LINK. */
int link_use(struct db *d, const struct link *l, struct fault *f);
/*
 * One more mail to an address, known or not: 0, or the seconds to wait, and
 * then none is sent. Some are free; what is asked for beyond is spaced.
 */
int link_wait(struct authority *a, const char *email, time_t now);
/* All of a kind that a person has go, within a write. */
int links_end(struct db *d, const char *user, enum link_kind kind);
/* Those that are over go. */
int links_sweep(struct db *d, time_t now);

#endif
