/* SPDX-License-Identifier: ISC */
/* http_peer: see http_peer.h. */
#include "tests/unit/http_peer.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static void
hang(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	char c;

	while (poll(&p, 1, 5000) > 0 && recv(fd, &c, 1, 0) > 0)
		;
}

/* The head, and as much behind it as it says. */
static void
request_read(int fd, char *out, size_t size)
{
	size_t len = 0, want = 0;
	const char *end, *length;
	ssize_t n;

	out[0] = '\0';
	while ((want == 0 || len < want) && len < size - 1 &&
	    (n = recv(fd, out + len, size - 1 - len, 0)) > 0) {
		len += (size_t)n;
		out[len] = '\0';
		end = strstr(out, "\r\n\r\n");
		if (end == NULL)
			continue;
		length = strstr(out, "Content-Length: ");
		want = (size_t)(end - out) + 4 + (length == NULL ? 0 :
		    strtoul(length + 16, NULL, 10));
	}
}

static void *
peer_main(void *arg)
{
	struct http_peer *p = arg;
	char request[HTTP_PEER_REQUEST];
	const char *answer;
	int fd;

	while ((fd = accept(p->fd, NULL, NULL)) >= 0) {
		request_read(fd, request, sizeof(request));
		pthread_mutex_lock(&p->lock);
		memcpy(p->request, request, sizeof(p->request));
		p->asked++;
		answer = p->answer;
		pthread_mutex_unlock(&p->lock);
		if (answer == NULL)
			hang(fd);
		else
			(void)!send(fd, answer, strlen(answer), MSG_NOSIGNAL);
		close(fd);
	}
	return NULL;
}

int
http_peer_open(struct http_peer *p)
{
	struct sockaddr_in sa = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(sa);

	*p = (struct http_peer){ .lock = PTHREAD_MUTEX_INITIALIZER };
	p->fd = socket(AF_INET, SOCK_STREAM, 0);
	if (p->fd < 0 || bind(p->fd, (void *)&sa, sizeof(sa)) < 0 ||
	    getsockname(p->fd, (void *)&sa, &len) < 0 ||
	    listen(p->fd, 8) < 0 ||
	    pthread_create(&p->thread, NULL, peer_main, p) != 0)
		return -1;
	p->port = ntohs(sa.sin_port);
	return 0;
}

void
http_peer_close(struct http_peer *p)
{
	shutdown(p->fd, SHUT_RDWR);
	pthread_join(p->thread, NULL);
	close(p->fd);
}

void
http_peer_answers(struct http_peer *p, const char *answer)
{
	pthread_mutex_lock(&p->lock);
	p->answer = answer;
	pthread_mutex_unlock(&p->lock);
}

int
http_peer_asked(struct http_peer *p)
{
	int n;

	pthread_mutex_lock(&p->lock);
	n = p->asked;
	pthread_mutex_unlock(&p->lock);
	return n;
}
