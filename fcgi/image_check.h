/* SPDX-License-Identifier: ISC */
/*
 * image_check: holds every image of the store against its digest, while the
 * daemon may run. What is damaged is moved away, so that the next deployment
 * of it fetches or uploads it anew: STATE/quarantine/PROJECT-DIGEST.
 */
#ifndef FCGI_IMAGE_CHECK_H
#define FCGI_IMAGE_CHECK_H

#include <stdio.h>

#include "fcgi/images.h"

struct image_findings {
	size_t images, damaged;
	uint64_t bytes;
};

/*
 * Prints a line for each finding and a summary. 0, also when something was
 * damaged, or an err when not all could be checked.
 */
int image_check(const char *state_dir, FILE *out,
	struct image_findings *found, struct fault *f);

/*
 * The command "check-images --state DIR": 0, 1 when something was damaged, 2
 * when it could not be done.
 */
int image_check_main(int argc, char **argv);

#endif
