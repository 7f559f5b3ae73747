/* SPDX-License-Identifier: ISC */
/* Multipart bodies, cut into pieces at every place. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "fcgi/multipart.h"

#define COUNT(list) (sizeof(list) / sizeof(*(list)))
#define TYPE "multipart/form-data; boundary=b0"
#define PART(name, content)						\
	"--b0\r\nContent-Disposition: form-data; name=\"" name "\"\r\n"	\
	"\r\n" content "\r\n"
#define PARTS_END "--b0--\r\n"

/* A body in pieces that end at two places. */
struct pieces {
	const char *data;
	size_t len, at;
	size_t cuts[2];
	size_t most;		/* bytes at once; 0: any */
};

static int
pieces_read(void *arg, void *data, size_t size, size_t *got, struct fault *f)
{
	struct pieces *p = arg;
	size_t n = p->len - p->at;

	(void)f;
	for (size_t i = 0; i < COUNT(p->cuts); i++)
		if (p->at < p->cuts[i] && n > p->cuts[i] - p->at)
			n = p->cuts[i] - p->at;
	if (p->most > 0 && n > p->most)
		n = p->most;
	*got = n < size ? n : size;
	memcpy(data, p->data + p->at, *got);
	p->at += *got;
	return 0;
}

/* Everything as "name=content;..."; the err. step: bytes read at once. */
static int
drain(struct multipart *m, size_t step, struct buf *out, struct fault *f)
{
	char data[512];
	const char *name;
	size_t got;
	int err;

	while ((err = multipart_next(m, &name, f)) == 0 && name != NULL) {
		buf_putf(out, "%s=", name);
		do {
			err = multipart_read(m, data, step, &got, f);
			if (err != 0)
				return err;
			buf_put(out, data, got);
		} while (got > 0);
		assert_int_equal(multipart_read(m, data, step, &got, f), 0);
		assert_int_equal(got, 0);
		buf_put_str(out, ";");
	}
	return err;
}

static int
read_all(const char *type, struct pieces *p, size_t step, struct buf *out)
{
	struct fault f = { 0 };
	struct multipart *m = malloc(sizeof(*m));
	int err;

	buf_reset(out);
	p->at = 0;
	err = multipart_init(m, type, pieces_read, p, &f);
	if (err == 0)
		err = drain(m, step, out, &f);
	assert_true(buf_ok(out));
	free(m);
	return err;
}

/* ---- what is well-formed ---- */

static const struct { const char *body, *parts; } good[] = {
	{ PART("config", "{}") PART("image", "ELF") PARTS_END,
	  "config={};image=ELF;" },
	{ PART("image", "ELF") PART("config", "{}") PARTS_END,
	  "image=ELF;config={};" },
	{ PART("a", "") PART("b", "\r\n") PARTS_END, "a=;b=\r\n;" },
	{ PARTS_END, "" },
	{ "--b0--", "" },
	{ "preamble\r\n" PART("a", "x") "--b0--epilogue", "a=x;" },
	/* What nearly is a delimiter. */
	{ PART("a", "\r\n--b\r\n-b0\r\n--b1--b0\r\r\n--b\n--b0") PARTS_END,
	  "a=\r\n--b\r\n-b0\r\n--b1--b0\r\r\n--b\n--b0;" },
	{ PART("a", "\r\r\r\n\r\n\r\n-") PARTS_END, "a=\r\r\r\n\r\n\r\n-;" },
	{ "--b0 \t\r\nX: y\r\ncontent-disposition:form-data;filename=\"a;name"
	  "=b\"; Name=c\r\nContent-Type: text/plain\r\n\r\nx\r\n" PARTS_END,
	  "c=x;" },
	{ "--b0\r\nContent-Disposition: form-data; name=\"q\\\"\\\\\"\r\n"
	  "Content-Transfer-Encoding: binary\r\n\r\nx\r\n" PARTS_END,
	  "q\"\\=x;" },
};

