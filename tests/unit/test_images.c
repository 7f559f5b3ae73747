/* SPDX-License-Identifier: ISC */
/* The image store: what is in it is whole, and each project has its own. */
#include "config.h"	/* for nftw */

#include <fcntl.h>
#include <ftw.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "fcgi/images.h"
#include "tests/unit/folder.h"

/* Of "hello". */
#define HELLO "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"
#define SHELF "2c"
#define SIZE_MAX_TEST 100000

struct shop {
	char dir[FOLDER_SIZE];
	struct images *images;
	struct fault f;
};

static int files;

static int
entry_count(const char *path, const struct stat *st, int kind,
	struct FTW *where)
{
	(void)path;
	(void)kind;
	(void)where;
	files += !S_ISDIR(st->st_mode);
	return 0;
}

/* How many files are below a directory. */
static int
directory_count(const char *dir)
{
	files = 0;
	assert_int_equal(nftw(dir, entry_count, 16, FTW_PHYS), 0);
	return files;
}

static int
setup(void **state)
{
	struct shop *s = calloc(1, sizeof(*s));

	folder_make(s->dir);
	s->images = images_new(s->dir, SIZE_MAX_TEST, &s->f);
	assert_non_null(s->images);
	*state = s;
	return 0;
}

static int
teardown(void **state)
{
	struct shop *s = *state;

	images_free(s->images);
	folder_remove(s->dir);
	free(s);
	return 0;
}

/* An upload of text that has ended. */
static struct image_upload *
upload(struct shop *s, const char *text)
{
	struct image_upload *u;

	assert_int_equal(image_upload_begin(s->images, &u, &s->f), 0);
	for (; *text != '\0'; text++)
		assert_int_equal(image_upload_write(u, text, 1, &s->f), 0);
	assert_int_equal(image_upload_end(u, &s->f), 0);
	return u;
}

static void
keep(struct shop *s, const char *text, const char *project)
{
	struct image_upload *u = upload(s, text);
	struct image_file file;

	assert_int_equal(image_upload_keep(u, project, &file, &s->f), 0);
	image_upload_free(u);
	image_file_close(&file);
}

static void
content_check(const struct image_file *file, const char *text)
{
	char data[64];

	assert_int_equal(file->size, strlen(text));
	assert_int_equal(pread(file->fd, data, sizeof(data), 0), file->size);
	assert_memory_equal(data, text, file->size);
}

static void
test_round(void **state)
{
	struct shop *s = *state;
	struct image_upload *u = upload(s, "hello");
	struct image_file file;
	char upper[IMAGE_DIGEST_LEN + 1];

	content_check(image_upload_file(u), "hello");
	assert_string_equal(image_upload_file(u)->sha256, HELLO);
	/* Not there before it is kept. */
	assert_int_equal(images_open(s->images, "ada", HELLO, &file, &s->f),
	    ERR_NOT_FOUND);
	assert_int_equal(image_upload_keep(u, "ada", &file, &s->f), 0);
	image_upload_free(u);
	content_check(&file, "hello");
	image_file_close(&file);
	for (int i = 0; i <= IMAGE_DIGEST_LEN; i++)
		upper[i] = HELLO[i] >= 'a' ? (char)(HELLO[i] - 32) : HELLO[i];
	assert_int_equal(images_open(s->images, "ada", upper, &file, &s->f),
	    0);
	assert_string_equal(file.sha256, HELLO);
	content_check(&file, "hello");
	image_file_close(&file);
	assert_int_equal(file.fd, -1);
}

/* A project has what was uploaded to it, also when another has the same. */
static void
test_projects(void **state)
{
	struct shop *s = *state;
	struct image_file file;

	keep(s, "hello", "ada");
	assert_int_equal(images_open(s->images, "bob", HELLO, &file, &s->f),
	    ERR_NOT_FOUND);
	keep(s, "hello", "bob");
	assert_int_equal(images_open(s->images, "bob", HELLO, &file, &s->f),
	    0);
	image_file_close(&file);
	assert_int_equal(directory_count(s->dir), 2);
	keep(s, "hello", "bob");
	assert_int_equal(directory_count(s->dir), 2);
}

