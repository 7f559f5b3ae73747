/* SPDX-License-Identifier: ISC */
/*
 * blocks: block devices, files in DIR/blocks; see blocks.h. What streams is
 * in block_stream.c.
 */
#include "tests/sandbox/blocks.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "tests/sandbox/block_file.h"
#include "tests/sandbox/pack.h"
#include "tests/sandbox/policies.h"
#include "tests/sandbox/reply.h"

#define MB (INT64_C(1) << 20)
#define DATA_MAX ((size_t)INT32_MAX)
#define PATH_SIZE (NAME_SIZE + sizeof(BLOCK_FOLDER) + 1)

struct block *
block_find(struct sandbox *s, const char *path, const char *label)
{
	char key[KEY_SIZE], wanted[KEY_SIZE];
	struct alb_name name = { 0 };
	struct block *b;

	if (strlen(label) > ALB_LABEL_MAX)
		return NULL;
	snprintf(name.path, sizeof(name.path), "%s", path);
	snprintf(name.label, sizeof(name.label), "%s", label);
	key_make(&name, wanted);
	for (b = s->blocks; b != NULL; b = b->next) {
		key_make(&b->name, key);
		if (strcmp(key, wanted) == 0)
			return b;
	}
	return NULL;
}

static struct block *
block_of(struct sandbox *s, const struct alb_name *name)
{
	return block_find(s, name->path, name->label);
}

int64_t
block_usage(struct sandbox *s, const char *path)
{
	char key[KEY_SIZE];
	struct block *b;
	int64_t used = 0;

	for (b = s->blocks; b != NULL; b = b->next) {
		key_make(&b->name, key);
		if (key_below(key, path))
			used = wrap_add(used, b->size);
	}
	return used;
}

static void
block_insert(struct sandbox *s, const struct alb_name *name, int64_t size)
{
	struct block *b = xcalloc(1, sizeof(*b));

	b->name = *name;
	b->size = size;
	b->next = s->blocks;
	s->blocks = b;
}

/* Only whole megabytes are block devices; a stale file is none. */
static void
block_restore(struct sandbox *s, const char *file)
{
	struct alb_name name;
	struct stat st;
	int fd;

	if (alb_name_parse(file, strlen(file), &name) != ALB_OK)
		return;
	fd = block_open(&name, O_RDONLY);
	if (fd < 0)
		return;
	if (fstat(fd, &st) == 0 && st.st_size > 0 && st.st_size % MB == 0)
		block_insert(s, &name, st.st_size / MB);
	close(fd);
}

void
blocks_restore(struct sandbox *s)
{
	folder_walk(BLOCK_FOLDER, block_restore, s);
}

void
blocks_free(struct sandbox *s)
{
	struct block *b;

	while ((b = s->blocks) != NULL) {
		s->blocks = b->next;
		free(b);
	}
}

static void
item_fill(const struct block *b, const struct alb_name *name,
	struct alb_wire *reply)
{
	struct alb_block_info *item = &reply->blocks[reply->nblocks++];

	item->name = *name;
	item->size = b->size;
	item->active = b->active;
}

void
blocks_info(struct sandbox *s, struct request *r, struct alb_wire *reply)
{
	const struct alb_name *name = &r->name;
	char key[KEY_SIZE];
	struct alb_name at;
	struct block *b;
	size_t n = 1;

	for (b = s->blocks; b != NULL; b = b->next)
		n++;
	alb_wire_init(reply, ALB_PAYLOAD_BLOCKS);
	reply->blocks = xcalloc(n, sizeof(*reply->blocks));
	if (name->label[0] != '\0') {
		b = block_of(s, name);
		if (b != NULL)
			item_fill(b, name, reply);
		return;
	}
	for (b = s->blocks; b != NULL; b = b->next) {
		key_make(&b->name, key);
		if (!key_below(key, name->path))
			continue;
		name_relative(&b->name, name->path, &at);
		item_fill(b, &at, reply);
	}
}

static void
block_path(const struct alb_name *name, char path[PATH_SIZE])
{
	char text[NAME_SIZE];

	alb_name_format(name, text);
	snprintf(path, PATH_SIZE, "%s/%s", BLOCK_FOLDER, text);
}

int
block_open(const struct alb_name *name, int flags)
{
	char path[PATH_SIZE];

	block_path(name, path);
	return open(path, flags | O_CLOEXEC | O_NOFOLLOW, 0600);
}

bool
block_truncate(const struct alb_name *name, int64_t bytes,
	struct alb_wire *reply)
{
	char path[PATH_SIZE];

	block_path(name, path);
	return truncate(path, bytes) == 0 ||
		reply_failure(reply, "truncate file %s: %s", path,
			strerror(errno));
}

void
block_unlink(const struct alb_name *name)
{
	char text[NAME_SIZE];

	alb_name_format(name, text);
	file_remove(BLOCK_FOLDER, text);
}

