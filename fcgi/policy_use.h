/* SPDX-License-Identifier: ISC */
/*
 * policy_use: what projects use of an instance now, counted at its root as an
 * administrator; and what albatross gives to whom.
 */
#ifndef FCGI_POLICY_USE_H
#define FCGI_POLICY_USE_H

#include "base/json.h"
#include "fcgi/policy_look.h"
#include "fcgi/request.h"

struct policy_amount {
	int64_t unikernels;
	int64_t memory;		/* MB */
	int64_t block;		/* MB */
};

/* {"unikernels", "memory", "block"}, owned. */
struct json_object *policy_amount_json(const struct policy_amount *a);

/* What there is on an instance; contents are owned. */
struct policy_uses {
	struct alb_wire infos, blocks;
};

/* As r's person asks the root of r->instance: 0, or an err and nothing. */
int policy_uses_get(struct request *r, struct policy_uses *u,
	struct fault *f);
void policy_uses_free(struct policy_uses *u);
/* Of a project and all below it; of everybody for NULL. */
struct policy_amount policy_uses_of(const struct policy_uses *u,
	const char *project);
/*
 * Says what a project would have to give up for a policy: names what runs, and
 * adds a field for each limit that is below what is used.
 */
void policy_uses_explain(const struct policy_uses *u, const char *project,
	const struct alb_policy *policy, struct fault *f);

/* It allows nothing: what a policy that was removed leaves behind. */
bool policy_is_empty(const struct alb_policy *p);

#endif
