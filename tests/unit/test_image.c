/* SPDX-License-Identifier: ISC */
/*
 * alb_image against images built in memory: well-formed ones, every
 * truncation, every spoiled byte, and the differences to a configuration.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "albatross/image.h"
#include "tests/images/elf.h"

static int
image_fd(const uint8_t *data, size_t len)
{
	int fd = memfd_create("image", MFD_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, data, len), len);
	return fd;
}

static int
read_bytes(const uint8_t *data, size_t len, struct alb_image *image,
	struct fault *f)
{
	int fd = image_fd(data, len);
	int rc;

	*f = (struct fault){ 0 };
	rc = alb_image_read(fd, len, image, f);
	close(fd);
	assert_int_equal(rc, f->err);
	return rc;
}

static int
read_spec(const struct elf_spec *spec, struct alb_image *image,
	struct fault *f)
{
	struct buf b;
	int rc;

	buf_init(&b, 1 << 20);
	elf_build(spec, &b);
	assert_true(buf_ok(&b));
	rc = read_bytes(b.data, b.len, image, f);
	buf_free(&b);
	return rc;
}

static void
device_spec(struct elf_spec *spec)
{
	elf_spec_init(spec);
	assert_int_equal(elf_spec_device(spec, ALB_DEVICE_NET, "service"), 0);
	assert_int_equal(elf_spec_device(spec, ALB_DEVICE_BLOCK, "storage"),
		0);
}

static void
test_targets(void **state)
{
	static const char *const targets[] = {
		"hvt", "spt", "virtio", "muen", "genode", "xen",
	};
	struct alb_image image;
	struct elf_spec spec;
	struct fault f;
	size_t i;

	(void)state;
	elf_spec_init(&spec);
	for (i = 0; i < sizeof(targets) / sizeof(targets[0]); i++) {
		assert_int_equal(elf_spec_target(&spec, targets[i]), 0);
		spec.abi_version = 1 + i;
		assert_int_equal(read_spec(&spec, &image, &f), 0);
		assert_string_equal(image.target, targets[i]);
		assert_int_equal(image.abi_version, 1 + i);
		assert_int_equal(image.ndevices, 0);
	}
	spec.target = 7;
	assert_int_equal(read_spec(&spec, &image, &f), ERR_BAD_IMAGE);
	assert_non_null(strstr(f.detail, "unknown solo5 target"));
}

static void
test_devices(void **state)
{
	char longest[ALB_MANIFEST_NAME_MAX + 1];
	struct alb_image image;
	struct elf_spec spec;
	struct fault f;

	(void)state;
	memset(longest, 'x', ALB_MANIFEST_NAME_MAX);
	longest[ALB_MANIFEST_NAME_MAX] = '\0';
	device_spec(&spec);
	assert_int_equal(elf_spec_device(&spec, ALB_DEVICE_NET, longest), 0);
	assert_int_equal(read_spec(&spec, &image, &f), 0);
	assert_int_equal(image.ndevices, 3);
	assert_string_equal(image.devices[0].name, "service");
	assert_int_equal(image.devices[0].type, ALB_DEVICE_NET);
	assert_string_equal(image.devices[1].name, "storage");
	assert_int_equal(image.devices[1].type, ALB_DEVICE_BLOCK);
	assert_string_equal(image.devices[2].name, longest);
}

static void
test_many_devices(void **state)
{
	struct alb_image image;
	struct elf_spec spec;
	struct fault f;
	char name[16];
	int i;

	(void)state;
	elf_spec_init(&spec);
	for (i = 0; i < ALB_MANIFEST_MAX - 1; i++) {
		snprintf(name, sizeof(name), "dev%d", i);
		assert_int_equal(elf_spec_device(&spec, ALB_DEVICE_BLOCK,
			name), 0);
	}
	assert_int_equal(read_spec(&spec, &image, &f), 0);
	assert_int_equal(image.ndevices, ALB_MANIFEST_MAX - 1);
	/* The same name once more, and one entry too many. */
	spec.ndevices--;
	elf_spec_device(&spec, ALB_DEVICE_BLOCK, "dev0");
	assert_int_equal(read_spec(&spec, &image, &f), ERR_BAD_IMAGE);
}

static void
test_device_names(void **state)
{
	static const char *const names[] = { "", "a b", "a\n", "a\x7f",
		"\xc3" };
	struct alb_image image;
	struct elf_spec spec;
	struct fault f;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		elf_spec_init(&spec);
		elf_spec_device(&spec, ALB_DEVICE_NET, names[i]);
		assert_int_equal(read_spec(&spec, &image, &f), ERR_BAD_IMAGE);
	}
	/* One name for a network and a volume is no conflict for solo5. */
	elf_spec_init(&spec);
	elf_spec_device(&spec, ALB_DEVICE_NET, "a");
	elf_spec_device(&spec, ALB_DEVICE_BLOCK, "a");
	assert_int_equal(read_spec(&spec, &image, &f), 0);
	spec.devices[1].type = 3;
	assert_int_equal(read_spec(&spec, &image, &f), ERR_BAD_IMAGE);
}

