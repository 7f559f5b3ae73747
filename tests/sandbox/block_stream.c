/* SPDX-License-Identifier: ISC */
/*
 * block_stream: block set and block dump, with the ways in which albatrossd
 * gets them wrong; protocol sections 3.3 and 3.4. A writer that has failed is
 * fed on until the queue before it, of two pieces, is full; then nobody reads
 * any more, and there is never an answer.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "base/cleanup.h"
#include "tests/sandbox/block_file.h"
#include "tests/sandbox/reply.h"

#define MB (INT64_C(1) << 20)
#define INPUT_MAX 65536		/* of a compressed chunk; the rest is lost */
#define PIECE 65536
#define QUEUE 2
#define RAW_PIECE 4096
#define PACKED_PIECE 65535
#define BATCH 16
#define READ_ERROR "exception while reading from fd"

enum sink_state { SINK_GOOD, SINK_EXCEEDED, SINK_MALFORMED };

struct sink {
	int fd;
	int64_t left;		/* bytes the device has room for */
	int64_t disk;		/* bytes the disk has room for */
	bool compressed;
	bool ended;		/* the zlib stream did */
	z_stream z;
	enum sink_state state;
	unsigned queued;	/* pieces nobody takes any more */
	unsigned waiting;	/* chunks that wait behind those */
};

static void
sink_piece(struct sink *k, const uint8_t *data, size_t len)
{
	bool fits = (int64_t)len <= k->disk;
	ssize_t n;

	if (k->state == SINK_EXCEEDED) {
		k->queued++;
		return;
	}
	if (k->state == SINK_MALFORMED)
		return;
	if ((uint64_t)len > (uint64_t)k->left) {
		k->state = SINK_EXCEEDED;
		return;
	}
	if (!fits)
		len = k->disk;
	k->left -= len;
	k->disk -= len;
	if (!fits)
		k->state = SINK_MALFORMED;
	while (len > 0) {
		n = write(k->fd, data, len);
		if (n <= 0) {
			k->state = SINK_MALFORMED;
			return;
		}
		data += n;
		len -= n;
	}
}

static void
sink_inflate(struct sink *k, const uint8_t *data, size_t len)
{
	uint8_t piece[PIECE];
	int rc = Z_OK;

	k->z.next_in = (Bytef *)(uintptr_t)data;
	k->z.avail_in = len > INPUT_MAX ? INPUT_MAX : len;
	while (rc == Z_OK && !k->ended) {
		k->z.next_out = piece;
		k->z.avail_out = PIECE;
		rc = inflate(&k->z, Z_NO_FLUSH);
		k->ended = rc == Z_STREAM_END;
		if (rc != Z_OK && !k->ended && rc != Z_BUF_ERROR)
			k->state = SINK_MALFORMED;
		else if (k->z.avail_out < PIECE)
			sink_piece(k, piece, PIECE - k->z.avail_out);
		if (k->z.avail_in == 0 && k->z.avail_out > 0)
			break;
	}
}

/* False when this chunk would wait for ever. */
static bool
sink_chunk(struct sink *k, const uint8_t *data, size_t len)
{
	if (!k->compressed) {
		sink_piece(k, data, len);
		return k->queued <= QUEUE;
	}
	if (k->queued > QUEUE || k->ended)
		return ++k->waiting <= QUEUE;
	if (k->state != SINK_MALFORMED)
		sink_inflate(k, data, len);
	return true;
}

/*
 * Zero-filled up to its size, unless the writing failed: whatever file has
 * that name by now.
 */
static void
sink_finish(struct sink *k, const struct alb_name *name, int64_t bytes,
	struct alb_wire *reply)
{
	if (k->compressed && !k->ended && k->state == SINK_GOOD)
		k->state = SINK_MALFORMED;
	if (k->state == SINK_EXCEEDED)
		reply_failure(reply, "stream exceeds size");
	else if (k->state == SINK_MALFORMED)
		reply_failure(reply, "error writing to file descriptor");
	else if (block_truncate(name, bytes, reply))
		reply_string(reply, "set block device");
}

/* Whether the device is to be had; it is empty then. */
static bool
set_begin(struct sandbox *s, const struct alb_name *name, struct sink *k,
	int64_t *bytes, struct alb_wire *reply)
{
	struct block *b = block_idle(s, name, "set", reply);

	if (b == NULL)
		return false;
	*bytes = b->size * MB;
	k->left = *bytes;
	block_unlink(&b->name);
	k->fd = block_open(&b->name, O_WRONLY | O_CREAT | O_EXCL);
	return k->fd >= 0;
}