/* What lies there with another size is not what its name says. */
static void
test_repaired(void **state)
{
	struct shop *s = *state;
	struct image_file file;
	char path[256];

	keep(s, "hello", "ada");
	snprintf(path, sizeof(path), "%s/images/ada/" SHELF "/" HELLO, s->dir);
	assert_int_equal(truncate(path, 2), 0);
	keep(s, "hello", "ada");
	assert_int_equal(images_open(s->images, "ada", HELLO, &file, &s->f),
	    0);
	content_check(&file, "hello");
	image_file_close(&file);
}

static void
test_dropped(void **state)
{
	struct shop *s = *state;
	struct image_upload *u = upload(s, "hello");

	assert_int_equal(directory_count(s->dir), 1);
	image_upload_free(u);
	image_upload_free(NULL);
	assert_int_equal(directory_count(s->dir), 0);
	assert_int_equal(image_upload_begin(s->images, &u, &s->f), 0);
	assert_int_equal(image_upload_end(u, &s->f), ERR_BAD_IMAGE);
	image_upload_free(u);
	assert_int_equal(directory_count(s->dir), 0);
}

/* What a killed daemon left is removed, what was kept stays. */
static void
test_restart(void **state)
{
	struct shop *s = *state;
	char path[128];
	int fd;

	keep(s, "hello", "ada");
	snprintf(path, sizeof(path), "%s/incoming/image-abc", s->dir);
	fd = open(path, O_CREAT | O_WRONLY, 0600);
	assert_true(fd >= 0);
	close(fd);
	assert_int_equal(directory_count(s->dir), 2);
	images_free(s->images);
	s->images = images_new(s->dir, 0, &s->f);
	assert_non_null(s->images);
	assert_int_equal(images_size_max(s->images), IMAGES_SIZE_MAX);
	assert_int_equal(directory_count(s->dir), 1);
	assert_int_equal(access(path, F_OK), -1);
}

static void
test_bad_digest(void **state)
{
	static const char *const digests[] = { "", "2c", HELLO "0",
		"../../../../../../../../../../../../../../../../../etc/pass"
		"wd", "gcf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e730433"
		"62938b9824" };
	struct shop *s = *state;
	struct image_file file;

	for (size_t i = 0; i < sizeof(digests) / sizeof(*digests); i++) {
		struct fault f = { 0 };

		assert_int_equal(images_open(s->images, "ada", digests[i],
		    &file, &f), ERR_INVALID);
		assert_string_equal(f.fields[0].field, "image");
	}
}

/* A link in the store leads nowhere. */
static void
test_link(void **state)
{
	struct shop *s = *state;
	struct image_file file;
	char path[256];

	keep(s, "hello", "ada");
	snprintf(path, sizeof(path), "%s/images/ada/" SHELF "/" HELLO, s->dir);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(symlink("/etc/passwd", path), 0);
	assert_int_not_equal(images_open(s->images, "ada", HELLO, &file,
	    &s->f), 0);
	keep(s, "hello", "ada");
	assert_int_equal(images_open(s->images, "ada", HELLO, &file, &s->f),
	    0);
	content_check(&file, "hello");
	image_file_close(&file);
}

static void
test_size(void **state)
{
	static char data[SIZE_MAX_TEST];
	struct shop *s = *state;
	struct image_upload *u;

	assert_int_equal(image_upload_begin(s->images, &u, &s->f), 0);
	assert_int_equal(image_upload_write(u, data, sizeof(data), &s->f), 0);
	assert_int_equal(image_upload_write(u, data, 0, &s->f), 0);
	assert_int_equal(image_upload_write(u, data, 1, &s->f),
	    ERR_TOO_LARGE);
	image_upload_free(u);
	assert_int_equal(directory_count(s->dir), 0);
}

