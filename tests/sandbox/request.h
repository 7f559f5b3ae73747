/* SPDX-License-Identifier: ISC */
/* request: what a certificate chain asks for, and on which connection. */
#ifndef TESTS_SANDBOX_REQUEST_H
#define TESTS_SANDBOX_REQUEST_H

#include "albatross/cert.h"
#include "tests/sandbox/state.h"

struct request_policy {
	struct alb_name name;	/* a path */
	struct alb_policy policy;
};

struct request {
	struct alb_name name;
	struct alb_command command;
	size_t npolicies;	/* outermost first */
	struct request_policy policies[ALB_CHAIN_MAX];
};

void request_free(struct request *r);

#endif