/*
 * The daemon has said why and hung up, which the endpoint notices when it has
 * handed on what there is at once: then the reason is lost. One chunk and the
 * terminator get through.
 */
static const char *
set_refused(struct conn *c)
{
	const uint8_t *data;
	size_t len;
	int rc = conn_chunk(c, &data, &len);

	if (rc == 1)
		rc = conn_chunk(c, &data, &len);
	if (rc < 0)
		return "reading tls chunk";
	return rc == 0 ? NULL : "writing block data";
}

/*
 * How many of the next len bytes of content pass before the connection breaks
 * or stalls.
 */
static size_t
bytes_pass(struct conn *c, size_t len)
{
	if (c->fault != FAULT_BREAK_AFTER_BYTES &&
	    c->fault != FAULT_STALL_AFTER_BYTES)
		return len;
	if (len > (uint64_t)c->fault_bytes)
		len = c->fault_bytes;
	c->fault_bytes -= len;
	return len;
}

static bool
bytes_over(const struct conn *c)
{
	return (c->fault == FAULT_BREAK_AFTER_BYTES ||
	    c->fault == FAULT_STALL_AFTER_BYTES) && c->fault_bytes == 0;
}

/* The connection breaks, or stalls until the client is gone. */
static void
bytes_end(struct conn *c)
{
	if (c->fault == FAULT_STALL_AFTER_BYTES)
		conn_wait_gone(c);
	else
		c->abrupt = true;
	c->broken = true;
}

/* What is not whole when it breaks is not written. */
static const char *
set_stream(struct sandbox *s, struct conn *c, struct sink *k,
	const struct alb_name *name, int64_t bytes, struct alb_wire *reply)
{
	const uint8_t *data;
	size_t len;
	int rc = 1;

	while (!bytes_over(c) && (rc = conn_chunk(c, &data, &len)) == 1) {
		disk_wait(s);
		if (bytes_pass(c, len) < len)
			continue;
		if (sink_chunk(k, data, len))
			continue;
		conn_wait_gone(c);
		c->broken = true;
		return NULL;
	}
	if (bytes_over(c))
		bytes_end(c);
	sink_finish(k, name, bytes, reply);
	return rc == 0 ? NULL : "reading tls chunk";
}

const char *
block_set(struct sandbox *s, struct conn *c, struct request *r,
	struct alb_wire *reply)
{
	struct sink k = { .fd = -1, .compressed = r->command.compressed,
		.disk = c->fault == FAULT_FULL_DISK ? c->fault_bytes :
			INT64_MAX };
	const char *said;
	int64_t bytes = 0;
	bool good;

	pthread_mutex_lock(&s->lock);
	s->sequence++;
	good = set_begin(s, &r->name, &k, &bytes, reply);
	pthread_mutex_unlock(&s->lock);
	if (!good)
		return set_refused(c);
	if (inflateInit(&k.z) != Z_OK)
		abort();
	said = set_stream(s, c, &k, &r->name, bytes, reply);
	inflateEnd(&k.z);
	close(k.fd);
	return said;
}

/* Where frames of block data are collected until they are worth sending. */
struct source {
	struct conn *c;
	const struct request *r;
	int fd;
	int64_t left;		/* of the size the file had at first */
	int64_t file;		/* of the size it has */
	uint64_t sequence;
	struct buf out;
	unsigned frames;
};

static int
source_flush(struct source *o)
{
	int rc = !buf_ok(&o->out) ? -1 :
		conn_send_raw(o->c, o->out.data, o->out.len);

	buf_reset(&o->out);
	o->frames = 0;
	return rc;
}

static int
source_piece(struct source *o, const uint8_t *data, size_t len)
{
	size_t pass = bytes_pass(o->c, len);
	struct alb_wire w;

	alb_wire_init(&w, ALB_PAYLOAD_BLOCK_DATA);
	w.name = o->r->name;
	w.sequence = o->sequence;
	w.bytes = (uint8_t *)(uintptr_t)data;
	w.bytes_len = len;
	frame_put(&o->out, &w);
	if (bytes_over(o->c)) {
		o->out.len -= len - pass;
		source_flush(o);
		bytes_end(o->c);
		return -1;
	}
	return ++o->frames < BATCH ? 0 : source_flush(o);
}