static void
test_at_once(void **state)
{
	struct image_upload *u[IMAGES_RECEIVING_MAX], *more;
	struct shop *s = *state;

	for (int i = 0; i < IMAGES_RECEIVING_MAX; i++)
		assert_int_equal(image_upload_begin(s->images, &u[i], &s->f),
		    0);
	assert_int_equal(image_upload_begin(s->images, &more, &s->f),
	    ERR_BUSY);
	assert_null(more);
	image_upload_free(u[0]);
	assert_int_equal(image_upload_begin(s->images, &u[0], &s->f), 0);
	for (int i = 0; i < IMAGES_RECEIVING_MAX; i++)
		image_upload_free(u[i]);
}

/* A limit of the file size stands for a full disk. */
static void
test_full(void **state)
{
	static char data[50000];
	struct rlimit before, small;
	struct shop *s = *state;
	struct image_upload *u;
	int err;

	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	small = (struct rlimit){ 30000, before.rlim_max };
	assert_int_equal(image_upload_begin(s->images, &u, &s->f), 0);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	err = image_upload_write(u, data, sizeof(data), &s->f);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	assert_int_equal(err, ERR_STORAGE_FULL);
	image_upload_free(u);
	assert_int_equal(directory_count(s->dir), 0);
}

static const char *
path_of(const struct shop *s, const char *project)
{
	static char path[256];

	snprintf(path, sizeof(path), "%s/images/%s/" SHELF "/" HELLO, s->dir,
	    project);
	return path;
}

/* As if it had been stored and used that many seconds ago. */
static void
age(const struct shop *s, const char *project, time_t stored, time_t used)
{
	time_t now = time(NULL);
	struct timespec times[2] = { { now - used, 0 }, { now - stored, 0 } };

	assert_int_equal(utimensat(AT_FDCWD, path_of(s, project), times, 0),
	    0);
}

static void
test_stat(void **state)
{
	struct shop *s = *state;
	struct image_file file;
	struct image_entry e;
	time_t now = time(NULL);
	uint64_t size = 0;

	assert_false(images_has(s->images, "ada", HELLO, &size));
	assert_false(images_has(s->images, "ada", "2c", &size));
	keep(s, "hello", "ada");
	assert_true(images_has(s->images, "ada", HELLO, &size));
	assert_true(images_has(s->images, "ada", HELLO, NULL));
	assert_int_equal(size, 5);
	age(s, "ada", 5000, 4000);
	assert_int_equal(images_look(s->images, "ada", HELLO, &file, &s->f),
	    0);
	image_file_close(&file);
	assert_int_equal(images_stat(s->images, "ada", HELLO, &e, &s->f), 0);
	assert_string_equal(e.sha256, HELLO);
	assert_in_range(e.stored, now - 5001, now - 4990);
	assert_in_range(e.used, now - 4001, now - 3990);
	/* To open it is to use it; to store it again makes it new. */
	assert_int_equal(images_open(s->images, "ada", HELLO, &file, &s->f),
	    0);
	image_file_close(&file);
	assert_int_equal(images_stat(s->images, "ada", HELLO, &e, &s->f), 0);
	assert_in_range(e.stored, now - 5001, now - 4990);
	assert_true(e.used >= now);
	keep(s, "hello", "ada");
	assert_int_equal(images_stat(s->images, "ada", HELLO, &e, &s->f), 0);
	assert_true(e.stored >= now);
}

static void
test_was_there(void **state)
{
	struct shop *s = *state;
	struct image_file file;

	for (int i = 0; i < 2; i++) {
		struct image_upload *u = upload(s, "hello");

		assert_int_equal(image_upload_keep(u, "ada", &file, &s->f),
		    0);
		assert_int_equal(file.was_there, i == 1);
		image_file_close(&file);
		image_upload_free(u);
	}
}

