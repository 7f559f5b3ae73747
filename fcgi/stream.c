/* SPDX-License-Identifier: ISC */
/* stream: what handlers of event streams have in common; see stream.h. */
#include "fcgi/stream.h"

#include <string.h>

#include "base/text.h"
#include "fcgi/deployment.h"
#include "fcgi/handover.h"
#include "fcgi/log_store.h"
#include "fcgi/unikernel.h"

int
stream_read(const struct request *r, struct hub_stream *s, struct fault *f)
{
	const char *since = request_query(r, "since");
	int64_t lines = s->lines;

	(void)request_query_int(r, "lines", 0, HUB_LINES_MAX, &lines, f);
	s->lines = (int)lines;
	s->has_since = since != NULL;
	if (since != NULL &&
	    rfc3339_parse(since, &s->since, &s->since_millis) < 0)
		fault_field(f, "since",
		    "must be a time such as 2026-07-14T09:08:07Z");
	s->who = &r->who;
	if (s->last_id == NULL)
		s->last_id = request_param(r, "HTTP_LAST_EVENT_ID");
	return f->err;
}

/*
 * What the stream is was copied before: with the connection, FastCGI's
 * parameters are gone.
 */
static void
give(struct request *r, struct reply *p, const struct hub_stream *s,
	const char *type, const char *first, struct reader *reader)
{
	int fd = -1, id = 0;

	/* nginx must pass every line on at once. */
	reply_header(p, "X-Accel-Buffering", "no");
	if (reply_begin(p, 200, type) == 0 && (!s->events ||
	    reply_write(p, first, strlen(first)) == 0) &&
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
stream_start(struct request *r, struct reply *p, const struct hub_stream *s,
	const char *first, struct fault *f)
{
	const char *type = s->events ? "text/event-stream" :
		"text/plain; charset=utf-8";
	struct reader *reader;
	int err;

	if (r->head)
		return reply_data(p, 200, type, "", 0);
	err = hub_prepare(r->app->hub, s, &reader, f);
	if (err == 0)
		give(r, p, s, type, first, reader);
	return err;
}

bool
stream_log_deployed(struct request *r, const char *instance,
	const char *project, const char *name)
{
	struct deployment d;
	int err = deployment_last(r->app->ledger, instance, project, name,
		&d);

	if (err == 0)
		deployment_free(&d);
	return err == 0;
}

static bool
none_take(void *arg, const struct log_entry *e)
{
	return false;
}

static bool
is_kept(struct request *r, const struct log_place *place)
{
	const struct log_query q = { 0 };
	struct log_kept kept = { 0 };
	struct fault f = { 0 };

	return log_scan(r->app->logs, place, &q, none_take, NULL, &kept,
		&f) == 0 && kept.entries > 0;
}

int
stream_log_exists(struct request *r, const char *instance,
	const char *project, const char *name, struct fault *f)
{
	struct ask ask = { .auth = r->auth, .who = &r->who,
		.instance = instance, .project = project, .label = name };
	const struct log_place place = { instance, project, name };
	struct alb_wire w;
	int err;

	if (hub_knows(r->app->hub, instance, project, name) ||
	    stream_log_deployed(r, instance, project, name) ||
	    is_kept(r, &place))
		return 0;
	err = unikernel_find(r->app->upstream, &ask, &w, NULL, f);
	if (err == 0)
		alb_wire_free(&w);
	if (err != ERR_NOT_FOUND)
		return err;
	*f = (struct fault){ 0 };
	return unikernel_remembered(r->app->upstream, &ask, f);
}
