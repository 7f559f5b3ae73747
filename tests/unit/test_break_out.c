/* SPDX-License-Identifier: ISC */
/*
 * Out of the running daemon: as whoever has taken it over would, calls are made
 * in its place, one after the other, and each has to be refused; it goes on
 * serving afterwards. They are put into it with ptrace, for which the test must
 * be root, or the daemon one with sanitizers (which is open to its own user).
 */
#include "config.h"

#include "auth_fixture.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "auth/client.h"
#include "base/message.h"

static char dir[] = "/tmp/mollymawk-test.XXXXXX";
static char state_dir[64], path[64], log_path[64];
static pid_t daemon_pid;

/* It listens before it is confined, and answers only afterwards. */
static void
answer_wait(void)
{
	struct auth_client *c = auth_client_new(path);
	struct fault f = { 0 };

	assert_non_null(c);
	if (auth_call(c, "revision", NULL, NULL, NULL, &f) != 0)
		fail_msg("%s", f.detail);
	auth_client_free(c);
}

static void
daemon_start(void)
{
	const char *top = getenv("top_builddir");
	struct timespec moment = { 0, 20 * 1000 * 1000 };
	char program[512];

	snprintf(program, sizeof(program), "%s/mollymawk-auth",
	    top == NULL ? "." : top);
	daemon_pid = fork();
	assert_true(daemon_pid >= 0);
	if (daemon_pid == 0) {
		int fd = open(log_path, O_WRONLY | O_CREAT | O_APPEND, 0600);

		dup2(fd, STDOUT_FILENO);
		dup2(fd, STDERR_FILENO);
		execl(program, program, "serve", "--dir", state_dir,
		    "--socket", path, (char *)NULL);
		_exit(127);
	}
	/* At most 20 s for a machine that is busy with other tests. */
	for (int i = 0; i < 1000; i++) {
		int fd = message_connect(path);

		if (fd >= 0) {
			close(fd);
			answer_wait();
			return;
		}
		assert_int_equal(waitpid(daemon_pid, NULL, WNOHANG), 0);
		nanosleep(&moment, NULL);
	}
	fail_msg("the daemon is not up");
}

static int
setup(void **state)
{
	struct authority *a = NULL;
	struct account account;
	struct account_form form = { .email = "root@example.org",
		.name = "root", .password = PASSWORD, .admin = true };
	char hash[PASSWORD_HASH_SIZE];
	struct fault f = { 0 };
	struct db *d;

	if (mkdtemp(dir) == NULL)
		return -1;
	snprintf(state_dir, sizeof(state_dir), "%s/auth", dir);
	snprintf(path, sizeof(path), "%s/auth.sock", dir);
	snprintf(log_path, sizeof(log_path), "%s/log", dir);
	assert_int_equal(authority_open(state_dir, &a, &f), 0);
	assert_int_equal(password_hash(PASSWORD, hash), 0);
	d = database_write_begin(a->store, &f);
	assert_int_equal(account_add(d, &form, hash, time(NULL), &account, &f),
	    0);
	assert_int_equal(database_write_end(a->store, 0, &f), 0);
	authority_close(a);
	daemon_start();
	return 0;
}

static int
teardown(void **state)
{
	if (daemon_pid > 0) {
		kill(daemon_pid, SIGKILL);
		waitpid(daemon_pid, NULL, 0);
	}
	directory_remove(state_dir);
	directory_remove(dir);
	return 0;
}

/* A line of /proc/PID/status, behind its key. */
static bool
status_is(const char *key, const char *value)
{
	char name[64], line[256];
	bool is = false;
	FILE *file;

	snprintf(name, sizeof(name), "/proc/%d/status", (int)daemon_pid);
	file = fopen(name, "r");
	assert_non_null(file);
	while (fgets(line, sizeof(line), file) != NULL)
		if (strncmp(line, key, strlen(key)) == 0 &&
		    strstr(line, value) != NULL)
			is = true;
	fclose(file);
	return is;
}

static void
kernel_says_so(void **state)
{
	assert_true(status_is("Seccomp:", "\t2"));
	assert_true(status_is("NoNewPrivs:", "\t1"));
}

