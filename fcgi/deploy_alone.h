/* SPDX-License-Identifier: ISC */
/* deploy_alone: a deployment that nobody waits for at the other end. */
#ifndef FCGI_DEPLOY_ALONE_H
#define FCGI_DEPLOY_ALONE_H

#include "fcgi/deploy.h"

struct app;

/*
 * A request as a person's would be, of whoever gave grant (a deployment's; all
 * borrowed, and authorised here): 0, or as auth_authorize.
 */
int deploy_alone_request(struct app *app, struct auth_client *auth,
	const char *grant, const char *instance, const char *project,
	const char *name, struct request *r, struct fault *f);
/* Waits for its end: false when the service ends before. */
bool deploy_alone_await(struct app *app, int64_t id,
	enum deployment_state *state, int64_t *number, struct fault *why);
/* In one sentence, as there are no fields to put it beside. */
void deploy_alone_say(struct fault *why);
/* True for what is not the fault of what is deployed: it may pass. */
bool deploy_alone_passing(int err);

#endif
