/* SPDX-License-Identifier: ISC */
/*
 * log_file: a segment of a kept log. It begins with 24 bytes: "MOLLYMAWK-LOG-1"
 * and a newline, the epoch, and the CRC-32 of these 20; then come entries, each
 * of 32 bytes and its text. All numbers are big endian:
 *
 *   crc 4 | length 2 | kind 1 | 0 1 | seq 8 | ms 8 | deployment 8 | text
 *
 * where the CRC-32 is of all behind it. So a tail that a kill or a power cut
 * left torn is seen, and what is before it is whole. One that is full becomes
 * a gzip file of the same bytes, with what is in it in the extra field of its
 * head (RFC 1952, section 2.3.1.1), so that it can be passed over unread.
 */
#ifndef FCGI_LOG_FILE_H
#define FCGI_LOG_FILE_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/err.h"
#include "fcgi/log.h"

#define LOG_FILE_HEAD 24
#define LOG_ENTRY_HEAD 32
#define LOG_FILE_MAX (4 * 1024 * 1024)	/* bytes that are read of one */

/* What is in a segment. */
struct log_info {
	uint32_t epoch;
	int64_t first, last;	/* seq; 0 when there is no entry */
	int64_t from_ms, to_ms;	/* the least and the greatest time */
	int64_t entries;
	int64_t plain;		/* bytes, not compressed */
	uint32_t kinds;		/* 1u << kind of all of them */
};

/* ---- made ---- */

void log_file_begin(struct buf *b, uint32_t epoch);
/* The entry is counted in info, which began with the epoch. */
void log_file_put(struct buf *b, const struct log_entry *e,
	struct log_info *info);
/*
 * Compresses the segment that data is into a file, and syncs it: 0 with its
 * size, or an err; what was written of it is of no use then.
 */
int log_file_pack(const void *data, size_t len, const struct log_info *info,
	int fd, int64_t *size, struct fault *f);

/* ---- read ---- */

/* A way through a segment in memory. */
struct log_cursor {
	const uint8_t *data;
	size_t len, at;
	uint32_t epoch;
	int64_t seq;		/* of the entry before: the next is behind it */
};

/* False when it has no head. */
bool log_cursor_begin(struct log_cursor *c, const void *data, size_t len);
/* False at the end, which is c->at, or before what is damaged. */
bool log_cursor_next(struct log_cursor *c, struct log_entry *e);

/* What is in it, up to its end or what is damaged: info->plain. */
void log_file_look(const void *data, size_t len, struct log_info *info);
/* What a packed one says of itself: 0, or -1 when it says nothing. */
int log_file_info(int fd, struct log_info *info);
/*
 * Appends the first bytes of a segment, at most LOG_FILE_MAX, to b; of a packed
 * one as many as can be had. 0, or an err.
 */
int log_file_read(int fd, bool packed, int64_t bytes, struct buf *b,
	struct fault *f);

#endif
