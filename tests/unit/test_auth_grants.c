/* SPDX-License-Identifier: ISC */
/*
 * Grants: of deployments, of volumes and standing ones, each for its own few
 * requests, and never more than the owner may now.
 */
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
grant_take(struct json_object *answer)
{
	char *grant = strdup(text_at(answer, "grant"));

	assert_int_equal(strncmp(grant, "mmg_", 4), 0);
	json_object_put(answer);
	return grant;
}

static char *
grant_new(struct fixture *x, const char *credential)
{
	return grant_take(ask_ok(x, credential, "grant-make", WEB));
}

#define UPDATES "{\"kind\":\"updates\",\"instance\":\"Box\"," \
	"\"project\":\"team\",\"name\":\"WEB\"}"
#define COPIES "{\"kind\":\"copies\",\"instance\":\"Box\"," \
	"\"project\":\"team\",\"name\":\"DATA\"}"
#define NOTICES "{\"kind\":\"notices\"}"
#define DATA "{\"instance\":\"Box\",\"project\":\"team\"," \
	"\"name\":\"DATA\"}"

static char *
volume_grant_new(struct fixture *x, const char *credential)
{
	return grant_take(ask_ok(x, credential, "volume-grant-make", DATA));
}

/* Of bob's. */
static char *
standing_new(struct fixture *x, const char *args)
{
	return grant_take(ask_ok(x, bob, "standing-grant-make", args));
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

static int64_t
grants_count(struct fixture *x)
{
	return db_number(db_query(x->db, "SELECT count(*) FROM"
	    " deployment_grant", ""), -1);
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

/* Which kinds may ask for an op; all others are for none. */
static unsigned
kinds_for(const char *op)
{
	static const struct {
		const char *op;
		unsigned grants;
	} matrix[] = {
		{ "authorize", GRANT_DEPLOYMENT | GRANT_VOLUME },
		{ "mint", GRANT_DEPLOYMENT | GRANT_VOLUME },
		{ "instance-level", GRANT_DEPLOYMENT | GRANT_VOLUME },
		{ "grant-make", GRANT_UPDATES | GRANT_COPIES },
		{ "volume-grant-make", GRANT_COPIES },
		{ "whoami", GRANT_NOTICES },
		{ "grant-end", GRANT_DEPLOYMENT | GRANT_UPDATES |
		  GRANT_NOTICES | GRANT_VOLUME | GRANT_COPIES },
	};

	for (size_t i = 0; i < sizeof(matrix) / sizeof(matrix[0]); i++)
		if (strcmp(op, matrix[i].op) == 0)
			return matrix[i].grants;
	return 0;
}

/* With no arguments: who asks is looked at first, and then what is missing. */
static void
op_is_for(struct fixture *x, const struct op *op, const char *grant,
	bool allowed)
{
	struct json_object *answer = ask(x, grant, op->name, NULL);
	bool forbidden = strcmp(text_at(answer, "error.code"),
	    "forbidden") == 0;

	if (forbidden == allowed)
		fail_msg("%s: %s", op->name,
		    json_object_to_json_string(answer));
	json_object_put(answer);
}

/* Every op there is with every kind there is. */
static void
each_kind_for_its_own(void **state)
{
	static const struct op *const tables[] = { session_ops, mint_ops,
		project_ops, instance_ops, token_ops, grant_ops };
	struct fixture *x = *state;
	/* In the order of their bits. */
	char *const grants[] = { grant_new(x, bob), standing_new(x, UPDATES),
		standing_new(x, NOTICES), volume_grant_new(x, bob),
		standing_new(x, COPIES) };
	const size_t n = sizeof(grants) / sizeof(grants[0]);
	const struct op *op;

	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
		for (op = tables[i]; op->name != NULL; op++) {
			assert_int_equal(op->grants, kinds_for(op->name));
			if (op->who == OP_NOBODY || op->who == OP_GRANT)
				continue;
			for (unsigned k = 0; k < n; k++)
				op_is_for(x, op, grants[k],
				    (op->grants & 1U << k) != 0);
		}
	}
	for (size_t k = 0; k < n; k++) {
		json_object_put(ask_ok(x, grants[k], "revision", NULL));
		json_object_put(ask_ok(x, grants[k], "grant-end", NULL));
		ask_refused(x, grants[k], "grant-end", NULL,
		    "unauthenticated");
		free(grants[k]);
	}
}

/* What is whole is refused as well. */
static void
not_for_deployments(void **state)
{
	struct fixture *x = *state;
	char *grant = grant_new(x, bob);

	ask_refused(x, grant, "grant-make", WEB, "forbidden");
	ask_refused(x, grant, "standing-grant-make", UPDATES, "forbidden");
	ask_refused(x, grant, "standing-grant-make", NOTICES, "forbidden");
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

/* The cells of an audit row: id of token or grant ("": a session), ... */
static void
row_is(struct fixture *x, const char *action, const char *token,
	const char *target, const char *detail)
{
	sqlite3_stmt *stmt = db_query(x->db, "SELECT credential, target,"
	    " detail, user_name, result, address FROM audit WHERE action = ?",
	    "t", action);

	assert_int_equal(db_step(stmt), 1);
	assert_true(strncmp(db_text(stmt, 0), "session:", 8) == 0 ||
	    token[0] != '\0');
	if (token[0] != '\0')
		assert_string_equal(db_text(stmt, 0) + 6, token);
	assert_string_equal(db_text(stmt, 1), target);
	assert_string_equal(db_text(stmt, 2), detail);
	assert_string_equal(db_text(stmt, 3), "bob");
	assert_string_equal(db_text(stmt, 4), "ok");
	assert_string_equal(db_text(stmt, 5), "192.0.2.1");
	assert_int_equal(db_step(stmt), 0);
}

static void
no_secret_in_audit(struct fixture *x)
{
	assert_int_equal(db_number(db_query(x->db, "SELECT count(*) FROM audit"
	    " WHERE instr(action || ifnull(user_id, '') ||"
	    " ifnull(credential, '') || ifnull(target, '') ||"
	    " ifnull(detail, ''), 'mmg_') > 0", ""), -1), 0);
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
	char detail[64];

	snprintf(detail, sizeof(detail), "deployment %s", id);
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
	row_is(x, "grant-make", maker, "box/team/web", detail);
	row_is(x, "mint", id, "box/team/web", "unikernel-force-create");
	row_is(x, "grant-end", id, "box/team/web", detail);
	no_secret_in_audit(x);
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

/* ---- standing ones ---- */

/* How many rows there are like that. */
static void
rows_like(struct fixture *x, const char *sql, int expected)
{
	assert_int_equal(db_number(db_query(x->db, sql, ""), -1), expected);
}

static void
updates_make_a_deployments_grant(void **state)
{
	struct fixture *x = *state;
	char *standing = standing_new(x, UPDATES), *grant, *second;

	/* The person may have signed out since. */
	json_object_put(ask_ok(x, bob, "logout", NULL));
	grant = grant_new(x, standing);
	json_object_put(ask_ok(x, grant, "mint", order("box", "team", "web",
	    CREATE)));
	json_object_put(ask_ok(x, grant, "authorize",
	    may("unikernel:restart", "box", "team", "web")));
	json_object_put(ask_ok(x, grant, "authorize",
	    may("unikernel:destroy", "box", "team", "web")));
	ask_refused(x, grant, "authorize",
	    may("unikernel:deploy", "box", "team", "api"), "forbidden");
	ask_refused(x, grant, "grant-make", WEB, "forbidden");
	rows_like(x, "SELECT count(*) FROM deployment_grant g JOIN account a"
	    " ON a.id = g.user_id WHERE a.name = 'bob' AND g.token_id IS NULL"
	    " AND g.kind = 'deployment' AND g.expires = g.created + 86400",
	    1);
	/* Each time anew; and what was begun is not ended with it. */
	second = grant_new(x, standing);
	json_object_put(ask_ok(x, standing, "grant-end", NULL));
	ask_refused(x, standing, "grant-make", WEB, "unauthenticated");
	json_object_put(ask_ok(x, grant, "grant-end", NULL));
	json_object_put(ask_ok(x, second, "mint", order("box", "team", "web",
	    CREATE)));
	free(second);
	free(grant);
	free(standing);
}

static void
updates_of_one_unikernel(void **state)
{
	struct fixture *x = *state;
	char *standing = standing_new(x, UPDATES);

	make(x, standing, "box", "team", "api", "forbidden");
	make(x, standing, "box", "team", "web2", "forbidden");
	make(x, standing, "other", "team", "web", "forbidden");
	make(x, standing, "box", "bob", "web", "forbidden");
	make(x, standing, "box", "nowhere", "web", "forbidden");
	make(x, standing, "box", "team", "", "invalid-input");
	make(x, standing, "box", "team", "w*", "invalid-input");
	ask_field(x, standing, "grant-make", "{\"instance\":\"box\","
	    "\"project\":\"team\"}", "name");
	/* Not even a look at it, without a deployment. */
	ask_refused(x, standing, "authorize",
	    may("unikernel:read", "box", "team", "web"), "forbidden");
	ask_refused(x, standing, "mint", order("box", "team", "web",
	    KIND("unikernel-info")), "forbidden");
	assert_int_equal(grants_count(x), 1);
	free(standing);
}

/* An administrator's is as narrow, and of no use without their office. */
static void
administrators_updates(void **state)
{
	struct fixture *x = *state;
	char *standing = grant_take(ask_ok(x, root, "standing-grant-make",
	    UPDATES));

	make(x, standing, "box", "team", "api", "forbidden");
	make(x, standing, "other", "team", "web", "forbidden");
	ask_refused(x, standing, "instance-given", "{\"name\":\"box\"}",
	    "forbidden");
	free(grant_new(x, standing));
	change(x, "UPDATE account SET admin = 0 WHERE name = 'root'");
	change(x, "DELETE FROM member WHERE user_id ="
	    " (SELECT id FROM account WHERE name = 'root')");
	ask_refused(x, standing, "grant-make", WEB, "not-found");
	free(standing);
}

static void
notices_tell_who_it_is_now(void **state)
{
	struct fixture *x = *state;
	char *standing = standing_new(x, NOTICES);
	struct json_object *answer, *as_session;

	fixture_member(x, root, "team", "bob", "viewer");
	change(x, "UPDATE account SET email = 'new@example.org' WHERE"
	    " name = 'bob'");
	answer = ask_ok(x, standing, "whoami", NULL);
	as_session = ask_ok(x, bob, "whoami", NULL);
	assert_string_equal(text_at(answer, "session.user.email"),
	    "new@example.org");
	assert_string_equal(text_at(answer, "session.user"),
	    text_at(as_session, "session.user"));
	assert_string_equal(text_at(answer, "session.projects"),
	    text_at(as_session, "session.projects"));
	assert_string_equal(text_at(answer, "session.projects.1.role"),
	    "viewer");
	assert_string_equal(text_at(answer, "session.via"), "grant");
	assert_string_equal(text_at(answer, "session.scopes"), "[ ]");
	json_object_put(as_session);
	json_object_put(answer);
	json_object_put(ask_ok(x, root, "member-set", "{\"project\":\"team\","
	    "\"email\":\"new@example.org\"}"));
	answer = ask_ok(x, standing, "whoami", NULL);
	assert_string_equal(text_at(answer, "session.projects.1"), "");
	json_object_put(answer);
	free(standing);
}

/* That it is for no place does not make it one for all. */
static void
notices_are_for_no_place(void **state)
{
	struct fixture *x = *state;
	char *const standing[] = { standing_new(x, NOTICES),
		grant_take(ask_ok(x, root, "standing-grant-make", NOTICES)) };

	for (size_t i = 0; i < 2; i++) {
		ask_refused(x, standing[i], "grant-make", WEB, "forbidden");
		ask_refused(x, standing[i], "authorize",
		    may("unikernel:read", "box", "team", "web"), "forbidden");
		ask_refused(x, standing[i], "mint", order("box", "team", "",
		    KIND("unikernel-info")), "forbidden");
		ask_refused(x, standing[i], "project-list", NULL,
		    "forbidden");
		ask_refused(x, standing[i], "policy-set", NULL, "forbidden");
		free(standing[i]);
	}
}

static void
standing_refused(struct fixture *x, const char *credential, const char *kind,
	const char *place, const char *code)
{
	char args[256];

	snprintf(args, sizeof(args), "{\"kind\":\"%s\"%s}", kind, place);
	ask_refused(x, credential, "standing-grant-make", args, code);
}

#define AT(instance, project, name) ",\"instance\":\"" instance "\"," \
	"\"project\":\"" project "\",\"name\":\"" name "\""

/* Whatever a token may, it is not somebody who can be away. */
static void
only_a_session_gives_one(void **state)
{
	struct fixture *x = *state;
	char *token = token_new(x, "unikernel:deploy"), *updates, *notices;

	ask_refused(x, token, "standing-grant-make", UPDATES, "forbidden");
	ask_refused(x, token, "standing-grant-make", NOTICES, "forbidden");
	ask_refused(x, NULL, "standing-grant-make", UPDATES,
	    "unauthenticated");
	updates = standing_new(x, UPDATES);
	notices = standing_new(x, NOTICES);
	ask_refused(x, updates, "standing-grant-make", UPDATES, "forbidden");
	ask_refused(x, notices, "standing-grant-make", NOTICES, "forbidden");
	assert_int_equal(grants_count(x), 2);
	free(notices);
	free(updates);
	free(token);
}

static void
who_may_not_give_one(void **state)
{
	struct fixture *x = *state;

	standing_refused(x, bob, "updates", AT("box", "root", "web"),
	    "not-found");
	standing_refused(x, bob, "updates", AT("nowhere", "team", "web"),
	    "not-found");
	standing_refused(x, bob, "updates", AT("box", "bob", "web"),
	    "no-policy");
	fixture_member(x, root, "team", "bob", "viewer");
	standing_refused(x, bob, "updates", AT("box", "team", "web"),
	    "forbidden");
	assert_int_equal(grants_count(x), 0);
	/* To be told of what one sees needs no role. */
	free(standing_new(x, NOTICES));
}

static void
arguments_of_standing_ones(void **state)
{
	static const char op[] = "standing-grant-make";
	struct fixture *x = *state;

	ask_field(x, bob, op, "{}", "kind");
	ask_field(x, bob, op, "{\"kind\":\"deployment\"}", "kind");
	ask_field(x, bob, op, "{\"kind\":\"none\"}", "kind");
	ask_field(x, bob, op, "{\"kind\":\"\"}", "kind");
	ask_field(x, bob, op, "{\"kind\":\"updates\"}", "instance");
	ask_field(x, bob, op, "{\"kind\":\"updates\",\"instance\":\"box\"}",
	    "project");
	ask_field(x, bob, op, "{\"kind\":\"updates\",\"instance\":\"box\","
	    "\"project\":\"team\",\"name\":null}", "name");
	ask_field(x, bob, op, "{\"kind\":\"updates\"" AT("box", "team", "w*")
	    "}", "name");
	ask_field(x, bob, op, "{\"kind\":\"updates\"" AT("box", "team", "")
	    "}", "name");
	ask_field(x, bob, op, "{\"kind\":\"notices\",\"instance\":\"box\"}",
	    "instance");
	ask_field(x, bob, op, "{\"kind\":\"notices\",\"name\":\"web\"}",
	    "name");
	assert_int_equal(grants_count(x), 0);
}

static void
no_updates_beyond_the_owner_now(void **state)
{
	struct fixture *x = *state;
	char *standing = standing_new(x, UPDATES);

	fixture_member(x, root, "team", "bob", "viewer");
	ask_refused(x, standing, "grant-make", WEB, "forbidden");
	json_object_put(ask_ok(x, root, "member-set", "{\"project\":\"team\","
	    "\"email\":\"bob@example.org\"}"));
	ask_refused(x, standing, "grant-make", WEB, "not-found");
	fixture_member(x, root, "team", "bob", "deployer");
	free(grant_new(x, standing));
	change(x, "DELETE FROM policy");
	ask_refused(x, standing, "grant-make", WEB, "no-policy");
	fixture_member(x, root, "team", "bob", "viewer");
	/* Who may do nothing any more may still take it back. */
	json_object_put(ask_ok(x, standing, "grant-end", NULL));
	free(standing);
}

static void
of_the_disabled_none_is_valid(void **state)
{
	struct fixture *x = *state;
	char *updates = standing_new(x, UPDATES);
	char *notices = standing_new(x, NOTICES);

	change(x, "UPDATE account SET disabled = 1 WHERE name = 'bob'");
	ask_refused(x, updates, "grant-make", WEB, "unauthenticated");
	ask_refused(x, updates, "grant-end", NULL, "unauthenticated");
	ask_refused(x, notices, "whoami", NULL, "unauthenticated");
	ask_refused(x, notices, "grant-end", NULL, "unauthenticated");
	change(x, "UPDATE account SET disabled = 0 WHERE name = 'bob'");
	json_object_put(ask_ok(x, notices, "whoami", NULL));
	change(x, "DELETE FROM account WHERE name = 'bob'");
	ask_refused(x, notices, "whoami", NULL, "unauthenticated");
	assert_int_equal(grants_count(x), 0);
	free(notices);
	free(updates);
}

/* A year; who clears away the expired leaves what stands. */
static void
standing_ones_expire(void **state)
{
	struct fixture *x = *state;
	struct json_object *made = ask_ok(x, bob, "standing-grant-make",
	    UPDATES);
	char *deployment = grant_new(x, bob), *notices, *updates;

	assert_in_range(time(NULL) + 365 * 86400 - int_at(made, "expires"),
	    0, 5);
	updates = grant_take(made);
	change(x, "UPDATE deployment_grant SET expires = 1000"
	    " WHERE kind = 'deployment'");
	notices = standing_new(x, NOTICES);
	ask_refused(x, deployment, "grant-end", NULL, "unauthenticated");
	assert_int_equal(grants_count(x), 2);
	change(x, "UPDATE deployment_grant SET expires = 1000"
	    " WHERE kind = 'updates'");
	ask_refused(x, updates, "grant-make", WEB, "credential-expired");
	ask_refused(x, updates, "grant-end", NULL, "credential-expired");
	free(grant_new(x, bob));
	ask_refused(x, updates, "grant-make", WEB, "unauthenticated");
	json_object_put(ask_ok(x, notices, "whoami", NULL));
	assert_int_equal(grants_count(x), 2);
	free(notices);
	free(updates);
	free(deployment);
}

/* That a token is deleted ends what it made and nothing that stands. */
static void
tokens_do_not_end_them(void **state)
{
	struct fixture *x = *state;
	char *standing = standing_new(x, UPDATES);
	char *token = token_new(x, "unikernel:deploy");
	char *by_token = grant_new(x, token);
	char *by_standing = grant_new(x, standing);

	change(x, "DELETE FROM token");
	ask_refused(x, by_token, "grant-end", NULL, "unauthenticated");
	json_object_put(ask_ok(x, by_standing, "grant-end", NULL));
	json_object_put(ask_ok(x, standing, "grant-end", NULL));
	free(by_standing);
	free(by_token);
	free(token);
	free(standing);
}

/* From the deployment to who gave the standing grant, and to its end. */
static void
standing_ones_are_audited(void **state)
{
	struct fixture *x = *state;
	struct json_object *standing = ask_ok(x, bob, "standing-grant-make",
	    UPDATES), *made;
	const char *id = text_at(standing, "id");
	char detail[64];

	made = ask_ok(x, text_at(standing, "grant"), "grant-make", WEB);
	json_object_put(ask_ok(x, text_at(standing, "grant"), "grant-end",
	    NULL));
	snprintf(detail, sizeof(detail), "updates %s", id);
	row_is(x, "standing-grant-make", "", "box/team/web", detail);
	row_is(x, "grant-end", id, "box/team/web", detail);
	snprintf(detail, sizeof(detail), "deployment %s",
	    text_at(made, "id"));
	row_is(x, "grant-make", id, "box/team/web", detail);
	no_secret_in_audit(x);
	json_object_put(made);
	json_object_put(standing);
}

static void
notices_are_audited(void **state)
{
	struct fixture *x = *state;
	struct json_object *standing = ask_ok(x, bob, "standing-grant-make",
	    NOTICES);
	const char *id = text_at(standing, "id");
	char detail[64];

	json_object_put(ask_ok(x, text_at(standing, "grant"), "grant-end",
	    NULL));
	snprintf(detail, sizeof(detail), "notices %s", id);
	row_is(x, "standing-grant-make", "", "", detail);
	row_is(x, "grant-end", id, "", detail);
	no_secret_in_audit(x);
	json_object_put(standing);
}

/* ---- of volumes ---- */

#define ADD "{\"kind\":\"block-add\",\"size\":1}"

static void
one_volume_and_no_more(void **state)
{
	static const char *const sent[] = { ADD, KIND("block-info"),
		KIND("block-dump"), KIND("block-remove"),
		KIND("block-set") };
	struct fixture *x = *state;
	char *grant = volume_grant_new(x, bob);

	for (size_t i = 0; i < sizeof(sent) / sizeof(sent[0]); i++) {
		json_object_put(ask_ok(x, grant, "mint", order("box", "team",
		    "data", sent[i])));
		ask_refused(x, grant, "mint", order("box", "team", "log",
		    sent[i]), "forbidden");
		ask_refused(x, grant, "mint", order("other", "team", "data",
		    sent[i]), "forbidden");
		ask_refused(x, grant, "mint", order("box", "bob", "data",
		    sent[i]), "forbidden");
	}
	/* Who uses it is among what there is in the project. */
	json_object_put(ask_ok(x, grant, "mint", order("box", "team", "",
	    KIND("unikernel-info"))));
	json_object_put(ask_ok(x, grant, "mint", order("box", "team", "",
	    KIND("block-info"))));
	ask_refused(x, grant, "mint", order("box", "bob", "",
	    KIND("block-info")), "forbidden");
	ask_refused(x, grant, "mint", order("box", "team", "data",
	    KIND("unikernel-destroy")), "forbidden");
	ask_refused(x, grant, "mint", order("box", "team", "data", CREATE),
	    "forbidden");
	ask_refused(x, grant, "authorize",
	    may("volume:write", "box", "team", "log"), "forbidden");
	json_object_put(ask_ok(x, grant, "instance-level",
	    "{\"name\":\"box\",\"level\":\"2.7\"}"));
	rows_like(x, "SELECT count(*) FROM deployment_grant WHERE kind ="
	    " 'volume' AND name = 'data' AND expires = created + 86400", 1);
	free(grant);
}

static void
no_more_than_may_be_done_with_it(void **state)
{
	struct fixture *x = *state;
	char *token = token_new(x, "volume:read"), *grant;

	grant = volume_grant_new(x, token);
	json_object_put(ask_ok(x, grant, "authorize",
	    may("volume:read", "box", "team", "data")));
	ask_refused(x, grant, "authorize",
	    may("volume:write", "box", "team", "data"), "forbidden");
	ask_refused(x, grant, "mint", order("box", "team", "data",
	    KIND("block-remove")), "forbidden");
	ask_refused(x, grant, "mint", order("box", "team", "",
	    KIND("unikernel-info")), "forbidden");
	change(x, "DELETE FROM token");
	ask_refused(x, grant, "authorize",
	    may("volume:read", "box", "team", "data"), "unauthenticated");
	free(grant);
	free(token);
	grant = volume_grant_new(x, bob);
	fixture_member(x, root, "team", "bob", "viewer");
	json_object_put(ask_ok(x, grant, "mint", order("box", "team", "data",
	    KIND("block-dump"))));
	ask_refused(x, grant, "mint", order("box", "team", "data", ADD),
	    "forbidden");
	/* Who may only read gets one to read. */
	free(grant);
	grant = volume_grant_new(x, bob);
	ask_refused(x, grant, "authorize",
	    may("volume:write", "box", "team", "data"), "forbidden");
	free(grant);
}

static void
volume_make_refused(struct fixture *x, const char *credential,
	const char *instance, const char *name, const char *code)
{
	char args[256];

	snprintf(args, sizeof(args), "{\"instance\":\"%s\",\"project\":"
	    "\"team\",\"name\":\"%s\"}", instance, name);
	ask_refused(x, credential, "volume-grant-make", args, code);
}

static void
who_may_not_make_one_of_a_volume(void **state)
{
	struct fixture *x = *state;
	char *token = token_new(x, "volume:write");

	volume_make_refused(x, token, "box", "data", "forbidden");
	free(token);
	token = token_new_with(x, "volume:read", ",\"unikernels\":[\"d*\"]");
	volume_make_refused(x, token, "box", "log", "forbidden");
	free(volume_grant_new(x, token));
	free(token);
	volume_make_refused(x, NULL, "box", "data", "unauthenticated");
	volume_make_refused(x, bob, "nowhere", "data", "not-found");
	volume_make_refused(x, bob, "box", "d*", "invalid-input");
	ask_field(x, bob, "volume-grant-make", "{\"instance\":\"box\","
	    "\"project\":\"team\"}", "name");
	json_object_put(ask_ok(x, root, "member-set", "{\"project\":\"team\","
	    "\"email\":\"bob@example.org\"}"));
	volume_make_refused(x, bob, "box", "data", "not-found");
}

static void
copies_read_one_volume(void **state)
{
	struct fixture *x = *state;
	char *standing = standing_new(x, COPIES), *grant;

	json_object_put(ask_ok(x, bob, "logout", NULL));
	grant = volume_grant_new(x, standing);
	json_object_put(ask_ok(x, grant, "mint", order("box", "team", "data",
	    KIND("block-dump"))));
	json_object_put(ask_ok(x, grant, "mint", order("box", "team", "",
	    KIND("unikernel-info"))));
	ask_refused(x, grant, "mint", order("box", "team", "data", ADD),
	    "forbidden");
	volume_make_refused(x, standing, "box", "log", "forbidden");
	volume_make_refused(x, standing, "other", "data", "forbidden");
	ask_refused(x, standing, "authorize",
	    may("volume:read", "box", "team", "data"), "forbidden");
	ask_refused(x, standing, "mint", order("box", "team", "data",
	    KIND("block-dump")), "forbidden");
	json_object_put(ask_ok(x, standing, "grant-end", NULL));
	json_object_put(ask_ok(x, grant, "grant-end", NULL));
	free(grant);
	free(standing);
}

/* Whatever uses it in its project, and there, is stopped and started. */
static void
copies_stop_who_uses_it(void **state)
{
	struct fixture *x = *state;
	char *standing = standing_new(x, COPIES), *grant;

	grant = grant_new(x, standing);
	json_object_put(ask_ok(x, grant, "mint", order("box", "team", "web",
	    CREATE)));
	json_object_put(ask_ok(x, grant, "mint", order("box", "team", "web",
	    KIND("unikernel-destroy"))));
	ask_refused(x, grant, "mint", order("box", "team", "api", CREATE),
	    "forbidden");
	make(x, standing, "other", "team", "web", "forbidden");
	make(x, standing, "box", "bob", "web", "forbidden");
	make(x, standing, "box", "team", "w*", "invalid-input");
	fixture_member(x, root, "team", "bob", "viewer");
	make(x, standing, "box", "team", "web", "forbidden");
	free(volume_grant_new(x, standing));
	free(grant);
	free(standing);
}

/* Who may look at the volume may have it copied. */
static void
who_may_have_copies_made(void **state)
{
	struct fixture *x = *state;
	char *token = token_new(x, "volume:read");

	ask_refused(x, token, "standing-grant-make", COPIES, "forbidden");
	fixture_member(x, root, "team", "bob", "viewer");
	free(standing_new(x, COPIES));
	standing_refused(x, bob, "copies", AT("box", "root", "data"),
	    "not-found");
	standing_refused(x, bob, "copies", AT("box", "bob", "data"),
	    "no-policy");
	ask_field(x, bob, "standing-grant-make", "{\"kind\":\"copies\","
	    "\"instance\":\"box\",\"project\":\"team\"}", "name");
	assert_int_equal(grants_count(x), 1);
	free(token);
}

static void
volumes_are_audited(void **state)
{
	struct fixture *x = *state;
	struct json_object *standing = ask_ok(x, bob, "standing-grant-make",
	    COPIES), *made;
	const char *id = text_at(standing, "id");
	char detail[64];

	made = ask_ok(x, text_at(standing, "grant"), "volume-grant-make",
	    DATA);
	snprintf(detail, sizeof(detail), "copies %s", id);
	row_is(x, "standing-grant-make", "", "box/team/data", detail);
	snprintf(detail, sizeof(detail), "volume %s", text_at(made, "id"));
	row_is(x, "volume-grant-make", id, "box/team/data", detail);
	json_object_put(ask_ok(x, text_at(made, "grant"), "grant-end", NULL));
	row_is(x, "grant-end", text_at(made, "id"), "box/team/data", detail);
	no_secret_in_audit(x);
	json_object_put(made);
	json_object_put(standing);
}

/* ---- what was there before there were kinds ---- */

#define GRANT_ROW "INSERT INTO deployment_grant (id, hash, user_id, instance," \
	" project, name, scopes, created, expires"

static void
grants_of_version_3_are_deployments(void **state)
{
	struct fault f = { 0 };
	sqlite3_stmt *stmt;
	sqlite3 *handle;

	assert_int_equal(sqlite3_open(":memory:", &handle), SQLITE_OK);
	sqlite3_exec(handle, "PRAGMA foreign_keys = ON", NULL, NULL, NULL);
	assert_int_equal(migrations_apply(handle, &schema, 3, &f), 0);
	assert_int_equal(sqlite3_exec(handle, "INSERT INTO account (id, email,"
	    " name, password, admin, created) VALUES ('u', 'e', 'n', 'p', 0,"
	    " 1);" GRANT_ROW ") VALUES ('g', x'00', 'u', 'i', 'p', 'w', 's',"
	    " 1, 2)", NULL, NULL, NULL), SQLITE_OK);
	assert_int_equal(migrations_apply(handle, &schema, schema.count, &f),
	    0);
	assert_int_equal(sqlite3_prepare_v2(handle, "SELECT kind, hash, scopes"
	    " FROM deployment_grant WHERE id = 'g'", -1, &stmt, NULL),
	    SQLITE_OK);
	assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
	assert_string_equal((const char *)sqlite3_column_text(stmt, 0),
	    "deployment");
	assert_int_equal(sqlite3_column_bytes(stmt, 1), 1);
	assert_string_equal((const char *)sqlite3_column_text(stmt, 2), "s");
	sqlite3_finalize(stmt);
	/* No kind that nobody knows. */
	assert_int_equal(sqlite3_exec(handle, GRANT_ROW ", kind) VALUES ('h',"
	    " x'01', 'u', 'i', 'p', 'w', 's', 1, 2, 'all')", NULL, NULL,
	    NULL), SQLITE_CONSTRAINT);
	sqlite3_close(handle);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define WITH(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
		WITH(one_unikernel_and_no_more),
		WITH(what_it_may_send),
		WITH(administrators_grants_are_narrow),
		WITH(each_kind_for_its_own),
		WITH(not_for_deployments),
		WITH(only_grants_are_ended),
		WITH(no_more_than_its_maker),
		WITH(who_may_not_make_one),
		WITH(no_more_than_its_owner_now),
		WITH(what_ends_it),
		WITH(audited_without_its_secret),
		WITH(only_the_very_secret_counts),
		WITH(it_expires_and_is_cleared_away),
		WITH(updates_make_a_deployments_grant),
		WITH(updates_of_one_unikernel),
		WITH(administrators_updates),
		WITH(notices_tell_who_it_is_now),
		WITH(notices_are_for_no_place),
		WITH(only_a_session_gives_one),
		WITH(who_may_not_give_one),
		WITH(arguments_of_standing_ones),
		WITH(no_updates_beyond_the_owner_now),
		WITH(of_the_disabled_none_is_valid),
		WITH(standing_ones_expire),
		WITH(tokens_do_not_end_them),
		WITH(standing_ones_are_audited),
		WITH(notices_are_audited),
		WITH(one_volume_and_no_more),
		WITH(no_more_than_may_be_done_with_it),
		WITH(who_may_not_make_one_of_a_volume),
		WITH(copies_read_one_volume),
		WITH(copies_stop_who_uses_it),
		WITH(who_may_have_copies_made),
		WITH(volumes_are_audited),
		cmocka_unit_test(grants_of_version_3_are_deployments),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
