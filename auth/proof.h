/* SPDX-License-Identifier: ISC */
/*
 * proof: a try to prove who one is, with a password, a code or a key. Each try
 * is counted as failed before it is looked at, so that tries at the same time
 * are counted too; proof_accept takes that back. What is asked for more after
 * the password (a code) belongs to the same try: accept is the last step.
 *
 * Whose failures make whom wait, so that guessing is slow and yet no stranger
 * can lock anybody out:
 * - In a session, failures are those of that session. Who has none adds none.
 * - From a browser the account was signed in with before (device.h), they are
 *   those of that browser.
 * - Else they are those with that e-mail from that address (a /64 of IPv6): a
 *   stranger makes wait who comes from the same address with a new browser.
 * - And those with that e-mail from all such addresses are bounded too, for
 *   guesses from many. That is a far larger number, and it does not concern an
 *   address somebody signed in from in the last week.
 * Who comes with a new browser from a new address while many addresses guess
 * at their account may have to wait; a link to reset the password, which makes
 * their browser a known one, goes past that.
 */
#ifndef AUTH_PROOF_H
#define AUTH_PROOF_H

#include "auth/ops.h"

/* How long a session counts as proved, in seconds. */
#define PROOF_SECONDS (15 * 60)
/* Failures that make no wait: from one place, and from all of them. */
#define PROOF_FREE 5
#define PROOF_FREE_ALL 100

struct proof {
	struct backoff_count counts[2];	/* of the place, and of all */
	size_t ncounts;
};

/*
 * Of who signs in with this e-mail (folded; known or not), or of who is in the
 * session that asks. 0, or ERR_RATE with the seconds to wait.
 */
int proof_sign_in(struct request *r, const char *email, struct proof *p);
int proof_in_session(struct request *r, struct proof *p);

/*
 * Takes one try: 0, or ERR_RATE. For what is quick to check; for a password,
 * proof_password does it when its turn has come.
 */
int proof_try(struct request *r, const struct proof *p);
/*
 * Is it the password of account (NULL: of nobody, which takes as long and is
 * wrong)? 0 with rehash, which is "" or a hash with today's parameters to be
 * stored; ERR_BAD_LOGIN, ERR_RATE, ERR_BUSY, ERR_NO_MEMORY, with a sentence.
 */
int proof_password(struct request *r, const struct proof *p,
	const struct account *account, const char *password,
	char rehash[PASSWORD_HASH_SIZE]);
/* All that was asked for was right: forgets the failures of the place. */
void proof_accept(struct request *r, const struct proof *p);
/* Neither right nor wrong: more is asked for, in another try. */
void proof_leave(struct request *r, const struct proof *p);

/* The hash of a new password, in turn: 0, ERR_BUSY or ERR_NO_MEMORY. */
int proof_hash(struct request *r, const char *password,
	char hash[PASSWORD_HASH_SIZE]);

/*
 * ERR_CONFIRM when the session that asks was not proved for PROOF_SECONDS;
 * else, and for tokens, 0. For ops that need it for some of what they do;
 * those that always do say OP_PROVED.
 */
int proof_needed(struct request *r);

/*
 * Adds "device" to the answer: this browser is one of account's from now on.
 * For who signed in, or opened a link that was mailed to them.
 */
int proof_device(struct request *r, const struct account *account,
	struct json_object *out);

#endif
