/* SPDX-License-Identifier: ISC */
/*
 * alb_command: the form each level takes, what a client may send, and JSON.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "albatross/error.h"
#include "albatross/json.h"
#include "base/text.h"
#include "tests/wire/random.h"

static void
names(void **state)
{
	int i;

	for (i = 0; i < ALB_COMMAND_KINDS; i++)
		assert_int_equal(alb_command_kind_parse(alb_command_name(i)),
		    i);
	assert_int_equal(alb_command_kind_parse("unikernel"), -1);
	for (i = 0; i <= ALB_LEVEL_NEWEST; i++)
		assert_int_equal(alb_level_parse(alb_level_text(i)), i);
	assert_int_equal(alb_level_parse("2.2"), -1);
	assert_string_equal(alb_command_name(ALB_UNIKERNEL_CREATE),
	    "unikernel-create");
	assert_string_equal(alb_command_name(ALB_BLOCK_DUMP), "block-dump");
}

/* The tags behind the version: what command, and which form of it. */
static void
assert_form(const struct alb_command *c, uint8_t outer, uint8_t inner)
{
	struct buf out;
	const uint8_t *at;

	buf_init(&out, 4096);
	assert_int_equal(alb_command_encode(c, &out), ALB_OK);
	at = memchr(out.data + 4, outer, out.len - 4);
	assert_non_null(at);
	assert_true(at[1] < 0x80);
	assert_int_equal(at[2], inner);
	buf_free(&out);
}

static void
levels(void **state)
{
	static const uint8_t info[] = { 0xa7, 0xad, 0xaf, 0xaf, 0xb2, 0xb3 };
	static const uint8_t create[] = { 0xa9, 0xa9, 0xa9, 0xa9, 0xb0, 0xb4 };
	static const uint8_t force[] = { 0xaa, 0xaa, 0xaa, 0xaa, 0xb1, 0xb5 };
	static const uint8_t restart[] = { 0xac, 0xac, 0xae, 0xae, 0xae, 0xae };
	static const uint8_t set[] = { 0xa4, 0xa4, 0xa4, 0xa7, 0xa7, 0xa7 };
	static const uint8_t dump[] = { 0xa5, 0xa5, 0xa5, 0xa6, 0xa6, 0xa6 };
	static const uint8_t lines[] = { 0xa1, 0xa2, 0xa2, 0xa2, 0xa2, 0xa2 };
	struct alb_command c;
	int64_t cpu = 0;

	alb_command_init(&c, ALB_UNIKERNEL_INFO);
	c.config.cpus = &cpu;
	c.config.ncpus = 1;
	for (c.level = ALB_LEVEL_2_0; c.level <= ALB_LEVEL_NEWEST; c.level++) {
		c.kind = ALB_UNIKERNEL_INFO;
		assert_form(&c, 0xa3, info[c.level]);
		c.kind = ALB_UNIKERNEL_CREATE;
		assert_form(&c, 0xa3, create[c.level]);
		c.kind = ALB_UNIKERNEL_FORCE_CREATE;
		assert_form(&c, 0xa3, force[c.level]);
		c.kind = ALB_UNIKERNEL_RESTART;
		assert_form(&c, 0xa3, restart[c.level]);
		c.kind = ALB_BLOCK_SET;
		assert_form(&c, 0xa5, set[c.level]);
		c.kind = ALB_BLOCK_DUMP;
		assert_form(&c, 0xa5, dump[c.level]);
		c.kind = ALB_BLOCK_ADD;
		assert_form(&c, 0xa5, 0xa1);
		c.kind = ALB_CONSOLE_SUBSCRIBE;
		assert_form(&c, 0xa0, lines[c.level]);
	}
}

