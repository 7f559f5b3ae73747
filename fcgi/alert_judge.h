/* SPDX-License-Identifier: ISC */
/* alert_judge: whether something is an alert, and the sentence that says so. */
#ifndef FCGI_ALERT_JUDGE_H
#define FCGI_ALERT_JUDGE_H

#include "albatross/policy.h"
#include "fcgi/alert.h"

/* What a project uses of an instance. */
struct alert_usage {
	int64_t unikernels;
	int64_t memory;		/* MB */
	int64_t block;		/* MB of all volumes; -1: not known */
};

/* When certificates expire, s since 1970; 0: not known. */
struct alert_expiry {
	int64_t ca;		/* that commands the instance */
	int64_t server;		/* the instance's own */
};

/*
 * Does one of them expire within days? The sentence is another one once fewer
 * than 14, 7 and 1 are left, and when it has.
 */
bool alert_judge_certificate(const char *instance,
	const struct alert_expiry *when, int64_t now, int64_t days,
	char detail[ALERT_DETAIL_MAX + 1]);
/* Is more than percent of the policy used, of anything it limits? */
bool alert_judge_policy(const char *instance, const char *project,
	const struct alb_policy *policy, const struct alert_usage *used,
	int64_t percent, char detail[ALERT_DETAIL_MAX + 1]);

#endif
