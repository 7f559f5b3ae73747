/* SPDX-License-Identifier: ISC */
/*
 * Watching: what the service may read without a person, that it may do nothing
 * else, and how it learns of what there is.
 */
#include "auth_fixture.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "auth/projects.h"

#define POLICY "{\"unikernels\":2,\"memory\":256,\"cpus\":[0]," \
	"\"bridges\":[]}"
#define CONFIG ",\"config\":{\"memory\":32,\"cpus\":[0]}"

static char *root, *bob;

/* bob may use box, and not bare. */
static int
setup(void **state)
{
	struct fixture *x;

	fixture_setup(state);
	x = *state;
	fixture_user(x, "root", true);
	fixture_user(x, "bob", false);
	root = fixture_cookie(x, "root");
	bob = fixture_cookie(x, "bob");
	fixture_instance(x, root, "box");
	fixture_instance(x, root, "bare");
	fixture_policy(x, root, "box", "bob", POLICY);
	return 0;
}

static int
teardown(void **state)
{
	free(root);
	free(bob);
	return fixture_teardown(state);
}

/* Arguments until the next call; a NULL project or label is left out. */
static const char *
args(const char *project, const char *label, const char *kind,
	const char *more)
{
	static char out[1024];
	char where[256] = "", what[128] = "";

	if (project != NULL)
		snprintf(where, sizeof(where), "\"project\":\"%s\",", project);
	if (label != NULL)
		snprintf(what, sizeof(what), "\"label\":\"%s\",", label);
	snprintf(out, sizeof(out), "{\"instance\":\"box\",%s%s\"command\":"
	    "{\"kind\":\"%s\"%s}}", where, what, kind, more);
	return out;
}

static bool
is_of_instance(int kind)
{
	return kind == ALB_UNIKERNEL_INFO || kind == ALB_STATS_SUBSCRIBE ||
	    kind == ALB_POLICY_INFO || kind == ALB_BLOCK_INFO;
}

static const char *
more_of(int kind)
{
	switch (kind) {
	case ALB_CONSOLE_SUBSCRIBE:
		return ",\"count\":10";
	case ALB_UNIKERNEL_CREATE:
	case ALB_UNIKERNEL_FORCE_CREATE:
		return CONFIG;
	case ALB_BLOCK_ADD:
		return ",\"size\":1";
	default:
		return "";
	}
}

/* Of every kind: at the root, in a project, and for a name there. */
static void
it_only_reads(void **state)
{
	struct fixture *x = *state;

	for (int kind = 0; kind < ALB_COMMAND_KINDS; kind++) {
		const char *name = alb_command_name(kind);
		struct json_object *o;

		o = ask(x, NULL, "watch-mint", args(NULL, NULL, name,
		    more_of(kind)));
		assert_true((json_member(o, "ok", json_type_object) != NULL) ==
		    is_of_instance(kind));
		json_object_put(o);
		o = ask(x, NULL, "watch-mint", args("bob", "web", name,
		    more_of(kind)));
		assert_true((json_member(o, "ok", json_type_object) != NULL) ==
		    (kind == ALB_CONSOLE_SUBSCRIBE));
		json_object_put(o);
		o = ask(x, NULL, "watch-mint", args("bob", NULL, name,
		    more_of(kind)));
		assert_null(json_member(o, "ok", json_type_object));
		json_object_put(o);
		o = ask(x, NULL, "watch-mint", args(NULL, "web", name,
		    more_of(kind)));
		assert_null(json_member(o, "ok", json_type_object));
		json_object_put(o);
	}
	ask_refused(x, NULL, "watch-mint", args("bob", "web",
	    "unikernel-destroy", ""), "forbidden");
	ask_refused(x, NULL, "watch-mint", args("bob", "",
	    "unikernel-info", ""), "forbidden");
}

static void
what_is_not_there_is_not_read(void **state)
{
	struct fixture *x = *state;

	ask_refused(x, NULL, "watch-mint", args("root", "web",
	    "console-subscribe", ",\"count\":10"), "no-policy");
	ask_refused(x, NULL, "watch-mint", args("none", "web",
	    "console-subscribe", ",\"count\":10"), "not-found");
	ask_refused(x, NULL, "watch-mint", "{\"instance\":\"none\","
	    "\"command\":{\"kind\":\"unikernel-info\"}}", "not-found");
	ask_field(x, NULL, "watch-mint", args("bob", "web",
	    "console-subscribe", ",\"count\":2000"), "count");
	ask_field(x, NULL, "watch-mint", args("bob", "..",
	    "console-subscribe", ",\"count\":10"), "name");
}

