/* SPDX-License-Identifier: ISC */
/* The audit log: what is in it, and that tampering shows. */
#include "auth_fixture.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

#define ROWS 20

static int
setup(void **state)
{
	struct fixture *x;
	struct fault f = { 0 };
	char detail[16];

	fixture_setup(state);
	x = *state;
	for (int i = 0; i < ROWS; i++) {
		struct audit_entry e = { .action = "mint", .result = "ok",
			.user = "id", .user_name = "bob",
			.target = "box/bob/web",
			.detail = detail };

		snprintf(detail, sizeof(detail), "%d", i);
		assert_int_equal(audit_append(&x->a->audit, &e, &f), 0);
	}
	return 0;
}

static int
verify(struct fixture *x, struct fault *f)
{
	struct db *d = database_reader(x->a->store);
	int64_t rows;
	int err = audit_verify(&x->a->audit, d, &rows, f);

	db_close(d);
	return err;
}

static void
whole_is_whole(void **state)
{
	struct fixture *x = *state;
	struct fault f = { 0 };
	int64_t rows;

	assert_int_equal(audit_verify(&x->a->audit, x->db, &rows, &f), 0);
	assert_int_equal(rows, ROWS);
}

static void
rows_stay(void **state)
{
	struct fixture *x = *state;
	struct fault f = { 0 };
	struct db *d = database_write_begin(x->a->store, &f);

	assert_int_not_equal(db_run(d, "DELETE FROM audit", ""), 0);
	assert_int_not_equal(db_run(d, "UPDATE audit SET detail = 'x'", ""),
	    0);
	database_write_end(x->a->store, ERR_INTERNAL, &f);
	assert_int_equal(verify(x, &f), 0);
}

/* Somebody with the database in hand, and without the triggers. */
static void
tamper(struct fixture *x, const char *sql, const char *why)
{
	struct fault f = { 0 };
	char path[128];
	sqlite3 *handle;

	snprintf(path, sizeof(path), "%s/auth.db", x->dir);
	assert_int_equal(sqlite3_open(path, &handle), SQLITE_OK);
	assert_int_equal(sqlite3_exec(handle, "DROP TRIGGER audit_no_delete;"
	    "DROP TRIGGER audit_no_update", NULL, NULL, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_exec(handle, sql, NULL, NULL, NULL),
	    SQLITE_OK);
	sqlite3_close(handle);
	assert_int_equal(verify(x, &f), ERR_INTERNAL);
	if (strstr(f.detail, why) == NULL)
		fail_msg("%s: %s", sql, f.detail);
}

static void
removed_row_shows(void **state)
{
	tamper(*state, "DELETE FROM audit WHERE id = 7", "row 7");
}

static void
removed_first_row_shows(void **state)
{
	tamper(*state, "DELETE FROM audit WHERE id = 1", "row 1");
}

static void
removed_end_shows(void **state)
{
	tamper(*state, "DELETE FROM audit WHERE id > 15", "seal");
}

static void
everything_removed_shows(void **state)
{
	tamper(*state, "DELETE FROM audit", "seal");
}

static void
changed_row_shows(void **state)
{
	tamper(*state, "UPDATE audit SET user_name = 'eve' WHERE id = 9",
	    "row 9");
}

static void
changed_time_shows(void **state)
{
	tamper(*state, "UPDATE audit SET time = time - 1 WHERE id = 9",
	    "row 9");
}

static void
moved_text_shows(void **state)
{
	tamper(*state, "UPDATE audit SET user_name = '', target = 'bobbox/bob"
	    "/web' WHERE id = 9", "row 9");
}

static void
removed_seal_shows(void **state)
{
	tamper(*state, "DELETE FROM audit_head", "seal");
}

/* Many threads at once: every row is there, in one chain. */
static void *
append_many(void *arg)
{
	struct fixture *x = arg;
	struct audit_entry e = { .action = "mint", .result = "ok" };
	struct fault f = { 0 };

	for (int i = 0; i < 25; i++)
		if (audit_append(&x->a->audit, &e, &f) != 0)
			return arg;
	return NULL;
}

static void
threads_share_commits(void **state)
{
	struct fixture *x = *state;
	pthread_t threads[8];
	struct fault f = { 0 };
	void *failed;
	int64_t rows;

	for (int i = 0; i < 8; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, append_many,
		    x), 0);
	for (int i = 0; i < 8; i++) {
		pthread_join(threads[i], &failed);
		assert_null(failed);
	}
	assert_int_equal(audit_verify(&x->a->audit, x->db, &rows, &f), 0);
	assert_int_equal(rows, ROWS + 8 * 25);
}

