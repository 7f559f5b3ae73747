/* SPDX-License-Identifier: ISC */
/* Tokens: their form, their limits, and that revoking acts at once. */
#include "auth_fixture.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "auth/pattern.h"

#define POLICY "{\"unikernels\":2,\"memory\":256,\"cpus\":[0]," \
	"\"bridges\":[]}"

static void
form_can_be_checked(void **state)
{
	char token[TOKEN_LENGTH + 1], changed[TOKEN_LENGTH + 1];

	token_make(TOKEN_PREFIX, token);
	assert_int_equal(strlen(token), TOKEN_LENGTH);
	assert_true(token_wellformed(TOKEN_PREFIX, token));
	for (size_t i = 0; i < TOKEN_LENGTH; i++) {
		memcpy(changed, token, sizeof(changed));
		changed[i] = changed[i] == 'x' ? 'y' : 'x';
		assert_false(token_wellformed(TOKEN_PREFIX, changed));
	}
	token[TOKEN_LENGTH - 1] = '\0';
	assert_false(token_wellformed(TOKEN_PREFIX, token));
	assert_false(token_wellformed(TOKEN_PREFIX, ""));
}

static void
patterns_match_as_shells_do(void **state)
{
	assert_true(pattern_matches("*", "web"));
	assert_true(pattern_matches("web-*", "web-1"));
	assert_true(pattern_matches("web-*", "web-"));
	assert_true(pattern_matches("*-1", "web-1-1"));
	assert_true(pattern_matches("w?b", "web"));
	assert_true(pattern_matches("a*b*c", "a.xx.b.yy.c"));
	assert_false(pattern_matches("web-*", "web"));
	assert_false(pattern_matches("web", "web1"));
	assert_false(pattern_matches("w?b", "wb"));
	assert_false(pattern_matches("", "a"));
	/* Many stars take no time to speak of. */
	assert_false(pattern_matches("*a*a*a*a*a*a*a*a*a*a*a*b",
	    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"));
}

/* An administrator, and bob with a policy on box. */
static int
setup(void **state)
{
	struct fixture *x;
	char *root;

	fixture_setup(state);
	x = *state;
	fixture_user(x, "root", true);
	fixture_user(x, "bob", false);
	root = fixture_cookie(x, "root");
	fixture_instance(x, root, "box");
	fixture_instance(x, root, "other");
	fixture_policy(x, root, "box", "bob", POLICY);
	fixture_policy(x, root, "other", "bob", POLICY);
	free(root);
	return 0;
}

static void
only_the_hash_is_kept(void **state)
{
	struct fixture *x = *state;
	char *bob = fixture_cookie(x, "bob");
	char *token = fixture_token(x, bob, "\"scopes\":[\"unikernel:read\"]");
	sqlite3_stmt *stmt;

	stmt = db_query(x->db, "SELECT length(hash), instr(hash, ?)"
	    " FROM token", "t", token);
	assert_int_equal(db_step(stmt), 1);
	assert_int_equal(sqlite3_column_int(stmt, 0), 32);
	assert_int_equal(sqlite3_column_int(stmt, 1), 0);
	db_done(stmt);
	free(token);
	free(bob);
}

static void
scopes_are_held(void **state)
{
	struct fixture *x = *state;
	char *bob = fixture_cookie(x, "bob");
	char *token = fixture_token(x, bob, "\"scopes\":[\"unikernel:read\"]");

	json_object_put(ask_ok(x, token, "authorize",
	    may("unikernel:read", "box", "bob", "web")));
	ask_refused(x, token, "authorize",
	    may("unikernel:deploy", "box", "bob", "web"), "forbidden");
	ask_refused(x, token, "token-list", NULL, "forbidden");
	ask_refused(x, token, "token-create", "{\"name\":\"x\","
	    "\"scopes\":[\"unikernel:read\"],\"expires_in\":60}",
	    "forbidden");
	ask_refused(x, token, "logout", NULL, "forbidden");
	free(token);
	free(bob);
}

static void
narrowing_is_held(void **state)
{
	struct fixture *x = *state;
	char *bob = fixture_cookie(x, "bob");
	char *token = fixture_token(x, bob, "\"scopes\":[\"unikernel:deploy\"],"
	    "\"instances\":[\"Box\"],\"project\":\"bob\","
	    "\"unikernels\":[\"web-*\",\"api\"]");
	struct json_object *answer;

	answer = ask_ok(x, token, "authorize",
	    may("unikernel:deploy", "box", "bob", "web-1"));
	assert_string_equal(text_at(answer, "names.0"), "web-*");
	assert_string_equal(text_at(answer, "names.1"), "api");
	json_object_put(answer);
	answer = ask_ok(x, token, "project-list", NULL);
	assert_string_equal(text_at(answer, "items.0.policies.0.instance"),
	    "box");
	assert_string_equal(text_at(answer, "items.0.policies.1.instance"),
	    "");
	json_object_put(answer);
	json_object_put(ask_ok(x, token, "authorize",
	    may("unikernel:deploy", "BOX", "BOB", "API")));
	ask_refused(x, token, "authorize",
	    may("unikernel:deploy", "box", "bob", "db"), "forbidden");
	ask_refused(x, token, "authorize",
	    may("unikernel:deploy", "other", "bob", "api"), "forbidden");
	/* Elsewhere is all the same, be it there or not. */
	ask_refused(x, token, "authorize",
	    may("unikernel:deploy", "box", "root", "api"), "forbidden");
	ask_refused(x, token, "authorize",
	    may("unikernel:deploy", "box", "nobody", "api"), "forbidden");
	answer = ask_ok(x, token, "instance-list", NULL);
	assert_string_equal(text_at(answer, "items.0.name"), "box");
	assert_string_equal(text_at(answer, "items.1.name"), "");
	json_object_put(answer);
	free(token);
	free(bob);
}

/* Rights are the owner's of this moment, not of the day it was made. */
static void
owner_bounds_the_token(void **state)
{
	struct fixture *x = *state;
	char *root = fixture_cookie(x, "root"), *bob, *token;

	json_object_put(ask_ok(x, root, "project-add",
	    "{\"name\":\"team\"}"));
	fixture_policy(x, root, "box", "team", POLICY);
	fixture_member(x, root, "team", "bob", "deployer");
	bob = fixture_cookie(x, "bob");
	token = fixture_token(x, bob, "\"scopes\":[\"unikernel:deploy\"]");
	json_object_put(ask_ok(x, token, "authorize",
	    may("unikernel:deploy", "box", "team", "web")));
	fixture_member(x, root, "team", "bob", "viewer");
	ask_refused(x, token, "authorize",
	    may("unikernel:deploy", "box", "team", "web"), "forbidden");
	json_object_put(ask_ok(x, root, "member-set", "{\"project\":\"team\","
	    "\"email\":\"bob@example.org\"}"));
	ask_refused(x, token, "authorize",
	    may("unikernel:deploy", "box", "team", "web"), "not-found");
	free(token);
	free(bob);
	free(root);
}

static void
wrong_tokens_are_not_made(void **state)
{
	struct fixture *x = *state;
	char *bob = fixture_cookie(x, "bob");

	ask_field(x, bob, "token-create", "{\"name\":\"x\",\"scopes\":"
	    "[\"instance:admin\"],\"expires_in\":60}", "scopes[0]");
	ask_field(x, bob, "token-create", "{\"name\":\"x\",\"scopes\":"
	    "[\"unikernel:fly\"],\"expires_in\":60}", "scopes[0]");
	ask_field(x, bob, "token-create", "{\"name\":\"x\",\"scopes\":[],"
	    "\"expires_in\":60}", "scopes");
	ask_field(x, bob, "token-create", "{\"name\":\"x\",\"scopes\":"
	    "[\"unikernel:read\"],\"expires_in\":31536001}", "expires_in");
	ask_field(x, bob, "token-create", "{\"name\":\"x\",\"scopes\":"
	    "[\"unikernel:read\"],\"expires_in\":60,\"project\":\"root\"}",
	    "project");
	ask_field(x, bob, "token-create", "{\"name\":\"x\",\"scopes\":"
	    "[\"unikernel:read\"],\"expires_in\":60,\"instances\":[\"none\"]}",
	    "instances");
	ask_field(x, bob, "token-create", "{\"name\":\"x\",\"scopes\":"
	    "[\"unikernel:read\"],\"expires_in\":60,\"unikernels\":[\"a b\"]}",
	    "unikernels[0]");
	free(bob);
}

static void
expiry_and_revocation(void **state)
{
	struct fixture *x = *state;
	char *bob = fixture_cookie(x, "bob"), *root, args[128];
	char *token = fixture_token(x, bob, "\"scopes\":[\"unikernel:read\"]");
	struct json_object *list = ask_ok(x, bob, "token-list", NULL);
	struct fault f = { 0 };
	int64_t before = store_revision(x->db);
	struct db *d;

	json_object_put(ask_ok(x, token, "whoami", NULL));
	/* Not another's to revoke. */
	root = fixture_cookie(x, "root");
	snprintf(args, sizeof(args), "{\"id\":\"%s\"}",
	    text_at(list, "items.0.id"));
	ask_refused(x, root, "token-delete", args, "not-found");
	free(root);
	json_object_put(ask_ok(x, bob, "token-delete", args));
	ask_refused(x, token, "whoami", NULL, "unauthenticated");
	assert_true(store_revision(x->db) > before);
	free(token);
	token = fixture_token(x, bob, "\"scopes\":[\"unikernel:read\"]");
	d = database_write_begin(x->a->store, &f);
	db_run(d, "UPDATE token SET expires = 1000", "");
	database_write_end(x->a->store, 0, &f);
	ask_refused(x, token, "whoami", NULL, "credential-expired");
	json_object_put(list);
	free(token);
	free(bob);
}

/* Mistyped, cut, or another's: told without a look at what there is. */
static void
typing_errors_are_told_as_such(void **state)
{
	struct fixture *x = *state;
	char *bob = fixture_cookie(x, "bob"), secret[TOKEN_LENGTH + 1];
	char *token = fixture_token(x, bob, "\"scopes\":[\"unikernel:read\"]");
	struct json_object *o;

	token[10] = token[10] == 'x' ? 'y' : 'x';
	o = ask(x, token, "whoami", NULL);
	assert_string_equal(text_at(o, "error.code"), "unauthenticated");
	assert_non_null(strstr(text_at(o, "error.detail"), "mistyped"));
	json_object_put(o);
	token_make(TOKEN_PREFIX, secret);
	o = ask(x, secret, "whoami", NULL);
	assert_null(strstr(text_at(o, "error.detail"), "mistyped"));
	json_object_put(o);
	free(token);
	free(bob);
}

static void
renamed_and_shortened_only(void **state)
{
	struct fixture *x = *state;
	char *bob = fixture_cookie(x, "bob"), *root = fixture_cookie(x, "root");
	char *token = fixture_token(x, bob, "\"scopes\":[\"unikernel:read\"]");
	struct json_object *list = ask_ok(x, bob, "token-list", NULL), *o;
	const char *id = text_at(list, "items.0.id");
	char args[256];

	snprintf(args, sizeof(args), "{\"id\":\"%s\",\"name\":\"other\","
	    "\"expires_in\":3600}", id);
	ask_refused(x, root, "token-set", args, "not-found");
	ask_refused(x, token, "token-set", args, "forbidden");
	o = ask_ok(x, bob, "token-set", args);
	assert_string_equal(text_at(o, "token.name"), "other");
	assert_in_range(int_at(o, "token.expires"), time(NULL) + 3500,
	    time(NULL) + 3600);
	json_object_put(o);
	snprintf(args, sizeof(args), "{\"id\":\"%s\",\"expires_in\":7200}", id);
	ask_field(x, bob, "token-set", args, "expires_in_days");
	snprintf(args, sizeof(args), "{\"id\":\"%s\",\"expires_in\":0}", id);
	json_object_put(ask_ok(x, bob, "token-set", args));
	ask_refused(x, token, "whoami", NULL, "credential-expired");
	json_object_put(list);
	free(token);
	free(bob);
	free(root);
}

/* Owners of a project see and end what is narrowed to it, and nothing else. */
static void
projects_have_tokens(void **state)
{
	struct fixture *x = *state;
	char *bob = fixture_cookie(x, "bob"), *root = fixture_cookie(x, "root");
	char *own = fixture_token(x, root, "\"scopes\":[\"unikernel:read\","
	    "\"project:admin\"],\"project\":\"bob\"");
	char *wide = fixture_token(x, root, "\"scopes\":[\"unikernel:read\"]");
	char *eve, args[256];
	struct json_object *list;

	list = ask_ok(x, bob, "project-token-list", "{\"project\":\"bob\"}");
	assert_string_equal(text_at(list, "items.0.user"), "root");
	assert_string_equal(text_at(list, "items.1.user"), "");
	snprintf(args, sizeof(args), "{\"project\":\"bob\",\"id\":\"%s\"}",
	    text_at(list, "items.0.id"));
	json_object_put(list);
	fixture_user(x, "eve", false);
	eve = fixture_cookie(x, "eve");
	ask_refused(x, eve, "project-token-list", "{\"project\":\"bob\"}",
	    "not-found");
	ask_refused(x, eve, "project-token-delete", args, "not-found");
	/* No token ends another, or itself. */
	ask_refused(x, own, "project-token-delete", args, "forbidden");
	json_object_put(ask_ok(x, bob, "project-token-delete", args));
	ask_refused(x, bob, "project-token-delete", args, "not-found");
	ask_refused(x, own, "whoami", NULL, "unauthenticated");
	json_object_put(ask_ok(x, wide, "whoami", NULL));
	free(own);
	free(wide);
	free(eve);
	free(bob);
	free(root);
}

static void
age_tokens(struct fixture *x, int64_t lived, int64_t left)
{
	struct fault f = { 0 };
	struct db *d = database_write_begin(x->a->store, &f);

	db_run(d, "UPDATE token SET created = ?, expires = ?", "ii",
	    (int64_t)time(NULL) - lived, (int64_t)time(NULL) + left);
	assert_int_equal(database_write_end(x->a->store, 0, &f), 0);
}

static int
expiring_count(struct fixture *x)
{
	struct json_object *list = ask_ok(x, NULL, "token-expiring", NULL);
	int n = (int)json_object_array_length(json_object_object_get(list,
	    "items"));

	json_object_put(list);
	return n;
}

static void
expiry_is_told_once(void **state)
{
	struct fixture *x = *state;
	char *bob = fixture_cookie(x, "bob"), args[128];
	char *token = fixture_token(x, bob, "\"scopes\":[\"unikernel:read\"]");
	struct json_object *list;

	/* Made for a day: who did that knows. */
	assert_int_equal(expiring_count(x), 0);
	age_tokens(x, 30 * TOKEN_DAY, 8 * TOKEN_DAY);
	assert_int_equal(expiring_count(x), 0);
	age_tokens(x, 30 * TOKEN_DAY, 6 * TOKEN_DAY);
	list = ask_ok(x, NULL, "token-expiring", NULL);
	assert_string_equal(text_at(list, "items.0.email"), "bob@example.org");
	assert_string_equal(text_at(list, "items.0.token"), "ci");
	snprintf(args, sizeof(args), "{\"id\":\"%s\"}",
	    text_at(list, "items.0.id"));
	json_object_put(list);
	json_object_put(ask_ok(x, NULL, "token-warned", args));
	assert_int_equal(expiring_count(x), 0);
	free(token);
	free(bob);
}

static void
last_use_is_written_rarely(void **state)
{
	struct fixture *x = *state;
	char *bob = fixture_cookie(x, "bob");
	char *token = fixture_token(x, bob, "\"scopes\":[\"unikernel:read\"]");
	struct fault f = { 0 };
	struct json_object *list;
	struct db *d;

	json_object_put(ask_ok(x, token, "whoami", NULL));
	list = ask_ok(x, bob, "token-list", NULL);
	assert_true(int_at(list, "items.0.last_used") >= time(NULL) - 5);
	assert_string_equal(text_at(list, "items.0.last_used_from"),
	    "192.0.2.1");
	json_object_put(list);
	d = database_write_begin(x->a->store, &f);
	db_run(d, "UPDATE token SET last_used_from = 'before'", "");
	database_write_end(x->a->store, 0, &f);
	json_object_put(ask_ok(x, token, "whoami", NULL));
	list = ask_ok(x, bob, "token-list", NULL);
	assert_string_equal(text_at(list, "items.0.last_used_from"),
	    "before");
	json_object_put(list);
	free(token);
	free(bob);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(form_can_be_checked),
		cmocka_unit_test(patterns_match_as_shells_do),
#define WITH(f) cmocka_unit_test_setup_teardown(f, setup, fixture_teardown)
		WITH(only_the_hash_is_kept),
		WITH(scopes_are_held),
		WITH(narrowing_is_held),
		WITH(owner_bounds_the_token),
		WITH(wrong_tokens_are_not_made),
		WITH(expiry_and_revocation),
		WITH(typing_errors_are_told_as_such),
		WITH(renamed_and_shortened_only),
		WITH(projects_have_tokens),
		WITH(expiry_is_told_once),
		WITH(last_use_is_written_rarely),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
