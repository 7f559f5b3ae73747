/* SPDX-License-Identifier: ISC */
/*
 * reply: the answer to one request. The head is sent once, with the headers
 * every answer carries; what a HEAD request must not get is dropped here.
 */
#ifndef FCGI_REPLY_H
#define FCGI_REPLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/json.h"

struct request;

struct reply {
	struct request *request;
	int status;		/* 0 until the head was sent */
	struct buf extra;	/* more header lines */
	bool failed;		/* the client went away */
	/* More members of a problem, if one is to be sent; owned, or NULL. */
	struct json_object *members;
};

void reply_init(struct reply *p, struct request *r);
void reply_free(struct reply *p);

/*
 * One more header line, before the head is sent. The value is ours or was
 * checked: control bytes end the program's trust in it and drop the line.
 */
void reply_header(struct reply *p, const char *name, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/*
 * Sets, or with NULL clears, a cookie; max_age in seconds, 0: with the
 * browser session.
 */
void reply_cookie(struct reply *p, const char *name, const char *value,
	const char *path, long max_age);

/*
 * Whole answers; they return 0, or an err when nothing was sent yet and a
 * problem should be. reply_json takes o (NULL: ERR_NO_MEMORY).
 */
int reply_json(struct reply *p, int status, struct json_object *o);
/* Text made before, such as a cached list; borrowed. */
int reply_data(struct reply *p, int status, const char *content_type,
	const void *data, size_t len);
int reply_empty(struct reply *p, int status);
/* The size bytes of an open file, from its beginning; read piece by piece. */
int reply_file(struct reply *p, int status, const char *content_type, int fd,
	uint64_t size);

/*
 * An answer in pieces: the head (content_type, no length), then bytes, then a
 * flush that hands them to nginx. -1 when the client went away.
 */
int reply_begin(struct reply *p, int status, const char *content_type);
/* The same with a length, which is a promise: reply_break when it fails. */
int reply_begin_sized(struct reply *p, int status, const char *content_type,
	uint64_t length);
int reply_write(struct reply *p, const void *data, size_t len);
int reply_flush(struct reply *p);
/*
 * What was begun can not be brought to its end: ends the connection so that
 * the client sees that something is missing.
 */
void reply_break(struct reply *p);

/* A member that a problem, should one be sent, also gets; takes value. */
void reply_problem_member(struct reply *p, const char *key,
	struct json_object *value);
/*
 * The problem document of f (f->err is not 0), with WWW-Authenticate,
 * Retry-After where they belong. Nothing is sent when a head was sent before.
 * instance, or NULL, is the instance it is about.
 */
void reply_problem(struct reply *p, const struct fault *f,
	const char *instance);

#endif
