/* SPDX-License-Identifier: ISC */
/*
 * images: the store of unikernel images, addressed by project and SHA-256:
 * STATE/images/PROJECT/ab/abcdef... An image is written to STATE/incoming
 * while it is hashed, and only a whole, synced file is renamed into place;
 * what lies in incoming at a start is from a daemon that was killed.
 */
#ifndef FCGI_IMAGES_H
#define FCGI_IMAGES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "albatross/name.h"
#include "base/err.h"
#include "fcgi/digest.h"

#define IMAGES_SIZE_MAX (512ULL * 1024 * 1024)	/* default */
#define IMAGES_RECEIVING_MAX 64			/* uploads at the same time */
#define IMAGE_DIGEST_LEN (DIGEST_SIZE - 1)	/* hex digits */

struct ask;
struct images;
struct image_upload;
struct upstream;

/* An image of the store, open for reading. */
struct image_file {
	int fd;					/* owned */
	uint64_t size;
	char sha256[IMAGE_DIGEST_LEN + 1];	/* lower-case hex */
	bool was_there;		/* after keep: the project had it already */
};

/* What the store knows of an image without opening it. */
struct image_entry {
	char sha256[IMAGE_DIGEST_LEN + 1];
	uint64_t size;
	time_t stored;		/* by an upload, the last one */
	time_t used;		/* by images_open, the last time */
};

/*
 * Makes the directories where missing and empties incoming; size_max in bytes
 * (0: the default). An owned store, or NULL with a sentence in f.
 */
struct images *images_new(const char *state_dir, uint64_t size_max,
	struct fault *f);
/* The store as it is, of a daemon that may run: for looking and removing. */
struct images *images_attach(const char *state_dir, struct fault *f);
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
 * field "image" for what is no digest (64 hex digits of either case). It counts
 * as used now: who opens it has IMAGE_HOLD seconds to name it in a deployment
 * before it can be removed as not needed. images_look opens without that.
 */
#define IMAGE_HOLD 3600
int images_open(struct images *s, const char *project, const char *sha256,
	struct image_file *out, struct fault *f);
int images_look(struct images *s, const char *project, const char *sha256,
	struct image_file *out, struct fault *f);
void image_file_close(struct image_file *i);

/* ---- image_list.c ---- */

/* As images_open, but only tells of it. */
int images_stat(struct images *s, const char *project, const char *sha256,
	struct image_entry *out, struct fault *f);
/* size may be NULL; false too for what is no digest. */
bool images_has(struct images *s, const char *project, const char *sha256,
	uint64_t *size);
/* All that project has: 0 with an owned *out, in no order, or an err. */
int images_list(struct images *s, const char *project,
	struct image_entry **out, size_t *count, struct fault *f);
/* The projects that have or had any, the same way. */
struct image_project {
	char name[ALB_LABEL_MAX + 1];
};
int images_projects(struct images *s, struct image_project **out,
	size_t *count, struct fault *f);
/*
 * Removes an image: 0, ERR_NOT_FOUND, ERR_CONFLICT when it was stored at
 * stored_before or later or used within IMAGE_HOLD seconds before now (0 and
 * 0: whenever), ERR_INTERNAL. Who has it open can go on reading.
 */
int images_remove(struct images *s, const char *project, const char *sha256,
	time_t stored_before, time_t now, struct fault *f);

/* ---- image_fetch.c ---- */

/*
 * Has the image that runs under a's name in the store, and opens it as
 * images_open does: unless it is there, albatross is asked for it, and it is
 * written while it arrives. ERR_DIGEST when what came is not sha256, or as
 * image_upload_write, or as upstream_get.
 */
int image_fetch(struct images *s, struct upstream *u, const struct ask *a,
	const char *sha256, struct image_file *out, struct fault *f);

#endif
