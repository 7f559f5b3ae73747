/* SPDX-License-Identifier: ISC */
/* alb_host: where a server is, as people write it. */
#ifndef ALBATROSS_HOST_H
#define ALBATROSS_HOST_H

/*
 * NULL, or why it is neither a host name nor an IPv4 or IPv6 address (without
 * brackets; with %INTERFACE where it is link-local). Nobody is asked.
 */
const char *alb_host_check(const char *host);

#endif