static void
test_every_split(void **state)
{
	struct buf out;

	(void)state;
	buf_init(&out, 4096);
	for (size_t i = 0; i < COUNT(good); i++) {
		struct pieces p = { good[i].body, strlen(good[i].body), 0,
			{ 0, 0 }, 0 };

		for (p.cuts[0] = 0; p.cuts[0] < p.len; p.cuts[0]++) {
			for (p.cuts[1] = p.cuts[0]; p.cuts[1] < p.len;
			    p.cuts[1]++) {
				if (read_all(TYPE, &p, 512, &out) != 0 ||
				    strcmp(buf_str(&out),
				    good[i].parts) != 0)
					fail_msg("body %zu at %zu, %zu", i,
					    p.cuts[0], p.cuts[1]);
			}
		}
		for (p.most = 1; p.most < 6; p.most++) {
			for (size_t step = 1; step < 6; step++) {
				assert_int_equal(read_all(TYPE, &p, step,
				    &out), 0);
				assert_string_equal(buf_str(&out),
				    good[i].parts);
			}
		}
	}
	buf_free(&out);
}

/* Who does not read a part has it skipped. */
static void
test_skip(void **state)
{
	static const char body[] = PART("a", "\r\n--b") PART("b", "x")
		PARTS_END;
	struct pieces p = { body, sizeof(body) - 1, 0, { 0, 0 }, 1 };
	struct multipart *m = malloc(sizeof(*m));
	struct fault f = { 0 };
	const char *name;
	char c;
	size_t got;

	(void)state;
	assert_int_equal(multipart_init(m, TYPE, pieces_read, &p, &f), 0);
	assert_int_equal(multipart_next(m, &name, &f), 0);
	assert_int_equal(multipart_read(m, &c, 1, &got, &f), 0);
	assert_int_equal(got, 1);
	assert_int_equal(multipart_next(m, &name, &f), 0);
	assert_string_equal(name, "b");
	for (int i = 0; i < 2; i++) {
		assert_int_equal(multipart_next(m, &name, &f), 0);
		assert_null(name);
	}
	free(m);
}

/* ---- what is not ---- */

#define HEAD(lines) "--b0\r\n" lines "\r\n\r\nx\r\n" PARTS_END
#define DISPOSITION "Content-Disposition: form-data; name=a"

static const char *const bad[] = {
	"", "x", "--b0", "--b0\r\n", "--b1--\r\n", "--b0x\r\n", "--b0-\r\n",
	"--b0\n", "--b0\rx",
	PART("a", "x"),			/* no end */
	"--b0\r\n" DISPOSITION "\r\n\r\nx", "--b0\r\n" DISPOSITION "\r\n",
	"--b0\r\n" DISPOSITION "\r\n\r\nx\n--b0--\n",
	HEAD(""), HEAD("X: y"), HEAD("no colon"), HEAD(": x"),
	HEAD("Content-Disposition: form-data"),
	HEAD("Content-Disposition: attachment; name=a"),
	HEAD("Content-Disposition: form-data; name=\"\""),
	HEAD("Content-Disposition: form-data; name=\"a"),
	HEAD("Content-Disposition: form-data; filename=\"; name=a"),
	HEAD("Content-Disposition: form-data; name*=UTF-8''a"),
	HEAD(DISPOSITION "\r\n" DISPOSITION),
	HEAD(DISPOSITION "\r\nContent-Transfer-Encoding: base64"),
	HEAD("Content-Disposition: form-data; name=" "0123456789012345678901"
	    "23456789012345678901234567890123456789012345"),
};

