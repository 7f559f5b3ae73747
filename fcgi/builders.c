/* SPDX-License-Identifier: ISC */
/* builders: asking them; see builders.h. */
#include "fcgi/builders.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "base/text.h"
#include "fcgi/app.h"
#include "fcgi/build_store.h"
#include "fcgi/builders_ask.h"
#include "fcgi/flight.h"
#include "fcgi/thread.h"

#define JSON_S 30		/* for an answer, */
#define COMPARE_S 60		/* for the one that has to be made first */
#define LINE_MS 20000		/* waiting until fewer ask */
#define PATH_SIZE (BUILDER_PATH_MAX + 1)

/* One builder, as it was met. */
struct site {
	struct site *next;
	char name[ALB_LABEL_MAX + 1];
	char url[BUILDER_URL_MAX + 1];
	int busy;			/* questions under way */
	struct builder_status status;
	int64_t left_alone;		/* flight_now: until then */
	struct fault fault;		/* of the last failure */
	/* Its jobs, when they were told, and whether somebody asks now. */
	struct json_object *jobs;
	int64_t jobs_as_of, jobs_until;
	char etag[BUILDER_ETAG_MAX + 1];
	bool asking;
};

struct builders {
	struct app *app;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	struct site *first;
};

struct builders *
builders_new(struct app *app)
{
	struct builders *b = calloc(1, sizeof(*b));

	if (b == NULL)
		return NULL;
	b->app = app;
	pthread_mutex_init(&b->lock, NULL);
	thread_cond_init(&b->changed);
	return b;
}

void
builders_free(struct builders *b)
{
	struct site *site;

	if (b == NULL)
		return;
	while ((site = b->first) != NULL) {
		b->first = site->next;
		json_object_put(site->jobs);
		free(site);
	}
	pthread_cond_destroy(&b->changed);
	pthread_mutex_destroy(&b->lock);
	free(b);
}

struct app *
builders_app(struct builders *b)
{
	return b->app;
}

/* ---- one at a time, and not when it just failed; all with the lock ---- */

/* NULL: out of memory. One with another address is another one. */
static struct site *
site_get(struct builders *b, const struct builder *builder)
{
	struct site *site = b->first;

	while (site != NULL && (strcmp(site->name, builder->name) != 0 ||
	    strcmp(site->url, builder->url) != 0))
		site = site->next;
	if (site != NULL)
		return site;
	site = calloc(1, sizeof(*site));
	if (site == NULL)
		return NULL;
	snprintf(site->name, sizeof(site->name), "%s", builder->name);
	snprintf(site->url, sizeof(site->url), "%s", builder->url);
	site->next = b->first;
	b->first = site;
	return site;
}

static struct timespec
deadline(int ms)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	t.tv_sec += ms / 1000;
	return t;
}

/* Waits for a turn; 0, or why there is none. */
static int
turn_take(struct builders *b, struct site *site, struct fault *f)
{
	struct timespec until = deadline(LINE_MS);
	int rc = 0;

	while (site->busy >= BUILDERS_AT_ONCE && rc == 0)
		rc = pthread_cond_timedwait(&b->changed, &b->lock, &until);
	if (site->busy >= BUILDERS_AT_ONCE)
		return fault_set(f, ERR_BUSY, "Too many ask the builder %s "
		    "at the moment; try again.", site->name);
	if (flight_now() < site->left_alone) {
		*f = site->fault;
		return f->err;
	}
	site->busy++;
	return 0;
}

static void
turn_give(struct builders *b, struct site *site, int err, bool unreached,
	const struct fault *f)
{
	site->busy--;
	pthread_cond_broadcast(&b->changed);
	if (err == ERR_BUSY || err == ERR_NO_MEMORY)
		return;
	site->status.checked = wall_ms();
	site->status.status = err == ERR_BUILDER ? BUILDER_DOWN : BUILDER_UP;
	snprintf(site->status.detail, sizeof(site->status.detail), "%s",
	    err == ERR_BUILDER ? f->detail : "");
	if (err == ERR_BUILDER && unreached) {
		site->left_alone = flight_now() + BUILDERS_BREAK_MS;
		site->fault = *f;
	}
}

int
builders_begin(struct builders *b, const struct builder *builder,
	struct site **site, struct fault *f)
{
	int err;

