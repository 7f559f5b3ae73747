/* SPDX-License-Identifier: ISC */
/*
 * The state as a whole: what is sealed in it, another master key, copies out
 * and in, and the check of all of it; also when the program is killed at any
 * moment.
 */
#include "config.h"

#include "auth_fixture.h"

#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "auth/backup.h"
#include "auth/check.h"
#include "auth/factors.h"
#include "auth/instances.h"
#include "auth/projects.h"
#include "auth/rekey.h"
#include "auth/sealed.h"
#include "auth/secrets.h"

#define VALUE "a secret of the project"

/* One state with something of everything, made once; tests work on copies. */
static char original[48];
static char dir[64], other[64], copy[64];
static char totp[TOTP_TEXT_SIZE], *token, *pem;
static int64_t sealed;

static void
path_make(const char *in, const char *name, char out[128])
{
	snprintf(out, 128, "%s/%s", in, name);
}

/* The bytes of a file, owned; NULL when it is not there. */
static uint8_t *
file_read(const char *in, const char *name, size_t *len)
{
	char path[128];
	struct stat st;
	uint8_t *data;
	int fd;

	path_make(in, name, path);
	fd = open(path, O_RDONLY);
	if (fd < 0)
		return NULL;
	assert_int_equal(fstat(fd, &st), 0);
	data = malloc((size_t)st.st_size + 1);
	*len = (size_t)st.st_size;
	assert_int_equal(read(fd, data, *len), *len);
	close(fd);
	return data;
}

static void
file_write(const char *in, const char *name, const void *data, size_t len)
{
	char path[128];
	int fd;

	path_make(in, name, path);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, data, len), len);
	close(fd);
}

static bool
file_there(const char *in, const char *name)
{
	char path[128];

	path_make(in, name, path);
	return access(path, F_OK) == 0;
}

/* Everything in from, and nothing else, is in to; but for one name. */
static void
directory_copy(const char *from, const char *to, const char *but)
{
	struct dirent *e;
	DIR *d;

	directory_remove(to);
	assert_int_equal(mkdir(to, 0700), 0);
	d = opendir(from);
	assert_non_null(d);
	while ((e = readdir(d)) != NULL) {
		size_t len = 0;
		uint8_t *data;

		if (e->d_name[0] == '.' || strcmp(e->d_name, but) == 0)
			continue;
		data = file_read(from, e->d_name, &len);
		assert_non_null(data);
		file_write(to, e->d_name, data, len);
		free(data);
	}
	closedir(d);
}

static struct authority *
opened(const char *in)
{
	struct authority *a = NULL;
	struct fault f = { 0 };

	if (authority_open(in, &a, &f) != 0)
		fail_msg("%s: %s", in, f.detail);
	return a;
}

/* It opens, with everything in it, and its log is whole. */
static void
assert_whole(const char *in)
{
	struct authority *a = opened(in);
	struct db *d = database_reader(a->store);
	struct fault f = { 0 };
	int64_t n = 0, rows;

	if (db_check(d, &f) != 0 ||
	    sealed_check(d, &a->keyring, &n, &f) != 0 ||
	    audit_verify(&a->audit, d, &rows, &f) != 0)
		fail_msg("%s: %s", in, f.detail);
	assert_int_equal(n, sealed);
	db_close(d);
	authority_close(a);
}

/* Somebody with a second factor, an instance, and a project with a secret. */
static void
original_fill(struct fixture *x)
{
	struct account account;
	struct fault f = { 0 };
	struct place place = { .project = "root" };
	struct identity who = { .admin = true };
	struct spot spot;
	struct db *d;
	char *root;

	fixture_user(x, "root", true);
	root = fixture_cookie(x, "root");
	fixture_instance(x, root, "box");
	token = fixture_token(x, root, "\"scopes\":[\"unikernel:read\"]");
	d = database_write_begin(x->a->store, &f);
	assert_non_null(d);
	assert_int_equal(account_by_email(d, "root@example.org", &account), 0);
	assert_int_equal(factor_totp_begin(&x->a->keyring, d, account.id,
	    totp), 0);
	assert_int_equal(db_run(d, "UPDATE totp SET secret = pending", ""), 0);
	assert_int_equal(identity_at(d, &who, &place, &spot, &f), 0);
	assert_int_equal(secret_set(d, &x->a->keyring, spot.project_id, "KEY",
	    VALUE, "root", time(NULL), &f), 0);
	assert_int_equal(database_write_end(x->a->store, 0, &f), 0);
	free(root);
}

