/* SPDX-License-Identifier: ISC */
/* Grants: one unikernel, a day, and never more than the owner may now. */
#include "auth_fixture.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "auth/client.h"
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

/* A token of bob's with that scope and these further arguments. */
static char *
token_new_with(struct fixture *x, const char *scope, const char *more)
{
	char args[256];

	snprintf(args, sizeof(args), "\"scopes\":[\"%s\"]%s", scope, more);
	return fixture_token(x, bob, args);
}

static char *
token_new(struct fixture *x, const char *scope)
{
	return token_new_with(x, scope, "");
}

static void
change(struct fixture *x, const char *sql)
{
	struct fault f = { 0 };
	struct db *d = database_write_begin(x->a->store, &f);

	assert_non_null(d);
	assert_int_equal(database_write_end(x->a->store, db_run(d, sql, ""),
	    &f), 0);
}

/* Arguments of mint; command is its JSON. */
static const char *
order(const char *instance, const char *project, const char *label,
	const char *command)
{
	static char args[1024];

	snprintf(args, sizeof(args), "{\"instance\":\"%s\",\"project\":\"%s\","
	    "\"label\":\"%s\",\"command\":%s}", instance, project, label,
	    command);
	return args;
}

#define KIND(kind) "{\"kind\":\"" kind "\"}"
#define CREATE "{\"kind\":\"unikernel-force-create\",\"config\":" \
	"{\"memory\":64,\"cpus\":[1]}}"

static int
grants_count(struct fixture *x)
{
	sqlite3_stmt *stmt = db_query(x->db, "SELECT count(*) FROM"
	    " deployment_grant", "");
	int n;

	assert_int_equal(db_step(stmt), 1);
	n = sqlite3_column_int(stmt, 0);
	db_done(stmt);
	return n;
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

/* All that a deployment sends, and what it has no business with. */
static void
what_it_may_send(void **state)
{
	static const char *const sent[] = { CREATE, KIND("unikernel-info"),
		KIND("unikernel-get"), KIND("unikernel-restart"),
		KIND("unikernel-destroy"), KIND("stats-subscribe"),
		"{\"kind\":\"console-subscribe\",\"count\":20}" };
	static const char *const all[] = { KIND("unikernel-info"),
		KIND("block-info"), KIND("console-inactive") };
	static const char *const never[] = { KIND("block-dump"),
		KIND("block-remove"), KIND("policy-info"),
		"{\"kind\":\"block-add\",\"size\":1}" };
	struct fixture *x = *state;
	char *grant = grant_new(x, bob);

	for (size_t i = 0; i < sizeof(sent) / sizeof(sent[0]); i++) {
		json_object_put(ask_ok(x, grant, "mint", order("box", "team",
		    "web", sent[i])));
		ask_refused(x, grant, "mint", order("box", "team", "api",
		    sent[i]), "forbidden");
		ask_refused(x, grant, "mint", order("other", "team", "web",
		    sent[i]), "forbidden");
		ask_refused(x, grant, "mint", order("box", "bob", "web",
		    sent[i]), "forbidden");
	}
	/* What there is in the project, but not in another, nor in all. */
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		json_object_put(ask_ok(x, grant, "mint", order("box", "team",
		    "", all[i])));
		ask_refused(x, grant, "mint", order("box", "bob", "",
		    all[i]), "forbidden");
		ask_refused(x, grant, "mint", order("other", "team", "",
		    all[i]), "forbidden");
	}
	ask_refused(x, grant, "mint", "{\"instance\":\"box\",\"label\":\"\","
	    "\"command\":" KIND("unikernel-info") "}", "forbidden");
	for (size_t i = 0; i < sizeof(never) / sizeof(never[0]); i++)
		ask_refused(x, grant, "mint", order("box", "team", "web",
		    never[i]), "forbidden");
	/* Nothing that changes things goes to a project as a whole. */
	ask_field(x, grant, "mint", order("box", "team", "",
	    KIND("unikernel-destroy")), "name");
	ask_field(x, grant, "mint", order("box", "team", "", CREATE), "name");
	free(grant);
}

/* An administrator's is for the one unikernel too. */
static void
administrators_grants_are_narrow(void **state)
{
	struct fixture *x = *state;
	char *grant = grant_new(x, root);

	json_object_put(ask_ok(x, grant, "mint", order("box", "team", "web",
	    CREATE)));
	ask_refused(x, grant, "mint", "{\"instance\":\"box\",\"label\":\"\","
	    "\"command\":" KIND("unikernel-info") "}", "forbidden");
	ask_refused(x, grant, "authorize", "{\"scope\":\"instance:admin\"}",
	    "forbidden");
	ask_refused(x, grant, "instance-given", "{\"name\":\"box\"}",
	    "forbidden");
	change(x, "UPDATE account SET admin = 0 WHERE name = 'root'");
	change(x, "DELETE FROM member WHERE user_id ="
	    " (SELECT id FROM account WHERE name = 'root')");
	ask_refused(x, grant, "mint", order("box", "team", "web", CREATE),
	    "not-found");
	free(grant);
}

