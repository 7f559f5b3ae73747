/* SPDX-License-Identifier: ISC */
/*
 * alb_dial: names to addresses to a connected socket; see dial.h.
 *
 * getaddrinfo knows no timeout and may take half a minute when a name server
 * is dead. So names are looked up in a thread of their own, which is left
 * behind when the time is over and then frees what it holds. Addresses in
 * digits need none of that.
 */
#define _GNU_SOURCE
#include "albatross/dial.h"

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "albatross/deadline.h"

#define ADDRESSES_MAX 8
#define NEXT_ADDRESS_MS 250
#define LOOKUP_STACK (256 * 1024)

struct lookup {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	bool done;
	bool left;		/* nobody waits any more: free yourself */
	int rc;			/* of getaddrinfo, when done */
	struct addrinfo *list;
	char port[8];
	char host[];
};

static int
resolve(const char *host, const char *port, int flags,
	struct addrinfo **list)
{
	struct addrinfo hints = {
		.ai_socktype = SOCK_STREAM,
		.ai_flags = AI_NUMERICSERV | flags,
	};

	return getaddrinfo(host, port, &hints, list);
}

static void
lookup_free(struct lookup *l)
{
	if (l->list != NULL)
		freeaddrinfo(l->list);
	pthread_cond_destroy(&l->changed);
	pthread_mutex_destroy(&l->lock);
	free(l);
}

static struct lookup *
lookup_new(const char *host, const char *port)
{
	struct lookup *l = calloc(1, sizeof(*l) + strlen(host) + 1);
	pthread_condattr_t attr;

	if (l == NULL)
		return NULL;
	memcpy(l->host, host, strlen(host));
	snprintf(l->port, sizeof(l->port), "%s", port);
	pthread_mutex_init(&l->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&l->changed, &attr);
	pthread_condattr_destroy(&attr);
	return l;
}

static void *
lookup_main(void *arg)
{
	struct lookup *l = arg;
	struct addrinfo *list = NULL;
	int rc = resolve(l->host, l->port, AI_ADDRCONFIG, &list);
	bool left;

	pthread_mutex_lock(&l->lock);
	l->rc = rc;
	l->list = rc == 0 ? list : NULL;
	l->done = true;
	left = l->left;
	pthread_cond_signal(&l->changed);
	pthread_mutex_unlock(&l->lock);
	if (left)
		lookup_free(l);
	return NULL;
}

static int
lookup_start(struct lookup *l)
{
	pthread_attr_t attr;
	pthread_t thread;
	int rc;

	pthread_attr_init(&attr);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	pthread_attr_setstacksize(&attr, LOOKUP_STACK);
	rc = pthread_create(&thread, &attr, lookup_main, l);
	pthread_attr_destroy(&attr);
	return rc;
}

/* Waits until done (true) or the deadline has passed. */
static bool
lookup_wait(struct lookup *l, int64_t deadline)
{
	struct timespec until = { deadline / 1000,
		deadline % 1000 * 1000000 };
	int rc = 0;
	bool done;

	pthread_mutex_lock(&l->lock);
	while (!l->done && rc == 0)
		rc = pthread_cond_timedwait(&l->changed, &l->lock, &until);
	done = l->done;
	l->left = !done;
	pthread_mutex_unlock(&l->lock);
	return done;
}

static int
failed(char *why, size_t whysize, int rc, const char *host, const char *what)
{
	snprintf(why, whysize, "%s: %s", host, what);
	return rc;
}

static int
addresses(const char *host, const char *port, int64_t deadline,
	struct addrinfo **list, char *why, size_t whysize)
{
	struct lookup *l;
	int rc;

	if (resolve(host, port, AI_NUMERICHOST, list) == 0)
		return ALB_OK;
	l = lookup_new(host, port);
	if (l == NULL || lookup_start(l) != 0) {
		if (l != NULL)
			lookup_free(l);
		return failed(why, whysize, ALB_NO_MEMORY, host,
			"can not start a name look-up");
	}
	if (!lookup_wait(l, deadline))
		return failed(why, whysize, ALB_TIMEOUT, host,
			"the name server does not answer");
	rc = l->rc;
	*list = l->list;
	l->list = NULL;
	lookup_free(l);
	return rc == 0 ? ALB_OK :
		failed(why, whysize, ALB_NETWORK, host, gai_strerror(rc));
}

