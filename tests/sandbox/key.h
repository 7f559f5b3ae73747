/* SPDX-License-Identifier: ISC */
/*
 * key: albatross finds things by the labels of path and name taken together,
 * so that the path alice: and the name :alice are one place. The key of a
 * name is those labels joined by colons.
 */
#ifndef TESTS_SANDBOX_KEY_H
#define TESTS_SANDBOX_KEY_H

#include "albatross/name.h"

#define KEY_SIZE (ALB_NAME_MAX + ALB_LABEL_MAX + 2)
#define NAME_SIZE (ALB_NAME_MAX + 2)

void key_make(const struct alb_name *name, char key[KEY_SIZE]);
/* True when key lies at path or below it; the root, "", is above all. */
bool key_below(const char *key, const char *path);
/* The name as it is listed for somebody who asks at path, which is above. */
void name_relative(const struct alb_name *name, const char *path,
	struct alb_name *out);

#endif
