/* SPDX-License-Identifier: ISC */
/*
 * One encoder and one decoder: a configuration that goes through JSON, through
 * create, restart or an info reply, or through several of them, is the same
 * one afterwards; and the same one is always written the same.
 */
#include <inttypes.h>
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

#define ROUNDS 2500
#define SEED 20260801		/* MOLLYMAWK_SEED for another */
#define DER_MAX (1 << 20)

static struct rng rng = { SEED };

static char *
to_text(const struct alb_config *c)
{
	AUTO_JSON struct json_object *o = alb_config_to_json(c);
	char *text;

	assert_non_null(o);
	text = strdup(json_object_to_json_string_ext(o,
	    JSON_C_TO_STRING_PLAIN));
	assert_non_null(text);
	return text;
}

static void
from_text(const char *text, struct alb_config *c)
{
	struct fault f = { 0 };
	AUTO_JSON struct json_object *o = json_parse(text, strlen(text), &f);

	if (o == NULL)
		fail_msg("%s: %s", f.detail, text);
	alb_config_init(c);
	if (alb_config_from_json(o, "", c, &f) != 0)
		fail_msg("%s %s: %s", f.fields[0].field, f.fields[0].message,
		    text);
}

/* A command around a configuration, which stays the caller's. */
static struct alb_command
command_of(enum alb_command_kind kind, const struct alb_config *c)
{
	struct alb_command command;

	alb_command_init(&command, kind);
	command.config = *c;
	command.has_config = kind == ALB_UNIKERNEL_RESTART;
	return command;
}

static struct buf
to_der(enum alb_command_kind kind, const struct alb_config *c)
{
	struct alb_command command = command_of(kind, c);
	struct buf out;

	buf_init(&out, DER_MAX);
	assert_int_equal(alb_command_encode(&command, &out), ALB_OK);
	return out;
}

/* Behind the version: unikernel [3], then the form. */
static void
assert_form(const struct buf *der, uint8_t form)
{
	size_t i = 2;

	if (der->data[1] > 0x80)
		i += der->data[1] & 0x7f;
	assert_memory_equal(der->data + i, "\x02\x01\x05\xa3", 4);
	i += 5;
	if (der->data[i - 1] > 0x80)
		i += der->data[i - 1] & 0x7f;
	assert_int_equal(der->data[i], form);
}

static void
assert_equal(const struct alb_config *a, const struct alb_config *b)
{
	char *x, *y;

	if (config_equal(a, b))
		return;
	x = to_text(a);
	y = to_text(b);
	fail_msg("%s\nis not\n%s", x, y);
}

static void
through_json(const struct alb_config *c)
{
	char *text = to_text(c), *text_again;
	struct alb_config again;

	from_text(text, &again);
	assert_equal(c, &again);
	text_again = to_text(&again);
	assert_string_equal(text, text_again);
	alb_config_free(&again);
	free(text);
	free(text_again);
}

/* restart: what a restart has no place for is taken from c. */
static void
through_der(enum alb_command_kind kind, const struct alb_config *c)
{
	struct buf der = to_der(kind, c), der_again;
	struct alb_command command;
	char *text = to_text(c), *text_again;

	assert_form(&der, kind == ALB_UNIKERNEL_RESTART ? 0xae : 0xb4);
	assert_int_equal(alb_command_decode(der.data, der.len, &command),
	    ALB_OK);
	if (kind == ALB_UNIKERNEL_RESTART)
		command.config.type = c->type;
	assert_equal(c, &command.config);
	text_again = to_text(&command.config);
	assert_string_equal(text, text_again);
	der_again = to_der(kind, &command.config);
	assert_int_equal(der.len, der_again.len);
	assert_memory_equal(der.data, der_again.data, der.len);
	alb_command_free(&command);
	buf_free(&der);
	buf_free(&der_again);
	free(text);
	free(text_again);
}

static void
through_json_then_der(enum alb_command_kind kind, const struct alb_config *c)
{
	struct buf der = to_der(kind, c), der_again;
	char *text = to_text(c);
	struct alb_config again;

	from_text(text, &again);
	der_again = to_der(kind, &again);
	assert_int_equal(der.len, der_again.len);
	assert_memory_equal(der.data, der_again.data, der.len);
	alb_config_free(&again);
	buf_free(&der);
	buf_free(&der_again);
	free(text);
}

/* What info says, which the wire has no add_name for. */
static void
through_info(const struct alb_config *c)
{
	struct alb_wire w, again;
	struct buf der;

	alb_wire_init(&w, ALB_PAYLOAD_INFOS);
	w.level = ALB_LEVEL_2_7;
	w.infos = calloc(1, sizeof(*w.infos));
	assert_non_null(w.infos);
	w.ninfos = 1;
	w.infos[0].started_millis = -1;
	assert_int_equal(alb_config_copy(c, &w.infos[0].config), ALB_OK);
	resolve_config(&rng, &w.infos[0].config);
	buf_init(&der, DER_MAX);
	assert_int_equal(alb_wire_encode(&w, &der), ALB_OK);
	assert_int_equal(alb_wire_decode(der.data, der.len, &again), ALB_OK);
	assert_equal(&w.infos[0].config, &again.infos[0].config);
	alb_wire_free(&w);
	/* Sizes of volumes are of the reply, not of the configuration. */
	for (size_t i = 0; i < again.infos[0].config.nblocks; i++)
		again.infos[0].config.blocks[i].size = 0;
	through_json(&again.infos[0].config);
	alb_wire_free(&again);
	buf_free(&der);
}

