/* SPDX-License-Identifier: ISC */
/*
 * web_reach: where projects may have this service call: public addresses, and
 * the networks that administrators allow (range_allows). A name is resolved
 * once, and what is connected to is what was looked at.
 */
#ifndef FCGI_WEB_REACH_H
#define FCGI_WEB_REACH_H

#include "fcgi/curl.h"
#include "fcgi/settings.h"

struct web_reach {
	struct address_ranges allowed;
	/* An address that was not connected to; "": none. */
	char refused[ADDRESS_TEXT_SIZE];
};

/* As administrators set it. 0 or an err. */
int web_reach_read(struct ledger *l, struct web_reach *out, struct fault *f);
bool web_reach_allows(const struct web_reach *reach,
	const struct address *a);
/*
 * Why a project may not have it called, or NULL: web_url_check, and a numeric
 * address that is not allowed. A name is looked at when it is called.
 */
const char *web_reach_check(const struct web_reach *reach, const char *url);
/* The transfer connects nowhere else; reach is borrowed until its end. */
bool web_reach_bind(struct web_reach *reach, CURL *curl);

#endif
