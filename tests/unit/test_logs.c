/* SPDX-License-Identifier: ISC */
/*
 * log_store: what is kept comes back, also after a kill and from torn files;
 * it is found again, stays within its bounds, and a full disk only costs lines.
 */
#include "config.h"	/* for utimensat's flags */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "base/log.h"
#include "base/text.h"
#include "fcgi/app.h"
#include "fcgi/counters.h"
#include "fcgi/log_store.h"
#include "fcgi/log_sweep.h"
#include "fcgi/ring.h"
#include "tests/unit/deployments.h"

#define MB (1024 * 1024)
#define DAY (24 * 60 * 60)

static char dir[FOLDER_SIZE];
static struct app_config config = { .state_dir = dir };
static struct app app;
static struct log_store *store;

static const struct log_place hello = { "i1", "team", "hello" };
static const struct log_place other = { "i1", "team", "other" };

static void
begin(void)
{
	struct fault f = { 0 };

	store = log_store_new(&app, &f);
	assert_non_null(store);
}

static void
begin_anew(void)
{
	log_store_free(store);
	begin();
}

static int
setup(void **state)
{
	(void)state;
	app = (struct app){ .config = &config };
	if (ledger_begin(dir, &app.ledger) < 0)
		return -1;
	begin();
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	log_store_free(store);
	return ledger_finish(dir, app.ledger);
}

static void
bounds_set(int64_t megabytes, int64_t total)
{
	const struct log_settings s = { .keep = true, .megabytes = megabytes,
		.total_megabytes = total, .days = 90 };
	struct fault f = { 0 };

	assert_int_equal(log_settings_set(app.ledger, &s, &f), 0);
	log_store_set(store, &s);
}

static void
say(const struct log_place *place, int64_t seq, enum log_kind kind,
	const char *text)
{
	const struct log_entry e = { .seq = seq, .ms = 1000000 + seq * 10,
		.kind = kind, .deployment = kind == LOG_DEPLOYMENT ? 7 : 0,
		.text = text, .len = strlen(text) };

	assert_true(log_append(store, place, 0xabcd1234, &e));
}

static void
say_lines(const struct log_place *place, int64_t from, int64_t to)
{
	char text[32];

	for (int64_t seq = from; seq <= to; seq++) {
		snprintf(text, sizeof(text), "line %lld", (long long)seq);
		say(place, seq, LOG_LINE, text);
	}
}

/* Lines that can not be compressed by much, of 100 bytes. */
static void
say_noise(const struct log_place *place, int64_t from, int64_t to)
{
	char text[101];

	for (int64_t seq = from; seq <= to; seq++) {
		random_base62(text, 100);
		say(place, seq, LOG_LINE, text);
	}
}

/* ---- what comes back ---- */

/* The seqs in the order in which they came, and the last text. */
struct heard {
	int64_t seqs[20000];
	size_t n, max;		/* max 0: all */
	struct log_entry e;
	char text[RING_LINE_MAX + 1];
};

static struct heard heard;

static bool
hear(void *arg, const struct log_entry *e)
{
	struct heard *h = arg;

	if (h->max != 0 && h->n == h->max)
		return false;
	assert_in_range(h->n, 0, 19999);
	h->seqs[h->n++] = e->seq;
	h->e = *e;
	memcpy(h->text, e->text, e->len);
	h->text[e->len] = '\0';
	return true;
}

static void
hear_all(void *arg, const struct log_entry *e)
{
	(void)hear(arg, e);
}

/* How many; heard is filled. */
static size_t
scan(const struct log_place *place, const struct log_query *q,
	struct log_kept *kept)
{
	struct fault f = { 0 };

	heard.n = 0;
	assert_int_equal(log_scan(store, place, q, hear, &heard, kept, &f),
	    0);
	return heard.n;
}

static size_t
tail(const struct log_place *place, int lines, size_t bytes,
	uint32_t *epoch, int64_t *next)
{
	struct fault f = { 0 };

	heard.n = 0;
	assert_int_equal(log_tail(store, place, lines, bytes, epoch, next,
	    hear_all, &heard, &f), 0);
	return heard.n;
}