static bool
is_for_grants(const char *op)
{
	static const char *const names[] = { "authorize", "mint",
		"instance-level", "grant-end" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(op, names[i]) == 0)
			return true;
	return false;
}

/* Every op there is, with no arguments: who asks is looked at first. */
static void
for_deployments_alone(void **state)
{
	static const struct op *const tables[] = { session_ops, mint_ops,
		project_ops, instance_ops, token_ops, grant_ops };
	struct fixture *x = *state;
	char *grant = grant_new(x, bob);
	const struct op *op;

	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
		for (op = tables[i]; op->name != NULL; op++) {
			assert_int_equal(op->who == OP_GRANT,
			    is_for_grants(op->name));
			if (op->who != OP_GRANT && op->who != OP_NOBODY)
				ask_refused(x, grant, op->name, NULL,
				    "forbidden");
		}
	}
	ask_refused(x, grant, "grant-make", WEB, "forbidden");
	json_object_put(ask_ok(x, grant, "revision", NULL));
	json_object_put(ask_ok(x, grant, "instance-level",
	    "{\"name\":\"box\",\"level\":\"2.7\"}"));
	ask_refused(x, grant, "instance-level",
	    "{\"name\":\"other\",\"level\":\"2.7\"}", "forbidden");
	free(grant);
}

static void
only_grants_are_ended(void **state)
{
	struct fixture *x = *state;
	char *one = grant_new(x, bob), *two = grant_new(x, bob);
	char *token = token_new(x, "unikernel:deploy");

	ask_refused(x, bob, "grant-end", NULL, "forbidden");
	ask_refused(x, token, "grant-end", NULL, "forbidden");
	ask_refused(x, NULL, "grant-end", NULL, "unauthenticated");
	json_object_put(ask_ok(x, one, "grant-end", NULL));
	ask_refused(x, one, "authorize",
	    may("unikernel:read", "box", "team", "web"), "unauthenticated");
	json_object_put(ask_ok(x, two, "authorize",
	    may("unikernel:read", "box", "team", "web")));
	/* Who may do nothing any more may still give it back. */
	fixture_member(x, root, "team", "bob", "viewer");
	json_object_put(ask_ok(x, two, "grant-end", NULL));
	free(token);
	free(two);
	free(one);
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
	/* Another configuration is a deploy, as is seeing the volumes. */
	json_object_put(ask_ok(x, grant, "mint", order("box", "team", "web",
	    KIND("unikernel-restart"))));
	ask_refused(x, grant, "mint", order("box", "team", "web",
	    "{\"kind\":\"unikernel-restart\",\"config\":{\"memory\":64,"
	    "\"cpus\":[1]}}"), "forbidden");
	ask_refused(x, grant, "mint", order("box", "team", "",
	    KIND("block-info")), "forbidden");
	free(grant);
	free(token);
	token = token_new(x, "unikernel:deploy");
	grant = grant_new(x, token);
	json_object_put(ask_ok(x, grant, "authorize",
	    may("unikernel:read", "box", "team", "web")));
	json_object_put(ask_ok(x, grant, "authorize",
	    may("unikernel:destroy", "box", "team", "web")));
	ask_refused(x, grant, "authorize",
	    may("unikernel:restart", "box", "team", "web"), "forbidden");
	free(grant);
	free(token);
}

static void
make(struct fixture *x, const char *credential, const char *instance,
	const char *project, const char *name, const char *code)
{
	char args[256];

	snprintf(args, sizeof(args), "{\"instance\":\"%s\",\"project\":\"%s\","
	    "\"name\":\"%s\"}", instance, project, name);
	ask_refused(x, credential, "grant-make", args, code);
}

static void
who_may_not_make_one(void **state)
{
	struct fixture *x = *state;
	char *token = token_new(x, "unikernel:read");

	ask_refused(x, token, "grant-make", WEB, "forbidden");
	free(token);
	token = token_new(x, "volume:write");
	ask_refused(x, token, "grant-make", WEB, "forbidden");
	free(token);
	token = token_new_with(x, "unikernel:deploy",
	    ",\"instances\":[\"box\"],\"unikernels\":[\"w*\"]");
	make(x, token, "box", "team", "api", "forbidden");
	make(x, token, "other", "team", "web", "forbidden");
	free(grant_new(x, token));
	free(token);
	make(x, NULL, "box", "team", "web", "unauthenticated");
	make(x, bob, "box", "root", "web", "not-found");
	make(x, bob, "box", "nowhere", "web", "not-found");
	make(x, bob, "nowhere", "team", "web", "not-found");
	make(x, bob, "box", "bob", "web", "no-policy");
	make(x, bob, "box", "team", "", "invalid-input");
	make(x, bob, "box", "team", "w*", "invalid-input");
	make(x, bob, "box", "team", "a b", "invalid-input");
	ask_field(x, bob, "grant-make", "{\"instance\":\"box\","
	    "\"project\":\"team\"}", "name");
	ask_field(x, bob, "grant-make", "{\"instance\":\"box\","
	    "\"name\":\"web\"}", "project");
	fixture_member(x, root, "team", "bob", "viewer");
	make(x, bob, "box", "team", "web", "forbidden");
}

