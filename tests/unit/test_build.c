/* SPDX-License-Identifier: ISC */
/* build: what builders say, in the forms of the protocol and in bad ones. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "fcgi/build.h"
#include "fcgi/build_store.h"
#include "fcgi/builders.h"
#include "tests/unit/deployments.h"

#define UUID "b81e4f52-0d93-4e6a-8a27-5c1f90d3be16"

static struct json_object *
parse(const char *text)
{
	struct fault f = { 0 };
	struct json_object *o = json_parse(text, strlen(text), &f);

	if (o == NULL)
		fail_msg("%s", f.detail);
	return o;
}

static const char *
show(struct json_object *o, const char *key)
{
	struct json_object *m = NULL;

	assert_true(json_object_object_get_ex(o, key, &m));
	return json_object_to_json_string_ext(m, JSON_C_TO_STRING_PLAIN);
}

static void
uuids(void **state)
{
	char out[BUILD_UUID_LEN + 1];

	(void)state;
	assert_true(build_uuid("B81E4F52-0D93-4E6A-8A27-5C1F90D3BE16", out));
	assert_string_equal(out, UUID);
	assert_false(build_uuid("", out));
	assert_false(build_uuid("latest", out));
	assert_false(build_uuid(UUID "0", out));
	assert_false(build_uuid("b81e4f52x0d93-4e6a-8a27-5c1f90d3be16", out));
	assert_false(build_uuid("g81e4f52-0d93-4e6a-8a27-5c1f90d3be16", out));
}

static void
jobs_that_can_be_asked_for(void **state)
{
	(void)state;
	assert_true(build_job_ok("dns-primary-git"));
	assert_true(build_job_ok("a+b"));
	assert_false(build_job_ok(""));
	assert_false(build_job_ok("."));
	assert_false(build_job_ok(".."));
	assert_false(build_job_ok("a/b"));
	assert_false(build_job_ok("a?b"));
	assert_false(build_job_ok("a%2fb"));
	assert_false(build_job_ok("a b"));
	assert_false(build_job_ok("\xc3\xa4"));
}

static const char one[] =
"{\"job\":\"tlstunnel\",\"uuid\":\"" UUID "\",\"platform\":\"freebsd-14\","
"\"start_time\":\"2026-09-14T02:11:37-00:00\","
"\"finish_time\":\"2026-09-14T02:21:02-00:00\",\"main_binary\":true,"
"\"solo5_manifest\":{\"type\":\"solo5.manifest\",\"version\":1,\"devices\":["
"{\"name\":\"service\",\"type\":\"NET_BASIC\"},"
"{\"name\":\"storage\",\"type\":\"BLOCK_BASIC\"}]},"
"\"solo5_abi\":{\"type\":\"solo5.abi\",\"target\":\"hvt\",\"version\":2},"
"\"more\":[1,2]}";

static void
one_build(void **state)
{
	AUTO_JSON struct json_object *o = parse(one), *out = NULL;
	struct build b;

	(void)state;
	assert_int_equal(build_from_json("robur", o, &b), 0);
	assert_string_equal(b.uuid, UUID);
	assert_string_equal(b.platform, "freebsd-14");
	assert_int_equal(b.started, INT64_C(1789351897000));
	assert_true(build_deployable(&b));
	assert_int_equal(b.devices.len, 2);
	out = build_to_json(&b, "https://b.example", NULL);
	assert_string_equal(show(out, "url"), "\"https:\\/\\/b.example\\/job"
	    "\\/tlstunnel\\/build\\/" UUID "\"");
	assert_string_equal(show(out, "started_at"),
	    "\"2026-09-14T02:11:37.000Z\"");
	assert_string_equal(show(out, "sha256"), "null");
}

/* What is missing or of another kind: left out, or no build at all. */
static void
builds_that_are_odd(void **state)
{
	static const char *const none[] = { "{}", "{\"job\":\"a\"}",
		"{\"job\":\"a/b\",\"uuid\":\"" UUID "\",\"main_binary\":true}",
		"{\"job\":\"a\",\"uuid\":\"latest\",\"main_binary\":true}",
		"{\"job\":\"a\",\"uuid\":\"" UUID "\",\"main_binary\":{}}",
		"{\"job\":null,\"uuid\":\"" UUID "\",\"main_binary\":true}" };
	static const char *const some[] = {
		"{\"job\":\"a\",\"uuid\":\"" UUID "\",\"main_binary\":false}",
		"{\"job\":\"a\",\"uuid\":\"" UUID "\",\"main_binary\":true,"
		"\"solo5_manifest\":{\"devices\":[{\"name\":\"x\","
		"\"type\":\"GPU\"}]},\"solo5_abi\":{\"target\":\"hvt\"}}",
		"{\"job\":\"a\",\"uuid\":\"" UUID "\",\"main_binary\":true,"
		"\"start_time\":\"yesterday\",\"solo5_abi\":7}" };
	struct build b;

	(void)state;
	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++) {
		AUTO_JSON struct json_object *o = parse(none[i]);

		assert_int_equal(build_from_json("b", o, &b), -1);
	}
	for (size_t i = 0; i < sizeof(some) / sizeof(some[0]); i++) {
		AUTO_JSON struct json_object *o = parse(some[i]);

		assert_int_equal(build_from_json("b", o, &b), 0);
		assert_false(build_deployable(&b));
		assert_int_equal(b.devices.len, 0);
	}
}

