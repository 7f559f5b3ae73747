/* SPDX-License-Identifier: ISC */
/* device: see device.h. */
#include "auth/device.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <gnutls/crypto.h>

#include "base/text.h"

#define PREFIX "mmd_"
#define MAC 32

/* mmd_ID.MAC */
static int
secret_make(const struct authority *a, const struct account *account,
	const char *id, char out[DEVICE_SIZE])
{
	char data[DEVICE_ID_SIZE + 64], hex[2 * MAC + 1];
	uint8_t mac[MAC];
	int len = snprintf(data, sizeof(data), "%s.%" PRId64 ".%s",
	    account->id, account->generation, id);

	if (gnutls_hmac_fast(GNUTLS_MAC_SHA256, a->device_key,
	    sizeof(a->device_key), data, (size_t)len, mac) < 0)
		return ERR_INTERNAL;
	hex_encode(mac, sizeof(mac), hex);
	snprintf(out, DEVICE_SIZE, PREFIX "%s.%s", id, hex);
	return 0;
}

int
device_make(const struct authority *a, const struct account *account,
	char out[DEVICE_SIZE])
{
	uint8_t random[(DEVICE_ID_SIZE - 1) / 2];
	char id[DEVICE_ID_SIZE];

	random_bytes(random, sizeof(random));
	hex_encode(random, sizeof(random), id);
	return secret_make(a, account, id, out);
}

bool
device_known(const struct authority *a, const struct account *account,
	const char *secret, char id[DEVICE_ID_SIZE])
{
	size_t prefix = strlen(PREFIX), len = DEVICE_ID_SIZE - 1;
	char expected[DEVICE_SIZE];

	if (secret == NULL || strnlen(secret, DEVICE_SIZE) >= DEVICE_SIZE ||
	    strncmp(secret, PREFIX, prefix) != 0 ||
	    strspn(secret + prefix, "0123456789abcdef") != len)
		return false;
	memcpy(id, secret + prefix, len);
	id[len] = '\0';
	return secret_make(a, account, id, expected) == 0 &&
	    strlen(expected) == strlen(secret) &&
	    bytes_equal(expected, secret, strlen(secret));
}
