/* SPDX-License-Identifier: ISC */
/*
 * refusals: which refused changes become rows of the audit log of their own,
 * so that a flood of them can not fill the disk. The first one is a row at
 * once. Those like it (same person, credential, action, result, target and
 * address) that follow within REFUSALS_INTERVAL are counted, and are one row
 * when it is over. Kinds that are more than there is room for are counted
 * together, those of nobody known apart from those of people. What was counted
 * and is not written yet is lost when the program is killed.
 */
#ifndef AUTH_REFUSALS_H
#define AUTH_REFUSALS_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "auth/audit.h"

#define REFUSALS_INTERVAL 600	/* s */
/* Kinds at the same time: of nobody known, of people, of one person. */
#define REFUSALS_NOBODY 32
#define REFUSALS_PEOPLE 96
#define REFUSALS_PERSON 16
/* Thus rows in an interval, whatever is sent: each may have two. */
#define REFUSALS_ROWS (2 * (REFUSALS_NOBODY + 1 + REFUSALS_PEOPLE + 1))

/* One kind; the texts are cut to what fits. */
struct refusal {
	time_t since;		/* 0: free */
	int64_t more;		/* behind the first */
	char action[33];
	char result[33];
	char user[37];		/* "" for nobody known */
	char user_name[64];
	char credential[64];
	char address[65];
	char request_id[65];	/* of the last one */
	char target[256];
	char detail[256];
};

struct refusals {
	pthread_mutex_t lock;
	time_t next;		/* when the next is over; 0: there is none */
	struct refusal nobody[REFUSALS_NOBODY + 1];	/* last: all others */
	struct refusal people[REFUSALS_PEOPLE + 1];
};

void refusals_init(struct refusals *r);
void refusals_free(struct refusals *r);

/* Takes a refused change: true when it is to be written as a row now. */
bool refusals_take(struct refusals *r, const struct audit_entry *e,
	time_t now);
/*
 * The next kind whose interval is over, or whose is not when all: true with
 * *out, which tells of more than one; the caller writes it as a row.
 */
bool refusals_due(struct refusals *r, time_t now, bool all,
	struct refusal *out);
/* *in as a row; e borrows from it. */
void refusal_entry(struct refusal *in, struct audit_entry *e);

#endif
