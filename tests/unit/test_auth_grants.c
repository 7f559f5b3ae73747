/* SPDX-License-Identifier: ISC */
/* Grants: one unikernel, a day, and never more than the owner may now. */
#include "auth_fixture.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "auth/store.h"

#define POLICY "{\"unikernels\":2,\"memory\":256,\"block\":10," \
	"\"cpus\":[0,1],\"bridges\":[\"service\"]}"
#define WEB "{\"instance\":\"Box\",\"project\":\"team\",\"name\":\"WEB\"}"

static char *root, *bob;

/* bob deploys in team, on box and on other. */
static int
setup(void **state)
{
	struct fixture *x;

	fixture_setup(state);
	x = *state;
	fixture_user(x, "root", true);
	fixture_user(x, "bob", false);
	root = fixture_cookie(x, "root");
	fixture_instance(x, root, "box");
	fixture_instance(x, root, "other");
	json_object_put(ask_ok(x, root, "project-add",
	    "{\"name\":\"team\"}"));
	fixture_policy(x, root, "box", "team", POLICY);
	fixture_policy(x, root, "other", "team", POLICY);
	fixture_member(x, root, "team", "bob", "deployer");
	bob = fixture_cookie(x, "bob");
	return 0;
}

static int
teardown(void **state)
{
	free(root);
	free(bob);
	return fixture_teardown(state);
}

static char *
grant_new(struct fixture *x, const char *credential)
{
	struct json_object *answer = ask_ok(x, credential, "grant-make", WEB);
	char *grant = strdup(text_at(answer, "grant"));

	assert_int_equal(strncmp(grant, "mmg_", 4), 0);
	json_object_put(answer);
	return grant;
}

/* A token of bob's with that scope. */
static char *
token_new(struct fixture *x, const char *scope)
{
	struct json_object *answer;
	char args[256], *secret;

	snprintf(args, sizeof(args), "{\"name\":\"ci\",\"expires_in\":86400,"
	    "\"scopes\":[\"%s\"]}", scope);
	answer = ask_ok(x, bob, "token-create", args);
	secret = strdup(text_at(answer, "secret"));
	json_object_put(answer);
	return secret;
}

static const char *
may(const char *scope, const char *instance, const char *project,
	const char *name)
{
	static char args[512];

	snprintf(args, sizeof(args), "{\"scope\":\"%s\",\"instance\":\"%s\","
	    "\"project\":\"%s\",\"name\":\"%s\"}", scope, instance, project,
	    name);
	return args;
}

static void
one_unikernel_and_no_more(void **state)
{
	struct fixture *x = *state;
	char *grant = grant_new(x, bob);

	json_object_put(ask_ok(x, grant, "authorize",
	    may("unikernel:deploy", "box", "team", "web")));
	json_object_put(ask_ok(x, grant, "authorize",
	    may("unikernel:destroy", "box", "team", "web")));
	json_object_put(ask_ok(x, grant, "mint", "{\"instance\":\"box\","
	    "\"project\":\"team\",\"label\":\"web\","
	    "\"command\":{\"kind\":\"unikernel-info\"}}"));
	ask_refused(x, grant, "authorize",
	    may("unikernel:deploy", "box", "team", "api"), "forbidden");
	ask_refused(x, grant, "authorize",
	    may("unikernel:deploy", "other", "team", "web"), "forbidden");
	ask_refused(x, grant, "authorize",
	    may("unikernel:deploy", "box", "bob", "web"), "forbidden");
	ask_refused(x, grant, "authorize",
	    may("volume:destroy", "box", "team", "web"), "forbidden");
	free(grant);
}

static void
for_deployments_alone(void **state)
{
	struct fixture *x = *state;
	char *grant = grant_new(x, bob);

	ask_refused(x, grant, "whoami", NULL, "forbidden");
	ask_refused(x, grant, "project-list", NULL, "forbidden");
	ask_refused(x, grant, "token-list", NULL, "forbidden");
	ask_refused(x, grant, "grant-make", WEB, "forbidden");
	ask_refused(x, bob, "grant-end", NULL, "forbidden");
	free(grant);
}

