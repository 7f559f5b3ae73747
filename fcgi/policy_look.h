/* SPDX-License-Identifier: ISC */
/*
 * policy_look: what policies albatross has. Each chain brings a policy along,
 * which albatross takes over: so the authority is told what is there before one
 * is asked for, and never signs away what somebody changed by hand.
 */
#ifndef FCGI_POLICY_LOOK_H
#define FCGI_POLICY_LOOK_H

#include "fcgi/upstream.h"

struct policy_looks;

struct policy_looks *policy_looks_new(void);	/* NULL: out of memory */
void policy_looks_free(struct policy_looks *l);	/* NULL is fine */

/*
 * Asks the instance, as the service; those who want to know at the same time
 * are one question. 0 once the authority knows, or what went
 * wrong. One that has no word for it is 0 too.
 */
int policy_look(struct upstream *u, struct auth_client *auth,
	const char *instance, struct fault *f);
/* What was seen before now counts no more: we changed something. */
void policy_look_forget(struct upstream *u, const char *instance);
/* Tells the authority of an answer that somebody else got: 0 or an err. */
int policy_tell(struct upstream *u, struct auth_client *auth,
	const char *instance, const struct alb_wire *w, struct fault *f);
/* albatross refused the policy that went along, with these words. */
void policy_tell_refused(const struct ask *a, const char *words);

/* Of an answer at the root: the instance's own, or a project's; or NULL. */
const struct alb_policy *policy_of_root(const struct alb_wire *w);
const struct alb_policy *policy_of_project(const struct alb_wire *w,
	const char *project);

#endif
