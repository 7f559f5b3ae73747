/* SPDX-License-Identifier: ISC */
/* links: see links.h. */
#include "auth/links.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"

#define HOUR (60 * 60)
#define MAILS_FREE 5

static const char *const kinds[] = { [LINK_VERIFY] = "verify",
	[LINK_ADDRESS] = "address", [LINK_RESET] = "reset",
	[LINK_RECOVER] = "recover" };
#define KINDS ((int)(sizeof(kinds) / sizeof(kinds[0])))

static time_t
lifetime(enum link_kind kind)
{
	return kind == LINK_RESET ? HOUR : 24 * HOUR;
}

int
link_make(struct db *d, enum link_kind kind, const char *user,
	const char *email, time_t now, char secret[TOKEN_LENGTH + 1],
	time_t *expires)
{
	uint8_t hash[TOKEN_HASH];

	token_make(LINK_PREFIX, secret);
	if (token_hash(secret, hash) != 0)
		return ERR_INTERNAL;
	*expires = now + lifetime(kind);
	return db_run(d, "INSERT INTO mail_link (hash, kind, user_id, email,"
	    " created, expires) VALUES (?, ?, ?, ?, ?, ?)", "btttii", hash,
	    sizeof(hash), kinds[kind], user, email, (int64_t)now,
	    (int64_t)*expires);
}

static int
over(struct fault *f)
{
	return fault_set(f, ERR_LINK, "The link has expired, was used before, "
	    "or is not whole: ask for a new one.");
}

int
link_find(struct db *d, const char *secret, time_t now, struct link *out,
	struct fault *f)
{
	sqlite3_stmt *stmt;
	int rc;

	*out = (struct link){ 0 };
	if (!token_wellformed(LINK_PREFIX, secret))
		return over(f);
	if (token_hash(secret, out->hash) != 0)
		return fault_set(f, ERR_INTERNAL, "The link can not be read.");
	stmt = db_query(d, "SELECT kind, user_id, email FROM mail_link"
	    " WHERE hash = ? AND expires > ?", "bi", out->hash,
	    sizeof(out->hash), (int64_t)now);
	rc = db_step(stmt);
	if (rc != 1)
		return rc == 0 ? over(f) : db_fault(d, f);
	out->kind = (enum link_kind)word_read(kinds, KINDS, db_text(stmt, 0));
	db_copy(stmt, 1, out->user, sizeof(out->user));
	db_copy(stmt, 2, out->email, sizeof(out->email));
	db_done(stmt);
	return 0;
}

int
link_use(struct db *d, const struct link *l, struct fault *f)
{
	int err = db_run(d, "DELETE FROM mail_link WHERE hash = ?", "b",
	    l->hash, sizeof(l->hash));

	if (err != 0)
		return fault_set(f, err, "It could not be stored.");
	return db_changes(d) == 1 ? 0 : over(f);
}

int
link_wait(struct authority *a, const char *email, time_t now)
{
	struct backoff_count count = { .free = MAILS_FREE };

	snprintf(count.who, sizeof(count.who), "%s", email);
	return backoff_try(&a->mails, &count, 1, now);
}

int
links_end(struct db *d, const char *user, enum link_kind kind)
{
	return db_run(d, "DELETE FROM mail_link WHERE user_id = ?"
	    " AND kind = ?", "tt", user, kinds[kind]);
}

int
links_sweep(struct db *d, time_t now)
{
	return db_run(d, "DELETE FROM mail_link WHERE expires <= ?", "i",
	    (int64_t)now);
}
