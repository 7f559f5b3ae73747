/* SPDX-License-Identifier: ISC */
/* confine: seccomp and Landlock; see confine.h. */
#include "config.h"

#include "auth/confine.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <linux/landlock.h>
#include <seccomp.h>

#include "base/cleanup.h"

/* Everything about files that version 1 knows; later ones are added. */
#define FILES_V1 ((LANDLOCK_ACCESS_FS_MAKE_SYM << 1) - 1)
/* What SQLite does in its directory. */
#define FILES_STATE (LANDLOCK_ACCESS_FS_READ_FILE | \
	LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_READ_DIR | \
	LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_MAKE_REG)

static uint64_t
files_handled(long version)
{
	uint64_t files = FILES_V1;

#ifdef LANDLOCK_ACCESS_FS_REFER
	if (version >= 2)
		files |= LANDLOCK_ACCESS_FS_REFER;
#endif
#ifdef LANDLOCK_ACCESS_FS_TRUNCATE
	if (version >= 3)
		files |= LANDLOCK_ACCESS_FS_TRUNCATE;
#endif
#ifdef LANDLOCK_ACCESS_FS_IOCTL_DEV
	if (version >= 5)
		files |= LANDLOCK_ACCESS_FS_IOCTL_DEV;
#endif
	return files;
}

static uint64_t
files_state(long version)
{
	uint64_t files = FILES_STATE;

#ifdef LANDLOCK_ACCESS_FS_TRUNCATE
	if (version >= 3)
		files |= LANDLOCK_ACCESS_FS_TRUNCATE;
#endif
	return files;
}

static int
allow_beneath(int rules, const char *path, uint64_t files)
{
	AUTO_FD int fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct landlock_path_beneath_attr beneath = {
		.allowed_access = files, .parent_fd = fd };

	if (fd < 0)
		return -1;
	return (int)syscall(SYS_landlock_add_rule, rules,
	    LANDLOCK_RULE_PATH_BENEATH, &beneath, 0);
}

static int
landlock_apply(const char *dir, int *present)
{
	struct landlock_ruleset_attr attr = { 0 };
	long version = syscall(SYS_landlock_create_ruleset, NULL, 0,
	    LANDLOCK_CREATE_RULESET_VERSION);
	AUTO_FD int rules = -1;

	*present = version >= 1;
	if (version < 1)
		return 0;
	attr.handled_access_fs = files_handled(version);
#ifdef LANDLOCK_SCOPE_SIGNAL
	if (version >= 6)
		attr.scoped = LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET |
			LANDLOCK_SCOPE_SIGNAL;
#endif
	rules = (int)syscall(SYS_landlock_create_ruleset, &attr,
	    sizeof(attr), 0);
	if (rules < 0 || allow_beneath(rules, dir, files_state(version)) < 0)
		return -1;
#ifdef SANITIZERS
	/* The sanitizers read /proc/self to report. */
	if (allow_beneath(rules, "/proc", LANDLOCK_ACCESS_FS_READ_FILE |
	    LANDLOCK_ACCESS_FS_READ_DIR) < 0)
		return -1;
#endif
	return (int)syscall(SYS_landlock_restrict_self, rules, 0);
}

/*
 * What threads, memory, SQLite and an inherited listening socket need. Not in
 * it: socket, connect, bind, execve, ptrace, fork; and recvmsg, by which
 * another program could hand over a socket.
 */
