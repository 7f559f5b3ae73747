/* SPDX-License-Identifier: ISC */
/* prepare: what albatrossd finds out about an image before it runs it. */
#ifndef TESTS_SANDBOX_PREPARE_H
#define TESTS_SANDBOX_PREPARE_H

#include "tests/sandbox/unikernels.h"

/*
 * Checks image, manifest and host bridges, sets the digest of u and what it
 * answers to HTTP and prints. False with the failure in reply.
 */
bool prepare(struct sandbox *s, struct unikernel *u, struct alb_wire *reply);
/* Whether the manifest has the devices of c. */
bool prepare_match(const struct unikernel *u, const struct alb_config *c,
	struct alb_wire *reply);

#endif
