/* SPDX-License-Identifier: ISC */
/* log_dir: see log_dir.h. */
#include "fcgi/log_dir.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "base/text.h"
#include "fcgi/state_dir.h"

#define PLAIN ".log"
#define PACKED ".gz"
#define HALF ".tmp"
#define DIGITS 16
#define FILE_SIZE (LOG_PATH_SIZE + LOG_NAME_SIZE)

void
log_path(const struct log_place *place, char path[LOG_PATH_SIZE])
{
	snprintf(path, LOG_PATH_SIZE, "%s/%s/%s", place->instance,
	    place->project, place->name);
}

void
log_dir_free(struct log_dir *d)
{
	free(d->segments);
	d->segments = NULL;
	d->n = 0;
	d->bytes = 0;
}

int
log_dir_copy(const struct log_dir *d, struct log_dir *out, struct fault *f)
{
	size_t size = d->n * sizeof(*d->segments);

	*out = *d;
	out->segments = malloc(size == 0 ? 1 : size);
	if (out->segments == NULL)
		return fault_set(f, ERR_NO_MEMORY, "Out of memory.");
	if (size > 0)
		memcpy(out->segments, d->segments, size);
	return 0;
}

int64_t
log_dir_last(const struct log_dir *d)
{
	return d->n == 0 ? 0 : d->segments[d->n - 1].info.last;
}

/* ---- names ---- */

int64_t
log_name_parse(const char *name, bool *packed)
{
	const char *end = name + strnlen(name, DIGITS);
	char digits[DIGITS + 1];
	uint8_t b[DIGITS / 2];
	int64_t seq = 0;

	snprintf(digits, sizeof(digits), "%s", name);
	if (strlen(digits) != DIGITS || hex_decode(digits, b, sizeof(b)) < 0)
		return -1;
	for (size_t i = 0; i < sizeof(b); i++)
		seq = (int64_t)((uint64_t)seq << 8 | b[i]);
	*packed = strcmp(end, PACKED) == 0;
	if (strcmp(end, HALF) == 0)
		return 0;
	return seq > 0 && (*packed || strcmp(end, PLAIN) == 0) ? seq : -1;
}

static void
file_name(const struct log_dir *d, int64_t seq, const char *end,
	char out[FILE_SIZE])
{
	snprintf(out, FILE_SIZE, "%s/%016" PRIx64 "%s", d->path, seq, end);
}

static void
file_remove(const struct log_dir *d, int64_t seq, const char *end)
{
	char name[FILE_SIZE];

	file_name(d, seq, end, name);
	unlinkat(d->root, name, 0);
}

void
log_path_remove(int root, const char *path)
{
	char part[LOG_PATH_SIZE];
	char *slash;

	snprintf(part, sizeof(part), "%s", path);
	while (unlinkat(root, part, AT_REMOVEDIR) == 0 &&
	    (slash = strrchr(part, '/')) != NULL)
		*slash = '\0';
}

/* As openat: an owned descriptor, -1 with errno. */
static int
file_open(const struct log_dir *d, int64_t seq, const char *end, int flags)
{
	char name[FILE_SIZE];

	file_name(d, seq, end, name);
	return openat(d->root, name, flags | O_CLOEXEC | O_NOFOLLOW, 0600);
}

static const char *
end_of(const struct log_segment *s)
{
	return s->packed ? PACKED : PLAIN;
}

/* The directories on the way to it: 0, or -1 with errno. */
static int
path_make(const struct log_dir *d)
{
	char part[LOG_PATH_SIZE];

	for (size_t i = 1; i <= strlen(d->path); i++) {
		if (d->path[i] != '/' && d->path[i] != '\0')
			continue;
		snprintf(part, sizeof(part), "%.*s", (int)i, d->path);
		if (mkdirat(d->root, part, 0700) < 0 && errno != EEXIST)
			return -1;
	}
	return 0;
}

/* ---- found ---- */

static int
segment_add(struct log_dir *d, const struct log_segment *s)
{
	struct log_segment *more;

	/* Twice as many when all are taken, which is so at powers of two. */
	if ((d->n & (d->n - 1)) == 0) {
		more = realloc(d->segments, (d->n == 0 ? 1 : 2 * d->n) *
			sizeof(*more));
		if (more == NULL)
			return -1;
		d->segments = more;
	}
	d->segments[d->n++] = *s;
	d->bytes += s->bytes;
	return 0;
}

/* Reads what a plain one holds, and cuts off what is torn. */
static int
plain_look(int fd, struct log_segment *s, struct fault *f)
{
	struct stat st;
	struct buf b;
	int err;

	if (fstat(fd, &st) < 0)
		return fault_set(f, ERR_INTERNAL, "The log can not be read: "
		    "%s.", strerror(errno));
	buf_init(&b, LOG_FILE_MAX);
	err = log_file_read(fd, false, st.st_size, &b, f);
	if (err == 0) {
		log_file_look(b.data, b.len, &s->info);
		s->bytes = s->info.plain;
		/* Where it can not be cut, it is overwritten. */
		if (s->info.plain < st.st_size)
			(void)!ftruncate(fd, s->info.plain);
	}
	buf_free(&b);
	return err;
}

