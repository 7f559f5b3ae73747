/* SPDX-License-Identifier: ISC */
/*
 * Confinement: after confine(), a process tries to get out and must be refused,
 * while what the authority needs goes on working. Each try is a child, as
 * there is no way back.
 */
#include "config.h"

#include "auth_fixture.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "auth/confine.h"
#include "auth/totp.h"
#include "authenticator.h"

static char dir[] = "/tmp/mollymawk-test.XXXXXX";
/* Opened in the child before it is confined, as the daemon does. */
static struct authority *authority;

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

/* Exit statuses of the children. */
enum { REFUSED = 10, ALLOWED = 11, NO_LANDLOCK = 12, NOT_CONFINED = 13 };

/* Runs attempt confined in a child; its exit status. */
static int
confined(int (*attempt)(int landlock))
{
	int status = 0, landlock = 0;
	struct fault f = { 0 };
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		if (authority_open(dir, &authority, &f) != 0 ||
		    confine(dir, &landlock, &f) != 0) {
			fprintf(stderr, "%s\n", f.detail);
			_exit(NOT_CONFINED);
		}
		_exit(attempt(landlock));
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static int
answer(long rc)
{
	return rc < 0 && (errno == EPERM || errno == EACCES ||
	    errno == ENOSYS) ? REFUSED : ALLOWED;
}

static int
try_inet(int landlock)
{
	return answer(socket(AF_INET, SOCK_STREAM, 0));
}

static int
try_inet6(int landlock)
{
	return answer(socket(AF_INET6, SOCK_DGRAM, 0));
}

static int
try_unix(int landlock)
{
	return answer(socket(AF_UNIX, SOCK_STREAM, 0));
}

static int
try_connect(int landlock)
{
	struct sockaddr_un sa = { .sun_family = AF_UNIX };

	return answer(connect(0, (struct sockaddr *)&sa, sizeof(sa)));
}

static int
try_exec(int landlock)
{
	char *const argv[] = { (char *)"true", NULL };

	return answer(execv("/bin/true", argv));
}

static int
try_ptrace(int landlock)
{
	return answer(ptrace(PTRACE_TRACEME, 0, NULL, NULL));
}

static int
try_passwd(int landlock)
{
	if (!landlock)
		return NO_LANDLOCK;
	return answer(open("/etc/passwd", O_RDONLY));
}

static int
try_elsewhere(int landlock)
{
	if (!landlock)
		return NO_LANDLOCK;
	return answer(open("/tmp/mollymawk-out", O_WRONLY | O_CREAT, 0600));
}

static int
try_mount(int landlock)
{
	return answer(syscall(SYS_mount, "none", "/mnt", "tmpfs", 0, NULL));
}

static int
try_bpf(int landlock)
{
	return answer(syscall(SYS_bpf, 0, NULL, 0));
}

static int
try_process_vm(int landlock)
{
	return answer(syscall(SYS_process_vm_readv, getppid(), NULL, 0, NULL,
	    0, 0));
}

static void
ways_out_are_refused(void **state)
{
	static int (*const attempts[])(int) = { try_inet, try_inet6, try_unix,
		try_connect, try_exec, try_ptrace, try_mount, try_bpf,
		try_process_vm };

	for (size_t i = 0; i < sizeof(attempts) / sizeof(attempts[0]); i++)
		assert_int_equal(confined(attempts[i]), REFUSED);
}

static void
files_elsewhere_are_refused(void **state)
{
	int status = confined(try_passwd);

	if (status == NO_LANDLOCK) {
		print_message("this kernel has no Landlock\n");
		skip();
	}
	assert_int_equal(status, REFUSED);
	assert_int_equal(confined(try_elsewhere), REFUSED);
}

#ifndef SANITIZERS
static int
try_fork(int landlock)
{
	return answer(fork());
}

static int
try_dump(int landlock)
{
	struct rlimit core;

	if (getrlimit(RLIMIT_CORE, &core) == 0 && core.rlim_cur != 0)
		return ALLOWED;
	return prctl(PR_GET_DUMPABLE) == 1 ? ALLOWED : REFUSED;
}

/* The sanitizers need processes of their own. */
static void
processes_are_refused(void **state)
{
	assert_int_equal(confined(try_fork), REFUSED);
	assert_int_equal(confined(try_dump), REFUSED);
}
#endif

static void *
store_use(void *arg)
{
	struct fault f = { 0 };
	struct db *d = database_write_begin(authority->store, &f);

	if (d == NULL || store_revise(d) != 0 ||
	    database_write_end(authority->store, 0, &f) != 0)
		return NULL;
	d = database_reader(authority->store);
	if (d == NULL || store_revision(d) < 2)
		return NULL;
	db_close(d);
	authority_close(authority);
	return dir;
}

static int
try_work(int landlock)
{
	char hash[PASSWORD_HASH_SIZE];
	pthread_t thread;
	void *worked;

	if (pthread_create(&thread, NULL, store_use, NULL) != 0 ||
	    pthread_join(thread, &worked) != 0 || worked == NULL ||
	    password_hash("a password", hash) != 0)
		return REFUSED;
	return ALLOWED;
}

static void
work_goes_on(void **state)
{
	assert_int_equal(confined(try_work), ALLOWED);
}

/* What an authenticator of each kind said before: made without libfido2. */
static struct authenticator_said made[WEBAUTHN_ALGORITHMS];
static struct authenticator_said used[WEBAUTHN_ALGORITHMS];

static int
try_factors(int landlock)
{
	struct relying us;
	struct webauthn_credential c;
	char code[TOTP_DIGITS + 1];
	uint32_t count;

	relying_set(&us, AUTHENTICATOR_ORIGIN);
	for (int i = 0; i < WEBAUTHN_ALGORITHMS; i++)
		if (webauthn_register(&us, said_data(&made[i]), &c) != 0 ||
		    webauthn_verify(&us, &c.key, said_client(&used[i]),
		    said_data(&used[i]), said_signature(&used[i]), &count) !=
		    0)
			return REFUSED;
	return totp_code((const uint8_t *)"12345678901234567890",
	    TOTP_SECRET, 1, code) == 0 && strcmp(code, "287082") == 0 ?
		ALLOWED : REFUSED;
}

static void
second_factors_go_on(void **state)
{
	for (int i = 0; i < WEBAUTHN_ALGORITHMS; i++) {
		struct authenticator a;

		authenticator_new(&a, webauthn_algorithms[i]);
		authenticator_create(&a, "challenge", 9, &made[i]);
		authenticator_get(&a, "challenge", 9, &used[i]);
		authenticator_free(&a);
	}
	assert_int_equal(confined(try_factors), ALLOWED);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ways_out_are_refused),
		cmocka_unit_test(files_elsewhere_are_refused),
#ifndef SANITIZERS
		cmocka_unit_test(processes_are_refused),
#endif
		cmocka_unit_test(work_goes_on),
		cmocka_unit_test(second_factors_go_on),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
