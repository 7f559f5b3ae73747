/* SPDX-License-Identifier: ISC */
/*
 * Whether what info reports is what was deployed: each field and default that
 * albatross resolves, and everything that makes a difference.
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
#include "tests/wire/random.h"

#define ROUNDS 2000

static void
read_config(const char *text, struct alb_config *c)
{
	struct fault f = { 0 };
	struct json_object *o = json_parse(text, strlen(text), &f);

	assert_non_null(o);
	alb_config_init(c);
	assert_int_equal(alb_config_from_json(o, "", c, &f), 0);
	json_object_put(o);
}

static bool
same(const char *deployed, const char *reported)
{
	struct alb_config c, r;
	bool is;

	read_config(deployed, &c);
	read_config(reported, &r);
	is = alb_config_reported_same(&c, &r);
	alb_config_free(&c);
	alb_config_free(&r);
	return is;
}

#define BASE "\"memory\":32,\"cpus\":[0]"
#define SAME(a, b) assert_true(same("{" BASE a "}", "{" BASE b "}"))
#define OTHER(a, b) assert_false(same("{" BASE a "}", "{" BASE b "}"))

static void
numbers(void **state)
{
	SAME("", "");
	SAME("", ",\"startup\":50");
	SAME(",\"startup\":50", "");
	SAME(",\"startup\":0", ",\"startup\":0");
	OTHER("", ",\"startup\":0");
	OTHER(",\"startup\":49", "");
	SAME("", ",\"vcpus\":1");
	SAME(",\"vcpus\":1", "");
	OTHER("", ",\"vcpus\":2");
	SAME(",\"add_name\":false", "");
	SAME(",\"add_name\":true", ",\"add_name\":false");
	assert_false(same("{" BASE "}", "{\"memory\":33,\"cpus\":[0]}"));
	OTHER("", ",\"type\":\"bhyve\"");
	OTHER(",\"boot_partition\":\"msdos1\"", "");
	OTHER("", ",\"boot_partition\":\"msdos1\"");
	OTHER(",\"boot_partition\":\"msdos2\"",
	    ",\"boot_partition\":\"msdos1\"");
}

static void
sets(void **state)
{
	assert_true(same("{\"cpus\":[3,0]}", "{\"cpus\":[0,3]}"));
	assert_true(same("{\"cpus\":[3,0,3]}", "{\"cpus\":[0,3]}"));
	assert_false(same("{\"cpus\":[3]}", "{\"cpus\":[0,3]}"));
	assert_false(same("{\"cpus\":[0,3]}", "{\"cpus\":[3]}"));
	assert_false(same("{\"cpus\":[0,3]}", "{\"cpus\":[0,4]}"));
#define ON(codes) ",\"fail_behaviour\":\"restart\",\"exit_codes\":" codes
	SAME(ON("[]"), ON("[]"));
	SAME(ON("[3,2]"), ON("[2,3]"));
	SAME(ON("[]"), ",\"fail_behaviour\":\"restart\"");
	OTHER(ON("[3]"), ON("[]"));
	OTHER(ON("[]"), ON("[3]"));
	OTHER(ON("[]"), "");
	OTHER("", ON("[]"));
}

static void
arguments(void **state)
{
#define ARGS(list) ",\"arguments\":" list
	SAME(ARGS("[]"), "");
	SAME("", ARGS("[]"));
	SAME(ARGS("[\"a\",\"\"]"), ARGS("[\"a\",\"\"]"));
	OTHER(ARGS("[\"a\",\"b\"]"), ARGS("[\"b\",\"a\"]"));
	OTHER(ARGS("[\"a\"]"), ARGS("[\"a\",\"\"]"));
	OTHER(ARGS("[\"\"]"), "");
	OTHER(ARGS("[\"\\u00e4\"]"), ARGS("[\"a\\u0308\"]"));
}

#define MAC(last) ",\"mac\":\"00:80:41:00:00:" last "\""

static void
networks(void **state)
{
#define NETS(list) ",\"networks\":[" list "]"
	SAME(NETS(""), "");
	SAME("", NETS(""));
	SAME(NETS("{\"name\":\"a\"}"),
	    NETS("{\"name\":\"a\",\"bridge\":\"a\"" MAC("01") "}"));
	SAME(NETS("{\"name\":\"a\",\"bridge\":\"a\"" MAC("01") "}"),
	    NETS("{\"name\":\"a\"" MAC("01") "}"));
	SAME(NETS("{\"name\":\"a\"},{\"name\":\"b\",\"bridge\":\"c\"}"),
	    NETS("{\"name\":\"b\",\"bridge\":\"c\"},{\"name\":\"a\"}"));
	OTHER(NETS("{\"name\":\"a\"}"),
	    NETS("{\"name\":\"a\",\"bridge\":\"b\"" MAC("01") "}"));
	OTHER(NETS("{\"name\":\"a\",\"bridge\":\"b\"}"),
	    NETS("{\"name\":\"a\"" MAC("01") "}"));
	OTHER(NETS("{\"name\":\"a\"" MAC("01") "}"),
	    NETS("{\"name\":\"a\"" MAC("02") "}"));
	OTHER(NETS("{\"name\":\"a\"" MAC("01") "}"), NETS("{\"name\":\"a\"}"));
	OTHER(NETS("{\"name\":\"a\"}"), "");
	OTHER("", NETS("{\"name\":\"a\"}"));
	OTHER(NETS("{\"name\":\"a\"}"), NETS("{\"name\":\"b\"}"));
}

static void
volumes(void **state)
{
#define VOLS(list) ",\"volumes\":[" list "]"
	SAME(VOLS(""), "");
	SAME("", VOLS(""));
	SAME(VOLS("{\"name\":\"a\"}"),
	    VOLS("{\"name\":\"a\",\"volume\":\"a\",\"sector_size\":512}"));
	SAME(VOLS("{\"name\":\"a\",\"volume\":\"a\",\"sector_size\":512}"),
	    VOLS("{\"name\":\"a\"}"));
	SAME(VOLS("{\"name\":\"a\"},{\"name\":\"b\",\"sector_size\":4096}"),
	    VOLS("{\"name\":\"b\",\"sector_size\":4096},{\"name\":\"a\"}"));
	OTHER(VOLS("{\"name\":\"a\"}"),
	    VOLS("{\"name\":\"a\",\"sector_size\":4096}"));
	OTHER(VOLS("{\"name\":\"a\",\"sector_size\":4096}"),
	    VOLS("{\"name\":\"a\"}"));
	OTHER(VOLS("{\"name\":\"a\",\"volume\":\"x\"}"),
	    VOLS("{\"name\":\"a\",\"volume\":\"y\"}"));
	OTHER(VOLS("{\"name\":\"a\"}"), "");
	OTHER("", VOLS("{\"name\":\"a\"}"));
}

static void
bhyve(void **state)
{
#define GUEST(part, rest) "{" BASE ",\"type\":\"bhyve\",\"vcpus\":2,"	\
	"\"boot_partition\":\"" part "\",\"volumes\":[{\"name\":\"0\","	\
	"\"volume\":\"os\"" rest "}]}"
	assert_true(same(GUEST("msdos1", ""),
	    GUEST("msdos1", ",\"sector_size\":512")));
	assert_false(same(GUEST("msdos1", ""), GUEST("msdos2", "")));
}

/* Through a true info reply of the newest form. */
static void
report(struct rng *r, const struct alb_config *c, struct alb_wire *again)
{
	struct alb_wire w;
	struct buf out;

	alb_wire_init(&w, ALB_PAYLOAD_INFOS);
	w.level = ALB_LEVEL_2_7;
	w.infos = calloc(1, sizeof(*w.infos));
	assert_non_null(w.infos);
	w.ninfos = 1;
	assert_int_equal(alb_config_copy(c, &w.infos[0].config), ALB_OK);
	memcpy(w.infos[0].name.label, "hello", 6);
	resolve_config(r, &w.infos[0].config);
	buf_init(&out, 1 << 20);
	assert_int_equal(alb_wire_encode(&w, &out), ALB_OK);
	alb_wire_free(&w);
	assert_int_equal(alb_wire_decode(out.data, out.len, again), ALB_OK);
	buf_free(&out);
}

