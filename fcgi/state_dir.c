/* SPDX-License-Identifier: ISC */
/* state_dir: see state_dir.h. */
#include "fcgi/state_dir.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/text.h"

int
state_dir_open(int at, const char *name)
{
	if (mkdirat(at, name, 0700) < 0 && errno != EEXIST)
		return -1;
	return openat(at, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC |
	    (at == AT_FDCWD ? 0 : O_NOFOLLOW));
}

DIR *
state_dir_read(int at, const char *name)
{
	int fd = openat(at, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC |
	    O_NOFOLLOW);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);

	if (d == NULL && fd >= 0)
		close(fd);
	return d;
}

const char *
state_dir_next(DIR *d)
{
	const struct dirent *e;

	do
		e = readdir(d);
	while (e != NULL && (strcmp(e->d_name, ".") == 0 ||
	    strcmp(e->d_name, "..") == 0));
	return e == NULL ? NULL : e->d_name;
}

/* Removes the files whose name begins with front: 0, or -1 with errno. */
static int
incoming_clean(int dir, const char *front)
{
	DIR *d = state_dir_read(dir, ".");
	const char *name;

	if (d == NULL)
		return -1;
	while ((name = state_dir_next(d)) != NULL)
		if (strncmp(name, front, strlen(front)) == 0)
			unlinkat(dir, name, 0);
	closedir(d);
	return 0;
}

static int
dirs_unusable(struct state_dirs *d, const char *state_dir, struct fault *f)
{
	fault_set(f, ERR_INTERNAL, "The state directory %s can not be used: "
	    "%s.", state_dir, strerror(errno));
	state_dirs_close(d);
	return f->err;
}

int
state_dirs_open(struct state_dirs *d, const char *state_dir,
	const char *name, const char *front, struct fault *f)
{
	AUTO_FD int state = state_dir_open(AT_FDCWD, state_dir);

	*d = (struct state_dirs){ .root = -1, .incoming = -1, .front = front };
	if (state >= 0)
		d->root = state_dir_open(state, name);
	if (d->root >= 0)
		d->incoming = state_dir_open(state, "incoming");
	if (d->incoming < 0 || incoming_clean(d->incoming, front) < 0)
		return dirs_unusable(d, state_dir, f);
	return 0;
}

int
state_dirs_look(struct state_dirs *d, const char *state_dir,
	const char *name, struct fault *f)
{
	AUTO_FD int state = open(state_dir, O_RDONLY | O_DIRECTORY |
		O_CLOEXEC);

	*d = (struct state_dirs){ .root = -1, .incoming = -1 };
	if (state >= 0)
		d->root = openat(state, name, O_RDONLY | O_DIRECTORY |
		    O_CLOEXEC | O_NOFOLLOW);
	return d->root >= 0 ? 0 : dirs_unusable(d, state_dir, f);
}

void
state_dirs_close(struct state_dirs *d)
{
	if (d->root >= 0)
		close(d->root);
	if (d->incoming >= 0)
		close(d->incoming);
	d->root = d->incoming = -1;
}

int
state_dirs_temporary(const struct state_dirs *d,
	char name[STATE_TEMPORARY_SIZE])
{
	char random[17];
	int fd;

	random_base62(random, sizeof(random) - 1);
	snprintf(name, STATE_TEMPORARY_SIZE, "%s%s", d->front, random);
	fd = openat(d->incoming, name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC,
		0600);
	if (fd < 0)
		name[0] = '\0';
	return fd;
}
