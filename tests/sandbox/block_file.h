/* SPDX-License-Identifier: ISC */
/* block_file: what blocks.c and block_stream.c share. */
#ifndef TESTS_SANDBOX_BLOCK_FILE_H
#define TESTS_SANDBOX_BLOCK_FILE_H

#include "tests/sandbox/blocks.h"

#define BLOCK_FOLDER "blocks"

/* An owned descriptor of the file, or -1. */
int block_open(const struct alb_name *name, int flags);
void block_unlink(const struct alb_name *name);
/* By name, as albatrossd does; false with a failure. */
bool block_truncate(const struct alb_name *name, int64_t bytes,
	struct alb_wire *reply);
/* The device, if it is there and in no use; else NULL and a failure. */
struct block *block_idle(struct sandbox *s, const struct alb_name *name,
	const char *what, struct alb_wire *reply);

#endif
