/* SPDX-License-Identifier: ISC */
/* image_check: what is damaged is found, told and moved away; no more. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "fcgi/image_check.h"
#include "tests/unit/folder.h"

/* Of "hello". */
#define HELLO "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"

static char dir[FOLDER_SIZE], printed[4096];
static struct images *images;
static struct image_findings found;

static int
setup(void **state)
{
	struct fault f = { 0 };

	(void)state;
	folder_make(dir);
	images = images_new(dir, 0, &f);
	return images == NULL ? -1 : 0;
}

static int
teardown(void **state)
{
	(void)state;
	images_free(images);
	return folder_remove(dir);
}

static void
store(const char *project, const char *text)
{
	struct image_upload *u;
	struct image_file file;
	struct fault f = { 0 };

	assert_int_equal(image_upload_begin(images, &u, &f), 0);
	assert_int_equal(image_upload_write(u, text, strlen(text), &f), 0);
	assert_int_equal(image_upload_end(u, &f), 0);
	assert_int_equal(image_upload_keep(u, project, &file, &f), 0);
	image_upload_free(u);
	image_file_close(&file);
}

static const char *
path_of(const char *project)
{
	static char path[256];

	snprintf(path, sizeof(path), "%s/images/%s/2c/" HELLO, dir, project);
	return path;
}

/* One byte of it another. */
static void
spoil(const char *project)
{
	int fd = open(path_of(project), O_WRONLY);

	assert_true(fd >= 0);
	assert_int_equal(pwrite(fd, "H", 1, 0), 1);
	close(fd);
}

static int
check(void)
{
	FILE *out = fmemopen(printed, sizeof(printed), "w");
	struct fault f = { 0 };
	int err;

	assert_non_null(out);
	err = image_check(dir, out, &found, &f);
	fclose(out);
	assert_int_equal(err, f.err);
	return err;
}

static void
test_well(void **state)
{
	(void)state;
	assert_int_equal(check(), 0);
	assert_string_equal(printed, "0 images of 0 bytes, 0 damaged\n");
	store("ada", "hello");
	store("ada", "more");
	store("bob", "hello");
	assert_int_equal(check(), 0);
	assert_string_equal(printed, "3 images of 14 bytes, 0 damaged\n");
	assert_int_equal(found.images, 3);
	assert_true(images_has(images, "ada", HELLO, NULL));
}

static void
test_damaged(void **state)
{
	char path[256];
	struct stat st;

	(void)state;
	store("ada", "hello");
	store("bob", "hello");
	spoil("ada");
	assert_int_equal(check(), 0);
	assert_int_equal(found.damaged, 1);
	assert_non_null(strstr(printed, "damaged: ada " HELLO));
	assert_non_null(strstr(printed, "moved to quarantine/ada-" HELLO "\n"));
	assert_non_null(strstr(printed, "2 images of 10 bytes, 1 damaged\n"));
	assert_false(images_has(images, "ada", HELLO, NULL));
	assert_true(images_has(images, "bob", HELLO, NULL));
	snprintf(path, sizeof(path), "%s/quarantine/ada-" HELLO, dir);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_size, 5);
	/* Uploaded anew, and damaged anew, also by being cut short. */
	store("ada", "hello");
	assert_int_equal(check(), 0);
	assert_int_equal(found.damaged, 0);
	assert_int_equal(truncate(path_of("ada"), 3), 0);
	assert_int_equal(check(), 0);
	assert_int_equal(found.damaged, 1);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_size, 3);
}

/* Checking is not using; what is being received is left alone. */
static void
test_leaves_alone(void **state)
{
	struct timespec old[2] = { { 1000000, 0 }, { 1000000, 0 } };
	struct image_upload *u;
	struct image_entry e;
	struct fault f = { 0 };

	(void)state;
	store("ada", "hello");
	assert_int_equal(utimensat(AT_FDCWD, path_of("ada"), old, 0), 0);
	assert_int_equal(image_upload_begin(images, &u, &f), 0);
	assert_int_equal(image_upload_write(u, "more", 4, &f), 0);
	assert_int_equal(check(), 0);
	assert_int_equal(found.images, 1);
	assert_int_equal(images_stat(images, "ada", HELLO, &e, &f), 0);
	assert_int_equal(e.stored, 1000000);
	assert_int_equal(e.used, 1000000);
	assert_int_equal(image_upload_end(u, &f), 0);
	image_upload_free(u);
}

/* The status of the command; dir NULL: without --state. */
static int
command(const char *of)
{
	char name[] = "check-images", option[] = "--state", value[64] = "";
	char *argv[] = { name, of == NULL ? NULL : option, value, NULL };

	if (of != NULL)
		snprintf(value, sizeof(value), "%s", of);
	optind = 0;	/* getopt begins anew */
	return image_check_main(of == NULL ? 1 : 3, argv);
}

static void
test_command(void **state)
{
	(void)state;
	store("ada", "hello");
	assert_int_equal(command(NULL), 2);
	assert_int_equal(command("/nonexistent"), 2);
	assert_int_equal(command(dir), 0);
	spoil("ada");
	assert_int_equal(command(dir), 1);
	assert_int_equal(command(dir), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_well),
		TEST(test_damaged),
		TEST(test_leaves_alone),
		TEST(test_command),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
