/* SPDX-License-Identifier: ISC */
/* build_lists: jobs, files and differences as builders tell them; build.h. */
#include "fcgi/build.h"

#include <stdio.h>
#include <string.h>

#include "fcgi/clean.h"

#define JOBS_MAX 4096
#define ITEMS_MAX 20000		/* of one list of differences */
#define TEXT_MAX 65536		/* of what is shown */
#define ANY_LENGTH SIZE_MAX

static const char *
text(struct json_object *o, const char *key)
{
	return json_member_text(o, key, ANY_LENGTH);
}

/* Items of a list, none when it is no list; never more than max. */
static size_t
list_len(struct json_object *list, size_t max)
{
	size_t n = json_object_is_type(list, json_type_array) ?
		json_object_array_length(list) : 0;

	return n < max ? n : max;
}

/* ---- jobs ---- */

/* The section of each job, by its name. */
static struct json_object *
sections_of(struct json_object *answer)
{
	struct json_object *sections = json_member(answer, "jobs_by_section",
		json_type_object);
	struct json_object *out = json_object_new_object();

	if (sections == NULL)
		return out;
	json_object_object_foreach(sections, key, list) {
		size_t n = list_len(list, JOBS_MAX);

		for (size_t i = 0; i < n; i++)
			clean_add(out, text(json_object_array_get_idx(list,
			    i), "name"), key);
	}
	return out;
}

/*
 * Its newest build, which is told without the members that every other answer
 * about a build has.
 */
static struct json_object *
latest_json(const char *builder, const char *url, const char *job,
	struct json_object *o, bool *deployable)
{
	AUTO_JSON struct json_object *whole = NULL;
	struct json_object *latest = json_member(o, "latest", json_type_object);
	struct build b;

	if (latest == NULL || json_object_deep_copy(latest, &whole, NULL) < 0)
		return NULL;
	json_add_str(whole, "job", job);
	json_add_bool(whole, "main_binary", true);
	if (build_from_json(builder, whole, &b) < 0)
		return NULL;
	*deployable = build_deployable(&b);
	return build_to_json(&b, url, NULL);
}

/* NULL for what is no job. In older days an entry was a name alone. */
static struct json_object *
job_json(const char *builder, const char *url,
	struct json_object *sections, struct json_object *o)
{
	const char *name = json_object_is_type(o, json_type_string) ?
		json_object_get_string(o) : text(o, "name");
	struct json_object *job;
	bool deployable = false;

	if (!build_job_ok(name))
		return NULL;
	job = json_object_new_object();
	json_add_str(job, "name", name);
	clean_add(job, "synopsis", text(o, "synopsis"));
	json_add_str(job, "section", text(sections, name));
	json_object_object_add(job, "latest", latest_json(builder, url, name,
	    o, &deployable));
	json_add_bool(job, "deployable", deployable);
	return job;
}

static int
job_order(const void *a, const void *b)
{
	return strcmp(text(*(struct json_object *const *)a, "name"),
	    text(*(struct json_object *const *)b, "name"));
}

struct json_object *
build_jobs(const char *builder, const char *url, struct json_object *answer)
{
	AUTO_JSON struct json_object *sections = sections_of(answer);
	struct json_object *list = json_member(answer, "jobs",
		json_type_array);
	struct json_object *out = json_object_new_array();
	size_t n = list_len(list, JOBS_MAX);

	for (size_t i = 0; i < n; i++) {
		struct json_object *job = job_json(builder, url, sections,
			json_object_array_get_idx(list, i));

		if (job != NULL)
			json_object_array_add(out, job);
	}
	json_object_array_sort(out, job_order);
	return out;
}

/* ---- files ---- */

static bool
file_read(struct json_object *o, struct build_file *out)
{
	struct json_object *binary = json_member(o, "main_binary",
		json_type_object);
	struct json_object *size = json_member(binary, "size", json_type_int);

	if (size == NULL || !build_uuid(text(o, "uuid"), out->uuid) ||
	    digest_fold(text(binary, "sha256"), out->sha256) < 0)
		return false;
	out->size = json_object_get_int64(size);
	return out->size > 0;
}

struct build_file *
build_files(struct json_object *answer, size_t *n)
{
	struct json_object *list = json_member(answer, "builds",
		json_type_array);
	size_t len = list_len(list, BUILD_FILES_MAX);
	struct build_file *files = len == 0 ? NULL :
		calloc(len, sizeof(*files));

	*n = 0;
	for (size_t i = 0; files != NULL && i < len; i++)
		*n += file_read(json_object_array_get_idx(list, i),
		    &files[*n]);
	if (*n > 0)
		return files;
	free(files);
	return NULL;
}

/* ---- differences ---- */

static void
text_add(struct json_object *o, const char *key, const char *s)
{
	if (strlen(s) <= TEXT_MAX)
		clean_add(o, key, s);
	else
		json_add_str(o, key, "(too long to be shown)");
}