static int64_t
count(struct fixture *x, const char *action, const char *result)
{
	return db_number(db_query(x->db, "SELECT count(*) FROM audit"
	    " WHERE action = ? AND result = ? AND address = '192.0.2.1'"
	    " AND request_id = 'test'", "tt", action, result), -1);
}

static void
what_is_done_is_written(void **state)
{
	struct fixture *x = *state;
	struct json_object *in, *token;
	char args[128];

	fixture_user(x, "bob", false);
	ask_refused(x, NULL, "login", "{\"email\":\"bob@example.org\","
	    "\"password\":\"wrong\"}", "bad-login");
	in = ask_ok(x, NULL, "login", "{\"email\":\"bob@example.org\","
	    "\"password\":\"" PASSWORD "\"}");
	token = ask_ok(x, text_at(in, "access"), "token-create",
	    "{\"name\":\"ci\",\"scopes\":[\"unikernel:read\"],"
	    "\"expires_in\":60}");
	snprintf(args, sizeof(args), "{\"id\":\"%s\"}",
	    text_at(token, "token.id"));
	json_object_put(ask_ok(x, text_at(in, "access"), "token-delete",
	    args));
	json_object_put(ask_ok(x, text_at(in, "access"), "logout", NULL));
	assert_int_equal(count(x, "login", "ok"), 1);
	assert_int_equal(count(x, "login", "bad-login"), 1);
	assert_int_equal(count(x, "token-create", "ok"), 1);
	assert_int_equal(count(x, "token-delete", "ok"), 1);
	assert_int_equal(count(x, "logout", "ok"), 1);
	json_object_put(in);
	json_object_put(token);
}

/* ---- what is refused ---- */

static int64_t
rows(struct fixture *x)
{
	return db_number(db_query(x->db, "SELECT count(*) FROM audit", ""),
	    -1);
}

/* The newest row has these, "" for null. */
static void
newest_is(struct fixture *x, const char *action, const char *result,
	const char *name, const char *target, const char *detail)
{
	sqlite3_stmt *stmt = db_query(x->db, "SELECT action, result,"
	    " user_name, target, detail FROM audit ORDER BY id DESC LIMIT 1",
	    "");

	assert_int_equal(db_step(stmt), 1);
	assert_string_equal(db_text(stmt, 0), action);
	assert_string_equal(db_text(stmt, 1), result);
	assert_string_equal(db_text(stmt, 2), name);
	assert_string_equal(db_text(stmt, 3), target);
	assert_string_equal(db_text(stmt, 4), detail);
	db_done(stmt);
}

static void
refused_changes_are_rows(void **state)
{
	struct fixture *x = *state;
	char *bob;

	fixture_user(x, "bob", false);
	bob = fixture_cookie(x, "bob");
	ask_refused(x, bob, "instance-remove", "{\"name\":\"box\"}",
	    "forbidden");
	newest_is(x, "instance-remove", "forbidden", "bob", "box", "");
	ask_refused(x, bob, "mint", "{\"instance\":\"box\","
	    "\"project\":\"eve\",\"label\":\"web\",\"command\":"
	    "{\"kind\":\"unikernel-destroy\"}}", "not-found");
	newest_is(x, "mint", "not-found", "bob", "box/eve/web",
	    "unikernel-destroy");
	ask_refused(x, NULL, "login", "{\"email\":\"Bob@example.org\","
	    "\"password\":\"wrong\"}", "bad-login");
	newest_is(x, "login", "bad-login", "", "bob@example.org", "");
	/* By a credential that is none any more: by nobody. */
	json_object_put(ask_ok(x, bob, "logout", NULL));
	ask_refused(x, bob, "project-add", "{\"name\":\"new\"}",
	    "unauthenticated");
	newest_is(x, "project-add", "unauthenticated", "", "new", "");
	free(bob);
}

