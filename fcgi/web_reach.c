/* SPDX-License-Identifier: ISC */
/* web_reach: see web_reach.h. */
#include "config.h"	/* for SOCK_CLOEXEC */

#include "fcgi/web_reach.h"

#include <netdb.h>
#include <sys/socket.h>

#include "fcgi/web_url.h"

/* Networks of somebody's own, or of no use outside (RFC 6890 and others). */
static const char *const inner[] = {
	"10.0.0.0/8", "100.64.0.0/10", "172.16.0.0/12", "192.0.0.0/24",
	"192.168.0.0/16", "198.18.0.0/15", "100::/64", "fc00::/7",
	"fec0::/10",
};

static bool
is_inner(const struct address *a)
{
	struct range r;

	for (size_t i = 0; i < sizeof(inner) / sizeof(inner[0]); i++)
		if (range_parse(inner[i], &r) == 0 && range_holds(&r, a))
			return true;
	return false;
}

int
web_reach_read(struct ledger *l, struct web_reach *out, struct fault *f)
{
	out->refused[0] = '\0';
	return settings_ranges(l, SETTING_WEBHOOKS, &out->allowed, f);
}

bool
web_reach_allows(const struct web_reach *reach, const struct address *a)
{
	for (size_t i = 0; i < reach->allowed.len; i++)
		if (range_allows(&reach->allowed.items[i], a))
			return true;
	return address_kind(a) == ADDRESS_PLAIN && !is_inner(a);
}

const char *
web_reach_check(const struct web_reach *reach, const char *text)
{
	const char *why = web_url_check(text);
	AUTO_CURLU CURLU *url = curl_url();
	AUTO_CURL_FREE char *host = NULL;
	struct address a;

	if (why != NULL)
		return why;
	if (url == NULL || curl_url_set(url, CURLUPART_URL, text, 0) != 0 ||
	    curl_url_get(url, CURLUPART_HOST, &host, 0) != 0)
		return "has no host";
	return host_address(host, &a) && !web_reach_allows(reach, &a) ?
		"must not lead to an address that administrators do not allow"
		: NULL;
}

/* Called by libcurl for each address it is about to connect to. */
static curl_socket_t
socket_open(void *arg, curlsocktype purpose, struct curl_sockaddr *to)
{
	struct web_reach *reach = arg;
	struct address a;

	if (getnameinfo(&to->addr, (socklen_t)to->addrlen, reach->refused,
	    sizeof(reach->refused), NULL, 0, NI_NUMERICHOST) != 0 ||
	    address_parse(reach->refused, &a) != 0 ||
	    !web_reach_allows(reach, &a))
		return CURL_SOCKET_BAD;
	reach->refused[0] = '\0';
	return socket(to->family, to->socktype | SOCK_CLOEXEC, to->protocol);
}

bool
web_reach_bind(struct web_reach *reach, CURL *curl)
{
	return curl_easy_setopt(curl, CURLOPT_OPENSOCKETFUNCTION,
	    socket_open) == 0 &&
	    curl_easy_setopt(curl, CURLOPT_OPENSOCKETDATA, reach) == 0;
}
