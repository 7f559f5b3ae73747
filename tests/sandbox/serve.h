/* SPDX-License-Identifier: ISC */
/* serve: listens, a thread per connection, and the clock of the sandbox. */
#ifndef TESTS_SANDBOX_SERVE_H
#define TESTS_SANDBOX_SERVE_H

#include "tests/sandbox/ca.h"
#include "tests/sandbox/state.h"

/* Until SIGTERM or SIGINT: 0, or -1 when listening failed. */
int serve(struct sandbox *s, struct ca *ca);

#endif