static void
comes_back(void **state)
{
	uint32_t epoch = 0, again = 0;
	int64_t next;

	(void)state;
	assert_int_equal(tail(&hello, 10, 1000, &epoch, &next), 0);
	assert_int_equal(next, 1);
	assert_int_equal(tail(&hello, 10, 1000, &again, &next), 0);
	assert_int_not_equal(epoch, again);
	say(&hello, 1, LOG_LINE, "one\n\x1b[31m\xff");
	say(&hello, 2, LOG_DEPLOYMENT, "deployed");
	say(&hello, 3, LOG_LINE, "");
	for (int i = 0; i < 2; i++) {
		assert_int_equal(tail(&hello, 10, 1000, &epoch, &next), 3);
		assert_int_equal(epoch, 0xabcd1234);
		assert_int_equal(next, 4);
		assert_int_equal(heard.seqs[0], 1);
		assert_int_equal(heard.seqs[2], 3);
		assert_string_equal(heard.text, "");
		begin_anew();
	}
	/* At most so many entries, and so many bytes. */
	assert_int_equal(tail(&hello, 2, 1000, &epoch, &next), 2);
	assert_int_equal(heard.seqs[0], 2);
	assert_int_equal(tail(&hello, 10, 8, &epoch, &next), 2);
	assert_int_equal(tail(&hello, 10, 7, &epoch, &next), 1);
	assert_int_equal(next, 4);
	/* Others have nothing of it. */
	assert_int_equal(tail(&other, 10, 1000, &epoch, &next), 0);
}

static void
is_found(void **state)
{
	const struct log_query from_to = { .from_ms = 1000030,
		.to_ms = 1000050 }, between = { .after = 7, .before = 10 },
		notes = { .kinds = 1u << LOG_STARTED | 1u << LOG_DEPLOYMENT },
		words = { .words = "nEeDLe" };
	struct log_kept kept;

	(void)state;
	say_lines(&hello, 1, 9);
	say(&hello, 10, LOG_DEPLOYMENT, "number 1");
	say(&hello, 11, LOG_LINE, "a Needle in the hay");
	say(&hello, 12, LOG_LINE, "needl e");
	assert_int_equal(scan(&hello, &words, &kept), 1);
	assert_string_equal(heard.text, "a Needle in the hay");
	assert_int_equal(heard.e.ms, 1000110);
	assert_int_equal(kept.rest, 0);
	assert_int_equal(kept.entries, 12);
	assert_int_equal(kept.first, 1);
	assert_int_equal(kept.last, 12);
	assert_int_equal(kept.first_ms, 1000010);
	assert_int_equal(kept.last_ms, 1000120);
	assert_int_equal(scan(&hello, &notes, &kept), 1);
	assert_int_equal(heard.e.deployment, 7);
	assert_int_equal(heard.e.kind, LOG_DEPLOYMENT);
	assert_int_equal(scan(&hello, &from_to, &kept), 3);
	assert_int_equal(heard.seqs[0], 5);
	assert_int_equal(heard.seqs[2], 3);
	assert_int_equal(scan(&hello, &between, &kept), 2);
	assert_int_equal(heard.seqs[0], 9);
}

/* All of it, in pages, whichever way. */
static void
pages_check(bool oldest_first, int64_t first, int64_t last)
{
	struct log_query q = { .oldest_first = oldest_first };
	int64_t expected = oldest_first ? first : last;
	struct log_kept kept;

	heard.max = 1777;
	do {
		(void)scan(&hello, &q, &kept);
		for (size_t i = 0; i < heard.n; i++) {
			assert_int_equal(heard.seqs[i], expected);
			expected += oldest_first ? 1 : -1;
		}
		if (oldest_first)
			q.after = kept.rest;
		else
			q.before = kept.rest;
	} while (kept.rest != 0);
	heard.max = 0;
	assert_int_equal(expected, oldest_first ? last + 1 : first - 1);
}

static size_t
files(const char *end)
{
	char path[FOLDER_SIZE + 64];
	const struct dirent *e;
	size_t n = 0;
	DIR *d;

	snprintf(path, sizeof(path), "%s/logs/i1/team/hello", dir);
	d = opendir(path);
	while (d != NULL && (e = readdir(d)) != NULL)
		n += strlen(e->d_name) == 16 + strlen(end) &&
			strcmp(e->d_name + 16, end) == 0;
	if (d != NULL)
		closedir(d);
	return n;
}

/* Hello said so much, more than fits one segment, and it was written. */
static void
noise_kept(int lines, struct log_kept *kept)
{
	const struct log_query all = { 0 };

	bounds_set(1, 100);
	say_noise(&hello, 1, lines);
	(void)scan(&hello, &all, kept);
}

