/* SPDX-License-Identifier: ISC */
/* The operator's commands, run as programs on a state directory. */
#include "config.h"

#include "auth_fixture.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "auth/factors.h"
#include "auth/tokens.h"

static char dir[] = "/tmp/mollymawk-test.XXXXXX";
static char output[8192];

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
	char *argv[24] = { (char *)"mollymawk-auth" };
	size_t n = 0, len = strlen(input);
	int in[2], out[2], status;
	ssize_t got;
	pid_t pid;

	for (; words[n] != NULL && n < 22; n++)
		argv[n + 1] = (char *)(uintptr_t)words[n];
	assert_int_equal(pipe2(in, O_CLOEXEC), 0);
	assert_int_equal(pipe2(out, O_CLOEXEC), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0)
		program_exec(in[0], out[1], argv);
	assert_int_equal(write(in[1], input, len), len);
	len = 0;
	close(in[0]);
	close(in[1]);
	close(out[1]);
	while ((got = read(out[0], output + len, sizeof(output) - 1 - len)) > 0)
		len += (size_t)got;
	output[len] = '\0';
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
	assert_int_equal(RUN("battery staple\n", "passwd", "--dir", dir,
	    "--email", "root@example.org"), 0);
	assert_false(opens("root@example.org", "correct horse", true));
	assert_true(opens("root@example.org", "battery staple", true));
	assert_int_equal(RUN("battery staple\n", "passwd", "--dir", dir,
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
	assert_non_null(strstr(output, "rows"));
	snprintf(path, sizeof(path), "%s/auth.db", dir);
	assert_int_equal(sqlite3_open(path, &handle), SQLITE_OK);
	assert_int_equal(sqlite3_exec(handle, "DROP TRIGGER audit_no_delete;"
	    "DELETE FROM audit WHERE id = 2", NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(handle);
	assert_int_equal(RUN("", "audit-verify", "--dir", dir), 1);
}

/* A second factor goes only when that is said. */
static void
second_factor_is_removed(void **state)
{
	struct authority *a = NULL;
	struct account account;
	struct factors has;
	struct fault f = { 0 };
	char text[TOTP_TEXT_SIZE];
	struct db *d;

	for (int i = 0; i < 2; i++) {
		assert_int_equal(authority_open(dir, &a, &f), 0);
		d = database_write_begin(a->store, &f);
		assert_int_equal(account_by_email(d, "bob@example.org",
		    &account), 0);
		assert_int_equal(factor_totp_begin(&a->keyring, d, account.id,
		    text), 0);
		assert_int_equal(db_run(d, "UPDATE totp SET secret = pending,"
		    " confirmed = 1", ""), 0);
		assert_int_equal(database_write_end(a->store, 0, &f), 0);
		authority_close(a);
		assert_int_equal(RUN("battery staple\n", "passwd", "--dir",
		    dir, "--email", "bob@example.org", i == 0 ? NULL :
		    "--remove-second-factor"), 0);
		assert_int_equal(authority_open(dir, &a, &f), 0);
		d = database_reader(a->store);
		assert_int_equal(factors_get(d, account.id, &has), 0);
		assert_int_equal(has.totp, i == 0);
		db_close(d);
		authority_close(a);
	}
}

/* Is the first line of the output a token with exactly these scopes? */
static bool
token_has_scopes(uint32_t scopes)
{
	struct authority *a = NULL;
	struct token token;
	struct fault f = { 0 };
	struct db *d;
	bool ok;

	output[strcspn(output, "\n")] = '\0';
	assert_int_equal(authority_open(dir, &a, &f), 0);
	d = database_reader(a->store);
	ok = token_by_secret(d, output, &token) == 0 &&
	    token.limits.scopes == scopes;
	db_close(d);
	authority_close(a);
	return ok;
}

static void
tokens_are_made(void **state)
{
	assert_int_equal(RUN("", "token-create", "--dir", dir, "--email",
	    "bob@example.org", "--name", "ci", "--scopes",
	    "unikernel:read,volume:read", "--project", "bob", "--unikernels",
	    "web-*", "--expires-in-days", "7"), 0);
	assert_true(token_has_scopes(1 << SCOPE_UNIKERNEL_READ |
	    1 << SCOPE_VOLUME_READ));
	/* No more than the owner may, and what is there. */
	assert_int_equal(RUN("", "token-create", "--dir", dir, "--email",
	    "bob@example.org", "--name", "ci", "--scopes", "user:admin"), 1);
	assert_int_equal(RUN("", "token-create", "--dir", dir, "--email",
	    "bob@example.org", "--name", "ci", "--scopes", "unikernel:read",
	    "--instances", "box"), 1);
	assert_int_equal(RUN("", "token-create", "--dir", dir, "--email",
	    "nobody@example.org", "--name", "ci", "--scopes",
	    "unikernel:read"), 1);
	assert_int_equal(RUN("", "token-create", "--dir", dir, "--email",
	    "bob@example.org", "--name", "ci", "--scopes", "unikernel:read",
	    "--expires-in-days", "366"), 2);
	assert_string_equal(output, "");
}

static void
file_write(const char *name, const char *text, char path[128])
{
	size_t len = strlen(text);
	int fd;

	snprintf(path, 128, "%s/%s", dir, name);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	assert_int_equal(write(fd, text, len), len);
	close(fd);
}

static void
instances_are_added(void **state)
{
	char *certificate, *key, pem[2][128];

	ca_pem(&certificate, &key);
	file_write("ca.pem", certificate, pem[0]);
	file_write("ca.key", key, pem[1]);
	assert_int_equal(RUN("", "instance-add", "--dir", dir, "--name",
	    "box", "--host", "box.example.org", "--port", "1025",
	    "--certificate", pem[0], "--key", pem[1]), 0);
	assert_non_null(strstr(output, "No connection was tried"));
	/* The same checks as elsewhere. */
	assert_int_equal(RUN("", "instance-add", "--dir", dir, "--name",
	    "box", "--host", "box.example.org", "--port", "1025",
	    "--certificate", pem[0], "--key", pem[1]), 1);
	assert_int_equal(RUN("", "instance-add", "--dir", dir, "--name",
	    "two", "--host", "box.example.org", "--port", "1025",
	    "--certificate", pem[1], "--key", pem[0]), 1);
	assert_int_equal(RUN("", "instance-add", "--dir", dir, "--name",
	    "two", "--host", "box.example.org", "--port", "1025",
	    "--certificate", pem[0], "--key", "/nowhere"), 1);
	assert_int_equal(RUN("", "instance-add", "--dir", dir, "--name",
	    "two", "--host", "box.example.org", "--port", "70000",
	    "--certificate", pem[0], "--key", pem[1]), 2);
	unlink(pem[0]);
	unlink(pem[1]);
	free(certificate);
	free(key);
}

static void
wrong_use_is_told(void **state)
{
	assert_int_equal(RUN("", "nonsense", "--dir", dir), 2);
	assert_int_equal(RUN("", "serve", "--dir", dir), 2);
	assert_int_equal(RUN("", "audit-verify"), 2);
	assert_int_equal(RUN("", "keys", "--dir", dir), 2);
	assert_int_equal(RUN("", "audit-verify", "--dir", dir, "more"), 2);
	assert_int_equal(RUN("", "audit-verify", "--dir", dir, "--force"), 2);
	assert_int_equal(RUN("", "serve", "--dir", dir, "--socket", "x",
	    "--peer-uid", "-1"), 2);
	assert_int_equal(RUN("", "--help"), 0);
	assert_non_null(strstr(output, "usage: mollymawk-auth COMMAND"));
	assert_int_equal(RUN("", "help", "keys", "rotate"), 0);
	assert_non_null(strstr(output, "keys rotate --dir"));
}

/* What every command says of itself. */
static void
all_are_explained(void **state)
{
	static const char *const names[] = { "serve", "admin-create",
		"user-create", "passwd", "token-create", "instance-add",
		"rekey", "audit-verify", "check", "backup", "restore" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		assert_int_equal(RUN("", "help", names[i]), 0);
		assert_non_null(strstr(output, names[i]));
		assert_non_null(strstr(output, " --dir"));
	}
}

/* Files of another user would be closed to the daemon. */
static void
other_users_are_refused(void **state)
{
	if (geteuid() != 0)
		skip();
	assert_int_equal(chown(dir, 12345, 12345), 0);
	assert_int_equal(RUN("", "keys", "rotate", "--dir", dir), 1);
	assert_int_equal(RUN("", "check", "--dir", dir), 1);
	assert_int_equal(chown(dir, 0, 0), 0);
	assert_int_equal(RUN("", "keys", "rotate", "--dir", dir), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(accounts_are_made),
		cmocka_unit_test(wrong_accounts_are_not),
		cmocka_unit_test(password_is_replaced),
		cmocka_unit_test(keys_are_rotated),
		cmocka_unit_test(second_factor_is_removed),
		cmocka_unit_test(tokens_are_made),
		cmocka_unit_test(instances_are_added),
		cmocka_unit_test(other_users_are_refused),
		cmocka_unit_test(audit_log_is_verified),
		cmocka_unit_test(wrong_use_is_told),
		cmocka_unit_test(all_are_explained),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
