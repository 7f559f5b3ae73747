/* SPDX-License-Identifier: ISC */
/* api_builders: sites with reproducible builds, and what they have. */
#include "fcgi/api.h"

#include <string.h>

#include "fcgi/builders.h"
#include "fcgi/clean.h"
#include "fcgi/updater.h"

static const char *const status_words[] = {
	[BUILDER_UNKNOWN] = "unknown",
	[BUILDER_UP] = "up",
	[BUILDER_DOWN] = "down",
};

static struct json_object *
builder_json(struct request *r, const struct builder *b)
{
	struct json_object *o = json_object_new_object();
	struct builder_status status;

	builders_status(r->app->builders, b->name, &status);
	json_add_str(o, "name", b->name);
	json_add_str(o, "url", b->url);
	json_add_str(o, "status", status_words[status.status]);
	json_add_time_ms(o, "checked_at", status.checked);
	clean_add_or_null(o, "detail", status.detail);
	return o;
}

int
api_builders_list(struct request *r, struct reply *p, struct fault *f)
{
	AUTO_FREE struct builder_settings *s = builder_settings_load(
		r->app->ledger, f);
	struct json_object *o, *items;

	if (s == NULL)
		return f->err;
	o = json_object_new_object();
	items = json_object_new_array();
	for (size_t i = 0; i < s->len; i++)
		json_object_array_add(items, builder_json(r, &s->items[i]));
	json_object_object_add(o, "items", items);
	return reply_json(p, 200, o);
}

int
api_builders_jobs(struct request *r, struct reply *p, struct fault *f)
{
	struct json_object *o, *items;
	struct builder b;
	struct fault stale;
	int64_t as_of;
	int err = builder_settings_find(r->app->ledger, r->item, &b, f);

	if (err == 0)
		err = builders_jobs(r->app->builders, &b, &items, &as_of,
			&stale, f);
	if (err != 0)
		return err;
	o = json_object_new_object();
	json_object_object_add(o, "items", items);
	json_add_time_ms(o, "as_of", as_of);
	clean_add_or_null(o, "detail", stale.detail);
	return reply_json(p, 200, o);
}

static bool
platform_known(struct json_object *list, const char *platform)
{
	for (size_t i = 0; i < json_object_array_length(list); i++)
		if (strcmp(json_object_get_string(json_object_array_get_idx(
		    list, i)), platform) == 0)
			return true;
	return false;
}

/* {"job", "platforms", "items"} */
static struct json_object *
job_json(const struct builder *b, const char *job, const struct build *builds,
	const struct build_file *files, size_t n)
{
	struct json_object *o = json_object_new_object();
	struct json_object *platforms = json_object_new_array();
	struct json_object *items = json_object_new_array();

	for (size_t i = 0; i < n; i++) {
		if (!platform_known(platforms, builds[i].platform))
			json_object_array_add(platforms,
			    json_object_new_string(builds[i].platform));
		json_object_array_add(items, build_to_json(&builds[i],
		    b->url, &files[i]));
	}
	json_add_str(o, "job", job);
	json_object_object_add(o, "platforms", platforms);
	json_object_object_add(o, "items", items);
	return o;
}

int
api_builders_job(struct request *r, struct reply *p, struct fault *f)
{
	AUTO_FREE struct build *builds = NULL;
	AUTO_FREE struct build_file *files = NULL;
	struct builder b;
	size_t n;
	int err = builder_settings_find(r->app->ledger, r->item, &b, f);

	if (err == 0)
		err = builders_job(r->app->builders, &b, r->job,
			request_query(r, "platform"), &builds, &files, &n, f);
	return err != 0 ? err : reply_json(p, 200, job_json(&b, r->job,
	    builds, files, n));
}

static int
settings_show(struct reply *p, const struct builder_settings *s)
{
	return reply_json(p, 200, builder_settings_to_json(s));
}

int
api_settings_builders_get(struct request *r, struct reply *p,
	struct fault *f)
{
	AUTO_FREE struct builder_settings *s = builder_settings_load(
		r->app->ledger, f);

	return s == NULL ? f->err : settings_show(p, s);
}

int
api_settings_builders_put(struct request *r, struct reply *p,
	struct fault *f)
{
	AUTO_FREE struct builder_settings *s = malloc(sizeof(*s));
	int err = s == NULL ? fault_set(f, ERR_NO_MEMORY, "Out of memory.") :
		builder_settings_from_json(r->body, s, f);

	if (err == 0)
		err = builder_settings_set(r->app->ledger, s, f);
	if (err != 0)
		return err;
	updater_wake(r->app->updater);
	return settings_show(p, s);
}
