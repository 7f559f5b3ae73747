/* SPDX-License-Identifier: ISC */
/* curl: libcurl with scope cleanup. */
#ifndef FCGI_CURL_H
#define FCGI_CURL_H

#include <curl/curl.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "base/cleanup.h"

DEFINE_CLEANUP(CURL, curl_easy_cleanup)
DEFINE_CLEANUP(CURLU, curl_url_cleanup)
DEFINE_CLEANUP(struct curl_slist, curl_slist_free_all)
#define AUTO_CURL CLEANUP(curl_easy_cleanup_p)
#define AUTO_CURLU CLEANUP(curl_url_cleanup_p)
#define AUTO_SLIST CLEANUP(curl_slist_free_all_p)

static inline void
cleanup_curl(char **s)
{
	curl_free(*s);
}

/* For strings of libcurl. */
#define AUTO_CURL_FREE CLEANUP(cleanup_curl)

/* The transfer ends at once when *stop (which may be NULL) is set. */
bool curl_ends_with(CURL *curl, const atomic_bool *stop);

#endif
