/* SPDX-License-Identifier: ISC */
/*
 * alb_image: what a solo5 unikernel image says of itself: the manifest note
 * (devices) and the ABI note (target and version), read from an ELF file
 * with every offset checked.
 */
#ifndef ALBATROSS_IMAGE_H
#define ALBATROSS_IMAGE_H

#include <stdint.h>
#include <sys/types.h>

#include "albatross/config.h"

/* solo5 allows 64 entries with names of at most 67 bytes */
#define ALB_MANIFEST_MAX 64
#define ALB_MANIFEST_NAME_MAX 67

enum alb_device_type { ALB_DEVICE_BLOCK = 1, ALB_DEVICE_NET = 2 };

struct alb_device {
	char name[ALB_MANIFEST_NAME_MAX + 1];
	enum alb_device_type type;
};

struct alb_image {
	/* "hvt", "spt", "virtio", "muen", "xen", "genode" */
	const char *target;
	uint32_t abi_version;
	uint64_t end;		/* address behind the last byte loaded */
	size_t ndevices;
	struct alb_device devices[ALB_MANIFEST_MAX];
};

/*
 * Reads through pread (an open file; size bytes long). 0, or ERR_BAD_IMAGE
 * with what is wrong in f, or ERR_INTERNAL when reading fails.
 */
int alb_image_read(int fd, uint64_t size, struct alb_image *out,
	struct fault *f);
/*
 * Holds config's networks and volumes against the manifest: exactly the same
 * names (protocol section 4.1), a target albatross can run (hvt, spt), and
 * memory that the image fits in: else the tender ends at once. Adds one field
 * per difference; 0, ERR_INVALID or ERR_BAD_IMAGE.
 */
int alb_image_match(const struct alb_image *image, const struct alb_config *c,
	struct fault *f);

#endif