/* As for people: a newer server dies of what is older. */
static void
level_only_rises(void **state)
{
	struct fixture *x = *state;
	const char *old = ",\"level\":\"2.6\"";

	json_object_put(ask_ok(x, NULL, "watch-mint", args(NULL, NULL,
	    "unikernel-info", old)));
	json_object_put(ask_ok(x, NULL, "watch-level",
	    "{\"name\":\"box\",\"level\":\"2.7\"}"));
	json_object_put(ask_ok(x, NULL, "watch-level",
	    "{\"name\":\"box\",\"level\":\"2.5\"}"));
	ask_field(x, NULL, "watch-mint", args(NULL, NULL, "unikernel-info",
	    old), "level");
	ask_refused(x, NULL, "watch-level",
	    "{\"name\":\"none\",\"level\":\"2.7\"}", "not-found");
}

/* What it needs to be sent with: the chain as anybody gets one. */
static void
chain_is_whole(void **state)
{
	struct fixture *x = *state;
	struct json_object *o = ask_ok(x, NULL, "watch-mint", args("bob",
	    "web", "console-subscribe", ",\"count\":10"));

	assert_string_equal(text_at(o, "host"), "127.0.0.1");
	assert_true(text_at(o, "chain.1")[0] != '\0');
	assert_true(text_at(o, "key")[0] != '\0');
	assert_int_equal(int_at(o, "policy.memory"), 256);
	json_object_put(o);
	o = ask_ok(x, NULL, "watch-mint", args(NULL, NULL, "stats-subscribe",
	    ""));
	assert_true(text_at(o, "chain.0")[0] != '\0');
	assert_string_equal(text_at(o, "chain.1"), "");
	json_object_put(o);
}

static int64_t
rows_of_watching(struct fixture *x, const char *kind)
{
	return db_number(db_query(x->db, "SELECT count(*) FROM audit"
	    " WHERE action = 'watch' AND user_id IS NULL AND detail = ?"
	    " AND target = 'box'", "t", kind), -1);
}

static void
a_row_is_enough(void **state)
{
	struct fixture *x = *state;

	for (int i = 0; i < 3; i++) {
		json_object_put(ask_ok(x, NULL, "watch-mint", args(NULL, NULL,
		    "unikernel-info", "")));
		json_object_put(ask_ok(x, NULL, "watch-mint", args("bob",
		    "web", "console-subscribe", ",\"count\":10")));
	}
	assert_int_equal(rows_of_watching(x, "unikernel-info"), 1);
	assert_int_equal(rows_of_watching(x, "console-subscribe"), 1);
	assert_int_equal(rows_of_watching(x, "stats-subscribe"), 0);
}

static void
trigger(struct fixture *x, const char *sql)
{
	struct fault f = { 0 };
	struct db *d = database_write_begin(x->a->store, &f);

	assert_int_equal(db_run(d, sql, ""), 0);
	assert_int_equal(database_write_end(x->a->store, 0, &f), 0);
}

/* What can not be recorded is not done, and is tried again. */
static void
no_row_no_watching(void **state)
{
	struct fixture *x = *state;

	trigger(x, "CREATE TRIGGER full BEFORE INSERT ON audit"
	    " BEGIN SELECT RAISE(ABORT, 'full'); END");
	for (int i = 0; i < 2; i++)
		ask_refused(x, NULL, "watch-mint", args(NULL, NULL,
		    "unikernel-info", ""), "internal");
	trigger(x, "DROP TRIGGER full");
	json_object_put(ask_ok(x, NULL, "watch-mint", args(NULL, NULL,
	    "unikernel-info", "")));
	assert_int_equal(rows_of_watching(x, "unikernel-info"), 1);
}

