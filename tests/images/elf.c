/* SPDX-License-Identifier: ISC */
/* elf: solo5 images for tests; see elf.h. */
#include "tests/images/elf.h"

#include <elf.h>
#include <string.h>

#define NAMES "\0.note.solo5.abi\0.note.solo5.manifest\0.text\0.shstrtab"
#define NAME_ABI 1
#define NAME_MANIFEST 17
#define NAME_TEXT 38
#define NAME_NAMES 44

#define ENTRY_SIZE 104
#define ABI_SIZE 36
#define CODE_MIN 64
#define CODE_ADDRESS 0x100000

void
elf_spec_init(struct elf_spec *spec)
{
	*spec = (struct elf_spec){ .target = 1, .abi_version = 2 };
}

int
elf_spec_target(struct elf_spec *spec, const char *name)
{
	static const char *const names[] = {
		"hvt", "spt", "virtio", "muen", "genode", "xen",
	};
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(name, names[i]) == 0) {
			spec->target = i + 1;
			return 0;
		}
	return -1;
}

int
elf_spec_device(struct elf_spec *spec, enum alb_device_type type,
	const char *name)
{
	struct alb_device *d = &spec->devices[spec->ndevices];

	/* One entry of the manifest is reserved. */
	if (spec->ndevices == ALB_MANIFEST_MAX - 1 ||
	    strlen(name) > ALB_MANIFEST_NAME_MAX)
		return -1;
	memset(d, 0, sizeof(*d));
	memcpy(d->name, name, strlen(name));
	d->type = type;
	spec->ndevices++;
	return 0;
}

int
elf_spec_http(struct elf_spec *spec, const char *text)
{
	if (strlen(text) < 4 || strlen(text) - 4 > ELF_HTTP_MAX ||
	    text[0] < '2' || text[0] > '5' ||
	    strspn(text, "0123456789") != 3 || text[3] != ':')
		return -1;
	spec->http = text;
	return 0;
}

int
elf_spec_says(struct elf_spec *spec, const char *lines)
{
	if (strlen(lines) > ELF_SAYS_MAX)
		return -1;
	spec->says = lines;
	return 0;
}

/* Little endian, as the images are. */
static void
put32(struct buf *out, uint32_t v)
{
	uint8_t bytes[4] = { v, v >> 8, v >> 16, v >> 24 };

	buf_put(out, bytes, sizeof(bytes));
}

/* Zeroes up to offset bytes behind start. */
static void
pad_to(struct buf *out, size_t start, size_t offset)
{
	while (buf_ok(out) && out->len - start < offset)
		buf_put_u8(out, 0);
}

static void
put_note_head(struct buf *out, uint32_t type, uint32_t len)
{
	put32(out, 6);
	put32(out, len);
	put32(out, type);
	buf_put(out, "Solo5\0\0", 8);
}

static void
put_entry(struct buf *out, const char *name, uint32_t type)
{
	size_t start = out->len;

	buf_put_str(out, name);
	pad_to(out, start, ALB_MANIFEST_NAME_MAX + 1);
	put32(out, type);
	pad_to(out, start, ENTRY_SIZE);
}

static size_t
manifest_size(const struct elf_spec *spec)
{
	return 12 + (1 + spec->ndevices) * ENTRY_SIZE;
}

static void
put_notes(const struct elf_spec *spec, struct buf *out, size_t start)
{
	size_t i;

	pad_to(out, start, ELF_ABI_NOTE);
	put_note_head(out, 0x31494241, 16);
	put32(out, spec->target);
	put32(out, spec->abi_version);
	put32(out, 0);
	put32(out, 0);
	pad_to(out, start, ELF_MANIFEST_NOTE);
	put_note_head(out, 0x3154464d, manifest_size(spec));
	put32(out, 0);
	put32(out, 1);
	put32(out, 1 + spec->ndevices);
	put_entry(out, "", 1U << 30);
	for (i = 0; i < spec->ndevices; i++)
		put_entry(out, spec->devices[i].name, spec->devices[i].type);
}