/* No shorter file may pass, whether the size told is the real one or not. */
static void
test_truncations(void **state)
{
	struct alb_image image;
	struct elf_spec spec;
	struct fault f;
	struct buf b;
	size_t len;
	int fd;

	(void)state;
	device_spec(&spec);
	buf_init(&b, 1 << 20);
	elf_build(&spec, &b);
	fd = image_fd(b.data, b.len);
	for (len = b.len; len-- > 0;) {
		f = (struct fault){ 0 };
		assert_int_equal(ftruncate(fd, len), 0);
		assert_int_equal(alb_image_read(fd, len, &image, &f),
			ERR_BAD_IMAGE);
		f = (struct fault){ 0 };
		assert_int_equal(alb_image_read(fd, b.len, &image, &f),
			ERR_BAD_IMAGE);
		if (len >= 4)
			assert_non_null(strstr(f.detail, "truncated"));
	}
	close(fd);
	buf_free(&b);
}

/*
 * Every byte of what is read, spoiled in four ways: an error, or an image as
 * good as another.
 */
static void
test_spoiled(void **state)
{
	static const uint8_t masks[] = { 0x01, 0x80, 0xff, 0x10 };
	struct alb_image image;
	struct elf_spec spec;
	struct fault f;
	struct buf b;
	size_t i, m;
	int fd;

	(void)state;
	device_spec(&spec);
	buf_init(&b, 1 << 20);
	elf_build(&spec, &b);
	fd = image_fd(b.data, b.len);
	for (i = 0; i < b.len; i++) {
		/* the gap before the code, and the code */
		if (i == 1024)
			i = ELF_CODE + 64;
		for (m = 0; m < sizeof(masks); m++) {
			uint8_t byte = b.data[i] ^ masks[m];

			assert_int_equal(pwrite(fd, &byte, 1, i), 1);
			f = (struct fault){ 0 };
			if (alb_image_read(fd, b.len, &image, &f) == 0)
				assert_true(image.target != NULL &&
					image.ndevices == 2);
			else
				assert_int_equal(f.err, ERR_BAD_IMAGE);
		}
		assert_int_equal(pwrite(fd, &b.data[i], 1, i), 1);
	}
	close(fd);
	buf_free(&b);
}

static void
spoil(size_t offset, uint8_t byte, const char *expected)
{
	struct alb_image image;
	struct elf_spec spec;
	struct fault f;
	struct buf b;

	device_spec(&spec);
	buf_init(&b, 1 << 20);
	elf_build(&spec, &b);
	b.data[offset] = byte;
	assert_int_equal(read_bytes(b.data, b.len, &image, &f),
		ERR_BAD_IMAGE);
	if (strstr(f.detail, expected) == NULL)
		fail_msg("\"%s\" does not say \"%s\"", f.detail, expected);
	buf_free(&b);
}

static void
test_reasons(void **state)
{
	(void)state;
	spoil(0, 'x', "not an ELF file");
	spoil(4, 1, "64 bit");
	spoil(5, 2, "little endian");
	spoil(6, 2, "unknown version");
	spoil(15, 1, "unknown version");
	spoil(16, 3, "fixed addresses");
	spoil(18, 3, "processor");
	spoil(52, 0, "malformed ELF header");
	spoil(56, 0, "malformed ELF header");
	spoil(57, 0xff, "malformed ELF header");
	spoil(60, 0, "section headers");
	spoil(62, 5, "malformed ELF header");
	spoil(46, 1, "malformed ELF header");
	/* the code's size in the file, more than in memory, behind the end */
	spoil(64 + 34, 0x10, "malformed program header");
	spoil(64 + 10, 0x10, "truncated");
	/* a note's segment is not where its section is */
	spoil(64 + 56 + 8, 8, "solo5");
	spoil(ELF_ABI_NOTE, 7, "no solo5 ABI note");
	spoil(ELF_ABI_NOTE + 4, 12, "malformed solo5 ABI note");
	spoil(ELF_ABI_NOTE + 28, 1, "malformed solo5 ABI note");
	spoil(ELF_MANIFEST_NOTE + 8, 0, "no solo5 manifest");
	spoil(ELF_MANIFEST_NOTE + 12, 's', "no solo5 manifest");
	spoil(ELF_MANIFEST_NOTE + 4, 0, "malformed");
	spoil(ELF_MANIFEST_NOTE + 6, 1, "malformed solo5 note");
	spoil(ELF_MANIFEST_NOTE + 24, 2, "unknown version");
	spoil(ELF_MANIFEST_NOTE + 28, 0, "malformed");
	spoil(ELF_MANIFEST_NOTE + 28, 2, "malformed");
	/* the reserved entry: a name, another type, attached */
	spoil(ELF_MANIFEST_NOTE + 32, 'x', "malformed");
	spoil(ELF_MANIFEST_NOTE + 32 + 68, 1, "malformed");
	spoil(ELF_MANIFEST_NOTE + 32 + 96, 1, "malformed");
	/* a device: its name not ended, data, attached */
	spoil(ELF_MANIFEST_NOTE + 136 + 67, 'x', "device");
	spoil(ELF_MANIFEST_NOTE + 136 + 72, 1, "device");
	spoil(ELF_MANIFEST_NOTE + 136 + 96, 1, "device");
}