/* What an older form has no place for must not get lost on the way. */
static void
no_form(void **state)
{
	struct alb_command c;
	int64_t cpus[] = { 0, 1 };
	uint8_t image[] = { 1 };
	struct buf out;

	buf_init(&out, 4096);
	buf_put_str(&out, "before");
	alb_command_init(&c, ALB_UNIKERNEL_CREATE);
	c.config.cpus = cpus;
	c.config.ncpus = 2;
	c.level = ALB_LEVEL_2_6;
	assert_int_equal(alb_command_encode(&c, &out), ALB_INVALID);
	c.config.ncpus = 0;
	assert_int_equal(alb_command_encode(&c, &out), ALB_INVALID);
	c.config.ncpus = 1;
	c.config.has_numcpus = true;
	c.config.numcpus = 2;
	assert_int_equal(alb_command_encode(&c, &out), ALB_INVALID);
	c.config.numcpus = 1;
	assert_int_equal(alb_command_encode(&c, &out), ALB_OK);
	out.len = 6;
	c.config.memory = INT64_C(1) << 62;
	assert_int_equal(alb_command_encode(&c, &out), ALB_INVALID);
	c.config.memory = 1;
	c.kind = ALB_UNIKERNEL_RESTART;
	c.has_config = true;
	c.level = ALB_LEVEL_2_1;
	assert_int_equal(alb_command_encode(&c, &out), ALB_INVALID);
	c.kind = ALB_BLOCK_ADD;
	c.image = image;
	c.image_len = 1;
	assert_int_equal(alb_command_encode(&c, &out), ALB_INVALID);
	assert_int_equal(out.len, 6);
	buf_free(&out);
	buf_init(&out, 8);
	assert_int_equal(alb_command_encode(&c, &out), ALB_INVALID);
	c.old_form = true;
	assert_int_equal(alb_command_encode(&c, &out), ALB_NO_MEMORY);
	assert_int_equal(out.len, 0);
	buf_free(&out);
}

/* Passes, or has exactly one fault, at this field. */
static void
expect(const struct alb_command *c, const char *label, const char *field)
{
	struct fault f = { 0 };
	int rc = alb_command_check(c, label, &f);

	if (field == NULL) {
		assert_int_equal(rc, 0);
		return;
	}
	assert_int_equal(rc, ERR_INVALID);
	assert_int_equal(f.nfields, 1);
	assert_string_equal(f.fields[0].field, field);
}

static void
sound(struct alb_command *c, enum alb_command_kind kind, int64_t *cpus)
{
	alb_command_init(c, kind);
	c->count = 40;
	c->size = 10;
	c->config.memory = 32;
	c->config.cpus = cpus;
	c->config.ncpus = 1;
}

static void
labels(void **state)
{
	static const struct {
		enum alb_command_kind kind;
		bool with, without;
	} rules[] = {
		{ ALB_CONSOLE_SUBSCRIBE, true, false },
		{ ALB_CONSOLE_INACTIVE, false, true },
		{ ALB_STATS_SUBSCRIBE, true, true },
		{ ALB_UNIKERNEL_INFO, true, true },
		{ ALB_UNIKERNEL_CREATE, true, false },
		{ ALB_UNIKERNEL_FORCE_CREATE, true, false },
		{ ALB_UNIKERNEL_RESTART, true, false },
		{ ALB_UNIKERNEL_DESTROY, true, false },
		{ ALB_UNIKERNEL_GET, true, false },
		{ ALB_POLICY_INFO, true, true },
		{ ALB_BLOCK_INFO, true, true },
		{ ALB_BLOCK_ADD, true, false },
		{ ALB_BLOCK_REMOVE, true, false },
		{ ALB_BLOCK_SET, true, false },
		{ ALB_BLOCK_DUMP, true, false },
	};
	static const char *const bad[] = {
		".", ":", "..", "-a", "A", "a_b", "a:b", "a b"
	};
	int64_t cpu = 0;
	struct alb_command c;
	size_t i, k;

	for (i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
		sound(&c, rules[i].kind, &cpu);
		expect(&c, "hello", rules[i].with ? NULL : "name");
		expect(&c, "", rules[i].without ? NULL : "name");
		for (k = 0; k < sizeof(bad) / sizeof(bad[0]); k++)
			expect(&c, bad[k], "name");
	}
}

