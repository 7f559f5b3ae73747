/* SPDX-License-Identifier: ISC */
/*
 * elf: solo5 images for tests: well-formed ELF64 files with an ABI note and a
 * manifest, laid out as solo5's own tools do, and nothing that could run.
 *
 * What the sandbox's unikernel of such an image answers to HTTP stands in it:
 * ELF_HTTP, STATUS:TEXT and a zero byte; and what it prints, a line each second
 * and then from the beginning: ELF_SAYS, lines and a zero byte.
 */
#ifndef TESTS_IMAGES_ELF_H
#define TESTS_IMAGES_ELF_H

#include "albatross/image.h"
#include "base/buf.h"

#define ELF_HTTP "answers HTTP with "
#define ELF_HTTP_MAX 200	/* bytes of TEXT */
#define ELF_SAYS "prints again and again:"
#define ELF_SAYS_MAX 4000	/* bytes of the lines */

struct elf_spec {
	uint32_t target; /* 1 hvt, 2 spt, 3 virtio, 4 muen, 5 genode, 6 xen */
	uint32_t abi_version;
	size_t ndevices;
	struct alb_device devices[ALB_MANIFEST_MAX];
	const char *http;	/* STATUS:TEXT, or NULL; borrowed */
	const char *says;	/* lines, or NULL; borrowed */
	size_t pad;		/* random bytes, in the file alone */
};

/* Offsets in every image: places for a test to spoil. */
#define ELF_ABI_NOTE 256
#define ELF_MANIFEST_NOTE 296
#define ELF_CODE 8192

/* hvt, ABI 2, no device. */
void elf_spec_init(struct elf_spec *spec);
/* 0, or -1 for an unknown name or more than 63 devices. */
int elf_spec_target(struct elf_spec *spec, const char *name);
int elf_spec_device(struct elf_spec *spec, enum alb_device_type type,
	const char *name);
/* 0, or -1 if it is not STATUS:TEXT with a status of 200 to 599. */
int elf_spec_http(struct elf_spec *spec, const char *text);
/* 0, or -1 if it is longer than ELF_SAYS_MAX. */
int elf_spec_says(struct elf_spec *spec, const char *lines);
/* Appends the image; ask buf_ok. */
void elf_build(const struct elf_spec *spec, struct buf *out);

#endif
