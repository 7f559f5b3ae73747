/* SPDX-License-Identifier: ISC */
/*
 * health_address: numeric addresses, and which of them a check may be sent
 * to. An IPv4-mapped IPv6 address is the IPv4 address everywhere.
 */
#ifndef FCGI_HEALTH_ADDRESS_H
#define FCGI_HEALTH_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include "albatross/config.h"

#define ADDRESS_TEXT_SIZE 46
#define RANGE_TEXT_SIZE (ADDRESS_TEXT_SIZE + 4)

struct address {
	int family;		/* AF_INET or AF_INET6 */
	uint8_t bytes[16];	/* network order; 4 or 16 of them */
};

/* The addresses whose first bits are those of address. */
struct range {
	struct address address;
	int bits;
};

/* Numeric, no zone. 0 or -1. */
int address_parse(const char *s, struct address *out);
void address_format(const struct address *a, char out[ADDRESS_TEXT_SIZE]);
bool address_same(const struct address *a, const struct address *b);
/* Bytes of sa. */
socklen_t address_socket(const struct address *a, int port,
	struct sockaddr_storage *sa);
/* "10.0.0.2:80", "[2001:db8::1]:80" */
#define ADDRESS_PLACE_SIZE (ADDRESS_TEXT_SIZE + 8)
void address_place(const struct address *a, int port,
	char out[ADDRESS_PLACE_SIZE]);

/*
 * "10.0.0.0/8"; a bare address is itself alone. 0, or -1 when it is none or
 * has bits set behind the prefix.
 */
int range_parse(const char *s, struct range *out);
void range_format(const struct range *r, char out[RANGE_TEXT_SIZE]);
bool range_holds(const struct range *r, const struct address *a);

/* What an address is, from what is fit for a unikernel to what is for none. */
enum address_kind {
	ADDRESS_PLAIN,
	ADDRESS_THIS_HOST,	/* of a network interface of this machine */
	ADDRESS_LOOPBACK,
	ADDRESS_LINK_LOCAL,
	ADDRESS_TUNNEL,		/* leads to an IPv4 address elsewhere */
	ADDRESS_NEVER,		/* unspecified, multicast, broadcast */
};
enum address_kind address_kind(const struct address *a);

/*
 * An administrator's range lets a check go to a; what is not plain must be
 * meant: "0.0.0.0/0" does not hold the loopback, "127.0.0.0/8" does.
 */
bool range_allows(const struct range *r, const struct address *a);

/*
 * What the arguments --ipv4 and --ipv6 of a configuration say, in their order
 * and with their prefix lengths (address is the whole address). How many, at
 * most max.
 */
size_t address_own(const struct alb_config *c, struct range *out, size_t max);
/* Why own is not fit to be a unikernel's, " is a loopback address", or NULL. */
const char *address_unfit(const struct range *own);

#endif