	pthread_mutex_lock(&b->lock);
	*site = site_get(b, builder);
	err = *site == NULL ? fault_set(f, ERR_NO_MEMORY, "Out of memory.") :
		turn_take(b, *site, f);
	pthread_mutex_unlock(&b->lock);
	return err;
}

void
builders_end(struct builders *b, struct site *site, int err, bool unreached,
	const struct fault *f)
{
	pthread_mutex_lock(&b->lock);
	turn_give(b, site, err, unreached, f);
	pthread_mutex_unlock(&b->lock);
}

static int
ask_json(struct builders *b, const struct builder_ask *ask,
	struct json_object **out, struct builder_answer *answer,
	struct fault *f)
{
	struct site *site;
	int err = builders_begin(b, ask->builder, &site, f);

	*out = NULL;
	if (err != 0)
		return err;
	err = builder_get_json(ask, out, answer, f);
	builders_end(b, site, err, answer->unreached, f);
	return err;
}

struct builder_ask
builders_ask_make(struct builders *b, const struct builder *builder,
	const char *path, int seconds)
{
	return (struct builder_ask){ .builder = builder, .path = path,
		.seconds = seconds, .stopping = &b->app->stopping };
}

void
builders_status(struct builders *b, const char *name,
	struct builder_status *out)
{
	*out = (struct builder_status){ BUILDER_UNKNOWN, 0, "" };
	pthread_mutex_lock(&b->lock);
	for (struct site *s = b->first; s != NULL; s = s->next)
		if (strcmp(s->name, name) == 0) {
			*out = s->status;
			break;
		}
	pthread_mutex_unlock(&b->lock);
}

/* ---- jobs ---- */

/* Whether the list has to be asked for, which is then the caller's to do. */
static bool
jobs_due(struct builders *b, const struct builder *builder,
	struct site **site, char etag[BUILDER_ETAG_MAX + 1])
{
	struct timespec until = deadline(LINE_MS);
	bool due;
	int rc = 0;

	pthread_mutex_lock(&b->lock);
	*site = site_get(b, builder);
	/* Who has nothing waits for the one who asks. */
	while (*site != NULL && (*site)->asking && (*site)->jobs == NULL &&
	    rc == 0)
		rc = pthread_cond_timedwait(&b->changed, &b->lock, &until);
	due = *site != NULL && !(*site)->asking &&
		flight_now() >= (*site)->jobs_until;
	if (due) {
		(*site)->asking = true;
		snprintf(etag, BUILDER_ETAG_MAX + 1, "%s", (*site)->etag);
	}
	pthread_mutex_unlock(&b->lock);
	return due;
}

static void
jobs_keep(struct builders *b, struct site *site, struct json_object *list,
	const struct builder_answer *answer, int err)
{
	pthread_mutex_lock(&b->lock);
	site->asking = false;
	if (list != NULL) {
		json_object_put(site->jobs);
		site->jobs = list;
		snprintf(site->etag, sizeof(site->etag), "%s", answer->etag);
	}
	if (err == 0) {
		site->jobs_as_of = wall_ms();
		site->jobs_until = flight_now() + BUILDERS_JOBS_MS;
	}
	pthread_cond_broadcast(&b->changed);
	pthread_mutex_unlock(&b->lock);
}

static void
jobs_ask(struct builders *b, const struct builder *builder,
	struct site *site, const char *etag, struct fault *f)
{
	AUTO_JSON struct json_object *o = NULL;
	struct builder_ask ask = builders_ask_make(b, builder, "/all-builds",
		JSON_S);
	struct builder_answer answer = { 0 };
	int err;

	ask.etag = etag;
	err = ask_json(b, &ask, &o, &answer, f);
	jobs_keep(b, site, o == NULL ? NULL : build_jobs(builder->name,
	    builder->url, o), &answer, err);
}

int
builders_jobs(struct builders *b, const struct builder *builder,
	struct json_object **out, int64_t *as_of, struct fault *stale,
	struct fault *f)
{
	char etag[BUILDER_ETAG_MAX + 1] = "";
	struct site *site;

	*out = NULL;
	*stale = (struct fault){ 0 };
	if (jobs_due(b, builder, &site, etag))
		jobs_ask(b, builder, site, etag, stale);
	if (site == NULL)
		return fault_set(f, ERR_NO_MEMORY, "Out of memory.");
	pthread_mutex_lock(&b->lock);
	/* json-c's counts are not for two threads. */
	if (site->jobs != NULL)
		(void)json_object_deep_copy(site->jobs, out, NULL);
	*as_of = site->jobs_as_of;
	pthread_mutex_unlock(&b->lock);
	if (*out != NULL)
		return 0;
	return stale->err != 0 ? fault_set(f, stale->err, "%s",
	    stale->detail) : fault_set(f, ERR_BUSY, "The builder %s is being "
	    "asked; try again.", builder->name);
}

