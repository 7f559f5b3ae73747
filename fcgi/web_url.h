/* SPDX-License-Identifier: ISC */
/*
 * web_url: where this service may be sent by its administrators: https, or
 * plain http that stays on this machine.
 */
#ifndef FCGI_WEB_URL_H
#define FCGI_WEB_URL_H

#include <stdbool.h>

#include "fcgi/health_address.h"

/* As a URL has it, with the brackets of IPv6: false when it is a name. */
bool host_address(const char *host, struct address *out);
/* "localhost", "127.0.0.1", "[::1]" and the like. */
bool host_is_loopback(const char *host);
/* Says why it is none, or NULL; for json_field.check. */
const char *web_url_check(const char *text);

#endif
