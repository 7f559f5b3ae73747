/* SPDX-License-Identifier: ISC */
/*
 * backoff: failures per account. The first five cost nothing; from then on
 * each doubles a wait, up to 15 minutes, and nobody is ever locked out for
 * good. Kept in memory, bounded; accounts that do not exist are counted alike.
 */
#ifndef AUTH_BACKOFF_H
#define AUTH_BACKOFF_H

#include <pthread.h>
#include <stdint.h>
#include <time.h>

#define BACKOFF_FREE 5
#define BACKOFF_LONGEST (15 * 60)
#define BACKOFF_ACCOUNTS 4096

struct backoff_entry {
	uint8_t key[16];
	int failures;
	time_t until;
	time_t last;
};

struct backoff {
	pthread_mutex_t lock;
	struct backoff_entry *entries;	/* BACKOFF_ACCOUNTS of them */
	uint8_t secret[16];
};

/* 0 or ERR_NO_MEMORY. */
int backoff_init(struct backoff *b);
void backoff_free(struct backoff *b);

/* Seconds to wait before account may try; 0: now. Changes nothing. */
int backoff_wait(struct backoff *b, const char *account, time_t now);
/*
 * Takes one try: 0, counted as failed until backoff_clear says otherwise, so
 * that tries at the same time are counted too; or the seconds to wait.
 */
int backoff_try(struct backoff *b, const char *account, time_t now);
void backoff_clear(struct backoff *b, const char *account);
/* The try neither failed nor succeeded: more is asked. */
void backoff_untry(struct backoff *b, const char *account, time_t now);

#endif