static void
no_core_is_dumped(void **state)
{
	char name[64], line[256];
	bool none = false;
	FILE *file;

	snprintf(name, sizeof(name), "/proc/%d/limits", (int)daemon_pid);
	file = fopen(name, "r");
	assert_non_null(file);
	while (fgets(line, sizeof(line), file) != NULL)
		if (strncmp(line, "Max core file size", 18) == 0)
			none = strstr(line, " 0 ") != NULL;
	fclose(file);
	assert_true(none);
}

#ifdef __x86_64__

/* ---- a call in its place ---- */

/* Stopped in poll, which is entered anew when this is put back. */
static struct user_regs_struct stopped;
/* Memory of the daemon that nobody uses: far below the stack it has. */
static unsigned long room;

/* Stops it: true when that was in poll, and not while it did something. */
static bool
stop_once(void)
{
	const unsigned long syscall_instruction = 0x050f;
	unsigned long before;
	int status;

	assert_int_equal(waitpid(daemon_pid, &status, 0), daemon_pid);
	assert_true(WIFSTOPPED(status));
	assert_int_equal(ptrace(PTRACE_GETREGS, daemon_pid, NULL, &stopped), 0);
	before = (unsigned long)ptrace(PTRACE_PEEKTEXT, daemon_pid,
	    (void *)(stopped.rip - 2), NULL);
	if ((before & 0xffff) == syscall_instruction &&
	    (stopped.orig_rax == SYS_poll || stopped.orig_rax == SYS_ppoll))
		return true;
	ptrace(PTRACE_DETACH, daemon_pid, NULL, NULL);
	return false;
}

static bool
daemon_stop(void)
{
	struct timespec moment = { 0, 20 * 1000 * 1000 };

	for (int i = 0; i < 1000; i++) {
		if (ptrace(PTRACE_ATTACH, daemon_pid, NULL, NULL) < 0)
			return false;
		if (stop_once()) {
			room = (stopped.rsp - 8192) & ~15UL;
			return true;
		}
		nanosleep(&moment, NULL);
	}
	fail_msg("the daemon never waits");
	return false;
}

static void
daemon_go_on(void)
{
	/* As if poll had been interrupted, which it copes with. */
	stopped.rax = (unsigned long)-EINTR;
	stopped.orig_rax = (unsigned long)-1;
	assert_int_equal(ptrace(PTRACE_SETREGS, daemon_pid, NULL, &stopped), 0);
	assert_int_equal(ptrace(PTRACE_DETACH, daemon_pid, NULL, NULL), 0);
}

static void
room_write(size_t at, const void *data, size_t len)
{
	uint8_t bytes[256] = { 0 };
	long word;

	assert_true(len <= sizeof(bytes));
	memcpy(bytes, data, len);
	for (size_t i = 0; i < len; i += sizeof(word)) {
		memcpy(&word, bytes + i, sizeof(word));
		assert_int_equal(ptrace(PTRACE_POKEDATA, daemon_pid,
		    (void *)(room + at + i), (void *)word), 0);
	}
}

/* One instruction, the one it stands behind: the call it was stopped in. */
static long
call(long number, const unsigned long args[6])
{
	struct user_regs_struct regs = stopped;
	int status;

	regs.rip -= 2;
	regs.rax = (unsigned long)number;
	regs.orig_rax = (unsigned long)-1;
	regs.rdi = args[0];
	regs.rsi = args[1];
	regs.rdx = args[2];
	regs.r10 = args[3];
	regs.r8 = args[4];
	regs.r9 = args[5];
	assert_int_equal(ptrace(PTRACE_SETREGS, daemon_pid, NULL, &regs), 0);
	assert_int_equal(ptrace(PTRACE_SINGLESTEP, daemon_pid, NULL, NULL), 0);
	assert_int_equal(waitpid(daemon_pid, &status, 0), daemon_pid);
	if (!WIFSTOPPED(status))
		fail_msg("call %ld ended the daemon", number);
	assert_int_equal(ptrace(PTRACE_GETREGS, daemon_pid, NULL, &regs), 0);
	return (long)regs.rax;
}

/* ---- the ways out ---- */

/* What is in the room, and where. */
enum { PASSWD = 0, OUTSIDE = 64, SHELL = 128, PROC = 192, ADDRESS = 256,
	INSIDE = 384, ZEROS = 512 };

/* An argument that is a place in the room. */
#define AT(place) (0x4000000000000000UL + (place))

struct way {
	const char *name;
	long number;
	unsigned long args[6];
};