static void
is_packed_and_bounded(void **state)
{
	const struct log_query all = { 0 };
	struct log_kept kept;

	(void)state;
	noise_kept(6000, &kept);
	assert_int_equal(heard.n, 6000);
	assert_int_equal(files(".log"), 1);
	assert_true(files(".gz") >= 2);
	pages_check(false, 1, 6000);
	pages_check(true, 1, 6000);
	say_noise(&hello, 6001, 18000);
	(void)scan(&hello, &all, &kept);
	assert_true(kept.bytes <= MB);
	assert_true(kept.bytes > MB / 2);
	assert_true(kept.first > 1);
	assert_int_equal(kept.last, 18000);
	begin_anew();
	pages_check(false, kept.first, 18000);
	pages_check(true, kept.first, 18000);
}

static void
is_looked_at_within_bounds(void **state)
{
	struct log_query q = { .words = "beginning" };
	char text[1001];
	struct log_kept kept;
	int calls = 1;

	(void)state;
	memset(text, 'x', sizeof(text));
	text[1000] = '\0';
	say(&hello, 1, LOG_LINE, "the beginning");
	say(&hello, 2, LOG_STOPPED, "stopped");
	for (int64_t seq = 3; seq <= 3 * LOG_SCAN_BYTES / 1032; seq++) {
		say(&hello, seq, LOG_LINE, text);
		/* Before the queue is full. */
		if (seq % 8000 == 0)
			(void)scan(&hello, &q, &kept);
	}
	while (scan(&hello, &q, &kept) == 0) {
		assert_int_not_equal(kept.rest, 0);
		q.before = kept.rest;
		calls++;
	}
	assert_int_equal(heard.seqs[0], 1);
	assert_int_equal(kept.rest, 0);
	assert_in_range(calls, 2, 4);
	/* What has no such kind in it is not even read. */
	q = (struct log_query){ .kinds = 1u << LOG_STOPPED };
	assert_int_equal(scan(&hello, &q, &kept), 1);
	assert_int_equal(kept.rest, 0);
	assert_int_equal(heard.seqs[0], 2);
	q = (struct log_query){ .words = "nowhere", .oldest_first = true };
	for (calls = 1; scan(&hello, &q, &kept) == 0 && kept.rest != 0; calls++)
		q.after = kept.rest;
	assert_in_range(calls, 2, 4);
}

/* ---- what is missing ---- */

static void
tells_what_is_missing(void **state)
{
	const struct log_query all = { .oldest_first = true };
	struct log_kept kept;
	uint32_t epoch;
	int64_t next;

	(void)state;
	say_lines(&hello, 5, 6);
	say(&hello, 10, LOG_LINE, "ten");
	say(&hello, 10, LOG_LINE, "again");
	say(&hello, 4, LOG_LINE, "before");
	assert_int_equal(scan(&hello, &all, &kept), 4);
	assert_int_equal(heard.seqs[2], 9);
	assert_string_equal(heard.text, "ten");
	heard.max = 3;
	(void)scan(&hello, &all, &kept);
	heard.max = 0;
	assert_int_equal(heard.e.kind, LOG_DROPPED);
	assert_string_equal(heard.text, "3 entries were not kept");
	/* The end of it has no gaps. */
	assert_int_equal(tail(&hello, 100, 10000, &epoch, &next), 2);
	assert_int_equal(heard.seqs[0], 9);
	assert_int_equal(next, 11);
}

static void
takes_one_epoch(void **state)
{
	const struct log_entry e = { .seq = 3, .ms = 1, .text = "x",
		.len = 1 };
	uint32_t epoch;
	int64_t next;
	struct fault f = { 0 };

	(void)state;
	say_lines(&hello, 1, 2);
	assert_true(log_append(store, &hello, 1, &e));
	assert_int_equal(tail(&hello, 10, 1000, &epoch, &next), 2);
	assert_int_equal(log_forget(store, &hello, &f), 0);
	assert_int_equal(log_forget(store, &hello, &f), 0);
	assert_int_equal(tail(&hello, 10, 1000, &epoch, &next), 0);
	assert_int_equal(files(".log"), 0);
	assert_true(log_append(store, &hello, 1, &e));
	assert_int_equal(tail(&hello, 10, 1000, &epoch, &next), 1);
	assert_int_equal(epoch, 1);
	assert_int_equal(next, 4);
}

