/* SPDX-License-Identifier: ISC */
/* server: the listening socket and the threads that take requests from it. */
#ifndef FCGI_SERVER_H
#define FCGI_SERVER_H

#include "fcgi/app.h"

/*
 * The socket: bound to path with mode 0660 and, unless NULL, that group; or
 * with path NULL the one that was inherited (socket activation: descriptor 3;
 * else standard input). The descriptor, or -1 with a sentence in f.
 */
int server_listen(const char *path, const char *group, struct fault *f);

/* Blocks the signals that end server_run; before any thread is made. */
void server_block_signals(void);
/*
 * Serves until SIGTERM or SIGINT, then lets every request that was begun end.
 * 0, or an err when the threads could not be made.
 */
int server_run(struct app *app, int fd, struct fault *f);

#endif
