/* SPDX-License-Identifier: ISC */
/* Rights: the tables of auth/README.md are the ones that are enforced. */
#include "auth_fixture.h"

#include <stdio.h>
#include <string.h>

#define POLICY "{\"unikernels\":2,\"memory\":256,\"cpus\":[0]," \
	"\"bridges\":[]}"
#define SCOPE_COLUMNS 7
#define ACTION_COLUMNS 8

/* The documented tables: a row per scope, and one per action. */
struct documented {
	bool found[SCOPES];
	bool allowed[SCOPES][ROLES];
	bool archived[SCOPES];
	char commands[SCOPES][256];
	bool action_found[ACTIONS];
	bool action_allowed[ACTIONS][ROLES];
	bool action_archived[ACTIONS];
	bool action_personal[ACTIONS];
	char action_scope[ACTIONS][32];
};

/* Cuts a row of a Markdown table into cells, without the spaces around. */
static size_t
row_cut(char *line, char *cells[ACTION_COLUMNS])
{
	size_t n = 0;
	char *rest = NULL;

	for (char *cell = strtok_r(line, "|\n", &rest);
	    cell != NULL && n < ACTION_COLUMNS;
	    cell = strtok_r(NULL, "|\n", &rest)) {
		size_t len;

		cell += strspn(cell, " ");
		for (len = strlen(cell); len > 0 && cell[len - 1] == ' ';)
			cell[--len] = '\0';
		cells[n++] = cell;
	}
	return n;
}

static bool
yes(const char *cell)
{
	assert_true(strcmp(cell, "yes") == 0 || strcmp(cell, "no") == 0);
	return cell[0] == 'y';
}

static void
scope_read(struct documented *d, char *cells[ACTION_COLUMNS])
{
	int scope = scope_parse(cells[0]);

	if (scope < 0)
		return;
	d->found[scope] = true;
	for (int role = ROLE_VIEWER; role < ROLES; role++)
		d->allowed[scope][role] = yes(cells[role]);
	d->archived[scope] = yes(cells[5]);
	snprintf(d->commands[scope], sizeof(d->commands[scope]), " %s ",
	    cells[6]);
}

static void
action_read(struct documented *d, char *cells[ACTION_COLUMNS])
{
	int action = action_parse(cells[0]);

	if (action < 0)
		return;
	d->action_found[action] = true;
	for (int role = ROLE_VIEWER; role < ROLES; role++)
		d->action_allowed[action][role] = yes(cells[role]);
	d->action_archived[action] = yes(cells[5]);
	d->action_personal[action] = yes(cells[6]);
	snprintf(d->action_scope[action], sizeof(d->action_scope[action]),
	    "%s", cells[7]);
}

static void
documented_read(struct documented *d)
{
	char path[512], line[1024], *cells[ACTION_COLUMNS];
	const char *top = getenv("top_srcdir");
	FILE *file;

	snprintf(path, sizeof(path), "%s/auth/README.md",
	    top == NULL ? "." : top);
	file = fopen(path, "r");
	assert_non_null(file);
	while (fgets(line, sizeof(line), file) != NULL) {
		size_t n = row_cut(line, cells);

		if (n == SCOPE_COLUMNS)
			scope_read(d, cells);
		else if (n == ACTION_COLUMNS)
			action_read(d, cells);
	}
	fclose(file);
}

/* A line of the matrix, for whoever reads the log of the tests. */
static void
row_print(const char *what, bool (*allow)(int what, enum role role), int of,
	bool rests)
{
	printf("# %-24s", what);
	for (int role = ROLE_VIEWER; role < ROLES; role++)
		printf(" %s:%-3s", role_name(role), allow(of, role) ? "yes" :
		    "no");
	printf(" archived:%s\n", rests ? "no" : "yes");
}

static bool
scope_allows(int scope, enum role role)
{
	return rights_allow((enum scope)scope, role);
}

static bool
action_allows(int action, enum role role)
{
	return action_allow((enum action)action, role);
}

static void
matrix_is_the_documented_one(void **state)
{
	static struct documented d;

	documented_read(&d);
	for (int scope = 0; scope < SCOPES; scope++) {
		assert_true(d.found[scope]);
		assert_false(rights_allow(scope, ROLE_NONE));
		row_print(scope_name(scope), scope_allows, scope,
		    scope_rests(scope));
		for (int role = ROLE_VIEWER; role < ROLES; role++)
			assert_int_equal(rights_allow(scope, role),
			    d.allowed[scope][role]);
		assert_int_equal(!scope_rests(scope), d.archived[scope]);
	}
}

