/* SPDX-License-Identifier: ISC */
/*
 * gauge_file: what was measured is there again at each of the resolutions, and
 * what was not is a gap, whatever became of the clock, of the program or of the
 * file in between.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "fcgi/gauge_file.h"
#include "folder.h"

/* Where a quarter of an hour begins. */
#define BEGIN INT64_C(1784020500)

static char dir[FOLDER_SIZE];
static int root;

static const struct gauge_place web = { "box", "bob", "web" };

static int
setup(void **state)
{
	folder_make(dir);
	root = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return root < 0 ? -1 : 0;
}

static int
teardown(void **state)
{
	close(root);
	return folder_remove(dir);
}

static struct gauge_values
values(double cpu)
{
	return (struct gauge_values){ .cpu = cpu, .memory = 33554432,
		.faults = 1.5, .nnets = 1,
		.nets = { { "service", 1000, 2 * cpu } } };
}

static void
add(int64_t since, int64_t now, double cpu)
{
	struct gauge_values v = values(cpu);

	assert_int_equal(gauge_file_add(root, &web, since, now, &v), 0);
}

/* Within what a value may be wrong by. */
static void
assert_near(double found, double expected)
{
	if (isnan(expected))
		assert_true(isnan(found));
	else
		assert_true(fabs(found - expected) <= expected * 0.0007);
}

static struct gauge_series
series(enum gauge_ring ring, int64_t from, size_t n, size_t merge)
{
	struct gauge_series s;

	assert_int_equal(gauge_file_read(root, &web, ring,
	    from / gauge_step(ring), n, merge, &s), 0);
	assert_int_equal(s.n, n / merge);
	return s;
}

static void
assert_cpu(enum gauge_ring ring, int64_t from, double expected)
{
	struct gauge_series s = series(ring, from, 1, 1);

	assert_near(s.cpu[0], expected);
	gauge_series_free(&s);
}

static void
numbers_are_near(void **state)
{
	static const double known[] = { 0, 0.001, 0.5, 1, 99.99, 4096,
		33554432, 1e10, 1e15 };

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		assert_near(gauge_value(gauge_code(known[i])), known[i]);
	assert_int_equal(gauge_code(NAN), 0);
	assert_int_equal(gauge_code(-1), 0);
	assert_int_equal(gauge_code(INFINITY), 0);
	assert_int_equal(gauge_code(1e300), UINT16_MAX);
	assert_true(isnan(gauge_value(0)));
	/* What is kept stays as it is when it is reckoned with. */
	for (uint32_t code = 0; code <= UINT16_MAX; code++)
		assert_int_equal(gauge_code(gauge_value((uint16_t)code)),
		    code);
}

static void
what_was_added_is_there(void **state)
{
	struct gauge_series s;

	add(BEGIN, BEGIN + 10, 40);
	s = series(GAUGE_FINE, BEGIN, 3, 1);
	assert_true(isnan(s.cpu[0]));
	assert_near(s.cpu[1], 40);
	assert_near(s.cpu_max[1], 40);
	assert_near(s.memory[1], 33554432);
	assert_near(s.faults[1], 1.5);
	assert_true(isnan(s.cpu[2]));
	assert_int_equal(s.nnets, 1);
	assert_string_equal(s.nets[0].name, "service");
	assert_near(s.nets[0].rx[1], 1000);
	assert_near(s.nets[0].tx[1], 80);
	assert_true(isnan(s.nets[0].tx[2]));
	gauge_series_free(&s);
	assert_cpu(GAUGE_MINUTES, BEGIN, 40);
	assert_cpu(GAUGE_QUARTERS, BEGIN, 40);
}

/* Twice within a slot: the later one knows it better, if it knows it. */
static void
slot_is_written_again(void **state)
{
	add(BEGIN, BEGIN + 11, 40);
	add(BEGIN, BEGIN + 18, 60);
	assert_cpu(GAUGE_FINE, BEGIN + 10, 60);
	assert_cpu(GAUGE_MINUTES, BEGIN, 60);
	/* The first after a new beginning has nothing to be held against. */
	add(BEGIN + 18, BEGIN + 19, NAN);
	assert_cpu(GAUGE_FINE, BEGIN + 10, 60);
	assert_cpu(GAUGE_MINUTES, BEGIN, 60);
}

