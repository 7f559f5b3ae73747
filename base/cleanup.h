/* SPDX-License-Identifier: ISC */
/*
 * Scope cleanup: CLEANUP(fn) frees a variable through fn(&variable) when its
 * scope ends. For functions that own more than one thing.
 */
#ifndef BASE_CLEANUP_H
#define BASE_CLEANUP_H

#include <stdlib.h>
#include <unistd.h>

#define CLEANUP(fn) __attribute__((cleanup(fn)))

/* Defines fn##_p, the cleanup form of "void fn(type *)"; NULL is skipped. */
#define DEFINE_CLEANUP(type, fn)		\
	static inline void			\
	fn##_p(type **p)			\
	{					\
		if (*p != NULL)			\
			fn(*p);			\
	}

static inline void
cleanup_free(void *p)
{
	free(*(void **)p);
}

static inline void
cleanup_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

#define AUTO_FREE CLEANUP(cleanup_free)
#define AUTO_FD CLEANUP(cleanup_fd)

#endif
