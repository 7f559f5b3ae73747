/* SPDX-License-Identifier: ISC */
/* runner: the threads that carry deployments out; see runner.h. */
#include "fcgi/runner.h"

#include <stdlib.h>

#include "base/log.h"
#include "fcgi/app.h"
#include "fcgi/crew.h"
#include "fcgi/machine.h"
#include "fcgi/upstream.h"

struct runner {
	struct app *app;
	struct crew *crew;
};

static void
job_do(void *arg, struct auth_client *auth, int64_t id, unsigned flags)
{
	struct app *app = arg;
	struct deployment d;
	struct ask claim;

	(void)flags;
	if (deployment_get(app->ledger, id, &d) != 0) {
		log_event(LOG_LEVEL_ERROR, "deployment-lost", NULL);
		return;
	}
	machine_run(app, auth, &d);
	claim = (struct ask){ .instance = d.instance, .project = d.project,
		.label = d.name };
	if (d.ended != 0)
		upstream_release(app->upstream, &claim);
	deployment_free(&d);
}

void
runner_add(struct runner *r, int64_t id)
{
	/* Out of memory: it is in the ledger, the next start takes it up. */
	(void)crew_add(r->crew, id, 0);
}

/* An automatic roll-back is taken up by the one that made it. */
static bool
has_parent(struct runner *r, const struct deployment *d)
{
	struct deployment parent;
	bool open;

	if (d->because == 0 || deployment_by_number(r->app->ledger,
	    d->instance, d->project, d->name, d->because, &parent) != 0)
		return false;
	open = parent.ended == 0;
	deployment_free(&parent);
	return open;
}

static int
take_up(struct runner *r, const struct deployment *d, struct fault *f)
{
	const struct ask claim = { .instance = d->instance,
		.project = d->project, .label = d->name };

	if (has_parent(r, d))
		return 0;
	if (upstream_claim(r->app->upstream, &claim, f) != 0)
		return f->err;
	log_event(LOG_LEVEL_INFO, "deployment-resumed", "instance",
	    d->instance, "project", d->project, "name", d->name, "state",
	    deployment_state_text(d->state), NULL);
	runner_add(r, d->id);
	return 0;
}

static int
take_up_all(struct runner *r, struct fault *f)
{
	struct deployment d;
	int64_t after = 0;
	int err;

	while ((err = deployment_open_after(r->app->ledger, after, &d)) == 0) {
		after = d.id;
		err = take_up(r, &d, f);
		deployment_free(&d);
		if (err != 0)
			return err;
	}
	return err == ERR_NOT_FOUND ? 0 : fault_set(f, err,
	    "The deployments under way can not be read.");
}

int
runner_new(struct app *app, struct runner **out, struct fault *f)
{
	struct runner *r = calloc(1, sizeof(*r));

	if (r == NULL)
		return fault_set(f, ERR_NO_MEMORY, "Out of memory.");
	r->app = app;
	r->crew = crew_new(app->config->auth_socket, job_do, app);
	if (r->crew == NULL)
		fault_set(f, ERR_NO_MEMORY, "Out of memory.");
	else if (take_up_all(r, f) == 0 &&
	    crew_start(r->crew, RUNNER_THREADS) != 0)
		fault_set(f, ERR_NO_MEMORY, "A thread could not be made.");
	if (f->err != 0) {
		runner_free(r);
		return f->err;
	}
	*out = r;
	return 0;
}

int
runner_length(struct runner *r)
{
	return crew_length(r->crew);
}

void
runner_free(struct runner *r)
{
	if (r == NULL)
		return;
	crew_free(r->crew);
	free(r);
}
