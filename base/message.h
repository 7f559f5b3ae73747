/* SPDX-License-Identifier: ISC */
/*
 * message: what mollymawk-fcgi and mollymawk-auth say to each other: JSON
 * objects on a unix stream socket, each behind its length in 4 bytes, big
 * endian, 1 to 256 KiB.
 */
#ifndef BASE_MESSAGE_H
#define BASE_MESSAGE_H

#include "base/json.h"

#define MESSAGE_MAX (256 * 1024)

/*
 * Connects to, or binds and listens on, a path. Listening replaces a stale
 * socket that nobody answers on, and sets mode (such as 0660). Descriptors are
 * close-on-exec. -1 with errno on failure.
 */
int message_connect(const char *path);
int message_listen(const char *path, int backlog, unsigned mode);

/* 0, or -1 with errno (EMSGSIZE when too long). Never raises SIGPIPE. */
int message_send(int fd, struct json_object *o);
/*
 * Receives one message within timeout_ms (-1: for ever) as an owned object;
 * NULL with errno: 0 for a clean end before the first byte, ETIMEDOUT,
 * EMSGSIZE, EBADMSG for what is not strict JSON.
 */
struct json_object *message_receive(int fd, int timeout_ms);

#endif
