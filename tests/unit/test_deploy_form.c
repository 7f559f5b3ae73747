/* SPDX-License-Identifier: ISC */
/* The three forms of a deploy: one configuration and one image come of each. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "fcgi/app.h"
#include "fcgi/deploy.h"
#include "fcgi/router.h"
#include "tests/images/elf.h"
#include "tests/unit/folder.h"

#define COUNT(list) (sizeof(list) / sizeof(*(list)))

static struct app app;
static char dir[FOLDER_SIZE];
static struct buf image;

static int
begin(void **state)
{
	struct fault f = { 0 };
	struct elf_spec spec;

	folder_make(dir);
	app.images = images_new(dir, 0, &f);
	assert_non_null(app.images);
	elf_spec_init(&spec);
	buf_init(&image, 1 << 20);
	elf_build(&spec, &image);
	return buf_ok(&image) ? 0 : -1;
}

static int
end(void **state)
{
	images_free(app.images);
	folder_remove(dir);
	buf_free(&image);
	return 0;
}

/* A request whose body is all there, as libfcgi holds one. */
struct sent {
	struct request r;
	FCGX_Request fcgi;
	FCGX_Stream in;
	struct plan d;
	struct fault f;
};

static void
body_ends(FCGX_Stream *in)
{
	in->isClosed = 1;
}

/* Reads a deploy: the err; to be freed by sent_free. */
static int
form_read(struct sent *s, const char *type, const char *query,
	const void *body, size_t len)
{
	memset(s, 0, sizeof(*s));
	s->in = (FCGX_Stream){ .rdNext = (unsigned char *)body,
		.stop = (unsigned char *)body + len, .isReader = 1,
		.fillBuffProc = body_ends };
	s->fcgi.in = &s->in;
	s->r = (struct request){ .app = &app, .fcgi = &s->fcgi,
		.instance = "i1", .project = "ada", .name = "hello",
		.content_type = type, .content_length = -1,
		.body_max = BODY_UPLOAD_MAX };
	request_parse_media(type, s->r.media_text, sizeof(s->r.media_text));
	s->r.media_type = s->r.media_text;
	assert_int_equal(request_parse_query(&s->r, query, &s->f), 0);
	plan_init(&s->d, &s->r);
	return plan_form_read(&s->d, &s->f);
}

static void
sent_free(struct sent *s)
{
	plan_free(&s->d);
	request_free(&s->r);
}

/* ---- the image with its configuration in the query ---- */

static void
query(void **state)
{
	const struct alb_config *c;
	struct sent s;

	assert_int_equal(form_read(&s, "", "memory=64&cpu=1&cpu=0&arg=--a%3Db"
	    "&arg=&network=service&network=m:br0&network=n:br1@"
	    "00:80:41:01:02:03&volume=data&volume=v:disk&volume=w:x@512&"
	    "startup=7&fail_behaviour=restart&exit_code=1&exit_code=255&"
	    "add_name=false&type=solo5&digest=x", image.data, image.len), 0);
	c = &s.d.config;
	assert_int_equal(c->memory, 64);
	assert_int_equal(c->ncpus, 2);
	assert_int_equal(c->cpus[0], 1);
	assert_int_equal(c->narguments, 2);
	assert_string_equal(c->arguments[0], "--a=b");
	assert_string_equal(c->arguments[1], "");
	assert_int_equal(c->nnets, 3);
	assert_string_equal(c->nets[0].name, "service");
	assert_null(c->nets[0].bridge);
	assert_string_equal(c->nets[1].bridge, "br0");
	assert_false(c->nets[1].has_mac);
	assert_string_equal(c->nets[2].bridge, "br1");
	assert_memory_equal(c->nets[2].mac, "\0\x80\x41\1\2\3", 6);
	assert_int_equal(c->nblocks, 3);
	assert_string_equal(c->blocks[1].volume, "disk");
	assert_false(c->blocks[1].has_sector_size);
	assert_int_equal(c->blocks[2].sector_size, 512);
	assert_int_equal(c->startup, 7);
	assert_true(c->restart);
	assert_int_equal(c->nexit_codes, 2);
	assert_false(c->add_name);
	assert_true(s.d.has_image);
	assert_int_equal(s.d.image.size, image.len);
	sent_free(&s);
}