static void
devices(void **state)
{
	AUTO_JSON struct json_object *text = parse("{\"a\":[{\"name\":\"x\","
		"\"type\":\"net\"},{\"name\":\"y\",\"type\":\"block\"}],"
		"\"b\":[{\"name\":\"y\",\"type\":\"block\"},"
		"{\"name\":\"x\",\"type\":\"block\"}]}"), *diff = NULL;
	struct build_devices a, b;

	(void)state;
	assert_int_equal(build_devices_from_json(json_member(text, "a",
	    json_type_array), &a), 0);
	assert_int_equal(build_devices_from_json(json_member(text, "b",
	    json_type_array), &b), 0);
	diff = build_devices_diff(&a, &b);
	assert_string_equal(show(diff, "added"),
	    "[{\"name\":\"x\",\"type\":\"block\"}]");
	assert_string_equal(show(diff, "removed"),
	    "[{\"name\":\"x\",\"type\":\"net\"}]");
}

/* One bad entry spoils nothing; a name alone is a job, too. */
static void
jobs(void **state)
{
	AUTO_JSON struct json_object *o = parse("{\"jobs\":[\"zeta\",{"
		"\"name\":\"b\",\"synopsis\":null},{\"name\":\"x/y\"},7,{"
		"\"name\":\"a\",\"synopsis\":\"say \\u0007\",\"latest\":{"
		"\"uuid\":\"" UUID "\",\"solo5_manifest\":{\"devices\":[]},"
		"\"solo5_abi\":{\"target\":\"spt\",\"version\":2}}}],"
		"\"jobs_by_section\":{\"Unikernels\":[{\"name\":\"a\"}],"
		"\"odd\":7}}"), *list = build_jobs("robur", NULL, o);
	struct json_object *job;

	(void)state;
	assert_int_equal(json_object_array_length(list), 3);
	job = json_object_array_get_idx(list, 0);
	assert_string_equal(show(job, "name"), "\"a\"");
	assert_string_equal(show(job, "section"), "\"Unikernels\"");
	assert_string_equal(show(job, "synopsis"), "\"say \xe2\x90\x87\"");
	assert_string_equal(show(job, "deployable"), "true");
	job = json_object_array_get_idx(list, 1);
	assert_string_equal(show(job, "synopsis"), "\"\"");
	assert_string_equal(show(job, "latest"), "null");
}

#define DIGEST "7d1a54127b222502f5b79b5fb0803061"			\
	"152a44f92b37e23c6527baf665d4da9a"

