/* SPDX-License-Identifier: ISC */
/* api_operations: what is under way, for those who may see where. */
#include "fcgi/api.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "fcgi/deploy.h"
#include "fcgi/flight.h"
#include "fcgi/operation.h"
#include "fcgi/problem.h"
#include "fcgi/sight.h"

#define LIST_LIMIT 100

/* ---- the list ---- */

static const char *
scope_of(struct json_object *item)
{
	return strcmp(api_text(item, "kind"), "deployment") == 0 ?
		"unikernel:read" : "volume:read";
}

/* Those of all that who asks may see; owned, NULL with f set. */
static struct json_object *
seen_of(struct request *r, struct json_object *all, struct fault *f)
{
	struct json_object *seen = json_object_new_array(), *item;
	struct sights sights = { 0 };
	bool open;
	int err = 0;

	for (size_t i = 0; err == 0 && i < json_object_array_length(all);
	    i++) {
		item = json_object_array_get_idx(all, i);
		err = sights_look(&sights, r, scope_of(item),
			api_text(item, "instance"), api_text(item, "project"),
			api_text(item, "name"), &open, f);
		if (open)
			json_object_array_add(seen, json_object_get(item));
	}
	sights_free(&sights);
	if (err == 0)
		return seen;
	json_object_put(seen);
	return NULL;
}

static int
list_answer(struct reply *p, struct json_object *seen,
	const struct page *page)
{
	struct json_object *o = page_list(seen, "key", page), *items;

	items = o == NULL ? NULL : api_member(o, "items");
	for (size_t i = 0; items != NULL &&
	    i < json_object_array_length(items); i++)
		json_object_object_del(json_object_array_get_idx(items, i),
		    "key");
	return reply_json(p, 200, o);
}

int
api_operations_list(struct request *r, struct reply *p, struct fault *f)
{
	AUTO_JSON struct json_object *all = NULL;
	struct json_object *seen;
	struct page page;
	int err = page_read(r, LIST_LIMIT, &page, f);

	/* Also where there is nothing to be seen. */
	if (err == 0)
		err = auth_call(r->auth, "whoami", &r->who, NULL, NULL, f);
	if (err != 0)
		return err;
	all = operation_list_json(r->app->operations);
	seen = seen_of(r, all, f);
	return seen == NULL ? f->err : list_answer(p, seen, &page);
}

/* ---- one ---- */

/* The operation of the path, if who asks may see its volume. */
static int
find(struct request *r, struct operation *o, struct fault *f)
{
	static const char none[] = "There is no such operation.";
	int64_t id;
	int err;

	if (int_parse(r->item, 1, INT64_MAX, &id) < 0)
		return fault_set(f, ERR_NOT_FOUND, none);
	err = operation_get(r->app->operations, id, o);
	if (err != 0)
		return fault_set(f, err, none);
	err = auth_authorize(r->auth, &r->who, "volume:read", o->instance,
	    o->project, o->name, &r->grant, f);
	if (err == 0)
		return 0;
	operation_free(o);
	/* Whether it exists is not theirs to know. */
	if (err == ERR_FORBIDDEN || err == ERR_NO_POLICY)
		return fault_set(f, ERR_NOT_FOUND, none);
	return err;
}

/* With its end, or as it is once until has come: 0, or an err. */
static int
end_wait(struct request *r, int64_t id, int64_t until, struct operation *o,
	struct fault *f)
{
	struct ledger *l = r->app->ledger;
	uint64_t seen;
	int err;

	for (;;) {
		seen = ledger_changes(l);
		err = operation_get(r->app->operations, id, o);
		if (err != 0)
			return fault_set(f, err,
			    "The operation can not be read.");
		if (o->ended != 0 || !api_wait(r, seen, until))
			return 0;
		operation_free(o);
	}
}

int
api_operation_answer(struct request *r, struct reply *p, int64_t id,
	int64_t wait, struct fault *f)
{
	struct operation o;
	int err = end_wait(r, id, flight_now() + wait * 1000, &o, f);

	if (err != 0)
		return err;
	reply_header(p, "Location", "/api/v1/operations/%" PRId64, id);
	problem_fault(o.error, f);
	if (o.ended == 0 || o.state == OPERATION_SUCCEEDED) {
		*f = (struct fault){ 0 };
		err = reply_json(p, o.ended == 0 ? 202 : 200,
		    operation_json(&o));
	} else {
		reply_problem_member(p, "operation", operation_json(&o));
		err = f->err != 0 ? f->err : fault_set(f, ERR_CONFLICT,
		    "It was stopped before its end.");
	}
	operation_free(&o);
	return err;
}

int
api_operations_get(struct request *r, struct reply *p, struct fault *f)
{
	int64_t wait = 0, id;
	struct operation o;
	int err = request_query_int(r, "wait", 0, DEPLOY_WAIT_MAX, &wait, f);

	if (err == 0)
		err = find(r, &o, f);
	if (err != 0)
		return err;
	id = o.id;
	operation_free(&o);
	err = end_wait(r, id, flight_now() + wait * 1000, &o, f);
	if (err != 0)
		return err;
	err = reply_json(p, 200, operation_json(&o));
	operation_free(&o);
	return err;
}

/* Whoever made it, with a session or that very token; else who may write. */
static int
stop_allowed(struct request *r, const struct operation *o, struct fault *f)
{
	struct auth_who who = request_changing(r);

	if (strcmp(r->grant.user, o->user) == 0 &&
	    (r->grant.token[0] == '\0' ||
	    strcmp(r->grant.token, o->token) == 0))
		return 0;
	return auth_authorize_archived(r->auth, &who, "volume:write",
	    o->instance, o->project, o->name, &r->grant, f);
}

int
api_operations_delete(struct request *r, struct reply *p, struct fault *f)
{
	struct operation o;
	int64_t id;
	int err = find(r, &o, f);

	if (err != 0)
		return err;
	id = o.id;
	err = stop_allowed(r, &o, f);
	operation_free(&o);
	if (err == 0)
		err = operation_stop(r->app->operations, id, f);
	if (err == 0 && operation_get(r->app->operations, id, &o) != 0)
		err = fault_set(f, ERR_INTERNAL,
		    "The operation can not be read.");
	if (err != 0)
		return err;
	err = reply_json(p, 202, operation_json(&o));
	operation_free(&o);
	return err;
}
