/* SPDX-License-Identifier: ISC */
/* webhook: see webhook.h. */
#include "fcgi/webhook.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <gnutls/crypto.h>

#include "base/text.h"
#include "fcgi/clean.h"
#include "fcgi/curl.h"

#define HEADER_SIZE 160

void
webhook_sign(const char *secret, const char *body,
	char out[WEBHOOK_SIGNATURE_SIZE])
{
	uint8_t mac[32] = { 0 };

	gnutls_hmac_fast(GNUTLS_MAC_SHA256, secret, strlen(secret), body,
	    strlen(body), mac);
	memcpy(out, "sha256=", 7);
	hex_encode(mac, sizeof(mac), out + 7);
}

/* What is answered does not matter, but for its status. */
static size_t
body_drop(char *data, size_t one, size_t len, void *arg)
{
	return len;
}

/* Appends; NULL, with what was there freed: memory. */
static struct curl_slist *
header(struct curl_slist *list, const char *name, const char *value)
{
	char line[HEADER_SIZE];
	struct curl_slist *more;

	snprintf(line, sizeof(line), "%s: %s", name, value);
	more = curl_slist_append(list, line);
	if (more == NULL)
		curl_slist_free_all(list);
	return more;
}

static struct curl_slist *
headers_make(const struct webhook_settings *s,
	const struct webhook_call *call)
{
	char signature[WEBHOOK_SIGNATURE_SIZE];
	struct curl_slist *list = header(NULL, "Content-Type",
		"application/json");

	if (list != NULL)
		list = header(list, "X-Mollymawk-Event", call->event);
	if (list != NULL)
		list = header(list, "X-Mollymawk-Delivery", call->mark);
	if (list == NULL || s->secret[0] == '\0')
		return list;
	webhook_sign(s->secret, call->body, signature);
	return header(list, "X-Mollymawk-Signature", signature);
}

static bool
options_set(CURL *c, const struct webhook_settings *s,
	const struct webhook_call *call, struct curl_slist *headers,
	struct web_reach *reach, const atomic_bool *stop)
{
	long seconds = reach == NULL ? WEBHOOK_SECONDS :
		WEBHOOK_PROJECT_SECONDS;

	return curl_easy_setopt(c, CURLOPT_URL, s->url) == 0 &&
	    curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "https,http") == 0 &&
	    curl_easy_setopt(c, CURLOPT_PROXY, "") == 0 &&
	    curl_easy_setopt(c, CURLOPT_NOPROXY, "*") == 0 &&
	    curl_easy_setopt(c, CURLOPT_FOLLOWLOCATION, 0L) == 0 &&
	    curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L) == 0 &&
	    curl_easy_setopt(c, CURLOPT_TIMEOUT, seconds) == 0 &&
	    (reach == NULL || web_reach_bind(reach, c)) &&
	    curl_easy_setopt(c, CURLOPT_USERAGENT, "mollymawk") == 0 &&
	    curl_easy_setopt(c, CURLOPT_HTTPHEADER, headers) == 0 &&
	    curl_easy_setopt(c, CURLOPT_POSTFIELDSIZE,
		(long)strlen(call->body)) == 0 &&
	    curl_easy_setopt(c, CURLOPT_POSTFIELDS, call->body) == 0 &&
	    curl_ends_with(c, stop) &&
	    curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, body_drop) == 0;
}

static int
judge(CURL *c, CURLcode code, const char *words, struct fault *f)
{
	char clean[CURL_ERROR_SIZE];
	long status = 0;

	if (code != CURLE_OK) {
		clean_copy(clean, sizeof(clean), *words != '\0' ? words :
		    curl_easy_strerror(code));
		return fault_set(f, ERR_WEBHOOK, "It can not be reached: %s.",
		    clean);
	}
	curl_easy_getinfo(c, CURLINFO_RESPONSE_CODE, &status);
	if (status >= 200 && status < 300)
		return 0;
	if (status >= 300 && status < 400)
		return fault_set(f, ERR_WEBHOOK, "It answered %ld: redirects "
		    "are not followed.", status);
	return fault_set(f, ERR_WEBHOOK, "It answered %ld.", status);
}

int
webhook_send(const struct webhook_settings *s,
	const struct webhook_call *call, struct web_reach *reach,
	const atomic_bool *stop, struct fault *f)
{
	AUTO_CURL CURL *c = curl_easy_init();
	AUTO_SLIST struct curl_slist *headers = headers_make(s, call);
	char words[CURL_ERROR_SIZE] = "";
	CURLcode code;

	if (s->url[0] == '\0')
		return fault_set(f, reach == NULL ? ERR_WEBHOOK : ERR_INVALID,
		    "No webhook is set.");
	if (c == NULL || headers == NULL ||
	    curl_easy_setopt(c, CURLOPT_ERRORBUFFER, words) != 0 ||
	    !options_set(c, s, call, headers, reach, stop))
		return fault_set(f, ERR_NO_MEMORY, "Out of memory.");
	code = curl_easy_perform(c);
	if (code != CURLE_OK && reach != NULL && reach->refused[0] != '\0')
		return fault_set(f, ERR_WEBHOOK, "It was not called: "
		    "administrators do not allow the address %s.",
		    reach->refused);
	return judge(c, code, words, f);
}
