/* SPDX-License-Identifier: ISC */
/*
 * metrics: what Prometheus is told of this service, of instances and of
 * unikernels: what is known anyway, so no albatross is asked. How many samples
 * there are depends on routes, kinds of commands, instances, projects and
 * unikernels, never on what anybody asks for.
 */
#ifndef FCGI_METRICS_H
#define FCGI_METRICS_H

#include "fcgi/exposition.h"
#include "fcgi/request.h"

/* Whether the request comes from where no credential is needed. */
bool metrics_address_allowed(const struct request *r);
/* auth: of this thread, for policies that are not known. */
void metrics_put(struct app *app, struct auth_client *auth,
	struct exposition *e);

#endif
