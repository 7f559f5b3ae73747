/* SPDX-License-Identifier: ISC */
/* sessions: opening, refreshing and ending them; see sessions.h. */
#include "auth/sessions.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <gnutls/crypto.h>

#include "auth/authority.h"
#include "base/text.h"

#define SALT 16
#define MAC 32
#define PREFIX "mmr_"
#define AGENT_SIZE 256		/* more of a user agent is cut off */

struct session {
	char id[37];
	char user[37];
	uint8_t salt[SALT];
	int64_t counter;
	time_t rotated;
	time_t expires;
	time_t proved;
	bool revoked;
};

/* What fits of a user agent, cut between characters. */
static void
agent_cut(const char *agent, char out[AGENT_SIZE])
{
	size_t len;

	snprintf(out, AGENT_SIZE, "%s", agent == NULL ? "" : agent);
	for (len = strlen(out); !utf8_valid(out, len);)
		out[--len] = '\0';
}

/* mmr_ID.COUNTER.MAC */
static int
secret_make(const uint8_t key[KEYRING_BYTES], const struct session *s,
	int64_t counter, char out[REFRESH_SIZE])
{
	uint8_t mac[MAC];
	char data[2 * SALT + 64], hex[2 * MAC + 1];
	int len;

	hex_encode(s->salt, SALT, hex);
	len = snprintf(data, sizeof(data), "%s.%" PRId64, hex, counter);
	if (gnutls_hmac_fast(GNUTLS_MAC_SHA256, key, KEYRING_BYTES, data,
	    (size_t)len, mac) < 0)
		return ERR_INTERNAL;
	hex_encode(mac, sizeof(mac), hex);
	snprintf(out, REFRESH_SIZE, PREFIX "%s.%" PRId64 ".%s", s->id, counter,
	    hex);
	return 0;
}

/* The session's id and the counter that a secret claims. */
static bool
secret_parse(const char *refresh, char id[37], int64_t *counter)
{
	size_t prefix = strlen(PREFIX);
	char digits[20];
	const char *dot;

	if (strnlen(refresh, REFRESH_SIZE) >= REFRESH_SIZE ||
	    strncmp(refresh, PREFIX, prefix) != 0)
		return false;
	refresh += prefix;
	if (strcspn(refresh, ".") != 36)
		return false;
	memcpy(id, refresh, 36);
	id[36] = '\0';
	refresh += 37;
	dot = strchr(refresh, '.');
	if (dot == NULL || dot - refresh >= (int)sizeof(digits))
		return false;
	snprintf(digits, sizeof(digits), "%.*s", (int)(dot - refresh),
	    refresh);
	return int_parse(digits, 1, INT64_MAX - 1, counter) == 0;
}

static bool
secret_is(const uint8_t key[KEYRING_BYTES], const struct session *s,
	int64_t counter, const char *refresh)
{
	char expected[REFRESH_SIZE];
	bool same;

	if (secret_make(key, s, counter, expected) != 0)
		return false;
	same = strlen(expected) == strlen(refresh) &&
	    bytes_equal(expected, refresh, strlen(expected));
	explicit_bzero(expected, sizeof(expected));
	return same;
}

static time_t
idle_end(const struct session *s, time_t now)
{
	return s->expires < now + SESSION_IDLE ? s->expires :
		now + SESSION_IDLE;
}

static int
grant_fill(const uint8_t key[KEYRING_BYTES], const struct session *s,
	time_t now, struct session_grant *out)
{
	snprintf(out->id, sizeof(out->id), "%s", s->id);
	out->refresh_expires = idle_end(s, now);
	out->proved = s->proved;
	return secret_make(key, s, s->counter, out->refresh);
}

