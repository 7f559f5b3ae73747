/* SPDX-License-Identifier: ISC */
/*
 * alb_config: what must never be sent, one fault at a time; policies; JSON.
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

/* Reads text over the defaults; what it must not is a failure. */
static void
read_config(const char *text, struct alb_config *c)
{
	struct fault f = { 0 };
	struct json_object *o = json_parse(text, strlen(text), &f);

	assert_non_null(o);
	alb_config_init(c);
	if (alb_config_from_json(o, "", c, &f) != 0)
		fail_msg("%s: %s %s", text, f.fields[0].field,
		    f.fields[0].message);
	json_object_put(o);
}

/* The checks pass, or find exactly one fault, at this field. */
static void
expect(struct alb_config *c, const char *field)
{
	struct fault f = { 0 };
	int rc = alb_config_check(c, &f);

	if (field == NULL && rc != 0)
		fail_msg("%s %s", f.fields[0].field, f.fields[0].message);
	if (field == NULL)
		return;
	assert_int_equal(rc, ERR_INVALID);
	assert_int_equal(f.nfields, 1);
	assert_string_equal(f.fields[0].field, field);
}

#define FULL "{\"memory\":64,\"cpus\":[0,2],\"startup\":20,"		\
	"\"fail_behaviour\":\"restart\",\"exit_codes\":[2,0],"		\
	"\"arguments\":[\"--a\",\"\"],"					\
	"\"networks\":[{\"name\":\"service\",\"bridge\":\"br0\","	\
	"\"mac\":\"00:80:41:12:34:56\"},{\"name\":\"private\"}],"	\
	"\"volumes\":[{\"name\":\"storage\",\"volume\":\"data1\","	\
	"\"sector_size\":512},{\"name\":\"cache\"}]}"

/* Runs one change on a sound configuration and names what it spoils. */
#define SPOIL(change, field) do {		\
	read_config(FULL, &c);			\
	change;					\
	expect(&c, field);			\
	alb_config_free(&c);			\
} while (0)

static void
set(char **s, const char *value)
{
	free(*s);
	*s = value == NULL ? NULL : strdup(value);
}

static void
numbers(void **state)
{
	struct alb_config c;

	SPOIL(, NULL);
	SPOIL(c.memory = 0, "memory");
	SPOIL(c.memory = -5, "memory");
	SPOIL(c.memory = ALB_MEMORY_MAX + 1, "memory");
	SPOIL(c.startup = 101, "startup");
	SPOIL(c.startup = -1, "startup");
	SPOIL(c.ncpus = 0, "cpus");
	SPOIL(c.cpus[1] = -1, "cpus[1]");
	SPOIL(c.cpus[1] = 1024, "cpus[1]");
	SPOIL(c.cpus[1] = 0, "cpus[1]");
	SPOIL(c.exit_codes[1] = 256, "exit_codes[1]");
	SPOIL(c.exit_codes[0] = -1, "exit_codes[0]");
	SPOIL(c.exit_codes[1] = 2, "exit_codes[1]");
	SPOIL(c.restart = false, "exit_codes");
	SPOIL((c.has_numcpus = true, c.numcpus = 2), "vcpus");
	SPOIL((c.has_numcpus = true, c.numcpus = 1), NULL);
	SPOIL(set(&c.boot_partition, "msdos1"), "boot_partition");
}

static void
arguments(void **state)
{
	struct alb_config c;
	char longest[ALB_ARGUMENT_BYTES_MAX + 2];

	memset(longest, 'a', sizeof(longest));
	longest[sizeof(longest) - 1] = '\0';
	SPOIL(set(&c.arguments[1], longest), "arguments[1]");
	SPOIL(set(&c.arguments[1], longest + 1), NULL);
	SPOIL(set(&c.arguments[0], "a\xc0\x80z"), "arguments[0]");
	SPOIL(set(&c.arguments[0], "a\xff\n"), "arguments[0]");
	SPOIL(set(&c.arguments[0], "a\xed\xa0\x80"), "arguments[0]");
	SPOIL(set(&c.arguments[0], "\xc3\xa4\n\x01"), NULL);
}

