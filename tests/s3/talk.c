/* SPDX-License-Identifier: ISC */
/*
 * talk: one call of fcgi/s3.h, for the test of it:
 *
 *   talk ENDPOINT host|path put KEY FILE | parts KEY FILE SIZE |
 *        get KEY FROM LEN SIZE | delete KEY
 *
 * with the keys in the environment: ACCESS, SECRET, REGION, BUCKET. Prints what
 * comes; exit status 1 with "code: detail" on standard error.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/text.h"
#include "fcgi/curl.h"
#include "fcgi/digest.h"
#include "fcgi/s3.h"

static int
print(void *arg, const void *data, size_t len)
{
	return fwrite(data, 1, len, stdout) == len ? 0 : ERR_INTERNAL;
}

static uint64_t
number(const char *s)
{
	int64_t n = 0;

	(void)int_parse(s, 0, INT64_MAX, &n);
	return (uint64_t)n;
}

static int
put(const struct s3_settings *s, char **argv, struct fault *f)
{
	AUTO_FD int fd = open(argv[4], O_RDONLY | O_CLOEXEC);
	AUTO_FREE uint8_t *data = NULL;
	char sha256[DIGEST_SIZE];
	struct stat st;
	size_t size;

	if (fd < 0 || fstat(fd, &st) < 0)
		return fault_set(f, ERR_INTERNAL, "no file");
	size = (size_t)st.st_size;
	if (strcmp(argv[2], "parts") == 0)
		return s3_put_parts(s, argv[3], fd, size, number(argv[5]),
		    NULL, f);
	data = malloc(size + 1);
	if (data == NULL || pread(fd, data, size, 0) != (ssize_t)size)
		return fault_set(f, ERR_INTERNAL, "no data");
	if (digest_of(data, size, sha256) < 0)
		return fault_set(f, ERR_NO_MEMORY, "no digest");
	return s3_put(s, argv[3], fd, size, sha256, NULL, f);
}

static int
talk(const struct s3_settings *s, int argc, char **argv, struct fault *f)
{
	struct s3_range range;

	if (strcmp(argv[2], "put") == 0 || strcmp(argv[2], "parts") == 0)
		return put(s, argv, f);
	if (strcmp(argv[2], "delete") == 0)
		return s3_delete(s, argv[3], NULL, f);
	if (argc < 7)
		return fault_set(f, ERR_INTERNAL, "usage");
	range = (struct s3_range){ number(argv[4]), number(argv[5]),
		number(argv[6]) };
	return s3_get(s, argv[3], &range, print, NULL, NULL, f);
}

static void
take(char *out, size_t size, const char *name)
{
	const char *value = getenv(name);

	snprintf(out, size, "%s", value == NULL ? "" : value);
}

int
main(int argc, char **argv)
{
	struct s3_settings s = { .path_style = argc > 2 &&
		strcmp(argv[2], "path") == 0 };
	struct fault f = { 0 };
	int err;

	if (argc < 5)
		return 2;
	snprintf(s.endpoint, sizeof(s.endpoint), "%s", argv[1]);
	take(s.access_key, sizeof(s.access_key), "ACCESS");
	take(s.secret_key, sizeof(s.secret_key), "SECRET");
	take(s.region, sizeof(s.region), "REGION");
	take(s.bucket, sizeof(s.bucket), "BUCKET");
	curl_global_init(CURL_GLOBAL_DEFAULT);
	err = talk(&s, argc - 1, argv + 1, &f);
	curl_global_cleanup();
	if (err == 0)
		return fflush(stdout) == 0 ? 0 : 1;
	fprintf(stderr, "%s: %s\n", err_code(err), f.detail);
	return 1;
}
