/* SPDX-License-Identifier: ISC */
/*
 * sessions: people who signed in. A session hands out access tokens for its
 * refresh secret, which changes each time it is used. Nothing of the secrets is
 * stored: each is a MAC, under a key derived from the master key, of the
 * session's salt and of how often it was refreshed.
 */
#ifndef AUTH_SESSIONS_H
#define AUTH_SESSIONS_H

#include "auth/accounts.h"
#include "auth/keyring.h"
#include "base/json.h"

#define SESSION_IDLE (12 * 60 * 60)
#define SESSION_LONGEST (7 * 24 * 60 * 60)
/* Two tabs may refresh at the same time with the same secret. */
#define SESSION_GRACE 10
#define REFRESH_SIZE 160

struct session_grant {
	char id[37];
	char refresh[REFRESH_SIZE];
	time_t refresh_expires;
	time_t proved;		/* when it was last, or began */
};

/* Where somebody signs in from, and how; each may be NULL. */
struct session_from {
	const char *address;
	const char *user_agent;
	const char *method;	/* NULL: password (factors.h) */
};

/* A new session of account, within a write. 0 or an ERR_. */
int session_open(struct db *d, const uint8_t key[KEYRING_BYTES],
	const struct account *account, const struct session_from *from,
	time_t now, struct session_grant *out);

enum session_outcome {
	SESSION_REFRESHED,	/* grant and account are filled in */
	SESSION_ENDED,		/* over: sign in again */
	SESSION_UNKNOWN,	/* no secret of ours; changes nothing */
	/*
	 * A genuine secret, used up before: somebody else has it. The session
	 * was ended; commit that.
	 */
	SESSION_REUSED,
	SESSION_FAILED,		/* the database did */
};

/*
 * Changes the refresh secret, within a write. The one just used gets the same
 * new one again for SESSION_GRACE seconds. out->id is set for REUSED too.
 */
enum session_outcome session_refresh(struct db *d,
	const uint8_t key[KEYRING_BYTES], const char *refresh, time_t now,
	struct session_grant *out, struct account *account);
/* Notes that who is in the session proved who they are, within a write. */
int session_prove(struct db *d, const char *id, time_t now);
/*
 * Notes a use of it, and that its user was seen, within a write. Rarely: every
 * SESSION_USE_INTERVAL seconds, so that reads stay reads.
 */
#define SESSION_USE_INTERVAL (5 * 60)
int session_used(struct db *d, const char *id, const char *user,
	const char *address, time_t now);
/*
 * For who gave the password anew: the session goes on with another secret, and
 * whoever has one of before has nothing. 0 or an err.
 */
int session_renew(struct db *d, const uint8_t key[KEYRING_BYTES],
	const char *id, time_t now, struct session_grant *out);

/*
 * An owned array of what there is of a user's: {"id", "current", "method",
 * "device", "address", "created", "last_used", "last_used_from", "expires"},
 * current and then the newest, as many as are listed. device is the user agent
 * as it was sent, expires the time when it ends however much it is used.
 */
#define SESSIONS_LISTED 300
struct json_object *session_list(struct db *d, const char *user,
	const char *current, time_t now);
/* Ends one at once; one of a user's: 0 or ERR_NOT_FOUND; all but one. */
int session_end(struct db *d, const char *id);
int session_end_own(struct db *d, const char *user, const char *id,
	time_t now);
int session_end_others(struct db *d, const char *user, const char *keep);
/* Those that are over go, within a write. */
int sessions_sweep(struct db *d, time_t now);

#endif
