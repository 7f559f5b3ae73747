/* SPDX-License-Identifier: ISC */
/*
 * One encoder, one decoder: whatever way a configuration takes, it comes back
 * as it was: through JSON, through the command of a create, through that of a
 * restart, and from what albatross reports of it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "albatross/error.h"
#include "albatross/json.h"
#include "tests/wire/random.h"

#define CONFIGURATIONS 2000
#define COMMAND_MAX (1024 * 1024)

/* BHyve's own fields now and then. */
static void
make(struct rng *r, struct alb_config *c)
{
	random_sane_config(r, c);
	if (rng_below(r, 4) > 0)
		return;
	c->type = ALB_BHYVE;
	c->has_numcpus = true;
	c->numcpus = 1 + (int64_t)rng_below(r, 8);
	if (rng_bool(r))
		c->boot_partition = strdup("msdos1");
}

static void
to_text(const struct alb_config *c, char *out, size_t size)
{
	struct json_object *o = alb_config_to_json(c);

	assert_non_null(o);
	snprintf(out, size, "%s", json_object_to_json_string_ext(o,
	    JSON_C_TO_STRING_PLAIN));
	json_object_put(o);
}

static void
from_text(const char *text, struct alb_config *c)
{
	struct fault f = { 0 };
	struct json_object *o = json_parse(text, strlen(text), &f);

	assert_non_null(o);
	alb_config_init(c);
	assert_int_equal(alb_config_from_json(o, "", c, &f), 0);
	json_object_put(o);
}

/* Through the extension of a certificate, as a command of that kind. */
static void
through_command(const struct alb_config *c, enum alb_command_kind kind,
	struct alb_config *out)
{
	struct alb_command sent, received;
	struct buf der;

	alb_command_init(&sent, kind);
	alb_config_free(&sent.config);
	sent.has_config = true;
	assert_int_equal(alb_config_copy(c, &sent.config), 0);
	buf_init(&der, COMMAND_MAX);
	assert_int_equal(alb_command_encode(&sent, &der), ALB_OK);
	assert_int_equal(alb_command_decode(der.data, der.len, &received),
	    ALB_OK);
	assert_int_equal(alb_config_copy(&received.config, out), 0);
	alb_command_free(&sent);
	alb_command_free(&received);
	buf_free(&der);
}

/* What JSON has no place for says the same: an empty list is none. */
static void
same(const struct alb_config *a, const struct alb_config *b, bool image)
{
	char x[16384], y[16384];

	to_text(a, x, sizeof(x));
	to_text(b, y, sizeof(y));
	if (image) {
		assert_string_equal(x, y);
		assert_int_equal(a->add_name, b->add_name);
	}
	assert_true(alb_config_reported_same(a, b));
	assert_true(alb_config_reported_same(b, a));
}

static void
nothing_is_lost(void **state)
{
	struct rng r = { .state = 20260714 };
	struct alb_config c, json, create, restart, both;
	char text[16384], again[16384];

	for (int i = 0; i < CONFIGURATIONS; i++) {
		make(&r, &c);
		to_text(&c, text, sizeof(text));
		from_text(text, &json);
		same(&c, &json, true);
		/* The text is always the same one. */
		to_text(&json, again, sizeof(again));
		assert_string_equal(text, again);
		through_command(&c, ALB_UNIKERNEL_CREATE, &create);
		same(&c, &create, false);
		through_command(&json, ALB_UNIKERNEL_CREATE, &both);
		assert_true(config_equal(&create, &both));
		/* A restart has no place for the type: it stays. */
		through_command(&c, ALB_UNIKERNEL_RESTART, &restart);
		restart.type = c.type;
		same(&c, &restart, false);
		alb_config_free(&c);
		alb_config_free(&json);
		alb_config_free(&create);
		alb_config_free(&restart);
		alb_config_free(&both);
	}
}

