/* SPDX-License-Identifier: ISC */
/* backoff: a bounded table of failures; see backoff.h. */
#include "auth/backoff.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <gnutls/crypto.h>

#include "base/err.h"
#include "base/text.h"

/* A count is forgotten after this long without a failure. */
#define FORGET_SECONDS (60 * 60)
/* An entry is in one of so many neighbouring places, which its key says. */
#define WAYS 16
#define SETS (BACKOFF_ENTRIES / WAYS)

int
backoff_init(struct backoff *b)
{
	b->entries = calloc(BACKOFF_ENTRIES, sizeof(*b->entries));
	if (b->entries == NULL)
		return ERR_NO_MEMORY;
	pthread_mutex_init(&b->lock, NULL);
	random_bytes(b->secret, sizeof(b->secret));
	return 0;
}

void
backoff_free(struct backoff *b)
{
	if (b->entries == NULL)
		return;
	free(b->entries);
	b->entries = NULL;
	pthread_mutex_destroy(&b->lock);
}

/* Keyed, so that nobody can choose names that share an entry, or a place. */
static void
key_make(const struct backoff *b, const char *who, uint8_t key[16])
{
	uint8_t mac[32] = { 0 };

	gnutls_hmac_fast(GNUTLS_MAC_SHA256, b->secret, sizeof(b->secret), who,
	    strlen(who), mac);
	memcpy(key, mac, 16);
}

static struct backoff_entry *
set_of(struct backoff *b, const uint8_t key[16])
{
	size_t set = ((size_t)key[0] << 8 | key[1]) % SETS;

	return &b->entries[set * WAYS];
}

static struct backoff_entry *
entry_find(struct backoff *b, const char *who)
{
	struct backoff_entry *set;
	uint8_t key[16];

	key_make(b, who, key);
	set = set_of(b, key);
	for (size_t i = 0; i < WAYS; i++)
		if (set[i].failures > 0 && memcmp(set[i].key, key, 16) == 0)
			return &set[i];
	return NULL;
}

/* Or a free one, or the one whose last failure is the longest ago. */
static struct backoff_entry *
entry_take(struct backoff *b, const char *who)
{
	struct backoff_entry *e = entry_find(b, who), *set;
	uint8_t key[16];

	if (e != NULL)
		return e;
	key_make(b, who, key);
	e = set = set_of(b, key);
	for (size_t i = 1; i < WAYS && e->failures > 0; i++)
		if (set[i].failures == 0 || set[i].last < e->last)
			e = &set[i];
	*e = (struct backoff_entry){ 0 };
	memcpy(e->key, key, 16);
	return e;
}

/* A clock set back must not make a wait longer than the longest. */
static int
wait_left(const struct backoff_entry *e, time_t now)
{
	if (e == NULL || now >= e->until)
		return 0;
	return e->until - now > BACKOFF_LONGEST ? BACKOFF_LONGEST :
		(int)(e->until - now);
}

static int
longest_wait(struct backoff *b, const struct backoff_count *counts, size_t n,
	time_t now)
{
	int longest = 0;

	for (size_t i = 0; i < n; i++) {
		int wait = wait_left(entry_find(b, counts[i].who), now);

		longest = wait > longest ? wait : longest;
	}
	return longest;
}

int
backoff_wait(struct backoff *b, const struct backoff_count *counts, size_t n,
	time_t now)
{
	int wait;

	pthread_mutex_lock(&b->lock);
	wait = longest_wait(b, counts, n, now);
	pthread_mutex_unlock(&b->lock);
	return wait;
}

/* 0 for the first failures, then 1, 2, 4 ... 900 seconds. */
static int
delay(int failures, int free)
{
	int beyond = failures - free;

	if (beyond < 0)
		return 0;
	return beyond >= 10 ? BACKOFF_LONGEST : 1 << beyond;
}

static void
count_up(struct backoff *b, const struct backoff_count *count, time_t now)
{
	struct backoff_entry *e = entry_take(b, count->who);

	if (now - e->last > FORGET_SECONDS)
		e->failures = 0;
	if (e->failures < count->free + 20)
		e->failures++;
	e->last = now;
	e->until = now + delay(e->failures, count->free);
}

int
backoff_try(struct backoff *b, const struct backoff_count *counts, size_t n,
	time_t now)
{
	int wait;

	pthread_mutex_lock(&b->lock);
	wait = longest_wait(b, counts, n, now);
	for (size_t i = 0; i < n && wait == 0; i++)
		count_up(b, &counts[i], now);
	pthread_mutex_unlock(&b->lock);
	return wait;
}

void
backoff_untry(struct backoff *b, const struct backoff_count *count,
	time_t now)
{
	struct backoff_entry *e;

	pthread_mutex_lock(&b->lock);
	e = entry_find(b, count->who);
	if (e != NULL) {
		e->failures--;
		e->until = now;
	}
	pthread_mutex_unlock(&b->lock);
}

void
backoff_clear(struct backoff *b, const struct backoff_count *count)
{
	struct backoff_entry *e;

	pthread_mutex_lock(&b->lock);
	e = entry_find(b, count->who);
	if (e != NULL)
		e->failures = 0;
	pthread_mutex_unlock(&b->lock);
}
