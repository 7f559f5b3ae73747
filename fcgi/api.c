/* SPDX-License-Identifier: ISC */
/* api: what handlers do alike with the authority's answers. */
#include "fcgi/api.h"

#include "fcgi/clean.h"
#include "fcgi/flight.h"
#include "fcgi/ledger.h"

#define WAIT_TICK_MS 1000

struct json_object *
api_member(struct json_object *o, const char *key)
{
	struct json_object *value = NULL;

	json_object_object_get_ex(o, key, &value);
	return value;
}

const char *
api_text(struct json_object *o, const char *key)
{
	struct json_object *value = api_member(o, key);

	return json_object_is_type(value, json_type_string) ?
	    json_object_get_string(value) : NULL;
}

struct json_object *
api_take(struct json_object *o, const char *key)
{
	struct json_object *value = json_object_get(api_member(o, key));

	json_object_object_del(o, key);
	return value;
}

struct json_object *
api_error(const char *instance, const struct fault *f)
{
	struct json_object *o = json_object_new_object();

	json_add_str(o, "instance", instance);
	json_add_str(o, "code", err_code(f->err));
	json_add_str(o, "title", err_title(f->err));
	clean_add(o, "detail", f->detail);
	return o;
}

void
api_time(struct json_object *o, const char *from, const char *to)
{
	struct json_object *value;

	if (!json_object_object_get_ex(o, from, &value))
		return;
	json_add_time(o, to, (time_t)json_object_get_int64(value));
	json_object_object_del(o, from);
}

int
api_ask(struct request *r, const char *op, struct json_object *args,
	const char *member, struct json_object **out, struct fault *f)
{
	AUTO_JSON struct json_object *reply = NULL;
	int err = auth_call(r->auth, op, &r->who, args, &reply, f);

	if (err != 0)
		return err;
	*out = api_take(reply, member);
	if (*out == NULL)
		return fault_set(f, ERR_INTERNAL,
		    "The authority's answer was not understood.");
	return 0;
}

int
api_list(struct request *r, struct reply *p, const char *op, const char *key,
	void (*show)(struct request *r, struct json_object *item),
	struct fault *f)
{
	return api_list_of(r, p, op, NULL, key, show, f);
}

int
api_do(struct request *r, struct reply *p, const char *op,
	struct json_object *args, struct fault *f)
{
	int err = auth_call(r->auth, op, &r->who, args, NULL, f);

	return err != 0 ? err : reply_empty(p, 204);
}

int
api_list_of(struct request *r, struct reply *p, const char *op,
	struct json_object *args, const char *key,
	void (*show)(struct request *r, struct json_object *item),
	struct fault *f)
{
	struct json_object *items;
	struct page page;
	int err;

	err = page_read(r, PAGE_LIMIT_DEFAULT, &page, f);
	if (err != 0) {
		json_object_put(args);
		return err;
	}
	err = auth_all(r->auth, &r->who, op, args, &items, f);
	if (err != 0)
		return err;
	for (size_t i = 0; show != NULL &&
	    i < json_object_array_length(items); i++)
		show(r, json_object_array_get_idx(items, i));
	return reply_json(p, 200, page_list(items, key, &page));
}

int
api_sent(struct reply *p)
{
	struct json_object *o = json_object_new_object();

	json_add_bool(o, "sent", true);
	return reply_json(p, 200, o);
}

bool
api_wait(struct request *r, uint64_t seen, int64_t until)
{
	int64_t left = until - flight_now();

	if (left <= 0 || r->app->stopping)
		return false;
	/* Many may wait; the authority is for those who ask. */
	auth_client_rest(r->auth);
	ledger_wait(r->app->ledger, seen, left < WAIT_TICK_MS ? (int)left :
	    WAIT_TICK_MS);
	return true;
}
