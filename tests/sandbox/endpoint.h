/* SPDX-License-Identifier: ISC */
/*
 * endpoint: what albatross-tls-endpoint does with a request: takes an upload,
 * applies the policies of the chain, asks the daemon, hands on its answer.
 */
#ifndef TESTS_SANDBOX_ENDPOINT_H
#define TESTS_SANDBOX_ENDPOINT_H

#include "tests/sandbox/conn.h"
#include "tests/sandbox/request.h"

void endpoint_run(struct sandbox *s, struct conn *c, struct request *r);

#endif