static void
defaults(void **state)
{
	struct sent s;

	assert_int_equal(form_read(&s, "application/octet-stream", NULL,
	    image.data, image.len), 0);
	assert_int_equal(s.d.config.memory, 32);
	assert_true(s.d.config.add_name);
	assert_false(s.d.config.restart);
	assert_int_equal(s.d.config.ncpus, 0);
	assert_true(s.d.has_image);
	sent_free(&s);
}

static void
query_refused(void **state)
{
	static const struct { const char *query, *field; } bad[] = {
		{ "memory=", "memory" }, { "memory=1x", "memory" },
		{ "memory=99999999999999999999", "memory" },
		{ "memory=0", "memory" }, { "cpu=a&cpu=1", "cpu" },
		{ "cpu=-1", "cpus[0]" }, { "startup=101", "startup" },
		{ "exit_code=256&fail_behaviour=restart", "exit_codes[0]" },
		{ "exit_code=", "exit_code" },
		{ "add_name=yes", "add_name" }, { "type=x", "type" },
		{ "fail_behaviour=x", "fail_behaviour" },
		{ "network=", "networks[0].name" },
		{ "network=:br0", "networks[0].name" },
		{ "network=a:", "networks[0].bridge" },
		{ "network=a:@00:80:41:01:02:03", "networks[0].bridge" },
		{ "network=a:b@", "networks[0].mac" },
		{ "network=a:b@00:80:41:01:02", "networks[0].mac" },
		{ "network=a:b@zz:80:41:01:02:03", "networks[0].mac" },
		{ "volume=a:b@", "volume" }, { "volume=a:b@x", "volume" },
		{ "volume=a:b@512@512", "volume" },
		{ "volume=a:b@7", "volumes[0].sector_size" },
	};
	struct sent s;

	for (size_t i = 0; i < COUNT(bad); i++) {
		if (form_read(&s, "", bad[i].query, image.data, image.len) !=
		    ERR_INVALID || s.f.nfields == 0 ||
		    strcmp(s.f.fields[0].field, bad[i].field) != 0)
			print_error("%s: %s (%s)\n", bad[i].query,
			    s.f.fields[0].field, err_code(s.f.err));
		/* The body stays where it is. */
		assert_ptr_equal(s.in.rdNext, image.data);
		assert_false(s.d.has_image);
		assert_string_equal(s.f.fields[0].field, bad[i].field);
		sent_free(&s);
	}
}

static void
no_image(void **state)
{
	struct sent s;

	/* Told with all other findings, by plan_check. */
	assert_int_equal(form_read(&s, "", "memory=64", "", 0), 0);
	assert_non_null(s.d.image_wrong);
	sent_free(&s);
	assert_int_equal(form_read(&s, "", NULL, "no image", 8), 0);
	assert_non_null(s.d.image_wrong);
	assert_int_equal(s.d.image.fd, -1);
	sent_free(&s);
}

/* ---- JSON ---- */

static int
json_read_text(struct sent *s, const char *query_text, const char *text)
{
	return form_read(s, "application/json", query_text, text,
	    strlen(text));
}

static void
json(void **state)
{
	char text[256], digest[IMAGE_DIGEST_LEN + 1];
	struct sent s;

	/* An image that is there. */
	assert_int_equal(form_read(&s, "", NULL, image.data, image.len), 0);
	memcpy(digest, s.d.image.sha256, sizeof(digest));
	sent_free(&s);
	snprintf(text, sizeof(text), "{\"image\":\"%s\",\"config\":"
	    "{\"memory\":48,\"arguments\":[\"x\"]}}", digest);
	assert_int_equal(json_read_text(&s, "digest=a", text), 0);
	assert_int_equal(s.d.config.memory, 48);
	assert_int_equal(s.d.config.narguments, 1);
	assert_true(s.d.has_image);
	assert_int_equal(s.d.image.size, image.len);
	sent_free(&s);
	/* Of another project. */
	digest[0] = digest[0] == '0' ? '1' : '0';
	snprintf(text, sizeof(text), "{\"image\":\"%s\"}", digest);
	assert_int_equal(json_read_text(&s, NULL, text), ERR_NOT_FOUND);
	assert_false(s.d.has_image);
	sent_free(&s);
}

