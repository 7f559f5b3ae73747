/* SPDX-License-Identifier: ISC */
/* Secrets of projects: written, referred to, minted, and read by nobody. */
#include "config.h"	/* for memmem */

#include "auth_fixture.h"

#include <stdio.h>
#include <string.h>

#include "auth/secrets.h"
#include "base/reference.h"
#include "base/text.h"

#define POLICY "{\"unikernels\":2,\"memory\":256,\"cpus\":[0]," \
	"\"bridges\":[]}"
#define VALUE "correct-horse"

/* bob owns bob, which has a policy on box; eve looks at it. */
static int
setup(void **state)
{
	struct fixture *x;
	char *root;

	fixture_setup(state);
	x = *state;
	fixture_user(x, "root", true);
	fixture_user(x, "bob", false);
	fixture_user(x, "eve", false);
	root = fixture_cookie(x, "root");
	fixture_instance(x, root, "box");
	fixture_policy(x, root, "box", "bob", POLICY);
	fixture_member(x, root, "bob", "eve", "viewer");
	free(root);
	return 0;
}

static void
set(struct fixture *x, const char *who, const char *name, const char *value)
{
	char args[256];

	snprintf(args, sizeof(args), "{\"project\":\"bob\",\"name\":\"%s\","
	    "\"value\":\"%s\"}", name, value);
	json_object_put(ask_ok(x, who, "secret-set", args));
}

/* A create of one with that argument, which JSON can hold as it is. */
static const char *
create(const char *argument)
{
	static char args[512];

	snprintf(args, sizeof(args), "{\"instance\":\"box\",\"project\":"
	    "\"bob\",\"label\":\"web\",\"command\":{\"kind\":"
	    "\"unikernel-create\",\"config\":{\"memory\":32,"
	    "\"cpus\":[0],\"arguments\":[\"-v\",\"%s\"]}}}", argument);
	return args;
}

/* Whether a certificate of the answer to a mint holds text. */
static bool
mint_holds(struct json_object *answer, const char *text)
{
	struct json_object *chain = json_object_object_get(answer, "chain");
	bool holds = false;

	for (size_t i = 0; i < json_object_array_length(chain); i++) {
		size_t len;
		uint8_t *der = base64_decode(json_object_get_string(
		    json_object_array_get_idx(chain, i)), &len);

		assert_non_null(der);
		holds = memmem(der, len, text, strlen(text)) != NULL || holds;
		free(der);
	}
	return holds;
}

static void
references_stand_where_they_may(void **state)
{
	static const char *const good[] = { "${secret:key}",
		"--a=${secret:key}", "=${secret:key}" };
	static const char *const bad[] = { "", "key", "x${secret:key}",
		"${secret:key}x", "--a=b=${secret:key}", "${secret:}",
		"${secret:key", "--a= ${secret:key}" };
	char name[REFERENCE_NAME], longest[96];

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		assert_non_null(reference_find(good[i], name));
		assert_string_equal(name, "key");
		assert_true(reference_meant(good[i]));
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_null(reference_find(bad[i], name));
	assert_false(reference_meant("$ecret:key"));
	snprintf(longest, sizeof(longest), "${secret:%064d}", 0);
	assert_null(reference_find(longest, name));
	snprintf(longest, sizeof(longest), "${secret:%063d}", 0);
	assert_non_null(reference_find(longest, name));
}

static void
values_are_put_in_and_never_told(void **state)
{
	struct fixture *x = *state;
	char *bob = fixture_cookie(x, "bob");
	struct json_object *answer;

	set(x, bob, "key", VALUE);
	answer = ask_ok(x, bob, "secret-list", "{\"project\":\"bob\"}");
	assert_string_equal(text_at(answer, "items.0.name"), "key");
	assert_string_equal(text_at(answer, "items.0.by"), "bob");
	assert_null(strstr(json_object_to_json_string(answer), VALUE));
	json_object_put(answer);
	answer = ask_ok(x, bob, "mint", create("--key=${secret:key}"));
	assert_true(mint_holds(answer, "--key=" VALUE));
	assert_false(mint_holds(answer, "${secret"));
	json_object_put(answer);
	set(x, bob, "key", "battery-staple");
	answer = ask_ok(x, bob, "mint", create("--key=${secret:key}"));
	assert_true(mint_holds(answer, "--key=battery-staple"));
	json_object_put(answer);
	free(bob);
}

