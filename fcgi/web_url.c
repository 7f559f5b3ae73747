/* SPDX-License-Identifier: ISC */
/* web_url: see web_url.h. */
#include "fcgi/web_url.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "fcgi/curl.h"

bool
host_address(const char *host, struct address *out)
{
	char text[ADDRESS_TEXT_SIZE];
	size_t len = strlen(host);

	if (host[0] == '[' && len > 2 && host[len - 1] == ']') {
		host++;
		len -= 2;
	}
	if (len >= sizeof(text))
		return false;
	snprintf(text, sizeof(text), "%.*s", (int)len, host);
	return address_parse(text, out) == 0;
}

bool
host_is_loopback(const char *host)
{
	struct address a;

	return strcasecmp(host, "localhost") == 0 || (host_address(host, &a) &&
		address_kind(&a) == ADDRESS_LOOPBACK);
}

static bool
url_has(CURLU *url, CURLUPart part)
{
	AUTO_CURL_FREE char *text = NULL;

	return curl_url_get(url, part, &text, 0) == 0;
}

static bool
url_is_safe(CURLU *url)
{
	AUTO_CURL_FREE char *scheme = NULL, *host = NULL;

	if (curl_url_get(url, CURLUPART_SCHEME, &scheme, 0) != 0 ||
	    curl_url_get(url, CURLUPART_HOST, &host, 0) != 0)
		return false;
	return strcmp(scheme, "https") == 0 ||
		(strcmp(scheme, "http") == 0 && host_is_loopback(host));
}

const char *
web_url_check(const char *text)
{
	AUTO_CURLU CURLU *url = curl_url();

	if (url == NULL || curl_url_set(url, CURLUPART_URL, text, 0) != 0)
		return "must be an address such as "
			"https://hooks.example.org/mollymawk";
	if (!url_is_safe(url))
		return "must begin with https:// (http:// only for this "
			"machine's loopback)";
	if (url_has(url, CURLUPART_FRAGMENT) || url_has(url, CURLUPART_USER) ||
	    url_has(url, CURLUPART_PASSWORD))
		return "must have no user and no #";
	return NULL;
}
