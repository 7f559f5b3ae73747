/* SPDX-License-Identifier: ISC */
/* store: the authority's database; see store.h. */
#include "auth/store.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define PATH_SIZE 512

/* The directory is ours alone: what is in it opens every instance. */
static int
directory_make(const char *dir, struct fault *f)
{
	struct stat st;

	if (mkdir(dir, 0700) < 0 && errno != EEXIST)
		return fault_set(f, ERR_INTERNAL, "Can not make %s: %s.", dir,
		    strerror(errno));
	if (stat(dir, &st) < 0 || !S_ISDIR(st.st_mode))
		return fault_set(f, ERR_INTERNAL, "%s is not a directory.",
		    dir);
	if ((st.st_mode & 077) != 0 && chmod(dir, 0700) < 0)
		return fault_set(f, ERR_INTERNAL,
		    "%s must have mode 0700.", dir);
	return 0;
}

int
store_open(const char *dir, struct database **out, struct fault *f)
{
	char path[PATH_SIZE];
	int err = directory_make(dir, f);

	if (err != 0)
		return err;
	snprintf(path, sizeof(path), "%s/auth.db", dir);
	return database_open(path, &schema, out, f);
}

int
store_revise(struct db *d)
{
	return db_run(d, "UPDATE revision SET value = value + 1", "");
}

int64_t
store_revision(struct db *d)
{
	sqlite3_stmt *stmt = db_query(d, "SELECT value FROM revision", "");
	int64_t value = 0;

	if (db_step(stmt) == 1) {
		value = sqlite3_column_int64(stmt, 0);
		db_done(stmt);
	}
	return value;
}
