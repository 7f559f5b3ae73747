/* SPDX-License-Identifier: ISC */
/*
 * build: what a builder answers, read as each of the things it may be an
 * answer to. What is made of it is well-formed, and says the same again.
 */
#include <stdlib.h>
#include <string.h>

#include "fcgi/build.h"
#include "fcgi/clean.h"
#include "tests/fuzz/fuzz.h"

#define TEXT_MAX (1024 * 1024)

static void
check_text(struct json_object *o)
{
	const char *text = json_object_to_json_string_ext(o,
		JSON_C_TO_STRING_PLAIN);

	if (json_scan(text, strlen(text), NULL, 0) != 0)
		abort();
	json_object_put(o);
}

static void
check_build(struct json_object *o)
{
	AUTO_JSON struct json_object *list = NULL;
	struct build_devices again;
	struct build *b = malloc(sizeof(*b));

	if (b == NULL)
		return;
	if (build_from_json("b", o, b) == 0) {
		char uuid[BUILD_UUID_LEN + 1];

		if (!build_uuid(b->uuid, uuid) || !build_job_ok(b->job) ||
		    b->devices.len > ALB_MANIFEST_MAX || b->started < 0)
			abort();
		list = build_devices_to_json(&b->devices);
		if (build_devices_from_json(list, &again) < 0 ||
		    !build_devices_same(&again, &again))
			abort();
		check_text(build_to_json(b, "https://b", NULL));
	}
	free(b);
}

static void
check_files(struct json_object *o)
{
	size_t n;
	struct build_file *files = build_files(o, &n);

	for (size_t i = 0; i < n; i++)
		if (strlen(files[i].sha256) != IMAGE_DIGEST_LEN ||
		    files[i].size <= 0)
			abort();
	free(files);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO_JSON struct json_object *o = NULL;
	struct json_object *compared;
	struct fault f = { 0 };
	struct buf text;

	buf_init(&text, TEXT_MAX);
	clean_put_utf8(&text, (const char *)data, size);
	if (buf_ok(&text) && text.len > 0)
		o = json_parse((const char *)text.data, text.len, &f);
	buf_free(&text);
	if (o == NULL)
		return 0;
	check_build(o);
	check_files(o);
	check_text(build_jobs("b", "https://b", o));
	compared = json_object_new_object();
	build_compare(o, compared);
	check_text(compared);
	return 0;
}