static void
refused_reads_are_none(void **state)
{
	struct fixture *x = *state;
	char *bob;
	int before;

	fixture_user(x, "bob", false);
	bob = fixture_cookie(x, "bob");
	before = rows(x);
	ask_refused(x, bob, "audit-list", NULL, "forbidden");
	ask_refused(x, bob, "authorize", "{\"scope\":\"user:admin\"}",
	    "forbidden");
	ask_refused(x, bob, "mint", "{\"instance\":\"box\","
	    "\"project\":\"eve\",\"label\":\"\",\"command\":"
	    "{\"kind\":\"unikernel-info\"}}", "not-found");
	assert_int_equal(rows(x), before);
	/* What the service may not have is an alarm in any case. */
	ask_refused(x, NULL, "watch-mint", "{\"instance\":\"box\","
	    "\"project\":\"bob\",\"command\":"
	    "{\"kind\":\"unikernel-destroy\"}}", "forbidden");
	newest_is(x, "watch-mint", "forbidden", "", "box/bob/",
	    "unikernel-destroy");
	free(bob);
}

/* A password or token where a name is expected stays out of the log. */
static void
secrets_are_no_names(void **state)
{
	struct fixture *x = *state;

	ask_refused(x, NULL, "login", "{\"email\":\"correct horse\","
	    "\"password\":\"wrong\"}", "bad-login");
	newest_is(x, "login", "bad-login", "", "-", "");
	ask_refused(x, NULL, "token-delete", "{\"id\":\"mmk_0123456789abc"
	    "defghijklmnopqrstuvwxyzABC\"}", "unauthenticated");
	newest_is(x, "token-delete", "unauthenticated", "", "-", "");
}

/* A change that is another's to make: what was refused and what was allowed. */
static struct json_object *
ask_change(struct fixture *x, const char *cookie, const char *args)
{
	struct json_object *o = json_object_new_object(), *answer;
	struct fault f = { 0 };

	json_add_str(o, "op", "authorize");
	json_add_str(o, "cookie", cookie);
	json_add_str(o, "change", "DELETE /images/{sha256}");
	json_add_str(o, "about", "0a1b2c");
	json_object_object_add(o, "args", json_parse(args, strlen(args), &f));
	answer = ops_answer(x->a, x->db, o);
	json_object_put(o);
	return answer;
}

static void
changes_elsewhere_are_rows(void **state)
{
	struct fixture *x = *state;
	char *bob, *root;

	fixture_user(x, "bob", false);
	fixture_user(x, "root", true);
	bob = fixture_cookie(x, "bob");
	root = fixture_cookie(x, "root");
	json_object_put(ask_change(x, bob, "{\"scope\":\"instance:admin\"}"));
	newest_is(x, "request", "forbidden", "bob", "0a1b2c",
	    "DELETE /images/{sha256}");
	json_object_put(ask_change(x, root, "{\"scope\":\"instance:admin\"}"));
	newest_is(x, "request", "ok", "root", "0a1b2c",
	    "DELETE /images/{sha256}");
	json_object_put(ask_change(x, root, "{\"scope\":\"project:admin\","
	    "\"project\":\"bob\"}"));
	newest_is(x, "request", "ok", "root", "/bob/",
	    "DELETE /images/{sha256}");
	free(bob);
	free(root);
}