static void
actions_are_the_documented_ones(void **state)
{
	static struct documented d;

	documented_read(&d);
	for (int action = 0; action < ACTIONS; action++) {
		assert_true(d.action_found[action]);
		assert_false(action_allow(action, ROLE_NONE));
		row_print(action_name(action), action_allows, action,
		    action_rests(action));
		for (int role = ROLE_VIEWER; role < ROLES; role++) {
			assert_int_equal(action_allow(action, role),
			    d.action_allowed[action][role]);
			assert_int_equal(action_allow(action, role),
			    role >= (int)action_least(action));
		}
		assert_int_equal(!action_rests(action),
		    d.action_archived[action]);
		assert_int_equal(action_personal(action),
		    d.action_personal[action]);
		assert_string_equal(scope_name(action_scope(action)),
		    d.action_scope[action]);
	}
}

static void
commands_need_the_documented_scope(void **state)
{
	static struct documented d;
	char word[64];

	documented_read(&d);
	for (int kind = 0; kind < ALB_COMMAND_KINDS; kind++) {
		int needed = -1;

		snprintf(word, sizeof(word), " %s ", alb_command_name(kind));
		for (int scope = 0; scope < SCOPES; scope++)
			if (strstr(d.commands[scope], word) != NULL)
				needed = scope;
		assert_int_equal(rights_of_command(kind, false), needed);
		if (needed >= 0)
			row_print(alb_command_name(kind), scope_allows, needed,
			    scope_rests(needed));
		else
			printf("# %-24s for nobody\n",
			    alb_command_name(kind));
		assert_int_equal(rights_of_command(kind, true),
		    needed < 0 ? -1 : (int)SCOPE_INSTANCE_ADMIN);
	}
}

static void
names_are_read_back(void **state)
{
	for (int scope = 0; scope < SCOPES; scope++)
		assert_int_equal(scope_parse(scope_name(scope)), scope);
	for (int action = 0; action < ACTIONS; action++)
		assert_int_equal(action_parse(action_name(action)), action);
	for (int role = ROLE_VIEWER; role < ROLES; role++)
		assert_int_equal(role_parse(role_name(role)), role);
	assert_int_equal(scope_parse(""), -1);
	assert_int_equal(action_parse(""), -1);
	assert_int_equal(role_parse(""), -1);
}

/* A team with one of each role, and an outsider. */
static int
setup(void **state)
{
	static const char *const roles[] = { "viewer", "deployer", "owner" };
	struct fixture *x;
	char *root;

	fixture_setup(state);
	x = *state;
	fixture_user(x, "admin", true);
	fixture_user(x, "outsider", false);
	root = fixture_cookie(x, "admin");
	fixture_instance(x, root, "box");
	fixture_instance(x, root, "bare");
	json_object_put(ask_ok(x, root, "project-add",
	    "{\"name\":\"team\"}"));
	fixture_policy(x, root, "box", "team", POLICY);
	for (size_t i = 0; i < 3; i++) {
		fixture_user(x, roles[i], false);
		fixture_member(x, root, "team", roles[i], roles[i]);
	}
	free(root);
	return 0;
}

static const char *
place(const char *scope, const char *instance, const char *project)
{
	static char args[256];

	snprintf(args, sizeof(args), "{\"scope\":\"%s\",\"instance\":\"%s\","
	    "\"project\":\"%s\",\"name\":\"web\"}", scope, instance, project);
	return args;
}

static void
authorize_follows_the_matrix(void **state)
{
	struct fixture *x = *state;

	for (int role = ROLE_VIEWER; role < ROLES; role++) {
		char *cookie = fixture_cookie(x, role_name(role));

		for (int scope = 0; scope < SCOPES; scope++) {
			const char *args = place(scope_name(scope), "box",
			    "team");

			if (rights_allow(scope, role))
				json_object_put(ask_ok(x, cookie, "authorize",
				    args));
			else
				ask_refused(x, cookie, "authorize", args,
				    "forbidden");
		}
		free(cookie);
	}
}

