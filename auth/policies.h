/* SPDX-License-Identifier: ISC */
/* policies: what projects may use on instances. */
#ifndef AUTH_POLICIES_H
#define AUTH_POLICIES_H

#include "albatross/policy.h"
#include "auth/identity.h"

/* 0 with an owned *out, ERR_NO_POLICY, or ERR_INTERNAL. */
int policy_get(struct db *d, const struct spot *spot, struct alb_policy *out);
/* Within a write; normalised by the caller. */
int policy_set(struct db *d, const struct spot *spot,
	const struct alb_policy *p, time_t now);

struct given {
	int64_t unikernels;
	int64_t memory;
	int64_t block;
};

/* What the policies of an instance give away, all together. */
int policy_given(struct db *d, const char *instance_id, struct given *out);

#endif
