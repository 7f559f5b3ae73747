/* SPDX-License-Identifier: ISC */
/* curl: see curl.h. */
#include "fcgi/curl.h"

/* Called by libcurl every now and then; not 0 ends it. */
static int
goes_on(void *arg, curl_off_t total, curl_off_t now, curl_off_t up_total,
	curl_off_t up_now)
{
	const atomic_bool *stop = arg;

	return stop != NULL && *stop;
}

bool
curl_ends_with(CURL *curl, const atomic_bool *stop)
{
	return curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L) == 0 &&
	    curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, goes_on) == 0 &&
	    curl_easy_setopt(curl, CURLOPT_XFERINFODATA, (void *)stop) == 0;
}