/* Connections under way to one host. */
struct race {
	struct pollfd pending[ADDRESSES_MAX];
	int npending;
	const struct addrinfo *next;	/* not tried yet */
	int64_t next_at;
	int tried;
	int error;			/* errno of the last failure */
};

static void
set_options(int fd)
{
	static const int on = 1, idle = 60, interval = 15, count = 4;

	/* The command would wait 40 ms for the peer's delayed ACK. */
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
	setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle, sizeof(idle));
	setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &interval,
		sizeof(interval));
	setsockopt(fd, IPPROTO_TCP, TCP_KEEPCNT, &count, sizeof(count));
}

/* Starts the next address. */
static void
race_start(struct race *r)
{
	const struct addrinfo *a = r->next;
	int fd;

	r->next = ++r->tried < ADDRESSES_MAX ? a->ai_next : NULL;
	r->next_at = alb_now() + NEXT_ADDRESS_MS;
	fd = socket(a->ai_family,
		a->ai_socktype | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0) {
		r->error = errno;
		return;
	}
	set_options(fd);
	if (connect(fd, a->ai_addr, a->ai_addrlen) != 0 &&
	    errno != EINPROGRESS && errno != EINTR) {
		r->error = errno;
		close(fd);
		return;
	}
	r->pending[r->npending++] =
		(struct pollfd){ .fd = fd, .events = POLLOUT };
}

/* Looks at connection i, which poll has reported: its descriptor, or -1. */
static int
race_settle(struct race *r, int i)
{
	int fd = r->pending[i].fd;
	int error = 0;
	socklen_t len = sizeof(error);

	r->pending[i] = r->pending[--r->npending];
	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len) == 0 &&
	    error == 0)
		return fd;
	r->error = error;
	r->next_at = 0;
	close(fd);
	return -1;
}

static int
race_wait(struct race *r, int64_t deadline)
{
	int i, fd, n;

	if (r->next != NULL && r->next_at < deadline)
		deadline = r->next_at;
	n = poll(r->pending, r->npending, alb_deadline_left(deadline));
	if (n <= 0)
		return -1;
	for (i = r->npending - 1; i >= 0; i--) {
		if (r->pending[i].revents == 0)
			continue;
		fd = race_settle(r, i);
		if (fd >= 0)
			return fd;
	}
	return -1;
}

/* The first connection, or -1 with the reason in *rc and r->error. */
static int
race_run(struct race *r, int64_t deadline, int *rc)
{
	int fd = -1;

	for (;;) {
		while (r->next != NULL &&
		    (r->npending == 0 || alb_now() >= r->next_at))
			race_start(r);
		*rc = ALB_NETWORK;
		if (r->npending == 0)
			return -1;
		*rc = ALB_TIMEOUT;
		if (alb_deadline_left(deadline) == 0)
			return -1;
		fd = race_wait(r, deadline);
		if (fd >= 0)
			return fd;
	}
}

static void
race_end(struct race *r)
{
	while (r->npending > 0)
		close(r->pending[--r->npending].fd);
}

int
alb_dial(const char *host, int port, int ms, int *fd, char *why,
	size_t whysize)
{
	int64_t deadline = alb_deadline(ms);
	struct addrinfo *list = NULL;
	struct race race = { .error = ENETUNREACH };
	char text[128], number[8];
	int rc;

	snprintf(number, sizeof(number), "%d", port & 0xffff);
	rc = addresses(host, number, deadline, &list, why, whysize);
	if (rc != ALB_OK)
		return rc;
	race.next = list;
	*fd = race_run(&race, deadline, &rc);
	race_end(&race);
	freeaddrinfo(list);
	if (*fd >= 0)
		return ALB_OK;
	snprintf(text, sizeof(text), "port %s: %s", number,
		strerror(rc == ALB_TIMEOUT ? ETIMEDOUT : race.error));
	return failed(why, whysize, rc, host, text);
}
