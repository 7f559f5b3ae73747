/* SPDX-License-Identifier: ISC */
/*
 * alb_wire: the messages inside frames, protocol.md sections 2 and 3: what the
 * server says, decoded strictly and bounded, and encoded for the tests' own
 * server.
 */
#ifndef ALBATROSS_WIRE_H
#define ALBATROSS_WIRE_H

#include "albatross/command.h"
#include "albatross/error.h"
#include "albatross/name.h"

enum alb_payload {
	ALB_PAYLOAD_COMMAND,
	ALB_PAYLOAD_EMPTY,
	ALB_PAYLOAD_STRING,	/* .text */
	ALB_PAYLOAD_POLICIES,
	ALB_PAYLOAD_BLOCKS,
	ALB_PAYLOAD_INFOS,	/* .level says which of the five forms */
	ALB_PAYLOAD_IMAGE,	/* .flag compressed, .bytes */
	ALB_PAYLOAD_OLD_BLOCK,	/* the same, of a block device */
	ALB_PAYLOAD_BLOCK_IMAGE,/* .flag compressed; data follows */
	ALB_PAYLOAD_CONSOLES,	/* .names */
	ALB_PAYLOAD_FAILURE,	/* .text */
	ALB_PAYLOAD_CONSOLE,	/* .time, .millis, .text: a line */
	ALB_PAYLOAD_STATS,	/* .stats, in whatever form they came */
	ALB_PAYLOAD_BLOCK_DATA,	/* .bytes */
	ALB_PAYLOAD_BLOCK_EOF,
};

struct alb_named_policy {
	struct alb_name name;
	struct alb_policy policy;
};

struct alb_block_info {
	struct alb_name name;
	int64_t size;		/* MB */
	bool active;		/* attached to a running unikernel */
};

#define ALB_DIGEST_MAX 64

struct alb_info {
	struct alb_name name;
	struct alb_config config;
	uint8_t digest[ALB_DIGEST_MAX];
	size_t digest_len;	/* 32: SHA-256; BHyve: of the text "alba-n" */
	bool has_started;
	time_t started;
	int started_millis;	/* -1: without decimals */
};

struct alb_rusage {
	uint64_t utime_sec, stime_sec;
	int64_t utime_usec, stime_usec;
	/*
	 * maxrss ixrss idrss isrss minflt majflt nswap inblock outblock msgsnd
	 * msgrcv nsignals nvcsw nivcsw
	 */
	uint64_t counters[14];
};

struct alb_kinfo {
	/* vsize rss tsize dsize ssize runtime */
	uint64_t counters[6];
	int64_t cow;
	uint64_t start_sec;
	int64_t start_usec;
};

struct alb_ifdata {
	char *bridge;
	/* flags send-length max-send-length send-drops mtu */
	int64_t ints[5];
	/*
	 * baudrate input-packets input-errors output-packets output-errors
	 * collisions input-bytes output-bytes input-mcast output-mcast
	 * input-dropped output-dropped
	 */
	uint64_t counters[12];
};

struct alb_vmm_stat {
	char *key;
	uint64_t value;
};

struct alb_stats {
	struct alb_rusage rusage;
	struct alb_ifdata *ifs;
	size_t nifs;
	bool has_vmm;
	struct alb_vmm_stat *vmm;
	size_t nvmm;
	bool has_kinfo;
	struct alb_kinfo kinfo;
};

struct alb_wire {
	int64_t version;	/* always 5 */
	uint64_t sequence;
	struct alb_name name;
	enum alb_payload payload;
	enum alb_level level;	/* of ALB_PAYLOAD_INFOS */
	bool utc_time;		/* ALB_PAYLOAD_CONSOLE in the 2.0 form */
	struct alb_command command;
	char *text;		/* NUL-terminated copy; bytes as they came */
	size_t text_len;
	bool flag;
	uint8_t *bytes;
	size_t bytes_len;
	time_t time;
	int millis;		/* -1: without decimals */
	struct alb_named_policy *policies;
	size_t npolicies;
	struct alb_block_info *blocks;
	size_t nblocks;
	struct alb_info *infos;
	size_t ninfos;
	struct alb_name *names;
	size_t nnames;
	struct alb_stats stats;
};

void alb_wire_init(struct alb_wire *w, enum alb_payload payload);
void alb_wire_free(struct alb_wire *w);	/* contents only */

/*
 * Decodes one frame body: ALB_OK (free with alb_wire_free), ALB_DECODE for
 * anything else than strict DER of the module, or ALB_NO_MEMORY. Memory used
 * is a small multiple of len for what a server says, and bounded for what a
 * liar says: by len and 100 MB for lists, which der.h limits.
 */
int alb_wire_decode(const uint8_t *der, size_t len, struct alb_wire *w);
/* Appends the frame body: ALB_OK, ALB_INVALID, ALB_NO_MEMORY. */
int alb_wire_encode(const struct alb_wire *w, struct buf *out);

#endif
