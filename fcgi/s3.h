/* SPDX-License-Identifier: ISC */
/*
 * s3: whole objects in a store that speaks the protocol of Amazon S3. Requests
 * are signed by libcurl (AWS Signature Version 4), which signs path and query
 * as they stand: what goes into them is plain or escaped here. The digest of
 * what is sent is part of the signature. No redirect is followed.
 */
#ifndef FCGI_S3_H
#define FCGI_S3_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

#define S3_ENDPOINT_MAX 255
#define S3_REGION_MAX 64
#define S3_BUCKET_MAX 63
#define S3_PREFIX_MAX 128
#define S3_ACCESS_KEY_MAX 128
#define S3_SECRET_KEY_MAX 256
#define S3_KEY_MAX 512

/* Beyond, an object goes in parts; of that size, and so many at most. */
#define S3_PUT_MAX (UINT64_C(5) * 1024 * 1024 * 1024)
#define S3_PART (UINT64_C(1024) * 1024 * 1024)
#define S3_PARTS_MAX 10000

struct s3_settings {
	char endpoint[S3_ENDPOINT_MAX + 1];	/* "": none */
	char region[S3_REGION_MAX + 1];
	char bucket[S3_BUCKET_MAX + 1];
	char prefix[S3_PREFIX_MAX + 1];		/* of keys, or "" */
	char access_key[S3_ACCESS_KEY_MAX + 1];
	char secret_key[S3_SECRET_KEY_MAX + 1];
	bool path_style;	/* the bucket is in the path, not in the host */
};

/* Who looks on; each may be NULL. Called about once a second. */
struct s3_watch {
	int seconds;		/* all of a request may take; 0: any */
	bool (*stopped)(void *arg);	/* true: it ends at once */
	void (*moved)(void *arg, uint64_t bytes);
	void *arg;
};

/*
 * For json_field.check: why it can not be one, or NULL. An endpoint is https
 * (http only to the loopback), without a path.
 */
const char *s3_endpoint_check(const char *text);
const char *s3_region_check(const char *text);
const char *s3_bucket_check(const char *text);
const char *s3_prefix_check(const char *text);
const char *s3_access_key_check(const char *text);

/*
 * key: letters, digits, "-", "_", "." and "/". All answer 0, ERR_STORE with a
 * sentence (the store's own words in it), ERR_NOT_FOUND, ERR_CONFLICT when
 * watch (or NULL) stopped it, ERR_NO_MEMORY, ERR_INTERNAL (a file).
 *
 * s3_put: the size bytes of fd, whose SHA-256 is sha256; s3_put_parts: the same
 * in parts of part bytes, of which nothing stays when it fails. s3_get: len
 * bytes from the one at from on, of size there must be, in pieces to sink,
 * which answers 0 to go on (what it answers else is the result, without words).
 * s3_delete is also 0 when there is no such object.
 */
int s3_put(const struct s3_settings *s, const char *key, int fd, uint64_t size,
	const char *sha256, const struct s3_watch *watch, struct fault *f);
int s3_put_parts(const struct s3_settings *s, const char *key, int fd,
	uint64_t size, uint64_t part, const struct s3_watch *watch,
	struct fault *f);
struct s3_range {
	uint64_t from, len, size;
};
int s3_get(const struct s3_settings *s, const char *key,
	const struct s3_range *range, int (*sink)(void *arg, const void *data,
	size_t len), void *arg, const struct s3_watch *watch, struct fault *f);
int s3_delete(const struct s3_settings *s, const char *key,
	const struct s3_watch *watch, struct fault *f);

#endif