/* albatrossd's own arithmetic: 63 bits, and nothing smaller than one MB. */
static bool
bytes_of(int64_t mb, int64_t *bytes, struct alb_wire *reply)
{
	if (mb >= 1 && !__builtin_mul_overflow(mb, MB, bytes) &&
	    *bytes <= INT64_MAX / 2)
		return true;
	return reply_failure(reply, "overflow while computing bytes");
}

static bool
write_whole(int fd, const struct buf *data)
{
	size_t done = 0;
	ssize_t n;

	while (data != NULL && done < data->len) {
		n = write(fd, data->data + done, data->len - done);
		if (n <= 0)
			return false;
		done += n;
	}
	return true;
}

/*
 * Makes the file. It stays behind when the size is not to be had, and is in
 * the way for ever.
 */
static bool
block_make(struct sandbox *s, const struct alb_name *name, int64_t size,
	const struct buf *data, struct alb_wire *reply)
{
	AUTO_FD int fd = block_open(name, O_WRONLY | O_CREAT | O_EXCL);
	int64_t bytes = 0;

	disk_wait(s);
	if (fd < 0)
		return reply_failure(reply, "%s", errno == EEXIST ?
			"file already exists" : strerror(errno));
	if (!write_whole(fd, data))
		return reply_failure(reply, "write: %s", strerror(errno));
	return bytes_of(size, &bytes, reply) &&
		block_truncate(name, bytes, reply);
}

/* The data of an old form, inflated; false with a reply. */
static bool
data_of(const struct alb_command *c, int64_t size, struct buf *out,
	struct alb_wire *reply)
{
	const char *why = NULL;
	int64_t bytes = 0;

	buf_init(out, DATA_MAX);
	if (!bytes_of(size, &bytes, reply))
		return false;
	if (c->compressed)
		why = pack_inflate(c->image, c->image_len, out);
	else
		buf_put(out, c->image, c->image_len);
	if (why != NULL)
		return reply_failure(reply, "%s", why);
	if ((int64_t)out->len > bytes)
		return reply_failure(reply, "data exceeds block size");
	return true;
}

void
block_add(struct sandbox *s, struct request *r, struct alb_wire *reply)
{
	const struct alb_command *c = &r->command;
	bool has_data = c->old_form && c->image != NULL;
	int64_t bytes = 0;
	struct buf data;
	bool good;

	if (block_of(s, &r->name) != NULL) {
		reply_failure(reply,
			"block device with same name already exists");
		return;
	}
	if (!policy_admits_block(s, r->name.path, c->size, reply) ||
	    (c->old_form && !bytes_of(c->size, &bytes, reply)))
		return;
	buf_init(&data, 0);
	good = !has_data || data_of(c, c->size, &data, reply);
	if (good && block_make(s, &r->name, c->size,
	    has_data ? &data : NULL, reply)) {
		block_insert(s, &r->name, c->size);
		reply_string(reply, "added block device");
	}
	buf_free(&data);
}

struct block *
block_idle(struct sandbox *s, const struct alb_name *name, const char *what,
	struct alb_wire *reply)
{
	struct block *b = block_of(s, name);

	if (b != NULL && !b->active)
		return b;
	reply_failure(reply, "%s block: %s", what,
		b == NULL ? "not found" : "is in use");
	return NULL;
}

void
block_remove(struct sandbox *s, struct request *r, struct alb_wire *reply)
{
	struct block *b = block_idle(s, &r->name, "remove", reply);
	struct block **at = &s->blocks;

	if (b == NULL)
		return;
	disk_wait(s);
	block_unlink(&b->name);
	while (*at != b)
		at = &(*at)->next;
	*at = b->next;
	free(b);
	reply_string(reply, "removed block");
}

void
block_set_old(struct sandbox *s, struct request *r, struct alb_wire *reply)
{
	struct block *b = block_idle(s, &r->name, "set", reply);
	struct buf data;

	if (b == NULL)
		return;
	if (data_of(&r->command, b->size, &data, reply)) {
		block_unlink(&b->name);
		if (block_make(s, &b->name, b->size, &data, reply))
			reply_string(reply, "set block device");
	}
	buf_free(&data);
}

void
block_dump_old(struct sandbox *s, struct request *r,
	struct alb_wire *reply)
{
	struct block *b = block_idle(s, &r->name, "dump", reply);
	int64_t level = r->command.compression;
	struct buf raw, packed;
	char text[NAME_SIZE];

	if (b == NULL)
		return;
	if (level < 0 || level > ALB_COMPRESSION_MAX) {
		albatrossd_die(s, "invalid level of compression");
		return;
	}
	alb_name_format(&b->name, text);
	if (file_read(BLOCK_FOLDER, text, &raw) != 0) {
		reply_failure(reply, "file does not exist");
		return;
	}
	buf_init(&packed, DATA_MAX);
	if (level > 0)
		pack_deflate(raw.data, raw.len, level, &packed);
	alb_wire_init(reply, ALB_PAYLOAD_OLD_BLOCK);
	reply->flag = level > 0;
	reply->bytes_len = level > 0 ? packed.len : raw.len;
	reply->bytes = level > 0 ? packed.data : raw.data;
	buf_free(level > 0 ? &raw : &packed);
}
