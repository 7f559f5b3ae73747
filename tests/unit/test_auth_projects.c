/* SPDX-License-Identifier: ISC */
/* Projects: made, archived, handed over and deleted; who is in them. */
#include "auth_fixture.h"

#include <stdio.h>
#include <string.h>

#include "auth/names.h"
#include "auth/projects.h"

#define POLICY "{\"unikernels\":2,\"memory\":256,\"cpus\":[0]," \
	"\"bridges\":[],\"block\":64}"
#define TEAM "{\"project\":\"team\"}"
#define LEAVES(name) "{\"project\":\"team\",\"name\":\"" name "\"}"

static char *root, *viewer, *deployer, *owner;

/* A team with one of each role, whose creator has left, and an outsider. */
static int
setup(void **state)
{
	static const char *const roles[] = { "viewer", "deployer", "owner" };
	struct fixture *x;

	fixture_setup(state);
	x = *state;
	fixture_user(x, "root", true);
	fixture_user(x, "outsider", false);
	root = fixture_cookie(x, "root");
	fixture_instance(x, root, "box");
	json_object_put(ask_ok(x, root, "project-add",
	    "{\"name\":\"team\",\"title\":\"The team\"}"));
	fixture_policy(x, root, "box", "team", POLICY);
	for (size_t i = 0; i < 3; i++) {
		fixture_user(x, roles[i], false);
		fixture_member(x, root, "team", roles[i], roles[i]);
	}
	json_object_put(ask_ok(x, root, "member-set", LEAVES("root")));
	viewer = fixture_cookie(x, "viewer");
	deployer = fixture_cookie(x, "deployer");
	owner = fixture_cookie(x, "owner");
	return 0;
}

static int
teardown(void **state)
{
	free(root);
	free(viewer);
	free(deployer);
	free(owner);
	return fixture_teardown(state);
}

static void
ok(struct fixture *x, const char *who, const char *op, const char *args)
{
	json_object_put(ask_ok(x, who, op, args));
}

static void
text_is(struct fixture *x, const char *who, const char *op, const char *args,
	const char *path, const char *expected)
{
	struct json_object *o = ask_ok(x, who, op, args);

	assert_string_equal(text_at(o, path), expected);
	json_object_put(o);
}

/* ---- the matrix, asked for ---- */

/* Each action, in a form that can be asked again and again. */
static const struct {
	enum action action;
	const char *op, *args;
} asked[] = {
	{ ACTION_RENAME, "project-set",
	  "{\"project\":\"team\",\"title\":\"T\"}" },
	{ ACTION_ARCHIVE, "project-set",
	  "{\"project\":\"team\",\"archived\":true}" },
	{ ACTION_RESTORE, "project-set",
	  "{\"project\":\"team\",\"archived\":false}" },
	{ ACTION_MEMBERS, "member-set", "{\"project\":\"team\","
	  "\"name\":\"outsider\",\"role\":\"viewer\"}" },
	{ ACTION_TRANSFER, "project-transfer",
	  "{\"project\":\"team\",\"to\":\"outsider\",\"stay\":true}" },
	{ ACTION_POLICY, "policy-set", "{\"project\":\"team\","
	  "\"instance\":\"box\",\"policy\":" POLICY "}" },
	{ ACTION_LEAVE, "member-set", LEAVES("viewer") },
	{ ACTION_DELETE, "project-delete", TEAM },
};

#define ASKED (sizeof(asked) / sizeof(asked[0]))

static void
roles_do_what_the_table_says(void **state)
{
	struct fixture *x = *state;

	assert_int_equal(ASKED, ACTIONS);
	for (size_t i = 0; i < ASKED; i++)
		for (int role = ROLE_VIEWER; role < ROLE_OWNER; role++)
			if (!action_allow(asked[i].action, role))
				ask_refused(x, role == ROLE_VIEWER ? viewer :
				    deployer, asked[i].op, asked[i].args,
				    "forbidden");
	/* An owner, up to what takes it away from them. */
	for (size_t i = 0; i < 3; i++)
		ok(x, owner, asked[i].op, asked[i].args);
	ok(x, owner, asked[3].op, asked[3].args);
	ask_refused(x, owner, asked[5].op, asked[5].args, "forbidden");
	ok(x, owner, asked[4].op, asked[4].args);
	ask_refused(x, owner, asked[3].op, asked[3].args, "forbidden");
	ok(x, root, asked[5].op, asked[5].args);
	ok(x, viewer, asked[6].op, asked[6].args);
	ask_refused(x, viewer, asked[6].op, asked[6].args, "not-found");
	ok(x, root, asked[7].op, asked[7].args);
}

