/* SPDX-License-Identifier: ISC */
/* web: a unikernel that answers HTTP; see web.h. */
#define _GNU_SOURCE
#include "tests/sandbox/web.h"

#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "albatross/deadline.h"
#include "base/text.h"
#include "tests/sandbox/reply.h"

#define BACKLOG 16
#define STACK_SIZE (256 * 1024)
#define REQUEST_MAX 4096
#define REQUEST_MS 2000
#define ANSWER_MAX (ELF_HTTP_MAX + 256)

struct web {
	int listener;
	int stop;		/* an eventfd */
	pthread_t thread;
	struct web_answer answer;
};

/* STATUS:TEXT and a zero byte; -1 if it is not. */
static int
answer_parse(struct web_answer *a, const char *s, size_t len)
{
	size_t end = strnlen(s, len);
	int64_t status;
	char digits[4];

	if (end == len || end < 4 || s[3] != ':' || end - 4 > ELF_HTTP_MAX)
		return -1;
	memcpy(digits, s, 3);
	digits[3] = '\0';
	if (int_parse(digits, 200, 599, &status) != 0)
		return -1;
	a->status = (int)status;
	memcpy(a->text, s + 4, end - 4);
	a->text[end - 4] = '\0';
	return 0;
}

void
web_answer_read(struct web_answer *a, const uint8_t *image, size_t len)
{
	size_t mark = strlen(ELF_HTTP);
	const char *s = memmem(image, len, ELF_HTTP, mark);

	if (s != NULL && answer_parse(a, s + mark,
	    len - mark - (s - (const char *)image)) == 0)
		return;
	*a = (struct web_answer){ .status = 200, .text = "hello" };
}

/* True when fd has something to read; false when told to stop, or too late. */
static bool
web_wait(const struct web *w, int fd, int64_t until)
{
	struct pollfd p[2] = {
		{ .fd = w->stop, .events = POLLIN },
		{ .fd = fd, .events = POLLIN },
	};
	int64_t left;

	do {
		left = until == ALB_NEVER ? -1 : until - alb_now();
		if (until != ALB_NEVER && left <= 0)
			return false;
	} while (poll(p, 2, (int)left) < 0 && errno == EINTR);
	return p[0].revents == 0 && p[1].revents != 0;
}

/* Whether a whole head of a request came, in time. */
static bool
request_read(const struct web *w, int fd)
{
	int64_t until = alb_now() + REQUEST_MS;
	char text[REQUEST_MAX];
	size_t len = 0;
	ssize_t n;

	while (len < sizeof(text) && web_wait(w, fd, until)) {
		n = recv(fd, text + len, sizeof(text) - len, MSG_DONTWAIT);
		if (n <= 0)
			return false;
		len += (size_t)n;
		if (memmem(text, len, "\r\n\r\n", 4) != NULL)
			return true;
	}
	return false;
}

/* It fits into the socket's buffer. */
static void
answer_send(const struct web_answer *a, int fd)
{
	char text[ANSWER_MAX];
	int len = snprintf(text, sizeof(text), "HTTP/1.1 %d %s\r\n"
		"Content-Type: text/plain; charset=utf-8\r\n"
		"Content-Length: %zu\r\nConnection: close\r\n\r\n%s\n",
		a->status, a->status < 400 ? "OK" : "Not OK",
		strlen(a->text) + 1, a->text);

	if (send(fd, text, (size_t)len, MSG_DONTWAIT | MSG_NOSIGNAL) == len)
		shutdown(fd, SHUT_WR);
}

static void *
web_run(void *arg)
{
	struct web *w = arg;
	uint64_t stop;
	int fd;

	while (read(w->stop, &stop, sizeof(stop)) < 0) {
		if (!web_wait(w, w->listener, ALB_NEVER))
			continue;
		fd = accept4(w->listener, NULL, NULL, SOCK_CLOEXEC);
		if (fd < 0)
			continue;
		if (request_read(w, fd))
			answer_send(&w->answer, fd);
		close(fd);
	}
	return NULL;
}

static int
listener_open(uint16_t port)
{
	struct sockaddr_in a = { .sin_family = AF_INET,
		.sin_port = htons(port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK,
		0);
	int on = 1, error;

	if (fd < 0)
		return -1;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(fd, (struct sockaddr *)&a, sizeof(a)) == 0 &&
	    listen(fd, BACKLOG) == 0)
		return fd;
	error = errno;
	close(fd);
	errno = error;
	return -1;
}

/* Signals are for the main thread. */
static int
thread_start(struct web *w)
{
	pthread_attr_t attr;
	sigset_t all, old;
	int rc;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, STACK_SIZE);
	rc = pthread_create(&w->thread, &attr, web_run, w);
	pthread_attr_destroy(&attr);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	return rc;
}

static void
web_free(struct web *w)
{
	if (w->listener >= 0)
		close(w->listener);
	if (w->stop >= 0)
		close(w->stop);
	free(w);
}

struct web *
web_start(uint16_t port, const struct web_answer *a)
{
	struct web *w = xcalloc(1, sizeof(*w));
	int error;

	w->answer = *a;
	w->stop = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	w->listener = w->stop < 0 ? -1 : listener_open(port);
	error = w->listener < 0 ? errno : thread_start(w);
	if (error == 0)
		return w;
	web_free(w);
	errno = error;
	return NULL;
}

void
web_stop(struct web *w)
{
	if (w == NULL)
		return;
	eventfd_write(w->stop, 1);
	pthread_join(w->thread, NULL);
	web_free(w);
}