static void
keeps_nothing_when_told(void **state)
{
	struct log_settings s = { .megabytes = 8, .total_megabytes = 8,
		.days = 1 };
	uint32_t epoch;
	int64_t next;

	(void)state;
	say_lines(&hello, 1, 2);
	(void)tail(&hello, 10, 1000, &epoch, &next);
	log_store_set(store, &s);
	say_lines(&hello, 3, 4);
	assert_int_equal(tail(&hello, 10, 1000, &epoch, &next), 2);
	s.keep = true;
	log_store_set(store, &s);
	say_lines(&hello, 5, 5);
	assert_int_equal(tail(&hello, 10, 1000, &epoch, &next), 2);
	assert_int_equal(heard.seqs[0], 4);
}

/* The thread is held by a file that nobody writes to. */
static void
never_waits(void **state)
{
	char path[FOLDER_SIZE + 64], text[4001];
	struct log_entry e = { .text = text, .len = 4000 };
	struct log_stats stats;
	uint32_t epoch;
	int64_t next;
	int fd;

	(void)state;
	memset(text, 'x', sizeof(text));
	say_lines(&other, 1, 1);
	/* Past the first sweep, which takes empty folders away. */
	assert_int_equal(tail(&other, 1, 1000, &epoch, &next), 1);
	snprintf(path, sizeof(path), "%s/logs/i1", dir);
	(void)mkdir(path, 0700);
	snprintf(path, sizeof(path), "%s/logs/i1/team", dir);
	(void)mkdir(path, 0700);
	snprintf(path, sizeof(path), "%s/logs/i1/team/hello", dir);
	assert_int_equal(mkdir(path, 0700), 0);
	snprintf(path, sizeof(path), "%s/logs/i1/team/hello/%016x.gz", dir,
	    1);
	assert_int_equal(mkfifo(path, 0600), 0);
	for (e.seq = 1; log_append(store, &hello, 1, &e); e.seq++)
		;
	log_store_stats(store, &stats);
	assert_in_range(stats.queued, LOG_QUEUE_BYTES - 8192,
	    LOG_QUEUE_BYTES);
	assert_in_range(e.seq, LOG_QUEUE_BYTES / 5000, LOG_QUEUE_BYTES / 4000);
	assert_in_range(count_now_of(NOW_LOG_QUEUE), e.seq - 2, e.seq + 1);
	assert_int_equal(stats.lost, 1);
	fd = open(path, O_WRONLY);
	assert_true(fd >= 0);
	close(fd);
	do
		log_store_stats(store, &stats);
	while (stats.queued > 0);
	assert_int_equal(count_now_of(NOW_LOG_QUEUE), 0);
	assert_true(log_append(store, &hello, 1, &e));
}

/* ---- files that are not whole ---- */

static int
file_open(const char *name, int flags)
{
	char path[FOLDER_SIZE + 64];
	int fd;

	snprintf(path, sizeof(path), "%s/logs/i1/team/hello/%s", dir, name);
	fd = open(path, flags, 0600);
	assert_true(fd >= 0);
	return fd;
}

static void
torn_is_cut(void **state)
{
	const struct log_query all = { 0 };
	struct log_kept kept;
	uint32_t epoch;
	int64_t next;
	off_t size;
	int fd;

	(void)state;
	say_lines(&hello, 1, 3);
	(void)tail(&hello, 10, 1000, &epoch, &next);
	fd = file_open("0000000000000001.log", O_RDWR);
	size = lseek(fd, 0, SEEK_END);
	/* The last entry has 32 + 6 bytes. */
	for (int cut = 1; cut < 38; cut += 9) {
		log_store_free(store);
		assert_int_equal(ftruncate(fd, size - cut), 0);
		begin();
		assert_int_equal(scan(&hello, &all, &kept), 2);
		assert_int_equal(lseek(fd, 0, SEEK_END), size - 38);
		say_lines(&hello, 3, 3);
		assert_int_equal(scan(&hello, &all, &kept), 3);
		assert_int_equal(lseek(fd, 0, SEEK_END), size);
	}
	/* Zeroes, as after a power cut. */
	log_store_free(store);
	assert_int_equal(ftruncate(fd, size + 5000), 0);
	begin();
	assert_int_equal(scan(&hello, &all, &kept), 3);
	/* A byte that turned over: what is behind it is lost with it. */
	log_store_free(store);
	assert_int_equal(pwrite(fd, "X", 1, size - 38 - 1), 1);
	begin();
	assert_int_equal(scan(&hello, &all, &kept), 1);
	say_lines(&hello, 4, 4);
	assert_int_equal(scan(&hello, &all, &kept), 3);
	close(fd);
}

