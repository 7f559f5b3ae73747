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
			.user_name = "bob", .target = "box/bob/web",
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

static int
count(struct fixture *x, const char *action, const char *result)
{
	sqlite3_stmt *stmt = db_query(x->db, "SELECT count(*) FROM audit"
	    " WHERE action = ? AND result = ? AND address = '192.0.2.1'"
	    " AND request_id = 'test'", "tt", action, result);
	int n;

	assert_int_equal(db_step(stmt), 1);
	n = sqlite3_column_int(stmt, 0);
	db_done(stmt);
	return n;
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
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
