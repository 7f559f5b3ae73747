/* SPDX-License-Identifier: ISC */
/* api_deployments: the history of a unikernel, and one deployment live. */
#include "fcgi/api.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "fcgi/deploy.h"
#include "fcgi/flight.h"

#define LIST_LIMIT 20
#define TICK_MS 1000		/* revocations act within it */
#define HEARTBEAT_MS 15000

int
api_deployments_list(struct request *r, struct reply *p, struct fault *f)
{
	int64_t before = INT64_MAX, next;
	struct json_object *o, *items;
	struct page page;
	char cursor[24];
	int err = page_read(r, LIST_LIMIT, &page, f);

	if (err == 0 && page.after[0] != '\0' &&
	    int_parse(page.after, 1, INT64_MAX, &before) < 0)
		err = fault_field(f, "cursor", "is not one of ours");
	if (err != 0)
		return err;
	items = deployment_list_json(r->app->ledger, r->app->images,
	    r->instance, r->project, r->name, before, (int)page.limit, &next);
	o = json_object_new_object();
	json_object_object_add(o, "items", items);
	snprintf(cursor, sizeof(cursor), "%lld", (long long)next);
	json_object_object_add(o, "next", next == 0 ? NULL :
	    page_cursor(cursor));
	return reply_json(p, 200, o);
}

/* The deployment of the path, if who asks may see its unikernel. */
static int
find(struct request *r, struct deployment *d, struct fault *f)
{
	int64_t id;
	int err;

	if (int_parse(r->item, 1, INT64_MAX, &id) < 0)
		return fault_set(f, ERR_NOT_FOUND,
		    "There is no such deployment.");
	err = deployment_get(r->app->ledger, id, d);
	if (err != 0)
		return fault_set(f, err, "There is no such deployment.");
	err = auth_authorize(r->auth, &r->who, "unikernel:read", d->instance,
	    d->project, d->name, &r->grant, f);
	if (err == 0)
		return 0;
	deployment_free(d);
	/* Whether it exists is not theirs to know. */
	if (err == ERR_FORBIDDEN || err == ERR_NO_POLICY)
		return fault_set(f, ERR_NOT_FOUND,
		    "There is no such deployment.");
	return err;
}

static int
event_write(struct request *r, struct reply *p, const struct deployment *d)
{
	AUTO_JSON struct json_object *o = deployment_json(r->app->ledger,
		r->app->images, d, true);
	const char *text = json_object_to_json_string_ext(o,
		JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE);
	static const char head[] = "event: deployment\ndata: ";

	if (reply_write(p, head, sizeof(head) - 1) < 0 ||
	    reply_write(p, text, strlen(text)) < 0 ||
	    reply_write(p, "\n\n", 2) < 0)
		return -1;
	return reply_flush(p);
}

static int
heartbeat(struct reply *p, int64_t *beat)
{
	if (flight_now() - *beat < HEARTBEAT_MS)
		return 0;
	*beat = flight_now();
	return reply_write(p, ": still here\n\n", 14) < 0 ? -1 :
	    reply_flush(p);
}

/*
 * Tells of each change until it has ended. Runs in a thread of its own; the
 * right to look is asked for again at each tick.
 */
static void
events_write(struct request *r, struct reply *p, struct deployment *d)
{
	struct ledger *l = r->app->ledger;
	int64_t beat = flight_now();
	struct fault f = { 0 };
	uint64_t seen, now = ledger_changes(l);

	while (event_write(r, p, d) == 0 && d->ended == 0) {
		do {
			seen = now;
			now = ledger_wait(l, seen, TICK_MS);
			if (heartbeat(p, &beat) < 0 || r->app->stopping)
				return;
			deployment_free(d);
			if (find(r, d, &f) != 0)
				return;
		} while (now == seen);
	}
}

int
api_deployments_get(struct request *r, struct reply *p, struct fault *f)
{
	const char *accept = request_param(r, "HTTP_ACCEPT");
	bool events = accept != NULL &&
		strstr(accept, "text/event-stream") != NULL;
	struct deployment d;
	int err = find(r, &d, f);

	if (err != 0)
		return err;
	if (events && !r->head) {
		reply_header(p, "X-Accel-Buffering", "no");
		if (reply_begin(p, 200, "text/event-stream") == 0)
			events_write(r, p, &d);
	} else {
		err = reply_json(p, 200, deployment_json(r->app->ledger,
		    r->app->images, &d, true));
	}
	deployment_free(&d);
	return err;
}
