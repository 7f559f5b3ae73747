/* SPDX-License-Identifier: ISC */
/*
 * users: people as administrators see them, and what they leave behind. What
 * changes somebody is within a write.
 */
#ifndef AUTH_USERS_H
#define AUTH_USERS_H

#include "auth/accounts.h"
#include "base/json.h"

#define USER_Q_MAX 100

/* "active", "disabled", "unverified", "pending" (to be approved). */
bool user_state_is(const char *state);

/* Which ones; NULL: any. */
struct user_filter {
	const char *q;		/* part of name, e-mail or display name; of
				   USER_Q_MAX bytes at most */
	const char *state;
	const char *after;	/* name; "" for the first */
	int64_t limit;
};

/*
 * By name, as many as fit into a message; *more: there are others behind them.
 * Owned. Times in seconds, 0: never.
 */
struct json_object *user_list(struct db *d, const struct user_filter *f,
	bool *more);
/* One of them, with all projects; NULL: there is none. */
struct json_object *user_get(struct db *d, const char *id);
/*
 * {projects [{name, personal, role, other_owners}], tokens, sessions, rules}:
 * what hangs on somebody. Owned.
 */
struct json_object *user_leaves(struct db *d, const char *id);

int user_admin_set(struct db *d, const char *id, bool admin);
/* Ends their sessions too. */
int user_disable(struct db *d, const char *id, bool disabled);
int user_sessions_end(struct db *d, const char *id);

/*
 * Removes somebody with all that hangs on them. Projects that have no other
 * owner go to heir ("": they stay, for administrators to see); the personal
 * one goes if empty says that albatross holds nothing there. Names that are
 * free then are retired.
 */
int user_delete(struct db *d, const struct account *who, const char *heir,
	bool empty, time_t now);

#endif
