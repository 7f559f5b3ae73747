/* SPDX-License-Identifier: ISC */
/*
 * serve: the unix socket and its connections: a thread each, at most 64, from
 * peers whose uid is known.
 */
#ifndef AUTH_SERVE_H
#define AUTH_SERVE_H

#include <sys/types.h>

#include "auth/authority.h"

#define SERVE_CONNECTIONS 256

struct serve_options {
	int listener;		/* borrowed: a listening socket */
	int stop;		/* borrowed: readable when it is time to end */
	uid_t peer;		/* who else than ourselves and root may ask */
};

/*
 * Answers until stop can be read; then ends the connections and waits for what
 * they are doing. 0 or ERR_INTERNAL.
 */
int serve(struct authority *a, const struct serve_options *options,
	struct fault *f);

#endif
