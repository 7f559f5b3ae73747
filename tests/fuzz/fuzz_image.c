/* SPDX-License-Identifier: ISC */
/* Any bytes as a solo5 image: never more than is there, never a bad name. */
#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "albatross/image.h"
#include "tests/fuzz/fuzz.h"

static void
check(const struct alb_image *image)
{
	struct alb_config c = { 0 };
	struct fault f = { 0 };
	size_t i, len;

	if (image->target == NULL || image->ndevices >= ALB_MANIFEST_MAX)
		abort();
	for (i = 0; i < image->ndevices; i++) {
		len = strnlen(image->devices[i].name,
			sizeof(image->devices[i].name));
		if (len == 0 || len > ALB_MANIFEST_NAME_MAX)
			abort();
	}
	if (alb_image_match(image, &c, &f) == 0 && image->ndevices > 0)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static int fd = -1;
	struct alb_image image;
	struct fault f = { 0 };
	int rc;

	if (fd < 0)
		fd = memfd_create("image", MFD_CLOEXEC);
	if (fd < 0 || ftruncate(fd, 0) != 0 ||
	    pwrite(fd, data, size, 0) != (ssize_t)size)
		abort();
	rc = alb_image_read(fd, size, &image, &f);
	if (rc == 0)
		check(&image);
	else if (rc != ERR_BAD_IMAGE || f.err != rc || f.detail[0] == '\0')
		abort();
	return 0;
}