/* ---- builds ---- */

/* "/job/JOB" + rest + "?platform=PLATFORM"; false: it does not fit. */
static bool
path_make(char out[PATH_SIZE], const char *job, const char *rest,
	const char *platform)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyz"
		"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~";
	int len = snprintf(out, PATH_SIZE, "/job/%s%s%s", job, rest,
		platform == NULL ? "" : "?platform=");

	for (; len > 0 && len < PATH_SIZE && platform != NULL &&
	    *platform != '\0'; platform++)
		len += snprintf(out + len, (size_t)(PATH_SIZE - len),
		    strchr(plain, *platform) != NULL ? "%c" : "%%%02X",
		    (unsigned char)*platform);
	return len > 0 && len < PATH_SIZE;
}

static int
no_job(const struct builder *builder, struct fault *f)
{
	return fault_set(f, ERR_NOT_FOUND, "%s has no such job.",
	    builder->name);
}

static int
bad_build(const struct builder *builder, struct fault *f)
{
	return fault_set(f, ERR_BUILDER, "What %s says of the build can not "
	    "be understood.", builder->name);
}

/*
 * Where redirects ended, the path must be that of the build it tells of: the
 * name of the job in it comes from the builder, not from whoever asked.
 */
static bool
led_to(const struct builder_answer *answer, const struct build *b)
{
	char path[PATH_SIZE];
	size_t len = strlen(answer->path);

	if (len > 0 && answer->path[len - 1] == '/')
		len--;
	return snprintf(path, sizeof(path), "/job/%s/build/%s", b->job,
	    b->uuid) == (int)len && strncasecmp(path, answer->path,
	    len) == 0;
}

static int
ask_build(struct builders *b, const struct builder *builder,
	const char *path, struct build *out, struct fault *f)
{
	AUTO_JSON struct json_object *o = NULL;
	struct builder_ask ask = builders_ask_make(b, builder, path, JSON_S);
	struct builder_answer answer;
	int err = ask_json(b, &ask, &o, &answer, f);

	if (err != 0)
		return err;
	if (build_from_json(builder->name, o, out) < 0 ||
	    !led_to(&answer, out))
		return bad_build(builder, f);
	return 0;
}

int
builders_build(struct builders *b, const struct builder *builder,
	const char *job, const char *uuid, struct build *out,
	struct fault *f)
{
	char folded[BUILD_UUID_LEN + 1], rest[BUILD_UUID_LEN + 8];
	char path[PATH_SIZE];

	if (!build_job_ok(job) || !build_uuid(uuid, folded))
		return no_job(builder, f);
	/* The job of one that is remembered is known to be its own. */
	if (build_find(b->app->ledger, builder->name, folded, out) == 0)
		return strcmp(out->job, job) == 0 ? 0 : no_job(builder, f);
	snprintf(rest, sizeof(rest), "/build/%s", folded);
	return path_make(path, job, rest, NULL) ?
	    ask_build(b, builder, path, out, f) : no_job(builder, f);
}

int
builders_build_of(struct builders *b, const struct builder *builder,
	const char *sha256, struct build *out, struct fault *f)
{
	struct ledger *l = b->app->ledger;
	char path[32 + IMAGE_DIGEST_LEN];
	int err;

	snprintf(path, sizeof(path), "/hash?sha256=%s", sha256);
	err = ask_build(b, builder, path, out, f);
	/* Another file of a build may have that digest as well. */
	if (err == 0 && !out->binary)
		err = fault_set(f, ERR_NOT_FOUND, "%s has no such image.",
		    builder->name);
	if (err == 0)
		err = build_keep(l, out, f);
	if (err != 0 && err != ERR_NOT_FOUND)
		return err;
	if (build_of_keep(l, builder->name, sha256, err == 0 ? out->uuid : "",
	    f) != 0)
		return f->err;
	return err;
}

int
builders_latest(struct builders *b, const struct builder *builder,
	const char *job, const char *platform, struct build *out,
	struct fault *f)
{
	struct ledger *l = b->app->ledger;
	char path[PATH_SIZE];
	int err;

