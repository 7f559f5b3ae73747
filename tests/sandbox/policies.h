/* SPDX-License-Identifier: ISC */
/* policies: what each path may use; protocol section 4.2. */
#ifndef TESTS_SANDBOX_POLICIES_H
#define TESTS_SANDBOX_POLICIES_H

#include "tests/sandbox/request.h"

struct policy {
	struct policy *next;
	struct alb_name name;	/* a path: no label */
	struct alb_policy policy;
};

/* Reads the stored ones and computes that of the root. */
void policies_restore(struct sandbox *s);
void policies_free(struct sandbox *s);

/* That of exactly this path, or NULL: no limits. */
const struct alb_policy *policy_find(struct sandbox *s, const char *path);
/* "policy add": a reply of success or failure. */
bool policy_add(struct sandbox *s, const char *path,
	const struct alb_policy *policy, struct alb_wire *reply);
/*
 * Whether the policy of name's path has room for config beside what runs;
 * without is left out of that.
 */
bool policy_admits(struct sandbox *s, const struct alb_name *name,
	const struct alb_config *config, const struct unikernel *without,
	struct alb_wire *reply);
/* Whether there is room for size MB more of block devices. */
bool policy_admits_block(struct sandbox *s, const char *path, int64_t size,
	struct alb_wire *reply);
/*
 * As somebody on the machine itself: gives path the policy of some JSON
 * (albatross/json.h), or takes it away for "none". json NULL only looks. out:
 * "ok", with the policy, or "error" with a reason.
 */
void policy_by_hand(struct sandbox *s, const char *path, const char *json,
	char *out, size_t size);
/* "policy info" */
void policies_info(struct sandbox *s, struct request *r,
	struct alb_wire *reply);

#endif
