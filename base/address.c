/* SPDX-License-Identifier: ISC */
/* address: see address.h. */
#include "base/address.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#define NETWORK_BYTES 8

void
address_network(const char *address, char out[ADDRESS_NETWORK_SIZE])
{
	struct in6_addr a;

	if (address == NULL || address[0] == '\0')
		address = "-";
	snprintf(out, ADDRESS_NETWORK_SIZE, "%s", address);
	if (inet_pton(AF_INET6, address, &a) != 1)
		return;
	/* One of IPv4 in the form of IPv6 is whole too. */
	if (!IN6_IS_ADDR_V4MAPPED(&a))
		memset(a.s6_addr + NETWORK_BYTES, 0, sizeof(a.s6_addr) -
		    NETWORK_BYTES);
	inet_ntop(AF_INET6, &a, out, ADDRESS_NETWORK_SIZE);
}
