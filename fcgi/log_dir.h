/* SPDX-License-Identifier: ISC */
/*
 * log_dir: the segments of one kept log, files of its own directory that are
 * named by the seq of their first entry: SEQ.log, and SEQ.gz once it is packed
 * (16 hex digits). One thread changes them; others read with a view of them.
 */
#ifndef FCGI_LOG_DIR_H
#define FCGI_LOG_DIR_H

#include "albatross/name.h"
#include "fcgi/log_file.h"

#define LOG_PATH_SIZE (3 * (ALB_LABEL_MAX + 1))	/* "INSTANCE/PROJECT/NAME" */
#define LOG_NAME_SIZE 24

struct log_segment {
	struct log_info info;
	int64_t bytes;		/* on the disk */
	bool packed;
};

/* What is there of it, oldest first. Zeroed but for root and path: nothing. */
struct log_dir {
	int root;		/* STATE/logs; borrowed */
	char path[LOG_PATH_SIZE];
	uint32_t epoch;		/* of all of them */
	struct log_segment *segments;	/* owned */
	size_t n;
	int64_t bytes;
};

void log_path(const struct log_place *place, char path[LOG_PATH_SIZE]);
void log_dir_free(struct log_dir *d);	/* also what copy gave */
/* 0, or ERR_NO_MEMORY. */
int log_dir_copy(const struct log_dir *d, struct log_dir *out,
	struct fault *f);
/* seq of the last entry, 0 for none. */
int64_t log_dir_last(const struct log_dir *d);

/*
 * Finds what is there; cuts off torn tails, and removes what was left half
 * done. 0 (also when there is nothing), or an err.
 */
int log_dir_load(struct log_dir *d, struct fault *f);
/*
 * Adds entries, made by log_file_put with info, behind the last one; the one
 * before them is packed first when it has full bytes. 0, or ERR_STORAGE_FULL
 * with nothing added.
 */
int log_dir_write(struct log_dir *d, const struct buf *entries,
	const struct log_info *info, int64_t full, struct fault *f);
/* Removes the oldest ones until no more than max bytes, or one, is left. */
void log_dir_trim(struct log_dir *d, int64_t max);
/* Removes all of it. */
void log_dir_remove(struct log_dir *d);

/*
 * Reads one of them into b, whatever became of its file meanwhile: 0, with
 * nothing when it is gone; or an err.
 */
int log_segment_read(const struct log_dir *d, const struct log_segment *s,
	struct buf *b, struct fault *f);

/*
 * What a file of such a directory is: its seq, -1 when it is none of ours;
 * half done ones have 0.
 */
int64_t log_name_parse(const char *name, bool *packed);
/* Removes the directory and those above it that nothing is in. */
void log_path_remove(int root, const char *path);

#endif