static void
networks(void **state)
{
	struct alb_config c;

	SPOIL(set(&c.nets[1].name, "service"), "networks[1].name");
	SPOIL(set(&c.nets[0].name, ""), "networks[0].name");
	SPOIL(set(&c.nets[0].name, NULL), "networks[0].name");
	SPOIL(set(&c.nets[0].name, "a=b"), "networks[0].name");
	SPOIL(set(&c.nets[0].name, "a\xc0\x80"), "networks[0].name");
	SPOIL(set(&c.nets[0].bridge, "-br"), "networks[0].bridge");
	SPOIL(set(&c.nets[0].bridge, "br/0"), "networks[0].bridge");
	SPOIL(set(&c.nets[0].bridge, "br0.10"), NULL);
	SPOIL(c.nets[0].mac[0] = 1, "networks[0].mac");
	SPOIL(memset(c.nets[0].mac, 0, 6), "networks[0].mac");
}

static void
volumes(void **state)
{
	struct alb_config c;

	SPOIL(set(&c.blocks[1].name, "storage"), "volumes[1].name");
	SPOIL(set(&c.blocks[1].name, "data1"), "volumes[1].volume");
	SPOIL(set(&c.blocks[0].volume, "Data1"), "volumes[0].volume");
	SPOIL(set(&c.blocks[0].volume, "a_b"), "volumes[0].volume");
	SPOIL(set(&c.blocks[0].volume, ".."), "volumes[0].volume");
	SPOIL(set(&c.blocks[1].name, "Cache"), "volumes[1].volume");
	SPOIL(c.blocks[0].sector_size = 511, "volumes[0].sector_size");
	SPOIL(c.blocks[0].sector_size = 256, "volumes[0].sector_size");
	SPOIL(c.blocks[0].sector_size = 1536, "volumes[0].sector_size");
	SPOIL(c.blocks[0].sector_size = INT64_MIN, "volumes[0].sector_size");
	SPOIL(c.blocks[0].sector_size = 4096, NULL);
}

#define BHYVE "{\"type\":\"bhyve\",\"memory\":512,\"cpus\":[0],"	\
	"\"vcpus\":2,\"boot_partition\":\"msdos1\",\"volumes\":["	\
	"{\"name\":\"0\",\"volume\":\"os\"},"				\
	"{\"name\":\"1\",\"volume\":\"data\"}],"			\
	"\"networks\":[{\"name\":\"0\"},{\"name\":\"1\"}]}"

#define SPOIL_BHYVE(change, field) do {		\
	read_config(BHYVE, &c);			\
	change;					\
	expect(&c, field);			\
	alb_config_free(&c);			\
} while (0)

static void
bhyve(void **state)
{
	struct alb_config c;

	SPOIL_BHYVE(, NULL);
	SPOIL_BHYVE(c.numcpus = 0, "vcpus");
	SPOIL_BHYVE(set(&c.boot_partition, "a,b"), "boot_partition");
	SPOIL_BHYVE(set(&c.boot_partition, ""), "boot_partition");
	SPOIL_BHYVE(set(&c.blocks[1].name, "2"), "volumes[1].name");
	SPOIL_BHYVE(set(&c.nets[0].name, "a"), "networks[0].name");
	SPOIL_BHYVE(set(&c.blocks[0].volume, NULL), "volumes[0].volume");
	/* "0" with more in it than "1" would be sorted behind it */
	SPOIL_BHYVE(set(&c.nets[0].bridge, "br0"), "networks[1].name");
	SPOIL_BHYVE(set(&c.nets[1].bridge, "br0"), NULL);
	SPOIL_BHYVE(set(&c.blocks[0].volume, "system"), "volumes[1].name");
	SPOIL_BHYVE((c.blocks[0].has_sector_size = true,
	    c.blocks[0].sector_size = 512), "volumes[1].name");
}

static void
no_volume_to_boot(void **state)
{
	struct alb_config c;

	read_config("{\"type\":\"bhyve\",\"memory\":512,\"cpus\":[0]}", &c);
	expect(&c, "volumes");
	alb_config_free(&c);
}

static void
too_many(void **state)
{
	struct alb_config c;

	read_config(FULL, &c);
	c.nnets = ALB_DEVICES_MAX + 1;
	c.nets = realloc(c.nets, c.nnets * sizeof(*c.nets));
	memset(c.nets + 2, 0, (c.nnets - 2) * sizeof(*c.nets));
	expect(&c, "networks");
	alb_config_free(&c);
	read_config(FULL, &c);
	c.ncpus = ALB_CPUS_MAX + 1;
	c.cpus = realloc(c.cpus, c.ncpus * sizeof(*c.cpus));
	expect(&c, "cpus");
	alb_config_free(&c);
}

