/* SPDX-License-Identifier: ISC */
/* health_probe_tcp: whether something takes a connection. */
#include "fcgi/health_probe.h"

#include <errno.h>
#include <poll.h>
#include <unistd.h>

/* Waits for a connection that is under way: 0 or an errno. */
static int
connected(const struct probe *p, int fd)
{
	struct pollfd poller = { .fd = fd, .events = POLLOUT };
	int error = 0, left, rc;
	socklen_t len = sizeof(error);

	do {
		left = probe_left(p);
		if (left == 0)
			return ETIMEDOUT;
		rc = poll(&poller, 1,
		    left < PROBE_TICK_MS ? left : PROBE_TICK_MS);
	} while (rc == 0 || (rc < 0 && errno == EINTR));
	if (rc < 0 || getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len) < 0)
		return errno;
	return error;
}

int
probe_tcp(const struct probe *p, struct fault *f)
{
	struct sockaddr_storage sa;
	socklen_t len = address_socket(&p->address, p->check->port, &sa);
	AUTO_FD int fd = socket(sa.ss_family,
	    SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	int error = 0;

	if (fd < 0)
		return probe_unreachable(p, errno, f);
	if (connect(fd, (struct sockaddr *)&sa, len) < 0)
		error = errno == EINPROGRESS ? connected(p, fd) : errno;
	return error == 0 ? 0 : probe_unreachable(p, error, f);
}
