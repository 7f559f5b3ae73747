/* SPDX-License-Identifier: ISC */
/*
 * instance_leaves: what of an instance is known here besides what the authority
 * has: what an administrator should know before they remove it, and what then
 * goes with it.
 */
#ifndef FCGI_INSTANCE_LEAVES_H
#define FCGI_INSTANCE_LEAVES_H

#include "auth/client.h"
#include "fcgi/app.h"

/*
 * Adds to o: unikernels and volumes (null when it does not answer), what is
 * under way, rules and checks that go, and copies that stay. 0 or an err.
 */
int instance_leaves_add(struct app *app, struct auth_client *auth,
	const char *instance, struct json_object *o, struct fault *f);
/*
 * It was removed: rules, checks, and what was said of volumes there, do not
 * hold for another one of that name. What can not be written is told in the
 * log.
 */
void instance_rules_forget(struct app *app, const char *instance);

#endif
