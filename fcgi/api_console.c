/* SPDX-License-Identifier: ISC */
/* api_console: the log of one unikernel as a stream. */
#include "fcgi/api.h"

#include <string.h>

#include "fcgi/stream.h"
#include "fcgi/subject.h"

#define LINES_DEFAULT 100

int
api_console_get(struct request *r, struct reply *p, struct fault *f)
{
	const char *accept = request_param(r, "HTTP_ACCEPT");
	struct subject subject;
	struct hub_stream s = { .subjects = &subject, .nsubjects = 1,
		.grant = &r->grant, .follow = true, .lines = LINES_DEFAULT };
	int err;

	subject_log(&subject, r->instance, r->project, r->name);
	subject.there = true;
	s.events = accept != NULL &&
		strstr(accept, "text/event-stream") != NULL;
	(void)request_query_bool(r, "follow", &s.follow, f);
	err = stream_read(r, &s, f);
	if (err == 0)
		err = stream_log_exists(r, r->instance, r->project, r->name,
			f);
	return err != 0 ? err : stream_start(r, p, &s, ": ok\n\n", f);
}
