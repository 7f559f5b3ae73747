/* SPDX-License-Identifier: ISC */
/*
 * ledger: what mollymawk-fcgi remembers, in STATE/mollymawk.db: deployments
 * with their steps (deployment.h), health checks, settings. Used by all
 * threads; locks itself.
 */
#ifndef FCGI_LEDGER_H
#define FCGI_LEDGER_H

#include <stdint.h>

#include "base/db.h"

struct ledger;

/*
 * Opens or makes STATE/mollymawk.db in the directory state_dir. 0 with an
 * owned ledger, or an ERR_ with a sentence for the operator.
 */
int ledger_open(const char *state_dir, struct ledger **out, struct fault *f);
void ledger_close(struct ledger *l);	/* NULL is fine */

/*
 * For reading, one thread at a time and for a short while: never across
 * anything that waits. NULL is never returned.
 */
struct db *ledger_read_begin(struct ledger *l);
void ledger_read_end(struct ledger *l);
/* For writing: database_write_begin and _end of base/db.h. */
struct db *ledger_write_begin(struct ledger *l, struct fault *f);
int ledger_write_end(struct ledger *l, int err, struct fault *f);
/* The same, with what as the sentence when f has none. */
int ledger_write_close(struct ledger *l, int err, const char *what,
	struct fault *f);

/*
 * Deployments, or what people are to be told, changed: wakes who waits. The
 * number grows with each change; ledger_wait returns when it is no longer
 * seen, or after ms milliseconds.
 */
void ledger_changed(struct ledger *l);
uint64_t ledger_changes(struct ledger *l);
uint64_t ledger_wait(struct ledger *l, uint64_t seen, int ms);

/* ledger_schema.c */
extern const struct migrations ledger_schema;

#endif