/* A value stands for the time since the one before it; for a minute. */
static void
value_fills_what_it_stands_for(void **state)
{
	add(BEGIN - 10, BEGIN, 10);
	add(BEGIN + 9, BEGIN + 21, 30);
	assert_cpu(GAUGE_FINE, BEGIN, 10);
	assert_cpu(GAUGE_FINE, BEGIN + 10, 30);
	assert_cpu(GAUGE_FINE, BEGIN + 20, 30);
	add(BEGIN + 21, BEGIN + 200, 50);
	assert_cpu(GAUGE_FINE, BEGIN + 30, NAN);
	assert_cpu(GAUGE_FINE, BEGIN + 140, NAN);
	assert_cpu(GAUGE_FINE, BEGIN + 150, 50);
	assert_cpu(GAUGE_MINUTES, BEGIN + 60, NAN);
	assert_cpu(GAUGE_MINUTES, BEGIN + 120, 50);
}

static void
coarse_ones_are_means(void **state)
{
	struct gauge_series s;

	/* Half an hour that goes from 1 to 180. */
	for (int i = 0; i < 180; i++)
		add(BEGIN + 10 * i - 10, BEGIN + 10 * i, i + 1);
	s = series(GAUGE_MINUTES, BEGIN, 30, 1);
	for (int i = 0; i < 30; i++) {
		assert_near(s.cpu[i], 6 * i + 3.5);
		assert_near(s.cpu_max[i], 6 * i + 6);
		assert_near(s.memory[i], 33554432);
	}
	gauge_series_free(&s);
	s = series(GAUGE_QUARTERS, BEGIN, 2, 1);
	assert_near(s.cpu[0], 45.5);
	assert_near(s.cpu_max[0], 90);
	assert_near(s.cpu[1], 135.5);
	assert_near(s.nets[0].tx[1], 271);
	gauge_series_free(&s);
	/* Merged, with the highest of each still the highest. */
	s = series(GAUGE_MINUTES, BEGIN, 30, 15);
	assert_near(s.cpu[0], 45.5);
	assert_near(s.cpu_max[1], 180);
	gauge_series_free(&s);
}

/* Round and round: each slot is of the newest lap, or a gap. */
static void
laps_are_told_apart(void **state)
{
	int64_t later = BEGIN + 3 * 3600;
	struct gauge_series s;

	for (int i = 0; i < 720; i++)
		add(BEGIN + 10 * i - 10, BEGIN + 10 * i, 10);
	/* An hour of nothing is behind the two. */
	add(later - 10, later, 20);
	s = series(GAUGE_FINE, later - 7190, 720, 1);
	for (int i = 0; i < 719; i++)
		assert_near(s.cpu[i], later - 7190 + 10 * i <
		    BEGIN + 7200 ? 10 : NAN);
	assert_near(s.cpu[719], 20);
	gauge_series_free(&s);
	/* What is older than the ring is not told, nor what is to come. */
	s = series(GAUGE_FINE, BEGIN, 300, 1);
	assert_true(isnan(s.cpu[299]));
	assert_false(gauge_series_known(&s));
	gauge_series_free(&s);
	s = series(GAUGE_FINE, later + 10, 720, 1);
	assert_false(gauge_series_known(&s));
	gauge_series_free(&s);
	assert_cpu(GAUGE_MINUTES, BEGIN, 10);
	/* All of a ring is behind. */
	add(later + 90 * 86400, later + 90 * 86400 + 10, 30);
	s = series(GAUGE_QUARTERS, later + 86400, 8000, 1);
	assert_false(gauge_series_known(&s));
	gauge_series_free(&s);
	assert_cpu(GAUGE_QUARTERS, later + 90 * 86400, 30);
}

