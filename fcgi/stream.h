/* SPDX-License-Identifier: ISC */
/* stream: what handlers of event streams have in common. */
#ifndef FCGI_STREAM_H
#define FCGI_STREAM_H

#include "fcgi/api.h"
#include "fcgi/hub.h"

/*
 * Reads what is asked for by "since", "lines" (at first as s has it) and
 * Last-Event-ID: 0 or ERR_INVALID.
 */
int stream_read(const struct request *r, struct hub_stream *s,
	struct fault *f);
/*
 * Sends the head, with some first lines of ours, and gives the connection to
 * the hub; for HEAD the head alone. 0, or an err and nothing was sent.
 */
int stream_start(struct request *r, struct reply *p,
	const struct hub_stream *s, const char *first, struct fault *f);
/* Whether we have deployed a unikernel of the name at some time. */
bool stream_log_deployed(struct request *r, const char *instance,
	const char *project, const char *name);
/*
 * Whether there is, or was, a unikernel of the name: people should not wait
 * for the log of one that never was. 0 or ERR_NOT_FOUND, ...
 */
int stream_log_exists(struct request *r, const char *instance,
	const char *project, const char *name, struct fault *f);

#endif