/* Nobody learns of a project they are not in. */
static void
what_is_not_yours_is_not_there(void **state)
{
	struct fixture *x = *state;
	char *cookie = fixture_cookie(x, "outsider");

	for (int scope = 0; scope < SCOPES; scope++) {
		ask_refused(x, cookie, "authorize",
		    place(scope_name(scope), "box", "team"), "not-found");
		ask_refused(x, cookie, "authorize",
		    place(scope_name(scope), "box", "nothing"), "not-found");
	}
	ask_refused(x, cookie, "policy-get", "{\"project\":\"team\","
	    "\"instance\":\"box\"}", "not-found");
	ask_refused(x, cookie, "member-list", "{\"project\":\"team\"}",
	    "not-found");
	ask_refused(x, cookie, "member-set", "{\"project\":\"team\","
	    "\"email\":\"outsider@example.org\",\"role\":\"owner\"}",
	    "not-found");
	free(cookie);
}

static void
policies_and_instances(void **state)
{
	struct fixture *x = *state;
	char *viewer = fixture_cookie(x, "viewer");
	char *admin = fixture_cookie(x, "admin");

	ask_refused(x, viewer, "authorize",
	    place("unikernel:read", "bare", "team"), "no-policy");
	ask_refused(x, admin, "authorize",
	    place("unikernel:read", "bare", "team"), "no-policy");
	ask_refused(x, viewer, "authorize",
	    place("unikernel:read", "nowhere", "team"), "not-found");
	ask_refused(x, viewer, "authorize",
	    place("unikernel:read", "bad_name", "team"), "not-found");
	ask_field(x, viewer, "authorize", "{\"scope\":\"unikernel:read\","
	    "\"name\":\"bad_name\"}", "name");
	ask_field(x, viewer, "authorize", "{\"scope\":\"unikernel:fly\"}",
	    "scope");
	ask_refused(x, NULL, "authorize", "{\"scope\":\"unikernel:read\"}",
	    "unauthenticated");
	free(viewer);
	free(admin);
}

static void
administration_is_for_administrators(void **state)
{
	static const char *const ops[][2] = {
		{ "instance-given", "{\"name\":\"box\"}" },
		{ "instance-remove", "{\"name\":\"box\"}" },
		{ "policy-set", "{\"project\":\"team\",\"instance\":\"box\","
		  "\"policy\":" POLICY "}" },
	};
	struct fixture *x = *state;
	char *owner = fixture_cookie(x, "owner");
	struct json_object *o;

	for (size_t i = 0; i < sizeof(ops) / sizeof(ops[0]); i++)
		ask_refused(x, owner, ops[i][0], ops[i][1], "forbidden");
	o = ask_ok(x, owner, "instance-get", "{\"name\":\"box\"}");
	assert_string_equal(text_at(o, "instance.name"), "box");
	assert_string_equal(text_at(o, "instance.host"), "");
	json_object_put(o);
	free(owner);
}

static void
members_are_the_owners_to_choose(void **state)
{
	struct fixture *x = *state;
	char *owner = fixture_cookie(x, "owner");
	char *deployer = fixture_cookie(x, "deployer");
	char *admin = fixture_cookie(x, "admin");

	ask_refused(x, deployer, "member-set", "{\"project\":\"team\","
	    "\"email\":\"outsider@example.org\",\"role\":\"viewer\"}",
	    "forbidden");
	json_object_put(ask_ok(x, owner, "member-set", "{\"project\":\"team\","
	    "\"email\":\"admin@example.org\"}"));
	/* The last owner stays one. */
	ask_refused(x, owner, "member-set", "{\"project\":\"team\","
	    "\"email\":\"owner@example.org\",\"role\":\"viewer\"}",
	    "conflict");
	ask_refused(x, admin, "project-add", "{\"name\":\"TEAM\"}",
	    "conflict");
	free(owner);
	free(deployer);
	free(admin);
}

int
main(void)
{
#define WITH(f) cmocka_unit_test_setup_teardown(f, setup, fixture_teardown)
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(matrix_is_the_documented_one),
		cmocka_unit_test(actions_are_the_documented_ones),
		cmocka_unit_test(commands_need_the_documented_scope),
		cmocka_unit_test(names_are_read_back),
		WITH(authorize_follows_the_matrix),
		WITH(what_is_not_yours_is_not_there),
		WITH(policies_and_instances),
		WITH(administration_is_for_administrators),
		WITH(members_are_the_owners_to_choose),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