static void
clock_goes_back(void **state)
{
	add(BEGIN - 910, BEGIN - 900, 70);
	add(BEGIN + 90, BEGIN + 100, 40);
	/* A little: until it is there again nothing is written. */
	add(BEGIN + 40, BEGIN + 50, 90);
	assert_cpu(GAUGE_FINE, BEGIN + 50, NAN);
	assert_cpu(GAUGE_FINE, BEGIN + 100, 40);
	add(BEGIN + 100, BEGIN + 110, 50);
	assert_cpu(GAUGE_FINE, BEGIN + 110, 50);
	/* It was a day ahead: what is older than that is kept all the same. */
	add(BEGIN + 86400, BEGIN + 86410, 10);
	add(BEGIN + 110, BEGIN + 120, 60);
	assert_cpu(GAUGE_FINE, BEGIN + 120, 60);
	assert_cpu(GAUGE_FINE, BEGIN + 110, NAN);
	assert_cpu(GAUGE_QUARTERS, BEGIN - 900, 70);
	assert_cpu(GAUGE_QUARTERS, BEGIN + 86400, NAN);
	/* It was years ahead: all that was is of no time. */
	add(BEGIN + 4 * 31536000, BEGIN + 4 * 31536000, 10);
	add(BEGIN + 120, BEGIN + 130, 80);
	assert_cpu(GAUGE_FINE, BEGIN + 130, 80);
	assert_cpu(GAUGE_FINE, BEGIN + 120, NAN);
	assert_cpu(GAUGE_QUARTERS, BEGIN - 900, NAN);
}

static void
devices_come_and_go(void **state)
{
	struct gauge_values v = { .cpu = 1, .memory = 1, .faults = 1 };
	struct gauge_series s;
	int64_t now = BEGIN;

	/* One at a time, more than are kept. */
	for (int i = 0; i < GAUGE_NETS_MAX + 2; i++, now += 10) {
		v.nnets = 1;
		v.nets[0] = (struct gauge_net){ .rx = i, .tx = 100 + i };
		snprintf(v.nets[0].name, sizeof(v.nets[0].name), "net%d", i);
		assert_int_equal(gauge_file_add(root, &web, now - 10, now,
		    &v), 0);
	}
	s = series(GAUGE_FINE, BEGIN, GAUGE_NETS_MAX + 2, 1);
	assert_int_equal(s.nnets, GAUGE_NETS_MAX);
	for (size_t i = 0; i < s.nnets; i++) {
		int which = 0;

		assert_int_equal(sscanf(s.nets[i].name, "net%d", &which), 1);
		for (int k = 0; k < GAUGE_NETS_MAX + 2; k++)
			assert_near(s.nets[i].tx[k],
			    k == which ? 100 + k : NAN);
	}
	gauge_series_free(&s);
}

static struct stat
file_stat(void)
{
	struct stat st;

	assert_int_equal(fstatat(root, "box/bob/web", &st, 0), 0);
	return st;
}

/* What the README says that it costs. */
static void
size_is_as_told(void **state)
{
	struct gauge_values v = { .cpu = 1, .memory = 1, .faults = 1 };

	for (int i = 0; i < 8640; i++)
		assert_int_equal(gauge_file_add(root, &web,
		    BEGIN + 900 * i - 10, BEGIN + 900 * i, &v), 0);
	assert_in_range(file_stat().st_size, 90000, 1024 + 4 * 24480);
	v = values(1);
	for (int i = 8640; i < 2 * 8640; i++)
		assert_int_equal(gauge_file_add(root, &web,
		    BEGIN + 900 * i - 10, BEGIN + 900 * i, &v), 0);
	assert_in_range(file_stat().st_size, 100000, 1024 + 6 * 24480);
	print_message("# a unikernel with a device: %ld bytes\n",
	    (long)file_stat().st_size);
}

static void
other_files_are_begun_anew(void **state)
{
	static const char *const texts[] = { "", "MMGAUGE1",
		"something else that is no file of ours at all" };

	add(BEGIN, BEGIN + 10, 40);
	for (size_t i = 0; i < 3; i++) {
		int fd = openat(root, "box/bob/web", O_WRONLY | O_TRUNC);

		assert_true(fd >= 0);
		assert_int_equal(write(fd, texts[i], strlen(texts[i])),
		    strlen(texts[i]));
		close(fd);
		assert_cpu(GAUGE_FINE, BEGIN + 10, NAN);
		add(BEGIN, BEGIN + 10, 50);
		assert_cpu(GAUGE_FINE, BEGIN + 10, 50);
	}
}

/* Cut off anywhere: what is left is right, the rest is a gap. */
static void
cut_files_are_read(void **state)
{
	struct gauge_series s;

	add(BEGIN, BEGIN + 10, 40);
	for (off_t size = file_stat().st_size; size >= 0; size -= 997) {
		int fd = openat(root, "box/bob/web", O_WRONLY);

		assert_int_equal(ftruncate(fd, size), 0);
		close(fd);
		s = series(GAUGE_FINE, BEGIN + 10, 1, 1);
		assert_true(isnan(s.cpu[0]) || fabs(s.cpu[0] - 40) < 1);
		gauge_series_free(&s);
	}
}