static void
no_more_than_its_maker(void **state)
{
	struct fixture *x = *state;
	char *token = token_new(x, "unikernel:restart"), *grant;

	grant = grant_new(x, token);
	json_object_put(ask_ok(x, grant, "authorize",
	    may("unikernel:restart", "box", "team", "web")));
	ask_refused(x, grant, "authorize",
	    may("unikernel:deploy", "box", "team", "web"), "forbidden");
	ask_refused(x, grant, "authorize",
	    may("unikernel:destroy", "box", "team", "web"), "forbidden");
	free(grant);
	free(token);
	token = token_new(x, "unikernel:read");
	ask_refused(x, token, "grant-make", WEB, "forbidden");
	free(token);
	ask_refused(x, bob, "grant-make", "{\"instance\":\"box\","
	    "\"project\":\"root\",\"name\":\"web\"}", "not-found");
}

static void
no_more_than_its_owner_now(void **state)
{
	struct fixture *x = *state;
	char *grant = grant_new(x, bob);
	struct fault f = { 0 };
	struct db *d;

	fixture_member(x, root, "team", "bob", "viewer");
	ask_refused(x, grant, "authorize",
	    may("unikernel:deploy", "box", "team", "web"), "forbidden");
	fixture_member(x, root, "team", "bob", "deployer");
	json_object_put(ask_ok(x, grant, "authorize",
	    may("unikernel:deploy", "box", "team", "web")));
	d = database_write_begin(x->a->store, &f);
	db_run(d, "UPDATE account SET disabled = 1 WHERE name = 'bob'", "");
	database_write_end(x->a->store, 0, &f);
	ask_refused(x, grant, "authorize",
	    may("unikernel:deploy", "box", "team", "web"),
	    "unauthenticated");
	free(grant);
}

/* It outlives the session, but not the token that it was made with. */
static void
what_ends_it(void **state)
{
	struct fixture *x = *state;
	char *grant = grant_new(x, bob), *token;
	struct fault f = { 0 };
	struct db *d;

	json_object_put(ask_ok(x, bob, "logout", NULL));
	json_object_put(ask_ok(x, grant, "authorize",
	    may("unikernel:deploy", "box", "team", "web")));
	json_object_put(ask_ok(x, grant, "grant-end", NULL));
	ask_refused(x, grant, "grant-end", NULL, "unauthenticated");
	free(grant);
	free(bob);
	bob = fixture_cookie(x, "bob");
	token = token_new(x, "unikernel:deploy");
	grant = grant_new(x, token);
	d = database_write_begin(x->a->store, &f);
	db_run(d, "DELETE FROM token", "");
	database_write_end(x->a->store, 0, &f);
	ask_refused(x, grant, "authorize",
	    may("unikernel:deploy", "box", "team", "web"),
	    "unauthenticated");
	free(grant);
	free(token);
}

static void
it_expires_and_is_cleared_away(void **state)
{
	struct fixture *x = *state;
	char *grant = grant_new(x, bob), *next;
	struct fault f = { 0 };
	sqlite3_stmt *stmt;
	struct db *d;

	stmt = db_query(x->db, "SELECT expires, length(hash),"
	    " instr(hash, ?) FROM deployment_grant", "t", grant);
	assert_int_equal(db_step(stmt), 1);
	assert_true(sqlite3_column_int64(stmt, 0) <= time(NULL) + 86400);
	assert_int_equal(sqlite3_column_int(stmt, 1), 32);
	assert_int_equal(sqlite3_column_int(stmt, 2), 0);
	db_done(stmt);
	d = database_write_begin(x->a->store, &f);
	db_run(d, "UPDATE deployment_grant SET expires = 1000", "");
	database_write_end(x->a->store, 0, &f);
	ask_refused(x, grant, "authorize",
	    may("unikernel:deploy", "box", "team", "web"),
	    "credential-expired");
	next = grant_new(x, bob);
	stmt = db_query(x->db, "SELECT count(*) FROM deployment_grant", "");
	assert_int_equal(db_step(stmt), 1);
	assert_int_equal(sqlite3_column_int(stmt, 0), 1);
	db_done(stmt);
	grant[10] = grant[10] == 'a' ? 'b' : 'a';
	ask_refused(x, grant, "grant-end", NULL, "unauthenticated");
	free(next);
	free(grant);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define WITH(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
		WITH(one_unikernel_and_no_more),
		WITH(for_deployments_alone),
		WITH(no_more_than_its_maker),
		WITH(no_more_than_its_owner_now),
		WITH(what_ends_it),
		WITH(it_expires_and_is_cleared_away),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
