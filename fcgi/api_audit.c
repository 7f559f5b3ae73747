/* SPDX-License-Identifier: ISC */
/* api_audit: who did what, as a list and as JSON lines. */
#include "fcgi/api.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "fcgi/flight.h"

#define LIST_LIMIT 100
/* What the authority gives at once. */
#define ASK_MAX 500
/* A page that takes longer to be found is answered with what there is. */
#define LOOK_MS 3000
#define FILTER_MAX 256

/* Where to go on: before an id, 0 at the beginning; or not at all. */
struct place {
	int64_t before;
	bool end;
};

static void
text_read(struct request *r, const char *key, struct json_object *args,
	struct fault *f)
{
	const char *s = request_query(r, key);

	if (s == NULL)
		return;
	if (strlen(s) > FILTER_MAX || !utf8_valid(s, strlen(s)))
		fault_field(f, key, "must be text of at most %d bytes",
		    FILTER_MAX);
	else
		json_add_str(args, key, s);
}

static void
time_read(struct request *r, const char *key, struct json_object *args,
	struct fault *f)
{
	const char *s = request_query(r, key);
	time_t t;

	if (s == NULL)
		return;
	if (rfc3339_parse(s, &t, NULL) < 0 || t < 1)
		fault_field(f, key, "must be a time such as "
		    "2026-07-14T09:08:07Z");
	else
		json_add_int(args, key, t);
}

/* What is looked for, as arguments: owned. */
static struct json_object *
filter_read(struct request *r, struct fault *f)
{
	static const char *const texts[] = { "actor", "action", "target",
		"result" };
	struct json_object *args = json_object_new_object();

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		text_read(r, texts[i], args, f);
	time_read(r, "from", args, f);
	time_read(r, "to", args, f);
	return args;
}

static int
place_read(struct request *r, struct page *page, struct place *at,
	struct fault *f)
{
	int err = page_read(r, LIST_LIMIT, page, f);

	if (err == 0 && page->after[0] != '\0' &&
	    int_parse(page->after, 1, INT64_MAX, &at->before) < 0)
		err = fault_field(f, "cursor",
		    "is not one that was given out");
	return err;
}

/* The next rows, owned; *at is where those behind them are. */
static int
rows_ask(struct request *r, struct json_object *filter, int64_t limit,
	struct place *at, struct json_object **rows, struct fault *f)
{
	AUTO_JSON struct json_object *answer = NULL;
	struct json_object *args = NULL, *next;
	int err;

	json_object_deep_copy(filter, &args, NULL);
	json_add_int(args, "before", at->before);
	json_add_int(args, "limit", limit < ASK_MAX ? limit : ASK_MAX);
	err = auth_call(r->auth, "audit-list", &r->who, args, &answer, f);
	if (err != 0)
		return err;
	*rows = api_take(answer, "items");
	if (!json_object_is_type(*rows, json_type_array)) {
		json_object_put(*rows);
		return fault_set(f, ERR_INTERNAL,
		    "The authority's answer was not understood.");
	}
	next = api_member(answer, "next");
	at->end = next == NULL;
	at->before = next == NULL ? 0 : json_object_get_int64(next);
	for (size_t i = 0; i < json_object_array_length(*rows); i++)
		api_time(json_object_array_get_idx(*rows, i), "time", "at");
	return 0;
}

static void
rows_move(struct json_object *from, struct json_object *to)
{
	for (size_t i = 0; i < json_object_array_length(from); i++)
		json_object_array_add(to, json_object_get(
			json_object_array_get_idx(from, i)));
	json_object_put(from);
}

/* Much may have to be looked through until a page is full. */
static int
page_fill(struct request *r, struct json_object *filter, int64_t limit,
	struct place *at, struct json_object *items, struct fault *f)
{
	int64_t until = flight_now() + LOOK_MS;
	struct json_object *rows = NULL;
	int64_t left = limit;
	int err = 0;

	while (err == 0 && left > 0 && !at->end && flight_now() < until) {
		err = rows_ask(r, filter, left, at, &rows, f);
		if (err == 0)
			rows_move(rows, items);
		left = limit - (int64_t)json_object_array_length(items);
	}
	return err;
}

static int
list_reply(struct request *r, struct reply *p, struct json_object *filter,
	struct fault *f)
{
	struct json_object *out = json_object_new_object();
	struct json_object *items = json_object_new_array();
	struct place at = { 0 };
	struct page page;
	char key[24];
	int err = place_read(r, &page, &at, f);

	json_object_object_add(out, "items", items);
	if (err == 0)
		err = page_fill(r, filter, page.limit, &at, items, f);
	if (err != 0) {
		json_object_put(out);
		return err;
	}
	snprintf(key, sizeof(key), "%" PRId64, at.before);
	json_object_object_add(out, "next", at.end ? NULL : page_cursor(key));
	return reply_json(p, 200, out);
}

/* -1 when nobody listens any more. */
static int
lines_write(struct reply *p, struct json_object *rows)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 &&
	    i < json_object_array_length(rows); i++) {
		AUTO_FREE char *line = json_text(
			json_object_array_get_idx(rows, i));

		rc = line == NULL ? -1 : reply_write(p, line, strlen(line));
		if (rc == 0)
			rc = reply_write(p, "\n", 1);
	}
	return rc == 0 ? reply_flush(p) : rc;
}

/*
 * All of it, newest first, a piece after the other. The head is sent with the
 * first piece; what breaks off behind it must not look whole.
 */
static int
lines_reply(struct request *r, struct reply *p, struct json_object *filter,
	struct fault *f)
{
	struct json_object *rows = NULL;
	struct place at = { 0 };
	int err = 0, rc = 0;

	while (err == 0 && rc == 0 && !at.end) {
		err = rows_ask(r, filter, ASK_MAX, &at, &rows, f);
		if (err != 0)
			break;
		if (p->status == 0) {
			reply_header(p, "Content-Disposition",
			    "attachment; filename=\"audit.jsonl\"");
			rc = reply_begin(p, 200, "application/jsonl");
		}
		if (rc == 0)
			rc = lines_write(p, rows);
		json_object_put(rows);
	}
	if (err != 0 && p->status != 0)
		reply_break(p);
	return p->status == 0 ? err : 0;
}

int
api_audit_list(struct request *r, struct reply *p, struct fault *f)
{
	const char *format = request_query(r, "format");
	AUTO_JSON struct json_object *filter = filter_read(r, f);
	bool lines = format != NULL && strcmp(format, "jsonl") == 0;

	if (format != NULL && !lines && strcmp(format, "json") != 0)
		fault_field(f, "format", "must be json or jsonl");
	if (lines && (request_query(r, "limit") != NULL ||
	    request_query(r, "cursor") != NULL))
		fault_field(f, "format", "jsonl is always all of it: without "
		    "limit and cursor");
	if (f->err != ERR_OK)
		return f->err;
	return lines ? lines_reply(r, p, filter, f) :
		list_reply(r, p, filter, f);
}