/* Which members of a foreign item go where in ours. */
struct words {
	const char *from[3];
	const char *to[3];
};

static const struct words version = { { "name", "version" },
	{ "name", "version" } };
static const struct words versions = {
	{ "name", "version_left", "version_right" },
	{ "name", "left", "right" } };
static const struct words value = { { "name", "value" },
	{ "name", "value" } };

static struct json_object *
items(struct json_object *list, const struct words *w)
{
	struct json_object *out = json_object_new_array();
	size_t n = list_len(list, ITEMS_MAX);

	for (size_t i = 0; i < n; i++) {
		struct json_object *from = json_object_array_get_idx(list, i);
		struct json_object *o = json_object_new_object();

		for (size_t k = 0; k < 3 && w->from[k] != NULL; k++)
			text_add(o, w->to[k], text(from, w->from[k]));
		json_object_array_add(out, o);
	}
	return out;
}

/* NULL when the builder does not tell it. */
static struct json_object *
diff(struct json_object *o, const char *added, const char *removed,
	const char *changed)
{
	struct json_object *d;

	if (o == NULL)
		return NULL;
	d = json_object_new_object();
	json_object_object_add(d, "added", items(json_member(o, added,
	    json_type_array), &version));
	json_object_object_add(d, "removed", items(json_member(o, removed,
	    json_type_array), &version));
	json_object_object_add(d, "changed", items(json_member(o, changed,
	    json_type_array), &versions));
	return d;
}

static struct json_object *
opam_files(struct json_object *list)
{
	struct json_object *out = json_object_new_array();
	size_t n = list_len(list, ITEMS_MAX);

	for (size_t i = 0; i < n; i++) {
		struct json_object *from = json_object_array_get_idx(list, i);
		struct json_object *o = json_object_new_object();
		struct json_object *equal = json_member(from,
			"effectively_equal", json_type_boolean);

		text_add(o, "package", text(from, "package_version"));
		json_add_bool(o, "equal", json_object_get_boolean(equal));
		text_add(o, "diff", text(from, "diff"));
		json_object_array_add(out, o);
	}
	return out;
}

/* The names alone. */
static struct json_object *
names(struct json_object *list)
{
	struct json_object *out = json_object_new_array();
	size_t n = list_len(list, ITEMS_MAX);

	for (size_t i = 0; i < n; i++) {
		AUTO_JSON struct json_object *o = json_object_new_object();

		text_add(o, "name", text(json_object_array_get_idx(list, i),
		    "name"));
		json_object_array_add(out, json_object_get(json_member(o,
		    "name", json_type_string)));
	}
	return out;
}

/* Sources within the tree: an object, or a sentence why there is none. */
static void
sources_add(struct json_object *opam, struct json_object *o)
{
	struct json_object *d = json_member(opam, "duniverse_diff",
		json_type_object);
	struct json_object *sources = NULL;
	const char *why = text(opam, "duniverse_diff");

	if (d != NULL) {
		sources = json_object_new_object();
		json_object_object_add(sources, "added", items(json_member(d,
		    "right", json_type_array), &value));
		json_object_object_add(sources, "removed", items(json_member(d,
		    "left", json_type_array), &value));
		json_object_object_add(sources, "changed", names(json_member(d,
		    "detailed_diff", json_type_array)));
	}
	json_object_object_add(o, "sources", sources);
	if (*why == '\0')
		json_object_object_add(o, "sources_detail", NULL);
	else
		text_add(o, "sources_detail", why);
}

/* The size of a side's image, which is known here before it is downloaded. */
static void
size_add(struct json_object *answer, struct json_object *o, const char *side)
{
	struct json_object *ours = json_member(o, side, json_type_object);
	struct json_object *size = json_member(json_member(answer, side,
		json_type_object), "main_binary_size", json_type_int);

	if (ours != NULL && json_member(ours, "size", json_type_int) == NULL &&
	    json_object_get_int64(size) > 0)
		json_add_int(ours, "size", json_object_get_int64(size));
}

/*
 * In two of the three lists left_packages holds what only the right build has,
 * and the other way round (protocol section 1, number 6).
 */
void
build_compare(struct json_object *answer, struct json_object *o)
{
	struct json_object *opam = json_member(answer, "opam_diff",
		json_type_object);

	json_object_object_add(o, "packages", diff(opam, "only_in_right",
	    "only_in_left", "version_diff"));
	json_object_object_add(o, "system_packages", diff(json_member(answer,
	    "package_diff", json_type_object), "left_packages",
	    "right_packages", "different_versions"));
	json_object_object_add(o, "environment", diff(json_member(answer,
	    "env_diff", json_type_object), "left_packages",
	    "right_packages", "different_versions"));
	json_object_object_add(o, "opam", opam == NULL ? NULL :
	    opam_files(json_member(opam, "opam_diff", json_type_array)));
	sources_add(opam, o);
	size_add(answer, o, "left");
	size_add(answer, o, "right");
}