/* Whatever is sent, within an interval there are no more rows than these. */
static void
floods_are_counted(void **state)
{
	struct fixture *x = *state;
	struct refusals *r = &x->a->refusals;
	time_t now = time(NULL);
	char target[32], address[32];
	int64_t before = rows(x);
	int written = 0, more = 0;
	struct audit_entry e = { .action = "login", .result = "bad-login" };
	struct refusal sum;

	for (int i = 0; i < 10000; i++) {
		snprintf(target, sizeof(target), "u%d", i % 3000);
		snprintf(address, sizeof(address), "192.0.2.%d", i % 250);
		e.target = target;
		e.address = address;
		e.user = i % 2 == 0 ? NULL : "eve";
		written += refusals_take(r, &e, now);
	}
	assert_int_equal(written, REFUSALS_NOBODY + REFUSALS_PERSON);
	/* Others are still seen. */
	e.user = "bob";
	assert_true(refusals_take(r, &e, now));
	assert_false(refusals_take(r, &e, now));
	assert_false(refusals_due(r, now + REFUSALS_INTERVAL - 1, false,
	    &sum));
	while (refusals_due(r, now + REFUSALS_INTERVAL, false, &sum)) {
		written++;
		more += sum.more;
	}
	assert_int_equal(more, 10000 - REFUSALS_NOBODY - REFUSALS_PERSON + 1);
	assert_in_range(written, 3, REFUSALS_ROWS);
	assert_false(refusals_due(r, now + 2 * REFUSALS_INTERVAL, true,
	    &sum));
	assert_true(refusals_take(r, &e, now + REFUSALS_INTERVAL));
	assert_int_equal(rows(x), before);
}

/* By way of requests: one row at once, one with the count at the end. */
static void
repeats_are_one_row(void **state)
{
	struct fixture *x = *state;
	struct audit_entry e;
	struct refusal sum;
	int64_t before = rows(x);

	for (int i = 0; i < 20; i++)
		ask_refused(x, NULL, "project-add", "{\"name\":\"new\"}",
		    "unauthenticated");
	assert_int_equal(rows(x), before + 1);
	assert_true(refusals_due(&x->a->refusals, time(NULL), true, &sum));
	refusal_entry(&sum, &e);
	assert_string_equal(e.action, "project-add");
	assert_string_equal(e.target, "new");
	assert_string_equal(e.detail, "19 more within 10 minutes");
}

/* ---- looking through it ---- */

static void
list_has(struct fixture *x, const char *cookie, const char *args, int n,
	int64_t newest)
{
	struct json_object *o = ask_ok(x, cookie, "audit-list", args);
	struct json_object *items;

	assert_true(json_object_object_get_ex(o, "items", &items));
	if (json_object_array_length(items) != (size_t)n)
		fail_msg("%s: %s", args, json_object_to_json_string(o));
	if (n > 0)
		assert_int_equal(int_at(o, "items.0.id"), newest);
	json_object_put(o);
}

