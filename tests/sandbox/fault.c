/* SPDX-License-Identifier: ISC */
#define _GNU_SOURCE
/* fault: what goes wrong on purpose; see fault.h. */
#include "tests/sandbox/fault.h"

#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "base/text.h"
#include "tests/sandbox/conn.h"
#include "tests/sandbox/console.h"
#include "tests/sandbox/policies.h"
#include "tests/sandbox/state.h"
#include "tests/sandbox/stats.h"
#include "tests/sandbox/unikernels.h"

#define CONTROL "control"
#define LINE_SIZE 1024
#define WORDS 6
#define DISK_MS 1000
#define DISK_MS_MAX 600000

static const char *const kinds[] = {
	[FAULT_NONE] = "none",
	[FAULT_REFUSE] = "refuse",
	[FAULT_RESET] = "reset",
	[FAULT_STALL_HANDSHAKE] = "stall-handshake",
	[FAULT_STALL_BEFORE] = "stall-before",
	[FAULT_STALL_AFTER] = "stall-after",
	[FAULT_BYTE_BY_BYTE] = "byte-by-byte",
	[FAULT_ABSURD_LENGTH] = "absurd-length",
	[FAULT_WRONG_CERT] = "wrong-cert",
	[FAULT_EXPIRED_CERT] = "expired-cert",
	[FAULT_DAEMON_DOWN] = "daemon-down",
	[FAULT_BREAK_BEFORE_COMMAND] = "break-before-command",
	[FAULT_BREAK_UPLOAD] = "break-upload",
	[FAULT_BREAK_AFTER_COMMAND] = "break-after-command",
	[FAULT_GARBAGE_FRAME] = "garbage-frame",
	[FAULT_FAIL_CREATE] = "fail-create",
	[FAULT_EXIT_AT_ONCE] = "exit-at-once",
	[FAULT_LIVE_FIRST] = "live-first",
	[FAULT_BREAK_AFTER_BYTES] = "break-after-bytes",
	[FAULT_STALL_AFTER_BYTES] = "stall-after-bytes",
	[FAULT_FULL_DISK] = "full-disk",
	[FAULT_END_AFTER_BYTES] = "end-after-bytes",
	[FAULT_EMPTY_FRAMES] = "empty-frames",
};
#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

static void
take(struct faults *f, struct conn *c)
{
	if (f->skip > 0) {
		f->skip--;
		return;
	}
	c->fault = f->kind;
	c->fault_bytes = f->bytes;
	if (f->count > 0 && --f->count == 0)
		f->kind = FAULT_NONE;
}

void
fault_take(struct sandbox *s, struct conn *c)
{
	pthread_mutex_lock(&s->lock);
	if (s->faults.command[0] == '\0')
		take(&s->faults, c);
	pthread_mutex_unlock(&s->lock);
}

/* "create" stands for both ways to create. */
static bool
is_of(const char *word, enum alb_command_kind kind)
{
	if (strcmp(word, "create") == 0)
		return kind == ALB_UNIKERNEL_CREATE ||
			kind == ALB_UNIKERNEL_FORCE_CREATE;
	return alb_command_kind_parse(word) == (int)kind;
}

void
fault_take_command(struct sandbox *s, struct conn *c,
	enum alb_command_kind command)
{
	pthread_mutex_lock(&s->lock);
	if (s->faults.command[0] != '\0' && is_of(s->faults.command, command))
		take(&s->faults, c);
	pthread_mutex_unlock(&s->lock);
}

bool
fault_refuses(struct sandbox *s)
{
	bool refuses;

	pthread_mutex_lock(&s->lock);
	refuses = s->faults.kind == FAULT_REFUSE;
	pthread_mutex_unlock(&s->lock);
	return refuses;
}

/* Takes the word of a command out of the line, "" when there is none. */
static const char *
command_take(char **words, size_t *n)
{
	const char *command = "";

	if (*n >= 3 && (strcmp(words[2], "create") == 0 ||
	    alb_command_kind_parse(words[2]) >= 0)) {
		command = words[2];
		memmove(&words[2], &words[3], (*n - 3) * sizeof(*words));
		--*n;
	}
	return command;
}

/* Takes the number out of the line that those faults need. */
static bool
bytes_take(enum fault_kind kind, char **words, size_t *n, int64_t *bytes)
{
	if (kind < FAULT_BREAK_AFTER_BYTES)
		return true;
	if (*n < 3 || int_parse(words[2], 0, INT64_MAX, bytes) != 0)
		return false;
	memmove(&words[2], &words[3], (*n - 3) * sizeof(*words));
	--*n;
	return true;
}

/* fault slow-disk MS */
static bool
slow_disk_line(struct sandbox *s, char **words, size_t n)
{
	int64_t ms = DISK_MS;

	if (n > 3 ||
	    (n == 3 && int_parse(words[2], 0, DISK_MS_MAX, &ms) != 0))
		return false;
	s->faults.disk_ms = ms;
	return true;
}

/* fault KIND [COMMAND] [BYTES] [COUNT [SKIP]] */
static bool
fault_set_line(struct sandbox *s, char **words, size_t n)
{
	const char *command = command_take(words, &n);
	int64_t bytes = 0, count = -1, skip = 0;
	size_t kind;

	if (n >= 2 && strcmp(words[1], "slow-disk") == 0)
		return slow_disk_line(s, words, n);
	for (kind = 0; n >= 2 && kind < KINDS; kind++)
		if (strcmp(words[1], kinds[kind]) == 0)
			break;
	if (n < 2 || kind == KINDS || !bytes_take(kind, words, &n, &bytes) ||
	    n > 4 ||
	    (n > 2 && int_parse(words[2], 1, INT32_MAX, &count) != 0) ||
	    (n > 3 && int_parse(words[3], 0, INT32_MAX, &skip) != 0))
		return false;
	s->faults.kind = kind;
	s->faults.bytes = bytes;
	s->faults.count = count;
	s->faults.skip = skip;
	snprintf(s->faults.command, sizeof(s->faults.command), "%s", command);
	if (kind == FAULT_NONE)
		s->faults.disk_ms = 0;
	return true;
}

