/* SPDX-License-Identifier: ISC */
/* api_alerts: what is wrong, for those who may see where. */
#include "fcgi/api.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "fcgi/alert.h"
#include "fcgi/sight.h"

#define LIST_LIMIT 100
#define BATCH 200		/* rows at once */
#define SILENCE_MAX (30 * 24 * 60)	/* minutes */
#define MINUTE_MS (60 * 1000LL)

/* ---- the list ---- */

static int
may_see(struct sights *sights, struct request *r, const struct alert *a,
	bool *seen, struct fault *f)
{
	return sights_look(sights, r, alert_scope(a), a->instance,
	    a->project, a->project[0] == '\0' ? NULL : a->name, seen, f);
}

struct listed {
	struct alert_filter filter;
	int64_t limit;
	struct json_object *items;
	int64_t last;		/* of the items */
	bool more;		/* there is one behind it */
};

static int
filter_read(struct request *r, struct listed *l, struct fault *f)
{
	const char *state = request_query(r, "state");
	struct page page;
	int err = page_read(r, LIST_LIMIT, &page, f);

	l->limit = page.limit;
	l->filter = (struct alert_filter){ .open = true, .limit = BATCH,
		.instance = r->instance, .project = r->project,
		.before = INT64_MAX };
	if (state != NULL && strcmp(state, "all") == 0)
		l->filter.open = false;
	else if (state != NULL && strcmp(state, "open") != 0)
		err = fault_field(f, "state", "must be \"open\" or \"all\"");
	if (err == 0 && page.after[0] != '\0' && int_parse(page.after, 1,
	    INT64_MAX, &l->filter.before) < 0)
		err = fault_field(f, "cursor", "is not one that was given "
		    "out");
	return err;
}

static int
batch_read(struct request *r, struct listed *l, struct alert **list,
	size_t *n, struct fault *f)
{
	struct db *d = ledger_read_begin(r->app->ledger);
	int err = alert_list(d, &l->filter, list, n);

	ledger_read_end(r->app->ledger);
	return err == 0 ? 0 : fault_set(f, err,
	    "The alerts can not be read.");
}

/* Those of a batch that who asks may see, until the page is full. */
static int
batch_take(struct request *r, struct listed *l, struct sights *sights,
	const struct alert *list, size_t n, struct fault *f)
{
	bool seen;
	int err;

	for (size_t i = 0; i < n && !l->more; i++) {
		l->filter.before = list[i].id;
		err = may_see(sights, r, &list[i], &seen, f);
		if (err != 0)
			return err;
		if (!seen)
			continue;
		l->more = json_object_array_length(l->items) ==
			(size_t)l->limit;
		if (l->more)
			break;
		json_object_array_add(l->items, alert_json(&list[i]));
		l->last = list[i].id;
	}
	return 0;
}

static int
list_fill(struct request *r, struct listed *l, struct fault *f)
{
	struct sights sights = { 0 };
	struct alert *list;
	size_t n = BATCH;
	int err = 0;

	while (err == 0 && n == BATCH && !l->more) {
		err = batch_read(r, l, &list, &n, f);
		if (err == 0) {
			err = batch_take(r, l, &sights, list, n, f);
			free(list);
		}
	}
	sights_free(&sights);
	return err;
}

int
api_alerts_list(struct request *r, struct reply *p, struct fault *f)
{
	struct listed l = { .items = NULL };
	struct json_object *o;
	char last[24];
	int err = filter_read(r, &l, f);

	if (err != 0)
		return err;
	l.items = json_object_new_array();
	err = list_fill(r, &l, f);
	if (err != 0) {
		json_object_put(l.items);
		return err;
	}
	snprintf(last, sizeof(last), "%" PRId64, l.last);
	o = json_object_new_object();
	json_object_object_add(o, "items", l.items);
	json_object_object_add(o, "next", l.more ? page_cursor(last) : NULL);
	return reply_json(p, 200, o);
}

/* ---- silence ---- */

/* The alert of the path, if who asks may see it. */
static int
alert_find(struct request *r, struct alert *out, struct fault *f)
{
	static const char none[] = "There is no such alert.";
	struct sights sights = { 0 };
	struct db *d;
	bool seen;
	int64_t id;
	int err;

	if (int_parse(r->item, 1, INT64_MAX, &id) < 0)
		return fault_set(f, ERR_NOT_FOUND, none);
	d = ledger_read_begin(r->app->ledger);
	err = alert_get(d, id, out);
	ledger_read_end(r->app->ledger);
	if (err != 0)
		return fault_set(f, err, none);
	err = may_see(&sights, r, out, &seen, f);
	sights_free(&sights);
	return err != 0 || seen ? err : fault_set(f, ERR_NOT_FOUND, none);
}

/* Who may restart what it is about; of an instance, administrators. */
static int
silence_allowed(struct request *r, const struct alert *a, struct fault *f)
{
	const char *project = text_or_null(a->project);
	struct auth_who who = request_changing(r);

	return auth_authorize_archived(r->auth, &who, project == NULL ?
	    "instance:admin" : "unikernel:restart", a->instance, project,
	    text_or_null(a->name), &r->grant, f);
}

static int
silence(struct request *r, struct reply *p, int64_t until, struct fault *f)
{
	struct alert a;
	int err = alert_find(r, &a, f);

	if (err == 0)
		err = silence_allowed(r, &a, f);
	if (err == 0)
		err = alert_silence_set(r->app, a.id, until, f);
	if (err != 0)
		return err;
	a.silenced = until;
	return reply_json(p, 200, alert_json(&a));
}

struct form {
	int64_t minutes;
};

static const struct json_field form_fields[] = {
	{ "minutes", JSON_INT, .required = true, .min = 1,
	  .max = SILENCE_MAX, .offset = offsetof(struct form, minutes) },
	{ .name = NULL }
};

int
api_alerts_silence(struct request *r, struct reply *p, struct fault *f)
{
	struct form in = { 0 };
	int err = json_read(r->body, form_fields, &in, "", f);

	return err != 0 ? err : silence(r, p, wall_ms() + in.minutes *
	    MINUTE_MS, f);
}

int
api_alerts_speak(struct request *r, struct reply *p, struct fault *f)
{
	return silence(r, p, 0, f);
}
