/* SPDX-License-Identifier: ISC */
/* The state at rest: migrations, settings, modes, and the master key. */
#include "config.h"

#include "auth_fixture.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "auth/instances.h"
#include "auth/settings.h"

static void
path_make(const struct fixture *x, const char *name, char out[128])
{
	snprintf(out, 128, "%s/%s", x->dir, name);
}

/* The schema as one text, to compare the ways that lead to it. */
static void
schema_text(sqlite3 *handle, char *out, size_t size)
{
	sqlite3_stmt *stmt;
	size_t len = 0;

	out[0] = '\0';
	assert_int_equal(sqlite3_prepare_v2(handle, "SELECT sql FROM"
	    " sqlite_schema WHERE sql IS NOT NULL ORDER BY type, name", -1,
	    &stmt, NULL), SQLITE_OK);
	while (sqlite3_step(stmt) == SQLITE_ROW && len < size)
		len += (size_t)snprintf(out + len, size - len, "%s;\n",
		    (const char *)sqlite3_column_text(stmt, 0));
	sqlite3_finalize(stmt);
}

static void
every_old_version_is_upgraded(void **state)
{
	static char newest[65536], upgraded[65536];
	struct fault f = { 0 };
	sqlite3 *handle;

	assert_int_equal(sqlite3_open(":memory:", &handle), SQLITE_OK);
	assert_int_equal(migrations_apply(handle, &schema,
	    schema.count, &f), 0);
	schema_text(handle, newest, sizeof(newest));
	assert_non_null(strstr(newest, "CREATE TABLE audit"));
	sqlite3_close(handle);
	for (int old = 0; old < schema.count; old++) {
		assert_int_equal(sqlite3_open(":memory:", &handle), SQLITE_OK);
		assert_int_equal(migrations_apply(handle, &schema, old, &f), 0);
		assert_int_equal(migrations_apply(handle, &schema,
		    schema.count, &f), 0);
		/* Once more changes nothing. */
		assert_int_equal(migrations_apply(handle, &schema,
		    schema.count, &f), 0);
		schema_text(handle, upgraded, sizeof(upgraded));
		assert_string_equal(newest, upgraded);
		sqlite3_close(handle);
	}
}

