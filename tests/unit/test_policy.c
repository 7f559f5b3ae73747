/* SPDX-License-Identifier: ISC */
/* alb_policy: order, copies, and what fits into what. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "albatross/error.h"
#include "albatross/policy.h"

static void
make(struct alb_policy *p, const char *const *bridges, size_t nbridges)
{
	static const int64_t cpus[] = { 3, -1, 0, 3, 12 };
	size_t i;

	*p = (struct alb_policy){ .unikernels = 4, .memory = 512,
		.has_block = true, .block = 100, .ncpus = 5,
		.nbridges = nbridges };
	p->cpus = malloc(sizeof(cpus));
	memcpy(p->cpus, cpus, sizeof(cpus));
	p->bridges = calloc(nbridges + 1, sizeof(*p->bridges));
	for (i = 0; i < nbridges; i++)
		p->bridges[i] = strdup(bridges[i]);
	alb_policy_normalise(p);
}

/* A zero byte, kept as C0 80, comes before all others. */
static void
normalise(void **state)
{
	static const char *const bridges[] = {
		"service", "a\xff", "a\xc0\x80", "dmz", "a", "service", "a\x01",
	};
	static const char *const sorted[] = {
		"a", "a\xc0\x80", "a\x01", "a\xff", "dmz", "service",
	};
	struct alb_policy p;
	size_t i;

	make(&p, bridges, 7);
	assert_int_equal(p.ncpus, 4);
	assert_int_equal(p.cpus[0], -1);
	assert_int_equal(p.cpus[3], 12);
	assert_int_equal(p.nbridges, 6);
	for (i = 0; i < 6; i++)
		assert_string_equal(p.bridges[i], sorted[i]);
	alb_policy_free(&p);
	alb_policy_normalise(&p);
}

static void
copy(void **state)
{
	static const char *const bridges[] = { "service", "dmz" };
	struct alb_policy p, q, empty = { 0 };

	make(&p, bridges, 2);
	assert_int_equal(alb_policy_copy(&p, &q), ALB_OK);
	assert_true(alb_policy_equal(&p, &q));
	q.bridges[0][0] = 'x';
	assert_false(alb_policy_equal(&p, &q));
	alb_policy_free(&q);
	assert_int_equal(alb_policy_copy(&empty, &q), ALB_OK);
	assert_true(alb_policy_equal(&empty, &q));
	assert_false(alb_policy_equal(&p, &q));
	alb_policy_free(&q);
	alb_policy_free(&p);
}

static void
exceeds(void **state)
{
	static const char *const bridges[] = { "service", "dmz" };
	struct alb_policy outer, p;

	make(&outer, bridges, 2);
	make(&p, bridges, 1);
	assert_null(alb_policy_exceeds(&outer, &outer));
	assert_null(alb_policy_exceeds(&outer, &p));
	assert_string_equal(alb_policy_exceeds(&p, &outer), "bridges");
	p.unikernels++;
	assert_string_equal(alb_policy_exceeds(&outer, &p), "unikernels");
	p.unikernels = 0;
	p.memory++;
	assert_string_equal(alb_policy_exceeds(&outer, &p), "memory");
	p.memory = 0;
	p.block++;
	assert_string_equal(alb_policy_exceeds(&outer, &p), "block");
	p.has_block = false;
	assert_null(alb_policy_exceeds(&outer, &p));
	p.has_block = true;
	p.block = 0;
	outer.has_block = false;
	assert_string_equal(alb_policy_exceeds(&outer, &p), "block");
	outer.has_block = true;
	p.cpus[0] = 1;
	assert_string_equal(alb_policy_exceeds(&outer, &p), "cpus");
	assert_true(alb_policy_allows_bridge(&outer, "dmz"));
	assert_false(alb_policy_allows_bridge(&outer, "dm"));
	assert_true(alb_policy_allows_cpu(&outer, 12));
	assert_false(alb_policy_allows_cpu(&outer, 1));
	alb_policy_free(&outer);
	alb_policy_free(&p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(normalise),
		cmocka_unit_test(copy),
		cmocka_unit_test(exceeds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
