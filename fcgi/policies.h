/* SPDX-License-Identifier: ISC */
/*
 * policies: what projects may use on instances, as the authority says it now
 * and then; for metrics, which must not ask for it each time.
 */
#ifndef FCGI_POLICIES_H
#define FCGI_POLICIES_H

#include "albatross/name.h"
#include "auth/client.h"

#define POLICIES_FRESH_MS 60000

struct policies;

/* A policy, and room for what is used of it. */
struct policy_use {
	char instance[ALB_LABEL_MAX + 1];
	char project[ALB_LABEL_MAX + 1];
	int64_t unikernels, memory;		/* MB: at most */
	int64_t unikernels_used, memory_used;	/* 0 */
};

/* NULL: out of memory. */
struct policies *policies_new(void);
void policies_free(struct policies *p);	/* NULL is fine */

/*
 * An owned list of *n, by instance and project; what was known last when the
 * authority does not answer.
 */
struct policy_use *policies_list(struct policies *p, struct auth_client *auth,
	size_t *n);
/* The one of a pair in it, or NULL. */
struct policy_use *policy_find(struct policy_use *list, size_t n,
	const char *instance, const char *project);

#endif
