/* SPDX-License-Identifier: ISC */
/* image_check: see image_check.h. */
#include "fcgi/image_check.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <gnutls/crypto.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "fcgi/image_store.h"

#define STEP 65536
#define QUARANTINE "quarantine"

struct check {
	struct images *images;
	int state;		/* the state directory */
	FILE *out;
	struct image_findings *found;
	uint8_t data[STEP];
};

/* The digest of an open file; -1 with errno when it can not be read. */
static int
file_hash(struct check *c, int fd, char sha256[IMAGE_DIGEST_LEN + 1])
{
	uint8_t digest[IMAGE_DIGEST_LEN / 2];
	gnutls_hash_hd_t hash;
	off_t at = 0;
	ssize_t n;

	if (gnutls_hash_init(&hash, GNUTLS_DIG_SHA256) < 0) {
		errno = ENOMEM;
		return -1;
	}
	while ((n = pread(fd, c->data, STEP, at)) > 0) {
		gnutls_hash(hash, c->data, (size_t)n);
		at += n;
	}
	gnutls_hash_deinit(hash, digest);
	hex_encode(digest, sizeof(digest), sha256);
	c->found->bytes += (uint64_t)at;
	return n < 0 ? -1 : 0;
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
	if (renameat(c->images->root, path, dir, name) < 0)
		return errno == ENOENT ? 0 : -1;
	if (same_file(dir, name, fd))
		return 1;
	return renameat(dir, name, c->images->root, path) < 0 ? -1 : 0;
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
	AUTO_FREE struct check *c = calloc(1, sizeof(*c));
	int err;

	*found = (struct image_findings){ 0 };
	if (c == NULL)
		return fault_set(f, ERR_NO_MEMORY, "Out of memory.");
	c->out = out;
	c->found = found;
	c->images = images_attach(state_dir, f);
	if (c->images == NULL)
		return f->err;
	c->state = open(state_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	err = c->state < 0 ? image_fault(f, state_dir) : check_all(c, f);
	if (c->state >= 0)
		close(c->state);
	images_free(c->images);
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