static void
set(char **s, const char *value)
{
	free(*s);
	*s = strdup(value);
	assert_non_null(*s);
}

/* Changes one thing that is told; false when c has none of its kind. */
static bool
spoil(struct rng *r, struct alb_config *c)
{
	switch (rng_below(r, 12)) {
	case 0:
		c->memory++;
		return true;
	case 1:
		c->startup = c->has_startup ? (c->startup + 1) % 101 : 51;
		c->has_startup = true;
		return true;
	case 2:
		c->cpus[0] = ALB_CPUS_MAX;
		return true;
	case 3:
		c->restart = !c->restart;
		return true;
	case 4:
		c->numcpus = c->has_numcpus ? c->numcpus + 1 : 2;
		c->has_numcpus = true;
		return true;
	case 5:
		c->type = c->type == ALB_BHYVE ? ALB_SOLO5 : ALB_BHYVE;
		return true;
	case 6:
		set(&c->boot_partition, "other");
		return true;
	case 7:
		if (c->narguments > 0)
			set(&c->arguments[c->narguments - 1], "other");
		return c->narguments > 0;
	case 8:
		if (c->nnets > 0)
			set(&c->nets[0].bridge, "other");
		return c->nnets > 0;
	case 9:
		if (c->nnets > 0 && c->nets[0].has_mac)
			c->nets[0].mac[3] ^= 1;
		return c->nnets > 0 && c->nets[0].has_mac;
	case 10:
		if (c->nblocks > 0)
			set(&c->blocks[0].volume, "other");
		return c->nblocks > 0;
	default:
		if (c->nexit_codes > 0)
			c->exit_codes[0] = 256;
		return c->nexit_codes > 0;
	}
}

