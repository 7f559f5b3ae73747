/* SPDX-License-Identifier: ISC */
/* store: the authority's database; see store.h. */
#include "config.h"

#include "auth/store.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define PATH_SIZE 512

/* The directory is ours alone: what is in it opens every instance. */
int
store_directory(const char *dir, struct fault *f)
{
	struct stat st;

	if (mkdir(dir, 0700) < 0 && errno != EEXIST)
		return fault_set(f, ERR_INTERNAL, "Can not make %s: %s.", dir,
		    strerror(errno));
	if (stat(dir, &st) < 0 || !S_ISDIR(st.st_mode))
		return fault_set(f, ERR_INTERNAL, "%s is not a directory.",
		    dir);
	/* Root's files in it would be closed to the daemon. */
	if (st.st_uid != geteuid())
		return fault_set(f, ERR_INTERNAL, "%s belongs to another user "
		    "(%lu): run this as that user.", dir,
		    (unsigned long)st.st_uid);
	if ((st.st_mode & 077) != 0 && chmod(dir, 0700) < 0)
		return fault_set(f, ERR_INTERNAL,
		    "%s must have mode 0700.", dir);
	return 0;
}

int
store_lock(const char *dir, bool alone, struct fault *f)
{
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0) {
		fault_set(f, ERR_INTERNAL, "Can not open %s: %s.", dir,
		    strerror(errno));
		return -1;
	}
	if (flock(fd, (alone ? LOCK_EX : LOCK_SH) | LOCK_NB) == 0)
		return fd;
	if (alone)
		fault_set(f, ERR_BUSY, "%s is in use: stop mollymawk-auth "
		    "first.", dir);
	else
		fault_set(f, ERR_BUSY, "%s gets a new master key or is "
		    "restored at this moment.", dir);
	close(fd);
	return -1;
}

int
store_open(const char *dir, struct database **out, struct fault *f)
{
	char path[PATH_SIZE];
	int err = store_directory(dir, f);

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
	return db_number(db_query(d, "SELECT value FROM revision", ""), 0);
}
