/* SPDX-License-Identifier: ISC */
/*
 * fcgi_peer: the web server's side of FastCGI, for tests: one request into a
 * socket, what comes back out of it. Takes and gives whole records, without
 * libfcgi.
 */
#ifndef TESTS_UNIT_FCGI_PEER_H
#define TESTS_UNIT_FCGI_PEER_H

#include <fcgiapp.h>

#include "base/buf.h"

struct fcgi_peer {
	char dir[64];
	int listening;
	int fd;			/* the web server's end */
};

/* A listening socket in a directory of its own; 0 or -1. */
int fcgi_peer_open(struct fcgi_peer *p);
void fcgi_peer_close(struct fcgi_peer *p);
/*
 * Sends a request: parameters are "NAME=value", ended by NULL; body may be
 * NULL. abrupt: the connection ends before the body is whole. 0 or -1.
 */
int fcgi_peer_send(struct fcgi_peer *p, const char *const *params,
	const void *body, size_t len, bool abrupt);
/* Everything that came on FCGI_STDOUT, to the end of the connection. */
int fcgi_peer_receive(struct fcgi_peer *p, struct buf *out);

#endif