static void
left_over_is_removed(void **state)
{
	struct log_kept kept;

	(void)state;
	noise_kept(6000, &kept);
	log_store_free(store);
	/* Half packed; packed, but the plain one was not removed; nothing. */
	close(file_open("0000000000000007.tmp", O_WRONLY | O_CREAT));
	close(file_open("0000000000000001.log", O_WRONLY | O_CREAT));
	close(file_open("0000000000009999.log", O_WRONLY | O_CREAT));
	begin();
	pages_check(false, 1, 6000);
	assert_int_equal(files(".tmp"), 0);
	assert_int_equal(files(".log"), 1);
}

static void
damaged_packed_gives_its_front(void **state)
{
	const struct log_query all = { .oldest_first = true };
	struct log_kept kept;
	int fd;

	(void)state;
	noise_kept(3000, &kept);
	assert_int_equal(files(".gz"), 1);
	fd = file_open("0000000000000001.gz", O_RDWR);
	assert_int_equal(ftruncate(fd, 100000), 0);
	close(fd);
	begin_anew();
	(void)scan(&hello, &all, &kept);
	assert_in_range(heard.n, 1000, 2900);
	assert_int_equal(heard.seqs[0], 1);
	assert_int_equal(heard.seqs[heard.n - 1], 3000);
	/* Without its head nothing is known of it. */
	fd = file_open("0000000000000001.gz", O_RDWR);
	assert_int_equal(pwrite(fd, "xxxx", 4, 40), 4);
	close(fd);
	begin_anew();
	(void)scan(&hello, &all, &kept);
	assert_int_equal(files(".gz"), 0);
	assert_int_equal(heard.seqs[heard.n - 1], 3000);
}

/* ---- a kill ---- */

/* Appends until it is killed; tells each thousand once it is written. */
static void
writer(int out)
{
	uint32_t epoch;
	int64_t next;

	begin();
	for (int64_t seq = 1;; seq += 1000) {
		say_noise(&hello, seq, seq + 999);
		if (seq % 5000 == 1) {
			(void)tail(&hello, 1, 4096, &epoch, &next);
			if (write(out, &next, sizeof(next)) < 0)
				_exit(1);
		}
	}
}

static void
survives_a_kill(void **state)
{
	const struct log_query all = { 0 };
	struct log_kept kept;
	int64_t told = 0, next;
	int ends[2], status;
	pid_t pid;

	(void)state;
	log_store_free(store);
	assert_int_equal(pipe(ends), 0);
	pid = fork();
	if (pid == 0)
		writer(ends[1]);
	close(ends[1]);
	for (int i = 0; i < 3; i++)
		assert_int_equal(read(ends[0], &told, sizeof(told)),
		    sizeof(told));
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	while (read(ends[0], &next, sizeof(next)) == sizeof(next))
		told = next;
	close(ends[0]);
	begin();
	heard.max = 5;
	(void)scan(&hello, &all, &kept);
	heard.max = 0;
	assert_true(kept.last >= told - 1);
	assert_int_equal(kept.entries, kept.last);
	say_noise(&hello, kept.last + 1, kept.last + 10);
	if (kept.last < 19000)
		pages_check(true, 1, kept.last + 10);
}

/* ---- no room ---- */

static void
full_disk_costs_lines_only(void **state)
{
	const struct log_query all = { .oldest_first = true };
	struct rlimit limit, small;
	struct log_kept kept;
	struct log_stats stats;

	(void)state;
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
	small = limit;
	small.rlim_cur = 100 * 1000;
	say_lines(&hello, 1, 100);
	(void)scan(&hello, &all, &kept);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	say_noise(&hello, 101, 2000);
	(void)scan(&hello, &all, &kept);
	log_store_stats(store, &stats);
	assert_true(stats.lost > 0);
	assert_true(kept.last < 2000);
	assert_int_equal(kept.entries, kept.last);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
	begin_anew();
	say_lines(&hello, 2001, 2001);
	(void)scan(&hello, &all, &kept);
	assert_int_equal(kept.last, 2001);
	assert_int_equal(heard.seqs[heard.n - 2], 2000);
}

