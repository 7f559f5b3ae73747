/* SPDX-License-Identifier: ISC */
/* blocks: block devices, files in DIR/blocks; protocol section 4.3. */
#ifndef TESTS_SANDBOX_BLOCKS_H
#define TESTS_SANDBOX_BLOCKS_H

#include "tests/sandbox/conn.h"
#include "tests/sandbox/request.h"

struct block {
	struct block *next;
	struct alb_name name;
	int64_t size;		/* MB */
	bool active;		/* attached to a running unikernel */
};

void blocks_restore(struct sandbox *s);
void blocks_free(struct sandbox *s);
/* By path and label; label may be anything. */
struct block *block_find(struct sandbox *s, const char *path,
	const char *label);
/* MB at and below a path */
int64_t block_usage(struct sandbox *s, const char *path);

/* Commands with one reply; called with the lock held. */
void blocks_info(struct sandbox *s, struct request *r,
	struct alb_wire *reply);
void block_add(struct sandbox *s, struct request *r,
	struct alb_wire *reply);
void block_remove(struct sandbox *s, struct request *r,
	struct alb_wire *reply);
/* The forms before 2.5, with the data inside of the message. */
void block_set_old(struct sandbox *s, struct request *r,
	struct alb_wire *reply);
void block_dump_old(struct sandbox *s, struct request *r,
	struct alb_wire *reply);

/*
 * Commands that stream; called without the lock. Both return what the
 * endpoint is to say at the end, NULL for nothing more; a reply of the daemon
 * goes into reply.
 */
const char *block_set(struct sandbox *s, struct conn *c, struct request *r,
	struct alb_wire *reply);
const char *block_dump(struct sandbox *s, struct conn *c, struct request *r);

#endif
