/* SPDX-License-Identifier: ISC */
/* health_address: see health_address.h. */
#include "config.h"	/* for strchrnul */

#include "fcgi/health_address.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };

static int
width(const struct address *a)
{
	return a->family == AF_INET ? 32 : 128;
}

/* An IPv6 address that is a written IPv4 one becomes it. */
static void
unmap(struct address *a)
{
	if (a->family != AF_INET6 ||
	    memcmp(a->bytes, mapped, sizeof(mapped)) != 0)
		return;
	a->family = AF_INET;
	memmove(a->bytes, a->bytes + 12, 4);
	memset(a->bytes + 4, 0, 12);
}

/* As written: mapped ones stay. */
static int
parse_raw(const char *s, struct address *out)
{
	*out = (struct address){ .family = AF_INET };
	if (inet_pton(AF_INET, s, out->bytes) == 1)
		return 0;
	out->family = AF_INET6;
	return inet_pton(AF_INET6, s, out->bytes) == 1 ? 0 : -1;
}

int
address_parse(const char *s, struct address *out)
{
	if (parse_raw(s, out) < 0)
		return -1;
	unmap(out);
	return 0;
}

void
address_format(const struct address *a, char out[ADDRESS_TEXT_SIZE])
{
	inet_ntop(a->family, a->bytes, out, ADDRESS_TEXT_SIZE);
}

bool
address_same(const struct address *a, const struct address *b)
{
	return a->family == b->family &&
		memcmp(a->bytes, b->bytes, (size_t)width(a) / 8) == 0;
}

socklen_t
address_socket(const struct address *a, int port, struct sockaddr_storage *sa)
{
	struct sockaddr_in *in = (void *)sa;
	struct sockaddr_in6 *in6 = (void *)sa;

	memset(sa, 0, sizeof(*sa));
	if (a->family == AF_INET) {
		in->sin_family = AF_INET;
		in->sin_port = htons((uint16_t)port);
		memcpy(&in->sin_addr, a->bytes, 4);
		return sizeof(*in);
	}
	in6->sin6_family = AF_INET6;
	in6->sin6_port = htons((uint16_t)port);
	memcpy(&in6->sin6_addr, a->bytes, 16);
	return sizeof(*in6);
}

void
address_place(const struct address *a, int port, char out[ADDRESS_PLACE_SIZE])
{
	char text[ADDRESS_TEXT_SIZE];

	address_format(a, text);
	snprintf(out, ADDRESS_PLACE_SIZE, a->family == AF_INET ? "%s:%u" :
	    "[%s]:%u", text, (unsigned)port & 0xffff);
}

static bool
bits_same(const uint8_t *a, const uint8_t *b, int bits)
{
	int whole = bits / 8, rest = bits % 8;
	uint8_t mask = (uint8_t)(0xff00 >> rest);

	return memcmp(a, b, (size_t)whole) == 0 &&
		(rest == 0 || ((a[whole] ^ b[whole]) & mask) == 0);
}

/* Every bit behind the prefix is value. */
static bool
tail_is(const struct range *r, int value)
{
	for (int i = r->bits; i < width(&r->address); i++)
		if ((r->address.bytes[i / 8] >> (7 - i % 8) & 1) != value)
			return false;
	return true;
}

/* As range_parse; bits behind the prefix may be set. */
static int
interface_parse(const char *s, struct range *out)
{
	char text[ADDRESS_TEXT_SIZE];
	const char *slash = strchrnul(s, '/');
	size_t len = (size_t)(slash - s);
	int64_t bits;

	if (len >= sizeof(text))
		return -1;
	memcpy(text, s, len);
	text[len] = '\0';
	if (parse_raw(text, &out->address) < 0)
		return -1;
	bits = width(&out->address);
	if (*slash == '/' && int_parse(slash + 1, 0, bits, &bits) < 0)
		return -1;
	unmap(&out->address);
	/* A mapped one was counted from the start of the IPv6 address. */
	if (out->address.family == AF_INET && strchr(text, ':') != NULL)
		bits -= 96;
	out->bits = (int)bits;
	return bits < 0 ? -1 : 0;
}

int
range_parse(const char *s, struct range *out)
{
	return interface_parse(s, out) == 0 && tail_is(out, 0) ? 0 : -1;
}

void
range_format(const struct range *r, char out[RANGE_TEXT_SIZE])
{
	char text[ADDRESS_TEXT_SIZE];

	address_format(&r->address, text);
	snprintf(out, RANGE_TEXT_SIZE, "%s/%u", text,
	    (unsigned)r->bits & 0xff);
}

