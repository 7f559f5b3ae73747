/* SPDX-License-Identifier: ISC */
/*
 * watch: takes streams away from people who lost the right to them. Asks the
 * authority twice a second whether anything was revoked, and if so, about
 * every stream.
 */
#ifndef FCGI_WATCH_H
#define FCGI_WATCH_H

#include "fcgi/roster.h"

#define WATCH_INTERVAL_MS 500

struct watch;

/*
 * Starts the thread; revoked is called from it, with why. All is borrowed.
 * NULL when it can not be started.
 */
struct watch *watch_new(const char *auth_socket, struct roster *roster,
	void (*revoked)(void *arg, uint64_t serial, const struct fault *f),
	void *arg);
void watch_free(struct watch *w);

#endif