static void
test_match(void **state)
{
	struct alb_net nets[] = {
		{ .name = (char *)"service" }, { .name = (char *)"other" },
	};
	struct alb_block blocks[] = { { .name = (char *)"storage" } };
	struct alb_config c = { .nets = nets, .nnets = 1, .blocks = blocks,
		.nblocks = 1 };
	struct fault f = { 0 };
	struct alb_image image;
	struct elf_spec spec;

	(void)state;
	device_spec(&spec);
	assert_int_equal(read_spec(&spec, &image, &f), 0);
	assert_int_equal(alb_image_match(&image, &c, &f), 0);

	c.nnets = 2;
	c.nblocks = 0;
	assert_int_equal(alb_image_match(&image, &c, &f), ERR_INVALID);
	assert_int_equal(f.nfields, 2);
	assert_string_equal(f.fields[0].field, "volumes");
	assert_string_equal(f.fields[0].message,
		"the image needs a volume \"storage\"");
	assert_string_equal(f.fields[1].field, "networks[1].name");
	assert_string_equal(f.fields[1].message,
		"the image has no network \"other\"");

	f = (struct fault){ 0 };
	c.nnets = 0;
	blocks[0].name = (char *)"service";
	c.nblocks = 1;
	assert_int_equal(alb_image_match(&image, &c, &f), ERR_INVALID);
	assert_int_equal(f.nfields, 3);
}

static void
test_match_memory(void **state)
{
	struct alb_config c = { .memory = 2 };
	struct fault f = { 0 };
	struct alb_image image;
	struct elf_spec spec;

	(void)state;
	/* Padding is in the file alone, as symbols are. */
	elf_spec_init(&spec);
	spec.pad = 900000;
	assert_int_equal(read_spec(&spec, &image, &f), 0);
	assert_true(image.end > 1024 * 1024 && image.end < 2 * 1024 * 1024);
	assert_int_equal(alb_image_match(&image, &c, &f), 0);

	c.memory = 1;
	assert_int_equal(alb_image_match(&image, &c, &f), ERR_INVALID);
	assert_string_equal(f.fields[0].field, "memory");
	assert_string_equal(f.fields[0].message,
		"the image needs 2 MB to be loaded");
}

/* A segment that would end behind all addresses. */
static void
test_segment_wraps(void **state)
{
	struct alb_image image;
	struct elf_spec spec;
	struct fault f;
	struct buf b;

	(void)state;
	elf_spec_init(&spec);
	buf_init(&b, 1 << 20);
	elf_build(&spec, &b);
	assert_true(buf_ok(&b));
	memset(b.data + 64 + 16, 0xff, 8);
	assert_int_equal(read_bytes(b.data, b.len, &image, &f),
		ERR_BAD_IMAGE);
	buf_free(&b);
}

static void
test_match_target(void **state)
{
	struct alb_config c = { 0 };
	struct fault f = { 0 };
	struct alb_image image;
	struct elf_spec spec;

	(void)state;
	elf_spec_init(&spec);
	elf_spec_target(&spec, "virtio");
	assert_int_equal(read_spec(&spec, &image, &f), 0);
	assert_int_equal(alb_image_match(&image, &c, &f), ERR_BAD_IMAGE);
	assert_string_equal(f.detail, "The image is built for virtio; "
		"albatross runs hvt and spt.");
}

/* The sample is linked by the system's linker, so it is laid out otherwise. */
static void
test_sample(void **state)
{
	const char *dir = getenv("top_builddir");
	struct alb_image image;
	struct fault f = { 0 };
	char path[4096];
	FILE *file;

	(void)state;
	snprintf(path, sizeof(path), "%s/tools/sample/hello.spt",
		dir == NULL ? "." : dir);
	file = fopen(path, "rb");
	if (file == NULL)
		skip();
	fseek(file, 0, SEEK_END);
	assert_int_equal(alb_image_read(fileno(file), ftell(file), &image,
		&f), 0);
	assert_string_equal(image.target, "spt");
	assert_int_equal(image.abi_version, 2);
	assert_int_equal(image.ndevices, 0);
	fclose(file);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_targets),
		cmocka_unit_test(test_devices),
		cmocka_unit_test(test_many_devices),
		cmocka_unit_test(test_device_names),
		cmocka_unit_test(test_truncations),
		cmocka_unit_test(test_spoiled),
		cmocka_unit_test(test_reasons),
		cmocka_unit_test(test_match),
		cmocka_unit_test(test_match_memory),
		cmocka_unit_test(test_segment_wraps),
		cmocka_unit_test(test_match_target),
		cmocka_unit_test(test_sample),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
