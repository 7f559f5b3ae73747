/* SPDX-License-Identifier: ISC */
/*
 * backoff: failures, counted by what they are failures of ("who", any text).
 * So many cost nothing; from then on each doubles a wait, up to 15 minutes.
 * Kept in memory, bounded; what does not exist is counted alike. Whose count
 * grows is what matters for nobody to be locked out by others: see proof.h.
 */
#ifndef AUTH_BACKOFF_H
#define AUTH_BACKOFF_H

#include <pthread.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#define BACKOFF_LONGEST (15 * 60)
#define BACKOFF_ENTRIES 16384
#define BACKOFF_WHO_SIZE 384

struct backoff_entry {
	uint8_t key[16];
	int failures;
	time_t until;
	time_t last;
};

struct backoff {
	pthread_mutex_t lock;
	struct backoff_entry *entries;	/* BACKOFF_ENTRIES of them */
	uint8_t secret[16];
};

/* One of the counts that a try is part of. */
struct backoff_count {
	char who[BACKOFF_WHO_SIZE];
	int free;		/* so many failures make no wait */
};

/* 0 or ERR_NO_MEMORY. */
int backoff_init(struct backoff *b);
void backoff_free(struct backoff *b);

/* Seconds to wait before all counts allow a try; 0: now. Changes nothing. */
int backoff_wait(struct backoff *b, const struct backoff_count *counts,
	size_t n, time_t now);
/*
 * Takes one try: 0, counted as failed in each until backoff_clear or _untry
 * says otherwise, so that tries at the same time are counted too; or the
 * seconds to wait, and nothing was counted.
 */
int backoff_try(struct backoff *b, const struct backoff_count *counts,
	size_t n, time_t now);
/* It was no failure: one less. What others failed at stays counted. */
void backoff_untry(struct backoff *b, const struct backoff_count *count,
	time_t now);
/* It succeeded: there were no failures. */
void backoff_clear(struct backoff *b, const struct backoff_count *count);

#endif