#define WAY(name, ...) { #name, SYS_##name, { __VA_ARGS__ } }

/* None of them does harm to the machine, should it not be refused. */
static const struct way ways[] = {
	/* the net, and other programs */
	WAY(socket, AF_INET, SOCK_STREAM), WAY(socket, AF_INET6, SOCK_DGRAM),
	WAY(socket, AF_UNIX, SOCK_STREAM), WAY(socket, AF_NETLINK, SOCK_RAW),
	WAY(socket, AF_PACKET, SOCK_RAW), WAY(socketpair, AF_UNIX,
	    SOCK_STREAM, 0, AT(ZEROS)),
	WAY(connect, 0, AT(ADDRESS), sizeof(struct sockaddr_un)),
	WAY(bind, 0, AT(ADDRESS), sizeof(struct sockaddr_un)),
	WAY(listen, 0, 1), WAY(recvmsg, 0, AT(ZEROS)),
	WAY(sendmsg, 0, AT(ZEROS)), WAY(sendmmsg, 0, AT(ZEROS), 1),
	WAY(recvmmsg, 0, AT(ZEROS), 1),
	WAY(io_uring_setup, 8, AT(ZEROS)), WAY(io_uring_enter, 0, 1),
	WAY(io_uring_register, 0, 0),
	/* programs and processes */
	WAY(execve, AT(SHELL), AT(ZEROS), AT(ZEROS)),
	WAY(execveat, AT_FDCWD, AT(SHELL), AT(ZEROS), AT(ZEROS)),
	WAY(ptrace, PTRACE_TRACEME), WAY(process_vm_readv, 1, AT(ZEROS), 1,
	    AT(ZEROS), 1), WAY(process_vm_writev, 1, AT(ZEROS), 1, AT(ZEROS),
	    1), WAY(pidfd_open, 1), WAY(pidfd_getfd, 0, 0),
	WAY(pidfd_send_signal, 0, 0), WAY(kcmp, 1, 1), WAY(tkill, 1, 0),
	WAY(tgkill, 1, 1, 0), WAY(rt_sigqueueinfo, 1, 0, AT(ZEROS)),
	WAY(unshare, CLONE_NEWUSER), WAY(setns, 0, 0),
	WAY(mmap, 0, 4096, PROT_READ | PROT_WRITE | PROT_EXEC,
	    MAP_PRIVATE | MAP_ANONYMOUS, (unsigned long)-1),
	WAY(mprotect, AT(0), 4096, PROT_READ | PROT_EXEC),
	WAY(pkey_mprotect, AT(0), 4096, PROT_READ | PROT_EXEC, 0),
	WAY(memfd_create, AT(ZEROS), 0), WAY(personality, 0x0400000),
	WAY(shmget, 1, 4096, 0600), WAY(userfaultfd, 0), WAY(bpf, 0, AT(ZEROS),
	    64), WAY(perf_event_open, AT(ZEROS), 0), WAY(seccomp, 0, 0),
	/* files in other ways than by their names */
	WAY(open_by_handle_at, AT_FDCWD, AT(ZEROS), 0),
	WAY(name_to_handle_at, AT_FDCWD, AT(PASSWD), AT(ZEROS), AT(ZEROS)),
	WAY(openat2, AT_FDCWD, AT(PASSWD), AT(ZEROS), 24),
	WAY(mount, AT(ZEROS), AT(OUTSIDE)), WAY(umount2, AT(OUTSIDE), 0),
	WAY(open_tree, AT_FDCWD, AT(PASSWD), 1), WAY(move_mount, 0, AT(ZEROS)),
	WAY(fsopen, AT(ZEROS), 0), WAY(pivot_root, AT(OUTSIDE), AT(OUTSIDE)),
	WAY(chroot, AT(OUTSIDE)), WAY(chdir, AT(OUTSIDE)), WAY(fchdir, 0),
	WAY(symlink, AT(PASSWD), AT(INSIDE)), WAY(link, AT(OUTSIDE),
	    AT(INSIDE)), WAY(rename, AT(OUTSIDE), AT(INSIDE)),
	WAY(mknod, AT(INSIDE), 0020600, 0x0101), WAY(mkdir, AT(OUTSIDE), 0700),
	WAY(chmod, AT(OUTSIDE), 0666), WAY(chown, AT(OUTSIDE), 1, 1),
	WAY(truncate, AT(OUTSIDE), 0), WAY(splice, 0, 0, 1, 0, 1),
	WAY(sendfile, 1, 0, 0, 1), WAY(fanotify_init, 0),
	WAY(inotify_init1, 0),
	/* the machine */
	WAY(setuid, 1), WAY(setgid, 1), WAY(setresuid, 1, 1, 1),
	WAY(setgroups, 0, AT(ZEROS)), WAY(capset, AT(ZEROS), AT(ZEROS)),
	WAY(keyctl, 0), WAY(add_key, AT(ZEROS), AT(ZEROS)),
	WAY(init_module, AT(ZEROS), 0, AT(ZEROS)), WAY(finit_module, 0,
	    AT(ZEROS)), WAY(kexec_load, 0), WAY(reboot, 0), WAY(swapon,
	    AT(OUTSIDE)), WAY(syslog, 3, AT(ZEROS), 1), WAY(quotactl, 0),
	WAY(sethostname, AT(ZEROS), (unsigned long)-1), WAY(settimeofday, 0),
	WAY(clock_settime, 99, AT(ZEROS)), WAY(iopl, 3), WAY(ioperm, 0, 1, 1),
#ifndef SANITIZERS
	/* These the sanitizers need, for processes of their own. */
	WAY(fork, 0), WAY(vfork, 0), WAY(clone, SIGCHLD),
	WAY(clone, CLONE_VM | CLONE_VFORK | SIGCHLD), WAY(kill, 1, 0),
	WAY(ptrace, PTRACE_ATTACH, 1), WAY(prctl, PR_SET_DUMPABLE, 1),
	WAY(prlimit64, 0, 4, AT(ZEROS)), WAY(setrlimit, 4, AT(ZEROS)),
	WAY(ioctl, 0, 0x5412, AT(ZEROS)), WAY(pipe2, AT(ZEROS), 0),
	WAY(dup2, 0, 1), WAY(uname, AT(ZEROS)),
#endif
};