bool
range_holds(const struct range *r, const struct address *a)
{
	return r->address.family == a->family &&
		bits_same(r->address.bytes, a->bytes, r->bits);
}

static bool
host_has(const struct address *a)
{
	struct ifaddrs *list, *i;
	struct address have;
	bool found = false;

	if (getifaddrs(&list) < 0)
		return true;	/* not known: rather not */
	for (i = list; i != NULL && !found; i = i->ifa_next) {
		if (i->ifa_addr == NULL)
			continue;
		have = (struct address){ .family = i->ifa_addr->sa_family };
		if (have.family == AF_INET)
			memcpy(have.bytes, &((struct sockaddr_in *)
			    (void *)i->ifa_addr)->sin_addr, 4);
		else if (have.family == AF_INET6)
			memcpy(have.bytes, &((struct sockaddr_in6 *)
			    (void *)i->ifa_addr)->sin6_addr, 16);
		else
			continue;
		found = address_same(&have, a);
	}
	freeifaddrs(list);
	return found;
}

/* The first range that holds an address says its kind. */
static const struct {
	const char *range;
	enum address_kind kind;
} kinds[] = {
	{ "127.0.0.0/8", ADDRESS_LOOPBACK },
	{ "169.254.0.0/16", ADDRESS_LINK_LOCAL },
	{ "0.0.0.0/8", ADDRESS_NEVER },		/* this host, too */
	{ "224.0.0.0/3", ADDRESS_NEVER },	/* multicast to broadcast */
	{ "::1/128", ADDRESS_LOOPBACK },
	{ "fe80::/10", ADDRESS_LINK_LOCAL },
	{ "::/96", ADDRESS_NEVER },		/* and IPv4-compatible */
	{ "ff00::/8", ADDRESS_NEVER },
	{ "64:ff9b::/96", ADDRESS_TUNNEL },
	{ "64:ff9b:1::/48", ADDRESS_TUNNEL },
	{ "2001::/32", ADDRESS_TUNNEL },
	{ "2002::/16", ADDRESS_TUNNEL },
};

enum address_kind
address_kind(const struct address *a)
{
	struct range r;

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (range_parse(kinds[i].range, &r) == 0 && range_holds(&r, a))
			return kinds[i].kind;
	return host_has(a) ? ADDRESS_THIS_HOST : ADDRESS_PLAIN;
}

bool
range_allows(const struct range *r, const struct address *a)
{
	enum address_kind kind;

	if (!range_holds(r, a))
		return false;
	kind = address_kind(a);
	return kind == ADDRESS_PLAIN || (kind != ADDRESS_NEVER &&
		address_kind(&r->address) == kind);
}

/* What follows "--ipv4" or "--ipv6" in an argument, or NULL. */
static const char *
option_rest(const char *argument)
{
	if (strncmp(argument, "--ipv4", 6) != 0 &&
	    strncmp(argument, "--ipv6", 6) != 0)
		return NULL;
	return argument[6] == '=' || argument[6] == '\0' ? argument + 6 :
		NULL;
}

size_t
address_own(const struct alb_config *c, struct range *out, size_t max)
{
	const char *rest;
	size_t n = 0;

	for (size_t i = 0; i < c->narguments && n < max; i++) {
		rest = option_rest(c->arguments[i]);
		if (rest == NULL)
			continue;
		if (*rest == '=')
			rest++;
		else if (++i < c->narguments)
			rest = c->arguments[i];
		if (interface_parse(rest, &out[n]) == 0)
			n++;
	}
	return n;
}

/* The last address of its network, unless it has no room for one. */
static bool
network_broadcast(const struct range *own)
{
	return own->address.family == AF_INET && own->bits < 31 &&
		tail_is(own, 1);
}

const char *
address_unfit(const struct range *own)
{
	switch (address_kind(&own->address)) {
	case ADDRESS_THIS_HOST:
		return " is an address of the machine this service runs on";
	case ADDRESS_LOOPBACK:
		return " is a loopback address";
	case ADDRESS_LINK_LOCAL:
		return " is a link-local address";
	case ADDRESS_TUNNEL:
		return " is an address that leads elsewhere";
	case ADDRESS_NEVER:
		return " is not the address of one machine";
	default:
		return network_broadcast(own) ?
			" is the broadcast address of its network" : NULL;
	}
}