static void
random_configs(void **state)
{
	struct rng r = { 20260801 };
	struct alb_config c;
	struct alb_wire w;
	size_t i, spoilt = 0;

	for (i = 0; i < ROUNDS; i++) {
		random_sane_config(&r, &c);
		report(&r, &c, &w);
		assert_true(alb_config_reported_same(&c, &w.infos[0].config));
		if (spoil(&r, &c)) {
			spoilt++;
			assert_false(alb_config_reported_same(&c,
			    &w.infos[0].config));
		}
		alb_wire_free(&w);
		alb_config_free(&c);
	}
	assert_true(spoilt > ROUNDS / 2);
}

static void
text(void **state)
{
	struct alb_config c;

	read_config("{" BASE ARGS("[\"\\u0001\\u00e4\",\"\"]")
	    NETS("{\"name\":\"a\",\"bridge\":\"b\"}")
	    VOLS("{\"name\":\"a\",\"volume\":\"b\"}")
	    ",\"boot_partition\":\"p\"}", &c);
	assert_true(alb_config_is_text(&c));
#define SPOIL(string) do {				\
	char *was = (string);				\
	char bad[] = "a\xff";				\
	(string) = bad;					\
	assert_false(alb_config_is_text(&c));		\
	(string) = was;					\
} while (0)
	SPOIL(c.arguments[0]);
	SPOIL(c.nets[0].name);
	SPOIL(c.nets[0].bridge);
	SPOIL(c.blocks[0].name);
	SPOIL(c.blocks[0].volume);
	SPOIL(c.boot_partition);
	/* A NUL as it is kept; no string of JSON here. */
	set(&c.arguments[1], "a\xc0\x80");
	assert_false(alb_config_is_text(&c));
	alb_config_free(&c);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers),
		cmocka_unit_test(sets),
		cmocka_unit_test(arguments),
		cmocka_unit_test(networks),
		cmocka_unit_test(volumes),
		cmocka_unit_test(bhyve),
		cmocka_unit_test(random_configs),
		cmocka_unit_test(text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
