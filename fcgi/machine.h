/* SPDX-License-Identifier: ISC */
/*
 * machine: carries one deployment from the state it is in to its end, one
 * function per state. A state is in the ledger before it is acted upon, so
 * that the same functions go on after a kill: by looking at what albatross
 * runs, never by trusting what was meant.
 */
#ifndef FCGI_MACHINE_H
#define FCGI_MACHINE_H

#include "auth/client.h"
#include "fcgi/deployment.h"

struct app;

/*
 * Returns with d ended, or as it is when the app is stopping. auth is the
 * calling thread's. Takes as long as it takes: uploads, the grace time, the
 * health check, and patience with an instance that does not answer.
 */
void machine_run(struct app *app, struct auth_client *auth,
	struct deployment *d);

#endif