static void
files(void **state)
{
	AUTO_JSON struct json_object *o = parse("{\"builds\":[{\"uuid\":\""
		UUID "\",\"main_binary\":null},{\"uuid\":\"" UUID "\","
		"\"main_binary\":{\"filename\":\"a.hvt\",\"sha256\":\"" DIGEST
		"\",\"size\":12}},{\"uuid\":\"" UUID "\",\"main_binary\":{"
		"\"sha256\":\"12\",\"size\":1}}]}");
	AUTO_FREE struct build_file *list = NULL;
	size_t n;

	(void)state;
	list = build_files(o, &n);
	assert_int_equal(n, 1);
	assert_string_equal(list[0].sha256, DIGEST);
	assert_int_equal(list[0].size, 12);
}

static const char differences[] =
"{\"env_diff\":{\"left_packages\":[{\"name\":\"NEW\",\"version\":\"1\"}],"
"\"right_packages\":[{\"name\":\"OLD\",\"version\":\"\"}],"
"\"different_versions\":[]},\"package_diff\":{\"left_packages\":["
"{\"name\":\"zstd\",\"version\":\"1.5.7\"}],\"right_packages\":[],"
"\"different_versions\":[{\"name\":\"gmp\",\"version_left\":\"1\","
"\"version_right\":\"2\"}]},\"opam_diff\":{\"opam_diff\":[{"
"\"package_version\":\"solo5.0.10.1\",\"effectively_equal\":false,"
"\"diff\":\"+x\\n\"}],\"version_diff\":[],\"only_in_left\":["
"{\"name\":\"rresult\",\"version\":\"0.7.0\"}],\"only_in_right\":["
"{\"name\":\"oneffs\",\"version\":\"1.0.0\"}],\"duniverse_diff\":%s}}";

static struct json_object *
compared(const char *duniverse)
{
	AUTO_JSON struct json_object *answer = NULL;
	struct json_object *o = json_object_new_object();
	char text[2048];

	snprintf(text, sizeof(text), differences, duniverse);
	answer = parse(text);
	build_compare(answer, o);
	return o;
}

/* In two lists, left and right are the other way round. */
static void
differences_on_their_sides(void **state)
{
	AUTO_JSON struct json_object *o = compared("{\"left\":[],\"right\":["
		"{\"name\":\"n\",\"value\":\"v\"}],\"detailed_diff\":["
		"{\"name\":\"tls\"}]}");
	AUTO_JSON struct json_object *none = compared("\"no main package\"");

	(void)state;
	assert_string_equal(show(o, "environment"), "{\"added\":[{\"name\":"
	    "\"NEW\",\"version\":\"1\"}],\"removed\":[{\"name\":\"OLD\","
	    "\"version\":\"\"}],\"changed\":[]}");
	assert_string_equal(show(o, "packages"), "{\"added\":[{\"name\":"
	    "\"oneffs\",\"version\":\"1.0.0\"}],\"removed\":[{\"name\":"
	    "\"rresult\",\"version\":\"0.7.0\"}],\"changed\":[]}");
	assert_string_equal(show(o, "system_packages"), "{\"added\":[{"
	    "\"name\":\"zstd\",\"version\":\"1.5.7\"}],\"removed\":[],"
	    "\"changed\":[{\"name\":\"gmp\",\"left\":\"1\",\"right\":\"2\"}]}");
	assert_string_equal(show(o, "sources"), "{\"added\":[{\"name\":\"n\","
	    "\"value\":\"v\"}],\"removed\":[],\"changed\":[\"tls\"]}");
	assert_string_equal(show(none, "sources"), "null");
	assert_string_equal(show(none, "sources_detail"),
	    "\"no main package\"");
}

static void
no_differences_told(void **state)
{
	AUTO_JSON struct json_object *answer = parse("{\"opam_diff\":[]}");
	AUTO_JSON struct json_object *o = json_object_new_object();

	(void)state;
	build_compare(answer, o);
	assert_string_equal(show(o, "packages"), "null");
	assert_string_equal(show(o, "opam"), "null");
	assert_string_equal(show(o, "sources"), "null");
}

