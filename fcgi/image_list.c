/* SPDX-License-Identifier: ISC */
/* image_list: what the store has, and removing from it; see images.h. */
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

/* An array that grows by items of one size. */
struct rows {
	void *items;
	size_t count, size;
};

/* Room for one more, zeroed; NULL when out of memory. */
static void *
rows_add(struct rows *r)
{
	void *items = r->items;
	char *row;

	/* Doubled whenever the count is a power of two. */
	if ((r->count & (r->count - 1)) == 0)
		items = reallocarray(r->items,
		    r->count == 0 ? 1 : 2 * r->count, r->size);
	if (items == NULL)
		return NULL;
	r->items = items;
	row = (char *)items + r->count++ * r->size;
	memset(row, 0, r->size);
	return row;
}

static void
entry_fill(struct image_entry *e, const char *sha256, const struct stat *st)
{
	snprintf(e->sha256, sizeof(e->sha256), "%s", sha256);
	e->size = (uint64_t)st->st_size;
	e->stored = st->st_mtim.tv_sec;
	e->used = st->st_atim.tv_sec;
}

int
images_stat(struct images *s, const char *project, const char *sha256,
	struct image_entry *out, struct fault *f)
{
	char path[IMAGE_PATH_SIZE];
	struct stat st;
	int err = image_path(project, sha256, out->sha256, path, f);

	if (err != 0)
		return err;
	if (fstatat(s->dirs.root, path, &st, AT_SYMLINK_NOFOLLOW) < 0 ||
	    !S_ISREG(st.st_mode))
		return image_missing(f, project, out->sha256);
	entry_fill(out, strrchr(path, '/') + 1, &st);
	return 0;
}

bool
images_has(struct images *s, const char *project, const char *sha256,
	uint64_t *size)
{
	struct image_entry e;
	struct fault f = { 0 };

	if (images_stat(s, project, sha256, &e, &f) != 0)
		return false;
	if (size != NULL)
		*size = e.size;
	return true;
}

/* The images of one shelf; what is removed meanwhile is not there. */
static int
shelf_list(DIR *shelf, struct rows *rows)
{
	struct image_entry *e;
	const char *name;
	struct stat st;

	while ((name = state_dir_next(shelf)) != NULL) {
		if (strlen(name) != IMAGE_DIGEST_LEN ||
		    fstatat(dirfd(shelf), name, &st,
		    AT_SYMLINK_NOFOLLOW) < 0 || !S_ISREG(st.st_mode))
			continue;
		e = rows_add(rows);
		if (e == NULL)
			return -1;
		entry_fill(e, name, &st);
	}
	return 0;
}

static int
shelves_list(DIR *shelves, struct rows *rows)
{
	const char *name;
	DIR *shelf;
	int rc = 0;

	while (rc == 0 && (name = state_dir_next(shelves)) != NULL) {
		shelf = strlen(name) != 2 || name[0] == '.' ? NULL :
			state_dir_read(dirfd(shelves), name);
		if (shelf == NULL)
			continue;
		rc = shelf_list(shelf, rows);
		closedir(shelf);
	}
	return rc;
}

static int
rows_give(struct rows *rows, int rc, void **out, size_t *count,
	struct fault *f)
{
	if (rc < 0) {
		free(rows->items);
		return fault_set(f, ERR_NO_MEMORY, "Out of memory.");
	}
	*out = rows->items;
	*count = rows->count;
	return 0;
}

int
images_list(struct images *s, const char *project, struct image_entry **out,
	size_t *count, struct fault *f)
{
	struct rows rows = { .size = sizeof(**out) };
	DIR *shelves = state_dir_read(s->dirs.root, project);
	void *items = NULL;
	int rc;

	*out = NULL;
	*count = 0;
	if (shelves == NULL)
		return errno == ENOENT ? 0 :
			image_fault(f, "The images can not be listed");
	rc = shelves_list(shelves, &rows);
	closedir(shelves);
	rc = rows_give(&rows, rc, &items, count, f);
	if (rc == 0)
		*out = items;
	return rc;
}

int
images_projects(struct images *s, struct image_project **out, size_t *count,
	struct fault *f)
{
	struct rows rows = { .size = sizeof(**out) };
	DIR *root = state_dir_read(s->dirs.root, ".");
	struct image_project *p;
	const char *name;
	void *items = NULL;
	int rc = 0;

	*out = NULL;
	*count = 0;
	if (root == NULL)
		return image_fault(f, "The images can not be listed");
	while (rc == 0 && (name = state_dir_next(root)) != NULL) {
		if (strlen(name) >= sizeof(p->name))
			continue;
		p = rows_add(&rows);
		if (p == NULL)
			rc = -1;
		else
			memcpy(p->name, name, strlen(name));
	}
	closedir(root);
	rc = rows_give(&rows, rc, &items, count, f);
	if (rc == 0)
		*out = items;
	return rc;
}

/* With the lock held. */
static int
remove_locked(struct images *s, const char *project, const char *path,
	const char *sha256, time_t stored_before, time_t now, struct fault *f)
{
	struct stat st;

	if (fstatat(s->dirs.root, path, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return image_missing(f, project, sha256);
	if (stored_before != 0 && (st.st_mtim.tv_sec >= stored_before ||
	    st.st_atim.tv_sec > now - IMAGE_HOLD))
		return fault_set(f, ERR_CONFLICT,
		    "The image %s is new or was just used.", sha256);
	if (unlinkat(s->dirs.root, path, 0) < 0)
		return image_fault(f, "The image can not be removed");
	return 0;
}

int
images_remove(struct images *s, const char *project, const char *sha256,
	time_t stored_before, time_t now, struct fault *f)
{
	char path[IMAGE_PATH_SIZE], folded[IMAGE_DIGEST_LEN + 1];
	int err = image_path(project, sha256, folded, path, f);

	if (err != 0)
		return err;
	pthread_mutex_lock(&s->lock);
	err = remove_locked(s, project, path, folded, stored_before, now, f);
	pthread_mutex_unlock(&s->lock);
	return err;
}
