/* SPDX-License-Identifier: ISC */
/* log: what the log of a unikernel is made of. */
#ifndef FCGI_LOG_H
#define FCGI_LOG_H

#include <stddef.h>
#include <stdint.h>

/* A line of the console, or what else happened to the unikernel. */
enum log_kind {
	LOG_LINE,
	LOG_DEPLOYMENT,		/* one began or ended */
	LOG_STOPPED,		/* it ended, or was destroyed */
	LOG_STARTED,
	LOG_RESTARTED,
	LOG_DROPPED,		/* lines that came too fast, or found no room */
	LOG_GAP,		/* lines that albatross had forgotten */
	LOG_KINDS
};

/* "line", "deployment", ...; never NULL. And back: -1 for what is none. */
const char *log_kind_name(enum log_kind kind);
int log_kind_find(const char *name);

/* Numbered by seq from 1 on, which grows; ids are made of it (ring.h). */
struct log_entry {
	int64_t seq;
	int64_t ms;		/* since 1970 */
	enum log_kind kind;
	int64_t deployment;	/* its number; 0: none */
	const char *text;	/* as it came, borrowed; not terminated */
	size_t len;		/* what is beyond RING_LINE_MAX is cut */
};

/* Whose log: folded labels, borrowed. */
struct log_place {
	const char *instance, *project, *name;
};

#endif
