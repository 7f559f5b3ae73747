/* SPDX-License-Identifier: ISC */
/*
 * collector: a store and a ledger in a temporary directory, at times made up;
 * what is needed stays, also while deployments are made at the same time.
 */
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
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

#include "base/log.h"
#include "fcgi/collector.h"
#include "tests/unit/deployments.h"
#include "tests/unit/folder.h"

#define DAY 86400

static char dir[FOLDER_SIZE];
static struct ledger *ledger;
static struct images *images;
static time_t now;

static int
setup(void **state)
{
	struct fault f = { 0 };

	(void)state;
	now = time(NULL);
	folder_make(dir);
	images = images_new(dir, 0, &f);
	assert_non_null(images);
	return ledger_open(dir, &ledger, &f);
}

static int
teardown(void **state)
{
	(void)state;
	ledger_close(ledger);
	images_free(images);
	return folder_remove(dir);
}

/* Stored so many days ago and not used since. */
static void
store(const char *project, const char *text, int days,
	char sha256[IMAGE_DIGEST_LEN + 1])
{
	struct timespec times[2] = { { now - days * DAY, 0 },
		{ now - days * DAY, 0 } };
	struct image_upload *u;
	struct image_file file;
	struct fault f = { 0 };
	char path[256];

	assert_int_equal(image_upload_begin(images, &u, &f), 0);
	assert_int_equal(image_upload_write(u, text, strlen(text), &f), 0);
	assert_int_equal(image_upload_end(u, &f), 0);
	assert_int_equal(image_upload_keep(u, project, &file, &f), 0);
	image_upload_free(u);
	snprintf(path, sizeof(path), "%s/images/%s/%.2s/%s", dir, project,
	    file.sha256, file.sha256);
	assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
	memcpy(sha256, file.sha256, IMAGE_DIGEST_LEN + 1);
	image_file_close(&file);
}

static void
test_round(void **state)
{
	char old[IMAGE_DIGEST_LEN + 1], fresh[IMAGE_DIGEST_LEN + 1];
	char runs[IMAGE_DIGEST_LEN + 1], other[IMAGE_DIGEST_LEN + 1];
	struct collected removed;

	(void)state;
	store("ada", "old", 31, old);
	store("ada", "fresh", 29, fresh);
	store("ada", "runs", 400, runs);
	store("bob", "runs", 400, other);
	deployment_put(ledger, &(struct row){ .name = "web", .number = 1,
		.state = "running", .image = runs, .current = true });
	removed = collect(images, ledger, now, NULL);
	/* What ada needs is nothing to bob. */
	assert_int_equal(removed.images, 2);
	assert_int_equal(removed.bytes, 3 + 4);
	assert_false(images_has(images, "ada", old, NULL));
	assert_false(images_has(images, "bob", other, NULL));
	assert_true(images_has(images, "ada", fresh, NULL));
	assert_true(images_has(images, "ada", runs, NULL));
	removed = collect(images, ledger, now + 2 * DAY, NULL);
	assert_int_equal(removed.images, 1);
	assert_true(images_has(images, "ada", runs, NULL));
}

static void
test_rule(void **state)
{
	char a[IMAGE_DIGEST_LEN + 1], b[IMAGE_DIGEST_LEN + 1];
	struct fault f = { 0 };
	struct image_file file;

	(void)state;
	setting_put(ledger, "retention", "{\"deployments\":1,\"days\":0}");
	store("ada", "a", 1, a);
	store("ada", "b", 1, b);
	deployment_put(ledger, &(struct row){ .name = "web", .number = 1,
		.state = "failed", .image = a });
	deployment_put(ledger, &(struct row){ .name = "web", .number = 2,
		.state = "failed", .image = b });
	/* Somebody looks at it, perhaps to deploy it. */
	assert_int_equal(images_open(images, "ada", a, &file, &f), 0);
	image_file_close(&file);
	assert_int_equal(collect(images, ledger, now, NULL).images, 0);
	assert_int_equal(collect(images, ledger, now + IMAGE_HOLD + 60,
	    NULL).images, 1);
	assert_false(images_has(images, "ada", a, NULL));
	assert_true(images_has(images, "ada", b, NULL));
}

static void
test_stop(void **state)
{
	const atomic_bool stop = true;
	char a[IMAGE_DIGEST_LEN + 1];

	(void)state;
	store("ada", "a", 100, a);
	assert_int_equal(collect(images, ledger, now, &stop).images, 0);
	assert_true(images_has(images, "ada", a, NULL));
	collector_free(collector_new(images, ledger));
	collector_free(NULL);
}

#define ROUNDS 200

static char raced[IMAGE_DIGEST_LEN + 1];
static atomic_int turn;

/* In each turn makes a deployment of what is there, as a request does. */
static void *
deploy_main(void *arg)
{
	int *deployed = arg;
	struct image_file file;
	struct fault f;

	for (int i = 1; i <= ROUNDS; i++) {
		while (turn < i)
			sched_yield();
		usleep((useconds_t)(i * 20));
		f = (struct fault){ 0 };
		deployed[i] = images_open(images, "ada", raced, &file,
		    &f) == 0;
		if (deployed[i]) {
			deployment_put(ledger, &(struct row){ .name = "web",
			    .number = i, .state = "running", .image = raced,
			    .current = true });
			image_file_close(&file);
		}
		turn = -i;
	}
	return NULL;
}

/* Either it is gone before the deployment has it, or it stays. */
static void
test_race(void **state)
{
	static int deployed[ROUNDS + 1];
	pthread_t thread;
	int removed = 0;

	(void)state;
	setting_put(ledger, "retention", "{\"deployments\":1,\"days\":0}");
	store("ada", "raced", 1, raced);
	assert_int_equal(pthread_create(&thread, NULL, deploy_main, deployed),
	    0);
	for (int i = 1; i <= ROUNDS; i++) {
		store("ada", "raced", 1, raced);
		turn = i;
		removed += (int)collect(images, ledger, now, NULL).images;
		while (turn != -i)
			sched_yield();
		assert_int_equal(images_has(images, "ada", raced, NULL),
		    deployed[i]);
		deployments_clear(ledger);
	}
	pthread_join(thread, NULL);
	print_message("removed %d of %d\n", removed, ROUNDS);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_round),
		TEST(test_rule),
		TEST(test_stop),
		TEST(test_race),
	};

	log_init("test", LOG_LEVEL_ERROR);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
