/* SPDX-License-Identifier: ISC */
/*
 * alb_image: reads the two solo5 notes of an ELF file; see image.h.
 *
 * albatross finds a note by the name of its section, the solo5 tender by the
 * type of its program header. An image is taken only when both ways lead to
 * the same bytes: what one of them refuses would be found out only after the
 * unikernel it replaces is gone.
 */
#include "albatross/image.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define EHDR_SIZE 64
#define PHDR_SIZE 56
#define SHDR_SIZE 64
#define PHDRS_MAX 512
#define SHDRS_MAX 4096

#define PT_LOAD 1
#define MB (1024 * 1024)
#define PT_NOTE 4

/* Note header and the padded owner "Solo5". */
#define NOTE_HEAD 20
#define NOTE_OWNER "Solo5"

#define ABI_SECTION ".note.solo5.abi"
#define ABI_TYPE 0x31494241
#define ABI_DESC 16
#define MANIFEST_SECTION ".note.solo5.manifest"
#define MANIFEST_TYPE 0x3154464d
/* padding that aligns what follows, version, count */
#define MANIFEST_HEAD 12
#define ENTRY_SIZE 104
#define ENTRY_NAME 68
#define ENTRY_ATTACHED 96
#define ENTRY_RESERVED_FIRST (1U << 30)
#define MANIFEST_DESC_MAX (MANIFEST_HEAD + ALB_MANIFEST_MAX * ENTRY_SIZE)

/* Longer than any section name looked for, with its NUL. */
#define SECTION_NAME_READ 32

struct elf {
	int fd;
	uint64_t size;
	uint64_t phoff, shoff;
	unsigned phnum, shnum, shstrndx;
	struct fault *f;
};

struct place {
	uint64_t offset, size;
};

static uint16_t
le16(const uint8_t *p)
{
	return p[0] | p[1] << 8;
}

static uint32_t
le32(const uint8_t *p)
{
	return le16(p) | (uint32_t)le16(p + 2) << 16;
}

static uint64_t
le64(const uint8_t *p)
{
	return le32(p) | (uint64_t)le32(p + 4) << 32;
}

static int
bad(struct fault *f, const char *what)
{
	return fault_set(f, ERR_BAD_IMAGE, "The image %s.", what);
}

static int
truncated(const struct elf *e)
{
	return bad(e->f, "is truncated: it refers to bytes behind its end");
}

static bool
inside(const struct elf *e, uint64_t offset, uint64_t len)
{
	uint64_t end;

	return !__builtin_add_overflow(offset, len, &end) && end <= e->size;
}

static int
read_at(const struct elf *e, uint64_t offset, void *out, size_t len)
{
	uint8_t *p = out;
	ssize_t n;

	if (!inside(e, offset, len))
		return truncated(e);
	while (len > 0) {
		n = pread(e->fd, p, len, (off_t)offset);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return fault_set(e->f, ERR_INTERNAL,
				"Reading the image failed: %s.",
				strerror(errno));
		if (n == 0)
			return truncated(e);
		p += n;
		offset += n;
		len -= n;
	}
	return 0;
}

static bool
machine_known(unsigned machine)
{
	/* What solo5 has tenders for: x86-64, AArch64, PowerPC64. */
	return machine == 62 || machine == 183 || machine == 21;
}

/* albatross wants the padding behind the identification to be zero. */
static bool
ident_padded(const uint8_t *h)
{
	int i;

	for (i = 9; i < 16; i++)
		if (h[i] != 0)
			return false;
	return true;
}

static int
read_ident(struct elf *e, uint8_t h[EHDR_SIZE])
{
	int rc;

	if (!inside(e, 0, 4))
		return bad(e->f, "is not an ELF file");
	rc = read_at(e, 0, h, 4);
	if (rc != 0)
		return rc;
	if (memcmp(h, "\177ELF", 4) != 0)
		return bad(e->f, "is not an ELF file");
	rc = read_at(e, 0, h, EHDR_SIZE);
	if (rc != 0)
		return rc;
	if (h[4] != 2 || h[5] != 1)
		return bad(e->f,
			"is not a 64 bit little endian ELF file");
	if (h[6] != 1 || le32(h + 20) != 1 || !ident_padded(h))
		return bad(e->f, "is an ELF file of an unknown version");
	return 0;
}