/* What depends on Landlock, which not every kernel has. */
static const struct way files[] = {
	WAY(open, AT(PASSWD), O_RDONLY),
	WAY(openat, AT_FDCWD, AT(PASSWD), O_RDONLY),
	WAY(open, AT(OUTSIDE), O_WRONLY | O_CREAT, 0600),
#ifndef SANITIZERS
	WAY(open, AT(PROC), O_RDONLY),
#endif
};

static void
room_fill(void)
{
	static const uint8_t zeros[256];
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	char inside[96];

	snprintf(inside, sizeof(inside), "%s/out", state_dir);
	snprintf(sa.sun_path, sizeof(sa.sun_path), "%s", path);
	room_write(PASSWD, "/etc/passwd", 12);
	room_write(OUTSIDE, "/tmp/mollymawk-out", 19);
	room_write(SHELL, "/bin/sh", 8);
	room_write(PROC, "/proc/self/mem", 15);
	room_write(ADDRESS, &sa, sizeof(sa));
	room_write(INSIDE, inside, strlen(inside) + 1);
	room_write(ZEROS, zeros, sizeof(zeros));
}

static bool
refused(const struct way *way)
{
	unsigned long args[6];
	long rc;

	for (int i = 0; i < 6; i++)
		args[i] = way->args[i] >> 62 == 1 ?
			room + (way->args[i] & 0xffff) : way->args[i];
	rc = call(way->number, args);
	if (rc == -EPERM || rc == -EACCES || rc == -ENOSYS)
		return true;
	print_error("%s(%lu, ...) answers %ld\n", way->name, args[0], rc);
	return false;
}

static bool
has_landlock(void)
{
	char line[1024];
	bool on = false;
	FILE *file = fopen(log_path, "r");

	while (fgets(line, sizeof(line), file) != NULL)
		on = on || strstr(line, "landlock=on") != NULL;
	fclose(file);
	return on;
}

