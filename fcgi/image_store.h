/* SPDX-License-Identifier: ISC */
/*
 * image_store: what images.c and image_list.c share of the store; nobody else
 * looks in here.
 */
#ifndef FCGI_IMAGE_STORE_H
#define FCGI_IMAGE_STORE_H

#include <pthread.h>
#include <stdatomic.h>

#include "fcgi/images.h"
#include "fcgi/state_dir.h"

/* PROJECT/ab/DIGEST */
#define IMAGE_PATH_SIZE 160

struct images {
	struct state_dirs dirs;
	uint64_t size_max;
	atomic_int receiving;
	/* Held while a file's age is judged and it is removed, or renewed. */
	pthread_mutex_t lock;
};

/* Folds the digest and makes the path below root: 0 or ERR_INVALID. */
int image_path(const char *project, const char *sha256,
	char folded[IMAGE_DIGEST_LEN + 1], char path[IMAGE_PATH_SIZE],
	struct fault *f);
/* The fault of errno, about what was tried. */
int image_fault(struct fault *f, const char *what);
int image_missing(struct fault *f, const char *project, const char *sha256);

#endif
