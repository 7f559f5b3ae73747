/* SPDX-License-Identifier: ISC */
/* alb_host: see host.h. */
#include "albatross/host.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stdbool.h>
#include <string.h>

#define HOST_MAX 253
#define HOST_LABEL_MAX 63
#define SCOPE_MAX 16

static const char not_a_host[] = "must be a host name or an address, such as "
	"server.example.org, 192.0.2.7 or 2001:db8::7";

/* IPv6, with the interface of a link-local one behind %. */
static bool
is_ipv6(const char *host)
{
	size_t n = strcspn(host, "%"), scope = strlen(host + n);
	char address[INET6_ADDRSTRLEN];
	struct in6_addr unused;

	if (n >= sizeof(address) || scope == 1 || scope > SCOPE_MAX)
		return false;
	for (size_t i = 1; i < scope; i++)
		if (!isalnum((unsigned char)host[n + i]) &&
		    strchr(".-_", host[n + i]) == NULL)
			return false;
	memcpy(address, host, n);
	address[n] = '\0';
	return inet_pton(AF_INET6, address, &unused) == 1;
}

/* Labels of letters, digits, '-' and '_'; the last dot may be there. */
static bool
is_name(const char *host)
{
	size_t n;

	do {
		n = strcspn(host, ".");
		if (n == 0 || n > HOST_LABEL_MAX || host[0] == '-')
			return false;
		for (size_t i = 0; i < n; i++)
			if (!isalnum((unsigned char)host[i]) &&
			    strchr("-_", host[i]) == NULL)
				return false;
		host += n;
	} while (*host++ == '.' && *host != '\0');
	return true;
}

/* Digits and dots alone are meant as an address: 192.0.2 is no name. */
static bool
is_number(const char *host)
{
	return host[strspn(host, "0123456789.")] == '\0';
}

const char *
alb_host_check(const char *host)
{
	struct in_addr unused;
	size_t len = strlen(host);

	if (len == 0 || len > HOST_MAX)
		return "must have 1 to 253 bytes";
	if (strstr(host, "//") != NULL)
		return "must be the name or address alone, without a scheme "
			"and a path";
	if (host[0] == '[')
		return "must be without brackets; the port has its own field";
	if (strchr(host, ':') != NULL)
		return is_ipv6(host) ? NULL : not_a_host;
	if (is_number(host))
		return inet_pton(AF_INET, host, &unused) == 1 ? NULL :
			"is not a whole IPv4 address";
	return is_name(host) ? NULL : not_a_host;
}