static void
ways_out_are_refused(void **state)
{
	static const struct way pid = { "getpid", SYS_getpid, { 0 } };
	bool landlock = has_landlock();
	size_t open = 0;
	long self;

	if (!daemon_stop()) {
		print_message("the daemon can not be traced\n");
		skip();
	}
	room_fill();
	/* That calls are made at all, and by whom. */
	self = call(pid.number, pid.args);
	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++)
		open += !refused(&ways[i]);
	for (size_t i = 0; landlock && i < sizeof(files) / sizeof(files[0]);
	    i++)
		open += !refused(&files[i]);
	daemon_go_on();
	if (!landlock)
		print_message("this kernel has no Landlock\n");
	assert_int_equal(self, daemon_pid);
	assert_int_equal(open, 0);
	assert_int_not_equal(access("/tmp/mollymawk-out", F_OK), 0);
}

#endif

/* ---- and it goes on ---- */

static void
login(struct auth_client *c)
{
	struct json_object *args = json_object_new_object(), *answer = NULL;
	struct fault f = { 0 };

	json_add_str(args, "email", "root@example.org");
	json_add_str(args, "password", PASSWORD);
	if (auth_call(c, "login", NULL, args, &answer, &f) != 0)
		fail_msg("%s", f.detail);
	json_object_put(answer);
}

static void
work_goes_on(void **state)
{
	struct auth_client *c = auth_client_new(path);
	struct json_object *args = json_object_new_object();
	struct fault f = { 0 };

	login(c);
	json_add_str(args, "email", "root@example.org");
	json_add_str(args, "password", "not " PASSWORD);
	assert_int_equal(auth_call(c, "login", NULL, args, NULL, &f),
	    ERR_BAD_LOGIN);
	auth_client_free(c);
}

static bool
file_has(const char *name, const char *what)
{
	static char text[1 << 20];
	size_t len;
	FILE *file = fopen(name, "r");

	assert_non_null(file);
	len = fread(text, 1, sizeof(text) - 1, file);
	fclose(file);
	return memmem(text, len, what, strlen(what)) != NULL;
}

/* Where everybody on the machine could read it. */
static void
secrets_are_not_shown(void **state)
{
	char name[64];

	assert_false(file_has(log_path, PASSWORD));
	snprintf(name, sizeof(name), "/proc/%d/cmdline", (int)daemon_pid);
	assert_false(file_has(name, PASSWORD));
	assert_true(file_has(name, "serve"));
}

#ifndef SANITIZERS
/* True when what stands in a piece of the daemon's memory. */
static bool
piece_has(int fd, unsigned long from, unsigned long to, const char *what)
{
	size_t len = to - from;
	char *data = malloc(len);
	ssize_t n;
	bool has;

	assert_non_null(data);
	n = pread(fd, data, len, (off_t)from);
	has = n > 0 && memmem(data, (size_t)n, what, strlen(what)) != NULL;
	free(data);
	return has;
}

/* After somebody signed in, and somebody failed to. */
static void
passwords_do_not_stay(void **state)
{
	char name[64], line[512], mode[8];
	unsigned long from, to;
	bool self = false;
	FILE *maps;
	int fd;

	snprintf(name, sizeof(name), "/proc/%d/mem", (int)daemon_pid);
	fd = open(name, O_RDONLY);
	snprintf(name, sizeof(name), "/proc/%d/maps", (int)daemon_pid);
	maps = fopen(name, "r");
	if (fd < 0 || maps == NULL)
		skip();
	while (fgets(line, sizeof(line), maps) != NULL) {
		if (sscanf(line, "%lx-%lx %7s", &from, &to, mode) != 3 ||
		    mode[0] != 'r' || strstr(line, "[v") != NULL)
			continue;
		self = self || piece_has(fd, from, to, path);
		if (piece_has(fd, from, to, PASSWORD))
			fail_msg("the password is in %s", line);
	}
	fclose(maps);
	close(fd);
	/* What is looked for in this way is found. */
	assert_true(self);
}
#endif

static void
it_ends_when_told(void **state)
{
	int status;

	assert_int_equal(kill(daemon_pid, SIGTERM), 0);
	assert_int_equal(waitpid(daemon_pid, &status, 0), daemon_pid);
	daemon_pid = 0;
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(kernel_says_so),
		cmocka_unit_test(no_core_is_dumped),
#ifdef __x86_64__
		cmocka_unit_test(ways_out_are_refused),
#endif
		cmocka_unit_test(work_goes_on),
		cmocka_unit_test(secrets_are_not_shown),
#ifndef SANITIZERS
		cmocka_unit_test(passwords_do_not_stay),
#endif
		cmocka_unit_test(it_ends_when_told),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, setup, teardown);
}