static int
packed_look(int fd, struct log_segment *s)
{
	struct stat st;

	if (fstat(fd, &st) == 0)
		s->bytes = st.st_size;
	return log_file_info(fd, &s->info);
}

/* 0 with s, ERR_NOT_FOUND when nothing is in it, or an err. */
static int
segment_look(const struct log_dir *d, int64_t seq, bool packed,
	struct log_segment *s, struct fault *f)
{
	AUTO_FD int fd = file_open(d, seq, packed ? PACKED : PLAIN, packed ?
		O_RDONLY : O_RDWR);
	int err = 0;

	*s = (struct log_segment){ .packed = packed };
	if (fd < 0)
		return fault_set(f, ERR_INTERNAL, "The log can not be read: "
		    "%s.", strerror(errno));
	if (packed)
		(void)packed_look(fd, s);
	else
		err = plain_look(fd, s, f);
	return err != 0 || s->info.first == seq ? err : ERR_NOT_FOUND;
}

static int
found(struct log_dir *d, const char *name, struct fault *f)
{
	struct log_segment s;
	bool packed;
	int64_t seq = log_name_parse(name, &packed);
	char path[FILE_SIZE];
	int err;

	if (seq < 0)
		return 0;
	snprintf(path, sizeof(path), "%s/%s", d->path, name);
	err = seq == 0 ? ERR_NOT_FOUND : segment_look(d, seq, packed, &s, f);
	if (err == ERR_NOT_FOUND) {
		unlinkat(d->root, path, 0);
		return 0;
	}
	if (err == 0 && segment_add(d, &s) < 0)
		err = fault_set(f, ERR_NO_MEMORY, "Out of memory.");
	return err;
}

/* By seq; of two with the same the packed one, which is whole, first. */
static int
segment_compare(const void *a, const void *b)
{
	const struct log_segment *x = a, *y = b;

	if (x->info.first != y->info.first)
		return x->info.first < y->info.first ? -1 : 1;
	return (int)y->packed - (int)x->packed;
}

/* What does not fit to what is before it, or to the newest, goes. */
static void
segments_settle(struct log_dir *d)
{
	size_t n = 0;

	if (d->n == 0)
		return;
	qsort(d->segments, d->n, sizeof(*d->segments), segment_compare);
	d->epoch = d->segments[d->n - 1].info.epoch;
	d->bytes = 0;
	for (size_t i = 0; i < d->n; i++) {
		const struct log_segment s = d->segments[i];

		if (s.info.epoch != d->epoch || (n > 0 &&
		    s.info.first <= d->segments[n - 1].info.last)) {
			file_remove(d, s.info.first, end_of(&s));
			log_event(LOG_LEVEL_INFO, "log-segment-removed",
			    "log", d->path, NULL);
			continue;
		}
		d->segments[n++] = s;
		d->bytes += s.bytes;
	}
	d->n = n;
}

int
log_dir_load(struct log_dir *d, struct fault *f)
{
	const char *name;
	DIR *dir;
	int err = 0;

	log_dir_free(d);
	dir = state_dir_read(d->root, d->path);
	if (dir == NULL)
		return errno == ENOENT ? 0 : fault_set(f, ERR_INTERNAL,
		    "The log can not be read: %s.", strerror(errno));
	while (err == 0 && (name = state_dir_next(dir)) != NULL)
		err = found(d, name, f);
	closedir(dir);
	if (err != 0)
		log_dir_free(d);
	segments_settle(d);
	return err;
}

/* ---- packed ---- */

/* 0 once SEQ.gz is there, whole. */
static int
packed_make(const struct log_dir *d, struct log_segment *s,
	const struct buf *data, struct fault *f)
{
	AUTO_FD int fd = file_open(d, s->info.first, HALF, O_WRONLY |
		O_CREAT | O_TRUNC);
	char half[FILE_SIZE], name[FILE_SIZE];
	int64_t size;
	int err;

	file_name(d, s->info.first, HALF, half);
	file_name(d, s->info.first, PACKED, name);
	if (fd < 0)
		return fault_set(f, ERR_STORAGE_FULL, "A log was not packed: "
		    "%s.", strerror(errno));
	err = log_file_pack(data->data, data->len, &s->info, fd, &size, f);
	if (err == 0 && renameat(d->root, half, d->root, name) < 0)
		err = fault_set(f, ERR_STORAGE_FULL, "A log was not packed: "
		    "%s.", strerror(errno));
	if (err != 0)
		unlinkat(d->root, half, 0);
	else
		s->bytes = size;
	return err;
}

/* Where there is no room for it, it stays as it is. */
static void
segment_pack(struct log_dir *d, struct log_segment *s)
{
	struct fault f = { 0 };
	struct buf b;
	int64_t before = s->bytes;

	buf_init(&b, LOG_FILE_MAX);
	if (log_segment_read(d, s, &b, &f) == 0 &&
	    (int64_t)b.len == s->info.plain &&
	    packed_make(d, s, &b, &f) == 0) {
		file_remove(d, s->info.first, PLAIN);
		s->packed = true;
		d->bytes += s->bytes - before;
	}
	buf_free(&b);
}

