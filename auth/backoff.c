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

int
backoff_init(struct backoff *b)
{
	b->entries = calloc(BACKOFF_ACCOUNTS, sizeof(*b->entries));
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

/* Keyed, so that nobody can choose accounts that share an entry. */
static void
key_make(const struct backoff *b, const char *account, uint8_t key[16])
{
	uint8_t mac[32] = { 0 };

	gnutls_hmac_fast(GNUTLS_MAC_SHA256, b->secret, sizeof(b->secret),
	    account, strlen(account), mac);
	memcpy(key, mac, 16);
}

static struct backoff_entry *
entry_find(struct backoff *b, const uint8_t key[16])
{
	for (size_t i = 0; i < BACKOFF_ACCOUNTS; i++)
		if (b->entries[i].failures > 0 &&
		    memcmp(b->entries[i].key, key, 16) == 0)
			return &b->entries[i];
	return NULL;
}

/* A free entry, or the one whose last failure is the longest ago. */
static struct backoff_entry *
entry_take(struct backoff *b, const uint8_t key[16])
{
	struct backoff_entry *oldest = &b->entries[0];

	for (size_t i = 0; i < BACKOFF_ACCOUNTS; i++) {
		if (b->entries[i].failures == 0) {
			oldest = &b->entries[i];
			break;
		}
		if (b->entries[i].last < oldest->last)
			oldest = &b->entries[i];
	}
	*oldest = (struct backoff_entry){ 0 };
	memcpy(oldest->key, key, 16);
	return oldest;
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

int
backoff_wait(struct backoff *b, const char *account, time_t now)
{
	uint8_t key[16];
	int wait;

	key_make(b, account, key);
	pthread_mutex_lock(&b->lock);
	wait = wait_left(entry_find(b, key), now);
	pthread_mutex_unlock(&b->lock);
	return wait;
}

/* 0 for the first failures, then 1, 2, 4 ... 900 seconds. */
static int
delay(int failures)
{
	int beyond = failures - BACKOFF_FREE;

	if (beyond < 0)
		return 0;
	return beyond >= 10 ? BACKOFF_LONGEST : 1 << beyond;
}

int
backoff_try(struct backoff *b, const char *account, time_t now)
{
	struct backoff_entry *e;
	uint8_t key[16];
	int wait;

	key_make(b, account, key);
	pthread_mutex_lock(&b->lock);
	e = entry_find(b, key);
	wait = wait_left(e, now);
	if (wait == 0) {
		if (e == NULL)
			e = entry_take(b, key);
		else if (now - e->last > FORGET_SECONDS)
			e->failures = 0;
		if (e->failures < 100)
			e->failures++;
		e->last = now;
		e->until = now + delay(e->failures);
	}
	pthread_mutex_unlock(&b->lock);
	return wait;
}

void
backoff_untry(struct backoff *b, const char *account, time_t now)
{
	struct backoff_entry *e;
	uint8_t key[16];

	key_make(b, account, key);
	pthread_mutex_lock(&b->lock);
	e = entry_find(b, key);
	if (e != NULL) {
		e->failures--;
		e->until = now;
	}
	pthread_mutex_unlock(&b->lock);
}

void
backoff_clear(struct backoff *b, const char *account)
{
	struct backoff_entry *e;
	uint8_t key[16];

	key_make(b, account, key);
	pthread_mutex_lock(&b->lock);
	e = entry_find(b, key);
	if (e != NULL)
		e->failures = 0;
	pthread_mutex_unlock(&b->lock);
}
