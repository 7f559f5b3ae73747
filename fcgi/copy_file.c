/* SPDX-License-Identifier: ISC */
/* copy_file: see copy_file.h. */
#include "config.h"	/* for sync_file_range */

#include "fcgi/copy_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <zlib.h>

#define PIECE 65536
#define GZIP (15 + 16)		/* window bits: with gzip's head and tail */
/* What uses the volume may be stopped meanwhile: time matters most. */
#define LEVEL 1
/* Bytes after which the kernel is told to start writing to the disk. */
#define WRITE_BEHIND (UINT64_C(4) * 1024 * 1024)

struct copy_writer {
	int fd;
	int (*room)(void *arg, uint64_t bytes, struct fault *f);
	void *arg;
	z_stream z;
	struct digest digest;
	uint64_t stored, behind;
	uint8_t piece[PIECE];
};

struct copy_reader {
	int fd;
	z_stream z;
	bool ended;
	off_t at;
	uint8_t piece[PIECE];
};

int
copy_file_fault(struct fault *f, const char *what)
{
	if (errno == ENOSPC || errno == EDQUOT || errno == EFBIG)
		return fault_set(f, ERR_STORAGE_FULL,
		    "There is no room left to store the copy.");
	return fault_set(f, ERR_INTERNAL, "%s: %s.", what, strerror(errno));
}

/* ---- writing ---- */

struct copy_writer *
copy_writer_new(int fd, int (*room)(void *arg, uint64_t bytes,
	struct fault *f), void *arg)
{
	struct copy_writer *w = calloc(1, sizeof(*w));

	if (w == NULL)
		return NULL;
	w->fd = fd;
	w->room = room;
	w->arg = arg;
	if (digest_begin(&w->digest) < 0) {
		free(w);
		return NULL;
	}
	if (deflateInit2(&w->z, LEVEL, Z_DEFLATED, GZIP, 8,
	    Z_DEFAULT_STRATEGY) != Z_OK) {
		digest_end(&w->digest);
		free(w);
		return NULL;
	}
	return w;
}

void
copy_writer_free(struct copy_writer *w)
{
	if (w == NULL)
		return;
	deflateEnd(&w->z);
	digest_end(&w->digest);
	free(w);
}

static int
piece_write(struct copy_writer *w, size_t len, struct fault *f)
{
	const uint8_t *at = w->piece;
	int err = w->room == NULL || len == 0 ? 0 : w->room(w->arg, len, f);

	if (err != 0)
		return err;
	digest_add(&w->digest, w->piece, len);
	w->stored += len;
	while (len > 0) {
		ssize_t n = write(w->fd, at, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return copy_file_fault(f, "The copy was not written");
		at += n;
		len -= (size_t)n;
	}
	/* So that the sync at the end has little left to wait for. */
	if (w->stored - w->behind >= WRITE_BEHIND) {
		sync_file_range(w->fd, (off_t)w->behind,
		    (off_t)(w->stored - w->behind), SYNC_FILE_RANGE_WRITE);
		w->behind = w->stored;
	}
	return 0;
}

/* What is given is taken, all of it; with Z_FINISH to the end. */
static int
squeeze(struct copy_writer *w, int flush, struct fault *f)
{
	int rc, err;

	do {
		w->z.next_out = w->piece;
		w->z.avail_out = PIECE;
		rc = deflate(&w->z, flush);
		err = piece_write(w, PIECE - w->z.avail_out, f);
		if (err != 0)
			return err;
	} while (flush == Z_FINISH ? rc != Z_STREAM_END :
	    w->z.avail_out == 0);
	return 0;
}

int
copy_writer_put(struct copy_writer *w, const void *data, size_t len,
	struct fault *f)
{
	const uint8_t *at = data;
	size_t some;
	int err = 0;

	for (; err == 0 && len > 0; at += some, len -= some) {
		some = len < PIECE ? len : PIECE;
		w->z.next_in = (uint8_t *)at;
		w->z.avail_in = (uInt)some;
		err = squeeze(w, Z_NO_FLUSH, f);
	}
	return err;
}

int
copy_writer_end(struct copy_writer *w, uint64_t *stored,
	char sha256[DIGEST_SIZE], struct fault *f)
{
	int err;

	w->z.avail_in = 0;
	err = squeeze(w, Z_FINISH, f);
	if (err == 0 && fsync(w->fd) < 0)
		err = copy_file_fault(f, "The copy was not written");
	if (err != 0)
		return err;
	digest_text(&w->digest, sha256);
	*stored = w->stored;
	return 0;
}

/* ---- reading ---- */

struct copy_reader *
copy_reader_new(int fd)
{
	struct copy_reader *r = calloc(1, sizeof(*r));

	if (r == NULL)
		return NULL;
	r->fd = fd;
	if (inflateInit2(&r->z, GZIP) != Z_OK) {
		free(r);
		return NULL;
	}
	return r;
}

void
copy_reader_free(struct copy_reader *r)
{
	if (r == NULL)
		return;
	inflateEnd(&r->z);
	free(r);
}

static int
piece_read(struct copy_reader *r, struct fault *f)
{
	ssize_t n = pread(r->fd, r->piece, PIECE, r->at);

	if (n < 0)
		return copy_file_fault(f, "The copy can not be read");
	if (n == 0)
		return fault_set(f, ERR_INTERNAL, "The copy ends early.");
	r->at += n;
	r->z.next_in = r->piece;
	r->z.avail_in = (uInt)n;
	return 0;
}

int
copy_reader_get(void *arg, void *data, size_t size, size_t *got,
	struct fault *f)
{
	struct copy_reader *r = arg;
	int rc, err;

	*got = 0;
	r->z.next_out = data;
	r->z.avail_out = size < PIECE ? (uInt)size : PIECE;
	while (!r->ended && *got == 0 && size > 0) {
		err = r->z.avail_in > 0 ? 0 : piece_read(r, f);
		if (err != 0)
			return err;
		rc = inflate(&r->z, Z_NO_FLUSH);
		if (rc != Z_OK && rc != Z_STREAM_END)
			return fault_set(f, ERR_INTERNAL,
			    "The copy is damaged: it is no gzip stream.");
		r->ended = rc == Z_STREAM_END;
		*got = (size_t)((uint8_t *)r->z.next_out - (uint8_t *)data);
	}
	return 0;
}
