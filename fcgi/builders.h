/* SPDX-License-Identifier: ISC */
/*
 * builders: the sites with reproducible builds that administrators have set,
 * and asking them. Each is asked by few at a time, left alone for a while when
 * it can not be reached, and remembered (build_store.h), so that one which is
 * slow or lies holds up nobody but who asks it.
 */
#ifndef FCGI_BUILDERS_H
#define FCGI_BUILDERS_H

#include "fcgi/build.h"
#include "fcgi/builder_http.h"
#include "fcgi/ledger.h"

#define BUILDERS_MAX 16
#define BUILDERS_AT_ONCE 4	/* questions to one */
#define BUILDERS_BREAK_MS 10000	/* one out of reach is left alone */
#define BUILDERS_JOBS_MS 300000	/* a list of jobs is good so long */
#define BUILDERS_LISTED 24	/* builds of a job that are told about */

struct app;
struct builders;

struct builder_settings {
	struct builder items[BUILDERS_MAX];
	size_t len;
	int64_t minutes;	/* between two checks for newer builds */
};

struct builder_status {
	enum { BUILDER_UNKNOWN, BUILDER_UP, BUILDER_DOWN } status;
	int64_t checked;	/* ms since 1970; 0: never */
	char detail[512];	/* why it is down */
};

/* app is borrowed. NULL: out of memory. */
struct builders *builders_new(struct app *app);
void builders_free(struct builders *b);	/* NULL is fine */

/* ---- builders_setting.c: what is set; before that, builds.robur.coop ---- */

/* Owned; NULL with f set when they can not be read. */
struct builder_settings *builder_settings_load(struct ledger *l,
	struct fault *f);
int builder_settings_set(struct ledger *l, const struct builder_settings *s,
	struct fault *f);
/* {"builders": [{"name", "url", "redirect_hosts"}], "check_minutes"}. */
int builder_settings_from_json(struct json_object *o,
	struct builder_settings *out, struct fault *f);
struct json_object *builder_settings_to_json(
	const struct builder_settings *s);
/* One of them by its name, borrowed; NULL: none. */
const struct builder *builder_settings_get(const struct builder_settings *s,
	const char *name);
/* The same out of the ledger: 0 or ERR_NOT_FOUND. */
int builder_settings_find(struct ledger *l, const char *name,
	struct builder *out, struct fault *f);

/* ---- asking ---- */

void builders_status(struct builders *b, const char *name,
	struct builder_status *out);

/*
 * The jobs of one, as the API shows them, owned; as_of (ms since 1970) says of
 * when they are. When it can not be asked now, what it said before is handed
 * out, and stale says why. 0, or an err when nothing is there.
 */
int builders_jobs(struct builders *b, const struct builder *builder,
	struct json_object **out, int64_t *as_of, struct fault *stale,
	struct fault *f);
/*
 * The builds of a job (on a platform, or NULL), newest first, owned, at most
 * BUILDERS_LISTED, of each distinct binary the last one; files (or NULL) gets
 * what is known of their binaries in the same order.
 */
int builders_job(struct builders *b, const struct builder *builder,
	const char *job, const char *platform, struct build **out,
	struct build_file **files, size_t *n, struct fault *f);
/* One build. 0, ERR_NOT_FOUND, ERR_BUILDER. */
int builders_build(struct builders *b, const struct builder *builder,
	const char *job, const char *uuid, struct build *out,
	struct fault *f);
/* Whose build an image is, asked now and remembered; ERR_NOT_FOUND too. */
int builders_build_of(struct builders *b, const struct builder *builder,
	const char *sha256, struct build *out, struct fault *f);
/*
 * The newest build of a job on a platform, asked now and remembered; when
 * there is none, on any platform.
 */
int builders_latest(struct builders *b, const struct builder *builder,
	const char *job, const char *platform, struct build *out,
	struct fault *f);
/* Adds the differences of two builds to o (build_compare). */
int builders_compare(struct builders *b, const struct builder *builder,
	const char *left, const char *right, struct json_object *o,
	struct fault *f);
/*
 * Has the binary of a build in the store under project, and opens it as
 * images_open does: it is downloaded unless it is there, and kept only when
 * its digest and size are what the builder says of it. ERR_DIGEST,
 * ERR_BAD_IMAGE, ERR_TOO_LARGE, ERR_STORAGE_FULL, ERR_BUILDER, ERR_NOT_FOUND.
 */
int builders_image(struct builders *b, const struct builder *builder,
	const struct build *build, const char *project,
	struct image_file *out, struct fault *f);

#endif