/* ---- written ---- */

static int
not_written(struct fault *f)
{
	return fault_set(f, ERR_STORAGE_FULL, "A log was not written: %s.",
	    strerror(errno));
}

/* All of it at that place: 0 or -1 with errno. */
static int
place_write(int fd, const struct buf *b, int64_t at)
{
	size_t done = 0;

	while (done < b->len) {
		ssize_t n = pwrite(fd, b->data + done, b->len - done,
			(off_t)at + (off_t)done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		done += (size_t)n;
	}
	return 0;
}

/* The first segment, or the next: its head alone, 0 or an err. */
static int
segment_begin(struct log_dir *d, const struct log_info *info,
	struct fault *f)
{
	struct log_segment s = { .info = { .epoch = info->epoch,
		.first = info->first, .plain = LOG_FILE_HEAD },
		.bytes = LOG_FILE_HEAD };
	AUTO_FD int fd = path_make(d) < 0 ? -1 : file_open(d, info->first,
		PLAIN, O_WRONLY | O_CREAT | O_TRUNC);
	struct buf head;
	int err = 0;

	if (fd < 0)
		return not_written(f);
	buf_init(&head, LOG_FILE_HEAD);
	log_file_begin(&head, info->epoch);
	if (!buf_ok(&head) || place_write(fd, &head, 0) < 0)
		err = not_written(f);
	else if (segment_add(d, &s) < 0)
		err = fault_set(f, ERR_NO_MEMORY, "Out of memory.");
	buf_free(&head);
	if (err != 0)
		file_remove(d, info->first, PLAIN);
	d->epoch = info->epoch;
	return err;
}

static void
info_merge(struct log_info *to, const struct log_info *more)
{
	if (to->entries == 0 || more->from_ms < to->from_ms)
		to->from_ms = more->from_ms;
	if (to->entries == 0 || more->to_ms > to->to_ms)
		to->to_ms = more->to_ms;
	to->last = more->last;
	to->kinds |= more->kinds;
	to->entries += more->entries;
}

static int
segment_write(struct log_dir *d, const struct buf *entries,
	const struct log_info *info, struct fault *f)
{
	struct log_segment *s = &d->segments[d->n - 1];
	AUTO_FD int fd = file_open(d, s->info.first, PLAIN, O_WRONLY);

	if (fd < 0)
		return not_written(f);
	if (place_write(fd, entries, s->bytes) < 0) {
		(void)not_written(f);
		(void)!ftruncate(fd, s->bytes);
		return f->err;
	}
	info_merge(&s->info, info);
	s->info.plain += (int64_t)entries->len;
	s->bytes += (int64_t)entries->len;
	d->bytes += (int64_t)entries->len;
	return 0;
}

int
log_dir_write(struct log_dir *d, const struct buf *entries,
	const struct log_info *info, int64_t full, struct fault *f)
{
	struct log_segment *s = d->n == 0 ? NULL : &d->segments[d->n - 1];
	bool begun = false;
	int err = 0;

	if (s != NULL && !s->packed && s->bytes >= full)
		segment_pack(d, s);
	if (s == NULL || s->packed || s->bytes >= full) {
		err = segment_begin(d, info, f);
		begun = err == 0;
	}
	if (err == 0)
		err = segment_write(d, entries, info, f);
	if (err != 0 && begun) {
		file_remove(d, info->first, PLAIN);
		d->n--;
		d->bytes -= LOG_FILE_HEAD;
	}
	return err;
}

/* ---- removed ---- */

void
log_dir_trim(struct log_dir *d, int64_t max)
{
	size_t gone = 0;

	while (d->bytes > max && d->n - gone > 1) {
		const struct log_segment *s = &d->segments[gone++];

		file_remove(d, s->info.first, end_of(s));
		d->bytes -= s->bytes;
	}
	if (gone == 0)
		return;
	memmove(d->segments, d->segments + gone, (d->n - gone) *
	    sizeof(*d->segments));
	d->n -= gone;
}

void
log_dir_remove(struct log_dir *d)
{
	for (size_t i = 0; i < d->n; i++)
		file_remove(d, d->segments[i].info.first,
		    end_of(&d->segments[i]));
	log_dir_free(d);
	log_path_remove(d->root, d->path);
}

/* ---- read ---- */

int
log_segment_read(const struct log_dir *d, const struct log_segment *s,
	struct buf *b, struct fault *f)
{
	AUTO_FD int fd = file_open(d, s->info.first, end_of(s), O_RDONLY);
	bool packed = s->packed;

	/* It was packed since. */
	if (fd < 0 && errno == ENOENT && !packed) {
		packed = true;
		fd = file_open(d, s->info.first, PACKED, O_RDONLY);
	}
	if (fd < 0 && errno == ENOENT)
		return 0;
	if (fd < 0)
		return fault_set(f, ERR_INTERNAL, "The log can not be read: "
		    "%s.", strerror(errno));
	return log_file_read(fd, packed, s->info.plain, b, f);
}
