/* SPDX-License-Identifier: ISC */
/*
 * alert_policies: alerts for policies that are nearly full, and for those of
 * which albatross has another one. How many unikernels there are with how much
 * memory is known (states.h); of volumes and policies each instance is asked,
 * with the service's own credential.
 */
#ifndef FCGI_ALERT_POLICIES_H
#define FCGI_ALERT_POLICIES_H

#include "auth/client.h"
#include "fcgi/alert_settings.h"

struct app;

/*
 * Raises and clears them. list is the answer of auth_watch_list. Of an instance
 * that does not answer nothing changes.
 */
void alert_policies_judge(struct app *app, struct auth_client *auth,
	struct json_object *list, const struct alert_settings *settings);

#endif
