/* SPDX-License-Identifier: ISC */
/* log_sweep: see log_sweep.h. */
#include "fcgi/log_sweep.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/array.h"
#include "base/log.h"
#include "fcgi/log_dir.h"
#include "fcgi/state_dir.h"

#define LEVELS 3		/* INSTANCE, PROJECT, NAME */
#define TOUCH_S 3600		/* an age is exact to this */
#define STAYS(max) ((max) / 100 * 95)

struct segment_file {
	char path[LOG_PATH_SIZE + LOG_NAME_SIZE];
	int64_t bytes;
	int64_t written;	/* nanoseconds since 1970 */
	bool newest;		/* of its log */
};

struct walk {
	const struct log_sweep *s;
	struct segment_file *files;	/* owned */
	size_t n, cap;
	int64_t bytes;
};

static struct segment_file *
file_add(struct walk *w)
{
	return array_grow((void **)&w->files, &w->cap, w->n,
	    sizeof(*w->files)) ? &w->files[w->n++] : NULL;
}

static void
file_remove(struct walk *w, const struct segment_file *file)
{
	if (unlinkat(w->s->root, file->path, 0) == 0 || errno == ENOENT)
		w->bytes -= file->bytes;
}

/* ---- one log: its files are the last ones, from first on ---- */

/* By their names, which begin with numbers of one length: clocks are coarse. */
static struct segment_file *
newest_find(struct walk *w, size_t first)
{
	struct segment_file *newest = NULL;

	for (size_t i = first; i < w->n; i++)
		if (newest == NULL ||
		    strcmp(w->files[i].path, newest->path) > 0)
			newest = &w->files[i];
	return newest;
}

/* It goes on: its age begins anew, as far as that is worth a write. */
static void
file_touch(struct walk *w, struct segment_file *file, int64_t age)
{
	if (age < TOUCH_S)
		return;
	(void)utimensat(w->s->root, file->path, NULL, AT_SYMLINK_NOFOLLOW);
	file->written = (int64_t)w->s->now * 1000000000;
}

static void
log_look(struct walk *w, const char *path, size_t first)
{
	struct segment_file *newest = newest_find(w, first);
	int64_t age;

	if (newest == NULL) {
		log_path_remove(w->s->root, path);
		return;
	}
	newest->newest = true;
	age = (int64_t)w->s->now - newest->written / 1000000000;
	if (w->s->alive != NULL && w->s->alive(w->s->arg, path)) {
		file_touch(w, newest, age);
		return;
	}
	if (age <= w->s->age)
		return;
	while (w->n > first)
		file_remove(w, &w->files[--w->n]);
	log_path_remove(w->s->root, path);
	log_event(LOG_LEVEL_INFO, "log-removed", "log", path, NULL);
}

static void
segment_found(struct walk *w, int dir, const char *path, const char *name)
{
	struct segment_file *file;
	struct stat st;
	bool packed;
	int64_t seq = log_name_parse(name, &packed);

	/* What is half done is so for ever: who writes rests. */
	if (seq == 0)
		unlinkat(dir, name, 0);
	if (seq <= 0 || fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return;
	file = file_add(w);
	if (file == NULL)
		return;
	*file = (struct segment_file){ .bytes = st.st_size,
		.written = (int64_t)st.st_mtim.tv_sec * 1000000000 +
		st.st_mtim.tv_nsec };
	snprintf(file->path, sizeof(file->path), "%s/%016" PRIx64 "%s", path,
	    (uint64_t)seq, name + 16);
	w->bytes += st.st_size;
}

/* ---- all of them ---- */

static void
folder_walk(struct walk *w, const char *path, int level)
{
	DIR *dir = state_dir_read(w->s->root, path);
	char below[LOG_PATH_SIZE];
	const char *name;
	size_t first = w->n;

	if (dir == NULL)
		return;
	while ((name = state_dir_next(dir)) != NULL) {
		if (strlen(name) > ALB_LABEL_MAX)
			continue;
		if (level == LEVELS) {
			segment_found(w, dirfd(dir), path, name);
			continue;
		}
		snprintf(below, sizeof(below), "%s%s%s",
		    level == 0 ? "" : path, level == 0 ? "" : "/", name);
		folder_walk(w, below, level + 1);
	}
	closedir(dir);
	if (level == LEVELS)
		log_look(w, path, first);
}

/* What goes first: what is oldest, but the newest of each log at last. */
static int
file_compare(const void *a, const void *b)
{
	const struct segment_file *x = a, *y = b;

	if (x->newest != y->newest)
		return x->newest ? 1 : -1;
	if (x->written != y->written)
		return x->written < y->written ? -1 : 1;
	return strcmp(x->path, y->path);
}

static void
oldest_remove(struct walk *w)
{
	int64_t before = w->bytes;
	char text[32];

	if (w->n > 0)
		qsort(w->files, w->n, sizeof(*w->files), file_compare);
	for (size_t i = 0; i < w->n && w->bytes > STAYS(w->s->max); i++) {
		file_remove(w, &w->files[i]);
		if (w->files[i].newest) {
			*strrchr(w->files[i].path, '/') = '\0';
			log_path_remove(w->s->root, w->files[i].path);
		}
	}
	snprintf(text, sizeof(text), "%" PRId64, before - w->bytes);
	log_event(LOG_LEVEL_INFO, "logs-shortened", "bytes", text, NULL);
}

int64_t
log_sweep(const struct log_sweep *s)
{
	struct walk w = { .s = s };

	folder_walk(&w, ".", 0);
	if (w.bytes > s->max)
		oldest_remove(&w);
	free(w.files);
	return w.bytes;
}