/* Nobody learns of a project they are not in; a token of no other one. */
static void
foreign_projects_are_not_there(void **state)
{
	struct fixture *x = *state;
	char *outsider = fixture_cookie(x, "outsider");
	char *token = fixture_token(x, outsider, "\"scopes\":[\"project:read\","
		"\"project:admin\"],\"project\":\"outsider\"");
	char *reading = fixture_token(x, owner, "\"scopes\":["
		"\"project:read\"]");

	for (size_t i = 0; i < ASKED; i++) {
		if (asked[i].action != ACTION_POLICY) {
			ask_refused(x, outsider, asked[i].op, asked[i].args,
			    "not-found");
			ask_refused(x, reading, asked[i].op, asked[i].args,
			    "forbidden");
		}
		ask_refused(x, token, asked[i].op, asked[i].args,
		    "forbidden");
	}
	ask_refused(x, outsider, "project-get", TEAM, "not-found");
	ask_refused(x, outsider, "member-list", TEAM, "not-found");
	ask_refused(x, token, "project-get", TEAM, "forbidden");
	text_is(x, token, "project-list", "{}", "items.0.name", "outsider");
	text_is(x, reading, "project-get", TEAM, "project.role", "owner");
	free(outsider);
	free(token);
	free(reading);
}

/* ---- names ---- */

static void
names_are_given_once(void **state)
{
	struct fixture *x = *state;
	struct fault f = { 0 };

	ask_field(x, viewer, "project-add", "{\"name\":\"TEAM\"}", "name");
	ask_field(x, viewer, "project-add", "{\"name\":\"owner\"}", "name");
	ask_field(x, viewer, "project-add", "{\"name\":\"-x\"}", "name");
	ask_field(x, viewer, "project-add", "{\"name\":\"shop\","
	    "\"title\":\"a\\nb\"}", "title");
	ask_refused(x, viewer, "project-add", "{\"name\":\"shop\","
	    "\"adopt\":true}", "forbidden");
	text_is(x, viewer, "project-add", "{\"name\":\"Shop\"}",
	    "project.name", "shop");
	assert_int_equal(name_free(x->db, "shop", &f), ERR_CONFLICT);
	f = (struct fault){ 0 };
	assert_int_equal(name_free(x->db, "free", &f), 0);
}

static void
deleted_names_are_retired(void **state)
{
	struct fixture *x = *state;

	ok(x, owner, "project-delete", TEAM);
	ask_refused(x, owner, "project-get", TEAM, "not-found");
	assert_true(name_retired(x->db, "team"));
	ask_field(x, owner, "project-add", "{\"name\":\"team\"}", "name");
	ask_field(x, root, "project-add", "{\"name\":\"team\"}", "name");
	ok(x, root, "project-add", "{\"name\":\"team\",\"adopt\":true}");
	assert_false(name_retired(x->db, "team"));
	/* Nothing of it is left: it is free at once. */
	ok(x, root, "project-delete",
	    "{\"project\":\"team\",\"empty\":true}");
	ok(x, owner, "project-add", "{\"name\":\"team\"}");
}

static void
tokens_go_with_their_project(void **state)
{
	struct fixture *x = *state;
	char *token = fixture_token(x, owner, "\"scopes\":[\"project:read\"],"
		"\"project\":\"team\"");

	ok(x, token, "project-get", TEAM);
	ok(x, owner, "project-delete",
	    "{\"project\":\"team\",\"empty\":true}");
	ask_refused(x, token, "project-list", "{}", "unauthenticated");
	free(token);
}

/* ---- archived ---- */

