/* SPDX-License-Identifier: ISC */
/*
 * log: a segment of a kept log, plain or packed. Whatever the bytes are, what
 * is read of them is what would have been written, and the same from a file.
 */
#include "config.h"	/* for memfd_create */

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "fcgi/log_dir.h"
#include "tests/fuzz/fuzz.h"

static bool
info_same(const struct log_info *a, const struct log_info *b)
{
	return a->epoch == b->epoch && a->first == b->first &&
		a->last == b->last && a->from_ms == b->from_ms &&
		a->to_ms == b->to_ms && a->entries == b->entries &&
		a->plain == b->plain && a->kinds == b->kinds;
}

static int
file_of(const void *data, size_t size)
{
	int fd = memfd_create("log", MFD_CLOEXEC);

	if (fd < 0 || write(fd, data, size) != (ssize_t)size)
		abort();
	return fd;
}

/* Writes what can be read of it, which must be the same. */
static void
segment_check(const uint8_t *data, size_t size, struct log_info *info)
{
	struct log_info written = { 0 };
	struct log_cursor c;
	struct log_entry e;
	struct buf b;

	log_file_look(data, size, info);
	if (!log_cursor_begin(&c, data, size)) {
		if (info->plain != 0)
			abort();
		return;
	}
	buf_init(&b, size + LOG_FILE_HEAD);
	written.epoch = c.epoch;
	log_file_begin(&b, c.epoch);
	while (log_cursor_next(&c, &e))
		log_file_put(&b, &e, &written);
	written.plain = (int64_t)b.len;
	if (!buf_ok(&b) || !info_same(&written, info) || b.len > size ||
	    memcmp(b.data, data, b.len) != 0)
		abort();
	buf_free(&b);
}

/* Packed and read again. */
static void
packed_check(const uint8_t *data, const struct log_info *info)
{
	int fd = memfd_create("packed", MFD_CLOEXEC);
	struct fault f = { 0 };
	struct log_info found;
	struct buf b;
	int64_t size;

	buf_init(&b, LOG_FILE_MAX);
	if (log_file_pack(data, (size_t)info->plain, info, fd, &size, &f) !=
	    0 || lseek(fd, 0, SEEK_END) != size ||
	    log_file_info(fd, &found) != 0 || !info_same(&found, info) ||
	    log_file_read(fd, true, info->plain, &b, &f) != 0 ||
	    (int64_t)b.len != info->plain ||
	    memcmp(b.data, data, b.len) != 0)
		abort();
	buf_free(&b);
	close(fd);
}

/* As if the bytes were a file of ours. */
static void
file_check(const uint8_t *data, size_t size, bool packed)
{
	int fd = file_of(data, size);
	struct log_info info;
	struct fault f = { 0 };
	struct buf b;

	if (packed && log_file_info(fd, &info) == 0 && (info.plain <= 0 ||
	    info.plain > LOG_FILE_MAX || info.first > info.last))
		abort();
	buf_init(&b, LOG_FILE_MAX);
	if (log_file_read(fd, packed, 1 << 20, &b, &f) == 0) {
		if (!packed && b.len != size)
			abort();
		segment_check(b.data, b.len, &info);
	}
	buf_free(&b);
	close(fd);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint8_t nothing;
	struct log_info info;

	if (size > 1 << 20)
		return 0;
	data = size == 0 ? &nothing : data;
	segment_check(data, size, &info);
	if (info.entries > 0)
		packed_check(data, &info);
	file_check(data, size, false);
	file_check(data, size, true);
	return 0;
}
