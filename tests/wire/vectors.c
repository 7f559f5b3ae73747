/* SPDX-License-Identifier: ISC */
/*
 * vectors FILE...: every line "EXT name length hex" or "WIRE name length hex"
 * is decoded into our structs and encoded again from them. Names the first
 * byte that differs; exits with 1 unless every entry of every file came back
 * as it was.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "albatross/wire.h"
#include "base/cleanup.h"
#include "base/text.h"

#define KIND_SIZE 8
#define NAME_SIZE 256

struct entry {
	char kind[KIND_SIZE];
	char name[NAME_SIZE];
	const uint8_t *der;
	size_t len;
};

static int
fail(const struct entry *e, const char *why)
{
	fprintf(stderr, "%s %s: %s\n", e->kind, e->name, why);
	return -1;
}

static int
compare(const struct entry *e, const struct buf *out)
{
	size_t i, len = e->len < out->len ? e->len : out->len;

	for (i = 0; i < len && e->der[i] == out->data[i]; i++)
		;
	if (i == e->len && i == out->len)
		return 0;
	fprintf(stderr, "%s %s: byte %zu differs", e->kind, e->name, i);
	if (i < len)
		fprintf(stderr, ": is %02x, should be %02x\n", out->data[i],
		    e->der[i]);
	else
		fprintf(stderr, ": has %zu bytes, should have %zu\n",
		    out->len, e->len);
	return -1;
}

static int
again_command(const struct entry *e, struct buf *out)
{
	struct alb_command c;
	int rc = alb_command_decode(e->der, e->len, &c);

	if (rc != ALB_OK)
		return fail(e, "does not decode");
	rc = alb_command_encode(&c, out);
	alb_command_free(&c);
	return rc == ALB_OK ? compare(e, out) : fail(e, "does not encode");
}

static int
again_wire(const struct entry *e, struct buf *out)
{
	struct alb_wire w;
	int rc = alb_wire_decode(e->der, e->len, &w);

	if (rc != ALB_OK)
		return fail(e, "does not decode");
	rc = alb_wire_encode(&w, out);
	alb_wire_free(&w);
	return rc == ALB_OK ? compare(e, out) : fail(e, "does not encode");
}

static int
run(const struct entry *e)
{
	struct buf out;
	int rc;

	buf_init(&out, 2 * e->len + 64);
	if (strcmp(e->kind, "EXT") == 0)
		rc = again_command(e, &out);
	else if (strcmp(e->kind, "WIRE") == 0)
		rc = again_wire(e, &out);
	else
		rc = fail(e, "is neither EXT nor WIRE");
	buf_free(&out);
	return rc;
}

/* 1 when the line held an entry that came back, 0 when none, -1. */
static int
run_line(char *line)
{
	struct entry e = { 0 };
	AUTO_FREE uint8_t *der = NULL;
	size_t len, hex = 0;
	int at = 0;

	line[strcspn(line, "\r\n")] = '\0';
	if (line[strspn(line, " \t")] == '\0' || line[0] == '#')
		return 0;
	if (sscanf(line, "%7s %255s %zu %n", e.kind, e.name, &len, &at) != 3)
		return fail(&e, "is not \"KIND name length hex\"");
	hex = strcspn(line + at, " \t");
	line[at + hex] = '\0';
	der = malloc(hex / 2 + 1);
	if (der == NULL || hex != 2 * len ||
	    hex_decode(line + at, der, len) < 0)
		return fail(&e, "does not have that many bytes of hex");
	e.der = der;
	e.len = len;
	return run(&e) == 0 ? 1 : -1;
}

static int
run_file(const char *path, size_t *passed)
{
	FILE *file = fopen(path, "r");
	AUTO_FREE char *line = NULL;
	size_t size = 0;
	int rc = 0, one;

	if (file == NULL) {
		fprintf(stderr, "%s: %s\n", path, strerror(errno));
		return -1;
	}
	while (getline(&line, &size, file) >= 0) {
		one = run_line(line);
		if (one < 0)
			rc = -1;
		else
			*passed += one;
	}
	fclose(file);
	return rc;
}

int
main(int argc, char **argv)
{
	size_t passed = 0;
	int i, rc = 0;

	if (argc < 2) {
		fprintf(stderr, "usage: vectors FILE...\n");
		return 2;
	}
	for (i = 1; i < argc; i++)
		if (run_file(argv[i], &passed) < 0)
			rc = 1;
	printf("%zu vectors came back byte for byte\n", passed);
	return rc;
}