static void
archived_ones_rest(void **state)
{
	struct fixture *x = *state;

	text_is(x, owner, "whoami", "{}", "session.projects.1.name", "team");
	ok(x, owner, "project-set", asked[1].args);
	for (int scope = 0; scope <= SCOPE_PROJECT_READ; scope++) {
		const char *args = may(scope_name(scope), "box", "team",
			"web");
		char also[512];

		if (scope_rests(scope))
			ask_refused(x, deployer, "authorize", args,
			    "project-archived");
		else
			ok(x, deployer, "authorize", args);
		snprintf(also, sizeof(also), "{\"archived\":true,%s",
		    args + 1);
		ok(x, deployer, "authorize", also);
		/* And never more than the role allows. */
		if (!rights_allow(scope, ROLE_VIEWER))
			ask_refused(x, viewer, "authorize", also,
			    "forbidden");
	}
	for (size_t i = 3; i < 6; i++)
		ask_refused(x, root, asked[i].op, asked[i].args,
		    "project-archived");
	ok(x, owner, "project-set", asked[0].args);
	ok(x, viewer, "member-set", LEAVES("viewer"));
	ok(x, owner, "project-set", asked[2].args);
	ok(x, deployer, "authorize", may("unikernel:deploy", "box", "team",
	    "web"));
}

#define MINT(kind, more) "{\"instance\":\"box\",\"project\":\"team\"," \
	"\"label\":\"web\",\"command\":{\"kind\":\"" kind "\"" more "}}"

static void
archived_ones_get_no_commands(void **state)
{
	static const char place[] = "{\"instance\":\"box\","
		"\"project\":\"team\",\"name\":\"web\"}";
	struct fixture *x = *state;
	struct json_object *before = ask_ok(x, deployer, "grant-make", place);
	struct json_object *standing = ask_ok(x, deployer,
		"standing-grant-make", "{\"kind\":\"updates\","
		"\"instance\":\"box\",\"project\":\"team\","
		"\"name\":\"web\"}");
	struct json_object *copies = ask_ok(x, deployer,
		"standing-grant-make", "{\"kind\":\"copies\","
		"\"instance\":\"box\",\"project\":\"team\","
		"\"name\":\"web\"}");
	struct json_object *o;

	ok(x, owner, "project-set", asked[1].args);
	ask_refused(x, deployer, "mint", MINT("unikernel-restart", ""),
	    "project-archived");
	ask_refused(x, root, "mint", MINT("block-add", ",\"size\":8"),
	    "project-archived");
	ok(x, deployer, "mint", MINT("unikernel-destroy", ""));
	ok(x, deployer, "mint", MINT("block-remove", ""));
	ok(x, viewer, "mint", MINT("block-info", ""));
	ask_refused(x, deployer, "grant-make", place, "project-archived");
	/* What was begun goes on; what happens by itself does not. */
	ok(x, text_at(before, "grant"), "mint", MINT("unikernel-restart",
	    ""));
	ask_refused(x, text_at(standing, "grant"), "grant-make", place,
	    "project-archived");
	ask_refused(x, text_at(copies, "grant"), "volume-grant-make", place,
	    "project-archived");
	/* A volume can still be read. */
	o = ask_ok(x, deployer, "volume-grant-make", place);
	ask_refused(x, text_at(o, "grant"), "mint", MINT("block-remove", ""),
	    "forbidden");
	ok(x, text_at(o, "grant"), "mint", MINT("block-info", ""));
	json_object_put(o);
	json_object_put(before);
	json_object_put(standing);
	json_object_put(copies);
}

/* ---- members ---- */

static void
there_is_always_an_owner(void **state)
{
	struct fixture *x = *state;

	ask_refused(x, owner, "member-set", LEAVES("owner"), "conflict");
	ask_refused(x, owner, "member-set", "{\"project\":\"team\","
	    "\"name\":\"owner\",\"role\":\"viewer\"}", "conflict");
	ask_refused(x, root, "member-set", "{\"project\":\"team\","
	    "\"name\":\"owner\"}", "conflict");
	text_is(x, owner, "member-set", "{\"project\":\"team\","
	    "\"email\":\"deployer@example.org\",\"role\":\"owner\"}",
	    "member.role", "owner");
	/* Each of the two could remove the other; the second is too late. */
	ok(x, deployer, "member-set", "{\"project\":\"team\","
	    "\"name\":\"owner\"}");
	ask_refused(x, owner, "member-set", "{\"project\":\"team\","
	    "\"name\":\"deployer\"}", "not-found");
	ask_refused(x, deployer, "member-set",
	    LEAVES("deployer"), "conflict");
}

