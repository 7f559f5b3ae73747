/* SPDX-License-Identifier: ISC */
/* The operator's commands, run as programs on a state directory. */
#include "config.h"

#include "auth_fixture.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static char dir[] = "/tmp/mollymawk-test.XXXXXX";
static char output[1024];

static int
setup(void **state)
{
	return mkdtemp(dir) == NULL ? -1 : 0;
}

static int
teardown(void **state)
{
	directory_remove(dir);
	return 0;
}

/* In the child: input on descriptor 0, output on 1, silence on 2. */
static void
program_exec(int in, int out, char *const argv[])
{
	const char *top = getenv("top_builddir");
	char program[512];
	int null = open("/dev/null", O_WRONLY);

	snprintf(program, sizeof(program), "%s/mollymawk-auth",
	    top == NULL ? "." : top);
	dup2(in, STDIN_FILENO);
	dup2(out, STDOUT_FILENO);
	dup2(null, STDERR_FILENO);
	execv(program, argv);
	_exit(127);
}

/* Runs mollymawk-auth with these words; its exit status and its output. */
static int
run(const char *input, const char *const words[])
{
	char *argv[16] = { (char *)"mollymawk-auth" };
	size_t n = 0, len = strlen(input);
	int in[2], out[2], status;
	ssize_t got;
	pid_t pid;

	for (; words[n] != NULL && n < 14; n++)
		argv[n + 1] = (char *)(uintptr_t)words[n];
	assert_int_equal(pipe2(in, O_CLOEXEC), 0);
	assert_int_equal(pipe2(out, O_CLOEXEC), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0)
		program_exec(in[0], out[1], argv);
	assert_int_equal(write(in[1], input, len), len);
	close(in[0]);
	close(in[1]);
	close(out[1]);
	got = read(out[0], output, sizeof(output) - 1);
	output[got < 0 ? 0 : got] = '\0';
	close(out[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

#define RUN(input, ...) \
	run(input, (const char *const[]){ __VA_ARGS__, NULL })

/* Whether the password opens the account, by the daemon's own means. */
static bool
opens(const char *email, const char *password, bool admin)
{
	struct authority *a = NULL;
	struct account account;
	struct fault f = { 0 };
	struct db *d;
	bool ok;

	assert_int_equal(authority_open(dir, &a, &f), 0);
	d = database_reader(a->store);
	ok = account_by_email(d, email, &account) == 0 &&
	    account.admin == admin &&
	    password_verify(password, account.password);
	db_close(d);
	authority_close(a);
	return ok;
}

static void
accounts_are_made(void **state)
{
	assert_int_equal(RUN("correct horse\n", "admin-create", "--dir", dir,
	    "--email", "Root@example.org", "--name", "Root"), 0);
	assert_string_equal(output, "");
	assert_true(opens("root@example.org", "correct horse", true));
	assert_int_equal(RUN("", "user-create", "--dir", dir, "--email",
	    "bob@example.org", "--name", "bob", "--generate"), 0);
	output[strcspn(output, "\n")] = '\0';
	assert_int_equal(strlen(output), 24);
	assert_true(opens("bob@example.org", output, false));
}

static void
wrong_accounts_are_not(void **state)
{
	assert_int_equal(RUN("correct horse\n", "user-create", "--dir", dir,
	    "--email", "root@example.org", "--name", "other"), 1);
	assert_int_equal(RUN("correct horse\n", "user-create", "--dir", dir,
	    "--email", "other@example.org", "--name", "ROOT"), 1);
	assert_int_equal(RUN("correct horse\n", "user-create", "--dir", dir,
	    "--email", "nonsense", "--name", "other"), 1);
	assert_int_equal(RUN("correct horse\n", "user-create", "--dir", dir,
	    "--email", "other@example.org", "--name", "a_b"), 1);
	assert_int_equal(RUN("short\n", "user-create", "--dir", dir,
	    "--email", "other@example.org", "--name", "other"), 1);
	assert_int_equal(RUN("", "user-create", "--dir", dir,
	    "--email", "other@example.org", "--name", "other"), 1);
}

static void
password_is_replaced(void **state)
{
	assert_int_equal(RUN("battery staple\n", "password", "--dir", dir,
	    "--email", "root@example.org"), 0);
	assert_false(opens("root@example.org", "correct horse", true));
	assert_true(opens("root@example.org", "battery staple", true));
	assert_int_equal(RUN("battery staple\n", "password", "--dir", dir,
	    "--email", "nobody@example.org"), 1);
}

static void
keys_are_rotated(void **state)
{
	assert_int_equal(RUN("", "keys", "rotate", "--dir", dir), 0);
	assert_non_null(strstr(output, "new signing key"));
}

static void
audit_log_is_verified(void **state)
{
	char path[64];
	sqlite3 *handle;

	assert_int_equal(RUN("", "audit-verify", "--dir", dir), 0);
	assert_non_null(strstr(output, "whole: 4 rows"));
	snprintf(path, sizeof(path), "%s/auth.db", dir);
	assert_int_equal(sqlite3_open(path, &handle), SQLITE_OK);
	assert_int_equal(sqlite3_exec(handle, "DROP TRIGGER audit_no_delete;"
	    "DELETE FROM audit WHERE id = 2", NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(handle);
	assert_int_equal(RUN("", "audit-verify", "--dir", dir), 1);
}

static void
wrong_use_is_told(void **state)
{
	assert_int_equal(RUN("", "nonsense", "--dir", dir), 2);
	assert_int_equal(RUN("", "serve", "--dir", dir), 2);
	assert_int_equal(RUN("", "audit-verify"), 2);
	assert_int_equal(RUN("", "keys", "--dir", dir), 2);
	assert_int_equal(RUN("", "audit-verify", "--dir", dir, "more"), 2);
	assert_int_equal(RUN("", "serve", "--dir", dir, "--socket", "x",
	    "--peer-uid", "-1"), 2);
	assert_int_equal(RUN("", "--help"), 0);
	assert_non_null(strstr(output, "usage: mollymawk-auth serve"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(accounts_are_made),
		cmocka_unit_test(wrong_accounts_are_not),
		cmocka_unit_test(password_is_replaced),
		cmocka_unit_test(keys_are_rotated),
		cmocka_unit_test(audit_log_is_verified),
		cmocka_unit_test(wrong_use_is_told),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
