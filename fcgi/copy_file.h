/* SPDX-License-Identifier: ISC */
/*
 * copy_file: a saved copy as it lies on a disk, gzip (RFC 1952, one member):
 * written while it arrives, with the digest of what is written; and read again.
 */
#ifndef FCGI_COPY_FILE_H
#define FCGI_COPY_FILE_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "fcgi/digest.h"

struct copy_writer;
struct copy_reader;

/*
 * Writes to fd (borrowed). room (or NULL) is asked before so many bytes more
 * are written: 0, or why not. NULL: out of memory.
 */
struct copy_writer *copy_writer_new(int fd, int (*room)(void *arg,
	uint64_t bytes, struct fault *f), void *arg);
void copy_writer_free(struct copy_writer *w);	/* NULL is fine */
/* 0, room's answer, ERR_STORAGE_FULL, ERR_INTERNAL. */
int copy_writer_put(struct copy_writer *w, const void *data, size_t len,
	struct fault *f);
/* All of it, and on the disk: how many bytes lie there, and their digest. */
int copy_writer_end(struct copy_writer *w, uint64_t *stored,
	char sha256[DIGEST_SIZE], struct fault *f);

/* Reads fd (borrowed) from its beginning. NULL: out of memory. */
struct copy_reader *copy_reader_new(int fd);
void copy_reader_free(struct copy_reader *r);	/* NULL is fine */
/*
 * Up to size bytes of what was put in: 0 with *got (0 at the end), or
 * ERR_INTERNAL when the file is damaged or can not be read. arg is the reader:
 * fit for a volume_source.
 */
int copy_reader_get(void *arg, void *data, size_t size, size_t *got,
	struct fault *f);

/* For errno, about a copy. */
int copy_file_fault(struct fault *f, const char *what);

#endif