/* One who can not sign in is no owner to leave it to. */
static void
a_disabled_owner_does_not_count(void **state)
{
	struct fixture *x = *state;
	struct fault f = { 0 };
	struct db *d;

	ok(x, owner, "member-set", "{\"project\":\"team\","
	    "\"name\":\"deployer\",\"role\":\"owner\"}");
	d = database_write_begin(x->a->store, &f);
	assert_non_null(d);
	assert_int_equal(db_run(d, "UPDATE account SET disabled = 1"
	    " WHERE name = ?", "t", "deployer"), 0);
	assert_int_equal(database_write_end(x->a->store, 0, &f), 0);
	ask_refused(x, owner, "member-set", LEAVES("owner"), "conflict");
	ask_field(x, owner, "member-set", "{\"project\":\"team\","
	    "\"name\":\"deployer\",\"role\":\"owner\"}", "name");
	ask_field(x, owner, "project-transfer", "{\"project\":\"team\","
	    "\"to\":\"deployer\"}", "to");
}

static void
members_are_named_one_way(void **state)
{
	struct fixture *x = *state;

	ask_field(x, owner, "member-set", "{\"project\":\"team\","
	    "\"role\":\"viewer\"}", "email");
	ask_field(x, owner, "member-set", "{\"project\":\"team\","
	    "\"name\":\"viewer\",\"email\":\"viewer@example.org\"}",
	    "email");
	ask_field(x, owner, "member-set", "{\"project\":\"team\","
	    "\"name\":\"nobody\",\"role\":\"viewer\"}", "name");
	ask_field(x, owner, "member-set", "{\"project\":\"team\","
	    "\"email\":\"nobody@example.org\",\"role\":\"viewer\"}",
	    "email");
	ask_field(x, owner, "member-set", "{\"project\":\"team\","
	    "\"name\":\"viewer\",\"role\":\"admin\"}", "role");
	text_is(x, viewer, "member-list", TEAM, "items.2.name", "viewer");
}

/* An administrator needs no role, and none can be taken from them. */
static void
administrators_need_no_role(void **state)
{
	struct fixture *x = *state;

	ok(x, owner, "member-set", "{\"project\":\"team\",\"name\":\"root\","
	    "\"role\":\"viewer\"}");
	ok(x, owner, "member-set", "{\"project\":\"team\","
	    "\"name\":\"root\"}");
	ok(x, root, "project-set", asked[0].args);
	ok(x, root, "authorize", may("unikernel:deploy", "box", "team",
	    "web"));
	ask_refused(x, root, "member-set", LEAVES("root"), "not-found");
}

static void
transfers_change_the_owner(void **state)
{
	struct fixture *x = *state;
	char *outsider = fixture_cookie(x, "outsider");

	ask_field(x, owner, "project-transfer", "{\"project\":\"team\","
	    "\"to\":\"owner\"}", "to");
	ask_field(x, owner, "project-transfer", "{\"project\":\"team\","
	    "\"to\":\"nobody\"}", "to");
	ok(x, owner, "project-transfer", "{\"project\":\"team\","
	    "\"to\":\"outsider\",\"stay\":true}");
	text_is(x, owner, "project-get", TEAM, "project.role", "deployer");
	text_is(x, outsider, "project-get", TEAM, "project.role", "owner");
	ok(x, outsider, "project-transfer", "{\"project\":\"team\","
	    "\"to\":\"owner\"}");
	ask_refused(x, outsider, "project-get", TEAM, "not-found");
	/* Where an administrator decides, all owners make way. */
	ok(x, owner, "member-set", "{\"project\":\"team\","
	    "\"name\":\"deployer\",\"role\":\"owner\"}");
	ok(x, root, "project-transfer", "{\"project\":\"team\","
	    "\"to\":\"outsider\"}");
	ask_refused(x, owner, "project-get", TEAM, "not-found");
	ask_refused(x, deployer, "project-get", TEAM, "not-found");
	text_is(x, outsider, "project-get", TEAM, "project.role", "owner");
	free(outsider);
}

