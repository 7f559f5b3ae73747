/* SPDX-License-Identifier: ISC */
/*
 * mkimage: writes a solo5 image for tests.
 *
 *   mkimage [--target hvt] [--abi 2] [--net NAME]... [--block NAME]...
 *           [--http STATUS:TEXT] [--says LINES] [--pad BYTES]
 *           [--truncate BYTES] OUT
 *
 * The image is well formed unless --truncate cuts it to so many bytes. It
 * holds no program: only what reads images can use it. --http is what the
 * sandbox's unikernel of it answers, --says what it prints, see
 * tests/sandbox/README.md.
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/text.h"
#include "tests/images/elf.h"

#define IMAGE_MAX (1024 * 1024 * 1024)

struct options {
	struct elf_spec spec;
	int64_t truncate;	/* -1: keep all */
	const char *out;
};

static void
die(const char *what, const char *arg)
{
	fprintf(stderr, "mkimage: %s: %s\n", what, arg);
	exit(1);
}

static int64_t
number(const char *name, const char *s, int64_t max)
{
	int64_t v;

	if (int_parse(s, 0, max, &v) != 0)
		die(name, "is not a number in range");
	return v;
}

static void
take(struct options *o, int option, const char *value)
{
	int rc = 0;

	switch (option) {
	case 't':
		rc = elf_spec_target(&o->spec, value);
		break;
	case 'a':
		o->spec.abi_version = number("--abi", value, UINT32_MAX);
		break;
	case 'n':
		rc = elf_spec_device(&o->spec, ALB_DEVICE_NET, value);
		break;
	case 'b':
		rc = elf_spec_device(&o->spec, ALB_DEVICE_BLOCK, value);
		break;
	case 'h':
		rc = elf_spec_http(&o->spec, value);
		break;
	case 's':
		rc = elf_spec_says(&o->spec, value);
		break;
	case 'p':
		o->spec.pad = number("--pad", value, IMAGE_MAX / 2);
		break;
	case 'x':
		o->truncate = number("--truncate", value, IMAGE_MAX);
		break;
	default:
		exit(1);
	}
	if (rc != 0)
		die("not usable", value);
}

static void
parse(int argc, char **argv, struct options *o)
{
	static const struct option options[] = {
		{ "target", required_argument, NULL, 't' },
		{ "abi", required_argument, NULL, 'a' },
		{ "net", required_argument, NULL, 'n' },
		{ "block", required_argument, NULL, 'b' },
		{ "http", required_argument, NULL, 'h' },
		{ "says", required_argument, NULL, 's' },
		{ "pad", required_argument, NULL, 'p' },
		{ "truncate", required_argument, NULL, 'x' },
		{ 0 },
	};
	int option;

	elf_spec_init(&o->spec);
	o->truncate = -1;
	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1)
		take(o, option, optarg);
	if (optind != argc - 1)
		die("expected", "one file name");
	o->out = argv[optind];
}

int
main(int argc, char **argv)
{
	struct options o;
	struct buf image;
	FILE *out;

	parse(argc, argv, &o);
	buf_init(&image, IMAGE_MAX);
	elf_build(&o.spec, &image);
	if (!buf_ok(&image))
		die("image", "too large");
	if (o.truncate >= 0 && (uint64_t)o.truncate < image.len)
		image.len = o.truncate;
	out = fopen(o.out, "wb");
	if (out == NULL ||
	    fwrite(image.data, 1, image.len, out) != image.len ||
	    fclose(out) != 0)
		die("can not write", o.out);
	buf_free(&image);
	return 0;
}