	if (!path_make(path, job, "/build/latest", platform))
		return no_job(builder, f);
	err = ask_build(b, builder, path, out, f);
	if (err == ERR_NOT_FOUND && platform[0] != '\0') {
		*f = (struct fault){ 0 };
		(void)path_make(path, job, "/build/latest", NULL);
		err = ask_build(b, builder, path, out, f);
	}
	if (err == 0 && strcmp(out->job, job) != 0)
		err = bad_build(builder, f);
	if (err == 0)
		err = build_keep(l, out, f);
	if (err != 0 && err != ERR_NOT_FOUND)
		return err;
	if (build_latest_keep(l, builder->name, job, platform, err == 0 ?
	    out->uuid : "", f) != 0)
		return f->err;
	return err;
}

int
builders_compare(struct builders *b, const struct builder *builder,
	const char *left, const char *right, struct json_object *o,
	struct fault *f)
{
	AUTO_JSON struct json_object *answer = NULL;
	char path[2 * BUILD_UUID_LEN + 16];
	struct builder_ask ask = builders_ask_make(b, builder, path, COMPARE_S);
	struct builder_answer unused;
	int err;

	snprintf(path, sizeof(path), "/compare/%s/%s", left, right);
	err = ask_json(b, &ask, &answer, &unused, f);
	if (err == 0)
		build_compare(answer, o);
	return err;
}

/* ---- the builds of a job ---- */

int
builders_files(struct builders *b, const struct builder *builder,
	const char *job, const char *platform, struct build_file **out,
	size_t *n, struct fault *f)
{
	AUTO_JSON struct json_object *o = NULL;
	struct builder_answer unused;
	char path[PATH_SIZE];
	struct builder_ask ask = builders_ask_make(b, builder, path, JSON_S);
	int err;

	if (!build_job_ok(job) || !path_make(path, job, "", platform))
		return no_job(builder, f);
	err = ask_json(b, &ask, &o, &unused, f);
	if (err == 0)
		*out = build_files(o, n);
	return err;
}

/* What is remembered of it, or what it says of itself now. */
static int
listed(struct builders *b, const struct builder *builder, const char *job,
	const struct build_file *file, struct build *out)
{
	struct fault f = { 0 };
	int err = builders_build(b, builder, job, file->uuid, out, &f);

	return err != 0 ? err : build_keep(b->app->ledger, out, &f);
}

struct listed_build {
	struct build build;
	struct build_file file;
};

static int
newest_first(const void *a, const void *b)
{
	const struct listed_build *x = a, *y = b;

	return x->build.started < y->build.started ? 1 :
		x->build.started > y->build.started ? -1 :
		strcmp(x->build.uuid, y->build.uuid);
}

static int
split(struct listed_build *list, size_t n, struct build **out,
	struct build_file **files, struct fault *f)
{
	*out = calloc(n + 1, sizeof(**out));
	*files = calloc(n + 1, sizeof(**files));
	if (*out == NULL || *files == NULL) {
		free(*out);
		free(*files);
		return fault_set(f, ERR_NO_MEMORY, "Out of memory.");
	}
	for (size_t i = 0; i < n; i++) {
		(*out)[i] = list[i].build;
		(*files)[i] = list[i].file;
	}
	return 0;
}

int
builders_job(struct builders *b, const struct builder *builder,
	const char *job, const char *platform, struct build **out,
	struct build_file **files, size_t *n, struct fault *f)
{
	AUTO_FREE struct build_file *all = NULL;
	AUTO_FREE struct listed_build *list = NULL;
	int64_t until = flight_now() + JSON_S * 1000;
	size_t len = 0;
	int err = builders_files(b, builder, job, platform, &all, &len, f);

	*n = 0;
	if (err != 0)
		return err;
	list = calloc(BUILDERS_LISTED, sizeof(*list));
	if (list == NULL)
		return fault_set(f, ERR_NO_MEMORY, "Out of memory.");
	for (size_t i = 0; i < len && *n < BUILDERS_LISTED &&
	    err != ERR_BUILDER && err != ERR_BUSY && flight_now() < until;
	    i++) {
		err = listed(b, builder, job, &all[i], &list[*n].build);
		list[*n].file = all[i];
		*n += err == 0;
	}
	qsort(list, *n, sizeof(*list), newest_first);
	return split(list, *n, out, files, f);
}
