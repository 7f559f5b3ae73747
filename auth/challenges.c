/* SPDX-License-Identifier: ISC */
/* challenges: see challenges.h. */
#include "auth/challenges.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <gnutls/crypto.h>

#include "base/err.h"
#include "base/text.h"

#define TIME 8
#define RANDOM 16
#define MAC 32

int
challenges_init(struct challenges *c)
{
	c->used = calloc(CHALLENGES_USED, sizeof(*c->used));
	if (c->used == NULL)
		return ERR_NO_MEMORY;
	pthread_mutex_init(&c->lock, NULL);
	random_bytes(c->key, sizeof(c->key));
	return 0;
}

void
challenges_free(struct challenges *c)
{
	if (c->used == NULL)
		return;
	free(c->used);
	c->used = NULL;
	pthread_mutex_destroy(&c->lock);
}

static int
mac_make(const struct challenges *c, const char *purpose,
	const uint8_t bytes[TIME + RANDOM], uint8_t mac[MAC])
{
	uint8_t data[TIME + RANDOM + 128];
	size_t len = strlen(purpose);

	if (len > 128)
		return -1;
	memcpy(data, bytes, TIME + RANDOM);
	memcpy(data + TIME + RANDOM, purpose, len);
	return gnutls_hmac_fast(GNUTLS_MAC_SHA256, c->key, sizeof(c->key),
	    data, TIME + RANDOM + len, mac);
}

int
challenge_make(const struct challenges *c, const char *purpose, time_t now,
	uint8_t out[CHALLENGE_BYTES])
{
	for (int i = 0; i < TIME; i++)
		out[i] = (uint8_t)((uint64_t)now >> (56 - 8 * i));
	random_bytes(out + TIME, RANDOM);
	return mac_make(c, purpose, out, out + TIME + RANDOM) == 0 ? 0 :
		ERR_INTERNAL;
}

static int64_t
time_made(const uint8_t *bytes)
{
	uint64_t made = 0;

	for (int i = 0; i < TIME; i++)
		made = made << 8 | bytes[i];
	return (int64_t)made;
}

bool
challenge_good(const struct challenges *c, const char *purpose,
	const uint8_t *bytes, size_t len, time_t now)
{
	uint8_t mac[MAC];
	int64_t made;

	if (len != CHALLENGE_BYTES || mac_make(c, purpose, bytes, mac) != 0 ||
	    !bytes_equal(mac, bytes + TIME + RANDOM, MAC))
		return false;
	made = time_made(bytes);
	return made <= now && now - made < CHALLENGE_SECONDS;
}

bool
challenge_take(struct challenges *c, const uint8_t bytes[CHALLENGE_BYTES],
	time_t now)
{
	struct challenge_used *free_one = NULL;
	bool before = false;

	pthread_mutex_lock(&c->lock);
	for (size_t i = 0; i < CHALLENGES_USED; i++) {
		struct challenge_used *u = &c->used[i];

		if (u->until <= now)
			free_one = u;
		else if (memcmp(u->bytes, bytes + TIME, RANDOM) == 0)
			before = true;
	}
	if (!before && free_one != NULL) {
		memcpy(free_one->bytes, bytes + TIME, RANDOM);
		free_one->until = time_made(bytes) + CHALLENGE_SECONDS;
	}
	pthread_mutex_unlock(&c->lock);
	return !before && free_one != NULL;
}
