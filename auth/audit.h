/* SPDX-License-Identifier: ISC */
/*
 * audit: who did what, from where, with what result. Rows are only ever added;
 * each carries SHA-256 over the row before it and its own content, and the
 * newest is sealed by a MAC under the master key, so that rows changed, removed
 * or cut off at the end all show.
 */
#ifndef AUTH_AUDIT_H
#define AUTH_AUDIT_H

#include <pthread.h>

#include "auth/keyring.h"
#include "auth/store.h"

/* All borrowed; NULL where there is none. */
struct audit_entry {
	const char *action;	/* "login", "mint", "token-create" ... */
	const char *result;	/* "ok" or the code of an err */
	const char *user;
	const char *user_name;
	const char *credential;	/* "session:ID", "token:ID", "grant:ID" */
	const char *address;
	const char *request_id;
	const char *target;
	const char *detail;
};

/* A row on its way to the disk; filled in by audit_start. */
struct audit_ticket {
	struct audit_ticket *next;
	const struct audit_entry *entry;
	int err;
	bool done;
};

struct audit {
	struct database *store;		/* borrowed */
	uint8_t key[KEYRING_BYTES];
	pthread_mutex_t lock;
	pthread_cond_t queued;
	pthread_cond_t written;
	struct audit_ticket *first;
	struct audit_ticket **last;
	pthread_t writer;		/* started at the first row */
	bool started;
	bool ending;
};

/* 0 or ERR_INTERNAL. */
int audit_init(struct audit *a, struct database *store,
	const struct keyring *k);
void audit_free(struct audit *a);

/* Adds a row within the caller's transaction. 0 or an ERR_. */
int audit_write(struct audit *a, struct db *d, const struct audit_entry *e);
/*
 * Adds a row in the background, so that the disk works while the caller does;
 * what several threads add at the same time shares one commit. entry stays as
 * it is until audit_finish, which follows every start: 0 when the row is
 * durable.
 */
void audit_start(struct audit *a, struct audit_ticket *t,
	const struct audit_entry *e);
int audit_finish(struct audit *a, struct audit_ticket *t, struct fault *f);
/* Both. */
int audit_append(struct audit *a, const struct audit_entry *e,
	struct fault *f);

/* Walks the whole chain: 0 with *rows, or an ERR_ that says where it breaks. */
int audit_verify(struct audit *a, struct db *d, int64_t *rows,
	struct fault *f);

#endif