static void
test_malformed(void **state)
{
	struct buf out;

	(void)state;
	buf_init(&out, 4096);
	for (size_t i = 0; i < COUNT(bad); i++) {
		struct pieces p = { bad[i], strlen(bad[i]), 0, { 0, 0 }, 0 };

		for (p.most = 0; p.most < 3; p.most++)
			if (read_all(TYPE, &p, 512, &out) != ERR_BAD_REQUEST)
				fail_msg("%s", bad[i]);
	}
	/* A NUL in the headers. */
	{
		static const char body[] = "--b0\r\n" DISPOSITION
			"\0b\r\n\r\nx\r\n" PARTS_END;
		struct pieces p = { body, sizeof(body) - 1, 0, { 0, 0 }, 0 };

		assert_int_equal(read_all(TYPE, &p, 512, &out),
		    ERR_BAD_REQUEST);
	}
	buf_free(&out);
}

/* Cut off anywhere, a body is never whole. */
static void
test_cut_off(void **state)
{
	static const char body[] = PART("a", "x\r\ny") PART("b", "") "--b0--";
	struct buf out;

	(void)state;
	buf_init(&out, 4096);
	for (size_t len = 0; len < sizeof(body); len++) {
		struct pieces p = { body, len, 0, { 0, 0 }, 0 };

		assert_int_equal(read_all(TYPE, &p, 512, &out),
		    len == sizeof(body) - 1 ? 0 : ERR_BAD_REQUEST);
	}
	buf_free(&out);
}

/* ---- limits ---- */

static void
test_boundary(void **state)
{
	static const struct { const char *type; bool fits; } types[] = {
		{ "multipart/form-data; boundary=b0", true },
		{ "multipart/form-data;BOUNDARY=\"b0\"; x=y", true },
		{ "multipart/form-data; x=\"; boundary=no\"; boundary=b0 ",
		  true },
		{ "multipart/form-data", false },
		{ "multipart/form-data; boundary=", false },
		{ "multipart/form-data; boundary=\"\"", false },
		{ "multipart/form-data; boundary=\"b0", false },
		{ "multipart/form-data; boundary=\"b0 \"", false },
		{ "multipart/form-data; boundary=b\xc3\xa9", false },
		{ "multipart/form-data; boundary=\"b@0\"", false },
		{ "multipart/form-data; boundary=\"b\\\r\\\n0\"", false },
		{ "boundary=b0", false }, { "", false },
	};
	char type[128], body[128];
	struct buf out;
	size_t i;

	(void)state;
	buf_init(&out, 4096);
	for (i = 0; i < COUNT(types); i++) {
		struct pieces p = { PARTS_END, strlen(PARTS_END), 0, { 0, 0 },
			0 };

		if (read_all(types[i].type, &p, 512, &out) !=
		    (types[i].fits ? 0 : ERR_BAD_REQUEST))
			fail_msg("%s", types[i].type);
	}
	for (i = 69; i < 73; i++) {
		struct pieces p = { body, i + 4, 0, { 0, 0 }, 1 };

		memset(body, '-', sizeof(body));
		memset(body + 2, 'b', i);
		snprintf(type, sizeof(type), "a/b; boundary=%.*s", (int)i,
		    body + 2);
		assert_int_equal(read_all(type, &p, 512, &out),
		    i <= MULTIPART_BOUNDARY_MAX ? 0 : ERR_BAD_REQUEST);
	}
	buf_free(&out);
}