static void
not_for_clients(void **state)
{
	static const enum alb_command_kind kinds[] = {
		ALB_CONSOLE_ADD, ALB_STATS_ADD, ALB_STATS_REMOVE
	};
	struct alb_command c;
	int64_t cpu = 0;
	size_t i;

	for (i = 0; i < 3; i++) {
		sound(&c, kinds[i], &cpu);
		expect(&c, "hello", "kind");
	}
	sound(&c, ALB_STATS_INITIAL, &cpu);
	expect(&c, "", "kind");
	sound(&c, ALB_POLICY_ADD, &cpu);
	expect(&c, "", "kind");
	sound(&c, ALB_POLICY_REMOVE, &cpu);
	expect(&c, "", "kind");
}

static void
limits(void **state)
{
	static const int64_t counts[] = { 0, -1, 1025, INT64_MAX, INT64_MIN };
	static const int64_t compressions[] = { -1, 10, INT64_MAX, INT64_MIN };
	struct alb_command c;
	int64_t cpu = 0;
	size_t i;

	sound(&c, ALB_CONSOLE_SUBSCRIBE, &cpu);
	for (i = 0; i < 5; i++) {
		c.count = counts[i];
		expect(&c, "hello", "count");
	}
	c.has_since = true;
	expect(&c, "hello", NULL);
	c.since = -1;
	expect(&c, "hello", "since");
	for (i = 0; i < 4; i++) {
		sound(&c, ALB_UNIKERNEL_GET, &cpu);
		c.compression = compressions[i];
		expect(&c, "hello", "compression");
		c.kind = ALB_BLOCK_DUMP;
		expect(&c, "hello", "compression");
	}
	sound(&c, ALB_BLOCK_ADD, &cpu);
	c.size = 0;
	expect(&c, "data", "size");
	c.size = -1;
	expect(&c, "data", "size");
}

static void
configs(void **state)
{
	struct alb_command c;
	int64_t cpus[] = { 0, 1 };
	uint8_t image[] = { 0x7f };

	sound(&c, ALB_UNIKERNEL_CREATE, cpus);
	c.config.memory = 0;
	expect(&c, "hello", "config.memory");
	c.kind = ALB_UNIKERNEL_RESTART;
	expect(&c, "hello", NULL);
	c.has_config = true;
	expect(&c, "hello", "config.memory");
	c.config.memory = 32;
	c.level = ALB_LEVEL_2_1;
	expect(&c, "hello", "config");
	sound(&c, ALB_UNIKERNEL_FORCE_CREATE, cpus);
	c.config.ncpus = 2;
	expect(&c, "hello", NULL);
	c.level = ALB_LEVEL_2_6;
	expect(&c, "hello", "config.cpus");
	c.config.ncpus = 1;
	expect(&c, "hello", NULL);
	c.level = ALB_LEVEL_2_4;
	expect(&c, "hello", "image");
	c.image = image;
	c.image_len = 1;
	expect(&c, "hello", NULL);
	sound(&c, ALB_BLOCK_SET, cpus);
	expect(&c, "hello", NULL);
	c.level = ALB_LEVEL_2_4;
	expect(&c, "hello", "image");
}

static void
bhyve_image(void **state)
{
	struct alb_command c;
	int64_t cpu = 0;
	uint8_t image[] = { 0x7f };
	char zero[] = "0", os[] = "os";
	struct alb_block boot = { .name = zero, .volume = os };

	sound(&c, ALB_UNIKERNEL_CREATE, &cpu);
	c.config.type = ALB_BHYVE;
	c.config.blocks = &boot;
	c.config.nblocks = 1;
	expect(&c, "hello", NULL);
	c.image = image;
	c.image_len = 1;
	expect(&c, "hello", "image");
	c.image_len = 0;
	c.level = ALB_LEVEL_2_6;
	expect(&c, "hello", "config.type");
}

static void
uploads(void **state)
{
	struct alb_command c;
	int64_t cpu = 0;

	sound(&c, ALB_UNIKERNEL_CREATE, &cpu);
	assert_true(alb_command_uploads(&c));
	c.kind = ALB_UNIKERNEL_FORCE_CREATE;
	assert_true(alb_command_uploads(&c));
	c.image_len = 1;
	assert_false(alb_command_uploads(&c));
	c.kind = ALB_BLOCK_SET;
	assert_true(alb_command_uploads(&c));
	c.level = ALB_LEVEL_2_4;
	assert_false(alb_command_uploads(&c));
	c.kind = ALB_UNIKERNEL_INFO;
	assert_false(alb_command_uploads(&c));
}