/* At the end of the file 0, although more was to come. */
static ssize_t
source_read(struct source *o, uint8_t *piece, size_t size)
{
	ssize_t n;

	if (size > (uint64_t)o->left)
		size = o->left;
	if (size > (uint64_t)o->file)
		size = o->file;
	n = read(o->fd, piece, size);
	if (n > 0) {
		o->left -= n;
		o->file -= n;
	}
	return n;
}

/* When the file has become shorter, empty frames without an end. */
static int
dump_raw(struct sandbox *s, struct source *o)
{
	uint8_t piece[RAW_PIECE];
	ssize_t n;

	do {
		disk_wait(s);
		n = source_read(o, piece, sizeof(piece));
		if (n < 0 || source_piece(o, piece, n) != 0)
			return -1;
	} while (o->left > 0);
	return source_flush(o);
}

static int
dump_deflate(struct source *o, z_stream *z, int flush)
{
	uint8_t piece[PACKED_PIECE];
	int rc;

	do {
		z->next_out = piece;
		z->avail_out = sizeof(piece);
		rc = deflate(z, flush);
		if (z->avail_out < sizeof(piece) &&
		    source_piece(o, piece, sizeof(piece) - z->avail_out) != 0)
			return -1;
	} while (rc == Z_OK && z->avail_out == 0);
	return 0;
}

static int
dump_packed(struct sandbox *s, struct source *o, int level)
{
	uint8_t input[PIECE];
	z_stream z = { 0 };
	ssize_t n = 1;
	int rc = 0;

	if (deflateInit(&z, level) != Z_OK)
		abort();
	while (rc == 0 && n > 0) {
		disk_wait(s);
		n = source_read(o, input, sizeof(input));
		z.next_in = input;
		z.avail_in = n > 0 ? n : 0;
		rc = n < 0 ? -1 : dump_deflate(o, &z,
			n > 0 ? Z_NO_FLUSH : Z_FINISH);
	}
	deflateEnd(&z);
	return rc != 0 ? rc : source_flush(o);
}

/* The daemon's first frame: whether there is something to dump. */
static bool
dump_begin(struct sandbox *s, struct conn *c, struct request *r,
	struct source *o)
{
	int64_t level = r->command.compression;
	struct alb_wire first;
	struct block *b;
	bool died = false;
	int rc = -1;

	alb_wire_init(&first, ALB_PAYLOAD_BLOCK_IMAGE);
	pthread_mutex_lock(&s->lock);
	o->sequence = s->sequence++;
	b = block_idle(s, &r->name, "dump", &first);
	if (b != NULL && (level < 0 || level > ALB_COMPRESSION_MAX)) {
		albatrossd_die(s, "invalid level of compression");
		died = true;
	} else if (b != NULL) {
		o->fd = block_open(&b->name, O_RDONLY);
		first.flag = level != 0;
		if (o->fd < 0)
			reply_failure(&first, "file does not exist");
	}
	pthread_mutex_unlock(&s->lock);
	first.name = r->name;
	first.sequence = o->sequence;
	if (!died)
		rc = conn_send(c, &first);
	alb_wire_free(&first);
	return rc == 0 && o->fd >= 0;
}

/* A set may be at work on the file: what it holds by now is what is sent. */
static void
source_size(struct source *o)
{
	const struct conn *c = o->c;
	struct stat st;

	if (fstat(o->fd, &st) == 0)
		o->left = st.st_size;
	if (c->fault == FAULT_END_AFTER_BYTES && c->fault_bytes < o->left)
		o->left = c->fault_bytes;
	o->file = c->fault == FAULT_EMPTY_FRAMES ? c->fault_bytes : o->left;
}

static void
dump_end(struct conn *c, const struct request *r)
{
	struct alb_wire eof;

	alb_wire_init(&eof, ALB_PAYLOAD_BLOCK_EOF);
	eof.name = r->name;
	conn_send(c, &eof);
}

const char *
block_dump(struct sandbox *s, struct conn *c, struct request *r)
{
	struct source o = { .c = c, .r = r, .fd = -1 };
	int rc;

	if (!dump_begin(s, c, r, &o))
		return READ_ERROR;
	buf_init(&o.out, SIZE_MAX / 2);
	source_size(&o);
	if (r->command.compression == 0)
		rc = dump_raw(s, &o);
	else
		rc = dump_packed(s, &o, r->command.compression);
	buf_free(&o.out);
	close(o.fd);
	if (rc == 0)
		dump_end(c, r);
	return NULL;
}
