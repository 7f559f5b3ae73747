/* SPDX-License-Identifier: ISC */
/*
 * crew: a few threads that carry out what is queued, by ids, in the order in
 * which it was added. Each has a client of the authority, which gives its
 * connection back after each of them.
 */
#ifndef FCGI_CREW_H
#define FCGI_CREW_H

#include <stdint.h>

#include "auth/client.h"

struct crew;

/* flags as they were added. auth is borrowed for as long as that takes. */
typedef void crew_do(void *arg, struct auth_client *auth, int64_t id,
	unsigned flags);

/* auth_socket and arg are borrowed. No thread yet. NULL: out of memory. */
struct crew *crew_new(const char *auth_socket, crew_do *run, void *arg);
/* Begins, with n threads: 0, or ERR_NO_MEMORY. Once. */
int crew_start(struct crew *c, int n);
/* From any thread, also before the start: 0, or ERR_NO_MEMORY. */
int crew_add(struct crew *c, int64_t id, unsigned flags);
/* How many are queued or being carried out. */
int crew_length(struct crew *c);
/* Waits for what is being carried out; drops the rest. */
void crew_free(struct crew *c);	/* NULL is fine */

#endif
