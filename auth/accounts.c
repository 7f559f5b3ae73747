/* SPDX-License-Identifier: ISC */
/* accounts: people in the database; see accounts.h. */
#include "auth/accounts.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "auth/authority.h"
#include "auth/names.h"
#include "base/text.h"

#define ACCOUNT_COLUMNS \
	"SELECT id, email, name, password, admin, disabled, generation," \
	" verified, approved FROM account"

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

const char *
display_name_check(const char *s)
{
	size_t len = strlen(s);

	if (len > DISPLAY_NAME_MAX)
		return "must have at most 100 bytes";
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)s[i] < ' ' || s[i] == 0x7f)
			return "must not contain control characters";
	return NULL;
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
	why = form->display_name == NULL ? NULL :
		display_name_check(form->display_name);
	if (why != NULL)
		fault_field(f, "display_name", "%s", why);
	password_check(form->password, f);
	return f->nfields == before ? 0 : f->err;
}

/* Also when it can not be told. */
static bool
is_there(sqlite3_stmt *stmt)
{
	int rc = db_step(stmt);

	if (rc == 1)
		db_done(stmt);
	return rc != 0;
}

static int
taken_check(struct db *d, const struct account *a, struct fault *f)
{
	bool email = is_there(db_query(d, "SELECT 1 FROM account"
	    " WHERE email = ?", "t", a->email));
	int err = name_free(d, a->name, f);

	if (!email)
		return err;
	fault_set(f, ERR_CONFLICT, "There is such an account already.");
	return fault_field(f, "email", "is taken");
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
account_settle(struct db *d, const struct account *a, time_t now)
{
	if (!a->verified || !a->approved ||
	    is_there(db_query(d, "SELECT 1 FROM project WHERE personal = 1"
	    " AND name = ?", "t", a->name)))
		return 0;
	return personal_project(d, a, now);
}

static int
account_insert(struct db *d, const struct account *a,
	const struct account_form *form, const char *hash, time_t now)
{
	const char *display = form->display_name;

	return db_run(d, "INSERT INTO account (id, email, name, password,"
	    " admin, created, display_name, verified, approved,"
	    " invitation_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
	    "ttttiitiit", a->id, a->email, a->name, hash, (int64_t)a->admin,
	    (int64_t)now, display == NULL ? "" : display,
	    (int64_t)a->verified, (int64_t)a->approved, form->invitation);
}

int
account_add(struct db *d, const struct account_form *form, const char *hash,
	time_t now, struct account *out, struct fault *f)
{
	int err;

	*out = (struct account){ .admin = form->admin, .generation = 1,
		.verified = !form->unverified, .approved = !form->unapproved };
	uuid_make(out->id);
	email_fold(form->email, out->email);
	alb_label_fold(form->name, out->name);
	err = taken_check(d, out, f);
	if (err != 0)
		return err;
	err = account_insert(d, out, form, hash, now);
	if (err == 0)
		err = account_settle(d, out, now);
	return err == 0 ? 0 : fault_set(f, err, "It could not be stored.");
}

int
account_may_enter(const struct account *a, struct fault *f)
{
	if (a->disabled)
		return fault_set(f, ERR_FORBIDDEN, "This account was disabled "
		    "by an administrator.");
	if (!a->verified)
		return fault_set(f, ERR_NOT_VERIFIED, "Open the link that was "
		    "mailed to this address first, or ask for a new one.");
	if (!a->approved)
		return fault_set(f, ERR_NOT_APPROVED, "An administrator has "
		    "to approve this account first.");
	return 0;
}

bool
accounts_led(struct db *d)
{
	sqlite3_stmt *stmt = db_query(d, "SELECT 1 FROM account"
	    " WHERE admin = 1 AND disabled = 0 AND verified = 1"
	    " AND approved = 1 LIMIT 1", "");
	int rc = db_step(stmt);

	if (rc == 1)
		db_done(stmt);
	return rc == 1;
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
	out->verified = sqlite3_column_int(stmt, 7) != 0;
	out->approved = sqlite3_column_int(stmt, 8) != 0;
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
account_by_name(struct db *d, const char *name, struct account *out)
{
	return account_take(db_query(d, ACCOUNT_COLUMNS " WHERE name = ?",
	    "t", name), out);
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
account_password_in(struct db *d, const char *id, const char *hash,
	const char *session)
{
	int err = db_run(d, "UPDATE account SET password = ?,"
	    " generation = generation + 1 WHERE id = ?", "tt", hash, id);

	if (err == 0)
		err = db_run(d, "DELETE FROM session WHERE user_id = ?"
		    " AND id <> ?", "tt", id, session);
	if (err == 0)
		err = db_run(d, "DELETE FROM mail_link WHERE user_id = ?"
		    " AND kind IN ('reset', 'recover')", "t", id);
	return err != 0 ? err : store_revise(d);
}

int
account_password(struct db *d, const char *id, const char *hash)
{
	return account_password_in(d, id, hash, "");
}

int
account_display(struct db *d, const char *id, const char *display_name)
{
	return db_run(d, "UPDATE account SET display_name = ? WHERE id = ?",
	    "tt", display_name, id);
}