/* What was stored by version 1 is there afterwards, and still connected. */
static void
rows_survive_upgrades(void **state)
{
	struct fault f = { 0 };
	sqlite3_stmt *stmt;
	sqlite3 *handle;

	assert_int_equal(sqlite3_open(":memory:", &handle), SQLITE_OK);
	sqlite3_exec(handle, "PRAGMA foreign_keys = ON", NULL, NULL, NULL);
	assert_int_equal(migrations_apply(handle, &schema, 1, &f), 0);
	assert_int_equal(sqlite3_exec(handle,
	    "INSERT INTO user (id, email, name, password, admin, created)"
	    " VALUES ('u', 'e', 'n', 'p', 0, 1);"
	    "INSERT INTO token (id, hash, user_id, name, scopes, created,"
	    " expires) VALUES ('t', x'00', 'u', 'n', '', 1, 2);"
	    "INSERT INTO project VALUES ('p', 'n', 'n', 1, 1);"
	    "INSERT INTO member VALUES ('u', 'p', 'owner')", NULL, NULL,
	    NULL), SQLITE_OK);
	assert_int_equal(migrations_apply(handle, &schema,
	    schema.count, &f), 0);
	assert_int_equal(sqlite3_prepare_v2(handle, "SELECT a.email FROM"
	    " account a JOIN member m ON m.user_id = a.id", -1, &stmt, NULL),
	    SQLITE_OK);
	assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
	assert_string_equal((const char *)sqlite3_column_text(stmt, 0),
	    "e");
	sqlite3_finalize(stmt);
	/* What a later version adds refers to them, and goes with them. */
	assert_int_equal(sqlite3_exec(handle, "INSERT INTO deployment_grant"
	    " (id, hash, user_id, token_id, instance, project, name, scopes,"
	    " created, expires) VALUES ('g', x'00', 'u', 't', 'i', 'n', 'w',"
	    " '', 1, 2), ('h', x'01', 'u', NULL, 'i', 'n', 'w', '', 1, 2);"
	    "DELETE FROM token", NULL, NULL, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(handle, "SELECT id FROM"
	    " deployment_grant", -1, &stmt, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
	assert_string_equal((const char *)sqlite3_column_text(stmt, 0), "h");
	assert_int_equal(sqlite3_step(stmt), SQLITE_DONE);
	sqlite3_finalize(stmt);
	assert_int_equal(sqlite3_exec(handle, "DELETE FROM account", NULL,
	    NULL, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(handle, "SELECT 1 FROM member"
	    " UNION SELECT 1 FROM deployment_grant", -1, &stmt, NULL),
	    SQLITE_OK);
	assert_int_equal(sqlite3_step(stmt), SQLITE_DONE);
	sqlite3_finalize(stmt);
	sqlite3_close(handle);
}

static void
newer_versions_are_left_alone(void **state)
{
	struct fault f = { 0 };
	sqlite3 *handle;

	assert_int_equal(sqlite3_open(":memory:", &handle), SQLITE_OK);
	sqlite3_exec(handle, "PRAGMA user_version = 1000", NULL, NULL, NULL);
	assert_int_equal(migrations_apply(handle, &schema, schema.count, &f),
	    ERR_INTERNAL);
	assert_non_null(strstr(f.detail, "1000"));
	sqlite3_close(handle);
}

static void
all_tables_are_strict(void **state)
{
	struct fixture *x = *state;
	sqlite3_stmt *stmt = db_query(x->db, "SELECT count(*), sum(strict)"
	    " FROM pragma_table_list WHERE schema = 'main'"
	    " AND name NOT LIKE 'sqlite_%'", "");

	assert_int_equal(db_step(stmt), 1);
	assert_true(sqlite3_column_int(stmt, 0) > 8);
	assert_int_equal(sqlite3_column_int(stmt, 0),
	    sqlite3_column_int(stmt, 1));
	db_done(stmt);
}

static void
pragma_is(struct fixture *x, const char *pragma, const char *value)
{
	sqlite3_stmt *stmt = db_query(x->db, pragma, "");

	assert_int_equal(db_step(stmt), 1);
	assert_string_equal(db_text(stmt, 0), value);
	db_done(stmt);
}

static void
connections_are_set_up(void **state)
{
	struct fixture *x = *state;

	pragma_is(x, "PRAGMA journal_mode", "wal");
	pragma_is(x, "PRAGMA synchronous", "2");
	pragma_is(x, "PRAGMA foreign_keys", "1");
	pragma_is(x, "PRAGMA trusted_schema", "0");
	pragma_is(x, "PRAGMA busy_timeout", "5000");
	/* Readers read. */
	pragma_is(x, "PRAGMA query_only", "1");
	assert_int_not_equal(db_run(x->db, "DELETE FROM account", ""), 0);
}

static mode_t
mode_of(const char *path)
{
	struct stat st;

	assert_int_equal(stat(path, &st), 0);
	return st.st_mode & 0777;
}

static void
nobody_else_reads_it(void **state)
{
	static const char *const files[] = { "auth.db", "auth.db-wal",
		"auth.db-shm", "master.key" };
	struct fixture *x = *state;
	char path[128];

	fixture_user(x, "bob", false);
	assert_int_equal(mode_of(x->dir), 0700);
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		path_make(x, files[i], path);
		assert_int_equal(mode_of(path), 0600);
	}
}

static void
rollback_leaves_nothing(void **state)
{
	struct fixture *x = *state;
	struct fault f = { 0 };
	struct db *d = database_write_begin(x->a->store, &f);

	assert_int_equal(store_revise(d), 0);
	assert_int_equal(database_write_end(x->a->store, ERR_CONFLICT, &f),
	    ERR_CONFLICT);
	assert_int_equal(store_revision(x->db), 1);
	d = database_write_begin(x->a->store, &f);
	assert_int_equal(store_revise(d), 0);
	assert_int_equal(database_write_end(x->a->store, 0, &f), 0);
	assert_int_equal(store_revision(x->db), 2);
}

static void
sealed_is_bound_to_its_place(void **state)
{
	struct fixture *x = *state;
	struct keyring other;
	struct buf sealed, opened;

	buf_init(&sealed, 256);
	buf_init(&opened, 256);
	assert_int_equal(keyring_seal(&x->a->keyring, "a:1", "secret", 6,
	    &sealed), 0);
	assert_int_equal(sealed.len, 6 + KEYRING_OVERHEAD);
	assert_int_equal(keyring_open(&x->a->keyring, "a:1", sealed.data,
	    sealed.len, &opened), 0);
	assert_memory_equal(opened.data, "secret", 6);
	buf_reset(&opened);
	assert_int_not_equal(keyring_open(&x->a->keyring, "a:2", sealed.data,
	    sealed.len, &opened), 0);
	memset(&other, 7, sizeof(other));
	assert_int_not_equal(keyring_open(&other, "a:1", sealed.data,
	    sealed.len, &opened), 0);
	for (size_t i = 0; i < sealed.len; i++) {
		sealed.data[i] ^= 1;
		buf_reset(&opened);
		assert_int_not_equal(keyring_open(&x->a->keyring, "a:1",
		    sealed.data, sealed.len, &opened), 0);
		sealed.data[i] ^= 1;
		buf_reset(&opened);
		assert_int_not_equal(keyring_open(&x->a->keyring, "a:1",
		    sealed.data, i, &opened), 0);
	}
	buf_free(&sealed);
	buf_free(&opened);
}

static void
reopen(struct fixture *x, int expected, const char *why)
{
	struct authority *a = NULL;
	struct fault f = { 0 };

	assert_int_equal(authority_open(x->dir, &a, &f), expected);
	if (why != NULL)
		assert_non_null(strstr(f.detail, why));
	authority_close(a);
}

/* The database without its key, or with another, is not opened. */
static void
copied_database_opens_nothing(void **state)
{
	struct fixture *x = *state;
	char key[128], aside[160], bytes[32] = { 1 };
	int fd;

	reopen(x, 0, NULL);
	path_make(x, "master.key", key);
	snprintf(aside, sizeof(aside), "%s.aside", key);
	assert_int_equal(rename(key, aside), 0);
	reopen(x, ERR_INTERNAL, "missing");
	assert_int_not_equal(access(key, F_OK), 0);
	fd = open(key, O_WRONLY | O_CREAT, 0600);
	assert_int_equal(write(fd, bytes, 32), 32);
	reopen(x, ERR_INTERNAL, "does not fit");
	assert_int_equal(ftruncate(fd, 31), 0);
	reopen(x, ERR_INTERNAL, "32 bytes");
	close(fd);
	assert_int_equal(chmod(aside, 0644), 0);
	assert_int_equal(rename(aside, key), 0);
	reopen(x, ERR_INTERNAL, "others");
	assert_int_equal(chmod(key, 0600), 0);
	reopen(x, 0, NULL);
}

/* No file holds a private key as it came. */
static void
keys_are_not_in_the_files(void **state)
{
	static const char *const files[] = { "auth.db", "auth.db-wal" };
	struct fixture *x = *state;
	static char bytes[4 * 1024 * 1024];
	char path[128], *root;

	fixture_user(x, "root", true);
	root = fixture_cookie(x, "root");
	fixture_instance(x, root, "box");
	for (size_t i = 0; i < 2; i++) {
		ssize_t n;
		int fd;

		path_make(x, files[i], path);
		fd = open(path, O_RDONLY);
		assert_true(fd >= 0);
		n = read(fd, bytes, sizeof(bytes));
		close(fd);
		assert_true(n >= 0 && n < (ssize_t)sizeof(bytes));
		assert_null(memmem(bytes, (size_t)n, "PRIVATE KEY", 11));
		assert_null(memmem(bytes, (size_t)n, PASSWORD,
		    strlen(PASSWORD)));
	}
	free(root);
}

/* A signer is opened with the key of its row and no other. */
static void
moved_key_does_not_open(void **state)
{
	struct fixture *x = *state;
	struct fault f = { 0 };
	struct signer *signer;
	char id[37], *root;
	sqlite3_stmt *stmt;
	struct db *d;

	fixture_user(x, "root", true);
	root = fixture_cookie(x, "root");
	fixture_instance(x, root, "one");
	fixture_instance(x, root, "two");
	d = database_write_begin(x->a->store, &f);
	db_run(d, "UPDATE instance SET key = (SELECT key FROM instance"
	    " WHERE name = 'one') WHERE name = 'two'", "");
	database_write_end(x->a->store, 0, &f);
	stmt = db_query(x->db, "SELECT id FROM instance ORDER BY name", "");
	assert_int_equal(db_step(stmt), 1);
	snprintf(id, sizeof(id), "%s", db_text(stmt, 0));
	assert_int_equal(instance_signer(x->a, x->db, id, time(NULL), &signer,
	    &f), 0);
	signers_release(&x->a->signers, signer);
	assert_int_equal(db_step(stmt), 1);
	snprintf(id, sizeof(id), "%s", db_text(stmt, 0));
	assert_int_equal(instance_signer(x->a, x->db, id, time(NULL), &signer,
	    &f), ERR_INTERNAL);
	db_done(stmt);
	free(root);
}

static bool
is_kept(struct fixture *x, const char *id)
{
	struct signer *signer = signers_get(&x->a->signers, id);

	if (signer != NULL)
		signers_release(&x->a->signers, signer);
	return signer != NULL;
}

/* Who read the row before it was changed may open the old key after that. */
static void
an_old_key_is_not_kept(void **state)
{
	struct fixture *x = *state;
	struct fault f = { 0 };
	struct signer *signer;
	char id[37], *root;
	sqlite3_stmt *stmt;

	fixture_user(x, "root", true);
	root = fixture_cookie(x, "root");
	fixture_instance(x, root, "one");
	stmt = db_query(x->db, "SELECT id FROM instance", "");
	assert_int_equal(db_step(stmt), 1);
	snprintf(id, sizeof(id), "%s", db_text(stmt, 0));
	db_done(stmt);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(instance_signer(x->a, x->db, id, time(NULL),
		    &signer, &f), 0);
		signers_release(&x->a->signers, signer);
		assert_int_equal(is_kept(x, id), i == 0);
		signers_drop(&x->a->signers, id);
		assert_false(is_kept(x, id));
	}
	free(root);
}

static void
settings_are_kept(void **state)
{
	struct fixture *x = *state;
	struct json_object *body, *kept;
	struct fault f = { 0 };
	struct db *d;

	assert_int_equal(setting_get(x->db, "mode", &kept), 0);
	assert_null(kept);
	for (int i = 1; i <= 2; i++) {
		body = json_object_new_object();
		json_add_int(body, "n", i);
		d = database_write_begin(x->a->store, &f);
		assert_int_equal(database_write_end(x->a->store,
		    setting_set(d, "mode", body), &f), 0);
		json_object_put(body);
		assert_int_equal(setting_get(x->db, "mode", &kept), 0);
		assert_int_equal(int_at(kept, "n"), i);
		json_object_put(kept);
	}
	assert_int_equal(setting_get(x->db, "other", &kept), 0);
	assert_null(kept);
}

int
main(void)
{
#define WITH(f) cmocka_unit_test_setup_teardown(f, fixture_setup, \
	fixture_teardown)
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_old_version_is_upgraded),
		cmocka_unit_test(rows_survive_upgrades),
		cmocka_unit_test(newer_versions_are_left_alone),
		WITH(all_tables_are_strict),
		WITH(connections_are_set_up),
		WITH(nobody_else_reads_it),
		WITH(rollback_leaves_nothing),
		WITH(sealed_is_bound_to_its_place),
		WITH(copied_database_opens_nothing),
		WITH(keys_are_not_in_the_files),
		WITH(moved_key_does_not_open),
		WITH(an_old_key_is_not_kept),
		WITH(settings_are_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