/* ---- all together ---- */

static void
all_are_bounded(void **state)
{
	const struct log_query all = { 0 };
	struct log_place place = { "i1", "team", NULL };
	struct log_stats stats;
	struct log_kept kept;
	char name[16];

	(void)state;
	bounds_set(1, 3);
	for (int i = 0; i < 6; i++) {
		snprintf(name, sizeof(name), "u%d", i);
		place.name = name;
		say_noise(&place, 1, 8000);
		(void)scan(&place, &all, &kept);
		assert_true(kept.bytes > MB / 2);
	}
	begin_anew();
	(void)scan(&place, &all, &kept);
	log_store_stats(store, &stats);
	assert_true(stats.kept <= 3 * MB);
	assert_true(stats.kept > MB);
	assert_int_equal(kept.last, 8000);
	/* Of the first one the newest is left at least. */
	place.name = "u0";
	(void)scan(&place, &all, &kept);
	assert_int_equal(kept.last, 8000);
	assert_true(kept.first > 1);
}

static bool
is_other(void *arg, const char *path)
{
	(void)arg;
	return strcmp(path, "i1/team/other") == 0;
}

/* As if nothing was written since then. */
static void
age_set(const char *name, time_t seconds)
{
	const struct timespec then[2] = { { .tv_sec = time(NULL) - seconds },
		{ .tv_sec = time(NULL) - seconds } };
	char path[FOLDER_SIZE + 64];

	snprintf(path, sizeof(path), "%s/logs/i1/team/%s/%016x.log", dir,
	    name, 1);
	assert_int_equal(utimensat(AT_FDCWD, path, then, 0), 0);
}

static void
gone_is_forgotten(void **state)
{
	const struct log_query all = { 0 };
	struct log_sweep s = { .max = 100 * MB, .age = 2 * DAY,
		.alive = is_other, .now = time(NULL) };
	char path[FOLDER_SIZE + 64];
	struct log_kept kept;

	(void)state;
	say_lines(&hello, 1, 3);
	say_lines(&other, 1, 3);
	log_store_free(store);
	snprintf(path, sizeof(path), "%s/logs", dir);
	s.root = open(path, O_RDONLY | O_DIRECTORY);
	age_set("hello", DAY);
	age_set("other", 3 * DAY);
	assert_true(log_sweep(&s) > 0);
	age_set("hello", 3 * DAY);
	assert_true(log_sweep(&s) > 0);
	/* That it is not gone began its time anew. */
	s.alive = NULL;
	assert_true(log_sweep(&s) > 0);
	begin();
	assert_int_equal(scan(&hello, &all, &kept), 0);
	assert_int_equal(scan(&other, &all, &kept), 3);
	log_store_free(store);
	age_set("other", 3 * DAY);
	assert_int_equal(log_sweep(&s), 0);
	/* The directories are gone too. */
	assert_int_equal(faccessat(s.root, "i1", F_OK, 0), -1);
	close(s.root);
	begin();
}

/* Nobody knows whether it is. */
static void
is_not_gone_unless_told(void **state)
{
	const struct log_query all = { 0 };
	struct log_settings one_day = { .keep = true, .megabytes = 8,
		.total_megabytes = 8, .days = 1 };
	struct log_kept kept;

	(void)state;
	say_lines(&hello, 1, 3);
	(void)scan(&hello, &all, &kept);
	age_set("hello", 400 * DAY);
	log_store_set(store, &one_day);
	assert_int_equal(scan(&hello, &all, &kept), 3);
	begin_anew();
	assert_int_equal(scan(&hello, &all, &kept), 3);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define WITH(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
		WITH(survives_a_kill),
		WITH(comes_back),
		WITH(is_found),
		WITH(is_packed_and_bounded),
		WITH(is_looked_at_within_bounds),
		WITH(tells_what_is_missing),
		WITH(takes_one_epoch),
		WITH(keeps_nothing_when_told),
		WITH(never_waits),
		WITH(torn_is_cut),
		WITH(left_over_is_removed),
		WITH(damaged_packed_gives_its_front),
		WITH(full_disk_costs_lines_only),
		WITH(all_are_bounded),
		WITH(gone_is_forgotten),
		WITH(is_not_gone_unless_told),
	};

	log_init("test", LOG_LEVEL_ERROR);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
