/* SPDX-License-Identifier: ISC */
/* api_events: all that happens, in one stream of several topics. */
#include "fcgi/api.h"

#include "fcgi/stream.h"
#include "fcgi/subject.h"
#include "fcgi/view.h"

#define LINES_DEFAULT 100
#define FIRST "retry: 2000\n: ok\n\n"

static int
topics_read(const struct request *r, struct subject out[SUBJECTS_MAX],
	struct hub_stream *s, struct fault *f)
{
	const char *topics = request_query(r, "topics");

	s->subjects = out;
	s->nsubjects = topics == NULL ? -1 : subjects_parse(topics, out);
	if (s->nsubjects < 0)
		fault_field(f, "topics", "must be 1 to %d of log:INSTANCE/"
		    "PROJECT/NAME, states, states:PROJECT, metrics, "
		    "metrics:PROJECT, metrics:INSTANCE/PROJECT/NAME, "
		    "operations, instances, alerts, with commas between",
		    SUBJECTS_MAX);
	/* A browser that begins anew can not set a header. */
	s->last_id = request_query(r, "last_id");
	return stream_read(r, s, f);
}

/*
 * Each has to be for who asks. A log may be of a unikernel that is not there:
 * there is nothing to be heard of it, until it is.
 */
static int
topics_check(struct request *r, const struct hub_stream *s,
	struct subject *subjects, struct fault *f)
{
	int err = 0;

	for (int i = 0; err == 0 && i < s->nsubjects; i++) {
		struct subject *about = &subjects[i];

		err = view_allows(s->view, about, f);
		if (err == 0 && about->feed == FEEDS)
			about->there = stream_log_deployed(r, about->instance,
				about->project, about->name);
	}
	return err;
}

int
api_events_get(struct request *r, struct reply *p, struct fault *f)
{
	struct subject subjects[SUBJECTS_MAX];
	struct hub_stream s = { .grant = &r->grant, .events = true,
		.named = true, .follow = true, .lines = LINES_DEFAULT };
	struct view *view = NULL;
	int err = topics_read(r, subjects, &s, f);

	if (err == 0)
		err = view_make(r->auth, &r->who, &view, &r->grant, f);
	s.view = view;
	if (err == 0)
		err = topics_check(r, &s, subjects, f);
	if (err == 0)
		err = stream_start(r, p, &s, FIRST, f);
	view_put(view);
	return err;
}