static int
setup(void **state)
{
	struct fixture x = { 0 };
	struct fault f = { 0 };
	char *certificate;

	/* In memory where that can be: a thousand times to the disk is long. */
	snprintf(original, sizeof(original), "%s/mollymawk-test.XXXXXX",
	    access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
	if (mkdtemp(original) == NULL)
		return -1;
	snprintf(dir, sizeof(dir), "%s.1", original);
	snprintf(other, sizeof(other), "%s.2", original);
	snprintf(copy, sizeof(copy), "%s.copy", original);
	snprintf(x.dir, sizeof(x.dir), "%s", original);
	assert_int_equal(password_hash(PASSWORD, x.hash), 0);
	assert_int_equal(authority_open(original, &x.a, &f), 0);
	x.db = database_reader(x.a->store);
	original_fill(&x);
	if (sealed_check(x.db, &x.a->keyring, &sealed, &f) != 0)
		fail_msg("%s", f.detail);
	/* instance, second factor twice, secret, key of session tokens */
	assert_true(sealed >= 5);
	db_close(x.db);
	authority_close(x.a);
	ca_pem(&certificate, &pem);
	free(certificate);
	return 0;
}

static void
copies_remove(void)
{
	char key[80];

	snprintf(key, sizeof(key), "%s.key", copy);
	directory_remove(dir);
	directory_remove(other);
	unlink(copy);
	unlink(key);
}

static int
teardown(void **state)
{
	copies_remove();
	directory_remove(original);
	free(token);
	free(pem);
	return 0;
}

static int
each(void **state)
{
	copies_remove();
	directory_copy(original, dir, "");
	return 0;
}

/* ---- what is sealed ---- */

/* Columns of bytes that are no secrets: hashes, public keys, salts. */
static const char *const plain[] = { "session.salt", "token.hash",
	"deployment_grant.hash", "audit.hash", "audit_head.hash",
	"audit_head.mac", "mail_link.hash", "invitation.hash",
	"recovery_code.hash", "passkey.credential", "passkey.public_key" };

static bool
is_plain(const char *name)
{
	for (size_t i = 0; i < sizeof(plain) / sizeof(plain[0]); i++)
		if (strcmp(plain[i], name) == 0)
			return true;
	return false;
}

/* A sealed column that sealed.c does not know would be lost with a rekey. */
static void
all_that_is_sealed_is_known(void **state)
{
	static const char *const known[] = { "instance.key", "totp.secret",
		"totp.pending", "project_secret.value",
		"signing_key.secret" };
	struct authority *a = opened(dir);
	struct db *d = database_reader(a->store);
	sqlite3_stmt *stmt = db_query(d, "SELECT t.name || '.' || c.name"
	    " FROM pragma_table_list t, pragma_table_info(t.name) c"
	    " WHERE t.schema = 'main' AND c.type = 'BLOB'", "");
	size_t found = 0;

	while (db_step(stmt) == 1) {
		const char *name = db_text(stmt, 0);
		bool is_known = false;

		for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
			is_known = is_known || strcmp(known[i], name) == 0;
		found += is_known;
		if (!is_known && !is_plain(name))
			fail_msg("%s: sealed? Then it belongs into "
			    "auth/sealed.c", name);
	}
	assert_int_equal(found, sizeof(known) / sizeof(known[0]));
	db_close(d);
	authority_close(a);
}

static void
assert_without(const char *in, const char *name, const void *what, size_t len)
{
	size_t size = 0;
	uint8_t *data = file_read(in, name, &size);

	if (data == NULL)
		return;
	if (memmem(data, size, what, len) != NULL)
		fail_msg("%s holds a secret", name);
	free(data);
}

/* A thief has the files of the database, and not the master key. */
static void
copied_database_opens_nothing(void **state)
{
	static const char *const files[] = { "auth.db", "auth.db-wal" };
	struct authority *a = opened(dir), *stolen = NULL;
	struct access_key key;
	struct keyring guess = { { 0 } };
	struct fault f = { 0 };
	struct db *d;
	int64_t n;

	/* While it serves: part of it is in the log. */
	d = database_write_begin(a->store, &f);
	assert_int_equal(signing_rotate(d, &a->keyring, time(NULL)), 0);
	assert_int_equal(signing_current(d, &a->keyring, time(NULL), &key),
	    0);
	assert_int_equal(database_write_end(a->store, 0, &f), 0);
	directory_copy(dir, other, "master.key");
	assert_true(file_there(other, "auth.db-wal"));
	for (size_t i = 0; i < 2; i++) {
		assert_without(other, files[i], "PRIVATE KEY", 11);
		assert_without(other, files[i], pem + 40, 40);
		assert_without(other, files[i], totp, strlen(totp));
		assert_without(other, files[i], VALUE, strlen(VALUE));
		assert_without(other, files[i], token, strlen(token));
		assert_without(other, files[i], key.secret,
		    sizeof(key.secret));
		assert_without(other, files[i], a->keyring.master,
		    KEYRING_BYTES);
	}
	assert_int_equal(authority_open(other, &stolen, &f), ERR_INTERNAL);
	assert_non_null(strstr(f.detail, "missing"));
	assert_false(file_there(other, "master.key"));
	/* With a key of one's own neither. */
	file_write(other, "master.key", guess.master, KEYRING_BYTES);
	assert_int_equal(authority_open(other, &stolen, &f), ERR_INTERNAL);
	d = database_reader(a->store);
	assert_int_not_equal(sealed_check(d, &guess, &n, &f), 0);
	db_close(d);
	authority_close(a);
}

/* ---- another master key ---- */

static int
rekey_in(const char *in, struct fault *f)
{
	struct authority *a = NULL;
	int err = authority_open_alone(in, &a, f);

	if (err == 0)
		err = rekey(a, in, f);
	authority_close(a);
	return err;
}

static int64_t
count(struct db *d, const char *sql)
{
	return db_number(db_query(d, sql, ""), -1);
}

static void
rekey_seals_all_anew(void **state)
{
	struct authority *a = opened(dir);
	struct keyring old = a->keyring;
	struct db *d = database_reader(a->store);
	struct fault f = { 0 };
	struct token found;
	uint8_t value[64];
	sqlite3_stmt *stmt;
	int64_t n;

	stmt = db_query(d, "SELECT value FROM project_secret", "");
	assert_int_equal(db_step(stmt), 1);
	assert_true(sqlite3_column_bytes(stmt, 0) < (int)sizeof(value));
	n = sqlite3_column_bytes(stmt, 0);
	memcpy(value, sqlite3_column_blob(stmt, 0), (size_t)n);
	db_done(stmt);
	assert_int_equal(count(d, "SELECT count(*) FROM session"), 1);
	db_close(d);
	authority_close(a);

	if (rekey_in(dir, &f) != 0)
		fail_msg("%s", f.detail);
	assert_whole(dir);
	assert_false(file_there(dir, "master.key.next"));
	/* What the old key opens is nowhere any more. */
	assert_without(dir, "auth.db", value, (size_t)n);
	assert_without(dir, "auth.db-wal", value, (size_t)n);
	a = opened(dir);
	assert_memory_not_equal(a->keyring.master, old.master, KEYRING_BYTES);
	d = database_reader(a->store);
	assert_int_not_equal(sealed_check(d, &old, &n, &f), 0);
	assert_int_not_equal(signing_check(d, &old), 0);
	/* Sessions end, tokens go on; the log says so. */
	assert_int_equal(count(d, "SELECT count(*) FROM session"), 0);
	assert_int_equal(token_by_secret(d, token, &found), 0);
	assert_int_equal(count(d, "SELECT count(*) FROM audit"
	    " WHERE action = 'rekey'"), 1);
	db_close(d);
	authority_close(a);
}

static void
rekey_waits_for_nobody(void **state)
{
	struct authority *a = opened(dir), *second = NULL;
	struct fault f = { 0 };

	assert_int_equal(rekey_in(dir, &f), ERR_BUSY);
	assert_non_null(strstr(f.detail, "stop mollymawk-auth"));
	authority_close(a);
	/* And the other way round. */
	f = (struct fault){ 0 };
	assert_int_equal(authority_open_alone(dir, &a, &f), 0);
	assert_int_equal(authority_open(dir, &second, &f), ERR_BUSY);
	authority_close(a);
	assert_whole(dir);
}

static void
tamper(const char *in, const char *sql)
{
	char path[128];
	sqlite3 *handle;

	path_make(in, "auth.db", path);
	assert_int_equal(sqlite3_open(path, &handle), SQLITE_OK);
	assert_int_equal(sqlite3_exec(handle, "DROP TRIGGER audit_no_delete;"
	    "DROP TRIGGER audit_no_update", NULL, NULL, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_exec(handle, sql, NULL, NULL, NULL),
	    SQLITE_OK);
	sqlite3_close(handle);
}

/* A new seal would hide what was done to the log. */
static void
rekey_blesses_no_tampering(void **state)
{
	struct fault f = { 0 };

	tamper(dir, "DELETE FROM audit WHERE id = 1");
	assert_int_equal(rekey_in(dir, &f), ERR_INTERNAL);
	assert_non_null(strstr(f.detail, "row 1"));
	assert_false(file_there(dir, "master.key.next"));
}

/* What can not be opened is not sealed anew: nothing is lost. */
static void
rekey_is_all_or_nothing(void **state)
{
	struct fault f = { 0 };
	size_t len;
	uint8_t *before = file_read(dir, "master.key", &len), *after;

	tamper(dir, "UPDATE project_secret SET value = x'0102'");
	assert_int_equal(rekey_in(dir, &f), ERR_INTERNAL);
	assert_non_null(strstr(f.detail, "secret of a project"));
	authority_close(opened(dir));
	after = file_read(dir, "master.key", &len);
	assert_memory_equal(before, after, len);
	free(before);
	free(after);
}

/* ---- killed anywhere ---- */

static bool
changes_files(uint64_t number)
{
	switch (number) {
	case SYS_write:
	case SYS_pwrite64:
	case SYS_fsync:
	case SYS_fdatasync:
	case SYS_ftruncate:
	case SYS_renameat:
	case SYS_renameat2:
	case SYS_linkat:
	case SYS_unlinkat:
#ifdef SYS_open
	case SYS_rename:
	case SYS_link:
	case SYS_unlink:
#endif
		return true;
	default:
		return false;
	}
}

enum end { KILLED, ENDED, NO_PTRACE };

/* Lets a traced child go on until its nth call that may change a file. */
static enum end
run_until(pid_t pid, int nth)
{
	struct __ptrace_syscall_info info;
	int status, passed = 0;

	for (;;) {
		if (ptrace(PTRACE_SYSCALL, pid, NULL, NULL) < 0 ||
		    waitpid(pid, &status, __WALL) < 0)
			return NO_PTRACE;
		if (WIFEXITED(status)) {
			assert_int_equal(WEXITSTATUS(status), 0);
			return ENDED;
		}
		assert_true(WIFSTOPPED(status));
		if (ptrace(PTRACE_GET_SYSCALL_INFO, pid,
		    (void *)sizeof(info), &info) < 0)
			return NO_PTRACE;
		if (info.op == PTRACE_SYSCALL_INFO_ENTRY &&
		    changes_files(info.entry.nr) && ++passed == nth)
			break;
	}
	kill(pid, SIGKILL);
	waitpid(pid, &status, __WALL);
	return KILLED;
}

static enum end
killed_at(int nth, int (*work)(void))
{
	pid_t pid = fork();
	int status;

	assert_true(pid >= 0);
	if (pid == 0) {
		if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) < 0)
			_exit(77);
		raise(SIGSTOP);
		_exit(work() == 0 ? 0 : 1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (!WIFSTOPPED(status) || ptrace(PTRACE_SETOPTIONS, pid, NULL,
	    PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL) < 0)
		return NO_PTRACE;
	return run_until(pid, nth);
}

static int
work_rekey(void)
{
	struct fault f = { 0 };

	return rekey_in(dir, &f);
}

/*
 * Whenever it is killed, the state opens, with everything in it, and another
 * rekey goes through.
 */
static void
rekey_may_be_killed(void **state)
{
	struct fault f = { 0 };
	int n = 0;
	enum end end;

	do {
		directory_copy(original, dir, "");
		end = killed_at(++n, work_rekey);
		if (end == NO_PTRACE)
			skip();
		assert_whole(dir);
		if (n % 16 == 0)
			assert_int_equal(rekey_in(dir, &f), 0);
	} while (end == KILLED);
	/* Before, in and after the database: the key of then was there. */
	assert_true(n > 20);
	assert_whole(dir);
}

/* ---- copies ---- */

static void
backup_of(const char *in, bool with_key)
{
	struct authority *a = opened(in);
	struct fault f = { 0 };

	if (backup_make(a, copy, with_key, &f) != 0)
		fail_msg("%s", f.detail);
	authority_close(a);
}

static int
restore_to(const char *in, const char *key, bool force, struct fault *f)
{
	const struct backup from = { copy, key, force };

	*f = (struct fault){ 0 };
	return backup_restore(in, &from, f);
}

static atomic_bool writing;

static void *
rows_write(void *arg)
{
	struct authority *a = arg;
	const struct audit_entry e = { .action = "mint", .result = "ok" };
	struct fault f = { 0 };

	while (writing)
		if (audit_append(&a->audit, &e, &f) != 0)
			return arg;
	return NULL;
}

/* Others write; what is copied is one moment of it. */
static void
backup_is_one_moment(void **state)
{
	struct authority *a = opened(dir);
	struct fault f = { 0 };
	pthread_t threads[2];
	struct stat st;
	void *failed;

	writing = true;
	for (int i = 0; i < 2; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, rows_write,
		    a), 0);
	for (int i = 0; i < 5; i++) {
		unlink(copy);
		if (backup_make(a, copy, false, &f) != 0)
			fail_msg("%s", f.detail);
		assert_int_equal(stat(copy, &st), 0);
		assert_int_equal(st.st_mode & 0777, 0600);
		directory_copy(original, other, "auth.db");
		if (restore_to(other, NULL, false, &f) != 0)
			fail_msg("%s", f.detail);
	}
	writing = false;
	for (int i = 0; i < 2; i++) {
		pthread_join(threads[i], &failed);
		assert_null(failed);
	}
	authority_close(a);
	assert_whole(other);
}

static void
backup_replaces_nothing(void **state)
{
	struct authority *a = opened(dir);
	struct fault f = { 0 };
	char key[80];

	snprintf(key, sizeof(key), "%s.key", copy);
	assert_int_equal(backup_make(a, copy, false, &f), 0);
	assert_int_not_equal(access(key, F_OK), 0);
	assert_int_equal(backup_make(a, copy, false, &f), ERR_CONFLICT);
	unlink(copy);
	f = (struct fault){ 0 };
	assert_int_equal(backup_make(a, copy, true, &f), 0);
	assert_int_equal(access(key, F_OK), 0);
	unlink(copy);
	assert_int_equal(backup_make(a, copy, true, &f), ERR_CONFLICT);
	assert_int_not_equal(access(copy, F_OK), 0);
	f = (struct fault){ 0 };
	assert_int_equal(backup_make(a, "/nowhere/copy", false, &f),
	    ERR_INTERNAL);
	authority_close(a);
}

static void
restore_brings_it_back(void **state)
{
	struct fault f = { 0 };
	struct authority *a;
	struct db *d;
	char key[80];

	snprintf(key, sizeof(key), "%s.key", copy);
	backup_of(dir, true);
	/* Into nothing: with its key, and not without. */
	assert_int_equal(restore_to(other, NULL, false, &f), ERR_INVALID);
	if (restore_to(other, key, false, &f) != 0)
		fail_msg("%s", f.detail);
	assert_whole(other);
	a = opened(other);
	d = database_reader(a->store);
	assert_int_equal(count(d, "SELECT count(*) FROM session"), 0);
	assert_int_equal(count(d, "SELECT count(*) FROM audit"
	    " WHERE action = 'restore'"), 1);
	db_close(d);
	authority_close(a);
	/* In place of what is there, when that is said. */
	assert_int_equal(restore_to(other, NULL, false, &f), ERR_CONFLICT);
	assert_int_equal(restore_to(other, NULL, true, &f), 0);
	assert_true(file_there(other, "auth.db.before"));
	assert_whole(other);
	/* Of before a rekey: with the key of then. */
	assert_int_equal(rekey_in(other, &f), 0);
	assert_int_equal(restore_to(other, NULL, true, &f), ERR_INVALID);
	assert_whole(other);
	assert_int_equal(restore_to(other, key, true, &f), 0);
	assert_true(file_there(other, "master.key.before"));
	assert_whole(other);
}

static void
restore_takes_nothing_wrong(void **state)
{
	struct fault f = { 0 };
	struct authority *a;
	int fd;

	backup_of(dir, false);
	a = opened(dir);
	assert_int_equal(restore_to(dir, NULL, true, &f), ERR_BUSY);
	authority_close(a);
	tamper(dir, "UPDATE audit SET action = 'x' WHERE id = 1");
	unlink(copy);
	backup_of(dir, false);
	directory_copy(original, other, "");
	assert_int_equal(restore_to(other, NULL, true, &f), ERR_INTERNAL);
	assert_non_null(strstr(f.detail, "row 1"));
	fd = open(copy, O_WRONLY | O_TRUNC);
	assert_int_equal(write(fd, "nonsense nonsense nonsense", 26), 26);
	close(fd);
	assert_int_equal(restore_to(other, NULL, true, &f), ERR_INVALID);
	unlink(copy);
	assert_int_equal(restore_to(other, NULL, true, &f), ERR_INVALID);
	assert_whole(other);
	assert_false(file_there(other, "auth.db.restore"));
}

static int
work_restore(void)
{
	struct fault f = { 0 };
	char key[80];

	snprintf(key, sizeof(key), "%s.key", copy);
	return restore_to(dir, key, true, &f);
}

/* Into a state with another master key: the one or the other is there. */
static void
restore_may_be_killed(void **state)
{
	struct fault f = { 0 };
	int n = 0;
	enum end end;

	backup_of(dir, true);
	directory_copy(original, other, "");
	assert_int_equal(rekey_in(other, &f), 0);
	do {
		directory_copy(other, dir, "");
		end = killed_at(++n, work_restore);
		if (end == NO_PTRACE)
			skip();
		assert_whole(dir);
	} while (end == KILLED);
	assert_true(n > 20);
}

/* ---- the check ---- */

static bool
check(const char *in, char *text, size_t size)
{
	FILE *out = fmemopen(text, size, "w");
	bool good;

	assert_non_null(out);
	good = check_state(in, out);
	fclose(out);
	return good;
}

static void
check_finds(const char *what)
{
	char text[8192] = "";

	if (check(dir, text, sizeof(text)) || strstr(text, "BAD ") == NULL ||
	    strstr(text, what) == NULL)
		fail_msg("%s is not in: %s", what, text);
}

static void
good_state_is_good(void **state)
{
	struct authority *a;
	char text[8192] = "";

	if (!check(dir, text, sizeof(text)))
		fail_msg("%s", text);
	assert_non_null(strstr(text, "opens all"));
	assert_non_null(strstr(text, "whole:"));
	assert_non_null(strstr(text, "instance box expires"));
	/* While it is in use. */
	a = opened(dir);
	if (!check(dir, text, sizeof(text)))
		fail_msg("%s", text);
	authority_close(a);
}

static void
bad_states_are_found(void **state)
{
	char path[128];

	path_make(dir, "auth.db", path);
	chmod(path, 0644);
	check_finds("0644 instead of 0600");
	each(NULL);
	chmod(dir, 0755);
	check_finds("0755 instead of 0700");
	each(NULL);
	path_make(dir, "master.key", path);
	unlink(path);
	check_finds("There is no master key");
	file_write(dir, "master.key", "0123456789abcdef0123456789abcdef", 32);
	check_finds("No master key opens everything");
	each(NULL);
	tamper(dir, "UPDATE audit SET action = 'x' WHERE id = 1");
	check_finds("broken at row 1");
	each(NULL);
	tamper(dir, "INSERT INTO member VALUES ('x', 'y', 'owner')");
	check_finds("refers to one of table");
	each(NULL);
	tamper(dir, "UPDATE instance SET expires = 1");
	check_finds("box expired");
	each(NULL);
	tamper(dir, "PRAGMA user_version = 1000");
	check_finds("version 1000");
	directory_remove(dir);
	check_finds("No such file");
}

int
main(void)
{
#define EACH(f) cmocka_unit_test_setup(f, each)
	const struct CMUnitTest tests[] = {
		EACH(all_that_is_sealed_is_known),
		EACH(copied_database_opens_nothing),
		EACH(rekey_seals_all_anew),
		EACH(rekey_waits_for_nobody),
		EACH(rekey_blesses_no_tampering),
		EACH(rekey_is_all_or_nothing),
		EACH(rekey_may_be_killed),
		EACH(backup_is_one_moment),
		EACH(backup_replaces_nothing),
		EACH(restore_brings_it_back),
		EACH(restore_takes_nothing_wrong),
		EACH(restore_may_be_killed),
		EACH(good_state_is_good),
		EACH(bad_states_are_found),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
