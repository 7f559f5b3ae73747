/* SPDX-License-Identifier: ISC */
/*
 * images: the store of unikernel images, addressed by project and SHA-256:
 * STATE/images/PROJECT/ab/abcdef... An image is written to STATE/incoming
 * while it is hashed, and only a whole, synced file is renamed into place;
 * what lies in incoming at a start is from a daemon that was killed.
 */
#ifndef FCGI_IMAGES_H
#define FCGI_IMAGES_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

#define IMAGES_SIZE_MAX (512ULL * 1024 * 1024)	/* default */
#define IMAGES_RECEIVING_MAX 8			/* uploads at the same time */
#define IMAGE_DIGEST_LEN 64			/* hex digits */

struct images;
struct image_upload;

/* An image of the store, open for reading. */
struct image_file {
	int fd;					/* owned */
	uint64_t size;
	char sha256[IMAGE_DIGEST_LEN + 1];	/* lower-case hex */
};

/*
 * Makes the directories where missing and empties incoming; size_max in bytes
 * (0: the default). An owned store, or NULL with a sentence in f.
 */
struct images *images_new(const char *state_dir, uint64_t size_max,
	struct fault *f);
void images_free(struct images *s);
uint64_t images_size_max(const struct images *s);

/*
 * Receives one image: begin, write what comes, end (no more bytes, the digest
 * is known), then keep or free. begin: ERR_BUSY beyond IMAGES_RECEIVING_MAX.
 * write: ERR_TOO_LARGE beyond the size, ERR_STORAGE_FULL, ERR_INTERNAL. keep
 * puts it under project (a folded label) and opens it into out; the upload
 * is still to be freed, which drops what was not kept.
 */
int image_upload_begin(struct images *s, struct image_upload **out,
	struct fault *f);
int image_upload_write(struct image_upload *u, const void *data, size_t len,
	struct fault *f);
int image_upload_end(struct image_upload *u, struct fault *f);
int image_upload_keep(struct image_upload *u, const char *project,
	struct image_file *out, struct fault *f);
void image_upload_free(struct image_upload *u);	/* NULL is fine */

/* After end: the file as it lies there, borrowed. */
const struct image_file *image_upload_file(const struct image_upload *u);

/*
 * Opens an image that project has: 0, ERR_NOT_FOUND, or ERR_INVALID with the
 * field "image" for what is no digest (64 hex digits of either case).
 */
int images_open(struct images *s, const char *project, const char *sha256,
	struct image_file *out, struct fault *f);
void image_file_close(struct image_file *i);

#endif
