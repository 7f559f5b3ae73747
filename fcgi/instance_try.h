/* SPDX-License-Identifier: ISC */
/*
 * instance_try: does the albatross server of a form answer? Asked before
 * anything is stored, with the right of who fills it in; the key that signs
 * stays in the authority.
 */
#ifndef FCGI_INSTANCE_TRY_H
#define FCGI_INSTANCE_TRY_H

#include "auth/client.h"

/*
 * form is the args of the authority's op "instance-try" without a level,
 * borrowed. 0 when it answered with what runs there; the errs of auth_try; or
 * what went wrong with the server, ERR_ALB_*, with a sentence.
 */
int instance_try(struct auth_client *c, const struct auth_who *who,
	struct json_object *form, const char *name, struct fault *f);

#endif