static void
no_more_than_its_owner_now(void **state)
{
	struct fixture *x = *state;
	char *grant = grant_new(x, bob);

	fixture_member(x, root, "team", "bob", "viewer");
	ask_refused(x, grant, "authorize",
	    may("unikernel:deploy", "box", "team", "web"), "forbidden");
	ask_refused(x, grant, "mint", order("box", "team", "web", CREATE),
	    "forbidden");
	json_object_put(ask_ok(x, root, "member-set", "{\"project\":\"team\","
	    "\"email\":\"bob@example.org\"}"));
	ask_refused(x, grant, "mint", order("box", "team", "web", CREATE),
	    "not-found");
	fixture_member(x, root, "team", "bob", "deployer");
	json_object_put(ask_ok(x, grant, "authorize",
	    may("unikernel:deploy", "box", "team", "web")));
	change(x, "DELETE FROM policy");
	ask_refused(x, grant, "mint", order("box", "team", "web", CREATE),
	    "no-policy");
	change(x, "UPDATE account SET disabled = 1 WHERE name = 'bob'");
	ask_refused(x, grant, "authorize",
	    may("unikernel:deploy", "box", "team", "web"),
	    "unauthenticated");
	ask_refused(x, grant, "grant-end", NULL, "unauthenticated");
	change(x, "DELETE FROM account WHERE name = 'bob'");
	assert_int_equal(grants_count(x), 0);
	free(grant);
}

/* It outlives the session, but not the token that it was made with. */
static void
what_ends_it(void **state)
{
	struct fixture *x = *state;
	char *grant = grant_new(x, bob), *token, args[128];
	struct json_object *list;

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
	/* That the token has expired does not end what was begun. */
	change(x, "UPDATE token SET expires = 1000");
	ask_refused(x, token, "grant-make", WEB, "credential-expired");
	json_object_put(ask_ok(x, grant, "authorize",
	    may("unikernel:deploy", "box", "team", "web")));
	list = ask_ok(x, bob, "token-list", NULL);
	snprintf(args, sizeof(args), "{\"id\":\"%s\"}",
	    text_at(list, "items.0.id"));
	json_object_put(list);
	json_object_put(ask_ok(x, bob, "token-delete", args));
	ask_refused(x, grant, "authorize",
	    may("unikernel:deploy", "box", "team", "web"),
	    "unauthenticated");
	assert_int_equal(grants_count(x), 0);
	free(grant);
	free(token);
}

/* The cells of an audit row: token, target, detail. */
static void
row_is(struct fixture *x, const char *action, const char *token,
	const char *target, const char *detail)
{
	sqlite3_stmt *stmt = db_query(x->db, "SELECT token_id, target, detail,"
	    " user_name, result, address FROM audit WHERE action = ?", "t",
	    action);

	assert_int_equal(db_step(stmt), 1);
	assert_string_equal(db_text(stmt, 0), token);
	assert_string_equal(db_text(stmt, 1), target);
	assert_string_equal(db_text(stmt, 2), detail);
	assert_string_equal(db_text(stmt, 3), "bob");
	assert_string_equal(db_text(stmt, 4), "ok");
	assert_string_equal(db_text(stmt, 5), "192.0.2.1");
	assert_int_equal(db_step(stmt), 0);
}

