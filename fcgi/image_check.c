/* SPDX-License-Identifier: ISC */
/* image_check: see image_check.h. */
#include "fcgi/image_check.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "fcgi/image_store.h"

#define QUARANTINE "quarantine"

struct check {
	struct images *images;
	int state;		/* the state directory */
	FILE *out;
	struct image_findings *found;
};

/* The digest of an open file; -1 with errno when it can not be read. */
static int
file_hash(struct check *c, int fd, char sha256[IMAGE_DIGEST_LEN + 1])
{
	uint64_t len = INT64_MAX;
	int rc = digest_of_file(fd, 0, &len, sha256);

	c->found->bytes += len;
	return rc;
}

static bool
same_file(int at, const char *name, int fd)
{
	struct stat a, b;

	return fstatat(at, name, &a, AT_SYMLINK_NOFOLLOW) == 0 &&
	    fstat(fd, &b) == 0 && a.st_ino == b.st_ino && a.st_dev == b.st_dev;
}

/*
 * Moves the file open as fd away. When the daemon has just put a whole one in
 * its place, that one is put back: 1 when ours was moved, 0 when it was gone
 * already, -1 with errno.
 */
static int
move_away(struct check *c, const char *path, const char *name, int fd)
{
	AUTO_FD int dir = -1;

	if (mkdirat(c->state, QUARANTINE, 0700) < 0 && errno != EEXIST)
		return -1;
	dir = openat(c->state, QUARANTINE, O_RDONLY | O_DIRECTORY |
	    O_CLOEXEC | O_NOFOLLOW);
	if (dir < 0)
		return -1;
	if (renameat(c->images->dirs.root, path, dir, name) < 0)
		return errno == ENOENT ? 0 : -1;
	if (same_file(dir, name, fd))
		return 1;
	return renameat(dir, name, c->images->dirs.root, path) < 0 ? -1 : 0;
}

static int
quarantine(struct check *c, const char *project, const char *sha256, int fd,
	const char *why, struct fault *f)
{
	char path[IMAGE_PATH_SIZE], name[IMAGE_PATH_SIZE];
	char folded[IMAGE_DIGEST_LEN + 1];
	int rc, err = image_path(project, sha256, folded, path, f);

	if (err != 0)
		return err;
	snprintf(name, sizeof(name), "%s-%s", project, folded);
	rc = move_away(c, path, name, fd);
	if (rc < 0)
		return image_fault(f, "A damaged image can not be moved away");
	c->found->damaged += (size_t)rc;
	if (rc > 0)
		fprintf(c->out, "damaged: %s %s: %s; moved to %s/%s\n",
		    project, folded, why, QUARANTINE, name);
	return 0;
}

static int
check_open(struct check *c, const char *project,
	const struct image_file *file, struct fault *f)
{
	char sha256[IMAGE_DIGEST_LEN + 1], why[160];

	c->found->images++;
	if (file_hash(c, file->fd, sha256) < 0)
		snprintf(why, sizeof(why), "%s", strerror(errno));
	else if (strcmp(sha256, file->sha256) != 0)
		snprintf(why, sizeof(why), "its SHA-256 is %s", sha256);
	else
		return 0;
	return quarantine(c, project, file->sha256, file->fd, why, f);
}

static int
check_one(struct check *c, const char *project, const char *sha256,
	struct fault *f)
{
	struct image_file file = { .fd = -1 };
	struct fault missing = { 0 };
	int err = images_look(c->images, project, sha256, &file, &missing);

	/* Removed meanwhile, or a name that is no digest. */
	if (err == ERR_NOT_FOUND || err == ERR_INVALID)
		return 0;
	if (err != 0) {
		*f = missing;
		return err;
	}
	err = check_open(c, project, &file, f);
	image_file_close(&file);
	return err;
}

static int
check_project(struct check *c, const char *project, struct fault *f)
{
	AUTO_FREE struct image_entry *list = NULL;
	size_t n, i;
	int err = images_list(c->images, project, &list, &n, f);

	for (i = 0; err == 0 && i < n; i++)
		err = check_one(c, project, list[i].sha256, f);
	return err;
}

static int
check_all(struct check *c, struct fault *f)
{
	AUTO_FREE struct image_project *projects = NULL;
	size_t n, i;
	int err = images_projects(c->images, &projects, &n, f);

	for (i = 0; err == 0 && i < n; i++)
		err = check_project(c, projects[i].name, f);
	return err;
}

int
image_check(const char *state_dir, FILE *out, struct image_findings *found,
	struct fault *f)
{
	struct check c = { .images = images_attach(state_dir, f), .out = out,
		.found = found };
	int err;

	*found = (struct image_findings){ 0 };
	if (c.images == NULL)
		return f->err;
	c.state = open(state_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	err = c.state < 0 ? image_fault(f, state_dir) : check_all(&c, f);
	if (c.state >= 0)
		close(c.state);
	images_free(c.images);
	fprintf(out, "%zu images of %llu bytes, %zu damaged\n", found->images,
	    (unsigned long long)found->bytes, found->damaged);
	return err;
}

/* DIR of "--state DIR", or NULL. */
static const char *
state_option(int argc, char **argv)
{
	static const struct option options[] = {
		{ "state", required_argument, NULL, 's' },
		{ NULL, 0, NULL, 0 }
	};
	const char *state = NULL;
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (option != 's')
			return NULL;
		state = optarg;
	}
	return optind == argc ? state : NULL;
}

int
image_check_main(int argc, char **argv)
{
	const char *state = state_option(argc, argv);
	struct image_findings found;
	struct fault f = { 0 };

	if (state == NULL) {
		fputs("usage: mollymawk-fcgi check-images --state DIR\n",
		    stderr);
		return 2;
	}
	if (image_check(state, stdout, &found, &f) != 0) {
		fprintf(stderr, "check-images: %s\n", f.detail);
		return 2;
	}
	return found.damaged > 0 ? 1 : 0;
}
