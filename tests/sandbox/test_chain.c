/* SPDX-License-Identifier: ISC */
/*
 * Which certificate chains the sandbox takes, and what it makes of them; or a
 * real albatross (see drive.h). Protocol sections 1.3 and 1.4.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/sandbox/links.h"

#define TENANT { .cn = drive.tenant, .command = &policy, .ca = true }
#define N(links) (sizeof(links) / sizeof(links[0]))

static struct alb_command policy, info;

static int
setup(void **state)
{
	drive_tenant(state);
	alb_command_init(&policy, ALB_POLICY_ADD);
	policy.policy = drive.policy;
	alb_command_init(&info, ALB_UNIKERNEL_INFO);
	return 0;
}

static void
must(int expected, const struct link *links, size_t n)
{
	struct alb_wire w;
	int rc = links_ask(links, n, &w);

	assert_int_equal(rc, expected);
	if (rc == ALB_OK)
		alb_wire_free(&w);
}

/* The name the endpoint makes of a leaf's common name. */
static void
must_name(const char *cn, const char *label)
{
	struct link links[] = { TENANT, { .cn = cn, .command = &info } };
	struct alb_wire w;

	assert_int_equal(links_ask(links, N(links), &w), ALB_OK);
	assert_string_equal(w.name.path, drive.tenant);
	assert_string_equal(w.name.label, label);
	alb_wire_free(&w);
}

static void
must_leaf(int expected, struct link leaf)
{
	struct link links[] = { TENANT, leaf };

	must(expected, links, N(links));
}

static void
must_tenant(int expected, struct link tenant)
{
	struct link links[] = { tenant, { .cn = ".", .command = &info } };

	must(expected, links, N(links));
}

static void
test_names(void **state)
{
	static const char *const bad[] = { "foo_bar", "foo:bar", "-foo", "a b",
		"0123456789012345678901234567890123456789012345678901234567"
		"890123" };
	size_t i;

	(void)state;
	must_name(".", "");
	must_name(":", "");
	must_name(NULL, "");
	must_name("HELLO", "hello");
	must_name("..", "..");
	for (i = 0; i < N(bad); i++)
		must_leaf(ALB_REFUSED,
			(struct link){ .cn = bad[i], .command = &info });
}

static void
test_leaf_rules(void **state)
{
	struct link good = { .cn = ".", .command = &info }, l;

	(void)state;
	must_leaf(ALB_OK, good);
	l = good;
	l.critical = true;
	must_leaf(ALB_CREDENTIALS, l);
	l = good;
	l.purpose = GNUTLS_KP_TLS_WWW_SERVER;
	must_leaf(ALB_CREDENTIALS, l);
	l.purpose = GNUTLS_KP_ANY;
	must_leaf(ALB_OK, l);
	l.purpose = GNUTLS_KP_TLS_WWW_CLIENT;
	must_leaf(ALB_OK, l);
	l = good;
	l.usage = LINK_NO_USAGE;
	must_leaf(ALB_OK, l);
	l = good;
	l.ca = true;
	must_leaf(ALB_CREDENTIALS, l);
	l = good;
	l.foreign_id = true;
	must_leaf(ALB_OK, l);
	l = good;
	l.from = -600;
	l.to = -300;
	must_leaf(ALB_CLOCK, l);
	l.from = 300;
	l.to = 600;
	must_leaf(ALB_CLOCK, l);
}

static void
test_intermediate_rules(void **state)
{
	struct link good = TENANT, l;

	(void)state;
	must_tenant(ALB_OK, good);
	l = good;
	l.ca = false;
	must_tenant(ALB_CREDENTIALS, l);
	l = good;
	l.usage = GNUTLS_KEY_DIGITAL_SIGNATURE;
	must_tenant(ALB_CREDENTIALS, l);
	l.usage = LINK_NO_USAGE;
	must_tenant(ALB_CREDENTIALS, l);
	l = good;
	l.critical = true;
	must_tenant(ALB_CREDENTIALS, l);
	l = good;
	l.purpose = GNUTLS_KP_TLS_WWW_SERVER;
	must_tenant(ALB_CREDENTIALS, l);
	l = good;
	l.from = -600;
	l.to = -300;
	must_tenant(ALB_CREDENTIALS, l);
	l = good;
	l.path_length = 1;
	must_tenant(ALB_OK, l);
	l = good;
	l.cn = "foo_bar";
	must_tenant(ALB_REFUSED, l);
	l.cn = NULL;
	must_tenant(ALB_REFUSED, l);
	l = good;
	l.command = &info;
	must_tenant(ALB_REFUSED, l);
}

