/* SPDX-License-Identifier: ISC */
/*
 * handover: the one liberty taken with libfcgi. It has no call for "somebody
 * else will answer", and none for "is the web server still there": its
 * descriptor and request id are read from fields that it calls its own
 * (configure checks that they are there).
 */
#include "fcgi/handover.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>

int
handover(FCGX_Request *fcgi, int *id)
{
	int fd = fcntl(fcgi->ipcFd, F_DUPFD_CLOEXEC, 0);

	if (fd < 0)
		return -1;
	*id = fcgi->requestId;
	/* Detached, the close below shuts nothing down: fd goes on. */
	FCGX_Detach(fcgi);
	FCGX_Free(fcgi, 1);
	/* Nothing of the request is left for the next accept to finish. */
	FCGX_InitRequest(fcgi, fcgi->listen_sock, fcgi->flags);
	return fd;
}

void
handover_break(FCGX_Request *fcgi)
{
	static const char nonsense[8] = "\377\377\377\377\377\377\377";

	/*
	 * nginx takes a mere close for a proper end, and so does whoever waits
	 * for a last chunk; a record of a version that does not exist it does
	 * not. What was not flushed is dropped: records are written whole.
	 */
	(void)!send(fcgi->ipcFd, nonsense, sizeof(nonsense), MSG_NOSIGNAL);
	FCGX_Free(fcgi, 1);
	FCGX_InitRequest(fcgi, fcgi->listen_sock, fcgi->flags);
}

bool
handover_takes(const FCGX_Request *fcgi, int ms)
{
	struct pollfd p = { .fd = fcgi->ipcFd, .events = POLLOUT };

	return poll(&p, 1, ms) != 0;
}

bool
handover_gone(const FCGX_Request *fcgi)
{
	struct pollfd p = { .fd = fcgi->ipcFd };

	/* A hang-up is told without being asked for. */
	return poll(&p, 1, 0) > 0;
}
