/* SPDX-License-Identifier: ISC */
/*
 * build: what builders say of their builds, taken out of the JSON of the
 * builder-web protocol. What can not be used is left out, one bad entry never
 * spoils the rest, and members that are not known are passed over.
 */
#ifndef FCGI_BUILD_H
#define FCGI_BUILD_H

#include "albatross/image.h"
#include "albatross/name.h"
#include "base/json.h"
#include "fcgi/images.h"

#define BUILD_UUID_LEN 36
#define BUILD_JOB_MAX 255
#define BUILD_PLATFORM_MAX 127
#define BUILD_TARGET_MAX 15
#define BUILD_FILES_MAX 4096

struct build_devices {
	size_t len;
	struct alb_device items[ALB_MANIFEST_MAX];
};

struct build {
	char builder[ALB_LABEL_MAX + 1];
	char job[BUILD_JOB_MAX + 1];
	char uuid[BUILD_UUID_LEN + 1];		/* lower case */
	char platform[BUILD_PLATFORM_MAX + 1];
	int64_t started, finished;		/* ms since 1970 */
	bool binary;				/* there is one to download */
	char target[BUILD_TARGET_MAX + 1];	/* "" when not told */
	int64_t abi;
	bool has_devices;
	struct build_devices devices;
};

/* Main binaries of a job, one entry for each digest. */
struct build_file {
	char uuid[BUILD_UUID_LEN + 1];
	char sha256[IMAGE_DIGEST_LEN + 1];
	int64_t size;				/* bytes */
};

/* A uuid in lower case into out; false when it is none. */
bool build_uuid(const char *s, char out[BUILD_UUID_LEN + 1]);
/* Whether the name of a job can stand in a URL as it is (protocol 2.3). */
bool build_job_ok(const char *s);
/* For json_field.check. */
const char *build_uuid_check(const char *s);
const char *build_job_check(const char *s);

/* The answer about one build. 0, or -1 when it is none. */
int build_from_json(const char *builder, struct json_object *o,
	struct build *out);
/*
 * As the API shows it; url is the builder's, or NULL; file (or NULL) is what
 * is known of its binary.
 */
struct json_object *build_to_json(const struct build *b, const char *url,
	const struct build_file *file);
/* Whether it is a unikernel that albatross can run. */
bool build_deployable(const struct build *b);

/* [{"name", "type"}], and back (0 or -1). */
struct json_object *build_devices_to_json(const struct build_devices *d);
int build_devices_from_json(struct json_object *list,
	struct build_devices *out);
/* {"added", "removed"}: what right needs beside left, and the other way. */
struct json_object *build_devices_diff(const struct build_devices *left,
	const struct build_devices *right);
bool build_devices_same(const struct build_devices *a,
	const struct build_devices *b);

/* The list of jobs, as the API shows it: an owned array, sorted by name. */
struct json_object *build_jobs(const char *builder, const char *url,
	struct json_object *answer);
/* The files of a job, at most BUILD_FILES_MAX: owned; NULL with *n 0. */
struct build_file *build_files(struct json_object *answer, size_t *n);
/*
 * The differences of two builds, added to o as the API shows them: packages,
 * system_packages, environment, opam, sources, sources_detail; and the sizes of
 * its left and right where these lack them.
 */
void build_compare(struct json_object *answer, struct json_object *o);

#endif