/* ---- which sites ---- */

static int
settings_read(const char *text, struct builder_settings *out, struct fault *f)
{
	AUTO_JSON struct json_object *o = parse(text);

	*f = (struct fault){ 0 };
	return builder_settings_from_json(o, out, f);
}

static void
sites(void **state)
{
	static const char *const bad[] = { "http://builds.example.org",
		"ftp://builds.example.org", "builds.example.org", "https://",
		"https://u@builds.example.org", "https://b.example.org/?x=1",
		"https://b.example.org/#x", "file:///etc/passwd",
		"http://127.0.0.1.example.org" };
	struct builder_settings s;
	struct fault f;
	char text[256];

	(void)state;
	assert_int_equal(settings_read("{\"builders\":[{\"name\":\"R\","
	    "\"url\":\"https://b.example.org/\",\"redirect_hosts\":"
	    "[\"cdn.example.org\"]},{\"name\":\"l\",\"url\":"
	    "\"http://[::1]:8080\"}],\"check_minutes\":5}", &s, &f), 0);
	assert_int_equal(s.len, 2);
	assert_string_equal(s.items[0].name, "r");
	assert_string_equal(s.items[0].url, "https://b.example.org");
	assert_string_equal(s.items[0].hosts[0], "cdn.example.org");
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		snprintf(text, sizeof(text), "{\"builders\":[{\"name\":\"a\","
		    "\"url\":\"%s\"}]}", bad[i]);
		assert_int_equal(settings_read(text, &s, &f), ERR_INVALID);
		assert_string_equal(f.fields[0].field, "builders[0].url");
	}
	assert_int_equal(settings_read("{\"builders\":[{\"name\":\"a\","
	    "\"url\":\"https://a.org\"},{\"name\":\"A\",\"url\":"
	    "\"https://b.org\"}]}", &s, &f), ERR_INVALID);
	assert_string_equal(f.fields[0].field, "builders[1].name");
}

/* What was said by a site that is another one now is not believed. */
static void
sites_that_move(void **state)
{
	AUTO_JSON struct json_object *o = parse(one);
	char dir[FOLDER_SIZE], uuid[BUILD_UUID_LEN + 1];
	struct builder_settings s;
	struct ledger *l;
	struct build b, again;
	struct fault f = { 0 };
	int64_t asked;

	(void)state;
	assert_int_equal(ledger_begin(dir, &l), 0);
	assert_int_equal(settings_read("{\"builders\":[{\"name\":\"a\","
	    "\"url\":\"https://a.org\"}]}", &s, &f), 0);
	assert_int_equal(builder_settings_set(l, &s, &f), 0);
	assert_int_equal(build_from_json("a", o, &b), 0);
	assert_int_equal(build_keep(l, &b, &f), 0);
	assert_int_equal(build_of_keep(l, "a", DIGEST, b.uuid, &f), 0);
	assert_int_equal(builder_settings_set(l, &s, &f), 0);
	assert_int_equal(build_find(l, "a", UUID, &again), 0);
	assert_string_equal(again.platform, "freebsd-14");
	assert_true(build_devices_same(&again.devices, &b.devices));
	snprintf(s.items[0].url, sizeof(s.items[0].url), "https://b.org");
	assert_int_equal(builder_settings_set(l, &s, &f), 0);
	assert_int_equal(build_find(l, "a", UUID, &again), ERR_NOT_FOUND);
	build_of_find(l, "a", DIGEST, uuid, &asked);
	assert_string_equal(uuid, "");
	assert_int_equal(ledger_finish(dir, l), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(uuids),
		cmocka_unit_test(jobs_that_can_be_asked_for),
		cmocka_unit_test(one_build),
		cmocka_unit_test(builds_that_are_odd),
		cmocka_unit_test(devices),
		cmocka_unit_test(jobs),
		cmocka_unit_test(files),
		cmocka_unit_test(differences_on_their_sides),
		cmocka_unit_test(no_differences_told),
		cmocka_unit_test(sites),
		cmocka_unit_test(sites_that_move),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
