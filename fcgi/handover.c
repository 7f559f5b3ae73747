/* SPDX-License-Identifier: ISC */
/*
 * handover: the one liberty taken with libfcgi. It has no call for "somebody
 * else will answer": its descriptor and request id are read from fields that
 * it calls its own (configure checks that they are there).
 */
#include "fcgi/handover.h"

#include <fcntl.h>

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
