/* SPDX-License-Identifier: ISC */
/*
 * reference: how an argument refers to a secret of its project: as
 * ${secret:NAME}, which is the whole argument or all that stands behind its
 * first "=".
 */
#ifndef BASE_REFERENCE_H
#define BASE_REFERENCE_H

#include <stdbool.h>
#include <stddef.h>

#define REFERENCE_NAME 64	/* bytes of a name, with its end */

/* "${secret:NAME}", to print a name into. */
#define REFERENCE_FORMAT "${secret:%s}"

/* What in an argument could be one, besides all of it: behind its first "=". */
const char *reference_value(const char *argument);
/*
 * The reference in argument, or NULL; name gets what it refers to, which is not
 * looked at any further.
 */
const char *reference_find(const char *argument, char name[REFERENCE_NAME]);
/* True when it looks as if it held one, in whatever place. */
bool reference_meant(const char *argument);

#endif
