/* SPDX-License-Identifier: ISC */
/*
 * api_console: a console as a stream. The handler checks and sends the head;
 * everything behind it is the hub's.
 */
#include "fcgi/api.h"

#include <string.h>

#include "base/text.h"
#include "fcgi/handover.h"
#include "fcgi/hub.h"
#include "fcgi/unikernel.h"

#define LINES_DEFAULT 100
#define LINES_MAX 1024

static int
stream_read(const struct request *r, struct hub_stream *s, struct fault *f)
{
	const char *accept = request_param(r, "HTTP_ACCEPT");
	const char *since = request_query(r, "since");
	int64_t lines = LINES_DEFAULT;

	*s = (struct hub_stream){ .instance = r->instance,
		.project = r->project, .name = r->name, .who = &r->who,
		.grant = &r->grant, .follow = true,
		.last_id = request_param(r, "HTTP_LAST_EVENT_ID") };
	s->events = accept != NULL &&
		strstr(accept, "text/event-stream") != NULL;
	(void)request_query_bool(r, "follow", &s->follow, f);
	(void)request_query_int(r, "lines", 1, LINES_MAX, &lines, f);
	s->lines = (int)lines;
	s->has_since = since != NULL;
	if (since != NULL &&
	    rfc3339_parse(since, &s->since, &s->since_millis) < 0)
		fault_field(f, "since",
		    "must be a time such as 2026-07-14T09:08:07Z");
	return f->err;
}

/* albatross waits for consoles that never existed; people should not. */
static int
console_exists(struct request *r, struct fault *f)
{
	struct ask ask = unikernel_ask(r);
	struct alb_wire w;
	int err = unikernel_find(r->app->upstream, &ask, &w, NULL, f);

	if (err == 0)
		alb_wire_free(&w);
	if (err != ERR_NOT_FOUND)
		return err;
	*f = (struct fault){ 0 };
	return unikernel_remembered(r->app->upstream, &ask, f);
}

/*
 * Sends the head and gives the connection to the hub. What the stream is was
 * copied before: with the connection, FastCGI's parameters are gone.
 */
static void
stream_start(struct request *r, struct reply *p, const struct hub_stream *s,
	struct reader *reader)
{
	int fd = -1, id = 0;

	/* nginx must pass every line on at once. */
	reply_header(p, "X-Accel-Buffering", "no");
	if (reply_begin(p, 200, s->events ? "text/event-stream" :
	    "text/plain; charset=utf-8") == 0 &&
	    (!s->events || reply_write(p, ": ok\n\n", 6) == 0) &&
	    reply_flush(p) == 0)
		fd = handover(r->fcgi, &id);
	if (fd < 0) {
		hub_drop(r->app->hub, reader);
		return;
	}
	r->handed_over = true;
	hub_take(r->app->hub, reader, fd, id);
}

int
api_console_get(struct request *r, struct reply *p, struct fault *f)
{
	struct hub_stream s;
	struct reader *reader;
	int err = stream_read(r, &s, f);

	if (err == 0)
		err = console_exists(r, f);
	if (err != 0)
		return err;
	if (r->head)
		return reply_data(p, 200, s.events ? "text/event-stream" :
		    "text/plain; charset=utf-8", "", 0);
	err = hub_prepare(r->app->hub, &s, &reader, f);
	if (err == 0)
		stream_start(r, p, &s, reader);
	return err;
}