static int
read_header(struct elf *e)
{
	uint8_t h[EHDR_SIZE] = { 0 };
	int rc = read_ident(e, h);

	if (rc != 0)
		return rc;
	if (le16(h + 16) != 2)
		return bad(e->f, "is an ELF file, but not an executable with "
			"fixed addresses, which solo5 needs");
	if (!machine_known(le16(h + 18)))
		return bad(e->f, "is built for a processor solo5 does not "
			"run on");
	e->phoff = le64(h + 32);
	e->shoff = le64(h + 40);
	e->phnum = le16(h + 56);
	e->shnum = le16(h + 60);
	e->shstrndx = le16(h + 62);
	if (e->shnum == 0 || e->shoff == 0)
		return bad(e->f, "has no section headers, which albatross "
			"needs: do not strip them");
	if (le16(h + 52) != EHDR_SIZE || le16(h + 54) != PHDR_SIZE ||
	    le16(h + 58) != SHDR_SIZE || e->phnum == 0 ||
	    e->phnum > PHDRS_MAX || e->shnum > SHDRS_MAX ||
	    e->shstrndx >= e->shnum || e->shoff > UINT32_MAX)
		return bad(e->f, "has a malformed ELF header");
	if (!inside(e, e->phoff, (uint64_t)e->phnum * PHDR_SIZE) ||
	    !inside(e, e->shoff, (uint64_t)e->shnum * SHDR_SIZE))
		return truncated(e);
	return 0;
}

/* Every byte that would be loaded must be there; *last is behind them all. */
static int
check_segments(const struct elf *e, uint64_t *last)
{
	uint64_t end;
	uint8_t ph[PHDR_SIZE];
	unsigned i;
	int rc;

	for (i = 0; i < e->phnum; i++) {
		rc = read_at(e, e->phoff + i * PHDR_SIZE, ph, sizeof(ph));
		if (rc != 0)
			return rc;
		if (le32(ph) != PT_LOAD)
			continue;
		if (le64(ph + 32) > le64(ph + 40) || __builtin_add_overflow(
		    le64(ph + 16), le64(ph + 40), &end))
			return bad(e->f, "has a malformed program header");
		if (!inside(e, le64(ph + 8), le64(ph + 32)))
			return truncated(e);
		if (end > *last)
			*last = end;
	}
	return 0;
}

static int
read_section(const struct elf *e, unsigned i, uint32_t *name,
	struct place *out)
{
	uint8_t sh[SHDR_SIZE];
	int rc = read_at(e, e->shoff + i * SHDR_SIZE, sh, sizeof(sh));

	if (rc != 0)
		return rc;
	*name = le32(sh);
	out->offset = le64(sh + 24);
	out->size = le64(sh + 32);
	/* albatross reads both into 63 bit integers, for every section. */
	if (out->offset > INT64_MAX / 2 || out->size > INT64_MAX / 2)
		return bad(e->f, "has a malformed section header");
	return 0;
}

/* The table of section names; its last byte ends every name in it. */
static int
read_names(const struct elf *e, struct place *names)
{
	uint32_t name;
	uint8_t last;
	int rc = read_section(e, e->shstrndx, &name, names);

	if (rc != 0)
		return rc;
	if (names->size == 0)
		return bad(e->f, "has no section names");
	if (!inside(e, names->offset, names->size))
		return truncated(e);
	rc = read_at(e, names->offset + names->size - 1, &last, 1);
	if (rc != 0)
		return rc;
	return last == 0 ? 0 : bad(e->f, "has malformed section names");
}

/* The first section of that name: 0, an error, or -1 when there is none. */
static int
find_section(const struct elf *e, const char *wanted, struct place *out)
{
	char text[SECTION_NAME_READ];
	struct place names, section;
	uint32_t name;
	size_t len;
	bool found = false;
	unsigned i;
	int rc = read_names(e, &names);

	for (i = 0; rc == 0 && i < e->shnum; i++) {
		rc = read_section(e, i, &name, &section);
		if (rc != 0)
			break;
		if (name >= names.size)
			return bad(e->f, "has malformed section names");
		len = names.size - name;
		if (len > sizeof(text))
			len = sizeof(text);
		rc = read_at(e, names.offset + name, text, len);
		if (rc == 0 && !found && len > strlen(wanted) &&
		    strcmp(text, wanted) == 0) {
			*out = section;
			found = true;
		}
	}
	return rc != 0 ? rc : found ? 0 : -1;
}

static bool
note_is(const uint8_t head[NOTE_HEAD], uint32_t type)
{
	return le32(head) == sizeof(NOTE_OWNER) && le32(head + 8) == type &&
		memcmp(head + 12, NOTE_OWNER, sizeof(NOTE_OWNER)) == 0;
}