static void
policy(void **state)
{
	int64_t cpus[] = { 0, 2 };
	char br0[] = "br0", private[] = "private";
	char *bridges[] = { br0, private };
	struct alb_policy p = { .cpus = cpus, .ncpus = 2, .unikernels = 1,
		.memory = 64, .bridges = bridges, .nbridges = 2 };
	struct fault f = { 0 };
	struct alb_config c;

	read_config(FULL, &c);
	assert_int_equal(alb_config_check_policy(&c, &p, &f), 0);
	p.memory = 63;
	p.ncpus = 1;
	p.nbridges = 1;
	assert_int_equal(alb_config_check_policy(&c, &p, &f), ERR_POLICY);
	assert_int_equal(f.nfields, 3);
	assert_string_equal(f.fields[0].field, "memory");
	assert_string_equal(f.fields[1].field, "cpus[1]");
	assert_string_equal(f.fields[2].field, "networks[1].bridge");
	f = (struct fault){ 0 };
	p.unikernels = 0;
	assert_int_equal(alb_config_check_policy(&c, &p, &f), ERR_POLICY);
	alb_config_free(&c);
}

/* Any configuration copies; a sane one passes, and comes back from JSON. */
static void
random_configs(void **state)
{
	struct rng r = { 20260714 };
	struct alb_config c, again;
	struct fault f = { 0 };
	struct json_object *o;
	size_t i;

	for (i = 0; i < 2000; i++) {
		random_config(&r, &c);
		assert_int_equal(alb_config_copy(&c, &again), ALB_OK);
		assert_true(config_equal(&c, &again));
		alb_config_free(&again);
		o = alb_config_to_json(&c);
		assert_non_null(json_object_to_json_string(o));
		json_object_put(o);
		alb_config_free(&c);

		random_sane_config(&r, &c);
		expect(&c, NULL);
		o = alb_config_to_json(&c);
		alb_config_init(&again);
		assert_int_equal(alb_config_from_json(o, "", &again, &f), 0);
		assert_true(config_equal(&c, &again));
		json_object_put(o);
		alb_config_free(&c);
		alb_config_free(&again);
	}
}

static int
merge(const char *text, const char *prefix, struct alb_config *c,
	struct fault *f)
{
	struct json_object *o = json_parse(text, strlen(text), f);
	int rc;

	assert_non_null(o);
	rc = alb_config_from_json(o, prefix, c, f);
	json_object_put(o);
	return rc;
}

/* What is given replaces, what is not stays. */
static void
json_merges(void **state)
{
	struct fault f = { 0 };
	struct alb_config c;

	read_config(FULL, &c);
	assert_int_equal(merge("{\"memory\":128}", "", &c, &f), 0);
	assert_int_equal(c.memory, 128);
	assert_int_equal(c.ncpus, 2);
	assert_int_equal(c.nexit_codes, 2);
	assert_int_equal(c.nnets, 2);
	assert_true(c.has_startup);
	assert_int_equal(merge("{\"networks\":[],\"arguments\":[],"
	    "\"fail_behaviour\":\"quit\",\"startup\":null}", "", &c, &f), 0);
	assert_int_equal(c.nnets, 0);
	assert_int_equal(c.narguments, 0);
	assert_int_equal(c.nexit_codes, 0);
	assert_int_equal(c.nblocks, 2);
	assert_int_equal(c.startup, 20);
	expect(&c, NULL);
	alb_config_free(&c);
}

static void
json_defaults(void **state)
{
	struct alb_config c;

	read_config("{}", &c);
	assert_int_equal(c.type, ALB_SOLO5);
	assert_true(c.add_name);
	assert_false(c.restart);
	assert_false(c.has_startup);
	assert_false(c.has_arguments);
	assert_int_equal(c.memory, 0);
	alb_config_free(&c);
}