static void
log_is_looked_through(void **state)
{
	struct fixture *x = *state;
	struct json_object *o;
	char *root;

	fixture_user(x, "root", true);
	root = fixture_cookie(x, "root");
	list_has(x, root, "{}", ROWS, ROWS);
	list_has(x, root, "{\"limit\":3}", 3, ROWS);
	list_has(x, root, "{\"limit\":3,\"before\":5}", 3, 4);
	list_has(x, root, "{\"before\":1}", 0, 0);
	list_has(x, root, "{\"actor\":\"bob\"}", ROWS, ROWS);
	list_has(x, root, "{\"actor\":\"-\"}", 0, 0);
	list_has(x, root, "{\"actor\":\"eve\"}", 0, 0);
	list_has(x, root, "{\"action\":\"mint\",\"result\":\"ok\"}", ROWS,
	    ROWS);
	list_has(x, root, "{\"result\":\"refused\"}", 0, 0);
	list_has(x, root, "{\"target\":\"BOB/w\"}", ROWS, ROWS);
	list_has(x, root, "{\"target\":\"b%b\"}", 0, 0);
	list_has(x, root, "{\"to\":1}", 0, 0);
	list_has(x, root, "{\"from\":1}", ROWS, ROWS);
	list_has(x, root, "{\"from\":99999999999}", 0, 0);
	o = ask_ok(x, root, "audit-list", "{\"limit\":1}");
	assert_int_equal(int_at(o, "next"), ROWS);
	assert_string_equal(text_at(o, "items.0.detail"), "19");
	assert_string_equal(text_at(o, "items.0.actor"), "bob");
	json_object_put(o);
	/* Each page begins where the one before ended, to the end. */
	o = ask_ok(x, root, "audit-list", "{\"limit\":19}");
	assert_int_equal(int_at(o, "next"), 2);
	json_object_put(o);
	o = ask_ok(x, root, "audit-list", "{\"limit\":19,\"before\":2}");
	assert_int_equal(int_at(o, "items.0.id"), 1);
	assert_false(json_object_object_get_ex(o, "next", NULL) &&
	    int_at(o, "next") != 0);
	json_object_put(o);
	free(root);
}

static void
log_is_for_administrators(void **state)
{
	struct fixture *x = *state;
	char *bob, *root, *token;

	fixture_user(x, "bob", false);
	fixture_user(x, "root", true);
	bob = fixture_cookie(x, "bob");
	root = fixture_cookie(x, "root");
	ask_refused(x, NULL, "audit-list", NULL, "unauthenticated");
	ask_refused(x, bob, "audit-list", NULL, "forbidden");
	token = fixture_token(x, root, "\"scopes\":[\"user:admin\"]");
	ask_refused(x, token, "audit-list", NULL, "forbidden");
	free(token);
	token = fixture_token(x, root, "\"scopes\":[\"audit:read\"]");
	json_object_put(ask_ok(x, token, "audit-list", NULL));
	free(token);
	free(bob);
	free(root);
}

/* "session:ID": by which of their credentials somebody did it. */
static void
credentials_are_told(void **state)
{
	struct fixture *x = *state;
	struct json_object *o;
	char *root, *token;

	fixture_user(x, "root", true);
	root = fixture_cookie(x, "root");
	token = fixture_token(x, root, "\"scopes\":[\"audit:read\"]");
	ask_refused(x, token, "project-add", "{\"name\":\"new\"}",
	    "forbidden");
	o = ask_ok(x, root, "audit-list", "{\"limit\":2}");
	assert_string_equal(text_at(o, "items.0.credential.kind"), "token");
	assert_string_equal(text_at(o, "items.0.credential.id"),
	    text_at(o, "items.1.target"));
	assert_string_equal(text_at(o, "items.1.credential.kind"), "session");
	assert_int_equal(strlen(text_at(o, "items.1.credential.id")), 36);
	json_object_put(o);
	free(root);
	free(token);
}

int
main(void)
{
#define WITH(f) cmocka_unit_test_setup_teardown(f, setup, fixture_teardown)
	const struct CMUnitTest tests[] = {
		WITH(whole_is_whole),
		WITH(rows_stay),
		WITH(removed_row_shows),
		WITH(removed_first_row_shows),
		WITH(removed_end_shows),
		WITH(everything_removed_shows),
		WITH(changed_row_shows),
		WITH(changed_time_shows),
		WITH(moved_text_shows),
		WITH(removed_seal_shows),
		WITH(threads_share_commits),
		WITH(what_is_done_is_written),
		WITH(refused_changes_are_rows),
		WITH(refused_reads_are_none),
		WITH(secrets_are_no_names),
		WITH(changes_elsewhere_are_rows),
		WITH(floods_are_counted),
		WITH(repeats_are_one_row),
		WITH(log_is_looked_through),
		WITH(log_is_for_administrators),
		WITH(credentials_are_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
