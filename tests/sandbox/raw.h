/* SPDX-License-Identifier: ISC */
/* raw: bytes on a connection which our own client would never send. */
#ifndef TESTS_SANDBOX_RAW_H
#define TESTS_SANDBOX_RAW_H

#include "tests/sandbox/drive.h"

/* Appends a chunk: its length and len bytes. */
void chunk_put(struct buf *out, const void *data, size_t len);
/*
 * Sends exactly these bytes with command c, which is freed. Then either
 * closes, when w is NULL, or reads the first message into w.
 */
void raw_send(const char *label, struct alb_command *c,
	const struct buf *bytes, struct alb_wire *w);

#endif
