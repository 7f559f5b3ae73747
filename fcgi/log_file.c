/* SPDX-License-Identifier: ISC */
/* log_file: see log_file.h. */
#include "fcgi/log_file.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include <zlib.h>

#include "fcgi/ring.h"

#define MAGIC "MOLLYMAWK-LOG-1\n"
#define MAGIC_LEN 16
#define PIECE 65536
#define GZIP (MAX_WBITS + 16)	/* window bits: with gzip's head and tail */
#define LEVEL 6

/* The head of a packed one up to the end of our extra field; RFC 1952. */
#define EXTRA_AT 16		/* gzip's head, the length, our mark */
#define EXTRA_LEN 60
#define MARK_1 'M'
#define MARK_2 'W'

static uint32_t
crc(const void *data, size_t len)
{
	return (uint32_t)crc32_z(0, data, len);
}

static void
write_u32(uint8_t *at, uint32_t v)
{
	for (int i = 0; i < 4; i++)
		at[i] = (uint8_t)(v >> (24 - 8 * i));
}

static void
write_u64(uint8_t *at, int64_t v)
{
	write_u32(at, (uint32_t)((uint64_t)v >> 32));
	write_u32(at + 4, (uint32_t)v);
}

static uint32_t
read_u32(const uint8_t *at)
{
	return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 |
		(uint32_t)at[2] << 8 | at[3];
}

static int64_t
read_u64(const uint8_t *at)
{
	return (int64_t)((uint64_t)read_u32(at) << 32 | read_u32(at + 4));
}

/* ---- made ---- */

void
log_file_begin(struct buf *b, uint32_t epoch)
{
	uint8_t head[LOG_FILE_HEAD];

	memcpy(head, MAGIC, MAGIC_LEN);
	write_u32(head + MAGIC_LEN, epoch);
	write_u32(head + MAGIC_LEN + 4, crc(head, MAGIC_LEN + 4));
	buf_put(b, head, sizeof(head));
}

static void
info_add(struct log_info *info, const struct log_entry *e)
{
	if (info->entries == 0) {
		info->first = e->seq;
		info->from_ms = info->to_ms = e->ms;
	}
	if (e->ms < info->from_ms)
		info->from_ms = e->ms;
	if (e->ms > info->to_ms)
		info->to_ms = e->ms;
	info->last = e->seq;
	info->kinds |= 1u << e->kind;
	info->entries++;
}

void
log_file_put(struct buf *b, const struct log_entry *e, struct log_info *info)
{
	size_t len = e->len < RING_LINE_MAX ? e->len : RING_LINE_MAX;
	uint8_t *at = buf_extend(b, LOG_ENTRY_HEAD + len);

	if (at == NULL)
		return;
	at[4] = (uint8_t)(len >> 8);
	at[5] = (uint8_t)len;
	at[6] = (uint8_t)e->kind;
	at[7] = 0;
	write_u64(at + 8, e->seq);
	write_u64(at + 16, e->ms);
	write_u64(at + 24, e->deployment);
	if (len > 0)
		memcpy(at + LOG_ENTRY_HEAD, e->text, len);
	write_u32(at, crc(at + 4, LOG_ENTRY_HEAD - 4 + len));
	info_add(info, e);
}

/* ---- packed ---- */

static void
extra_write(const struct log_info *info, uint8_t out[4 + EXTRA_LEN])
{
	uint8_t *at = out + 4;

	out[0] = MARK_1;
	out[1] = MARK_2;
	out[2] = EXTRA_LEN;
	out[3] = 0;
	write_u32(at, info->epoch);
	write_u64(at + 4, info->first);
	write_u64(at + 12, info->last);
	write_u64(at + 20, info->from_ms);
	write_u64(at + 28, info->to_ms);
	write_u64(at + 36, info->entries);
	write_u64(at + 44, info->plain);
	write_u32(at + 52, info->kinds);
	write_u32(at + 56, crc(at, 56));
}