static int
read_command(const char *text, struct alb_command *c, struct fault *f)
{
	struct json_object *o = json_parse(text, strlen(text), f);
	int rc;

	assert_non_null(o);
	alb_command_init(c, ALB_UNIKERNEL_INFO);
	rc = alb_command_from_json(o, c, f);
	json_object_put(o);
	return rc;
}

static void
json_again(void **state)
{
	static const char *const texts[] = {
		"{\"kind\":\"unikernel-info\",\"level\":\"2.6\"}",
		"{\"kind\":\"unikernel-create\",\"config\":{\"memory\":32,"
		"\"cpus\":[0]},\"compressed\":true}",
		"{\"kind\":\"unikernel-restart\"}",
		"{\"kind\":\"unikernel-restart\",\"config\":{\"memory\":32,"
		"\"cpus\":[0]}}",
		"{\"kind\":\"unikernel-get\",\"compression\":9}",
		"{\"kind\":\"console-subscribe\",\"count\":40}",
		"{\"kind\":\"console-subscribe\","
		"\"since\":\"2026-07-14T09:08:07.123Z\"}",
		"{\"kind\":\"block-add\",\"size\":10}",
		"{\"kind\":\"block-set\",\"compressed\":true}",
		"{\"kind\":\"block-dump\"}",
	};
	struct alb_command c, again;
	struct json_object *o;
	struct fault f = { 0 };
	size_t i;

	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		assert_int_equal(read_command(texts[i], &c, &f), 0);
		o = alb_command_to_json(&c);
		alb_command_init(&again, ALB_UNIKERNEL_INFO);
		assert_int_equal(alb_command_from_json(o, &again, &f), 0);
		assert_true(command_equal(&c, &again));
		json_object_put(o);
		alb_command_free(&c);
		alb_command_free(&again);
	}
}

static void
json_faults(void **state)
{
	static const struct {
		const char *text, *field;
	} bad[] = {
		{ "{}", "kind" },
		{ "{\"kind\":\"unikernel\"}", "kind" },
		{ "{\"kind\":\"unikernel-info\",\"level\":\"2.8\"}", "level" },
		{ "{\"kind\":\"unikernel-info\",\"count\":1}", "count" },
		{ "{\"kind\":\"unikernel-create\"}", "config" },
		{ "{\"kind\":\"unikernel-create\",\"config\":{\"memory\":0}}",
		  "config.memory" },
		{ "{\"kind\":\"block-dump\",\"compression\":10}",
		  "compression" },
		{ "{\"kind\":\"console-subscribe\",\"count\":1025}", "count" },
		{ "{\"kind\":\"console-subscribe\",\"count\":1,"
		  "\"since\":\"2026-07-14T09:08:07Z\"}", "since" },
		{ "{\"kind\":\"console-subscribe\",\"since\":\"today\"}",
		  "since" },
		{ "{\"kind\":\"block-add\",\"size\":0}", "size" },
		{ "{\"kind\":\"block-info\",\"image\":\"\"}", "image" },
	};
	struct alb_command c;
	struct fault f;
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		f = (struct fault){ 0 };
		assert_int_equal(read_command(bad[i].text, &c, &f),
		    ERR_INVALID);
		assert_int_equal(f.nfields, 1);
		assert_string_equal(f.fields[0].field, bad[i].field);
		alb_command_free(&c);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names),
		cmocka_unit_test(levels),
		cmocka_unit_test(no_form),
		cmocka_unit_test(labels),
		cmocka_unit_test(not_for_clients),
		cmocka_unit_test(limits),
		cmocka_unit_test(configs),
		cmocka_unit_test(bhyve_image),
		cmocka_unit_test(uploads),
		cmocka_unit_test(json_again),
		cmocka_unit_test(json_faults),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