/* The first note segment of that type: 0, an error, or -1 for none. */
static int
find_segment(const struct elf *e, uint32_t type, struct place *out,
	uint8_t head[NOTE_HEAD])
{
	uint8_t ph[PHDR_SIZE];
	unsigned i;
	int rc;

	for (i = 0; i < e->phnum; i++) {
		rc = read_at(e, e->phoff + i * PHDR_SIZE, ph, sizeof(ph));
		if (rc != 0)
			return rc;
		if (le32(ph) != PT_NOTE)
			continue;
		out->offset = le64(ph + 8);
		out->size = le64(ph + 32);
		if (out->size < 12)
			return bad(e->f, "has a malformed note");
		if (out->size < NOTE_HEAD)
			continue;
		rc = read_at(e, out->offset, head, NOTE_HEAD);
		if (rc != 0)
			return rc;
		if (note_is(head, type))
			return 0;
	}
	return -1;
}

/* What the note of that section and type holds: max bytes at most. */
static int
read_note(const struct elf *e, const char *section, uint32_t type,
	const char *missing, uint8_t *out, size_t max, size_t *len)
{
	uint8_t head[NOTE_HEAD];
	struct place by_name = { 0, 0 }, by_type = { 0, 0 };
	int rc = find_section(e, section, &by_name);

	if (rc == 0)
		rc = find_segment(e, type, &by_type, head);
	if (rc == -1)
		return bad(e->f, missing);
	if (rc != 0)
		return rc;
	*len = le32(head + 4);
	/* An aligned start makes both readers skip the same padding. */
	if (by_name.offset != by_type.offset || by_name.offset % 4 != 0 ||
	    *len > max || *len + NOTE_HEAD > by_type.size ||
	    *len + NOTE_HEAD > by_name.size)
		return bad(e->f, "has a malformed solo5 note");
	return read_at(e, by_name.offset + NOTE_HEAD, out, *len);
}

static const char *
target_name(uint32_t target)
{
	static const char *const names[] = {
		NULL, "hvt", "spt", "virtio", "muen", "genode", "xen",
	};

	return target < sizeof(names) / sizeof(names[0]) ? names[target] :
		NULL;
}

static int
read_abi(const struct elf *e, struct alb_image *out)
{
	uint8_t d[ABI_DESC] = { 0 };
	size_t len;
	int rc = read_note(e, ABI_SECTION, ABI_TYPE,
		"has no solo5 ABI note: is it built for solo5?", d,
		sizeof(d), &len);

	if (rc != 0)
		return rc;
	if (len != sizeof(d) || le64(d + 8) != 0)
		return bad(e->f, "has a malformed solo5 ABI note");
	out->target = target_name(le32(d));
	out->abi_version = le32(d + 4);
	if (out->target == NULL)
		return bad(e->f, "is built for an unknown solo5 target");
	return 0;
}

/* Only what can be shown and typed; solo5 itself allows letters and digits. */
static bool
name_good(const char *name)
{
	const char *p;

	for (p = name; *p != '\0'; p++)
		if (*p <= ' ' || *p > '~')
			return false;
	return p != name;
}

static bool
all_zero(const uint8_t *p, size_t len)
{
	while (len > 0 && p[len - 1] == 0)
		len--;
	return len == 0;
}

static bool
image_has(const struct alb_image *image, enum alb_device_type type,
	const char *name)
{
	size_t i;

	for (i = 0; i < image->ndevices; i++)
		if (image->devices[i].type == type &&
		    strcmp(image->devices[i].name, name) == 0)
			return true;
	return false;
}

/* One entry behind the first. */
static bool
read_entry(const uint8_t *p, struct alb_image *out)
{
	struct alb_device *d = &out->devices[out->ndevices];
	uint32_t type = le32(p + ENTRY_NAME);

	if (type != ALB_DEVICE_BLOCK && type != ALB_DEVICE_NET)
		return false;
	if (p[ENTRY_NAME - 1] != 0 ||
	    !all_zero(p + ENTRY_NAME + 4, ENTRY_ATTACHED - ENTRY_NAME - 3))
		return false;
	memcpy(d->name, p, ENTRY_NAME);
	d->type = type;
	if (!name_good(d->name) || image_has(out, d->type, d->name))
		return false;
	out->ndevices++;
	return true;
}

