/* SPDX-License-Identifier: ISC */
/*
 * watch: takes streams away from people who lost the right to them, and tells
 * what else changed of what they may see. Asks the authority several times a
 * second whether anything did, and if so, about every stream: once for those of
 * the same credential.
 */
#ifndef FCGI_WATCH_H
#define FCGI_WATCH_H

#include "fcgi/roster.h"

#define WATCH_INTERVAL_MS 300

struct watch;

/* What the watch found out, to whom it was told to; called from its thread. */
struct watch_taker {
	/* Why the stream is to end. */
	void (*revoked)(void *arg, struct ticket *t, const struct fault *f);
	/* What it may see from now on; borrowed. */
	void (*changed)(void *arg, struct ticket *t, struct view *view);
	void *arg;
};

/* Starts the thread. All is borrowed. NULL when it can not be started. */
struct watch *watch_new(const char *auth_socket, struct roster *roster,
	const struct watch_taker *taker);
void watch_free(struct watch *w);

#endif
