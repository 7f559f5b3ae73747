/* SPDX-License-Identifier: ISC */
/*
 * check: is the state as it should be? Changes nothing, and the daemon may be
 * running.
 */
#ifndef AUTH_CHECK_H
#define AUTH_CHECK_H

#include <stdbool.h>
#include <stdio.h>

/*
 * Prints a line for each thing that was looked at, "ok", "note" (to be seen
 * to some day) or "BAD" in front. True when nothing is bad.
 */
bool check_state(const char *dir, FILE *out);

#endif
