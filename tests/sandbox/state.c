/* SPDX-License-Identifier: ISC */
/* state: what the sandbox knows, and its files; see state.h. */
#include "tests/sandbox/state.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "albatross/deadline.h"
#include "base/cleanup.h"
#include "base/log.h"
#include "tests/sandbox/blocks.h"
#include "tests/sandbox/console.h"
#include "tests/sandbox/policies.h"
#include "tests/sandbox/reply.h"
#include "tests/sandbox/unikernels.h"

#define FILE_PATH_MAX 1024
#define FILE_MAX ((size_t)1 << 31)
#define READ_PIECE 65536

void
cond_init(pthread_cond_t *c)
{
	pthread_condattr_t attr;

	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(c, &attr);
	pthread_condattr_destroy(&attr);
}

void
cond_wait_until(struct sandbox *s, pthread_cond_t *c, int64_t ms)
{
	struct timespec t = { ms / 1000, ms % 1000 * 1000000 };

	if (ms == ALB_NEVER)
		pthread_cond_wait(c, &s->lock);
	else
		pthread_cond_timedwait(c, &s->lock, &t);
}

void
sandbox_init(struct sandbox *s, const struct options *o)
{
	*s = (struct sandbox){ .options = o };
	pthread_mutex_init(&s->lock, NULL);
	cond_init(&s->due);
	s->stats_interval = o->stats_interval;
	s->next_stats = alb_now() + o->stats_interval;
}

int64_t
sandbox_now(const struct sandbox *s)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return ((int64_t)t.tv_sec + s->clock_offset) * 1000 +
		t.tv_nsec / 1000000;
}

void
sandbox_free(struct sandbox *s)
{
	unikernels_free(s);
	consoles_free(s);
	blocks_free(s);
	policies_free(s);
	pthread_cond_destroy(&s->due);
	pthread_mutex_destroy(&s->lock);
}

void
albatrossd_die(struct sandbox *s, const char *why)
{
	s->albatrossd_dead = true;
	log_event(LOG_LEVEL_ERROR, "albatrossd died", "why", why, NULL);
}

void
console_die(struct sandbox *s, const char *why)
{
	s->console_dead = true;
	log_event(LOG_LEVEL_ERROR, "albatross-console died", "why", why,
		NULL);
	consoles_free(s);
}

void
disk_wait(struct sandbox *s)
{
	if (s->faults.disk_ms > 0)
		usleep(s->faults.disk_ms * 1000);
}

static int
file_failed(const char *path, const char *what)
{
	log_event(LOG_LEVEL_ERROR, "file", "path", path, "step", what,
		"error", strerror(errno), NULL);
	return -1;
}

static bool
write_all(int fd, const uint8_t *p, size_t len)
{
	ssize_t n;

	while (len > 0) {
		n = write(fd, p, len);
		if (n < 0 && errno != EINTR)
			return false;
		if (n > 0) {
			p += n;
			len -= n;
		}
	}
	return true;
}

int
file_write(struct sandbox *s, const char *folder, const char *name,
	const void *data, size_t len, unsigned mode)
{
	char path[FILE_PATH_MAX], temp[FILE_PATH_MAX];
	AUTO_FD int fd = -1;

	if (s != NULL)
		disk_wait(s);
	snprintf(path, sizeof(path), "%s/%s", folder, name);
	snprintf(temp, sizeof(temp), "%s/.new", folder);
	unlink(temp);
	fd = open(temp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
	if (fd < 0)
		return file_failed(temp, "open");
	if (!write_all(fd, data, len))
		return file_failed(temp, "write");
	if (rename(temp, path) != 0)
		return file_failed(path, "rename");
	return 0;
}

int
file_read(const char *folder, const char *name, struct buf *out)
{
	char path[FILE_PATH_MAX];
	AUTO_FD int fd = -1;
	uint8_t *piece;
	ssize_t n = 1;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	buf_init(out, FILE_MAX);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	while (n > 0) {
		piece = buf_extend(out, READ_PIECE);
		n = piece == NULL ? -1 : read(fd, piece, READ_PIECE);
		if (n < 0) {
			buf_free(out);
			return file_failed(path, "read");
		}
		out->len -= READ_PIECE - (size_t)n;
	}
	return 0;
}

void
file_remove(const char *folder, const char *name)
{
	char path[FILE_PATH_MAX];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	if (unlink(path) != 0 && errno != ENOENT)
		file_failed(path, "unlink");
}

void
folder_walk(const char *folder, void (*f)(struct sandbox *s,
	const char *name), struct sandbox *s)
{
	struct dirent **list = NULL;
	int n = scandir(folder, &list, NULL, alphasort), i;

	for (i = 0; i < n; i++) {
		if (list[i]->d_name[0] != '.')
			f(s, list[i]->d_name);
		free(list[i]);
	}
	free(list);
}
