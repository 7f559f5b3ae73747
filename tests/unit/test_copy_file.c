/* SPDX-License-Identifier: ISC */
/*
 * copy_file: what is put in comes out again; what was damaged, cut or has no
 * room is told. week: the next time.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <gnutls/gnutls.h>
#include <gnutls/crypto.h>

#include "base/text.h"
#include "fcgi/copy_file.h"
#include "fcgi/week.h"

#define SIZE (300 * 1000)

static uint8_t content[SIZE];

static int
file_new(void)
{
	FILE *file = tmpfile();
	int fd = dup(fileno(file));

	fclose(file);
	return fd;
}

static int
room(void *arg, uint64_t bytes, struct fault *f)
{
	uint64_t *left = arg;

	if (bytes > *left)
		return fault_set(f, ERR_STORAGE_FULL, "full");
	*left -= bytes;
	return 0;
}

/* Puts all of the content in, in pieces of two sizes. */
static int
put(int fd, uint64_t *left, uint64_t *stored, char sha256[DIGEST_SIZE],
	struct fault *f)
{
	struct copy_writer *w = copy_writer_new(fd, room, left);
	size_t half = SIZE / 2;
	int err = copy_writer_put(w, content, half, f);

	for (size_t at = half; err == 0 && at < SIZE; at += 4096)
		err = copy_writer_put(w, content + at, SIZE - at < 4096 ?
			SIZE - at : 4096, f);
	if (err == 0)
		err = copy_writer_end(w, stored, sha256, f);
	copy_writer_free(w);
	return err;
}

/* Reads until it ends or fails; how much came goes to *got. */
static int
get(int fd, size_t *got, struct fault *f)
{
	struct copy_reader *r = copy_reader_new(fd);
	uint8_t *data = malloc(SIZE + 1);
	size_t some = 1;
	int err = 0;

	*got = 0;
	while (err == 0 && some > 0) {
		err = copy_reader_get(r, data + *got, SIZE + 1 - *got, &some,
			f);
		*got += err == 0 ? some : 0;
	}
	if (err == 0) {
		assert_int_equal(*got, SIZE);
		assert_memory_equal(data, content, SIZE);
	}
	free(data);
	copy_reader_free(r);
	return err;
}

static void
comes_out_again(void **state)
{
	char sha256[DIGEST_SIZE], again[DIGEST_SIZE];
	uint64_t left = UINT64_MAX, stored;
	struct fault f = { 0 };
	uint8_t digest[32], file[2 * SIZE];
	int fd = file_new();
	size_t got;

	assert_int_equal(put(fd, &left, &stored, sha256, &f), 0);
	assert_int_equal(UINT64_MAX - left, stored);
	assert_int_equal(pread(fd, file, sizeof(file), 0), stored);
	gnutls_hash_fast(GNUTLS_DIG_SHA256, file, stored, digest);
	hex_encode(digest, sizeof(digest), again);
	assert_string_equal(sha256, again);
	assert_int_equal(get(fd, &got, &f), 0);

	file[stored / 2] ^= 1;
	assert_int_equal(pwrite(fd, file + stored / 2, 1, (off_t)stored / 2),
	    1);
	assert_int_not_equal(get(fd, &got, &f), 0);
	file[stored / 2] ^= 1;
	assert_int_equal(pwrite(fd, file + stored / 2, 1, (off_t)stored / 2),
	    1);
	assert_int_equal(ftruncate(fd, (off_t)stored - 1), 0);
	assert_int_equal(get(fd, &got, &f), ERR_INTERNAL);
	assert_string_equal(f.detail, "The copy ends early.");
	close(fd);
}

static void
has_room(void **state)
{
	char sha256[DIGEST_SIZE];
	uint64_t left = 1000, stored;
	struct fault f = { 0 };
	int fd = file_new();

	assert_int_equal(put(fd, &left, &stored, sha256, &f),
	    ERR_STORAGE_FULL);
	close(fd);
}

static void
next_time(void **state)
{
	/* A Thursday, at noon. */
	const time_t noon = 12 * 3600, day = 24 * 3600;

	assert_int_equal(week_next(WEEK_ALL, 13 * 60, noon), 13 * 3600);
	assert_int_equal(week_next(WEEK_ALL, 12 * 60, noon), noon + day);
	assert_int_equal(week_next(WEEK_ALL, 11 * 60, noon),
	    11 * 3600 + day);
	/* Mondays. */
	assert_int_equal(week_next(1, 11 * 60, noon), 11 * 3600 + 4 * day);
	/* Thursdays, a minute too late. */
	assert_int_equal(week_next(1 << 3, 12 * 60 - 1, noon),
	    noon - 60 + 7 * day);
}

static int
setup(void **state)
{
	/* Half of it can be compressed. */
	random_bytes(content, SIZE / 2);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(comes_out_again),
		cmocka_unit_test(has_room),
		cmocka_unit_test(next_time),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
