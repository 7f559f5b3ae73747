/* SPDX-License-Identifier: ISC */
/* accounts: people in the database; see accounts.h. */
#include "auth/accounts.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "auth/authority.h"
#include "base/text.h"

#define ACCOUNT_COLUMNS \
	"SELECT id, email, name, password, admin, disabled, generation" \
	" FROM account"

bool
accounts_none(struct db *d)
{
	sqlite3_stmt *stmt = db_query(d, "SELECT 1 FROM account LIMIT 1", "");
	int rc = db_step(stmt);

	if (rc == 1)
		db_done(stmt);
	return rc == 0;
}

const char *
email_fold(const char *s, char out[EMAIL_SIZE])
{
	size_t len = strlen(s);
	const char *at = strchr(s, '@');

	if (len >= EMAIL_SIZE)
		return "must have at most 254 bytes";
	if (at == NULL || at == s || at[1] == '\0' ||
	    strchr(at + 1, '@') != NULL)
		return "must be an e-mail address";
	for (size_t i = 0; i <= len; i++) {
		unsigned char c = (unsigned char)s[i];

		if (c != '\0' && (c <= ' ' || c == 0x7f || strchr("<>\",;:\\()",
		    c) != NULL))
			return "must be an e-mail address";
		out[i] = (char)tolower(c);
	}
	return NULL;
}

static const char *
name_check(const char *s)
{
	char folded[ALB_LABEL_MAX + 1];

	return alb_label_fold(s, folded);
}

int
password_check(const char *password, struct fault *f)
{
	size_t len = strlen(password);

	if (len >= PASSWORD_MIN && len <= PASSWORD_MAX)
		return 0;
	return fault_field(f, "password", "must have %d to %d bytes",
	    PASSWORD_MIN, PASSWORD_MAX);
}

int
account_check(const struct account_form *form, struct fault *f)
{
	char email[EMAIL_SIZE];
	size_t before = f->nfields;
	const char *why;

	why = email_fold(form->email, email);
	if (why != NULL)
		fault_field(f, "email", "%s", why);
	why = name_check(form->name);
	if (why != NULL)
		fault_field(f, "name", "%s", why);
	password_check(form->password, f);
	return f->nfields == before ? 0 : f->err;
}

static bool
is_taken(struct db *d, const char *sql, const char *value)
{
	sqlite3_stmt *stmt = db_query(d, sql, "t", value);
	int rc = db_step(stmt);

	if (rc == 1)
		db_done(stmt);
	return rc != 0;
}

static int
taken_check(struct db *d, const struct account *a, struct fault *f)
{
	bool email = is_taken(d, "SELECT 1 FROM account WHERE email = ?",
	    a->email);
	bool name = is_taken(d, "SELECT 1 FROM account WHERE name = ?",
	    a->name) ||
	    is_taken(d, "SELECT 1 FROM project WHERE name = ?", a->name);

	if (!email && !name)
		return 0;
	fault_set(f, ERR_CONFLICT, "There is such an account already.");
	if (email)
		fault_field(f, "email", "is taken");
	if (name)
		fault_field(f, "name", "is taken");
	return f->err;
}

static int
personal_project(struct db *d, const struct account *a, time_t now)
{
	char id[37];
	int err;

	uuid_make(id);
	err = db_run(d, "INSERT INTO project (id, name, title, personal,"
	    " created) VALUES (?, ?, ?, 1, ?)", "ttti", id, a->name, a->name,
	    (int64_t)now);
	if (err == 0)
		err = db_run(d, "INSERT INTO member (user_id, project_id,"
		    " role) VALUES (?, ?, 'owner')", "tt", a->id, id);
	return err != 0 ? err : store_revise(d);
}

int
account_add(struct db *d, const struct account_form *form, const char *hash,
	time_t now, struct account *out, struct fault *f)
{
	int err;

	*out = (struct account){ .admin = form->admin, .generation = 1 };
	uuid_make(out->id);
	email_fold(form->email, out->email);
	alb_label_fold(form->name, out->name);
	err = taken_check(d, out, f);
	if (err != 0)
		return err;
	err = db_run(d, "INSERT INTO account (id, email, name, password, admin,"
	    " created) VALUES (?, ?, ?, ?, ?, ?)", "ttttii", out->id,
	    out->email, out->name, hash, (int64_t)form->admin, (int64_t)now);
	if (err == 0)
		err = personal_project(d, out, now);
	return err == 0 ? 0 : fault_set(f, err, "It could not be stored.");
}

static int
account_take(sqlite3_stmt *stmt, struct account *out)
{
	int rc = db_step(stmt);

	if (rc != 1)
		return rc == 0 ? ERR_NOT_FOUND : ERR_INTERNAL;
	*out = (struct account){ 0 };
	snprintf(out->id, sizeof(out->id), "%s", db_text(stmt, 0));
	snprintf(out->email, sizeof(out->email), "%s", db_text(stmt, 1));
	snprintf(out->name, sizeof(out->name), "%s", db_text(stmt, 2));
	snprintf(out->password, sizeof(out->password), "%s",
	    db_text(stmt, 3));
	out->admin = sqlite3_column_int(stmt, 4) != 0;
	out->disabled = sqlite3_column_int(stmt, 5) != 0;
	out->generation = sqlite3_column_int64(stmt, 6);
	db_done(stmt);
	return 0;
}

int
account_by_email(struct db *d, const char *email, struct account *out)
{
	char folded[EMAIL_SIZE];

	if (email_fold(email, folded) != NULL)
		return ERR_NOT_FOUND;
	return account_take(db_query(d, ACCOUNT_COLUMNS " WHERE email = ?",
	    "t", folded), out);
}

int
account_by_id(struct db *d, const char *id, struct account *out)
{
	return account_take(db_query(d, ACCOUNT_COLUMNS " WHERE id = ?", "t",
	    id), out);
}

int
account_rehash(struct db *d, const char *id, const char *hash)
{
	return db_run(d, "UPDATE account SET password = ? WHERE id = ?", "tt",
	    hash, id);
}

int
account_password(struct db *d, const char *id, const char *hash)
{
	int err = db_run(d, "UPDATE account SET password = ?,"
	    " generation = generation + 1 WHERE id = ?", "tt", hash, id);

	if (err == 0)
		err = db_run(d, "DELETE FROM session WHERE user_id = ?", "t",
		    id);
	return err != 0 ? err : store_revise(d);
}
