/* SPDX-License-Identifier: ISC */
/* admin: the operator's commands; see admin.h. */
#include "auth/admin.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "auth/accounts.h"
#include "auth/authority.h"
#include "auth/factors.h"
#include "base/text.h"

#define GENERATED_LENGTH 24

int
admin_complain(const struct fault *f)
{
	fprintf(stderr, "mollymawk-auth: %s\n", f->detail[0] != '\0' ?
	    f->detail : err_title(f->err));
	for (size_t i = 0; i < f->nfields; i++)
		fprintf(stderr, "  %s %s\n", f->fields[i].field,
		    f->fields[i].message);
	return EXIT_FAILURE;
}

/* One line, without its end. */
static int
password_read(char out[PASSWORD_MAX + 2], struct fault *f)
{
	if (fgets(out, PASSWORD_MAX + 2, stdin) == NULL)
		return fault_set(f, ERR_INVALID,
		    "The password is expected on standard input.");
	out[strcspn(out, "\n")] = '\0';
	return 0;
}

static int
password_choose(const struct arguments *o, char out[PASSWORD_MAX + 2],
	struct fault *f)
{
	if (!o->generate)
		return password_read(out, f);
	random_base62(out, GENERATED_LENGTH);
	return 0;
}

int
admin_audit(struct authority *a, struct db *d, const char *action,
	const char *target, const char *detail)
{
	struct audit_entry e = { .action = action, .result = "ok",
		.address = "local", .target = target, .detail = detail };

	return audit_write(&a->audit, d, &e);
}

static int
user_write(struct authority *a, const struct account_form *form,
	const char *hash, struct fault *f)
{
	struct db *d = database_write_begin(a->store, f);
	struct account account;
	int err;

	if (d == NULL)
		return f->err;
	err = account_add(d, form, hash, time(NULL), &account, f);
	if (err == 0)
		err = admin_audit(a, d, form->admin ? "admin-create" :
		    "user-create", account.email, NULL);
	return database_write_end(a->store, err, f);
}

static int
account_create(const struct arguments *o, bool admin)
{
	char password[PASSWORD_MAX + 2], hash[PASSWORD_HASH_SIZE];
	struct account_form form = { .email = o->email, .name = o->name,
		.password = password, .admin = admin };
	struct authority *a = NULL;
	struct fault f = { 0 };
	int err;

	err = password_choose(o, password, &f);
	if (err == 0)
		err = account_check(&form, &f);
	if (err == 0)
		err = authority_open(o->dir, &a, &f);
	if (err == 0 && password_hash(password, hash) != 0)
		err = fault_set(&f, ERR_NO_MEMORY, "Out of memory.");
	if (err == 0)
		err = user_write(a, &form, hash, &f);
	if (err == 0 && o->generate)
		printf("%s\n", password);
	explicit_bzero(password, sizeof(password));
	authority_close(a);
	return err == 0 ? EXIT_SUCCESS : admin_complain(&f);
}

int
admin_create(const struct arguments *o)
{
	return account_create(o, true);
}

int
admin_user_create(const struct arguments *o)
{
	return account_create(o, false);
}

static int
password_write(struct authority *a, const struct arguments *o,
	const char *hash, struct fault *f)
{
	struct db *d = database_write_begin(a->store, f);
	struct account account;
	int err;

	if (d == NULL)
		return f->err;
	err = account_by_email(d, o->email, &account);
	if (err == ERR_NOT_FOUND)
		fault_set(f, err, "There is no account with that e-mail.");
	if (err == 0)
		err = account_password(d, account.id, hash);
	if (err == 0 && o->without_factors)
		err = factors_remove(d, account.id);
	if (err == 0)
		err = admin_audit(a, d, "password-set", account.email,
		    o->without_factors ? "second factor removed" : NULL);
	return database_write_end(a->store, err, f);
}

int
admin_passwd(const struct arguments *o)
{
	char password[PASSWORD_MAX + 2], hash[PASSWORD_HASH_SIZE];
	struct authority *a = NULL;
	struct fault f = { 0 };
	int err;

	err = password_choose(o, password, &f);
	if (err == 0)
		err = password_check(password, &f);
	if (err == 0)
		err = authority_open(o->dir, &a, &f);
	if (err == 0 && password_hash(password, hash) != 0)
		err = fault_set(&f, ERR_NO_MEMORY, "Out of memory.");
	if (err == 0)
		err = password_write(a, o, hash, &f);
	if (err == 0 && o->generate)
		printf("%s\n", password);
	explicit_bzero(password, sizeof(password));
	authority_close(a);
	return err == 0 ? EXIT_SUCCESS : admin_complain(&f);
}

static int
rotate_write(struct authority *a, struct fault *f)
{
	struct db *d = database_write_begin(a->store, f);
	int err;

	if (d == NULL)
		return f->err;
	err = signing_rotate(d, &a->keyring, time(NULL));
	if (err == 0)
		err = admin_audit(a, d, "keys-rotate", NULL, NULL);
	return database_write_end(a->store, err, f);
}

int
admin_keys_rotate(const struct arguments *o)
{
	struct authority *a = NULL;
	struct fault f = { 0 };
	int err;

	err = authority_open(o->dir, &a, &f);
	if (err == 0)
		err = rotate_write(a, &f);
	authority_close(a);
	if (err != 0)
		return admin_complain(&f);
	printf("A new signing key is in use; the one before it is accepted "
	    "for %d minutes.\nWhen somebody may have seen the keys, rotate "
	    "three times.\n", SIGNING_GRACE / 60);
	return EXIT_SUCCESS;
}

int
admin_audit_verify(const struct arguments *o)
{
	struct authority *a = NULL;
	struct fault f = { 0 };
	struct db *d = NULL;
	int64_t rows = 0;
	int err;

	err = authority_open(o->dir, &a, &f);
	if (err == 0) {
		d = database_reader(a->store);
		err = d == NULL ? fault_set(&f, ERR_INTERNAL,
		    "The database can not be read.") :
			audit_verify(&a->audit, d, &rows, &f);
	}
	db_close(d);
	authority_close(a);
	if (err != 0)
		return admin_complain(&f);
	printf("The audit log is whole: %" PRId64 " rows.\n", rows);
	return EXIT_SUCCESS;
}