/* One field after the other: reported is no longer the same. */
static void
differs(const char *a, const char *b)
{
	struct alb_config x, y;

	from_text(a, &x);
	from_text(b, &y);
	if (alb_config_reported_same(&x, &y))
		fail_msg("%s is not %s", a, b);
	alb_config_free(&x);
	alb_config_free(&y);
}

static void
reported(const char *given, const char *shown)
{
	struct alb_config x, y;

	from_text(given, &x);
	from_text(shown, &y);
	if (!alb_config_reported_same(&x, &y))
		fail_msg("%s is shown as %s", given, shown);
	alb_config_free(&x);
	alb_config_free(&y);
}

static void
what_albatross_resolves(void **state)
{
	reported("{\"memory\":1}", "{\"memory\":1,\"startup\":50,"
	    "\"vcpus\":1,\"add_name\":false}");
	reported("{\"cpus\":[1,0]}", "{\"cpus\":[0,1]}");
	reported("{\"networks\":[{\"name\":\"a\"},{\"name\":\"b\","
	    "\"bridge\":\"br\"}]}", "{\"networks\":[{\"name\":\"b\","
	    "\"bridge\":\"br\",\"mac\":\"00:80:41:01:02:03\"},"
	    "{\"name\":\"a\",\"bridge\":\"a\"}]}");
	reported("{\"volumes\":[{\"name\":\"d\"}]}", "{\"volumes\":[{"
	    "\"name\":\"d\",\"volume\":\"d\",\"sector_size\":512}]}");
	reported("{\"fail_behaviour\":\"restart\",\"exit_codes\":[3,2]}",
	    "{\"fail_behaviour\":\"restart\",\"exit_codes\":[2,3]}");
}

static void
what_is_another(void **state)
{
	differs("{\"memory\":1}", "{\"memory\":2}");
	differs("{\"cpus\":[0]}", "{\"cpus\":[0,1]}");
	differs("{\"startup\":50}", "{\"startup\":51}");
	differs("{\"arguments\":[\"a\"]}", "{\"arguments\":[]}");
	differs("{\"arguments\":[\"a\",\"b\"]}",
	    "{\"arguments\":[\"b\",\"a\"]}");
	differs("{\"fail_behaviour\":\"restart\",\"exit_codes\":[]}",
	    "{\"fail_behaviour\":\"restart\",\"exit_codes\":[2]}");
	differs("{\"fail_behaviour\":\"restart\"}",
	    "{\"fail_behaviour\":\"quit\"}");
	differs("{\"networks\":[{\"name\":\"a\","
	    "\"mac\":\"00:80:41:01:02:03\"}]}", "{\"networks\":[{"
	    "\"name\":\"a\",\"mac\":\"00:80:41:01:02:04\"}]}");
	differs("{\"networks\":[{\"name\":\"a\"}]}",
	    "{\"networks\":[{\"name\":\"a\",\"bridge\":\"b\"}]}");
	differs("{\"volumes\":[{\"name\":\"d\"}]}", "{\"volumes\":[{"
	    "\"name\":\"d\",\"sector_size\":4096}]}");
	differs("{\"type\":\"bhyve\",\"vcpus\":2}", "{\"type\":\"bhyve\"}");
	differs("{\"type\":\"bhyve\",\"boot_partition\":\"p1\"}",
	    "{\"type\":\"bhyve\"}");
}

/* What a running unikernel was given need not be text. */
static void
what_is_no_text(void **state)
{
	static char word[] = "--a=\xff";
	char *list[] = { word };
	struct alb_config c;

	alb_config_init(&c);
	assert_true(alb_config_is_text(&c));
	c.arguments = list;
	c.narguments = 1;
	assert_false(alb_config_is_text(&c));
	c.arguments = NULL;
	c.narguments = 0;
	alb_config_free(&c);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_lost),
		cmocka_unit_test(what_albatross_resolves),
		cmocka_unit_test(what_is_another),
		cmocka_unit_test(what_is_no_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