static void
json_refused(void **state)
{
	static const struct { const char *query, *text, *field; } bad[] = {
		{ NULL, "{}", "image" },
		{ NULL, "{\"image\":\"x\"}", "image" },
		{ NULL, "{\"image\":1}", "image" },
		{ NULL, "{\"image\":\"x\",\"memory\":1}", "memory" },
		{ NULL, "{\"image\":\"x\",\"config\":{\"memory\":\"1\"}}",
		  "config.memory" },
		{ NULL, "{\"image\":\"x\",\"config\":{\"type\":\"bhyve\"}}",
		  "image" },
		{ "memory=1", "{\"image\":\"x\"}", "memory" },
	};
	struct sent s;

	for (size_t i = 0; i < COUNT(bad); i++) {
		assert_int_equal(json_read_text(&s, bad[i].query,
		    bad[i].text), ERR_INVALID);
		assert_string_equal(s.f.fields[0].field, bad[i].field);
		sent_free(&s);
	}
	assert_int_equal(json_read_text(&s, NULL, "{"), ERR_BAD_JSON);
	sent_free(&s);
}

/* ---- multipart ---- */

static void
put_part(struct buf *b, const char *name, const void *data, size_t len)
{
	buf_putf(b, "--x\r\nContent-Disposition: form-data; name=\"%s\"\r\n"
	    "\r\n", name);
	buf_put(b, data, len);
	buf_put_str(b, "\r\n");
}

/* A body of parts by their first letters: image, config or other. */
static int
parts_read(struct sent *s, const char *parts, const char *config)
{
	struct buf b;
	int err;

	buf_init(&b, 1 << 20);
	for (; *parts != '\0'; parts++) {
		if (*parts == 'i')
			put_part(&b, "image", image.data, image.len);
		else
			put_part(&b, *parts == 'c' ? "config" : "other",
			    config, strlen(config));
	}
	buf_put_str(&b, "--x--\r\n");
	assert_true(buf_ok(&b));
	err = form_read(s, "multipart/form-data; boundary=x", NULL, b.data,
		b.len);
	buf_free(&b);
	return err;
}

static void
multipart(void **state)
{
	static const char *const orders[] = { "ic", "ci", "i" };
	struct sent s;

	for (size_t i = 0; i < COUNT(orders); i++) {
		assert_int_equal(parts_read(&s, orders[i],
		    "{\"memory\":99}"), 0);
		assert_int_equal(s.d.config.memory,
		    strchr(orders[i], 'c') == NULL ? 32 : 99);
		assert_true(s.d.has_image);
		assert_int_equal(s.d.image.size, image.len);
		sent_free(&s);
	}
}

static void
multipart_refused(void **state)
{
	static const struct { const char *parts, *config, *field; } bad[] = {
		{ "c", "{}", "image" }, { "", "{}", "image" },
		{ "icc", "{}", "config" }, { "ici", "{}", "image" },
		{ "io", "{}", "other" },
		{ "ic", "{\"memory\":0}", "config.memory" },
		{ "ic", "{\"type\":\"bhyve\"}", "image" },
	};
	char big[70000];
	struct sent s;

	for (size_t i = 0; i < COUNT(bad); i++) {
		assert_int_equal(parts_read(&s, bad[i].parts, bad[i].config),
		    ERR_INVALID);
		assert_string_equal(s.f.fields[0].field, bad[i].field);
		sent_free(&s);
	}
	assert_int_equal(parts_read(&s, "ci", ""), ERR_BAD_JSON);
	sent_free(&s);
	memset(big, ' ', sizeof(big) - 1);
	big[sizeof(big) - 1] = '\0';
	assert_int_equal(parts_read(&s, "ci", big), ERR_TOO_LARGE);
	sent_free(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(query),
		cmocka_unit_test(defaults),
		cmocka_unit_test(query_refused),
		cmocka_unit_test(no_image),
		cmocka_unit_test(json),
		cmocka_unit_test(json_refused),
		cmocka_unit_test(multipart),
		cmocka_unit_test(multipart_refused),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
