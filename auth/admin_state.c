/* SPDX-License-Identifier: ISC */
/* admin_state: the state as a whole, on the command line; see admin.h. */
#include <stdio.h>
#include <stdlib.h>

#include "auth/admin.h"
#include "auth/backup.h"
#include "auth/check.h"
#include "auth/rekey.h"

/* The row is in the copy too: before it was made. */
static int
backup_record(struct authority *a, bool with_key, struct fault *f)
{
	struct db *d = database_write_begin(a->store, f);

	if (d == NULL)
		return f->err;
	return database_write_end(a->store, admin_audit(a, d, "backup", NULL,
	    with_key ? "with the master key" : NULL), f);
}

int
admin_backup(const struct arguments *o)
{
	struct authority *a = NULL;
	struct fault f = { 0 };
	int err = authority_open(o->dir, &a, &f);

	if (err == 0)
		err = backup_record(a, o->with_key, &f);
	if (err == 0)
		err = backup_make(a, o->file, o->with_key, &f);
	authority_close(a);
	if (err != 0)
		return admin_complain(&f);
	printf("The database is in %s.\n", o->file);
	if (o->with_key)
		fprintf(stderr, "The master key is in %s.key: whoever has "
		    "both files has every instance.\nKeep them apart.\n",
		    o->file);
	else
		printf("It opens with the master key only, which is not in "
		    "it: keep that elsewhere.\n");
	return EXIT_SUCCESS;
}

int
admin_restore(const struct arguments *o)
{
	const struct backup from = { o->file, o->key, o->force };
	struct fault f = { 0 };

	if (backup_restore(o->dir, &from, &f) != 0)
		return admin_complain(&f);
	printf("%s is what the copy was; everybody has to sign in again.\n"
	    "Tokens and people that were revoked or disabled since are good "
	    "again.\nStart mollymawk-auth, and mollymawk-fcgi anew.\n", o->dir);
	if (o->force)
		printf("What was there is kept as auth.db.before and, if the "
		    "key changed, master.key.before.\n");
	return EXIT_SUCCESS;
}

int
admin_rekey(const struct arguments *o)
{
	struct authority *a = NULL;
	struct fault f = { 0 };
	int err = authority_open_alone(o->dir, &a, &f);

	if (err == 0)
		err = rekey(a, o->dir, &f);
	authority_close(a);
	if (err != 0)
		return admin_complain(&f);
	printf("Everything is sealed under a new master key, in %s/master.key."
	    "\nEverybody has to sign in again; tokens go on. Backups made "
	    "before need the key\nof before: make a new one.\n", o->dir);
	if (getenv("CREDENTIALS_DIRECTORY") != NULL)
		printf("Put the new key where the credential comes from, and "
		    "remove it from %s.\n", o->dir);
	return EXIT_SUCCESS;
}

int
admin_check(const struct arguments *o)
{
	return check_state(o->dir, stdout) ? EXIT_SUCCESS : EXIT_FAILURE;
}