static void
what_is_not_there_is_told(void **state)
{
	struct fixture *x = *state;
	char *bob = fixture_cookie(x, "bob");

	ask_field(x, bob, "mint", create("${secret:other}"),
	    "config.arguments[1]");
	ask_field(x, bob, "mint", create("a${secret:key}"),
	    "config.arguments[1]");
	set(x, bob, "key", VALUE);
	json_object_put(ask_ok(x, bob, "secret-remove",
	    "{\"project\":\"bob\",\"name\":\"key\"}"));
	ask_field(x, bob, "mint", create("${secret:key}"),
	    "config.arguments[1]");
	ask_refused(x, bob, "secret-remove",
	    "{\"project\":\"bob\",\"name\":\"key\"}", "not-found");
	free(bob);
}

static void
rights_are_held(void **state)
{
	static const char args[] = "{\"project\":\"bob\",\"name\":\"key\","
		"\"value\":\"" VALUE "\"}";
	struct fixture *x = *state;
	char *bob = fixture_cookie(x, "bob"), *eve = fixture_cookie(x, "eve");
	char *token;

	ask_refused(x, eve, "secret-set", args, "forbidden");
	json_object_put(ask_ok(x, eve, "secret-list",
	    "{\"project\":\"bob\"}"));
	ask_refused(x, bob, "secret-set", "{\"project\":\"eve\",\"name\":"
	    "\"key\",\"value\":\"" VALUE "\"}", "not-found");
	token = fixture_token(x, bob, "\"scopes\":[\"unikernel:deploy\"],"
	    "\"unikernels\":[\"web\"]");
	ask_refused(x, token, "secret-set", args, "forbidden");
	free(token);
	/* One set for one instance would be told to those on others. */
	token = fixture_token(x, bob, "\"scopes\":[\"unikernel:deploy\"],"
	    "\"instances\":[\"box\"]");
	ask_refused(x, token, "secret-set", args, "forbidden");
	ask_refused(x, token, "secret-remove",
	    "{\"project\":\"bob\",\"name\":\"key\"}", "forbidden");
	free(token);
	token = fixture_token(x, bob, "\"scopes\":[\"unikernel:deploy\"]");
	json_object_put(ask_ok(x, token, "secret-set", args));
	free(token);
	free(bob);
	free(eve);
}

static void
marks_tell_values_apart(void **state)
{
	struct fixture *x = *state;
	char *bob = fixture_cookie(x, "bob"), known[64];
	struct json_object *answer;

	set(x, bob, "key", VALUE);
	set(x, bob, "key", "battery-staple");
	set(x, bob, "other", VALUE "-2");
	answer = ask_ok(x, NULL, "secret-marks", "{}");
	assert_string_equal(text_at(answer, "projects.0.name"), "bob");
	assert_int_equal(json_object_array_length(json_object_object_get(
	    json_object_array_get_idx(json_object_object_get(answer,
	    "projects"), 0), "marks")), 3);
	assert_null(strstr(json_object_to_json_string(answer), VALUE));
	snprintf(known, sizeof(known), "{\"known\":%d}",
	    (int)int_at(answer, "revision"));
	json_object_put(answer);
	answer = ask_ok(x, NULL, "secret-marks", known);
	assert_null(json_object_object_get(answer, "projects"));
	json_object_put(answer);
	free(bob);
}

static void
there_are_bounds(void **state)
{
	struct fixture *x = *state;
	char *bob = fixture_cookie(x, "bob"), name[16], args[160];

	for (int i = 0; i < SECRETS_MAX; i++) {
		snprintf(name, sizeof(name), "k%d", i);
		set(x, bob, name, VALUE);
	}
	snprintf(args, sizeof(args), "{\"project\":\"bob\",\"name\":\"more\","
	    "\"value\":\"%s\"}", VALUE);
	ask_refused(x, bob, "secret-set", args, "conflict");
	set(x, bob, "k0", "battery-staple");
	ask_field(x, bob, "secret-set", "{\"project\":\"bob\",\"name\":\"k0\","
	    "\"value\":\"short\"}", "value");
	free(bob);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(references_stand_where_they_may),
#define T(f) cmocka_unit_test_setup_teardown(f, setup, fixture_teardown)
		T(values_are_put_in_and_never_told),
		T(what_is_not_there_is_told),
		T(rights_are_held),
		T(marks_tell_values_apart),
		T(there_are_bounds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
