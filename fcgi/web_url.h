/* SPDX-License-Identifier: ISC */
/*
 * web_url: where this service may be sent by its administrators: https, or
 * plain http that stays on this machine.
 */
#ifndef FCGI_WEB_URL_H
#define FCGI_WEB_URL_H

#include <stdbool.h>

/* "localhost", "127.0.0.1", "[::1]" and the like. */
bool host_is_loopback(const char *host);
/* Says why it is none, or NULL; for json_field.check. */
const char *web_url_check(const char *text);

#endif
