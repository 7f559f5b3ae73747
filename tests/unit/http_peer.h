/* SPDX-License-Identifier: ISC */
/* http_peer: an HTTP server on the loopback that answers what a test says. */
#ifndef TESTS_UNIT_HTTP_PEER_H
#define TESTS_UNIT_HTTP_PEER_H

#include <pthread.h>

#define HTTP_PEER_REQUEST 4096

struct http_peer {
	const char *answer;	/* NULL: none, for a while */
	int fd, port;
	pthread_t thread;
	pthread_mutex_t lock;
	char request[HTTP_PEER_REQUEST];	/* the last one */
	int asked;
};

int http_peer_open(struct http_peer *p);	/* 0 or -1 */
void http_peer_close(struct http_peer *p);
/* From now on; answer is borrowed. */
void http_peer_answers(struct http_peer *p, const char *answer);
/* How often it was asked. */
int http_peer_asked(struct http_peer *p);

#endif
