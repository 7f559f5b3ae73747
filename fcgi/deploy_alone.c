/* SPDX-License-Identifier: ISC */
/* deploy_alone: see deploy_alone.h. */
#include "fcgi/deploy_alone.h"

#include "base/text.h"
#include "fcgi/app.h"

#define WAIT_MS 1000

int
deploy_alone_request(struct app *app, struct auth_client *auth,
	const char *grant, const char *instance, const char *project,
	const char *name, struct request *r, struct fault *f)
{
	*r = (struct request){ .app = app, .auth = auth, .instance = instance,
		.project = project, .name = name, .who = { .bearer = grant },
		.method = METHOD_POST };
	random_base62(r->id, REQUEST_ID_LEN);
	r->who.request_id = r->id;
	return auth_authorize(auth, &r->who, "unikernel:deploy", instance,
	    project, name, &r->grant, f);
}

bool
deploy_alone_await(struct app *app, int64_t id, enum deployment_state *state,
	int64_t *number, struct fault *why)
{
	struct deployment d;
	uint64_t seen;

	for (;;) {
		seen = ledger_changes(app->ledger);
		if (deployment_get(app->ledger, id, &d) != 0) {
			*state = DEPLOYMENT_FAILED;
			fault_set(why, ERR_INTERNAL,
			    "The deployment can not be read.");
			return true;
		}
		*number = d.number;
		*state = d.state;
		deployment_fault(&d, why);
		deployment_free(&d);
		if (deployment_is_final(*state))
			return true;
		if (app->stopping)
			return false;
		ledger_wait(app->ledger, seen, WAIT_MS);
	}
}

void
deploy_alone_say(struct fault *why)
{
	if (why->err != ERR_INVALID || why->nfields == 0)
		return;
	fault_set(why, why->err, "It would not run as it is configured: ");
	for (size_t i = 0; i < why->nfields; i++)
		fault_add(why, "%s%s %s", i == 0 ? "" : "; ",
		    why->fields[i].field, why->fields[i].message);
}

bool
deploy_alone_passing(int err)
{
	return err == ERR_BUSY || err == ERR_BUILDER || err == ERR_CONFLICT ||
		err == ERR_AUTHORITY || err == ERR_NO_MEMORY ||
		err == ERR_STORAGE_FULL ||
		(err >= ERR_ALB_NETWORK && err <= ERR_ALB_UNKNOWN);
}
