/* SPDX-License-Identifier: ISC */
/* address: what can be told of an address on the network, as text. */
#ifndef BASE_ADDRESS_H
#define BASE_ADDRESS_H

#define ADDRESS_NETWORK_SIZE 48

/*
 * What of an address whoever has it can not change as they like: an IPv4 one
 * whole, of an IPv6 one the first 64 bits (RFC 4291). Other text stays, as far
 * as it fits; NULL and "" are "-".
 */
void address_network(const char *address, char out[ADDRESS_NETWORK_SIZE]);

#endif