static void
personal_ones_stay(void **state)
{
	static const char own[] = "{\"project\":\"owner\"}";
	struct fixture *x = *state;

	ask_refused(x, owner, "project-delete", own, "conflict");
	ask_refused(x, root, "project-delete", own, "conflict");
	ask_refused(x, owner, "project-transfer", "{\"project\":\"owner\","
	    "\"to\":\"viewer\"}", "conflict");
	ask_refused(x, owner, "member-set", "{\"project\":\"owner\","
	    "\"name\":\"owner\"}", "conflict");
	/* Also when others own it too. */
	ok(x, owner, "member-set", "{\"project\":\"owner\","
	    "\"name\":\"viewer\",\"role\":\"owner\"}");
	ask_refused(x, viewer, "member-set", "{\"project\":\"owner\","
	    "\"name\":\"owner\",\"role\":\"viewer\"}", "conflict");
	ok(x, viewer, "member-set", "{\"project\":\"owner\","
	    "\"name\":\"viewer\"}");
	ok(x, owner, "project-set", "{\"project\":\"owner\","
	    "\"title\":\"Mine\",\"archived\":true}");
	text_is(x, owner, "project-get", own, "project.title", "Mine");
}

/* What changes who may see what makes streams ask again. */
static void
changes_show(void **state)
{
	struct fixture *x = *state;
	int64_t before = store_revision(x->db);

	for (size_t i = 0; i < ASKED; i++) {
		if (asked[i].action == ACTION_LEAVE)
			ok(x, viewer, asked[i].op, asked[i].args);
		else
			ok(x, root, asked[i].op, asked[i].args);
		assert_true(store_revision(x->db) > before);
		before = store_revision(x->db);
	}
}

/* Nobody fills the lists of all others. */
static void
only_so_many_are_owned(void **state)
{
	struct fixture *x = *state;
	char *outsider = fixture_cookie(x, "outsider");
	struct fault f = { 0 };
	struct db *d = database_write_begin(x->a->store, &f);
	char name[32];

	for (int i = 1; i < PROJECTS_OWNED; i++) {
		snprintf(name, sizeof(name), "p%d", i);
		assert_int_equal(db_run(d, "INSERT INTO project (id, name,"
		    " title, personal, created) VALUES (?, ?, '', 0, 0)",
		    "tt", name, name), 0);
		assert_int_equal(db_run(d, "INSERT INTO member (user_id,"
		    " project_id, role) SELECT id, ?, 'owner' FROM account"
		    " WHERE name = 'outsider'", "t", name), 0);
	}
	assert_int_equal(database_write_end(x->a->store, 0, &f), 0);
	ask_refused(x, outsider, "project-add", "{\"name\":\"more\"}",
	    "conflict");
	ask_refused(x, outsider, "project-add", "{\"name\":\"more\","
	    "\"check\":true}", "conflict");
	ok(x, outsider, "project-delete", "{\"project\":\"p1\"}");
	ok(x, outsider, "project-add", "{\"name\":\"more\"}");
	free(outsider);
}

int
main(void)
{
#define WITH(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		WITH(roles_do_what_the_table_says),
		WITH(foreign_projects_are_not_there),
		WITH(names_are_given_once),
		WITH(only_so_many_are_owned),
		WITH(deleted_names_are_retired),
		WITH(tokens_go_with_their_project),
		WITH(archived_ones_rest),
		WITH(archived_ones_get_no_commands),
		WITH(there_is_always_an_owner),
		WITH(a_disabled_owner_does_not_count),
		WITH(members_are_named_one_way),
		WITH(administrators_need_no_role),
		WITH(transfers_change_the_owner),
		WITH(personal_ones_stay),
		WITH(changes_show),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