/* The same noise every time (xorshift32), so that digests are stable. */
static void
put_code(struct buf *out, size_t len)
{
	uint32_t x = 2463534242;

	while (len > 0 && buf_ok(out)) {
		x ^= x << 13;
		x ^= x >> 17;
		x ^= x << 5;
		buf_put(out, &x, len < 4 ? len : 4);
		len -= len < 4 ? len : 4;
	}
}

static void
put_segments(const struct elf_spec *spec, struct buf *out)
{
	Elf64_Phdr ph[] = {
		{ .p_type = PT_LOAD, .p_flags = PF_R | PF_X,
		  .p_offset = ELF_CODE, .p_vaddr = CODE_ADDRESS,
		  .p_paddr = CODE_ADDRESS, .p_filesz = CODE_MIN,
		  .p_memsz = CODE_MIN, .p_align = 4096 },
		{ .p_type = PT_NOTE, .p_flags = PF_R,
		  .p_offset = ELF_ABI_NOTE, .p_filesz = ABI_SIZE,
		  .p_memsz = ABI_SIZE, .p_align = 4 },
		{ .p_type = PT_NOTE, .p_flags = PF_R,
		  .p_offset = ELF_MANIFEST_NOTE,
		  .p_filesz = 20 + manifest_size(spec),
		  .p_memsz = 20 + manifest_size(spec), .p_align = 4 },
	};

	buf_put(out, ph, sizeof(ph));
}

static void
put_sections(const struct elf_spec *spec, struct buf *out, size_t code,
	size_t names)
{
	Elf64_Shdr sh[] = {
		{ .sh_type = SHT_NULL },
		{ .sh_name = NAME_ABI, .sh_type = SHT_NOTE,
		  .sh_offset = ELF_ABI_NOTE, .sh_size = ABI_SIZE },
		{ .sh_name = NAME_MANIFEST, .sh_type = SHT_NOTE,
		  .sh_offset = ELF_MANIFEST_NOTE,
		  .sh_size = 20 + manifest_size(spec) },
		{ .sh_name = NAME_TEXT, .sh_type = SHT_PROGBITS,
		  .sh_addr = CODE_ADDRESS, .sh_offset = ELF_CODE,
		  .sh_size = code },
		{ .sh_name = NAME_NAMES, .sh_type = SHT_STRTAB,
		  .sh_offset = names, .sh_size = sizeof(NAMES) },
	};

	buf_put(out, sh, sizeof(sh));
}

/* What the sandbox looks for: mark, text and a zero byte. */
static size_t
told_len(const char *mark, const char *text)
{
	return text == NULL ? 0 : strlen(mark) + strlen(text) + 1;
}

static void
put_told(struct buf *out, const char *mark, const char *text)
{
	if (text == NULL)
		return;
	buf_put_str(out, mark);
	buf_put(out, text, strlen(text) + 1);
}

void
elf_build(const struct elf_spec *spec, struct buf *out)
{
	size_t start = out->len;
	size_t told = told_len(ELF_HTTP, spec->http) +
		told_len(ELF_SAYS, spec->says);
	size_t code = told + (spec->pad < CODE_MIN ? CODE_MIN : spec->pad);
	size_t names = ELF_CODE + code;
	size_t sections = (names + sizeof(NAMES) + 7) & ~(size_t)7;
	Elf64_Ehdr eh = {
		.e_ident = { ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64,
			ELFDATA2LSB, EV_CURRENT },
		.e_type = ET_EXEC, .e_machine = EM_X86_64,
		.e_version = EV_CURRENT, .e_entry = CODE_ADDRESS,
		.e_phoff = sizeof(eh), .e_shoff = sections,
		.e_ehsize = sizeof(eh), .e_phentsize = sizeof(Elf64_Phdr),
		.e_phnum = 3, .e_shentsize = sizeof(Elf64_Shdr),
		.e_shnum = 5, .e_shstrndx = 4,
	};

	buf_put(out, &eh, sizeof(eh));
	put_segments(spec, out);
	put_notes(spec, out, start);
	pad_to(out, start, ELF_CODE);
	put_told(out, ELF_HTTP, spec->http);
	put_told(out, ELF_SAYS, spec->says);
	put_code(out, code - told);
	buf_put(out, NAMES, sizeof(NAMES));
	pad_to(out, start, sections);
	put_sections(spec, out, code, names);
}
