/* SPDX-License-Identifier: ISC */
/*
 * load PORT PATH CONNECTIONS SECONDS: asks a server on 127.0.0.1 the same
 * again and again over connections that stay open (HTTP/1.1), with the token
 * in MOLLYMAWK_TOKEN if there is one. Prints how many answers came per second
 * and how long one took; an answer other than 200 ends it.
 */
#include "config.h"	/* for strcasestr */

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/text.h"
#include "tests/bench/figures.h"

#define CONNECTIONS_MAX 1000
#define ANSWER_MAX (1024 * 1024)
#define TIMES_MAX (1024 * 1024)
#define EVENTS 64

struct connection {
	int fd;
	double start;		/* when the last request was sent */
	size_t len;
	char *answer;		/* owned, ANSWER_MAX + 1 bytes */
};

static char request[2048];
static size_t request_len;

static void
request_make(const char *path)
{
	const char *token = getenv("MOLLYMAWK_TOKEN");
	int n = snprintf(request, sizeof(request), "GET %s HTTP/1.1\r\n"
		"Host: 127.0.0.1\r\n%s%s%s\r\n", path,
		token == NULL ? "" : "Authorization: Bearer ",
		token == NULL ? "" : token, token == NULL ? "" : "\r\n");

	if (n < 0 || (size_t)n >= sizeof(request))
		die("the path is too long");
	request_len = (size_t)n;
}

static int
dial(int port)
{
	struct sockaddr_in sa = { .sin_family = AF_INET,
		.sin_port = htons((uint16_t)port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int on = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || connect(fd, (struct sockaddr *)&sa, sizeof(sa)) < 0)
		die("port %d can not be reached", port);
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	return fd;
}

/* A request fits into an empty socket buffer whole. */
static void
ask(struct connection *c)
{
	c->len = 0;
	c->start = now_ms();
	if (send(c->fd, request, request_len, MSG_NOSIGNAL) !=
	    (ssize_t)request_len)
		die("sending: %s", strerror(errno));
}

static bool
is_chunked_whole(const char *body)
{
	size_t len = strlen(body);

	return len >= 5 && strcmp(body + len - 5, "0\r\n\r\n") == 0;
}

/* Whether the answer is there to its end. */
static bool
is_whole(struct connection *c)
{
	char *body, *length;

	c->answer[c->len] = '\0';
	body = strstr(c->answer, "\r\n\r\n");
	if (body == NULL)
		return false;
	if (strncmp(c->answer, "HTTP/1.1 200", 12) != 0)
		die("answer: %.300s", c->answer);
	body += 4;
	length = strcasestr(c->answer, "\r\nContent-Length: ");
	if (length == NULL || length > body)
		return is_chunked_whole(body);
	return c->len - (size_t)(body - c->answer) >=
		strtoull(length + 18, NULL, 10);
}

/* Connects and asks for the first time. */
static void
join(struct connection *c, int port, int epoll)
{
	struct epoll_event e = { .events = EPOLLIN, .data.ptr = c };

	c->fd = dial(port);
	if (epoll_ctl(epoll, EPOLL_CTL_ADD, c->fd, &e) < 0)
		die("epoll: %s", strerror(errno));
	ask(c);
}

/* Takes what has come: whether anything came. */
static bool
receive(struct connection *c)
{
	ssize_t n = recv(c->fd, c->answer + c->len, ANSWER_MAX - c->len, 0);

	if (n <= 0 && (c->len > 0 || (n < 0 && errno != ECONNRESET)))
		die("receiving: %s", n == 0 ? "closed" : strerror(errno));
	if (n > 0)
		c->len += (size_t)n;
	return n > 0;
}

/* A server may end a connection after some answers: the next one follows. */
static void
serve(struct connection *c, int port, int epoll, struct figures *times)
{
	if (!receive(c)) {
		close(c->fd);
		join(c, port, epoll);
	} else if (is_whole(c)) {
		figures_add(times, now_ms() - c->start);
		ask(c);
	}
}

static void
run(int port, int epoll, double end, struct figures *times)
{
	struct epoll_event events[EVENTS];

	while (now_ms() < end) {
		int n = epoll_wait(epoll, events, EVENTS, 1000);

		for (int i = 0; i < n; i++)
			serve(events[i].data.ptr, port, epoll, times);
	}
}

int
main(int argc, char **argv)
{
	struct connection *all = calloc(CONNECTIONS_MAX, sizeof(*all));
	int epoll = epoll_create1(EPOLL_CLOEXEC);
	int64_t port, connections, seconds;
	struct figures times;
	double start;

	if (argc != 5 || int_parse(argv[1], 1, 65535, &port) < 0 ||
	    int_parse(argv[3], 1, CONNECTIONS_MAX, &connections) < 0 ||
	    int_parse(argv[4], 1, 600, &seconds) < 0 || all == NULL)
		die("load PORT PATH CONNECTIONS SECONDS");
	request_make(argv[2]);
	figures_init(&times, TIMES_MAX);
	for (int i = 0; i < connections; i++) {
		all[i].answer = malloc(ANSWER_MAX + 1);
		if (all[i].answer == NULL)
			die("out of memory");
		join(&all[i], (int)port, epoll);
	}
	start = now_ms();
	run((int)port, epoll, start + (double)seconds * 1000, &times);
	printf("rate=%.0f each=%.3f slow=%.3f\n", (double)times.len * 1000 /
	    (now_ms() - start), figures_at(&times, .5),
	    figures_at(&times, .99));
	for (int i = 0; i < connections; i++) {
		close(all[i].fd);
		free(all[i].answer);
	}
	figures_free(&times);
	free(all);
	close(epoll);
	return 0;
}