/* Each has one fault, at one field, and changes nothing. */
static void
json_faults(void **state)
{
	static const struct {
		const char *text, *field;
	} bad[] = {
		{ "{\"memory\":0}", "config.memory" },
		{ "{\"memory\":1.5}", "config.memory" },
		{ "{\"memory\":\"32\"}", "config.memory" },
		{ "{\"cpus\":[0,1024]}", "config.cpus[1]" },
		{ "{\"cpus\":0}", "config.cpus" },
		{ "{\"type\":\"xen\"}", "config.type" },
		{ "{\"startup\":101}", "config.startup" },
		{ "{\"fail_behaviour\":\"never\"}", "config.fail_behaviour" },
		{ "{\"exit_codes\":[256]}", "config.exit_codes[0]" },
		{ "{\"arguments\":[1]}", "config.arguments[0]" },
		{ "{\"networks\":[{\"bridge\":\"br0\"}]}",
		  "config.networks[0].name" },
		{ "{\"networks\":[{\"name\":\"a\",\"bridge\":7}]}",
		  "config.networks[0].bridge" },
		{ "{\"networks\":[{\"name\":\"a\","
		  "\"mac\":\"00:80:41:12:34\"}]}",
		  "config.networks[0].mac" },
		{ "{\"networks\":[{\"name\":\"a\","
		  "\"mac\":\"00-80-41-12-34-56\"}]}",
		  "config.networks[0].mac" },
		{ "{\"networks\":[{\"name\":\"a\","
		  "\"mac\":\"00:80:41:12:34:5g\"}]}",
		  "config.networks[0].mac" },
		{ "{\"volumes\":[{\"name\":\"a\"},{\"name\":\"b\","
		  "\"sector_size\":1}]}", "config.volumes[1].sector_size" },
		{ "{\"volumes\":[{\"name\":\"\"}]}", "config.volumes[0].name" },
		{ "{\"vcpus\":0}", "config.vcpus" },
		{ "{\"size\":1}", "config.size" },
	};
	struct alb_config c;
	struct fault f;
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		f = (struct fault){ 0 };
		read_config(FULL, &c);
		assert_int_equal(merge(bad[i].text, "config.", &c, &f),
		    ERR_INVALID);
		assert_int_equal(f.nfields, 1);
		assert_string_equal(f.fields[0].field, bad[i].field);
		expect(&c, NULL);
		alb_config_free(&c);
	}
}

static void
json_texts(void **state)
{
	struct alb_config c;
	struct json_object *o;
	char *argument = strdup("a\xff\xc3\xa4\xe2\x82");

	alb_config_init(&c);
	c.arguments = &argument;
	c.narguments = 1;
	o = alb_config_to_json(&c);
	assert_string_equal(json_object_get_string(json_object_array_get_idx(
	    json_object_object_get(o, "arguments"), 0)),
	    "a\xef\xbf\xbd\xc3\xa4\xef\xbf\xbd\xef\xbf\xbd");
	json_object_put(o);
	free(argument);
}

static void
policy_json(void **state)
{
	static const char text[] = "{\"unikernels\":8,\"memory\":512,"
		"\"block\":1024,\"cpus\":[3,0,3],"
		"\"bridges\":[\"service\",\"dmz\"]}";
	static const char bad[] = "{\"unikernels\":-1,\"bridges\":[\"a b\"]}";
	struct fault f = { 0 };
	struct json_object *o = json_parse(text, strlen(text), &f);
	struct alb_policy p = { 0 }, q = { 0 };

	assert_int_equal(alb_policy_from_json(o, "", &p, &f), 0);
	json_object_put(o);
	assert_int_equal(p.ncpus, 2);
	assert_int_equal(p.cpus[0], 0);
	assert_string_equal(p.bridges[0], "dmz");
	o = alb_policy_to_json(&p);
	assert_int_equal(alb_policy_from_json(o, "", &q, &f), 0);
	assert_true(alb_policy_equal(&p, &q));
	json_object_put(o);
	p.has_block = false;
	o = alb_policy_to_json(&p);
	assert_true(json_object_object_get_ex(o, "block", NULL));
	assert_null(json_object_object_get(o, "block"));
	json_object_put(o);
	o = json_parse(bad, strlen(bad), &f);
	assert_int_equal(alb_policy_from_json(o, "policy.", &p, &f),
	    ERR_INVALID);
	assert_int_equal(f.nfields, 2);
	assert_string_equal(f.fields[0].field, "policy.unikernels");
	assert_string_equal(f.fields[1].field, "policy.bridges[0]");
	json_object_put(o);
	alb_policy_free(&p);
	alb_policy_free(&q);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers),
		cmocka_unit_test(arguments),
		cmocka_unit_test(networks),
		cmocka_unit_test(volumes),
		cmocka_unit_test(bhyve),
		cmocka_unit_test(no_volume_to_boot),
		cmocka_unit_test(too_many),
		cmocka_unit_test(policy),
		cmocka_unit_test(random_configs),
		cmocka_unit_test(json_merges),
		cmocka_unit_test(json_defaults),
		cmocka_unit_test(json_faults),
		cmocka_unit_test(json_texts),
		cmocka_unit_test(policy_json),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
