/* SPDX-License-Identifier: ISC */
/*
 * alb_dial with a resolver of the test's own: one that never answers, hosts
 * with dead addresses before a living one, and none at all.
 */
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "albatross/deadline.h"
#include "albatross/dial.h"

#define FILL 16
#define SLOW_MS 600

/* What listens and accepts, what listens but is full, and what refuses. */
static int live_port, full_port, closed_port;
static int live_fd, full_fd, fill[FILL];

static struct addrinfo *
address(int port, struct addrinfo *next)
{
	struct addrinfo *a = calloc(1, sizeof(*a));
	struct sockaddr_in *in = calloc(1, sizeof(*in));

	in->sin_family = AF_INET;
	in->sin_port = htons(port);
	in->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	a->ai_family = AF_INET;
	a->ai_socktype = SOCK_STREAM;
	a->ai_addr = (struct sockaddr *)in;
	a->ai_addrlen = sizeof(*in);
	a->ai_next = next;
	return a;
}

/* Instead of libc's. */
int
getaddrinfo(const char *host, const char *service,
	const struct addrinfo *hints, struct addrinfo **list)
{
	(void)service;
	if ((hints->ai_flags & AI_NUMERICHOST) != 0)
		return EAI_NONAME;
	if (strcmp(host, "slow") == 0) {
		poll(NULL, 0, SLOW_MS);
		*list = address(live_port, NULL);
	} else if (strcmp(host, "full") == 0) {
		*list = address(full_port, address(live_port, NULL));
	} else if (strcmp(host, "closed") == 0) {
		*list = address(closed_port, address(closed_port,
			address(live_port, NULL)));
	} else if (strcmp(host, "dead") == 0) {
		*list = address(full_port, address(closed_port, NULL));
	} else {
		return EAI_NONAME;
	}
	return 0;
}

void
freeaddrinfo(struct addrinfo *list)
{
	struct addrinfo *next;

	for (; list != NULL; list = next) {
		next = list->ai_next;
		free(list->ai_addr);
		free(list);
	}
}

/* Dials and says how long it took. */
static int
dial(const char *host, int ms, int64_t *took, char why[256])
{
	int64_t start = alb_now();
	int fd = -1;
	int rc = alb_dial(host, 1, ms, &fd, why, 256);

	*took = alb_now() - start;
	assert_int_equal(rc == ALB_OK, fd >= 0);
	if (fd >= 0)
		close(fd);
	return rc;
}

static void
test_slow_resolver(void **state)
{
	char why[256];
	int64_t took;

	(void)state;
	assert_int_equal(dial("slow", 150, &took, why), ALB_TIMEOUT);
	assert_true(took >= 150 && took < SLOW_MS);
	assert_non_null(strstr(why, "name server"));
	assert_int_equal(dial("slow", 5000, &took, why), ALB_OK);
	assert_true(took >= SLOW_MS);
	/* The look-up that was left behind ends and frees what it holds. */
	poll(NULL, 0, SLOW_MS);
}

static void
test_no_name(void **state)
{
	char why[256];
	int64_t took;

	(void)state;
	assert_int_equal(dial("nobody", 1000, &took, why), ALB_NETWORK);
	assert_non_null(strstr(why, "nobody"));
}

/* A dead address costs a quarter of a second, not all the time there is. */
static void
test_next_address(void **state)
{
	char why[256];
	int64_t took;

	(void)state;
	assert_int_equal(dial("full", 5000, &took, why), ALB_OK);
	assert_true(took >= 250 && took < 2000);
	assert_int_equal(dial("closed", 5000, &took, why), ALB_OK);
	assert_true(took < 1000);
}

static void
test_all_dead(void **state)
{
	char why[256];
	int64_t took;

	(void)state;
	assert_int_equal(dial("dead", 400, &took, why), ALB_TIMEOUT);
	assert_true(took >= 400 && took < 2000);
}

static int
listen_loopback(int backlog, int *port)
{
	struct sockaddr_in a = { .sin_family = AF_INET };
	socklen_t len = sizeof(a);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (fd < 0 || bind(fd, (struct sockaddr *)&a, len) != 0 ||
	    listen(fd, backlog) != 0 ||
	    getsockname(fd, (struct sockaddr *)&a, &len) != 0)
		return -1;
	*port = ntohs(a.sin_port);
	return fd;
}

static int
setup(void **state)
{
	struct addrinfo *a;
	int closed, i;

	(void)state;
	live_fd = listen_loopback(64, &live_port);
	full_fd = listen_loopback(0, &full_port);
	closed = listen_loopback(0, &closed_port);
	if (live_fd < 0 || full_fd < 0 || closed < 0)
		return -1;
	close(closed);
	a = address(full_port, NULL);
	for (i = 0; i < FILL; i++) {
		fill[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
		(void)connect(fill[i], a->ai_addr, a->ai_addrlen);
	}
	freeaddrinfo(a);
	return 0;
}

static int
teardown(void **state)
{
	int i;

	(void)state;
	for (i = 0; i < FILL; i++)
		close(fill[i]);
	close(live_fd);
	close(full_fd);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_slow_resolver),
		cmocka_unit_test(test_no_name),
		cmocka_unit_test(test_next_address),
		cmocka_unit_test(test_all_dead),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