static int
all_write(int fd, const uint8_t *at, size_t len, struct fault *f)
{
	while (len > 0) {
		ssize_t n = write(fd, at, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return fault_set(f, ERR_STORAGE_FULL, "A log was not "
			    "packed: %s.", strerror(errno));
		at += n;
		len -= (size_t)n;
	}
	return 0;
}

static int
squeeze(z_stream *z, int fd, int64_t *size, struct fault *f)
{
	uint8_t piece[PIECE / 4];
	int rc = Z_OK, err = 0;

	while (err == 0 && rc != Z_STREAM_END) {
		z->next_out = piece;
		z->avail_out = sizeof(piece);
		rc = deflate(z, Z_FINISH);
		*size += (int64_t)(sizeof(piece) - z->avail_out);
		err = all_write(fd, piece, sizeof(piece) - z->avail_out, f);
	}
	return err;
}

int
log_file_pack(const void *data, size_t len, const struct log_info *info,
	int fd, int64_t *size, struct fault *f)
{
	uint8_t extra[4 + EXTRA_LEN];
	gz_header head = { .extra = extra, .extra_len = sizeof(extra),
		.os = 255 };
	z_stream z = { .next_in = (Bytef *)(uintptr_t)data,
		.avail_in = (uInt)len };
	int err;

	*size = 0;
	extra_write(info, extra);
	if (deflateInit2(&z, LEVEL, Z_DEFLATED, GZIP, 8,
	    Z_DEFAULT_STRATEGY) != Z_OK)
		return fault_set(f, ERR_NO_MEMORY, "Out of memory.");
	(void)deflateSetHeader(&z, &head);
	err = squeeze(&z, fd, size, f);
	deflateEnd(&z);
	if (err == 0 && fsync(fd) < 0)
		err = fault_set(f, ERR_STORAGE_FULL, "A log was not packed: "
		    "%s.", strerror(errno));
	return err;
}

static bool
info_valid(const struct log_info *info)
{
	return info->first > 0 && info->last >= info->first &&
		info->entries > 0 && info->to_ms >= info->from_ms &&
		info->plain > LOG_FILE_HEAD && info->plain <= LOG_FILE_MAX;
}

int
log_file_info(int fd, struct log_info *info)
{
	uint8_t head[EXTRA_AT + EXTRA_LEN];
	const uint8_t *at = head + EXTRA_AT;

	*info = (struct log_info){ 0 };
	if (pread(fd, head, sizeof(head), 0) != (ssize_t)sizeof(head) ||
	    head[0] != 0x1f || head[1] != 0x8b || (head[3] & 4) == 0 ||
	    head[12] != MARK_1 || head[13] != MARK_2 ||
	    read_u32(at + 56) != crc(at, 56))
		return -1;
	info->epoch = read_u32(at);
	info->first = read_u64(at + 4);
	info->last = read_u64(at + 12);
	info->from_ms = read_u64(at + 20);
	info->to_ms = read_u64(at + 28);
	info->entries = read_u64(at + 36);
	info->plain = read_u64(at + 44);
	info->kinds = read_u32(at + 52);
	return info_valid(info) ? 0 : -1;
}

/* ---- read ---- */

bool
log_cursor_begin(struct log_cursor *c, const void *data, size_t len)
{
	const uint8_t *at = data;

	*c = (struct log_cursor){ .data = data, .len = len };
	if (len < LOG_FILE_HEAD || memcmp(at, MAGIC, MAGIC_LEN) != 0 ||
	    read_u32(at + MAGIC_LEN + 4) != crc(at, MAGIC_LEN + 4))
		return false;
	c->epoch = read_u32(at + MAGIC_LEN);
	c->at = LOG_FILE_HEAD;
	return true;
}

bool
log_cursor_next(struct log_cursor *c, struct log_entry *e)
{
	const uint8_t *at = c->data + c->at;
	size_t left = c->len - c->at, len;

	if (left < LOG_ENTRY_HEAD)
		return false;
	len = (size_t)at[4] << 8 | at[5];
	if (len > RING_LINE_MAX || left - LOG_ENTRY_HEAD < len ||
	    at[6] >= LOG_KINDS ||
	    read_u32(at) != crc(at + 4, LOG_ENTRY_HEAD - 4 + len))
		return false;
	*e = (struct log_entry){ .seq = read_u64(at + 8),
		.ms = read_u64(at + 16), .kind = at[6],
		.deployment = read_u64(at + 24),
		.text = (const char *)at + LOG_ENTRY_HEAD, .len = len };
	if (e->seq <= c->seq)
		return false;
	c->seq = e->seq;
	c->at += LOG_ENTRY_HEAD + len;
	return true;
}

void
log_file_look(const void *data, size_t len, struct log_info *info)
{
	struct log_cursor c;
	struct log_entry e;

	*info = (struct log_info){ 0 };
	if (!log_cursor_begin(&c, data, len))
		return;
	info->epoch = c.epoch;
	while (log_cursor_next(&c, &e))
		info_add(info, &e);
	info->plain = (int64_t)c.at;
}

static int
unreadable(struct fault *f)
{
	return fault_set(f, ERR_INTERNAL, "The log can not be read: %s.",
	    strerror(errno));
}

static int
plain_read(int fd, size_t bytes, struct buf *b, struct fault *f)
{
	uint8_t *at = buf_extend(b, bytes);
	size_t got = 0;
	ssize_t n = 1;

	if (at == NULL)
		return fault_set(f, ERR_NO_MEMORY, "Out of memory.");
	while (got < bytes && n > 0) {
		do
			n = pread(fd, at + got, bytes - got, (off_t)got);
		while (n < 0 && errno == EINTR);
		got += n > 0 ? (size_t)n : 0;
	}
	b->len -= bytes - got;
	return n < 0 ? unreadable(f) : 0;
}

/* Inflates into room; what is there of it when it ends early is kept. */
static int
packed_take(int fd, z_stream *z, struct fault *f)
{
	uint8_t piece[PIECE / 4];
	off_t at = 0;
	ssize_t n = 1;
	int rc = Z_OK;

	while (rc == Z_OK && z->avail_out > 0 && n > 0) {
		do
			n = pread(fd, piece, sizeof(piece), at);
		while (n < 0 && errno == EINTR);
		if (n < 0)
			return unreadable(f);
		at += n;
		z->next_in = piece;
		z->avail_in = (uInt)n;
		while (rc == Z_OK && z->avail_in > 0 && z->avail_out > 0)
			rc = inflate(z, Z_NO_FLUSH);
	}
	return rc == Z_MEM_ERROR ? fault_set(f, ERR_NO_MEMORY,
	    "Out of memory.") : 0;
}

static int
packed_read(int fd, size_t bytes, struct buf *b, struct fault *f)
{
	uint8_t *at = buf_extend(b, bytes);
	z_stream z = { .next_out = at, .avail_out = (uInt)bytes };
	int err;

	if (at == NULL || inflateInit2(&z, GZIP) != Z_OK)
		return fault_set(f, ERR_NO_MEMORY, "Out of memory.");
	err = packed_take(fd, &z, f);
	b->len -= z.avail_out;
	inflateEnd(&z);
	return err;
}

int
log_file_read(int fd, bool packed, int64_t bytes, struct buf *b,
	struct fault *f)
{
	size_t max = bytes < LOG_FILE_MAX ? (size_t)bytes : LOG_FILE_MAX;

	return packed ? packed_read(fd, max, b, f) :
		plain_read(fd, max, b, f);
}