static void
random_configs(void **state)
{
	struct alb_config c;
	struct fault f;
	size_t i;

	for (i = 0; i < ROUNDS; i++) {
		f = (struct fault){ 0 };
		random_sane_config(&rng, &c);
		if (alb_config_check(&c, &f) != 0)
			fail_msg("%s %s", f.fields[0].field,
			    f.fields[0].message);
		assert_true(alb_config_is_text(&c));
		through_json(&c);
		through_der(ALB_UNIKERNEL_CREATE, &c);
		through_der(ALB_UNIKERNEL_RESTART, &c);
		through_json_then_der(ALB_UNIKERNEL_CREATE, &c);
		through_json_then_der(ALB_UNIKERNEL_RESTART, &c);
		through_info(&c);
		alb_config_free(&c);
	}
}

static void
shuffle(void *items, size_t n, size_t size)
{
	char *at = items, keep[sizeof(struct alb_block)];
	size_t i, k;

	assert_true(size <= sizeof(keep));
	for (i = n; i > 1; i--) {
		k = rng_below(&rng, i);
		memcpy(keep, at + k * size, size);
		memmove(at + k * size, at + (i - 1) * size, size);
		memcpy(at + (i - 1) * size, keep, size);
	}
}

/* Sets in any order are the same bytes, in JSON as in DER. */
static void
canonical(void **state)
{
	struct alb_config c;
	char *text, *text_again;
	struct buf der, der_again;
	size_t i;

	for (i = 0; i < ROUNDS; i++) {
		random_sane_config(&rng, &c);
		text = to_text(&c);
		der = to_der(ALB_UNIKERNEL_CREATE, &c);
		shuffle(c.cpus, c.ncpus, sizeof(*c.cpus));
		shuffle(c.exit_codes, c.nexit_codes, sizeof(*c.exit_codes));
		shuffle(c.blocks, c.nblocks, sizeof(*c.blocks));
		shuffle(c.nets, c.nnets, sizeof(*c.nets));
		text_again = to_text(&c);
		der_again = to_der(ALB_UNIKERNEL_CREATE, &c);
		assert_string_equal(text, text_again);
		assert_int_equal(der.len, der_again.len);
		assert_memory_equal(der.data, der_again.data, der.len);
		alb_config_free(&c);
		buf_free(&der);
		buf_free(&der_again);
		free(text);
		free(text_again);
	}
}

#define TEXT "{\"type\":\"bhyve\",\"memory\":512,\"cpus\":[0,3,12],"	\
	"\"startup\":50,\"add_name\":false,"				\
	"\"fail_behaviour\":\"restart\",\"exit_codes\":[2,30],"		\
	"\"arguments\":[\"\",\"\\\"\\u0001\\n\\\\ \xc3\xa4\"],"		\
	"\"networks\":[{\"name\":\"0\",\"bridge\":\"br0\","		\
	"\"mac\":\"00:80:41:00:aa:ff\"},{\"name\":\"2\"},"		\
	"{\"name\":\"10\"}],\"volumes\":[{\"name\":\"0\","		\
	"\"volume\":\"os\",\"sector_size\":4096}],\"vcpus\":2,"		\
	"\"boot_partition\":\"msdos1\"}"

/* The text itself, so that what is kept stays readable. */
static void
written(void **state)
{
	struct alb_config c;
	char *text;

	from_text(TEXT, &c);
	text = to_text(&c);
	assert_string_equal(text, TEXT);
	free(text);
	alb_config_free(&c);
	from_text("{\"exit_codes\":[3,1],\"fail_behaviour\":\"restart\","
	    "\"cpus\":[5,5,1],\"memory\":1,\"networks\":[{\"name\":\"b\"},"
	    "{\"name\":\"10\"},{\"name\":\"9\"},{\"name\":\"B\"}],"
	    "\"startup\":null}", &c);
	text = to_text(&c);
	assert_string_equal(text, "{\"type\":\"solo5\",\"memory\":1,"
	    "\"cpus\":[1,5],\"add_name\":true,\"fail_behaviour\":\"restart\","
	    "\"exit_codes\":[1,3],\"arguments\":[],\"networks\":["
	    "{\"name\":\"9\"},{\"name\":\"10\"},{\"name\":\"B\"},"
	    "{\"name\":\"b\"}],\"volumes\":[]}");
	free(text);
	alb_config_free(&c);
}

/* A list that was sent empty says the same as none. */
static void
empty_lists(void **state)
{
	struct alb_config c;
	char *none, *empty;

	alb_config_init(&c);
	none = to_text(&c);
	c.has_arguments = c.has_blocks = c.has_nets = true;
	empty = to_text(&c);
	assert_string_equal(none, empty);
	free(none);
	free(empty);
}

/* What JSON can not carry is told before it is lost. */
static void
not_text(void **state)
{
	struct alb_config c, again;
	struct fault f = { 0 };
	char *text;

	from_text("{\"memory\":1,\"cpus\":[0],\"arguments\":[\"a\"]}", &c);
	assert_int_equal(alb_config_check(&c, &f), 0);
	c.arguments[0][0] = (char)0xe4;
	assert_false(alb_config_is_text(&c));
	assert_int_equal(alb_config_check(&c, &f), ERR_INVALID);
	assert_int_equal(f.nfields, 1);
	assert_string_equal(f.fields[0].field, "arguments[0]");
	text = to_text(&c);
	from_text(text, &again);
	assert_false(config_equal(&c, &again));
	free(text);
	alb_config_free(&c);
	alb_config_free(&again);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_configs),
		cmocka_unit_test(canonical),
		cmocka_unit_test(written),
		cmocka_unit_test(empty_lists),
		cmocka_unit_test(not_text),
	};
	const char *seed = getenv("MOLLYMAWK_SEED");
	int64_t number;

	if (seed != NULL && int_parse(seed, 1, INT64_MAX, &number) == 0)
		rng.state = number;
	print_message("# seed %" PRIu64 "\n", rng.state);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