static void
test_counts(void **state)
{
	struct buf body, out;

	(void)state;
	buf_init(&body, 65536);
	buf_init(&out, 65536);
	for (int n = MULTIPART_PARTS_MAX; n <= MULTIPART_PARTS_MAX + 1; n++) {
		struct pieces p = { 0 };

		buf_reset(&body);
		for (int i = 0; i < n; i++)
			buf_put_str(&body, PART("a", "x"));
		buf_put_str(&body, PARTS_END);
		p.data = (const char *)body.data;
		p.len = body.len;
		assert_int_equal(read_all(TYPE, &p, 512, &out),
		    n <= MULTIPART_PARTS_MAX ? 0 : ERR_BAD_REQUEST);
	}
	/* The headers of a part, to the byte. */
	for (size_t n = MULTIPART_HEAD_MAX; n <= MULTIPART_HEAD_MAX + 1; n++) {
		size_t used = strlen(DISPOSITION "\r\nX: \r\n\r\n");
		struct pieces p = { 0 };

		buf_reset(&body);
		buf_put_str(&body, "--b0\r\n" DISPOSITION "\r\nX: ");
		while (used++ < n)
			buf_put_u8(&body, 'y');
		buf_put_str(&body, "\r\n\r\nx\r\n" PARTS_END);
		p.data = (const char *)body.data;
		p.len = body.len;
		for (p.most = 0; p.most < 3; p.most++)
			assert_int_equal(read_all(TYPE, &p, 512, &out),
			    n == MULTIPART_HEAD_MAX ? 0 : ERR_BAD_REQUEST);
	}
	buf_free(&body);
	buf_free(&out);
}

/* ---- a part much larger than the window ---- */

#define HUGE_SIZE (64 * 1024 * 1024)

struct huge {
	size_t at;
};

/* Zeros and line ends between a part's head and the end. */
static int
huge_read(void *arg, void *data, size_t size, size_t *got, struct fault *f)
{
	static const char head[] = "--b0\r\n" DISPOSITION "\r\n\r\n";
	static const char tail[] = "\r\n" PARTS_END;
	struct huge *h = arg;
	const char *from = tail;
	size_t offset = 0, n;

	(void)f;
	if (h->at < sizeof(head) - 1) {
		from = head;
		offset = h->at;
		n = sizeof(head) - 1 - offset;
	} else if (h->at < HUGE_SIZE) {
		n = HUGE_SIZE - h->at < size ? HUGE_SIZE - h->at : size;
		memset(data, '\r', n);
		h->at += n;
		*got = n;
		return 0;
	} else {
		offset = h->at - HUGE_SIZE;
		n = sizeof(tail) - 1 - offset;
	}
	*got = n < size ? n : size;
	memcpy(data, from + offset, *got);
	h->at += *got;
	return 0;
}

static void
test_huge(void **state)
{
	struct multipart *m = malloc(sizeof(*m));
	char *data = malloc(65536);
	struct huge h = { 0 };
	struct fault f = { 0 };
	const char *name;
	size_t got, all = 0;

	(void)state;
	assert_int_equal(multipart_init(m, TYPE, huge_read, &h, &f), 0);
	assert_int_equal(multipart_next(m, &name, &f), 0);
	do {
		assert_int_equal(multipart_read(m, data, 65536, &got, &f), 0);
		assert_true(got <= MULTIPART_WINDOW);
		all += got;
	} while (got > 0);
	assert_int_equal(all, HUGE_SIZE - strlen("--b0\r\n" DISPOSITION
	    "\r\n\r\n"));
	assert_int_equal(multipart_next(m, &name, &f), 0);
	assert_null(name);
	free(data);
	free(m);
}

static int
source_broken(void *arg, void *data, size_t size, size_t *got,
	struct fault *f)
{
	(void)arg;
	(void)data;
	(void)size;
	*got = 0;
	return fault_set(f, ERR_TOO_LARGE, "too much");
}

static void
test_source_fault(void **state)
{
	struct multipart *m = malloc(sizeof(*m));
	struct fault f = { 0 };
	const char *name;

	(void)state;
	assert_int_equal(multipart_init(m, TYPE, source_broken, NULL, &f), 0);
	assert_int_equal(multipart_next(m, &name, &f), ERR_TOO_LARGE);
	assert_null(name);
	assert_string_equal(f.detail, "too much");
	free(m);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_split),
		cmocka_unit_test(test_skip),
		cmocka_unit_test(test_malformed),
		cmocka_unit_test(test_cut_off),
		cmocka_unit_test(test_boundary),
		cmocka_unit_test(test_counts),
		cmocka_unit_test(test_huge),
		cmocka_unit_test(test_source_fault),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
