/* SPDX-License-Identifier: ISC */
/*
 * watch PORT SECONDS: many viewers of logs at once, one for each line of
 * standard input, "TOKEN PATH": a stream of events with lines "tick N" on
 * 127.0.0.1 (HTTP/1.0, so that it comes as it is). Says "ready" once all have
 * it and have settled, then listens for so many seconds, and tells how many
 * lines came, how many of the numbers are missing, how many streams were cut
 * off or have fallen silent, and how old a line was when it came (ms; both
 * clocks are this machine's).
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/text.h"
#include "tests/bench/figures.h"

#define VIEWERS_MAX 4096
#define AT_ONCE 64		/* that have no answer yet */
#define SETTLE_MS 3000
#define SILENT_MS 3000
#define LAGS_MAX (8 * 1024 * 1024)
#define PIECE 65536
#define EVENTS 64

struct viewer {
	int fd;
	char *token, *path;	/* owned */
	bool answered;
	char rest[8192];	/* of a text line that is not whole */
	size_t len;
	int64_t last;		/* N of its last line; 0: none */
	double heard;
};

static struct viewer *viewers;
static int nviewers, epoll, answers, waiting;
static int64_t begin_ms;	/* since 1970; 0: not yet */
static uint64_t lines, lost, twice, cut;
static struct figures lags;

static void
list_read(void)
{
	char line[2048], token[128], path[1024];

	while (fgets(line, sizeof(line), stdin) != NULL) {
		if (nviewers == VIEWERS_MAX ||
		    sscanf(line, "%127s %1023s", token, path) != 2)
			die("a line too many, or bad: %s", line);
		viewers[nviewers++] = (struct viewer){ .fd = -1,
			.token = strdup(token), .path = strdup(path) };
	}
}

static void
view(struct viewer *v, int port)
{
	struct sockaddr_in sa = { .sin_family = AF_INET,
		.sin_port = htons((uint16_t)port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	struct epoll_event e = { .events = EPOLLIN, .data.ptr = v };
	char request[2048];
	int n = snprintf(request, sizeof(request), "GET %s HTTP/1.0\r\n"
		"Host: 127.0.0.1\r\nAccept: text/event-stream\r\n"
		"Authorization: Bearer %s\r\n\r\n", v->path, v->token);

	v->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (v->fd < 0 || connect(v->fd, (struct sockaddr *)&sa,
	    sizeof(sa)) < 0)
		die("port %d can not be reached", port);
	if (send(v->fd, request, (size_t)n, MSG_NOSIGNAL) != n ||
	    epoll_ctl(epoll, EPOLL_CTL_ADD, v->fd, &e) < 0)
		die("asking: %s", strerror(errno));
	waiting++;
}

/* The time of the line as ms since 1970, or 0. */
static int64_t
time_of(const char *line)
{
	const char *at = strstr(line, "\"time\":\"");
	char text[RFC3339_SIZE];
	int millis;
	time_t t;

	if (at == NULL)
		return 0;
	snprintf(text, sizeof(text), "%.*s", (int)strcspn(at + 8, "\""),
	    at + 8);
	return rfc3339_parse(text, &t, &millis) < 0 ? 0 :
		(int64_t)t * 1000 + (millis < 0 ? 0 : millis);
}

static void
line_take(struct viewer *v, const char *line)
{
	const char *at = strstr(line, "\"line\":\"tick ");
	int64_t n, ms;

	if (at == NULL)
		return;
	n = strtoll(at + 13, NULL, 10);
	ms = time_of(line);
	if (v->last > 0 && n <= v->last)
		twice++;
	else if (v->last > 0)
		lost += (uint64_t)(n - v->last - 1);
	if (n > v->last)
		v->last = n;
	v->heard = now_ms();
	if (begin_ms == 0 || ms < begin_ms)
		return;
	lines++;
	figures_add(&lags, (double)(wall_ms() - ms));
}

static void
text_line(struct viewer *v, const char *line)
{
	if (!v->answered) {
		if (strncmp(line, "HTTP/1.1 200", 12) != 0)
			die("%s: %s", v->path, line);
		v->answered = true;
		answers++;
		waiting--;
	}
	if (strncmp(line, "data: ", 6) == 0)
		line_take(v, line);
}

static void
text_take(struct viewer *v, const char *data, size_t len)
{
	const char *end;

	while ((end = memchr(data, '\n', len)) != NULL) {
		size_t n = (size_t)(end - data);

		if (v->len + n >= sizeof(v->rest))
			die("a line is too long");
		memcpy(v->rest + v->len, data, n);
		v->rest[v->len + n] = '\0';
		v->len = 0;
		text_line(v, v->rest);
		data += n + 1;
		len -= n + 1;
	}
	if (v->len + len >= sizeof(v->rest))
		die("a line is too long");
	memcpy(v->rest + v->len, data, len);
	v->len += len;
}

static void
hear(struct viewer *v)
{
	static char data[PIECE];
	ssize_t n = recv(v->fd, data, sizeof(data), 0);

	if (n > 0) {
		text_take(v, data, (size_t)n);
		return;
	}
	if (!v->answered)
		die("%s: no answer", v->path);
	close(v->fd);
	v->fd = -1;
	cut++;
}

static void
listen_for(double ms)
{
	struct epoll_event events[EVENTS];
	double end = now_ms() + ms, left;

	while ((left = end - now_ms()) > 0) {
		int n = epoll_wait(epoll, events, EVENTS, (int)left + 1);

		for (int i = 0; i < n; i++)
			hear(events[i].data.ptr);
	}
}

int
main(int argc, char **argv)
{
	int64_t port, seconds;
	int silent = 0;

	viewers = calloc(VIEWERS_MAX, sizeof(*viewers));
	epoll = epoll_create1(EPOLL_CLOEXEC);
	if (argc != 3 || int_parse(argv[1], 1, 65535, &port) < 0 ||
	    int_parse(argv[2], 1, 600, &seconds) < 0 || viewers == NULL)
		die("watch PORT SECONDS < \"TOKEN PATH\" lines");
	list_read();
	figures_init(&lags, LAGS_MAX);
	for (int i = 0; i < nviewers; i++) {
		while (waiting >= AT_ONCE)
			listen_for(1);
		view(&viewers[i], (int)port);
	}
	while (answers < nviewers)
		listen_for(10);
	listen_for(SETTLE_MS);
	begin_ms = wall_ms();
	puts("ready");
	fflush(stdout);
	listen_for((double)seconds * 1000);
	for (int i = 0; i < nviewers; i++)
		silent += viewers[i].fd >= 0 &&
			now_ms() - viewers[i].heard > SILENT_MS;
	printf("viewers=%d lines=%llu rate=%.0f lost=%llu twice=%llu cut=%llu "
	    "silent=%d lag=%.0f lag99=%.0f lagmax=%.0f\n", nviewers,
	    (unsigned long long)lines, (double)lines / (double)seconds,
	    (unsigned long long)lost, (unsigned long long)twice,
	    (unsigned long long)cut, silent, figures_at(&lags, .5),
	    figures_at(&lags, .99), figures_at(&lags, 1));
	for (int i = 0; i < nviewers; i++) {
		free(viewers[i].token);
		free(viewers[i].path);
	}
	figures_free(&lags);
	free(viewers);
	return 0;
}