static int
read_manifest(const struct elf *e, struct alb_image *out)
{
	uint8_t d[MANIFEST_DESC_MAX];
	const uint8_t *entry = d + MANIFEST_HEAD;
	size_t len, i, n;
	int rc = read_note(e, MANIFEST_SECTION, MANIFEST_TYPE,
		"has no solo5 manifest: is it built for solo5?", d,
		sizeof(d), &len);

	if (rc != 0)
		return rc;
	if (len < MANIFEST_HEAD + ENTRY_SIZE)
		return bad(e->f, "has a malformed solo5 manifest");
	if (le32(d + 4) != 1)
		return bad(e->f, "has a solo5 manifest of an unknown version");
	n = le32(d + 8);
	/* The first entry is reserved: no name, a type of its own. */
	if (n < 1 || n > ALB_MANIFEST_MAX ||
	    len != MANIFEST_HEAD + n * ENTRY_SIZE ||
	    !all_zero(entry, ENTRY_NAME) ||
	    le32(entry + ENTRY_NAME) != ENTRY_RESERVED_FIRST ||
	    !all_zero(entry + ENTRY_NAME + 4, ENTRY_ATTACHED - ENTRY_NAME - 3))
		return bad(e->f, "has a malformed solo5 manifest");
	for (i = 1; i < n; i++)
		if (!read_entry(entry + i * ENTRY_SIZE, out))
			return bad(e->f, "has a solo5 manifest with a "
				"malformed, unknown or repeated device");
	return 0;
}

int
alb_image_read(int fd, uint64_t size, struct alb_image *out,
	struct fault *f)
{
	struct elf e = { .fd = fd, .size = size, .f = f };
	int rc;

	*out = (struct alb_image){ 0 };
	rc = read_header(&e);
	if (rc == 0)
		rc = check_segments(&e, &out->end);
	if (rc == 0)
		rc = read_manifest(&e, out);
	if (rc == 0)
		rc = read_abi(&e, out);
	return rc;
}

static bool
config_has(const struct alb_config *c, const struct alb_device *d)
{
	size_t i;

	if (d->type == ALB_DEVICE_NET) {
		for (i = 0; i < c->nnets; i++)
			if (strcmp(c->nets[i].name, d->name) == 0)
				return true;
		return false;
	}
	for (i = 0; i < c->nblocks; i++)
		if (strcmp(c->blocks[i].name, d->name) == 0)
			return true;
	return false;
}

/* True when every device of the manifest is configured. */
static bool
match_manifest(const struct alb_image *image, const struct alb_config *c,
	struct fault *f)
{
	const struct alb_device *d;
	bool net, good = true;
	size_t i;

	for (i = 0; i < image->ndevices; i++) {
		d = &image->devices[i];
		if (config_has(c, d))
			continue;
		good = false;
		net = d->type == ALB_DEVICE_NET;
		fault_field(f, net ? "networks" : "volumes",
			"the image needs a %s \"%s\"",
			net ? "network" : "volume", d->name);
	}
	return good;
}

/* True when the manifest knows every configured device. */
static bool
match_config(const struct alb_image *image, const struct alb_config *c,
	struct fault *f)
{
	char field[48];
	bool good = true;
	size_t i;

	for (i = 0; i < c->nnets; i++) {
		if (image_has(image, ALB_DEVICE_NET, c->nets[i].name))
			continue;
		good = false;
		snprintf(field, sizeof(field), "networks[%zu].name", i);
		fault_field(f, field, "the image has no network \"%s\"",
			c->nets[i].name);
	}
	for (i = 0; i < c->nblocks; i++) {
		if (image_has(image, ALB_DEVICE_BLOCK, c->blocks[i].name))
			continue;
		good = false;
		snprintf(field, sizeof(field), "volumes[%zu].name", i);
		fault_field(f, field, "the image has no volume \"%s\"",
			c->blocks[i].name);
	}
	return good;
}

/* The tender refuses what does not fit, when the old one is gone already. */
static bool
match_memory(const struct alb_image *image, const struct alb_config *c,
	struct fault *f)
{
	uint64_t need = image->end / MB + (image->end % MB != 0);

	if (c->memory < 1 || (uint64_t)c->memory >= need)
		return true;
	fault_field(f, "memory", "the image needs %llu MB to be loaded",
		(unsigned long long)need);
	return false;
}

int
alb_image_match(const struct alb_image *image, const struct alb_config *c,
	struct fault *f)
{
	bool good;

	if (strcmp(image->target, "hvt") != 0 &&
	    strcmp(image->target, "spt") != 0)
		return fault_set(f, ERR_BAD_IMAGE, "The image is built for "
			"%s; albatross runs hvt and spt.", image->target);
	good = match_manifest(image, c, f);
	good = match_config(image, c, f) && good;
	good = match_memory(image, c, f) && good;
	return good ? 0 : f->err;
}
