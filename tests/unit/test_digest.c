/* SPDX-License-Identifier: ISC */
/* SHA-256 by the examples of FIPS 180-4, whole, in pieces, of a file. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "fcgi/digest.h"

#define COUNT(list) (sizeof(list) / sizeof(*(list)))
/* Of the letter a, a million times. */
#define MILLION 1000000
#define MILLION_SHA256							\
	"cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"
#define ABC "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
#define EMPTY "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

static const struct { const char *text, *sha256; } cases[] = {
	{ "", EMPTY },
	{ "abc", ABC },
	{ "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
	  "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1" },
};

static char million[MILLION];

static void
test_whole(void **state)
{
	char out[DIGEST_SIZE];

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		assert_int_equal(digest_of(cases[i].text,
		    strlen(cases[i].text), out), 0);
		assert_string_equal(out, cases[i].sha256);
	}
	assert_int_equal(digest_of(million, MILLION, out), 0);
	assert_string_equal(out, MILLION_SHA256);
}

static void
test_pieces(void **state)
{
	static const size_t sizes[] = { 1, 63, 64, 65, 4096, MILLION };
	char out[DIGEST_SIZE];
	struct digest d;
	size_t n;

	(void)state;
	assert_int_equal(digest_begin(&d), 0);
	for (size_t i = 0; i < COUNT(sizes); i++) {
		for (size_t at = 0; at < MILLION; at += n) {
			n = sizes[i] < MILLION - at ? sizes[i] : MILLION - at;
			digest_add(&d, million + at, n);
			digest_add(&d, million, 0);
		}
		/* It is told once; then another one begins. */
		digest_text(&d, out);
		assert_string_equal(out, MILLION_SHA256);
	}
	digest_text(&d, out);
	assert_string_equal(out, EMPTY);
	digest_end(&d);
	digest_end(&d);
}

static void
of_file(int fd, uint64_t from, uint64_t len, uint64_t there,
	const char *sha256)
{
	char out[DIGEST_SIZE];

	assert_int_equal(digest_of_file(fd, from, &len, out), 0);
	assert_int_equal(len, there);
	assert_string_equal(out, sha256);
}

/* A part of it, all of it, beyond its end; nobody's place in it is moved. */
static void
test_file(void **state)
{
	FILE *file = tmpfile();
	int fd = fileno(file);

	(void)state;
	assert_int_equal(pwrite(fd, "abc", 3, 0), 3);
	assert_int_equal(pwrite(fd, million, MILLION, 3), MILLION);
	of_file(fd, 0, 0, 0, EMPTY);
	of_file(fd, 0, 3, 3, ABC);
	of_file(fd, 3, MILLION, MILLION, MILLION_SHA256);
	of_file(fd, 3, INT64_MAX, MILLION, MILLION_SHA256);
	of_file(fd, MILLION + 3, 1, 0, EMPTY);
	of_file(fd, MILLION + 30, 1, 0, EMPTY);
	assert_int_equal(lseek(fd, 0, SEEK_CUR), 0);
	fclose(file);
}

static void
test_unreadable(void **state)
{
	AUTO_FD int fd = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	char out[DIGEST_SIZE];
	uint64_t len = 10;

	(void)state;
	assert_int_equal(digest_of_file(fd, 0, &len, out), -1);
	assert_int_equal(errno, EISDIR);
	assert_int_equal(len, 0);
}

static void
test_fold(void **state)
{
	char text[DIGEST_SIZE + 1] = ABC, out[DIGEST_SIZE];

	(void)state;
	assert_int_equal(digest_fold(text, out), 0);
	assert_string_equal(out, ABC);
	memcpy(text, "BA7816BF", 8);
	assert_int_equal(digest_fold(text, out), 0);
	assert_string_equal(out, ABC);
	text[DIGEST_SIZE - 1] = '0';
	assert_int_equal(digest_fold(text, out), -1);
	text[DIGEST_SIZE - 1] = '\0';
	text[3] = 'g';
	assert_int_equal(digest_fold(text, out), -1);
	text[3] = '\0';
	assert_int_equal(digest_fold(text, out), -1);
	assert_int_equal(digest_fold("", out), -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_whole),
		cmocka_unit_test(test_pieces),
		cmocka_unit_test(test_file),
		cmocka_unit_test(test_unreadable),
		cmocka_unit_test(test_fold),
	};

	memset(million, 'a', MILLION);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
