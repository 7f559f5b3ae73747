/* SPDX-License-Identifier: ISC */
/*
 * hello.spt: a unikernel to try things with. It speaks the spt interface of
 * solo5 (ABI version 2) by itself, so that it builds with the compiler at
 * hand: at boot it prints its arguments, then one line a second, for ever.
 *
 * The tender jumps to _start with the address of its boot information; the
 * calls left to a guest are write to descriptor 1, clock_gettime and
 * epoll_pwait on the descriptor it was given.
 */
#include <stddef.h>
#include <stdint.h>

#define NOTE_ABI 0x31494241
#define NOTE_MANIFEST 0x3154464d
#define TARGET_SPT 2
#define SPT_ABI_VERSION 2
#define RESERVED_FIRST (1U << 30)

struct boot_info {
	uint64_t mem_size;
	uint64_t kernel_end;
	const char *cmdline;
	const void *manifest;
	int epollfd;
	int timerfd;
};

struct note_head {
	uint32_t namesz;
	uint32_t descsz;
	uint32_t type;
	char name[8];
};

struct manifest_entry {
	char name[68];
	uint32_t type;
	uint64_t zero[4];
};

struct timespec {
	int64_t sec;
	int64_t nsec;
};

const struct {
	struct note_head head;
	uint32_t target, version, reserved[2];
} abi_note __attribute__((section(".note.solo5.abi"), aligned(4))) = {
	{ 6, 16, NOTE_ABI, "Solo5" }, TARGET_SPT, SPT_ABI_VERSION, { 0, 0 },
};

const struct {
	struct note_head head;
	uint32_t padding, version, entries;
	struct manifest_entry first;
} manifest_note __attribute__((section(".note.solo5.manifest"),
	aligned(8))) = {
	{ 6, 116, NOTE_MANIFEST, "Solo5" }, 0, 1, 1,
	{ "", RESERVED_FIRST, { 0 } },
};

_Static_assert(sizeof(abi_note) == 36, "the tender expects 36 bytes");
_Static_assert(sizeof(manifest_note) == 136, "the tender expects 136 bytes");

#if defined(__x86_64__)
enum { SYS_WRITE = 1, SYS_CLOCK = 228, SYS_WAIT = 281 };

static long
call(long nr, long a, long b, long c, long d, long e, long f)
{
	register long r10 __asm__("r10") = d;
	register long r8 __asm__("r8") = e;
	register long r9 __asm__("r9") = f;
	long ret;

	__asm__ volatile("syscall" : "=a"(ret)
		: "a"(nr), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
		: "rcx", "r11", "memory");
	return ret;
}
#elif defined(__aarch64__)
enum { SYS_WRITE = 64, SYS_CLOCK = 113, SYS_WAIT = 22 };

static long
call(long nr, long a, long b, long c, long d, long e, long f)
{
	register long x8 __asm__("x8") = nr;
	register long x0 __asm__("x0") = a;
	register long x1 __asm__("x1") = b;
	register long x2 __asm__("x2") = c;
	register long x3 __asm__("x3") = d;
	register long x4 __asm__("x4") = e;
	register long x5 __asm__("x5") = f;

	__asm__ volatile("svc #0" : "+r"(x0)
		: "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5)
		: "memory");
	return x0;
}
#else
#error "hello.spt knows x86-64 and AArch64 only"
#endif

/* A line is built whole, so that it leaves in one write. */
static char line[512];
static size_t used;

static void
put(const char *s)
{
	while (*s != '\0' && used < sizeof(line) - 1)
		line[used++] = *s++;
}

static void
put_number(uint64_t v)
{
	char digits[21];
	size_t i = sizeof(digits) - 1;

	digits[i] = '\0';
	do {
		digits[--i] = '0' + v % 10;
		v /= 10;
	} while (v != 0);
	put(&digits[i]);
}

static void
flush(void)
{
	line[used++] = '\n';
	call(SYS_WRITE, 1, (long)line, used, 0, 0, 0);
	used = 0;
}

static int64_t
monotonic_millis(void)
{
	struct timespec t = { 0, 0 };

	call(SYS_CLOCK, 1, (long)&t, 0, 0, 0, 0);
	return t.sec * 1000 + t.nsec / 1000000;
}

static void
sleep_until(const struct boot_info *boot, int64_t millis)
{
	uint64_t event[2];
	int64_t left = millis - monotonic_millis();

	while (left > 0) {
		call(SYS_WAIT, boot->epollfd, (long)event, 1, left, 0, 8);
		left = millis - monotonic_millis();
	}
}

__attribute__((noreturn)) void _start(const struct boot_info *boot);

__attribute__((noreturn)) void
_start(const struct boot_info *boot)
{
	int64_t start = monotonic_millis();
	uint64_t seconds;

	put("hello: booted with ");
	put_number(boot->mem_size >> 20);
	put(" MB of memory");
	flush();
	put("hello: arguments: ");
	put(boot->cmdline[0] != '\0' ? boot->cmdline : "(none)");
	flush();
	for (seconds = 1;; seconds++) {
		sleep_until(boot, start + (int64_t)seconds * 1000);
		put("hello: up for ");
		put_number(seconds);
		put(" s");
		flush();
	}
}