int
session_open(struct db *d, const uint8_t key[KEYRING_BYTES],
	const struct account *account, const struct session_from *from,
	time_t now, struct session_grant *out)
{
	struct session s = { .counter = 1, .rotated = now,
		.expires = now + SESSION_LONGEST, .proved = now };
	char agent[AGENT_SIZE];
	int err;

	agent_cut(from->user_agent, agent);
	uuid_make(s.id);
	random_bytes(s.salt, sizeof(s.salt));
	err = db_run(d, "INSERT INTO session (id, user_id, salt, counter,"
	    " rotated, created, proved, expires, address, user_agent, method)"
	    " VALUES (?, ?, ?, 1, ?, ?, ?, ?, ?, ?, ?)", "ttbiiiittt", s.id,
	    account->id, s.salt, sizeof(s.salt), (int64_t)now, (int64_t)now,
	    (int64_t)now, (int64_t)s.expires, from->address, agent,
	    from->method == NULL ? "password" : from->method);
	if (err == 0)
		err = session_used(d, s.id, account->id, from->address, now);
	return err != 0 ? err : grant_fill(key, &s, now, out);
}

int
sessions_sweep(struct db *d, time_t now)
{
	return db_run(d, "DELETE FROM session WHERE expires < ?", "i",
	    (int64_t)now);
}

static int
session_get(struct db *d, const char *id, struct session *s)
{
	sqlite3_stmt *stmt = db_query(d, "SELECT user_id, salt, counter,"
	    " rotated, expires, revoked, proved FROM session WHERE id = ?",
	    "t", id);
	int rc = db_step(stmt);

	if (rc != 1)
		return rc == 0 ? ERR_NOT_FOUND : ERR_INTERNAL;
	*s = (struct session){ 0 };
	snprintf(s->id, sizeof(s->id), "%s", id);
	snprintf(s->user, sizeof(s->user), "%s", db_text(stmt, 0));
	if (sqlite3_column_bytes(stmt, 1) == SALT)
		memcpy(s->salt, sqlite3_column_blob(stmt, 1), SALT);
	s->counter = sqlite3_column_int64(stmt, 2);
	s->rotated = sqlite3_column_int64(stmt, 3);
	s->expires = sqlite3_column_int64(stmt, 4);
	s->revoked = sqlite3_column_int(stmt, 5) != 0;
	s->proved = sqlite3_column_int64(stmt, 6);
	db_done(stmt);
	return 0;
}

int
session_end(struct db *d, const char *id)
{
	int err = db_run(d, "UPDATE session SET revoked = 1 WHERE id = ?", "t",
	    id);

	return err != 0 ? err : store_revise(d);
}

int
session_prove(struct db *d, const char *id, time_t now)
{
	return db_run(d, "UPDATE session SET proved = ? WHERE id = ?", "it",
	    (int64_t)now, id);
}

int
session_used(struct db *d, const char *id, const char *user,
	const char *address, time_t now)
{
	int err = db_run(d, "UPDATE session SET last_used = ?,"
	    " last_used_from = ? WHERE id = ?", "itt", (int64_t)now, address,
	    id);

	return err != 0 ? err : db_run(d, "UPDATE account SET last_seen = ?"
	    " WHERE id = ?", "it", (int64_t)now, user);
}

/*
 * A new salt: secrets of before are no secrets of this session any more, not
 * even used ones. It is as proved as it was: a second factor was not given.
 */
int
session_renew(struct db *d, const uint8_t key[KEYRING_BYTES], const char *id,
	time_t now, struct session_grant *out)
{
	struct session s;
	int err = session_get(d, id, &s);

	if (err != 0)
		return err;
	random_bytes(s.salt, sizeof(s.salt));
	s.counter = 1;
	s.rotated = now;
	err = db_run(d, "UPDATE session SET salt = ?, counter = 1, rotated = ?"
	    " WHERE id = ?", "bit", s.salt, sizeof(s.salt), (int64_t)now, id);
	return err != 0 ? err : grant_fill(key, &s, now, out);
}

/* What is left of a user's: neither ended nor over, nor idle for too long. */
#define LIVE "user_id = ? AND revoked = 0 AND expires > ? AND rotated >= ?"

