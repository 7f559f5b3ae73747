/* SPDX-License-Identifier: ISC */
/* alb_policy: what a path may use, protocol.md section 4.2. */
#ifndef ALBATROSS_POLICY_H
#define ALBATROSS_POLICY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ALB_CPUS_MAX 1024
#define ALB_BRIDGES_MAX 256

struct alb_policy {
	int64_t *cpus;		/* owned, ascending, no duplicates */
	size_t ncpus;
	int64_t unikernels;	/* how many may run */
	int64_t memory;		/* MB in all */
	bool has_block;		/* false: no block devices allowed */
	int64_t block;		/* MB in all, when has_block */
	char **bridges;		/* owned, sorted, no duplicates */
	size_t nbridges;
};

void alb_policy_free(struct alb_policy *p);	/* contents only */
/* 0 or ALB_NO_MEMORY; out is overwritten. */
int alb_policy_copy(const struct alb_policy *p, struct alb_policy *out);
/* Sorts cpus and bridges and drops duplicates, as the wire wants. */
void alb_policy_normalise(struct alb_policy *p);
bool alb_policy_equal(const struct alb_policy *a, const struct alb_policy *b);
bool alb_policy_allows_cpu(const struct alb_policy *p, int64_t cpu);
bool alb_policy_allows_bridge(const struct alb_policy *p, const char *bridge);
/*
 * NULL when inner fits into outer (each limit, CPUs and bridges as subsets),
 * else which field does not: "unikernels", "memory", "block", "cpus",
 * "bridges".
 */
const char *alb_policy_exceeds(const struct alb_policy *outer,
	const struct alb_policy *inner);

#endif
