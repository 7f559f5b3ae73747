/* SPDX-License-Identifier: ISC */
/* metrics_watch: the families of unikernels, instances, policies and alerts. */
#ifndef FCGI_METRICS_WATCH_H
#define FCGI_METRICS_WATCH_H

#include "fcgi/exposition.h"

struct app;
struct auth_client;

void metrics_watch_put(struct app *app, struct auth_client *auth,
	struct exposition *e);

#endif