/* Some sign in all the time; the newest fit into a message. */
struct json_object *
session_list(struct db *d, const char *user, const char *current, time_t now)
{
	struct json_object *items = json_object_new_array();
	sqlite3_stmt *stmt = db_query(d, "SELECT id, method, user_agent,"
	    " address, created, last_used, last_used_from, expires"
	    " FROM session WHERE " LIVE " ORDER BY CASE WHEN id = ? THEN 0"
	    " ELSE 1 END, created DESC, id LIMIT ?", "tiiti", user,
	    (int64_t)now, (int64_t)now - SESSION_IDLE, current,
	    (int64_t)SESSIONS_LISTED);

	while (db_step(stmt) == 1) {
		struct json_object *o = json_object_new_object();

		json_add_str(o, "id", db_text(stmt, 0));
		json_add_bool(o, "current",
		    strcmp(db_text(stmt, 0), current) == 0);
		json_add_str(o, "method", db_text(stmt, 1));
		json_add_str(o, "device", text_or_null(db_text(stmt, 2)));
		json_add_str(o, "address", text_or_null(db_text(stmt, 3)));
		json_add_int(o, "created", sqlite3_column_int64(stmt, 4));
		json_add_int(o, "last_used", sqlite3_column_int64(stmt, 5));
		json_add_str(o, "last_used_from",
		    text_or_null(db_text(stmt, 6)));
		json_add_int(o, "expires", sqlite3_column_int64(stmt, 7));
		json_object_array_add(items, o);
	}
	return items;
}

int
session_end_own(struct db *d, const char *user, const char *id, time_t now)
{
	int err = db_run(d, "UPDATE session SET revoked = 1 WHERE " LIVE
	    " AND id = ?", "tiit", user, (int64_t)now,
	    (int64_t)now - SESSION_IDLE, id);

	if (err != 0)
		return err;
	return db_changes(d) == 0 ? ERR_NOT_FOUND : store_revise(d);
}

int
session_end_others(struct db *d, const char *user, const char *keep)
{
	int err = db_run(d, "UPDATE session SET revoked = 1"
	    " WHERE user_id = ? AND id <> ?", "tt", user, keep);

	return err != 0 ? err : store_revise(d);
}

static enum session_outcome
refresh_again(struct db *d, const uint8_t key[KEYRING_BYTES],
	const struct session *s, time_t now, struct session_grant *out)
{
	if (now - s->rotated <= SESSION_GRACE)
		return grant_fill(key, s, now, out) == 0 ? SESSION_REFRESHED :
			SESSION_FAILED;
	return session_end(d, s->id) == 0 ? SESSION_REUSED : SESSION_FAILED;
}

static enum session_outcome
refresh_first(struct db *d, const uint8_t key[KEYRING_BYTES],
	struct session *s, time_t now, struct session_grant *out)
{
	s->counter++;
	s->rotated = now;
	if (db_run(d, "UPDATE session SET counter = ?, rotated = ?"
	    " WHERE id = ?", "iit", s->counter, (int64_t)now, s->id) != 0)
		return SESSION_FAILED;
	return grant_fill(key, s, now, out) == 0 ? SESSION_REFRESHED :
		SESSION_FAILED;
}

/* The secret is genuine; what becomes of it depends on its age. */
static enum session_outcome
refresh_genuine(struct db *d, const uint8_t key[KEYRING_BYTES],
	struct session *s, int64_t counter, time_t now,
	struct session_grant *out)
{
	if (s->revoked || now >= s->expires ||
	    now - s->rotated > SESSION_IDLE)
		return SESSION_ENDED;
	if (counter == s->counter)
		return refresh_first(d, key, s, now, out);
	if (counter == s->counter - 1)
		return refresh_again(d, key, s, now, out);
	return session_end(d, s->id) == 0 ? SESSION_REUSED : SESSION_FAILED;
}

enum session_outcome
session_refresh(struct db *d, const uint8_t key[KEYRING_BYTES],
	const char *refresh, time_t now, struct session_grant *out,
	struct account *account)
{
	struct session s;
	char id[37];
	int64_t counter;
	int err;

	if (!secret_parse(refresh, id, &counter))
		return SESSION_UNKNOWN;
	err = session_get(d, id, &s);
	if (err != 0)
		return err == ERR_NOT_FOUND ? SESSION_UNKNOWN :
			SESSION_FAILED;
	/* A secret of the future can not be genuine. */
	if (counter > s.counter || !secret_is(key, &s, counter, refresh))
		return SESSION_UNKNOWN;
	snprintf(out->id, sizeof(out->id), "%s", s.id);
	err = account_by_id(d, s.user, account);
	if (err != 0)
		return SESSION_FAILED;
	if (account->disabled)
		return SESSION_ENDED;
	return refresh_genuine(d, key, &s, counter, now, out);
}
