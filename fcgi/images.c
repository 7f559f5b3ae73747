/* SPDX-License-Identifier: ISC */
/* images: the content-addressed store; see images.h. */
#include "config.h"	/* for sync_file_range, O_NOATIME */

#include "fcgi/images.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "fcgi/image_store.h"

/* Bytes after which the kernel is told to start writing to the disk. */
#define WRITE_BEHIND (4 * 1024 * 1024)
#define IMAGES "images"

struct image_upload {
	struct images *store;
	char temporary[STATE_TEMPORARY_SIZE];	/* "" once kept */
	struct digest digest;
	uint64_t written_behind;
	struct image_file file;
};

/* A store without its directories. */
static struct images *
store_new(uint64_t size_max, struct fault *f)
{
	struct images *s = calloc(1, sizeof(*s));

	if (s == NULL) {
		fault_set(f, ERR_NO_MEMORY, "Out of memory.");
		return NULL;
	}
	s->size_max = size_max == 0 ? IMAGES_SIZE_MAX : size_max;
	pthread_mutex_init(&s->lock, NULL);
	return s;
}

/* The store, unless its directories could not be opened (err). */
static struct images *
store_usable(struct images *s, int err)
{
	if (err == 0)
		return s;
	images_free(s);
	return NULL;
}

struct images *
images_new(const char *state_dir, uint64_t size_max, struct fault *f)
{
	struct images *s = store_new(size_max, f);

	return s == NULL ? NULL : store_usable(s, state_dirs_open(&s->dirs,
	    state_dir, IMAGES, "image-", f));
}

struct images *
images_attach(const char *state_dir, struct fault *f)
{
	struct images *s = store_new(0, f);

	return s == NULL ? NULL : store_usable(s, state_dirs_look(&s->dirs,
	    state_dir, IMAGES, f));
}

void
images_free(struct images *s)
{
	if (s == NULL)
		return;
	state_dirs_close(&s->dirs);
	pthread_mutex_destroy(&s->lock);
	free(s);
}

uint64_t
images_size_max(const struct images *s)
{
	return s->size_max;
}

int
image_fault(struct fault *f, const char *what)
{
	if (errno == ENOSPC || errno == EDQUOT || errno == EFBIG)
		return fault_set(f, ERR_STORAGE_FULL,
		    "There is no room left to store the image.");
	return fault_set(f, ERR_INTERNAL, "%s: %s.", what, strerror(errno));
}

static int
upload_open(struct image_upload *u, struct fault *f)
{
	u->file.fd = state_dirs_temporary(&u->store->dirs, u->temporary);
	if (u->file.fd < 0)
		return image_fault(f, "The image can not be stored");
	if (digest_begin(&u->digest) < 0)
		return fault_set(f, ERR_NO_MEMORY, "Out of memory.");
	return 0;
}

int
image_upload_begin(struct images *s, struct image_upload **out,
	struct fault *f)
{
	struct image_upload *u;
	int err;

	*out = NULL;
	if (atomic_fetch_add(&s->receiving, 1) >= IMAGES_RECEIVING_MAX) {
		atomic_fetch_sub(&s->receiving, 1);
		return fault_set(f, ERR_BUSY, "%d images are being received "
		    "at this moment; try again.", IMAGES_RECEIVING_MAX);
	}
	u = calloc(1, sizeof(*u));
	if (u == NULL) {
		atomic_fetch_sub(&s->receiving, 1);
		return fault_set(f, ERR_NO_MEMORY, "Out of memory.");
	}
	u->store = s;
	u->file.fd = -1;
	err = upload_open(u, f);
	if (err != 0) {
		image_upload_free(u);
		return err;
	}
	*out = u;
	return 0;
}

int
image_upload_write(struct image_upload *u, const void *data, size_t len,
	struct fault *f)
{
	const uint8_t *at = data;