static void
test_list(void **state)
{
	static const char *const texts[] = { "a", "b", "cc", "ddd", "hello" };
	struct shop *s = *state;
	struct image_project *projects;
	struct image_entry *list;
	struct images *other;
	size_t n, sum = 0;
	char path[128];

	assert_int_equal(images_list(s->images, "ada", &list, &n, &s->f), 0);
	assert_int_equal(n, 0);
	for (size_t i = 0; i < 5; i++)
		keep(s, texts[i], "ada");
	keep(s, "hello", "bob");
	/* What is not ours is passed over. */
	snprintf(path, sizeof(path), "%s/images/ada/lost+found", s->dir);
	assert_int_equal(mkdir(path, 0700), 0);
	snprintf(path, sizeof(path), "%s/images/ada/" SHELF "/note", s->dir);
	assert_int_equal(symlink("/etc/passwd", path), 0);
	other = images_attach(s->dir, &s->f);
	assert_non_null(other);
	assert_int_equal(images_list(other, "ada", &list, &n, &s->f), 0);
	assert_int_equal(n, 5);
	for (size_t i = 0; i < n; i++)
		sum += list[i].size;
	assert_int_equal(sum, 1 + 1 + 2 + 3 + 5);
	free(list);
	assert_int_equal(images_projects(other, &projects, &n, &s->f), 0);
	assert_int_equal(n, 2);
	assert_int_equal(strcmp(projects[0].name, projects[1].name) < 0 ?
	    strcmp(projects[0].name, "ada") : strcmp(projects[0].name, "bob"),
	    0);
	free(projects);
	images_free(other);
}

/* Looking at a store leaves alone what is being received. */
static void
test_attach(void **state)
{
	struct shop *s = *state;
	struct image_upload *u = upload(s, "hello");
	struct images *other = images_attach(s->dir, &s->f);
	struct fault f = { 0 };

	assert_non_null(other);
	assert_int_equal(directory_count(s->dir), 1);
	images_free(other);
	image_upload_free(u);
	assert_null(images_attach("/nonexistent/mollymawk", &f));
	assert_non_null(strstr(f.detail, "/nonexistent/mollymawk"));
}

static int
collect(struct shop *s, time_t days)
{
	time_t now = time(NULL);
	struct fault f = { 0 };

	return images_remove(s->images, "ada", HELLO, now - days * 86400, now,
	    &f);
}

static void
test_remove(void **state)
{
	struct shop *s = *state;
	struct image_file file;

	assert_int_equal(collect(s, 1), ERR_NOT_FOUND);
	keep(s, "hello", "ada");
	assert_int_equal(collect(s, 1), ERR_CONFLICT);
	/* Old, but somebody is about to deploy it. */
	age(s, "ada", 2 * 86400, 2 * 86400);
	assert_int_equal(images_open(s->images, "ada", HELLO, &file, &s->f),
	    0);
	assert_int_equal(collect(s, 1), ERR_CONFLICT);
	age(s, "ada", 2 * 86400, IMAGE_HOLD + 2);
	assert_int_equal(collect(s, 3), ERR_CONFLICT);
	assert_int_equal(collect(s, 1), 0);
	assert_false(images_has(s->images, "ada", HELLO, NULL));
	content_check(&file, "hello");
	image_file_close(&file);
	keep(s, "hello", "ada");
	assert_int_equal(images_remove(s->images, "ada", HELLO, 0, 0, &s->f),
	    0);
	assert_int_equal(directory_count(s->dir), 0);
	assert_int_equal(images_remove(s->images, "ada", "x", 0, 0, &s->f),
	    ERR_INVALID);
}

static void
test_no_directory(void **state)
{
	struct fault f = { 0 };

	(void)state;
	assert_null(images_new("/nonexistent/mollymawk", 0, &f));
	assert_int_equal(f.err, ERR_INTERNAL);
	assert_non_null(strstr(f.detail, "/nonexistent/mollymawk"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_round),
		TEST(test_projects),
		TEST(test_repaired),
		TEST(test_dropped),
		TEST(test_restart),
		TEST(test_bad_digest),
		TEST(test_link),
		TEST(test_size),
		TEST(test_at_once),
		TEST(test_full),
		TEST(test_stat),
		TEST(test_was_there),
		TEST(test_list),
		TEST(test_attach),
		TEST(test_remove),
		cmocka_unit_test(test_no_directory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
