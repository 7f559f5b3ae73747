/* SPDX-License-Identifier: ISC */
/* signing: keys of session tokens; see signing.h. */
#include "auth/signing.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"

#define CONTEXT_SIZE 64

void
signing_init(struct signing *s)
{
	*s = (struct signing){ 0 };
	pthread_mutex_init(&s->lock, NULL);
}

void
signing_free(struct signing *s)
{
	explicit_bzero(s->cached, sizeof(s->cached));
	pthread_mutex_destroy(&s->lock);
}

static void
context_make(const char *kid, char out[CONTEXT_SIZE])
{
	snprintf(out, CONTEXT_SIZE, "signing_key:%s:secret", kid);
}

/* From a row of kid and secret. */
static int
key_from_row(sqlite3_stmt *stmt, const struct keyring *k,
	struct access_key *out)
{
	char context[CONTEXT_SIZE];
	struct buf secret;
	int err;

	snprintf(out->kid, sizeof(out->kid), "%s", db_text(stmt, 0));
	context_make(out->kid, context);
	buf_init(&secret, ACCESS_SECRET);
	err = keyring_open(k, context, sqlite3_column_blob(stmt, 1),
	    (size_t)sqlite3_column_bytes(stmt, 1), &secret);
	if (err == 0 && buf_get(&secret, out->secret, ACCESS_SECRET) < 0)
		err = ERR_INTERNAL;
	buf_wipe(&secret);
	return err != 0 ? err : access_key_init(out);
}

/* A new key, which waits. */
static int
next_make(struct db *d, const struct keyring *k, time_t now)
{
	struct access_key key = { 0 };
	char context[CONTEXT_SIZE];
	struct buf sealed;
	uint8_t id[8];
	int err;

	random_bytes(id, sizeof(id));
	hex_encode(id, sizeof(id), key.kid);
	random_bytes(key.secret, sizeof(key.secret));
	context_make(key.kid, context);
	buf_init(&sealed, ACCESS_SECRET + KEYRING_OVERHEAD);
	err = keyring_seal(k, context, key.secret, ACCESS_SECRET, &sealed);
	if (err == 0)
		err = db_run(d, "INSERT INTO signing_key (kid, secret, created)"
		    " VALUES (?, ?, ?)", "tbi", key.kid, sealed.data,
		    sealed.len, (int64_t)now);
	buf_wipe(&sealed);
	explicit_bzero(&key, sizeof(key));
	return err;
}

/* Makes the next one where there is none: a database of before had none. */
static int
next_ensure(struct db *d, const struct keyring *k, time_t now)
{
	sqlite3_stmt *stmt = db_query(d, "SELECT 1 FROM signing_key"
	    " WHERE activated IS NULL", "");
	int rc = db_step(stmt);

	if (rc == 1)
		db_done(stmt);
	if (rc != 0)
		return rc == 1 ? 0 : ERR_INTERNAL;
	return next_make(d, k, now);
}

int
signing_rotate(struct db *d, const struct keyring *k, time_t now)
{
	int err = next_ensure(d, k, now);

	if (err == 0)
		err = db_run(d, "DELETE FROM signing_key"
		    " WHERE retired IS NOT NULL", "");
	if (err == 0)
		err = db_run(d, "UPDATE signing_key SET retired = ?"
		    " WHERE activated IS NOT NULL", "i", (int64_t)now);
	if (err == 0)
		err = db_run(d, "UPDATE signing_key SET activated = ?"
		    " WHERE activated IS NULL", "i", (int64_t)now);
	return err != 0 ? err : next_make(d, k, now);
}

/* 0, ERR_NOT_FOUND when there is none, or what failed. */
static int
current_get(struct db *d, const struct keyring *k, struct access_key *out)
{
	sqlite3_stmt *stmt = db_query(d, "SELECT kid, secret FROM signing_key"
	    " WHERE retired IS NULL AND activated IS NOT NULL", "");
	int rc = db_step(stmt), err;

	if (rc != 1)
		return rc == 0 ? ERR_NOT_FOUND : ERR_INTERNAL;
	err = key_from_row(stmt, k, out);
	db_done(stmt);
	return err;
}

int
signing_current(struct db *d, const struct keyring *k, time_t now,
	struct access_key *out)
{
	int err = current_get(d, k, out);

	if (err != ERR_NOT_FOUND)
		return err;
	err = signing_rotate(d, k, now);
	return err != 0 ? err : current_get(d, k, out);
}

bool
signing_due(struct db *d, time_t now)
{
	int64_t since = db_number(db_query(d, "SELECT activated"
	    " FROM signing_key WHERE retired IS NULL"
	    " AND activated IS NOT NULL", ""), INT64_MAX);

	return since <= (int64_t)now - SIGNING_AGE;
}

int
signing_tend(struct db *d, const struct keyring *k, time_t now)
{
	struct access_key key = { .kid = "" };
	int err = signing_due(d, now) ? signing_rotate(d, k, now) :
		signing_current(d, k, now, &key);

	explicit_bzero(&key, sizeof(key));
	if (err == 0)
		err = next_ensure(d, k, now);
	if (err == 0)
		err = db_run(d, "DELETE FROM signing_key WHERE retired <= ?",
		    "i", (int64_t)now - SIGNING_GRACE);
	return err;
}

static int
cache_fill(struct signing *s, struct db *d, const struct keyring *k)
{
	sqlite3_stmt *stmt = db_query(d, "SELECT kid, secret FROM signing_key"
	    " ORDER BY created DESC, kid LIMIT 3", "");
	int rc, err = 0;

	s->ncached = 0;
	while ((rc = db_step(stmt)) == 1 && err == 0) {
		err = key_from_row(stmt, k, &s->cached[s->ncached]);
		if (err == 0)
			s->ncached++;
	}
	if (rc == 1)
		db_done(stmt);
	return rc < 0 ? ERR_INTERNAL : err;
}

static bool
cache_find(const struct signing *s, const char *token, struct access_key *out)
{
	for (size_t i = 0; i < s->ncached; i++) {
		if (!access_key_fits(&s->cached[i], token))
			continue;
		*out = s->cached[i];
		return true;
	}
	return false;
}

int
signing_find(struct signing *s, struct db *d, const struct keyring *k,
	const char *token, struct access_key *out)
{
	bool found;
	int err = 0;

	pthread_mutex_lock(&s->lock);
	found = cache_find(s, token, out);
	if (!found)
		err = cache_fill(s, d, k);
	if (!found && err == 0)
		found = cache_find(s, token, out);
	pthread_mutex_unlock(&s->lock);
	if (err != 0)
		return err;
	return found ? 0 : ERR_UNAUTHENTICATED;
}

int
signing_check(struct db *d, const struct keyring *k)
{
	sqlite3_stmt *stmt = db_query(d, "SELECT kid, secret FROM signing_key",
	    "");
	struct access_key key;
	int rc, err = 0;

	while ((rc = db_step(stmt)) == 1)
		if (key_from_row(stmt, k, &key) != 0)
			err = ERR_INTERNAL;
	explicit_bzero(&key, sizeof(key));
	return rc < 0 ? ERR_INTERNAL : err;
}