static bool
clock_line(struct sandbox *s, char **words, size_t n)
{
	return n == 2 && int_parse(words[1], INT32_MIN, INT32_MAX,
		&s->clock_offset) == 0;
}

static bool
revive_line(struct sandbox *s)
{
	s->albatrossd_dead = false;
	s->console_dead = false;
	s->console_lost = false;
	return true;
}

/* stats interval MS, stats displace, stats noise on, stats noise off */
static bool
stats_line(struct sandbox *s, char **words, size_t n)
{
	if (n == 2 && strcmp(words[1], "displace") == 0) {
		stats_displace(s);
		return true;
	}
	if (n != 3)
		return false;
	if (strcmp(words[1], "noise") == 0) {
		s->stats_noise = strcmp(words[2], "on") == 0;
		return true;
	}
	if (strcmp(words[1], "interval") != 0 || int_parse(words[2], 10,
	    INT32_MAX, &s->stats_interval) != 0)
		return false;
	s->next_stats = 0;
	pthread_cond_signal(&s->due);
	return true;
}

/* disguise NAME SECONDS PERCENT: started so much earlier, with that CPU */
static bool
disguise_line(struct sandbox *s, char **words, size_t n)
{
	int64_t seconds, cpu;

	return n == 4 && int_parse(words[2], 0, INT32_MAX, &seconds) == 0 &&
		int_parse(words[3], 0, 100, &cpu) == 0 &&
		unikernel_disguise(s, words[1], seconds, cpu);
}

/* cut: all streams of consoles break off */
static bool
cut_line(struct sandbox *s)
{
	s->cuts++;
	consoles_wake(s);
	return true;
}

/* The answer to a line, into out. */
static void
control_line(struct sandbox *s, char *line, char out[LINE_SIZE])
{
	char *words[WORDS], *save = NULL, *word;
	bool known = false;
	size_t n = 0;

	log_event(LOG_LEVEL_INFO, "control", "line", line, NULL);
	for (word = strtok_r(line, " \t\r", &save); word != NULL && n < WORDS;
	    word = strtok_r(NULL, " \t\r", &save))
		words[n++] = word;
	pthread_mutex_lock(&s->lock);
	if (n > 0 && strcmp(words[0], "fault") == 0)
		known = fault_set_line(s, words, n);
	else if (n > 0 && strcmp(words[0], "clock") == 0)
		known = clock_line(s, words, n);
	else if (n > 0 && strcmp(words[0], "disguise") == 0)
		known = disguise_line(s, words, n);
	else if (n == 1 && strcmp(words[0], "revive") == 0)
		known = revive_line(s);
	else if (n > 0 && strcmp(words[0], "stats") == 0)
		known = stats_line(s, words, n);
	else if (n == 1 && strcmp(words[0], "cut") == 0)
		known = cut_line(s);
	snprintf(out, LINE_SIZE, known ? "ok\n" : "error\n");
	if (n == 1 && strcmp(words[0], "listeners") == 0)
		snprintf(out, LINE_SIZE, "ok %u\n", console_listeners(s));
	if (n > 1 && strcmp(words[0], "policy") == 0)
		policy_by_hand(s, words[1], n > 2 ? words[2] : NULL, out,
		    LINE_SIZE);
	pthread_mutex_unlock(&s->lock);
}

static int
control_address(struct sockaddr_un *a)
{
	*a = (struct sockaddr_un){ .sun_family = AF_UNIX };
	snprintf(a->sun_path, sizeof(a->sun_path), CONTROL);
	return socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
}

int
control_listen(void)
{
	struct sockaddr_un a;
	int fd = control_address(&a);

	unlink(CONTROL);
	if (fd >= 0 && bind(fd, (struct sockaddr *)&a, sizeof(a)) == 0 &&
	    listen(fd, 8) == 0)
		return fd;
	if (fd >= 0)
		close(fd);
	return -1;
}

/*
 * Reads up to a newline; a client gets one second, since nobody else is
 * served meanwhile.
 */
static bool
line_get(int fd, char line[LINE_SIZE])
{
	struct timeval second = { .tv_sec = 1 };
	size_t len = 0;

	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &second, sizeof(second));
	while (len < LINE_SIZE - 1 && read(fd, line + len, 1) == 1) {
		if (line[len] == '\n') {
			line[len] = '\0';
			return true;
		}
		len++;
	}
	return false;
}

void
control_serve(struct sandbox *s, int listener)
{
	AUTO_FD int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	char line[LINE_SIZE], answer[LINE_SIZE];

	while (fd >= 0 && line_get(fd, line)) {
		control_line(s, line, answer);
		if (send(fd, answer, strlen(answer), MSG_NOSIGNAL) < 0)
			break;
	}
}

int
control_send(const char *line)
{
	struct sockaddr_un a;
	AUTO_FD int fd = control_address(&a);
	char answer[LINE_SIZE];

	if (fd < 0 || connect(fd, (struct sockaddr *)&a, sizeof(a)) != 0 ||
	    send(fd, line, strlen(line), MSG_NOSIGNAL) < 0 ||
	    send(fd, "\n", 1, MSG_NOSIGNAL) < 0 || !line_get(fd, answer))
		return -1;
	return strncmp(answer, "ok", 2) == 0 ? 0 : -1;
}