/* Who follows the grant finds the token that made it and what it did. */
static void
audited_without_its_secret(void **state)
{
	struct fixture *x = *state;
	char *token = token_new(x, "unikernel:deploy"), maker[37];
	struct json_object *list = ask_ok(x, bob, "token-list", NULL);
	struct json_object *made = ask_ok(x, token, "grant-make", WEB);
	const char *grant = text_at(made, "grant"), *id = text_at(made, "id");
	struct json_object *answer;
	sqlite3_stmt *stmt;

	snprintf(maker, sizeof(maker), "%s", text_at(list, "items.0.id"));
	json_object_put(list);
	assert_int_equal(strlen(id), 36);
	answer = ask_ok(x, grant, "authorize",
	    may("unikernel:deploy", "box", "team", "web"));
	assert_string_equal(text_at(answer, "token"), id);
	assert_string_equal(text_at(answer, "user_name"), "bob");
	assert_string_equal(text_at(answer, "names.0"), "web");
	json_object_put(answer);
	json_object_put(ask_ok(x, grant, "mint", order("box", "team", "web",
	    CREATE)));
	json_object_put(ask_ok(x, grant, "grant-end", NULL));
	row_is(x, "grant-make", maker, "box/team/web", id);
	row_is(x, "mint", id, "box/team/web", "unikernel-force-create");
	row_is(x, "grant-end", id, "box/team/web", id);
	stmt = db_query(x->db, "SELECT count(*) FROM audit WHERE"
	    " instr(action || ifnull(user_id, '') || ifnull(token_id, '') ||"
	    " ifnull(target, '') || ifnull(detail, ''), 'mmg_') > 0", "");
	assert_int_equal(db_step(stmt), 1);
	assert_int_equal(sqlite3_column_int(stmt, 0), 0);
	db_done(stmt);
	json_object_put(made);
	free(token);
}

/* Neither is taken for the other, and nothing else for a grant. */
static void
only_the_very_secret_counts(void **state)
{
	struct fixture *x = *state;
	const char *args = may("unikernel:read", "box", "team", "web");
	char *grant = grant_new(x, bob), *token, wrong[AUTH_GRANT_SIZE + 1];
	struct json_object *message = json_object_new_object(), *answer;

	assert_int_equal(strlen(grant), TOKEN_LENGTH);
	for (size_t i = 0; i < TOKEN_LENGTH; i++) {
		snprintf(wrong, sizeof(wrong), "%s", grant);
		wrong[i] = wrong[i] == 'x' ? 'y' : 'x';
		/* Without "mm" the fixture would send it as a cookie. */
		if (i > 1)
			ask_refused(x, wrong, "authorize", args,
			    "unauthenticated");
		snprintf(wrong, sizeof(wrong), "%.*s", (int)i, grant);
		if (i > 1)
			ask_refused(x, wrong, "authorize", args,
			    "unauthenticated");
	}
	snprintf(wrong, sizeof(wrong), "%sx", grant);
	ask_refused(x, wrong, "authorize", args, "unauthenticated");
	snprintf(wrong, sizeof(wrong), "mmk_%s", grant + 4);
	ask_refused(x, wrong, "authorize", args, "unauthenticated");
	token = token_new(x, "unikernel:deploy");
	snprintf(wrong, sizeof(wrong), AUTH_GRANT_PREFIX "%s", token + 4);
	ask_refused(x, wrong, "authorize", args, "unauthenticated");
	token_make(AUTH_GRANT_PREFIX, wrong);
	ask_refused(x, wrong, "authorize", args, "unauthenticated");
	/* A grant is no session. */
	json_add_str(message, "op", "whoami");
	json_add_str(message, "cookie", grant);
	answer = ops_answer(x->a, x->db, message);
	assert_string_equal(text_at(answer, "error.code"), "unauthenticated");
	json_object_put(answer);
	json_object_put(message);
	free(token);
	free(grant);
}

static void
it_expires_and_is_cleared_away(void **state)
{
	struct fixture *x = *state;
	char *grant = grant_new(x, bob), *next;
	sqlite3_stmt *stmt;

	stmt = db_query(x->db, "SELECT expires, length(hash),"
	    " instr(hash, ?) FROM deployment_grant", "t", grant);
	assert_int_equal(db_step(stmt), 1);
	assert_in_range(time(NULL) + 86400 - sqlite3_column_int64(stmt, 0), 0,
	    5);
	assert_int_equal(sqlite3_column_int(stmt, 1), 32);
	assert_int_equal(sqlite3_column_int(stmt, 2), 0);
	db_done(stmt);
	change(x, "UPDATE deployment_grant SET expires = 1000");
	ask_refused(x, grant, "authorize",
	    may("unikernel:deploy", "box", "team", "web"),
	    "credential-expired");
	next = grant_new(x, bob);
	assert_int_equal(grants_count(x), 1);
	ask_refused(x, grant, "grant-end", NULL, "unauthenticated");
	json_object_put(ask_ok(x, next, "grant-end", NULL));
	free(next);
	free(grant);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define WITH(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
		WITH(one_unikernel_and_no_more),
		WITH(what_it_may_send),
		WITH(administrators_grants_are_narrow),
		WITH(for_deployments_alone),
		WITH(only_grants_are_ended),
		WITH(no_more_than_its_maker),
		WITH(who_may_not_make_one),
		WITH(no_more_than_its_owner_now),
		WITH(what_ends_it),
		WITH(audited_without_its_secret),
		WITH(only_the_very_secret_counts),
		WITH(it_expires_and_is_cleared_away),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
