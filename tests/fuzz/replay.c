/* SPDX-License-Identifier: ISC */
/*
 * replay [FILE|FOLDER...]: stands in for libFuzzer's main: feeds files to the
 * target once and prints TAP. Without arguments fuzz_NAME takes
 * tests/fuzz/corpus/NAME. A crash ends the program and so fails the test.
 */
#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "tests/fuzz/fuzz.h"

#define INPUT_MAX (16 * 1024 * 1024)
#define PATH_SIZE 4096

struct tally {
	size_t tests;
	bool failed;
};

/* 0, or -1 with errno; data is as long as the file and no byte longer. */
static int
slurp(const char *path, uint8_t **data, size_t *size)
{
	FILE *file = fopen(path, "rb");
	struct stat st;

	*data = NULL;
	if (file == NULL)
		return -1;
	if (fstat(fileno(file), &st) == 0 && st.st_size <= INPUT_MAX) {
		*size = st.st_size;
		*data = malloc(*size > 0 ? *size : 1);
		if (*data != NULL && fread(*data, 1, *size, file) != *size) {
			free(*data);
			*data = NULL;
		}
	}
	fclose(file);
	return *data == NULL ? -1 : 0;
}

static void
replay_file(const char *path, struct tally *t)
{
	const char *name = strrchr(path, '/');
	uint8_t *data;
	size_t size;

	name = name == NULL ? path : name + 1;
	t->tests++;
	if (slurp(path, &data, &size) < 0) {
		printf("not ok %zu - %s: %s\n", t->tests, name,
		    strerror(errno));
		t->failed = true;
		return;
	}
	LLVMFuzzerTestOneInput(data, size);
	free(data);
	printf("ok %zu - %s\n", t->tests, name);
	fflush(stdout);
}

static int
visible(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

static void
replay(const char *path, struct tally *t)
{
	struct dirent **entries;
	char inner[PATH_SIZE];
	int n = scandir(path, &entries, visible, alphasort), i;

	if (n < 0) {
		replay_file(path, t);
		return;
	}
	for (i = 0; i < n; i++) {
		snprintf(inner, sizeof(inner), "%s/%s", path,
		    entries[i]->d_name);
		replay_file(inner, t);
		free(entries[i]);
	}
	free(entries);
}

/* The corpus that belongs to a program called .../fuzz_NAME. */
static void
replay_own(const char *program, struct tally *t)
{
	const char *name = strrchr(program, '/');
	const char *top = getenv("top_srcdir");
	char path[PATH_SIZE];

	name = name == NULL ? program : name + 1;
	if (strncmp(name, "fuzz_", 5) == 0)
		name += 5;
	snprintf(path, sizeof(path), "%s/tests/fuzz/corpus/%s",
	    top == NULL ? "." : top, name);
	replay(path, t);
}

int
main(int argc, char **argv)
{
	struct tally t = { 0 };
	int i;

	for (i = 1; i < argc; i++)
		replay(argv[i], &t);
	if (argc < 2)
		replay_own(argv[0], &t);
	printf("1..%zu\n", t.tests);
	return t.failed || t.tests == 0;
}
