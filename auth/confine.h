/* SPDX-License-Identifier: ISC */
/*
 * confine: after start-up the authority can reach its state directory and the
 * sockets it has, and nothing else: no new privileges, no core dumps, no
 * debugger, a seccomp allow-list without sockets or programs, and Landlock
 * where the kernel has it.
 */
#ifndef AUTH_CONFINE_H
#define AUTH_CONFINE_H

#include "base/err.h"

/*
 * Before any thread is started; dir is the state directory. Never undone. 0,
 * or ERR_INTERNAL with a sentence; *landlock tells whether the kernel has it.
 */
int confine(const char *dir, int *landlock, struct fault *f);

#endif