static void
rows_come_back_after_an_hour(void **state)
{
	struct watching w;
	time_t now = 1000000;

	watching_init(&w);
	assert_true(watching_due(&w, "a", ALB_UNIKERNEL_INFO, now));
	assert_false(watching_due(&w, "a", ALB_UNIKERNEL_INFO, now));
	assert_true(watching_due(&w, "b", ALB_UNIKERNEL_INFO, now));
	assert_true(watching_due(&w, "a", ALB_POLICY_INFO, now));
	assert_false(watching_due(&w, "a", ALB_UNIKERNEL_INFO,
	    now + WATCHING_INTERVAL - 1));
	assert_true(watching_due(&w, "a", ALB_UNIKERNEL_INFO,
	    now + WATCHING_INTERVAL));
	/* The clock was set back. */
	assert_true(watching_due(&w, "a", ALB_UNIKERNEL_INFO, now));
	watching_undo(&w, "a", ALB_UNIKERNEL_INFO);
	assert_true(watching_due(&w, "a", ALB_UNIKERNEL_INFO, now));
	watching_drop(&w, "a");
	assert_true(watching_due(&w, "a", ALB_UNIKERNEL_INFO, now));
	watching_free(&w);
}

static void
list_is_what_there_is(void **state)
{
	struct fixture *x = *state;
	struct json_object *o = ask_ok(x, NULL, "watch-list", NULL);

	assert_string_equal(text_at(o, "instances.0.name"), "bare");
	assert_string_equal(text_at(o, "instances.1.name"), "box");
	assert_true(int_at(o, "instances.1.certificate_expires") >
	    time(NULL));
	assert_string_equal(text_at(o, "instances.1.host"), "");
	assert_string_equal(text_at(o, "projects.0.name"), "bob");
	assert_string_equal(text_at(o, "projects.0.policies.0.instance"),
	    "box");
	assert_int_equal(int_at(o, "projects.0.policies.0.policy.memory"),
	    256);
	assert_string_equal(text_at(o, "projects.1.name"), "root");
	assert_string_equal(text_at(o, "projects.2.name"), "");
	assert_int_equal(int_at(o, "revision"), store_revision(x->db));
	json_object_put(o);
	o = ask_ok(x, NULL, "watch-list", "{\"after\":\"bob\"}");
	assert_string_equal(text_at(o, "projects.0.name"), "root");
	assert_string_equal(text_at(o, "instances.0.name"), "");
	json_object_put(o);
}

/* Never nothing, so that who asks on comes to the end. */
static void
pages_hold_what_fits(void **state)
{
	struct fixture *x = *state;
	struct json_object *list;
	bool more;

	list = project_watch_list(x->db, "", 1, &more);
	assert_int_equal(json_object_array_length(list), 1);
	assert_true(more);
	json_object_put(list);
	list = project_watch_list(x->db, "bob", 1, &more);
	assert_int_equal(json_object_array_length(list), 1);
	assert_false(more);
	json_object_put(list);
	list = project_watch_list(x->db, "root", 1, &more);
	assert_int_equal(json_object_array_length(list), 0);
	assert_false(more);
	json_object_put(list);
}

static void
every_change_shows(void **state)
{
	static const struct {
		const char *op, *args;
	} changes[] = {
		{ "project-add", "{\"name\":\"team\"}" },
		{ "member-set", "{\"project\":\"team\","
		  "\"email\":\"bob@example.org\",\"role\":\"viewer\"}" },
		{ "policy-set", "{\"project\":\"team\",\"instance\":\"box\","
		  "\"policy\":" POLICY "}" },
		{ "instance-remove", "{\"name\":\"bare\"}" },
	};
	struct fixture *x = *state;
	int64_t before = store_revision(x->db);

	for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		json_object_put(ask_ok(x, root, changes[i].op,
		    changes[i].args));
		assert_true(store_revision(x->db) > before);
		before = store_revision(x->db);
	}
	fixture_instance(x, root, "bare");
	assert_true(store_revision(x->db) > before);
	before = store_revision(x->db);
	fixture_user(x, "eve", false);
	assert_true(store_revision(x->db) > before);
}

int
main(void)
{
#define WITH(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		WITH(it_only_reads),
		WITH(what_is_not_there_is_not_read),
		WITH(level_only_rises),
		WITH(chain_is_whole),
		WITH(a_row_is_enough),
		WITH(no_row_no_watching),
		cmocka_unit_test(rows_come_back_after_an_hour),
		WITH(list_is_what_there_is),
		WITH(pages_hold_what_fits),
		WITH(every_change_shows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
