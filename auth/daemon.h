/* SPDX-License-Identifier: ISC */
/* daemon: the serving authority from start to end. */
#ifndef AUTH_DAEMON_H
#define AUTH_DAEMON_H

#include <sys/types.h>

struct daemon_options {
	const char *dir;
	const char *socket;
	const char *public_url;	/* of the web pages, or NULL */
	uid_t peer;		/* may connect, besides ourselves and root */
};

/* Runs until SIGTERM or SIGINT; an exit status. */
int daemon_run(const struct daemon_options *o);

#endif