static const int allowed[] = {
	/* memory and threads */
	SCMP_SYS(brk), SCMP_SYS(munmap), SCMP_SYS(mremap),
	SCMP_SYS(madvise), SCMP_SYS(futex), SCMP_SYS(set_robust_list),
	SCMP_SYS(rseq), SCMP_SYS(sched_yield),
	SCMP_SYS(sched_getaffinity), SCMP_SYS(gettid), SCMP_SYS(getpid),
	SCMP_SYS(geteuid), SCMP_SYS(getuid), SCMP_SYS(exit),
	SCMP_SYS(exit_group), SCMP_SYS(restart_syscall),
	/* signals and time */
	SCMP_SYS(rt_sigaction), SCMP_SYS(rt_sigprocmask),
	SCMP_SYS(rt_sigreturn), SCMP_SYS(sigaltstack),
	SCMP_SYS(clock_gettime), SCMP_SYS(clock_nanosleep),
	SCMP_SYS(nanosleep), SCMP_SYS(gettimeofday), SCMP_SYS(time),
	SCMP_SYS(getrandom),
	/* files */
	SCMP_SYS(openat), SCMP_SYS(open), SCMP_SYS(close), SCMP_SYS(read),
	SCMP_SYS(write), SCMP_SYS(pread64), SCMP_SYS(pwrite64),
	SCMP_SYS(readv), SCMP_SYS(writev), SCMP_SYS(lseek), SCMP_SYS(fstat),
	SCMP_SYS(newfstatat), SCMP_SYS(stat), SCMP_SYS(lstat),
	SCMP_SYS(statx), SCMP_SYS(access), SCMP_SYS(faccessat),
	SCMP_SYS(faccessat2), SCMP_SYS(fcntl), SCMP_SYS(fsync),
	SCMP_SYS(fdatasync), SCMP_SYS(ftruncate), SCMP_SYS(fallocate),
	SCMP_SYS(unlink), SCMP_SYS(unlinkat), SCMP_SYS(fchmod),
	SCMP_SYS(fchown), SCMP_SYS(getcwd), SCMP_SYS(readlink),
	SCMP_SYS(readlinkat), SCMP_SYS(getdents64),
	/* the socket that is there already, and those accepted from it */
	SCMP_SYS(accept4), SCMP_SYS(accept), SCMP_SYS(poll), SCMP_SYS(ppoll),
	SCMP_SYS(recvfrom), SCMP_SYS(sendto), SCMP_SYS(shutdown),
	SCMP_SYS(getsockopt), SCMP_SYS(setsockopt),
#ifdef SANITIZERS
	SCMP_SYS(prctl), SCMP_SYS(getrusage), SCMP_SYS(getrlimit),
	SCMP_SYS(prlimit64), SCMP_SYS(dup), SCMP_SYS(dup2), SCMP_SYS(pipe2),
	SCMP_SYS(pipe), SCMP_SYS(wait4), SCMP_SYS(kill), SCMP_SYS(ioctl),
	SCMP_SYS(sysinfo), SCMP_SYS(uname), SCMP_SYS(membarrier),
	SCMP_SYS(arch_prctl), SCMP_SYS(getppid), SCMP_SYS(set_tid_address),
	SCMP_SYS(getdents),
#endif
};

/* No memory becomes a program any more, and signals are for ourselves. */
static int
narrow_fill(scmp_filter_ctx filter)
{
	static const int maps[] = { SCMP_SYS(mmap), SCMP_SYS(mprotect) };

	for (size_t i = 0; i < 2; i++)
		if (seccomp_rule_add(filter, SCMP_ACT_ALLOW, maps[i], 1,
		    SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0)) < 0)
			return -1;
	return seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(tgkill), 1,
	    SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)getpid()));
}

static int
filter_fill(scmp_filter_ctx filter)
{
	size_t n = sizeof(allowed) / sizeof(allowed[0]);

	for (size_t i = 0; i < n; i++)
		if (seccomp_rule_add(filter, SCMP_ACT_ALLOW, allowed[i],
		    0) < 0)
			return -1;
	if (narrow_fill(filter) < 0)
		return -1;
	/* Told that clone3 is not there, the C library uses clone. */
	if (seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS),
	    SCMP_SYS(clone3), 0) < 0)
		return -1;
#ifdef SANITIZERS
	/* The leak check runs in a process of its own, and traces this one. */
	if (seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(ptrace), 1,
	    SCMP_A1(SCMP_CMP_NE, 0)) < 0)
		return -1;
	return seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(clone), 0);
#else
	/* Threads only, no processes. */
	return seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(clone), 1,
	    SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_THREAD, CLONE_THREAD));
#endif
}

static int
seccomp_apply(void)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(EPERM));
	int rc;

	if (filter == NULL)
		return -1;
	rc = filter_fill(filter);
	if (rc == 0)
		rc = seccomp_load(filter);
	seccomp_release(filter);
	return rc < 0 ? -1 : 0;
}

int
confine(const char *dir, int *landlock, struct fault *f)
{
	struct rlimit none = { 0, 0 };

	if (setrlimit(RLIMIT_CORE, &none) < 0 ||
	    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return fault_set(f, ERR_INTERNAL,
		    "Privileges can not be given up: %s.", strerror(errno));
#ifndef SANITIZERS
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
		return fault_set(f, ERR_INTERNAL,
		    "Memory can not be protected: %s.", strerror(errno));
#endif
	if (landlock_apply(dir, landlock) < 0)
		return fault_set(f, ERR_INTERNAL,
		    "Landlock can not be applied: %s.", strerror(errno));
	if (seccomp_apply() < 0)
		return fault_set(f, ERR_INTERNAL,
		    "seccomp can not be applied.");
	return 0;
}