static void
test_key_ids(void **state)
{
	struct link links[] = { TENANT, { .cn = ".", .command = &info } };

	(void)state;
	links[0].id = true;
	must(ALB_OK, links, 2);
	links[1].foreign_id = true;
	must(ALB_CREDENTIALS, links, 2);
}

static void
test_commands(void **state)
{
	static const enum alb_command_kind refused[] = { ALB_CONSOLE_ADD,
		ALB_STATS_REMOVE, ALB_STATS_INITIAL, ALB_POLICY_REMOVE };
	static const enum alb_command_kind named[] = { ALB_BLOCK_ADD,
		ALB_BLOCK_REMOVE, ALB_BLOCK_SET, ALB_BLOCK_DUMP };
	struct alb_command c;
	size_t i;

	(void)state;
	must_leaf(ALB_REFUSED, (struct link){ .cn = "." });
	must_leaf(ALB_REFUSED, (struct link){ .cn = ".", .command = &info,
		.garbage = true });
	must_leaf(ALB_REFUSED, (struct link){ .cn = ".",
		.command = &policy });
	for (i = 0; i < N(refused); i++) {
		c = command(refused[i]);
		must_leaf(ALB_REFUSED,
			(struct link){ .cn = "x", .command = &c });
	}
	for (i = 0; i < N(named); i++) {
		c = command(named[i]);
		must_leaf(ALB_REFUSED, (struct link){ .command = &c });
	}
}

static void
test_paths(void **state)
{
	struct link links[] = { TENANT, { .cn = "Sub", .command = &policy,
		.ca = true }, { .cn = "nothing", .ca = true },
		{ .cn = "leaf", .command = &info } };
	struct alb_chain chain;
	gnutls_datum_t swap;
	struct alb_session *s;
	struct alb_wire w;
	char path[128];

	(void)state;
	links_make(links, N(links), &chain);
	swap = chain.certs[1];
	chain.certs[1] = chain.certs[3];
	chain.certs[3] = swap;
	s = open_chain(&chain);
	assert_int_equal(alb_session_read(s, &w), ALB_OK);
	alb_session_close(s);
	snprintf(path, sizeof(path), "%s:sub", drive.tenant);
	assert_string_equal(w.name.path, path);
	assert_string_equal(w.name.label, "leaf");
	alb_wire_free(&w);
	links[0].path_length = 1;
	must(ALB_CREDENTIALS, links, N(links));
}

static void
test_length(void **state)
{
	static const char *const names[] = { "a", "b", "c", "d", "e", "f",
		"g", "h", "i" };
	struct link links[ALB_CHAIN_MAX];
	size_t i;

	(void)state;
	links[0] = (struct link)TENANT;
	for (i = 1; i < N(links) - 1; i++)
		links[i] = (struct link){ .cn = names[i], .ca = true };
	links[i] = (struct link){ .cn = ".", .command = &info };
	must(ALB_OK, links, N(links));
}

/* The leaf alone: nobody knows who signed it. */
static void
test_stranger(void **state)
{
	struct link links[] = { TENANT, { .cn = ".", .command = &info } };
	struct alb_chain chain;
	struct alb_session *s;
	struct alb_wire w;

	(void)state;
	links_make(links, N(links), &chain);
	gnutls_free(chain.certs[1].data);
	chain.ncerts = 1;
	s = open_chain(&chain);
	assert_int_equal(alb_session_read(s, &w), ALB_CREDENTIALS);
	alb_session_close(s);
}

