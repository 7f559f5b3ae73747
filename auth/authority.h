/* SPDX-License-Identifier: ISC */
/*
 * authority: what all requests share. Opened once, used by all threads.
 */
#ifndef AUTH_AUTHORITY_H
#define AUTH_AUTHORITY_H

#include "auth/audit.h"
#include "auth/backoff.h"
#include "auth/challenges.h"
#include "auth/keyring.h"
#include "auth/refusals.h"
#include "auth/signers.h"
#include "auth/signing.h"
#include "auth/store.h"
#include "auth/watching.h"
#include "auth/webauthn.h"

struct authority {
	int lock;		/* of the state directory; shared */
	struct database *store;
	struct keyring keyring;
	struct signing signing;
	struct signers signers;
	struct backoff backoff;
	struct backoff mails;	/* to each address, which are spaced alike */
	struct audit audit;
	struct watching watching;
	struct refusals refusals;
	struct challenges challenges;
	struct relying relying;	/* relying_set, once it is known */
	uint8_t refresh_key[KEYRING_BYTES];
	uint8_t device_key[KEYRING_BYTES];
	/* Of the first administrator; "" once there are users. */
	char setup_secret[33];
};

/*
 * Opens the state in dir, made when missing. 0 with an owned authority, or an
 * ERR_ with a sentence for the operator.
 */
int authority_open(const char *dir, struct authority **out, struct fault *f);
/* The same while nobody else has it open: ERR_BUSY when somebody has. */
int authority_open_alone(const char *dir, struct authority **out,
	struct fault *f);
void authority_close(struct authority *a);
/*
 * What is to be done now and then, at AUTHORITY_TEND_SECONDS: keys that are old
 * are rotated, what has ended is removed. 0 or an err.
 */
#define AUTHORITY_TEND_SECONDS (10 * 60)
int authority_tend(struct authority *a, struct fault *f);

/* A fresh UUID (version 4). */
void uuid_make(char out[37]);

#endif