	if (len > u->store->size_max - u->file.size)
		return fault_set(f, ERR_TOO_LARGE,
		    "The image has more than %llu bytes.",
		    (unsigned long long)u->store->size_max);
	digest_add(&u->digest, data, len);
	while (len > 0) {
		ssize_t n = write(u->file.fd, at, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return image_fault(f, "The image was not written");
		at += n;
		len -= (size_t)n;
		u->file.size += (uint64_t)n;
	}
	/* So that the sync at the end has little left to wait for. */
	if (u->file.size - u->written_behind >= WRITE_BEHIND) {
		sync_file_range(u->file.fd, (off_t)u->written_behind,
		    (off_t)(u->file.size - u->written_behind),
		    SYNC_FILE_RANGE_WRITE);
		u->written_behind = u->file.size;
	}
	return 0;
}

int
image_upload_end(struct image_upload *u, struct fault *f)
{
	if (u->file.size == 0)
		return fault_set(f, ERR_BAD_IMAGE, "The image is empty.");
	digest_text(&u->digest, u->file.sha256);
	return 0;
}

const struct image_file *
image_upload_file(const struct image_upload *u)
{
	return &u->file;
}

static int
dir_sync(int at, const char *name)
{
	AUTO_FD int fd = openat(at, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	return fd < 0 ? -1 : fsync(fd);
}

/* Opens ROOT/project/ab, made when missing; -1 with errno. */
static int
shelf_open(const struct images *s, const char *project, const char *sha256)
{
	char ab[3] = { sha256[0], sha256[1], '\0' };
	AUTO_FD int dir = state_dir_open(s->dirs.root, project);
	int shelf = dir < 0 ? -1 : state_dir_open(dir, ab);

	if (shelf >= 0 && (fsync(dir) < 0 ||
	    dir_sync(s->dirs.root, ".") < 0)) {
		close(shelf);
		return -1;
	}
	return shelf;
}

/* With the lock held: 1 when it is there already, now stored anew; 0; -1. */
static int
stored_renew(const struct image_upload *u, int shelf)
{
	struct stat st;

	if (fstatat(shelf, u->file.sha256, &st, AT_SYMLINK_NOFOLLOW) < 0 ||
	    !S_ISREG(st.st_mode) || (uint64_t)st.st_size != u->file.size)
		return 0;
	return utimensat(shelf, u->file.sha256, NULL,
	    AT_SYMLINK_NOFOLLOW) < 0 ? -1 : 1;
}

static int
upload_rename(struct image_upload *u, int shelf)
{
	int rc;

	pthread_mutex_lock(&u->store->lock);
	rc = stored_renew(u, shelf);
	u->file.was_there = rc == 1;
	if (rc == 0)
		rc = renameat(u->store->dirs.incoming, u->temporary, shelf,
		    u->file.sha256);
	pthread_mutex_unlock(&u->store->lock);
	if (rc < 0 || u->file.was_there)
		return rc;
	u->temporary[0] = '\0';
	return fsync(shelf);
}

int
image_upload_keep(struct image_upload *u, const char *project,
	struct image_file *out, struct fault *f)
{
	AUTO_FD int shelf = shelf_open(u->store, project, u->file.sha256);

	/* Synced first: a name in the store always means the whole content. */
	if (shelf < 0 || fsync(u->file.fd) < 0 || upload_rename(u, shelf) < 0)
		return image_fault(f, "The image can not be kept");
	*out = u->file;
	out->fd = fcntl(u->file.fd, F_DUPFD_CLOEXEC, 0);
	if (out->fd < 0)
		return fault_set(f, ERR_BUSY, "Too many open files.");
	return 0;
}

void
image_upload_free(struct image_upload *u)
{
	if (u == NULL)
		return;
	if (u->temporary[0] != '\0')
		unlinkat(u->store->dirs.incoming, u->temporary, 0);
	if (u->file.fd >= 0)
		close(u->file.fd);
	digest_end(&u->digest);
	atomic_fetch_sub(&u->store->receiving, 1);
	free(u);
}

int
image_path(const char *project, const char *sha256,
	char folded[IMAGE_DIGEST_LEN + 1], char path[IMAGE_PATH_SIZE],
	struct fault *f)
{
	if (digest_fold(sha256, folded) < 0)
		return fault_field(f, "image",
		    "must be a SHA-256 digest of %d hex digits",
		    IMAGE_DIGEST_LEN);
	snprintf(path, IMAGE_PATH_SIZE, "%s/%.2s/%s", project, folded, folded);
	return 0;
}

int
image_missing(struct fault *f, const char *project, const char *sha256)
{
	return fault_set(f, ERR_NOT_FOUND, "The project %s has no image %s; "
	    "upload it first.", project, sha256);
}

static int
file_open(struct images *s, const char *project, const char *sha256,
	bool use, struct image_file *out, struct fault *f)
{
	static const struct timespec now[2] = { { .tv_nsec = UTIME_NOW },
		{ .tv_nsec = UTIME_OMIT } };
	struct stat st;
	char path[IMAGE_PATH_SIZE];
	int err = image_path(project, sha256, out->sha256, path, f);

	if (err != 0)
		return err;
	pthread_mutex_lock(&s->lock);
	/* The kernel must not take looking for using; root may look too. */
	out->fd = openat(s->dirs.root, path, O_RDONLY | O_CLOEXEC |
	    O_NOFOLLOW | O_NOATIME);
	if (out->fd < 0 && errno == EPERM)
		out->fd = openat(s->dirs.root, path, O_RDONLY | O_CLOEXEC |
		    O_NOFOLLOW);
	if (out->fd >= 0 && use && futimens(out->fd, now) < 0)
		image_file_close(out);
	pthread_mutex_unlock(&s->lock);
	if (out->fd < 0 && (errno == ENOENT || errno == ENOTDIR))
		return image_missing(f, project, out->sha256);
	if (out->fd < 0)
		return image_fault(f, "The image can not be opened");
	if (fstat(out->fd, &st) < 0) {
		image_file_close(out);
		return image_fault(f, "The image can not be read");
	}
	out->size = (uint64_t)st.st_size;
	return 0;
}

int
images_open(struct images *s, const char *project, const char *sha256,
	struct image_file *out, struct fault *f)
{
	return file_open(s, project, sha256, true, out, f);
}

int
images_look(struct images *s, const char *project, const char *sha256,
	struct image_file *out, struct fault *f)
{
	return file_open(s, project, sha256, false, out, f);
}

void
image_file_close(struct image_file *i)
{
	if (i->fd >= 0)
		close(i->fd);
	i->fd = -1;
}
