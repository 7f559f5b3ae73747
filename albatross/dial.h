/* SPDX-License-Identifier: ISC */
/*
 * alb_dial: a TCP connection within a bounded time, whatever the resolver
 * and dead addresses do.
 */
#ifndef ALBATROSS_DIAL_H
#define ALBATROSS_DIAL_H

#include <stddef.h>

/*
 * Connects to host (name or address) and port within ms milliseconds in all.
 * A further address is tried when one fails or has not answered after 250 ms,
 * and the first to answer wins. ALB_OK with an owned descriptor, which is
 * non-blocking and close-on-exec, without Nagle's delay and with keepalive;
 * or ALB_NETWORK, ALB_TIMEOUT, ALB_NO_MEMORY with a sentence in why.
 */
int alb_dial(const char *host, int port, int ms, int *fd, char *why,
	size_t whysize);

#endif