struct names {
	char text[256];
};

static bool
name_take(void *arg, const char *name)
{
	struct names *names = arg;
	size_t len = strlen(names->text);

	snprintf(names->text + len, sizeof(names->text) - len, "%s ", name);
	return true;
}

static void
old_ones_are_swept(void **state)
{
	const struct gauge_place other = { "box", "eve", "old" };
	const struct timespec old[2] = { { 1000, 0 }, { 1000, 0 } };
	struct gauge_values v = values(1);
	struct names names = { "" };
	struct stat st;

	add(BEGIN, BEGIN + 10, 40);
	assert_int_equal(gauge_file_add(root, &other, BEGIN, BEGIN, &v), 0);
	assert_int_equal(utimensat(root, "box/eve/old", old, 0), 0);
	gauge_file_names(root, "box", "bob", 2000, name_take, &names);
	gauge_file_names(root, "box", "eve", 2000, name_take, &names);
	gauge_file_names(root, "none", "eve", 2000, name_take, &names);
	assert_string_equal(names.text, "web ");
	gauge_file_sweep(root, 2000);
	assert_int_equal(fstatat(root, "box/eve", &st, 0), -1);
	assert_int_equal(fstatat(root, "box/bob/web", &st, 0), 0);
	assert_int_equal(utimensat(root, "box/bob/web", old, 0), 0);
	gauge_file_sweep(root, 2000);
	assert_int_equal(fstatat(root, "box", &st, 0), -1);
	assert_int_equal(fstat(root, &st), 0);
}

/* However many names an instance tells: the last ones are kept. */
static void
files_are_bounded(void **state)
{
	struct gauge_values v = values(1);
	struct gauge_place place = { "box", "eve", NULL };
	struct timespec when[2] = { { 3000, 0 }, { 3000, 0 } };
	char name[16], path[32];

	assert_int_equal(gauge_file_count(root, "box"), 0);
	assert_false(gauge_file_exists(root, &web));
	add(BEGIN, BEGIN + 10, 40);
	assert_true(gauge_file_exists(root, &web));
	for (int i = 0; i < GAUGE_FILES_KEPT + 4; i++) {
		snprintf(name, sizeof(name), "n%d", i);
		place.name = name;
		if (i == 0)
			assert_int_equal(gauge_file_add(root, &place, BEGIN,
			    BEGIN, &v), 0);
		snprintf(path, sizeof(path), "box/eve/%s", name);
		if (i > 0)
			assert_int_equal(mknodat(root, path, S_IFREG | 0600,
			    0), 0);
		when[1].tv_sec = 3000 + i;
		assert_int_equal(utimensat(root, path, when, 0), 0);
	}
	assert_int_equal(gauge_file_count(root, "box"), GAUGE_FILES_KEPT + 5);
	gauge_file_sweep(root, 2000);
	assert_int_equal(gauge_file_count(root, "box"), GAUGE_FILES_KEPT);
	assert_true(gauge_file_exists(root, &web));
	place.name = "n4";
	assert_false(gauge_file_exists(root, &place));
	place.name = "n5";
	assert_true(gauge_file_exists(root, &place));
	gauge_file_sweep(root, INT64_MAX);
	assert_int_equal(gauge_file_count(root, "box"), 0);
}

static void
nothing_is_all_gaps(void **state)
{
	struct gauge_series s = series(GAUGE_QUARTERS, BEGIN, 8640, 4);

	assert_int_equal(s.n, 2160);
	assert_int_equal(s.nnets, 0);
	assert_false(gauge_series_known(&s));
	gauge_series_free(&s);
}

int
main(void)
{
#define WITH(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_are_near),
		WITH(what_was_added_is_there),
		WITH(slot_is_written_again),
		WITH(value_fills_what_it_stands_for),
		WITH(coarse_ones_are_means),
		WITH(laps_are_told_apart),
		WITH(clock_goes_back),
		WITH(devices_come_and_go),
		WITH(size_is_as_told),
		WITH(other_files_are_begun_anew),
		WITH(cut_files_are_read),
		WITH(old_ones_are_swept),
		WITH(files_are_bounded),
		WITH(nothing_is_all_gaps),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