static void
must_refuse_policy(const struct link *links, size_t n, const char *why)
{
	struct alb_wire w;

	assert_int_equal(links_ask(links, n, &w), ALB_OK);
	assert_int_equal(w.payload, ALB_PAYLOAD_FAILURE);
	if (strstr(w.text, why) == NULL)
		fail_msg("%s", w.text);
	alb_wire_free(&w);
}

static void
test_containment(void **state)
{
	struct alb_command inner;
	struct link links[] = { TENANT, { .cn = "sub", .command = &inner,
		.ca = true }, { .cn = ".", .command = &info } };
	char text[256];
	int64_t cpus[] = { 0, 2 };

	(void)state;
	/* The innermost comes first, so here it is the outer that fails. */
	inner = policy;
	inner.policy.unikernels = 9;
	snprintf(text, sizeof(text), "expected success when adding policy, "
		"got: host [unikernel: %s:]: command failed policy above "
		"allows 8 unikernels, which is fewer than 9", drive.tenant);
	must_refuse_policy(links, N(links), text);
	inner = policy;
	inner.policy.memory = 257;
	must_refuse_policy(links, N(links), "policy above allows 256 MB "
		"memory, which is fewer than 257 MB");
	inner = policy;
	inner.policy.cpus = cpus;
	must_refuse_policy(links, N(links),
		"policy above does not allow CPUids 2");
	inner = policy;
	inner.policy.block = 65;
	must_refuse_policy(links, N(links), "policy above allows 64 MB block "
		"storage, which is fewer than 65 MB");
	inner = policy;
	inner.policy.bridges = (char *[]){ (char *)"other" };
	must_refuse_policy(links, N(links), "policy above allows bridge(s) "
		"service, which is not a superset of other");
	inner = policy;
	must(ALB_OK, links, N(links));
	/* Now the one above can not become less than that below. */
	policy.policy.memory = 255;
	links[1] = links[2];
	must_refuse_policy(links, 2, "policy above allows 255 MB memory, "
		"which is fewer than 256 MB");
}

static void
test_policies_info(void **state)
{
	struct alb_command what = command(ALB_POLICY_INFO);
	struct link links[] = { TENANT, { .cn = "sub", .command = &policy,
		.ca = true }, { .cn = "label", .command = &what } };
	struct alb_wire w;
	size_t i;

	(void)state;
	assert_int_equal(links_ask(links, N(links), &w), ALB_OK);
	assert_int_equal(w.npolicies, 1);
	assert_string_equal(w.policies[0].name.path, "");
	assert_true(alb_policy_equal(&w.policies[0].policy, &policy.policy));
	alb_wire_free(&w);
	links[1] = links[2];
	assert_int_equal(links_ask(links, 2, &w), ALB_OK);
	assert_int_equal(w.npolicies, 2);
	for (i = 0; i < 2; i++)
		assert_true(w.policies[i].name.path[0] == '\0' ||
			strcmp(w.policies[i].name.path, "sub") == 0);
	alb_wire_free(&w);
	assert_int_equal(links_ask(&links[2], 1, &w), ALB_OK);
	for (i = 0; i < w.npolicies; i++)
		if (w.policies[i].name.path[0] == '\0')
			assert_true(w.policies[i].policy.unikernels ==
				(INT64_C(1) << 62) - 1);
	alb_wire_free(&w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_names, setup),
		cmocka_unit_test_setup(test_leaf_rules, setup),
		cmocka_unit_test_setup(test_intermediate_rules, setup),
		cmocka_unit_test_setup(test_key_ids, setup),
		cmocka_unit_test_setup(test_commands, setup),
		cmocka_unit_test_setup(test_paths, setup),
		cmocka_unit_test_setup(test_length, setup),
		cmocka_unit_test_setup(test_stranger, setup),
		cmocka_unit_test_setup(test_containment, setup),
		cmocka_unit_test_setup(test_policies_info, setup),
	};

	return cmocka_run_group_tests(tests, drive_start, drive_stop);
}
